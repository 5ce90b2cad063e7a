"""A ceiling on the posts that a sync reads, shared by its threads.

What a page brings is known only when it is there. So the most that it can bring is taken from the budget before the
request is sent, and what did not come is given back. No thread holds a part of the budget but while it asks for a page.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from source_x_organic.progress.coverage import Spans

SMALLEST_PAGE = 5
LARGEST_PAGE = 100
"""Posts on one page of a timeline. X answers pages below 10 badly, so they are asked for only where little is left."""

FAIR_PAGES = 2
"""Smallest pages that an account may take at once, however many others there are."""

PRIVATE_SHARE = 2
"""Posts of the private pass for each one of the public pass: its pages end elsewhere, so it may need two of a size."""


class CeilingReached(Exception):
    """Another page might pass the ceiling; what was read before stays valid."""


@dataclass(frozen=True)
class Stopped:
    """An account that the ceiling has kept from being read to the end.

    Attributes:
        account_id: X user id.
        label: The account as messages name it.
        left: The spans of `created_at` that streams wanted and did not get, by their names.
    """

    account_id: str
    label: str
    left: Mapping[str, Spans]


class Budget:
    """The posts that a sync may still read."""

    def __init__(self, ceiling: int | None = None) -> None:
        """`ceiling` is the number of billable posts, at least `SMALLEST_PAGE`; None for no ceiling."""
        self.ceiling = ceiling
        self.spent = 0
        self.stopped: list[Stopped] = []
        self._held = 0
        self._sharers = 1
        self._line: deque[object] = deque()
        self._changed = Condition()

    @property
    def is_limited(self) -> bool:
        """Whether there is a ceiling."""
        return self.ceiling is not None

    @property
    def affords_private(self) -> bool:
        """Whether the smallest page fits below the ceiling together with its private counters."""
        return self.ceiling is None or self.ceiling >= SMALLEST_PAGE * (1 + PRIVATE_SHARE)

    def portion(self, *, with_public: bool = True, with_private: bool = False) -> Portion:
        """Return what one page is charged to, together with the private counters of its posts, or counters alone."""
        if self.ceiling is None:
            return Portion()
        return LimitedPortion(self, self.ceiling, with_public=with_public, with_private=with_private)

    def share_among(self, accounts: int) -> None:
        """Take in how many accounts there are: none takes much more than its share for one page."""
        self._sharers = max(1, accounts)

    def stop(self, stopped: Stopped) -> None:
        """Note that an account was not read to the end."""
        with self._changed:
            self.stopped.append(stopped)

    def take(self, least: int, most: int) -> int:
        """Return the number of posts, at least `least`, that were taken; wait for what others may give back.

        Who comes first is served first: otherwise whoever wants little would get everything.

        Raises:
            CeilingReached: there is not so much left, whatever the others need.
        """
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                while True:
                    if self._ceiling - self.spent < least:
                        raise CeilingReached
                    if self._line[0] is ticket and self._free >= least:
                        taken = min(self._free, most, max(FAIR_PAGES * least, self._ceiling // self._sharers))
                        self._held += taken
                        return taken
                    self._changed.wait()
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()

    def take_more(self, count: int) -> None:
        """Take some more without waiting: whoever holds a part must not wait for others who do.

        Raises:
            CeilingReached: there is not so much left just now.
        """
        with self._changed:
            if self._free < count:
                raise CeilingReached
            self._held += count

    def settle(self, taken: int, used: int) -> None:
        """Give back what was taken; `used` of it was billed, or may have been."""
        with self._changed:
            self._held -= taken
            self.spent += used
            self._changed.notify_all()

    @property
    def _ceiling(self) -> int:
        return self.ceiling or 0

    @property
    def _free(self) -> int:
        return self._ceiling - self.spent - self._held


class Portion:
    """What one page may bring: anything, where there is no ceiling. Used by one thread, for one request at a time."""

    with_originals = True
    """Whether the posts that others repeat, quote or answer may come along."""

    def __enter__(self) -> Self:
        """Begin; nothing is taken yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give back what did not come."""

    def page_size(self, posts_per_post: int) -> int:
        """Return how many posts to ask for, where each one may bring so many, itself included.

        Raises:
            CeilingReached: not even the smallest page may be asked for.
        """
        del posts_per_post
        return LARGEST_PAGE

    def counters_page_size(self) -> int:
        """Return how many posts to ask for where they bring counters and nothing else.

        Raises:
            CeilingReached: not even the smallest page may be asked for.
        """
        return LARGEST_PAGE

    def look_up(self, count: int) -> None:
        """Make sure that so many posts may be asked for by id.

        Raises:
            CeilingReached: they may not.
        """

    def ask_again(self) -> None:
        """Make sure that the last request can be sent a second time.

        Raises:
            CeilingReached: it cannot.
        """

    def sending(self) -> None:
        """Take off what the request may bring; each attempt may be billed.

        Raises:
            CeilingReached: there is not so much left.
        """

    def refused(self) -> None:
        """Give back what the request might have brought: X bills no refusal."""

    def arrived(self, posts: int) -> None:
        """Give back what the request might have brought, but for what it did."""


class LimitedPortion(Portion):
    """A part of a budget with a ceiling. An attempt whose answer got lost is charged with the most it could bring."""

    def __init__(self, budget: Budget, ceiling: int, *, with_public: bool, with_private: bool) -> None:
        """Take nothing yet."""
        self._budget = budget
        self._ceiling = ceiling
        self._share = PRIVATE_SHARE if with_private else 0
        self._with_public = with_public
        self._posts_per_post = 0
        self._size = 0
        self._taken = 0
        self._left = 0
        self._most = 0

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give back what did not come."""
        self._give_back()

    def page_size(self, posts_per_post: int) -> int:
        """Return how many posts to ask for; without what they refer to where no page could ever pay for that."""
        if posts_per_post != self._posts_per_post:
            self._give_back()
            self._posts_per_post = posts_per_post
            self.with_originals = self._ceiling >= SMALLEST_PAGE * (posts_per_post + self._share)
        per_post = posts_per_post if self.with_originals else 1
        self._open(per_post + self._share)
        self._most = self._size * per_post
        return self._size

    def counters_page_size(self) -> int:
        """Return how many posts to ask for: beside the public pass no more than are left for it."""
        if not self._with_public:
            self._open(1)
        elif self._left < SMALLEST_PAGE:
            self._take_more(SMALLEST_PAGE - self._left)
        self._most = max(SMALLEST_PAGE, min(self._size, self._left))
        return self._most

    def look_up(self, count: int) -> None:
        """Take as many as may be found."""
        self._take_more(count)
        self._most = count

    def ask_again(self) -> None:
        """Take as much again as the last request might have brought."""
        self._take_more(self._most)

    def sending(self) -> None:
        """Take off what the request may bring."""
        if self._left < self._most:
            self._take_more(self._most - self._left)
        self._left -= self._most

    def refused(self) -> None:
        """Give back what the request might have brought."""
        self._left += self._most

    def arrived(self, posts: int) -> None:
        """Give back what the request might have brought, but for what it did."""
        self._left += self._most - posts

    def _open(self, per_post: int) -> None:
        if not self._taken:
            self._taken = self._left = self._budget.take(SMALLEST_PAGE * per_post, LARGEST_PAGE * per_post)
            self._size = self._taken // per_post

    def _take_more(self, count: int) -> None:
        self._budget.take_more(count)
        self._taken += count
        self._left += count

    def _give_back(self) -> None:
        self._budget.settle(self._taken, self._taken - self._left)
        self._taken = self._left = 0
