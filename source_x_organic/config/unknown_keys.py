"""Properties that the connector does not know.

Airbyte adds keys of its own and an API passes through whatever it is given, so an unknown key is
ignored unless it is probably a misspelling; inside `account_credentials`, which nobody but the
user writes, every unknown key is a problem.
"""

from collections.abc import Iterator, Mapping
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
    return tuple(dict.fromkeys(field.alias or name for name, field in fields))


_CREDENTIALS = _names(*CREDENTIAL_TYPES.values())
_INSIDE: dict[str, tuple[str, ...]] = {
    "credentials": _CREDENTIALS,
    "base_urls": _names(BaseUrls),
    "constant_columns": _names(ConstantColumn),
    "custom_reports": _names(CustomReport),
    "tweets": _names(AllTweets, RecentTweets, TweetIds),
    "period": _names(TimeframePeriod, SingleDay, DaysBack, DateRange, RelativeRange),
}


def unknown_keys(cleaned: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each misspelt key, and for each unknown one in `account_credentials`.

    `cleaned`: the configuration with `account_credentials` decoded to a list.
    """
    problems = list(_misspelt(cleaned, _names(Config), ""))
    for place, entry in enumerate(cleaned.get("account_credentials", [])):
        problems += _unknown_in_entry(entry, f"account_credentials[{place}]")
    return problems


def _misspelt(part: Mapping[str, Any], known: tuple[str, ...], path: str) -> Iterator[Problem]:
    for key, value in part.items():
        if key in _INSIDE:
            yield from _misspelt_inside(value, _INSIDE[key], path + key)
        meant = None if key in known or key.startswith("_") else did_you_mean(key, known)
        if meant and meant not in part:
            yield Problem(path + (shown_key(key) or meant), f"is unknown. Did you mean {meant}?")


def _misspelt_inside(value: object, known: tuple[str, ...], path: str) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from _misspelt(value, known, f"{path}.")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            if isinstance(item, dict):
                yield from _misspelt(item, known, f"{path}[{place}].")


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
            shown = shown_key(key)
            place = f"{path}.{shown}" if shown else path
            yield Problem(place, f"{'is' if shown else 'has a key that is'} unknown. {remedy}")
