"""Whether snapshots of a post come so seldom that it passes its 30 days without a last one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from source_x_organic.snapshots.tracking import TRACKED_FOR, Fate, oldest_tracked
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from source_x_organic.snapshots.tracking import AccountSnapshots, Tracked

LONGEST_PAUSE = timedelta(days=2)
"""Time between two snapshots that costs a post hardly more than its last day."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cliff:
    """What a pause cost.

    Attributes:
        pause_days: Whole days since the account's last snapshot; None where only some posts had a long pause, because
            snapshots were not of all.
        posts: How many posts passed their 30 days in the pause.
        days_lost: The most days of figures that any of them lost, a day that was begun counted whole.
    """

    pause_days: int | None
    posts: int
    days_lost: int


def cliff(before: AccountSnapshots, now: datetime) -> Cliff | None:
    """Return what the pause before a snapshot at `now` cost, or None where it was long neither for all nor for a post.

    It is measured from each post's own last snapshot to its 30 days. Posts that are known to be gone are not counted.
    """
    if before.taken_at is None:
        return None
    lost = [made + TRACKED_FOR - tracked.seen_at for made, tracked in too_old(before, now) if is_lost(tracked, now)]
    pause = now - before.taken_at
    if pause <= LONGEST_PAUSE and not lost:
        return None
    days_lost = -(-max(lost, default=timedelta()) // _DAY)
    return Cliff(pause // _DAY if pause > LONGEST_PAUSE else None, len(lost), days_lost)


def too_old(before: AccountSnapshots, now: datetime) -> Iterator[tuple[datetime, Tracked]]:
    """Yield the posts that a snapshot at `now` does not track any more, each with when it was made."""
    oldest = oldest_tracked(now)
    for tweet_id, tracked in before.tweets.items():
        made = created_at_of(tweet_id)
        if made is not None and made < oldest:
            yield made, tracked


def is_lost(tracked: Tracked, now: datetime) -> bool:
    """Return whether a post that has become too old was last seen long ago although it was there."""
    return tracked.fate is Fate.THERE and now - tracked.seen_at > LONGEST_PAUSE
