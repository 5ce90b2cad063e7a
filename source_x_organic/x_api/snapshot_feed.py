"""`organic_report` for everyone: each sync takes a snapshot of the posts' counters, and reports what has been added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.progress.coverage import Span
from source_x_organic.snapshots.cliff import Cliff, cliff
from source_x_organic.snapshots.counters import counters_of
from source_x_organic.snapshots.rows import report_row
from source_x_organic.snapshots.tracking import AccountSnapshots, Seen, advanced, oldest_tracked
from source_x_organic.x_api.posts import is_retweet

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from source_x_organic.progress.coverage import Spans
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.x_api.deletions import DeletedPosts
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.readings import Row
    from source_x_organic.x_api.timeline import Page


class SnapshotFeed:
    """The report's part in the reading of one account: all posts that are young enough, at every sync."""

    needs_public = False
    needs_private = True

    def __init__(
        self,
        name: str,
        cursor: StateCursor[AccountSnapshots],
        account: Account,
        now: datetime,
        logger: logging.Logger,
        deleted: DeletedPosts | None = None,
    ) -> None:
        """`name` is the stream's; `now` the instant at which the reading begins, which the counters stand for.

        `deleted` is told what this reading shows, for the stream that emits deleted posts.
        """
        self._name = name
        self._deleted = deleted
        self._cursor = cursor
        self._account = account
        self._now = now
        self._oldest = oldest_tracked(now)
        self._logger = logger
        self._seen: dict[str, Seen] = {}

    @property
    def spans(self) -> Spans:
        """The last 30 days: as long as X shows private counters."""
        return (Span(self._oldest, self._now),)

    def rows(self, page: Page, originals: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
        """Take in a page; rows come when all posts have been seen."""
        del originals
        if self._deleted is not None:
            self._deleted.note(page)
        for post, instant in page.posts:
            # A first sync reads years of posts: only those that count are kept.
            if instant >= self._oldest and not is_retweet(post):
                counters, source = counters_of(post, page.private.get(post["id"]), is_own=self._account.is_own)
                self._seen[post["id"]] = Seen(instant, counters, source)
        yield from ()

    def is_satisfied(self, down_to: datetime) -> bool:
        """Return whether all posts that are young enough have been seen."""
        return self._oldest > down_to

    def checkpoint(self, span: Span) -> None:
        """Save nothing: half a snapshot is none."""
        if self._deleted is not None:
            self._deleted.watch.read_counters(span)

    def rows_at_the_end(self) -> Iterator[tuple[str, Row]]:
        """Yield a row for each post and day since the last snapshot, and save this one."""
        before = self._cursor.of(self._account.id)
        after, days = advanced(before, self._seen, self._now)
        self._tell(before, after)
        for day in days:
            yield self._name, report_row(day, self._account.id)
        self._cursor.checkpoint(self._account.id, after)

    def _tell(self, before: AccountSnapshots, after: AccountSnapshots) -> None:
        """Say what a user would otherwise only notice by rows that are not there."""
        if before.taken_at is None:
            older = sum(tracked.base is not None for tracked in after.tweets.values())
            self._logger.info(
                f"{self._name}: this is the first snapshot of {self._account.label}, the base line of {older} posts "
                "made before today: what they had earned by now makes no rows, what they earn from now on does."
            )
        elif pause := cliff(before, self._now):
            self._logger.warning(
                f"{self._name}: the last snapshot of {self._account.label} was taken {pause.pause_days} days ago. X "
                "shows private counters for 30 days, and a post is followed as long. "
                f"{_lost(pause)} Sync at least once a day."
            )


def _lost(pause: Cliff) -> str:
    if not pause.posts:
        return "A post that comes to that age in such a pause loses its last days."
    posts = "1 post" if pause.posts == 1 else f"{pause.posts} posts"
    days = "the last day" if pause.days_lost == 1 else f"up to {pause.days_lost} days"
    return f"In this pause {posts} came to that age, and lost {days} for good."
