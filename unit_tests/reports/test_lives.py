"""Rows begin with the day of a tweet's posting, whatever other tweets X was asked about beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from source_x_organic.config import Aggregate, Dimension, ReportType
from source_x_organic.reports.cells import CellKey, Cells
from source_x_organic.reports.definitions import ReportDefinition
from source_x_organic.reports.kinds import kind_of
from source_x_organic.reports.lives import since_posted
from source_x_organic.snowflakes import X_EPOCH

TWEET, DAY, HOUR, _METRIC = Dimension
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def posted(year: int, month: int, day: int, hour: int = 12) -> str:
    """Return an id of that hour."""
    age = datetime(year, month, day, hour, tzinfo=UTC) - X_EPOCH
    return str(int(age.total_seconds() * 1000) << 22)


def defined(
    *dimensions: Dimension,
    report: ReportType = ReportType.ENGAGEMENT_HISTORICAL,
    granularity: Aggregate = Aggregate.DAILY,
) -> ReportDefinition:
    return ReportDefinition("mine", kind_of(report), ("impressions",), dimensions, granularity)


def kept(definition: ReportDefinition, *keys: CellKey) -> list[CellKey]:
    cells = Cells()
    for number, key in enumerate(keys):
        cells.add(key, "impressions", number)
    lived = since_posted(cells, definition, now=NOW)
    for key in lived.keys():  # noqa: SIM118 - not a mapping
        assert lived.values(key) == cells.values(key)
    return list(lived.keys())


def test_days_before_the_posting_are_left_out_and_its_own_day_is_not() -> None:
    tweet = posted(2026, 11, 4)
    keys = [(tweet, f"2026-11-0{day}", None) for day in (2, 3, 4, 5)]
    assert kept(defined(TWEET, DAY), *keys) == keys[2:]


def test_of_weeks_that_of_the_posting_is_the_first() -> None:
    tweet = posted(2026, 11, 4)
    weekly = defined(TWEET, DAY, report=ReportType.TWEET_ANALYTICS, granularity=Aggregate.WEEKLY)
    keys = [(tweet, monday, None) for monday in ("2026-10-26", "2026-11-02", "2026-11-09")]
    assert kept(weekly, *keys) == keys[1:]


def test_an_id_that_does_not_tell_its_day_keeps_everything() -> None:
    assert kept(defined(TWEET, DAY), ("20", "2006-03-21", None)) == [("20", "2006-03-21", None)]


def test_sums_of_several_tweets_are_left_alone() -> None:
    keys = [(None, "2026-11-01", 3), (None, "2026-11-02", 23)]
    assert kept(defined(DAY, HOUR), *keys) == keys


@pytest.mark.parametrize(
    ("report", "last"), [(ReportType.ENGAGEMENT_HISTORICAL, 8), (ReportType.TWEET_ANALYTICS, 9)], ids=str
)
def test_a_tweet_of_today_has_no_hours_to_come_where_days_are_added_up(report: ReportType, last: int) -> None:
    today, before = posted(2026, 11, 20, 7), posted(2026, 11, 19, 7)
    definition = defined(TWEET, HOUR, report=report, granularity=Aggregate.HOURLY)
    keys = [(tweet, None, hour) for tweet in (today, before) for hour in range(24)]
    assert kept(definition, *keys) == [key for key in keys if key[0] == before or (key[2] or 0) <= last]


def test_what_has_no_period_keeps_all_of_its_hours() -> None:
    recently = defined(TWEET, HOUR, report=ReportType.ENGAGEMENT_28HR, granularity=Aggregate.HOURLY)
    keys = [(posted(2026, 11, 20, 7), None, hour) for hour in range(24)]
    assert kept(recently, *keys) == keys
