"""Local days tile time in every zone of the world, and windows tile days, without gap or overlap."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from source_x_organic.reports.days import (
    BEGINNING,
    DAY,
    Days,
    clip,
    local_day,
    midnight,
    missing,
    tiles,
    timeframe_first_day,
    union,
    whole_hours,
    without,
)

ZERO = date(2026, 1, 1)
FIRST_INSTANT = datetime(2006, 3, 22, tzinfo=UTC)
LONGEST = 40
ALL = [ZERO + number * DAY for number in range(-2, LONGEST + 3)]


def days(first: int, last: int) -> Days:
    return Days(ZERO + first * DAY, ZERO + last * DAY)


NUMBERS = st.integers(0, LONGEST)
SPANS = st.builds(lambda a, b: days(min(a, b), max(a, b)), NUMBERS, NUMBERS)
ANY_SPANS = st.lists(SPANS | st.builds(days, NUMBERS, NUMBERS), max_size=6)

ODD_ZONES = [
    "America/Los_Angeles",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Pyongyang",
    "Pacific/Apia",
]
ZONES = (st.sampled_from(ODD_ZONES) | st.sampled_from(sorted(available_timezones()))).map(ZoneInfo)
DATES = st.dates(BEGINNING, date(2037, 12, 31))
INSTANTS = st.integers(0, 31 * 365 * 86_400).map(lambda seconds: FIRST_INSTANT + timedelta(seconds=seconds))
LEFT_OUT = {(name, date(2011, 12, 30)) for name in ("Pacific/Apia", "Pacific/Fakaofo")}
"""Days that a zone skipped whole when it moved across the date line."""


def inside(day: date, *spans: Days) -> bool:
    return any(day in span for span in spans)


@given(ANY_SPANS)
def test_a_span_holds_its_days_and_counts_them(spans: list[Days]) -> None:
    for span in spans:
        assert list(span) == [day for day in ALL if day in span]
        assert len(span) == len(list(span))
        assert bool(span) == (span.first <= span.last)


@given(ANY_SPANS)
def test_a_union_holds_the_same_days_in_spans_with_a_day_between(spans: list[Days]) -> None:
    joined = union(*spans)
    assert [inside(day, *joined) for day in ALL] == [inside(day, *spans) for day in ALL]
    assert all(one.last + DAY < other.first for one, other in pairwise(joined))
    assert union(*joined) == joined
    assert union(*reversed(spans)) == joined


@given(SPANS, ANY_SPANS)
def test_what_is_missing_is_what_is_wanted_and_not_done(wanted: Days, done: list[Days]) -> None:
    gaps = missing(wanted, done)
    assert [inside(day, *gaps) for day in ALL] == [day in wanted and not inside(day, *done) for day in ALL]
    assert union(*gaps) == gaps


@given(ANY_SPANS, ANY_SPANS)
def test_taking_days_away_leaves_exactly_the_others(spans: list[Days], taken: list[Days]) -> None:
    left = without(spans, taken)
    assert [inside(day, *left) for day in ALL] == [inside(day, *spans) and not inside(day, *taken) for day in ALL]
    assert union(*left) == left


@given(SPANS, ANY_SPANS)
def test_clipping_keeps_exactly_the_common_days(span: Days, to: list[Days]) -> None:
    parts = clip(span, to)
    assert [inside(day, *parts) for day in ALL] == [day in span and inside(day, *to) for day in ALL]


@given(ANY_SPANS, st.integers(1, LONGEST))
def test_windows_tile_a_span_newest_first_and_only_the_oldest_is_short(spans: list[Days], longest: int) -> None:
    for span in spans:
        windows = tiles(span, longest)
        assert [day for window in reversed(windows) for day in window] == list(span)
        assert all(len(window) == longest for window in windows[:-1])
        assert all(1 <= len(window) <= longest for window in windows)


@example(ZoneInfo("Pacific/Apia"), date(2011, 12, 29))
@example(ZoneInfo("Pacific/Apia"), date(2011, 12, 30))
@given(ZONES, DATES)
def test_each_local_day_begins_where_the_one_before_ends(zone: ZoneInfo, day: date) -> None:
    start, end = midnight(day, zone), midnight(day + DAY, zone)
    assert start.tzinfo is UTC
    if (zone.key, day) in LEFT_OUT:
        assert start == end
        return
    assert start < end
    assert local_day(start, zone) == day
    assert local_day(start - timedelta(microseconds=1), zone) < day
    assert local_day(end - timedelta(microseconds=1), zone) == day


@given(ZONES, INSTANTS)
def test_an_instant_lies_between_the_ends_of_its_local_day(zone: ZoneInfo, instant: datetime) -> None:
    day = local_day(instant, zone)
    assert midnight(day, zone) <= instant
    # Newfoundland used to put its clocks back at one minute past midnight: 59 minutes of a day came twice.
    assert instant < midnight(day + DAY, zone) + timedelta(hours=1)


MIDNIGHTS = [
    ("America/Los_Angeles", date(2026, 3, 8), "2026-03-08T08:00:00+00:00"),
    ("America/Los_Angeles", date(2026, 3, 9), "2026-03-09T07:00:00+00:00"),
    ("America/Los_Angeles", date(2026, 11, 1), "2026-11-01T07:00:00+00:00"),
    ("America/Los_Angeles", date(2026, 11, 2), "2026-11-02T08:00:00+00:00"),
    ("Asia/Kolkata", date(2026, 7, 1), "2026-06-30T18:30:00+00:00"),
    ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00:00+00:00"),
    ("Australia/Lord_Howe", date(2026, 4, 6), "2026-04-05T13:30:00+00:00"),
    ("America/Havana", date(2026, 3, 8), "2026-03-08T05:00:00+00:00"),
    ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00+00:00"),
    ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00"),
    ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00+00:00"),
    ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00+00:00"),
    ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00"),
    ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00+00:00"),
]


@pytest.mark.parametrize(("zone", "day", "instant"), MIDNIGHTS)
def test_a_local_day_begins_at_its_first_instant(zone: str, day: date, instant: str) -> None:
    assert midnight(day, ZoneInfo(zone)).isoformat() == instant


@pytest.mark.parametrize(
    ("months", "today", "expected"),
    [
        (3, date(2026, 11, 21), date(2026, 8, 21)),
        (3, date(2026, 5, 31), date(2026, 2, 28)),
        (6, date(2024, 8, 31), date(2024, 2, 29)),
        (24, date(2026, 1, 1), date(2024, 1, 1)),
        (None, date(2026, 1, 1), date(2006, 3, 21)),
    ],
)
def test_a_timeframe_starts_calendar_months_before_today(months: int | None, today: date, expected: date) -> None:
    assert timeframe_first_day(months, today) == expected


@given(ZONES, DATES, st.integers(0, 60))
def test_counted_by_hours_from_its_first_midnight_a_span_of_whole_hours_meets_every_other(
    zone: ZoneInfo, first: date, length: int
) -> None:
    span = Days(first, first + length * DAY)
    parts = whole_hours(span, zone)
    assert [day for part in parts for day in part] == list(span)
    for part in parts:
        start = midnight(part.first, zone)
        assert all((midnight(day, zone) - start) % timedelta(hours=1) == timedelta(0) for day in part)


def test_a_span_is_cut_only_where_clocks_change_by_a_part_of_an_hour() -> None:
    year = Days(date(2026, 1, 1), date(2026, 12, 31))
    assert whole_hours(year, ZoneInfo("America/Los_Angeles")) == [year]
    assert whole_hours(year, ZoneInfo("Australia/Lord_Howe")) == [
        Days(date(2026, 1, 1), date(2026, 4, 5)),
        Days(date(2026, 4, 6), date(2026, 10, 4)),
        Days(date(2026, 10, 5), date(2026, 12, 31)),
    ]
