"""`organic_report` for everyone: each sync takes a snapshot of the posts' counters, and reports what has been added."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.instants import utc_instant
from source_x_organic.progress.coverage import BEGINNING, Span
from source_x_organic.progress.rounds import within
from source_x_organic.snapshots.cliff import Cliff, cliff
from source_x_organic.snapshots.counters import counters_of
from source_x_organic.snapshots.gaps import covered_days, gaps
from source_x_organic.snapshots.rows import report_row
from source_x_organic.snapshots.tracking import AccountSnapshots, Seen, advanced, oldest_tracked
from source_x_organic.x_api.posts import is_retweet, older_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from source_x_organic.coverage_report.ledger import Run
    from source_x_organic.progress.coverage import Spans
    from source_x_organic.progress.feeds import Horizon
    from source_x_organic.progress.rounds import Unfinished
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.x_api.deletions import DeletedPosts
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.readings import Row
    from source_x_organic.x_api.timeline import Page


class SnapshotFeed:
    """The report's part in the reading of one account: all posts that are young enough, at every sync."""

    needs_public = False
    needs_private = True
    can_go_on = True

    def __init__(
        self,
        name: str,
        cursor: StateCursor[AccountSnapshots],
        account: Account,
        now: datetime,
        run: Run,
        horizon: Horizon,
        deleted: DeletedPosts | None = None,
    ) -> None:
        """`name` is the stream's; `now` the instant at which the reading begins, which the counters stand for.

        Wanted are the last 30 days: as long as X shows private counters. `run` takes what users should know; `horizon`
        is the sync's. `deleted` is told what this reading shows, for the stream that emits deleted posts.
        """
        self.names = (name,)
        self._name = name
        self._deleted = deleted
        self._cursor = cursor
        self._account = account
        self._now = now
        self._oldest = oldest_tracked(now)
        self._logger = run.logger
        self._coverage = run.coverage
        self._timeframe_start = horizon.start
        self._seen: dict[str, Seen] = {}
        self._replaced: set[str] = set()
        self._coverage.covers_days(account.id, name, covered_days(cursor.of(account.id), now))
        self.spans: Spans = (Span(self._oldest, now),)
        self.read_until = cursor.of(account.id).taken_at
        self._is_narrow = False
        self._is_rest = False
        self._is_cut = False

    def rows(self, page: Page, originals: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
        """Take in a page; rows come when all posts have been seen."""
        del originals
        if self._deleted is not None:
            self._deleted.note(page)
        for post, instant in page.posts:
            # A first sync reads years of posts: only those that count are kept.
            if instant >= self._oldest and not is_retweet(post) and self._takes(instant):
                counters, source = counters_of(post, page.private.get(post["id"]), is_own=self._account.is_own)
                self._seen[post["id"]] = Seen(instant, counters, source)
                self._replaced.update(older_versions(post))
        yield from ()

    def _takes(self, instant: datetime) -> bool:
        """Return whether a post is for this feed: of others no private counters may have been asked for."""
        return not self._is_narrow or any(instant in span for span in self.spans)

    def is_satisfied(self, down_to: datetime) -> bool:
        """Return whether all posts that are young enough have been seen."""
        return all(span.start > down_to for span in self.spans)

    def checkpoint(self, span: Span) -> None:
        """Save nothing: half a snapshot is none."""
        if self._deleted is not None:
            self._deleted.watch.read_counters(span)

    def rows_at_the_end(self) -> Iterator[tuple[str, Row]]:
        """Yield a row for each post and day since the last snapshot, and save this one.

        Where the ceiling on posts let only some be seen it is a snapshot of these, and where it let none, of nothing.
        """
        before = self._cursor.of(self._account.id)
        if self._is_cut and not self._seen:
            self._cursor.checkpoint(self._account.id, before)
            return
        after, days = advanced(before, self._seen, self._now)
        self._tell(before, after)
        for day in days:
            yield self._name, report_row(day, self._account.id)
        self._cover(before, after)
        self._cursor.checkpoint(self._account.id, after)

    def _cover(self, before: AccountSnapshots, after: AccountSnapshots) -> None:
        """Tell which rows there cannot be; where the ceiling on posts hid some, they are left to be read."""
        if self._is_cut or self._is_rest:
            return
        if self._is_narrow:
            # It makes way for other accounts: another sync of the day has seen the older posts.
            self._coverage.read_everything(self._account.id, self._name)
            return
        made = utc_instant(self._account.user.get("created_at")) or BEGINNING
        first = max(self._timeframe_start, made).astimezone(UTC).date()
        found = gaps(before, after, self._replaced, self._now, first=first)
        coverage, account_id = self._coverage, self._account.id
        coverage.read_everything(account_id, self._name)
        for (day, reason), count in found.missing.items():
            coverage.misses(account_id, self._name, day, reason, count)
        if found.unknown is not None:
            coverage.misses_some(account_id, self._name, found.unknown, Reason.OVER_30_DAYS)

    def narrow(self, spans: Spans) -> None:
        """Want no more than these in this sync."""
        self.spans = within(self.spans, spans)
        self._is_narrow = True
        self._is_rest = self.unfinished is not None or self.read_until is None

    @property
    def unfinished(self) -> Unfinished | None:
        """What earlier syncs have left of the account's round."""
        return self._cursor.unfinished(self._account.id)

    def leave(self, unfinished: Unfinished | None) -> None:
        """Note what this sync leaves, to be saved with the snapshot of what it has read."""
        self._is_cut = unfinished is not None
        self._cursor.leave(self._account.id, unfinished)

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
