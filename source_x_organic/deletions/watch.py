"""Which of the tweets that a stream has emitted are gone: remembered, read again, and not there any more. Pure.

The newest tweets are remembered by their ids, as far back as the next sync is going to read again. Only what was really
read again counts, and a tweet that an edit has replaced by a newer version is not gone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from source_x_organic.instants import utc_instant
from source_x_organic.progress.coverage import BEGINNING, Span, Spans, union
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from source_x_organic.progress.state import AccountState

MOST_REMEMBERED = 3200
"""Tweets of one account that are remembered: as many as a timeline of X reaches back."""

EDGE = timedelta(seconds=1)
"""Kept from where a reading ended: X cuts parts of seconds from `created_at`, an id has them."""

DOUBTFUL_RUN = 10
"""Missing tweets at the old end of what was read that make it doubtful whether X showed all of it."""


class Watch:
    """The tweets of one account in one sync."""

    def __init__(self, before: AccountState, *, lookback: timedelta, reach: timedelta, now: datetime) -> None:
        """`before` is what the stream remembers; `reach` the age up to which other streams read tweets again.

        `lookback` is the part before the newest known tweet that the stream itself reads again.
        """
        self._before = before
        self._lookback = lookback
        self._reach = reach
        self._now = now
        self._made = {each: made for each in before.tweets if (made := created_at_of(each)) is not None}
        self._seen: set[str] = set()
        self._excused: set[str] = set()
        self._deleted: set[str] = set()
        self._forgotten: set[str] = set()
        self._read: Spans = ()
        self._floor = BEGINNING
        self._oldest_wanted: datetime | None = None
        self._answer: tuple[object, frozenset[str], frozenset[str]] | None = None

    # What the reading shows ------------------------------------------------------------------------------------------

    def is_over(self, newest: datetime) -> bool:
        """Return whether tweets up to an instant are older than all that are, or will be, remembered."""
        if self._oldest_wanted is None:
            start = self._start(utc_instant(self._before.cursor) or newest)
            self._oldest_wanted = min([start, *self._made.values()])
        return newest < self._oldest_wanted

    def see(self, tweet_id: str, older_versions: Iterable[str] = ()) -> None:
        """Take in a tweet that is there, and its older versions, which X does not list any more."""
        if len(self._seen) < MOST_REMEMBERED or tweet_id in self._before.tweets or tweet_id in self._before.gone:
            self._seen.add(tweet_id)
        self._excused.update(older_versions)

    def excuse(self, tweet_id: str) -> None:
        """Take in that X could not show a tweet for another reason than its absence."""
        self._excused.add(tweet_id)

    def read(self, span: Span) -> None:
        """Take in that all tweets of a span have been seen."""
        self._read = union(*self._read, span)

    def cut_off(self) -> None:
        """Take in that X may not show anything older than what was seen."""
        self._floor = min((made for each in self._seen if (made := created_at_of(each))), default=self._now)

    def is_back(self, tweet_id: str) -> bool:
        """Return whether a tweet was taken for deleted before."""
        return tweet_id in self._before.gone

    # What follows ----------------------------------------------------------------------------------------------------

    def missing(self) -> list[str]:
        """Return the remembered tweets that were read again and are not there any more, newest first."""
        return [each for each in self._judged() if each not in self._seen and each not in self._excused]

    def is_doubtful(self, missing: Iterable[str]) -> bool:
        """Return whether so many are missing that what was read rather seems to be incomplete."""
        absent = set(missing)
        judged = self._judged()
        run = next((place for place, each in enumerate(reversed(judged)) if each not in absent), len(judged))
        return 2 * len(absent) > len(judged) or run >= DOUBTFUL_RUN

    def delete(self, tweet_ids: Iterable[str]) -> None:
        """Take in that tweets are deleted."""
        self._deleted.update(tweet_ids)

    def forget(self, tweet_ids: Iterable[str]) -> None:
        """Take in that it cannot be told from now on whether tweets are deleted."""
        self._forgotten.update(tweet_ids)

    def remembered(self, state: AccountState) -> AccountState:
        """Return a state with the tweets that the next sync is going to read again."""
        newest = utc_instant(state.cursor)
        if newest is None or not state.covered:
            return state
        start = max(self._start(newest), self._floor)
        last = state.covered[-1]
        emitted = union(*state.covered[:-1], Span(max(last.start, min(start, last.end)), max(newest, last.end)))
        question = start, emitted, len(self._seen), len(self._deleted), len(self._forgotten)
        if self._answer is None or self._answer[0] != question:
            self._answer = question, *self._kept(emitted, start)
        return replace(state, tweets=self._answer[1], gone=self._answer[2])

    def _kept(self, emitted: Spans, start: datetime) -> tuple[frozenset[str], frozenset[str]]:
        """Return the remembered tweets, and those that are gone, from an instant on."""
        away = self._deleted | self._forgotten
        there = (each for each in (self._before.tweets | self._seen) - away if _is_in(each, emitted, start))
        gone = (each for each in (self._before.gone - self._seen) | self._deleted if _is_in(each, (), start))
        return frozenset(_newest(there)), frozenset(_newest(gone))

    def _start(self, newest: datetime) -> datetime:
        """Return from when on the next sync reads again."""
        return min(newest - self._lookback, self._now - self._reach)

    def _judged(self) -> list[str]:
        """Return the remembered tweets that lie in what was read, newest first."""
        spans = [Span(span.start + EDGE, span.end) for span in self._read]
        return _newest(
            each for each, made in self._made.items() if made >= self._floor and any(made in span for span in spans)
        )


def _newest(tweet_ids: Iterable[str]) -> list[str]:
    return sorted(tweet_ids, key=int, reverse=True)[:MOST_REMEMBERED]


def _is_in(tweet_id: str, spans: Spans, start: datetime) -> bool:
    made = created_at_of(tweet_id)
    return made is not None and made >= start and (not spans or any(made in span for span in spans))
