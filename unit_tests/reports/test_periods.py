"""A period is the days that its words say, as far as X has figures of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import DateRange, DaysBack, RelativeRange, SingleDay, TimeframePeriod
from source_x_organic.reports.days import DAY, Days, tiles
from source_x_organic.reports.periods import Period, asked_days, days_of, first_reached, monday, whole_weeks

TODAY = date(2026, 11, 21)
FIRST = date(2026, 8, 21)
DATES = st.dates(date(2024, 1, 1), date(2027, 12, 31))
DAYS = st.tuples(DATES, DATES).map(lambda ends: Days(min(ends), max(ends)))
PERIODS: st.SearchStrategy[Period] = st.one_of(
    st.just(TimeframePeriod()),
    DATES.map(lambda day: SingleDay(date=day)),
    st.integers(0, 800).map(lambda days: DaysBack(days=days)),
    DAYS.map(lambda days: DateRange(start=days.first, end=days.last)),
    st.tuples(st.integers(0, 800), st.integers(0, 800)).map(
        lambda ends: RelativeRange(from_days_back=max(ends), to_days_back=min(ends))
    ),
)

SPANS: list[tuple[Period, Days]] = [
    (TimeframePeriod(), Days(FIRST, TODAY)),
    (SingleDay(date=date(2026, 7, 1)), Days(date(2026, 7, 1), date(2026, 7, 1))),
    (DaysBack(days=0), Days(TODAY, TODAY)),
    (DaysBack(days=3), Days(date(2026, 11, 18), date(2026, 11, 18))),
    (DateRange(start=date(2026, 6, 1), end=date(2026, 6, 30)), Days(date(2026, 6, 1), date(2026, 6, 30))),
    (RelativeRange(from_days_back=7, to_days_back=1), Days(date(2026, 11, 14), date(2026, 11, 20))),
    (RelativeRange(from_days_back=0, to_days_back=0), Days(TODAY, TODAY)),
]


@pytest.mark.parametrize(("period", "days"), SPANS)
def test_both_ends_of_a_period_belong_to_it(period: Period, days: Days) -> None:
    assert asked_days(period, TODAY, timeframe_first=FIRST) == days
    assert days_of(period, TODAY, timeframe_first=FIRST) == days


@given(PERIODS, st.none() | st.integers(1, 400))
def test_what_x_has_of_a_period_are_its_days_up_to_today_that_x_keeps(period: Period, reach: int | None) -> None:
    asked = set(asked_days(period, TODAY, timeframe_first=FIRST))
    kept = {day for day in asked if day <= TODAY and (reach is None or (TODAY - day).days < reach)}
    assert set(days_of(period, TODAY, timeframe_first=FIRST, reach_days=reach)) == kept


def test_x_keeps_all_hours_of_365_days_with_today() -> None:
    assert first_reached(TODAY, 365) == date(2025, 11, 22)
    assert len(Days(first_reached(TODAY, 365), TODAY)) == 365


@pytest.mark.parametrize(("day", "first"), [("2026-11-16", "2026-11-16"), ("2026-11-22", "2026-11-16")])
def test_a_week_runs_from_monday_to_sunday(day: str, first: str) -> None:
    assert monday(date.fromisoformat(day)) == date.fromisoformat(first)


@given(DAYS, st.integers(1, 60))
def test_whole_weeks_are_the_least_that_hold_the_days_and_no_window_of_weeks_cuts_one(days: Days, weeks: int) -> None:
    whole = whole_weeks(days)
    assert {monday(day) for day in whole} == {monday(day) for day in days}
    assert len(whole) == 7 * len({monday(day) for day in days})
    for window in tiles(whole, 7 * weeks):
        assert (window.first.weekday(), window.last.weekday()) == (0, 6)


def test_no_days_have_no_weeks() -> None:
    assert not whole_weeks(Days(TODAY, TODAY - DAY))
