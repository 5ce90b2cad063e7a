"""Reports below a ceiling on posts: what is listed is remembered, reported, and gone on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from integration_tests.report_stage import ReportStage, settled, table, tweets_of
from integration_tests.stage import Json, Output, billed
from x_simulator import AccountSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

MILL = AccountSpec("lumen_mill", posts=90, posts_per_day=1.2, mix=("original", "video"))
KILN = AccountSpec("tiny_kiln", posts=30, posts_per_day=0.5, mix=("original",))


def definition(**properties: object) -> Json:
    named = {"table_name": "mine", "report_type": "engagement_historical", "metrics": ["impressions", "favorites"]}
    return named | properties


def to_the_end(stage: ReportStage, ceiling: int, *streams: str, reports: Sequence[Json] = ()) -> list[Output]:
    """Sync until the log says nothing of the ceiling."""
    config = stage.config(max_post_reads_per_sync=ceiling, custom_reports=[*reports])
    outputs: list[Output] = []
    while not outputs or any(line.startswith("The sync ended early") for line in outputs[-1].said("WARNING")):
        assert len(outputs) < 40
        stage.forget()
        outputs.append(stage.sync(*streams, config=config, state=outputs[-1].state if outputs else ()))
        assert outputs[-1].error is None
        assert billed(stage.requests) <= ceiling
    return outputs


@pytest.mark.parametrize("access", ["ENGAGEMENT_API", "X_API_ENTERPRISE"])
@pytest.mark.parametrize("streams", [("organic_report",), ("tweets", "tweet_insights", "organic_report")], ids=len)
def test_syncs_below_a_ceiling_end_with_the_rows_of_one_without(streams: tuple[str, ...], access: str) -> None:
    with ReportStage(MILL, KILN, access=access) as stage:
        outputs = to_the_end(stage, 60, *streams)
        expected = stage.expected("lumen_mill", "tiny_kiln")

    assert len(outputs) > 2
    assert settled(table(*outputs)) == settled(expected)
    # Each of them got further, and said what it has not got to.
    found = [len(tweets_of(output.rows("organic_report"))) for output in outputs]
    assert found == sorted(found)
    (line,) = [line for line in outputs[0].said("WARNING") if line.startswith("The sync ended early")]
    assert "organic_report" in line


def test_a_look_back_longer_than_the_ceiling_does_not_keep_history_waiting() -> None:
    busy = AccountSpec("lumen_mill", posts=90, posts_per_day=6, mix=("original",))
    with ReportStage(busy) as stage:
        outputs = to_the_end(stage, 30, "organic_report")
        expected = stage.expected("lumen_mill")

    assert settled(table(*outputs)) == settled(expected)


def test_sums_wait_until_all_posts_are_known_and_are_right_then() -> None:
    with ReportStage(MILL) as stage:
        report = definition(dimensions=["day"])
        whole = stage.sync("mine", config=stage.config(custom_reports=[report]))
        outputs = to_the_end(stage, 40, "mine", reports=[report])

    assert len(outputs) > 2
    assert [len(output.rows("mine")) for output in outputs[:-1]] == [0] * (len(outputs) - 1)
    assert outputs[-1].by_key("mine") == whole.by_key("mine")


def test_the_newest_posts_are_reached_over_several_syncs() -> None:
    with ReportStage(MILL) as stage:
        report = definition(dimensions=["tweet", "day"], tweets={"selection": "recent", "count": 70})
        whole = stage.sync("mine", config=stage.config(custom_reports=[report]))
        outputs = to_the_end(stage, 40, "mine", reports=[report])

    assert len(outputs) > 1
    assert table(*outputs, stream="mine") == whole.by_key("mine")


def test_a_report_that_is_read_anew_has_all_of_its_posts_or_no_rows() -> None:
    with ReportStage(MILL) as stage:
        report = definition(dimensions=["tweet"], period={"type": "days_back", "days": 3})
        config = stage.config(custom_reports=[report], max_post_reads_per_sync=40)
        alone = stage.sync("mine", config=config)
        beside: list[Output] = []
        state: list[Json] = []
        for _ in range(6):
            beside.append(stage.sync("organic_report", "mine", config=config, state=state))
            state = beside[-1].state
        whole = stage.sync("mine", config=stage.config(custom_reports=[report]))

    assert alone.error is None
    assert alone.rows("mine") == []
    # One that goes on remembers for it.
    assert not beside[0].rows("mine")
    assert [output.by_key("mine") for output in beside if output.rows("mine")][-1:] == [whole.by_key("mine")]
    assert all(output.by_key("mine") in ({}, whole.by_key("mine")) for output in beside)


def test_named_tweets_need_no_posts_and_are_read_at_once() -> None:
    with ReportStage(MILL) as stage:
        ids = stage.world.post_ids("lumen_mill")[:3]
        report = definition(dimensions=["tweet"], tweets={"selection": "ids", "ids": ids})
        config = stage.config(custom_reports=[report], max_post_reads_per_sync=20)
        output = stage.sync("tweets", "mine", config=config)

    assert tweets_of(output.rows("mine")) == set(ids)
