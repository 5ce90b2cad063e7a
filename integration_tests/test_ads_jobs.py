"""Reports that X makes in the background: no more at once than X lets run, none twice, and none lost."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from integration_tests.ads_stage import JOBS, RESULTS, AdsStage, table
from integration_tests.stage import NOW, Json, Output
from source_x_organic.ads_api import reports
from x_simulator import AccountSpec, AdsAccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from x_simulator.ads_api.job_ledger import Job

MILL = AccountSpec("lumen_mill", posts=24, posts_per_day=0.5, mix=("original", "video"))
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
RUNNING = {"QUEUED", "PROCESSING"}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two tweets be a batch: twelve jobs of a small world."""
    monkeypatch.setattr(reports, "LARGEST_BATCH", 2)


def jobs_of(stage: AdsStage) -> list[Job]:
    return list(stage.simulator.ads_jobs)


def most_at_once(stage: AdsStage) -> int:
    """Return how many jobs ran at the same time at most."""
    jobs = jobs_of(stage)
    return max(sum(other.created_ms <= job.created_ms < other.ends_ms for other in jobs) for job in jobs)


def seconds_passed(stage: AdsStage) -> float:
    return stage.clock.time() - NOW.timestamp()


def when(stage: AdsStage, monkeypatch: pytest.MonkeyPatch, seconds: float, action: Callable[[], object]) -> None:
    """Let something happen when so many seconds have passed."""
    advance = stage.clock.advance
    due = stage.clock.time() + seconds
    left = [action]

    def advance_and_act(step: float | timedelta) -> None:
        advance(step)
        if left and stage.clock.time() >= due:
            left.pop()()

    monkeypatch.setattr(stage.clock, "advance", advance_and_act)


def assert_whole(output: Output, stage: AdsStage) -> None:
    """Check that every row of the report came out, once."""
    expected = stage.report(stage.ads("Mill Ads"), "lumen_mill")
    assert output.error is None
    assert output.by_key("organic_report").keys() == expected.keys()
    assert len(output.rows("organic_report")) == len(expected)
    before = {key: row for key, row in expected.items() if row["date"] < "2026-11-20"}
    assert output.by_key("organic_report").items() >= before.items()


# The queue -----------------------------------------------------------------------------------------------------------


def test_a_ceiling_is_filled_and_never_passed() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_ceiling=5) as stage:
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 12
    assert stage.statuses().keys() == {200}
    assert most_at_once(stage) == 5
    # Twelve jobs of two seconds, five at a time: three rounds.
    assert seconds_passed(stage) <= 1.2 * 3 * 2


def test_under_the_usual_ceiling_all_are_made_at_once_and_asked_after_together() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert {entry.time for entry in stage.made()} == {NOW.timestamp()}
    assert seconds_passed(stage) <= 2.4
    asked = [entry.query["job_ids"].split(",") for entry in stage.polls()]
    assert {len(ids) for ids in asked} == {12}
    assert {entry.query["count"] for entry in stage.polls()} == {"200"}
    # One listing before the first job: another sync may have left some.
    assert len(stage.requests_to(JOBS)) == 12 + len(asked) + 1


def test_more_jobs_than_one_request_may_ask_after_are_asked_after_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LARGEST_BATCH", 1)
    many = AccountSpec("lumen_mill", posts=210, posts_per_day=40, mix=("original",))
    with AdsStage(many, ads_accounts=[ADS], job_ceiling=300) as stage:
        monkeypatch.setattr(reports, "MOST_SYNCHRONOUS", 0)
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 210
    assert {len(entry.query["job_ids"].split(",")) for entry in stage.polls()} == {200, 10}
    assert stage.statuses().keys() == {200}


def test_slow_jobs_are_asked_after_less_and_less_often() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=1200) as stage:
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    times = [entry.time for entry in stage.polls()]
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == sorted(waits)
    assert waits[-1] == 15
    assert len(times) < 150
    assert seconds_passed(stage) <= 1220


def test_every_ads_account_has_a_queue_of_its_own() -> None:
    kiln = AccountSpec("tiny_kiln", posts=24, posts_per_day=0.5, mix=("original",), owned=False)
    other = AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), admins=("lumen_mill",))
    with AdsStage(MILL, kiln, ads_accounts=[ADS, other], job_ceiling=5) as stage:
        output = stage.sync("organic_report")

    assert output.error is None
    assert len(stage.made()) == 24
    assert stage.statuses().keys() == {200}
    assert most_at_once(stage) > 5


def test_jobs_of_other_tools_are_let_run_and_places_are_taken_as_they_become_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_ceiling=5) as stage:
        account = stage.ads("Mill Ads")
        stage.simulator.ads_jobs.foreign(account.id, 3)
        when(stage, monkeypatch, 5, lambda: stage.simulator.ads_jobs.foreign(account.id, 0))
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert stage.statuses().keys() == {200}
    assert most_at_once(stage) == 5
    assert most_at_once_before(stage, 4.5) == 2
    assert len(stage.made()) == 12


def most_at_once_before(stage: AdsStage, seconds: float) -> int:
    jobs = [job for job in jobs_of(stage) if job.created_ms < (NOW.timestamp() + seconds) * 1000]
    return max(sum(other.created_ms <= job.created_ms < other.ends_ms for other in jobs) for job in jobs)


def test_a_ceiling_that_other_tools_use_up_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_ceiling=5) as stage:
        account = stage.ads("Mill Ads")
        stage.simulator.ads_jobs.foreign(account.id, 5)
        when(stage, monkeypatch, 600, stage.simulator.ads_jobs.release)
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    refused = [entry.time for entry in stage.made() if entry.status == 400]
    assert 1 <= len(refused) <= 20
    assert all(later - earlier >= 5 for earlier, later in pairwise(refused))
    assert len(stage.made()) == 12 + len(refused)


def test_a_ceiling_that_stays_used_up_ends_with_words() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_ceiling=5) as stage:
        stage.simulator.ads_jobs.foreign(stage.ads("Mill Ads").id, 5)
        output = stage.sync("tweets", "organic_report")

    assert len(output.rows("tweets")) == 24
    assert output.rows("organic_report") == []
    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert stage.ads("Mill Ads").id in final["message"]
    assert "as many statistics jobs under way at X as it may have" in final["message"]
    assert 1800 <= seconds_passed(stage) <= 2000


def test_a_refusal_for_too_many_jobs_costs_no_report() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.faults.add(Fault("ads_too_many_jobs", path=JOBS, method="POST", nth=4, times=3))
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 12 + 3
    assert len(jobs_of(stage)) == 12


# What goes wrong with a job ------------------------------------------------------------------------------------------


def test_a_job_that_fails_is_made_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.ads_jobs.fail(3)
        stage.simulator.ads_jobs.fail(13)
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 14
    assert (
        sum("X ended the report with the state FAILED; asking for it again" in line for line in output.said("INFO"))
        == 2
    )


def test_a_job_that_somebody_cancels_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        when(stage, monkeypatch, 1, lambda: stage.simulator.ads_jobs.cancel(jobs_of(stage)[5]))
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 13


def test_a_job_that_fails_over_and_over_is_given_up_and_the_others_are_read() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        (newest, *_) = stage.world.post_ids("lumen_mill")
        stage.simulator.ads_jobs.fail(lambda job: newest in job.question.entity_ids, times=10)
        output = stage.sync("tweets", "organic_report")
        account = stage.ads("Mill Ads")

    assert len(output.rows("tweets")) == 24
    assert sum(newest in entry.query["entity_ids"] for entry in stage.made()) == 3
    lost = set(stage.made()[-1].query["entity_ids"].split(","))
    expected = stage.report(account, "lumen_mill")
    assert {row["tweet_id"] for row in output.rows("organic_report")} == {
        row["tweet_id"] for row in expected.values()
    } - lost
    assert output.statuses("organic_report")[-1] == "INCOMPLETE"
    assert output.statuses("tweets")[-1] == "COMPLETE"
    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert f"Ads account {account.id} (Mill Ads) (organic_report)" in final["message"]
    assert "X ended the report with the state FAILED" in final["message"]


def test_a_job_that_x_never_finishes_is_given_up_on() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=lambda number: 10**6 if number == 2 else 2) as stage:
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 13
    assert 7200 <= seconds_passed(stage) <= 7300
    # The others were done in seconds; that is no reason to ask after this one as often.
    assert len(stage.polls()) < 700


def test_a_job_that_x_does_not_list_any_more_is_made_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        lost: Json = {"data": [], "next_cursor": None, "request": {"params": {}}}
        stage.simulator.faults.add(Fault(path=JOBS, method="GET", nth=2, times=60, status=200, body=lost))
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 24
    assert seconds_passed(stage) >= 30


def test_a_result_that_has_expired_is_made_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.ads_jobs.expire(times=2)
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 14
    assert sorted(entry.status for entry in stage.requests_to(RESULTS)) == [200] * 12 + [404] * 2


def test_a_result_that_expires_over_and_over_is_given_up() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        (newest, *_) = stage.world.post_ids("lumen_mill")
        stage.simulator.ads_jobs.expire(lambda job: newest in job.question.entity_ids, times=10)
        output = stage.sync("organic_report")

    assert sum(newest in entry.query["entity_ids"] for entry in stage.made()) == 3
    assert len(stage.made()) == 14
    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert stage.ads("Mill Ads").id in final["message"]
    assert "X no longer keeps the result" in final["message"]


@pytest.mark.parametrize("preset", ["ads_answer_lost", "connection_reset", "truncated_body"])
def test_a_job_whose_answer_is_lost_is_not_made_twice(preset: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.faults.add(Fault(preset, path=JOBS, method="POST", nth=2, times=2))
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 12
    assert len(jobs_of(stage)) == 12


def test_a_job_that_x_did_not_make_is_asked_for_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.faults.add(Fault("ads_unavailable_timeout", path=JOBS, method="POST", nth=2, times=2))
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 12 + 2
    assert len(jobs_of(stage)) == 12


@pytest.mark.parametrize("fault", ["truncated_body", "connection_reset", "unavailable_text"])
def test_a_result_that_breaks_off_is_fetched_again_and_no_row_comes_twice(fault: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.faults.add(Fault(fault, path=RESULTS, nth=3, times=2))
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 12
    assert len(stage.requests_to(RESULTS)) == 14


def test_results_that_always_break_off_cost_their_own_tweets() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.faults.add(Fault("truncated_body", path=RESULTS, times=None))
        output = stage.sync("tweets", "organic_report")

    assert len(output.rows("tweets")) == 24
    assert output.rows("organic_report") == []
    assert len(stage.requests_to(RESULTS)) == 12 * 3
    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert "in the middle of the result file" in final["message"]
    # State stays behind: nothing is marked as done.
    assert output.states("organic_report")[-1]["accounts"] == {}


def test_looks_that_fail_in_passing_cost_nothing() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.faults.add(Fault("unavailable_html", path=JOBS, method="GET", nth=2, times=3))
        output = stage.sync("organic_report")

    assert_whole(output, stage)
    assert len(stage.made()) == 12


# Jobs of an interrupted sync -----------------------------------------------------------------------------------------


def test_jobs_of_an_interrupted_sync_are_used_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=120) as stage:
        refused: Json = {"errors": [{"code": "UNAUTHORIZED_ACCESS", "message": "Not any more"}]}
        # Nobody may look at the jobs: the sync ends while they run.
        stage.simulator.faults.add(Fault(path=JOBS, method="GET", nth=2, times=None, status=401, body=refused))
        broken = stage.sync("organic_report")
        made = len(stage.made())
        stage.simulator.faults.clear()
        stage.forget()
        resumed = stage.sync("organic_report", state=broken.state)

    assert broken.error is not None
    assert made == 12
    assert stage.made() == []
    assert_whole(resumed, stage)


def test_results_of_an_interrupted_sync_are_used_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.sync("organic_report")
        stage.forget()
        stage.clock.advance(timedelta(minutes=50))
        again = stage.sync("organic_report")

    assert stage.made() == stage.polls() == []
    assert_whole(again, stage)
    assert len(stage.requests_to(RESULTS)) == 12


def test_results_whose_days_were_not_over_are_not_used_hours_later() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        first = stage.sync("organic_report", config=stage.config(timeframe_months="SIX"))
        windows = {entry.query["end_time"][:10] for entry in stage.made()}
        stage.forget()
        stage.clock.advance(timedelta(hours=3))
        again = stage.sync("organic_report", config=stage.config(timeframe_months="SIX"))
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        expected = stage.report(account, "lumen_mill", now=now)

    assert windows == {"2026-11-21"}
    assert len(stage.made()) == 12
    assert again.by_key("organic_report") == expected
    assert table(first, again) == expected


def test_results_of_days_that_are_final_are_used_as_long_as_x_keeps_them() -> None:
    old = AccountSpec("lumen_mill", posts=40, posts_per_day=0.3, mix=("original",))
    with AdsStage(old, ads_accounts=[ADS], job_seconds=0) as stage:
        config = stage.config(timeframe_months="SIX")
        stage.sync("organic_report", config=config)
        stage.forget()
        stage.clock.advance(timedelta(hours=3))
        again = stage.sync("organic_report", config=config)
        ends = [entry.query["end_time"][:10] for entry in stage.made()]
        stage.forget()
        stage.clock.advance(timedelta(hours=60))
        late = stage.sync("organic_report", config=config)

    assert again.error is late.error is None
    # The first window ended today; the one before it had been over for months.
    assert set(ends) == {"2026-11-21"}
    assert {row["date"] for row in again.rows("organic_report")} > {"2026-08-01"}
    assert len({entry.query["end_time"][:10] for entry in stage.made()}) == 2
    assert late.by_key("organic_report").keys() > again.by_key("organic_report").keys()


def test_jobs_that_other_tools_made_of_the_account_are_not_mistaken_for_ours() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        for job in jobs_of(stage):
            object.__setattr__(job.question, "granularity", "TOTAL")
        stage.forget()
        again = stage.sync("organic_report")

    assert first.error is None
    assert len(stage.made()) == 12
    assert_whole(again, stage)
