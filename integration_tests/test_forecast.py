"""What a test of the connection says that syncs are going to cost, beside what X bills for them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests.report_stage import ReportStage
from integration_tests.stage import STREAMS, Stage, billed
from x_simulator import AccountSpec

if TYPE_CHECKING:
    from integration_tests.stage import Json, Output

EVERYTHING = (*STREAMS, "organic_report")

LOOM = AccountSpec("even_loom", posts=260, posts_per_day=3)
PLAIN = AccountSpec("plain_loom", posts=200, posts_per_day=2, mix=("original",))
TALKS = AccountSpec("busy_desk", posts=150, posts_per_day=4, mix=("reply", "quote", "retweet", "reply"))
REPEATS = AccountSpec("echo_hall", posts=150, posts_per_day=1.5, mix=("retweet",))
YOUNG = AccountSpec("new_kiln", posts=90, posts_per_day=3, mix=("original", "video"))
RARE = AccountSpec("slow_mill", posts=40, posts_per_day=0.2)
SILENT = AccountSpec("still_mill", posts=0, kind="empty")

VIDEOS = {
    "table_name": "videos",
    "report_type": "media_analytics",
    "metrics": ["video_views"],
    "dimensions": ["tweet", "day"],
}
YESTERDAY = {
    "table_name": "yesterday",
    "report_type": "tweet_analytics",
    "metrics": ["impressions"],
    "dimensions": ["tweet"],
    "period": {"type": "days_back", "days": 1},
}
NEWEST = YESTERDAY | {"table_name": "newest", "tweets": {"selection": "recent", "count": 60}}

Told = tuple[range, range]


def told(checked: Output) -> Told:
    """Return the posts of a first sync and of a daily one, as the log of a check has them."""
    (line,) = [each for each in checked.said("INFO") if each.startswith("Expected cost of")]
    found = re.search(r"first sync about (.*?) posts, \$.* a daily sync about (.*?) posts, \$", line)
    assert found is not None
    first, daily = (_range(each) for each in found.groups())
    return first, daily


def _range(text: str) -> range:
    ends = [int(each.replace(",", "")) for each in text.split(" to ")]
    return range(ends[0], ends[-1] + 1)


def assert_is_what_x_bills(stage: Stage, config: Json, *streams: str) -> None:
    """Check, then sync on two days, and compare what was said with what X wrote down."""
    first, daily = told(stage.check(config))
    assert billed(stage.requests) == 0
    output = stage.sync(*streams, config=config)
    assert output.error is None
    assert billed(stage.requests) in first
    stage.clock.advance(timedelta(days=1))
    stage.forget()
    assert stage.sync(*streams, config=config, state=output.state).error is None
    assert billed(stage.requests) in daily


@pytest.mark.parametrize("account", [LOOM, PLAIN, TALKS, REPEATS, YOUNG, RARE, SILENT], ids=lambda each: each.username)
@pytest.mark.parametrize("timeframe", ["THREE", "ALL_TIME"])
def test_whatever_accounts_post_syncs_cost_what_the_check_has_said(account: AccountSpec, timeframe: str) -> None:
    with Stage(account) as stage:
        assert_is_what_x_bills(stage, stage.config(timeframe_months=timeframe), *EVERYTHING)


@pytest.mark.parametrize("days", [1, 7, 60])
def test_whatever_is_read_again_syncs_cost_what_the_check_has_said(days: int) -> None:
    with Stage(LOOM, TALKS) as stage:
        config = stage.config(insights_window_days=days, lookback_window_days=min(days, 30))
        assert_is_what_x_bills(stage, config, *EVERYTHING)


@pytest.mark.parametrize("days", [7, 30])
def test_competitors_cost_what_the_check_has_said(days: int) -> None:
    with Stage(LOOM, TALKS) as stage:
        config = stage.competitors("even_loom", "busy_desk", timeframe_months="THREE", insights_window_days=days)
        assert_is_what_x_bills(stage, config, *EVERYTHING)


@pytest.mark.parametrize("report", [None, VIDEOS, YESTERDAY, NEWEST], ids=str)
def test_reports_that_list_posts_anew_are_in_what_the_check_says(report: Json | None) -> None:
    with ReportStage(LOOM, access="X_API_ENTERPRISE") as stage:
        config = stage.config(custom_reports=[report] if report else [])
        assert_is_what_x_bills(stage, config, *EVERYTHING, *([report["table_name"]] if report else []))


def test_the_range_is_no_wider_than_what_x_does_not_tell() -> None:
    with Stage(LOOM) as stage:
        first, daily = told(stage.check())

    # 260 posts since 177 days, 45 of them in 30 days if they came evenly: three times as many at most.
    assert (first.start, first[-1]) == (300, 660)
    assert (daily.start, daily[-1]) == (90, 400)
