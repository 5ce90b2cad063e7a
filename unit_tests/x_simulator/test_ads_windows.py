from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from x_simulator.ads_api.windows import Window, bounds, is_midnight, misplacements, parsed, start_of_day

LOS_ANGELES, BERLIN = ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/Berlin")
LORD_HOWE, KOLKATA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata")
# The last four put clocks forward at midnight, or did, or left a whole date out.
ZONES = [
    *(LOS_ANGELES, BERLIN, LORD_HOWE, KOLKATA),
    *map(ZoneInfo, ("America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Pacific/Apia")),
]
FRACTIONAL = "Time cannot be fractional hours"
NO_MIDNIGHT = "Expect time to be midnight in the account's local timezone for day granularity"

days = st.dates(date(2007, 1, 1), date(2030, 1, 1))
zones = st.sampled_from(ZONES)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@given(days, zones)
def test_a_local_day_begins_where_the_day_before_ends(day: date, zone: ZoneInfo) -> None:
    start = start_of_day(day, zone)
    assert start.astimezone(zone).date() >= day
    assert (start - timedelta(milliseconds=1)).astimezone(zone).date() < day


@given(days, st.integers(min_value=1, max_value=90), zones)
def test_day_buckets_are_the_local_days_of_the_window(day: date, count: int, zone: ZoneInfo) -> None:
    last = day + timedelta(days=count)
    window = Window(start_of_day(day, zone), start_of_day(last, zone))
    edges = bounds(window, zone, "DAY")
    lengths = [(after - before).total_seconds() / 3600 for before, after in pairwise(edges)]
    assert (edges[0], edges[-1]) == window
    assert all(is_midnight(edge, zone) for edge in edges)
    assert all(22 < length < 26 for length in lengths)
    assert len(lengths) == count - (zone.key == "Pacific/Apia" and day <= date(2011, 12, 30) < last)


@given(days, st.integers(min_value=0, max_value=23), st.integers(min_value=1, max_value=200), zones)
def test_hour_buckets_have_sixty_minutes(day: date, hour: int, hours: int, zone: ZoneInfo) -> None:
    start = start_of_day(day, zone) + timedelta(hours=hour)
    window = Window(start, start + timedelta(hours=hours))
    edges = bounds(window, zone, "HOUR")
    assert {after - before for before, after in pairwise(edges)} == {timedelta(hours=1)}
    assert (edges[0], edges[-1], len(edges)) == (*window, hours + 1)
    assert bounds(window, zone, "TOTAL") == list(window)


@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        (LOS_ANGELES, date(2026, 3, 7), [24, 23, 24]),
        (LOS_ANGELES, date(2026, 10, 31), [24, 25, 24]),
        (BERLIN, date(2026, 3, 28), [24, 23, 24]),
        (BERLIN, date(2026, 10, 24), [24, 25, 24]),
        (LORD_HOWE, date(2026, 4, 4), [24, 24.5, 24]),
        (LORD_HOWE, date(2026, 10, 3), [24, 23.5, 24]),
        (KOLKATA, date(2026, 3, 28), [24, 24, 24]),
        (ZoneInfo("Asia/Beirut"), date(2026, 3, 28), [24, 23, 24]),
    ],
)
def test_days_are_as_long_as_the_clocks_of_the_account_make_them(
    zone: ZoneInfo, first: date, hours: list[float]
) -> None:
    window = Window(start_of_day(first, zone), start_of_day(first + timedelta(days=3), zone))
    edges = bounds(window, zone, "DAY")
    assert [(after - before).total_seconds() / 3600 for before, after in pairwise(edges)] == hours


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-07-01T07:00:00Z", "2026-07-01T07:00:00+00:00"),
        ("2026-07-01T00:00:00-0700", "2026-07-01T07:00:00+00:00"),
        ("2026-07-01T00:00:00-07:00", "2026-07-01T07:00:00+00:00"),
        ("2026-07-01T00:00:00-07", "2026-07-01T07:00:00+00:00"),
        ("2026-07-01T05:30:00+05:30", "2026-07-01T00:00:00+00:00"),
        ("2026-07-01T07:00:00.000Z", "2026-07-01T07:00:00+00:00"),
        ("2026-07-01", "2026-07-01T07:00:00+00:00"),
        ("2026-12-01", "2026-12-01T08:00:00+00:00"),
    ],
)
def test_times_are_read_in_every_form_that_x_documents(text: str, instant: str) -> None:
    assert parsed(text, LOS_ANGELES) == utc(instant)


@pytest.mark.parametrize(
    "text",
    [
        *("", "today", "20260701", "2026-13-01", "2026-07-01T07:00:00", "2026-07-01 07:00:00Z"),
        *("2026-07-01T07:00Z", "2026-07-01T24:00:01Z", "1782889200", "2026-07-01T07:00:00+0070", "0001-01-01"),
        *("2026-07-01T07:00:00+99", "2026-07-01T07:00:00z", "9999-12-31"),
    ],
)
def test_no_other_text_is_a_time(text: str) -> None:
    assert parsed(text, KOLKATA) is None


@pytest.mark.parametrize(
    ("start", "end", "granularity", "complaints"),
    [
        ("2026-07-01T07:00:00Z", "2026-07-08T07:00:00Z", "DAY", []),
        ("2026-07-02T00:00:00Z", "2026-07-08T07:00:00Z", "DAY", [NO_MIDNIGHT]),
        ("2026-07-01T00:00:00Z", "2026-07-08T00:00:00Z", "DAY", [NO_MIDNIGHT, NO_MIDNIGHT]),
        ("2026-07-01T00:00:00Z", "2026-07-08T00:00:00Z", "HOUR", []),
        ("2026-07-01T00:00:00Z", "2026-07-08T00:00:00Z", "TOTAL", []),
        ("2026-07-01T00:30:00Z", "2026-07-02T00:00:01Z", "TOTAL", [FRACTIONAL, FRACTIONAL]),
        ("2026-07-01T07:00:00Z", "2026-07-01T08:30:00Z", "DAY", [FRACTIONAL]),
        ("2026-07-02T07:00:00Z", "2026-07-02T07:00:00Z", "DAY", ["The end_time must be after the start_time"]),
        ("2026-07-01T07:00:00Z", "2026-07-08T08:00:00Z", "HOUR", []),
        (
            *("2026-07-01T07:00:00Z", "2026-07-08T09:00:00Z", "HOUR"),
            ["The end_time can be a maximum of 7.days+1.hours after the start_time"],
        ),
    ],
)
def test_a_window_lies_where_the_clocks_of_the_account_say(
    start: str, end: str, granularity: str, complaints: list[str]
) -> None:
    assert misplacements(Window(utc(start), utc(end)), LOS_ANGELES, granularity, 7) == complaints


def test_whole_hours_are_those_of_the_account() -> None:
    window = Window(utc("2026-07-01T18:30:00Z"), utc("2026-07-02T18:30:00Z"))
    assert misplacements(window, KOLKATA, "DAY", 7) == []
    assert misplacements(window, KOLKATA, "HOUR", 7) == []
    assert misplacements(window, LOS_ANGELES, "HOUR", 7) == [FRACTIONAL, FRACTIONAL]


@pytest.mark.parametrize("zone", [LOS_ANGELES, BERLIN, LORD_HOWE], ids=str)
@pytest.mark.parametrize("count", [7, 90])
def test_a_window_of_the_most_days_is_taken_on_every_day_of_a_year(zone: ZoneInfo, count: int) -> None:
    for number in range(366):
        first = date(2026, 1, 1) + timedelta(days=number)
        window = Window(start_of_day(first, zone), start_of_day(first + timedelta(days=count), zone))
        assert misplacements(window, zone, "DAY", count) == []
