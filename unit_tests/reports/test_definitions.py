"""A definition says what is asked for, which columns come of it, and what makes a row unique."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import (
    Aggregate,
    CustomReport,
    Dimension,
    ReportType,
    TimeframePeriod,
)
from source_x_organic.reports.definitions import ReportDefinition, listed_anew
from source_x_organic.reports.kinds import kind_of

COLUMNS = {"tweet": "tweet_id", "day": "date", "hour": "hour", "metric": "metric"}
A_DAY = {"type": "date", "date": "2026-07-01"}


def defined(**properties: Any) -> ReportDefinition:  # noqa: ANN401 - as a form sends them
    report = {"table_name": "mine", "report_type": "tweet_analytics", "metrics": ["likes"], **properties}
    return ReportDefinition.of(CustomReport.model_validate(report))


def test_a_definition_has_what_the_configuration_says() -> None:
    report = CustomReport.model_validate(
        {
            "table_name": "clicks_by_hour",
            "report_type": "engagement_historical",
            "metrics": ["url_clicks", "impressions"],
            "dimensions": ["metric", "hour", "tweet"],
            "tweets": {"selection": "recent", "count": 50},
            "period": A_DAY,
        }
    )
    assert ReportDefinition.of(report) == ReportDefinition(
        name="clicks_by_hour",
        kind=kind_of(ReportType.ENGAGEMENT_HISTORICAL),
        metrics=("url_clicks", "impressions"),
        dimensions=(Dimension.TWEET, Dimension.HOUR, Dimension.METRIC),
        granularity=Aggregate.HOURLY,
        selection=report.tweets,
        period=report.period,
    )


@given(st.lists(st.sampled_from(Dimension)))
def test_the_key_is_the_account_and_the_dimensions_in_one_order_however_they_were_chosen(
    dimensions: list[Dimension],
) -> None:
    columns = [COLUMNS[name] for name in COLUMNS if name in dimensions]
    definition = defined(dimensions=dimensions)
    assert definition.key_columns == ("account_id", *columns)
    assert definition.primary_key == [["account_id"], *([column] for column in columns)]


@pytest.mark.parametrize(
    ("dimensions", "aggregate", "granularity"),
    [
        ([], None, "total"),
        (["tweet", "metric"], None, "total"),
        (["day"], None, "daily"),
        (["hour"], None, "hourly"),
        (["day", "hour"], None, "hourly"),
        (["day"], "hourly", "hourly"),
        (["day"], "weekly", "weekly"),
        (["tweet"], "daily", "daily"),
    ],
)
def test_the_aggregate_says_how_much_time_a_figure_covers_and_else_the_dimensions_do(
    dimensions: list[str], aggregate: str | None, granularity: str
) -> None:
    assert defined(dimensions=dimensions, aggregate=aggregate).granularity == granularity


@pytest.mark.parametrize(
    ("properties", "cursor"),
    [
        ({"dimensions": ["day"]}, "date"),
        ({"dimensions": ["tweet", "day", "hour", "metric"]}, "date"),
        ({"dimensions": ["day"], "tweets": {"selection": "recent", "count": 3}}, "date"),
        ({"dimensions": ["tweet", "hour"]}, None),
        ({"dimensions": ["day"], "period": A_DAY}, None),
        ({"dimensions": ["day"], "period": {"type": "relative_range", "from_days_back": 7, "to_days_back": 1}}, None),
        ({"dimensions": ["day"], "report_type": "engagement_28hr"}, None),
        ({"dimensions": ["day"], "report_type": "engagement_historical"}, "date"),
        ({"report_type": "engagement_totals"}, None),
    ],
)
def test_a_report_by_day_that_follows_the_timeframe_is_incremental_and_no_other(
    properties: dict[str, Any], cursor: str | None
) -> None:
    definition = defined(**properties)
    assert (definition.is_incremental, definition.cursor_field) == (cursor is not None, cursor)


@pytest.mark.parametrize(
    ("properties", "days"),
    [
        ({"report_type": "engagement_historical"}, 28),
        ({"report_type": "engagement_historical", "dimensions": ["hour"]}, 28),
        ({"report_type": "engagement_28hr"}, 1),
        ({"report_type": "engagement_totals"}, 1),
        ({"dimensions": ["hour"]}, 7),
        ({"dimensions": ["day"]}, 98),
        ({"aggregate": "weekly"}, 364),
        ({"report_type": "ads_organic"}, 90),
    ],
)
def test_a_request_asks_for_as_many_days_as_x_or_memory_bears(properties: dict[str, Any], days: int) -> None:
    assert defined(**properties).longest_window == days


@pytest.mark.parametrize(
    ("properties", "has_weeks"),
    [
        ({"aggregate": "weekly", "dimensions": ["day"]}, True),
        ({"aggregate": "weekly", "dimensions": ["tweet"]}, False),
        ({"aggregate": "daily", "dimensions": ["day"]}, False),
    ],
)
def test_a_weekly_report_by_day_has_weeks(properties: dict[str, Any], has_weeks: bool) -> None:  # noqa: FBT001
    assert defined(**properties).has_weeks is has_weeks


def test_rows_of_the_ads_api_alone_have_an_ads_account() -> None:
    with_one = [kind for kind in ReportType if defined(report_type=kind).has_ads_account]
    assert with_one == [ReportType.ADS_ORGANIC]


def test_nothing_chosen_is_all_tweets_of_the_timeframe_together() -> None:
    definition = defined()
    assert (definition.dimensions, definition.period) == ((), TimeframePeriod())
    assert definition.selection.selection == "all"


DAILY = defined(dimensions=["tweet", "day"])
ONE_DAY = defined(period=A_DAY)
MEDIA = defined(report_type="media_analytics", metrics=["video_views"], dimensions=["tweet", "day"])
NAMED = {"selection": "ids", "ids": ["1990000000000000000"]}


def newest(count: int, **properties: Any) -> ReportDefinition:  # noqa: ANN401 - as a form sends them
    return defined(tweets={"selection": "recent", "count": count}, **properties)


@pytest.mark.parametrize(
    ("reports", "anew"),
    [
        ([], []),
        ([DAILY], []),
        ([ONE_DAY], [ONE_DAY]),
        # What one remembers serves the others, but for their media.
        ([DAILY, ONE_DAY, newest(9)], []),
        ([DAILY, MEDIA], [MEDIA]),
        ([newest(9)], [newest(9)]),
        ([newest(9), newest(8, dimensions=["day"])], [newest(9)]),
        ([newest(8), newest(8, dimensions=["day"]), ONE_DAY], [ONE_DAY]),
        ([defined(tweets=NAMED, dimensions=["tweet", "day"]), ONE_DAY], [ONE_DAY]),
        ([defined(tweets=NAMED, period=A_DAY)], []),
    ],
)
def test_tweets_that_no_report_remembers_are_listed_anew(
    reports: list[ReportDefinition], anew: list[ReportDefinition]
) -> None:
    assert listed_anew(reports) == anew
