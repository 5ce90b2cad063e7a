"""One reading of the timelines feeds every stream made of posts: a page is fetched once and becomes rows of all."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import TYPE_CHECKING, Any, Protocol

from source_x_organic.progress.coverage import Span, Spans, clip, missing, union
from source_x_organic.x_api import posts
from source_x_organic.x_api.api import TIMELINE
from source_x_organic.x_api.timeline import Page, Timeline, Window

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from source_x_organic.x_api.directory import Account

Row = dict[str, Any]

CHECKPOINT_POSTS = 1000
"""Posts of one account after which its progress is saved: what a crash costs at most, in posts read twice."""


class AccountFeed(Protocol):
    """What somebody wants of one account's posts, and what becomes of them."""

    @property
    def spans(self) -> Spans:
        """The spans of `created_at` that are wanted."""
        ...

    @property
    def needs_public(self) -> bool:
        """Whether the public pass is wanted; counters alone come without retweets, texts and the like."""
        ...

    @property
    def needs_private(self) -> bool:
        """Whether the private counters are wanted as well."""
        ...

    def rows(self, page: Page, originals: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row) for a page that has posts; `originals` are those it refers to, by id."""
        ...

    def is_satisfied(self, down_to: datetime) -> bool:
        """Return whether nothing older is wanted, when everything down to an instant has been read."""
        ...

    def checkpoint(self, span: Span) -> None:
        """Save that all of `span`, as far as it is wanted, was read and its rows yielded."""
        ...

    def rows_at_the_end(self) -> Iterator[tuple[str, Row]]:
        """Yield what only the whole reading tells."""
        ...


class PostReading:
    """The reading of all accounts' posts for everybody who wants some."""

    def __init__(
        self,
        feeds_of: Callable[[Account], Sequence[AccountFeed]],
        now: datetime,
        logger: logging.Logger,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """`feeds_of` returns what is wanted of an account, when its turn has come; `now` is the instant of the sync.

        `clock` tells how late it has become since then: accounts may have waited for X's limits (default: not at all).
        """
        self._feeds_of = feeds_of
        self._now = now
        self._clock = clock or (lambda: now)
        self._logger = logger

    def rows(self, account: Account) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row) of one account, newest posts first, checkpoints in between.

        Raises:
            ApiError: X refuses the account or is unavailable; what was yielded before stays valid.
        """
        feeds = self._feeds_of(account)
        for span, wanting in self._windows(feeds):
            timeline = Timeline(account, now=self._clock(), logger=self._logger)
            yield from _window_rows(timeline, Window(span, is_open=span.end >= self._now), wanting)
        for feed in feeds:
            yield from feed.rows_at_the_end()

    def _windows(self, feeds: Sequence[AccountFeed]) -> list[tuple[Span, Sequence[AccountFeed]]]:
        """Return the windows to read, newest first, each with those that it is read for.

        Where only counters are wanted nothing else is read. Each pass costs money.
        """
        modest = [feed for feed in feeds if not feed.needs_public]
        whole = union(*(span for feed in feeds if feed.needs_public for span in feed.spans))
        windows: list[tuple[Span, Sequence[AccountFeed]]] = [(span, feeds) for span in whole]
        for span in union(*(span for feed in modest for span in feed.spans)):
            # What has been posted since the sync began belongs to the newest window, whoever that is read for.
            until_now = Span(span.start, min(span.end, self._now))
            windows += [(rest, modest) for rest in missing(until_now, whole)]
        return sorted(windows, key=lambda window: window[0].end, reverse=True)


def _window_rows(timeline: Timeline, window: Window, feeds: Sequence[AccountFeed]) -> Iterator[tuple[str, Row]]:
    unsaved = 0
    read = window.span
    for page in _pages(timeline, window, [feed for feed in feeds if clip(window.span, feed.spans)]):
        if page.posts:
            originals = posts.originals(page.answer)
            for feed in feeds:
                yield from feed.rows(page, originals)
        unsaved += len(page.posts)
        so_far = Span(page.down_to, window.span.end)
        if all(feed.is_satisfied(page.down_to) for feed in feeds):
            read = so_far
            break
        if unsaved >= CHECKPOINT_POSTS:
            unsaved = 0
            for feed in feeds:
                feed.checkpoint(so_far)
    for feed in feeds:
        feed.checkpoint(read)


def _pages(timeline: Timeline, window: Window, wanting: Sequence[AccountFeed]) -> Iterator[Page]:
    """Return the pages that those who want some of the window need."""
    if any(feed.needs_public for feed in wanting):
        return timeline.pages(window, with_private=any(feed.needs_private for feed in wanting))
    return timeline.counter_pages(window)


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
