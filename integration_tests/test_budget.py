"""A ceiling on posts: no sync reads more, each goes on where the last one stopped, together they read everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from integration_tests import truth
from integration_tests.report_stage import ReportStage
from integration_tests.stage import NOW, OF_POSTS, TIMELINE, Json, Output, Stage, billed
from integration_tests.test_crashes import assert_no_state_is_ahead_of_its_records
from x_simulator import AccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

MILL = AccountSpec("lumen_mill", posts=330, posts_per_day=6)
KILN = AccountSpec("tiny_kiln", posts=40, posts_per_day=2)
SMALL = AccountSpec("paper_boat", posts=18, posts_per_day=1)


def synced(stage: Stage, ceiling: int | None, state: Sequence[Json] = (), *streams: str, **more: Any) -> Output:  # noqa: ANN401 - settings
    """Sync once and hold what X wrote down against the ceiling."""
    stage.forget()
    config = stage.config(**({} if ceiling is None else {"max_post_reads_per_sync": ceiling}), **more)
    output = stage.sync(*(streams or OF_POSTS), config=config, state=state)
    assert output.error is None, output.error
    assert ceiling is None or billed(stage.requests) <= ceiling
    return output


def to_the_end(stage: Stage, ceiling: int, *streams: str, most: int = 200) -> list[Output]:
    """Sync until the log says nothing of the ceiling."""
    outputs: list[Output] = []
    while not outputs or warned(outputs[-1]):
        assert len(outputs) < most
        outputs.append(synced(stage, ceiling, outputs[-1].state if outputs else (), *streams))
    return outputs


def warned(output: Output) -> list[str]:
    return [line for line in output.said("WARNING") if line.startswith("The sync ended early")]


def tables(outputs: Sequence[Output]) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {name: {} for name in OF_POSTS}
    for output in outputs:
        for name, table in found.items():
            table.update(output.by_key(name))
    return found


@pytest.mark.parametrize(("ceiling", "posts"), [(50, 60), (137, 160), (400, 330), (2_000, 330)])
def test_syncs_below_a_ceiling_end_with_the_rows_of_one_without(ceiling: int, posts: int) -> None:
    with Stage(replace(MILL, posts=posts), KILN) as stage:
        outputs = to_the_end(stage, ceiling)
        assert_no_state_is_ahead_of_its_records(stage, [each for output in outputs for each in output.messages])
        mill, kiln = (truth.tweets(stage.world, name, NOW) for name in ("lumen_mill", "tiny_kiln"))
        snapshots = [truth.snapshots(stage.world, name, NOW) for name in ("lumen_mill", "tiny_kiln")]

    found = tables(outputs)
    assert found["tweets"] == {**mill, **kiln}
    assert {row["tweet_id"]: row for row in found["tweet_insights"].values()} == {**snapshots[0], **snapshots[1]}
    assert len(outputs) > 1 or ceiling == 2_000
    # Whoever has been read to the end makes way for the others: each sync reads again at most two posts on borders.
    assert sum(len(output.rows("tweets")) for output in outputs) <= posts + 40 + 2 * len(outputs)


def test_an_account_that_was_read_to_the_end_looks_back_again_on_the_next_day() -> None:
    streams = (*OF_POSTS, "organic_report", "sync_coverage")
    with Stage(MILL, SMALL) as stage:
        outputs = [synced(stage, 200, (), *streams)]
        while "paper_boat" in warned(outputs[-1])[0]:
            outputs.append(synced(stage, 200, outputs[-1].state, *streams))
        same_day = synced(stage, 200, outputs[-1].state, *streams)
        stage.clock.advance(timedelta(days=1))
        next_day = synced(stage, 2_000, same_day.state, *streams)
        boat, posted = stage.world.user_id("paper_boat"), stage.world.post_ids("paper_boat", at=NOW)

    def insights(output: Output) -> set[str]:
        return {row["tweet_id"] for row in output.rows("tweet_insights")} & {*posted}

    assert warned(outputs[-1])
    assert insights(same_day) == set()
    assert insights(next_day) == {*posted}
    rows = [row for row in same_day.rows("sync_coverage") if row["account_id"] == boat]
    assert {(row["stream"], row["date"], row["reason"]) for row in rows if row["reason"]} == set()


@pytest.mark.parametrize("ceiling", [5, 14, 15, 24])
def test_the_smallest_ceilings_come_to_an_end_too(ceiling: int) -> None:
    with Stage(SMALL) as stage:
        outputs = to_the_end(stage, ceiling)
        expected = truth.tweets(stage.world, "paper_boat", NOW)

    found = tables(outputs)
    assert found["tweets"].keys() == expected.keys()
    assert {row["tweet_id"] for row in found["tweet_insights"].values()} == expected.keys()
    retweets = {key for key, row in expected.items() if row["is_retweet"]}
    others = expected.keys() - retweets
    assert {key: found["tweets"][key] for key in others} == {key: expected[key] for key in others}


def test_the_log_says_that_and_where_the_sync_stopped() -> None:
    with Stage(MILL, KILN) as stage:
        output = synced(stage, 100)

    (line,) = warned(output)
    spent = 100 - int(line.split(" posts and ")[1].split(" ")[0])
    assert 0 <= spent < 50
    assert "Not complete yet: @lumen_mill (tweets, tweet_insights); @tiny_kiln (tweets, tweet_insights)." in line
    assert line.endswith("The next sync goes on from there.")
    assert [output.statuses(name)[-1] for name in OF_POSTS] == ["COMPLETE", "COMPLETE"]


def test_a_full_refresh_that_was_cut_off_is_told_to_stay_so() -> None:
    with Stage(MILL) as stage:
        config = stage.config(max_post_reads_per_sync=100)
        output = stage.sync("tweets", config=config, mode="full_refresh")

    assert output.error is None
    assert any("Full refreshes do not go on from there" in line and "tweets" in line for line in output.said("WARNING"))


def test_new_posts_of_all_accounts_come_before_the_rest_of_any() -> None:
    with Stage(MILL, KILN) as stage:
        first = synced(stage, 150)
        stage.clock.advance(timedelta(days=2))
        second = synced(stage, 150, first.state)
        now = NOW + timedelta(days=2)
        new = {
            str(post.id)
            for name in ("lumen_mill", "tiny_kiln")
            for post in stage.world.posts(name, at=now)
            if truth.instant(post.created_ms) > NOW
        }
        pages = stage.public_pages()

    assert len(new) == 16
    assert new <= second.by_key("tweets").keys()
    order = [row["id"] for row in second.rows("tweets")]
    assert {*order[: len(new)]} >= new
    assert len(pages) > 2


def test_every_account_has_its_turn_before_any_has_a_second_one() -> None:
    many = [AccountSpec(f"shop_{number:02}", posts=200, posts_per_day=4) for number in range(24)]
    with Stage(*many) as stage:
        state: list[Json] = []
        served: list[set[str]] = []
        for _ in range(3):
            output = synced(stage, 500, state, "tweets")
            state = output.state
            served.append({row["account_id"] for row in output.rows("tweets")})

    assert len(set.union(*served)) == 24


def test_a_ceiling_that_is_taken_away_lets_the_next_sync_read_the_rest() -> None:
    with Stage(MILL) as stage:
        first = synced(stage, 200)
        second = synced(stage, None, first.state)
        expected = truth.tweets(stage.world, "lumen_mill", NOW)

    assert first.by_key("tweets") | second.by_key("tweets") == expected
    assert "unfinished" not in str(second.state)


def test_answers_that_got_lost_count_as_what_they_might_have_brought() -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(Fault("truncated_body", path=TIMELINE, nth=2, times=2))
        output = synced(stage, 420)

    assert output.error is None


def test_x_new_field_names_are_paid_for_by_what_they_may_bring() -> None:
    with Stage(MILL, accepts=("post",), default_dialect="post") as stage:
        outputs = to_the_end(stage, 200)
        expected = truth.tweets(stage.world, "lumen_mill", NOW)

    assert tables(outputs)["tweets"].keys() == expected.keys()


def test_the_bill_and_the_ceiling_count_alike() -> None:
    with Stage(MILL, KILN) as stage:
        output = synced(stage, 250, (), *OF_POSTS, "api_usage")
        spent = billed(stage.requests)

    assert sum(row["post_reads"] for row in output.rows("api_usage")) == spent
    assert f"and {spent} were read." in warned(output)[0]


@pytest.mark.parametrize("streams", [(*OF_POSTS, "organic_report"), ("organic_report",)])
def test_snapshots_that_take_several_syncs_add_up_to_the_report_of_one(streams: tuple[str, ...]) -> None:
    with Stage(MILL, KILN) as stage:
        first = synced(stage, None, (), *streams)
        stage.clock.advance(timedelta(days=1))
        whole = synced(stage, None, first.state, *streams)
        parts = [synced(stage, 90, first.state, *streams)]
        while warned(parts[-1]):
            assert len(parts) < 60
            parts.append(synced(stage, 90, parts[-1].state, *streams))

    table: dict[str, Json] = {}
    for part in parts:
        table |= part.by_key("organic_report")
    assert len(parts) > 2
    assert table == whole.by_key("organic_report")


DAILY = {
    "table_name": "daily_sums",
    "report_type": "tweet_analytics",
    "metrics": ["impressions", "likes"],
    "dimensions": ["day"],
}
OF_MEDIA = {**DAILY, "table_name": "videos", "report_type": "media_analytics", "metrics": ["video_views"]}


@pytest.mark.parametrize("streams", [("organic_report",), ("daily_sums",), ("tweets", "organic_report", "daily_sums")])
def test_reports_about_posts_that_take_several_syncs_to_list_end_with_the_rows_of_one(streams: tuple[str, ...]) -> None:
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        whole = synced(stage, None, (), *streams, custom_reports=[DAILY])
        parts = [synced(stage, 100, (), *streams, custom_reports=[DAILY])]
        while warned(parts[-1]):
            assert len(parts) < 30
            parts.append(synced(stage, 100, parts[-1].state, *streams, custom_reports=[DAILY]))

    assert len(parts) > 2
    for stream in streams:
        table: dict[str, Json] = {}
        for part in parts:
            table |= part.by_key(stream)
        assert table == whole.by_key(stream)
    if "daily_sums" in streams:
        assert [len(part.rows("daily_sums")) for part in parts[:-1]] == [0] * (len(parts) - 1)


def test_a_report_that_cannot_go_on_says_that_the_ceiling_is_too_small_for_it_and_gives_no_half_rows() -> None:
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        first = synced(stage, 100, (), "videos", custom_reports=[OF_MEDIA])
        second = synced(stage, 100, first.state, "videos", custom_reports=[OF_MEDIA])

    for output in (first, second):
        assert output.rows("videos") == []
        assert any("videos has no rows in this sync" in line for line in output.said("WARNING"))
        # No sync goes on from there, so that it is not said.
        assert not warned(output)
