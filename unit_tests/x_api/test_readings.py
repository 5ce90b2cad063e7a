"""Syncs that break off anywhere, and any settings in between, lose no post and read few of them twice."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.models import AirbyteMessageSerializer
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from source_x_organic.progress.coverage import Span
from source_x_organic.progress.feeds import Horizon
from source_x_organic.progress.state import AccountCursor, parse_state
from source_x_organic.transport.client import ApiClient
from source_x_organic.usage.ledger import Ledger
from source_x_organic.x_api.api import TIMELINE, XApi
from source_x_organic.x_api.post_streams import PostStream, RowFeed, TweetInsights, Tweets
from source_x_organic.x_api.readings import CHECKPOINT_POSTS, AccountFeed, AccountQueue, PostReading
from source_x_organic.x_api.vocabulary import Vocabulary
from unit_tests.clocks import NOON, HandClock
from unit_tests.x_api.stand_in import NOW, Made, StandIn, account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from airbyte_cdk.models import AirbyteMessage

    from source_x_organic.progress.coverage import Spans
    from source_x_organic.progress.rounds import Unfinished
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.timeline import Page

LOGGER = logging.getLogger("test")
DAY = timedelta(days=1)
BOTH = ("tweets", "tweet_insights")
States = dict[str, dict[str, Any]]


def horizon(now: datetime = NOW, *, days: int = 90, lookback: int = 7, insights: int = 30) -> Horizon:
    return Horizon.of(now, start=now - days * DAY, lookback_days=lookback, insights_days=insights)


class Sync:
    """One sync of the account @brand, which may be broken off after some rows; `states` are what Airbyte keeps."""

    def __init__(
        self,
        api: StandIn,
        what: Horizon,
        states: States,
        *,
        names: Sequence[str] = BOTH,
        rows: int | None = None,
        is_own: bool = True,
    ) -> None:
        self.states = dict(states)
        api.now = what.now
        streams: list[PostStream] = [each for each in (Tweets(), TweetInsights(what)) if each.name in names]
        members = [
            (each, AccountCursor(each.name, parse_state(each.name, states.get(each.name, {})), self._keep))
            for each in streams
        ]

        def feeds_of(each: Account) -> list[RowFeed]:
            return [RowFeed(stream, cursor, each, what) for stream, cursor in members]

        reading = PostReading(feeds_of, what.now, LOGGER).rows(account(api, is_own=is_own))
        self.rows = list(islice(reading, rows))
        self.states_after_the_last_row = dict(self.states)
        reading.close()  # type: ignore[attr-defined]

    def _keep(self, message: AirbyteMessage) -> None:
        stream = AirbyteMessageSerializer.dump(message)["state"]["stream"]
        self.states[stream["stream_descriptor"]["name"]] = stream["stream_state"]

    def ids(self, name: str) -> list[str]:
        key = {"tweets": "id", "tweet_insights": "tweet_id"}[name]
        return [row[key] for stream, row in self.rows if stream == name]


def test_the_first_sync_reads_the_timeframe_once_for_both_streams_and_saves_where_it_got() -> None:
    api = StandIn([Made("3", NOW - DAY), Made("2", NOW - 40 * DAY), Made("1", NOW - 91 * DAY)])
    sync = Sync(api, horizon(), {})
    assert [sync.ids(name) for name in BOTH] == [["3", "2"], ["3", "2"]]
    assert [asked.private for asked in api.asked] == [False, True]
    covered = [["2026-08-22T12:00:00.000Z", "2026-11-20T12:00:00.000Z"]]
    assert sync.states == {
        "tweets": {"version": 1, "accounts": {"7": {"cursor": "2026-11-19T12:00:00Z", "covered": covered}}},
        "tweet_insights": {"version": 1, "accounts": {"7": {"cursor": "2026-11-20", "covered": covered}}},
    }


def test_the_rows_of_a_page_have_their_private_counters_where_the_account_is_the_credentials_own() -> None:
    api = StandIn([Made("3", NOW - DAY), Made("2", NOW - 2 * DAY, is_retweet=True)])
    for is_own, counters in ((True, [3, None]), (False, [None, None])):
        sync = Sync(api, horizon(), {}, is_own=is_own)
        rows = [row for stream, row in sync.rows if stream == "tweet_insights"]
        assert [row["organic_like_count"] for row in rows] == counters
        assert {(row["account_id"], row["account_name"], row["date"]) for row in rows} == {("7", "Brand", "2026-11-20")}


def test_the_next_sync_reads_the_look_back_and_the_insights_window_again_in_one_pass() -> None:
    posts = [Made(str(40 - age), NOW - age * DAY) for age in range(1, 40)]
    first = Sync(StandIn(posts), horizon(), {})
    api = StandIn([Made("40", NOW + timedelta(hours=1)), *posts])
    second = Sync(api, horizon(NOW + DAY, lookback=3, insights=10), first.states)
    assert second.ids("tweets") == ["40", "39", "38", "37", "36"]
    assert second.ids("tweet_insights") == ["40", "39", "38", "37", "36", "35", "34", "33", "32", "31"]
    assert [asked.start for asked in api.asked] == [NOW - 9 * DAY] * 2


class Counting:
    """Wants the counters of the last 30 days, as a report does."""

    names = ("counting",)
    needs_public = False
    needs_private = True
    can_go_on = False
    read_until = None
    unfinished = None

    def __init__(self, now: datetime) -> None:
        self.spans = (Span(now - 30 * DAY + timedelta(minutes=1), now),)
        self.seen: list[str] = []

    def rows(self, page: Page, originals: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        del originals
        self.seen += [post["id"] for post, _ in page.posts if post["id"] in page.private]
        yield from ()

    def is_satisfied(self, down_to: datetime) -> bool:
        return self.spans[0].start > down_to

    def checkpoint(self, span: Span) -> None:
        del span

    def rows_at_the_end(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from ()

    def narrow(self, spans: Spans) -> None:
        raise NotImplementedError

    def leave(self, unfinished: Unfinished | None) -> None:
        assert unfinished is None


def feeds_of(*feeds: AccountFeed) -> Callable[[Account], Sequence[AccountFeed]]:
    return lambda _: feeds


def test_whoever_wants_counters_alone_has_them_of_a_public_pass_that_is_made_anyway_and_of_no_other() -> None:
    posts = [Made(str(60 - age), NOW - age * DAY + timedelta(hours=1)) for age in range(60)]
    for insights, expected in (
        (30, [(False, 30), (True, 30)]),
        (40, [(False, 40), (True, 30)]),
        (10, [(False, 10), (True, 10), (True, 30)]),
        (0, [(True, 30)]),
    ):
        what = horizon(days=insights, insights=insights)
        counting, api = Counting(what.now + timedelta(seconds=3)), StandIn(posts)
        stream = TweetInsights(what)
        cursor = AccountCursor(stream.name, {}, lambda _: None)
        others = [RowFeed(stream, cursor, account(api), what)] if insights else []
        rows = list(PostReading(feeds_of(*others, counting), NOW, LOGGER).rows(account(api)))
        assert [(asked.private, round((NOW - (asked.start or NOW)) / DAY)) for asked in api.asked] == expected
        assert set(counting.seen) == {str(60 - age) for age in range(31)}
        assert len(rows) == len({row["tweet_id"] for _, row in rows}) == (insights + 1 if insights else 0)


def test_a_post_that_appears_late_is_read_even_where_the_insights_window_has_passed_it() -> None:
    first = Sync(StandIn(), horizon(), {})
    late = StandIn([Made("1", NOW - timedelta(minutes=5))])
    assert Sync(late, horizon(NOW + 2 * DAY, insights=1), first.states).ids("tweet_insights") == ["1"]


def test_a_wider_timeframe_reads_only_what_is_missing_and_a_narrower_one_deletes_nothing() -> None:
    posts = [Made(str(100 - age), NOW - age * DAY) for age in range(1, 100)]
    first = Sync(StandIn(posts), horizon(days=50), {}, names=["tweets"])
    wider = Sync(StandIn(posts), horizon(days=80, lookback=1), first.states, names=["tweets"])
    assert wider.ids("tweets") == ["99", "98", *(str(100 - age) for age in range(50, 81))]
    narrower = Sync(StandIn(posts), horizon(days=20, lookback=1), wider.states, names=["tweets"])
    assert narrower.ids("tweets") == ["99", "98"]
    assert narrower.states == wider.states


def test_a_post_of_the_second_in_which_a_sync_with_nothing_to_read_began_is_not_lost() -> None:
    began = NOW + timedelta(milliseconds=700)
    empty = Sync(StandIn(), horizon(began), {})
    assert empty.rows == []
    after = Sync(StandIn([Made("1", NOW)]), horizon(NOW + DAY), empty.states)
    assert [after.ids(name) for name in BOTH] == [["1"], ["1"]]


def test_posts_made_while_the_sync_runs_are_taken_once_they_are_there() -> None:
    sync = Sync(StandIn([Made("2", NOW + timedelta(minutes=3)), Made("1", NOW)]), horizon(), {})
    assert [sync.ids(name) for name in BOTH] == [["2", "1"], ["2", "1"]]


def test_progress_is_saved_at_least_every_thousand_posts_and_never_before_its_rows() -> None:
    posts = [Made(str(5000 - age), NOW - age * timedelta(minutes=7)) for age in range(1, 2500)]
    for rows in (1, 2 * CHECKPOINT_POSTS, 2 * CHECKPOINT_POSTS + 1, 4 * CHECKPOINT_POSTS + 150):
        broken = Sync(StandIn(posts), horizon(), {}, rows=rows)
        resumed = Sync(StandIn(posts), horizon(lookback=1, insights=1), broken.states_after_the_last_row)
        for name in BOTH:
            assert set(broken.ids(name)) | set(resumed.ids(name)) == {post.id for post in posts}
            twice = len(set(broken.ids(name)) & set(resumed.ids(name)))
            assert twice <= CHECKPOINT_POSTS + 24 * 60 / 7


STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "hours": st.integers(1, 24 * 60),
            "timeframe": st.sampled_from([5, 30, 90]),
            "lookback": st.integers(1, 10),
            "insights": st.integers(1, 40),
            "rows": st.none() | st.integers(0, 5000),
            "names": st.sampled_from([BOTH, BOTH, BOTH[:1], BOTH[1:]]),
        }
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, phases=(Phase.generate, Phase.shrink))
@given(
    steps=STEPS,
    minutes=st.integers(90, 300),
    burst=st.integers(1, 4),
    page_size=st.sampled_from([100, 37]),
    late=st.sampled_from([0, 1, 300]),
)
def test_every_post_is_read_at_least_once_whatever_breaks_off(
    steps: list[dict[str, Any]], minutes: int, burst: int, page_size: int, late: int
) -> None:
    """The world posts on, `burst` at a time, seen `late` seconds later; syncs come, change their settings and die."""
    states: States = {}
    seen: dict[str, set[str]] = {name: set() for name in BOTH}
    posts: list[Made] = []
    now = NOW
    everything = {"rows": None, "names": BOTH, "hours": 1, "timeframe": 90, "lookback": 1, "insights": 1}
    for step in [*steps, everything]:
        now += timedelta(hours=step["hours"])
        what = horizon(now, days=step["timeframe"], lookback=step["lookback"], insights=step["insights"])
        posts = posts_until(now - timedelta(seconds=late), minutes, burst)
        api = StandIn(posts, page_size=page_size, private_page_size=page_size)
        sync = Sync(api, what, states, names=step["names"], rows=step["rows"])
        states = sync.states_after_the_last_row
        for name in step["names"]:
            seen[name].update(sync.ids(name))
    wanted = {post.id for post in posts if post.at >= now - 90 * DAY}
    assert {name: wanted - seen[name] for name in BOTH} == {name: set() for name in BOTH}


def posts_until(now: datetime, minutes: int, burst: int) -> list[Made]:
    """Return the posts since 100 days before the first sync; an id is made of the second and a number in it."""
    first = NOW - 100 * DAY
    count = 1 + int((now - first) / timedelta(minutes=minutes))
    instants = [first + place * timedelta(minutes=minutes) for place in range(count)]
    return [Made(str(place * burst + number), at) for place, at in enumerate(instants) for number in range(burst)]


class Credentials:
    signs_with_time = False

    def renew(self, refused: object) -> bool:
        del refused
        return False

    def __call__(self, request: Any) -> Any:  # noqa: ANN401 - never sent
        return request


@pytest.mark.parametrize("exhausted", [[], [0], [0, 1], [0, 1, 2]])
def test_accounts_whose_credentials_can_send_go_first(exhausted: list[int]) -> None:
    queue = AccountQueue()
    for place in range(3):
        client = ApiClient(
            base_url="http://127.0.0.1:1", credential=Credentials(), clock=HandClock(), logger=LOGGER, sent=Ledger()
        )
        if place in exhausted:
            client.limits.acquire(TIMELINE.name, on_wait=lambda _: None)
            stated = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{NOON + 60:.0f}"}
            client.limits.learn(TIMELINE.name, stated, refused=False)
        queue.put(account(XApi(client, Vocabulary(LOGGER), Ledger()), tweet_count=place))
    order = [queue.take().user["public_metrics"]["tweet_count"] for _ in range(3)]
    assert order == [place for place in range(3) if place not in exhausted] + exhausted
