"""Who takes part in the reading of one account's posts, and what they tell one another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from source_x_organic.deletions.watch import Watch
from source_x_organic.snapshots.tracking import TRACKED_FOR
from source_x_organic.transport.clock import now
from source_x_organic.x_api.coverage_feed import CoverageFeed
from source_x_organic.x_api.deletions import DeletedPosts
from source_x_organic.x_api.post_streams import RowFeed, TweetInsights, Tweets
from source_x_organic.x_api.snapshot_feed import SnapshotFeed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from source_x_organic.connection import Connection
    from source_x_organic.progress.coverage import Span
    from source_x_organic.progress.feeds import Horizon
    from source_x_organic.progress.state import AccountCursor, StateCursor
    from source_x_organic.snapshots.tracking import AccountSnapshots
    from source_x_organic.streams.post_reports import PostReports
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.post_streams import PostStream
    from source_x_organic.x_api.readings import AccountFeed


@dataclass(frozen=True)
class Members:
    """The selected streams that read posts.

    Attributes:
        posts: Those with a row for each post, with their cursors.
        snapshots: Cursors of those that are made of snapshots, by name.
        reports: Those that only list posts, if there are any.
    """

    posts: Sequence[tuple[PostStream, AccountCursor]]
    snapshots: Mapping[str, StateCursor[AccountSnapshots]]
    reports: PostReports | None

    def cursor(self, name: str) -> AccountCursor | None:
        """Return the cursor of a stream with a row for each post; None where it is not selected."""
        return next((cursor for stream, cursor in self.posts if stream.name == name), None)


class AccountFeeds:
    """The feeds of all accounts in one sync."""

    def __init__(self, connection: Connection, members: Members, horizon: Horizon) -> None:
        """`horizon` is that of the sync."""
        self._connection = connection
        self._members = members
        self._horizon = horizon
        self._coverage: dict[str, CoverageFeed] = {}

    def of(self, account: Account) -> list[AccountFeed]:
        """Return the feeds of one account, whose turn has come."""
        connection, members = self._connection, self._members
        deleted = self._deleted_posts(account)
        posts = {
            stream.name: RowFeed(
                stream, cursor, account, self._horizon, deleted if stream.name == Tweets.name else None
            )
            for stream, cursor in members.posts
        }
        # Where accounts have waited for X's limits, their counters are not those of the sync's start.
        snapshots = [
            SnapshotFeed(name, cursor, account, now(connection.clock), connection, self._horizon, deleted)
            for name, cursor in members.snapshots.items()
        ]
        insights = members.cursor(TweetInsights.name)
        coverage = self._coverage[account.id] = CoverageFeed(
            connection.coverage,
            account,
            posts,
            last_snapshot=insights.of(account.id).cursor if insights else None,
            deleted=deleted,
        )
        listings = members.reports.feeds_of(account) if members.reports else ()
        return [*posts.values(), *snapshots, *listings, coverage]

    def is_cut_off(self, account: Account, span: Span) -> None:
        """Take in that X does not reach a span of an account's posts."""
        self._coverage[account.id].is_cut_off(span)

    def _deleted_posts(self, account: Account) -> DeletedPosts | None:
        cursor, horizon = self._members.cursor(Tweets.name), self._horizon
        if cursor is None:
            return None
        watch = Watch(
            cursor.of(account.id),
            lookback=horizon.lookback,
            now=horizon.now,
            reach=horizon.insights_window if self._members.cursor(TweetInsights.name) else timedelta(),
            counters_reach=TRACKED_FOR if self._members.snapshots else timedelta(),
        )
        return DeletedPosts(watch, account, horizon.now, self._connection.logger, self._connection.budget)
