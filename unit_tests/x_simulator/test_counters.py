from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from x_simulator import AccountSpec, World
from x_simulator.accounts import PostKind
from x_simulator.counters import Counters, share_earned
from x_simulator.posts import Post

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORLD = World(7, [AccountSpec("lumen_mill", posts=300, posts_per_day=5, followers=80_000)], ANCHOR)
POSTS = WORLD.posts("lumen_mill")
DAY_MS = 86_400_000

posts = st.sampled_from(POSTS)
ages = st.integers(min_value=0, max_value=500 * DAY_MS)


def everything(counters: Counters) -> list[int]:
    promoted = counters.promoted_metrics or {}
    parts = (counters.public_metrics, counters.organic_metrics, counters.non_public_metrics, promoted)
    return [value for part in parts for _, value in sorted(part.items())]


@given(posts, ages, ages)
def test_no_counter_ever_falls(post: Post, one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    before = everything(WORLD.counters_at(post, post.created_ms + earlier))
    after = everything(WORLD.counters_at(post, post.created_ms + later))
    assert all(a <= b for a, b in zip(before, after, strict=True))


@given(posts, ages)
def test_public_counters_are_organic_and_promoted_together(post: Post, age: int) -> None:
    counters = WORLD.counters_at(post, post.created_ms + age)
    promoted = counters.promoted_metrics or {}
    for name in ("impression_count", "like_count", "reply_count", "retweet_count"):
        assert counters.public_metrics[name] == counters.organic_metrics[name] + promoted.get(name, 0)


@given(ages, ages)
def test_the_share_earned_rises_from_nothing_to_all(one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    assert 0.0 <= share_earned(earlier) <= share_earned(later) <= 1.0


def test_counters_begin_at_zero_and_rest_after_400_days() -> None:
    post = next(post for post in POSTS if post.kind is PostKind.ORIGINAL)
    assert set(everything(WORLD.counters_at(post, post.created_ms))) == {0}
    rested = WORLD.counters_at(post, post.created_ms + 402 * DAY_MS)
    assert rested == WORLD.counters_at(post, post.created_ms + 900 * DAY_MS)
    assert rested.public_metrics["impression_count"] > 100


def test_a_retweet_shows_the_originals_retweets_and_nothing_else() -> None:
    retweet = next(post for post in POSTS if post.kind is PostKind.RETWEET)
    assert retweet.reference is not None
    original = WORLD.counters(retweet.reference.post_id, ANCHOR).public_metrics
    shown = WORLD.counters(retweet.id, ANCHOR).public_metrics
    assert shown == dict.fromkeys(shown, 0) | {"retweet_count": original["retweet_count"]}


def test_link_clicks_are_counted_only_where_there_is_a_link() -> None:
    with_link = {"urls" in post.content.entities: post for post in POSTS if post.kind is PostKind.ORIGINAL}
    assert "url_link_clicks" in WORLD.counters(with_link[True].id, ANCHOR).organic_metrics
    assert "url_link_clicks" not in WORLD.counters(with_link[False].id, ANCHOR).non_public_metrics


def test_an_older_version_earns_nothing_after_it_was_replaced() -> None:
    post = next(post for post in POSTS if len(post.chain) > 1)
    replaced = datetime.fromtimestamp(post.created_ms / 1000, UTC) + timedelta(hours=1)
    assert WORLD.counters(post.chain[0], replaced) == WORLD.counters(post.chain[0], ANCHOR)
    assert WORLD.counters(post.id, replaced) != WORLD.counters(post.id, replaced + timedelta(days=9))


def test_the_days_of_a_post_add_up_to_its_counters() -> None:
    post = next(post for post in POSTS if post.kind is PostKind.ORIGINAL)
    first_day = datetime.fromtimestamp(post.created_ms / 1000, UTC)
    gains = [WORLD.daily_counters(post.id, first_day + timedelta(days=day)) for day in range(40)]
    total = sum(end.organic.impressions - start.organic.impressions for start, end in gains)
    end = datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC) + timedelta(days=40)
    assert total == WORLD.counters(post.id, end).organic.impressions
