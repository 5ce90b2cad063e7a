"""What syncs are expected to cost, told from the user objects alone: no post has to be bought for that.

X tells how many posts an account has made and since when, but neither when they were made nor what they refer to. So
each number is a range. Its lower end takes posts to be spread evenly over the account's life, and to refer to no
others. Its upper end takes the account to have posted `BUSIER` times as often in the time that is read, and every post
to bring the one that it answers, quotes or repeats. Whoever has posted still more lately pays more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from source_x_organic.instants import utc_instant
from source_x_organic.usage.prices import AS_OF, LISTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

DAY = timedelta(days=1)
DAYS_A_MONTH = 30

BUSIER = 3
"""How many times as often as on average an account may have posted lately."""

IN_WORDS = "three times as often"

MOST_SHOWN = 3_200
"""Posts that X shows of an account."""

PRIVATE_DAYS = 30
"""Age in days up to which X shows private counters."""

DIGITS = 2
"""Digits of a number of posts that mean something."""


@dataclass(frozen=True)
class Windows:
    """How far back syncs read.

    Attributes:
        now: The instant of the check.
        start: The first instant of the timeframe.
        lookback_days: What `tweets` reads again.
        insights_days: What `tweet_insights` reads again.
        snapshot_days: What the daily report reads again, 0 where it is made of something else.
        lists_anew: Whether some report lists the posts of the whole timeframe in every sync.
        newest: How many of the newest posts some report wants in every sync, however old.
    """

    now: datetime
    start: datetime
    lookback_days: int
    insights_days: int
    snapshot_days: int
    lists_anew: bool = False
    newest: int = 0


@dataclass(frozen=True)
class Range:
    """A number that is known to lie about between two."""

    low: int = 0
    high: int = 0

    def __add__(self, other: Range) -> Range:
        """Return the sum of both."""
        return Range(self.low + other.low, self.high + other.high)

    def at_least(self, number: int) -> Range:
        """Return the range of which no end is lower than a number."""
        return Range(max(self.low, number), max(self.high, number))

    @property
    def rounded(self) -> Range:
        """The range with ends that do not look more exact than they are; it is not narrower."""
        return Range(_rounded(self.low, up=False), _rounded(self.high, up=True))

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.low:,}" if self.low == self.high else f"{self.low:,} to {self.high:,}"


@dataclass(frozen=True)
class Expected:
    """What a sync is expected to read.

    Attributes:
        posts: Billable posts, those that are read twice counted twice.
        repeated: How many of them, at most, are read a second time.
        users: Billable users.
    """

    posts: Range = Range()
    repeated: int = 0
    users: int = 0

    def __add__(self, other: Expected) -> Expected:
        """Return what both read."""
        return Expected(self.posts + other.posts, self.repeated + other.repeated, self.users + other.users)

    def price(self, days: int = 1) -> str:
        """Return what so many such syncs cost at list price, in US dollars."""
        posts = self.posts.rounded
        low, high = (f"${days * LISTED.of(posts=each, users=self.users):,.2f}" for each in (posts.low, posts.high))
        return low if low == high else f"{low} to {high}"


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
    most = min(total, MOST_SHOWN)

    def within(days: float) -> Range:
        evenly = total * min(days, age) / age
        return Range(min(most, ceil(evenly)), min(most, ceil(BUSIER * evenly)))

    timeframe_days = (windows.now - windows.start) / DAY
    private_days = max(windows.snapshot_days, min(windows.insights_days, PRIVATE_DAYS)) if is_own else 0
    again_days = max(
        windows.lookback_days,
        windows.insights_days,
        0 if is_own else windows.snapshot_days,
        timeframe_days if windows.lists_anew else 0,
    )
    newest = min(most, windows.newest)
    first = _expected(within(timeframe_days).at_least(newest), within(PRIVATE_DAYS if is_own else 0))
    # Where the window is shorter than the private pass, that one goes on alone.
    return Forecast(first, _expected(within(again_days).at_least(newest), within(private_days)))


def _expected(public: Range, private: Range) -> Expected:
    """Return what both passes bring; the public one brings posts that others refer to as well."""
    posts = Range(public.low + private.low, 2 * public.high + private.high)
    return Expected(posts, min(public.high, private.high), 1)


def cost_lines(forecasts: Iterable[Forecast], ceiling: int | None) -> Iterator[str]:
    """Yield what is expected, with what it rests on; `ceiling` is that of a single sync."""
    found = list(forecasts)
    known = [each for each in found if each.is_known]
    if known:
        first = sum((each.first for each in known), Expected())
        daily = sum((each.daily for each in known), Expected())
        yield from _told(len(known), first, daily)
        if ceiling is not None:
            yield _told_of_ceiling(ceiling, first)
    if len(known) < len(found):
        yield (
            f"Expected cost of {_accounts(len(found) - len(known))} not known: X did not say how many posts there are."
        )


def _told(accounts: int, first: Expected, daily: Expected) -> Iterator[str]:
    yield (
        f"Expected cost of {_accounts(accounts)} at X's list prices of {AS_OF}, if all streams are read: the first "
        f"sync about {first.posts.rounded} posts, {first.price()}; a daily sync about {daily.posts.rounded} posts, "
        f"{daily.price()}, which is {daily.price(DAYS_A_MONTH)} a month."
    )
    yield (
        "The lower numbers hold for accounts that have posted evenly since they were made, and that refer to no other "
        f"posts. The upper ones hold where they have posted {IN_WORDS} lately, and where each post answers, quotes or "
        f"repeats another: that one counts too. X shows {MOST_SHOWN:,} posts of an account at most."
    )
    yield (
        f"Included: {_users(first.users)} a sync, and a second read of your own posts for private metrics, of up to "
        f"{first.repeated:,} in the first sync and {daily.repeated:,} in a daily one. X bills a post once per UTC day, "
        "without a promise, so these may come off. Contracts may have other prices."
    )


def _told_of_ceiling(ceiling: int, first: Expected) -> str:
    dearest = LISTED.of(posts=ceiling, users=first.users)
    syncs = Range(max(1, ceil(first.posts.low / ceiling)), max(1, ceil(first.posts.high / ceiling)))
    return (
        f"max_post_reads_per_sync lets no sync cost more than ${dearest:,.2f}. What the first one is to read takes "
        f"about {syncs} syncs then."
    )


def _rounded(number: int, *, up: bool) -> int:
    if number < 10**DIGITS:
        return number
    unit = int(10 ** (floor(log10(number)) + 1 - DIGITS))
    return (-(-number // unit) if up else number // unit) * unit


def _users(number: int) -> str:
    return f"{number:,} user read{'' if number == 1 else 's'}"


def _accounts(number: int) -> str:
    return f"{number} account{'' if number == 1 else 's'}"
