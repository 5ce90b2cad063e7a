"""What syncs are expected to cost follows from the user objects, in numbers that hold for accounts that post evenly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.usage.estimate import Expected, Forecast, Range, Windows, cost_lines, forecast

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def windows(
    *,
    days: int = 90,
    lookback: int = 7,
    insights: int = 30,
    snapshots: int = 30,
    lists_anew: bool = False,
    newest: int = 0,
) -> Windows:
    return Windows(NOW, NOW - timedelta(days=days), lookback, insights, snapshots, lists_anew, newest)


def expected(low: int, high: int, repeated: int) -> Expected:
    return Expected(Range(low, high), repeated, 1)


def user(posts: int | None, days: float) -> dict[str, Any]:
    made = (NOW - timedelta(days=days)).isoformat()
    return {"id": "7", "created_at": made, "public_metrics": {} if posts is None else {"tweet_count": posts}}


@pytest.mark.parametrize(
    ("posts", "days", "first", "daily"),
    [
        # Two posts a day: 90 days once and 30 twice at first, then 30 days twice. At most three times as many, and each
        # with another.
        (2_000, 1_000, expected(240, 1_260, 180), expected(120, 540, 180)),
        # X shows no more than 3,200.
        (100_000, 1_000, expected(6_200, 9_600, 3_200), expected(6_000, 9_600, 3_200)),
        (1_000_000, 1_000, expected(6_400, 9_600, 3_200), expected(6_400, 9_600, 3_200)),
        # A young account has nothing older than itself.
        (40, 10, expected(80, 120, 40), expected(80, 120, 40)),
        (3, 0.1, expected(6, 9, 3), expected(6, 9, 3)),
        (0, 100, expected(0, 0, 0), expected(0, 0, 0)),
    ],
)
def test_the_posts_of_an_account_are_spread_over_its_life_or_have_come_lately(
    posts: int, days: float, first: Expected, daily: Expected
) -> None:
    assert forecast(user(posts, days), windows(), is_own=True) == Forecast(first, daily)


@pytest.mark.parametrize(
    ("what", "is_own", "daily"),
    [
        (windows(insights=10, snapshots=0), True, expected(40, 180, 60)),
        # The daily report reads the rest of the 30 days in the private pass alone, or their public counters alone.
        (windows(insights=10), True, expected(80, 300, 60)),
        (windows(insights=10), False, expected(60, 360, 0)),
        (windows(insights=3, lookback=20, snapshots=0), False, expected(40, 240, 0)),
        (windows(insights=90), True, expected(240, 1_260, 180)),
        # Reports may list posts anew.
        (windows(insights=10, snapshots=0, lists_anew=True), True, expected(200, 1_140, 60)),
        (windows(insights=10, snapshots=0, newest=50), True, expected(70, 180, 60)),
        (windows(insights=10, snapshots=0, newest=9_000), False, expected(2_000, 4_000, 0)),
    ],
)
def test_a_daily_sync_reads_what_some_stream_reads_again(*, what: Windows, is_own: bool, daily: Expected) -> None:
    assert forecast(user(2_000, 1_000), what, is_own=is_own).daily == daily


@given(
    posts=st.integers(0, 10_000),
    days=st.floats(0, 5_000),
    insights=st.integers(1, 3_650),
    reached=st.integers(1, 3_650),
    is_own=st.booleans(),
)
def test_the_ends_of_a_range_are_in_order_and_more_is_never_cheaper(
    *, posts: int, days: float, insights: int, reached: int, is_own: bool
) -> None:
    found = forecast(user(posts, days), windows(days=reached, insights=insights), is_own=is_own)
    more = forecast(user(posts + 1, days), windows(days=reached + 1, insights=insights + 1), is_own=is_own)
    for less, larger in ((found.first, more.first), (found.daily, more.daily)):
        assert less.posts.low <= less.posts.high
        assert less.posts.rounded.low <= less.posts.low
        assert less.posts.rounded.high >= less.posts.high
        assert less.posts.low <= larger.posts.low
        assert less.posts.high <= larger.posts.high


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 0, "0"),
        (7, 99, "7 to 99"),
        (686, 1_286, "680 to 1,300"),
        (100, 101, "100 to 110"),
        (990, 9_901, "990 to 10,000"),
    ],
)
def test_a_range_says_no_more_than_is_known(low: int, high: int, words: str) -> None:
    assert str(Range(low, high).rounded) == words


@pytest.mark.parametrize("told", [{}, {"public_metrics": {"tweet_count": 5}}, {"created_at": "2020-01-01T00:00:00Z"}])
def test_an_account_of_which_x_tells_too_little_is_named_as_such(told: dict[str, Any]) -> None:
    found = forecast(told, windows(), is_own=True)
    assert found == Forecast(Expected(users=1), Expected(users=1), is_known=False)
    assert list(cost_lines([found], 100)) == [
        "Expected cost of 1 account not known: X did not say how many posts there are."
    ]


def test_it_is_told_in_dollars_with_what_it_rests_on() -> None:
    own = forecast(user(2_000, 1_000), windows(), is_own=True)
    other = forecast(user(2_000, 1_000), windows(), is_own=False)
    cost, rests_on, included, ceiling = cost_lines([own, other], 100)
    assert cost == (
        "Expected cost of 2 accounts at X's list prices of August 2026, if all streams are read: the first sync about "
        "420 to 2,400 posts, $2.12 to $12.02; a daily sync about 180 to 900 posts, $0.92 to $4.52, which is $27.60 to "
        "$135.60 a month."
    )
    assert rests_on == (
        "The lower numbers hold for accounts that have posted evenly since they were made, and that refer to no other "
        "posts. The upper ones hold where they have posted three times as often lately, and where each post answers, "
        "quotes or repeats another: that one counts too. X shows 3,200 posts of an account at most."
    )
    assert included == (
        "Included: 2 user reads a sync, and a second read of your own posts for private metrics, of up to 180 in the "
        "first sync and 180 in a daily one. X bills a post once per UTC day, without a promise, so these may come off. "
        "Contracts may have other prices."
    )
    assert ceiling == (
        "max_post_reads_per_sync lets no sync cost more than $0.52. What the first one is to read takes about 5 to 24 "
        "syncs then."
    )


def test_nothing_is_told_of_no_account() -> None:
    assert list(cost_lines([], None)) == []
