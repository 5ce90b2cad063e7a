"""One reading of the timelines feeds every stream made of posts: a page is fetched once and becomes rows of all."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING, Any, Protocol

from source_x_organic.instants import rfc3339, utc_day, utc_instant
from source_x_organic.progress.coverage import Span, Spans, clip, union
from source_x_organic.progress.feeds import Feed, Horizon
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
        """Return what is missing, and the look-back before the newest known post."""
        return horizon.of_posts(state)

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
        return horizon.of_snapshots(state)

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


@dataclass(frozen=True)
class _Member:
    """A stream of the reading with what it wants of one account."""

    stream: PostStream
    feed: Feed


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
        members = [_member(stream, cursor, account, self._horizon) for stream, cursor in self._streams]
        windows = union(*(span for member in members for span in member.feed.spans))
        for span in reversed(windows):
            timeline = Timeline(account, now=self._horizon.now, logger=self._logger)
            yield from self._window_rows(
                timeline, Window(span, is_open=span.end >= self._horizon.now), members, account
            )

    def _window_rows(
        self, timeline: Timeline, window: Window, members: list[_Member], account: Account
    ) -> Iterator[tuple[str, Row]]:
        unsaved = 0
        with_private = any(each.stream.needs_private and clip(window.span, each.feed.spans) for each in members)
        for page in timeline.pages(window, with_private=with_private):
            yield from _page_rows(page, members, account)
            unsaved += len(page.posts)
            if unsaved >= CHECKPOINT_POSTS:
                unsaved = 0
                for member in members:
                    member.feed.checkpoint(Span(page.down_to, window.span.end))
        for member in members:
            member.feed.checkpoint(window.span)


def _member(stream: PostStream, cursor: AccountCursor, account: Account, horizon: Horizon) -> _Member:
    return _Member(stream, Feed(stream.wanted(cursor.of(account.id), horizon), cursor, account.id))


def _page_rows(page: Page, members: list[_Member], account: Account) -> Iterator[tuple[str, Row]]:
    if not page.posts:
        return
    originals = posts.originals(page.answer)
    newest, oldest = page.posts[0][1], page.posts[-1][1]
    for member in members:
        stream, feed = member.stream, member.feed
        name, row = stream.name, stream.row
        everything = feed.takes_all_between(oldest, newest)
        first: Mapping[str, Any] | None = None
        for post, instant in page.posts:
            if everything or feed.takes(instant):
                first = first or post
                yield name, row(post, page, originals, account)
        if first is not None:
            feed.note(stream.cursor_of(first))


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
