"""The organic report of all Ads accounts, as partitions: planned when an account's tweets are known, read when X can.

Slices of short windows are partitions at once. Those of long ones are jobs that X works on while others are read; each
becomes a partition when its result can be fetched, so that no thread waits for X.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from queue import SimpleQueue
from typing import TYPE_CHECKING

from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.ads_api.jobs import MOST_ATTEMPTS, Finished, awaits_all
from source_x_organic.ads_api.reports import AccountReport, is_divisible
from source_x_organic.streams.rows import RowsPartition
from source_x_organic.transport.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition

    from source_x_organic.ads_api.directory import AdsAccount, AdsUser
    from source_x_organic.ads_api.jobs import Outcome
    from source_x_organic.ads_api.reports import Scope
    from source_x_organic.ads_api.stats import ReportTable
    from source_x_organic.ads_api.timelines import Dated
    from source_x_organic.connection import Connection
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.reports.plan import Slice
    from source_x_organic.reports.state import ReportState
    from source_x_organic.x_api.readings import Row

Fail = Callable[[str, AirbyteTracedException], None]
"""Takes the label of an account and why its report is not complete."""


@dataclass(frozen=True)
class ReportStream:
    """The stream that the report becomes.

    Attributes:
        name: Its name.
        cursor: Its state by Ads account.
        table: Returns what makes the rows of an account.
        through_every_account: Whether a user is reported through each Ads account that may promote it, or through one.
    """

    name: str
    cursor: StateCursor[ReportState]
    table: Callable[[AdsAccount], ReportTable]
    through_every_account: bool = False


@dataclass(frozen=True)
class _Part:
    """A slice of an account's report; `attempt` counts the jobs for it."""

    report: AccountReport
    slice: Slice
    attempt: int = 1


@dataclass(frozen=True)
class _Listed:
    """A user's tweets are known, or (None) cannot be."""

    user_id: str
    tweets: list[Dated] | None


@dataclass(frozen=True)
class _Made:
    """X has made the report of a part, or will not."""

    part: _Part
    outcome: Outcome


@dataclass(frozen=True)
class _Settled:
    """A part has been read or has failed."""


@dataclass
class _Account:
    """An account whose tweets are being listed."""

    account: AdsAccount
    missing: set[str]
    tweets: dict[str, list[Dated]] = field(default_factory=dict)
    has_failed: bool = False


class ReportPartitions:
    """The report of all accounts; `partitions` runs in one thread, what it yields is read by others."""

    def __init__(
        self,
        stream: ReportStream,
        accounts: Sequence[AdsAccount],
        users: Sequence[AdsUser],
        scope: Scope,
        connection: Connection,
        *,
        leader: str,
        fail: Fail,
    ) -> None:
        """`users` are those of all accounts, each once; `leader` is the stream whose partitions these are."""
        self._stream = stream
        self._scope = scope
        self._connection = connection
        self._leader = leader
        self._fail = fail
        reported = [user for account in accounts for user in account.users()] if stream.through_every_account else users
        self._accounts = {account.id: _Account(account, set()) for account in accounts}
        self._listed_from: dict[str, datetime] = {}
        for user in reported:
            self._accounts[user.account.id].missing.add(user.id)
            start = scope.listed_from(user.account, stream.cursor.of(user.account.id))
            self._listed_from[user.id] = min(start, self._listed_from.get(user.id, start))
        self._events: SimpleQueue[_Listed | _Made | _Settled] = SimpleQueue()
        self._places = count()
        self._open = 0
        self._stopped: set[str] = set()

    def listed_from(self, user_id: str) -> datetime | None:
        """Return the instant from which a user's tweets have to be listed; None for a user who is not reported."""
        return self._listed_from.get(user_id)

    def listed(self, user_id: str, tweets: list[Dated] | None) -> None:
        """Take in a user's tweets, from any thread; None where they could not be listed."""
        self._events.put(_Listed(user_id, tweets))

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions; end when all of them have been read."""
        for each in [each for each in self._accounts.values() if not each.missing]:
            yield from self._begin(each)
        while self._accounts or self._open:
            event = self._events.get()
            if isinstance(event, _Listed):
                yield from self._take_in(event)
            elif isinstance(event, _Made):
                yield from self._continue(event.part, event.outcome)
            else:
                self._open -= 1

    def _take_in(self, listed: _Listed) -> Iterator[Partition]:
        for each in [each for each in self._accounts.values() if listed.user_id in each.missing]:
            each.missing.discard(listed.user_id)
            if listed.tweets is None:
                each.has_failed = True
            else:
                each.tweets[listed.user_id] = listed.tweets
            if not each.missing:
                yield from self._begin(each)

    def _begin(self, listed: _Account) -> Iterator[Partition]:
        """Plan an account's report and begin with all of its parts."""
        del self._accounts[listed.account.id]
        if listed.has_failed and not listed.tweets:
            return
        account, stream = listed.account, self._stream
        report = AccountReport(
            account,
            listed.tweets,
            stream.cursor,
            lambda: stream.table(account),
            self._scope,
            self._connection.warn_once,
        )
        parts = [_Part(report, each) for each in (*report.plan.parts, *report.plan.late)]
        self._open += len(parts)
        for part in parts:
            if report.plan.is_synchronous:
                yield self._partition(part, lambda part=part: part.report.answered_rows(part.slice))  # type: ignore[misc]
            else:
                self._order(part)

    def _order(self, part: _Part) -> None:
        jobs = self._connection.report_jobs(part.report.account)
        jobs.order(
            part.report.request(part.slice),
            lambda outcome: self._events.put(_Made(part, outcome)),
            attempt=part.attempt,
        )

    def _continue(self, part: _Part, outcome: Outcome) -> Iterator[Partition]:
        """Read what X has made, or deal with its refusal."""
        if isinstance(outcome, Finished):
            yield self._partition(part, lambda: self._made_rows(part, outcome))
        elif isinstance(outcome, ApiError) and is_divisible(outcome, part.slice):
            self._open += 1
            for half in part.report.split(part.slice):
                self._order(_Part(part.report, half))
        else:
            self._refused(part, outcome)
            self._open -= 1

    def _made_rows(self, part: _Part, report: Finished) -> Iterator[Row]:
        connection = self._connection
        return part.report.made_rows(part.slice, report, sent=connection.sent, clock=connection.clock)

    def _partition(self, part: _Part, rows: Callable[[], Iterator[Row]]) -> Partition:
        return RowsPartition(self._leader, next(self._places), lambda: self._rows(part, rows))

    def _rows(self, part: _Part, rows: Callable[[], Iterator[Row]]) -> Iterator[tuple[str, Row]]:
        if part.report.account.id in self._stopped:
            self._events.put(_Settled())
            return
        try:
            for row in rows():
                yield self._stream.name, row
            part.report.done(part.slice)
        except ApiError as error:
            if error.problem.kind == "result-expired" and part.attempt < MOST_ATTEMPTS:
                self._order(_Part(part.report, part.slice, part.attempt + 1))
                return
            self._refused(part, error)
        except Exception as error:  # noqa: BLE001 - it costs this part alone, and is reported
            words = f"The connector has a fault that shows with {part.report.account.label}; please report it."
            self._refused(part, AirbyteTracedException.from_exception(error, message=words))
        self._events.put(_Settled())

    def _refused(self, part: _Part, error: AirbyteTracedException) -> None:
        """Note a failure; where it awaits all other parts of the account, X is not asked for those any more."""
        account = part.report.account
        if account.id in self._stopped:
            return
        if isinstance(error, ApiError) and part.report.is_left_out(error, part.slice):
            part.report.done(part.slice)
            return
        if isinstance(error, ApiError) and awaits_all(error):
            self._stopped.add(account.id)
        self._fail(account.label, error)
