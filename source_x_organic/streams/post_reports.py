"""The reports about posts among the streams that share a reading of the timelines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from source_x_organic.coverage_report.reasons import Reason, reason_of
from source_x_organic.failures import fault
from source_x_organic.streams.part_queue import Part, PartQueue
from source_x_organic.x_api.listings import Listing, Rounds, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
    from airbyte_cdk.utils import AirbyteTracedException

    from source_x_organic.coverage_report.ledger import CoverageLedger
    from source_x_organic.progress.feeds import Horizon
    from source_x_organic.streams.part_queue import Fail
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.post_reports import PostReport, Work


class PostReports:
    """All of them in one sync: an account's posts are listed once, then each report asks about them."""

    def __init__(
        self,
        reports: Sequence[PostReport],
        horizon: Horizon,
        coverage: CoverageLedger,
        *,
        leader: str,
        fail: Fail,
        warn: Callable[[str], None],
    ) -> None:
        """`leader` is the stream whose partitions these are; `coverage` takes what daily reports are to hold.

        `warn` takes what users should know.
        """
        self._warn = warn
        self._coverage = coverage
        self.names = [report.name for report in reports]
        self._reports = reports
        self._horizon = horizon
        self._fail = fail
        self._queue = PartQueue(leader, fail)
        self._wish = Wish()
        for report in reports:
            self._wish |= report.wish
        self._listing_names = [report.name for report in reports if report.wish]
        self._listings: dict[str, Listing] = {}
        self._unseen = {tweet_id for report in reports for tweet_id in report.looked_for}
        self._is_cut_short = False

    def expect(self) -> None:
        """Note that one more account is going to be listed; to be called by the thread of `partitions`."""
        self._queue.expect()

    def feed_of(self, account: Account) -> Listing:
        """Return what takes in the posts of an account as they are read."""
        remembered = [state for report in self._reports for state in report.remembered(account.id)]
        cursors = [] if self._wish.media else [cursor for report in self._reports for cursor in report.keepers]
        listing = Listing(self._wish, remembered, self._horizon, Rounds(account.id, self._listing_names, cursors))
        self._listings[account.id] = listing
        return listing

    def read(self, account: Account, *, is_read: bool, is_stopped: bool = False) -> None:
        """Take in that an account's posts are known, or else cannot be, from any thread.

        `is_stopped` tells that the ceiling on posts has let only some of them be listed.
        """
        listing = self._listings.pop(account.id, None)
        if listing is None or not is_read:
            self._queue.put(list)
            return
        asked = self._reports
        if is_stopped or listing.is_narrow:
            self._is_cut_short = True
            asked = [report for report in asked if self._may_ask(report, account, listing, is_stopped=is_stopped)]
        self._queue.put(lambda: self._plan(asked, account, listing))

    def _may_ask(self, report: PostReport, account: Account, listing: Listing, *, is_stopped: bool) -> bool:
        """Return whether what is known of the posts is enough for a report; let it remember that if it is not."""
        goes_on = listing.can_go_on and bool(report.keepers)
        if not report.wish or (goes_on and (report.takes_any or not is_stopped)):
            return True
        if goes_on:
            report.remember(account, listing)
        else:
            self._warn(
                f"{account.label}: {report.name} has no rows in this sync: max_post_reads_per_sync is too small to "
                "list its posts in one go, and this report cannot go on from there."
            )
        self._coverage.gives_up(account.id, [report.name], Reason.BUDGET)
        return False

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions; end when all of them have been read."""
        yield from self._queue.partitions()
        if self._unseen and not self._is_cut_short:
            self._warn(
                "Custom reports of media name tweets that X did not show among those of these accounts: "
                f"{', '.join(sorted(self._unseen))}. They have no rows."
            )

    def _plan(self, reports: Sequence[PostReport], account: Account, listing: Listing) -> list[Part]:
        """Return the parts of all reports of an account; called by the thread of `partitions`."""
        self._unseen -= listing.created.keys()
        return [part for report in reports for part in self._planned(report, account, listing)]

    def _planned(self, report: PostReport, account: Account, listing: Listing) -> list[Part]:
        """Return the parts of an account's report; none where it cannot be planned, which costs it alone."""
        try:
            return list(self._parts(report, account, listing))
        except Exception as error:  # noqa: BLE001 - nobody foresaw it, and it is reported
            self._coverage.gives_up(account.id, [report.name], Reason.FAILED)
            self._fail(account.label, fault(error, f"with {account.label}"), report.name)
            return []

    def _parts(self, report: PostReport, account: Account, listing: Listing) -> Iterator[Part]:
        gate, coverage = report.gate(account), self._coverage
        if not report.is_for(account):
            coverage.gives_up(account.id, [report.name], Reason.REFUSED)
            return
        for work in report.work(account, listing):
            for part in work.slices:
                coverage.expects(report.name, part)
            missed = partial(self._missed, report.name, work)
            yield Part(report.name, account.label, gate, partial(work.rows), work.done, missed)

    def _missed(self, stream: str, work: Work, error: AirbyteTracedException) -> None:
        work.missed()
        for part in work.slices:
            self._coverage.misses_asked(stream, part, reason_of(error))
