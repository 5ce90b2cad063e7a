"""`organic_report` from the Engagement API: every tweet on every UTC day of its life, in the fewest requests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from integration_tests import report_truth
from integration_tests.report_stage import ReportStage, days_of, ids_of, table, tweets_of, window_of
from integration_tests.stage import NOW
from source_x_organic.reports.days import Days
from source_x_organic.reports.plan import least_requests
from x_simulator import AccountSpec
from x_simulator.accounts import PostKind

DAY = timedelta(days=1)
MILL = AccountSpec("lumen_mill", posts=70, posts_per_day=0.8)
KILN = AccountSpec("tiny_kiln", posts=30, posts_per_day=0.4)
YEARS = AccountSpec("lumen_mill", posts=60, posts_per_day=0.1)
TODAY = NOW.date()


@pytest.mark.parametrize(
    "now",
    [NOW, datetime(2026, 5, 20, 23, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, 1, 0, tzinfo=UTC)],
    ids=["morning", "last-second-of-a-day", "first-hour-is-over"],
)
def test_every_tweet_has_a_row_for_every_utc_day_with_the_figures_of_the_world(now: datetime) -> None:
    with ReportStage(MILL, now=now) as stage:
        output = stage.sync("organic_report")
        expected = stage.expected("lumen_mill", now=now)

    assert output.error is None
    output.assert_valid()
    assert output.by_key("organic_report") == expected
    assert len(output.rows("organic_report")) == len(expected)
    assert sum(row["impressions"] for row in expected.values()) > 0
    assert stage.statuses().keys() == {200}


def test_the_requests_are_the_fewest_that_batches_of_25_and_windows_of_28_days_allow() -> None:
    with ReportStage(MILL) as stage:
        output = stage.sync("organic_report")
        posted = [report_truth.posted_on(post) for post in report_truth.posts(stage.world, "lumen_mill", NOW)]

    first = report_truth.first_day(NOW)
    assert len(posted) > 50
    assert len(stage.asked) == report_truth.least_requests(posted, first, TODAY)
    assert len(stage.asked) == least_requests(posted, [Days(first, TODAY)], batch=25, longest=28)
    assert max(len(ids_of(entry)) for entry in stage.asked) == 25
    lengths = [
        datetime.fromisoformat(end) - datetime.fromisoformat(start) for start, end in map(window_of, stage.asked)
    ]
    assert max(lengths) == 28 * DAY
    assert len(stage.asked) < len(tweets_of(output.rows("organic_report"))) * 4 / 20


def test_a_year_of_daily_tweets_takes_14_windows_of_each_batch() -> None:
    daily = AccountSpec("lumen_mill", posts=120, posts_per_day=30, mix=("original",))
    later = NOW + 364 * DAY
    with ReportStage(daily) as stage:
        stage.clock.advance(364 * DAY)
        # They are all from the days before, a year ago: each of them lives in all windows.
        ids = stage.world.post_ids("lumen_mill", at=NOW)
        report = {
            "table_name": "year",
            "report_type": "engagement_historical",
            "metrics": ["impressions"],
            "dimensions": ["tweet", "day"],
            "tweets": {"selection": "ids", "ids": ids[:100]},
            "period": {"type": "relative_range", "from_days_back": 363, "to_days_back": 0},
        }
        output = stage.sync("year", config=stage.config(custom_reports=[report]))

    assert later == stage.clock.now()
    assert output.error is None
    assert len(stage.asked) == 4 * 13
    assert len(output.rows("year")) == 100 * 364
    assert stage.statuses().keys() == {200}


@pytest.mark.parametrize("months", ["TWELVE", "TWENTY_FOUR", "ALL_TIME"])
def test_tweets_that_are_older_than_a_year_have_rows_of_the_365_days_that_x_keeps(months: str) -> None:
    with ReportStage(YEARS) as stage:
        output = stage.sync("organic_report", config=stage.config(timeframe_months=months))
        since = report_truth.first_day(NOW, {"TWELVE": 12, "TWENTY_FOUR": 24}.get(months, 240))
        expected = stage.expected("lumen_mill", since=since)
        posted = [report_truth.posted_on(post) for post in report_truth.posts(stage.world, "lumen_mill", NOW, since)]

    assert output.error is None
    assert output.by_key("organic_report") == expected
    assert len(stage.asked) == report_truth.least_requests(posted, since, TODAY)
    assert stage.statuses().keys() == {200}
    if months != "TWELVE":
        assert any(day < date(2025, 11, 1) for day in posted)
        assert min(row["date"] for row in expected.values()) == "2025-11-21"


def test_retweets_are_never_asked_for_and_everything_else_is() -> None:
    mixed = AccountSpec("lumen_mill", posts=40, posts_per_day=0.5, mix=("retweet", "reply", "quote", "video", "long"))
    with ReportStage(mixed) as stage:
        output = stage.sync("organic_report")
        posts = stage.world.posts("lumen_mill", at=NOW)

    reported = tweets_of(output.rows("organic_report"))
    assert reported == {str(post.id) for post in posts if post.kind is not PostKind.RETWEET}
    assert 0 < len(reported) < 40
    assert {id_ for entry in stage.asked for id_ in ids_of(entry)} == reported


def test_the_running_day_is_counted_up_to_the_full_hour_and_days_are_final_two_days_after_their_end() -> None:
    with ReportStage(MILL) as stage:
        output = stage.sync("organic_report")

    assert max(end for _, end in map(window_of, stage.asked)) == "2026-11-20T09:00:00Z"
    finals = {row["date"]: row["is_final"] for row in output.rows("organic_report")}
    assert {day: is_final for day, is_final in finals.items() if day >= "2026-11-16"} == {
        "2026-11-16": True,
        "2026-11-17": True,
        "2026-11-18": False,
        "2026-11-19": False,
        "2026-11-20": False,
    }
    (ends,) = {row["period_end"] for row in output.rows("organic_report") if row["date"] == "2026-11-20"}
    assert ends == "2026-11-21T00:00:00Z"


def test_in_the_first_hour_of_a_day_nothing_is_asked_about_it() -> None:
    now = NOW.replace(hour=0, minute=20)
    with ReportStage(MILL, now=now) as stage:
        output = stage.sync("organic_report")
        expected = stage.expected("lumen_mill", now=now)
        stage.clock.advance(timedelta(hours=5))
        second = stage.sync("organic_report", state=output.state)
        whole = stage.expected("lumen_mill", now=stage.clock.now())

    assert output.error is None
    assert {end for _, end in map(window_of, stage.asked)} >= {"2026-11-20T00:00:00Z"}
    held = output.by_key("organic_report")
    before = {key: row for key, row in expected.items() if row["date"] < "2026-11-20"}
    assert {key: row for key, row in held.items() if row["date"] < "2026-11-20"} == before
    today = [row for row in held.values() if row["date"] == "2026-11-20"]
    assert {row["impressions"] for row in today} <= {None}
    assert (
        table(output, second).items() >= {key: row for key, row in whole.items() if row["date"] == "2026-11-20"}.items()
    )


def test_accounts_are_asked_with_their_own_credentials_and_never_share_a_batch() -> None:
    with ReportStage(MILL, KILN) as stage:
        output = stage.sync("organic_report")
        expected = stage.expected("lumen_mill", "tiny_kiln")
        own = {name: set(stage.world.post_ids(name, at=NOW)) for name in ("lumen_mill", "tiny_kiln")}

    assert output.error is None
    assert output.by_key("organic_report") == expected
    assert stage.statuses().keys() == {200}
    assert {entry.credential for entry in stage.asked} == {"oauth1:main:lumen_mill", "oauth1:main:tiny_kiln"}
    for entry in stage.asked:
        assert entry.credential is not None
        assert own[entry.credential.rpartition(":")[2]].issuperset(ids_of(entry))


def test_an_account_without_tweets_asks_for_nothing_and_is_done() -> None:
    with ReportStage(AccountSpec("quiet_loom", posts=0, kind="empty")) as stage:
        output = stage.sync("organic_report")
        user = stage.world.user_id("quiet_loom")

    assert output.error is None
    assert output.rows("organic_report") == []
    assert stage.asked == []
    assert output.states("organic_report")[-1]["accounts"][user]["cursor"] == "2026-11-20"


def test_the_other_streams_share_the_reading_of_the_timeline() -> None:
    with ReportStage(MILL) as stage:
        alone = stage.sync("organic_report")
        listed = stage.listed()
        stage.forget()
        together = stage.sync("tweets", "organic_report")

    assert stage.listed() == listed
    assert together.by_key("organic_report") == alone.by_key("organic_report")
    assert days_of(together.rows("organic_report")) == days_of(alone.rows("organic_report"))


@pytest.mark.parametrize("odd", [0, 1, 3])
def test_counts_are_the_same_as_texts_and_as_numbers(odd: int) -> None:
    with ReportStage(KILN, odd_value_every=odd) as stage:
        output = stage.sync("organic_report")
        expected = stage.expected("tiny_kiln")

    assert output.by_key("organic_report") == expected
