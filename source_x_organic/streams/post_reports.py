"""The reports about posts among the streams that share a reading of the timelines."""

from __future__ import annotations

from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING

from source_x_organic.coverage_report.reasons import Reason, reason_of
from source_x_organic.failures import fault
from source_x_organic.reports.definitions import listed_anew
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


_TOO_SMALL = (
    "max_post_reads_per_sync is too small to list its posts in one go, and this report cannot go on from there."
)
_WAITS = "max_post_reads_per_sync let only some of its posts be listed. They are remembered, and it waits for the rest."


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
        anew = listed_anew([report.definition for report in reports])
        self._lasting = [report for report in reports if report.wish and report.definition not in anew]
        self._passing = [report for report in reports if report.wish and report.definition in anew]
        self._listings: dict[str, dict[str, Listing]] = {}
        self._unseen = {tweet_id for report in reports for tweet_id in report.looked_for}
        self._is_cut_short = False

    def expect(self) -> None:
        """Note that one more account is going to be listed; to be called by the thread of `partitions`."""
        self._queue.expect()

    def feeds_of(self, account: Account) -> list[Listing]:
        """Return what takes in the posts of an account as they are read.

        Reports whose posts are remembered have a listing of their own: where a ceiling on posts stops the reading, the
        next sync goes on with it, whatever becomes of the others.
        """
        found: dict[str, Listing] = {}
        for reports in (self._lasting, self._passing):
            if reports:
                listing = self._listing(account, reports)
                found |= {report.name: listing for report in reports}
        self._listings[account.id] = found
        return list(dict.fromkeys(found.values()))

    def _listing(self, account: Account, reports: Sequence[PostReport]) -> Listing:
        wish = reduce(or_, (report.wish for report in reports))
        remembered = [state for report in reports for state in report.remembered(account.id)]
        keeping = [report for report in reports if report.keepers]
        cursors = [cursor for report in keeping for cursor in report.keepers]
        return Listing(
            wish, remembered, self._horizon, Rounds(account.id, [report.name for report in keeping], cursors)
        )

    def read(self, account: Account, *, is_read: bool, is_stopped: bool = False) -> None:
        """Take in that an account's posts are known, or else cannot be, from any thread.

        `is_stopped` tells that the ceiling on posts has let only some of them be listed.
        """
        listings = self._listings.pop(account.id, None)
        if listings is None or not is_read:
            self._queue.put(list)
            return
        asked = [
            (report, listings.get(report.name) or Listing(Wish(), (), self._horizon))
            for report in self._reports
            if self._may_ask(report, account, listings.get(report.name), is_stopped=is_stopped)
        ]
        self._queue.put(lambda: self._plan(asked, account))

    def _may_ask(self, report: PostReport, account: Account, listing: Listing | None, *, is_stopped: bool) -> bool:
        """Return whether what is known of the posts is enough for a report; let it remember that if it is not."""
        if listing is None or listing.knows(report.wish):
            return True
        self._is_cut_short = True
        if report.takes_any:
            return True
        if report.keepers:
            report.remember(account, listing)
        else:
            goes_on = listing.can_go_on and is_stopped
            self._warn(f"{account.label}: {report.name} has no rows in this sync: {_WAITS if goes_on else _TOO_SMALL}")
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

    def _plan(self, reports: Sequence[tuple[PostReport, Listing]], account: Account) -> list[Part]:
        """Return the parts of all reports of an account; called by the thread of `partitions`."""
        for _, listing in reports:
            self._unseen -= listing.created.keys()
        return [part for report, listing in reports for part in self._planned(report, account, listing)]

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
