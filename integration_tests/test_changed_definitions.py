"""A custom report that is defined anew under the same name: what is done for the old definition is not done for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integration_tests.ads_stage import AdsStage
from integration_tests.report_stage import ReportStage, table
from integration_tests.stage import Json, Stage, billed
from x_simulator import AccountSpec, AdsAccountSpec

MILL = AccountSpec("lumen_mill", posts=40, posts_per_day=1.2, mix=("original", "video"))
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))

ENGAGEMENT: Json = {
    "table_name": "mine",
    "report_type": "engagement_historical",
    "metrics": ["impressions"],
    "dimensions": ["tweet", "day"],
}
ANALYTICS: Json = {**ENGAGEMENT, "report_type": "tweet_analytics"}
ON_ADS: Json = {**ENGAGEMENT, "report_type": "ads_organic"}


def changed(stage: Stage, before: Json, **news: Any) -> tuple[dict[str, Json], dict[str, Json], list[str], int]:  # noqa: ANN401 - JSON
    """Sync with two definitions, a day apart; return the table, a fresh one, the second's warnings, posts billed."""
    first = stage.sync("mine", config=stage.config(custom_reports=[before]))
    stage.clock.advance(timedelta(days=1))
    stage.forget()
    config = stage.config(custom_reports=[before | news])
    second = stage.sync("mine", config=config, state=first.state)
    posts = billed(stage.requests)
    fresh = stage.sync("mine", config=config)
    third = stage.sync("mine", config=config, state=second.state)

    assert first.error is second.error is fresh.error is third.error is None
    assert not any("definition" in line for line in third.said("WARNING"))
    said = [line for line in second.said("WARNING") if "definition" in line]
    return table(first, second, stream="mine"), table(fresh, stream="mine"), said, posts


@pytest.mark.parametrize("before", [ENGAGEMENT, ANALYTICS], ids=["engagement", "analytics"])
def test_a_metric_that_is_added_is_read_for_the_whole_timeframe_and_no_post_is_listed_again(before: Json) -> None:
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        held, fresh, said, posts = changed(stage, before, metrics=["impressions", "url_clicks"])

    assert held == fresh
    words = (
        "The definition of mine is another one than in the last sync (url_clicks is new). All of its timeframe is read "
        "again. Rows that were saved before and get no new one stay as they were: refresh the stream in Airbyte, with "
        "its data removed, to be rid of them."
    )
    assert said == [words]
    # Those of the look-back, at most nine days of 1.2 posts each.
    assert posts <= 12


def test_a_metric_that_is_added_to_a_report_of_the_ads_api_is_read_for_the_whole_timeframe() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        held, fresh, said, _ = changed(stage, ON_ADS, metrics=["impressions", "likes"])

    assert held == fresh
    assert len(said) == 1


@pytest.mark.parametrize(
    "news",
    [{"aggregate": "weekly"}, {"dimensions": ["day"]}, {"dimensions": ["tweet", "day", "hour"]}],
    ids=["weekly", "by day", "by hour"],
)
def test_rows_that_say_something_else_are_all_read_anew(news: Json) -> None:
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        held, fresh, said, _ = changed(stage, ANALYTICS, **news)

    assert held.items() >= fresh.items()
    assert len(said) == 1


@pytest.mark.parametrize("news", [{"metrics": ["url_clicks"]}, {"aggregate": "hourly"}], ids=["fewer", "hourly"])
def test_what_makes_no_difference_to_the_days_that_are_done_costs_nothing(news: Json) -> None:
    before = {**ANALYTICS, "metrics": ["impressions", "url_clicks"]}
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        first = stage.sync("mine", config=stage.config(custom_reports=[before]))
        stage.forget()
        second = stage.sync("mine", config=stage.config(custom_reports=[before | news]), state=first.state)

    assert not any("definition" in line for line in second.said("WARNING"))
    assert min(row["date"] for row in second.rows("mine")) == "2026-11-13"


@pytest.mark.parametrize("report", [{}, {"type": "tweet_analytics"}, 7])
def test_a_damaged_definition_in_a_state_is_refused_with_words(report: Any) -> None:  # noqa: ANN401 - JSON
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        config = stage.config(custom_reports=[ANALYTICS])
        first = stage.sync("mine", config=config)
        state = first.state
        state[0]["stream"]["stream_state"]["report"] = report
        output = stage.sync("mine", config=config, state=state)

    assert output.rows("mine") == []
    assert "The saved state of the stream mine cannot be read" in str(output.error)
