"""The reading of one account in a sync that has a ceiling on posts: what is new first, then what else there is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from source_x_organic.progress.coverage import Span, Spans, union
from source_x_organic.progress.feeds import LATE
from source_x_organic.progress.rounds import Unfinished, within, without

if TYPE_CHECKING:
    from collections.abc import Sequence

    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.readings import AccountFeed

NEVER = datetime.min.replace(tzinfo=UTC)


class AccountTurn:
    """What is read of one account in this sync, and what is left for the next ones."""

    def __init__(self, account: Account, feeds: Sequence[AccountFeed], now: datetime) -> None:
        """`feeds` want the account's posts; where a round is under way they get no more than what is left of it."""
        self.account = account
        self.feeds = feeds
        self.is_stopped = False
        self._now = now
        self._rounds = [feed.unfinished for feed in feeds if feed.unfinished is not None]
        self._is_new = bool(feeds) and not any(feed.read_until for feed in feeds)
        self._read: Spans = ()
        self._has_turn = False
        known = [feed.read_until for feed in feeds if feed.read_until is not None]
        self.read_until = min(known, default=None)
        if self._rounds:
            for feed in self.lasting:
                feed.narrow(self._rest_of(feed))

    def _rest_of(self, feed: AccountFeed) -> Spans:
        """Return what is left of a feed's round with what is new; all of it for one that has just joined the others."""
        if feed.unfinished is None:
            return (Span(NEVER, self._now),)
        return union(*feed.unfinished.left, *self._new_for(feed))

    def _new_for(self, feed: AccountFeed) -> Spans:
        return () if feed.read_until is None else (Span(min(feed.read_until, self._now), self._now),)

    @property
    def is_under_way(self) -> bool:
        """Whether earlier syncs have left something of the account's round."""
        return bool(self._rounds)

    @property
    def is_done_today(self) -> bool:
        """Whether a sync of the same day (UTC) has read the account to the end.

        For all who want something of it: those who never go on from there count only where nobody else does.
        """
        wanting = [feed for feed in self.feeds if feed.spans]
        ends = [feed.read_until for feed in wanting if feed.can_go_on] or [feed.read_until for feed in wanting]
        today = self._now.astimezone(UTC).date()
        return not self._rounds and all(end is not None and end.astimezone(UTC).date() == today for end in ends)

    def make_way(self) -> None:
        """Leave the look-back to a later sync, and read nothing but what is new."""
        for feed in self.lasting:
            feed.narrow(self._new_for(feed))

    @property
    def last_turn(self) -> tuple[datetime, bool]:
        """When the account last got further than its new posts, for an order in which each has its turn."""
        if self._rounds:
            return max((each.turn or NEVER for each in self._rounds), default=NEVER), False
        return self.read_until or NEVER, not self._is_new

    def fresh(self, window: Span) -> Spans:
        """Return the part of a window that is new since the account was read last; nothing where it never was."""
        if self.read_until is None or self.read_until >= self._now:
            return ()
        return within(self._lasting_part(window), (Span(self.read_until, self._now),))

    def others(self, window: Span) -> Spans:
        """Return the parts of a window that have not been read in this sync, and that `lasting` feeds want."""
        return without(self._lasting_part(window), self._read)

    def last(self, window: Span) -> Spans:
        """Return the parts of a window that have not been read in this sync, whoever wants them."""
        return without([window], self._read)

    @property
    def lasting(self) -> list[AccountFeed]:
        """The feeds whose next sync goes on where this one stops."""
        return [feed for feed in self.feeds if feed.can_go_on]

    @property
    def passing(self) -> list[AccountFeed]:
        """The feeds that begin anew in every sync: what they want beside the others, of any account, comes last."""
        return [feed for feed in self.feeds if not feed.can_go_on]

    def _lasting_part(self, window: Span) -> Spans:
        return within([window], union(*(span for feed in self.lasting for span in feed.spans)))

    def note(self, span: Span, *, is_fresh: bool) -> None:
        """Take in that all of a span was read."""
        self._read = union(*self._read, span)
        self._has_turn = self._has_turn or not is_fresh

    def left_of(self, feed: AccountFeed) -> Spans:
        """Return what a feed wanted and did not get."""
        return without(feed.spans, self._read)

    def end(self) -> None:
        """Let the feeds remember what is left: nothing where the round is over."""
        for feed in self.feeds:
            feed.leave(Unfinished(self._rest(feed), self._turn(), self._began(feed)) if self.is_stopped else None)

    def _began(self, feed: AccountFeed) -> datetime | None:
        return self._now if feed.unfinished is None else feed.unfinished.began

    def _rest(self, feed: AccountFeed) -> Spans:
        """Return what is left of a feed's round, with the newest minutes: posts may appear later than they are made."""
        until = feed.read_until
        newest = Span(max(until, self._now - LATE), self._now) if until and until < self._now else None
        return union(*self.left_of(feed), *([newest] if newest else ()))

    def _turn(self) -> datetime | None:
        if self._has_turn:
            return self._now
        last, _ = self.last_turn
        return None if last == NEVER else last
