"""From the Ads API's statistics to the figures of a report that is broken down in another way than by tweet and day."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.stats import GROUPS, aligned, place_of, unsegmented
from source_x_organic.config import Aggregate, Dimension
from source_x_organic.reports.days import DAY, midnight

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from source_x_organic.reports.cells import CellKey, Cells
    from source_x_organic.reports.days import Days
    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.reports.plan import Slice

_HOUR = timedelta(hours=1)

GRANULARITIES = {Aggregate.HOURLY: "HOUR", Aggregate.DAILY: "DAY", Aggregate.TOTAL: "TOTAL"}
"""What X calls how much time a number covers."""

_UNITS = {Aggregate.HOURLY: "hour", Aggregate.DAILY: "day", Aggregate.TOTAL: "window"}


def groups_of(metrics: Collection[str]) -> tuple[str, ...]:
    """Return X's groups that hold these metrics."""
    return tuple(group for group, names in GROUPS.items() if not set(names).isdisjoint(metrics))


@dataclass(frozen=True)
class Bucket:
    """The time that one number of an answer covers.

    Attributes:
        start: Its first instant.
        date: The local date; None where days are not told apart.
        hour: The local hour; None where hours are not told apart.
    """

    start: datetime
    date: str | None = None
    hour: int | None = None


def buckets(days: Days, zone: ZoneInfo, granularity: Aggregate) -> list[Bucket]:
    """Return what the numbers of an answer cover, in their order.

    An hour that clocks go through twice is there twice, and its numbers add up.
    """
    start, end = midnight(days.first, zone), midnight(days.last + DAY, zone)
    if granularity is Aggregate.TOTAL:
        return [Bucket(start)]
    if granularity is Aggregate.DAILY:
        return [Bucket(midnight(day, zone), day.isoformat()) for day in days]
    return [_hour(instant, zone) for instant in _hours(start, end)]


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    for number in count():
        instant = start + number * _HOUR
        if instant >= end:
            return
        yield instant


def _hour(instant: datetime, zone: ZoneInfo) -> Bucket:
    local = instant.astimezone(zone)
    return Bucket(instant, local.date().isoformat(), local.hour)


class SliceFigures:
    """What the answer to the request for one slice says, broken down as the report is."""

    def __init__(
        self, part: Slice, zone: ZoneInfo, definition: ReportDefinition, read_at: datetime, groups: Collection[str]
    ) -> None:
        """`read_at` is when X made the statistics, `groups` are the groups of metrics that it was asked for."""
        self._part = part
        self._definition = definition
        self._asked = {name for group in groups for name in GROUPS[group]}
        self._unit = _UNITS[definition.granularity]
        found = buckets(part.days, zone, definition.granularity)
        self._dates = [bucket.date or "" for bucket in found]
        self._begun = sum(bucket.start <= read_at for bucket in found)
        dimensions = set(definition.dimensions)
        self._by_tweet = Dimension.TWEET in dimensions
        self._times = [
            (
                bucket.date if Dimension.DAY in dimensions else None,
                bucket.hour if Dimension.HOUR in dimensions else None,
            )
            for bucket in found
        ]

    def add(self, entity: Mapping[str, Any], cells: Cells) -> None:
        """Add a tweet's numbers to `cells`, from the day of its posting on; null in place of an array counts as 0.

        What has not begun has no cells: X sends zeros for the rest of the running day.

        Raises:
            MisalignedAnswer: the tweet was not asked for, or the answer is of another number of days or hours.
        """
        place = place_of(entity, self._part)
        series = self._series(entity)
        first = self._first(place)
        for number, figures in enumerate(zip(*series.values(), strict=True) if series else ()):
            if number >= first and (number < self._begun or any(figures)):
                cells.add_figures(self._key(place, number), dict(zip(series, figures, strict=True)))

    def _series(self, entity: Mapping[str, Any]) -> dict[str, list[int | None]]:
        """Return the numbers of each metric of the report that X names; of all asked ones where there are no data."""
        length, metrics = len(self._times), unsegmented(entity)
        series: dict[str, list[int | None]] = {}
        for name in self._definition.metrics:
            values = None if metrics is None else metrics.get(name)
            if name not in self._asked:
                series[name] = [None] * length
            elif values is not None:
                series[name] = aligned(values, length, name, self._unit)
            elif metrics is None or name in metrics:
                series[name] = [0] * length
            else:
                series[name] = [None] * length
        return series

    def _first(self, place: int) -> int:
        """Return the first number that may count: there were no figures before the tweet was posted."""
        return bisect_left(self._dates, self._part.created[place].isoformat()) if self._dates[0] else 0

    def _key(self, place: int, number: int) -> CellKey:
        return (self._part.ids[place] if self._by_tweet else None, *self._times[number])
