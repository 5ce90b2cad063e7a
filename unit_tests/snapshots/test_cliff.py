"""A pause that costs posts their last days is told with what it cost."""

from __future__ import annotations

from datetime import timedelta

from source_x_organic.progress.coverage import Span
from source_x_organic.snapshots.cliff import Cliff, cliff
from source_x_organic.snapshots.tracking import AccountSnapshots, advanced
from unit_tests.snapshots.invented import DAY, HOUR, Post, instant, seen

TAKEN_AT = instant(28, 12)
AT_THE_END = Post(1, instant(1, 12))
"""A post that has three days less a minute left at the last snapshot."""


def state(*posts: Post) -> AccountSnapshots:
    return advanced(AccountSnapshots(), seen(posts, TAKEN_AT), TAKEN_AT)[0]


def test_a_pause_of_two_days_is_no_finding() -> None:
    assert cliff(state(AT_THE_END), TAKEN_AT + 2 * DAY) is None
    assert cliff(AccountSnapshots(), TAKEN_AT) is None


def test_a_longer_pause_is_one_even_where_no_post_came_to_its_end() -> None:
    assert cliff(state(AT_THE_END), TAKEN_AT + 2 * DAY + timedelta(seconds=1)) == Cliff(2, posts=0, days_lost=0)
    assert cliff(state(), TAKEN_AT + 9 * DAY) == Cliff(9, posts=0, days_lost=0)


def test_a_pause_over_the_end_of_posts_tells_how_many_and_the_most_days_that_one_lost() -> None:
    before = state(AT_THE_END, Post(2, instant(2, 11)), Post(3, instant(9)))

    assert cliff(before, TAKEN_AT + 3 * DAY) == Cliff(3, posts=1, days_lost=3)
    assert cliff(before, TAKEN_AT + 6 * DAY) == Cliff(6, posts=2, days_lost=4)
    assert cliff(before, TAKEN_AT + 40 * DAY) == Cliff(40, posts=3, days_lost=11)


def test_posts_that_were_gone_before_the_pause_are_not_counted() -> None:
    before, _ = advanced(state(AT_THE_END), {}, TAKEN_AT + HOUR)

    assert cliff(before, TAKEN_AT + 6 * DAY) == Cliff(5, posts=0, days_lost=0)


def test_snapshots_of_some_posts_only_are_no_snapshots_of_the_others() -> None:
    others = Post(2, instant(9)), Post(3, instant(27))
    before, now = state(AT_THE_END, *others), TAKEN_AT + 2 * DAY
    after, _ = advanced(before, seen(others, now), now, read=(Span(instant(9), now),))

    assert cliff(after, now + DAY - HOUR) is None
    assert cliff(after, now + DAY) == Cliff(None, posts=1, days_lost=3)
    assert cliff(after, now + 3 * DAY) == Cliff(3, posts=1, days_lost=3)


def test_posts_that_were_looked_for_and_gone_are_not_counted_after_any_snapshot() -> None:
    at = TAKEN_AT + HOUR
    before, _ = advanced(state(AT_THE_END), {}, at, read=(Span(instant(1), at),))
    after, _ = advanced(before, {}, at + DAY, read=(Span(instant(20), at + DAY),))

    assert cliff(after, at + 3 * DAY) is None
