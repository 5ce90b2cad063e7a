"""The stream `tweets`: every post of a timeline as one whole row, whatever its kind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integration_tests import truth
from integration_tests.stage import NOW, Stage
from x_simulator import AccountSpec
from x_simulator.accounts import PostKind

BRAND = AccountSpec("lumen_mill", "Lumen Mill", posts=400, posts_per_day=4, deleted_every=13)


def test_every_post_of_the_timeline_is_one_whole_row_and_valid() -> None:
    with Stage(BRAND) as stage:
        output = stage.sync("tweets")
        expected = truth.tweets(stage.world, "lumen_mill", NOW)

    assert output.error is None
    output.assert_valid()
    assert len(output.rows("tweets")) == len(expected)
    assert {post.kind for post in stage.world.posts("lumen_mill")} == set(PostKind)
    got = output.by_key("tweets")
    assert list(got) == list(expected)
    for key, row in expected.items():
        assert got[key] == row


def test_the_key_is_the_id_and_the_cursor_created_at() -> None:
    with Stage(BRAND) as stage:
        tweets = stage.discover(stage.config())["tweets"]

    assert tweets["source_defined_primary_key"] == [["id"]]
    assert tweets["default_cursor_field"] == ["created_at"]
    assert tweets["source_defined_cursor"] is True
    assert tweets["supported_sync_modes"] == ["full_refresh", "incremental"]


def test_a_retweet_of_a_long_post_has_the_whole_text() -> None:
    with Stage(AccountSpec("lumen_mill", posts=60, mix=("long",))) as stage:
        (newest, *_) = stage.world.posts("lumen_mill")
        retweet = stage.world.add_post("lumen_mill", "", retweet_of=newest.id)
        output = stage.sync("tweets")

    assert newest.note is not None
    assert len(newest.note) > 280
    assert output.by_key("tweets")[retweet]["text"] == f"RT @lumen_mill: {newest.note}"
    assert output.by_key("tweets")[str(newest.id)]["text"] == newest.note


def test_an_edited_post_is_one_row_in_its_newest_version_and_names_its_root() -> None:
    with Stage(AccountSpec("lumen_mill", posts=5, mix=("original",))) as stage:
        root = stage.world.add_post("lumen_mill", "First thought", at=NOW - timedelta(minutes=30))
        second = stage.world.edit_post(root, "Second thought", at=NOW - timedelta(minutes=20))
        third = stage.world.edit_post(second, "Third thought", at=NOW - timedelta(minutes=10))
        rows = stage.sync("tweets").by_key("tweets")

    assert len(rows) == 6
    names = ("text", "root_tweet_id", "edit_history_tweet_ids", "is_edited")
    assert {name: rows[third][name] for name in names} == {
        "text": "Third thought",
        "root_tweet_id": root,
        "edit_history_tweet_ids": [root, second, third],
        "is_edited": True,
    }


def test_a_competitor_is_read_like_an_account_of_ones_own() -> None:
    with Stage(BRAND) as stage:
        own = stage.sync("tweets").rows("tweets")
        others = stage.sync("tweets", config=stage.competitors("lumen_mill")).rows("tweets")

    assert others == own


def test_the_timeframe_starts_at_midnight_utc_some_calendar_months_ago() -> None:
    with Stage(AccountSpec("lumen_mill", posts=600, posts_per_day=4)) as stage:
        output = stage.sync("tweets", config=stage.config(timeframe_months="THREE"))
        first = NOW.replace(month=8, hour=0, minute=0)
        expected = [str(post.id) for post in stage.world.posts("lumen_mill") if truth.instant(post.created_ms) >= first]

    assert [row["id"] for row in output.rows("tweets")] == expected
    assert {page.query["start_time"] for page in stage.public_pages()} == {"2026-08-20T00:00:00Z"}


@pytest.mark.parametrize("gaps", [(0,), (3, 100, 0), (100, 0), (37, 1, 0, 99)])
def test_the_rows_do_not_depend_on_how_x_cuts_its_pages(gaps: tuple[int, ...]) -> None:
    with Stage(BRAND, page_gaps=gaps) as stage:
        output = stage.sync("tweets", "tweet_insights")
        assert output.by_key("tweets") == truth.tweets(stage.world, "lumen_mill", NOW)
        assert output.by_key("tweet_insights").keys() == {f"{id_} 2026-11-20" for id_ in output.by_key("tweets")}
        snapshots = truth.snapshots(stage.world, "lumen_mill", NOW)

    assert {row["tweet_id"]: row for row in output.rows("tweet_insights")} == snapshots
