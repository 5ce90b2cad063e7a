"""Two reports become one listing; posts that are named bound it by what their ids tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from source_x_organic.progress.coverage import BEGINNING, Span
from source_x_organic.progress.feeds import Horizon
from source_x_organic.snowflakes import X_EPOCH
from source_x_organic.x_api.listings import Listing, Wish, of_named

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
EARLY = Span(NOW - timedelta(days=300), NOW - timedelta(days=200))
LATE = Span(NOW - timedelta(days=9), NOW)


def id_at(instant: datetime) -> str:
    return str(((instant - X_EPOCH) // timedelta(milliseconds=1)) << 22)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Wish(), Wish(), Wish()),
        (Wish(timeframe=True), Wish(newest=7), Wish(timeframe=True, newest=7)),
        (Wish(newest=9), Wish(newest=7, media=True), Wish(newest=9, media=True)),
        (Wish(named=(LATE,), media=True), Wish(), Wish(named=(LATE,), media=True)),
        (Wish(named=(LATE,)), Wish(named=(EARLY,)), Wish(named=(EARLY, LATE))),
        (Wish(named=(LATE,)), Wish(named=(Span(EARLY.start, NOW),)), Wish(named=(Span(EARLY.start, NOW),))),
    ],
)
def test_two_wishes_become_the_least_that_serves_both(one: Wish, other: Wish, both: Wish) -> None:
    assert one | other == both
    assert other | one == both


@pytest.mark.parametrize(
    ("wish", "is_something"),
    [
        (Wish(), False),
        (Wish(media=True), False),
        (Wish(timeframe=True), True),
        (Wish(newest=1), True),
        (Wish(named=(EARLY,)), True),
    ],
)
def test_a_wish_without_posts_is_none(wish: Wish, *, is_something: bool) -> None:
    assert bool(wish) is is_something


def test_posts_that_are_named_are_looked_for_from_the_oldest_to_the_newest() -> None:
    oldest, newest = NOW - timedelta(days=300, milliseconds=1), NOW - timedelta(days=9)
    ids = [id_at(newest), id_at(oldest), id_at(NOW - timedelta(days=30)), id_at(NOW + timedelta(days=1)), "20"]
    span = Span(NOW - timedelta(days=300, seconds=1), newest + timedelta(seconds=1))
    assert of_named(ids, NOW) == Wish(media=True, named=(span,))


def test_posts_of_a_time_to_come_and_posts_that_tell_no_time_are_not_looked_for() -> None:
    assert of_named([id_at(NOW + timedelta(days=1)), "20"], NOW) == Wish()
    assert of_named([], NOW) == Wish()


HORIZON = Horizon.of(NOW, start=NOW - timedelta(days=9), lookback_days=7, insights_days=30)


def listing(*read: Span, posts: int = 0) -> Listing:
    """Return a listing that has read some spans, and a post of each of the last days."""
    found = Listing(Wish(timeframe=True), (), HORIZON)
    found.created = {id_at(made): made for made in (NOW - timedelta(days=day, hours=1) for day in range(posts))}
    found._seen = set(found.created)
    for span in read:
        found.checkpoint(span)
    list(found.rows_at_the_end())
    return found


@pytest.mark.parametrize(
    ("read", "posts", "wish", "is_known"),
    [
        ((), 0, Wish(), True),
        ((LATE,), 9, Wish(timeframe=True), True),
        ((Span(LATE.start + timedelta(days=1), NOW),), 9, Wish(timeframe=True), False),
        (
            (Span(LATE.start, NOW - timedelta(days=4)), Span(NOW - timedelta(days=3), NOW)),
            9,
            Wish(timeframe=True),
            False,
        ),
        # The newest are those down from now, without a gap.
        ((LATE,), 9, Wish(newest=9), True),
        ((LATE,), 9, Wish(newest=10), False),
        ((Span(BEGINNING, NOW),), 9, Wish(newest=10), True),
        ((Span(BEGINNING, NOW - timedelta(days=1)),), 9, Wish(newest=3), False),
        ((EARLY, Span(NOW - timedelta(days=3), NOW)), 9, Wish(newest=4), False),
        ((EARLY, Span(NOW - timedelta(days=3), NOW)), 9, Wish(newest=3), True),
        ((), 9, Wish(newest=1), False),
        ((EARLY,), 0, Wish(named=(EARLY,)), True),
        ((LATE,), 0, Wish(named=(Span(NOW - timedelta(days=1), NOW + timedelta(seconds=1)),)), True),
        ((LATE,), 0, Wish(named=(EARLY, LATE)), False),
    ],
)
def test_a_wish_is_known_when_nothing_of_it_is_unread(
    read: tuple[Span, ...], posts: int, wish: Wish, *, is_known: bool
) -> None:
    assert listing(*read, posts=posts).knows(wish) is is_known
