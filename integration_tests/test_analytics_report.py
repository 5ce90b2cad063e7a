"""`organic_report` from X's analytics (Enterprise): every tweet on every UTC day of its life, 100 tweets a request."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from integration_tests import report_truth
from integration_tests.report_stage import (
    TWEET_ANALYTICS,
    ReportStage,
    cut,
    days_of,
    entry_of,
    ids_of,
    places_to_cut,
    settled,
    table,
    tweets_of,
    window_of,
)
from integration_tests.stage import NOW, SKEW, Json
from source_x_organic.config import ReportType
from source_x_organic.reports.kinds import kind_of
from x_simulator import AccountSpec, Fault, PatientClock
from x_simulator.accounts import PostKind

DAY = timedelta(days=1)
MILL = AccountSpec("lumen_mill", posts=70, posts_per_day=0.8)
KILN = AccountSpec("tiny_kiln", posts=25, posts_per_day=0.3, mix=("original", "video"))
BUSY = AccountSpec("lumen_mill", posts=260, posts_per_day=3.0, mix=("original", "media"))
ORIGINALS = AccountSpec("lumen_mill", posts=60, posts_per_day=0.4, mix=("original",))
LONGEST = 98


def enterprise(*accounts: AccountSpec, **behaviour: object) -> ReportStage:
    return ReportStage(*accounts, access="X_API_ENTERPRISE", **behaviour)


def between(first: str, last: str) -> set[str]:
    return {str(day) for day in report_truth.days(date.fromisoformat(first), date.fromisoformat(last))}


@pytest.mark.parametrize("shape", ["timestamped", "flat"])
@pytest.mark.parametrize("now", [NOW, datetime(2026, 5, 20, 0, 0, 30, tzinfo=UTC)], ids=["morning", "midnight"])
def test_every_tweet_has_a_row_for_every_utc_day_with_the_figures_of_the_world(now: datetime, shape: str) -> None:
    with enterprise(MILL, now=now, analytics_shape=shape) as stage:
        output = stage.sync("organic_report")
        expected = stage.expected("lumen_mill", now=now)
        posts = stage.world.posts("lumen_mill", at=now)

    assert output.error is None
    output.assert_valid()
    today = str(now.date())
    over = {key: row for key, row in expected.items() if row["date"] < today or now == NOW}
    assert {key: row for key, row in output.by_key("organic_report").items() if key in over} == over
    assert output.by_key("organic_report").keys() <= expected.keys()
    assert sum(row["impressions"] for row in expected.values()) > 0
    assert {id_ for entry in stage.asked for id_ in ids_of(entry)} == {
        str(post.id)
        for post in posts
        if post.kind is not PostKind.RETWEET and report_truth.posted_on(post) >= report_truth.first_day(now)
    }
    assert stage.statuses().keys() == {200}


def test_the_requests_are_the_fewest_that_batches_of_100_allow() -> None:
    with enterprise(BUSY) as stage:
        output = stage.sync("organic_report", config=stage.config(timeframe_months="SIX"))
        since = report_truth.first_day(NOW, 6)
        posted = [report_truth.posted_on(post) for post in report_truth.posts(stage.world, "lumen_mill", NOW, since)]
        expected = stage.expected("lumen_mill", since=since)

    assert len(posted) > 200
    assert output.by_key("organic_report") == expected
    assert len(stage.asked) == report_truth.least_requests(
        posted, since, NOW.date(), batch=100, longest=LONGEST, reach=100_000
    )
    assert max(len(ids_of(entry)) for entry in stage.asked) == 100
    assert {entry.query["granularity"] for entry in stage.asked} == {"daily"}
    assert max(end for _, end in map(window_of, stage.asked)) == "2026-11-20T09:30:00Z"


def test_tweets_of_years_have_rows_of_years_because_x_names_no_limit() -> None:
    with enterprise(AccountSpec("lumen_mill", posts=40, posts_per_day=0.05, mix=("original",))) as stage:
        output = stage.sync("organic_report", config=stage.config(timeframe_months="ALL_TIME"))
        expected = stage.expected("lumen_mill", since=date(2006, 3, 21))

    assert output.by_key("organic_report") == expected
    assert min(row["date"] for row in expected.values()) < "2025-01-01"


def test_accounts_are_asked_with_their_own_credentials_and_never_share_a_batch() -> None:
    with enterprise(MILL, KILN) as stage:
        output = stage.sync("organic_report")
        expected = stage.expected("lumen_mill", "tiny_kiln")
        own = {name: set(stage.world.post_ids(name, at=NOW)) for name in ("lumen_mill", "tiny_kiln")}

    assert output.error is None
    assert output.by_key("organic_report") == expected
    for entry in stage.asked:
        assert own[str(entry.credential).rpartition(":")[2]].issuperset(ids_of(entry))


def test_oauth_2_of_the_account_is_as_good() -> None:
    with enterprise(KILN) as stage:
        output = stage.sync("organic_report", config=stage.config(credentials=stage.simulator.oauth2("tiny_kiln")))
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == expected


# From one sync to the next -------------------------------------------------------------------------------------------


def test_a_second_sync_asks_for_the_look_back_in_one_window_and_lists_no_more_than_it() -> None:
    with enterprise(ORIGINALS) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        stage.clock.advance(3 * DAY)
        second = stage.sync("organic_report", state=first.state)
        now = stage.clock.now()
        expected = stage.expected("lumen_mill", now=now)
        young = report_truth.posts(stage.world, "lumen_mill", now, date(2026, 11, 13))

    assert second.error is None
    assert second.by_key("organic_report") == {key: row for key, row in expected.items() if row["date"] >= "2026-11-13"}
    assert settled(table(first, second)).items() >= settled(expected).items()
    assert len(stage.asked) == 1
    assert 0 < stage.listed() <= len(young)
    assert first.states("organic_report")[-1]["source"] == "x_api_analytics"


def test_new_posts_deleted_posts_and_a_widened_timeframe() -> None:
    with enterprise(ORIGINALS) as stage:
        doomed = stage.world.add_post("lumen_mill", "A slip of the pen", at=NOW - 40 * DAY)
        first = stage.sync("organic_report")
        stage.world.delete_post(doomed)
        new = stage.world.add_post("lumen_mill", "Fresh from the mill", at=NOW + timedelta(hours=5))
        stage.clock.advance(DAY)
        wide = stage.config(timeframe_months="SIX")
        second = stage.sync("organic_report", config=wide, state=first.state)
        now = stage.clock.now()
        expected = stage.expected("lumen_mill", now=now, since=report_truth.first_day(now, 6))

    assert second.error is None
    held = settled(table(first, second))
    assert held.items() >= settled(expected).items()
    assert days_of(second.rows("organic_report"), new) == between("2026-11-20", "2026-11-21")
    assert doomed not in tweets_of(second.rows("organic_report"))
    assert days_of(first.rows("organic_report"), doomed) == between("2026-10-11", "2026-11-20")
    lines = [line for line in second.said("INFO") if "X gives no analytics of" in line]
    assert lines == ["@lumen_mill: X gives no analytics of 1 post, which is left out (Not Found Error)."]


def test_after_a_pause_longer_than_the_timeframe_there_is_no_gap() -> None:
    with enterprise(ORIGINALS) as stage:
        first = stage.sync("organic_report")
        stage.clock.advance(200 * DAY)
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("lumen_mill", now=stage.clock.now(), since=date(2026, 8, 20))

    assert settled(table(first, second)) == settled(expected)


def test_killed_behind_any_message_the_next_sync_completes_the_first() -> None:
    with enterprise(ORIGINALS) as stage:
        config = stage.config(timeframe_months="SIX")
        whole = stage.sync("organic_report", config=config)
        expected = stage.expected("lumen_mill", since=report_truth.first_day(NOW, 6))
        for count in places_to_cut(whole):
            killed = cut(whole, count)
            resumed = stage.sync("organic_report", config=config, state=killed.state)
            assert resumed.error is None
            assert table(killed, resumed) == expected
            assert entry_of(resumed, stage) == entry_of(whole, stage)

    assert len(whole.states("organic_report")) >= 2


def test_from_the_engagement_api_to_analytics_the_report_starts_anew_and_says_so() -> None:
    with enterprise(KILN) as stage:
        first = stage.sync("organic_report", config=stage.config(api_access="ENGAGEMENT_API"))
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("tiny_kiln")

    assert second.by_key("organic_report") == expected
    assert any("came from another source (engagement_api)" in line for line in second.said("WARNING"))


# What X refuses ------------------------------------------------------------------------------------------------------


def refused_field(*names: str) -> Json:
    """Return X's refusal of fields that its older description does not have."""
    return {
        "errors": [
            {
                "parameters": {"analytics.fields": [name]},
                "message": f"The `analytics.fields` query parameter value [{name}] is not one of [id,impressions]",
            }
            for name in names
        ],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.x.com/2/problems/invalid-request",
    }


def test_fields_that_x_does_not_know_cost_themselves_alone() -> None:
    with enterprise(KILN) as stage:
        body = refused_field("timestamped_metrics", "shares", "unlikes")
        stage.simulator.faults.add(Fault(path=TWEET_ANALYTICS, status=400, body=body))
        output = stage.sync("organic_report")
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == {
        key: row | {"shares": None, "unlikes": None} for key, row in expected.items()
    }
    asked = [entry.query["analytics.fields"].split(",") for entry in stage.asked[1:]]
    assert all({"shares", "unlikes", "timestamped_metrics"}.isdisjoint(fields) for fields in asked)
    warnings = output.said("WARNING")
    assert warnings == ["X does not know shares, unlikes in its analytics: these columns are null."]


def test_a_refusal_of_something_else_is_an_error_and_not_asked_again() -> None:
    with enterprise(KILN) as stage:
        body = refused_field("x") | {"errors": [{"parameters": {"granularity": ["daily"]}, "message": "No"}]}
        stage.simulator.faults.add(Fault(path=TWEET_ANALYTICS, status=400, body=body))
        output = stage.sync("organic_report")

    assert output.failures[-1]["failure_type"] == "system_error"
    assert stage.statuses()[400] == 1


@pytest.mark.parametrize("apps", [(), ("main",)], ids=["no-contract", "contract"])
def test_an_app_without_a_contract_is_told_what_to_ask_x_for_and_the_other_streams_are_read(
    apps: tuple[str, ...],
) -> None:
    with enterprise(MILL, KILN, enterprise_apps=apps) as stage:
        output = stage.sync("tweets", "organic_report")

    assert output.statuses("tweets")[-1] == "COMPLETE"
    if apps:
        assert output.error is None
        return
    assert output.rows("organic_report") == []
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "analytics of tweets and media are part of X's Enterprise contracts" in final["message"]
    assert "ask your contact at X to add /2/tweets/analytics" in final["message"]
    # Those of either account that were under way when the first answer came.
    assert stage.statuses()[403] <= 2


def test_partial_errors_are_counted_in_a_line_and_cost_nothing_else() -> None:
    with enterprise(KILN, AccountSpec("rival", posts=3, owned=False)) as stage:
        foreign = stage.world.post_ids("rival", at=NOW)
        report = {
            "table_name": "named",
            "report_type": "tweet_analytics",
            "metrics": ["impressions"],
            "dimensions": ["tweet"],
            "tweets": {"selection": "ids", "ids": [*foreign, *stage.world.post_ids("tiny_kiln", at=NOW)[:2], "12"]},
        }
        output = stage.sync("named", config=stage.config(custom_reports=[report]))

    assert output.error is None
    assert len(output.rows("named")) == 2
    lines = [line for line in output.said("INFO") if "X gives no analytics of" in line]
    assert sorted(lines) == [
        "@tiny_kiln: X gives no analytics of 1 post, which is left out (Not Found Error).",
        "@tiny_kiln: X gives no analytics of 3 posts, which are left out (Authorization Error).",
    ]


def test_an_account_that_is_not_the_credentials_own_is_told_and_not_asked_about() -> None:
    with enterprise(KILN, AccountSpec("rival", posts=12, owned=False)) as stage:
        config = stage.config(sync_mode="SpecificAccounts", accounts=["@tiny_kiln", "@rival"])
        output = stage.sync("organic_report", config=config)
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == expected
    (warning,) = output.said("WARNING")
    assert warning.startswith("@rival: organic_report has no rows, because X shows analytics to the author alone")


@pytest.mark.parametrize("preset", ["internal_error", "unavailable_html", "truncated_body", "rate_limited"])
def test_what_passes_is_tried_again_and_leaves_no_trace_in_the_records(preset: str) -> None:
    with enterprise(KILN, **SKEW) as stage:
        stage.simulator.faults.add(Fault(preset, path=TWEET_ANALYTICS))
        output = stage.sync("organic_report")
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == expected


def test_small_windows_are_waited_for_without_a_refusal() -> None:
    with enterprise(BUSY, clock=PatientClock(NOW), rate_limits={TWEET_ANALYTICS: 2}, **SKEW) as stage:
        output = stage.sync("organic_report")
        waited = stage.clock.time() - NOW.timestamp()

    assert output.error is None
    assert len(stage.asked) > 2
    assert {entry.status for entry in stage.asked} == {200}
    assert waited > 900


def test_every_metric_of_analytics_has_a_column() -> None:
    with enterprise(KILN) as stage:
        output = stage.sync("organic_report")

    names = kind_of(ReportType.TWEET_ANALYTICS).metric_names
    row = output.rows("organic_report")[0]
    assert all(row[name] is not None for name in names)
    assert row["metrics_source"] == "x_api_analytics"
