"""Figures of many requests add up to what a single one would have said, whatever the report is broken down by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import Aggregate, Dimension, ReportType
from source_x_organic.reports.cells import CellKey, Cells, rows
from source_x_organic.reports.definitions import ReportDefinition
from source_x_organic.reports.kinds import kind_of

NULLABLE = st.none() | st.integers(0, 2**40)
TWEET, DAY, HOUR, METRIC = Dimension
FACTS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(1, 9), st.integers(0, 23), st.sampled_from(["impressions", "likes"])),
    NULLABLE,
    max_size=60,
)
"""What X knows: a figure of each tweet, day, hour and metric."""


def definition(*dimensions: Dimension, report_type: ReportType = ReportType.ENGAGEMENT_HISTORICAL) -> ReportDefinition:
    return ReportDefinition(
        name="mine",
        kind=kind_of(report_type),
        metrics=("impressions", "likes"),
        dimensions=dimensions,
        granularity=Aggregate.TOTAL,
    )


def key(tweet: int, day: int, hour: int, dimensions: frozenset[Dimension]) -> CellKey:
    return (
        str(1_800_000_000_000_000_000 + tweet) if TWEET in dimensions else None,
        f"2026-07-{day:02}" if DAY in dimensions else None,
        hour if HOUR in dimensions else None,
    )


def added(*figures: tuple[CellKey, str, int | None]) -> Cells:
    cells = Cells()
    for figure in figures:
        cells.add(*figure)
    return cells


def contents(cells: Cells) -> dict[CellKey, dict[str, int | None]]:
    return {each: dict(cells.values(each)) for each in cells.keys()}  # noqa: SIM118 - Cells is no mapping


@given(
    FACTS,
    st.frozensets(st.sampled_from(Dimension)),
    st.lists(st.integers(0, 3), min_size=6, max_size=6),
    st.lists(st.integers(0, 3), min_size=10, max_size=10),
)
def test_any_batches_and_windows_merge_to_what_one_unlimited_answer_gives(
    facts: dict[tuple[int, int, int, str], int | None],
    dimensions: frozenset[Dimension],
    batch: list[int],
    window: list[int],
) -> None:
    whole = Cells()
    parts: dict[tuple[int, int], Cells] = {}
    for (tweet, day, hour, metric), value in facts.items():
        cell = key(tweet, day, hour, dimensions)
        whole.add(cell, metric, value)
        parts.setdefault((batch[tweet], window[day]), Cells()).add(cell, metric, value)
    merged = Cells()
    for _, part in sorted(parts.items()):
        merged.add_all(part)
    assert contents(merged) == contents(whole)
    shape = definition(*sorted(dimensions, key=list(Dimension).index))
    assert list(rows(merged, shape, "7")) == list(rows(whole, shape, "7"))


@given(FACTS)
def test_a_sum_is_exact_and_null_only_where_nothing_is_known(
    facts: dict[tuple[int, int, int, str], int | None],
) -> None:
    cells = added(*(((None, None, None), metric, value) for (*_, metric), value in facts.items()))
    for metric in ("impressions", "likes"):
        known = [value for (*_, named), value in facts.items() if named == metric and value is not None]
        assert contents(cells).get((None, None, None), {}).get(metric) == (sum(known) if known else None)


@pytest.mark.parametrize(
    ("figures", "total"), [((None,), None), ((None, None), None), ((None, 0), 0), ((3, None), 3), ((3, 4), 7)]
)
def test_nothing_known_changes_no_number(figures: tuple[int | None, ...], total: int | None) -> None:
    assert contents(added(*((("1", None, None), "likes", figure) for figure in figures))) == {
        ("1", None, None): {"likes": total}
    }


def test_rows_come_by_tweet_date_and_hour_with_a_column_for_each_metric() -> None:
    cells = added(
        (("100", "2026-07-01", 0), "likes", 4),
        (("99", "2026-07-02", 9), "likes", 3),
        (("99", "2026-07-02", 9), "impressions", 30),
        (("99", "2026-07-01", 10), "likes", 2),
        (("99", "2026-07-01", 9), "likes", None),
    )
    assert list(rows(cells, definition(TWEET, DAY, HOUR), "7")) == [
        {
            "account_id": "7",
            "tweet_id": tweet_id,
            "date": date,
            "hour": hour,
            "impressions": impressions,
            "likes": likes,
        }
        for tweet_id, date, hour, impressions, likes in [
            ("99", "2026-07-01", 9, None, None),
            ("99", "2026-07-01", 10, None, 2),
            ("99", "2026-07-02", 9, 30, 3),
            ("100", "2026-07-01", 0, None, 4),
        ]
    ]


def test_broken_down_by_metric_each_metric_of_the_definition_has_a_row() -> None:
    cells = added((("99", None, None), "likes", 0))
    assert list(rows(cells, definition(TWEET, METRIC), "7")) == [
        {"account_id": "7", "tweet_id": "99", "metric": "impressions", "value": None},
        {"account_id": "7", "tweet_id": "99", "metric": "likes", "value": 0},
    ]


def test_rows_of_the_ads_api_say_which_ads_account_they_were_read_through() -> None:
    cells = added(((None, None, None), "likes", 1))
    shape = definition(report_type=ReportType.ADS_ORGANIC)
    assert list(rows(cells, shape, "7", ads_account_id="18ce54d4x5t")) == [
        {"account_id": "7", "ads_account_id": "18ce54d4x5t", "impressions": None, "likes": 1}
    ]


def test_a_cell_of_which_no_figure_is_known_has_a_row() -> None:
    cells = Cells()
    cells.touch(("99", None, None))
    cells.touch(("99", None, None))
    assert list(rows(cells, definition(TWEET), "7")) == [
        {"account_id": "7", "tweet_id": "99", "impressions": None, "likes": None}
    ]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), NULLABLE), max_size=5))
def test_figures_of_one_cell_added_together_are_the_same_as_one_by_one(parts: list[dict[str, int | None]]) -> None:
    together, one_by_one = Cells(), Cells()
    for figures in parts:
        before = dict(figures)
        together.add_figures(("99", None, None), figures)
        assert figures == before
        one_by_one.touch(("99", None, None))
        for metric, value in figures.items():
            one_by_one.add(("99", None, None), metric, value)
    assert [dict(together.values(each)) for each in together.keys()] == [  # noqa: SIM118 - not a mapping
        dict(one_by_one.values(each))
        for each in one_by_one.keys()  # noqa: SIM118 - not a mapping
    ]
