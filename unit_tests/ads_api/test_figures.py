"""Figures add up to what was earned, however tweets are put into batches and days into windows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.ads_api.api import METRIC_GROUPS
from source_x_organic.ads_api.figures import Bucket, SliceFigures, buckets, groups_of
from source_x_organic.ads_api.stats import ENGAGEMENT, VIDEO, MisalignedAnswer
from source_x_organic.config import Aggregate, Dimension, ReportType
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.days import DAY, Days, midnight
from source_x_organic.reports.definitions import ReportDefinition
from source_x_organic.reports.kinds import kind_of
from source_x_organic.reports.plan import ListedTweet, Slice, slices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from source_x_organic.reports.cells import CellKey

ZONE = ZoneInfo("America/Los_Angeles")
TWEET, DAYS, HOUR, _ = Dimension
CHANGE = date(2026, 11, 1)
"""The day on which clocks go back: it has an hour one twice."""

SPAN = Days(CHANGE - 2 * DAY, CHANGE + 2 * DAY)
LATER = datetime(2026, 11, 20, tzinfo=UTC)
METRICS = ("likes", "video_total_views")


def defined(*dimensions: Dimension, granularity: Aggregate = Aggregate.DAILY) -> ReportDefinition:
    return ReportDefinition("mine", kind_of(ReportType.ADS_ORGANIC), METRICS, dimensions, granularity)


def part(days: Days = SPAN, **created: date) -> Slice:
    ids = tuple(created) or ("t1",)
    return Slice(ids, tuple(created.values()) or (days.first,), ("7",) * len(ids), days)


def entity(tweet_id: str, **metrics: object) -> dict[str, Any]:
    return {"id": tweet_id, "id_data": [{"segment": None, "metrics": metrics}]}


def figures(
    entities: Iterable[dict[str, Any]],
    about: Slice,
    definition: ReportDefinition,
    read_at: datetime = LATER,
    groups: tuple[str, ...] = METRIC_GROUPS,
) -> dict[CellKey, dict[str, int | None]]:
    """Return the cells of an answer."""
    cells, said = Cells(), SliceFigures(about, ZONE, definition, read_at, groups)
    for each in entities:
        said.add(each, cells)
    return {key: dict(cells.values(key)) for key in cells.keys()}  # noqa: SIM118 - not a mapping


# What a number covers ------------------------------------------------------------------------------------------------


def test_an_hour_that_comes_twice_is_there_twice() -> None:
    found = buckets(Days(CHANGE, CHANGE), ZONE, Aggregate.HOURLY)
    assert [bucket.hour for bucket in found] == [0, 1, 1, *range(2, 24)]
    assert {bucket.date for bucket in found} == {"2026-11-01"}
    assert [bucket.start for bucket in found] == [
        datetime(2026, 11, 1, 7, tzinfo=UTC) + number * timedelta(hours=1) for number in range(25)
    ]


def test_days_are_local_and_a_total_is_of_no_day() -> None:
    assert buckets(SPAN, ZONE, Aggregate.TOTAL) == [Bucket(midnight(SPAN.first, ZONE))]
    assert buckets(SPAN, ZONE, Aggregate.DAILY) == [Bucket(midnight(day, ZONE), day.isoformat()) for day in SPAN]


@pytest.mark.parametrize("day", [CHANGE, CHANGE + DAY, date(2026, 3, 8)])
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_the_hours_of_a_day_tile_it(zone: str, day: date) -> None:
    found = buckets(Days(day, day), ZoneInfo(zone), Aggregate.HOURLY)
    end = midnight(day + DAY, ZoneInfo(zone))
    assert found[0].start == midnight(day, ZoneInfo(zone))
    assert timedelta(0) < end - found[-1].start <= timedelta(hours=1)
    assert {bucket.date for bucket in found} == {day.isoformat()}


@pytest.mark.parametrize(
    ("metrics", "groups"),
    [
        (("likes",), ("ENGAGEMENT",)),
        (("video_views_25",), ("VIDEO",)),
        (("video_views_25", "likes"), ("ENGAGEMENT", "VIDEO")),
        ((*VIDEO, *ENGAGEMENT), ("ENGAGEMENT", "VIDEO")),
    ],
)
def test_a_report_needs_the_groups_that_its_metrics_are_in(metrics: tuple[str, ...], groups: tuple[str, ...]) -> None:
    assert groups_of(metrics) == groups


# What it is broken down by -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ((TWEET, DAYS), {("t1", "2026-11-01", None): 3, ("t1", "2026-11-02", None): 4, ("t2", "2026-11-02", None): 6}),
        ((DAYS,), {(None, "2026-11-01", None): 3, (None, "2026-11-02", None): 10}),
        ((TWEET,), {("t1", None, None): 7, ("t2", None, None): 6}),
        ((), {(None, None, None): 13}),
    ],
)
def test_what_is_not_told_apart_adds_up(dimensions: tuple[Dimension, ...], expected: dict[CellKey, int]) -> None:
    about = part(Days(CHANGE, CHANGE + DAY), t1=CHANGE, t2=CHANGE + DAY)
    answer = [entity("t1", likes=[3, 4], video_total_views=None), entity("t2", likes=[0, 6], video_total_views=None)]
    found = figures(answer, about, defined(*dimensions))
    assert found == {key: {"likes": likes, "video_total_views": 0} for key, likes in expected.items()}


def test_hours_of_all_days_add_up_where_days_are_not_told_apart() -> None:
    about = part(Days(CHANGE, CHANGE + DAY))
    numbers = [1] * (25 + 24)
    found = figures([entity("t1", likes=numbers)], about, defined(HOUR, granularity=Aggregate.HOURLY))
    assert {hour: cell["likes"] for (_, _, hour), cell in found.items()} == {
        hour: 3 if hour == 1 else 2 for hour in range(24)
    }


def test_there_are_no_figures_before_the_tweet_was_posted_nor_of_hours_that_have_not_begun() -> None:
    read_at = midnight(CHANGE + DAY, ZONE) + timedelta(hours=3, minutes=20)
    about = part(Days(CHANGE - DAY, CHANGE + DAY), t1=CHANGE)
    found = figures(
        [entity("t1", likes=[0] * (24 + 25 + 24))],
        about,
        defined(TWEET, DAYS, HOUR, granularity=Aggregate.HOURLY),
        read_at,
    )
    assert set(found) == {
        *(("t1", "2026-11-01", hour) for hour in range(24)),
        *(("t1", "2026-11-02", hour) for hour in range(4)),
    }


def test_an_hour_that_began_after_the_job_was_made_counts_if_there_is_anything_in_it() -> None:
    numbers = [0] * 22 + [5, 0]
    day = Days(CHANGE + DAY, CHANGE + DAY)
    read_at = midnight(day.first, ZONE)
    found = figures([entity("t1", likes=numbers)], part(day), defined(HOUR, granularity=Aggregate.HOURLY), read_at)
    assert {hour: cell["likes"] for (_, _, hour), cell in found.items()} == {0: 0, 22: 5}


@pytest.mark.parametrize("metrics", [None, {"likes": None, "video_total_views": None}])
def test_a_tweet_without_data_has_zeros(metrics: dict[str, None] | None) -> None:
    answer = {"id": "t1", "id_data": [{"segment": None, "metrics": metrics}]}
    assert figures([answer], part(), defined()) == {(None, None, None): {"likes": 0, "video_total_views": 0}}


def test_a_metric_that_x_was_not_asked_for_is_unknown_and_the_others_are_zero_where_there_are_none() -> None:
    nothing = {"id": "t1", "id_data": []}
    empty = entity("t1", likes=None, video_total_views=None)
    for said in (nothing, empty):
        found = figures([said], part(), defined(), groups=("ENGAGEMENT",))
        assert found == {(None, None, None): {"likes": 0, "video_total_views": None}}


def test_a_metric_that_x_does_not_name_is_unknown() -> None:
    assert figures([entity("t1", likes=[1] * 5)], part(), defined()) == {
        (None, None, None): {"likes": 5, "video_total_views": None}
    }


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (entity("t9", likes=[1] * 5), "the tweet t9, which was not asked for"),
        (entity("t1", likes=[1] * 4), "4 numbers of likes for 5 days"),
        (entity("t1", likes=7), "likes as int, not as a number for each day"),
    ],
)
def test_an_answer_to_another_question_is_no_figures(answer: dict[str, Any], complaint: str) -> None:
    with pytest.raises(MisalignedAnswer, match=complaint):
        figures([answer], part(), defined())


# However it is cut ---------------------------------------------------------------------------------------------------

NUMBERS = st.integers(0, 1000)
WORLDS = st.dictionaries(
    st.sampled_from(["10", "11", "12", "13"]),
    st.tuples(st.sampled_from(list(SPAN)), st.lists(NUMBERS, min_size=len(SPAN), max_size=len(SPAN))),
    min_size=1,
)
DIMENSIONS = st.sets(st.sampled_from([TWEET, DAYS])).map(
    lambda chosen: tuple(each for each in Dimension if each in chosen)
)


def told(world: Mapping[str, tuple[date, list[int]]], about: Slice) -> list[dict[str, Any]]:
    """Return X's answer about a slice: nothing before a tweet was posted."""
    place = (about.days.first - SPAN.first).days
    return [
        entity(
            tweet_id,
            likes=[
                number if day >= world[tweet_id][0] else 0
                for day, number in zip(about.days, world[tweet_id][1][place:], strict=False)
            ],
        )
        for tweet_id in about.ids
    ]


@given(WORLDS, DIMENSIONS, st.integers(1, 4), st.integers(1, 5))
def test_any_split_into_batches_and_windows_adds_up_to_one_answer(
    world: dict[str, tuple[date, list[int]]], dimensions: tuple[Dimension, ...], batch: int, longest: int
) -> None:
    listed = [ListedTweet(tweet_id, "7", posted) for tweet_id, (posted, _) in world.items()]
    merged, definition = Cells(), defined(*dimensions)
    for about in slices(listed, [SPAN], batch=batch, longest=longest):
        said = SliceFigures(about, ZONE, definition, LATER, METRIC_GROUPS)
        for each in told(world, about):
            said.add(each, merged)
    (whole,) = slices(listed, [SPAN], batch=len(listed), longest=len(SPAN))
    expected = figures(told(world, whole), whole, definition)
    assert {key: dict(merged.values(key)) for key in merged.keys()} == expected  # noqa: SIM118 - not a mapping
