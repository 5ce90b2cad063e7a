"""Everything that is wrong with custom reports is named at once, with what would be right and without the value."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from source_x_organic.config import ConfigError, Problem, drafts_of, parse_config
from source_x_organic.reports.problems import days_out_of_reach, problems_of, wrong_definitions

if TYPE_CHECKING:
    from source_x_organic.config import Rules

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


IN_ALL = partial(problems_of, today=TODAY)


def configured(*reports: dict[str, Any], credentials: dict[str, str] = OAUTH1) -> dict[str, Any]:
    accounts = {"sync_mode": "SpecificAccounts", "accounts": ["@lumen_mill"]}
    defaults = {"report_type": "engagement_historical", "metrics": ["impressions"]}
    listed = [{"table_name": f"report_{number}", **defaults, **report} for number, report in enumerate(reports)]
    return {"credentials": credentials, **accounts, "custom_reports": listed}


def found(raw: dict[str, Any], rules: Rules = IN_ALL) -> list[Problem]:
    """Return all that is wrong with a configuration."""
    try:
        parse_config(raw, rules)
    except ConfigError as error:
        return error.problems
    return []


def problems(report: dict[str, Any], credentials: dict[str, str] = OAUTH1) -> list[tuple[str, str]]:
    wrong = found(configured(report, credentials=credentials))
    return [(problem.property.removeprefix("custom_reports[0]."), problem.message) for problem in wrong]


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "a misspelt metric",
        {"metrics": ["impressions", "url_click"]},
        "metrics",
        f"url_click is no metric of engagement_historical. Did you mean url_clicks? Choose among {HISTORICAL}.",
    ),
    (
        "a metric in capitals",
        {"metrics": ["Impressions"]},
        "metrics",
        f"Impressions is no metric of engagement_historical. Did you mean impressions? Choose among {HISTORICAL}.",
    ),
    (
        "names of other reports",
        {"metrics": ["likes", "follows", "likes "]},
        "metrics",
        (
            "likes and follows are no metrics of engagement_historical. Did you mean favorites, user_follows? "
            f"Choose among {HISTORICAL}."
        ),
    ),
    (
        "a name that is like none",
        {"metrics": ["revenue"]},
        "metrics",
        f"revenue is no metric of engagement_historical. Choose among {HISTORICAL}.",
    ),
    (
        "names like none, and what may be keys",
        {"metrics": ["video_views_25", "video-3s", "S3CR3T", "QXJ0aXNhbiBicmVhZA"]},
        "metrics",
        (
            "video_views_25, video-3s and 2 names that may be secrets are no metrics of engagement_historical. "
            f"Did you mean video_views? Choose among {HISTORICAL}."
        ),
    ),
    (
        "a key",
        {"metrics": ["17-QXJ0aXNhbiBicmVhZA"]},
        "metrics",
        f"a name that may be a secret is no metric of engagement_historical. Choose among {HISTORICAL}.",
    ),
    (
        "quotes in the historical report",
        {"metrics": ["quote_tweets"]},
        "metrics",
        (
            "quote_tweets is no metric of engagement_historical. X has quote_tweets in engagement_totals alone. "
            f"Choose among {HISTORICAL}."
        ),
    ),
    (
        "quotes in the report of 28 hours, and a misspelt metric",
        {"report_type": "engagement_28hr", "metrics": ["quote_tweets", "favourites"]},
        "metrics",
        (
            "quote_tweets and favourites are no metrics of engagement_28hr. "
            "X has quote_tweets in engagement_totals alone. "
            f"Did you mean favorites? Choose among {HISTORICAL}."
        ),
    ),
    (
        "a metric of the Engagement API with analytics",
        {"report_type": "tweet_analytics", "metrics": ["favorites"]},
        "metrics",
        f"favorites is no metric of tweet_analytics. Did you mean likes? Choose among {ANALYTICS}.",
    ),
    (
        "a metric of a day in the totals",
        {"report_type": "engagement_totals", "metrics": ["url_clicks"]},
        "metrics",
        f"url_clicks is no metric of engagement_totals. Choose among {TOTALS}.",
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

    assert found(one) == []
    assert found(two | {"account_credentials": own}) == []
    assert found(two | {"credentials": OAUTH1}) == []
    (problem,) = found(two)
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
    raw = configured(
        {"metrics": ["S3CR3T"], "aggregate": "total", "period": {"type": "days_back", "days": 500}},
        {},
        {"metrics": ["S3CR3T"], "dimensions": ["day"], "period": {"type": "date", "date": "2031-05-06"}},
    )
    always = ["custom_reports[0].metrics", "custom_reports[0].aggregate", "custom_reports[0].period.days"]
    always += ["custom_reports[2].metrics"]
    today = days_out_of_reach(drafts_of(raw["custom_reports"]), TODAY)
    assert [problem.property for problem in found(raw, wrong_definitions)] == always
    assert [problem.property for problem in today] == ["custom_reports[2].period.date"]
    assert found(raw) == found(raw, wrong_definitions) + today
    said = " ".join(map(str, found(raw)))
    assert [word for word in ("S3CR3T", "500", "2031") if word in said] == []


def test_a_fixed_day_becomes_wrong_with_time_and_its_definition_does_not() -> None:
    raw = configured({"period": {"type": "date", "date": "2026-11-21"}})
    assert found(raw) == []
    (problem,) = found(raw, partial(problems_of, today=date(2027, 11, 21)))
    assert problem.property == "custom_reports[0].period.date"


TOGETHER: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "a dimension that is none beside one that is",
        {"dimensions": ["week", "hour"], "report_type": "tweet_analytics", "aggregate": "daily"},
        ["dimensions[0]", "aggregate"],
    ),
    (
        "everything",
        {
            "table_name": "Mine",
            "metrics": [{}, "impresions"],
            "dimensions": "day",
            "aggregate": "daily",
            "tweets": {"selection": "ids", "ids": []},
            "period": {"type": "range", "start": "2027-01-02", "end": "2027-01-01"},
        },
        [
            *("table_name", "metrics[0]", "dimensions", "tweets.ids", "period"),
            *("metrics", "aggregate", "period.start", "period.end"),
        ],
    ),
    (
        "days of a report without any that are no days",
        {"report_type": "engagement_totals", "metrics": ["favorites"], "period": {"type": "date", "date": "soon"}},
        ["period.date", "period"],
    ),
    (
        "one day of a range",
        {"period": {"type": "range", "start": "2027-01-02", "end": "2027"}},
        ["period.end", "period.start"],
    ),
    (
        "the end of a range that begins with no day",
        {"period": {"type": "range", "start": "x", "end": "2020-01-01"}},
        ["period.start", "period.end"],
    ),
    (
        "the beginning of a range that ends with no day",
        {"period": {"type": "range", "start": "2020-01-01", "end": "x"}},
        ["period.end"],
    ),
    (
        "a range that runs backwards, long ago",
        {"period": {"type": "range", "start": "2020-01-02", "end": "2020-01-01"}},
        ["period", "period.start"],
    ),
    (
        "a range of days ago that runs backwards, and is too long",
        {"period": {"type": "relative_range", "from_days_back": 400, "to_days_back": 500}},
        ["period", "period.from_days_back"],
    ),
    ("a type that is none", {"report_type": "x", "metrics": ["y"], "aggregate": "z"}, ["report_type", "aggregate"]),
]


@pytest.mark.parametrize(("report", "paths"), [case[1:] for case in TOGETHER], ids=[case[0] for case in TOGETHER])
def test_what_is_wrong_in_shape_hides_nothing_that_can_be_known(report: dict[str, Any], paths: list[str]) -> None:
    assert [path for path, _ in problems(report)] == paths


def test_what_is_wrong_elsewhere_hides_nothing_of_the_reports() -> None:
    raw = configured({"metrics": ["impresions"]}, {"table_name": "report_0"}, {"table_name": "tweets"}, {"metrics": []})
    raw |= {"credentials": {"auth_type": "oauth1"}, "lookback_window_days": 99, "accounts": "x"}
    assert [problem.property for problem in found(raw)] == [
        *(f"credentials.{name}" for name in OAUTH1 if name != "auth_type"),
        *("accounts", "lookback_window_days", "custom_reports[0].metrics", "custom_reports[1].table_name"),
        *("custom_reports[2].table_name", "custom_reports[3].metrics"),
    ]


@pytest.mark.parametrize("own", ["[", '[{"account": "@brand"}]'])
def test_credentials_that_cannot_be_read_may_be_those_that_a_report_needs(own: str) -> None:
    raw = configured({"report_type": "engagement_totals"}, {}, credentials=BEARER) | {"account_credentials": own}
    (problem,) = found(raw)
    assert problem.property.startswith("account_credentials")


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
