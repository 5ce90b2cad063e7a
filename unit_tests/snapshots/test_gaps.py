"""The rows that snapshots have and cannot have are counted by day, each missing one with its reason."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.progress.coverage import Span
from source_x_organic.reports.days import Days
from source_x_organic.snapshots.gaps import Gaps, covered_days, gaps, with_open_days
from source_x_organic.snapshots.tracking import AccountSnapshots, Ended, advanced
from unit_tests.snapshots.invented import DAY, HOUR, Post, instant, seen, through_json

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

NOVEMBER = date(2026, 11, 1)
FIRST_DAY = date(2026, 9, 1)
EARLIER = Days(FIRST_DAY, date(2026, 10, 20))
"""Days before those that a first snapshot on 20 November knows anything of."""


def day(number: int) -> date:
    return NOVEMBER + (number - 1) * DAY


class Account:
    """Snapshots of an account, and the table that what they tell of each day leaves behind."""

    def __init__(self) -> None:
        self.state = AccountSnapshots()
        self.rows: dict[date, int] = {}
        self.missing: dict[date, dict[Reason, int]] = {}
        self.keys: set[tuple[str, date]] = set()

    def snapshot(
        self, now: datetime, *posts: Post, read: Collection[Span] | None = None, replaced: Collection[str] = ()
    ) -> Gaps:
        """Take a snapshot; `read` is the time that it is of, None for all."""
        shown = [post for post in posts if read is None or any(post.created_at in span for span in read)]
        spans = None if read is None else tuple(read)
        before = through_json(self.state)
        after, grown = advanced(before, seen(shown, now), now, read=spans, replaced=replaced)
        found = gaps(before, after, now, first=FIRST_DAY, is_whole=read is None)
        self.state = with_open_days(before, after, now, is_whole=read is None)
        self.keys |= {(row.tweet_id, row.day) for row in grown}
        for each in covered_days(before, now):
            self.rows[each] = found.rows[each]
            self.missing[each] = {reason: count for (of, reason), count in found.missing.items() if of == each}
        return found


def at_noon(number: int) -> datetime:
    return instant(1, 12) + (number - 1) * DAY


def missing(reason: Reason, **rows: int) -> Counter[tuple[date, Reason]]:
    return Counter({(day(int(name.removeprefix("d"))), reason): count for name, count in rows.items()})


def rows(**counts: int) -> Counter[date]:
    return Counter({day(int(name.removeprefix("d"))): count for name, count in counts.items()})


OLD, LATE, NEW = Post(1, instant(17, 9)), Post(2, instant(19, 23)), Post(3, instant(20, 8))


def test_a_first_snapshot_misses_all_that_the_posts_had_earned_and_all_before_them() -> None:
    found = Account().snapshot(at_noon(20), OLD, LATE, NEW)

    # The post of the day grows from zero and misses nothing.
    assert found.missing == missing(Reason.OVER_30_DAYS, d17=1, d18=1, d19=2, d20=2)
    assert found.rows == rows(d20=1)
    assert found.unknown == EARLIER


def test_a_second_snapshot_of_the_day_brings_the_rows_of_that_day() -> None:
    account = Account()
    account.snapshot(at_noon(20), OLD, NEW)
    found = account.snapshot(at_noon(20) + HOUR, OLD, NEW)

    assert (found.rows, found.missing) == (rows(d20=2), Counter())
    assert len(found.unknown) == 0


def test_a_later_snapshot_is_about_the_days_since_the_last_and_misses_nothing() -> None:
    account = Account()
    account.snapshot(at_noon(20), OLD)
    assert covered_days(account.state, at_noon(22)) == Days(day(20), day(22))
    found = account.snapshot(at_noon(22), OLD, Post(4, instant(21, 8)))

    assert (found.rows, found.missing) == (rows(d20=1, d21=2, d22=2), Counter())
    assert len(found.unknown) == len(found.closed) == 0
    assert (account.state.open_from, account.state.ended) == (None, {})


def test_a_post_that_is_gone_misses_its_days_for_as_long_as_it_is_tracked() -> None:
    account, gone = Account(), Post(2, instant(21, 8))
    account.snapshot(at_noon(21), OLD, gone)
    # The day on which it was seen last has a row of it.
    assert account.snapshot(at_noon(22), OLD).missing == missing(Reason.DELETED, d22=1)
    assert account.snapshot(at_noon(23), OLD).missing == missing(Reason.DELETED, d22=1, d23=1)
    assert account.snapshot(at_noon(24), OLD, gone).missing == Counter()


def test_a_version_that_was_replaced_misses_nothing_and_keeps_its_rows() -> None:
    account, replaced = Account(), Post(2, instant(21, 8))
    account.snapshot(at_noon(21), OLD, replaced)
    for number in (22, 23):
        found = account.snapshot(at_noon(number), OLD, replaced={replaced.id} if number == 22 else ())
        assert found.missing == Counter()
    assert account.rows[day(21)] == 2


# Posts that become too old -------------------------------------------------------------------------------------------


def test_a_long_pause_misses_the_last_days_of_posts_that_came_to_their_end_in_it() -> None:
    account, ending, young = Account(), Post(1, instant(1, 12)), Post(2, instant(20))
    account.snapshot(at_noon(20), ending, young)
    found = account.snapshot(at_noon(32), young)

    lost = [day(20) + number * DAY for number in range(1, 12)]
    assert found.missing == Counter({(each, Reason.OVER_30_DAYS): 1 for each in lost})
    assert lost[-1] == (instant(1, 12) + 30 * DAY).date()


def test_a_short_pause_costs_a_post_hardly_more_than_its_last_hours_and_no_row() -> None:
    account, ending = Account(), Post(1, instant(1, 12))
    account.snapshot(at_noon(30), ending)

    assert account.snapshot(at_noon(30) + 26 * HOUR).missing == Counter()


def test_rows_of_the_day_stay_when_their_post_has_become_too_old() -> None:
    account, ending, young = Account(), Post(1, instant(1, 12)), Post(2, instant(20))
    account.snapshot(at_noon(29), ending, young)
    account.snapshot(at_noon(31) - HOUR, ending, young)
    account.snapshot(at_noon(31) + HOUR, young)
    found = account.snapshot(at_noon(31) + 2 * HOUR, young)

    assert (found.rows, found.missing) == (rows(d31=2), Counter())
    assert account.state.ended == {day(31): Ended(1, 0)}


# Snapshots of some posts only ----------------------------------------------------------------------------------------


def since(number: int, until: datetime) -> list[Span]:
    return [Span(instant(number) if number > 0 else instant(1) - 40 * DAY, until)]


def test_posts_that_were_not_looked_for_keep_their_days_open() -> None:
    account = Account()
    account.snapshot(at_noon(20), OLD, LATE, NEW)
    cut = account.snapshot(at_noon(21), OLD, LATE, NEW, read=since(20, at_noon(21)))
    assert (cut.rows, cut.missing) == (rows(d20=1, d21=1), Counter())
    cut = account.snapshot(at_noon(23), OLD, LATE, NEW, read=since(20, at_noon(23)))
    assert (cut.rows, cut.missing) == (rows(d20=1, d21=1, d22=1, d23=1), Counter())
    assert account.state.open_from == day(20)
    whole = account.snapshot(at_noon(24), OLD, LATE, NEW)
    assert (whole.rows, whole.missing) == (rows(d20=3, d21=3, d22=3, d23=3, d24=3), Counter())
    assert account.state.open_from is None


def test_the_base_line_is_told_when_all_posts_have_been_seen_once() -> None:
    account, whole = Account(), Account()
    first = account.snapshot(at_noon(20), OLD, LATE, NEW, read=since(19, at_noon(20)))
    assert (first.rows, first.missing, len(first.unknown)) == (rows(d20=1), Counter(), 0)
    assert account.state.open_from == date(2026, 10, 21)
    expected = whole.snapshot(at_noon(20), OLD, LATE, NEW)

    assert account.snapshot(at_noon(20), OLD, LATE, NEW) == expected
    assert account.state == whole.state


def test_a_post_that_was_not_looked_for_before_it_was_too_old_has_lost_its_days_for_good() -> None:
    account, ending, young = Account(), Post(1, instant(1, 12)), Post(2, instant(20))
    account.snapshot(at_noon(25), ending, young)
    for number in range(26, 34):
        account.snapshot(at_noon(number), ending, young, read=since(20, at_noon(number)))
    assert [account.missing[day(number)] for number in (26, 31, 32)] == [{Reason.OVER_30_DAYS: 1}] * 2 + [{}]
    account.snapshot(at_noon(34), young)

    assert {each for each, found in account.missing.items() if found and each > day(25)} == {*Days(day(26), day(31))}
    assert [account.rows[day(number)] for number in (25, 26, 34)] == [1, 1, 1]


ACTIONS = st.lists(st.tuples(st.integers(1, 60), st.none() | st.integers(0, 720)), min_size=1, max_size=12)


@given(ages=st.lists(st.integers(-500, 720), min_size=1, max_size=8, unique=True), syncs=ACTIONS)
def test_however_snapshots_see_posts_the_days_rows_are_those_of_the_table(
    ages: list[int], syncs: list[tuple[int, int | None]]
) -> None:
    """Ages are in hours before the first snapshot; each sync is some hours after the last, and of the newest hours."""
    start = at_noon(31)
    posts = [Post(number, start - age * HOUR) for number, age in enumerate(ages)]
    account, now = Account(), start
    for hours, newest in syncs:
        there = [post for post in posts if post.created_at <= now and now - post.created_at < 30 * DAY - HOUR]
        read = None if newest is None else [Span(now - newest * HOUR + timedelta(seconds=1), now)]
        account.snapshot(now, *there, read=read)
        table = Counter(of for _, of in account.keys)
        assert {of: count for of, count in account.rows.items() if count} == dict(table)
        assert all(count for found in account.missing.values() for count in found.values())
        now += hours * HOUR
