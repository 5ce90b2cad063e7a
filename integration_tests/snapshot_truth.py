"""What `organic_report` must hold when it is made of snapshots, told from the invented world's counters alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from integration_tests import truth
from source_x_organic.reports.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from x_simulator import World
    from x_simulator.posts import Post

Row = dict[str, Any]
Counts = dict[str, int | None]

DAY = timedelta(days=1)
TRACKED = timedelta(days=30) - timedelta(minutes=1)
"""The connector keeps a minute from the end of the 30 days."""

EXACT = timedelta(hours=2)
ORGANIC = {
    "impressions": "impression_count",
    "likes": "like_count",
    "replies": "reply_count",
    "retweets": "retweet_count",
    "url_clicks": "url_link_clicks",
    "user_profile_clicks": "user_profile_clicks",
}
SHARED = {"quote_tweets": "quote_count", "bookmarks": "bookmark_count"}
PUBLIC = {name: ORGANIC[name] for name in ("impressions", "likes", "replies", "retweets")} | SHARED
METRICS = (*ORGANIC, "engagements", *SHARED)


def counts(world: World, post_id: str, now: datetime, *, is_own: bool = True) -> Counts:
    """Return a post's counters at an instant, under the report's names."""
    counters = world.counters(post_id, now)
    public = counters.public_metrics
    if not is_own:
        return dict.fromkeys(METRICS) | {name: public[its] for name, its in PUBLIC.items()}
    return {
        **{name: counters.organic_metrics.get(its) for name, its in ORGANIC.items()},
        "engagements": counters.non_public_metrics["engagements"],
        **{name: public[its] for name, its in SHARED.items()},
    }


def growth(after: Mapping[str, int | None], before: Mapping[str, int | None]) -> Counts:
    return {name: None if value is None else value - (before[name] or 0) for name, value in after.items()}


@dataclass
class _Life:
    """What is known of a post: its first snapshot (or its creation, with nothing counted) and its last one."""

    start: datetime
    base: Counts
    seen_at: datetime
    seen: Counts


@dataclass
class SnapshotTruth:
    """The report on one account after each snapshot.

    Attributes:
        rows: Whole rows by (tweet_id, date).
        snapshots: The instants so far.
    """

    world: World
    username: str
    is_own: bool = True
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    snapshots: list[datetime] = field(default_factory=list)
    _lives: dict[str, _Life] = field(default_factory=dict)

    def snapshot(self, now: datetime) -> dict[tuple[str, str], Row]:
        """Take in a snapshot at an instant, and return the rows that it makes or changes."""
        self.snapshots.append(now)
        changed: dict[tuple[str, str], Row] = {}
        for post in tracked(self.world, self.username, now):
            life = self._life(post, now)
            after = counts(self.world, str(post.id), now, is_own=self.is_own)
            if life.start < now:
                changed |= self._grown(post, life, after, now)
            life.seen, life.seen_at = after, now
        self.rows |= changed
        return changed

    def observed(self, post_id: str) -> Counts:
        """Return what a post's counters grew by between the first and the last snapshot that saw it."""
        life = self._lives[post_id]
        return growth(life.seen, life.base)

    @property
    def observed_ids(self) -> set[str]:
        """The posts that have rows."""
        return {post_id for post_id, life in self._lives.items() if life.start < life.seen_at}

    def _life(self, post: Post, now: datetime) -> _Life:
        key, made = str(post.id), truth.instant(post.created_ms)
        if key not in self._lives:
            is_known = made >= midnight(self.snapshots[0].date())
            base: Counts = dict.fromkeys(METRICS) if is_known else counts(self.world, key, now, is_own=self.is_own)
            start = made if is_known else now
            self._lives[key] = _Life(start, base, start, base)
        return self._lives[key]

    def _grown(self, post: Post, life: _Life, after: Counts, now: datetime) -> dict[tuple[str, str], Row]:
        grown = growth(after, life.seen)
        changed = {}
        for day in days_between(life.seen_at, now):
            key = (str(post.id), day.isoformat())
            row = self.rows.get(key) or self._empty(post, day, life.start)
            for name, value in grown.items():
                if value is not None:
                    row = row | {name: (row[name] or 0) + part(value, life.seen_at, now, day)}
            row |= {"period_end": truth.in_seconds(min(midnight(day + DAY), now)), "is_final": day < now.date()}
            row["is_estimated"] |= is_estimated(life.seen_at, now, day)
            changed[key] = row
        return changed

    def _empty(self, post: Post, day: date, start: datetime) -> Row:
        return dict.fromkeys(COLUMNS) | {
            "account_id": str(post.account.id),
            "tweet_id": str(post.id),
            "date": day.isoformat(),
            "placement": "ALL_ON_TWITTER",
            "metrics_source": "x_api_metrics" if self.is_own else "x_api_public",
            "period_start": truth.in_seconds(max(midnight(day), start)),
            "is_estimated": False,
        }


def tracked(world: World, username: str, now: datetime) -> list[Post]:
    """Return the posts that a snapshot at an instant is about."""
    posts = world.posts(username, at=now)
    return [post for post in posts if now - truth.instant(post.created_ms) <= TRACKED and post.kind != "retweet"]


def part(value: int, start: datetime, end: datetime, day: date) -> int:
    """Return a day's part of what was counted between two instants: of sums that are rounded, half to even."""

    def so_far(instant: datetime) -> int:
        share = Fraction((min(max(instant, start), end) - start) // timedelta(microseconds=1))
        return round(value * share / ((end - start) // timedelta(microseconds=1)))

    return so_far(midnight(day + DAY)) - so_far(midnight(day))


def is_estimated(start: datetime, end: datetime, day: date) -> bool:
    """Tell whether a day has a share of a time of more than two hours that lies on other days too."""
    with_time = [each for each in days_between(start, end) if midnight(each) < end]
    return len(with_time) > 1 and end - start > EXACT and day in with_time


def days_between(start: datetime, end: datetime) -> Sequence[date]:
    return [start.date() + number * DAY for number in range((end.date() - start.date()).days + 1)]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
