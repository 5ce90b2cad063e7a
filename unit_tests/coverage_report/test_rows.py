"""Rows of `sync_coverage`: a day counts what went out and what is missing, and years without anything have none."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.coverage_report.ledger import Covered
from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.coverage_report.rows import EMPTY_DAYS, MOST_UNKNOWN_DAYS, StreamCoverage
from source_x_organic.progress.coverage import BEGINNING, Span
from source_x_organic.reports.days import Days

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY

Counts = tuple[int | None, int, int | None, str | None]


def coverage(covered: Covered, *gaps: Days) -> StreamCoverage:
    return StreamCoverage(covered, gaps, NOW)


def counts(covered: Covered, *gaps: Days) -> dict[date, Counts]:
    return {
        date.fromisoformat(row["date"]): (
            row["expected_rows"],
            row["returned_rows"],
            row["missing_rows"],
            row["reason"],
        )
        for row in coverage(covered, *gaps).rows("7", "tweets")
    }


def last_days(number: int) -> Span:
    return Span(NOW - number * DAY, NOW)


def test_a_row_has_its_key_the_syncs_instant_and_the_counts() -> None:
    covered = Covered(returned=Counter({TODAY: 3}), missing=Counter({(TODAY, Reason.DELETED): 2}))
    (row,) = coverage(covered).rows("7", "tweets")
    assert row == {
        "account_id": "7",
        "stream": "tweets",
        "date": "2026-11-20",
        "checked_at": "2026-11-20T09:30:00Z",
        "expected_rows": 5,
        "returned_rows": 3,
        "missing_rows": 2,
        "reason": "deleted",
    }


def test_recent_days_without_anything_have_rows_and_older_ones_have_none() -> None:
    span = Span(BEGINNING, NOW)
    old = TODAY - 400 * DAY
    found = counts(Covered(wanted=(span,), read=(span,), returned=Counter({old: 1})))
    assert found == {old: (1, 1, 0, None)} | {
        TODAY - number * DAY: (0, 0, 0, None) for number in reversed(range(EMPTY_DAYS))
    }
    assert list(found) == sorted(found)


def test_what_was_to_be_read_and_was_not_is_a_gap_of_unknown_size() -> None:
    covered = Covered(
        wanted=(last_days(3),), read=(last_days(1),), returned=Counter({YESTERDAY: 4}), left_for=Reason.BUDGET
    )
    gap: Counts = (None, 0, None, "budget")
    assert counts(covered) == {
        TODAY - 3 * DAY: gap,
        TODAY - 2 * DAY: gap,
        YESTERDAY: (None, 4, None, "budget"),
        TODAY: (0, 0, 0, None),
    }
    covered.stopped_by = Reason.PROTECTED
    assert counts(covered)[TODAY - 2 * DAY] == (None, 0, None, "protected")


def test_rows_that_were_asked_for_and_not_answered_are_those_of_tweets_that_are_gone() -> None:
    covered = Covered(
        expected=Counter({TODAY: 10, YESTERDAY: 10}),
        returned=Counter({TODAY: 7, YESTERDAY: 10}),
        missing=Counter({(TODAY, Reason.FAILED): 1}),
    )
    assert counts(covered) == {TODAY: (10, 7, 3, "failed"), YESTERDAY: (10, 10, 0, None)}


def test_rows_that_came_twice_are_not_missing() -> None:
    assert counts(Covered(expected=Counter({TODAY: 3}), returned=Counter({TODAY: 5}))) == {TODAY: (5, 5, 0, None)}


@pytest.mark.parametrize("place", range(len(Reason) - 1))
def test_of_several_reasons_a_row_names_the_one_that_wants_attention_most(place: int) -> None:
    worse, milder = list(Reason)[place : place + 2]
    assert counts(Covered(missing=Counter({(TODAY, milder): 5, (TODAY, worse): 1})))[TODAY] == (6, 0, 6, worse.value)
    unknown = Covered(missing=Counter({(TODAY, milder): 5}), unknown=[(Days(TODAY, TODAY), worse)])
    assert counts(unknown)[TODAY] == (None, 0, None, worse.value)


def test_a_gap_of_unknown_size_has_rows_for_its_newest_days() -> None:
    found = counts(Covered(unknown=[(Days(date(2006, 3, 21), YESTERDAY), Reason.CEILING)]))
    assert len(found) == MOST_UNKNOWN_DAYS
    assert max(found) == YESTERDAY
    assert set(found.values()) == {(None, 0, None, "3200_limit")}


def test_a_day_that_lies_ahead_has_no_row() -> None:
    ahead = Span(NOW, NOW + 5 * DAY)
    assert counts(Covered(wanted=(ahead,))) == {TODAY: (None, 0, None, "failed")}


# Gaps from one sync to the next --------------------------------------------------------------------------------------


def test_a_gap_stays_open_until_it_is_read_and_then_has_rows_that_say_so() -> None:
    old = Days(TODAY - 300 * DAY, TODAY - 290 * DAY)
    assert coverage(Covered(wanted=(last_days(7),), read=(last_days(7),)), old).open_gaps == (old,)
    whole = Covered(wanted=(last_days(400),), read=(last_days(400),))
    assert coverage(whole, old).open_gaps == ()
    assert [counts(whole, old)[day] for day in old] == [(0, 0, 0, None)] * 11
    assert old.first - DAY not in counts(whole, old)


def test_rows_that_only_add_to_a_day_leave_its_gap_as_it_was() -> None:
    adding = Covered(returned=Counter({TODAY: 1, YESTERDAY: 2}), only_adds=True, left_for=Reason.BUDGET)
    today = Days(TODAY, TODAY)
    assert counts(adding, today) == {TODAY: (None, 1, None, "budget"), YESTERDAY: (2, 2, 0, None)}
    assert coverage(adding, today).open_gaps == (today,)


def test_only_what_a_later_sync_can_read_is_an_open_gap() -> None:
    covered = Covered(
        missing=Counter({(YESTERDAY, Reason.DELETED): 1}), unknown=[(Days(YESTERDAY, TODAY), Reason.CEILING)]
    )
    assert coverage(covered).open_gaps == ()


SYNCS: st.SearchStrategy[list[tuple[int, int]]] = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=6
)


@given(syncs=SYNCS)
def test_a_table_of_many_syncs_shows_a_gap_on_exactly_the_days_that_are_not_read_in_the_end(
    syncs: Sequence[tuple[int, int]],
) -> None:
    """Each sync is to read some days up to today, and gets down to one of them; all happen on the same day."""
    table: dict[date, Counts] = {}
    gaps: tuple[Days, ...] = ()
    unread: set[int] = set()
    for wanted, got in syncs:
        covered = Covered(wanted=(last_days(wanted),), read=(last_days(min(wanted, got)),))
        found = StreamCoverage(covered, gaps, NOW)
        table |= counts(covered, *gaps)
        gaps = found.open_gaps
        unread = {age for age in unread if age > wanted} | set(
            range(min(wanted, got), wanted + 1) if got < wanted else ()
        )
    assert {day for day, (_, _, _, reason) in table.items() if reason} == {TODAY - age * DAY for age in unread}
