"""The parts that objects of the Ads API are made of, read without trust.

X leaves keys out, writes ids as text or as numbers, and cuts objects down (`trim_user`); what is not there, or not of
the kind that it should be, is taken as absent. Objects that X sent are never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.instants import rfc3339, utc_text, v1_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING: Mapping[str, Any] = {}


def part(value: object) -> Mapping[str, Any]:
    """Return a nested object, or an empty one where X sent none."""
    return value if isinstance(value, dict) else NOTHING


def parts(value: object) -> list[Mapping[str, Any]]:
    """Return the objects in a list, or none where X sent no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def id_text(*candidates: object) -> str | None:
    """Return the first id among the candidates as text, or None.

    Give the text form (`id_str`) before the number: in places X's numbers have been through a float and are rounded.
    """
    for candidate in candidates:
        if isinstance(candidate, str) and candidate:
            return candidate
        if type(candidate) is int:  # not a bool, which is an int as well
            return str(candidate)
    return None


def id_texts(value: object) -> list[str] | None:
    """Return a list of ids as texts, an empty one too; None where X sent no list."""
    if not isinstance(value, list):
        return None
    return [text for text in map(id_text, value) if text is not None]


def distinct(marked: list[Mapping[str, Any]], name: str) -> list[str] | None:
    """Return a text of each object, in their order, each once; None where there is none."""
    return (
        list(dict.fromkeys([text for entity in marked if isinstance(text := entity.get(name), str) and text])) or None
    )


def ads_instant(value: object) -> str | None:
    """Return a timestamp of an Ads object (RFC 3339 already) with its `Z`; None where there is none to read."""
    return utc_text(value) if isinstance(value, str) else None


def v1_instant_text(value: object) -> str | None:
    """Return a timestamp of a tweet or user, which come in the form of API v1.1, as RFC 3339 in UTC; None as above."""
    instant = v1_instant(value)
    return None if instant is None else rfc3339(instant)
