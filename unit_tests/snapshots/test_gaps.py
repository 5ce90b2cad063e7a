"""The rows that snapshots cannot have are counted, each with its reason."""

from __future__ import annotations

from collections import Counter
from datetime import date

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.reports.days import Days
from source_x_organic.snapshots.gaps import Gaps, covered_days, gaps
from source_x_organic.snapshots.tracking import AccountSnapshots, advanced
from unit_tests.snapshots.invented import DAY, HOUR, Post, instant, seen

NOVEMBER = date(2026, 11, 1)
FIRST_DAY = date(2026, 9, 1)


def day(number: int) -> date:
    return NOVEMBER.replace(day=number)


def state(at: int, *posts: Post, before: AccountSnapshots | None = None) -> AccountSnapshots:
    """Return what is left by a snapshot at noon of a day."""
    return advanced(before or AccountSnapshots(), seen(posts, instant(at, 12)), instant(at, 12))[0]


def missing(reason: Reason, **rows: int) -> Counter[tuple[date, Reason]]:
    return Counter({(day(int(name.removeprefix("d"))), reason): count for name, count in rows.items()})


def test_a_first_snapshot_misses_all_that_the_posts_had_earned_and_all_before_them() -> None:
    posts = Post(1, instant(17, 9)), Post(2, instant(19, 23)), Post(3, instant(20, 8))
    found = gaps(AccountSnapshots(), state(20, *posts), (), instant(20, 12), first=FIRST_DAY)
    assert found.covered == Days(date(2026, 10, 21), day(20))
    # The post of the day grows from zero and misses nothing.
    assert found.missing == missing(Reason.OVER_30_DAYS, d17=1, d18=1, d19=2, d20=2)
    assert found.unknown == Days(FIRST_DAY, date(2026, 10, 20))


def test_a_later_snapshot_is_about_the_days_since_the_last_and_misses_nothing() -> None:
    posts = Post(1, instant(17, 9)), Post(2, instant(21, 8))
    before = state(20, *posts)
    after = state(22, *posts, before=before)
    assert gaps(before, after, (), instant(22, 12), first=FIRST_DAY) == Gaps(Days(day(20), day(22)))


def test_a_post_that_is_gone_misses_its_days_for_as_long_as_it_is_tracked() -> None:
    old, gone = Post(1, instant(17, 9)), Post(2, instant(21, 8))
    first = state(21, old, gone)
    second = state(22, old, before=first)
    assert gaps(first, second, (), instant(22, 12), first=FIRST_DAY).missing == missing(Reason.DELETED, d21=1, d22=1)
    third = state(23, old, before=second)
    assert gaps(second, third, (), instant(23, 12), first=FIRST_DAY).missing == missing(Reason.DELETED, d22=1, d23=1)


def test_a_version_that_was_replaced_misses_nothing() -> None:
    old, replaced = Post(1, instant(17, 9)), Post(2, instant(21, 8))
    before = state(21, old, replaced)
    after = state(22, old, before=before)
    assert gaps(before, after, {replaced.id}, instant(22, 12), first=FIRST_DAY).missing == Counter()


def test_a_long_pause_misses_the_last_days_of_posts_that_came_to_their_end_in_it() -> None:
    ending, young = Post(1, instant(1, 12)), Post(2, instant(20))
    before = state(20, ending, young)
    now = instant(20, 12) + 12 * DAY
    after, _ = advanced(before, seen([young], now), now)
    found = gaps(before, after, (), now, first=FIRST_DAY)
    lost = [day(20) + number * DAY for number in range(1, 12)]
    assert found.missing == Counter({(each, Reason.OVER_30_DAYS): 1 for each in lost})
    assert lost[-1] == (instant(1, 12) + 30 * DAY).date()
    assert found.covered == Days(day(20), now.date())


def test_a_short_pause_costs_a_post_hardly_more_than_its_last_hours_and_no_row() -> None:
    ending = Post(1, instant(1, 12))
    before = advanced(AccountSnapshots(), seen([ending], instant(30, 12)), instant(30, 12))[0]
    now = instant(30, 12) + 26 * HOUR
    after, _ = advanced(before, {}, now)
    assert gaps(before, after, (), now, first=FIRST_DAY).missing == Counter()


def test_a_snapshot_is_about_the_days_since_the_last_one() -> None:
    assert covered_days(state(20), instant(23, 1)) == Days(day(20), day(23))
