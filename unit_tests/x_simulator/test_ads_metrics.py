from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from x_simulator import AccountSpec, World
from x_simulator.accounts import PostKind
from x_simulator.ads_api.metrics import ENGAGEMENT, ORGANIC, VIDEO, gains, organic_metrics, totals
from x_simulator.ads_api.tweet_objects import has_card
from x_simulator.posts import Post

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORLD = World(7, [AccountSpec("lumen_mill", posts=400, posts_per_day=5, followers=90_000)], ANCHOR)
POSTS = WORLD.posts("lumen_mill")
DAY_MS = 86_400_000

posts = st.sampled_from(POSTS)
ages = st.lists(st.integers(min_value=-3 * DAY_MS, max_value=500 * DAY_MS), min_size=2, max_size=30).map(sorted)


def first_of(kind: PostKind) -> Post:
    return next(post for post in POSTS if post.kind is kind)


@given(posts, ages)
def test_no_metric_ever_falls_or_begins_above_zero(post: Post, lived: list[int]) -> None:
    for column in totals(post, [post.created_ms + age for age in (-1, *lived)]).values():
        assert column is None or (column[0] >= 0 and all(before <= after for before, after in pairwise(column)))


@given(posts, ages)
def test_buckets_are_what_lies_between_two_totals(post: Post, lived: list[int]) -> None:
    instants = [post.created_ms + age for age in lived]
    reached, earned = totals(post, instants), gains(post, instants)
    for name in ORGANIC:
        column, buckets = reached[name], earned[name]
        whole = column[-1] - column[0] if column else 0
        assert sum(buckets or []) == whole
        assert (buckets is None) == (whole == 0)
        assert buckets is None or len(buckets) == len(instants) - 1


@given(posts, st.integers(min_value=0, max_value=500 * DAY_MS))
def test_what_both_apis_count_is_the_same_number(post: Post, age: int) -> None:
    instant = post.created_ms + age
    counters = WORLD.counters_at(post, instant).organic
    reached = {name: column[0] if column else 0 for name, column in totals(post, [instant]).items()}
    shared = ("impressions", "likes", "replies", "retweets", "url_clicks")
    expected = [0] * 5 if post.kind is PostKind.RETWEET else [getattr(counters, name) for name in shared]
    assert [reached[name] for name in shared] == expected
    assert reached["video_total_views"] == counters.video_views


def test_paid_impressions_are_left_out() -> None:
    promoted = next(post for post in POSTS if WORLD.counters(post.id, ANCHOR).promoted is not None)
    counters = WORLD.counters(promoted.id, ANCHOR)
    earned = organic_metrics(WORLD, promoted.id, ANCHOR - timedelta(days=900), ANCHOR)
    assert earned["impressions"] == counters.organic.impressions < counters.combined.impressions


def test_metrics_stand_in_the_order_and_under_the_names_that_x_gives_them() -> None:
    assert list(organic_metrics(WORLD, POSTS[9].id, ANCHOR - timedelta(days=9), ANCHOR)) == [*ENGAGEMENT, *VIDEO]
    assert (len(ENGAGEMENT), len(VIDEO)) == (15, 10)


def test_some_metrics_are_earned_by_some_posts_only() -> None:
    earned = {post.id: organic_metrics(WORLD, post.id, ANCHOR - timedelta(days=900), ANCHOR) for post in POSTS}
    old = [post for post in POSTS if post.created_ms < (ANCHOR - timedelta(days=9)).timestamp() * 1000]
    for post in old:
        assert (earned[post.id]["video_total_views"] > 0) == (post.kind is PostKind.VIDEO)
        assert earned[post.id]["engagements"] >= earned[post.id]["clicks"] >= earned[post.id]["likes"]
    share = {name: sum(earned[post.id][name] > 0 for post in old) / len(old) for name in ENGAGEMENT}
    assert share["impressions"] > 0.8
    assert 0.2 < share["card_engagements"] < 0.8
    assert 0 < share["poll_card_vote"] < 0.05
    assert all(0 < value < 1 for value in share.values())


def test_a_tweet_that_was_made_with_a_card_has_card_engagements() -> None:
    made = [post for post in POSTS if has_card(post) and post.created_ms < (ANCHOR.timestamp() - 864_000) * 1000]
    span = (ANCHOR - timedelta(days=900), ANCHOR)
    assert made
    assert all(organic_metrics(WORLD, post.id, *span)["card_engagements"] for post in made)


def test_a_retweet_earns_nothing() -> None:
    retweet = first_of(PostKind.RETWEET)
    nothing = dict.fromkeys(ORGANIC, 0)
    assert organic_metrics(WORLD, retweet.id, ANCHOR - timedelta(days=900), ANCHOR) == nothing


def test_a_version_that_was_replaced_earns_nothing_more() -> None:
    edited = next(post for post in POSTS if len(post.chain) > 1)
    replaced = datetime.fromtimestamp(edited.created_ms / 1000, UTC)
    before = organic_metrics(WORLD, edited.chain[0], ANCHOR - timedelta(days=900), replaced)
    after = organic_metrics(WORLD, edited.chain[0], replaced, ANCHOR + timedelta(days=900))
    assert (before["impressions"] > 0, set(after.values())) == (True, {0})


def test_a_deleted_post_keeps_what_it_earned() -> None:
    world = World(7, [AccountSpec("lumen_mill", posts=20)], ANCHOR)
    oldest = world.post_ids("lumen_mill")[-1]
    span = (ANCHOR - timedelta(days=900), ANCHOR)
    before = organic_metrics(world, oldest, *span)
    world.delete_post(oldest)
    assert organic_metrics(world, oldest, *span) == before
    assert before["impressions"] > 0


def test_a_post_that_never_is_has_no_truth() -> None:
    with pytest.raises(KeyError, match="no post 20"):
        organic_metrics(WORLD, 20, ANCHOR, ANCHOR)


def test_a_span_before_the_post_holds_nothing() -> None:
    long_ago = ANCHOR - timedelta(days=4000)
    assert set(organic_metrics(WORLD, POSTS[0].id, long_ago, long_ago + timedelta(days=1)).values()) == {0}


def test_twenty_posts_on_ninety_days_take_no_time_to_speak_of() -> None:
    end = int(ANCHOR.timestamp() * 1000)
    instants = [end - day * DAY_MS for day in range(90, -1, -1)]
    began = process_time()
    for post in POSTS[-20:]:
        gains(post, instants)
    assert process_time() - began < 0.06
