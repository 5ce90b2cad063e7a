"""The Engagement API: the figures it answers with, how they nest, and what it leaves out."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit_tests.x_simulator.asking import Asked, Client
from unit_tests.x_simulator.conftest import ANCHOR
from x_simulator import AccountSpec, SimulatedClock, Simulator, World
from x_simulator.accounts import PostKind
from x_simulator.credentials import AuthType, Identity
from x_simulator.engagement_api.answers import Trouble
from x_simulator.engagement_api.endpoints import DAY, ENDPOINTS, HOUR, TWEET, TYPE
from x_simulator.engagement_api.groupings import Counts
from x_simulator.engagement_api.metrics import PUBLIC, TIMED, TOTALS, engagement_metrics
from x_simulator.engagement_api.windows import edges, labels, last_28_hours

TOTALS_PATH, RECENT_PATH, HISTORICAL_PATH = ENDPOINTS
START, END = datetime(2026, 11, 11, 21, tzinfo=UTC), datetime(2026, 11, 14, 3, tzinfo=UTC)
WINDOW = {"start": "2026-11-11T21:00:00Z", "end": "2026-11-14T03:00:00Z"}
CLOCK = SimulatedClock(ANCHOR)
ACCOUNTS = [AccountSpec("lumen_mill", posts=200, posts_per_day=6, followers=90_000), AccountSpec("rival_press")]
CLIENT = Client(Simulator(world=World(7, ACCOUNTS, ANCHOR), clock=CLOCK))
WORLD = CLIENT.simulator.world


def own_ids(world: World, username: str = "lumen_mill") -> list[str]:
    return [str(post.id) for post in world.posts(username) if post.kind is not PostKind.RETWEET]


IDS = own_ids(WORLD)
OLDER = IDS[40:43]


def ask(client: Client, path: str = HISTORICAL_PATH, user: str | None = "lumen_mill", **changes: Any) -> Asked:  # noqa: ANN401 - JSON
    """Ask for two types of a few tweets, changed as told; None leaves a key out."""
    document = {
        "tweet_ids": own_ids(client.simulator.world)[40:43],
        "engagement_types": ["impressions", "favorites"],
        "groupings": {"mine": {"group_by": [TWEET, TYPE]}},
        **(WINDOW if path == HISTORICAL_PATH else {}),
        **changes,
    }
    return client.post_json(path, {key: value for key, value in document.items() if value is not None}, user=user)


def grouped(asked: Asked, name: str = "mine") -> Any:  # noqa: ANN401 - JSON
    assert asked.status == 200
    return asked.body[name]


def by(*group_by: str) -> dict[str, dict[str, list[str]]]:
    return {"mine": {"group_by": list(group_by)}}


def truth(identifier: str, start: datetime, end: datetime, *types: str) -> dict[str, int]:
    figures = engagement_metrics(WORLD, identifier, start, end)
    return {name: figures[name] for name in types}


def numbers(tree: Any) -> Any:  # noqa: ANN401 - as deep as it is
    """Return the same tree with numbers at the bottom."""
    return {name: numbers(each) for name, each in tree.items()} if isinstance(tree, dict) else int(tree)


def leaves(tree: Any) -> Iterator[Any]:  # noqa: ANN401 - as deep as it is
    if not isinstance(tree, dict):
        yield tree
        return
    for each in tree.values():
        yield from leaves(each)


# Figures and how they nest ------------------------------------------------------------------------------------------


def test_an_answer_repeats_its_window_and_has_one_object_for_each_grouping() -> None:
    groupings = {"by tweet": {"group_by": [TWEET, TYPE]}, "Grand Totals": {"group_by": [TYPE]}}
    body = ask(CLIENT, groupings=groupings).body
    assert list(body) == ["start", "end", "by tweet", "Grand Totals"]
    assert {name: body[name] for name in WINDOW} == WINDOW
    per_tweet = {each: truth(each, START, END, "impressions", "favorites") for each in OLDER}
    assert numbers(body["by tweet"]) == per_tweet
    assert numbers(body["Grand Totals"]) == {
        name: sum(figures[name] for figures in per_tweet.values()) for name in ("impressions", "favorites")
    }


def test_the_types_and_ids_stand_in_the_order_asked_for() -> None:
    tree = grouped(ask(CLIENT, tweet_ids=OLDER[::-1], engagement_types=["replies", "engagements"]))
    assert (list(tree), list(tree[OLDER[0]])) == (OLDER[::-1], ["replies", "engagements"])


def test_days_are_utc_days_cut_at_both_ends_of_the_window() -> None:
    tree = grouped(ask(CLIENT, groupings=by(TWEET, TYPE, DAY)))
    midnights = [datetime(2026, 11, day, tzinfo=UTC) for day in (12, 13, 14)]
    spans = zip([START, *midnights], [*midnights, END], strict=True)
    days = {f"{start:%Y-%m-%d}": truth(OLDER[0], start, end, "impressions")["impressions"] for start, end in spans}
    assert numbers(tree[OLDER[0]]["impressions"]) == days
    assert list(days) == ["2026-11-11", "2026-11-12", "2026-11-13", "2026-11-14"]


@pytest.mark.parametrize("group_by", [(TWEET, TYPE, HOUR), (TWEET, TYPE, DAY, HOUR)])
def test_hours_stand_below_their_dates_whether_days_are_asked_for_or_not(group_by: tuple[str, ...]) -> None:
    tree = numbers(grouped(ask(CLIENT, groupings=by(*group_by))))[OLDER[0]]["favorites"]
    assert {date: list(hours) for date, hours in tree.items()} == {
        "2026-11-11": ["21", "22", "23"],
        "2026-11-12": [f"{hour:02d}" for hour in range(24)],
        "2026-11-13": [f"{hour:02d}" for hour in range(24)],
        "2026-11-14": ["00", "01", "02"],
    }
    at_nine = datetime(2026, 11, 12, 9, tzinfo=UTC)
    assert tree["2026-11-12"]["09"] == truth(OLDER[0], at_nine, at_nine + timedelta(hours=1), "favorites")["favorites"]


def test_levels_follow_the_order_of_group_by() -> None:
    tree = numbers(grouped(ask(CLIENT, groupings=by(TWEET, TYPE, DAY))))
    turned = numbers(grouped(ask(CLIENT, groupings=by(DAY, TYPE, TWEET))))
    assert {
        each: {name: {date: turned[date][name][each] for date in turned} for name in ("impressions", "favorites")}
        for each in OLDER
    } == tree
    hours = numbers(grouped(ask(CLIENT, groupings=by(HOUR, TWEET, TYPE))))
    assert hours["2026-11-12"]["09"][OLDER[0]]["impressions"] >= 0
    upside_down = numbers(grouped(ask(CLIENT, groupings=by(HOUR, DAY))))
    assert upside_down["09"]["2026-11-12"] == sum(leaves(hours["2026-11-12"]["09"]))


@given(
    st.permutations([TWEET, TYPE, DAY, HOUR]).flatmap(
        lambda order: st.integers(min_value=1, max_value=3).map(lambda size: tuple(order[:size]))
    ),
    st.integers(min_value=0, max_value=500),
    st.integers(min_value=1, max_value=120),
)
def test_whatever_is_grouped_by_adds_up_to_the_same(group_by: tuple[str, ...], ago: int, hours: int) -> None:
    end = ANCHOR - timedelta(hours=ago)
    start = end - timedelta(hours=hours)
    window = {"start": start.isoformat(), "end": end.isoformat()}
    CLOCK.advance(60)
    tree = grouped(ask(CLIENT, groupings=by(*group_by), **window))
    expected = [truth(each, start, end, "impressions", "favorites") for each in OLDER]
    assert sum(map(int, leaves(tree))) == sum(sum(figures.values()) for figures in expected)


def test_nothing_is_counted_before_it_has_happened(make_client: Callable[..., Client], clock: SimulatedClock) -> None:
    clock.advance(1_234)
    client = make_client()
    (newest,) = own_ids(client.simulator.world)[:1]
    asked = ask(client, RECENT_PATH, tweet_ids=[newest], groupings=by(TYPE))
    now = datetime.fromtimestamp(clock.time(), UTC)
    figures = engagement_metrics(client.simulator.world, newest, ANCHOR - timedelta(days=9), now)
    assert numbers(grouped(asked)) == {name: figures[name] for name in ("impressions", "favorites")}
    assert asked.body["end"] == "2026-11-20T13:00:00Z"


@pytest.mark.parametrize(("seconds", "buckets"), [(0, 28), (1_800, 29)])
def test_the_last_28_hours_are_widened_to_whole_ones(
    make_client: Callable[..., Client], clock: SimulatedClock, seconds: int, buckets: int
) -> None:
    clock.advance(seconds)
    asked = ask(make_client(), RECENT_PATH, groupings=by(HOUR), engagement_types=list(TIMED))
    assert sum(len(hours) for hours in grouped(asked).values()) == buckets
    assert asked.body["start"] == "2026-11-19T08:00:00Z"


def test_without_start_and_end_it_is_about_the_last_four_weeks(
    make_client: Callable[..., Client], clock: SimulatedClock
) -> None:
    clock.advance(60)
    body = ask(make_client(), start=None, end=None).body
    assert (body["start"], body["end"]) == ("2026-10-23T13:00:00Z", "2026-11-20T13:00:00Z")


@pytest.mark.parametrize(
    ("given_window", "answered"),
    [
        (("2026-11-01", "2026-11-03"), ("2026-11-01T00:00:00Z", "2026-11-03T00:00:00Z")),
        (("2026-11-01T12:24:00Z", "2026-11-03T08:37:00Z"), ("2026-11-01T12:00:00Z", "2026-11-03T09:00:00Z")),
        (("2026-11-01T12:24:00+02:00", "2026-11-03T10:00+0200"), ("2026-11-01T10:00:00Z", "2026-11-03T08:00:00Z")),
        (("2026-11-20T11:59:59.9Z", "2026-11-20T12:00:00Z"), ("2026-11-20T11:00:00Z", "2026-11-20T12:00:00Z")),
        (("2025-11-20T12:00:00Z", "2025-12-18T12:00:00Z"), ("2025-11-20T12:00:00Z", "2025-12-18T12:00:00Z")),
    ],
)
def test_start_and_end_are_widened_to_whole_hours(
    client: Client, given_window: tuple[str, str], answered: tuple[str, str]
) -> None:
    body = ask(client, start=given_window[0], end=given_window[1]).body
    assert (body["start"], body["end"]) == answered


def test_totals_are_those_that_the_x_api_shows_and_have_no_window(client: Client) -> None:
    world = client.simulator.world
    young = own_ids(world)[40:43]
    body = ask(client, TOTALS_PATH, engagement_types=list(TOTALS)).body
    counters = {each: world.counters(each, ANCHOR) for each in young}
    assert list(body) == ["mine"]
    assert numbers(body["mine"]) == {
        each: {
            "impressions": seen.organic_metrics["impression_count"],
            "engagements": seen.non_public_metrics["engagements"],
            "favorites": seen.public_metrics["like_count"],
            "retweets": seen.public_metrics["retweet_count"],
            "replies": seen.public_metrics["reply_count"],
            "quote_tweets": seen.public_metrics["quote_count"],
            "video_views": seen.combined.video_views,
        }
        for each, seen in counters.items()
    }


def test_an_app_alone_may_ask_for_public_totals_of_everybody(client: Client) -> None:
    world = client.simulator.world
    ids = [own_ids(world, "rival_press")[3], own_ids(world)[3]]
    body = ask(client, TOTALS_PATH, None, tweet_ids=ids, engagement_types=list(PUBLIC)).body
    favorites = [world.counters(each, ANCHOR).public_metrics["like_count"] for each in ids]
    assert [int(body["mine"][each]["favorites"]) for each in ids] == favorites


def test_ids_may_be_numbers_and_one_that_comes_twice_counts_once(client: Client) -> None:
    (first, second) = own_ids(client.simulator.world)[40:42]
    asked = ask(client, tweet_ids=[int(first), second, first], groupings=by(TWEET, TYPE))
    assert grouped(asked) == grouped(ask(client, tweet_ids=[first, second]))


# Strings and numbers -------------------------------------------------------------------------------------------------


def test_counts_are_strings_but_for_one_in_fifty() -> None:
    asked = ask(CLIENT, groupings=by(TWEET, TYPE, HOUR))
    found = list(leaves(grouped(asked)))
    bare = [place for place, leaf in enumerate(found) if isinstance(leaf, int)]
    assert {after - before for before, after in pairwise(bare)} == {50}
    assert all(isinstance(leaf, str) for place, leaf in enumerate(found) if place not in bare)
    assert ask(CLIENT, groupings=by(TWEET, TYPE, HOUR)).body == asked.body


@pytest.mark.parametrize(("every", "bare"), [(0, 0), (1, 6), (3, 2)])
def test_how_many_counts_are_numbers_can_be_told(make_client: Callable[..., Client], every: int, bare: int) -> None:
    found = list(leaves(grouped(ask(make_client(odd_value_every=every)))))
    assert sum(isinstance(leaf, int) for leaf in found) == bare


@given(st.lists(st.lists(st.integers(min_value=0), max_size=9), max_size=9), st.integers(min_value=1, max_value=7))
def test_every_nth_count_is_a_number_however_they_are_written(columns: list[list[int]], every: int) -> None:
    counts = Counts(every)
    written = [count for column in columns for count in counts.written(column)]
    assert [int(count) for count in written] == [count for column in columns for count in column]
    assert [isinstance(count, int) for count in written] == [(n + 1) % every == 0 for n in range(len(written))]


# What is left out ----------------------------------------------------------------------------------------------------


def test_tweets_that_are_gone_are_named_beside_the_data(client: Client) -> None:
    world = client.simulator.world
    kept, gone = own_ids(world)[40:42]
    world.delete_post(gone)
    body = ask(client, tweet_ids=[gone, kept, "20"]).body
    assert list(body) == ["start", "end", "unavailable_tweet_ids", "mine", "errors"]
    assert (body["unavailable_tweet_ids"], list(body["mine"])) == ([gone, "20"], [kept])
    assert body["errors"] == ["2 Tweet ID(s) are unavailable"]


def test_when_all_are_gone_the_request_is_refused(client: Client) -> None:
    refused = ask(client, tweet_ids=["20", "21"])
    assert (refused.status, refused.body) == (
        400,
        {"errors": ["2 Tweet ID(s) are unavailable"], "unavailable_tweet_ids": ["20", "21"]},
    )


@pytest.mark.parametrize("user", ["hidden_nook", None])
def test_protected_tweets_are_unavailable_even_to_their_owner(client: Client, user: str | None) -> None:
    protected = own_ids(client.simulator.world, "hidden_nook")[:1]
    refused = ask(client, TOTALS_PATH, user, tweet_ids=protected, engagement_types=["favorites"])
    assert (refused.status, refused.body["unavailable_tweet_ids"]) == (400, protected)


@pytest.mark.parametrize("path", [TOTALS_PATH, RECENT_PATH, HISTORICAL_PATH])
def test_one_tweet_of_somebody_else_refuses_the_whole_request(client: Client, path: str) -> None:
    world = client.simulator.world
    own, others = own_ids(world)[:2], own_ids(world, "rival_press")[:2]
    refused = ask(client, path, tweet_ids=[own[0], *others, own[1], "20"])
    assert (refused.status, refused.body) == (403, {"errors": [f"Forbidden to access tweets: {', '.join(others)}"]})


def test_a_retweet_is_a_tweet_of_the_author_whom_it_repeats(client: Client) -> None:
    retweet = next(post for post in client.simulator.world.posts("lumen_mill") if post.kind is PostKind.RETWEET)
    refused = ask(client, tweet_ids=[str(retweet.id)])
    assert (refused.status, refused.body["errors"]) == (403, [f"Forbidden to access tweets: {retweet.id}"])


def test_impressions_and_engagements_of_totals_reach_back_90_days(client: Client) -> None:
    world = client.simulator.world
    limit_ms = (ANCHOR - timedelta(days=90)).timestamp() * 1000
    posts = [post for post in world.posts("lumen_mill") if post.kind is not PostKind.RETWEET]
    old = next(str(post.id) for post in posts if post.created_ms < limit_ms)
    young = str(posts[40].id)
    body = ask(client, TOTALS_PATH, tweet_ids=[young, old], engagement_types=["impressions", "favorites"]).body
    assert body["unsupported_for_impressions_engagements_tweet_ids"] == [old]
    (sentence,) = body["errors"]
    assert sentence.startswith("Impressions & engagements for tweets older than 90 days (2026-08-22T12:00:00Z)")
    assert int(body["mine"][old]["favorites"]) == world.counters(old, ANCHOR).public_metrics["like_count"] > 0
    assert (int(body["mine"][old]["impressions"]), int(body["mine"][young]["impressions"]) > 0) == (0, True)
    assert list(ask(client, TOTALS_PATH, tweet_ids=[old], engagement_types=["favorites"]).body) == ["mine"]
    assert list(ask(client, tweet_ids=[old]).body) == ["start", "end", "mine"]


def test_video_views_reach_back_1800_days_and_stand_at_zero_before() -> None:
    accounts = [AccountSpec("lumen_mill", posts=2_000, posts_per_day=1, mix=("video",))]
    client = Client(Simulator(world=World(7, accounts, ANCHOR), clock=SimulatedClock(ANCHOR), odd_value_every=0))
    ids = client.simulator.world.post_ids("lumen_mill")
    body = ask(client, TOTALS_PATH, tweet_ids=[ids[0], ids[-1]], engagement_types=["video_views", "favorites"]).body
    assert body["unsupported_for_video_views_tweet_ids"] == [ids[-1]]
    assert (body["mine"][ids[-1]]["video_views"], int(body["mine"][ids[-1]]["favorites"]) > 0) == ("0", True)
    assert "errors" not in body


# Windows -------------------------------------------------------------------------------------------------------------


@given(st.integers(min_value=1_600_000_000_000, max_value=1_900_000_000_000))
def test_buckets_tile_their_window(now_ms: int) -> None:
    window = last_28_hours(now_ms)
    for step_ms in (3_600_000, 86_400_000):
        bounds = edges(window, step_ms)
        assert (bounds[0], bounds[-1]) == tuple(window)
        assert all(0 < after - before <= step_ms for before, after in pairwise(bounds))
        names = labels(bounds[:-1])
        assert len(set(names)) == len(names)
    assert window.start_ms <= now_ms - 28 * 3_600_000 < now_ms <= window.end_ms


def test_25_tweets_on_28_days_take_no_time_to_speak_of() -> None:
    document = {"tweet_ids": IDS[:25], "engagement_types": list(TIMED), "groupings": by(TWEET, TYPE, DAY)}
    window = {"start": "2026-10-23", "end": "2026-11-20"}
    identity = Identity("oauth1:main:lumen_mill", AuthType.OAUTH1, "main", "lumen_mill")
    api, endpoint = CLIENT.simulator.application.engagement_api, ENDPOINTS[HISTORICAL_PATH]
    began = process_time()
    body = api.answer(endpoint, document | window, identity, Trouble())
    assert process_time() - began < 0.025
    assert sum(1 for _ in leaves(body["mine"])) == 25 * 28 * 17
