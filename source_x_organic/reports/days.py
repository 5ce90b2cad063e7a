"""Calendar days of a time zone, and arithmetic on spans of them.

A span of days is no span of hours: a local day lasts 23, 24 or 25 hours, and now and then half an hour more or less.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

BEGINNING = date(2006, 3, 21)
"""The day of the first tweet: before it there is nothing to report."""

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Days:
    """A span of calendar days; both ends belong to it, and it holds none where they are the wrong way round."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        """Return whether `day` lies in the span."""
        return isinstance(day, date) and self.first <= day <= self.last

    def __len__(self) -> int:
        """Return how many days it holds."""
        return max(0, (self.last - self.first).days + 1)

    def __iter__(self) -> Iterator[date]:
        """Yield its days, oldest first."""
        return (self.first + number * DAY for number in range(len(self)))


def union(*spans: Days) -> tuple[Days, ...]:
    """Return the spans in order of time, joined where they overlap or follow one another without a day between."""
    joined: list[Days] = []
    for span in sorted(span for span in spans if span):
        if joined and span.first <= joined[-1].last + DAY:
            joined[-1] = Days(joined[-1].first, max(joined[-1].last, span.last))
        else:
            joined.append(span)
    return tuple(joined)


def missing(wanted: Days, done: Iterable[Days]) -> tuple[Days, ...]:
    """Return the parts of `wanted` that are in none of `done`, in order of time."""
    gaps: list[Days] = []
    first = wanted.first
    for span in union(*done):
        gaps.append(Days(first, min(span.first - DAY, wanted.last)))
        first = max(first, span.last + DAY)
    gaps.append(Days(first, wanted.last))
    return tuple(gap for gap in gaps if gap)


def without(spans: Iterable[Days], taken: Iterable[Days]) -> tuple[Days, ...]:
    """Return the days of `spans` that are in none of `taken`, in order of time."""
    away = union(*taken)
    return tuple(part for span in union(*spans) for part in missing(span, away))


def clip(span: Days, to: Iterable[Days]) -> tuple[Days, ...]:
    """Return the parts of `span` that lie in any of `to`."""
    parts = (Days(max(span.first, other.first), min(span.last, other.last)) for other in to)
    return tuple(part for part in parts if part)


def tiles(span: Days, longest: int) -> list[Days]:
    """Return the span cut into windows of `longest` days, newest first; only the oldest may be shorter."""
    lasts = (span.last - number * DAY for number in range(0, len(span), longest))
    return [Days(max(span.first, last - (longest - 1) * DAY), last) for last in lasts]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day, in UTC.

    Where clocks are put forward at midnight the day begins at one o'clock. A day that a zone left out altogether
    (Samoa had no 30 December 2011) begins and ends with the next one's first instant.
    """
    wall = datetime.combine(day, time(), zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # Read with the offset after the change, a time that clocks skip lies before it; with the offset before, behind it.
    earliest = wall.replace(fold=1).astimezone(UTC)
    seconds = range(int((instant - earliest).total_seconds()))
    return earliest + timedelta(
        seconds=bisect_left(seconds, day, key=lambda passed: local_day(earliest + timedelta(seconds=passed), zone))
    )


def whole_hours(days: Days, zone: ZoneInfo) -> list[Days]:
    """Return the span cut behind each day that does not last whole hours.

    What is counted in steps of an hour from the first midnight on meets the other midnights then. Such days are where
    clocks change by half an hour, on Lord Howe Island twice a year.
    """
    cuts = [day for day in days if (midnight(day + DAY, zone) - midnight(day, zone)) % timedelta(hours=1)]
    firsts = [days.first, *(day + DAY for day in cuts)]
    return [span for first, last in zip(firsts, [*cuts, days.last], strict=True) if (span := Days(first, last))]


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the local day that an aware instant falls on."""
    return instant.astimezone(zone).date()


def timeframe_first_day(months: int | None, today: date) -> date:
    """Return the first day of a timeframe: `months` calendar months before `today`, or the first tweet's for None.

    The 31st minus months clamps to the last day of a shorter month.
    """
    if months is None:
        return BEGINNING
    first: date = today - relativedelta(months=months)
    return first
