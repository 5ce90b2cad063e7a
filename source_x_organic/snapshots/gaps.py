"""Which rows snapshots cannot have: before the first one, of posts that are gone, and of pauses that were too long."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.reports.days import Days
from source_x_organic.snapshots.cliff import cliff
from source_x_organic.snapshots.tracking import TRACKED_FOR, oldest_tracked
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from source_x_organic.snapshots.tracking import AccountSnapshots

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Gaps:
    """What one snapshot of an account leaves open.

    Attributes:
        covered: The days that it is about.
        missing: Rows that are missing, by day and reason.
        unknown: Days before all that is known, whose rows nobody can count; empty but for a first snapshot.
    """

    covered: Days
    missing: Counter[tuple[date, Reason]] = field(default_factory=Counter)
    unknown: Days | None = None


def covered_days(before: AccountSnapshots, now: datetime) -> Days:
    """Return the days that a snapshot at `now` is about: since the last one, or as far as posts are tracked."""
    return Days(_day(before.taken_at or oldest_tracked(now)), _day(now))


def gaps(
    before: AccountSnapshots, after: AccountSnapshots, replaced: Collection[str], now: datetime, *, first: date
) -> Gaps:
    """Return the gaps of a snapshot at `now`.

    `replaced` are older versions of posts; `first` is the first day of the timeframe.
    """
    covered = covered_days(before, now)
    if before.taken_at is None:
        return Gaps(covered, _base_line(after, covered), Days(first, covered.first - _DAY))
    missing = Counter({**_too_old(before, now)})
    for post_id, tracked in after.tweets.items():
        made = created_at_of(post_id)
        if tracked.seen_at < now and post_id not in replaced and made is not None:
            missing.update((day, Reason.DELETED) for day in Days(max(covered.first, _day(made)), covered.last))
    return Gaps(covered, missing)


def _base_line(after: AccountSnapshots, covered: Days) -> Counter[tuple[date, Reason]]:
    """Return the rows of posts that a first snapshot finds: what they earned by then cannot be known."""
    missing: Counter[tuple[date, Reason]] = Counter()
    for post_id, tracked in after.tweets.items():
        made = created_at_of(post_id)
        if tracked.base is not None and made is not None:
            missing.update((day, Reason.OVER_30_DAYS) for day in Days(_day(made), covered.last))
    return missing


def _too_old(before: AccountSnapshots, now: datetime) -> Counter[tuple[date, Reason]]:
    """Return the last rows of posts that came to their 30 days in a long pause."""
    missing: Counter[tuple[date, Reason]] = Counter()
    if before.taken_at is None or cliff(before, now) is None:
        return missing
    for post_id, tracked in before.tweets.items():
        made = created_at_of(post_id)
        if made is not None and made < oldest_tracked(now) and tracked.seen_at == before.taken_at:
            lost = Days(_day(before.taken_at) + _DAY, _day(made + TRACKED_FOR))
            missing.update((day, Reason.OVER_30_DAYS) for day in lost)
    return missing


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
