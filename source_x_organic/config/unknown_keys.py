"""Properties that the connector does not know.

Airbyte adds keys of its own and an API passes through whatever it is given, so an unknown key is
ignored unless it is probably a misspelling; inside `account_credentials`, which nobody but the
user writes, every unknown key is a problem.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from source_x_organic.config.credentials import CREDENTIAL_TYPES
from source_x_organic.config.custom_reports import (
    AllTweets,
    CustomReport,
    DateRange,
    DaysBack,
    RecentTweets,
    RelativeRange,
    SingleDay,
    TimeframePeriod,
    TweetIds,
)
from source_x_organic.config.model import BaseUrls, Config, ConstantColumn
from source_x_organic.config.problems import Problem, did_you_mean, shown_key
from source_x_organic.config.values import FrozenModel


def _names(*models: type[FrozenModel]) -> tuple[str, ...]:
    """Return the property names of a model, or of all options of a choice together.

    A form keeps what was typed for the option chosen before, so that is no misspelling.
    """
    fields = (item for model in models for item in model.model_fields.items())
    return tuple(dict.fromkeys(info.alias or name for name, info in fields))


@dataclass(frozen=True, slots=True)
class _Known:
    """The property names of one part, and its own parts, each an object or a list of objects."""

    names: tuple[str, ...]
    parts: Mapping[str, "_Known"] = field(default_factory=dict)


_CREDENTIALS = _names(*CREDENTIAL_TYPES.values())
_CONFIG = _Known(
    _names(Config),
    {
        "credentials": _Known(_CREDENTIALS),
        "base_urls": _Known(_names(BaseUrls)),
        "constant_columns": _Known(_names(ConstantColumn)),
        "custom_reports": _Known(
            _names(CustomReport),
            {
                "tweets": _Known(_names(AllTweets, RecentTweets, TweetIds)),
                "period": _Known(_names(TimeframePeriod, SingleDay, DaysBack, DateRange, RelativeRange)),
            },
        ),
    },
)


def unknown_keys(cleaned: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each misspelt key, and for each unknown one in `account_credentials`.

    `cleaned`: the configuration with `account_credentials` decoded to a list.
    """
    problems = list(_misspelt(cleaned, _CONFIG, ""))
    for place, entry in enumerate(cleaned.get("account_credentials", [])):
        problems += _unknown_in_entry(entry, f"account_credentials[{place}]")
    return problems


def _misspelt(part: Mapping[str, Any], known: _Known, path: str) -> Iterator[Problem]:
    for key, value in part.items():
        if key in known.parts:
            yield from _misspelt_inside(value, known.parts[key], f"{path}.{key}")
        meant = None if key in known.names or key.startswith("_") else did_you_mean(key, known.names)
        if meant and meant not in part:
            yield _problem(path, key, f"Did you mean {meant}?")


def _misspelt_inside(value: object, known: _Known, path: str) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from _misspelt(value, known, path)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            if isinstance(item, dict):
                yield from _misspelt(item, known, f"{path}[{place}]")


def _unknown_in_entry(entry: object, path: str) -> Iterator[Problem]:
    if not isinstance(entry, dict):
        return
    yield from _unknown(entry, ("account", "credentials"), path)
    credentials = entry.get("credentials")
    if isinstance(credentials, dict):
        model = CREDENTIAL_TYPES.get(str(credentials.get("auth_type")))
        known = _names(model) if model else _CREDENTIALS
        yield from _unknown(credentials, known, f"{path}.credentials")


def _unknown(part: Mapping[str, Any], known: tuple[str, ...], path: str) -> Iterator[Problem]:
    for key in part:
        if key not in known:
            meant = did_you_mean(key, known)
            remedy = f"Did you mean {meant}?" if meant else f"Known here: {', '.join(known)}."
            yield _problem(path, key, remedy)


def _problem(path: str, key: str, remedy: str) -> Problem:
    shown = shown_key(key)
    if shown is None:
        return Problem(path.removeprefix(".") or "configuration", f"has a key that is unknown. {remedy}")
    return Problem(f"{path}.{shown}".removeprefix("."), f"is unknown. {remedy}")
