"""What is left of a round travels as state beside what else is remembered of an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.progress.coverage import Span, Spans, union
from source_x_organic.progress.formats import UnreadableState
from source_x_organic.progress.rounds import Unfinished, format_unfinished, parse_unfinished, within, without
from source_x_organic.progress.state import COVERED, AccountCursor, AccountState

if TYPE_CHECKING:
    from airbyte_cdk.models import AirbyteMessage

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
INSTANTS = st.integers(0, 60).map(lambda hours: NOON + hours * HOUR)


def spans_of(pairs: list[tuple[datetime, datetime]]) -> Spans:
    return union(*(Span(min(pair), max(pair)) for pair in pairs))


SPANS = st.lists(st.tuples(INSTANTS, INSTANTS), max_size=5).map(spans_of)


@given(left=SPANS, turn=st.none() | INSTANTS, began=st.none() | INSTANTS)
def test_what_is_left_survives_the_journey(left: Spans, turn: datetime | None, began: datetime | None) -> None:
    unfinished = Unfinished(left, turn, began)
    assert parse_unfinished(format_unfinished(unfinished)) == unfinished


@given(wanted=SPANS, read=SPANS, hours=st.integers(0, 59))
def test_what_is_not_read_is_left_and_nothing_else(wanted: Spans, read: Spans, hours: int) -> None:
    inside = NOON + hours * HOUR + HOUR / 2
    is_wanted, is_read = (any(inside in span for span in spans) for spans in (wanted, read))
    assert any(inside in span for span in without(wanted, read)) == (is_wanted and not is_read)
    assert any(inside in span for span in within(wanted, read)) == (is_wanted and is_read)


def test_it_stands_in_the_accounts_entry_until_the_round_is_over() -> None:
    emitted: list[AirbyteMessage] = []
    span = Span(NOON - 3 * HOUR, NOON - HOUR)
    cursor = AccountCursor("tweets", {"7": AccountState("2026-11-20T09:00:00Z")}, emitted.append)
    cursor.leave("7", Unfinished((span,), NOON))
    cursor.leave("8", Unfinished())
    left = [["2026-11-20T09:00:00.000Z", "2026-11-20T11:00:00.000Z"]]
    blob: dict[str, Any] = {
        "version": 1,
        "accounts": {
            "7": {"cursor": "2026-11-20T09:00:00Z", "unfinished": {"left": left, "turn": "2026-11-20T12:00:00.000Z"}},
            "8": {"cursor": None, "unfinished": {"left": [], "turn": None}},
        },
    }
    assert cursor.state == blob
    unfinished = COVERED.parse_unfinished("tweets", blob)
    again = AccountCursor("tweets", COVERED.parse("tweets", blob), emitted.append, unfinished=unfinished)
    assert again.state == blob
    assert again.unfinished("7") == Unfinished((span,), NOON)
    assert again.unfinished("9") is None
    for account in ("7", "8", "9"):
        again.leave(account, None)
    assert again.state["accounts"] == {"7": {"cursor": "2026-11-20T09:00:00Z"}, "8": {"cursor": None}}
    assert emitted == []


@pytest.mark.parametrize(
    "entry",
    [
        [],
        {"left": []},
        {"left": [["x", "y"]], "turn": None},
        {"left": None, "turn": None},
        {"left": [], "turn": None, "began": "yesterday"},
    ],
)
def test_what_is_damaged_is_refused(entry: object) -> None:
    blob = {"version": 1, "accounts": {"7": {"cursor": None, "unfinished": entry}}}
    with pytest.raises(UnreadableState, match="damaged"):
        COVERED.parse_unfinished("tweets", blob)
