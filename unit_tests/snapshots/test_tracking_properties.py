"""Whatever the schedule, rows hold what the counters did: no growth is lost, counted twice or put on a wrong day."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.snapshots.counters import COUNTERS, UNKNOWN, Counters
from source_x_organic.snapshots.tracking import Seen, oldest_tracked
from unit_tests.snapshots.invented import DAY, HOUR, ONLY_PRIVATE, START, Post, Report, seen, through_json

SECONDS = 86_400
PLACES = st.integers(0, len(COUNTERS) - 1)
CHANGES = st.tuples(st.integers(0, 35 * SECONDS).map(lambda age: timedelta(seconds=age)), PLACES, st.integers(-9, 900))
RISES = st.tuples(st.integers(0, 4 * SECONDS).map(lambda age: timedelta(seconds=age)), PLACES, st.integers(0, 9))


@st.composite
def worlds(draw: st.DrawFn) -> list[Post]:
    """Return a few posts, made before, while and after snapshots are taken."""
    made = draw(st.lists(st.integers(-17 * SECONDS, 12 * SECONDS), min_size=1, max_size=4))
    return [
        Post(
            number,
            START + timedelta(seconds=offset),
            tuple(draw(st.lists(CHANGES, max_size=8))),
            has_link=draw(st.booleans()),
        )
        for number, offset in enumerate(made)
    ]


INSTANTS = st.integers(0, 12 * SECONDS) | st.integers(0, 24).map(lambda halves: halves * SECONDS // 2)
SCHEDULES = st.lists(INSTANTS, min_size=1, max_size=7, unique=True).map(
    lambda offsets: [START + timedelta(seconds=offset) for offset in sorted(offsets)]
)
LONG_SCHEDULES = st.lists(st.integers(0, 60 * SECONDS), min_size=2, max_size=7, unique=True).map(
    lambda offsets: [START + timedelta(seconds=offset) for offset in sorted(offsets)]
)
FAULTS = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 3)), st.sampled_from(["unseen", "no private"]))
"""What goes wrong, by number of the snapshot and of the post."""


def faulty(posts: list[Post], now: datetime, faults: dict[int, str]) -> dict[str, Seen]:
    """Return what a snapshot shows of posts; `faults` by number of the post."""
    return {
        post.id: post.seen(now, unknown=ONLY_PRIVATE if faults.get(post.number) == "no private" else ())
        for post in posts
        if post.created_at <= now and faults.get(post.number) != "unseen"
    }


def expected(post: Post, snapshots: list[tuple[datetime, Counters]], since: datetime) -> Counters:
    """Return by how much a post's counters grew from the first known value, or zero at its creation, to the last."""
    is_from_zero = post.created_at >= since.replace(hour=0, minute=0, second=0, microsecond=0)
    grown: list[int | None] = []
    for place in range(len(COUNTERS)):
        known = [(at, values[place]) for at, values in snapshots if values[place] is not None]
        first = 0 if is_from_zero else known[0][1] if known else 0
        has_rows = len(known) > (not is_from_zero)
        grown.append((known[-1][1] or 0) - (first or 0) if has_rows else None)
    return tuple(grown)


@given(worlds(), SCHEDULES | LONG_SCHEDULES, FAULTS)
def test_rows_add_up_to_the_growth_of_each_counter(
    posts: list[Post], schedule: list[datetime], faults: dict[tuple[int, int], str]
) -> None:
    report = Report()
    shown: dict[str, list[tuple[datetime, Counters]]] = {post.id: [] for post in posts}
    for number, now in enumerate(schedule):
        snapshot = faulty(posts, now, {post: fault for (at, post), fault in faults.items() if at == number})
        report.sync(snapshot, now)
        for tweet_id, post in snapshot.items():
            if post.created_at >= oldest_tracked(now):
                shown[tweet_id].append((now, post.counters))

    assert {post.id: report.sums(post.id) for post in posts} == {
        post.id: expected(post, shown[post.id], schedule[0]) for post in posts
    }


@given(worlds(), SCHEDULES, FAULTS)
def test_every_row_lies_within_its_day_and_no_time_of_a_post_is_missing_or_counted_twice(
    posts: list[Post], schedule: list[datetime], faults: dict[tuple[int, int], str]
) -> None:
    report = Report()
    last_seen: dict[str, datetime] = {}
    for number, now in enumerate(schedule):
        snapshot = faulty(posts, now, {post: fault for (at, post), fault in faults.items() if at == number})
        report.sync(snapshot, now)
        last_seen.update(dict.fromkeys(snapshot, now))

    for post in posts:
        rows = [row for (tweet_id, _), row in sorted(report.rows.items()) if tweet_id == post.id]
        for row in rows:
            assert row.start.date() == row.day
            assert row.start <= row.end <= row.start.replace(hour=0, minute=0, second=0) + DAY
            assert row.is_final == (row.day < last_seen[post.id].date())
        for earlier, later in pairwise(rows):
            assert later.start == earlier.end
            assert later.start.timestamp() % SECONDS == 0
        assert not rows or rows[-1].end == last_seen[post.id]


@given(worlds(), SCHEDULES, FAULTS)
def test_a_snapshot_that_is_taken_twice_changes_nothing(
    posts: list[Post], schedule: list[datetime], faults: dict[tuple[int, int], str]
) -> None:
    report = Report()
    for number, now in enumerate(schedule):
        snapshot = faulty(posts, now, {post: fault for (at, post), fault in faults.items() if at == number})
        report.sync(snapshot, now)
        state, rows = report.state, dict(report.rows)
        report.sync(snapshot, now)

        assert (report.state, report.rows) == (state, rows)


@given(worlds(), SCHEDULES, FAULTS)
def test_the_saved_form_of_the_state_loses_nothing(
    posts: list[Post], schedule: list[datetime], faults: dict[tuple[int, int], str]
) -> None:
    kept, saved = Report(between=lambda state: state), Report(between=through_json)
    for number, now in enumerate(schedule):
        snapshot = faulty(posts, now, {post: fault for (at, post), fault in faults.items() if at == number})

        assert saved.sync(snapshot, now) == kept.sync(snapshot, now)
        assert saved.state == kept.state == through_json(kept.state)


@given(
    minute=st.integers(0, 59),
    made=st.integers(2 * 60, 22 * 60),
    events=st.lists(RISES, max_size=60),
    is_old=st.booleans(),
)
def test_snapshots_every_hour_give_each_whole_day_within_one_hours_growth(
    *, minute: int, made: int, events: list[tuple[timedelta, int, int]], is_old: bool
) -> None:
    post = Post(1, START + timedelta(minutes=made) - 20 * DAY * is_old, tuple(events))
    if is_old:
        post = Post(1, post.created_at, tuple((age + 20 * DAY, place, change) for age, place, change in events))
    hours = [START + timedelta(minutes=minute) + number * HOUR for number in range(24 * 4 + 1)]
    report = Report()
    for now in hours:
        report.sync(seen([post], now), now)

    for number in (1, 2) if is_old else (0, 1, 2):
        midnight, next_midnight = START + number * DAY, START + (number + 1) * DAY
        row = report.rows[post.id, midnight.date()]
        assert not row.is_estimated
        edges = [hour for hour in hours if hour - HOUR < midnight <= hour or hour - HOUR < next_midnight <= hour]
        for place, total in enumerate(row.totals):
            true_day = _value(post, next_midnight, place) - _value(post, midnight, place)
            one_hour = max(_value(post, hour, place) - _value(post, hour - HOUR, place) for hour in edges)
            assert total is not None
            assert abs(total - true_day) <= one_hour


def _value(post: Post, at: datetime, place: int) -> int:
    return post.counters(at)[place] or 0


@given(worlds(), SCHEDULES)
def test_a_clock_that_went_backwards_brings_nothing_new(posts: list[Post], schedule: list[datetime]) -> None:
    report = Report()
    for now in schedule:
        report.sync(seen(posts, now), now)
        state = report.state

        assert report.sync(seen(posts, now), now - timedelta(microseconds=1)) == []
        assert report.state == state


@given(worlds(), LONG_SCHEDULES)
def test_only_posts_of_the_last_30_days_are_remembered(posts: list[Post], schedule: list[datetime]) -> None:
    report = Report()
    for now in schedule:
        report.sync(seen(posts, now), now)

        assert set(report.state.tweets) == {post.id for post in posts if oldest_tracked(now) <= post.created_at <= now}


def test_nothing_is_known_of_an_account_without_posts_but_when_it_was_looked_at() -> None:
    report = Report()
    report.sync({}, START)
    report.sync({}, START + DAY)

    assert (report.state.since, report.state.taken_at, report.state.tweets) == (START, START + DAY, {})
    assert report.sums("1") == UNKNOWN
