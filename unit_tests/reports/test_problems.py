"""Everything that is wrong with custom reports is named at once, with what would be right and without the value."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from source_x_organic.config import Config, parse_config
from source_x_organic.reports.problems import days_out_of_reach, problems_of, wrong_definitions

PAGE = Path(__file__).parents[2] / "docs" / "x-organic.md"
TODAY = date(2026, 11, 21)
OAUTH1 = {"auth_type": "oauth1"} | {
    key: f"invented-{key}" for key in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
}
BEARER = {"auth_type": "bearer", "bearer_token": "invented-token"}
HISTORICAL = (
    "impressions, engagements, favorites, retweets, replies, video_views, media_views, media_engagements, url_clicks, "
    "hashtag_clicks, detail_expands, permalink_clicks, app_install_attempts, app_opens, email_tweet, user_follows, "
    "user_profile_clicks"
)
ANALYTICS = (
    "app_install_attempts, app_opens, bookmarks, detail_expands, email_tweet, engagements, follows, hashtag_clicks, "
    "impressions, likes, media_views, permalink_clicks, quote_tweets, replies, retweets, shares, unfollows, unlikes, "
    "url_clicks, user_profile_clicks"
)
TOTALS = "impressions, engagements, favorites, retweets, quote_tweets, replies, video_views"
NO_CHOICE = "engagement_historical offers no choice here. Leave it out, and choose day or hour among the dimensions."
AT_MOST = "must be at most 364: X keeps 365 days for engagement_historical, today among them."
IN_THE_FUTURE = "lies in the future. Choose today or an earlier day, or the type timeframe."
TOO_FAR = "lies too far back: X keeps 365 days for engagement_historical. Choose a day from 2025-11-22 on."


def configured(*reports: dict[str, Any], credentials: dict[str, str] = OAUTH1) -> Config:
    accounts = {"sync_mode": "SpecificAccounts", "accounts": ["@lumen_mill"]}
    defaults = {"report_type": "engagement_historical", "metrics": ["impressions"]}
    listed = [{"table_name": f"report_{number}", **defaults, **report} for number, report in enumerate(reports)]
    return parse_config({"credentials": credentials, **accounts, "custom_reports": listed})


def problems(report: dict[str, Any], credentials: dict[str, str] = OAUTH1) -> list[tuple[str, str]]:
    found = problems_of(configured(report, credentials=credentials), TODAY)
    return [(problem.property.removeprefix("custom_reports[0]."), problem.message) for problem in found]


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "a misspelt metric",
        {"metrics": ["impressions", "url_click"]},
        "metrics",
        f"has a name that is no metric of engagement_historical. Did you mean url_clicks? Choose among {HISTORICAL}.",
    ),
    (
        "a metric in capitals",
        {"metrics": ["Impressions"]},
        "metrics",
        f"has a name that is no metric of engagement_historical. Did you mean impressions? Choose among {HISTORICAL}.",
    ),
    (
        "names of other reports",
        {"metrics": ["likes", "follows", "likes "]},
        "metrics",
        (
            "has 2 names that are no metrics of engagement_historical. Did you mean favorites, user_follows? "
            f"Choose among {HISTORICAL}."
        ),
    ),
    (
        "a name that is like none",
        {"metrics": ["revenue"]},
        "metrics",
        f"has a name that is no metric of engagement_historical. Choose among {HISTORICAL}.",
    ),
    (
        "quotes in the historical report",
        {"metrics": ["quote_tweets"]},
        "metrics",
        (
            "has a name that is no metric of engagement_historical. X has quote_tweets in engagement_totals alone. "
            f"Choose among {HISTORICAL}."
        ),
    ),
    (
        "quotes in the report of 28 hours, and a misspelt metric",
        {"report_type": "engagement_28hr", "metrics": ["quote_tweets", "favourites"]},
        "metrics",
        (
            "has 2 names that are no metrics of engagement_28hr. X has quote_tweets in engagement_totals alone. "
            f"Did you mean favorites? Choose among {HISTORICAL}."
        ),
    ),
    (
        "a metric of the Engagement API with analytics",
        {"report_type": "tweet_analytics", "metrics": ["favorites"]},
        "metrics",
        f"has a name that is no metric of tweet_analytics. Did you mean likes? Choose among {ANALYTICS}.",
    ),
    (
        "a metric of a day in the totals",
        {"report_type": "engagement_totals", "metrics": ["url_clicks"]},
        "metrics",
        f"has a name that is no metric of engagement_totals. Choose among {TOTALS}.",
    ),
    (
        "totals by day and hour",
        {"report_type": "engagement_totals", "dimensions": ["tweet", "day", "hour"]},
        "dimensions",
        "engagement_totals cannot be broken down by day or hour. Choose among tweet, metric.",
    ),
    ("an aggregate where dimensions say it", {"aggregate": "daily"}, "aggregate", NO_CHOICE),
    (
        "an aggregate of totals",
        {"report_type": "engagement_totals", "aggregate": "total"},
        "aggregate",
        "engagement_totals offers no choice here. Leave it out.",
    ),
    (
        "weeks of media",
        {"report_type": "media_analytics", "metrics": ["video_views"], "aggregate": "weekly"},
        "aggregate",
        "media_analytics does not have this one. Choose among hourly, daily, total.",
    ),
    *(
        (
            f"hours of a {aggregate} report",
            {"report_type": "tweet_analytics", "dimensions": ["hour", "day"], "aggregate": aggregate},
            "aggregate",
            "must be hourly, or left out, because hour is among the dimensions. Or take hour out there.",
        )
        for aggregate in ("daily", "weekly", "total")
    ),
    (
        "days of a total",
        {"report_type": "ads_organic", "dimensions": ["day"], "aggregate": "total"},
        "aggregate",
        "must be one of hourly, daily, or left out, because day is among the dimensions. Or take day out.",
    ),
    (
        "a day of the last 28 hours",
        {"report_type": "engagement_28hr", "period": {"type": "days_back", "days": 1}},
        "period",
        "X has no choice of days for engagement_28hr. Leave it out, or choose the type timeframe.",
    ),
    (
        "a day in the future of totals",
        {"report_type": "engagement_totals", "period": {"type": "date", "date": "2030-01-01"}},
        "period",
        "X has no choice of days for engagement_totals. Leave it out, or choose the type timeframe.",
    ),
    ("a day 365 days back", {"period": {"type": "days_back", "days": 365}}, "period.days", AT_MOST),
    (
        "a range from 400 days back",
        {"period": {"type": "relative_range", "from_days_back": 400, "to_days_back": 30}},
        "period.from_days_back",
        AT_MOST,
    ),
    ("a day more than a year ago", {"period": {"type": "date", "date": "2025-11-21"}}, "period.date", TOO_FAR),
    (
        "a range that ended more than a year ago",
        {"period": {"type": "range", "start": "2025-01-01", "end": "2025-11-21"}},
        "period.end",
        TOO_FAR,
    ),
    ("tomorrow", {"period": {"type": "date", "date": "2026-11-22"}}, "period.date", IN_THE_FUTURE),
    (
        "a range that ends in the future",
        {"period": {"type": "range", "start": "2026-11-01", "end": "2026-11-30"}},
        "period.end",
        IN_THE_FUTURE,
    ),
    (
        "the day after tomorrow with the Ads API",
        {"report_type": "ads_organic", "period": {"type": "date", "date": "2026-11-23"}},
        "period.date",
        IN_THE_FUTURE,
    ),
]


@pytest.mark.parametrize(("report", "path", "message"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_definition_is_named_with_what_would_be_right(report: dict[str, Any], path: str, message: str) -> None:
    assert problems(report) == [(path, message)]


RIGHT: list[dict[str, Any]] = [
    {"metrics": HISTORICAL.split(", "), "dimensions": ["tweet", "day", "hour", "metric"]},
    {"dimensions": ["hour"]},
    {"report_type": "engagement_28hr", "metrics": HISTORICAL.split(", "), "dimensions": ["hour"]},
    {"report_type": "engagement_28hr", "period": {"type": "timeframe"}},
    {"report_type": "engagement_totals", "metrics": TOTALS.split(", "), "dimensions": ["metric", "tweet"]},
    {"report_type": "tweet_analytics", "metrics": ANALYTICS.split(", "), "aggregate": "weekly", "dimensions": ["day"]},
    {"report_type": "tweet_analytics", "aggregate": "total", "dimensions": ["tweet", "metric"]},
    {"report_type": "tweet_analytics", "aggregate": "hourly", "dimensions": ["day", "hour"]},
    {"period": {"type": "days_back", "days": 364}},
    {"period": {"type": "date", "date": "2025-11-22"}},
    {"period": {"type": "date", "date": "2026-11-21"}},
    {"period": {"type": "range", "start": "2025-01-01", "end": "2025-11-22"}},
    {"report_type": "ads_organic", "period": {"type": "date", "date": "2026-11-22"}},
    {"report_type": "ads_organic", "period": {"type": "days_back", "days": 4000}},
    {"report_type": "tweet_analytics", "period": {"type": "date", "date": "2015-01-01"}},
]


@pytest.mark.parametrize("report", RIGHT)
def test_a_right_definition_has_no_problem(report: dict[str, Any]) -> None:
    assert problems(report) == []


def test_tweets_cannot_be_named_for_several_accounts_of_a_bearer_token() -> None:
    report = {
        "table_name": "named",
        "report_type": "engagement_totals",
        "metrics": ["favorites"],
        "tweets": {"selection": "ids", "ids": ["1846987139428634858"]},
    }
    one = {"credentials": BEARER, "sync_mode": "SpecificAccounts", "accounts": ["@rival"], "custom_reports": [report]}
    two = one | {"accounts": ["@rival", "@other"]}
    own = json.dumps([{"account": "@other", "credentials": OAUTH1}])

    assert wrong_definitions(parse_config(one)) == []
    assert wrong_definitions(parse_config(two | {"account_credentials": own})) == []
    assert wrong_definitions(parse_config(two | {"credentials": OAUTH1})) == []
    (problem,) = wrong_definitions(parse_config(two))
    assert problem.property == "custom_reports[0].tweets"
    assert problem.message == (
        "cannot be named where several accounts are read with a bearer token, because X does not say whose they are. "
        "Choose the selection all or recent, or make a connection for each account."
    )


def test_a_bearer_token_reaches_public_totals_and_no_private_ones() -> None:
    public = {"report_type": "engagement_totals", "metrics": ["favorites", "quote_tweets"]}
    private = {"report_type": "engagement_totals", "metrics": [*public["metrics"], "impressions", "engagements"]}
    assert problems(public, BEARER) == []
    assert problems(private) == []
    assert problems(private, BEARER) == [
        (
            "metrics",
            (
                "impressions and engagements of engagement_totals need credentials of type oauth1, and there are none. "
                "With a bearer token choose among favorites, retweets, quote_tweets, replies, video_views."
            ),
        )
    ]


def test_all_reports_are_looked_at_and_nothing_of_them_is_repeated() -> None:
    config = configured(
        {"metrics": ["S3CR3T"], "aggregate": "total", "period": {"type": "days_back", "days": 500}},
        {},
        {"metrics": ["S3CR3T"], "dimensions": ["day"], "period": {"type": "date", "date": "2031-05-06"}},
    )
    always = ["custom_reports[0].metrics", "custom_reports[0].aggregate", "custom_reports[0].period.days"]
    always += ["custom_reports[2].metrics"]
    assert [problem.property for problem in wrong_definitions(config)] == always
    assert [problem.property for problem in days_out_of_reach(config, TODAY)] == ["custom_reports[2].period.date"]
    assert problems_of(config, TODAY) == wrong_definitions(config) + days_out_of_reach(config, TODAY)
    said = " ".join(map(str, problems_of(config, TODAY)))
    assert [word for word in ("S3CR3T", "500", "2031") if word in said] == []


def test_a_fixed_day_becomes_wrong_with_time_and_its_definition_does_not() -> None:
    config = configured({"period": {"type": "date", "date": "2026-11-21"}})
    assert problems_of(config, TODAY) == []
    assert wrong_definitions(config) == []
    assert len(days_out_of_reach(config, date(2027, 11, 21))) == 1


def test_what_the_page_shows_is_right() -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    examples = [json.loads(each) for each in blocks if "table_name" in each]
    options = [json.loads(each) for each in re.findall(r"`(\{\"(?:selection|type)\"[^`]*\})`", text)]
    examples += [{"tweets": each} for each in options if "selection" in each]
    examples += [{"period": each} for each in options if "type" in each]
    assert len(examples) == 2 + 3 + 5
    for example in examples:
        assert problems(example) == []
