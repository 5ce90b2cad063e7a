"""Which tweets and days to ask for, in the fewest requests that batches and windows of a limited size allow.

A batch holds consecutive tweets, oldest first: a new tweet changes only the last batch, and a batch is asked for no
day on which none of its tweets existed. Windows tile each wanted span from its newest day on, in all batches alike, so
that progress can be saved window by window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from source_x_organic.reports.days import Days, clip, missing, tiles, union

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


@dataclass(frozen=True)
class ListedTweet:
    """A tweet that a report covers.

    Attributes:
        id: Its id.
        user_id: Id of the X user who posted it.
        day: The local day on which it was posted.
    """

    id: str
    user_id: str
    day: date


@dataclass(frozen=True)
class Slice:
    """What one request, or one job, asks for.

    Attributes:
        ids: Ids of tweets, in order of `created`.
        created: The local day on which each was posted.
        user_ids: The X user who posted each.
        days: The days asked for, the same for all; a tweet has rows from its own day on.
    """

    ids: tuple[str, ...]
    created: tuple[date, ...]
    user_ids: tuple[str, ...]
    days: Days


@dataclass(frozen=True)
class Cut:
    """What a sync asks of an account, in slices.

    Attributes:
        wanted: Those of the days that are asked for of every tweet.
        late: Those of other days, of tweets that were not known when these were done.
        left: Those that earlier syncs could not read, of days that were done otherwise.
    """

    wanted: Sequence[Slice]
    late: Sequence[Slice] = ()
    left: Sequence[Slice] = ()

    @property
    def all(self) -> list[Slice]:
        """All slices, those of the wanted days first."""
        return [*self.wanted, *self.late, *self.left]


def slices(tweets: Iterable[ListedTweet], wanted: Sequence[Days], *, batch: int, longest: int) -> list[Slice]:
    """Return slices of at most `batch` tweets and `longest` days that cover each tweet on each wanted day of its life.

    The newest window comes first, with all its batches; then the one before.
    """
    planned = [
        _slice(group, window)
        for group in _batches(tweets, batch)
        for span in clip(Days(group[0].day, date.max), union(*wanted))
        for window in tiles(span, longest)
    ]
    return sorted(planned, key=lambda planned_slice: planned_slice.days.last, reverse=True)


def wanted_days(
    *, first: date, today: date, done: tuple[Days, ...], lookback_days: int, cursor: date | None
) -> tuple[Days, ...]:
    """Return the days that a sync asks for: those of the timeframe that were not done, and the look-back again.

    `first` is the timeframe's first day, `cursor` the last day that was reported, None before the first sync. Days of
    the look-back that are older than the timeframe are asked for where they were done before. The running day always
    is, also where the clock went back.
    """
    gaps = missing(Days(first, today), done)
    if cursor is None:
        return gaps
    again = Days(min(cursor - timedelta(days=lookback_days), today), today)
    return union(*gaps, *clip(again, union(Days(first, today), *done)))


def only(part: Slice, ids: Collection[str | None]) -> Slice:
    """Return the part of a slice that is about some of its tweets."""
    kept = [place for place, tweet_id in enumerate(part.ids) if tweet_id in ids]
    if len(kept) == len(part.ids):
        return part
    return _of_places(part, kept)


def within(part: Slice, days: Days) -> Slice | None:
    """Return the part of a slice that is about some of its days; None where none of its tweets existed then."""
    existing = [place for place, day in enumerate(part.created) if day <= days.last]
    return replace(_of_places(part, existing), days=days) if existing else None


def remaining(still_open: Iterable[Slice]) -> tuple[Days, ...]:
    """Return the days that are not done as long as these slices are open."""
    return union(*{planned.days for planned in still_open})


def least_requests(created: Iterable[date], wanted: Sequence[Days], *, batch: int, longest: int) -> int:
    """Return the least number of requests that cover tweets posted on these days on every wanted day of their lives.

    Count `longest` days at a time from each wanted span's newest day: no request for wanted days reaches two of the
    days d that are hit, and each has to cover the tweets that existed on d, at most `batch` in a request. So it takes
    at least, and `slices` takes exactly::

        sum over these days d of ceil(tweets posted on d or before / batch)
    """
    posted = list(created)
    hit = [window.last for span in union(*wanted) for window in tiles(span, longest)]
    return sum(-(-sum(day <= last for day in posted) // batch) for last in hit)


def _of_places(part: Slice, places: Sequence[int]) -> Slice:
    return Slice(
        ids=tuple(part.ids[place] for place in places),
        created=tuple(part.created[place] for place in places),
        user_ids=tuple(part.user_ids[place] for place in places),
        days=part.days,
    )


def _batches(tweets: Iterable[ListedTweet], batch: int) -> list[list[ListedTweet]]:
    # Ids of the first years have fewer digits; later ones grow with time, also within a day.
    ordered = sorted(tweets, key=lambda tweet: (tweet.day, len(tweet.id), tweet.id))
    return [ordered[start : start + batch] for start in range(0, len(ordered), batch)]


def _slice(group: Sequence[ListedTweet], window: Days) -> Slice:
    """Return the slice of those tweets of a batch that existed in the window."""
    existing = [tweet for tweet in group if tweet.day <= window.last]
    return Slice(
        ids=tuple(tweet.id for tweet in existing),
        created=tuple(tweet.day for tweet in existing),
        user_ids=tuple(tweet.user_id for tweet in existing),
        days=window,
    )
