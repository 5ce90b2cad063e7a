"""`accounts` and `account_insights`: rows of the user objects that one look-up brings."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - airbyte-cdk evaluates the annotations of a custom component
from dataclasses import InitVar, dataclass
from typing import TYPE_CHECKING, Any

from airbyte_cdk.sources.declarative.retrievers.retriever import Retriever
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import Record, StreamSlice

from source_x_organic.connection import CONNECTION_KEY, Connection
from source_x_organic.coverage_report.reasons import reason_of
from source_x_organic.coverage_report.snapshots import covers_snapshot
from source_x_organic.failures import AccountsFailed
from source_x_organic.instants import utc_day
from source_x_organic.progress.state import AccountCursor, AccountState
from source_x_organic.streams.rows import RowsPartition
from source_x_organic.x_api.directory import Account
from source_x_organic.x_api.users import account_insights_row, account_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
    from airbyte_cdk.utils import AirbyteTracedException

    from source_x_organic.x_api.directory import Unresolved
    from source_x_organic.x_api.readings import Row

ACCOUNTS = "accounts"
ACCOUNT_INSIGHTS = "account_insights"


def known_accounts(connection: Connection, streams: Collection[str]) -> Iterator[Account]:
    """Yield the accounts that X knows, then fail for those that it does not.

    Raises:
        AccountsFailed: some could not be looked up. A suspended account is only warned of.
    """
    unknown: list[tuple[str, AirbyteTracedException]] = []
    for found in connection.directory.accounts():
        if isinstance(found, Account):
            yield found
            continue
        connection.coverage.gives_up(_name(found), streams, reason_of(found.error))
        if found.is_suspended:
            connection.warn_once(str(found.error))
        else:
            connection.failures.add(found.label, found.error, streams)
            unknown.append((found.label, found.error))
    if unknown:
        raise AccountsFailed(unknown)


def _name(unresolved: Unresolved) -> str:
    """Return the account's id, if X was asked for it by that, or else what the configuration calls it."""
    asked = unresolved.error.problem.resource_id
    return asked if asked.isdecimal() else unresolved.label


@dataclass
class AccountRetriever(Retriever):
    """Reads `accounts`, a stream of the manifest, from the look-ups that the other streams need anyway."""

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]]

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        """Take the run's connection, which travels beside the configuration."""
        del parameters
        self._connection: Connection = self.config[CONNECTION_KEY]

    def read_records(
        self, records_schema: Mapping[str, Any], stream_slice: StreamSlice | None = None
    ) -> Iterable[Record]:
        """Yield a record per account; fail at the end if some could not be looked up."""
        del records_schema
        for account in known_accounts(self._connection, [ACCOUNTS]):
            row = account_row(account.user, is_own_account=account.is_own)
            yield Record(data=row, stream_name=ACCOUNTS, associated_slice=stream_slice)

    def stream_slices(self) -> Iterable[StreamSlice]:
        """Yield the one slice there is."""
        yield StreamSlice(partition={}, cursor_slice={})


class AccountInsightsPartitions(PartitionGenerator):
    """`account_insights`: the counters of each account on the day of the read."""

    def __init__(self, connection: Connection, cursor: AccountCursor) -> None:
        self._connection = connection
        self._cursor = cursor

    def generate(self) -> Iterable[Partition]:
        """Yield the one partition there is."""
        yield RowsPartition(ACCOUNT_INSIGHTS, 0, self._rows)

    def _rows(self) -> Iterator[tuple[str, Row]]:
        coverage, day = self._connection.coverage, utc_day(self._connection.started_at)
        for account in known_accounts(self._connection, [ACCOUNT_INSIGHTS]):
            covers_snapshot(coverage, account.id, ACCOUNT_INSIGHTS, self._cursor.of(account.id).cursor, rows=1)
            coverage.read_everything(account.id, ACCOUNT_INSIGHTS)
            yield ACCOUNT_INSIGHTS, account_insights_row(account.user, read_at=self._connection.started_at)
            # The stream is over in a moment, and its end emits the state.
            self._cursor.remember(account.id, AccountState(day))
