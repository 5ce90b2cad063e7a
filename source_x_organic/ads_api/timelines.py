"""Reading a promotable user's organic tweets: one listing, newest first, feeds every stream made of tweets and users.

X documents neither a time filter nor the order. So the listing is read until it is older than anything wanted, and to
its end where X turns out not to list the newest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from source_x_organic.ads_api import tweets, users
from source_x_organic.ads_api.deletions import DeletedTweets
from source_x_organic.ads_api.listings import is_of
from source_x_organic.ads_api.tweets import created_at, is_retweet, tweet_id
from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.coverage_report.snapshots import covers_snapshot
from source_x_organic.deletions.watch import Watch
from source_x_organic.instants import rfc3339, utc_day
from source_x_organic.progress.coverage import Span
from source_x_organic.progress.feeds import Feed, Horizon
from source_x_organic.progress.state import AccountState
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from source_x_organic.ads_api.ads_account import AdsUser
    from source_x_organic.ads_api.api import Object
    from source_x_organic.ads_api.listings import Listed, Wish
    from source_x_organic.coverage_report.ledger import CoverageLedger, Run
    from source_x_organic.progress.coverage import Spans
    from source_x_organic.progress.state import AccountCursor

Row = dict[str, Any]


class UserStream(Protocol):
    """A stream with a row for each user, made of the user object beside the newest tweet."""

    @property
    def name(self) -> str:
        """The stream's name."""
        ...

    def row(self, profile: Mapping[str, Any] | None, user: AdsUser) -> Row | None:
        """Return the user's row, or None for no row; `profile` is None for a user without tweets."""
        ...


class TweetStream(Protocol):
    """A stream with a row for each tweet."""

    @property
    def name(self) -> str:
        """The stream's name."""
        ...

    def wanted(self, state: AccountState, horizon: Horizon) -> Spans:
        """Return the spans of `created_at` that this sync reads for the stream."""
        ...

    def row(self, tweet: Mapping[str, Any], profile: Mapping[str, Any], user: AdsUser) -> Row:
        """Return the tweet's row."""
        ...

    def cursor_of(self, newest: datetime) -> str:
        """Return the cursor value that the newest tweet of a page stands for."""
        ...


class Accounts:
    """`accounts`: the promotable users as they are now."""

    name = "accounts"

    def row(self, profile: Mapping[str, Any] | None, user: AdsUser) -> Row:
        """Return the user's row; beside the ids it is empty where the user has no tweets."""
        return users.account_row(
            profile, account_id=user.id, ads_account_id=user.account.id, is_own_account=user.is_full
        )


class AccountInsights:
    """`account_insights`: the counters of each user on the day of the read."""

    name = "account_insights"

    def __init__(self, read_at: datetime, cursor: AccountCursor) -> None:
        """`read_at` is the instant of the sync."""
        self._read_at = read_at
        self._cursor = cursor

    def row(self, profile: Mapping[str, Any] | None, user: AdsUser) -> Row | None:
        """Return the user's row; none where X showed no counters."""
        if profile is None:
            return None
        # The end of the stream emits the state.
        self._cursor.remember(user.id, AccountState(utc_day(self._read_at)))
        return users.account_insights_row(profile, account_id=user.id, read_at=self._read_at)

    def cover(self, user: AdsUser, coverage: CoverageLedger, *, has_row: bool) -> None:
        """Tell whether there is a row of today; X shows nothing of a user without tweets."""
        covers_snapshot(coverage, user.id, self.name, self._cursor.of(user.id).cursor, rows=1)
        coverage.read_everything(user.id, self.name)
        if not has_row:
            coverage.misses(user.id, self.name, coverage.today, Reason.REFUSED)


class Tweets:
    """`tweets`: the tweets themselves; the newest are read again for late counters."""

    name = "tweets"

    def wanted(self, state: AccountState, horizon: Horizon) -> Spans:
        """Return what is missing, and the look-back before the newest known tweet."""
        return horizon.of_posts(state)

    def row(self, tweet: Mapping[str, Any], profile: Mapping[str, Any], user: AdsUser) -> Row:
        """Return the tweet's row."""
        return tweets.tweet_row(
            tweet, account_id=user.id, username=profile.get("screen_name"), ads_account_id=user.account.id
        )

    def cursor_of(self, newest: datetime) -> str:
        """Return the newest tweet's `created_at`."""
        return rfc3339(newest)


class TweetInsights:
    """`tweet_insights`: the counters of each tweet on the day of the read."""

    name = "tweet_insights"

    def __init__(self, read_at: datetime) -> None:
        """`read_at` is the instant of the sync."""
        self._read_at = read_at

    def wanted(self, state: AccountState, horizon: Horizon) -> Spans:
        """Return what is missing, and all tweets that are young enough."""
        return horizon.of_snapshots(state)

    def row(self, tweet: Mapping[str, Any], profile: Mapping[str, Any], user: AdsUser) -> Row:
        """Return the tweet's snapshot."""
        return tweets.tweet_insights_row(
            tweet,
            account_id=user.id,
            account_name=profile.get("name") or profile.get("screen_name"),
            ads_account_id=user.account.id,
            read_at=self._read_at,
        )

    def cursor_of(self, newest: datetime) -> str:
        """Return the day of the read."""
        del newest
        return utc_day(self._read_at)


@dataclass(frozen=True)
class Members:
    """The selected streams that share a listing.

    Attributes:
        of_users: Streams with a row for each user.
        of_tweets: Streams with a row for each tweet, with their cursors.
    """

    of_users: Sequence[UserStream] = ()
    of_tweets: Sequence[tuple[TweetStream, AccountCursor]] = ()

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self.of_users or self.of_tweets)


class Timeline:
    """One user's listing in one sync."""

    def __init__(
        self,
        user: AdsUser,
        members: Members,
        horizon: Horizon,
        *,
        wish: Wish,
        run: Run,
    ) -> None:
        """`listed` holds the tweets that were read, retweets aside; complete as far as `wish` goes.

        `run` takes what users should know.
        """
        self.listed: Listed = {}
        self._user = user
        self._members = members
        self._horizon = horizon
        self._wish = wish
        self._logger = run.logger
        self._coverage = run.coverage
        self._deleted: dict[str, DeletedTweets] = {
            stream.name: self._watching(cursor) for stream, cursor in members.of_tweets if stream.name == Tweets.name
        }
        self._feeds = [(stream, self._feed(stream, cursor)) for stream, cursor in members.of_tweets]
        self._cover()

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield (stream name, row), newest tweets first as a rule, and save the progress at the end.

        Raises:
            ApiError: X refuses the user or is unavailable; what was yielded before stays valid.
        """
        wanted_from = self._wanted_from()
        pages = filter(None, self._pages(wanted_from))
        first = next(pages, [])
        profile = _profile(first, self._user)
        yield from self._user_rows(profile)
        if wanted_from is None and not self._wish.newest:
            return
        order = _Order()
        for page in chain([first], pages):
            dated = [(tweet, created_at(tweet) or self._horizon.now) for tweet in page]
            if profile is None:
                profile = _profile(page, self._user)
            yield from self._tweet_rows(dated, profile or {})
            self._note_listed(dated)
            order.note(instant for _, instant in dated)
            if order.is_newest_first and self._is_enough(order.oldest, wanted_from):
                break
        if not order.is_newest_first:
            self._logger.info(f"X did not list the tweets of {self._user.label} newest first; all of them were read.")
        # Not before: until the last page it is not certain that X lists the newest first, and a listing is short.
        if wanted_from is not None:
            for _, feed in self._feeds:
                feed.checkpoint(Span(wanted_from, self._horizon.now))
            yield from self._deleted_rows()
        self._have_covered()

    def _feed(self, stream: TweetStream, cursor: AccountCursor) -> Feed:
        spans = stream.wanted(cursor.of(self._user.id), self._horizon)
        deleted = self._deleted.get(stream.name)
        return Feed(spans, cursor, self._user.id, deleted.watch if deleted else None)

    def _watching(self, cursor: AccountCursor) -> DeletedTweets:
        """Return what notices deleted tweets: as far back as the next listing is going to reach, whoever wants it."""
        horizon, names = self._horizon, [stream.name for stream, _ in self._members.of_tweets]
        reach = horizon.insights_window if TweetInsights.name in names else horizon.lookback
        if self._wish.since is not None:
            reach = max(reach, horizon.now - self._wish.since)
        watch = Watch(cursor.of(self._user.id), lookback=horizon.lookback, reach=reach, now=horizon.now)
        return DeletedTweets(watch, self._user, horizon.now, self._logger)

    def _cover(self) -> None:
        """Tell what the streams are to be read for."""
        for stream, cursor in self._members.of_tweets:
            if stream.name == TweetInsights.name:
                covers_snapshot(self._coverage, self._user.id, stream.name, cursor.of(self._user.id).cursor)
        for stream, feed in self._feeds:
            if stream.name == Tweets.name:
                self._coverage.covers(self._user.id, stream.name, feed.spans)

    def _have_covered(self) -> None:
        """Tell that everything was listed, and which tweets are gone."""
        for stream, _ in self._feeds:
            self._coverage.read_everything(self._user.id, stream.name)
        for name, deleted in self._deleted.items():
            for each in deleted.watch.gone():
                if made := created_at_of(each):
                    self._coverage.misses(self._user.id, name, made.date(), Reason.DELETED)

    def _deleted_rows(self) -> Iterator[tuple[str, Row]]:
        for stream, feed in self._feeds:
            deleted = self._deleted.get(stream.name)
            if deleted is not None:
                for row in deleted.rows():
                    yield stream.name, row
                if deleted.has_news:
                    feed.save()

    def _pages(self, wanted_from: datetime | None) -> Iterator[list[Object]]:
        count = {} if wanted_from is not None or self._wish.newest else {"count": 1}
        account = self._user.account
        return account.api.tweets(account.id, self._user.id, trim_user=not self._members, **count)

    def _wanted_from(self) -> datetime | None:
        """Return the oldest instant that anybody wants tweets of; None where only the user object is wanted."""
        starts = [feed.spans[0].start for _, feed in self._feeds if feed.spans]
        return min([*starts, *([self._wish.since] if self._wish.since else [])], default=None)

    def _is_enough(self, oldest: datetime | None, wanted_from: datetime | None) -> bool:
        """Return whether the listing need not go on beyond its oldest tweet, if it comes newest first."""
        if wanted_from is not None and (oldest is None or oldest >= wanted_from):
            return False
        return len(self.listed) >= self._wish.newest

    def _user_rows(self, profile: Mapping[str, Any] | None) -> Iterator[tuple[str, Row]]:
        for stream in self._members.of_users:
            if isinstance(stream, AccountInsights):
                stream.cover(self._user, self._coverage, has_row=profile is not None)
            row = stream.row(profile, self._user)
            if row is not None:
                yield stream.name, row

    def _tweet_rows(
        self, dated: Sequence[tuple[Object, datetime]], profile: Mapping[str, Any]
    ) -> Iterator[tuple[str, Row]]:
        for stream, feed in self._feeds:
            deleted = self._deleted.get(stream.name)
            back = deleted.note(dated) if deleted else ()
            taken = [
                (tweet, instant)
                for tweet, instant in dated
                if feed.takes(instant) or (back and tweet_id(tweet) in back)
            ]
            for tweet, _ in taken:
                yield stream.name, stream.row(tweet, profile, self._user)
            if taken:
                feed.note(stream.cursor_of(max(instant for _, instant in taken)))

    def _note_listed(self, dated: Iterable[tuple[Object, datetime]]) -> None:
        if self._wish.needs_listing:
            self.listed |= {tweet_id(tweet): instant for tweet, instant in dated if not is_retweet(tweet)}


class _Order:
    """Whether the tweets come newest first, as far as they have come."""

    def __init__(self) -> None:
        self.is_newest_first = True
        self.oldest: datetime | None = None

    def note(self, instants: Iterable[datetime]) -> None:
        """Take in a page's instants."""
        for instant in instants:
            if self.oldest is not None and instant > self.oldest:
                self.is_newest_first = False
            self.oldest = instant if self.oldest is None else min(self.oldest, instant)


def _profile(page: Iterable[Object], user: AdsUser) -> Mapping[str, Any] | None:
    """Return the user object beside the first tweet that has more of it than the id."""
    candidates = (each.get("user") for each in page)
    return next(
        (each for each in candidates if isinstance(each, dict) and "screen_name" in each and is_of(each, user)), None
    )
