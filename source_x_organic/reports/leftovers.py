"""Slices that could not be read while the others of their days were: the days are done, and these are asked for again.

In a report's state::

    "left": [["2026-08-21", "2026-09-17", ["<id>", …]], …]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from source_x_organic.reports.days import Days, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from source_x_organic.reports.plan import ListedTweet, Slice


@dataclass(frozen=True)
class Leftover:
    """What is missing from days that are done otherwise: some tweets, or media, by their ids."""

    days: Days
    ids: frozenset[str]

    def of(self, listed: Iterable[ListedTweet]) -> list[ListedTweet]:
        """Return those of the tweets that are meant; some may be gone."""
        return [tweet for tweet in listed if tweet.id in self.ids]


Leftovers = tuple[Leftover, ...]


def leftovers(parts: Iterable[Slice]) -> Leftovers:
    """Return what slices stand for."""
    return tuple(Leftover(part.days, frozenset(part.ids)) for part in parts)


def outside(left: Iterable[Leftover], wanted: Iterable[Days]) -> Leftovers:
    """Return what is left of days that are not asked for anyway."""
    taken = list(wanted)
    return tuple(Leftover(days, each.ids) for each in left for days in without([each.days], taken))


def format_left(left: Leftovers) -> dict[str, Any]:
    """Return the part of an account's state; nothing where nothing is left."""
    entries = [[each.days.first.isoformat(), each.days.last.isoformat(), sorted(each.ids)] for each in left]
    return {"left": entries} if entries else {}


def parse_left(entries: Sequence[Any]) -> Leftovers:
    """Return what is left, from the list in an account's state.

    Raises:
        TypeError, ValueError: it is something else.
    """
    return tuple(
        Leftover(Days(date.fromisoformat(first), date.fromisoformat(last)), frozenset(map(str, ids)))
        for first, last, ids in entries
    )
