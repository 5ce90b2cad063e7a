"""What snapshots make of posts, case by case: base lines, days, missed ones, counters that fall, vanish and return."""

from __future__ import annotations

from datetime import date, timedelta

from source_x_organic.snapshots.counters import COUNTERS, PRIVATE, PUBLIC, UNKNOWN
from source_x_organic.snapshots.tracking import AccountSnapshots, DayGrowth, Seen, Tracked, advanced, oldest_tracked
from unit_tests.snapshots.invented import DAY, HOUR, ONLY_PRIVATE, Post, Report, counters, instant

OLD = Post(1, instant(3, 8))
"""A post from before the first snapshot's day."""

FIRST = instant(10, 6)
"""The account's first snapshot."""


def shown(post: Post, *values: int | None, source: str = PRIVATE) -> dict[str, Seen]:
    """Return a snapshot of one post whose counters begin with these."""
    return {post.id: Seen(post.created_at, counters(*values), source)}


def days(rows: list[DayGrowth]) -> dict[int, int | None]:
    """Return the impressions of rows by the day of November."""
    assert len({row.tweet_id for row in rows}) <= 1
    return {row.day.day: row.totals[0] for row in rows}


def test_what_older_posts_had_at_the_first_snapshot_is_a_base_line_and_makes_no_rows() -> None:
    state, rows = advanced(AccountSnapshots(), shown(OLD, 500, 20), FIRST)

    assert rows == []
    assert state == AccountSnapshots(
        FIRST,
        FIRST,
        {OLD.id: Tracked(counters(500, 20), UNKNOWN, is_estimated=False, source=PRIVATE, seen_at=FIRST, base=FIRST)},
    )


def test_posts_made_on_the_first_snapshots_day_grow_from_zero_since_they_were_made() -> None:
    post = Post(1, instant(10, 0, 30))
    state, rows = advanced(AccountSnapshots(), shown(post, 40, 3), FIRST)

    assert rows == [
        DayGrowth(
            tweet_id=post.id,
            day=date(2026, 11, 10),
            start=instant(10, 0, 30),
            end=FIRST,
            is_estimated=False,
            is_final=False,
            source=PRIVATE,
            totals=counters(40, 3),
        )
    ]
    assert state.tweets == {
        post.id: Tracked(counters(40, 3), counters(40, 3), is_estimated=False, source=PRIVATE, seen_at=FIRST)
    }


def test_a_post_made_in_the_last_moment_before_the_first_snapshots_day_is_an_older_one() -> None:
    post = Post(1, instant(10) - timedelta(milliseconds=1))

    assert advanced(AccountSnapshots(), shown(post, 40), FIRST)[1] == []


def test_a_daily_snapshot_makes_two_estimated_rows_of_which_the_first_is_final() -> None:
    report = Report()
    report.sync(shown(OLD, 500), FIRST)
    rows = report.sync(shown(OLD, 524), instant(11, 6))

    assert rows == [
        DayGrowth(OLD.id, date(2026, 11, 10), FIRST, instant(11), True, True, PRIVATE, counters(18)),  # noqa: FBT003 - fields in order
        DayGrowth(OLD.id, date(2026, 11, 11), instant(11), instant(11, 6), True, False, PRIVATE, counters(6)),  # noqa: FBT003 - fields in order
    ]


def test_snapshots_on_the_same_day_add_up_to_the_days_total_so_far() -> None:
    report = Report()
    report.sync(shown(OLD, 500), FIRST)
    report.sync(shown(OLD, 510), instant(10, 9))
    rows = report.sync(shown(OLD, 525), instant(10, 18))

    assert rows == [
        DayGrowth(OLD.id, date(2026, 11, 10), FIRST, instant(10, 18), False, False, PRIVATE, counters(25)),  # noqa: FBT003 - fields in order
    ]


def test_days_without_a_snapshot_have_rows_too() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 12))

    assert days(report.sync(shown(OLD, 600), instant(13, 12))) == {10: 17, 11: 33, 12: 33, 13: 17}


def test_every_post_in_a_snapshot_has_its_rows_though_nothing_grew() -> None:
    report = Report()
    report.sync(shown(OLD, 500), FIRST)

    assert days(report.sync(shown(OLD, 500), instant(11, 6))) == {10: 0, 11: 0}


def test_counters_that_fall_make_negative_growth() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 12))

    assert days(report.sync(shown(OLD, 490), instant(11, 12))) == {10: -5, 11: -5}


def test_posts_made_between_two_snapshots_grow_from_zero_since_they_were_made() -> None:
    post = Post(2, instant(11, 18))
    report = Report()
    report.sync({}, FIRST)
    rows = report.sync(shown(post, 24), instant(12, 6))

    assert [(row.day.day, row.start, row.end, row.totals[0], row.is_estimated) for row in rows] == [
        (11, instant(11, 18), instant(12), 12, True),
        (12, instant(12), instant(12, 6), 12, True),
    ]


def test_posts_made_while_a_snapshot_was_taken_wait_for_the_next_and_lose_nothing() -> None:
    post = Post(2, FIRST + timedelta(minutes=1))
    report = Report()

    assert report.sync(shown(post, 4), FIRST) == []
    assert report.state.tweets == {}
    assert days(report.sync(shown(post, 24), FIRST + HOUR)) == {10: 24}


def test_a_post_that_a_snapshot_missed_when_it_was_new_grows_from_zero_all_the_same() -> None:
    post = Post(2, instant(10, 12))
    report = Report()
    report.sync({}, FIRST)
    report.sync({}, instant(11))

    assert days(report.sync(shown(post, 24), instant(11, 12))) == {10: 12, 11: 12}


def test_an_older_post_that_the_first_snapshot_missed_has_its_base_line_when_it_is_seen() -> None:
    report = Report()
    report.sync({}, FIRST)

    assert report.sync(shown(OLD, 500), instant(11, 6)) == []
    assert [(row.day.day, row.start, row.totals[0]) for row in report.sync(shown(OLD, 512), instant(11, 18))] == [
        (11, instant(11, 6), 12)
    ]


def test_an_edited_post_is_a_new_one_and_the_old_version_goes_on_beside_it() -> None:
    first, second = Post(1, instant(10, 12)), Post(2, instant(10, 13))
    report = Report()
    report.sync(shown(first, 30), instant(10, 12, 30))
    rows = report.sync(shown(first, 50) | shown(second, 9), instant(10, 18))

    assert {row.tweet_id: row.totals[0] for row in rows} == {first.id: 50, second.id: 9}


def test_a_post_that_is_gone_makes_no_rows_and_one_that_comes_back_makes_those_of_all_days_since() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 12))
    report.sync(shown(OLD, 510), instant(10, 18))

    assert report.sync({}, instant(11, 18)) == []
    assert report.state.tweets[OLD.id].seen_at == instant(10, 18)
    assert days(report.sync(shown(OLD, 558), instant(12, 18))) == {10: 16, 11: 24, 12: 18}
    assert report.rows[OLD.id, date(2026, 11, 10)].start == instant(10, 12)


def test_growth_counts_as_estimated_from_more_than_two_hours_over_a_midnight_and_stays_so_all_day() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 22))
    exact = report.sync(shown(OLD, 510), instant(11))
    later = report.sync(shown(OLD, 510), instant(11, 21, 59))
    estimated = report.sync(shown(OLD, 520), instant(12))
    crossing = report.sync(shown(OLD, 530), instant(12, 23))
    over = report.sync(shown(OLD, 540), instant(13, 1, 1))
    end = report.sync(shown(OLD, 550), instant(13, 2))

    assert [[(row.day.day, row.is_estimated) for row in rows] for rows in (exact, later, estimated)] == [
        [(10, False), (11, False)],
        [(11, False)],
        [(11, False), (12, False)],
    ]
    assert [[(row.day.day, row.is_estimated) for row in rows] for rows in (crossing, over, end)] == [
        [(12, False)],
        [(12, True), (13, True)],
        [(13, True)],
    ]


def test_two_hours_over_a_midnight_are_exact_enough() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 23))

    assert [row.is_estimated for row in report.sync(shown(OLD, 510), instant(11, 1))] == [False, False]


def test_a_snapshot_at_midnight_ends_a_day_and_begins_the_next_with_nothing() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 12))
    rows = report.sync(shown(OLD, 510), instant(11))

    assert [(row.start, row.end, row.is_final, row.is_estimated, row.totals[0]) for row in rows] == [
        (instant(10, 12), instant(11), True, False, 10),
        (instant(11), instant(11), False, False, 0),
    ]


def test_a_counter_that_x_never_returned_is_null() -> None:
    report = Report()
    report.sync(shown(OLD, 500, None), FIRST)

    assert [row.totals for row in report.sync(shown(OLD, 510, None), FIRST + HOUR)] == [counters(10, None)]


def test_of_an_older_post_a_counter_that_appears_has_its_base_line_then() -> None:
    report = Report()
    report.sync(shown(OLD, None), FIRST)

    assert days(report.sync(shown(OLD, 500), FIRST + HOUR)) == {10: None}
    assert days(report.sync(shown(OLD, 507), FIRST + 2 * HOUR)) == {10: 7}


def test_of_a_post_that_grew_from_zero_a_counter_that_appears_did_too() -> None:
    post = Post(2, instant(10, 12))
    report = Report()
    report.sync({}, FIRST)
    report.sync(shown(post, None), instant(11, 18))
    rows = report.sync(shown(post, 30), instant(11, 18, 30))

    assert days(rows) == {11: 30}
    assert rows[0].is_estimated


def test_a_counter_that_is_away_for_a_while_is_null_then_and_loses_nothing() -> None:
    report = Report()
    report.sync(shown(OLD, 500, 10), instant(10, 12))
    away = report.sync(shown(OLD, None, 34), instant(11, 12))
    still_away = report.sync(shown(OLD, None, 34), instant(12, 12))
    back = report.sync(shown(OLD, 560, 34), instant(12, 13))

    assert days(away) == {10: None, 11: None}
    assert days(still_away) == {11: None, 12: None}
    assert [(row.day.day, row.totals, row.is_estimated) for row in back] == [(12, counters(60, 0), True)]


def test_a_counter_that_is_away_for_an_hour_leaves_the_day_exact() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 12))
    report.sync({OLD.id: OLD.seen(instant(10, 13), unknown=ONLY_PRIVATE)}, instant(10, 13))
    rows = report.sync(shown(OLD, 520), instant(10, 14))

    assert [(row.totals[0], row.is_estimated) for row in rows] == [(20, False)]


def test_what_was_counted_on_a_day_stays_when_a_counter_goes_away() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 12))
    report.sync(shown(OLD, 520), instant(10, 18))

    assert days(report.sync(shown(OLD, None), instant(11, 18))) == {10: 20, 11: None}


def test_counters_from_another_source_have_a_base_line_of_their_own_and_are_not_mixed() -> None:
    post = Post(2, instant(10, 12))
    report = Report()
    report.sync(shown(post, 100), instant(10, 18))

    assert report.sync(shown(post, 170, source=PUBLIC), instant(11, 6)) == []
    rows = report.sync(shown(post, 190, source=PUBLIC), instant(11, 8))
    assert [(row.day.day, row.start, row.source, row.totals[0]) for row in rows] == [
        (11, instant(11, 6), PUBLIC, 20),
    ]
    assert report.rows[post.id, date(2026, 11, 10)].source == PRIVATE


def test_on_the_day_of_the_change_posts_of_that_day_grow_from_zero_in_the_new_series_too() -> None:
    post = Post(2, instant(10, 12))
    report = Report()
    report.sync(shown(post, 100), instant(10, 18))

    rows = report.sync(shown(post, 170, source=PUBLIC), instant(10, 20))
    assert [(row.day.day, row.start, row.source, row.totals[0]) for row in rows] == [
        (10, post.created_at, PUBLIC, 170),
    ]


def test_the_same_snapshot_of_a_base_line_makes_no_rows_either() -> None:
    report = Report()

    assert report.sync(shown(OLD, 500), FIRST) == report.sync(shown(OLD, 500), FIRST) == []


def test_what_changes_within_no_time_at_all_counts_on_its_day() -> None:
    report = Report()
    report.sync(shown(OLD, 500), instant(10, 6))
    report.sync(shown(OLD, 510), instant(10, 8))

    assert days(report.sync(shown(OLD, 513), instant(10, 8))) == {10: 13}


def test_posts_leave_the_report_when_x_stops_telling_their_private_counters() -> None:
    end = OLD.created_at + 30 * DAY - timedelta(minutes=1)
    report = Report()
    report.sync(shown(OLD, 500), end - HOUR)

    assert oldest_tracked(end) == OLD.created_at
    assert len(report.sync(shown(OLD, 510), end)) == 1
    assert report.sync(shown(OLD, 520), end + timedelta(microseconds=1)) == []
    assert report.state.tweets == {}


def test_a_post_whose_id_does_not_tell_its_age_is_dropped_when_it_is_not_seen() -> None:
    report = Report()
    report.sync({"20": OLD.seen(FIRST)}, FIRST)
    assert set(report.state.tweets) == {"20"}

    report.sync({}, FIRST + HOUR)
    assert report.state.tweets == {}


def test_the_cursor_is_the_utc_day_of_the_last_snapshot() -> None:
    assert AccountSnapshots().cursor is None
    assert AccountSnapshots(instant(10, 23, 59), FIRST).cursor == date(2026, 11, 10)
    assert len(COUNTERS) == len(UNKNOWN)
