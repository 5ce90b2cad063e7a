"""How far the report of one account comes in one sync: what it asks for, what is done, what is saved when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from source_x_organic.reports.days import DAY, Days, clip, union, without
from source_x_organic.reports.leftovers import Leftovers, leftovers, outside
from source_x_organic.reports.plan import Cut, Slice, remaining, wanted_days

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import date

    from source_x_organic.progress.state import StateCursor
    from source_x_organic.reports.plan import ListedTweet


class Remembered(Protocol):
    """What a report remembers of an account; `reports.state` and `reports.listed_state` have two forms of it."""

    @property
    def cursor(self) -> date | None:
        """The last day that was reported."""
        ...

    @property
    def done(self) -> tuple[Days, ...]:
        """Days that were reported."""
        ...

    @property
    def absent(self) -> frozenset[str]:
        """Ids of tweets of which X said nothing when it was asked last."""
        ...

    @property
    def left(self) -> Leftovers:
        """What could not be read of days that are done."""
        ...

    def reopened(self, wanted: Iterable[Days]) -> Self:
        """Return the state of a sync that begins: what it is to report again is not done until it has."""
        ...

    def advanced(self, cursor: date, done: Iterable[Days]) -> Self:
        """Return the state after all rows of `done`, and rows up to `cursor`, have been emitted."""
        ...

    def knowing(
        self, tweets: Iterable[ListedTweet], *, late: Collection[ListedTweet] = (), absent: Collection[str] = ()
    ) -> Self:
        """Return the state that knows these tweets but for those of `late`, whose history is still to come.

        `absent` are those of which X said nothing.
        """
        ...

    def leaving(self, left: Leftovers) -> Self:
        """Return the state of which this is left."""
        ...

    def late(self, tweets: Collection[ListedTweet], wanted: Iterable[Days]) -> list[ListedTweet]:
        """Return the tweets that may be missing from days that are done and not `wanted` anyway."""
        ...


State = TypeVar("State", bound=Remembered)


@dataclass(frozen=True)
class Question:
    """What a sync has to ask of an account.

    Attributes:
        tweets: All tweets of the report.
        wanted: Days that are asked for of every tweet.
        late: Those of the tweets that were not known when other days were done.
        late_days: These other days.
        left: What earlier syncs could not read, of days that are not asked for anyway.
    """

    tweets: Sequence[ListedTweet]
    wanted: tuple[Days, ...]
    late: Sequence[ListedTweet] = ()
    late_days: tuple[Days, ...] = ()
    left: Leftovers = ()

    @classmethod
    def of(
        cls,
        state: Remembered,
        tweets: Sequence[ListedTweet],
        *,
        first: date,
        today: date,
        lookback_days: int,
        is_by_tweet: bool = True,
    ) -> Question:
        """Return the question of a sync.

        Where figures are not broken down by tweet a late one changes the sums of all: then its days are wanted again.
        """
        wanted = wanted_days(
            first=first, today=today, done=state.done, lookback_days=lookback_days, cursor=state.cursor
        )
        late, late_days = state.late(tweets, wanted), without(state.done, wanted)
        if late and not is_by_tweet:
            since = Days(min(tweet.day for tweet in late), today)
            wanted = union(*wanted, *clip(since, late_days))
            return cls(tweets, wanted, left=outside(state.left, wanted))
        return cls(tweets, wanted, late, late_days, outside(state.left, wanted))


class _Pile:
    """Slices that are waited for together: all batches of a window, say."""

    def __init__(self, parts: Iterable[Slice]) -> None:
        self._pending = Counter(parts)
        self._count = self._pending.total()
        self.failed: list[Slice] = []

    def awaits(self, part: Slice) -> bool:
        """Return whether a slice has neither been read nor failed."""
        return self._pending[part] > 0

    @property
    def is_done(self) -> bool:
        """Whether all have been read, or so many that the others are better remembered one by one."""
        return not self._pending and 2 * len(self.failed) <= self._count

    @property
    def unread(self) -> list[Slice]:
        """Those that have not been read, or could not."""
        return [*self._pending, *self.failed]

    def take(self, part: Slice) -> None:
        """Take in that a slice has been read."""
        self._pending[part] -= 1
        if not self._pending[part]:
            del self._pending[part]

    def fail(self, part: Slice) -> None:
        """Take in that a slice could not be read."""
        self.take(part)
        self.failed.append(part)

    def replace(self, part: Slice, *parts: Slice) -> None:
        """Put others in the place of a slice."""
        self.take(part)
        self._pending.update(parts)
        self._count += len(parts) - 1


class ReportProgress(Generic[State]):
    """What is done of one account's report; slices may be finished by any thread."""

    def __init__(
        self,
        cursor: StateCursor[State],
        account_id: str,
        state: State,
        question: Question,
        cut: Cut,
        left_out: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        """`state` is what is remembered, `cut` are the slices of the question.

        `left_out` returns the tweets of which X has said nothing by now.
        """
        self._cursor = cursor
        self._account_id = account_id
        self._question = question
        self._lock = Lock()
        windows: dict[date, list[Slice]] = {}
        for part in cut.wanted:
            # Batches of one window may begin on different days, when their first tweets were posted.
            windows.setdefault(part.days.last, []).append(part)
        self._windows = {last: _Pile(batches) for last, batches in windows.items()}
        self._late = _Pile(cut.late)
        self._left = _Pile(cut.left)
        self._left_out = left_out
        self._ids = frozenset(tweet.id for tweet in question.tweets)
        self._absent = state.absent & self._ids
        self._answered: set[str] = set()
        self._has_news = False
        self._known: tuple[tuple[bool, frozenset[str], frozenset[str]], State] | None = None
        self._state = state.reopened(question.wanted)
        if not cut.wanted:
            self._save()

    def done(self, *parts: Slice) -> None:
        """Take in that all rows of these slices have been yielded, and save what is complete by that."""
        with self._lock:
            for part in parts:
                if (pile := self._pile_of(part)) is not None:
                    pile.take(part)
                self._answered |= self._absent.intersection(part.ids)
            self._has_news = True
            self._save()

    def failed(self, *parts: Slice) -> None:
        """Take in that these slices could not be read, and save what the others have made complete.

        As long as there are no others the state stays as it was before the sync.
        """
        with self._lock:
            for part in parts:
                if (pile := self._pile_of(part)) is not None:
                    pile.fail(part)
            if self._has_news:
                self._save()

    def split(self, part: Slice) -> tuple[Slice, Slice]:
        """Put two slices in the place of one that X found too complex."""
        first, second = halves(part)
        with self._lock:
            if (pile := self._pile_of(part)) is not None:
                pile.replace(part, first, second)
        return first, second

    def _pile_of(self, part: Slice) -> _Pile | None:
        """Return the pile in which a slice waits; None where it does not wait any more."""
        piles = (self._late, self._left, self._windows.get(part.days.last), *self._windows.values())
        return next((pile for pile in piles if pile is not None and pile.awaits(part)), None)

    def _save(self) -> None:
        """Save the days whose slices are done; the tweets are known when the late ones have their history."""
        waiting = (part for pile in self._windows.values() if not pile.is_done for part in pile.unread)
        complete = without(self._question.wanted, remaining(waiting))
        state = self._knowing()
        state = state.advanced(complete[-1].last, complete) if complete else state
        done = [pile for pile in (*self._windows.values(), self._late) if pile.is_done]
        failed = [part for pile in done for part in pile.failed]
        state = state.leaving(leftovers([*self._left.unread, *failed]))
        if state != self._cursor.of(self._account_id):
            self._cursor.checkpoint(self._account_id, state)

    def _knowing(self) -> State:
        """Return the state that knows the tweets.

        One that was absent and that X speaks of again is behind: the next sync asks for its history. To ask for that of
        all that are absent, each time, would cost as many requests as a first sync.
        """
        question = self._question
        out = self._ids.intersection(self._left_out())
        back = frozenset(self._answered - out)
        key = (self._late.is_done, out, back)
        if self._known is None or self._known[0] != key:
            behind = [] if self._late.is_done else list(question.late)
            behind += [tweet for tweet in question.tweets if tweet.id in back]
            state = self._state.knowing(question.tweets, late=behind, absent=(self._absent - back) | out)
            self._known = (key, state)
        return self._known[1]


def halves(part: Slice) -> tuple[Slice, Slice]:
    """Return a slice in two: its tweets, or the days of a single one."""
    middle = len(part.ids) // 2
    if not middle:
        last = part.days.first + (len(part.days) // 2 - 1) * DAY
        return (
            replace(part, days=Days(part.days.first, last)),
            replace(part, days=Days(last + DAY, part.days.last)),
        )
    first, second = slice(None, middle), slice(middle, None)
    return (
        Slice(part.ids[first], part.created[first], part.user_ids[first], part.days),
        Slice(part.ids[second], part.created[second], part.user_ids[second], part.days),
    )
