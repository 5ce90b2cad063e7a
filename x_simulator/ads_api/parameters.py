"""Reading a query of the Ads API as strictly as X does: all complaints go into one refusal.

A parameter that an endpoint does not know is ignored, as clients of X that send some show.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from x_simulator.ads_api import limits, pages
from x_simulator.ads_api.calls import AdsCall, Body
from x_simulator.ads_api.errors import AdsRefusal, error

_DECIMAL = re.compile(r"[0-9]{1,19}")
_BASE36 = re.compile(r"[0-9a-z]{1,13}")
_BOOLEANS = {"true": True, "false": False}


class AdsQuery:
    """Reads one request's query. Call `finish` when everything was read: it raises what was found wrong.

    `params`: the parameters as they were understood, for `request.params` of the answer.
    """

    def __init__(self, call: AdsCall) -> None:
        self._query = call.request.query
        self._path = call.request.path
        self._values = call.values
        self.params: Body = dict(call.values)
        self._complaints: list[Body] = []

    def complain(self, name: str | None, message: str, code: str = "INVALID_PARAMETER", **more: object) -> None:
        """Note that something is wrong with a parameter; `name` is None where X does not say with which."""
        self._complaints.append(error(code, message, name, **more))

    def finish(self) -> None:
        """Refuse the request if anything was wrong.

        Raises:
            AdsRefusal: 400 with every complaint.
        """
        if self._complaints:
            raise AdsRefusal(400, self._complaints, dict(self._values))

    def text(self, name: str, *, longest: int | None = None, required: bool = False) -> str | None:
        """Return a parameter as it came; None if it is absent."""
        value = self._query.get(name)
        if value is None:
            if required:
                self.complain(name, f"Missing required parameter {name}", "MISSING_PARAMETER")
            return None
        if longest is not None and len(value) > longest:
            self.complain(name, f"Expected at most {longest} characters, got {len(value)} for {name}")
        self.params[name] = value
        return value

    def choice(
        self, name: str, enumeration: Iterable[str], default: str | None = None, *, required: bool = False
    ) -> str | None:
        """Return a parameter whose value must be one of `enumeration`."""
        value = self.text(name, required=required)
        if value is None:
            return default
        enumeration = tuple(enumeration)
        if value not in enumeration:
            self.complain(name, f'Expected one of {", ".join(enumeration)}, got "{value}" for {name}', value=value)
            return default
        return value

    def choices(self, name: str, enumeration: Iterable[str], *, required: bool = False) -> tuple[str, ...]:
        """Return a comma-separated parameter whose items must come from `enumeration`."""
        enumeration = tuple(enumeration)
        items = self._items(name, required=required)
        for item in items:
            if item not in enumeration:
                self.complain(name, f'Expected one of {", ".join(enumeration)}, got "{item}" for {name}', value=item)
        return items

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """Return a parameter that is `true` or `false`, in lower case."""
        value = self.text(name)
        if value is None:
            return default
        if value not in _BOOLEANS:
            self.complain(name, f'Expected boolean, got "{value}" for {name}', value=value)
            return default
        self.params[name] = _BOOLEANS[value]
        return _BOOLEANS[value]

    def integer(self, name: str, low: int, high: int, default: int) -> int:
        """Return a whole number between `low` and `high`."""
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            self.complain(name, f'Expected integer, got "{value}" for {name}', value=value)
            return default
        number = int(value)
        if not low <= number <= high:
            self.complain(name, f"Expected an integer from {low} to {high}, got {number} for {name}", value=number)
            return default
        self.params[name] = number
        return number

    def identifiers(
        self, name: str, most: int | None = limits.MOST_IDS, *, base36: bool = False, required: bool = False
    ) -> tuple[str, ...] | None:
        """Return a comma-separated list of ids, decimal or base 36; None if it is absent."""
        if name not in self._query and not required:
            return None
        items = self._items(name, required=required)
        if most is not None and len(items) > most:
            self.complain(name, f"Expected at most {most} values, got {len(items)} for {name}")
        pattern = _BASE36 if base36 else _DECIMAL
        for item in items:
            if not pattern.fullmatch(item):
                self.complain(name, f'Expected an identifier, got "{item}" for {name}', value=item)
        return items

    def identifier(self, name: str) -> int | None:
        """Return one decimal id; None if it is absent."""
        value = self.text(name)
        if value is None:
            return None
        if not _DECIMAL.fullmatch(value):
            self.complain(name, f'Expected long, got "{value}" for {name}', value=value)
            return None
        self.params[name] = int(value)
        return int(value)

    def order(self, attributes: Sequence[str], default: str) -> tuple[str, bool]:
        """Return the attribute to sort by, and whether the order falls, from `sort_by`."""
        value = self.choice("sort_by", [f"{name}-{way}" for name in attributes for way in ("asc", "desc")]) or default
        name, _, way = value.partition("-")
        return name, way == "desc"

    def page(self, most: int = limits.MOST_RESULTS, default: int = limits.DEFAULT_RESULTS) -> tuple[int, int | None]:
        """Return `count` and where the page begins (None: the first one).

        A cursor belongs to the query that it came from: everything but `count` and `with_total_count` has to be the
        same.
        """
        count = self.integer("count", 1, most, default)
        cursor = self.text("cursor")
        if cursor is None:
            return count, None
        place = pages.place_of(cursor, self._fingerprint())
        if place is None:
            self.complain("cursor", f'Expected a valid cursor, got "{cursor}" for cursor', value=cursor)
        if self._query.get("with_total_count") == "true":
            self.complain("with_total_count", "cursor and with_total_count exclude each other", "EXCLUSIVE_PARAMETERS")
        return count, place

    def cursor_to(self, place: int) -> str:
        """Return the cursor of the page that begins at `place`, for this query."""
        return pages.cursor(place, self._fingerprint())

    def _fingerprint(self) -> str:
        unbound = {"cursor", "count", "with_total_count"}
        asked = sorted((name, value) for name, value in self._query.items() if name not in unbound)
        return repr((self._path, asked))

    def _items(self, name: str, *, required: bool) -> tuple[str, ...]:
        value = self.text(name, required=required)
        if value is None:
            return ()
        items: Any = tuple(dict.fromkeys(item for item in value.split(",") if item))
        if not items:
            self.complain(name, f'Expected at least one value, got "{value}" for {name}')
        self.params[name] = list(items)
        return tuple(items)
