"""State says exactly what was read, in a form that outlives versions, renames and other people's states."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.models import AirbyteMessageSerializer, FailureType
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.progress.coverage import Span, union
from source_x_organic.progress.formats import UnreadableState
from source_x_organic.progress.state import AccountCursor, AccountState, format_state, parse_state

if TYPE_CHECKING:
    from airbyte_cdk.models import AirbyteMessage

DAY = Span(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, 12, 30, 0, 123_000, tzinfo=UTC))
WRITTEN = {
    "version": 1,
    "accounts": {
        "7": {"cursor": "2026-11-20T10:00:00Z", "covered": [["2026-11-19T00:00:00.000Z", "2026-11-20T12:30:00.123Z"]]}
    },
}
MEANT = {"7": AccountState("2026-11-20T10:00:00Z", (DAY,))}

ZERO = datetime(2006, 3, 21, tzinfo=UTC)
INSTANTS = st.integers(0, 10**12).map(lambda milliseconds: ZERO + timedelta(milliseconds=milliseconds))
SPANS = st.lists(st.builds(lambda a, b: Span(min(a, b), max(a, b)), INSTANTS, INSTANTS), max_size=4)
IDS = st.frozensets(st.integers(1, (1 << 63) - 1).map(str), max_size=4)
CURSORS = st.none() | st.datetimes().map(datetime.isoformat) | st.dates().map(date.isoformat)
STATES = st.builds(AccountState, CURSORS, SPANS.map(lambda spans: union(*spans)), IDS, IDS, IDS)


def test_state_is_written_as_it_is_documented_and_read_back() -> None:
    assert format_state(MEANT) == WRITTEN
    assert parse_state("tweets", WRITTEN) == MEANT


@given(st.dictionaries(st.text(), STATES, max_size=4))
def test_what_is_written_is_what_is_read_next(accounts: dict[str, AccountState]) -> None:
    assert parse_state("tweets", json.loads(json.dumps(format_state(accounts)))) == accounts


def test_what_is_remembered_of_single_tweets_is_written_only_where_there_is_something() -> None:
    state = AccountState("2026-11-20T10:00:00Z", (), frozenset({"1900000000000000001"}), gone=frozenset({"19"}))
    (entry,) = format_state({"7": state})["accounts"].values()
    assert list(entry) == ["cursor", "tweets", "gone"]
    assert parse_state("tweets", format_state({"7": state})) == {"7": state}


@pytest.mark.parametrize(
    "blob", [{}, {"__ab_no_cursor_state_message": True}, {"__ab_full_refresh_sync_complete": True}]
)
def test_states_that_airbyte_makes_for_streams_without_a_cursor_say_nothing(blob: dict[str, Any]) -> None:
    assert parse_state("tweets", blob) == {}


DAMAGED = [
    {"version": 2, "accounts": {}},
    {"version": "1", "accounts": {}},
    {"version": True, "accounts": {}},
    {"version": 1, "accounts": {"7": {"cursor": "x"}}},
    {"version": 1, "accounts": {"7": {"cursor": True}}},
    {"version": 1, "accounts": {"7": {"cursor": "2026-13-40"}}},
    {"created_at": "2026-01-01"},
    {"accounts": {}},
    {"version": 1},
    {"version": 1, "accounts": []},
    {"version": 1, "accounts": None},
    {"version": 1, "accounts": {"7": {"cursor": None, "tweets": "no ids"}}},
    {"version": 1, "accounts": {"7": {"cursor": None, "gone": 7}}},
    {"version": 1, "accounts": {"7": None}},
    {"version": 1, "accounts": {"7": {"covered": None}}},
    {"version": 1, "accounts": {"7": {"covered": [["2026-01-01"]]}}},
    {"version": 1, "accounts": {"7": {"covered": [["yesterday", "today"]]}}},
    {"version": 1, "accounts": {"7": {"covered": [[1, 2]]}}},
]


@pytest.mark.parametrize("blob", DAMAGED)
def test_a_state_that_is_not_of_this_version_is_refused_with_the_way_out(blob: dict[str, Any]) -> None:
    with pytest.raises(UnreadableState) as caught:
        parse_state("tweets", blob)
    assert str(caught.value).startswith("The saved state of the stream tweets cannot be read (")
    assert "Reset the stream in Airbyte" in str(caught.value)
    assert caught.value.failure_type is FailureType.config_error


@pytest.mark.parametrize(
    ("cursor", "span", "expected"),
    [
        (None, None, AccountState("2026-11-10", (DAY,))),
        ("2026-11-11", None, AccountState("2026-11-11", (DAY,))),
        ("2026-11-09", None, AccountState("2026-11-10", (DAY,))),
        (
            None,
            Span(DAY.end, DAY.end + timedelta(1)),
            AccountState("2026-11-10", (Span(DAY.start, DAY.end + timedelta(1)),)),
        ),
    ],
)
def test_progress_never_goes_back(cursor: str | None, span: Span | None, expected: AccountState) -> None:
    assert AccountState("2026-11-10", (DAY,)).advanced(cursor, span) == expected


def state_in(message: AirbyteMessage) -> dict[str, Any]:
    dumped = AirbyteMessageSerializer.dump(message)
    assert dumped["state"]["stream"]["stream_descriptor"] == {"name": "tweets"}
    return dict(dumped["state"]["stream"]["stream_state"])


def test_each_checkpoint_emits_the_whole_state_as_it_was_then() -> None:
    emitted: list[AirbyteMessage] = []
    initial = dict(MEANT)
    cursor = AccountCursor("tweets", initial, emitted.append)
    cursor.checkpoint("8", AccountState("b"))
    cursor.checkpoint("7", AccountState("c"))
    cursor.ensure_at_least_one_state_emitted()
    last = {"version": 1, "accounts": {"7": {"cursor": "c"}, "8": {"cursor": "b"}}}
    assert [state_in(message) for message in emitted] == [
        {"version": 1, "accounts": {**WRITTEN["accounts"], "8": {"cursor": "b"}}},  # type: ignore[dict-item]
        last,
        last,
    ]
    assert initial == MEANT
    assert cursor.state == last
    assert cursor.of("8") == AccountState("b")
    assert cursor.of("9") == AccountState()


def test_a_stream_without_accounts_emits_an_empty_state() -> None:
    emitted: list[AirbyteMessage] = []
    AccountCursor("tweets", {}, emitted.append).ensure_at_least_one_state_emitted()
    assert [state_in(message) for message in emitted] == [{"version": 1, "accounts": {}}]


@pytest.mark.parametrize("cursor", ["2026-11-20T10:00:00Z", "x", 5])
def test_a_cursor_that_is_to_be_a_day_is_one(cursor: object) -> None:
    with pytest.raises(UnreadableState):
        parse_state("account_insights", {"version": 1, "accounts": {"7": {"cursor": cursor}}}, by_day=True)
    found = parse_state("account_insights", {"version": 1, "accounts": {"7": {"cursor": "2026-11-20"}}}, by_day=True)
    assert found == {"7": AccountState("2026-11-20")}
