"""What the Engagement API refuses, leaves out or breaks: what is asked again, what is not, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integration_tests.report_stage import HISTORICAL, ReportStage, ids_of, settled, table, tweets_of
from integration_tests.stage import NOW, SKEW
from x_simulator import AccountSpec, Fault, PatientClock

DAY = timedelta(days=1)
MILL = AccountSpec("lumen_mill", posts=50, posts_per_day=0.6, mix=("original", "video"))
KILN = AccountSpec("tiny_kiln", posts=25, posts_per_day=0.4, mix=("original",))


def test_one_foreign_tweet_rejects_its_batch_which_is_asked_once_more_without_it() -> None:
    with ReportStage(MILL) as stage:
        foreign = stage.world.post_ids("lumen_mill", at=NOW)[40]
        stage.simulator.faults.add(Fault("engagement_forbidden", path=HISTORICAL, ids=[foreign], times=None))
        output = stage.sync("organic_report")
        expected = stage.expected("lumen_mill")

    assert output.error is None
    assert output.by_key("organic_report") == {key: row for key, row in expected.items() if row["tweet_id"] != foreign}
    refused = [entry for entry in stage.asked if entry.status == 403]
    assert len(refused) == 1
    assert sum(foreign in ids_of(entry) for entry in stage.asked) == 1
    lines = [line for line in output.said("INFO") if "X gives no figures of" in line]
    assert lines == [
        f"@lumen_mill: X gives no figures of 1 tweet, which is left out (Forbidden to access tweets: {foreign})."
    ]


def test_foreign_tweets_cost_at_most_one_request_more_for_each_of_their_batches() -> None:
    with ReportStage(MILL) as stage:
        whole = stage.sync("organic_report")
        least = len(stage.asked)
        stage.forget()
        foreign = stage.world.post_ids("lumen_mill", at=NOW)[2::9]
        stage.simulator.faults.add(Fault("engagement_forbidden", path=HISTORICAL, ids=foreign, times=None))
        output = stage.sync("organic_report")

    assert output.error is None
    batches = -(-len(tweets_of(whole.rows("organic_report"))) // 25)
    assert stage.statuses()[403] <= batches
    assert len(stage.asked) <= least + batches
    assert tweets_of(output.rows("organic_report")) == tweets_of(whole.rows("organic_report")) - set(foreign)


def test_a_batch_that_is_refused_again_fails_that_slice_and_is_not_hammered() -> None:
    refusal = {"errors": ["Forbidden to access tweets: {}"]}
    with ReportStage(KILN) as stage:
        ids = stage.world.post_ids("tiny_kiln", at=NOW)
        for id_ in ids[:2]:
            body = {"errors": [refusal["errors"][0].format(id_)]}
            stage.simulator.faults.add(Fault(path=HISTORICAL, status=403, body=body, nth=1, times=1))
        output = stage.sync("organic_report")

    assert output.error is not None
    assert stage.statuses()[403] == 2
    assert output.failures[-1]["failure_type"] == "config_error"
    assert "the Engagement API shows tweets to their author alone" in output.failures[-1]["message"]


def test_a_batch_that_is_foreign_as_a_whole_is_left_out_without_a_second_request() -> None:
    with ReportStage(KILN) as stage:
        ids = stage.world.post_ids("tiny_kiln", at=NOW)
        stage.simulator.faults.add(Fault("engagement_forbidden", path=HISTORICAL, ids=ids, times=None))
        output = stage.sync("organic_report")

    assert output.error is None
    assert output.rows("organic_report") == []
    assert len(stage.asked) == 1


@pytest.mark.parametrize("share", [1, 3], ids=["all-of-them", "every-third"])
def test_tweets_that_x_does_not_have_any_more_are_left_out_and_counted(share: int) -> None:
    with ReportStage(KILN) as stage:
        gone = stage.world.post_ids("tiny_kiln", at=NOW)[::share]
        stage.simulator.faults.add(Fault("engagement_unavailable", path=HISTORICAL, ids=gone, times=None))
        output = stage.sync("organic_report")
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == {key: row for key, row in expected.items() if row["tweet_id"] not in gone}
    lines = [line for line in output.said("INFO") if "X gives no figures of" in line]
    said = f"{len(gone)} Tweet ID(s) are unavailable"
    assert lines == [f"@tiny_kiln: X gives no figures of {len(gone)} tweets, which are left out ({said})."]
    assert stage.statuses()[400] == (1 if share == 1 else 0)


def test_a_tweet_that_goes_between_two_syncs_leaves_its_rows_alone() -> None:
    with ReportStage(KILN) as stage:
        first = stage.sync("organic_report")
        gone = stage.world.post_ids("tiny_kiln", at=NOW)[12]
        stage.simulator.faults.add(Fault("engagement_unavailable", path=HISTORICAL, ids=[gone], times=None))
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("tiny_kiln", now=stage.clock.now())

    assert second.error is None
    assert gone not in tweets_of(second.rows("organic_report"))
    of_it = {key: row for key, row in settled(first.by_key("organic_report")).items() if row["tweet_id"] == gone}
    held = settled(table(first, second))
    assert of_it
    assert held.items() >= of_it.items()
    assert held == {key: row for key, row in settled(expected).items() if row["tweet_id"] != gone} | of_it


# What X will say again -----------------------------------------------------------------------------------------------

LASTING = [
    ("engagement_not_allowlisted", "X has to allow the app for the Engagement API; send the app's numeric id"),
    ("engagement_unauthenticated", "does not accept these credentials"),
    ("credits_depleted_new", "buy credits"),
]


@pytest.mark.parametrize(("preset", "words"), LASTING)
def test_what_lasts_is_asked_once_for_each_set_of_credentials_and_said_in_words(preset: str, words: str) -> None:
    with ReportStage(MILL, KILN) as stage:
        stage.simulator.faults.add(Fault(preset, path=HISTORICAL, account="tiny_kiln", times=None))
        output = stage.sync("tweets", "organic_report")
        expected = stage.expected("lumen_mill")

    assert output.by_key("organic_report") == expected
    assert len(output.rows("tweets")) > 25
    assert output.statuses("tweets")[-1] == "COMPLETE"
    assert output.statuses("organic_report")[-1] == "INCOMPLETE"
    refused = [entry for entry in stage.requests if entry.status != 200]
    # Those that were under way when the first answer came.
    assert 1 <= len(refused) <= 4
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert words in final["message"]
    assert "@tiny_kiln (organic_report)" in final["message"]
    assert "lumen_mill" not in final["message"]


def test_an_app_that_x_did_not_open_the_api_to_costs_one_request_and_the_other_streams_nothing() -> None:
    with ReportStage(KILN, engagement_apps=()) as stage:
        output = stage.sync("tweets", "tweet_insights", "organic_report")

    assert {name: output.statuses(name)[-1] for name in ("tweets", "tweet_insights", "organic_report")} == {
        "tweets": "COMPLETE",
        "tweet_insights": "COMPLETE",
        "organic_report": "INCOMPLETE",
    }
    assert stage.statuses()[403] == 1
    assert output.rows("organic_report") == []


PASSING = [
    Fault("engagement_internal_error", path=HISTORICAL, nth=2),
    Fault("engagement_proxy_error", path=HISTORICAL, nth=2),
    Fault("unavailable_html", path=HISTORICAL, nth=2),
    Fault("connection_reset", path=HISTORICAL, nth=2),
    Fault("truncated_body", path=HISTORICAL, nth=2),
    Fault("engagement_internal_error", path=HISTORICAL, nth=2, times=4),
    Fault("engagement_rate_limited", path=HISTORICAL, nth=2),
]


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{fault.preset}-{fault.times}")
def test_what_passes_is_tried_again_and_leaves_no_trace_in_the_records(fault: Fault) -> None:
    with ReportStage(KILN, **SKEW) as stage:
        stage.simulator.faults.add(fault)
        output = stage.sync("organic_report")
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == expected
    assert len(output.rows("organic_report")) == len(expected)


def test_what_does_not_pass_ends_the_slice_after_some_attempts_and_not_the_rest() -> None:
    with ReportStage(KILN, **SKEW) as stage:
        windows = len(stage.sync("organic_report").states("organic_report"))
        stage.forget()
        stage.simulator.faults.add(Fault("engagement_internal_error", path=HISTORICAL, times=None))
        output = stage.sync("organic_report")

    assert windows > 1
    assert output.failures[-1]["failure_type"] == "transient_error"
    assert stage.statuses()[500] == 6 * len({str(entry.body) for entry in stage.asked})


def test_an_answer_to_another_question_is_an_error_and_no_figures() -> None:
    with ReportStage(KILN) as stage:
        answer = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-29T00:00:00Z", "breakdown": {}}
        stage.simulator.faults.add(Fault(path=HISTORICAL, status=200, body=answer))
        output = stage.sync("organic_report")

    assert output.failures[-1]["failure_type"] == "system_error"
    assert "was asked for" in output.failures[-1]["message"]


# Whose tweets they are -----------------------------------------------------------------------------------------------


def test_an_account_that_is_not_the_credentials_own_is_told_and_not_asked_about() -> None:
    with ReportStage(KILN, AccountSpec("rival", posts=12, owned=False)) as stage:
        output = stage.sync(
            "tweets",
            "organic_report",
            config=stage.config(sync_mode="SpecificAccounts", accounts=["@tiny_kiln", "@rival"]),
        )
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == expected
    assert len(tweets_of_stream(output.rows("tweets"), stage.world.user_id("rival"))) == 12
    (warning,) = output.said("WARNING")
    assert warning.startswith("@rival: organic_report has no rows, because the Engagement API shows")
    assert stage.statuses().keys() == {200}


def tweets_of_stream(rows: list[dict[str, str]], account_id: str) -> list[str]:
    return [row["id"] for row in rows if row["account_id"] == account_id]


@pytest.mark.parametrize("command", ["check", "discover"])
def test_other_credentials_than_oauth1_are_refused_by_the_configuration(command: str) -> None:
    with ReportStage(KILN) as stage:
        config = stage.config(credentials=stage.simulator.oauth2("tiny_kiln"))
        if command == "check":
            status, message = stage.check(config).verdict
            assert status == "FAILED"
        else:
            with pytest.raises(Exception, match="oauth1") as refusal:
                stage.discover(config)
            message = str(refusal.value.message)  # type: ignore[attr-defined]

    assert "credentials.auth_type: must be oauth1, because ENGAGEMENT_API accepts no other way to sign in" in message
    assert stage.requests == []


# Limits --------------------------------------------------------------------------------------------------------------


def test_six_requests_a_minute_are_used_up_without_a_single_refusal() -> None:
    year = AccountSpec("lumen_mill", posts=250, posts_per_day=0.6, mix=("original",))
    with ReportStage(year, clock=PatientClock(NOW), rate_limits={HISTORICAL: 6}, **SKEW) as stage:
        output = stage.sync("organic_report", config=stage.config(timeframe_months="TWELVE"))
        entries = stage.asked

    assert output.error is None
    assert {entry.status for entry in entries} == {200}
    assert len(entries) > 60
    # The first six come at once, and the last ones may be fewer.
    full = len(entries) // 6 * 6
    assert full - 6 >= 0.95 * 6 * (entries[full - 1].time - entries[0].time) / 60


def test_each_set_of_credentials_has_its_own_allowance_and_does_not_wait_for_the_others() -> None:
    limits = {HISTORICAL: 2}
    with ReportStage(MILL, clock=PatientClock(NOW), rate_limits=limits, **SKEW) as stage:
        stage.sync("organic_report")
        alone = stage.clock.time() - NOW.timestamp()
    with ReportStage(MILL, KILN, clock=PatientClock(NOW), rate_limits=limits, **SKEW) as stage:
        output = stage.sync("organic_report")
        together = stage.clock.time() - NOW.timestamp()

    assert output.error is None
    assert {entry.status for entry in stage.asked} == {200}
    assert {entry.credential for entry in stage.asked} == {"oauth1:main:lumen_mill", "oauth1:main:tiny_kiln"}
    assert together == alone > 60


def test_what_other_programs_take_of_the_allowance_costs_one_refusal() -> None:
    with ReportStage(MILL, clock=PatientClock(NOW), rate_limits={HISTORICAL: 3}, **SKEW) as stage:
        stage.simulator.faults.add(Fault("engagement_rate_limited", path=HISTORICAL, nth=5))
        output = stage.sync("organic_report")
        expected = stage.expected("lumen_mill")

    assert output.error is None
    assert output.by_key("organic_report") == expected
    assert stage.statuses()[429] == 1
