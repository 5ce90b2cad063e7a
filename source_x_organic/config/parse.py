"""From what the user saved to a `Config`, with everything that is wrong in one answer."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from source_x_organic.config.credentials import CredentialLocation, decode_entries
from source_x_organic.config.custom_reports import ReportDraft, drafts_of
from source_x_organic.config.model import ApiAccess, Config, Reading
from source_x_organic.config.problems import ConfigError, Problem
from source_x_organic.config.rules import broken_rules
from source_x_organic.config.unknown_keys import unknown_keys
from source_x_organic.config.wording import worded

_DEEPEST = 6
"""Levels down to the deepest property; nothing below can be of use."""
_ORDER = {field.alias or name: place for place, (name, field) in enumerate(Config.model_fields.items())}

Rules = Callable[[Mapping[str, Any]], Iterable[Problem]]
"""What finds more problems in the properties that are right by themselves (see `broken_rules`)."""


def parse_config(raw: Mapping[str, Any], rules: Rules = lambda values: ()) -> Config:  # noqa: ARG005 - finds nothing
    """Return the configuration that the user saved, normalised.

    Nulls, empty strings and spaces around text are the same as absent, and every default is
    applied here, because Airbyte's form sends none in edit mode. `rules` are those of other
    parts of the connector.

    Raises:
        ConfigError: with every problem at once, each naming its property and the remedy, none
            repeating a value from the configuration that may be a secret.
    """
    cleaned = without_nothing(raw)
    undecoded = _decode_account_credentials(cleaned)
    problems = [*undecoded, *unknown_keys(cleaned)]
    config, reading, refusals = _validated(_with_locations(cleaned))
    values = {**reading.values, "custom_reports": _drafts(cleaned)}
    if undecoded:
        values.pop("account_credentials", None)
    problems += [*refusals, *broken_rules(values), *rules(values)]
    if config is None or problems:
        raise ConfigError(in_order_of_form(problems))
    return config


def without_nothing(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was saved without nulls, empty strings, and spaces around text."""
    return _without_nothing(raw, _DEEPEST)


def in_order_of_form(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order in which the user meets the properties, and those of a report together."""
    return sorted(problems, key=_place)


def _drafts(cleaned: Mapping[str, Any]) -> tuple[ReportDraft, ...]:
    reports = cleaned.get("custom_reports")
    return drafts_of(reports) if isinstance(reports, list) else ()


def _validated(cleaned: Mapping[str, Any]) -> tuple[Config | None, Reading, list[Problem]]:
    reading = Reading(ads_api=_asks_for_ads_api(cleaned))
    try:
        return Config.model_validate(cleaned, context=reading), reading, []
    except ValidationError as error:
        # Kept no further than this line: the error holds the input, secrets included.
        details = error.errors(include_input=False, include_url=False)
    return None, reading, [worded(detail) for detail in details]


def _cleaned(value: object, levels: int) -> object:
    """Drop what a form or an API sends for "nothing", and the spaces around text."""
    if isinstance(value, str):
        return value.strip()
    if levels == 0:
        return value
    if isinstance(value, Mapping):
        return _without_nothing(value, levels)
    if isinstance(value, list | tuple):
        items = (_cleaned(item, levels - 1) for item in value)
        return [item for item in items if not _is_nothing(item)]
    return value


def _without_nothing(part: Mapping[str, Any], levels: int) -> dict[str, Any]:
    cleaned = ((str(key), _cleaned(value, levels - 1)) for key, value in part.items())
    return {key: value for key, value in cleaned if not _is_nothing(value)}


def _is_nothing(value: object) -> bool:
    return value is None or value == ""


def _decode_account_credentials(cleaned: dict[str, Any]) -> list[Problem]:
    if "account_credentials" not in cleaned:
        return []
    entries = decode_entries(cleaned["account_credentials"])
    if isinstance(entries, Problem):
        del cleaned["account_credentials"]
        return [entries]
    # An entry that is nothing keeps its place: locations count entries as they stand in the text.
    cleaned["account_credentials"] = [_cleaned(entry, _DEEPEST) or {} for entry in entries]
    return []


def _with_locations(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    entries = [
        {**entry, "location": CredentialLocation(place)} if isinstance(entry, dict) else entry
        for place, entry in enumerate(cleaned.get("account_credentials", []))
    ]
    return {**cleaned, "account_credentials": entries}


def _asks_for_ads_api(cleaned: Mapping[str, Any]) -> bool:
    return str(cleaned.get("api_access")).upper() == ApiAccess.ADS_API


def _place(problem: Problem) -> tuple[int, int]:
    """Order by the property's place in the form, then in its list; the sort is stable within one entry."""
    first, *rest = re.split(r"[.\[]", problem.property, maxsplit=1)
    entry = re.match(r"\d+", rest[0]) if rest else None
    return _ORDER.get(first, len(_ORDER)), int(entry[0]) if entry else -1
