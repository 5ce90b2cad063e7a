"""`organic_report` from one sync to the next: what is asked again, what is not, and what an interruption costs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests import ads_truth
from integration_tests.ads_stage import JOBS, STATISTICS, AdsStage, asked_days, table
from integration_tests.stage import NOW, Json, Output
from x_simulator import AccountSpec, AdsAccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from x_simulator.ads_accounts import AdsAccount
    from x_simulator.journal import Entry

DAY = timedelta(days=1)

NOT_NOW = {"errors": [{"code": "ACTION_NOT_ALLOWED", "message": "Not now"}]}
REFUSED = {"errors": [{"code": "INVALID_PARAMETER", "message": "Some other thing", "parameter": "country"}]}
MILL = AccountSpec("lumen_mill", posts=26, posts_per_day=0.3, mix=("original", "video"))
KILN = AccountSpec("tiny_kiln", posts=25, posts_per_day=0.4, mix=("original",), owned=False)
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
KILN_ADS = AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), "Asia/Kolkata", admins=("lumen_mill",))


def settled(rows: dict[str, Json]) -> dict[str, Json]:
    """Return rows without whether they are final, which changes by itself as time passes."""
    return {key: {name: value for name, value in row.items() if name != "is_final"} for key, row in rows.items()}


def entry_of(output: Output, account: AdsAccount) -> Json:
    """Return what the last state says of an Ads account."""
    found: Json = output.states("organic_report")[-1]["accounts"][account.id]
    return found


def tweets_of(output: Output) -> set[str]:
    return {row["tweet_id"] for row in output.rows("organic_report")}


def days_of(output: Output, tweet_id: str | None = None) -> set[str]:
    return {row["date"] for row in output.rows("organic_report") if tweet_id in {None, row["tweet_id"]}}


def tweets_of_request(entry: Entry) -> list[str]:
    return entry.query["entity_ids"].split(",")


def between(first: str, last: str) -> set[str]:
    return {str(day) for day in ads_truth.days(date.fromisoformat(first), date.fromisoformat(last))}


def between_pairs(pairs: Sequence[Sequence[str]]) -> set[str]:
    return {day for first, last in pairs for day in between(first, last)}


# What is asked again -------------------------------------------------------------------------------------------------


def test_the_state_says_by_ads_account_which_days_are_done() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        output = stage.sync("organic_report")
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")

    state = output.states("organic_report")[-1]
    assert (state["version"], state["source"]) == (1, "ads_api")
    assert state["accounts"].keys() == {mill.id, kiln.id}
    for account in (mill, kiln):
        assert entry_of(output, account)["cursor"] == "2026-11-20"
        assert entry_of(output, account)["days"] == [["2026-08-20", "2026-11-20"]]


def test_a_second_sync_asks_for_the_look_back_and_new_days_alone() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        stage.clock.advance(3 * DAY)
        second = stage.sync("organic_report", state=first.state)
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        expected = stage.report(account, "lumen_mill", now=now)

    assert days_of(second) == between("2026-11-13", "2026-11-23")
    assert second.by_key("organic_report") == {key: row for key, row in expected.items() if row["date"] >= "2026-11-13"}
    assert settled(table(first, second)).items() >= settled(expected).items()
    assert stage.statuses().keys() == {200}
    assert entry_of(second, account)["days"] == [["2026-08-20", "2026-11-23"]]


def test_the_same_day_again_costs_the_look_back_and_leaves_the_state_as_it_is() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        second = stage.sync("organic_report", state=first.state)
        account = stage.ads("Mill Ads")

    assert days_of(second) == between("2026-11-13", "2026-11-20")
    assert entry_of(second, account) == entry_of(first, account)


def test_a_widened_timeframe_asks_for_the_missing_days_and_the_history_of_older_tweets() -> None:
    old = AccountSpec("lumen_mill", posts=45, posts_per_day=0.3, mix=("original",))
    with AdsStage(old, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        second = stage.sync("organic_report", config=stage.config(timeframe_months="SIX"), state=first.state)
        account = stage.ads("Mill Ads")
        expected = ads_truth.report(stage.world, account, ["lumen_mill"], NOW, stage.first_day(account, months=6))

    assert settled(table(first, second)) == settled(expected)
    older = tweets_of(second) - tweets_of(first)
    assert older
    # Tweets that were known are asked for in the look-back alone.
    known = next(iter(sorted(tweets_of(first))))
    assert days_of(second, known) == between("2026-11-13", "2026-11-20")
    assert entry_of(second, account)["days"] == [["2026-05-20", "2026-11-20"]]


def test_a_narrowed_timeframe_forgets_nothing_and_asks_for_no_more() -> None:
    with AdsStage(
        AccountSpec("lumen_mill", posts=60, posts_per_day=0.4, mix=("original",)), ads_accounts=[ADS]
    ) as stage:
        wide = stage.sync("organic_report", config=stage.config(timeframe_months="SIX"))
        narrow = stage.sync("organic_report", state=wide.state)
        account = stage.ads("Mill Ads")

    assert days_of(narrow) == between("2026-11-13", "2026-11-20")
    assert narrow.by_key("organic_report").items() <= wide.by_key("organic_report").items()
    assert entry_of(narrow, account)["days"] == [["2026-05-20", "2026-11-20"]]


def test_a_tweet_that_turns_up_late_gets_its_whole_history() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        late = stage.world.add_post("lumen_mill", "Found in a drawer", at=NOW - 40 * DAY)
        new = stage.world.add_post("lumen_mill", "Fresh from the mill", at=NOW + timedelta(hours=5))
        stage.forget()
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        third = stage.sync("organic_report", state=second.state)
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        expected = stage.report(account, "lumen_mill", now=now)

    assert settled(table(first, second)) == settled(expected)
    assert days_of(second, late) == between("2026-10-11", "2026-11-21")
    assert days_of(second, new) == between("2026-11-20", "2026-11-21")
    # Once is enough.
    assert days_of(third, late) == between("2026-11-14", "2026-11-21")


def test_a_user_who_is_added_gets_the_whole_history() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        account = stage.ads("Mill Ads")
        stage.world.ads.add_user(account.id, "tiny_kiln")
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        now = stage.clock.now()
        expected = stage.report(account, "lumen_mill", "tiny_kiln", now=now)
        kilns = stage.report(account, "tiny_kiln", now=now)

    assert settled(table(first, second)).items() >= settled(expected).items()
    assert settled(second.by_key("organic_report")).items() >= settled(kilns).items()
    others = {
        row["date"] for row in second.rows("organic_report") if row["account_id"] == stage.world.user_id("lumen_mill")
    }
    assert others == between("2026-11-13", "2026-11-21")


def test_an_account_that_comes_into_view_gets_its_whole_history_and_one_that_leaves_keeps_its_state() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.world.ads.remove_role(kiln.id, "lumen_mill")
        first = stage.sync("organic_report")
        stage.world.ads.add_role(kiln.id, "lumen_mill")
        second = stage.sync("organic_report", state=first.state)
        stage.world.ads.remove_role(kiln.id, "lumen_mill")
        third = stage.sync("organic_report", state=second.state)
        expected = stage.report(kiln, "tiny_kiln")

    assert first.states("organic_report")[-1]["accounts"].keys() == {mill.id}
    of_kiln = {key: row for key, row in second.by_key("organic_report").items() if row["ads_account_id"] == kiln.id}
    assert settled(of_kiln).keys() == settled(expected).keys()
    assert entry_of(third, kiln) == entry_of(second, kiln)


def test_a_user_who_moves_to_another_account_gets_the_history_there() -> None:
    shared = AdsAccountSpec("Kiln Ads", (("lumen_mill", "RETWEETS_ONLY"),), admins=("lumen_mill",))
    with AdsStage(MILL, ads_accounts=[ADS, shared]) as stage:
        first = stage.sync("organic_report")
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        stage.world.ads.remove_user(mill.id, "lumen_mill")
        second = stage.sync("organic_report", state=first.state)
        expected = stage.report(kiln, "lumen_mill")

    assert {row["ads_account_id"] for row in first.rows("organic_report")} == {mill.id}
    assert second.by_key("organic_report").keys() == expected.keys()
    assert {row["ads_account_id"] for row in second.rows("organic_report")} == {kiln.id}


def test_after_a_pause_longer_than_the_timeframe_there_is_no_gap() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.clock.advance(150 * DAY)
        second = stage.sync("organic_report", state=first.state)
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        since = ads_truth.report(stage.world, account, ["lumen_mill"], now, date(2026, 11, 20))
        before = ads_truth.report(stage.world, account, ["lumen_mill"], now, date(2026, 8, 20))

    held = settled(table(first, second))
    assert held.items() >= settled(since).items()
    # The last days before the pause were read while they ran: now they are as they ended.
    week = {key: row for key, row in before.items() if "2026-11-13" <= row["date"] <= "2026-11-20"}
    assert held.items() >= settled(week).items()


def test_a_full_refresh_reads_everything_whatever_the_state_says() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        first = stage.sync("organic_report")
        again = stage.sync("organic_report", state=first.state, mode="full_refresh")

    assert again.by_key("organic_report") == first.by_key("organic_report")


def test_rows_of_another_source_are_told_and_the_report_starts_anew() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        blob = {
            "version": 1,
            "source": "x_api_metrics",
            "accounts": {stage.world.user_id("lumen_mill"): {"anything": 1}},
        }
        state = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "organic_report"}, "stream_state": blob}}]
        output = stage.sync("organic_report", state=state)
        expected = stage.report(stage.ads("Mill Ads"), "lumen_mill")

    assert output.error is None
    assert output.by_key("organic_report") == expected
    (warning,) = output.said("WARNING")
    assert "came from another source (x_api_metrics)" in warning
    assert output.states("organic_report")[-1]["source"] == "ads_api"


@pytest.mark.parametrize(
    "entry",
    [{"cursor": "2026-11-20"}, {"cursor": "soon", "days": [], "tweets": {}}, {"cursor": None, "days": 3, "tweets": {}}],
)
def test_a_damaged_state_is_refused_with_words_and_nothing_is_asked(entry: Json) -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        blob = {"version": 1, "source": "ads_api", "accounts": {"18ce": entry}}
        state = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "organic_report"}, "stream_state": blob}}]
        output = stage.sync("organic_report", state=state)

    assert stage.requests == []
    assert output.failures[-1]["message"].startswith("The saved state of the stream organic_report cannot be read")


# Interruptions -------------------------------------------------------------------------------------------------------


def assert_complete(held: dict[str, Json], stage: AdsStage, account: AdsAccount, username: str) -> None:
    """Check that a destination holds every row; while X works the running day goes on."""
    expected = stage.report(account, username, now=stage.clock.now())
    assert held.keys() == expected.keys()
    today = str(stage.clock.now().astimezone(account.timezone).date())
    assert {key: row for key, row in settled(held).items() if row["date"] < today} == {
        key: row for key, row in settled(expected).items() if row["date"] < today
    }


def assert_no_state_is_ahead(
    stage: AdsStage,
    account: AdsAccount,
    messages: Sequence[Json],
    held: Iterable[str] = (),
) -> int:
    """Replay the messages; all rows that a state claims must have come out before it. Return the number of states."""
    expected = stage.report(account, "lumen_mill")
    seen = set(held)
    states = 0
    for message in messages:
        if message["type"] == "RECORD" and message["record"]["stream"] == "organic_report":
            row = message["record"]["data"]
            seen.add(f"{row['account_id']} {row['tweet_id']} {row['date']} ALL_ON_TWITTER")
        if message["type"] == "STATE":
            states += 1
            entry = message["state"]["stream"]["stream_state"]["accounts"].get(account.id)
            done = [*map(tuple, entry["days"])] if entry else []
            claimed = {
                key for key, row in expected.items() if any(first <= row["date"] <= last for first, last in done)
            }
            assert claimed <= seen
    return states


def cut(output: Output, count: int) -> Output:
    """Return what came out of a sync that was killed behind that many messages."""
    return Output(output.messages[:count], output.sent[:count], catalog=output.catalog)


def records_and_states(output: Output) -> list[int]:
    """Return the places behind every state, and behind some of the records."""
    kinds = [message["type"] for message in output.messages]
    places = [place for place, kind in enumerate(kinds, 1) if kind == "STATE"]
    return sorted({*places, *range(0, len(kinds), max(1, len(kinds) // 3))})


def test_killed_behind_any_message_the_next_sync_completes_the_first() -> None:
    short = AccountSpec("lumen_mill", posts=28, posts_per_day=0.28, mix=("original", "video"))
    with AdsStage(short, ads_accounts=[ADS]) as stage:
        whole = stage.sync("organic_report")
        account = stage.ads("Mill Ads")
        states = assert_no_state_is_ahead(stage, account, whole.messages)
        for count in records_and_states(whole):
            killed = cut(whole, count)
            resumed = stage.sync("organic_report", state=killed.state)
            assert resumed.error is None
            assert_complete(table(killed, resumed), stage, account, "lumen_mill")
            assert entry_of(resumed, account)["days"] == entry_of(whole, account)["days"]
            held = killed.by_key("organic_report")
            assert_no_state_is_ahead(stage, account, resumed.messages, held)

    assert states >= 2


def test_killed_in_the_look_back_the_days_are_asked_for_again() -> None:
    young = AccountSpec("lumen_mill", posts=30, posts_per_day=2, mix=("original", "video"))
    with AdsStage(young, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        for count in records_and_states(second):
            killed = cut(second, count)
            resumed = stage.sync("organic_report", state=killed.state or first.state)
            assert_complete(table(first, killed, resumed), stage, stage.ads("Mill Ads"), "lumen_mill")

    assert len(second.states("organic_report")) >= 2


def test_killed_while_a_late_tweet_is_read_its_history_is_asked_for_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.world.add_post("lumen_mill", "Found in a drawer", at=NOW - 60 * DAY)
        second = stage.sync("organic_report", state=first.state)
        for count in records_and_states(second):
            killed = cut(second, count)
            resumed = stage.sync("organic_report", state=killed.state or first.state)
            assert_complete(table(first, killed, resumed), stage, stage.ads("Mill Ads"), "lumen_mill")


def test_syncs_that_break_again_and_again_come_to_an_end_all_the_same() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        outputs: list[Output] = []
        state: list[Json] = []
        for nth in (1, 2, 1):
            stage.simulator.faults.clear()
            stage.simulator.faults.add(
                Fault(
                    path=JOBS,
                    method="POST",
                    nth=nth,
                    times=None,
                    status=403,
                    body=NOT_NOW,
                )
            )
            outputs.append(stage.sync("organic_report", state=state))
            state = outputs[-1].state
            assert outputs[-1].error is not None
        stage.simulator.faults.clear()
        outputs.append(stage.sync("organic_report", state=state))
        expected = stage.report(stage.ads("Mill Ads"), "lumen_mill")

    assert outputs[-1].error is None
    assert table(*outputs) == expected


def test_one_slice_that_fails_costs_itself_and_a_later_sync_asks_for_it() -> None:
    young = AccountSpec("lumen_mill", posts=30, posts_per_day=1.0, mix=("original", "video"))
    with AdsStage(young, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report")
        stage.clock.advance(DAY)
        stage.simulator.faults.add(
            Fault(
                path=STATISTICS,
                nth=2,
                status=400,
                body=REFUSED,
            )
        )
        second = stage.sync("organic_report", state=first.state)
        account, now, asked = stage.ads("Mill Ads"), stage.clock.now(), stage.requests_to(STATISTICS)
        stage.simulator.faults.clear()
        stage.forget()
        third = stage.sync("organic_report", state=second.state)
        expected = stage.report(account, "lumen_mill", now=now)
        stage.clock.advance(30 * DAY)
        stage.forget()
        later = stage.sync("organic_report", state=second.state)
        questions = [entry for entry in stage.requests if "entity_ids" in entry.query]
        asked_later = [entry for entry in questions if min(asked_days([entry]))[0] < "2026-11-14"]

    assert second.error is not None
    (failed,) = [entry for entry in asked if entry.status == 400]
    ((start, end),) = asked_days([failed])
    lost = {
        key: row
        for key, row in expected.items()
        if start <= row["date"] < end and row["tweet_id"] in tweets_of_request(failed)
    }
    look_back = {key: row for key, row in expected.items() if row["date"] >= "2026-11-13"}
    assert lost
    assert second.by_key("organic_report").keys() == look_back.keys() - lost.keys()
    done = between_pairs(entry_of(second, account)["days"])
    assert done == between("2026-08-20", "2026-11-21")
    ((first_day, last_day, ids),) = entry_of(second, account)["left"]
    assert (first_day, last_day, ids) == (
        start,
        max(lost[key]["date"] for key in lost),
        sorted(tweets_of_request(failed)),
    )
    assert third.error is None
    assert "left" not in entry_of(third, account)
    # A month later the look-back does not reach the slice any more: it is asked for by itself.
    assert later.error is None
    posted = {row["tweet_id"] for row in lost.values() if row["date"] < "2026-11-14"}
    assert [{*tweets_of_request(entry)} for entry in asked_later] == ([posted] if posted else [])
    assert settled(table(first, second, third)) == settled(expected)
    assert stage.statuses().keys() == {200}


def test_a_tweet_that_x_left_out_gets_its_history_once_x_speaks_of_it_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        account = stage.ads("Mill Ads")
        silent = stage.world.post_ids("lumen_mill", at=NOW)[15]
        with stage.hidden(silent):
            outputs = [stage.sync("organic_report")]
        for _ in range(3):
            outputs.append(stage.sync("organic_report", state=outputs[-1].state))
        expected = stage.report(account, "lumen_mill")

    first, spoken, healed, after = outputs
    assert silent not in tweets_of(first)
    assert "absent" in entry_of(first, account)
    assert min(days_of(spoken, silent)) == "2026-11-13"
    assert min(days_of(healed, silent)) < "2026-11-13"
    assert min(days_of(after, silent)) == "2026-11-13"
    assert table(*outputs) == expected
    assert "absent" not in entry_of(healed, account)


def test_the_number_of_records_before_each_state_is_stated_with_it() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        output = stage.sync("tweets", "organic_report")

    for name in ("tweets", "organic_report"):
        states = [each for each in output.of_type("STATE") if each["stream"]["stream_descriptor"]["name"] == name]
        assert sum(state["sourceStats"]["recordCount"] for state in states) == len(output.rows(name))
