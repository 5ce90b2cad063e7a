"""What the Enterprise APIs count: held against the counters of the world, and against itself."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from x_simulator import AccountSpec, World
from x_simulator.accounts import PostKind
from x_simulator.activity import gains, reached
from x_simulator.engagement_api.metrics import ALL, TIMED, TOTALS, engagement_metrics
from x_simulator.posts import Post, media_keys
from x_simulator.x_api.analytics import (
    MEDIA_METRICS,
    POST_METRICS,
    analytics_metrics,
    media_analytics_metrics,
    post_of_media,
)

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORLD = World(7, [AccountSpec("lumen_mill", posts=400, posts_per_day=5, followers=90_000, promoted_every=5)], ANCHOR)
POSTS = WORLD.posts("lumen_mill")
DAY_MS = 86_400_000
LONG_AGO = ANCHOR - timedelta(days=900)

posts = st.sampled_from(POSTS)
ages = st.lists(st.integers(min_value=-3 * DAY_MS, max_value=500 * DAY_MS), min_size=2, max_size=30).map(sorted)


def first_of(kind: PostKind) -> Post:
    return next(post for post in POSTS[20:] if post.kind is kind)


@given(posts, ages)
def test_no_figure_ever_falls_and_buckets_are_what_lies_between(post: Post, lived: list[int]) -> None:
    instants = [post.created_ms + age for age in lived]
    totals, buckets = reached(post, instants, ALL), gains(post, instants, ALL)
    for name in ALL:
        assert all(0 <= before <= after for before, after in pairwise(totals[name]))
        assert sum(buckets[name]) == totals[name][-1] - totals[name][0]
        assert len(buckets[name]) == len(instants) - 1


@given(posts, st.integers(min_value=0, max_value=500 * DAY_MS))
def test_figures_are_the_counters_that_the_x_api_shows(post: Post, age: int) -> None:
    instant = post.created_ms + age
    counters = WORLD.counters_at(post, instant)
    figures = {name: column[0] for name, column in reached(post, [instant], ALL).items()}
    if post.kind is PostKind.RETWEET:
        assert set(figures.values()) == {0}
        return
    everything = counters.combined
    assert figures["impressions"] == counters.organic_metrics["impression_count"]
    assert figures["engagements"] == counters.non_public_metrics["engagements"]
    assert figures["favorites"] == counters.public_metrics["like_count"]
    assert figures["retweets"] == counters.public_metrics["retweet_count"]
    assert figures["replies"] == counters.public_metrics["reply_count"]
    assert figures["quote_tweets"] == counters.public_metrics["quote_count"]
    assert figures["user_profile_clicks"] == counters.non_public_metrics["user_profile_clicks"]
    assert figures["url_clicks"] == counters.non_public_metrics.get("url_link_clicks", 0)
    assert (figures["video_views"], figures["detail_expands"]) == (everything.video_views, everything.detail_expands)


def test_impressions_leave_out_what_was_paid_for_and_engagements_do_not() -> None:
    promoted = next(post for post in POSTS[20:] if WORLD.counters(post.id, ANCHOR).promoted is not None)
    counters, figures = WORLD.counters(promoted.id, ANCHOR), engagement_metrics(WORLD, promoted.id, LONG_AGO, ANCHOR)
    assert figures["impressions"] == counters.organic.impressions < counters.combined.impressions
    assert figures["favorites"] == counters.organic.likes + counters.promoted_metrics["like_count"]  # type: ignore[index]


def test_there_are_17_types_by_the_hour_and_7_in_total() -> None:
    assert (len(TIMED), len(TOTALS), len(ALL), set(TOTALS) - set(TIMED)) == (17, 7, 18, {"quote_tweets"})


def test_hours_add_up_to_days_and_days_to_totals() -> None:
    post = first_of(PostKind.VIDEO)
    start = datetime.fromtimestamp(post.created_ms // DAY_MS * DAY_MS / 1000, UTC)
    hours = [start + timedelta(hours=hour) for hour in range(73)]
    by_hour = [engagement_metrics(WORLD, post.id, a, b) for a, b in pairwise(hours)]
    by_day = [engagement_metrics(WORLD, post.id, a, b) for a, b in pairwise(hours[::24])]
    assert [{name: sum(h[name] for h in by_hour[d : d + 24]) for name in ALL} for d in (0, 24, 48)] == by_day
    whole = engagement_metrics(WORLD, post.id, hours[0], hours[-1])
    assert {name: sum(day[name] for day in by_day) for name in ALL} == whole
    assert whole["impressions"] > 0


def test_some_types_are_earned_by_some_posts_only() -> None:
    figures = [(post, engagement_metrics(WORLD, post.id, LONG_AGO, ANCHOR)) for post in POSTS[50:]]
    assert all((f["video_views"] > 0) == (post.kind is PostKind.VIDEO) for post, f in figures)
    assert all(bool(media_keys(post)) for post, f in figures if f["media_views"] or f["media_engagements"])
    share = {name: sum(f[name] > 0 for _, f in figures) / len(figures) for name in ALL}
    assert all(0 < value < 1 for value in share.values())


def test_a_version_that_was_replaced_earns_nothing_more() -> None:
    edited = next(post for post in POSTS if len(post.chain) > 1)
    replaced = datetime.fromtimestamp(edited.created_ms / 1000, UTC)
    before = engagement_metrics(WORLD, edited.chain[0], LONG_AGO, replaced)
    after = engagement_metrics(WORLD, edited.chain[0], replaced, ANCHOR + timedelta(days=900))
    assert (before["impressions"] > 0, set(after.values())) == (True, {0})


def test_a_deleted_post_keeps_what_it_earned_and_one_that_never_was_has_no_truth() -> None:
    world = World(7, [AccountSpec("lumen_mill", posts=20)], ANCHOR)
    oldest = world.post_ids("lumen_mill")[-1]
    before = engagement_metrics(world, oldest, LONG_AGO, ANCHOR)
    world.delete_post(oldest)
    assert engagement_metrics(world, oldest, LONG_AGO, ANCHOR) == before
    with pytest.raises(KeyError, match="no post 20"):
        engagement_metrics(world, 20, LONG_AGO, ANCHOR)


@given(posts, ages)
def test_analytics_tell_the_same_under_other_names(post: Post, lived: list[int]) -> None:
    start, end = (datetime.fromtimestamp((post.created_ms + age) // 1000, UTC) for age in (lived[0], lived[-1]))
    engagement = engagement_metrics(WORLD, post.id, start, end)
    analytics = analytics_metrics(WORLD, post.id, start, end)
    names = {"likes": "favorites", "follows": "user_follows"}
    assert list(analytics) == list(POST_METRICS)
    shared = [name for name in POST_METRICS if names.get(name, name) in ALL]
    assert {name: analytics[name] for name in shared} == {name: engagement[names.get(name, name)] for name in shared}
    assert set(POST_METRICS) - set(shared) == {"bookmarks", "shares", "unfollows", "unlikes"}


def test_the_analytics_of_a_video_are_those_of_its_post() -> None:
    video = first_of(PostKind.VIDEO)
    (key,) = media_keys(video)
    figures = media_analytics_metrics(WORLD, key, LONG_AGO, ANCHOR)
    views = WORLD.counters(video.id, ANCHOR).combined.video_views
    assert list(figures) == list(MEDIA_METRICS)
    assert figures["video_views"] == figures["playback_start"] == views > figures["playback25"]
    quarters = [figures[f"playback{part}"] for part in ("25", "50", "75", "_complete")]
    assert quarters == [views * percent // 100 for percent in (71, 48, 33, 21)]


def test_photos_have_posts_too_and_nothing_to_play() -> None:
    photos = next(post for post in POSTS if len(media_keys(post)) == 4)
    now_ms = int(ANCHOR.timestamp() * 1000)
    assert [post_of_media(WORLD, key, now_ms) for key in media_keys(photos)] == [photos] * 4
    assert set(media_analytics_metrics(WORLD, media_keys(photos)[3], LONG_AGO, ANCHOR).values()) == {0}
    with pytest.raises(KeyError, match="no media 13_20"):
        media_analytics_metrics(WORLD, "13_20", LONG_AGO, ANCHOR)
