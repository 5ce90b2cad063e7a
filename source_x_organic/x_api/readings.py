"""One reading of the timelines feeds every stream made of posts: a page is fetched once and becomes rows of all."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition
from typing import TYPE_CHECKING, Any, Protocol

from source_x_organic.instants import rfc3339, utc_day, utc_instant
from source_x_organic.progress.coverage import Span, Spans, clip, to_read, union
from source_x_organic.x_api import posts
from source_x_organic.x_api.api import TIMELINE
from source_x_organic.x_api.timeline import Page, Timeline, Window

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator, Mapping, Sequence

    from source_x_organic.progress.state import AccountCursor, AccountState
    from source_x_organic.x_api.directory import Account

Row = dict[str, Any]

CHECKPOINT_POSTS = 1000
"""Posts of one account after which its progress is saved: what a crash costs at most, in posts read twice."""

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


class PostStream(Protocol):
    """A stream whose rows are made of posts."""

    @property
    def name(self) -> str:
        """The stream's name."""
        ...

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Its key columns."""
        ...

    @property
    def cursor_field(self) -> str:
        """Its cursor column."""
        ...

    @property
    def needs_private(self) -> bool:
        """Whether its rows hold private counters."""
        ...

    def wanted(self, state: AccountState, horizon: Horizon) -> Spans:
        """Return the spans of `created_at` that this sync reads for the stream."""
        ...

    def row(self, post: Mapping[str, Any], page: Page, originals: Mapping[str, Any], account: Account) -> Row:
        """Return the stream's row of one post."""
        ...

    def cursor_of(self, newest: Mapping[str, Any]) -> str | None:
        """Return the cursor value that the newest post of a page stands for."""
        ...


class Tweets:
    """`tweets`: the posts themselves; the newest are read again for edits and late counters."""

    name = "tweets"
    primary_key = ("id",)
    cursor_field = "created_at"
    needs_private = False

    def wanted(self, state: AccountState, horizon: Horizon) -> Spans:
        """Return what is missing, and the look-back before the newest known post.

        Where no post was seen yet it reaches back from the last reading: clocks differ, and X cuts parts of seconds.
        """
        newest = utc_instant(state.cursor) or (state.covered[-1].end if state.covered else None)
        again = newest - horizon.lookback if newest else None
        return to_read(start=horizon.start, now=horizon.now, read_again_from=again, covered=state.covered)

    def row(self, post: Mapping[str, Any], page: Page, originals: Mapping[str, Any], account: Account) -> Row:
        """Return the post's row."""
        del page
        return posts.tweet_row(post, account_id=account.id, username=account.username, originals=originals)

    def cursor_of(self, newest: Mapping[str, Any]) -> str | None:
        """Return the newest post's `created_at`."""
        instant = utc_instant(newest.get("created_at"))
        return rfc3339(instant) if instant else None


class TweetInsights:
    """`tweet_insights`: a row of lifetime counters per post and day of a read."""

    name = "tweet_insights"
    primary_key = ("tweet_id", "date")
    cursor_field = "date"
    needs_private = True

    def __init__(self, horizon: Horizon) -> None:
        """`horizon` gives the instant of the snapshot."""
        self._horizon = horizon
        self._window_days = horizon.insights_window.days

    def wanted(self, state: AccountState, horizon: Horizon) -> Spans:
        """Return what is missing, and all posts that are young enough."""
        again = horizon.now - horizon.insights_window if state.cursor else None
        if state.covered:
            again = min(again or horizon.now, state.covered[-1].end - LATE)
        return to_read(start=horizon.start, now=horizon.now, read_again_from=again, covered=state.covered)

    def row(self, post: Mapping[str, Any], page: Page, originals: Mapping[str, Any], account: Account) -> Row:
        """Return the post's snapshot."""
        return posts.insights_row(
            post,
            private=page.private.get(post["id"]),
            account_id=account.id,
            account_name=account.user.get("name") or account.username,
            originals=originals,
            read_at=self._horizon.now,
            insights_window_days=self._window_days,
        )

    def cursor_of(self, newest: Mapping[str, Any]) -> str | None:
        """Return the day of the read."""
        del newest
        return utc_day(self._horizon.now)


class _Feed:
    """One stream's part in the reading of one account."""

    def __init__(self, stream: PostStream, cursor: AccountCursor, account_id: str, horizon: Horizon) -> None:
        self.stream = stream
        self.spans = stream.wanted(cursor.of(account_id), horizon)
        self._state = cursor.of(account_id)
        self._cursor = cursor
        self._account_id = account_id

    def takes(self, instant: datetime) -> bool:
        """Return whether a post of that instant is for this stream; what came after the sync's start is."""
        return any(instant in span for span in self.spans) or bool(self.spans and instant > self.spans[-1].end)

    def takes_all_between(self, oldest: datetime, newest: datetime) -> bool:
        """Return whether a whole page is for this stream, which spares asking for each post."""
        return any(oldest in span and (newest in span or span == self.spans[-1]) for span in self.spans)

    def note(self, newest: Mapping[str, Any]) -> None:
        """Take in that rows up to this post were yielded."""
        self._state = self._state.advanced(self.stream.cursor_of(newest), None)

    def checkpoint(self, span: Span) -> None:
        """Save that all of `span`, as far as it is this stream's, was yielded."""
        for part in clip(span, self.spans):
            self._state = self._state.advanced(None, part)
        self._cursor.checkpoint(self._account_id, self._state)


class PostReading:
    """The reading of all accounts' posts for all selected streams."""

    def __init__(
        self, streams: Sequence[tuple[PostStream, AccountCursor]], horizon: Horizon, logger: logging.Logger
    ) -> None:
        """`streams` are the selected ones with their cursors."""
        self._streams = streams
        self._horizon = horizon
        self._logger = logger

    def rows(self, account: Account) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row) of one account, newest posts first, checkpoints in between.

        Raises:
            ApiError: X refuses the account or is unavailable; what was yielded before stays valid.
        """
        feeds = [_Feed(stream, cursor, account.id, self._horizon) for stream, cursor in self._streams]
        windows = union(*(span for feed in feeds for span in feed.spans))
        for span in reversed(windows):
            timeline = Timeline(account, now=self._horizon.now, logger=self._logger)
            yield from self._window_rows(timeline, Window(span, is_open=span.end >= self._horizon.now), feeds, account)

    def _window_rows(
        self, timeline: Timeline, window: Window, feeds: list[_Feed], account: Account
    ) -> Iterator[tuple[str, Row]]:
        unsaved = 0
        with_private = any(feed.stream.needs_private and clip(window.span, feed.spans) for feed in feeds)
        for page in timeline.pages(window, with_private=with_private):
            yield from _page_rows(page, feeds, account)
            unsaved += len(page.posts)
            if unsaved >= CHECKPOINT_POSTS:
                unsaved = 0
                for feed in feeds:
                    feed.checkpoint(Span(page.down_to, window.span.end))
        for feed in feeds:
            feed.checkpoint(window.span)


def _page_rows(page: Page, feeds: list[_Feed], account: Account) -> Iterator[tuple[str, Row]]:
    if not page.posts:
        return
    originals = posts.originals(page.answer)
    newest, oldest = page.posts[0][1], page.posts[-1][1]
    for feed in feeds:
        name, row = feed.stream.name, feed.stream.row
        everything = feed.takes_all_between(oldest, newest)
        first: Mapping[str, Any] | None = None
        for post, instant in page.posts:
            if everything or feed.takes(instant):
                first = first or post
                yield name, row(post, page, originals, account)
        if first is not None:
            feed.note(first)


class AccountQueue:
    """Accounts that wait to be read: those whose credentials can send at once come first."""

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: deque[Account] = deque()
        self._changed = Condition()

    def put(self, account: Account) -> None:
        """Add an account."""
        with self._changed:
            self._waiting.append(account)

    def take(self) -> Account:
        """Remove and return the account to read next; there must be one."""
        with self._changed:
            for account in self._waiting:
                if not account.api.client.limits.is_exhausted(TIMELINE.name):
                    self._waiting.remove(account)
                    return account
            return self._waiting.popleft()
