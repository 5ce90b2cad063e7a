"""A little world whose counters are known at every instant, and somebody who takes snapshots of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from source_x_organic.snapshots.counters import COUNTERS, PRIVATE, Counters
from source_x_organic.snapshots.state import SNAPSHOTS
from source_x_organic.snapshots.tracking import AccountSnapshots, DayGrowth, Seen, advanced
from source_x_organic.snowflakes import X_EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)

ONLY_PRIVATE = frozenset(range(COUNTERS.index("engagements") + 1))
"""Places of the counters that only the private pass tells."""


def instant(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return an instant of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def counters(*values: int | None) -> Counters:
    """Return counters that begin with these, the others 0."""
    return values + (0,) * (len(COUNTERS) - len(values))


@dataclass(frozen=True)
class Post:
    """A post; `events` are (age, place of the counter, by how much it changes)."""

    number: int
    created_at: datetime
    events: tuple[tuple[timedelta, int, int], ...] = ()
    has_link: bool = True

    @property
    def id(self) -> str:
        """Its id, with the instant in it."""
        return str(((self.created_at - X_EPOCH) // MILLISECOND << 22) + self.number)

    def counters(self, at: datetime) -> Counters:
        """Return what its counters are at an instant; none falls below 0."""
        sums = [0] * len(COUNTERS)
        for age, place, change in sorted(self.events):
            if self.created_at + age <= at:
                sums[place] = max(0, sums[place] + change)
        links = COUNTERS.index("url_clicks")
        return tuple(None if place == links and not self.has_link else value for place, value in enumerate(sums))

    def seen(self, at: datetime, *, source: str = PRIVATE, unknown: Collection[int] = ()) -> Seen:
        """Return what a snapshot shows of it, less the counters in the places of `unknown`."""
        shown = (None if place in unknown else value for place, value in enumerate(self.counters(at)))
        return Seen(self.created_at, tuple(shown), source)


def seen(posts: Iterable[Post], at: datetime) -> dict[str, Seen]:
    """Return what a snapshot shows of posts; X knows no post before it is made."""
    return {post.id: post.seen(at) for post in posts if post.created_at <= at}


def through_json(state: AccountSnapshots) -> AccountSnapshots:
    """Return a state as it comes back from Airbyte."""
    return SNAPSHOTS.parse("organic_report", json.loads(json.dumps(SNAPSHOTS.format({"7": state}))))["7"]


@dataclass
class Report:
    """The table that the rows of all syncs leave behind: of each key the last version."""

    state: AccountSnapshots = field(default_factory=AccountSnapshots)
    rows: dict[tuple[str, date], DayGrowth] = field(default_factory=dict)
    between: Callable[[AccountSnapshots], AccountSnapshots] = through_json

    def sync(self, seen: dict[str, Seen], now: datetime) -> list[DayGrowth]:
        """Take a snapshot and return the rows that it makes."""
        state, rows = advanced(self.between(self.state), seen, now)
        self.state = state
        self.rows.update(((row.tweet_id, row.day), row) for row in rows)
        return rows

    def sums(self, tweet_id: str) -> Counters:
        """Return what a post's rows add up to; None for a metric that is null in all."""
        totals = [row.totals for (of, _), row in self.rows.items() if of == tweet_id] or [(None,) * len(COUNTERS)]
        return tuple(
            sum(value for value in values if value is not None) if any(value is not None for value in values) else None
            for values in zip(*totals, strict=True)
        )
