from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from x_simulator import AccountSpec, SimulatedClock, World
from x_simulator.accounts import PostKind
from x_simulator.posts import entities_of
from x_simulator.snowflakes import created_ms_of, first_id_at

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPEC = AccountSpec("lumen_mill", posts=600, posts_per_day=5, followers=40_000)
WORLD = World(7, [SPEC], ANCHOR)
POSTS = WORLD.posts("lumen_mill")

days_around_anchor = st.floats(min_value=-200, max_value=60, allow_nan=False)


def at(days: float) -> datetime:
    return ANCHOR + timedelta(days=days)


def test_the_same_seed_makes_the_same_world() -> None:
    again = World(7, [SPEC], ANCHOR)
    assert [(post.id, post.text, post.kind) for post in again.posts("lumen_mill")] == [
        (post.id, post.text, post.kind) for post in POSTS
    ]


def test_another_seed_makes_other_posts_of_the_same_user() -> None:
    other = World(8, [SPEC], ANCHOR)
    assert other.user_id("lumen_mill") == WORLD.user_id("lumen_mill")
    assert set(other.post_ids("lumen_mill")).isdisjoint(WORLD.post_ids("lumen_mill"))


def test_adding_an_account_changes_nobody_elses_posts() -> None:
    more = World(7, [AccountSpec("newcomer"), SPEC], ANCHOR)
    assert [post.text for post in more.posts("lumen_mill")] == [post.text for post in POSTS]


def test_an_account_has_as_many_posts_at_the_anchor_as_its_specification_says() -> None:
    assert len(POSTS) == 600


def test_posts_have_the_kinds_of_the_mix_and_nothing_else() -> None:
    assert {post.kind for post in POSTS} == set(PostKind)
    plain = World(7, [AccountSpec("plain", posts=50, mix=("original",))], ANCHOR)
    assert {post.kind for post in plain.posts("plain")} == {PostKind.ORIGINAL}


def test_the_order_of_ids_is_the_order_of_times() -> None:
    assert sorted(POSTS, key=lambda post: post.id, reverse=True) == POSTS
    assert sorted(POSTS, key=lambda post: post.created_ms, reverse=True) == POSTS
    assert all(created_ms_of(post.id) == post.created_ms for post in POSTS)


@given(days_around_anchor, st.floats(min_value=0.5, max_value=2_000))
def test_ids_are_unique_and_rise_at_any_pace_and_instant(days: float, posts_per_day: float) -> None:
    world = World(3, [AccountSpec("pace", posts=300, posts_per_day=posts_per_day)], ANCHOR)
    ids = [int(identifier) for identifier in world.post_ids("pace", at=at(days / 100))]
    assert ids == sorted(set(ids), reverse=True)


@given(days_around_anchor)
def test_every_post_on_the_timeline_is_found_by_its_id(days: float) -> None:
    moment = at(days)
    for post in WORLD.posts("lumen_mill", at=moment)[:30]:
        assert WORLD.post(post.id, at=moment) == post


@given(days_around_anchor, days_around_anchor, days_around_anchor)
def test_a_window_of_the_timeline_is_what_filtering_the_whole_gives(now: float, start: float, end: float) -> None:
    now_ms = int(at(now).timestamp() * 1000)
    low, high = (first_id_at(int(at(day).timestamp() * 1000)) for day in sorted((start, end)))
    account = WORLD.account("lumen_mill")
    whole = WORLD.posts("lumen_mill", at=at(now))
    expected = [post.id for post in whole if low <= post.id < high]
    assert [post.id for post in WORLD.newest_first(account, low, high, now_ms)] == expected
    assert [post.id for post in WORLD.oldest_first(account, low, high, now_ms)] == expected[::-1]


def test_the_account_goes_on_posting_while_the_clock_moves() -> None:
    clock = SimulatedClock(ANCHOR)
    world = World(7, [SPEC], ANCHOR, clock=clock)
    clock.advance(timedelta(days=2))
    assert len(world.posts("lumen_mill")) == 610
    assert world.post_ids("lumen_mill")[10:] == WORLD.post_ids("lumen_mill")


@given(st.integers(min_value=1, max_value=600))
def test_the_ceiling_is_the_id_of_the_nth_newest_post(reach: int) -> None:
    now_ms = int(ANCHOR.timestamp() * 1000)
    expected = POSTS[reach - 1].id if reach < 600 else 0
    assert WORLD.ceiling_id(WORLD.account("lumen_mill"), reach, now_ms) == expected


def test_the_ceiling_counts_only_posts_that_are_left() -> None:
    world = World(7, [SPEC], ANCHOR)
    newest = world.post_ids("lumen_mill")
    for identifier in newest[:5]:
        world.delete_post(identifier)
    now_ms = int(ANCHOR.timestamp() * 1000)
    assert world.ceiling_id(world.account("lumen_mill"), 10, now_ms) == int(newest[14])


def test_an_edited_post_is_listed_once_under_its_newest_id_and_found_under_all() -> None:
    post = next(post for post in POSTS if len(post.chain) > 2)
    assert post.id == post.chain[-1]
    versions = [WORLD.post(identifier) for identifier in post.chain]
    assert [version.id for version in versions] == list(post.chain)
    assert len({version.text for version in versions}) == len(versions)


def test_before_its_edits_a_post_shows_its_first_version() -> None:
    post = next(post for post in POSTS if len(post.chain) > 1)
    moment = datetime.fromtimestamp(post.first_created_ms / 1000 + 1, UTC)
    assert WORLD.post(post.chain[0], at=moment).chain == post.chain[:1]
    with pytest.raises(KeyError):
        WORLD.post(post.chain[1], at=moment)


def test_long_posts_are_cut_and_keep_the_whole_in_their_note() -> None:
    post = next(post for post in POSTS if post.kind is PostKind.LONG)
    assert post.note is not None
    assert len(post.text) == 280
    assert post.text.endswith("…")
    assert post.note.startswith(post.text[:-1])
    assert len(post.note) > 280


def test_retweets_repeat_a_post_that_exists_and_are_cut_at_140() -> None:
    retweets = [post for post in POSTS if post.kind is PostKind.RETWEET]
    for retweet in retweets:
        assert retweet.reference is not None
        original = WORLD.post(retweet.reference.post_id)
        full = f"RT @{original.account.username}: {original.text}"
        assert retweet.text == (full if len(full) <= 140 else full[:139] + "…")
        assert original.created_ms < retweet.created_ms
    assert sum(len(retweet.text) == 140 for retweet in retweets) > 10


def test_posts_refer_to_older_posts_some_of_which_are_gone() -> None:
    found = {True: 0, False: 0}
    for post in POSTS:
        if post.reference is not None:
            original = WORLD.find_post(post.reference.post_id, post.created_ms)
            found[original is not None] += 1
            assert created_ms_of(post.reference.post_id) < post.created_ms
            assert original is None or original.account.id == post.reference.user_id
    assert found[True] > 150
    assert 3 < found[False] < 30


def test_entities_point_at_what_they_name() -> None:
    marks = {"hashtags": ("#", "tag"), "mentions": ("@", "username"), "cashtags": ("$", "tag"), "urls": ("", "url")}
    seen = set()
    for post in POSTS:
        entities = entities_of(post)
        if not isinstance(entities, dict):
            entities = post.content.entities
        for sort, items in entities.items():
            sign, name = marks[sort]
            seen.add(sort)
            for item in items:
                assert post.text[item["start"] : item["end"]] == sign + item[name]
    assert seen == set(marks)


def test_deleted_posts_leave_the_timeline_and_the_count() -> None:
    world = World(7, [SPEC], ANCHOR)
    world.delete_post(world.post_ids("lumen_mill")[3])
    now_ms = int(ANCHOR.timestamp() * 1000)
    assert len(world.posts("lumen_mill")) == world.count_posts(world.account("lumen_mill"), now_ms) == 599
    with pytest.raises(KeyError):
        world.post(POSTS[3].id)


def test_posts_that_were_gone_from_the_start_are_neither_listed_nor_found() -> None:
    world = World(7, [AccountSpec("holes", posts=100, deleted_every=10)], ANCHOR)
    assert len(world.posts("holes")) == world.count_posts(world.account("holes"), int(ANCHOR.timestamp() * 1000)) == 90


def test_an_edit_by_hand_makes_a_new_id_at_the_top_of_the_timeline() -> None:
    world = World(7, [SPEC], ANCHOR)
    old = world.post_ids("lumen_mill")[8]
    new = world.edit_post(old, "A better word")
    newer = world.edit_post(new, "The best word", at=ANCHOR + timedelta(minutes=1))
    moment = ANCHOR + timedelta(minutes=2)
    post = world.post(newer, at=moment)
    assert (post.text, post.chain[-2:]) == ("The best word", (int(new), int(newer)))
    ids = world.post_ids("lumen_mill", at=moment)
    assert ids[0] == newer
    assert old not in ids
    assert new not in ids
    assert world.post(old).chain[-1] == int(new)


def test_posts_made_by_hand_are_on_the_timeline_from_their_instant_on() -> None:
    world = World(7, [SPEC], ANCHOR)
    late = ANCHOR + timedelta(minutes=10)
    made = world.add_post("lumen_mill", "Hello", at=late)
    assert made not in world.post_ids("lumen_mill")
    assert made in world.post_ids("lumen_mill", at=late)
    assert world.post(made, at=late).text == "Hello"


def test_a_retweet_made_by_hand_repeats_the_original() -> None:
    world = World(7, [SPEC, AccountSpec("other", posts=3)], ANCHOR)
    original = world.add_post("other", "Short and sweet")
    retweet = world.post(world.add_post("lumen_mill", "", retweet_of=original))
    assert retweet.text == "RT @other: Short and sweet"
    assert retweet.reference is not None
    assert retweet.reference.post_id == int(original)


def test_follower_counts_change_with_time() -> None:
    account = WORLD.account("lumen_mill")
    counts = {WORLD.followers_at(account, int(at(day).timestamp() * 1000)) for day in range(-30, 1)}
    assert len(counts) > 20


def test_two_accounts_of_the_same_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same username"):
        World(7, [AccountSpec("twin"), AccountSpec("Twin")], ANCHOR)


def test_a_timeline_older_than_the_ids_of_x_is_refused() -> None:
    with pytest.raises(ValueError, match="older than X's ids"):
        World(7, [AccountSpec("ancient", posts=10_000, posts_per_day=0.1)], ANCHOR)
