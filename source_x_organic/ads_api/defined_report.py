"""A report that the user defined, of one Ads account in one sync: what it does not tell apart adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.ads_api.api import StatisticsRequest
from source_x_organic.ads_api.figures import GRANULARITIES, SliceFigures, groups_of
from source_x_organic.ads_api.reports import StatisticsReport, planned
from source_x_organic.ads_api.stats import entity_id
from source_x_organic.config import Aggregate, AllTweets, Dimension, RecentTweets
from source_x_organic.reports import cells as figures
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.days import local_day
from source_x_organic.reports.periods import days_of
from source_x_organic.reports.plan import ListedTweet
from source_x_organic.reports.progress import Question, ReportProgress, halves
from source_x_organic.reports.units import units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from typing import Any

    from source_x_organic.ads_api.ads_account import AdsAccount
    from source_x_organic.ads_api.listings import Listed
    from source_x_organic.ads_api.reports import Row, Scope
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.reports.plan import Slice
    from source_x_organic.reports.state import ReportState
    from source_x_organic.reports.units import Unit


class DefinedReport(StatisticsReport):
    """The tweets, days, metrics and dimensions of a definition; rows are of one X user each."""

    def __init__(
        self,
        account: AdsAccount,
        tweets: Mapping[str, Listed],
        definition: ReportDefinition,
        cursor: StateCursor[ReportState] | None,
        scope: Scope,
        warn: Callable[[str], None],
        *,
        spent: int = 0,
    ) -> None:
        """`tweets` are those that are known, by X user id; `cursor` keeps the state of an incremental report.

        `spent` is as in `planned`.
        """
        state = cursor.of(account.id) if cursor else None
        question = _question(definition, tweets, account, scope, state)
        is_by_hours = definition.granularity is Aggregate.HOURLY
        plan = planned(question, spent=spent, by_user=True, hours_of=account.zone if is_by_hours else None)
        super().__init__(account, plan, scope, warn)
        self._definition = definition
        self._wanted_groups = groups_of(definition.metrics)
        cut = self.plan.cut
        self._units = {
            part: unit
            for parts in (cut.wanted, cut.late, cut.left)
            for part, unit in _open_units(parts, definition).items()
        }
        self._progress: ReportProgress[ReportState] | None = None
        if cursor is not None and state is not None:
            self._progress = ReportProgress(cursor, account.id, state, question, cut, self.left_out)

    def request(self, part: Slice) -> StatisticsRequest:
        """Return the request that a slice stands for."""
        return StatisticsRequest(
            self.account.id,
            part.ids,
            part.days,
            self._zone,
            GRANULARITIES[self._definition.granularity],
            self._wanted_groups,
        )

    def done(self, part: Slice) -> None:
        """Take in that the rows that a slice led to have been yielded; its unit is done with its last slice."""
        unit = self._units[part]
        if unit.last == part and self._progress is not None:
            self._progress.done(*unit.slices)

    def failed(self, part: Slice) -> None:
        """Take in that a slice could not be read: its unit has no rows in this sync."""
        if self._progress is not None:
            self._progress.failed(*self._units[part].slices)

    def split(self, part: Slice) -> tuple[Slice, Slice]:
        """Put two slices in the place of one that X found too complex."""
        parts = self._progress.split(part) if self._progress is not None else halves(part)
        with self._lock:
            unit = self._units[part]
            unit.replace(part, *parts)
            if parts[0].days != part.days and Dimension.DAY not in self._definition.dimensions:
                unit.is_by_tweet = False  # what is said of a tweet in these slices adds up
            self._units |= dict.fromkeys(parts, unit)
        return parts

    def _rows(
        self, entities: Iterable[Mapping[str, Any]], part: Slice, read_at: datetime, seen: set[str]
    ) -> Iterator[Row]:
        """Yield the rows of each tweet where they are its own, else those of the unit when its last slice is there."""
        said = SliceFigures(part, self._zone, self._definition, read_at, self._groups(part))
        unit = self._units[part]
        read, is_by_tweet = Cells(), unit.is_by_tweet
        here = seen if is_by_tweet else set()
        for entity in entities:
            if entity_id(entity) in here:
                continue
            said.add(entity, read)
            if is_by_tweet:
                yield from self._made(read, part)
                read = Cells()
            here.add(entity_id(entity))
        seen |= here
        with self._lock:
            whole = unit.take(part, read)
        if whole is not None:
            yield from self._made(whole, part)

    def _made(self, cells: Cells, part: Slice) -> Iterator[Row]:
        return figures.rows(cells, self._definition, part.user_ids[0], ads_account_id=self.account.id)


class _OpenUnit:
    """Slices whose figures add up among themselves, on their way.

    Attributes:
        slices: All of them.
        is_by_tweet: Whether nothing adds up, so that the rows of each tweet are whole when its figures are there.
        last: The slice whose figures came last.
    """

    def __init__(self, unit: Unit, *, is_by_tweet: bool) -> None:
        self.slices = list(unit.slices)
        self.is_by_tweet = is_by_tweet
        self.last: Slice | None = None
        self._missing = set(unit.slices)
        self._cells = Cells()

    def replace(self, part: Slice, *parts: Slice) -> None:
        """Put other slices in the place of one."""
        self.slices = [each for each in self.slices if each != part] + list(parts)
        self._missing = self._missing - {part} | set(parts)

    def take(self, part: Slice, cells: Cells) -> Cells | None:
        """Add the figures of a slice; return those of all slices when none is missing any more."""
        self._missing.discard(part)
        self._cells.add_all(cells)
        if self._missing:
            return None
        self.last = part
        whole, self._cells = self._cells, Cells()
        return whole


def _open_units(parts: Sequence[Slice], definition: ReportDefinition) -> dict[Slice, _OpenUnit]:
    """Return the unit of each slice; slices of different users have none together."""
    of_users: dict[str, list[Slice]] = {}
    for part in parts:
        of_users.setdefault(part.user_ids[0], []).append(part)
    found: dict[Slice, _OpenUnit] = {}
    for mine in of_users.values():
        for unit in units(mine, definition.dimensions):
            is_by_tweet = len(unit.slices) == 1 and Dimension.TWEET in definition.dimensions
            found |= dict.fromkeys(unit.slices, _OpenUnit(unit, is_by_tweet=is_by_tweet))
    return found


def _question(
    definition: ReportDefinition,
    tweets: Mapping[str, Listed],
    account: AdsAccount,
    scope: Scope,
    state: ReportState | None,
) -> Question:
    """Return what a sync has to ask: an incremental report what is missing or may have changed, others everything."""
    today = scope.today(account)
    if state is None:
        first = scope.timeframe_first(account)
        days = days_of(definition.period, today, timeframe_first=first)
        return Question(_chosen(definition, tweets, account, first), (days,))
    first = scope.first_day(account, state)
    return Question.of(
        state,
        _chosen(definition, tweets, account, first),
        first=first,
        today=today,
        lookback_days=scope.lookback_days,
        is_by_tweet=Dimension.TWEET in definition.dimensions,
    )


def _chosen(
    definition: ReportDefinition, tweets: Mapping[str, Listed], account: AdsAccount, first: date
) -> list[ListedTweet]:
    """Return the tweets that a definition selects among those that are known; `first` is the timeframe's first day."""
    selection = definition.selection
    chosen: list[ListedTweet] = []
    for user_id, dated in tweets.items():
        listed = [
            ListedTweet(tweet_id, user_id, local_day(instant, account.zone))
            for tweet_id, instant in sorted(dated.items(), key=lambda each: (each[1], int(each[0])))
        ]
        if isinstance(selection, AllTweets):
            chosen += [tweet for tweet in listed if tweet.day >= first]
        elif isinstance(selection, RecentTweets):
            chosen += listed[-selection.count :]
        else:
            chosen += [tweet for tweet in listed if tweet.id in selection.ids]
    return chosen
