"""Streams that share the listing of each promotable user's tweets: one of them leads and reads for all."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

from source_x_organic.ads_api.ads_account import costs_account, ways_to_users
from source_x_organic.ads_api.listings import Wish, named_tweets
from source_x_organic.ads_api.reports import Scope
from source_x_organic.ads_api.timelines import Timeline
from source_x_organic.coverage_report.reasons import Reason, reason_of
from source_x_organic.failures import fault
from source_x_organic.progress.feeds import Horizon
from source_x_organic.reports.days import local_day, midnight, timeframe_first_day
from source_x_organic.streams.ads_report import ReportPartitions
from source_x_organic.streams.rows import RowsPartition
from source_x_organic.transport.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from datetime import datetime

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
    from airbyte_cdk.utils import AirbyteTracedException

    from source_x_organic.ads_api.ads_account import AdsAccount, AdsUser
    from source_x_organic.ads_api.directory import AdsDirectory
    from source_x_organic.ads_api.listings import Listed
    from source_x_organic.ads_api.timelines import Members
    from source_x_organic.connection import Connection
    from source_x_organic.streams.ads_report import ReportStream
    from source_x_organic.streams.shared_reading import Group
    from source_x_organic.x_api.readings import Row


class AdsLeader(PartitionGenerator):
    """Reads the listings of all users, one partition each, and the reports, for all streams of the group.

    No partition fails: airbyte-cdk would count it against the leading stream, whichever stream it is about. What fails
    is noted with the group, and each stream ends with its own.
    """

    def __init__(
        self,
        connection: Connection,
        directory: AdsDirectory,
        group: Group,
        members: Members,
        reports: Sequence[ReportStream],
        names: list[str],
    ) -> None:
        """`names` are the selected streams of the group, the leading one first."""
        self._connection = connection
        self._directory = directory
        self._group = group
        self._members = members
        self._reports = reports
        self._names = names
        self._places = count()

    def generate(self) -> Iterable[Partition]:
        """Yield a partition for each user and each slice of the reports; end when they have been read.

        Raises:
            AccountsFailed: some could not be read for the leading stream.
        """
        try:
            yield from self._partitions()
        except Exception as error:
            # The followers must not look complete where the leader found nothing to read.
            self._group.fail("accounts", fault(error, "when Ads accounts are looked up"), self._names)
            raise
        finally:
            self._group.end()
        self._group.wait(self._names[0])

    def _partitions(self) -> Iterator[Partition]:
        for unresolved in self._directory.unresolved():
            self._connection.coverage.gives_up(unresolved.label, self._names, reason_of(unresolved.error))
            self._fail(unresolved.label, unresolved.error, self._names)
        accounts = [account for account in self._directory.accounts() if self._has_days(account)]
        ways_to_all = ways_to_users(accounts)
        reports = self._of_reports(accounts, [user for user, *_ in ways_to_all])
        for ways in ways_to_all:
            self._group.begin()
            yield RowsPartition(
                self._names[0],
                next(self._places),
                lambda ways=ways: self._user_rows(ways, reports),  # type: ignore[misc]
            )
        yield from reports.partitions()

    def _of_reports(self, accounts: list[AdsAccount], users: list[AdsUser]) -> ReportPartitions:
        config = self._connection.config
        return ReportPartitions(
            self._reports,
            accounts,
            users,
            Scope(self._connection.started_at, config.timeframe_months.months, config.lookback_window_days),
            self._connection,
            leader=self._names[0],
            fail=lambda label, error, stream: self._fail(label, error, [stream]),
        )

    def _has_days(self, account: AdsAccount) -> bool:
        try:
            return account.zone is not None
        except ApiError as error:
            self._connection.coverage.gives_up(account.full_user_id or account.id, self._names, reason_of(error))
            self._fail(account.label, error, self._names)
            return False

    def _user_rows(self, ways: Sequence[AdsUser], reports: ReportPartitions) -> Iterator[tuple[str, Row]]:
        listed: Listed | None = None
        try:
            listed = yield from self._listed_somehow(ways, reports)
        finally:
            reports.listed(ways[0].id, listed)
            self._group.end()

    def _listed_somehow(
        self, ways: Sequence[AdsUser], reports: ReportPartitions
    ) -> Generator[tuple[str, Row], None, Listed | None]:
        """Yield the rows of a user's listing, through the next Ads account where X refuses one; return what is listed.

        What fails is noted, and costs this user alone; then nothing is returned.
        """
        user, *others = ways
        try:
            return (yield from self._listed(user, reports.wish(user.id)))
        except ApiError as error:
            if error.problem.kind == "ads-user-unavailable":
                self._connection.coverage.gives_up(user.id, self._names, reason_of(error))
                self._connection.warn_once(str(error))
                return {}
            self._fail(user.label, error, self._names)
            if others and costs_account(error):
                return (yield from self._listed_somehow(others, reports))
            self._connection.coverage.gives_up(user.id, self._names, reason_of(error))
        except Exception as error:  # noqa: BLE001 - it costs this user alone, and is reported
            self._connection.coverage.gives_up(user.id, self._names, Reason.FAILED)
            self._fail(user.label, fault(error, f"with {user.label}"), self._names)
        return None

    def _listed(self, user: AdsUser, wish: Wish) -> Generator[tuple[str, Row], None, Listed]:
        """Yield the rows of a user's listing, if anything needs one; return the tweets that reports want to know."""
        listed: Listed = {}
        if self._members or wish.needs_listing:
            horizon = self._horizon(user.account, wish.since)
            timeline = Timeline(user, self._members, horizon, wish=wish, run=self._connection)
            yield from timeline.rows()
            listed = timeline.listed
        return listed | named_tweets(user, wish.ids - listed.keys())

    def _horizon(self, account: AdsAccount, listed_from: datetime | None) -> Horizon:
        config, moment = self._connection.config, self._connection.started_at
        first = timeframe_first_day(config.timeframe_months.months, local_day(moment, account.zone))
        start = midnight(first, account.zone)
        if listed_from is not None and any(report.through_every_account for report in self._reports):
            # Another account's days may begin earlier, and each tweet in its report is to have a row among the tweets.
            start = min(start, listed_from)
        return Horizon.of(
            moment,
            start=start,
            lookback_days=config.lookback_window_days,
            insights_days=config.insights_window_days,
        )

    def _fail(self, label: str, error: AirbyteTracedException, streams: list[str]) -> None:
        self._connection.failures.add(label, error, streams)
        self._group.fail(label, error, streams)
