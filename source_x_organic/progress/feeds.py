"""One stream's part in a reading of an account's posts that several streams share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from source_x_organic.instants import utc_instant
from source_x_organic.progress.coverage import Spans, clip, to_read
from source_x_organic.progress.rounds import within

if TYPE_CHECKING:
    from datetime import datetime

    from source_x_organic.progress.coverage import Span
    from source_x_organic.progress.rounds import Unfinished
    from source_x_organic.progress.state import AccountCursor, AccountState

LATE = timedelta(minutes=10)
"""By how much a post may appear later than its `created_at` says by this machine's clock; also read again."""


@dataclass(frozen=True)
class Horizon:
    """The instants that decide what a sync reads.

    Attributes:
        now: When the sync started.
        start: First instant of the timeframe.
        lookback: Part before the newest known post that `tweets` reads again.
        insights_window: Age up to which `tweet_insights` reads a post again.
    """

    now: datetime
    start: datetime
    lookback: timedelta
    insights_window: timedelta

    @classmethod
    def of(cls, now: datetime, *, start: datetime, lookback_days: int, insights_days: int) -> Horizon:
        """Return the horizon for windows given in days."""
        return cls(now, start, timedelta(days=lookback_days), timedelta(days=insights_days))

    def of_posts(self, state: AccountState) -> Spans:
        """Return what `tweets` reads: what is missing, and the look-back before the newest known post.

        Where no post was seen yet it reaches back from the last reading: clocks differ, and X cuts parts of seconds.
        """
        newest = utc_instant(state.cursor) or (state.covered[-1].end if state.covered else None)
        again = newest - self.lookback if newest else None
        return to_read(start=self.start, now=self.now, read_again_from=again, covered=state.covered)

    def of_snapshots(self, state: AccountState) -> Spans:
        """Return what `tweet_insights` reads: what is missing, and all posts that are young enough."""
        again = self.now - self.insights_window if state.cursor else None
        if state.covered:
            again = min(again or self.now, state.covered[-1].end - LATE)
        return to_read(start=self.start, now=self.now, read_again_from=again, covered=state.covered)


class Memory(Protocol):
    """What remembers single tweets for a stream."""

    def read(self, span: Span) -> None:
        """Take in that all tweets of a span have been seen."""
        ...

    def remembered(self, state: AccountState) -> AccountState:
        """Return a state with the tweets that the next sync is going to read again."""
        ...


class Feed:
    """What one stream wants of one account's posts, and how far it has come."""

    def __init__(self, spans: Spans, cursor: AccountCursor, account_id: str, memory: Memory | None = None) -> None:
        """`spans` are those of `created_at` that this sync reads for the stream; `memory` has single tweets."""
        self.spans = spans
        self._until = spans[-1].end if spans else None
        self._state = cursor.of(account_id)
        self._cursor = cursor
        self._account_id = account_id
        self._memory = memory

    def takes(self, instant: datetime) -> bool:
        """Return whether a post of that instant is for this stream; what came after the sync's start is."""
        return any(instant in span for span in self.spans) or bool(self._until and instant > self._until)

    def takes_all_between(self, oldest: datetime, newest: datetime) -> bool:
        """Return whether a whole page is for this stream, which spares asking for each post."""
        return any(oldest in span and (newest in span or span.end == self._until) for span in self.spans)

    def narrow(self, spans: Spans) -> None:
        """Want no more than these."""
        self.spans = within(self.spans, spans)

    @property
    def unfinished(self) -> Unfinished | None:
        """What is left of the account's round."""
        return self._cursor.unfinished(self._account_id)

    def leave(self, unfinished: Unfinished | None) -> None:
        """Save what is left of the account's round."""
        if unfinished is not None or self.unfinished is not None:
            self._cursor.leave(self._account_id, unfinished)
            self.save()

    def note(self, cursor: str | None) -> None:
        """Take in that rows up to this cursor value were yielded."""
        self._state = self._state.advanced(cursor, None)

    def checkpoint(self, span: Span) -> None:
        """Save that all of `span`, as far as it is this stream's, was yielded."""
        parts = clip(span, self.spans)
        for part in parts:
            self._state = self._state.advanced(None, part)
        if parts and self._memory is not None:
            # Beyond the stream's own part the same reading goes on, so that what is missing there is missing as well.
            self._memory.read(span)
        self.save()

    def save(self) -> None:
        """Save what is known by now."""
        if self._memory is not None:
            self._state = self._memory.remembered(self._state)
        self._cursor.checkpoint(self._account_id, self._state)
