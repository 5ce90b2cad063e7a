"""What is left of a configuration without its mistakes: other mistakes are to be looked for in that."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from source_x_organic.config.model import Config
from source_x_organic.config.parse import without_nothing
from source_x_organic.config.problems import Problem

_DECIDING = frozenset({"credentials", "api_access", "table_layout"})
"""Properties without which nobody can tell which tables and columns there are."""

_WITHOUT_COLUMNS = frozenset({"aggregate", "tweets", "period"})
"""Properties of a report that may be left out, and that its columns have nothing to do with."""

_ENTRY = re.compile(r"(\w+)\[(\d+)\](?:\.(\w+))?")


def remainder(raw: Mapping[str, Any], problems: Iterable[Problem]) -> dict[str, Any] | None:
    """Return a configuration of the same tables without what is wrong; None where that decides on their columns.

    `problems` are all that the configuration has. Reports whose columns are right stay.
    """
    rest = without_nothing(raw)
    paths = [problem.property for problem in problems]
    wrong = {re.split(r"[.\[]", path, maxsplit=1)[0] for path in paths}
    known = {field.alias or name for name, field in Config.model_fields.items()}
    if wrong & _DECIDING or not wrong <= known:
        return None
    if wrong & {"accounts", "sync_mode"}:
        wrong |= {"accounts", "sync_mode"}
    left = {name: value for name, value in rest.items() if name not in wrong}
    for name, droppable in (("custom_reports", _WITHOUT_COLUMNS), ("constant_columns", frozenset[str]())):
        keys = _wrong_keys(name, paths)
        if keys:
            left[name] = _entries(rest[name], keys, droppable)
    return left


def _wrong_keys(name: str, paths: Iterable[str]) -> dict[int, set[str | None]]:
    """Return the properties that are wrong in each entry of a list; None stands for the entry itself."""
    keys: dict[int, set[str | None]] = {}
    for path in paths:
        if (found := _ENTRY.match(path)) and found[1] == name:
            keys.setdefault(int(found[2]), set()).add(found[3])
    return keys


def _entries(entries: list[Any], wrong: Mapping[int, set[str | None]], droppable: frozenset[str]) -> list[Any]:
    """Return the entries that are right without what is wrong of them."""
    return [
        {key: value for key, value in entry.items() if key not in wrong[place]} if place in wrong else entry
        for place, entry in enumerate(entries)
        if wrong.get(place, set()) <= droppable
    ]
