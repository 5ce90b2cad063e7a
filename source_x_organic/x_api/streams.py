"""The X API's streams as airbyte-cdk wants them: thin adapters between its partitions and this package's readings."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping  # noqa: TC003 - airbyte-cdk evaluates the annotations of a custom component
from dataclasses import InitVar, dataclass
from importlib.resources import files
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from airbyte_cdk.sources.declarative.retrievers.retriever import Retriever
from airbyte_cdk.sources.streams.concurrent.cursor import CursorField
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import Record, StreamSlice
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.connection import CONNECTION_KEY, Connection
from source_x_organic.failures import AccountsFailed
from source_x_organic.transport.errors import ApiError
from source_x_organic.x_api.coverage import timeframe_start
from source_x_organic.x_api.directory import Account
from source_x_organic.x_api.instants import utc_day
from source_x_organic.x_api.readings import AccountQueue, Horizon, PostReading, PostStream, TweetInsights, Tweets
from source_x_organic.x_api.state import AccountCursor, AccountState, parse_state
from source_x_organic.x_api.users import account_insights_row, account_row

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from airbyte_cdk.models import AirbyteMessage

    from source_x_organic.x_api.readings import Row

LOGGER = logging.getLogger("airbyte")

ACCOUNTS = "accounts"
ACCOUNT_INSIGHTS = "account_insights"


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
        for account in _known_accounts(self._connection, [ACCOUNTS]):
            row = account_row(account.user, is_own_account=account.is_own)
            yield Record(data=row, stream_name=ACCOUNTS, associated_slice=stream_slice)

    def stream_slices(self) -> Iterable[StreamSlice]:
        """Yield the one slice there is."""
        yield StreamSlice(partition={}, cursor_slice={})


def _known_accounts(connection: Connection, streams: Collection[str]) -> Iterator[Account]:
    """Yield the accounts that X knows, then fail for those that it does not.

    Raises:
        AccountsFailed: some could not be looked up. A suspended account is only warned of.
    """
    unknown: list[tuple[str, AirbyteTracedException]] = []
    for found in connection.directory.accounts():
        if isinstance(found, Account):
            yield found
        elif found.is_suspended:
            connection.warn_once(str(found.error))
        else:
            connection.failures.add(found.label, found.error, streams)
            unknown.append((found.label, found.error))
    if unknown:
        raise AccountsFailed(unknown)


class _RowsPartition(Partition):
    """A partition whose rows may belong to more than one stream."""

    def __init__(self, stream_name: str, place: int, rows: Callable[[], Iterator[tuple[str, Row]]]) -> None:
        self._stream_name = stream_name
        self._place = place
        self._rows = rows

    def read(self) -> Iterable[Record]:
        for name, row in self._rows():
            yield Record(data=row, stream_name=name)

    def to_slice(self) -> StreamSlice:
        return StreamSlice(partition={"place": self._place}, cursor_slice={})

    def stream_name(self) -> str:
        return self._stream_name

    def __hash__(self) -> int:
        return hash((self._stream_name, self._place))

    def __eq__(self, other: object) -> bool:
        return self is other


class _AccountInsights(PartitionGenerator):
    """`account_insights`: the counters of each account on the day of the read."""

    def __init__(self, connection: Connection, cursor: AccountCursor) -> None:
        self._connection = connection
        self._cursor = cursor

    def generate(self) -> Iterable[Partition]:
        yield _RowsPartition(ACCOUNT_INSIGHTS, 0, self._rows)

    def _rows(self) -> Iterator[tuple[str, Row]]:
        day = utc_day(self._connection.started_at)
        for account in _known_accounts(self._connection, [ACCOUNT_INSIGHTS]):
            yield ACCOUNT_INSIGHTS, account_insights_row(account.user, read_at=self._connection.started_at)
            # The stream is over in a moment, and its end emits the state.
            self._cursor.remember(account.id, AccountState(day))


class _Group:
    """Streams that share a reading: one of them, the leader, reads for all; the others wait for its end.

    airbyte-cdk ends a stream when its own partitions are done. So a follower has none, and its generation lasts as
    long as the leader reads: only then is it complete, or failed for the same accounts.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._open = 1  # the leader's generation itself
        self._done = Event()
        self._failures: list[tuple[str, AirbyteTracedException]] = []

    def begin(self) -> None:
        with self._lock:
            self._open += 1

    def end(self) -> None:
        with self._lock:
            self._open -= 1
            if self._open == 0:
                self._done.set()

    def fail(self, label: str, error: AirbyteTracedException) -> None:
        with self._lock:
            self._failures.append((label, error))

    def wait(self) -> None:
        self._done.wait()
        if self._failures:
            raise AccountsFailed(self._failures)


class _Leader(PartitionGenerator):
    """Reads the timelines of all accounts, one partition each, for all streams of the group."""

    def __init__(self, connection: Connection, group: _Group, reading: PostReading, names: list[str]) -> None:
        self._connection = connection
        self._group = group
        self._reading = reading
        self._names = names
        self._queue = AccountQueue()

    def generate(self) -> Iterable[Partition]:
        try:
            for place, account in enumerate(_known_accounts(self._connection, self._names)):
                self._queue.put(account)
                self._group.begin()
                yield _RowsPartition(self._names[0], place, self._rows)
        except AccountsFailed as error:
            for label, failure in error.failures:
                self._group.fail(label, failure)
            raise
        finally:
            self._group.end()

    def _rows(self) -> Iterator[tuple[str, Row]]:
        # Which account it is is decided late: one whose credentials have to wait lets others go first.
        account = self._queue.take()
        try:
            yield from self._reading.rows(account)
        except ApiError as error:
            if error.problem.kind == "suspended":
                self._connection.warn_once(str(error))
                return
            self._fail(account, error)
            raise
        except Exception as error:
            failure = AirbyteTracedException.from_exception(
                error, message=f"The connector has a fault that shows with {account.label}; please report it."
            )
            self._fail(account, failure)
            raise failure from error
        finally:
            self._group.end()

    def _fail(self, account: Account, error: AirbyteTracedException) -> None:
        self._connection.failures.add(account.label, error, self._names)
        self._group.fail(account.label, error)


class _Follower(PartitionGenerator):
    """Has no partitions of its own: its rows come from the leader's."""

    def __init__(self, group: _Group) -> None:
        self._group = group

    def generate(self) -> Iterable[Partition]:
        self._group.wait()
        yield from ()


def streams(
    connection: Connection,
    *,
    selected: Collection[str],
    states: Mapping[str, Mapping[str, Any]],
    emit: Callable[[AirbyteMessage], None],
) -> list[DefaultStream]:
    """Return the streams that Python reads.

    `selected` names those that this sync reads, so that one of them leads the common reading; `states` holds their
    saved state by name; `emit` puts a message behind the records yielded before.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    horizon = _horizon(connection)

    def cursor(name: str) -> AccountCursor:
        return AccountCursor(name, parse_state(name, states.get(name, {})), emit)

    insights_cursor = cursor(ACCOUNT_INSIGHTS)
    of_posts: list[PostStream] = [Tweets(), TweetInsights(horizon)]
    members = [(stream, cursor(stream.name)) for stream in of_posts]
    reading = [member for member in members if member[0].name in selected] or members
    names = [stream.name for stream, _ in reading]
    group = _Group()
    leader = _Leader(connection, group, PostReading(reading, horizon, connection.logger), names)
    return [
        _stream(
            ACCOUNT_INSIGHTS,
            ["account_id", "date"],
            "date",
            insights_cursor,
            _AccountInsights(connection, insights_cursor),
        ),
        *(
            _stream(
                stream.name,
                list(stream.primary_key),
                stream.cursor_field,
                stream_cursor,
                leader if stream.name == names[0] else _Follower(group),
            )
            for stream, stream_cursor in members
        ),
    ]


def _horizon(connection: Connection) -> Horizon:
    config = connection.config
    return Horizon.of(
        connection.started_at,
        start=timeframe_start(config.timeframe_months.months, connection.started_at),
        lookback_days=config.lookback_window_days,
        insights_days=config.insights_window_days,
    )


def _stream(
    name: str, primary_key: list[str], cursor_field: str, cursor: AccountCursor, generator: PartitionGenerator
) -> DefaultStream:
    return DefaultStream(
        partition_generator=generator,
        name=name,
        json_schema=_schema(name),
        primary_key=primary_key,
        cursor_field=CursorField(cursor_field),
        logger=LOGGER,
        cursor=cursor,
    )


def _schema(name: str) -> dict[str, Any]:
    text = files("source_x_organic").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
