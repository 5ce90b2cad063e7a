"""The streams whose rows are made of posts, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from source_x_organic.instants import rfc3339, utc_day, utc_instant
from source_x_organic.progress.feeds import Feed, Horizon
from source_x_organic.x_api import posts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from source_x_organic.progress.coverage import Span, Spans
    from source_x_organic.progress.rounds import Unfinished
    from source_x_organic.progress.state import AccountCursor, AccountState
    from source_x_organic.x_api.deletions import DeletedPosts
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.readings import Row
    from source_x_organic.x_api.timeline import Page


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


class RowFeed:
    """One such stream's part in the reading of one account."""

    needs_public = True
    can_go_on = True

    def __init__(
        self,
        stream: PostStream,
        cursor: AccountCursor,
        account: Account,
        horizon: Horizon,
        deleted: DeletedPosts | None = None,
    ) -> None:
        """`cursor` keeps the stream's state; `deleted` are posts that it emits as deleted, where it does that."""
        self.needs_private = stream.needs_private
        self.names = (stream.name,)
        self._stream = stream
        self._account = account
        self._deleted = deleted
        memory = deleted.watch if deleted else None
        state = cursor.of(account.id)
        self.read_until = state.covered[-1].end if state.covered else None
        self._feed = Feed(stream.wanted(state, horizon), cursor, account.id, memory)

    @property
    def spans(self) -> Spans:
        """The spans of `created_at` that the stream wants."""
        return self._feed.spans

    def rows(self, page: Page, originals: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row) for the posts of a page that the stream wants."""
        stream, feed, account = self._stream, self._feed, self._account
        name, row = stream.name, stream.row
        everything = feed.takes_all_between(page.posts[-1][1], page.posts[0][1])
        first: Mapping[str, Any] | None = None
        back = self._noted(page)
        for post, instant in page.posts:
            if everything or feed.takes(instant) or post["id"] in back:
                first = first or post
                yield name, row(post, page, originals, account)
        if first is not None:
            feed.note(stream.cursor_of(first))

    def is_satisfied(self, down_to: datetime) -> bool:
        """Return whether the stream wants nothing older."""
        return all(span.start > down_to for span in self.spans)

    def checkpoint(self, span: Span) -> None:
        """Save that all of `span` was yielded."""
        self._feed.checkpoint(span)

    def rows_at_the_end(self) -> Iterator[tuple[str, Row]]:
        """Yield what has become of posts that are not there any more."""
        if self._deleted is None:
            return
        for row in self._deleted.rows():
            yield self._stream.name, row
        if self._deleted.has_news:
            self._feed.save()

    def narrow(self, spans: Spans) -> None:
        """Want no more than these in this sync."""
        self._feed.narrow(spans)

    @property
    def unfinished(self) -> Unfinished | None:
        """What earlier syncs have left of the account's round."""
        return self._feed.unfinished

    def leave(self, unfinished: Unfinished | None) -> None:
        """Save what this sync leaves."""
        self._feed.leave(unfinished)

    def _noted(self, page: Page) -> Collection[str]:
        """Take in which posts are there; return those that were taken for deleted, and are emitted again."""
        if self._deleted is None:
            return ()
        self._deleted.note(page)
        return self._deleted.watch.back(post["id"] for post, _ in page.posts)
