"""The streams that reports of the Ads API become: the daily report, and those that the user defines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from source_x_organic.ads_api import stats
from source_x_organic.ads_api.daily_report import DailyReport
from source_x_organic.ads_api.defined_report import DefinedReport
from source_x_organic.ads_api.listings import Wish
from source_x_organic.config import RecentTweets, TweetIds
from source_x_organic.progress.state import StateCursor
from source_x_organic.reports.days import midnight
from source_x_organic.reports.definitions import ReportDefinition
from source_x_organic.reports.kinds import Api
from source_x_organic.reports.report_schemas import json_schema
from source_x_organic.reports.state import ReportState, report_state_format
from source_x_organic.streams.python_stream import full_refresh_stream, incremental_stream
from source_x_organic.streams.states import defined_cursor, saved_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
    from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

    from source_x_organic.ads_api.ads_account import AdsAccount
    from source_x_organic.ads_api.listings import Listed
    from source_x_organic.ads_api.reports import Scope
    from source_x_organic.ads_api.stats import ReportTable
    from source_x_organic.connection import Connection
    from source_x_organic.streams.python_stream import Sync


@dataclass(frozen=True)
class DailyReportStream:
    """Every tweet of the timeframe on every local day of its life.

    Attributes:
        name: The stream's name.
        cursor: Its state by Ads account.
        table: Returns what makes the rows of an account.
        through_every_account: Whether a user is reported through each Ads account that may promote it, or through one.
    """

    name: str
    cursor: StateCursor[ReportState]
    table: Callable[[AdsAccount], ReportTable]
    through_every_account: bool = False

    def wish(self, account: AdsAccount, scope: Scope) -> Wish:
        """Return which tweets have to be known of an account's users."""
        return Wish(since=scope.listed_from(account, self.cursor.of(account.id)))

    def report(
        self,
        account: AdsAccount,
        tweets: Mapping[str, Listed],
        scope: Scope,
        warn: Callable[[str], None],
        *,
        spent: int,
    ) -> DailyReport:
        """Return the report of an account."""
        return DailyReport(account, tweets, self.cursor, lambda: self.table(account), scope, warn, spent=spent)


@dataclass(frozen=True)
class DefinedReportStream:
    """A report that the user defined.

    Attributes:
        definition: What it asks for.
        cursor: Its state by Ads account; None where every sync reads all of it.
        through_every_account: Never: its key knows users, not Ads accounts.
    """

    definition: ReportDefinition
    cursor: StateCursor[ReportState] | None
    through_every_account: bool = False

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.definition.name

    def wish(self, account: AdsAccount, scope: Scope) -> Wish:
        """Return which tweets have to be known of an account's users."""
        selection = self.definition.selection
        if isinstance(selection, TweetIds):
            return Wish(ids=frozenset(selection.ids))
        if isinstance(selection, RecentTweets):
            return Wish(newest=selection.count)
        if self.cursor is None:
            return Wish(since=midnight(scope.timeframe_first(account), account.zone))
        return Wish(since=scope.listed_from(account, self.cursor.of(account.id)))

    def report(
        self,
        account: AdsAccount,
        tweets: Mapping[str, Listed],
        scope: Scope,
        warn: Callable[[str], None],
        *,
        spent: int,
    ) -> DefinedReport:
        """Return the report of an account."""
        return DefinedReport(account, tweets, self.definition, self.cursor, scope, warn, spent=spent)

    def stream(self, generator: PartitionGenerator, sync: Sync) -> DefaultStream:
        """Return the stream; `generator` generates its partitions."""
        definition = self.definition
        key, schema = list(definition.key_columns), json_schema(definition)
        if self.cursor is None or definition.cursor_field is None:
            return full_refresh_stream(self.name, key, generator, sync.messages, schema=schema)
        return incremental_stream(self.name, key, definition.cursor_field, self.cursor, generator, schema=schema)


def report_cursor(name: str, connection: Connection, sync: Sync) -> StateCursor[ReportState]:
    """Return what keeps the state of a report.

    Raises:
        UnreadableState: the saved one is not of this version.
    """
    form = report_state_format(stats.METRICS_SOURCE)
    return StateCursor(name, saved_state(name, form, connection, sync), sync.emit, form)


def defined_reports(connection: Connection, sync: Sync) -> list[DefinedReportStream]:
    """Return the reports of the Ads API that the user defined.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    definitions = map(ReportDefinition.of, connection.config.custom_reports)
    form = report_state_format(stats.METRICS_SOURCE)
    return [
        DefinedReportStream(each, defined_cursor(each, form, connection, sync) if each.is_incremental else None)
        for each in definitions
        if each.kind.api is Api.ADS
    ]
