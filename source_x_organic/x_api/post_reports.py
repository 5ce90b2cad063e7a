"""A report about accounts' posts, whichever endpoint answers: which posts and days, which requests, which rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from source_x_organic.config import AllTweets, Dimension, RecentTweets, TweetIds
from source_x_organic.progress.coverage import BEGINNING, Span, clip
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.days import Days, timeframe_first_day, union
from source_x_organic.reports.days import clip as clip_days
from source_x_organic.reports.periods import days_of, first_reached, monday, whole_weeks
from source_x_organic.reports.plan import Cut, ListedTweet, Slice, slices
from source_x_organic.reports.progress import Question, ReportProgress
from source_x_organic.reports.units import Unit, units
from source_x_organic.snowflakes import created_at_of
from source_x_organic.x_api.listings import Listing, Wish, of_named

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from source_x_organic.progress.coverage import Spans
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.reports.leftovers import Leftover
    from source_x_organic.reports.listed_state import ListedReportState
    from source_x_organic.transport.errors import ApiError
    from source_x_organic.x_api.directory import Account

Row = dict[str, Any]


class Answers(Protocol):
    """Where the figures of reports come from."""

    def cells(
        self, account: Account, part: Slice, definition: ReportDefinition, tweets_of: Mapping[str, list[str]]
    ) -> Cells:
        """Return the figures of a slice; `tweets_of` names the tweets of each medium where the ids are those of media.

        Raises:
            ApiError: X refuses the account or the question, or stayed unavailable.
        """
        ...

    def gate(self, account: Account) -> object:
        """Return what is equal for accounts whose requests X counts together."""
        ...

    def left_out(self, account: Account) -> Collection[str]:
        """Return the account's tweets of which X has said nothing by now."""
        ...

    def is_for(self, account: Account, definition: ReportDefinition) -> bool:
        """Return whether X gives this report of the account to its credentials at all; else say why not."""
        ...

    def refusal(self, account: Account) -> ApiError | None:
        """Return why X has shown nothing of an account at all, if it was asked; reading goes on without it."""
        ...


class RowMaker(Protocol):
    """What makes rows of figures."""

    def __call__(self, cells: Cells, unit: Unit, account: Account) -> Iterator[Row]:
        """Yield the rows of a unit."""
        ...


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

    @property
    def today(self) -> date:
        """The running day, of UTC."""
        return self.now.date()

    @property
    def first_day(self) -> date:
        """The timeframe's first day."""
        return timeframe_first_day(self.months, self.today)

    def first_day_after(self, cursor: date | None) -> date:
        """Return the first day to report where `cursor` was the last one; a longer pause leaves no gap.

        After such a pause it is that of the last sync: days that ran then, or were still changing, are complete now.
        """
        if cursor is None or cursor >= self.first_day:
            return self.first_day
        return timeframe_first_day(self.months, cursor)


@dataclass(frozen=True)
class Work:
    """A unit of one account's report, what is asked for it, and what to do when its rows are out, or cannot be."""

    rows: Callable[[], Iterator[Row]]
    done: Callable[[], None]
    missed: Callable[[], None]
    slices: Sequence[Slice]


class PostReport:
    """One report of all accounts."""

    def __init__(
        self,
        definition: ReportDefinition,
        answers: Answers,
        rows: RowMaker,
        scope: Scope,
        cursor: StateCursor[ListedReportState] | None = None,
    ) -> None:
        """`cursor` keeps the state of an incremental report."""
        self.name = definition.name
        self.answers = answers
        self.definition = self._definition = definition
        self._rows = rows
        self._scope = scope
        self._cursor = cursor

    def gate(self, account: Account) -> object:
        """Return what is equal for all requests that X counts together, whichever report they are for."""
        return self._definition.kind.type, self.answers.gate(account)

    @property
    def wish(self) -> Wish:
        """Which posts have to be known."""
        selection, media = self._definition.selection, self._has_media
        if isinstance(selection, RecentTweets):
            return Wish(newest=selection.count, media=media)
        if isinstance(selection, AllTweets):
            return Wish(timeframe=True, media=media)
        return of_named(self.looked_for, self._scope.now)

    @property
    def looked_for(self) -> frozenset[str]:
        """Which posts the user has named that the timelines have to show, because only they tell their media."""
        selection = self._definition.selection
        return frozenset(selection.ids if self._has_media and isinstance(selection, TweetIds) else ())

    def remembered(self, account_id: str) -> list[ListedReportState]:
        """Return what the report knows of an account's posts; ids that the user named say nothing of others."""
        return [cursor.of(account_id) for cursor in self.keepers]

    @property
    def keepers(self) -> list[StateCursor[ListedReportState]]:
        """What remembers the posts that have been listed; nothing where they are listed anew for each sync."""
        return [self._cursor] if self._cursor is not None and self._definition.remembers_tweets else []

    @property
    def takes_any(self) -> bool:
        """Whether some posts are as good as all: their rows stand by themselves, and those of others come later."""
        is_by_tweet = Dimension.TWEET in self._definition.dimensions
        return bool(self.keepers) and is_by_tweet and isinstance(self._definition.selection, AllTweets)

    def remember(self, account: Account, listing: Listing) -> None:
        """Save which posts are known by now, for a later sync that knows all."""
        for cursor in self.keepers:
            state = cursor.of(account.id)
            since = self._scope.first_day_after(state.cursor)
            tweets = self._tweets(account, listing, since)
            known = state.tweets - state.behind
            late = [tweet for tweet in tweets if state.done and tweet.id not in known]
            listed = self._listed(listing, tweets, since)
            cursor.checkpoint(account.id, replace(state, listed=listed).knowing(tweets, late=late))

    def is_for(self, account: Account) -> bool:
        """Return whether X gives this report of the account to its credentials at all; else say why not."""
        return self.answers.is_for(account, self._definition)

    def work(self, account: Account, listing: Listing) -> list[Work]:
        """Return what has to be read of an account whose posts are listed."""
        if self._cursor is None:
            parts = self._cut(self._tweets(account, listing, self._scope.first_day), [self._days()], listing)
            return [self._unit(unit, account, listing, None) for unit in self._units(parts, listing)]
        state = self._cursor.of(account.id)
        since = self._scope.first_day_after(state.cursor)
        tweets = self._tweets(account, listing, since)
        state = replace(state, listed=self._listed(listing, tweets, since))
        question = Question.of(
            state,
            tweets,
            first=self._reached(since),
            today=self._scope.today,
            lookback_days=self._scope.lookback_days,
            is_by_tweet=Dimension.TWEET in self._definition.dimensions,
        )
        cut = Cut(
            self._cut(question.tweets, question.wanted, listing),
            self._cut(question.late, question.late_days, listing),
            [part for each in question.left for part in self._cut(question.tweets, [each.days], listing, each)],
        )
        left_out = partial(self.answers.left_out, account)
        progress = ReportProgress(self._cursor, account.id, state, question, cut, left_out)
        found = [unit for parts in (cut.wanted, cut.late, cut.left) for unit in self._units(parts, listing)]
        return [self._unit(unit, account, listing, progress) for unit in found]

    def _unit(
        self, unit: Unit, account: Account, listing: Listing, progress: ReportProgress[ListedReportState] | None
    ) -> Work:
        def rows() -> Iterator[Row]:
            cells = Cells()
            for part in unit.slices:
                cells.add_all(self.answers.cells(account, part, self._definition, listing.tweets_of_media))
            yield from self._rows(cells, unit, account)

        def done() -> None:
            if progress is not None:
                progress.done(*unit.slices)

        def missed() -> None:
            if progress is not None:
                progress.failed(*unit.slices)

        return Work(rows, done, missed, unit.slices)

    def _units(self, parts: Sequence[Slice], listing: Listing) -> list[Unit]:
        definition = self._definition
        tweets_of = listing.tweets_of_media if self._has_media else None
        return units(parts, definition.dimensions, weekly=definition.has_weeks, tweets_of=tweets_of)

    # Which posts and days --------------------------------------------------------------------------------------------

    @property
    def _has_media(self) -> bool:
        return self._definition.has_media

    def _tweets(self, account: Account, listing: Listing, first: date) -> list[ListedTweet]:
        selection = self._definition.selection
        if isinstance(selection, AllTweets):
            chosen = {each: instant for each, instant in listing.tweets().items() if instant.date() >= first}
        elif isinstance(selection, RecentTweets):
            chosen = listing.newest(selection.count)
        else:
            chosen = {each: created_at_of(each) or BEGINNING for each in selection.ids}
        return [ListedTweet(each, account.id, instant.date()) for each, instant in chosen.items()]

    def _cut(
        self, tweets: Iterable[ListedTweet], days: Sequence[Days], listing: Listing, left: Leftover | None = None
    ) -> list[Slice]:
        """Return the slices of tweets, or of their media; of nothing but what is left, if that is given."""
        definition = self._definition
        days = clip_days(Days(self._reached(date.min), date.max), days)
        asked = _media_of(tweets, listing) if self._has_media else list(tweets)
        if left is not None:
            asked = left.of(asked)
        if definition.has_weeks:
            # X counts weeks from a request's first day: those of all batches have to begin on Mondays.
            asked = [replace(tweet, day=monday(tweet.day)) for tweet in asked]
            days = union(*map(whole_weeks, days))
        return slices(asked, days, batch=definition.kind.batch, longest=definition.longest_window)

    def _listed(self, listing: Listing, tweets: Sequence[ListedTweet], since: date) -> Spans:
        """Return the spans of `created_at` of whose posts the report knows all: it forgets those that it does not ask.

        Where a longer timeframe or a report of more posts wants them later, they have to be listed again.
        """
        selection = self._definition.selection
        start = datetime.combine(since, time(), UTC)
        if isinstance(selection, TweetIds):
            return ()
        if isinstance(selection, RecentTweets):
            known = [listing.created[tweet.id] for tweet in tweets]
            start = min(known) if len(known) == selection.count else BEGINNING
        return tuple(part for span in listing.listed for part in clip(span, [Span(start, span.end)]))

    def _reached(self, first: date) -> date:
        """Return the first day from some day on that X still has."""
        reach = self._definition.kind.reach_days
        return first if reach is None else max(first, first_reached(self._scope.today, reach))

    def _days(self) -> Days:
        kind, today = self._definition.kind, self._scope.today
        if not kind.has_period:
            return Days(today, today)
        return days_of(
            self._definition.period, today, timeframe_first=self._scope.first_day, reach_days=kind.reach_days
        )


def _media_of(tweets: Iterable[ListedTweet], listing: Listing) -> list[ListedTweet]:
    """Return the media of tweets, each in the place of the first tweet that shows it."""
    found: dict[str, ListedTweet] = {}
    for tweet in tweets:
        for key in listing.media.get(tweet.id, ()):
            found.setdefault(key, replace(tweet, id=key))
    return list(found.values())
