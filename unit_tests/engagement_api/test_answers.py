"""Every count of an answer lands on its tweet, metric, day and hour, however X writes it, and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import Dimension
from source_x_organic.engagement_api.answers import LeftOut, UnexpectedAnswer, cells_of, left_out
from source_x_organic.engagement_api.requests import GROUP, Window, grouping

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from source_x_organic.reports.cells import CellKey, Cells

TWEET, DAY, HOUR, METRIC = Dimension
CHOICES = [chosen for count in range(5) for chosen in combinations(Dimension, count)]
WINDOW = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, 5, tzinfo=UTC))
METRICS = ("impressions", "engagements", "favorites", "video_views")

Figure = tuple[str, str, datetime]
"""Tweet, metric, and the hour that a count belongs to."""
Figures = dict["CellKey", dict[str, int | None]]


def figures_of(cells: Cells) -> Figures:
    return {key: dict(cells.values(key)) for key in cells.keys()}  # noqa: SIM118 - not a mapping


def known(figures: Figures) -> Figures:
    """Return the figures without those that are unknown: rows have null for them and for those that are missing."""
    return {key: {name: count for name, count in each.items() if count is not None} for key, each in figures.items()}


def formatted(counts: Mapping[Figure, int | None], group_by: list[str], write: Any = str) -> Any:  # noqa: ANN401 - as deep as grouped
    """Return what X answers under a grouping: nested as grouped, the rest added up."""
    if not group_by:
        told = [count for count in counts.values() if count is not None]
        return write(sum(told)) if told else None
    parts: dict[str, dict[Figure, int | None]] = defaultdict(dict)
    for (tweet, metric, hour), count in counts.items():
        names = {
            "tweet.id": tweet,
            "engagement.type": metric,
            "engagement.day": f"{hour:%Y-%m-%d}",
            "engagement.hour": f"{hour:%H}",
        }
        parts[names[group_by[0]]][tweet, metric, hour] = count
    return {name: formatted(part, group_by[1:], write) for name, part in parts.items()}


def expected(counts: Mapping[Figure, int | None], dimensions: Collection[Dimension]) -> Figures:
    """Return the figures by the plainest arithmetic."""
    added: Figures = {}
    for (tweet, metric, hour), count in counts.items():
        key = (
            tweet if TWEET in dimensions else None,
            f"{hour:%Y-%m-%d}" if DAY in dimensions else None,
            hour.hour if HOUR in dimensions else None,
        )
        known = added.setdefault(key, {}).get(metric)
        added[key][metric] = count if known is None else known + (count or 0)
    return added


HOURS = st.integers(0, 52).map(lambda hours: WINDOW.start + timedelta(hours=hours))
COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(["20", "17", "1001"]), st.sampled_from(METRICS), HOURS),
    st.integers(0, 10**12),
    min_size=1,
    max_size=40,
)


@given(COUNTS, st.sampled_from(CHOICES), st.sampled_from([str, int]))
def test_what_x_writes_under_any_grouping_is_read_as_it_was_meant(
    counts: dict[Figure, int], dimensions: tuple[Dimension, ...], write: type
) -> None:
    answer = {GROUP: formatted(counts, grouping(dimensions), write)}
    read = figures_of(cells_of(answer, dimensions, METRICS, WINDOW))
    assert known(read) == expected(counts, dimensions)


@given(COUNTS, st.sampled_from(CHOICES), st.data())
def test_answers_about_parts_of_the_tweets_and_hours_add_up_to_the_answer_about_all(
    counts: dict[Figure, int], dimensions: tuple[Dimension, ...], data: st.DataObject
) -> None:
    parts: dict[int, dict[Figure, int | None]] = defaultdict(dict)
    for figure, count in counts.items():
        parts[data.draw(st.integers(0, 2))][figure] = count
    whole = cells_of({GROUP: formatted(counts, grouping(dimensions))}, dimensions, METRICS)
    merged, *rest = (
        cells_of({GROUP: formatted(part, grouping(dimensions))}, dimensions, METRICS) for part in parts.values()
    )
    for each in rest:
        merged.add_all(each)
    assert known(figures_of(merged)) == known(figures_of(whole))


OLD = "unsupported_for_impressions_engagements_tweet_ids"
GONE = "unavailable_tweet_ids"


@pytest.mark.parametrize(
    ("lists", "impressions"),
    [
        ({}, 0),
        ({OLD: ["1"]}, 0),
        ({OLD: ["1", "2", "3"]}, None),
        ({OLD: ["1", "2"], GONE: ["3"]}, None),
        ({OLD: ["1"], GONE: ["3"]}, 0),
    ],
)
@pytest.mark.parametrize("dimensions", [(), (METRIC,)])
def test_a_sum_is_unknown_where_x_has_the_metric_of_none_of_the_tweets(
    dimensions: tuple[Dimension, ...], lists: dict[str, list[str]], impressions: int | None
) -> None:
    document = {**lists, GROUP: {"impressions": "0", "favorites": "4"}}
    cells = cells_of(document, dimensions, ("impressions", "favorites"), asked=["1", "2", "3"])
    assert figures_of(cells) == {(None, None, None): {"impressions": impressions, "favorites": 4}}


def test_sums_over_batches_are_unknown_only_where_all_of_them_are() -> None:
    def batch(ids: list[str], old: list[str], impressions: str) -> Cells:
        group = {"impressions": impressions, "video_views": "0"}
        document = {OLD: old, "unsupported_for_video_views_tweet_ids": ids, GROUP: group}
        return cells_of(document, (), ("impressions", "video_views"), asked=ids)

    for batches in ([(["1"], ["1"], "0"), (["2"], [], "5")], [(["2"], [], "5"), (["1"], ["1"], "0")]):
        merged = batch(*batches[0])
        merged.add_all(batch(*batches[1]))
        assert figures_of(merged) == {(None, None, None): {"impressions": 5, "video_views": None}}


def test_an_answer_for_none_of_the_tweets_has_no_figures_whatever_stands_in_it() -> None:
    document = {GONE: ["1", "2"], GROUP: {"favorites": "0"}}
    assert figures_of(cells_of(document, (), ("favorites",), asked=["1", "2"])) == {}


def answer(**more: object) -> dict[str, Any]:
    return {
        "start": "2026-11-01T00:00:00Z",
        "end": "2026-11-03T05:00:00Z",
        GROUP: {
            "101": {"impressions": {"2026-11-01": "5", "2026-11-02": 7}, "favorites": {"2026-11-01": "0"}},
            "20": {"impressions": {"2026-11-03": "1"}},
        },
        **more,
    }


def read(document: dict[str, Any], metrics: Collection[str] = METRICS[::2]) -> Figures:
    return figures_of(cells_of(document, (TWEET, DAY), metrics, WINDOW))


def test_a_metric_without_counts_is_unknown_where_others_have_some_and_zero_stays_zero() -> None:
    assert read(answer()) == {
        ("101", "2026-11-01", None): {"impressions": 5, "favorites": 0},
        ("101", "2026-11-02", None): {"impressions": 7},
        ("20", "2026-11-03", None): {"impressions": 1, "favorites": None},
    }


@pytest.mark.parametrize("nothing", [None, {}])
def test_a_metric_that_is_empty_is_unknown_like_one_that_is_missing(nothing: object) -> None:
    document = answer()
    document[GROUP]["20"]["favorites"] = nothing
    assert read(document) == read(answer())


def test_metrics_of_tweets_that_are_too_old_for_them_are_unknown_also_where_zero_stands() -> None:
    document = {
        "unsupported_for_impressions_engagements_tweet_ids": ["1"],
        "unsupported_for_video_views_tweet_ids": ["2", 3],
        GROUP: {
            "1": {"favorites": "4", "video_views": "5"},
            "2": {"impressions": "6", "engagements": "7", "favorites": "8", "video_views": "0"},
        },
    }
    assert figures_of(cells_of(document, (TWEET,), METRICS)) == {
        ("1", None, None): {"favorites": 4, "video_views": 5, "impressions": None, "engagements": None},
        ("2", None, None): {"impressions": 6, "engagements": 7, "favorites": 8, "video_views": None},
    }


def test_what_is_left_out_is_told_by_reason() -> None:
    assert left_out(answer()) == LeftOut()
    assert left_out(
        {
            "unavailable_tweet_ids": ["1", 2, "1"],
            "unsupported_for_impressions_engagements_tweet_ids": ["3"],
            "unsupported_for_video_views_tweet_ids": ["4"],
            "errors": ["2 Tweet ID(s) are unavailable", {"message": "no sentence"}],
        }
    ) == LeftOut(("1", "2"), ("3",), ("4",), ("2 Tweet ID(s) are unavailable",))


def test_an_answer_of_unavailable_tweets_alone_has_no_figures() -> None:
    assert read({"unavailable_tweet_ids": ["1"], "errors": ["1 Tweet ID(s) are unavailable"]}) == {}
    assert read({"unavailable_tweet_ids": ["1"], GROUP: {}}) == {}


def test_hours_that_stand_alone_are_hours_of_all_days() -> None:
    document = {GROUP: {"impressions": {"00": "1", "9": "2", "23": "3"}}}
    assert figures_of(cells_of(document, (HOUR,), ["impressions"])) == {
        (None, None, 0): {"impressions": 1},
        (None, None, 9): {"impressions": 2},
        (None, None, 23): {"impressions": 3},
    }
    with pytest.raises(UnexpectedAnswer, match="not broken down by the days"):
        cells_of(document, (HOUR, DAY), ["impressions"])


def changed(at: tuple[str, ...], value: object) -> dict[str, Any]:
    """Return the answer with another value in one place."""
    document = answer()
    place = document
    for name in at[:-1]:
        place = place[name]
    place[at[-1]] = value
    return document


OTHER_ANSWERS = {
    "an earlier start": changed(("start",), "2026-10-31T23:00:00Z"),
    "a later end": changed(("end",), "2026-11-03T06:00:00Z"),
    "a start that is no time": changed(("start",), "soon"),
    "a day before the window": changed((GROUP, "20", "impressions"), {"2026-10-31": "1"}),
    "a day after the window": changed((GROUP, "20", "impressions"), {"2026-11-04": "1"}),
    "another grouping": {"mine": answer()[GROUP]},
    "another metric": changed((GROUP, "20", "retweets"), {"2026-11-01": "1"}),
    "metrics outside, tweets inside": {GROUP: {"impressions": {"20": {"2026-11-01": "1"}}}},
    "a grouping that is a list": changed((GROUP,), []),
    "a tweet that is a list": changed((GROUP, "20"), []),
    "a count of all days": changed((GROUP, "20", "impressions"), "5"),
    "hours alone": changed((GROUP, "20", "impressions"), {"05": "5"}),
    "a day that is none": changed((GROUP, "20", "impressions"), {"Monday": "5"}),
    "hours below what is no day": changed((GROUP, "20", "impressions"), {"05": {"05": "5"}}),
    "an hour that is none": changed((GROUP, "20", "impressions"), {"2026-11-01": {"24": "5"}}),
    "a count in words": changed((GROUP, "20", "impressions"), {"2026-11-01": "five"}),
    "a count with a comma": changed((GROUP, "20", "impressions"), {"2026-11-01": "1,234"}),
    "an empty count": changed((GROUP, "20", "impressions"), {"2026-11-01": ""}),
    "half a count": changed((GROUP, "20", "impressions"), {"2026-11-01": 0.5}),
    "a truth": changed((GROUP, "20", "impressions"), {"2026-11-01": True}),
    "a list of counts": changed((GROUP, "20", "impressions"), {"2026-11-01": ["1"]}),
}


@pytest.mark.parametrize("document", OTHER_ANSWERS.values(), ids=OTHER_ANSWERS)
def test_an_answer_to_another_question_is_not_taken(document: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer):
        read(document)


def test_an_answer_may_repeat_its_window_in_any_notation_or_not_at_all() -> None:
    assert read(changed(("start",), "2026-11-01")) == read(answer())
    assert read(changed(("end",), "2026-11-03T06:00:00.000+01:00")) == read(answer())
    assert read({GROUP: answer()[GROUP]}) == read(answer())


def test_a_null_count_is_unknown() -> None:
    figures = read(changed((GROUP, "20", "impressions"), {"2026-11-01": None, "2026-11-02": "-1"}))
    assert {key: each for key, each in figures.items() if key[0] == "20"} == {
        ("20", "2026-11-01", None): {"impressions": None, "favorites": None},
        ("20", "2026-11-02", None): {"impressions": -1, "favorites": None},
    }


def test_the_29_hours_of_the_last_28_are_all_read() -> None:
    first = datetime(2026, 11, 20, 4, tzinfo=UTC)
    hours = [first + timedelta(hours=number) for number in range(29)]
    document: dict[str, Any] = {
        "start": "2026-11-20T04:00:00Z",
        "end": "2026-11-21T09:00:00Z",
        GROUP: formatted({("1", "impressions", hour): 1 for hour in hours}, grouping((TWEET, HOUR, DAY))),
    }
    assert figures_of(cells_of(document, (TWEET, DAY, HOUR), ["impressions"])) == {
        ("1", f"{hour:%Y-%m-%d}", hour.hour): {"impressions": 1} for hour in hours
    }
    assert figures_of(cells_of(document, (TWEET, HOUR), ["impressions"])) == {
        ("1", None, hour): {"impressions": 2 if 4 <= hour <= 8 else 1} for hour in range(24)
    }
    assert list(chain.from_iterable(document[GROUP]["1"]["impressions"].values())).count("04") == 2
    assert date(2026, 11, 20).isoformat() in document[GROUP]["1"]["impressions"]
