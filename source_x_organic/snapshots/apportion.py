"""Growth between two instants, put on the UTC days that the time between them touches.

Each day gets its part in proportion to time. What is rounded is the sum up to each day's end, to the nearest integer
and in the middle to the even one; a day's part is the difference of two such sums. So the parts are integers, add up
exactly, have the sign of the whole, and a fall takes away what an equal rise would have added.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from source_x_organic.reports.days import DAY

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Stretch:
    """The time between two snapshots, by UTC day; attributes with several values have one per day, oldest first.

    Attributes:
        start: The earlier instant.
        end: The later one; its own day is the last one, also where that has only just begun.
        days: The days.
        midnights: Their first instants.
        elapsed: Microseconds from the start to the end of the day, or to the end of all.
    """

    start: datetime
    end: datetime
    days: tuple[date, ...]
    midnights: tuple[datetime, ...]
    elapsed: tuple[int, ...]

    @classmethod
    def of(cls, start: datetime, end: datetime) -> Stretch:
        """Return the stretch between two aware instants.

        Raises:
            ValueError: it would end before it starts.
        """
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end < start:
            raise ValueError(f"no time lies between {start.isoformat()} and the earlier {end.isoformat()}")
        first = start.date()
        days = tuple(first + number * DAY for number in range((end.date() - first).days + 1))
        midnights = tuple(datetime.combine(day, time(), UTC) for day in days)
        elapsed = tuple((instant - start) // _MICROSECOND for instant in (*midnights[1:], end))
        return cls(start, end, days, midnights, elapsed)

    @property
    def days_with_time(self) -> int:
        """How many of the days have time in the stretch: not the last one where it ends with the midnight before."""
        return len(self.days) - (len(self.days) > 1 and self.end == self.midnights[-1])

    def parts(self, growth: int) -> tuple[int, ...]:
        """Return each day's part of what a counter grew by; all of it on the one day where no time passed."""
        if len(self.days) == 1:
            return (growth,)
        if not growth:
            return (0,) * len(self.days)
        total = self.elapsed[-1]
        sums = [_nearest(growth * elapsed, total) for elapsed in self.elapsed]
        return tuple(later - earlier for earlier, later in zip([0, *sums], sums, strict=False))


def shares(growth: int, start: datetime, end: datetime) -> list[tuple[date, int]]:
    """Return the days that the time between two aware instants touches, oldest first, each with its part of `growth`.

    Raises:
        ValueError: `end` lies before `start`.
    """
    stretch = Stretch.of(start, end)
    return list(zip(stretch.days, stretch.parts(growth), strict=True))


def _nearest(dividend: int, divisor: int) -> int:
    """Return a quotient rounded to the nearest integer, in the middle to the even one; the divisor is above 0."""
    quotient, rest = divmod(dividend, divisor)
    return quotient + (2 * rest > divisor or (2 * rest == divisor and quotient % 2))
