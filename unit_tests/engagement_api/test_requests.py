"""Whatever a report is made of, X takes the request, and it asks for nothing that is still to come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import Dimension, ReportType
from source_x_organic.engagement_api.requests import (
    ENDPOINTS,
    GROUP,
    HISTORICAL,
    LAST_28_HOURS,
    TOTALS,
    Window,
    body,
    grouping,
    window,
)
from source_x_organic.reports.days import Days
from source_x_organic.reports.kinds import kind_of
from source_x_organic.reports.periods import first_reached
from source_x_organic.transport.client import Endpoint

TWEET, DAY, HOUR, METRIC = Dimension
X_ORDERS = (
    ["tweet.id", "engagement.type", "engagement.day", "engagement.hour"],
    ["engagement.type", "tweet.id", "engagement.day", "engagement.hour"],
)
"""The groupings by four values that X takes."""

ROOT_KEYS = {
    "start",
    "end",
    "errors",
    "unavailable_tweet_ids",
    "unsupported_for_impressions_engagements_tweet_ids",
    "unsupported_for_video_views_tweet_ids",
}


def configurable() -> list[tuple[ReportType, tuple[Dimension, ...]]]:
    """Return every report with every choice of its dimensions."""
    return [
        (report, chosen)
        for report in ENDPOINTS
        for chosen in chain.from_iterable(combinations(kind_of(report).dimensions, count) for count in range(5))
    ]


def test_each_report_is_at_its_address_and_has_windows_of_a_minute() -> None:
    assert ENDPOINTS == {
        ReportType.ENGAGEMENT_TOTALS: TOTALS,
        ReportType.ENGAGEMENT_28HR: LAST_28_HOURS,
        ReportType.ENGAGEMENT_HISTORICAL: HISTORICAL,
    }
    assert Endpoint("insights/engagement/totals", "/insights/engagement/totals", window_seconds=60.0) == TOTALS
    assert LAST_28_HOURS.path == "/insights/engagement/28hr"
    assert HISTORICAL.path == "/insights/engagement/historical"


@pytest.mark.parametrize(("report", "dimensions"), configurable())
def test_x_takes_every_grouping_that_can_be_configured(report: ReportType, dimensions: tuple[Dimension, ...]) -> None:
    grouped = grouping(dimensions)
    times = {"engagement.day", "engagement.hour"}
    assert 1 <= len(set(grouped)) == len(grouped) <= 4
    assert len(grouped) < 4 or grouped in X_ORDERS
    assert "engagement.type" in grouped
    assert "engagement.hour" not in grouped or "engagement.day" in grouped
    assert report is not ReportType.ENGAGEMENT_TOTALS or not times & set(grouped)


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ((), ["engagement.type"]),
        ((METRIC,), ["engagement.type"]),
        ((METRIC, TWEET), ["tweet.id", "engagement.type"]),
        ((DAY, TWEET), ["tweet.id", "engagement.type", "engagement.day"]),
        ((DAY,), ["engagement.type", "engagement.day"]),
        ((HOUR,), ["engagement.type", "engagement.day", "engagement.hour"]),
        ((HOUR, TWEET), ["tweet.id", "engagement.type", "engagement.day", "engagement.hour"]),
    ],
)
def test_metrics_are_always_told_apart_and_hours_never_without_their_days(
    dimensions: tuple[Dimension, ...], expected: list[str]
) -> None:
    assert grouping(dimensions) == expected


def test_a_body_asks_for_one_grouping_whose_name_is_none_of_xs_own() -> None:
    asked = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 29, tzinfo=UTC))
    assert body(("1", "2"), ("impressions", "favorites"), (TWEET, DAY), asked) == {
        "start": "2026-10-01T00:00:00Z",
        "end": "2026-10-29T00:00:00Z",
        "tweet_ids": ["1", "2"],
        "engagement_types": ["impressions", "favorites"],
        "groupings": {GROUP: {"group_by": ["tweet.id", "engagement.type", "engagement.day"]}},
    }
    assert GROUP not in ROOT_KEYS


def test_a_body_without_a_window_says_nothing_of_time() -> None:
    assert body(["1"], ["retweets"], [TWEET]).keys() == {"tweet_ids", "engagement_types", "groupings"}


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, 59, 5, tzinfo=UTC)


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("days", "now", "expected"),
    [
        (
            Days(date(2026, 11, 1), date(2026, 11, 2)),
            at(9),
            Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)),
        ),
        (
            Days(date(2026, 11, 20), TODAY),
            at(9, 59),
            Window(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, 9, tzinfo=UTC)),
        ),
        (
            Days(date(2026, 11, 20), TODAY),
            at(0, 30),
            Window(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)),
        ),
        (
            Days(TODAY, TODAY),
            at(1),
            Window(datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 21, 1, tzinfo=UTC)),
        ),
        (Days(TODAY, TODAY), at(0, 59), None),
        (Days(date(2026, 11, 22), date(2026, 11, 23)), at(9), None),
    ],
)
def test_a_window_holds_the_hours_of_its_days_that_are_over(days: Days, now: datetime, expected: Window | None) -> None:
    assert window(days, now=now) == expected


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(0, 27), st.integers(1, 28))  # noqa: DTZ001 - UTC is put in below
def test_x_takes_every_window_that_it_reaches(moment: datetime, back: int, length: int) -> None:
    now = moment.replace(tzinfo=UTC)
    last = now.date() - timedelta(days=back)
    for days in (
        Days(last - timedelta(days=length - 1), last),
        Days(first_reached(now.date(), 365), first_reached(now.date(), 365) + timedelta(days=27)),
    ):
        asked = window(days, now=now)
        if asked is None:
            assert days.first == now.date()
            continue
        assert asked.start < asked.end <= now
        assert asked.end - asked.start <= timedelta(days=28)
        assert asked.start >= now - timedelta(days=365)
        assert {(each.minute, each.second, each.microsecond) for each in asked} == {(0, 0, 0)}
