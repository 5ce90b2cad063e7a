"""Syncs that end in the middle: the next one loses nothing, and repeats no more than was not saved yet."""

from __future__ import annotations

import json
import signal
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from integration_tests import truth
from integration_tests.processes import real_now, starting
from integration_tests.stage import NOW, OF_POSTS, TIMELINE, Json, Output, Stage, configured_stream
from source_x_organic.x_api.readings import CHECKPOINT_POSTS
from x_simulator import AccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MILL = AccountSpec("lumen_mill", posts=2600, posts_per_day=40, mix=("original", "media"))
KILN = AccountSpec("tiny_kiln", posts=1400, posts_per_day=9, mix=("original",))
ID = {"tweets": "id", "tweet_insights": "tweet_id"}


def assert_no_state_is_ahead_of_its_records(stage: Stage, messages: Iterable[Json]) -> int:
    """Replay the messages; at each state all posts that it claims must have come out. Return the number of states."""
    made = {
        str(account.id): [
            (str(post.id), truth.instant(post.created_ms)) for post in stage.world.posts(account.username)
        ]
        for account in stage.world.accounts
    }
    seen: dict[str, set[str]] = {stream: set() for stream in OF_POSTS}
    states = 0
    for message in messages:
        if message["type"] == "RECORD":
            record = message["record"]
            seen[record["stream"]].add(record["data"][ID[record["stream"]]])
        if message["type"] == "STATE":
            states += 1
            name = message["state"]["stream"]["stream_descriptor"]["name"]
            for account_id, entry in message["state"]["stream"]["stream_state"]["accounts"].items():
                spans = [
                    (datetime.fromisoformat(start), datetime.fromisoformat(end))
                    for start, end in entry.get("covered", [])
                ]
                claimed = {id_ for id_, at in made[account_id] if any(start <= at <= end for start, end in spans)}
                assert claimed <= seen[name]
    return states


def test_no_state_is_ahead_of_its_records() -> None:
    with Stage(MILL, KILN, AccountSpec("quiet_loom", posts=0, kind="empty"), timeline_ceiling=None) as stage:
        output = stage.sync(*OF_POSTS)
        states = assert_no_state_is_ahead_of_its_records(stage, output.messages)

    # Every thousand posts, at the end of each account, and at the end of each stream.
    assert states == 2 * (2 + 1 + 3 + 1)


def test_the_number_of_records_before_each_state_is_stated_with_it() -> None:
    with Stage(MILL, KILN) as stage:
        output = stage.sync(*OF_POSTS)

    counts = dict.fromkeys(OF_POSTS, 0)
    for state in output.of_type("STATE"):
        counts[state["stream"]["stream_descriptor"]["name"]] += state["sourceStats"]["recordCount"]
    assert counts == {name: len(output.rows(name)) for name in OF_POSTS}


@pytest.mark.parametrize("pages", [0, 1, 10, 17])
def test_after_a_crash_behind_any_page_the_next_sync_loses_nothing_and_repeats_what_was_not_saved(pages: int) -> None:
    with Stage(MILL, timeline_ceiling=None) as stage:
        config = stage.competitors("lumen_mill")
        stage.simulator.faults.add(Fault("unauthorized", path=TIMELINE, nth=pages + 1, times=None))
        broken = stage.sync(*OF_POSTS, config=config)
        stage.simulator.faults.clear()
        assert_no_state_is_ahead_of_its_records(stage, broken.messages)
        resumed = stage.sync("tweets", config=config, state=broken.state)
        expected = truth.tweets(stage.world, "lumen_mill", NOW)

    assert broken.error is not None
    assert len(broken.rows("tweets")) == len(broken.rows("tweet_insights")) == 100 * pages
    assert broken.by_key("tweets") | resumed.by_key("tweets") == expected
    # Beside what was not saved, the look-back of a week is read again, and one on either border: 40 posts a day.
    repeated = broken.by_key("tweets").keys() & resumed.by_key("tweets").keys()
    assert len(repeated) <= (pages * 100) % CHECKPOINT_POSTS + 7 * 40 + 2


def test_the_insights_of_a_first_sync_that_crashed_are_complete_after_the_next() -> None:
    with Stage(MILL, timeline_ceiling=None) as stage:
        stage.simulator.faults.add(Fault("unauthorized", path=TIMELINE, nth=30, times=None))
        broken = stage.sync("tweet_insights")
        stage.simulator.faults.clear()
        resumed = stage.sync("tweet_insights", state=broken.state)
        expected = truth.snapshots(stage.world, "lumen_mill", NOW)

    assert 0 < len(broken.rows("tweet_insights")) < 2600
    table = broken.by_key("tweet_insights") | resumed.by_key("tweet_insights")
    assert {row["tweet_id"]: row for row in table.values()} == expected


def test_syncs_that_break_again_and_again_come_to_an_end_all_the_same() -> None:
    with Stage(MILL, KILN, timeline_ceiling=None) as stage:
        table: dict[str, Json] = {}
        state: list[Json] = []
        for _ in range(3):
            stage.simulator.faults.clear()
            stage.simulator.faults.add(Fault("forbidden", path=TIMELINE, account="lumen_mill", nth=14, times=None))
            output = stage.sync("tweets", state=state)
            table |= output.by_key("tweets")
            state = output.state
        stage.simulator.faults.clear()
        table |= stage.sync("tweets", state=state).by_key("tweets")
        expected = {
            **truth.tweets(stage.world, "lumen_mill", NOW),
            **truth.tweets(stage.world, "tiny_kiln", NOW),
        }

    assert table == expected


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    with Stage(MILL, KILN, now=real_now(), timeline_ceiling=None, latency_seconds=0.02) as stage:
        config = stage.config()
        catalog = stage.known_catalog(config)
        streams = {"streams": [configured_stream(catalog["tweets"], "incremental")]}
        with starting(tmp_path, "read", config=json.dumps(config), catalog=json.dumps(streams)) as process:
            messages: list[Json] = []
            for message in process.messages():
                messages.append(message)
                if sum(message["type"] == "STATE" for message in messages) == 2:
                    break
            process.send_signal(signal.SIGKILL)
            messages += process.messages()
        killed = Output(messages, catalog=catalog)
        assert_no_state_is_ahead_of_its_records(stage, messages)
        stage.simulator.latency_seconds = 0
        resumed = stage.sync("tweets", state=killed.state)
        ids = {*stage.world.post_ids("lumen_mill"), *stage.world.post_ids("tiny_kiln")}

    assert process.status == -signal.SIGKILL
    assert 0 < len(killed.rows("tweets")) < len(ids)
    assert killed.by_key("tweets").keys() | resumed.by_key("tweets").keys() == ids
