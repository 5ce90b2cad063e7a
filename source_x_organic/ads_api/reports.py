"""The organic report of one Ads account in one sync: what is asked, which rows come of it, how far it has come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.api import (
    JOBS,
    LARGEST_BATCH,
    LONGEST_JOB_WINDOW,
    LONGEST_WINDOW,
    STATISTICS,
    StatisticsRequest,
    objects_of,
)
from source_x_organic.ads_api.stats import DamagedAnswer, MisalignedAnswer, ReportDays, entities_of
from source_x_organic.reports.days import local_day, midnight, timeframe_first_day, union, without
from source_x_organic.reports.plan import ListedTweet, Slice, slices, wanted_days
from source_x_organic.reports.state import late_tweets
from source_x_organic.transport.downloads import opened
from source_x_organic.transport.errors import ApiError, Unavailable, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from source_x_organic.ads_api.directory import AdsAccount
    from source_x_organic.ads_api.jobs import Finished
    from source_x_organic.ads_api.stats import ReportTable
    from source_x_organic.ads_api.timelines import Dated
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.reports.days import Days
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

    def first_day(self, account: AdsAccount, state: ReportState) -> date:
        """Return the first day to report; a pause longer than the timeframe leaves no gap.

        After such a pause it is that of the last sync: days that ran then, or were still changing, are complete now.
        """
        first = timeframe_first_day(self.months, local_day(self.now, account.zone))
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
        wanted: Days that are reported of every tweet.
        parts: Slices of these days.
        late: Slices of other days, of tweets that were not known when these were reported.
        is_synchronous: Whether the slices are short enough for the endpoint that answers at once.
    """

    wanted: tuple[Days, ...]
    parts: list[Slice]
    late: list[Slice]
    is_synchronous: bool


def planned(
    tweets: Sequence[ListedTweet], late: Sequence[ListedTweet], *, wanted: tuple[Days, ...], late_days: Sequence[Days]
) -> Plan:
    """Return the plan with the fewest requests; a job takes two, one to order and one to fetch it."""

    def cut(longest: int) -> tuple[list[Slice], list[Slice]]:
        return (
            slices(tweets, wanted, batch=LARGEST_BATCH, longest=longest),
            slices(late, late_days, batch=LARGEST_BATCH, longest=longest),
        )

    short, long = cut(LONGEST_WINDOW), cut(LONGEST_JOB_WINDOW)
    requests = sum(map(len, short))
    is_synchronous = requests <= min(2 * sum(map(len, long)), MOST_SYNCHRONOUS)
    return Plan(wanted, *(short if is_synchronous else long), is_synchronous)


class AccountReport:
    """One account's report; slices may be read by any number of threads."""

    def __init__(
        self,
        account: AdsAccount,
        tweets: Mapping[str, Iterable[Dated]],
        cursor: StateCursor[ReportState],
        table: Callable[[], ReportTable],
        scope: Scope,
        warn: Callable[[str], None],
    ) -> None:
        """`tweets` are those of the timeframe by X user id; a user whose tweets are not known is left out.

        `table` returns what makes the rows, as of the moment that they are made.
        """
        self.account = account
        self._table = table
        self._cursor = cursor
        self._warn = warn
        self._now = scope.now
        self._zone = account.zone
        self._lock = Lock()
        state = cursor.of(account.id)
        first, today = scope.first_day(account, state), local_day(scope.now, self._zone)
        self._tweets = [
            ListedTweet(tweet_id, user_id, day)
            for user_id, dated in tweets.items()
            for tweet_id, instant in dated
            if first <= (day := local_day(instant, self._zone))
        ]
        wanted = wanted_days(
            first=first, today=today, done=state.done, lookback_days=scope.lookback_days, cursor=state.cursor
        )
        late = late_tweets(self._tweets, state, wanted)
        self.plan = planned(self._tweets, late, wanted=wanted, late_days=without(state.done, wanted))
        self._open = Counter(part.days for part in self.plan.parts)
        self._late = set(self.plan.late)
        self._state = state.reopened(wanted).knowing(self._tweets, late=late)
        if not self.plan.parts:
            self._save()

    def request(self, part: Slice) -> StatisticsRequest:
        """Return the request that a slice stands for."""
        return StatisticsRequest(self.account.id, part.ids, part.days, self._zone)

    # Rows ------------------------------------------------------------------------------------------------------------

    def answered_rows(self, part: Slice) -> Iterator[Row]:
        """Yield a slice's rows from the endpoint that answers at once.

        Raises:
            ApiError: X refuses, stayed unavailable, or answers something else than was asked.
        """
        try:
            answer = self.account.api.statistics(self.request(part))
        except ApiError as error:
            if self.is_left_out(error, part):
                return
            if not is_divisible(error, part):
                raise
            for half in halves(part):
                yield from self.answered_rows(half)
        else:
            yield from self._rows(objects_of(answer), part, self._now, set())

    def is_left_out(self, error: ApiError, part: Slice) -> bool:
        """Return whether X refuses nothing but a single tweet: then that one is left out, with a warning."""
        if len(part.ids) > 1 or "entity_ids" not in error.problem.parameters:
            return False
        self._warn(f"There are no statistics of the tweet {part.ids[0]}: {error}")
        return True

    def made_rows(self, part: Slice, report: Finished, *, sent: Requests, clock: Clock) -> Iterator[Row]:
        """Yield a slice's rows from a job's result file, which is read piece by piece.

        Raises:
            ApiError: X does not have the file any more, or it cannot be read in several attempts.
        """
        seen: set[str] = set()
        attempt = 1
        while True:
            try:
                what = self.request(part).what
                with opened(report.url, what=what, sent=sent, account=self.account.id) as file:
                    yield from self._rows(entities_of(file), part, report.made_at, seen)
            except Unavailable as error:
                if attempt == MOST_DOWNLOADS or error.problem.kind == "result-expired":
                    raise
                clock.sleep(2.0**attempt)
                attempt += 1
            else:
                return

    def _rows(
        self, entities: Iterable[Mapping[str, Any]], part: Slice, read_at: datetime, seen: set[str]
    ) -> Iterator[Row]:
        """Yield the rows of a slice's tweets that are not in `seen`, and put them in there."""
        days, table = ReportDays.of(part.days, self._zone, read_at), self._table().narrowed()
        what = self.request(part).what
        try:
            for entity in entities:
                if str(entity.get("id")) not in seen:
                    yield from table.rows(entity, part, days)
                    seen.add(str(entity.get("id")))
        except MisalignedAnswer as error:
            raise error_for(Problem("unexpected", detail=str(error)), what=what, endpoint=STATISTICS.name) from error
        except DamagedAnswer as error:
            raise error_for(Problem("unreadable-answer", detail=str(error)), what=what, endpoint=JOBS.name) from error
        yield from table.unanswered_rows(part, days, seen)

    # Progress --------------------------------------------------------------------------------------------------------

    def done(self, part: Slice) -> None:
        """Take in that all rows of a slice have been yielded, and save what is complete by that."""
        with self._lock:
            if part in self._late:
                self._late.remove(part)
            else:
                self._open[part.days] -= 1
            self._save()

    def split(self, part: Slice) -> tuple[Slice, Slice]:
        """Put two slices in the place of one that X found too complex."""
        first, second = halves(part)
        with self._lock:
            if part in self._late:
                self._late = (self._late - {part}) | {first, second}
            else:
                self._open[part.days] += 1
        return first, second

    def _save(self) -> None:
        """Save the days that no open slice holds; the tweets are known when the late ones have their history."""
        still_open = union(*(days for days, count in self._open.items() if count))
        complete = without(self.plan.wanted, still_open)
        state = self._state.advanced(complete[-1].last, complete) if complete else self._state
        if not self._late:
            state = state.knowing(self._tweets)
        if state != self._cursor.of(self.account.id):
            self._cursor.checkpoint(self.account.id, state)


def is_divisible(error: ApiError, part: Slice) -> bool:
    """Return whether asking for fewer tweets at a time helps: X names a tweet, or finds the question too complex."""
    return len(part.ids) > 1 and (error.problem.kind == "too-complex" or "entity_ids" in error.problem.parameters)


def halves(part: Slice) -> tuple[Slice, Slice]:
    """Return a slice's tweets in two slices of the same days."""
    middle = len(part.ids) // 2
    first, second = slice(None, middle), slice(middle, None)
    return (
        Slice(part.ids[first], part.created[first], part.user_ids[first], part.days),
        Slice(part.ids[second], part.created[second], part.user_ids[second], part.days),
    )
