"""What X marked in a text: hashtags, mentions and links, as plain lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Entities = Mapping[str, Any]


def hashtags(entities: Entities) -> list[str] | None:
    """Return the tags without `#`, in the order of the text, each once; None where X marked none."""
    return _distinct(entities.get("hashtags"), "tag")


def mentions(entities: Entities) -> list[str] | None:
    """Return the user names without `@`, in the order of the text, each once; None where X marked none."""
    return _distinct(entities.get("mentions"), "username")


def urls(entities: Entities) -> list[str] | None:
    """Return where the links lead, in the order of the text, each once; None where X marked none.

    A link is given by the best that X knows of it: the address behind all redirects, the address that the author
    entered, or the t.co address. X lists the link of a post's media once per photo, hence "each once".
    """
    marked = entities.get("urls")
    if not marked:
        return None
    found = [url.get("unwound_url") or url.get("expanded_url") or url.get("url") for url in marked]
    return list(dict.fromkeys([address for address in found if address])) or None


def _distinct(marked: list[Mapping[str, Any]] | None, key: str) -> list[str] | None:
    if not marked:
        return None
    return list(dict.fromkeys([entity[key] for entity in marked if entity.get(key)])) or None
