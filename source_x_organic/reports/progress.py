"""How far the report of one account comes in one sync: what it asks for, what is done, what is saved when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from source_x_organic.reports.days import Days, clip, union, without
from source_x_organic.reports.plan import Slice, wanted_days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
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

    def reopened(self, wanted: Iterable[Days]) -> Self:
        """Return the state of a sync that begins: what it is to report again is not done until it has."""
        ...

    def advanced(self, cursor: date, done: Iterable[Days]) -> Self:
        """Return the state after all rows of `done`, and rows up to `cursor`, have been emitted."""
        ...

    def knowing(self, tweets: Iterable[ListedTweet], *, late: Collection[ListedTweet] = ()) -> Self:
        """Return the state that knows these tweets but for those of `late`, whose history is still to come."""
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
    """

    tweets: Sequence[ListedTweet]
    wanted: tuple[Days, ...]
    late: Sequence[ListedTweet] = ()
    late_days: tuple[Days, ...] = ()

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
            return cls(tweets, union(*wanted, *clip(since, late_days)))
        return cls(tweets, wanted, late, late_days)


class ReportProgress(Generic[State]):
    """What is done of one account's report; slices may be finished by any thread."""

    def __init__(
        self,
        cursor: StateCursor[State],
        account_id: str,
        state: State,
        question: Question,
        *,
        parts: Sequence[Slice],
        late: Sequence[Slice] = (),
    ) -> None:
        """`state` is what is remembered; `parts` are the slices of the wanted days, `late` those of the late tweets."""
        self._cursor = cursor
        self._account_id = account_id
        self._question = question
        self._lock = Lock()
        self._open = Counter(part.days for part in parts)
        self._late = Counter(late)
        self._state = state.reopened(question.wanted).knowing(question.tweets, late=question.late)
        if not parts:
            self._save()

    def done(self, *parts: Slice) -> None:
        """Take in that all rows of these slices have been yielded, and save what is complete by that."""
        with self._lock:
            for part in parts:
                if self._late[part]:
                    self._late[part] -= 1
                else:
                    self._open[part.days] -= 1
            self._save()

    def split(self, part: Slice) -> tuple[Slice, Slice]:
        """Put two slices in the place of one that X found too complex."""
        first, second = halves(part)
        with self._lock:
            if self._late[part]:
                self._late[part] -= 1
                self._late.update((first, second))
            else:
                self._open[part.days] += 1
        return first, second

    def _save(self) -> None:
        """Save the days that no open slice holds; the tweets are known when the late ones have their history."""
        still_open = union(*(days for days, count in self._open.items() if count))
        complete = without(self._question.wanted, still_open)
        state = self._state.advanced(complete[-1].last, complete) if complete else self._state
        if not self._late.total():
            state = state.knowing(self._question.tweets)
        if state != self._cursor.of(self._account_id):
            self._cursor.checkpoint(self._account_id, state)


def halves(part: Slice) -> tuple[Slice, Slice]:
    """Return a slice's tweets in two slices of the same days."""
    middle = len(part.ids) // 2
    first, second = slice(None, middle), slice(middle, None)
    return (
        Slice(part.ids[first], part.created[first], part.user_ids[first], part.days),
        Slice(part.ids[second], part.created[second], part.user_ids[second], part.days),
    )
