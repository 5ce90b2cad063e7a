"""Which rows of the report there are by day, and which there are not, and why. Pure.

Both follow from what is remembered of the posts, whichever snapshots saw which of them. A day is open as long as rows
of it are still to come: then the next snapshot tells of it again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.reports.days import Days
from source_x_organic.snapshots.cliff import is_lost, too_old
from source_x_organic.snapshots.tracking import TRACKED_FOR, Ended, Fate, oldest_tracked
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from source_x_organic.snapshots.tracking import AccountSnapshots, Tracked

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Gaps:
    """What is known of the days that a snapshot is about.

    Attributes:
        rows: Rows that there are, those of earlier snapshots included, by day.
        missing: Rows that are missing, by day and reason.
        unknown: Days before all that is known, whose rows nobody can count; empty but for the first whole snapshot.
        closed: Days of which no row can come any more, also where the snapshot was of some posts only.
    """

    rows: Counter[date]
    missing: Counter[tuple[date, Reason]]
    unknown: Days
    closed: Days


def covered_days(before: AccountSnapshots, now: datetime) -> Days:
    """Return the days that a snapshot at `now` is about: those that are open, or as far as posts are tracked."""
    return Days(before.open_from or _day(before.taken_at or oldest_tracked(now)), _day(now))


def gaps(before: AccountSnapshots, after: AccountSnapshots, now: datetime, *, first: date, is_whole: bool) -> Gaps:
    """Return what is known of the days of a snapshot at `now`.

    `first` is the first day of the timeframe. Where the snapshot is not whole, only what nothing can change any more
    counts as missing.
    """
    covered, known_from = covered_days(before, now), _day(oldest_tracked(now))
    ended = _ended(before, covered, now)
    rows = Counter({day: counts.rows for day, counts in ended.items()})
    missing = Counter({(day, Reason.OVER_30_DAYS): counts.lost for day, counts in ended.items()})
    for post_id, tracked in after.tweets.items():
        if (made := created_at_of(post_id)) is not None:
            rows.update(_clip(_rows(made, tracked), covered))
            for days, reason in _missing(_day(made), tracked, covered.last) if is_whole else ():
                missing.update((day, reason) for day in _clip(days, covered))
    since = _day(after.since or now)
    # Until all posts have been seen once, the days before the first snapshot are open.
    start = first if is_whole and covered.first < since else max(first, covered.first)
    unknown = Days(start, min(known_from, since) - _DAY)
    return Gaps(+rows, +missing, unknown, Days(covered.first, known_from - _DAY))


def with_open_days(
    before: AccountSnapshots, after: AccountSnapshots, now: datetime, *, is_whole: bool
) -> AccountSnapshots:
    """Return what is remembered after a snapshot at `now`, with what the next one needs to tell of the same days."""
    if after.taken_at is None:
        return after
    covered, last = covered_days(before, now), _day(after.taken_at)
    open_days = [_day(tracked.seen_at) for tracked in after.tweets.values() if tracked.fate is Fate.THERE]
    first = min([last, *open_days, *([] if is_whole else [covered.first])])
    # Rows older than any post that is tracked do not change any more.
    first = max(first, min(last, _day(oldest_tracked(now))))
    ended = {day: counts for day, counts in _ended(before, covered, now).items() if day >= first}
    return replace(after, open_from=first if first != last else None, ended=ended)


def _rows(made: datetime, tracked: Tracked) -> Days:
    """Return the days on which a post has rows; none where only its base line is known."""
    if tracked.base is None:
        return Days(_day(made), _day(tracked.seen_at))
    base = _day(tracked.base)
    return Days(base, base - _DAY if tracked.base == tracked.seen_at else _day(tracked.seen_at))


def _missing(made: date, tracked: Tracked, today: date) -> Iterator[tuple[Days, Reason]]:
    """Yield the days on which a tracked post has no rows, with the reason; `made` is its first day."""
    since = _day(tracked.seen_at) + _DAY
    only_base = tracked.base is not None and tracked.base == tracked.seen_at
    if tracked.base is not None:
        # What it had earned by the first snapshot that saw it cannot be known.
        base = _day(tracked.base)
        yield Days(made, base - _DAY), Reason.OVER_30_DAYS
        since = base if only_base else since
    if tracked.fate is Fate.GONE:
        yield Days(since, today), Reason.DELETED
    elif tracked.fate is Fate.THERE:
        yield Days(since, today), Reason.OVER_30_DAYS if only_base and since == today else Reason.BUDGET


def _ended(before: AccountSnapshots, covered: Days, now: datetime) -> dict[date, Ended]:
    """Return the rows of the covered days of posts that are not tracked any more."""
    rows = Counter({day: ended.rows for day, ended in before.ended.items()})
    lost = Counter({day: ended.lost for day, ended in before.ended.items()})
    for made, tracked in too_old(before, now):
        rows.update(_clip(_rows(made, tracked), covered))
        if is_lost(tracked, now):
            lost.update(_clip(Days(_day(tracked.seen_at) + _DAY, _day(made + TRACKED_FOR)), covered))
    return {day: Ended(rows[day], lost[day]) for day in sorted({*+rows, *+lost}) if day in covered}


def _clip(days: Days, to: Days) -> Days:
    return Days(max(days.first, to.first), min(days.last, to.last))


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
