"""What is read and what is missing tile the wanted time without a gap, and a sync never leaves a hole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.progress.coverage import BEGINNING, Span, clip, missing, timeframe_start, to_read, union

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
LONGEST = 40


def at(hour: int) -> datetime:
    return ZERO + timedelta(hours=hour)


def span(start: int, end: int) -> Span:
    return Span(at(start), at(end))


HOURS = st.integers(0, LONGEST)
SPANS = st.builds(lambda a, b: span(min(a, b), max(a, b)), HOURS, HOURS)
ANY_SPANS = st.lists(SPANS | st.builds(span, HOURS, HOURS), max_size=6)
INSTANTS = [ZERO + timedelta(minutes=30 * half) for half in range(-2, 2 * LONGEST + 3)]


def inside(instant: datetime, *spans: Span) -> bool:
    return any(instant in each for each in spans)


@given(ANY_SPANS)
def test_a_union_holds_the_same_instants_in_separate_spans_in_order(spans: list[Span]) -> None:
    joined = union(*spans)
    assert [inside(instant, *joined) for instant in INSTANTS] == [inside(instant, *spans) for instant in INSTANTS]
    assert all(one.end < other.start for one, other in pairwise(joined))
    assert union(*joined) == joined
    assert union(*reversed(spans)) == joined


@given(SPANS, ANY_SPANS)
def test_missing_and_covered_fill_the_wanted_span_and_share_no_more_than_borders(
    wanted: Span, covered: list[Span]
) -> None:
    gaps = missing(wanted, covered)
    joined = union(*covered)
    borders = {end for each in joined for end in (each.start, each.end)}
    for instant in INSTANTS:
        if instant in wanted and wanted.start < wanted.end:
            assert inside(instant, *gaps) or inside(instant, *joined)
        if inside(instant, *gaps):
            assert instant in wanted
            assert instant in borders or not inside(instant, *joined)
    assert all(one.end <= other.start for one, other in pairwise(gaps))
    assert missing(wanted, [*covered, *gaps]) == ()


@given(SPANS, ANY_SPANS)
def test_clipping_keeps_exactly_the_common_instants(each: Span, to: list[Span]) -> None:
    parts = clip(each, to)
    assert [inside(i, *parts) for i in INSTANTS] == [i in each and inside(i, *to) for i in INSTANTS]


@pytest.mark.parametrize(
    ("months", "now", "expected"),
    [
        (3, datetime(2026, 11, 20, 23, 59, tzinfo=UTC), datetime(2026, 8, 20, tzinfo=UTC)),
        (3, datetime(2026, 5, 31, 1, tzinfo=UTC), datetime(2026, 2, 28, tzinfo=UTC)),
        (6, datetime(2024, 8, 31, tzinfo=UTC), datetime(2024, 2, 29, tzinfo=UTC)),
        (24, datetime(2026, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)),
        (None, datetime(2026, 1, 1, tzinfo=UTC), BEGINNING),
    ],
)
def test_a_timeframe_starts_calendar_months_before_today(months: int | None, now: datetime, expected: datetime) -> None:
    assert timeframe_start(months, now) == expected


READS = [
    ("the first sync", 10, 40, None, (), (span(10, 40),)),
    ("the next sync", 10, 40, 25, (span(10, 30),), (span(25, 40),)),
    ("a sync after an interrupted first one", 10, 40, 25, (span(20, 30),), (span(10, 20), span(25, 40))),
    ("a wider timeframe", 5, 40, 25, (span(10, 30),), (span(5, 10), span(25, 40))),
    ("a narrower timeframe", 20, 40, 25, (span(10, 30),), (span(25, 40),)),
    ("a pause longer than the timeframe", 35, 40, 25, (span(10, 30),), (span(25, 40),)),
    ("a hole older than the timeframe", 35, 40, 38, (span(10, 20), span(30, 39)), (span(20, 30), span(38, 40))),
    ("a hole of two interruptions", 10, 40, 38, (span(10, 20), span(30, 39)), (span(20, 30), span(38, 40))),
    ("a clock that went back", 10, 28, 29, (span(10, 30),), (span(28, 28),)),
]


@pytest.mark.parametrize(
    ("start", "now", "again", "covered", "expected"), [case[1:] for case in READS], ids=lambda _: ""
)
def test_a_sync_reads_what_is_missing_and_the_look_back(
    start: int, now: int, again: int | None, covered: tuple[Span, ...], expected: tuple[Span, ...]
) -> None:
    read_again_from = None if again is None else at(again)
    assert to_read(start=at(start), now=at(now), read_again_from=read_again_from, covered=covered) == expected


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 8), st.integers(0, 12), st.integers(0, 12), st.floats(0, 1)), min_size=1, max_size=8
    )
)
def test_no_sequence_of_syncs_interruptions_and_timeframes_leaves_a_hole(
    steps: list[tuple[int, int, int, float]],
) -> None:
    """Each step lets time pass, chooses timeframe and look-back, and breaks off in the middle of the reading."""
    now = 20
    covered: tuple[Span, ...] = ()
    for passed, timeframe, lookback, progress in steps:
        now += passed
        start = now - timeframe
        again = at(now - passed - lookback) if covered else None
        reads = to_read(start=at(start), now=at(now), read_again_from=again, covered=covered)
        if again is not None:
            assert inside(again, *reads)
            assert inside(at(now), *reads)
        whole, part = divmod(progress * len(reads), 1)
        for number, each in enumerate(reversed(reads)):  # the newest first, and within each span too
            share = 1.0 if number < whole else part if number == whole else 0.0
            covered = union(*covered, *[Span(each.end - (each.end - each.start) * share, each.end)] * (share > 0))
    reads = to_read(start=at(now - 12), now=at(now), read_again_from=None, covered=covered)
    first = min([at(now - 12), *(each.start for each in covered)])
    assert union(*covered, *reads) == (Span(first, at(now)),)
