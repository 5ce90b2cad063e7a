"""Below a ceiling several syncs read what one would have read without it, and never more posts than allowed."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.models import AirbyteMessageSerializer
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from source_x_organic.progress.feeds import Horizon
from source_x_organic.progress.state import COVERED, AccountCursor
from source_x_organic.usage.budget import Budget
from source_x_organic.x_api.post_streams import PostStream, RowFeed, TweetInsights, Tweets
from source_x_organic.x_api.readings import PostReading
from unit_tests.x_api.stand_in import NOW, Made, StandIn, account

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from airbyte_cdk.models import AirbyteMessage

    from source_x_organic.x_api.directory import Account

LOGGER = logging.getLogger("test")
DAY = timedelta(days=1)
BOTH = ("tweets", "tweet_insights")
KEYS = {"tweets": "id", "tweet_insights": "tweet_id"}
States = dict[str, dict[str, Any]]


class Sync:
    """One sync of the account @brand with a ceiling; `states` are what Airbyte keeps."""

    def __init__(  # noqa: PLR0913 - what makes a sync
        self,
        posts: Sequence[Made],
        states: States,
        *,
        ceiling: int,
        now: datetime = NOW,
        is_own: bool = True,
        names: Sequence[str] = BOTH,
        lookback: int = 7,
        insights: int = 30,
    ) -> None:
        horizon = Horizon.of(now, start=now - 365 * DAY, lookback_days=lookback, insights_days=insights)
        self.api = StandIn(posts)
        self.api.now = now
        self.states = dict(states)
        self.budget = Budget(ceiling)
        streams: list[PostStream] = [each for each in (Tweets(), TweetInsights(horizon)) if each.name in names]
        members = [(each, self._cursor(each.name, states.get(each.name, {}))) for each in streams]

        def feeds_of(each: Account) -> list[RowFeed]:
            return [RowFeed(stream, cursor, each, horizon) for stream, cursor in members]

        reading = PostReading(feeds_of, now, LOGGER, budget=self.budget)
        brand = account(self.api, is_own=is_own)
        self.fresh = list(reading.fresh_rows(brand))
        self.others = list(reading.other_rows(brand))
        self.is_stopped = reading.turn(brand).is_stopped

    def _cursor(self, name: str, saved: dict[str, Any]) -> AccountCursor:
        unfinished = COVERED.parse_unfinished(name, saved)
        return AccountCursor(name, COVERED.parse(name, saved), self._keep, unfinished=unfinished)

    def _keep(self, message: AirbyteMessage) -> None:
        stream = AirbyteMessageSerializer.dump(message)["state"]["stream"]
        self.states[stream["stream_descriptor"]["name"]] = stream["stream_state"]

    def ids(self, name: str) -> list[str]:
        return [row[KEYS[name]] for stream, row in (*self.fresh, *self.others) if stream == name]

    def table(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {(name, row[KEYS[name]]): row for name, row in (*self.fresh, *self.others)}


def hourly(count: int, *, every: int = 24, newest: datetime = NOW - timedelta(minutes=30)) -> list[Made]:
    """Return posts whose ids rise with time, one of seven a retweet."""
    return [Made(str(10_000 - age), newest - age * every * timedelta(hours=1), age % 7 == 3) for age in range(count)]


def syncs(posts: Sequence[Made], ceiling: int, *, states: States | None = None, **more: Any) -> list[Sync]:  # noqa: ANN401 - see `Sync`
    """Sync until nothing is left."""
    done: list[Sync] = []
    while not done or done[-1].is_stopped:
        assert len(done) < 300
        done.append(Sync(posts, done[-1].states if done else states or {}, ceiling=ceiling, **more))
    return done


def test_a_first_sync_stops_below_the_ceiling_and_the_next_goes_on_from_there() -> None:
    posts = hourly(60)
    first = Sync(posts, {}, ceiling=60)
    assert first.api.billed <= 60
    assert first.is_stopped
    assert first.ids("tweets") == first.ids("tweet_insights") == [str(10_000 - age) for age in range(22)]
    second = Sync(posts, first.states, ceiling=60)
    # The post on the border is rather read twice than never.
    assert second.ids("tweets")[0] == first.ids("tweets")[-1]
    assert not set(second.ids("tweets")[1:]) & set(first.ids("tweets"))


def test_what_is_left_is_saved_for_each_stream_until_the_round_is_over() -> None:
    done = syncs(hourly(60), 100)
    for sync in done[:-1]:
        for name in BOTH:
            assert sync.states[name]["accounts"]["7"]["unfinished"]["turn"] == "2026-11-20T12:00:00.000Z"
    for name in BOTH:
        assert done[-1].states[name]["accounts"]["7"].keys() == {"cursor", "covered"}
    assert [stopped.label for stopped in done[0].budget.stopped] == ["@brand"]
    assert tuple(done[0].budget.stopped[0].left) == BOTH
    assert done[-1].budget.stopped == []


def test_new_posts_come_before_everything_else() -> None:
    posts = hourly(60)
    first = Sync(posts, {}, ceiling=60)
    later = NOW + DAY
    new = [Made(str(20_000 + number), NOW + number * timedelta(hours=1)) for number in range(1, 9)]
    second = Sync([*new, *posts], first.states, ceiling=60, now=later)
    fresh = {row["id"] for name, row in second.fresh if name == "tweets"}
    assert {post.id for post in new} <= fresh
    assert not fresh & {post.id for post in posts[1:]}
    assert second.others


def test_the_look_back_begins_anew_only_when_nothing_is_left() -> None:
    posts = hourly(200, every=6)
    done = syncs(posts, 200)
    assert sum(len(sync.ids("tweets")) for sync in done) <= 200 + len(done)
    again = Sync(posts, done[-1].states, ceiling=10_000)
    # Four a day for a week, from the newest one back to the first of the same time of day.
    assert len(again.ids("tweets")) == 29
    assert len(again.ids("tweet_insights")) == 120


def test_a_stream_that_wants_less_waits_for_the_others_before_it_looks_back_again() -> None:
    posts = hourly(200, every=6)
    done = syncs(posts, 60, states=Sync(posts, {}, ceiling=100_000).states, now=NOW + DAY)
    assert len(done) > 3
    # A week of tweets, four a day, and one post on the border of each sync.
    assert sum(len(sync.ids("tweets")) for sync in done) <= 29 + len(done)


def test_without_a_ceiling_an_unfinished_round_is_over_at_once() -> None:
    posts = hourly(60)
    stopped = Sync(posts, {}, ceiling=60)
    unlimited = Sync(posts, stopped.states, ceiling=100_000)
    assert "unfinished" not in unlimited.states["tweets"]["accounts"]["7"]
    assert {*stopped.ids("tweets"), *unlimited.ids("tweets")} == {post.id for post in posts}


@pytest.mark.parametrize(("ceiling", "is_own"), [(5, False), (5, True), (14, True), (15, True), (24, True)])
def test_the_smallest_ceilings_too_come_to_an_end(*, ceiling: int, is_own: bool) -> None:
    posts = hourly(30)
    done = syncs(posts, ceiling, is_own=is_own)
    assert all(sync.api.billed <= ceiling for sync in done)
    assert {key for sync in done for key in sync.table()} == {(name, post.id) for name in BOTH for post in posts}


@settings(max_examples=40, deadline=None, phases=(Phase.generate, Phase.shrink))
@given(
    ceiling=st.integers(25, 400),
    count=st.integers(0, 150),
    every=st.sampled_from([1, 5, 24]),
    is_own=st.booleans(),
    names=st.sampled_from([BOTH, BOTH[:1], BOTH[1:]]),
)
def test_syncs_below_any_ceiling_end_with_the_rows_of_one_without(
    *, ceiling: int, count: int, every: int, is_own: bool, names: tuple[str, ...]
) -> None:
    posts = hourly(count, every=every)
    done = syncs(posts, ceiling, is_own=is_own, names=names)
    assert all(sync.api.billed <= sync.budget.spent <= ceiling for sync in done)
    table = {key: row for sync in done for key, row in sync.table().items()}
    assert table == Sync(posts, {}, ceiling=100_000, is_own=is_own, names=names).table()
    # Each of them reads at most the post on the border again.
    for name in names:
        assert sum(len(sync.ids(name)) for sync in done) <= len(posts) + len(done)


@settings(max_examples=25, deadline=None, phases=(Phase.generate, Phase.shrink))
@given(
    ceilings=st.lists(st.integers(25, 300), min_size=3, max_size=12),
    hours=st.sampled_from([0, 1, 24, 100]),
    every=st.sampled_from([2, 8]),
)
def test_while_time_goes_on_nothing_is_lost(*, ceilings: list[int], hours: int, every: int) -> None:
    """The world posts on; syncs come with other ceilings; a last one without any has not much to do."""
    states: States = {}
    seen: dict[str, set[str]] = {name: set() for name in BOTH}
    now = NOW
    first = NOW - 60 * DAY
    posts: list[Made] = []
    for ceiling in [*ceilings, 100_000]:
        now += timedelta(hours=hours)
        number = int((now - first) / timedelta(hours=every))
        posts = [Made(str(10_000 + place), first + place * timedelta(hours=every)) for place in range(number + 1)]
        sync = Sync(posts, states, ceiling=ceiling, now=now)
        assert sync.api.billed <= ceiling
        states = sync.states
        for name in BOTH:
            seen[name].update(sync.ids(name))
    assert seen == {name: {post.id for post in posts} for name in BOTH}
