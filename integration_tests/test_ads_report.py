"""`organic_report` from the Ads API: every tweet on every local day of its life, in the fewest requests."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests import ads_truth, truth
from integration_tests.ads_stage import JOBS, RESULTS, STATISTICS, AdsStage, asked_days, table
from integration_tests.stage import NOW, Json
from source_x_organic.ads_api import reports
from x_simulator import AccountSpec, AdsAccountSpec
from x_simulator.accounts import PostKind
from x_simulator.ads_api.metrics import ORGANIC, organic_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from x_simulator.ads_accounts import AdsAccount

MILL = AccountSpec("lumen_mill", posts=32, posts_per_day=0.33)
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
DAY = timedelta(days=1)
MAY = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)

ZONES = ("America/Los_Angeles", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe")
METRICS = {name: ads_truth.RENAMED.get(name, name) for name in ORGANIC}


def in_zone(zone: str) -> AdsAccountSpec:
    return AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),), zone)


def sums(rows: Iterable[Json]) -> dict[str, Counter[str]]:
    """Return the total of each metric by tweet."""
    totals: dict[str, Counter[str]] = {}
    for row in rows:
        totals.setdefault(row["tweet_id"], Counter()).update({name: row[name] for name in METRICS.values()})
    return totals


def totals(stage: AdsStage, account: AdsAccount, now: datetime) -> dict[str, Counter[str]]:
    """Return what each tweet of the timeframe has earned in its life."""
    first = stage.first_day(account, now)
    return {
        str(post.id): Counter(
            {METRICS[name]: count for name, count in organic_metrics(stage.world, post.id, posted, now).items()}
        )
        for post in stage.world.posts("lumen_mill", at=now)
        if (posted := truth.instant(post.created_ms)).astimezone(account.timezone).date() >= first
        and post.kind is not PostKind.RETWEET
    }


@pytest.mark.parametrize("now", [NOW, MAY], ids=["autumn", "spring"])
@pytest.mark.parametrize("zone", ZONES)
def test_every_tweet_has_a_row_for_every_local_day_and_they_add_up(zone: str, now: datetime) -> None:
    with AdsStage(MILL, now=now, ads_accounts=[in_zone(zone)], job_seconds=0) as stage:
        output = stage.sync("organic_report")
        account = stage.ads("Mill Ads")
        expected = stage.report(account, "lumen_mill", now=now)
        earned = totals(stage, account, now)

    assert output.error is None
    output.assert_valid()
    assert output.by_key("organic_report") == expected
    assert len(output.rows("organic_report")) == len(expected)
    assert sums(output.rows("organic_report")) == earned
    assert sum(each["impressions"] for each in earned.values()) > 0
    # A clock change lies in the timeframe, where the zone knows any.
    lengths = {
        datetime.fromisoformat(row["period_end"]) - datetime.fromisoformat(row["period_start"])
        for row in expected.values()
    }
    assert len(lengths) == (1 if zone == "Asia/Kolkata" else 2)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_later_the_answers_at_once_go_on_where_the_jobs_ended(zone: str) -> None:
    with AdsStage(MILL, ads_accounts=[in_zone(zone)], job_seconds=0) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        expected = stage.report(account, "lumen_mill", now=now)

    assert second.error is None
    held = table(first, second)
    # Days before the look-back stay as they were: nothing in them has changed, but that they are final by now.
    assert {key: held[key] for key in expected} == {
        key: row | {"is_final": held[key]["is_final"]} for key, row in expected.items()
    }
    assert {row["date"] for row in second.rows("organic_report")} == {
        day.isoformat()
        for day in ads_truth.days(
            NOW.astimezone(account.timezone).date() - 7 * DAY, now.astimezone(account.timezone).date()
        )
    }
    assert stage.made() == []
    assert stage.statuses().keys() == {200}


def test_both_ways_of_asking_give_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    with AdsStage(MILL, ads_accounts=[in_zone("Australia/Lord_Howe")], job_seconds=0) as stage:
        by_jobs = stage.sync("organic_report")
        assert stage.requests_to(STATISTICS) == []
        stage.forget()
        monkeypatch.setattr(reports, "LONGEST_JOB_WINDOW", 7)
        at_once = stage.sync("organic_report")

    assert stage.requests_to(JOBS) == []
    assert stage.statuses().keys() == {200}
    assert at_once.by_key("organic_report") == by_jobs.by_key("organic_report")
    assert len(at_once.rows("organic_report")) == len(by_jobs.rows("organic_report"))


def test_the_first_sync_is_made_by_jobs_of_the_greatest_size_and_nothing_is_refused() -> None:
    more = AccountSpec("lumen_mill", posts=50, posts_per_day=0.5)
    with AdsStage(more, ads_accounts=[ADS]) as stage:
        output = stage.sync("organic_report")
        tweets = {row["tweet_id"] for row in output.rows("organic_report")}

    assert stage.statuses().keys() == {200}
    early = {row["tweet_id"] for row in output.rows("organic_report") if row["date"] <= "2026-08-22"}
    # 93 days are a window of 90 and one of 3, in which some tweets existed already.
    assert len(stage.made()) == -(-len(tweets) // 20) + -(-len(early) // 20)
    assert {last for _, last in asked_days(stage.made())} == {"2026-11-21", "2026-08-23"}
    assert min(first for first, last in asked_days(stage.made()) if last == "2026-11-21") == "2026-08-23"
    asked = [entry.query["entity_ids"].split(",") for entry in stage.made()]
    assert {id_ for ids in asked for id_ in ids} == tweets
    assert max(map(len, asked)) == 20
    assert len(stage.requests_to(RESULTS)) == len(stage.made())
    assert {entry.credential for entry in stage.requests_to(RESULTS)} == {None}
    for entry in stage.made():
        assert {name: entry.query[name] for name in ("entity", "granularity", "placement", "metric_groups")} == {
            "entity": "ORGANIC_TWEET",
            "granularity": "DAY",
            "placement": "ALL_ON_TWITTER",
            "metric_groups": "ENGAGEMENT,VIDEO",
        }


def test_a_daily_sync_asks_at_once_for_windows_of_at_most_a_week() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        tweets = {row["tweet_id"] for row in second.rows("organic_report")}

    asked = stage.requests_to(STATISTICS)
    # The look-back of seven days before the last one, that one, and today: nine days.
    windows = asked_days(asked)
    assert {last for _, last in windows} == {"2026-11-22", "2026-11-15"}
    assert {min(first for first, last in windows if last == end) for end in ("2026-11-22", "2026-11-15")} == {
        "2026-11-15",
        "2026-11-13",
    }
    assert stage.requests_to(JOBS) == []
    assert stage.statuses().keys() == {200}
    assert {id_ for entry in asked for id_ in entry.query["entity_ids"].split(",")} == tweets
    before = {row["tweet_id"] for row in second.rows("organic_report") if row["date"] <= "2026-11-14"}
    assert len(asked) == -(-len(tweets) // 20) + -(-len(before) // 20)


def test_retweets_have_no_rows_and_everything_else_has() -> None:
    mixed = AccountSpec("lumen_mill", posts=40, posts_per_day=0.5, mix=("retweet", "reply", "quote", "video", "long"))
    with AdsStage(mixed, ads_accounts=[ADS]) as stage:
        output = stage.sync("organic_report")
        posts = stage.world.posts("lumen_mill", at=NOW)

    kinds = {str(post.id): post.kind for post in posts}
    reported = {row["tweet_id"] for row in output.rows("organic_report")}
    assert reported == {id_ for id_, kind in kinds.items() if kind is not PostKind.RETWEET}
    assert 0 < len(reported) < 40
    asked = {id_ for entry in stage.made() for id_ in entry.query["entity_ids"].split(",")}
    assert asked == reported


def test_the_running_day_is_as_of_the_read_and_days_are_final_two_days_after_their_end() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        output = stage.sync("organic_report")

    finals = {row["date"]: row["is_final"] for row in output.rows("organic_report")}
    # It is half past one at night in Los Angeles; the eighteenth ended at eight (UTC) the day before yesterday's.
    assert {day: is_final for day, is_final in finals.items() if day >= "2026-11-16"} == {
        "2026-11-16": True,
        "2026-11-17": True,
        "2026-11-18": False,
        "2026-11-19": False,
        "2026-11-20": False,
    }
    (ends,) = {row["period_end"] for row in output.rows("organic_report") if row["date"] == "2026-11-20"}
    assert ends == "2026-11-21T08:00:00Z"


def test_what_changes_late_is_there_after_the_next_sync() -> None:
    young = AccountSpec("lumen_mill", posts=20, posts_per_day=4, mix=("original", "video"))
    with AdsStage(young, ads_accounts=[ADS], job_seconds=0) as stage:
        first = stage.sync("organic_report")
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        expected = stage.report(account, "lumen_mill", now=now)

    assert second.by_key("organic_report") == expected
    today = [key for key in first.by_key("organic_report") if " 2026-11-20 " in key]
    assert any(first.by_key("organic_report")[key]["impressions"] < expected[key]["impressions"] for key in today)


@pytest.mark.parametrize("days", [1, 30])
def test_the_look_back_is_as_long_as_the_user_says(days: int) -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        second = stage.sync("organic_report", state=first.state, config=stage.config(lookback_window_days=days))

    assert min(row["date"] for row in second.rows("organic_report")) == str(date(2026, 11, 20) - days * DAY)


@pytest.mark.parametrize("months", ["SIX", "TWELVE", "ALL_TIME"])
def test_longer_timeframes_are_tiled_without_a_gap_and_without_a_refusal(months: str) -> None:
    sparse = AccountSpec("lumen_mill", posts=30, posts_per_day=0.05)
    with AdsStage(sparse, ads_accounts=[in_zone("Europe/Berlin")], job_seconds=0) as stage:
        output = stage.sync("organic_report", config=stage.config(timeframe_months=months))
        account = stage.ads("Mill Ads")
        length = {"SIX": 6, "TWELVE": 12}.get(months, 240)
        expected = ads_truth.report(stage.world, account, ["lumen_mill"], NOW, stage.first_day(account, months=length))

    assert output.by_key("organic_report") == expected
    assert len(output.rows("organic_report")) == len(expected)
    assert stage.statuses().keys() == {200}
    # Nothing is asked for days on which no tweet existed.
    oldest = min(row["date"] for row in expected.values())
    assert min(first for first, _ in asked_days(stage.made())) == oldest


def test_accounts_in_different_zones_have_each_their_own_days() -> None:
    kiln = AccountSpec("tiny_kiln", posts=12, posts_per_day=0.5)
    ads = [ADS, AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), "Asia/Kolkata", admins=("lumen_mill",))]
    with AdsStage(MILL, kiln, ads_accounts=ads, job_seconds=0) as stage:
        output = stage.sync("organic_report", config=stage.config(account_credentials="[]"))
        expected = stage.report(stage.ads("Mill Ads"), "lumen_mill") | stage.report(stage.ads("Kiln Ads"), "tiny_kiln")

    assert output.by_key("organic_report") == expected
    assert {entry.query["end_time"] for entry in stage.made() if entry.account == stage.ads("Kiln Ads").id} == {
        "2026-11-21T00:00:00+05:30"
    }


def test_an_account_without_tweets_asks_for_no_statistics() -> None:
    with AdsStage(
        AccountSpec("quiet_loom", posts=0, kind="empty"),
        ads_accounts=[AdsAccountSpec("Loom", (("quiet_loom", "FULL"),))],
    ) as stage:
        output = stage.sync("organic_report")
        account = stage.ads("Loom")

    assert output.error is None
    assert output.rows("organic_report") == []
    assert stage.requests_to(JOBS) == stage.requests_to(STATISTICS) == []
    assert output.states("organic_report")[-1]["accounts"][account.id]["cursor"] == "2026-11-20"
