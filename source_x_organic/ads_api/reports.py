"""Reports made of the Ads API's statistics, one of each Ads account in a sync: which requests, and what they answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.api import (
    JOBS,
    LARGEST_BATCH,
    LONGEST_JOB_WINDOW,
    LONGEST_WINDOW,
    STATISTICS,
    objects_of,
)
from source_x_organic.ads_api.stats import DamagedAnswer, MisalignedAnswer, entities_of
from source_x_organic.reports.days import local_day, midnight, timeframe_first_day, whole_hours
from source_x_organic.reports.plan import Cut, slices, within
from source_x_organic.transport.downloads import opened
from source_x_organic.transport.errors import ApiError, Unavailable, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from source_x_organic.ads_api.ads_account import AdsAccount
    from source_x_organic.ads_api.api import StatisticsRequest
    from source_x_organic.ads_api.jobs import Finished
    from source_x_organic.reports.days import Days
    from source_x_organic.reports.plan import ListedTweet, Slice
    from source_x_organic.reports.progress import Question
    from source_x_organic.reports.state import ReportState
    from source_x_organic.transport.client import Requests
    from source_x_organic.transport.clock import Clock

Row = dict[str, Any]

MOST_SYNCHRONOUS = 200
"""Requests of one account and sync to the endpoint that answers at once; X allows a user 250 in 15 minutes."""

MOST_DOWNLOADS = 3
"""Times that a result file is fetched when the connection breaks."""


@dataclass(frozen=True)
class Scope:
    """What the configuration says of every account's report.

    Attributes:
        now: When the sync started.
        months: Calendar months of the timeframe, None for everything.
        lookback_days: Days before the last reported one that are reported again.
    """

    now: datetime
    months: int | None
    lookback_days: int

    def today(self, account: AdsAccount) -> date:
        """Return the running day of an account."""
        return local_day(self.now, account.zone)

    def timeframe_first(self, account: AdsAccount) -> date:
        """Return the timeframe's first day."""
        return timeframe_first_day(self.months, self.today(account))

    def first_day(self, account: AdsAccount, state: ReportState) -> date:
        """Return the first day to report; a pause longer than the timeframe leaves no gap.

        After such a pause it is that of the last sync: days that ran then, or were still changing, are complete now.
        """
        first = self.timeframe_first(account)
        if state.cursor is None or state.cursor >= first:
            return first
        return timeframe_first_day(self.months, state.cursor)

    def listed_from(self, account: AdsAccount, state: ReportState) -> datetime:
        """Return the instant from which the account's tweets have to be known."""
        return midnight(self.first_day(account, state), account.zone)


@dataclass(frozen=True)
class Plan:
    """What an account's report asks for.

    Attributes:
        cut: The slices.
        is_synchronous: Whether the slices are short enough for the endpoint that answers at once.
    """

    cut: Cut
    is_synchronous: bool


def planned(question: Question, *, spent: int = 0, by_user: bool = False, hours_of: ZoneInfo | None = None) -> Plan:
    """Return the plan with the fewest requests; a job takes two, one to order and one to fetch it.

    `spent` is how many requests for answers at once the account's other reports make in this sync. `by_user` keeps
    tweets of different users out of each other's slices. `hours_of` is the time zone where X counts by hours.
    """

    def sliced(tweets: Sequence[ListedTweet], days: Sequence[Days], longest: int) -> list[Slice]:
        groups = _groups(tweets, by_user=by_user)
        found = [part for group in groups for part in slices(group, days, batch=LARGEST_BATCH, longest=longest)]
        return found if hours_of is None else _in_hours(found, hours_of)

    def cut(longest: int) -> Cut:
        return Cut(
            sliced(question.tweets, question.wanted, longest),
            sliced(question.late, question.late_days, longest),
            [part for each in question.left for part in sliced(each.of(question.tweets), [each.days], longest)],
        )

    short, long = cut(LONGEST_WINDOW), cut(LONGEST_JOB_WINDOW)
    is_synchronous = len(short.all) <= min(2 * len(long.all), MOST_SYNCHRONOUS - spent)
    return Plan(short if is_synchronous else long, is_synchronous)


def _in_hours(parts: Iterable[Slice], zone: ZoneInfo) -> list[Slice]:
    found = (within(part, days) for part in parts for days in whole_hours(part.days, zone))
    return [part for part in found if part is not None]


def _groups(tweets: Sequence[ListedTweet], *, by_user: bool) -> Iterable[Sequence[ListedTweet]]:
    if not by_user:
        return [tweets]
    groups: dict[str, list[ListedTweet]] = {}
    for tweet in tweets:
        groups.setdefault(tweet.user_id, []).append(tweet)
    return groups.values()


class StatisticsReport(ABC):
    """One account's report in one sync; slices may be read by any number of threads."""

    def __init__(self, account: AdsAccount, plan: Plan, scope: Scope, warn: Callable[[str], None]) -> None:
        """`warn` takes what the user should know although the rest is read."""
        self.account = account
        self.plan = plan
        self._warn = warn
        self._now = scope.now
        self._zone = account.zone
        self._lock = Lock()
        self._refused: set[str] = set()
        self._left_out: set[str] = set()

    @abstractmethod
    def request(self, part: Slice) -> StatisticsRequest:
        """Return the request that a slice stands for."""

    @abstractmethod
    def done(self, part: Slice) -> None:
        """Take in that all rows that `part` led to have been yielded, and save what is complete by that."""

    @abstractmethod
    def failed(self, part: Slice) -> None:
        """Take in that a slice could not be read, and save what the others have made complete."""

    @abstractmethod
    def split(self, part: Slice) -> tuple[Slice, Slice]:
        """Put two slices in the place of one that X found too complex: of fewer tweets, or of fewer days of one."""

    @abstractmethod
    def _rows(
        self, entities: Iterable[Mapping[str, Any]], part: Slice, read_at: datetime, seen: set[str]
    ) -> Iterator[Row]:
        """Yield what can be emitted when the answer about a slice has been read, and put its tweets into `seen`.

        Where an answer breaks off it is read again, with the same `seen`: no row may come twice.
        """

    def _groups(self, part: Slice) -> tuple[str, ...]:
        """Return the groups of metrics that X was asked for, when it has answered."""
        return self.account.api.possible(self.request(part)).metric_groups

    # Rows ------------------------------------------------------------------------------------------------------------

    def answered_rows(self, part: Slice) -> Iterator[Row]:
        """Yield rows of what the endpoint says that answers at once.

        Raises:
            ApiError: X refuses, stayed unavailable, or answers something else than was asked.
        """
        try:
            answer = self.account.api.statistics(self.request(part))
        except ApiError as error:
            if self.is_left_out(error, part):
                yield from self.rows_without(part)
                return
            if not is_divisible(error, part):
                raise
            for half in self.split(part):
                yield from self.answered_rows(half)
                self.done(half)
        else:
            yield from self._read(objects_of(answer), part, self._now, set())

    def is_left_out(self, error: ApiError, part: Slice) -> bool:
        """Return whether X refuses nothing but a single tweet: then that one is left out, with a warning."""
        if len(part.ids) > 1 or "entity_ids" not in error.problem.parameters:
            return False
        with self._lock:
            self._refused.add(part.ids[0])
        self._warn(f"There are no statistics of the tweet {part.ids[0]}: {error}")
        return True

    def rows_without(self, part: Slice) -> Iterator[Row]:
        """Yield the rows that can be emitted where X refuses the only tweet of a slice."""
        yield from self._read((), part, self._now, set())

    def made_rows(self, part: Slice, report: Finished, *, sent: Requests, clock: Clock) -> Iterator[Row]:
        """Yield rows of what a job's result file says, which is read piece by piece.

        Raises:
            ApiError: X does not have the file any more, or it cannot be read in several attempts.
        """
        seen: set[str] = set()
        attempt = 1
        while True:
            try:
                what = self.request(part).what
                with opened(report.url, what=what, sent=sent, account=self.account.id) as file:
                    yield from self._read(entities_of(file), part, report.made_at, seen)
            except Unavailable as error:
                if attempt == MOST_DOWNLOADS or error.problem.kind == "result-expired":
                    raise
                clock.sleep(2.0**attempt)
                attempt += 1
            else:
                return

    def _read(
        self, entities: Iterable[Mapping[str, Any]], part: Slice, read_at: datetime, seen: set[str]
    ) -> Iterator[Row]:
        what = self.request(part).what
        try:
            yield from self._rows(entities, part, read_at, seen)
        except MisalignedAnswer as error:
            raise error_for(Problem("unexpected", detail=str(error)), what=what, endpoint=STATISTICS.name) from error
        except DamagedAnswer as error:
            raise error_for(Problem("unreadable-answer", detail=str(error)), what=what, endpoint=JOBS.name) from error
        with self._lock:
            self._left_out |= set(part.ids) - seen

    def left_out(self) -> set[str]:
        """Return the tweets of which X has said nothing by now."""
        with self._lock:
            return self._left_out | self._refused

    def conclude(self) -> None:
        """Tell of how many tweets X said nothing, when everything has been read."""
        silent = len(self._left_out - self._refused)
        if silent:
            tweets = "1 tweet" if silent == 1 else f"{silent} tweets"
            self._warn(
                f"X left {tweets} of {self.account.label} out of its statistics: there are no new rows of them, and "
                "those of earlier syncs stay as they are."
            )


def is_divisible(error: ApiError, part: Slice) -> bool:
    """Return whether asking for less at a time helps: X names a tweet, or finds the question too complex."""
    if error.problem.kind == "too-complex":
        return len(part.ids) > 1 or len(part.days) > 1
    return len(part.ids) > 1 and "entity_ids" in error.problem.parameters
