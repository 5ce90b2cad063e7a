"""`organic_report` for everyone: each sync takes a snapshot of the posts' counters, and reports what has been added."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.deletions.watch import without_edges
from source_x_organic.instants import utc_instant
from source_x_organic.progress.coverage import BEGINNING, Span, union
from source_x_organic.progress.rounds import within, without
from source_x_organic.snapshots.cliff import Cliff, cliff
from source_x_organic.snapshots.counters import counters_of
from source_x_organic.snapshots.gaps import covered_days, gaps, with_open_days
from source_x_organic.snapshots.rows import report_row
from source_x_organic.snapshots.tracking import AccountSnapshots, Seen, advanced, oldest_tracked, without_seeing
from source_x_organic.x_api.posts import is_retweet, older_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from source_x_organic.coverage_report.ledger import Run
    from source_x_organic.progress.coverage import Spans
    from source_x_organic.progress.feeds import Horizon
    from source_x_organic.progress.rounds import Unfinished
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.snapshots.tracking import DayGrowth
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
        self._horizon = horizon
        self._seen: dict[str, Seen] = {}
        self._replaced: set[str] = set()
        self._coverage.covers_days(account.id, name, covered_days(cursor.of(account.id), now))
        self.spans: Spans = (Span(self._oldest, now),)
        self.read_until = cursor.of(account.id).taken_at
        self._read: Spans = ()
        self._is_narrow = False
        self._makes_way = False
        self._is_interrupted = False

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
        self._read = union(*self._read, span)
        if self._deleted is not None:
            self._deleted.watch.read_counters(span)

    def rows_at_the_end(self) -> Iterator[tuple[str, Row]]:
        """Yield a row for each post and day since the last snapshot, and save this one.

        Where the ceiling on posts let only some be seen it is a snapshot of these, and where it let none, of nothing.
        """
        before = self._cursor.of(self._account.id)
        is_whole = self._is_whole
        after, days = self._advanced(before, is_whole=is_whole)
        self._tell(before, after)
        for day in days:
            yield self._name, report_row(day, self._account.id)
        self._cover(before, after, is_whole=is_whole)
        after = with_open_days(before, after, self._now, is_whole=is_whole)
        self._cursor.checkpoint(self._account.id, after)

    @property
    def _is_whole(self) -> bool:
        """Whether all that this sync wanted was read; what is posted while it runs is a matter of the next one."""
        until = self._horizon.now
        wanted = [Span(span.start, min(span.end, until)) for span in self.spans if span.start < until]
        return not self._is_interrupted or not without(wanted, self._read)

    def _advanced(self, before: AccountSnapshots, *, is_whole: bool) -> tuple[AccountSnapshots, list[DayGrowth]]:
        if not is_whole and not self._seen:
            return without_seeing(before, self._now), []
        read = tuple(without_edges(within(self._read, self.spans)))
        return advanced(before, self._seen, self._now, read=read, replaced=self._replaced)

    def _cover(self, before: AccountSnapshots, after: AccountSnapshots, *, is_whole: bool) -> None:
        """Tell which rows there are and which there cannot be; what the ceiling on posts hid is left to be read."""
        coverage, account_id, name = self._coverage, self._account.id, self._name
        if self._makes_way and after.tweets == before.tweets:
            # Nothing is new since another sync of the day, and that one has told of it.
            coverage.covers(account_id, name, (), anew=True)
            return
        made = utc_instant(self._account.user.get("created_at")) or BEGINNING
        first = max(self._horizon.start, made).astimezone(UTC).date()
        found = gaps(before, after, self._now, first=first, is_whole=is_whole)
        coverage.holds(account_id, name, found.rows)
        if is_whole:
            coverage.read_everything(account_id, name)
        coverage.read_days(account_id, name, found.closed)
        for (day, reason), count in found.missing.items():
            coverage.misses(account_id, name, day, reason, count)
        coverage.misses_some(account_id, name, found.unknown, Reason.OVER_30_DAYS)

    def narrow(self, spans: Spans) -> None:
        """Want no more than these in this sync."""
        self.spans = within(self.spans, spans)
        self._is_narrow = True
        self._makes_way = self.unfinished is None and self.read_until is not None

    @property
    def unfinished(self) -> Unfinished | None:
        """What earlier syncs have left of the account's round."""
        return self._cursor.unfinished(self._account.id)

    def leave(self, unfinished: Unfinished | None) -> None:
        """Note what this sync leaves, to be saved with the snapshot of what it has read."""
        self._is_interrupted = unfinished is not None
        self._cursor.leave(self._account.id, unfinished)

    def _tell(self, before: AccountSnapshots, after: AccountSnapshots) -> None:
        """Say what a user would otherwise only notice by rows that are not there."""
        if before.taken_at is None:
            older = sum(tracked.base is not None for tracked in after.tweets.values())
            self._logger.info(
                f"{self._name}: this is the first snapshot of {self._account.label}, the base line of {older} posts "
                "made before today: what they had earned by now makes no rows, what they earn from now on does."
            )
        elif found := cliff(before, self._now):
            self._logger.warning(f"{self._name}: {_warning(found, self._account.label)}")


def _warning(found: Cliff, label: str) -> str:
    posts = "1 post" if found.posts == 1 else f"{found.posts} posts"
    days = "the last day" if found.days_lost == 1 else f"up to {found.days_lost} days"
    if found.pause_days is None:
        return (
            f"{posts} of {label} came to 30 days of age since the last sync, and lost {days} for good: a post is "
            "followed no longer than that, and below max_post_reads_per_sync the last syncs did not reach these posts. "
            "Raise it, or sync more often."
        )
    cost = f"In this pause {posts} came to that age, and lost {days} for good."
    if not found.posts:
        cost = "A post that comes to that age in such a pause loses its last days."
    return (
        f"the last snapshot of {label} was taken {found.pause_days} days ago. X shows private counters for 30 days, "
        f"and a post is followed as long. {cost} Sync at least once a day."
    )
