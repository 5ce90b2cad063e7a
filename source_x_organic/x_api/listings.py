"""Which posts an account has, for reports that ask other endpoints about them by id.

Reading a timeline costs money. So a listing goes on from the posts that reports remember, together with the other
streams' reading of the timeline, and older ones are read only where nobody knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from source_x_organic.progress.coverage import BEGINNING, Span, Spans, missing, to_read, union
from source_x_organic.progress.rounds import Unfinished, within
from source_x_organic.snowflakes import created_at_of
from source_x_organic.x_api.posts import is_retweet, media_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from source_x_organic.progress.feeds import Horizon
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.reports.listed_state import ListedReportState
    from source_x_organic.x_api.readings import Row
    from source_x_organic.x_api.timeline import Page


@dataclass(frozen=True)
class Wish:
    """Which posts reports want of every account.

    Attributes:
        timeframe: Whether all posts of the timeframe.
        newest: How many of the newest posts, however old; 0 for none.
        media: Whether the keys of their media are wanted, which are not remembered.
        named: Spans that hold posts that are wanted by name, however old.
    """

    timeframe: bool = False
    newest: int = 0
    media: bool = False
    named: Spans = ()

    def __or__(self, other: Wish) -> Wish:
        """Return what serves both."""
        return Wish(
            self.timeframe or other.timeframe,
            max(self.newest, other.newest),
            self.media or other.media,
            union(*self.named, *other.named),
        )

    def __bool__(self) -> bool:
        """Return whether any posts are wanted."""
        return self.timeframe or self.newest > 0 or bool(self.named)


def of_named(tweet_ids: Iterable[str], now: datetime) -> Wish:
    """Return the wish for the media of posts that are named: the span from the oldest to the newest of them.

    Ids tell when posts were made. Those that do not, from before November 2010, when posts had no media yet, and those
    of a time to come, are not worth a page.
    """
    made = [instant for each in tweet_ids if (instant := created_at_of(each)) and instant <= now]
    if not made:
        return Wish()
    # X tells when a post was made to the second, or to its thousandth.
    return Wish(media=True, named=(Span(min(made).replace(microsecond=0), max(made) + timedelta(seconds=1)),))


class Rounds:
    """What reports have left of one account's round, because a ceiling on posts has ended a sync."""

    def __init__(
        self,
        account_id: str = "",
        names: Sequence[str] = (),
        cursors: Sequence[StateCursor[ListedReportState]] = (),
    ) -> None:
        """`names` are those reports that go on from what is left, `cursors` keep their states."""
        self.names = tuple(names)
        self.can_go_on = bool(cursors)
        self._account_id = account_id
        self._cursors = cursors

    @property
    def unfinished(self) -> Unfinished | None:
        """What is left for any of them; None where one has no round under way."""
        rounds = [cursor.unfinished(self._account_id) for cursor in self._cursors]
        known = [each for each in rounds if each is not None]
        if not known or len(known) < len(rounds):
            return None
        turns = [each.turn for each in known if each.turn is not None]
        began = [each.began for each in known if each.began is not None]
        left = union(*(span for each in known for span in each.left))
        return Unfinished(left, max(turns, default=None), min(began, default=None))

    def leave(self, unfinished: Unfinished | None) -> None:
        """Note what is left; each report's next state says it."""
        for cursor in self._cursors:
            cursor.leave(self._account_id, unfinished)


class Listing:
    """The posts of one account, retweets aside: those remembered, and those that this sync's reading shows."""

    needs_public = True
    needs_private = False

    def __init__(
        self, wish: Wish, remembered: Iterable[ListedReportState], horizon: Horizon, rounds: Rounds | None = None
    ) -> None:
        """`remembered` is what the reports know of the account from earlier syncs, `rounds` what these have left."""
        self._rounds = rounds or Rounds()
        self.names = self._rounds.names
        self.can_go_on = self._rounds.can_go_on
        self.created: dict[str, datetime] = {}
        self.media: dict[str, list[str]] = {}
        self._wish = wish
        self._read: Spans = ()
        self._seen: set[str] = set()
        self._horizon = horizon
        states = list(remembered)
        self.listed = union(*(span for state in states for span in state.listed))
        self.read_until = self.listed[-1].end if self.listed else None
        for state in states:
            self.created |= {tweet_id: created_at_of(tweet_id) or BEGINNING for tweet_id in state.tweets}
        self._whole = self._wanted_whole(horizon)
        self.spans = self._whole
        if len(self._unbroken()) < wish.newest and not self._is_complete():
            self.spans = union(*self.spans, Span(BEGINNING, horizon.now))

    def tweets(self, since: datetime | None = None) -> dict[str, datetime]:
        """Return the posts' ids with the instants of their creation, oldest first."""
        chosen = ((tweet_id, instant) for tweet_id, instant in self.created.items() if not since or instant >= since)
        return dict(sorted(chosen, key=lambda tweet: tweet[1]))

    def newest(self, count: int) -> dict[str, datetime]:
        """Return the newest posts, oldest first."""
        return dict(list(self.tweets().items())[-count:])

    def _wanted_whole(self, horizon: Horizon) -> Spans:
        """Return the spans of which all posts are wanted, whatever is found in them."""
        if not self._wish:
            return ()
        again = self.listed[-1].end - horizon.lookback if self.listed else None
        start = horizon.start if self._wish.timeframe else horizon.now
        spans = to_read(start=start, now=horizon.now, read_again_from=again, covered=self.listed)
        return union(*spans, *self._wish.named)

    def _unbroken(self) -> list[datetime]:
        """Return the known posts back to the first gap in what was listed."""
        if not self.listed:
            return []
        return [instant for instant in self.created.values() if instant >= self.listed[-1].start]

    def _is_complete(self) -> bool:
        """Return whether the known posts are all that the account has, as far as X shows them."""
        return bool(self.listed) and self.listed[-1].start <= BEGINNING

    def knows(self, wish: Wish) -> bool:
        """Return whether all posts of a wish are known, when the reading is over."""
        start, now = self._horizon.start, self._horizon.now
        whole = [Span(start, now)] if wish.timeframe else []
        named = [Span(span.start, min(span.end, now)) for span in wish.named]
        if any(missing(span, self.listed) for span in (*whole, *named)):
            return False
        if not wish.newest:
            return True
        is_new = bool(self.listed) and self.listed[-1].end >= now
        return is_new and (self._is_complete() or len(self._unbroken()) >= wish.newest)

    @property
    def tweets_of_media(self) -> dict[str, list[str]]:
        """Return the posts that show each medium, by its key."""
        found: dict[str, list[str]] = {}
        for tweet_id, keys in self.media.items():
            for key in keys:
                found.setdefault(key, []).append(tweet_id)
        return found

    def narrow(self, spans: Spans) -> None:
        """Want no more than these in this sync."""
        self.spans = within(self.spans, spans)
        self._whole = within(self._whole, spans)

    @property
    def unfinished(self) -> Unfinished | None:
        """What earlier syncs have left of the account's round."""
        return self._rounds.unfinished

    def leave(self, unfinished: Unfinished | None) -> None:
        """Let the reports remember what this sync leaves; they save it with what they know."""
        self._rounds.leave(unfinished)

    # What the reading asks -------------------------------------------------------------------------------------------

    def rows(self, page: Page, originals: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
        """Take in a page; there are no rows of it."""
        del originals
        for post, instant in page.posts:
            if not is_retweet(post):
                self.created[post["id"]] = instant
                self._seen.add(post["id"])
                if self._wish.media and (keys := media_keys(post)):
                    self.media[post["id"]] = keys
        yield from ()

    def is_satisfied(self, down_to: datetime) -> bool:
        """Return whether all posts that are wanted are known when everything down to an instant has been read."""
        if any(span.start <= down_to for span in self._whole):
            return False
        return sum(instant >= down_to for instant in self.created.values()) >= self._wish.newest

    def checkpoint(self, span: Span) -> None:
        """Note that the posts of a span are known; the reports save it with their rows."""
        self._read = union(*self._read, span)

    def rows_at_the_end(self) -> Iterator[tuple[str, Row]]:
        """Forget the posts that have gone from what was read again."""
        self.listed = union(*self.listed, *self._read)
        gone = {
            tweet_id
            for tweet_id, instant in self.created.items()
            if tweet_id not in self._seen and any(instant in span for span in self._read)
        }
        for tweet_id in gone:
            del self.created[tweet_id]
        yield from ()
