"""Reports below a ceiling on posts: what is listed is remembered, reported, and gone on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from integration_tests.report_stage import ReportStage, settled, table, tweets_of
from integration_tests.stage import Json, Output, billed
from x_simulator import AccountSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

VIDEOS = {
    "table_name": "videos",
    "report_type": "media_analytics",
    "metrics": ["video_views"],
    "dimensions": ["tweet"],
}

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


def early(output: Output) -> list[str]:
    return [line for line in output.said("WARNING") if line.startswith("The sync ended early")]


def without_rows(outputs: Sequence[Output]) -> set[str]:
    """Return the streams of which the log said that they have no rows in a sync."""
    lines = [line for output in outputs for line in output.said("WARNING") if "has no rows in this sync" in line]
    return {line.split(": ")[1].split(" ")[0] for line in lines}


@pytest.mark.parametrize("access", ["ENGAGEMENT_API", "X_API_ENTERPRISE"])
def test_a_report_of_media_below_a_ceiling_costs_no_other_report_a_row(access: str) -> None:
    sums = definition(table_name="sums", report_type="tweet_analytics", metrics=["impressions"], dimensions=["day"])
    streams = ("tweets", "organic_report", "sums", "videos")
    with ReportStage(MILL, KILN, access=access) as stage:
        whole = stage.sync(*streams, config=stage.config(custom_reports=[sums, VIDEOS]))
        outputs = to_the_end(stage, 60, *streams, reports=[sums, VIDEOS])

    assert len(outputs) > 2
    for stream in ("tweets", "organic_report", "sums"):
        assert settled(table(*outputs, stream=stream)) == settled(whole.by_key(stream))
    assert without_rows(outputs) == {"videos"}
    assert not any("videos" in line for output in outputs for line in early(output))


def test_a_report_of_media_has_its_rows_where_they_fit_beside_the_others() -> None:
    with ReportStage(MILL, KILN, access="X_API_ENTERPRISE") as stage:
        config = stage.config(custom_reports=[VIDEOS], max_post_reads_per_sync=300)
        first = stage.sync("tweets", "organic_report", "videos", config=config)
        stage.forget()
        second = stage.sync("tweets", "organic_report", "videos", config=config, state=first.state)
        again = stage.listed()
        whole = stage.sync("videos", config=stage.config(custom_reports=[VIDEOS]))

    assert first.by_key("videos") == second.by_key("videos") == whole.by_key("videos") != {}
    # Each post of the timeframe once, though some are read for everybody and some for the media alone.
    posts = len(first.by_key("tweets"))
    assert posts <= again <= posts + 2


def test_the_smallest_account_comes_first_where_not_all_fit() -> None:
    with ReportStage(MILL, KILN, access="X_API_ENTERPRISE") as stage:
        report = definition(report_type="tweet_analytics", metrics=["impressions"], dimensions=["tweet"])
        config = stage.config(custom_reports=[report], max_post_reads_per_sync=70)
        output = stage.sync("mine", config=config)
        posts = set(stage.world.post_ids("tiny_kiln"))

    assert tweets_of(output.rows("mine")) == posts
    assert [line.split(":")[0] for line in output.said("WARNING") if "mine has no rows" in line] == ["@lumen_mill"]


def test_named_media_do_not_make_other_reports_list_their_posts_again() -> None:
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        named = VIDEOS | {"tweets": {"selection": "ids", "ids": stage.world.post_ids("lumen_mill")[-3:]}}
        config = stage.config(custom_reports=[named])
        first = stage.sync("organic_report", "videos", config=config)
        everything = stage.listed()
        stage.forget()
        stage.sync("organic_report", "videos", config=config, state=first.state)

    assert stage.listed() < everything / 3


@pytest.mark.parametrize(
    "period", [{"type": "timeframe"}, {"type": "days_back", "days": 1}], ids=lambda each: each["type"]
)
@pytest.mark.parametrize("dimensions", [["tweet"], ["tweet", "day"], ["day"]], ids="-".join)
def test_the_newest_posts_are_reported_as_soon_as_they_are_read(period: Json, dimensions: list[str]) -> None:
    report = definition(
        report_type="tweet_analytics",
        metrics=["impressions"],
        dimensions=dimensions,
        period=period,
        tweets={"selection": "recent", "count": 20},
    )
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        whole = stage.sync("mine", config=stage.config(custom_reports=[report]))
        below = stage.config(custom_reports=[report], max_post_reads_per_sync=60)
        output = stage.sync("tweets", "mine", config=below)

    assert early(output)
    assert output.by_key("mine") == whole.by_key("mine") != {}
    assert without_rows([output]) == set()


def test_old_posts_are_not_taken_for_the_newest() -> None:
    report = definition(
        report_type="tweet_analytics",
        metrics=["impressions"],
        dimensions=["tweet"],
        tweets={"selection": "recent", "count": 30},
    )
    with ReportStage(MILL, access="X_API_ENTERPRISE") as stage:
        whole = stage.sync("mine", config=stage.config(custom_reports=[report]))
        outputs = to_the_end(stage, 60, "tweets", "tweet_insights", "mine", reports=[report])

    # The first syncs read few posts, with their private metrics; later ones read enough, but not the newest.
    assert len(outputs[0].rows("tweets")) < 30
    assert any(len(output.rows("tweets")) > 30 for output in outputs[1:])
    assert all(output.by_key("mine") in ({}, whole.by_key("mine")) for output in outputs)
    assert not outputs[0].rows("mine")
