"""One reading of the timelines feeds every stream made of posts: a page is fetched once and becomes rows of all."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from functools import partial
from threading import Condition
from typing import TYPE_CHECKING, Any, Protocol

from source_x_organic.progress.coverage import Span, Spans, clip, missing, union
from source_x_organic.usage.budget import Budget, CeilingReached, Stopped
from source_x_organic.x_api import posts
from source_x_organic.x_api.api import TIMELINE
from source_x_organic.x_api.timeline import Page, Timeline, Window
from source_x_organic.x_api.turns import AccountTurn

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from source_x_organic.progress.rounds import Unfinished
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

    # Where a ceiling spreads the reading over several syncs

    @property
    def names(self) -> Sequence[str]:
        """The streams that it is for."""
        ...

    @property
    def can_go_on(self) -> bool:
        """Whether what one sync has read of the account need not be read again by the next."""
        ...

    @property
    def read_until(self) -> datetime | None:
        """Down from which instant an earlier sync has read; None where none has."""
        ...

    @property
    def unfinished(self) -> Unfinished | None:
        """What earlier syncs have left of the account's round; None where none is under way."""
        ...

    def narrow(self, spans: Spans) -> None:
        """Want no more than these in this sync."""
        ...

    def leave(self, unfinished: Unfinished | None) -> None:
        """Save what this sync leaves, behind what was read; called before the rows at the end."""
        ...


class PostReading:
    """The reading of all accounts' posts for everybody who wants some."""

    def __init__(
        self,
        feeds_of: Callable[[Account], Sequence[AccountFeed]],
        now: datetime,
        logger: logging.Logger,
        clock: Callable[[], datetime] | None = None,
        budget: Budget | None = None,
        *,
        on_cut: Callable[[Account, Span], None] = lambda account, span: None,  # noqa: ARG005 - nobody is told
    ) -> None:
        """`feeds_of` returns what is wanted of an account, when its turn has come; `now` is the instant of the sync.

        `clock` tells how late it has become since then: accounts may have waited for X's limits (default: not at all).
        `budget` limits what is read (default: nothing does); `on_cut` takes the spans that X's own ceiling cuts off.
        """
        self.budget = budget or Budget()
        self._turns: dict[str, AccountTurn] = {}
        self._feeds_of = feeds_of
        self._now = now
        self._clock = clock or (lambda: now)
        self._logger = logger
        self._on_cut = on_cut

    def rows(self, account: Account) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row) of one account, newest posts first, checkpoints in between.

        Raises:
            ApiError: X refuses the account or is unavailable; what was yielded before stays valid.
        """
        feeds = self._feeds_of(account)
        for span, wanting in self._windows(feeds):
            yield from self._window_rows(account, span, wanting)
        for feed in feeds:
            feed.leave(None)
            yield from feed.rows_at_the_end()

    # With a ceiling on posts

    def turn(self, account: Account) -> AccountTurn:
        """Return what there is to read of an account below a ceiling; the same at each call."""
        if account.id not in self._turns:
            self._turns[account.id] = AccountTurn(account, self._feeds_of(account), self._now)
        return self._turns[account.id]

    def fresh_rows(self, account: Account) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row) of what is new since the last sync, as far as the ceiling allows.

        Raises:
            ApiError: X refuses the account or is unavailable; what was yielded before stays valid.
        """
        turn = self.turn(account)
        yield from self._until_ceiling(turn, turn.fresh, is_fresh=True)

    def other_rows(self, account: Account) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row) of the rest that next syncs can go on with, below the ceiling; save what is left.

        Raises:
            ApiError: X refuses the account or is unavailable; what was yielded before stays valid.
        """
        turn = self.turn(account)
        if not turn.is_stopped:
            yield from self._until_ceiling(turn, turn.others, is_fresh=False)
        turn.end()
        for feed in turn.lasting:
            yield from feed.rows_at_the_end()
        if turn.is_stopped:
            left = {name: spans for feed in turn.lasting if (spans := turn.left_of(feed)) for name in feed.names}
            self.budget.stop(Stopped(account.id, account.label, left))

    def last_rows(self, account: Account) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row) of what those want who begin anew in each sync; the ceiling costs them alone.

        Everybody else has what they want: the rest of a window is shown to these only.

        Raises:
            ApiError: X refuses the account or is unavailable; what was yielded before stays valid.
        """
        turn = self.turn(account)
        if not turn.is_stopped:
            with suppress(CeilingReached):
                yield from self._rest_rows(turn)
        for feed in turn.passing:
            yield from feed.rows_at_the_end()

    def _rest_rows(self, turn: AccountTurn) -> Iterator[tuple[str, Row]]:
        for span in [each for window, _ in self._windows(turn.feeds) for each in reversed(turn.last(window))]:
            if not all(feed.is_satisfied(span.end) for feed in turn.passing):
                yield from self._window_rows(turn.account, span, turn.passing, partial(turn.note, is_fresh=False))

    def _until_ceiling(
        self, turn: AccountTurn, part: Callable[[Span], Spans], *, is_fresh: bool
    ) -> Iterator[tuple[str, Row]]:
        windows = [(each, wanting) for span, wanting in self._windows(turn.feeds) for each in reversed(part(span))]
        try:
            for span, wanting in windows:
                note = partial(turn.note, is_fresh=is_fresh)
                lasting = [feed for feed in wanting if feed.can_go_on]
                yield from self._window_rows(turn.account, span, wanting, note, decisive=lasting)
        except CeilingReached:
            turn.is_stopped = True

    # Windows

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

    def _window_rows(
        self,
        account: Account,
        span: Span,
        feeds: Sequence[AccountFeed],
        note: Callable[[Span], None] | None = None,
        decisive: Sequence[AccountFeed] | None = None,
    ) -> Iterator[tuple[str, Row]]:
        """Yield the rows of a window, newest first; `note` is told how much of it was read, unless it was nothing.

        It is read until those who are `decisive` (default: all) are satisfied.

        Raises:
            ApiError: X refuses the account or is unavailable.
            CeilingReached: not all of it may be read.
        """
        timeline = Timeline(account, now=self._clock(), logger=self._logger, budget=self.budget)
        window = Window(span, is_open=span.end >= self._now)

        def save(read: Span) -> None:
            for feed in feeds:
                feed.checkpoint(read)
            if note is not None:
                note(read)

        read, whole = None, span
        saved = posts_read = 0
        try:
            for page in _pages(timeline, window, [feed for feed in feeds if clip(span, feed.spans)]):
                yield from _page_rows(page, feeds)
                posts_read += len(page.posts)
                read = Span(page.down_to, span.end)
                if all(feed.is_satisfied(page.down_to) for feed in (feeds if decisive is None else decisive)):
                    whole = read
                    break
                if posts_read - saved >= CHECKPOINT_POSTS:
                    saved = posts_read
                    save(read)
        except CeilingReached:
            if read is not None:
                save(read)
            raise
        save(whole)
        if timeline.out_of_reach is not None:
            self._on_cut(account, timeline.out_of_reach)


def _page_rows(page: Page, feeds: Sequence[AccountFeed]) -> Iterator[tuple[str, Row]]:
    if page.posts:
        originals = posts.originals(page.answer)
        for feed in feeds:
            yield from feed.rows(page, originals)


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
