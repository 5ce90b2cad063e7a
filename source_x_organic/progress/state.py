"""What a stream remembers of each account between syncs, and how that travels as Airbyte state.

::

    {"version": 1, "accounts": {"<account_id>": {"cursor": "<newest created_at, or last date>", "covered": [["<from>",
    "<to>"], …], "tweets": "<packed>", "unlisted": "<packed>", "gone": "<packed>"}}}

`covered` holds the spans of `created_at` that have been read, normally one. The other three, ids that are packed
(`packed_ids.py`), are of the stream `tweets` alone, left out where there are none, and in no state of an earlier
version. State is emitted behind the records that it speaks of, through the same queue.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor

from source_x_organic.instants import rfc3339_millis
from source_x_organic.packed_ids import packed, unpacked
from source_x_organic.progress.coverage import Span, Spans, union
from source_x_organic.progress.formats import Remembered, StateFormat
from source_x_organic.progress.rounds import UNFINISHED, Unfinished, format_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
    from airbyte_cdk.sources.types import Record


@dataclass(frozen=True)
class AccountState:
    """What is remembered of one account.

    Attributes:
        cursor: Largest value of the stream's cursor field so far, as text; None before the first record.
        covered: Spans of `created_at` that have been read.
        tweets: Ids of tweets that have been emitted, as far back as the next sync reads again.
        unlisted: Ids of tweets of that time, not in `tweets`, that not every reading shows: retweets, and versions that
            were replaced.
        gone: Ids of tweets of that time that have been emitted as deleted.
    """

    cursor: str | None = None
    covered: Spans = ()
    tweets: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    def advanced(self, cursor: str | None, span: Span | None) -> AccountState:
        """Return this state after records up to `cursor`, and all posts of `span`, have been emitted."""
        largest = max((value for value in (self.cursor, cursor) if value is not None), default=None)
        return replace(self, cursor=largest, covered=union(*self.covered, span) if span else self.covered)


class StateCursor(Cursor, Generic[Remembered]):
    """Keeps one stream's state by account and emits it when told; safe to use from all reading threads."""

    def __init__(
        self,
        stream_name: str,
        initial: Mapping[str, Remembered],
        emit: Callable[[AirbyteMessage], None],
        form: StateFormat[Remembered],
        unfinished: Mapping[str, Unfinished] | None = None,
    ) -> None:
        """`emit` puts a message behind the records that were yielded before; `form` writes what is remembered.

        `unfinished` is what is left of rounds that the ceiling on posts has interrupted.
        """
        self._stream_name = stream_name
        self._form = form
        self._accounts = dict(initial)
        self._unfinished = dict(unfinished or {})
        # Each account's JSON form is made once per change: with many accounts the state is long and emitted often.
        self._formatted = {key: self._format(key, state) for key, state in initial.items()}
        self._emit = emit
        self._lock = threading.Lock()

    def of(self, account_id: str) -> Remembered:
        """Return what is remembered of an account."""
        with self._lock:
            return self._accounts.get(account_id, self._form.nothing)

    def unfinished(self, account_id: str) -> Unfinished | None:
        """Return what is left of an account's round, None where none is under way."""
        with self._lock:
            return self._unfinished.get(account_id)

    def leave(self, account_id: str, unfinished: Unfinished | None) -> None:
        """Remember what is left of an account's round; the next state that is emitted says it."""
        with self._lock:
            if unfinished is not None:
                self._unfinished[account_id] = unfinished
            elif self._unfinished.pop(account_id, None) is None:
                return
            self._remember(account_id, self._accounts.get(account_id, self._form.nothing))

    def checkpoint(self, account_id: str, state: Remembered) -> None:
        """Remember `state` of an account, whose records have all been yielded, and emit the stream's state."""
        with self._lock:
            self._remember(account_id, state)
            message = self._message()
        self._emit(message)

    def remember(self, account_id: str, state: Remembered) -> None:
        """Remember `state` of an account; the next state that is emitted holds it."""
        with self._lock:
            self._remember(account_id, state)

    @property
    def state(self) -> MutableMapping[str, Any]:
        """The stream's state in its JSON form."""
        with self._lock:
            return self._form.joined(self._formatted)

    def observe(self, record: Record) -> None:
        """Do nothing: progress is by page and account, not by record."""

    def close_partition(self, partition: Partition) -> None:
        """Do nothing: the partition has made its own checkpoints."""

    def ensure_at_least_one_state_emitted(self) -> None:
        """Emit the state at the stream's end, also where there was nothing to read."""
        with self._lock:
            message = self._message()
        self._emit(message)

    def should_be_synced(self, record: Record) -> bool:
        """Return True: what is not to be emitted is not yielded."""
        del record
        return True

    def _remember(self, account_id: str, state: Remembered) -> None:
        self._accounts[account_id] = state
        self._formatted[account_id] = self._format(account_id, state)

    def _format(self, account_id: str, state: Remembered) -> dict[str, Any]:
        left = self._unfinished.get(account_id)
        return {**self._form.format_account(state), **({UNFINISHED: format_unfinished(left)} if left else {})}

    def _message(self) -> AirbyteMessage:
        stream_state = AirbyteStreamState(
            stream_descriptor=StreamDescriptor(name=self._stream_name),
            stream_state=AirbyteStateBlob(self._form.joined(self._formatted)),
        )
        return AirbyteMessage(
            type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=stream_state)
        )


_REMEMBERED = ("tweets", "unlisted", "gone")


def _format_account(state: AccountState) -> dict[str, Any]:
    formatted: dict[str, Any] = {"cursor": state.cursor}
    if state.covered:
        formatted["covered"] = [[rfc3339_millis(span.start), rfc3339_millis(span.end)] for span in state.covered]
    for name in _REMEMBERED:
        if ids := getattr(state, name):
            formatted[name] = _packed(ids)
    return formatted


@lru_cache(maxsize=4)
def _packed(tweets: frozenset[str]) -> str:
    """Return packed ids: mostly of the very tweets that the last state of the account had."""
    return packed(tweets)


def _account_state(entry: Mapping[str, Any]) -> AccountState:
    spans = [Span(_parse(start), _parse(end)) for start, end in entry.get("covered", [])]
    cursor = entry.get("cursor")
    if cursor is not None:
        _parse(cursor)
    return AccountState(
        cursor,
        union(*spans),
        *(unpacked(entry.get(name, "")) for name in _REMEMBERED),
    )


def _day_state(entry: Mapping[str, Any]) -> AccountState:
    state = _account_state(entry)
    if state.cursor is not None:
        date.fromisoformat(state.cursor)
    return state


def _parse(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


COVERED = StateFormat(AccountState(), _format_account, _account_state)
"""State of a stream that reads timelines."""

BY_DAY = replace(COVERED, parse_account=_day_state)
"""State of a stream whose cursor is the day of a read."""


class AccountCursor(StateCursor[AccountState]):
    """Keeps the state of a stream that reads timelines."""

    def __init__(
        self,
        stream_name: str,
        initial: Mapping[str, AccountState],
        emit: Callable[[AirbyteMessage], None],
        read_from: str | None = None,
        unfinished: Mapping[str, Unfinished] | None = None,
    ) -> None:
        """`emit` puts a message behind the records that were yielded before.

        `read_from` is the API of the rows; `unfinished` are rounds under way.
        """
        super().__init__(stream_name, initial, emit, replace(COVERED, read_from=read_from), unfinished)


def parse_state(stream_name: str, blob: Mapping[str, Any], *, by_day: bool = False) -> dict[str, AccountState]:
    """Return the accounts in the state of a stream that reads timelines; `by_day`: whether its cursor is a day.

    Raises:
        UnreadableState: it is of another version, or not of this connector.
    """
    return (BY_DAY if by_day else COVERED).parse(stream_name, blob)


def format_state(accounts: Mapping[str, AccountState]) -> dict[str, Any]:
    """Return the JSON form of the state of a stream that reads timelines; the inverse of `parse_state`."""
    return COVERED.format(accounts)
