"""The reports of all Ads accounts, as partitions: planned when an account's tweets are known, read when X can.

Slices of short windows are partitions at once. Those of long ones are jobs that X works on while others are read; each
becomes a partition when its result can be fetched, so that no thread waits for X.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.ads_api.jobs import MOST_ATTEMPTS, Finished, awaits_all
from source_x_organic.ads_api.listings import Wish
from source_x_organic.ads_api.reports import is_divisible
from source_x_organic.coverage_report.reasons import Reason, reason_of
from source_x_organic.failures import fault
from source_x_organic.streams.rows import RowsPartition
from source_x_organic.transport.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition

    from source_x_organic.ads_api.ads_account import AdsAccount, AdsUser
    from source_x_organic.ads_api.jobs import Outcome
    from source_x_organic.ads_api.listings import Listed
    from source_x_organic.ads_api.reports import Scope, StatisticsReport
    from source_x_organic.connection import Connection
    from source_x_organic.reports.plan import Slice
    from source_x_organic.x_api.readings import Row

Fail = Callable[[str, AirbyteTracedException, str], None]
"""Takes the label of an account, why its report is not complete, and the stream."""


class ReportStream(Protocol):
    """A stream that reports become."""

    @property
    def name(self) -> str:
        """The stream's name."""
        ...

    @property
    def through_every_account(self) -> bool:
        """Whether a user is reported through each Ads account that may promote it, or through one."""
        ...

    def wish(self, account: AdsAccount, scope: Scope) -> Wish:
        """Return which tweets have to be known of an account's users."""
        ...

    def report(
        self,
        account: AdsAccount,
        tweets: Mapping[str, Listed],
        scope: Scope,
        warn: Callable[[str], None],
        *,
        spent: int,
    ) -> StatisticsReport:
        """Return the report of an account whose tweets are known, by X user id.

        `spent` is how many requests for answers at once its other reports make in this sync.
        """
        ...


@dataclass(frozen=True)
class _Part:
    """A slice of an account's report; `attempt` counts the jobs for it."""

    stream: str
    report: StatisticsReport
    slice: Slice
    attempt: int = 1


@dataclass(frozen=True)
class _ListedUser:
    """A user's tweets are known, or (None) cannot be."""

    user_id: str
    tweets: Listed | None


@dataclass(frozen=True)
class _Made:
    """X has made the report of a part, or will not."""

    part: _Part
    outcome: Outcome


@dataclass(frozen=True)
class _Settled:
    """A part has been read or has failed."""


@dataclass
class _Awaited:
    """A report whose account's tweets are being listed."""

    stream: ReportStream
    account: AdsAccount
    missing: set[str]
    tweets: dict[str, Listed] = field(default_factory=dict)
    has_failed: bool = False


class ReportPartitions:
    """The reports of all accounts; `partitions` runs in one thread, what it yields is read by others."""

    def __init__(
        self,
        streams: Sequence[ReportStream],
        accounts: Sequence[AdsAccount],
        users: Sequence[AdsUser],
        scope: Scope,
        connection: Connection,
        *,
        leader: str,
        fail: Fail,
    ) -> None:
        """`users` are those of all accounts, each once; `leader` is the stream whose partitions these are."""
        self._scope = scope
        self._connection = connection
        self._leader = leader
        self._fail = fail
        self._awaited: list[_Awaited] = []
        self._wishes: dict[str, Wish] = {}
        for stream in streams:
            self._await(stream, accounts, users)
        self._unseen = {tweet_id for wish in self._wishes.values() for tweet_id in wish.ids}
        self._spent: Counter[str] = Counter()
        self._reports: list[StatisticsReport] = []
        self._events: SimpleQueue[_ListedUser | _Made | _Settled] = SimpleQueue()
        self._places = count()
        self._open = 0
        self._stopped: dict[str, AirbyteTracedException] = {}

    def _await(self, stream: ReportStream, accounts: Sequence[AdsAccount], users: Sequence[AdsUser]) -> None:
        awaited = {account.id: _Awaited(stream, account, set()) for account in accounts}
        wishes = {account.id: stream.wish(account, self._scope) for account in accounts}
        everybody = [user for account in accounts for user in account.users()]
        for user in everybody if stream.through_every_account else users:
            awaited[user.account.id].missing.add(user.id)
            self._wishes[user.id] = self._wishes.get(user.id, Wish()) | wishes[user.account.id]
        self._awaited += awaited.values()

    def wish(self, user_id: str) -> Wish:
        """Return which tweets of a user have to be known."""
        return self._wishes.get(user_id, Wish())

    def listed(self, user_id: str, tweets: Listed | None) -> None:
        """Take in a user's tweets, from any thread; None where they could not be listed."""
        self._events.put(_ListedUser(user_id, tweets))

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions; end when all of them have been read."""
        yield from self._begin_complete()
        while self._awaited or self._open:
            event = self._events.get()
            if isinstance(event, _ListedUser):
                yield from self._take_in(event)
            elif isinstance(event, _Made):
                yield from self._continue(event.part, event.outcome)
            else:
                self._open -= 1
        self._conclude()

    def _conclude(self) -> None:
        """Tell what the figures lack though nothing failed."""
        for report in self._reports:
            report.conclude()
        if self._unseen:
            self._connection.warn_once(
                f"Custom reports name tweets that X does not show among those of these accounts: "
                f"{', '.join(sorted(self._unseen))}. They have no rows."
            )

    def _take_in(self, listed: _ListedUser) -> Iterator[Partition]:
        self._unseen -= (listed.tweets or {}).keys()
        for each in self._awaited:
            if listed.user_id in each.missing:
                each.missing.discard(listed.user_id)
                if listed.tweets is None:
                    each.has_failed = True
                else:
                    each.tweets[listed.user_id] = listed.tweets
        yield from self._begin_complete()

    def _begin_complete(self) -> Iterator[Partition]:
        complete = [each for each in self._awaited if not each.missing]
        self._awaited = [each for each in self._awaited if each.missing]
        for each in complete:
            if each.tweets or not each.has_failed:
                yield from self._begin(each)

    def _begin(self, awaited: _Awaited) -> Iterator[Partition]:
        """Plan an account's report and begin with all of its parts."""
        account, stream = awaited.account, awaited.stream
        report = self._planned(awaited)
        if report is None:
            return
        self._reports.append(report)
        parts = [_Part(stream.name, report, each) for each in report.plan.cut.all]
        for part in parts:
            self._connection.coverage.expects(part.stream, part.slice)
        self._open += len(parts)
        if report.plan.is_synchronous:
            self._spent[account.id] += len(parts)
        for part in parts:
            if report.plan.is_synchronous:
                yield self._partition(part, lambda part=part: part.report.answered_rows(part.slice))  # type: ignore[misc]
            else:
                self._order(part)

    def _planned(self, awaited: _Awaited) -> StatisticsReport | None:
        """Return an account's report; None where it cannot be planned, which is noted and costs it alone."""
        account, stream = awaited.account, awaited.stream
        try:
            return stream.report(
                account,
                awaited.tweets,
                self._scope,
                self._connection.warn_once,
                spent=self._spent[account.id],
            )
        except Exception as error:  # noqa: BLE001 - nobody foresaw it, and it is reported
            for user_id in awaited.tweets:
                self._connection.coverage.gives_up(user_id, [stream.name], Reason.FAILED)
            self._fail(account.label, fault(error, f"with {account.label}"), stream.name)
            return None

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
                self._order(_Part(part.stream, part.report, half))
        elif isinstance(outcome, ApiError) and part.report.is_left_out(outcome, part.slice):
            yield self._partition(part, lambda: part.report.rows_without(part.slice))
        else:
            self._refused(part, outcome)
            self._open -= 1

    def _made_rows(self, part: _Part, report: Finished) -> Iterator[Row]:
        connection = self._connection
        return part.report.made_rows(part.slice, report, sent=connection.sent, clock=connection.clock)

    def _partition(self, part: _Part, rows: Callable[[], Iterator[Row]]) -> Partition:
        return RowsPartition(self._leader, next(self._places), lambda: self._rows(part, rows))

    def _rows(self, part: _Part, rows: Callable[[], Iterator[Row]]) -> Iterator[tuple[str, Row]]:
        refusal = self._stopped.get(part.report.account.id)
        if refusal is not None:
            self._refused(part, refusal)
            self._events.put(_Settled())
            return
        try:
            for row in rows():
                yield part.stream, row
            part.report.done(part.slice)
        except ApiError as error:
            if error.problem.kind == "result-expired" and part.attempt < MOST_ATTEMPTS:
                self._order(_Part(part.stream, part.report, part.slice, part.attempt + 1))
                return
            self._refused(part, error)
        except Exception as error:  # noqa: BLE001 - it costs this part alone, and is reported
            self._refused(part, fault(error, f"with {part.report.account.label}"))
        self._events.put(_Settled())

    def _refused(self, part: _Part, error: AirbyteTracedException) -> None:
        """Note a failure; where it awaits all other parts of the account, X is not asked for those any more."""
        account = part.report.account
        if isinstance(error, ApiError) and awaits_all(error):
            self._stopped.setdefault(account.id, error)
        cause = self._stopped.get(account.id, error)
        self._connection.coverage.misses_asked(part.stream, part.slice, reason_of(cause))
        part.report.failed(part.slice)
        self._fail(account.label, cause, part.stream)
