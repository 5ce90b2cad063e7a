"""What the Ads API refuses or breaks: what is tried again, what is not, and that one failure never costs the others."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from integration_tests import ads_truth
from integration_tests.ads_stage import (
    ACCOUNT,
    ACCOUNTS,
    DRAFTS,
    FED,
    JOBS,
    OWN,
    RESULTS,
    SCHEDULED,
    STATISTICS,
    TWEETS,
    USERS,
    AdsStage,
    table,
)
from integration_tests.stage import NOW, SKEW, Json, Output
from source_x_organic.ads_api import reports
from source_x_organic.ads_api.jobs import MADE_AT_ONCE
from source_x_organic.ads_api.stats import REPORT_METRICS
from x_simulator import AccountSpec, AdsAccountSpec, Fault
from x_simulator.ads_api import jobs as simulated_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from x_simulator.ads_accounts import AdsAccount
    from x_simulator.journal import Entry

MILL = AccountSpec("lumen_mill", posts=40, posts_per_day=0.5, mix=("original", "video"))
KILN = AccountSpec("tiny_kiln", posts=20, posts_per_day=0.4, mix=("original",), owned=False)
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
KILN_ADS = AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), "Asia/Kolkata", admins=("lumen_mill",))
DAY = timedelta(days=1)
WINDOW = 900
METRICS = {*REPORT_METRICS.values()}


def ended(output: Output, streams: Iterable[str]) -> dict[str, str]:
    return {name: output.statuses(name)[-1] for name in streams}


def accounts_of(output: Output, stream: str) -> set[str]:
    return {row["ads_account_id"] for row in output.rows(stream)}


def assert_whole(output: Output, stage: AdsStage, *accounts: AdsAccount) -> None:
    """Check that the reports of these accounts came out, and that no row came twice."""
    expected: dict[str, Json] = {}
    for account in accounts:
        (user,) = account.users
        expected |= stage.report(account, user.account.username)
    of_them = {
        key: row
        for key, row in output.by_key("organic_report").items()
        if row["ads_account_id"] in {each.id for each in accounts}
    }
    assert of_them.keys() == expected.keys()
    assert of_them.items() >= {key: row for key, row in expected.items() if row["date"] < "2026-11-19"}.items()
    assert len(output.rows("organic_report")) == len(output.by_key("organic_report"))


# What X will say again -----------------------------------------------------------------------------------------------


def test_withdrawn_statistics_fail_the_report_alone_and_name_what_else_feeds_it() -> None:
    busy = AccountSpec("lumen_mill", posts=240, posts_per_day=8, mix=("original",))
    with AdsStage(busy, ads_accounts=[ADS], organic_entity=False) as stage:
        output = stage.sync(*FED, *OWN)

    assert ended(output, (*FED, *OWN)) == {**dict.fromkeys((*FED, *OWN), "COMPLETE"), "organic_report": "INCOMPLETE"}
    assert len(output.rows("tweets")) == 240
    assert output.rows("organic_report") == []
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "X has withdrawn organic statistics from the Ads API (undocumented since June 2026)" in final["message"]
    for access in ("X_API", "X_API_ENTERPRISE", "ENGAGEMENT_API"):
        assert access in final["message"]
    assert "(organic_report)" in final["message"]
    refused = [entry for entry in stage.requests if entry.status != 200]
    assert len(refused) == 1


def test_statistics_that_are_withdrawn_between_two_syncs_are_not_hammered_and_lose_nothing() -> None:
    busy = AccountSpec("lumen_mill", posts=240, posts_per_day=8, mix=("original",))
    with AdsStage(busy, ads_accounts=[ADS]) as stage:
        first = stage.sync("tweets", "organic_report")
        object.__setattr__(stage.simulator.application.ads_api.behaviour, "organic_entity", False)
        stage.clock.advance(DAY)
        stage.forget()
        second = stage.sync("tweets", "organic_report", state=first.state)
        account = stage.ads("Mill Ads")

    assert ended(second, ("tweets", "organic_report")) == {"tweets": "COMPLETE", "organic_report": "INCOMPLETE"}
    refused = [entry for entry in stage.requests if entry.status != 200]
    assert 1 <= len(refused) <= 16
    before = first.states("organic_report")[-1]["accounts"][account.id]
    after = second.states("organic_report")[-1]["accounts"][account.id]
    assert (after["cursor"], after["days"]) == (before["cursor"], before["days"])


def test_an_app_that_x_has_not_approved_is_told_once_for_everything() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], ads_apps=()) as stage:
        output = stage.sync(*FED, *OWN)

    assert ended(output, (*FED, *OWN)) == dict.fromkeys((*FED, *OWN), "INCOMPLETE")
    assert output.of_type("RECORD") == []
    assert len(stage.requests) == 1
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert final["message"].count("X has not approved the app for the Ads API") == 1
    assert "request access in X's developer console" in final["message"]


def test_credentials_that_see_no_ads_account_are_told_and_no_stream_looks_complete() -> None:
    with AdsStage(MILL) as stage:
        output = stage.sync(*FED, *OWN)

    assert ended(output, (*FED, *OWN)) == dict.fromkeys((*FED, *OWN), "INCOMPLETE")
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "X lists none for these credentials" in final["message"]
    assert "let the account's administrator add the user" in final["message"]


def test_beside_the_x_api_having_no_ads_account_is_a_warning() -> None:
    with AdsStage(MILL) as stage:
        output = stage.sync("tweets", *OWN, config=stage.config(api_access="X_API"))

    assert output.error is None
    assert ended(output, ("tweets", *OWN)) == dict.fromkeys(("tweets", *OWN), "COMPLETE")
    (warning,) = output.said("WARNING")
    assert warning.startswith("X lists no Ads account")


def test_revoked_tokens_are_told_and_other_credentials_go_on() -> None:
    kiln = AccountSpec("tiny_kiln", posts=20, posts_per_day=0.4, mix=("original",))
    own = AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), "Asia/Kolkata")
    with AdsStage(MILL, kiln, ads_accounts=[ADS, own]) as stage:
        stage.simulator.credentials.revoke_user("tiny_kiln")
        output = stage.sync(*FED, *OWN)
        mill = stage.ads("Mill Ads")

    assert_whole(output, stage, mill)
    assert len(output.rows("tweets")) == 40
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "tiny_kiln" in final["message"]
    assert "does not accept these credentials" in final["message"]
    assert sum(entry.status == 401 for entry in stage.requests) == 1


def test_an_account_without_a_role_costs_itself_and_the_other_is_read() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.simulator.faults.add(
            Fault("ads_no_role", path=f"/12/(?:stats/|stats/jobs/)?accounts/{kiln.id}.*", times=None)
        )
        output = stage.sync(*FED, *OWN)

    assert_whole(output, stage, mill)
    assert accounts_of(output, "tweets") == accounts_of(output, "scheduled_tweets") == {mill.id}
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert kiln.id in final["message"]
    assert mill.id not in final["message"]
    assert "has no role on the Ads account" in final["message"]
    assert sum(entry.status == 401 for entry in stage.requests) == 1


def test_a_role_that_does_not_reach_statistics_costs_the_report_of_that_account() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.simulator.faults.add(Fault("ads_no_role", path=f"/12/stats/.*{kiln.id}", times=None))
        output = stage.sync(*FED, *OWN)

    assert_whole(output, stage, mill)
    assert accounts_of(output, "tweets") == {mill.id, kiln.id}
    assert ended(output, (*FED, *OWN)) == {**dict.fromkeys((*FED, *OWN), "COMPLETE"), "organic_report": "INCOMPLETE"}
    assert f"Ads account {kiln.id} (Kiln Ads) (organic_report)" in output.failures[-1]["message"]
    # One listing of earlier jobs, one order: nothing is tried for each of its tweets.
    assert sum(entry.status == 401 for entry in stage.requests) <= 2


SHARED_ADS = [
    AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), admins=("lumen_mill",)),
    AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"), ("tiny_kiln", "RETWEETS_ONLY")), "Asia/Kolkata"),
]


def test_an_account_that_lists_no_tweets_costs_other_accounts_of_its_users_nothing() -> None:
    streams = ("twitter_user_history", "tweet", "organic_tweet_report")
    with AdsStage(MILL, KILN, ads_accounts=SHARED_ADS) as stage:
        config = stage.config(table_layout="fivetran")
        whole = stage.sync(*streams, config=config)
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.simulator.faults.add(Fault("ads_no_role", path=f"/12/accounts/{kiln.id}/tweets", times=None))
        stage.forget()
        output = stage.sync(*streams, config=config)
        tiny = stage.world.user_id("tiny_kiln")

    assert {row["account_id"] for row in whole.rows("organic_tweet_report")} == {mill.id, kiln.id}
    for stream in ("twitter_user_history", "organic_tweet_report"):
        assert output.by_key(stream).keys() == whole.by_key(stream).keys()
    assert output.by_key("tweet").keys() == whole.by_key("tweet").keys()
    assert {row["account_id"] for row in output.rows("tweet") if row["user_id"] == tiny} == {mill.id}
    asked = [(entry.account, entry.status) for entry in stage.requests_to(TWEETS) if entry.query["user_id"] == tiny]
    assert asked == [(kiln.id, 401), (mill.id, 200)]
    # What refuses is told as before.
    assert ended(output, streams) == dict.fromkeys(streams, "INCOMPLETE")
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert f"user {tiny} of Ads account {kiln.id} (Kiln Ads)" in final["message"]
    assert "has no role on the Ads account" in final["message"]
    assert mill.id not in final["message"]


def test_a_user_is_found_by_name_through_any_account() -> None:
    with AdsStage(MILL, KILN, ads_accounts=SHARED_ADS) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.simulator.faults.add(Fault("ads_no_role", path=f"/12/accounts/{kiln.id}/tweets", times=None))
        output = stage.sync("tweets", config=stage.config(sync_mode="SpecificAccounts", accounts=["@tiny_kiln"]))

    assert len(output.rows("tweets")) == 20
    assert accounts_of(output, "tweets") == {mill.id}
    assert kiln.id in output.failures[-1]["message"]


def test_a_user_whom_no_account_lists_is_missing_in_all_of_them() -> None:
    with AdsStage(MILL, KILN, ads_accounts=SHARED_ADS) as stage:
        tiny = stage.world.user_id("tiny_kiln")
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        body = {"errors": [{"code": "ACTION_NOT_ALLOWED", "message": "Not for you"}]}
        for account in (mill, kiln):
            path = f"/12/accounts/{account.id}/tweets"
            stage.simulator.faults.add(Fault(path=path, times=None, status=403, body=body))
        output = stage.sync("tweets", "organic_report")

    assert output.of_type("RECORD") == []
    final = output.failures[-1]["message"]
    for account in (mill, kiln):
        assert f"user {tiny} of Ads account {account.id}" in final
    assert stage.requests_to("/12/stats/.*") == []


def test_an_account_that_is_gone_since_the_listing_costs_itself() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.simulator.faults.add(Fault("ads_account_not_found", path=f"/12/accounts/{kiln.id}/.*", times=None))
        output = stage.sync(*FED, *OWN)

    assert_whole(output, stage, mill)
    final = output.failures[-1]
    assert "the Ads account was closed, or its id is wrong" in final["message"]
    assert kiln.id in final["message"]
    assert mill.id not in final["message"]


def test_a_closed_account_that_is_named_is_told() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.world.ads.close(kiln.id)
        config = stage.config(sync_mode="SpecificAccounts", accounts=[mill.id, kiln.id])
        output = stage.sync(*FED, *OWN, config=config)

    assert_whole(output, stage, mill)
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert kiln.id in final["message"]
    assert "was closed" in final["message"]


@pytest.mark.parametrize("happens", ["suspend", "delete_account"])
def test_a_user_who_is_not_there_any_more_is_a_warning_and_costs_nothing_else(happens: str) -> None:
    both = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"), ("tiny_kiln", "RETWEETS_ONLY")))
    with AdsStage(MILL, KILN, ads_accounts=[both]) as stage:
        getattr(stage.world, happens)("tiny_kiln")
        output = stage.sync(*FED, *OWN)
        account = stage.ads("Mill Ads")
        expected = stage.report(account, "lumen_mill")
        lumen, tiny = stage.world.user_id("lumen_mill"), stage.world.user_id("tiny_kiln")

    assert output.error is None
    assert ended(output, (*FED, *OWN)) == dict.fromkeys((*FED, *OWN), "COMPLETE")
    assert output.by_key("organic_report").keys() == expected.keys()
    assert {row["account_id"] for row in output.rows("tweets")} == {lumen}
    assert {row["account_id"] for row in output.rows("promotable_users")} == {lumen, tiny}
    warnings = output.said("WARNING")
    assert len(warnings) == 3  # of tweets, of scheduled tweets, of drafts
    assert all(tiny in line and "may be suspended, deleted" in line for line in warnings)


VIDEOS = {
    "video_views",
    "video_content_starts",
    "video_views_25",
    "video_views_50",
    "video_views_75",
    "video_views_100",
    "video_3s100pct_views",
    "video_6s_views",
    "video_15s_views",
    "video_cta_clicks",
}


@pytest.mark.parametrize(
    ("groups", "is_null"),
    [(("ENGAGEMENT",), lambda name: name in VIDEOS), (("VIDEO",), lambda name: name in METRICS - VIDEOS)],
)
def test_a_group_of_metrics_that_x_refuses_costs_its_columns_alone(
    groups: tuple[str, ...], is_null: Callable[[str], bool]
) -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS], organic_groups=groups) as stage:
        checked = stage.check()
        stage.forget()
        first = stage.sync("organic_report")
        refused = Counter(str(entry.account) for entry in stage.requests if entry.status == 400)
        stage.forget()
        second = stage.sync("organic_report", state=first.state)
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        expected = stage.report(mill, "lumen_mill") | stage.report(kiln, "tiny_kiln")

    assert checked.verdict == ("SUCCEEDED", "")
    assert first.error is second.error is None
    nulled: dict[str, Json] = {
        key: {name: None if is_null(name) else value for name, value in row.items()} for key, row in expected.items()
    }
    rows = first.by_key("organic_report")
    assert {key: row for key, row in rows.items() if row["date"] < "2026-11-19"} == {
        key: row for key, row in nulled.items() if row["date"] < "2026-11-19"
    }
    assert rows.keys() == nulled.keys()
    # Only jobs that were ordered at the same time meet the refusal, and X is asked at once by the second sync.
    assert refused.keys() == {mill.id, kiln.id}
    assert max(refused.values()) <= MADE_AT_ONCE
    assert stage.requests_to(STATISTICS)
    assert all(row[name] is None for row in second.rows("organic_report") for name in row if is_null(name))
    for output in (checked, first, second):
        warnings = output.said("WARNING")
        assert len(warnings) == 2
        assert all("their columns are null" in line for line in warnings)


def test_a_group_of_metrics_that_x_refuses_is_null_in_fivetrans_tables_too() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], organic_groups=("ENGAGEMENT",)) as stage:
        output = stage.sync("organic_tweet_report", config=stage.config(table_layout="fivetran"))

    assert output.error is None
    output.assert_valid()
    rows = output.rows("organic_tweet_report")
    assert {row["video_total_views"] for row in rows} == {None}
    assert None not in {row["likes"] for row in rows}


def test_one_tweet_that_x_refuses_statistics_of_costs_that_tweet_alone() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        account = stage.ads("Mill Ads")
        expected = stage.report(account, "lumen_mill")
        refused = sorted({row["tweet_id"] for row in expected.values()})[3]
        with stage.hidden(refused):
            output = stage.sync("organic_report")

    assert output.error is None
    assert {row["tweet_id"] for row in output.rows("organic_report")} == {
        row["tweet_id"] for row in expected.values()
    } - {refused}
    (warning,) = output.said("WARNING")
    assert refused in warning
    assert output.states("organic_report")[-1]["accounts"][account.id]["cursor"] == "2026-11-20"
    # Twenty, then halves of it: found in a few orders.
    assert sum(entry.status == 400 for entry in stage.requests) <= 6


def test_a_question_that_x_finds_too_complex_is_asked_in_parts() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        body = {"errors": [{"code": "REQUEST_TOO_COMPLEX", "message": "Too much at once"}]}
        stage.simulator.faults.add(Fault(path=JOBS, method="POST", nth=1, status=400, body=body))
        output = stage.sync("organic_report")
        first = stage.made()[0].query["entity_ids"].split(",")
        parts = [entry.query["entity_ids"].split(",") for entry in stage.made()[1:]]

    assert output.error is None
    assert_whole(output, stage, stage.ads("Mill Ads"))
    assert first[:10] in parts
    assert first[10:] in parts


def test_a_question_about_one_tweet_that_x_finds_too_complex_is_asked_in_spans() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0, most_tweet_days=20, **SKEW) as stage:
        first = stage.sync("organic_report")
        account = stage.ads("Mill Ads")
        assert_whole(first, stage, account)
        stage.forget()
        again = stage.sync("organic_report", state=first.state)
        stage.forget()
        stage.clock.advance(DAY)
        object.__setattr__(stage.simulator.application.ads_api.behaviour, "most_tweet_days", 3)
        second = stage.sync("organic_report", state=again.state)
        expected = stage.report(account, "lumen_mill", now=stage.clock.now())

    assert first.error is again.error is second.error is None
    assert first.states("organic_report")[-1]["accounts"][account.id]["days"] == [["2026-08-20", "2026-11-20"]]
    assert table(first, again, second).keys() >= expected.keys()
    # The second sync asks the endpoint that answers at once, in spans of at most three days of a tweet.
    asked = [entry for entry in stage.requests_to(STATISTICS) if entry.status == 200]
    assert asked
    assert second.states("organic_report")[-1]["accounts"][account.id]["days"] == [["2026-08-20", "2026-11-21"]]


# What passes ---------------------------------------------------------------------------------------------------------


PATHS = (ACCOUNTS, ACCOUNT, USERS, TWEETS, SCHEDULED, DRAFTS, JOBS, RESULTS)


@pytest.mark.parametrize("preset", ["unavailable_html", "ads_internal_error", "bad_gateway_empty", "connection_reset"])
def test_what_passes_is_tried_again_and_leaves_no_trace(preset: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        for path in PATHS:
            stage.simulator.faults.add(Fault(preset, path=path, times=2))
        output = stage.sync(*FED, *OWN)
        account = stage.ads("Mill Ads")

    assert output.error is None
    assert_whole(output, stage, account)
    assert output.by_key("ads_accounts") == {account.id: ads_truth.ads_account(account)}
    assert output.by_key("draft_tweets") == ads_truth.drafts(stage.world, account)
    assert len(output.rows("tweets")) == 40
    failed = Counter(entry.endpoint for entry in stage.requests if entry.status != 200)
    assert set(failed.values()) == {2}
    assert len(failed) == len(PATHS)


def test_statistics_at_once_that_fail_in_passing_are_tried_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.clock.advance(DAY)
        stage.simulator.faults.add(Fault("ads_unavailable_timeout", path=STATISTICS, times=3))
        second = stage.sync("organic_report", state=first.state)

    assert second.error is None
    assert len({row["date"] for row in second.rows("organic_report")}) == 9


def test_a_fault_that_does_not_pass_ends_the_account_after_some_attempts() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.simulator.faults.add(Fault("unavailable_html", path=TWEETS, account=kiln.id, times=None))
        output = stage.sync(*FED, *OWN)

    assert_whole(output, stage, mill)
    assert sum(entry.status == 503 for entry in stage.requests) == 6
    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert kiln.id in final["message"]
    assert mill.id not in final["message"]
    assert "<" not in final["message"]
    # Neither rows nor a state pretend that there was nothing to read.
    assert output.states("organic_report")[-1]["accounts"].keys() == {mill.id}
    assert stage.world.user_id("tiny_kiln") not in output.states("tweets")[-1]["accounts"]


def test_one_user_who_cannot_be_listed_costs_the_report_that_user_alone_and_the_history_comes_later() -> None:
    both = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"), ("tiny_kiln", "RETWEETS_ONLY")))
    with AdsStage(MILL, KILN, ads_accounts=[both]) as stage:
        # The first of the two listings fails for good.
        body = {"errors": [{"code": "NOT_FOUND", "message": "There is no such thing"}]}
        stage.simulator.faults.add(Fault(path=TWEETS, nth=1, status=403, body=body))
        first = stage.sync("organic_report")
        stage.simulator.faults.clear()
        second = stage.sync("organic_report", state=first.state)
        account = stage.ads("Mill Ads")
        expected = stage.report(account, "lumen_mill", "tiny_kiln")

    assert first.error is not None
    assert len({row["account_id"] for row in first.rows("organic_report")}) == 1
    assert second.error is None
    assert (first.by_key("organic_report") | second.by_key("organic_report")).keys() == expected.keys()


def test_an_answer_that_fits_nothing_that_was_asked_is_an_error_and_no_rows() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.clock.advance(DAY)
        (newest, *_) = stage.world.post_ids("lumen_mill", at=NOW)
        shifted = {"data": [{"id": newest, "id_data": [{"segment": None, "metrics": {"likes": [1, 2]}}]}]}
        stage.simulator.faults.add(Fault(path=STATISTICS, times=None, status=200, body=shifted))
        second = stage.sync("organic_report", state=first.state)
        account = stage.ads("Mill Ads")

    assert second.rows("organic_report") == []
    assert second.failures[-1]["failure_type"] == "system_error"
    before = first.states("organic_report")[-1]["accounts"][account.id]
    after = second.states("organic_report")[-1]["accounts"][account.id]
    assert (after["cursor"], after["days"]) == (before["cursor"], before["days"])


# Rate limits ---------------------------------------------------------------------------------------------------------


def refusals(entries: Iterable[Entry]) -> Counter[tuple[str | None, str | None, int]]:
    """Count 429s by credentials, endpoint and window of 15 minutes since the start."""
    return Counter(
        (entry.credential, entry.endpoint, int((entry.time - NOW.timestamp()) // WINDOW))
        for entry in entries
        if entry.status == 429
    )


def test_windows_of_the_user_and_of_the_account_are_waited_for_without_a_refusal() -> None:
    small = {
        "/12/accounts/:id/tweets": 1,
        "/12/accounts/:id/scheduled_tweets": 1,
        "/12/accounts/:id/draft_tweets": 1,
        "/12/accounts/:id": 1,
        "POST /12/stats/jobs/accounts/:id": 1,
    }
    both = (("lumen_mill", "FULL"), ("tiny_kiln", "RETWEETS_ONLY"))
    ads = [
        AdsAccountSpec("Mill Ads", both),
        AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), admins=("lumen_mill",)),
    ]
    with AdsStage(MILL, KILN, ads_accounts=ads, rate_limits=small, **SKEW) as stage:
        output = stage.sync(*FED, *OWN)
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")

    assert output.error is None
    assert refusals(stage.requests) == Counter()
    assert output.by_key("draft_tweets") == ads_truth.drafts(stage.world, mill) | ads_truth.drafts(stage.world, kiln)
    expected = stage.report(mill, "lumen_mill") | stage.report(kiln, "tiny_kiln")
    assert output.by_key("organic_report").keys() >= expected.keys()
    assert stage.clock.time() - NOW.timestamp() >= WINDOW


def test_one_accounts_window_does_not_hold_up_the_other() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS], **SKEW) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        limits = stage.simulator.application.rate_limits
        limits.exhaust(f"ads:{kiln.id}", "/12/accounts/:id/scheduled_tweets", 2000)
        output = stage.sync("scheduled_tweets")

    assert output.error is None
    assert accounts_of(output, "scheduled_tweets") == {mill.id, kiln.id}
    by_account = {entry.account: entry.time for entry in stage.requests_to(SCHEDULED) if entry.status == 200}
    assert refusals(stage.requests).total() == 1
    assert by_account[kiln.id] - NOW.timestamp() >= WINDOW


@pytest.mark.parametrize("path", [ACCOUNTS, USERS, TWEETS, JOBS, STATISTICS])
def test_a_window_that_somebody_else_used_up_costs_one_refusal(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if path == STATISTICS:
        monkeypatch.setattr(reports, "LONGEST_JOB_WINDOW", 7)
    with AdsStage(MILL, ads_accounts=[ADS], **SKEW) as stage:
        stage.simulator.faults.add(Fault("ads_rate_limited", path=path))
        output = stage.sync("organic_report")

    assert output.error is None
    assert output.by_key("organic_report").keys() >= stage.report(stage.ads("Mill Ads"), "lumen_mill").keys()
    assert refusals(stage.requests).total() == 1
    refused = next(place for place, entry in enumerate(stage.requests) if entry.status == 429)
    assert stage.requests[refused + 1].time >= stage.requests[refused].time + WINDOW


def test_many_statistics_wait_for_the_window_of_the_user_and_are_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LONGEST_JOB_WINDOW", 7)
    with AdsStage(MILL, ads_accounts=[ADS], rate_limits={"/12/stats/accounts/:id": 10}, **SKEW) as stage:
        output = stage.sync("organic_report")

    assert output.error is None
    assert refusals(stage.requests) == Counter()
    asked = [entry.time for entry in stage.requests_to(STATISTICS)]
    assert len(asked) > 10
    assert asked[-1] - asked[0] >= WINDOW


# Warnings ------------------------------------------------------------------------------------------------------------


def test_what_x_warns_of_in_a_header_is_told_once_for_each_text() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        stage.simulator.faults.add(Fault("ads_deprecated", path=TWEETS, times=None))
        stage.simulator.faults.add(Fault("ads_deprecated", path=DRAFTS, times=None, body="Drafts will go away."))
        output = stage.sync(*FED, *OWN)

    assert output.error is None
    assert len(stage.requests_to(TWEETS)) == len(stage.requests_to(DRAFTS)) == 2
    told = "X warns about what the connector asks for: {}. Look for a newer version of it."
    assert sorted(output.said("WARNING")) == [
        told.format("Drafts will go away"),
        told.format("This version of the API is deprecated"),
    ]


# Secrets -------------------------------------------------------------------------------------------------------------


def test_no_secret_and_no_signature_is_in_anything_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made = simulated_jobs._object

    def with_query(*arguments: Any) -> Json:  # noqa: ANN401 - as it was
        job = made(*arguments)
        return job | {"url": f"{job['url']}?signature=s1gned-by-the-host&expires=17"} if job["url"] else job

    monkeypatch.setattr(simulated_jobs, "_object", with_query)
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.faults.add(Fault("truncated_body", path=RESULTS, nth=1))
        stage.simulator.faults.add(Fault("unavailable_text", path=RESULTS, nth=2, times=None))
        stage.simulator.faults.add(Fault("unavailable_text", path=TWEETS))
        stage.simulator.faults.add(Fault("connection_reset", path=DRAFTS, times=None))
        config = stage.config()
        output = stage.sync(*FED, *OWN, config=config)
        looked_up = {entry.query.get("signature") for entry in stage.requests_to(RESULTS)}

    assert output.error is not None
    assert looked_up == {"s1gned-by-the-host"}
    said = json.dumps(output.messages) + json.dumps(output.logs)
    for secret in (
        *(value for name, value in config["credentials"].items() if name != "auth_type"),
        "s1gned-by-the-host",
        "oauth_signature",
    ):
        assert secret not in said
