"""Which of the tweets that a stream has emitted are gone: remembered, read again, and not there any more. Pure.

The newest tweets are remembered by their ids, as far back as the next sync is going to read again. Only what was really
read again counts, and a tweet that an edit has replaced by a newer version is not gone. A reading of counters alone
shows no retweets and may not tell of edits: those tweets are `unlisted`, and judged by whole readings only.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from source_x_organic.instants import utc_instant
from source_x_organic.progress.coverage import BEGINNING, Span, Spans, union
from source_x_organic.progress.state import AccountState
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

MOST_REMEMBERED = 3200
"""Tweets of one account that are remembered: as many as a timeline of X reaches back."""

EDGE = timedelta(seconds=1)
"""Kept from where a reading ended: X cuts parts of seconds from `created_at`, an id has them."""

DOUBTFUL_RUN = 10
"""Missing tweets at the old end of what was read that make it doubtful whether X showed all of it."""


class Watch:
    """The tweets of one account in one sync."""

    def __init__(
        self,
        before: AccountState,
        *,
        lookback: timedelta,
        now: datetime,
        reach: timedelta = timedelta(),
        counters_reach: timedelta = timedelta(),
    ) -> None:
        """`before` is what the stream remembers.

        `lookback` is the part before the newest known tweet that the stream itself reads again; `reach` the age up to
        which other streams read whole tweets again, and `counters_reach` that up to which they read counters.
        """
        self._before = before
        self._lookback = lookback
        self._reach = reach
        self._counters_reach = max(reach, counters_reach)
        self._now = now
        remembered = before.tweets | before.unlisted
        self._made = {each: made for each in remembered if (made := created_at_of(each)) is not None}
        self._seen: set[str] = set()
        self._excused: set[str] = set()
        self._unlisted: set[str] = set(before.unlisted)
        self._back: set[str] = set()
        self._deleted: set[str] = set()
        self._forgotten: set[str] = set()
        self._read: Spans = ()
        self._read_counters: Spans = ()
        self._floor = BEGINNING
        self._oldest_wanted: datetime | None = None
        self._answer: tuple[object, AccountState] | None = None

    # What the reading shows ------------------------------------------------------------------------------------------

    def is_over(self, newest: datetime) -> bool:
        """Return whether tweets up to an instant are older than all that are, or will be, remembered."""
        if self._oldest_wanted is None:
            start = min(self._starts(utc_instant(self._before.cursor) or newest))
            self._oldest_wanted = min([start, *self._made.values()])
        return newest < self._oldest_wanted

    def see(self, tweet_id: str, older_versions: Sequence[str] = (), *, is_retweet: bool = False) -> None:
        """Take in a tweet that is there, and its older versions, which X does not list any more."""
        if len(self._seen) < MOST_REMEMBERED or tweet_id in self._made or tweet_id in self._before.gone:
            self._seen.add(tweet_id)
            if is_retweet:
                self._unlisted.add(tweet_id)
        if older_versions:
            self._excused.update(older_versions)
            self._unlisted.update(older_versions)

    def excuse(self, tweet_id: str) -> None:
        """Take in that X could not show a tweet for another reason than its absence."""
        self._excused.add(tweet_id)

    def read(self, span: Span) -> None:
        """Take in that all tweets of a span have been seen."""
        self._read = union(*self._read, span)

    def read_counters(self, span: Span) -> None:
        """Take in that all tweets of a span have been seen but for the unlisted ones."""
        self._read_counters = union(*self._read_counters, span)

    def cut_off(self) -> None:
        """Take in that X may not show anything older than what was seen."""
        self._floor = min((made for each in self._seen if (made := created_at_of(each))), default=self._now)

    def back(self, tweet_ids: Iterable[str]) -> frozenset[str]:
        """Return those tweets that were taken for deleted before, and whose rows are emitted again now."""
        if not self._before.gone:
            return self._before.gone
        found = self._before.gone.intersection(tweet_ids)
        self._back |= found
        return found

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

    def gone(self) -> list[str]:
        """Return all deleted tweets of what was read again, newest first: also those that were told of before."""
        spans = (*self._read, *self._read_counters)
        gone = (self._before.gone - self._back) | self._deleted
        return _newest(each for each in gone if (made := created_at_of(each)) and any(made in span for span in spans))

    def remembered(self, state: AccountState) -> AccountState:
        """Return a state with the tweets that the next sync is going to read again."""
        newest = utc_instant(state.cursor)
        if newest is None or not state.covered:
            return state
        start = max(min(self._starts(newest)), self._floor)
        last = state.covered[-1]
        emitted = union(*state.covered[:-1], Span(max(last.start, min(start, last.end)), max(newest, last.end)))
        question = newest, emitted, *map(len, (self._seen, self._back, self._deleted, self._forgotten))
        if self._answer is None or self._answer[0] != question:
            self._answer = question, self._kept(emitted, newest)
        kept = self._answer[1]
        return replace(state, tweets=kept.tweets, unlisted=kept.unlisted, gone=kept.gone)

    def _kept(self, emitted: Spans, newest: datetime) -> AccountState:
        whole, counters = (max(start, self._floor) for start in self._starts(newest))
        gone = (self._before.gone - self._back) | self._deleted
        known = (self._made.keys() | self._seen) - gone - self._forgotten
        there = [each for each in known if _is_in(each, emitted, counters)]
        return AccountState(
            tweets=_newest_set(each for each in there if each not in self._unlisted),
            unlisted=_newest_set(each for each in there if each in self._unlisted and _is_in(each, (), whole)),
            gone=_newest_set(each for each in gone if _is_in(each, (), counters)),
        )

    def _starts(self, newest: datetime) -> tuple[datetime, datetime]:
        """Return from when on the next sync reads whole tweets again, and counters."""
        whole = min(newest - self._lookback, self._now - self._reach)
        return whole, min(whole, self._now - self._counters_reach)

    def _judged(self) -> list[str]:
        """Return the remembered tweets that lie in what was read, newest first."""
        whole = without_edges(self._read)
        all_but_unlisted = without_edges((*self._read, *self._read_counters))
        return _newest(
            each
            for each, made in self._made.items()
            if made >= self._floor
            and any(made in span for span in (whole if each in self._before.unlisted else all_but_unlisted))
        )


def without_edges(spans: Spans) -> list[Span]:
    """Return the parts of spans that were read whose posts must have been seen, if they are there."""
    return [Span(span.start + EDGE, span.end) for span in spans]


def _newest(tweet_ids: Iterable[str]) -> list[str]:
    return sorted(tweet_ids, key=int, reverse=True)[:MOST_REMEMBERED]


def _newest_set(tweet_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(_newest(tweet_ids))


def _is_in(tweet_id: str, spans: Spans, start: datetime) -> bool:
    made = created_at_of(tweet_id)
    return made is not None and made >= start and (not spans or any(made in span for span in spans))
