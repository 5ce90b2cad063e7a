"""Streams that are made of one reading: the leader reads for all of them."""

from __future__ import annotations

from threading import Event, Lock
from typing import TYPE_CHECKING

from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.failures import AccountsFailed
from source_x_organic.streams.accounts import known_accounts
from source_x_organic.streams.rows import RowsPartition
from source_x_organic.transport.errors import ApiError
from source_x_organic.x_api.readings import AccountQueue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition

    from source_x_organic.connection import Connection
    from source_x_organic.streams.post_reports import PostReports
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.readings import PostReading, Row


class Group:
    """Streams that share a reading: one of them, the leader, reads for all; the others wait for its end.

    airbyte-cdk ends a stream when its own partitions are done. So a follower has none, and its generation lasts as
    long as the leader reads: only then is it complete, or failed for the same accounts.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._open = 1  # the leader's generation itself
        self._done = Event()
        self._failures: list[tuple[str, AirbyteTracedException, frozenset[str]]] = []

    def begin(self) -> None:
        """Note that one more account is to be read."""
        with self._lock:
            self._open += 1

    def end(self) -> None:
        """Note that one of them, or the search for them, is over."""
        with self._lock:
            self._open -= 1
            if self._open == 0:
                self._done.set()

    def fail(self, label: str, error: AirbyteTracedException, streams: Iterable[str]) -> None:
        """Note that an account could not be read for these streams; once is enough."""
        with self._lock:
            told = {name for known, _, names in self._failures if known == label for name in names}
            if new := frozenset(streams) - told:
                self._failures.append((label, error, new))

    def wait(self, stream: str) -> None:
        """Return when all accounts are read.

        Raises:
            AccountsFailed: some could not be, for this stream.
        """
        self._done.wait()
        failures = [(label, error) for label, error, streams in self._failures if stream in streams]
        if failures:
            raise AccountsFailed(failures)


class Leader(PartitionGenerator):
    """Reads the timelines of all accounts, one partition each, and the reports about their posts, for the whole group.

    No partition fails: airbyte-cdk would count it against the leading stream, whichever stream it is about. What fails
    is noted with the group, and each stream ends with its own.
    """

    def __init__(
        self,
        connection: Connection,
        group: Group,
        reading: PostReading,
        names: list[str],
        reports: PostReports | None = None,
    ) -> None:
        """`names` are the selected streams of the group, the leading one first."""
        self._connection = connection
        self._group = group
        self._reading = reading
        self._names = names
        self._reports = reports
        self._queue = AccountQueue()

    def generate(self) -> Iterable[Partition]:
        """Yield a partition per account, as X names them, and those of the reports; end when they have been read.

        Raises:
            AccountsFailed: some could not be read for the leading stream.
        """
        try:
            yield from self._timelines()
            if self._reports is not None:
                yield from self._reports.partitions()
        except Exception as error:
            # The followers must not look complete where the leader found nothing to read.
            words = "The connector has a fault that shows when accounts are looked up; please report it."
            self._group.fail("accounts", AirbyteTracedException.from_exception(error, message=words), self._names)
            raise
        finally:
            self._group.end()
        self._group.wait(self._names[0])

    def _timelines(self) -> Iterator[Partition]:
        try:
            for place, account in enumerate(known_accounts(self._connection, self._names)):
                self._queue.put(account)
                self._group.begin()
                if self._reports is not None:
                    self._reports.expect()
                yield RowsPartition(self._names[0], place, self._rows)
        except AccountsFailed as error:
            for label, failure in error.failures:
                self._group.fail(label, failure, self._names)

    def _rows(self) -> Iterator[tuple[str, Row]]:
        # Which account it is is decided late: one whose credentials have to wait lets others go first.
        account = self._queue.take()
        is_read = False
        try:
            yield from self._reading.rows(account)
            is_read = True
        except ApiError as error:
            if error.problem.kind == "suspended":
                self._connection.warn_once(str(error))
            else:
                self._fail(account, error)
        except Exception as error:  # noqa: BLE001 - it costs this account alone, and is reported
            words = f"The connector has a fault that shows with {account.label}; please report it."
            self._fail(account, AirbyteTracedException.from_exception(error, message=words))
        finally:
            if self._reports is not None:
                self._reports.read(account, is_read=is_read)
            self._group.end()

    def _fail(self, account: Account, error: AirbyteTracedException) -> None:
        self._connection.failures.add(account.label, error, self._names)
        self._group.fail(account.label, error, self._names)


class Follower(PartitionGenerator):
    """Has no partitions of its own: its rows come from the leader's."""

    def __init__(self, group: Group, name: str) -> None:
        self._group = group
        self._name = name

    def generate(self) -> Iterable[Partition]:
        """Yield nothing, when the leader has read everything."""
        self._group.wait(self._name)
        yield from ()
