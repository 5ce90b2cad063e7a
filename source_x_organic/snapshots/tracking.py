"""What posts grew by since their last snapshot: a row's worth for each post and UTC day.

The first snapshot of an account is the base line of the posts that were there before that day: what came earlier cannot
be known. Every post made since then grows from zero at its `created_at`, whenever it is seen first; so do the posts of
the day on which the counters come from another source for the first time. A post that is not seen keeps its last
snapshot, so that nothing is lost if it was only away for a moment, or if the snapshot was not of all posts; at 30 days
it is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from source_x_organic.snapshots.apportion import Stretch
from source_x_organic.snapshots.counters import UNKNOWN, Counters
from source_x_organic.snowflakes import created_at_of
from source_x_organic.x_api.posts import PRIVATE_MARGIN, PRIVATE_METRICS_DAYS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from source_x_organic.progress.coverage import Spans

TRACKED_FOR = timedelta(days=PRIVATE_METRICS_DAYS) - PRIVATE_MARGIN
"""Age up to which a post is tracked: as long as X tells its private counters."""

EXACT_WITHIN = timedelta(hours=2)
"""Longest time between two snapshots over a midnight whose parts do not count as estimated."""


class Seen(NamedTuple):
    """A post in a snapshot: when it was made (aware), its counters, and their `metrics_source`."""

    created_at: datetime
    counters: Counters
    source: str


class Fate(IntEnum):
    """What was found the last time that X showed a post's time; the numbers are those of the state."""

    THERE = 0
    GONE = 1
    REPLACED = 2
    """A newer version was there instead."""


class Ended(NamedTuple):
    """The rows of a day of posts that are not tracked any more: those that there are, and those that came too late."""

    rows: int
    lost: int


@dataclass(frozen=True, slots=True)
class Tracked:
    """What is remembered of a post.

    Attributes:
        counters: The last known value of each counter; None where none was ever returned.
        day_totals: What has been counted so far on the day of `seen_at`; None where nothing is known.
        is_estimated: Whether some of that was apportioned across a midnight from too long a difference.
        source: `metrics_source` of the counters.
        seen_at: The post's last snapshot.
        base: The snapshot that its growth is counted from; None if that is zero at its creation.
        behind: The last snapshot that had every counter that is known; None where that is `seen_at`.
        fate: What was found where the post should be. One that was not looked for is as it was.
    """

    counters: Counters
    day_totals: Counters
    is_estimated: bool
    source: str
    seen_at: datetime
    base: datetime | None = None
    behind: datetime | None = None
    fate: Fate = Fate.THERE


@dataclass(frozen=True)
class AccountSnapshots:
    """What is remembered of an account.

    Attributes:
        taken_at: Its last snapshot; None before the first.
        since: Its first one.
        tweets: The posts that are tracked, by id.
        open_from: The first day of which rows are still to come; None where that is the day of the last snapshot.
        ended: The rows of posts that are tracked no more, by day, of days that are still open.
    """

    taken_at: datetime | None = None
    since: datetime | None = None
    tweets: Mapping[str, Tracked] = field(default_factory=dict)
    open_from: date | None = None
    ended: Mapping[date, Ended] = field(default_factory=dict)

    @property
    def cursor(self) -> date | None:
        """The day of the last snapshot."""
        return self.taken_at.astimezone(UTC).date() if self.taken_at else None


class DayGrowth(NamedTuple):
    """What a post grew by on a day, as far as snapshots tell; made by the thousand, hence no dataclass.

    `totals` are the day's so far, `start` and `end` the part of the day that they cover; `is_final` tells that the day
    was over when the snapshot was taken.
    """

    tweet_id: str
    day: date
    start: datetime
    end: datetime
    is_estimated: bool
    is_final: bool
    source: str
    totals: Counters


def advanced(
    before: AccountSnapshots,
    seen: Mapping[str, Seen],
    now: datetime,
    *,
    read: Spans | None = None,
    replaced: Collection[str] = (),
) -> tuple[AccountSnapshots, list[DayGrowth]]:
    """Return what is remembered after a snapshot at `now`, and the days of the posts in it that have grown by it.

    `seen` are the account's posts by id, retweets aside; `read` the time whose posts they are, None for all;
    `replaced` are older versions of posts. Posts too old to be tracked are left out; so are those made after `now`,
    while the sync was running: the next snapshot has them from zero. Days come oldest first for each post, also those
    on which nothing grew. By a clock that went backwards nothing is new.
    """
    now = now.astimezone(UTC)
    if before.taken_at is not None and now < before.taken_at:
        return before, []
    since = before.since or now
    oldest, known_from = now - TRACKED_FOR, _midnight(since)
    stretch_from = lru_cache(maxsize=8)(lambda start: Stretch.of(start, now))
    young = _still_young(before.tweets, oldest)
    tweets = {each: _looked_for(each, tracked, made, read, replaced) for each, tracked, made in young}
    days: list[DayGrowth] = []
    for tweet_id, post in seen.items():
        if oldest <= post.created_at <= now:
            tracked = before.tweets.get(tweet_id) or _from_zero(post, known_from)
            if tracked is not None and tracked.source != post.source:
                # The other series ends with yesterday where this one can tell all of today.
                tracked = _from_zero(post, _midnight(now))
            if tracked is None:
                tweets[tweet_id] = _base_line(post, now)
            else:
                stretch = stretch_from(tracked.seen_at)
                tweets[tweet_id], totals = _grown(tracked, post, stretch)
                days.extend(_days(tweet_id, tracked, post, stretch, totals))
    return AccountSnapshots(now, since, tweets), days


def oldest_tracked(now: datetime) -> datetime:
    """Return the earliest `created_at` of posts that a snapshot at `now` tracks: from there a sync has to read."""
    return now - TRACKED_FOR


def without_seeing(before: AccountSnapshots, now: datetime) -> AccountSnapshots:
    """Return what is remembered when at `now` not a single post could be looked for: no snapshot was taken."""
    young = _still_young(before.tweets, oldest_tracked(now))
    return replace(before, tweets={tweet_id: tracked for tweet_id, tracked, _ in young})


def _still_young(tweets: Mapping[str, Tracked], oldest: datetime) -> Iterator[tuple[str, Tracked, datetime]]:
    for tweet_id, tracked in tweets.items():
        created_at = created_at_of(tweet_id)
        if created_at is not None and created_at >= oldest:
            yield tweet_id, tracked, created_at


def _looked_for(
    tweet_id: str, tracked: Tracked, made: datetime, read: Spans | None, replaced: Collection[str]
) -> Tracked:
    """Return a post that is not seen in a snapshot, with what that says."""
    if tweet_id in replaced:
        return replace(tracked, fate=Fate.REPLACED)
    if tracked.fate is Fate.THERE and (read is None or any(made in span for span in read)):
        return replace(tracked, fate=Fate.GONE)
    return tracked


def _from_zero(post: Seen, known_from: datetime) -> Tracked | None:
    """Return a post as it was when it was made, if that is known."""
    if post.created_at < known_from:
        return None
    return Tracked(UNKNOWN, UNKNOWN, is_estimated=False, source=post.source, seen_at=post.created_at)


def _base_line(post: Seen, now: datetime) -> Tracked:
    return Tracked(post.counters, UNKNOWN, is_estimated=False, source=post.source, seen_at=now, base=now)


def _grown(tracked: Tracked, post: Seen, stretch: Stretch) -> tuple[Tracked, list[tuple[Counters, bool]]]:
    """Return a post after a snapshot and, for each day since its last one, the totals and whether they are estimated.

    A counter that X does not return this time keeps its last known value: what it grew by until it comes back counts
    between the post's two snapshots then, and as estimated if it was away over a midnight.
    """
    pairs = tuple(zip(tracked.counters, post.counters, strict=True))
    counters = tuple([known if value is None else value for known, value in pairs])
    if counters == tracked.counters and stretch.start == stretch.end:
        return replace(tracked, fate=Fate.THERE), [(tracked.day_totals, tracked.is_estimated)]
    is_behind = any(value is None and known is not None for known, value in pairs)
    behind = (tracked.behind or tracked.seen_at) if is_behind else None
    totals = _totals(tracked, post, stretch)
    guesses = _guesses(tracked, stretch, _difference_from(tracked, post, behind))
    after = Tracked(counters, totals[-1], guesses[-1], post.source, stretch.end, tracked.base, behind)
    return after, list(zip(totals, guesses, strict=True))


def _totals(tracked: Tracked, post: Seen, stretch: Stretch) -> list[Counters]:
    """Return the totals of each day, those of the first one with what was counted on it before."""
    none = (None,) * len(stretch.days)
    series: list[tuple[int | None, ...]] = []
    for known, value, so_far in zip(tracked.counters, post.counters, tracked.day_totals, strict=True):
        if value is None or (known is None and tracked.base is not None):
            series.append((so_far, *none[1:]))
        else:
            first, *others = stretch.parts(value - (known or 0))
            series.append((first + (so_far or 0), *others))
    return list(zip(*series, strict=True))


def _difference_from(tracked: Tracked, post: Seen, behind: datetime | None) -> datetime:
    """Return the instant since which what is counted now may have grown."""
    if tracked.base is None and any(
        known is None and value is not None for known, value in zip(tracked.counters, post.counters, strict=True)
    ):
        return post.created_at
    return (tracked.behind or tracked.seen_at) if behind is None else tracked.seen_at


def _guesses(tracked: Tracked, stretch: Stretch, difference_from: datetime) -> list[bool]:
    """Return whether the totals of each day are estimated."""
    whole = stretch if difference_from == stretch.start else Stretch.of(difference_from, stretch.end)
    is_guess = whole.days_with_time > 1 and whole.end - whole.start > EXACT_WITHIN
    guesses = [is_guess and number < stretch.days_with_time for number in range(len(stretch.days))]
    guesses[0] = guesses[0] or tracked.is_estimated
    return guesses


def _days(
    tweet_id: str, tracked: Tracked, post: Seen, stretch: Stretch, totals: list[tuple[Counters, bool]]
) -> Iterator[DayGrowth]:
    """Yield a post's days; `tracked` is what was known of it before."""
    covered_from = tracked.base or post.created_at
    if tracked.base == stretch.end:
        return
    ends = (*stretch.midnights[1:], stretch.end)
    starts = (max(stretch.midnights[0], covered_from), *stretch.midnights[1:])
    last = len(ends) - 1
    for number, (counted, is_guess) in enumerate(totals):
        yield DayGrowth(
            tweet_id,
            stretch.days[number],
            starts[number],
            ends[number],
            is_estimated=is_guess,
            is_final=number < last,
            source=post.source,
            totals=counted,
        )


def _midnight(instant: datetime) -> datetime:
    return datetime.combine(instant.astimezone(UTC).date(), time(), UTC)
