"""Which slices of a report have to be read before any of their figures can be emitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from source_x_organic.config import Dimension
from source_x_organic.reports.periods import monday

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date

    from source_x_organic.reports.plan import Slice


@dataclass(frozen=True)
class Unit:
    """Slices of one account whose figures add up among themselves, and with those of no other slice."""

    slices: tuple[Slice, ...]


def units(
    slices: Sequence[Slice],
    dimensions: Collection[Dimension],
    *,
    weekly: bool = False,
    tweets_of: Mapping[str, Collection[str]] | None = None,
) -> list[Unit]:
    """Return the least units that the slices of an account make, in the order of their first slices.

    With tweet and day among `dimensions` that is each slice by itself, without tweet all batches of a window, without
    day all windows of a batch, without both everything. No two slices may ask for the same day of the same id.

    `weekly`: the report tells weeks apart in place of days. `tweets_of`: the tweets of each medium, where the ids of
    the slices are those of media, whose figures add up by tweet.
    """
    if {Dimension.TWEET, Dimension.DAY} <= set(dimensions) and not weekly and not tweets_of:
        return [Unit((part,)) for part in slices]
    groups = _Groups()
    for number, part in enumerate(slices):
        for share in _shares(part, dimensions, weekly=weekly, tweets_of=tweets_of or {}):
            groups.join(number, share)
    found: dict[int, list[Slice]] = {}
    for number, part in enumerate(slices):
        found.setdefault(groups.of(number), []).append(part)
    return [Unit(tuple(parts)) for parts in found.values()]


_Share = tuple[str | None, "date | None"]


def _shares(
    part: Slice, dimensions: Collection[Dimension], *, weekly: bool, tweets_of: Mapping[str, Collection[str]]
) -> Iterator[_Share]:
    """Yield what a slice has figures of, told apart as rows are; slices that have one in common are of one unit."""
    tweets: Collection[str | None] = [None]
    if Dimension.TWEET in dimensions:
        tweets = {tweet for each in part.ids for tweet in tweets_of.get(each, (each,))}
    days: Collection[date | None] = [None]
    if Dimension.DAY in dimensions:
        days = {monday(day) if weekly else day for day in part.days}
    return ((tweet, day) for tweet in tweets for day in days)


class _Groups:
    """Numbers that belong together because they share something."""

    def __init__(self) -> None:
        self._leader: dict[int, int] = {}
        self._first: dict[_Share, int] = {}

    def of(self, number: int) -> int:
        """Return the least number of the group."""
        leader = number
        while (above := self._leader.get(leader, leader)) != leader:
            leader = above
        return leader

    def join(self, number: int, share: _Share) -> None:
        """Put a number into the group of those that have the same share."""
        one, other = self.of(number), self.of(self._first.setdefault(share, number))
        self._leader[max(one, other)] = min(one, other)
