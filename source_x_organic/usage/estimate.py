"""What syncs are expected to cost, told from the user objects alone: no post has to be bought for that.

An account's posts are taken to be spread evenly over its life. That is wrong for most accounts and right enough to tell
five dollars from five hundred; whoever posts more than ever before pays more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from source_x_organic.instants import utc_instant
from source_x_organic.usage.prices import AS_OF, LISTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

DAY = timedelta(days=1)
DAYS_A_MONTH = 30

MOST_SHOWN = 3_200
"""Posts that X shows of an account."""

PRIVATE_DAYS = 30
"""Age in days up to which X shows private counters."""


@dataclass(frozen=True)
class Windows:
    """How far back syncs read.

    Attributes:
        now: The instant of the check.
        start: The first instant of the timeframe.
        lookback_days: What `tweets` reads again.
        insights_days: What `tweet_insights` reads again.
        snapshot_days: What the daily report reads again, 0 where it is made of something else.
    """

    now: datetime
    start: datetime
    lookback_days: int
    insights_days: int
    snapshot_days: int


@dataclass(frozen=True)
class Expected:
    """What a sync is expected to read.

    Attributes:
        posts: Billable posts, those that are read twice counted twice.
        repeated: Those of them that are read a second time.
        users: Billable users.
    """

    posts: int = 0
    repeated: int = 0
    users: int = 0

    def __add__(self, other: Expected) -> Expected:
        """Return what both read."""
        return Expected(self.posts + other.posts, self.repeated + other.repeated, self.users + other.users)

    @property
    def price(self) -> float:
        """What it costs at list price, in US dollars."""
        return float(LISTED.of(posts=self.posts, users=self.users))


@dataclass(frozen=True)
class Forecast:
    """What a first sync and a daily one are expected to read of an account; `is_known` if X told its posts."""

    first: Expected
    daily: Expected
    is_known: bool = True


def forecast(user: Mapping[str, Any], windows: Windows, *, is_own: bool) -> Forecast:
    """Return what is expected of an account, from X's user object; all streams are taken to be read."""
    metrics = user.get("public_metrics") or {}
    total: int | None = metrics.get("tweet_count", metrics.get("post_count"))
    made = utc_instant(user.get("created_at"))
    if total is None or made is None:
        nothing = Expected(users=1)
        return Forecast(nothing, nothing, is_known=False)
    age = max((windows.now - made) / DAY, 1.0)

    def within(days: float) -> int:
        return min(total or 0, MOST_SHOWN, ceil((total or 0) * min(days, age) / age))

    private_days = max(windows.snapshot_days, min(windows.insights_days, PRIVATE_DAYS)) if is_own else 0
    again_days = max(windows.lookback_days, windows.insights_days, 0 if is_own else windows.snapshot_days)
    first, again = within((windows.now - windows.start) / DAY), within(again_days)
    # Where the window is shorter than the private pass, that one goes on alone.
    return Forecast(_expected(first, within(PRIVATE_DAYS) if is_own else 0), _expected(again, within(private_days)))


def _expected(whole: int, private: int) -> Expected:
    return Expected(whole + private, min(whole, private), 1)


def cost_lines(forecasts: Iterable[Forecast], ceiling: int | None) -> Iterator[str]:
    """Yield what is expected, with what it rests on; `ceiling` is that of a single sync."""
    found = list(forecasts)
    known = [each for each in found if each.is_known]
    if known:
        first = sum((each.first for each in known), Expected())
        daily = sum((each.daily for each in known), Expected())
        yield from _told(len(known), first, daily)
        if ceiling is not None:
            dearest = float(LISTED.of(posts=ceiling, users=first.users))
            syncs = max(1, ceil(first.posts / ceiling))
            yield (
                f"max_post_reads_per_sync lets no sync cost more than ${dearest:,.2f}. What the first one is to read "
                f"takes about {syncs:,} syncs then."
            )
    if len(known) < len(found):
        yield (
            f"Expected cost of {_accounts(len(found) - len(known))} not known: X did not say how many posts there are."
        )


def _told(accounts: int, first: Expected, daily: Expected) -> Iterator[str]:
    monthly = daily.price * DAYS_A_MONTH
    yield (
        f"Expected cost of {_accounts(accounts)} at X's list prices of {AS_OF}, if all streams are read: the first "
        f"sync about {first.posts:,} posts and {first.users:,} users, ${first.price:,.2f}; a daily sync about "
        f"{daily.posts:,} posts and {daily.users:,} users, ${daily.price:,.2f}, which is ${monthly:,.2f} a month."
    )
    yield (
        f"Assumed: accounts have posted evenly since they were made, and X shows {MOST_SHOWN:,} posts of each at most. "
        "The posts that theirs answer, quote or repeat come on top: one for each that does. X bills a post once per "
        f"UTC day, without a promise: that may take off {first.repeated:,} and {daily.repeated:,} posts, which are "
        "read twice for private metrics. Contracts may have other prices."
    )


def _accounts(number: int) -> str:
    return f"{number} account{'' if number == 1 else 's'}"
