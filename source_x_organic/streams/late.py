"""Streams about the sync itself: read when everything else has been, also where some of that failed.

airbyte-cdk reads all streams in one pool and does not say when the others are done. So these are left out of its
reading, and read by themselves behind it: their rows hold the whole sync.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbyte_cdk.sources.concurrent_source.concurrent_source import ConcurrentSource
from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.utils.slice_logger import DebugSliceLogger

from source_x_organic.config import TableLayout
from source_x_organic.coverage_report.rows import StreamCoverage
from source_x_organic.coverage_report.state import COVERAGE
from source_x_organic.instants import rfc3339
from source_x_organic.progress.state import AccountCursor, AccountState, StateCursor, parse_state
from source_x_organic.streams.python_stream import LOGGER, Sync, incremental_stream
from source_x_organic.streams.rows import RowsPartition
from source_x_organic.usage.report import usage_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from airbyte_cdk.models import AirbyteMessage
    from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition

    from source_x_organic.connection import Connection
    from source_x_organic.x_api.readings import Row

API_USAGE = "api_usage"
SYNC_COVERAGE = "sync_coverage"

LATE_STREAMS = frozenset({API_USAGE, SYNC_COVERAGE})
"""Their names, for those who leave them out of the reading of the others."""


def late_streams(connection: Connection, sync: Sync) -> list[DefaultStream]:
    """Return the streams about the sync itself; Fivetran's layout has none.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    if connection.config.table_layout is TableLayout.FIVETRAN:
        return []
    return [_api_usage(connection, sync), _sync_coverage(connection, sync)]


def read_late(
    connection: Connection, names: Collection[str], states: Mapping[str, Mapping[str, Any]]
) -> Iterator[AirbyteMessage]:
    """Yield statuses, records and states of the late streams with these names; `states` are the saved ones."""
    messages = InMemoryMessageRepository()
    streams = [each for each in late_streams(connection, Sync([*names], states, messages)) if each.name in names]
    if streams:
        reading = ConcurrentSource.create(2, 1, LOGGER, DebugSliceLogger(), messages)
        yield from reading.read([*streams])


def _api_usage(connection: Connection, sync: Sync) -> DefaultStream:
    """Return `api_usage`: what the sync has asked of X.

    Earlier states say nothing that a later sync needs. One that is not of this version is refused like all others.
    """
    parse_state(API_USAGE, sync.saved(API_USAGE))
    cursor = AccountCursor(API_USAGE, {}, sync.emit)

    def rows() -> Iterator[Row]:
        for row in usage_rows(connection.sent.uses(), connection.started_at):
            yield row
            cursor.remember(row["account_id"], AccountState(rfc3339(connection.started_at)))

    key = ["sync_started_at", "account_id", "endpoint"]
    return incremental_stream(API_USAGE, key, "sync_started_at", cursor, _Once(API_USAGE, rows))


def _sync_coverage(connection: Connection, sync: Sync) -> DefaultStream:
    """Return `sync_coverage`: what the other streams had to cover. Earlier states tell names and open gaps."""
    known = COVERAGE.parse(SYNC_COVERAGE, sync.saved(SYNC_COVERAGE))
    cursor = StateCursor(SYNC_COVERAGE, known, sync.emit, COVERAGE)

    def rows() -> Iterator[Row]:
        coverage, told = connection.coverage, connection.sent.usernames
        remembered = {account_id: account.username for account_id, account in known.items() if account.username}
        for (account_id, stream), covered in sorted(coverage.entries(remembered | told).items()):
            account = cursor.of(account_id)
            found = StreamCoverage(covered, account.gaps.get(stream, ()), coverage.now)
            for row in found.rows(account_id, stream):
                yield row
                account = account.after(row["date"], told.get(account_id))
            cursor.remember(account_id, account.with_gaps(stream, found.open_gaps))

    key = ["account_id", "stream", "date"]
    return incremental_stream(SYNC_COVERAGE, key, "date", cursor, _Once(SYNC_COVERAGE, rows))


class _Once(PartitionGenerator):
    """A single partition."""

    def __init__(self, name: str, rows: Callable[[], Iterator[Row]]) -> None:
        self._name = name
        self._rows = rows

    def generate(self) -> Iterable[Partition]:
        """Yield the partition."""
        yield RowsPartition(self._name, 0, lambda: ((self._name, row) for row in self._rows()))
