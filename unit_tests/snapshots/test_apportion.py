"""Growth lands on the days that it took, in proportion to time, and none of it is lost or made up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from source_x_organic.snapshots.apportion import Stretch, shares

START = datetime(2026, 11, 18, tzinfo=UTC)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)

GROWTHS = st.integers(-(10**12), 10**12)
INSTANTS = st.integers(0, 40 * DAY // MICROSECOND).map(lambda passed: START + passed * MICROSECOND) | st.integers(
    0, 40
).map(lambda days: START + days * DAY)
STRETCHES = st.tuples(INSTANTS, INSTANTS).map(sorted)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("growth", "start", "end", "expected"),
    [
        (10, at(18, 6), at(18, 18), {18: 10}),
        (24, at(18, 18), at(19, 18), {18: 6, 19: 18}),
        (100, at(18, 12), at(21, 12), {18: 17, 19: 33, 20: 33, 21: 17}),
        (1, at(18), at(22), {18: 0, 19: 0, 20: 1, 21: 0, 22: 0}),
        (-24, at(18, 18), at(19, 18), {18: -6, 19: -18}),
        (0, at(18, 18), at(20, 18), {18: 0, 19: 0, 20: 0}),
        (7, at(18, 12), at(18, 12), {18: 7}),
        (7, at(18), at(18), {18: 7}),
        (7, at(18, 12), at(19), {18: 7, 19: 0}),
    ],
)
def test_each_day_gets_its_part(growth: int, start: datetime, end: datetime, expected: dict[int, int]) -> None:
    assert shares(growth, start, end) == [(date(2026, 11, day), part) for day, part in expected.items()]


@given(GROWTHS, STRETCHES)
@example(1, [at(18, 12), at(19, 12)])
@example(-1, [at(18, 12), at(19, 12)])
def test_parts_are_whole_add_up_and_are_nearest_to_their_sums_by_time(growth: int, stretch: list[datetime]) -> None:
    start, end = stretch
    parts = shares(growth, start, end)

    days = [day for day, _ in parts]
    assert days == [start.date() + number * DAY for number in range((end.date() - start.date()).days + 1)]
    assert sum(part for _, part in parts) == growth
    assert all(part * growth >= 0 for _, part in parts)
    if start < end:
        for day, so_far in zip(days, accumulate(part for _, part in parts), strict=True):
            passed = min(datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY, end) - start
            assert abs(so_far - Fraction(growth * (passed // MICROSECOND), (end - start) // MICROSECOND)) <= Fraction(
                1, 2
            )


@given(GROWTHS, STRETCHES)
def test_a_fall_takes_away_what_an_equal_rise_adds(growth: int, stretch: list[datetime]) -> None:
    start, end = stretch

    assert shares(-growth, start, end) == [(day, -part) for day, part in shares(growth, start, end)]


def test_days_are_those_of_utc_whatever_zone_instants_come_in() -> None:
    west = timezone(timedelta(hours=-8))

    assert shares(4, at(18, 20).astimezone(west), at(19, 4).astimezone(west)) == [
        (date(2026, 11, 18), 2),
        (date(2026, 11, 19), 2),
    ]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (at(18, 12), at(18, 13), 1),
        (at(18, 12), at(19), 1),
        (at(18), at(18), 1),
        (at(18, 12), at(19, 1), 2),
        (at(18), at(20), 2),
    ],
)
def test_a_day_that_has_only_just_begun_has_no_time(start: datetime, end: datetime, count: int) -> None:
    assert Stretch.of(start, end).days_with_time == count


def test_no_time_lies_between_an_instant_and_an_earlier_one() -> None:
    with pytest.raises(ValueError, match="no time lies between"):
        shares(1, at(19), at(18))
