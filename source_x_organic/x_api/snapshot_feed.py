"""`organic_report` for everyone: each sync takes a snapshot of the posts' counters, and reports what has been added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.instants import utc_instant
from source_x_organic.progress.coverage import Span
from source_x_organic.snapshots.cliff import cliff
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
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.readings import Row
    from source_x_organic.x_api.timeline import Page


class SnapshotFeed:
    """The report's part in the reading of one account: all posts that are young enough, at every sync."""

    needs_private = True

    def __init__(
        self, name: str, cursor: StateCursor[AccountSnapshots], account: Account, now: datetime, logger: logging.Logger
    ) -> None:
        """`name` is the stream's; `now` the instant at which the reading begins, which the counters stand for."""
        self.needs_public = not account.is_own
        self._name = name
        self._cursor = cursor
        self._account = account
        self._now = now
        self._logger = logger
        self._seen: dict[str, Seen] = {}

    @property
    def spans(self) -> Spans:
        """The last 30 days: as long as X shows private counters."""
        return (Span(oldest_tracked(self._now), self._now),)

    def rows(self, page: Page, originals: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
        """Take in a page; rows come when all posts have been seen."""
        del originals
        for post, instant in page.posts:
            if not is_retweet(post):
                made = utc_instant(post.get("created_at")) or instant
                counters, source = counters_of(post, page.private.get(post["id"]), is_own=self._account.is_own)
                self._seen[post["id"]] = Seen(made, counters, source)
        yield from ()

    def is_satisfied(self, down_to: datetime) -> bool:
        """Return whether all posts that are young enough have been seen."""
        return self.spans[0].start > down_to

    def checkpoint(self, span: Span) -> None:
        """Save nothing: half a snapshot is none."""

    def rows_at_the_end(self) -> Iterator[tuple[str, Row]]:
        """Yield a row for each post and day since the last snapshot, and save this one."""
        before = self._cursor.of(self._account.id)
        self._warn_of_cliff(before)
        after, days = advanced(before, self._seen, self._now)
        for day in days:
            yield self._name, report_row(day, self._account.id)
        self._cursor.checkpoint(self._account.id, after)

    def _warn_of_cliff(self, before: AccountSnapshots) -> None:
        found = cliff(before, self._now)
        if found is not None:
            self._logger.warning(
                f"{self._name}: the last sync of {self._account.label} was {found.pause_days} days ago. X shows "
                f"private counters for 30 days, so up to {found.days_lost} days of {found.posts} posts are lost for "
                "good; sync at least once a day."
            )
