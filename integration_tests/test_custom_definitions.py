"""How reports are defined: mistakes are named before anything is read, and the page's examples run as they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from integration_tests.report_stage import HISTORICAL, ReportStage, tweets_of
from integration_tests.report_truth import posted_on
from integration_tests.stage import NOW, Json
from x_simulator import AccountSpec

PAGE = Path(__file__).parents[1] / "docs" / "x-organic.md"
MILL = AccountSpec("lumen_mill", posts=60, posts_per_day=1.5, mix=("original", "video", "retweet"))
KILN = AccountSpec("tiny_kiln", posts=12, posts_per_day=0.5, mix=("original",))

TABLE_NAME = (
    "must begin with a small letter and hold only small letters, digits and underscores, 63 at most, such as "
    "weekly_clicks."
)
UNKNOWN = (
    "impresions and quote_tweets are no metrics of engagement_historical. "
    "X has quote_tweets in engagement_totals alone."
)
TOO_FAR = "lies too far back: X keeps 365 days for engagement_historical."
HISTORICAL_METRICS = (
    "impressions, engagements, favorites, retweets, replies, video_views, media_views, media_engagements, url_clicks, "
    "hashtag_clicks, detail_expands, permalink_clicks, app_install_attempts, app_opens, email_tweet, user_follows, "
    "user_profile_clicks"
)


def wrong(table_name: str, report_type: str = "engagement_historical", metric: str = "favorites", **more: Any) -> Json:  # noqa: ANN401 - a fragment of JSON
    return {"table_name": table_name, "report_type": report_type, "metrics": [metric], **more}


WRONG: list[tuple[Json, list[str]]] = [
    (wrong("tweets"), ["table_name: is the name of one of the connector's own tables. Choose another name."]),
    (
        wrong("one", metric="impresions") | {"metrics": ["impresions", "quote_tweets"]},
        [
            f"metrics: {UNKNOWN} Did you mean impressions? Choose among {HISTORICAL_METRICS}.",
        ],
    ),
    (
        wrong("one", "engagement_totals", dimensions=["day"]),
        [
            "table_name: is the name of an earlier report too. Give each report its own name.",
            "dimensions: engagement_totals cannot be broken down by day. Choose among tweet, metric.",
        ],
    ),
    (
        wrong("two", "media_analytics", "video_views", dimensions=["week", "day"], aggregate="weekly"),
        [
            "dimensions[0]: must be one of tweet, day, hour, metric, not week.",
            "aggregate: media_analytics does not have this one. Choose among hourly, daily, total.",
        ],
    ),
    (
        wrong("three", "tweet_analytics", "likes", dimensions=["hour"], aggregate="daily"),
        ["aggregate: must be hourly, or left out, because hour is among the dimensions. Or take hour out there."],
    ),
    (
        wrong("four", period={"type": "days_back", "days": 365}),
        ["period.days: must be at most 364: X keeps 365 days for engagement_historical, today among them."],
    ),
    (
        wrong("five", period={"type": "date", "date": "2027-01-01"}),
        ["period.date: lies in the future. Choose today or an earlier day, or the type timeframe."],
    ),
    (
        wrong("six", period={"type": "date", "date": "2025-01-01"}),
        [
            f"period.date: {TOO_FAR} Choose a day from 2025-11-21 on.",
        ],
    ),
    (
        wrong("seven", "engagement_28hr", period={"type": "days_back", "days": 1}),
        ["period: X has no choice of days for engagement_28hr. Leave it out, or choose the type timeframe."],
    ),
    (wrong("Eight", period={"type": "timeframe"}), [f"table_name: {TABLE_NAME}"]),
]


@pytest.mark.parametrize("access", ["X_API", "ENGAGEMENT_API"])
@pytest.mark.parametrize("command", ["check", "discover"])
def test_mistakes_of_every_kind_are_named_all_at_once_with_what_would_be_right(command: str, access: str) -> None:
    with ReportStage(KILN, access=access) as stage:
        config = stage.config(custom_reports=[report for report, _ in WRONG], lookback_window_days=99)
        message = failure(stage, command, config)

    named = [f"- custom_reports[{place}].{line}" for place, (_, lines) in enumerate(WRONG) for line in lines]
    assert message.splitlines() == [
        "The configuration has 13 problems:",
        "- lookback_window_days: must be at most 30.",
        *named,
    ]
    assert stage.requests == []


def failure(stage: ReportStage, command: str, config: Json) -> str:
    """Return the one message with which a command refuses a configuration."""
    output = stage.run(command, config=json.dumps(config))
    if command == "check":
        status, message = output.verdict
        assert status == "FAILED"
        return message
    (error,) = output.failures
    assert error["failure_type"] == "config_error"
    return str(error["message"])


def test_a_day_to_come_is_named_by_the_test_of_the_connection() -> None:
    with ReportStage(KILN) as stage:
        assert "custom_reports[0].period.date: lies in the future" in failure(
            stage, "check", stage.config(custom_reports=[WRONG[6][0]])
        )


def test_a_fixed_day_that_x_has_forgotten_meanwhile_stops_nothing_else() -> None:
    report = {
        "table_name": "launch",
        "report_type": "engagement_historical",
        "metrics": ["impressions"],
        "dimensions": ["tweet"],
        "period": {"type": "date", "date": "2026-11-19"},
    }
    with ReportStage(KILN) as stage:
        config = stage.config(custom_reports=[report])
        first = stage.sync("launch", "tweets", config=config)
        stage.clock.advance(400 * 86_400)
        second = stage.sync("launch", "tweets", config=config, state=first.state)

    assert first.rows("launch")
    assert second.error is None
    assert second.rows("launch") == []
    assert second.rows("tweets")
    assert any("custom_reports[0].period.date: lies too far back" in line for line in second.said("WARNING"))


# The documents' examples ---------------------------------------------------------------------------------------------


def examples() -> list[Json]:
    """Return the report definitions that the page for users shows."""
    blocks = re.findall(r"```json\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    found = [json.loads(block) for block in blocks]
    return [each for each in found if isinstance(each, dict) and "report_type" in each]


def test_the_examples_of_the_page_run_as_they_stand() -> None:
    with ReportStage(MILL) as stage:
        reports = examples()
        output = stage.sync(*(each["table_name"] for each in reports), config=stage.config(custom_reports=reports))

    assert len(reports) == 2
    assert output.error is None
    output.assert_valid()
    daily, weekly = (output.rows(each["table_name"]) for each in reports)
    assert set(daily[0]) == {"account_id", "tweet_id", "date", "metric", "value"}
    assert {row["metric"] for row in daily} == {"impressions", "url_clicks"}
    assert min(row["date"] for row in daily) >= "2026-10-23"
    assert max(row["date"] for row in daily) == "2026-11-19"
    assert set(weekly[0]) == {"account_id", "date", "impressions", "url_clicks", "bookmarks"}


def domo(**menu: Any) -> Json:  # noqa: ANN401 - a fragment of JSON
    return {
        "table_name": "domo",
        "report_type": "engagement_historical",
        "metrics": ["impressions", "engagements"],
        **menu,
    }


MENU = [
    ({"tweets": {"selection": "recent", "count": 50}, "dimensions": ["tweet"]}, ("2026-08-20", "2026-11-20")),
    (
        {"dimensions": ["metric", "day"], "period": {"type": "date", "date": "2026-11-01"}},
        ("2026-11-01", "2026-11-01"),
    ),
    ({"dimensions": ["tweet", "hour"], "period": {"type": "days_back", "days": 3}}, ("2026-11-17", "2026-11-17")),
    (
        {
            "dimensions": ["tweet", "metric", "day", "hour"],
            "period": {"type": "range", "start": "2026-11-01", "end": "2026-11-12"},
        },
        ("2026-11-01", "2026-11-12"),
    ),
    (
        {
            "dimensions": [],
            "period": {"type": "relative_range", "from_days_back": 28, "to_days_back": 1},
        },
        ("2026-10-23", "2026-11-19"),
    ),
]


@pytest.mark.parametrize(("menu", "days"), MENU, ids=lambda value: str(value)[:60])
def test_every_choice_of_domos_menu_asks_x_what_domo_asks(menu: Json, days: tuple[str, str]) -> None:
    with ReportStage(MILL) as stage:
        output = stage.sync("domo", config=stage.config(custom_reports=[domo(**menu)]))
        asked = [entry.body for entry in stage.requests_to(HISTORICAL)]

    assert output.error is None
    assert output.rows("domo")
    assert min(body["start"][:10] for body in asked) >= days[0]
    ends = {body["end"] for body in asked}
    assert max(ends) in {"2026-11-20T09:00:00Z", f"{days[1][:-2]}{int(days[1][-2:]) + 1:02}T00:00:00Z"}
    names = {"tweet": "tweet.id", "metric": "engagement.type", "day": "engagement.day", "hour": "engagement.hour"}
    wanted = {names[each] for each in menu["dimensions"]} | {"engagement.type"}
    if "hour" in menu["dimensions"]:
        wanted.add("engagement.day")
    for body in asked:
        assert {*body["groupings"]["breakdown"]["group_by"]} == wanted
        assert body["engagement_types"] == ["impressions", "engagements"]


def test_specific_tweets_of_domo_are_four_batches_at_most() -> None:
    busy = AccountSpec("lumen_mill", posts=130, posts_per_day=8, mix=("original",))
    with ReportStage(busy) as stage:
        ids = stage.world.post_ids("lumen_mill", at=NOW)[:100]
        report = domo(
            dimensions=["tweet", "day"],
            tweets={"selection": "ids", "ids": ids},
            period={"type": "relative_range", "from_days_back": 14, "to_days_back": 1},
        )
        output = stage.sync("domo", config=stage.config(custom_reports=[report]))
        yesterday = {str(post.id) for post in map(stage.world.post, ids) if posted_on(post) < NOW.date()}

    assert tweets_of(output.rows("domo")) == yesterday
    assert len(stage.requests_to(HISTORICAL)) == 4


def test_fivetrans_keys_read_as_they_are() -> None:
    report = {
        "table_name": "weekly_clicks",
        "report_type": "tweet_analytics",
        "metrics": ["impressions", "url_clicks"],
        "dimensions": ["tweet", "day"],
        "aggregate": "DAILY",
    }
    with ReportStage(KILN, access="X_API") as stage:
        output = stage.sync("weekly_clicks", config=stage.config(custom_reports=[report]))

    assert output.error is None
    assert len(tweets_of(output.rows("weekly_clicks"))) == 12
