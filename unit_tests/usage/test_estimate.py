"""What syncs are expected to cost follows from the user objects, in numbers that hold for accounts that post evenly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from source_x_organic.usage.estimate import Expected, Forecast, Windows, cost_lines, forecast

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def windows(*, days: int = 90, lookback: int = 7, insights: int = 30, snapshots: int = 30) -> Windows:
    return Windows(NOW, NOW - timedelta(days=days), lookback, insights, snapshots)


def user(posts: int | None, days: float) -> dict[str, Any]:
    made = (NOW - timedelta(days=days)).isoformat()
    return {"id": "7", "created_at": made, "public_metrics": {} if posts is None else {"tweet_count": posts}}


@pytest.mark.parametrize(
    ("posts", "days", "first", "daily"),
    [
        # Two posts a day: 90 days once and 30 twice at first, then 30 days twice.
        (2_000, 1_000, Expected(240, 60, 1), Expected(120, 60, 1)),
        # X shows no more than 3,200.
        (100_000, 1_000, Expected(6_200, 3_000, 1), Expected(6_000, 3_000, 1)),
        (1_000_000, 1_000, Expected(6_400, 3_200, 1), Expected(6_400, 3_200, 1)),
        # A young account has nothing older than itself.
        (40, 10, Expected(80, 40, 1), Expected(80, 40, 1)),
        (3, 0.1, Expected(6, 3, 1), Expected(6, 3, 1)),
        (0, 100, Expected(0, 0, 1), Expected(0, 0, 1)),
    ],
)
def test_the_posts_of_an_account_are_spread_over_its_life(
    posts: int, days: float, first: Expected, daily: Expected
) -> None:
    assert forecast(user(posts, days), windows(), is_own=True) == Forecast(first, daily)


@pytest.mark.parametrize(
    ("what", "is_own", "daily"),
    [
        (windows(insights=10, snapshots=0), True, Expected(40, 20, 1)),
        # The daily report reads the rest of the 30 days in the private pass alone, or their public counters alone.
        (windows(insights=10), True, Expected(80, 20, 1)),
        (windows(insights=10), False, Expected(60, 0, 1)),
        (windows(insights=3, lookback=20, snapshots=0), False, Expected(40, 0, 1)),
        (windows(insights=90), True, Expected(240, 60, 1)),
    ],
)
def test_a_daily_sync_reads_what_some_stream_reads_again(*, what: Windows, is_own: bool, daily: Expected) -> None:
    assert forecast(user(2_000, 1_000), what, is_own=is_own).daily == daily


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
    cost, assumed, ceiling = cost_lines([own, other], 100)
    assert cost == (
        "Expected cost of 2 accounts at X's list prices of August 2026, if all streams are read: the first sync about "
        "420 posts and 2 users, $2.12; a daily sync about 180 posts and 2 users, $0.92, which is $27.60 a month."
    )
    assert "may take off 60 and 60 posts" in assumed
    assert ceiling == (
        "max_post_reads_per_sync lets no sync cost more than $0.52. What the first one is to read takes about 5 syncs "
        "then."
    )


def test_nothing_is_told_of_no_account() -> None:
    assert list(cost_lines([], None)) == []
