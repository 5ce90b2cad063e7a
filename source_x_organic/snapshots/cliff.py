"""Whether snapshots come so seldom that posts pass their 30 days without a last one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from source_x_organic.snapshots.tracking import TRACKED_FOR, oldest_tracked
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from datetime import datetime

    from source_x_organic.snapshots.tracking import AccountSnapshots

LONGEST_PAUSE = timedelta(days=2)
"""Time between two snapshots that costs a post hardly more than its last day."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cliff:
    """What a pause cost.

    Attributes:
        pause_days: Whole days since the last snapshot.
        posts: How many posts passed their 30 days in the pause.
        days_lost: The most days of figures that any of them lost, a day that was begun counted whole.
    """

    pause_days: int
    posts: int
    days_lost: int


def cliff(before: AccountSnapshots, now: datetime) -> Cliff | None:
    """Return what the pause before a snapshot at `now` cost, or None where it was no longer than two days.

    Posts that the last snapshot did not see either, deleted ones above all, are not counted.
    """
    if before.taken_at is None or now - before.taken_at <= LONGEST_PAUSE:
        return None
    oldest = oldest_tracked(now)
    ends = [
        created_at + TRACKED_FOR
        for tweet_id, tracked in before.tweets.items()
        if tracked.seen_at == before.taken_at and (created_at := created_at_of(tweet_id)) and created_at < oldest
    ]
    lost = max((end - before.taken_at for end in ends), default=timedelta())
    return Cliff((now - before.taken_at) // _DAY, len(ends), -(-lost // _DAY))
