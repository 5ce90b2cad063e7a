"""`organic_report` from the Engagement API, from one sync to the next: what is asked again, and what is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests import report_truth
from integration_tests.report_stage import (
    HISTORICAL,
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
from integration_tests.stage import NOW, Json, Output, billed
from x_simulator import AccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DAY = timedelta(days=1)
MILL = AccountSpec("lumen_mill", posts=50, posts_per_day=0.6, mix=("original", "video"))
KILN = AccountSpec("tiny_kiln", posts=25, posts_per_day=0.4, mix=("original",))
ORIGINALS = AccountSpec("lumen_mill", posts=60, posts_per_day=0.4, mix=("original",))
NOT_NOW = {"errors": ["Not now"]}


def between(first: str, last: str) -> set[str]:
    return {str(day) for day in report_truth.days(date.fromisoformat(first), date.fromisoformat(last))}


def done_days(entry: Json) -> set[str]:
    return {day for first, last in entry["days"] for day in between(first, last)}


# What is asked again -------------------------------------------------------------------------------------------------


def test_a_second_sync_asks_for_the_look_back_and_lists_no_more_than_it() -> None:
    with ReportStage(MILL) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        stage.clock.advance(3 * DAY)
        second = stage.sync("organic_report", state=first.state)
        now = stage.clock.now()
        expected = stage.expected("lumen_mill", now=now)
        young = [
            post
            for post in stage.world.posts("lumen_mill", at=now)
            if report_truth.posted_on(post) >= date(2026, 11, 13)
        ]

    assert second.error is None
    assert days_of(second.rows("organic_report")) == between("2026-11-13", "2026-11-23")
    assert second.by_key("organic_report") == {key: row for key, row in expected.items() if row["date"] >= "2026-11-13"}
    assert settled(table(first, second)).items() >= settled(expected).items()
    # One window for each batch of 25 of the tweets of the timeframe.
    assert len(stage.asked) == -(-len(tweets_of(second.rows("organic_report"))) // 25)
    assert 0 < stage.listed() <= len(young)
    assert entry_of(second, stage)["days"] == [["2026-08-20", "2026-11-23"]]


def test_beside_the_posts_themselves_the_report_lists_none() -> None:
    with ReportStage(MILL) as stage:
        first = stage.sync("tweets", "organic_report")
        stage.forget()
        stage.clock.advance(DAY)
        stage.sync("tweets", state=first.state)
        of_tweets = billed(stage.requests)
        stage.forget()
        stage.sync("tweets", "organic_report", state=first.state)

    assert billed(stage.requests) == of_tweets


def test_the_same_day_again_leaves_the_state_as_it_is() -> None:
    with ReportStage(MILL) as stage:
        first = stage.sync("organic_report")
        second = stage.sync("organic_report", state=first.state)

    assert days_of(second.rows("organic_report")) == between("2026-11-13", "2026-11-20")
    assert entry_of(second, stage) == entry_of(first, stage)


@pytest.mark.parametrize("days", [1, 30])
def test_the_look_back_is_as_long_as_the_user_says(days: int) -> None:
    with ReportStage(MILL) as stage:
        first = stage.sync("organic_report")
        second = stage.sync("organic_report", state=first.state, config=stage.config(lookback_window_days=days))

    assert min(days_of(second.rows("organic_report"))) == str(date(2026, 11, 20) - days * DAY)


def test_new_posts_have_rows_since_their_posting_and_late_ones_their_whole_history() -> None:
    with ReportStage(MILL) as stage:
        first = stage.sync("organic_report")
        late = stage.world.add_post("lumen_mill", "Found in a drawer", at=NOW - 6 * DAY)
        new = stage.world.add_post("lumen_mill", "Fresh from the mill", at=NOW + timedelta(hours=5))
        stage.clock.advance(2 * DAY)
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("lumen_mill", now=stage.clock.now())

    assert settled(table(first, second)).items() >= settled(expected).items()
    assert days_of(second.rows("organic_report"), late) == between("2026-11-14", "2026-11-22")
    assert days_of(second.rows("organic_report"), new) == between("2026-11-20", "2026-11-22")


def test_a_late_post_before_the_look_back_of_days_gets_its_history_once() -> None:
    with ReportStage(MILL) as stage:
        wide = stage.config(lookback_window_days=30)
        first = stage.sync("organic_report", config=stage.config(lookback_window_days=1))
        late = stage.world.add_post("lumen_mill", "Found in a drawer", at=NOW - 20 * DAY)
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state, config=wide)
        third = stage.sync("organic_report", state=second.state, config=stage.config(lookback_window_days=1))
        expected = stage.expected("lumen_mill", now=stage.clock.now())

    assert settled(table(first, second)).items() >= settled(expected).items()
    assert days_of(second.rows("organic_report"), late) == between("2026-10-31", "2026-11-21")
    assert days_of(third.rows("organic_report"), late) == between("2026-11-20", "2026-11-21")


@pytest.mark.parametrize("age", [2, 40], ids=["in-the-look-back", "before-it"])
def test_a_deleted_post_keeps_its_earlier_figures_and_gets_no_rows_of_nulls(age: int) -> None:
    with ReportStage(MILL) as stage:
        doomed = stage.world.add_post("lumen_mill", "A slip of the pen", at=NOW - age * DAY)
        first = stage.sync("organic_report")
        stage.world.delete_post(doomed)
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("lumen_mill", now=stage.clock.now())

    assert second.error is None
    assert days_of(first.rows("organic_report"), doomed)
    assert days_of(second.rows("organic_report"), doomed) == set()
    assert settled(table(first, second)).items() >= settled(expected).items()
    lines = [line for line in second.said("INFO") if "X gives no figures of 1 tweet, which is left out" in line]
    # One that is missing from what was listed again is not even asked for.
    assert len(lines) == (0 if age == 2 else 1)


def test_after_a_pause_longer_than_the_timeframe_there_is_no_gap() -> None:
    with ReportStage(MILL) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        stage.clock.advance(150 * DAY)
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("lumen_mill", now=stage.clock.now(), since=date(2026, 8, 20))

    assert second.error is None
    # The last days before the pause were read while they ran: now they are as they ended.
    assert settled(table(first, second)) == settled(expected)
    assert days_of(second.rows("organic_report")) == between("2026-11-13", "2027-04-19")
    assert entry_of(second, stage)["days"] == [["2026-08-20", "2027-04-19"]]
    assert stage.statuses().keys() == {200}


def test_after_a_pause_of_two_years_there_are_the_days_that_x_keeps() -> None:
    with ReportStage(AccountSpec("lumen_mill", posts=20, posts_per_day=0.1, mix=("original",))) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        stage.clock.advance(700 * DAY)
        second = stage.sync("organic_report", state=first.state)

    assert second.error is None
    assert stage.statuses().keys() == {200}
    assert min(days_of(second.rows("organic_report"))) >= "2027-10-22"


def test_a_widened_timeframe_asks_for_what_is_missing_alone() -> None:
    with ReportStage(ORIGINALS) as stage:
        first = stage.sync("organic_report")
        stage.forget()
        second = stage.sync("organic_report", config=stage.config(timeframe_months="SIX"), state=first.state)
        expected = stage.expected("lumen_mill", since=date(2026, 5, 20))

    assert settled(table(first, second)) == settled(expected)
    older = tweets_of(second.rows("organic_report")) - tweets_of(first.rows("organic_report"))
    assert older
    known = min(tweets_of(first.rows("organic_report")))
    assert days_of(second.rows("organic_report"), known) == between("2026-11-13", "2026-11-20")
    assert entry_of(second, stage)["days"] == [["2026-05-20", "2026-11-20"]]


def test_a_timeframe_that_is_widened_after_months_lists_again_what_had_left_it() -> None:
    with ReportStage(ORIGINALS) as stage:
        outputs = [stage.sync("organic_report")]
        for _ in range(2):
            stage.clock.advance(30 * DAY)
            outputs.append(stage.sync("organic_report", state=outputs[-1].state))
        wide = stage.config(timeframe_months="SIX")
        outputs.append(stage.sync("organic_report", config=wide, state=outputs[-1].state))
        now = stage.clock.now()
        expected = stage.expected("lumen_mill", now=now, since=report_truth.first_day(now, 6))

    assert settled(table(*outputs)).items() >= settled(expected).items()


def test_a_narrowed_timeframe_forgets_no_rows_and_asks_for_no_more() -> None:
    with ReportStage(ORIGINALS) as stage:
        wide = stage.sync("organic_report", config=stage.config(timeframe_months="SIX"))
        narrow = stage.sync("organic_report", state=wide.state)
        again = stage.sync("organic_report", state=narrow.state, config=stage.config(timeframe_months="SIX"))
        expected = stage.expected("lumen_mill", since=date(2026, 5, 20))

    assert days_of(narrow.rows("organic_report")) == between("2026-11-13", "2026-11-20")
    assert narrow.by_key("organic_report").items() <= wide.by_key("organic_report").items()
    assert settled(table(wide, narrow, again)) == settled(expected)


def test_an_account_that_is_added_gets_its_history_and_costs_the_others_nothing() -> None:
    with ReportStage(MILL, KILN) as stage:
        alone = stage.config(sync_mode="SpecificAccounts", accounts=["@lumen_mill"], account_credentials="")
        first = stage.sync("organic_report", config=alone)
        stage.forget()
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("lumen_mill", "tiny_kiln")
        mill = stage.world.user_id("lumen_mill")

    assert settled(table(first, second)) == settled(expected)
    others = [row for row in second.rows("organic_report") if row["account_id"] == mill]
    assert days_of(others) == between("2026-11-13", "2026-11-20")


def test_a_full_refresh_reads_everything_whatever_the_state_says() -> None:
    with ReportStage(MILL) as stage:
        first = stage.sync("organic_report")
        again = stage.sync("organic_report", state=first.state, mode="full_refresh")

    assert again.by_key("organic_report") == first.by_key("organic_report")


def test_rows_of_another_source_are_told_and_the_report_starts_anew() -> None:
    with ReportStage(MILL) as stage:
        blob = {
            "version": 1,
            "source": "ads_api",
            "accounts": {"18ce54d4x5t": {"cursor": "2026-11-19", "days": [], "tweets": {}}},
        }
        state = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "organic_report"}, "stream_state": blob}}]
        output = stage.sync("organic_report", state=state)
        expected = stage.expected("lumen_mill")

    assert output.error is None
    assert output.by_key("organic_report") == expected
    (warning,) = output.said("WARNING")
    assert "came from another source (ads_api)" in warning
    assert output.states("organic_report")[-1]["source"] == "engagement_api"


@pytest.mark.parametrize(
    "entry",
    [
        {"cursor": "2026-11-20"},
        {"cursor": "soon", "days": [], "listed": [], "tweets": ""},
        {"cursor": None, "days": [], "listed": [], "tweets": "AAAA"},
    ],
)
def test_a_damaged_state_is_refused_with_words_and_nothing_is_asked(entry: Json) -> None:
    with ReportStage(MILL) as stage:
        blob = {"version": 1, "source": "engagement_api", "accounts": {"7": entry}}
        state = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "organic_report"}, "stream_state": blob}}]
        output = stage.sync("organic_report", state=state)

    assert stage.requests == []
    assert output.failures[-1]["message"].startswith("The saved state of the stream organic_report cannot be read")


# Interruptions -------------------------------------------------------------------------------------------------------


def assert_no_state_is_ahead(stage: ReportStage, messages: Sequence[Json], held: Iterable[str] = ()) -> int:
    """Replay the messages; all rows that a state claims must have come out before it. Return the number of states."""
    rows, seen, states = stage.expected("lumen_mill"), set(held), 0
    for message in messages:
        if message["type"] == "RECORD" and message["record"]["stream"] == "organic_report":
            row = message["record"]["data"]
            seen.add(f"{row['account_id']} {row['tweet_id']} {row['date']} ALL_ON_TWITTER")
        if message["type"] == "STATE":
            states += 1
            entry = message["state"]["stream"]["stream_state"]["accounts"].get(stage.world.user_id("lumen_mill"))
            done = done_days(entry) if entry else set()
            assert {key for key, row in rows.items() if row["date"] in done} <= seen
    return states


def test_killed_behind_any_message_the_next_sync_completes_the_first() -> None:
    with ReportStage(MILL) as stage:
        whole = stage.sync("organic_report")
        expected = stage.expected("lumen_mill")
        states = assert_no_state_is_ahead(stage, whole.messages)
        for count in places_to_cut(whole):
            killed = cut(whole, count)
            resumed = stage.sync("organic_report", state=killed.state)
            assert resumed.error is None
            assert table(killed, resumed) == expected
            assert entry_of(resumed, stage) == entry_of(whole, stage)
            assert_no_state_is_ahead(stage, resumed.messages, killed.by_key("organic_report"))

    assert states >= 4


def test_after_an_interruption_posts_are_not_listed_again() -> None:
    with ReportStage(MILL) as stage:
        whole = stage.sync("organic_report")
        first = cut(whole, next(place for place in places_to_cut(whole) if cut(whole, place).state))
        stage.forget()
        resumed = stage.sync("organic_report", state=first.state)
        young = [
            post
            for post in stage.world.posts("lumen_mill", at=NOW)
            if post.created_ms >= (NOW - 7 * DAY).timestamp() * 1000
        ]

    assert resumed.error is None
    assert stage.listed() <= len(young)


def test_killed_in_the_look_back_the_days_are_asked_for_again() -> None:
    with ReportStage(MILL) as stage:
        first = stage.sync("organic_report")
        stage.clock.advance(DAY)
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("lumen_mill", now=stage.clock.now())
        for count in places_to_cut(second):
            killed = cut(second, count)
            resumed = stage.sync("organic_report", state=killed.state or first.state)
            assert settled(table(first, killed, resumed)).items() >= settled(expected).items()


def test_killed_while_the_history_of_older_tweets_is_read_it_is_asked_for_again() -> None:
    with ReportStage(AccountSpec("lumen_mill", posts=40, posts_per_day=0.25, mix=("original",))) as stage:
        first = stage.sync("organic_report")
        wide = stage.config(timeframe_months="SIX")
        second = stage.sync("organic_report", state=first.state, config=wide)
        expected = stage.expected("lumen_mill", since=date(2026, 5, 20))
        for count in places_to_cut(second, parts=2):
            killed = cut(second, count)
            resumed = stage.sync("organic_report", state=killed.state or first.state, config=wide)
            assert settled(table(first, killed, resumed)) == settled(expected)

    assert len(second.states("organic_report")) >= 4


def test_syncs_that_break_again_and_again_come_to_an_end_all_the_same() -> None:
    with ReportStage(MILL) as stage:
        outputs: list[Output] = []
        state: list[Json] = []
        for nth in (2, 3, 1):
            stage.simulator.faults.clear()
            stage.simulator.faults.add(Fault(path=HISTORICAL, nth=nth, times=None, status=404, body=NOT_NOW))
            outputs.append(stage.sync("organic_report", state=state))
            state = outputs[-1].state
            assert outputs[-1].error is not None
        stage.simulator.faults.clear()
        outputs.append(stage.sync("organic_report", state=state))
        expected = stage.expected("lumen_mill")

    assert outputs[-1].error is None
    assert table(*outputs) == expected


def test_one_slice_that_fails_costs_itself_and_the_next_sync_asks_for_it_alone() -> None:
    with ReportStage(MILL) as stage:
        # Whichever of the first slices it is, its window has another one.
        stage.simulator.faults.add(Fault(path=HISTORICAL, nth=1, status=400, body={"errors": ["Some other thing"]}))
        first = stage.sync("organic_report")
        (failed,) = [entry for entry in stage.asked if entry.status == 400]
        stage.simulator.faults.clear()
        stage.forget()
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("lumen_mill")
        again = [entry for entry in stage.asked if window_of(entry)[0] < "2026-11-13"]

    assert first.error is not None
    start, end = (datetime.fromisoformat(instant) for instant in window_of(failed))
    lost = {
        key: row
        for key, row in expected.items()
        if row["tweet_id"] in ids_of(failed) and start <= datetime.fromisoformat(row["date"]).replace(tzinfo=UTC) < end
    }
    assert lost
    assert first.by_key("organic_report") == {key: row for key, row in expected.items() if key not in lost}
    ((first_day, last_day, ids),) = entry_of(first, stage)["left"]
    assert (between(first_day, last_day), ids) == (days_of(lost.values()), sorted(ids_of(failed)))
    assert done_days(entry_of(first, stage)) >= days_of(expected.values())
    assert second.error is None
    assert table(first, second) == expected
    assert stage.statuses().keys() == {200}
    # Of days that the look-back asks for again nothing is left.
    missing = (window_of(failed)[0], min(window_of(failed)[1], "2026-11-13T00:00:00Z"))
    of_them = {row["tweet_id"] for row in lost.values() if row["date"] < "2026-11-13"}
    asked = [(missing, [each for each in ids_of(failed) if each in of_them])] if of_them else []
    assert [(window_of(entry), ids_of(entry)) for entry in again] == asked
    assert "left" not in entry_of(second, stage)


def test_a_window_that_fails_as_a_whole_is_not_done() -> None:
    with ReportStage(KILN) as stage:
        stage.simulator.faults.add(Fault(path=HISTORICAL, nth=2, status=400, body={"errors": ["Some other thing"]}))
        first = stage.sync("organic_report")
        (failed,) = [entry for entry in stage.asked if entry.status == 400]
        stage.simulator.faults.clear()
        second = stage.sync("organic_report", state=first.state)
        expected = stage.expected("tiny_kiln")

    entry = entry_of(first, stage, "tiny_kiln")
    assert "left" not in entry
    assert window_of(failed)[0][:10] not in done_days(entry)
    assert table(first, second) == expected


@pytest.mark.parametrize("access", ["ENGAGEMENT_API", "X_API_ENTERPRISE"])
@pytest.mark.parametrize("dimensions", [["tweet", "day"], ["day"]])
def test_what_x_said_nothing_of_gets_its_history_once_x_speaks_of_it_again(dimensions: list[str], access: str) -> None:
    kind = {"ENGAGEMENT_API": "engagement_historical", "X_API_ENTERPRISE": "tweet_analytics"}[access]
    report = {"table_name": "mine", "report_type": kind, "metrics": ["impressions"], "dimensions": dimensions}
    with ReportStage(MILL, access=access) as stage:
        config = stage.config(custom_reports=[report])
        hidden = stage.world.post_ids("lumen_mill", at=NOW)[40]
        with stage.hidden(hidden):
            first = stage.sync("mine", config=config)
        outputs = [first]
        asked = []
        for _ in range(3):
            stage.forget()
            outputs.append(stage.sync("mine", config=config, state=outputs[-1].state))
            asked.append(min(window_of(entry) for entry in stage.requests if hidden in str(entry.body or entry.query)))
        fresh = stage.sync("mine", config=config)

    assert entry_of(first, stage, stream="mine")["absent"]
    assert table(first, stream="mine") != table(fresh, stream="mine")
    assert table(*outputs, stream="mine") == table(fresh, stream="mine")
    # The look-back tells that it is there, the sync behind that one asks for its history, and that is all.
    assert asked[0] == asked[2] > asked[1]
    assert "absent" not in entry_of(outputs[-1], stage, stream="mine")


def test_the_number_of_records_before_each_state_is_stated_with_it() -> None:
    with ReportStage(MILL, KILN) as stage:
        output = stage.sync("tweets", "organic_report")

    for name in ("tweets", "organic_report"):
        states = [each for each in output.of_type("STATE") if each["stream"]["stream_descriptor"]["name"] == name]
        assert sum(state["sourceStats"]["recordCount"] for state in states) == len(output.rows(name))
