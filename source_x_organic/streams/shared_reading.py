"""Streams that are made of one reading: the leader reads for all of them."""

from __future__ import annotations

from functools import partial
from itertools import count
from threading import Event, Lock
from typing import TYPE_CHECKING

from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

from source_x_organic.coverage_report.reasons import reason_of
from source_x_organic.failures import AccountsFailed, fault
from source_x_organic.streams.accounts import known_accounts
from source_x_organic.streams.rows import RowsPartition
from source_x_organic.transport.errors import ApiError
from source_x_organic.x_api.readings import AccountQueue
from source_x_organic.x_api.timeline import total_posts
from source_x_organic.x_api.turns import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
    from airbyte_cdk.utils import AirbyteTracedException

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


class CountDown:
    """Waits until a number of things have happened."""

    def __init__(self, number: int) -> None:
        self._lock = Lock()
        self._open = number
        self._done = Event()
        if not number:
            self._done.set()

    def count(self) -> None:
        """Note that one of them has."""
        with self._lock:
            self._open -= 1
            if not self._open:
                self._done.set()

    def wait(self) -> None:
        """Return when all have."""
        self._done.wait()


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
        self._places = count()
        self._failed: set[str] = set()

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
            self._group.fail("accounts", fault(error, "when accounts are looked up"), self._names)
            raise
        finally:
            self._group.end()
        self._group.wait(self._names[0])

    def _timelines(self) -> Iterator[Partition]:
        found: list[Account] = []
        try:
            for account in known_accounts(self._connection, self._names):
                if self._reports is not None:
                    self._reports.expect()
                if self._reading.budget.is_limited:
                    found.append(account)
                else:
                    yield self._partition(self._queue, account, self._whole)
        except AccountsFailed as error:
            for label, failure in error.failures:
                self._group.fail(label, failure, self._names)
        if found:
            yield from self._in_turns(found)

    def _in_turns(self, accounts: Sequence[Account]) -> Iterator[Partition]:
        """Yield the partitions of accounts that share a ceiling on posts.

        What is new of all accounts comes first, so that no back-fill keeps it waiting; then the rest, beginning with
        the accounts whose last turn is longest ago. Last comes what no sync can go on with, so that it keeps nothing
        waiting at all. Syncs of the same day come to an end: none looks back again at what another has read to the end,
        as long as something is left of other accounts.
        """
        turns = [self._reading.turn(account) for account in accounts]
        self._reading.budget.share_among(len(turns))
        if any(turn.is_under_way for turn in turns):
            for turn in turns:
                if turn.is_done_today:
                    turn.make_way()
        queue, fresh = AccountQueue(), CountDown(len(turns))
        for turn in sorted(turns, key=lambda turn: turn.read_until or NEVER):
            yield self._partition(queue, turn.account, lambda account: self._fresh(account, fresh))
        fresh.wait()
        others = CountDown(len(turns))
        for turn in sorted(turns, key=lambda turn: turn.last_turn):
            yield self._partition(self._queue, turn.account, lambda account: self._others(account, others))
        others.wait()
        # One after another, the smallest first: side by side they might use up what is left, and none come to an end.
        for last in sorted((turn.account for turn in turns if turn.passing), key=lambda each: total_posts(each.user)):
            over = CountDown(1)
            yield self._partition(self._queue, last, partial(self._last, over=over))
            over.wait()

    def _partition(
        self, queue: AccountQueue, account: Account, rows: Callable[[Account], Iterator[tuple[str, Row]]]
    ) -> Partition:
        # Which account it is is decided late: one whose credentials have to wait lets others go first.
        queue.put(account)
        self._group.begin()
        return RowsPartition(self._names[0], next(self._places), lambda: rows(queue.take()))

    def _whole(self, account: Account) -> Iterator[tuple[str, Row]]:
        is_read = False
        try:
            is_read = yield from self._guarded(account, self._reading.rows)
        finally:
            self._end(account, is_read=is_read)

    def _fresh(self, account: Account, fresh: CountDown) -> Iterator[tuple[str, Row]]:
        self._failed.add(account.id)
        try:
            if (yield from self._guarded(account, self._reading.fresh_rows)):
                self._failed.remove(account.id)
        finally:
            fresh.count()
            self._group.end()

    def _others(self, account: Account, others: CountDown) -> Iterator[tuple[str, Row]]:
        is_read = False
        try:
            if account.id not in self._failed:
                is_read = yield from self._guarded(account, self._reading.other_rows)
        finally:
            others.count()
            turn = self._reading.turn(account)
            if turn.passing:
                self._failed |= set() if is_read else {account.id}
                self._group.end()
            else:
                self._end(account, is_read=is_read, is_stopped=turn.is_stopped)

    def _last(self, account: Account, over: CountDown) -> Iterator[tuple[str, Row]]:
        is_read = False
        try:
            if account.id not in self._failed:
                is_read = yield from self._guarded(account, self._reading.last_rows)
        finally:
            over.count()
            self._end(account, is_read=is_read, is_stopped=self._reading.turn(account).is_stopped)

    def _end(self, account: Account, *, is_read: bool, is_stopped: bool = False) -> None:
        if self._reports is not None:
            self._reports.read(account, is_read=is_read, is_stopped=is_stopped)
        self._group.end()

    def _guarded(
        self, account: Account, rows: Callable[[Account], Iterator[tuple[str, Row]]]
    ) -> Generator[tuple[str, Row], None, bool]:
        """Yield an account's rows, and return whether all of them came."""
        try:
            yield from rows(account)
        except ApiError as error:
            if error.problem.kind == "suspended":
                self._connection.warn_once(str(error))
                self._connection.coverage.gives_up(account.id, self._names, reason_of(error))
            else:
                self._fail(account, error)
            return False
        except Exception as error:  # noqa: BLE001 - it costs this account alone, and is reported
            self._fail(account, fault(error, f"with {account.label}"))
            return False
        return True

    def _fail(self, account: Account, error: AirbyteTracedException) -> None:
        self._connection.coverage.gives_up(account.id, self._names, reason_of(error))
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
