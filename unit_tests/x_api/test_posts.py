"""Posts of X become rows of `tweets` and `tweet_insights`, whatever X left out and however it spells its fields."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from source_x_organic.x_api.posts import insights_row, originals, tweet_row

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_AT = datetime(2026, 11, 20, 6, 30, 5, 999, tzinfo=UTC)

FULL_POST: dict[str, Any] = {
    "id": "2002",
    "author_id": "42",
    "created_at": "2026-11-01T10:00:00.000Z",
    "text": "Short form …",
    "note_tweet": {
        "text": "The long form, with rye &amp; wheat. @miller #bread #rye #bread https://t.co/x https://t.co/x",
        "entities": {
            "hashtags": [{"start": 1, "end": 2, "tag": tag} for tag in ("bread", "rye", "bread")],
            "mentions": [{"start": 1, "end": 2, "username": "miller", "id": "7"}],
            "urls": [
                {"url": "https://t.co/x", "expanded_url": "https://s.example", "unwound_url": "https://long.example/1"},
                {"url": "https://t.co/y", "expanded_url": "https://long.example/2"},
                {"url": "https://t.co/z"},
                {"url": "https://t.co/x", "unwound_url": "https://long.example/1"},
            ],
        },
    },
    "entities": {"hashtags": [{"start": 1, "end": 2, "tag": "short"}]},
    "lang": "en",
    "source": "Till Pigeon",
    "conversation_id": "1990",
    "in_reply_to_user_id": "41",
    "referenced_tweets": [{"type": "replied_to", "id": "1999"}, {"type": "quoted", "id": "1888"}],
    "edit_history_tweet_ids": ["2000", "2001", "2002"],
    "edit_controls": {
        "editable_until": "2026-11-01T11:00:00.000Z",
        "edits_remaining": "3",
        "is_edit_eligible": True,
    },
    "possibly_sensitive": False,
    "reply_settings": "everyone",
    "card_uri": "card://1",
    "attachments": {"media_keys": ["3_1", "7_2"]},
    "public_metrics": {
        "retweet_count": 5,
        "reply_count": 4,
        "like_count": 3,
        "quote_count": 2,
        "bookmark_count": 1,
        "impression_count": 0,
    },
}

FULL_ROW: dict[str, Any] = {
    "id": "2002",
    "account_id": "42",
    "ads_account_id": None,
    "created_at": "2026-11-01T10:00:00.000Z",
    "text": "The long form, with rye &amp; wheat. @miller #bread #rye #bread https://t.co/x https://t.co/x",
    "is_truncated_by_source": False,
    "lang": "en",
    "source": "Till Pigeon",
    "conversation_id": "1990",
    "in_reply_to_user_id": "41",
    "in_reply_to_tweet_id": "1999",
    "quoted_tweet_id": "1888",
    "retweeted_tweet_id": None,
    "is_reply": True,
    "is_quote": True,
    "is_retweet": False,
    "tweet_type": "PUBLISHED",
    "edit_history_tweet_ids": ["2000", "2001", "2002"],
    "root_tweet_id": "2000",
    "is_edited": True,
    "editable_until": "2026-11-01T11:00:00.000Z",
    "possibly_sensitive": False,
    "reply_settings": "everyone",
    "nullcast": None,
    "card_uri": "card://1",
    "media_keys": ["3_1", "7_2"],
    "hashtags": ["bread", "rye"],
    "mentions": ["miller"],
    "urls": ["https://long.example/1", "https://long.example/2", "https://t.co/z"],
    "retweet_count": 5,
    "reply_count": 4,
    "like_count": 3,
    "quote_count": 2,
    "bookmark_count": 1,
    "impression_count": 0,
    "url": "https://x.com/harbour_bakery/status/2002",
    "is_deleted": False,
    "deleted_seen_at": None,
}

ORIGINAL_TEXT = "Knead it, fold it, rest it. " * 9 + "Then bake it. #bread @oven https://t.co/r"
ORIGINAL: dict[str, Any] = {
    "id": "3000",
    "text": ORIGINAL_TEXT,
    "entities": {
        "hashtags": [{"tag": "bread"}],
        "mentions": [{"username": "oven"}, {"username": "miller"}],
        "urls": [{"url": "https://t.co/r", "expanded_url": "https://recipe.example"}],
    },
    "attachments": {"media_keys": ["3_9"]},
    "public_metrics": {"retweet_count": 81, "like_count": 500},
}
CUT_RETWEET: dict[str, Any] = {
    "id": "3001",
    "created_at": "2026-11-19T10:00:00.000Z",
    "text": f"RT @miller: {ORIGINAL_TEXT}"[:139] + "…",
    "entities": {"mentions": [{"username": "miller"}]},
    "referenced_tweets": [{"type": "retweeted", "id": "3000"}],
    "public_metrics": {"retweet_count": 80, "reply_count": 0, "like_count": 0},
}

PRIVATE_COLUMNS = (
    "organic_impression_count",
    "organic_like_count",
    "organic_reply_count",
    "organic_retweet_count",
    "organic_url_link_clicks",
    "organic_user_profile_clicks",
    "non_public_impression_count",
    "non_public_engagements",
    "non_public_url_link_clicks",
    "non_public_user_profile_clicks",
)
PRIVATE_POST: dict[str, Any] = {
    "id": "2002",
    "organic_metrics": {
        "impression_count": 900,
        "like_count": 0,
        "reply_count": 4,
        "retweet_count": 5,
        "url_link_clicks": 6,
        "user_profile_clicks": 7,
    },
    "non_public_metrics": {
        "impression_count": 1000,
        "engagements": 55,
        "url_link_clicks": 8,
        "user_profile_clicks": 9,
    },
}


def row_of(post: Mapping[str, Any], *known: Mapping[str, Any]) -> dict[str, Any]:
    return tweet_row(
        post, account_id="42", username="harbour_bakery", originals={original["id"]: original for original in known}
    )


def insights_of(
    post: Mapping[str, Any],
    *known: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
    read_at: datetime = READ_AT,
    insights_window_days: int = 30,
) -> dict[str, Any]:
    return insights_row(
        post,
        private=private,
        account_id="42",
        account_name="Harbour Bakery",
        originals={original["id"]: original for original in known},
        read_at=read_at,
        insights_window_days=insights_window_days,
    )


def in_post_dialect(post: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "note_tweet": "note_post",
        "referenced_tweets": "referenced_posts",
        "edit_history_tweet_ids": "edit_history_post_ids",
        "retweet_count": "repost_count",
    }
    return {
        names.get(key, key): in_post_dialect(value) if isinstance(value, dict) else copy.deepcopy(value)
        for key, value in post.items()
    }


def test_a_full_post_becomes_a_full_row() -> None:
    assert row_of(FULL_POST) == FULL_ROW


def test_the_columns_stand_in_the_order_of_the_table() -> None:
    assert list(row_of(FULL_POST)) == list(FULL_ROW)


def test_a_post_in_the_post_dialect_becomes_the_same_row() -> None:
    assert row_of(in_post_dialect(FULL_POST)) == FULL_ROW


def test_a_post_with_the_default_fields_alone_has_nulls_for_all_the_rest() -> None:
    assert row_of({"id": "1", "text": "Hello"}) == dict.fromkeys(FULL_ROW) | {
        "id": "1",
        "account_id": "42",
        "text": "Hello",
        "is_truncated_by_source": False,
        "is_reply": False,
        "is_quote": False,
        "is_retweet": False,
        "tweet_type": "PUBLISHED",
        "url": "https://x.com/harbour_bakery/status/1",
        "is_deleted": False,
    }


def test_nulls_in_place_of_objects_are_taken_as_absent() -> None:
    hollow = dict.fromkeys(FULL_POST) | {"id": "1", "text": "Hello"}
    assert row_of(hollow) == row_of({"id": "1", "text": "Hello"})
    assert insights_of(hollow) == insights_of({"id": "1", "text": "Hello"})


def test_references_without_a_kind_are_no_kind() -> None:
    row = row_of({"id": "1", "text": "Hello", "referenced_tweets": [{"id": "9"}]})
    assert (row["is_reply"], row["is_quote"], row["is_retweet"]) == (False, False, False)


def test_a_tweet_addressed_to_a_user_is_a_reply_even_if_it_answers_no_tweet() -> None:
    row = row_of({"id": "1", "text": "@miller good flour", "in_reply_to_user_id": "7"})
    assert (row["is_reply"], row["in_reply_to_tweet_id"]) == (True, None)


def test_a_tweet_never_edited_is_its_own_root() -> None:
    row = row_of({"id": "1", "text": "Hello", "edit_history_tweet_ids": ["1"]})
    assert (row["root_tweet_id"], row["is_edited"], row["edit_history_tweet_ids"]) == ("1", False, ["1"])


def test_a_cut_retweet_gets_the_text_marks_and_media_of_its_original() -> None:
    row = row_of(CUT_RETWEET, ORIGINAL)
    assert row["text"] == f"RT @miller: {ORIGINAL_TEXT}"
    assert row["is_truncated_by_source"] is False
    assert row["hashtags"] == ["bread"]
    assert row["mentions"] == ["miller", "oven"]
    assert row["urls"] == ["https://recipe.example"]
    assert row["media_keys"] == ["3_9"]
    assert row["retweeted_tweet_id"] == "3000"
    assert row["retweet_count"] == 80


def test_a_retweet_of_a_long_post_gets_its_long_text() -> None:
    original = {**ORIGINAL, "note_tweet": {"text": "Longer still", "entities": {"hashtags": [{"tag": "late"}]}}}
    row = row_of(CUT_RETWEET, original)
    assert (row["text"], row["hashtags"], row["urls"]) == ("RT @miller: Longer still", ["late"], None)


def test_a_cut_retweet_whose_original_is_not_known_is_said_to_be_cut() -> None:
    row = row_of(CUT_RETWEET)
    assert row["text"] == CUT_RETWEET["text"]
    assert row["is_truncated_by_source"] is True


def test_a_cut_retweet_of_a_post_that_is_cut_itself_is_said_to_be_cut() -> None:
    original = {**ORIGINAL, "text": "x" * 275 + "…"}
    row = row_of(CUT_RETWEET, original)
    assert (row["text"], row["is_truncated_by_source"]) == ("RT @miller: " + "x" * 275 + "…", True)


def test_a_retweet_that_x_did_not_cut_keeps_its_text_and_its_own_marks() -> None:
    retweet = {**CUT_RETWEET, "text": "RT @miller: Rye is in", "entities": {"mentions": [{"username": "miller"}]}}
    original = {**ORIGINAL, "text": "Rye is in https://t.co/quoted"}
    row = row_of(retweet, original)
    assert (row["text"], row["is_truncated_by_source"]) == ("RT @miller: Rye is in", False)
    assert (row["mentions"], row["urls"]) == (["miller"], None)


def test_a_retweet_in_the_post_dialect_becomes_the_same_row() -> None:
    assert row_of(in_post_dialect(CUT_RETWEET), in_post_dialect(ORIGINAL)) == row_of(CUT_RETWEET, ORIGINAL)


@pytest.mark.parametrize(
    ("text", "is_cut"),
    [
        ("x" * 275 + "…", True),
        ("x" * 250 + "… https://t.co/abcdefghij", True),
        ("\u6f22" * 138 + "…", True),
        ("x" * 200 + "…", False),
        ("x" * 275, False),
        ("x" * 100 + "… " + "y" * 175, False),
        ("… and then https://t.co/abcdefghij" + "x" * 260, False),
        ("So it goes…", False),
        ("", False),
    ],
)
def test_only_a_text_that_ends_as_x_ends_a_long_post_is_said_to_be_cut(*, text: str, is_cut: bool) -> None:
    assert row_of({"id": "1", "text": text})["is_truncated_by_source"] is is_cut


@pytest.mark.parametrize(
    ("created_at", "kept"),
    [
        ("2026-11-01T10:00:00.000Z", "2026-11-01T10:00:00.000Z"),
        ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z"),
        ("2026-11-01T12:00:00+02:00", "2026-11-01T10:00:00Z"),
        ("2026-11-01T10:00:00", "2026-11-01T10:00:00Z"),
        ("Sun Nov 01 10:00:00 +0000 2026", None),
        (None, None),
    ],
)
def test_a_timestamp_is_kept_as_x_wrote_it_or_turned_to_utc(created_at: str | None, kept: str | None) -> None:
    assert row_of({"id": "1", "text": "t", "created_at": created_at})["created_at"] == kept


@pytest.mark.parametrize("name", ["tweets", "posts"])
def test_originals_are_found_under_both_names(name: str) -> None:
    page = {"data": [CUT_RETWEET], "includes": {"users": [], name: [ORIGINAL]}}
    assert originals(page) == {"3000": ORIGINAL}


@pytest.mark.parametrize("page", [{}, {"includes": None}, {"includes": {}}, {"includes": {"tweets": []}}])
def test_a_page_without_originals_has_none(page: dict[str, Any]) -> None:
    assert originals(page) == {}


def test_a_full_post_with_private_metrics_becomes_a_full_insights_row() -> None:
    assert insights_of(FULL_POST, private=PRIVATE_POST) == {
        "tweet_id": "2002",
        "date": "2026-11-20",
        "account_id": "42",
        "ads_account_id": None,
        "account_name": "Harbour Bakery",
        "created_at": "2026-11-01T10:00:00.000Z",
        "text": FULL_ROW["text"],
        "lang": "en",
        "is_reply": True,
        "is_quote": True,
        "is_retweet": False,
        "retweet_count": 5,
        "reply_count": 4,
        "like_count": 3,
        "quote_count": 2,
        "bookmark_count": 1,
        "impression_count": 0,
        "own_retweet_count": 5,
        "original_retweet_count": None,
        "organic_impression_count": 900,
        "organic_like_count": 0,
        "organic_reply_count": 4,
        "organic_retweet_count": 5,
        "organic_url_link_clicks": 6,
        "organic_user_profile_clicks": 7,
        "non_public_impression_count": 1000,
        "non_public_engagements": 55,
        "non_public_url_link_clicks": 8,
        "non_public_user_profile_clicks": 9,
        "private_metrics_until": "2026-12-01T10:00:00Z",
        "is_final": False,
        "read_at": "2026-11-20T06:30:05Z",
    }


def test_an_insights_row_is_the_same_in_the_post_dialect() -> None:
    in_posts = insights_of(in_post_dialect(FULL_POST), private=in_post_dialect(PRIVATE_POST))
    assert in_posts == insights_of(FULL_POST, private=PRIVATE_POST)


@pytest.mark.parametrize("private", [None, {"id": "2002"}, {"organic_metrics": None, "non_public_metrics": None}])
def test_without_private_metrics_their_columns_are_null(private: dict[str, Any] | None) -> None:
    row = insights_of(FULL_POST, private=private)
    assert {name: row[name] for name in PRIVATE_COLUMNS} == dict.fromkeys(PRIVATE_COLUMNS)
    assert row["like_count"] == 3


def test_one_refused_group_of_private_metrics_costs_that_group_alone() -> None:
    row = insights_of(FULL_POST, private={"id": "2002", "non_public_metrics": {"engagements": 0}})
    assert (row["non_public_engagements"], row["organic_like_count"]) == (0, None)


def test_the_private_part_of_a_post_is_never_taken_from_the_public_reading() -> None:
    assert insights_of(FULL_POST | PRIVATE_POST)["organic_impression_count"] is None


def test_a_retweet_has_no_retweets_of_its_own_and_those_of_its_original() -> None:
    row = insights_of(CUT_RETWEET, ORIGINAL)
    counted = (row["retweet_count"], row["own_retweet_count"], row["original_retweet_count"])
    assert counted == (80, 0, 81)
    assert row["text"] == f"RT @miller: {ORIGINAL_TEXT}"


def test_a_retweet_of_an_unknown_original_shows_what_x_shows_on_it() -> None:
    assert insights_of(CUT_RETWEET)["original_retweet_count"] == 80


def test_a_retweet_of_which_x_counted_nothing_has_null_for_its_original() -> None:
    bare = {"id": "1", "text": "RT @a: b", "referenced_tweets": [{"type": "retweeted", "id": "9"}]}
    row = insights_of(bare)
    assert (row["retweet_count"], row["own_retweet_count"], row["original_retweet_count"]) == (None, 0, None)


CREATED = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window_days", "age", "is_final"),
    [
        # Private metrics are read up to a minute from the border: a day later is too late for the second of these.
        (30, timedelta(days=28, hours=23, minutes=59), False),
        (30, timedelta(days=28, hours=23, minutes=59, seconds=1), True),
        (30, timedelta(days=29, hours=23, minutes=59), True),
        (30, timedelta(days=30), False),
        (3650, timedelta(days=29, hours=12), True),
        (7, timedelta(days=6, hours=12), True),
        (7, timedelta(days=6), False),
        (7, timedelta(days=29, hours=12), False),
        (1, timedelta(0), False),
        (1, timedelta(seconds=1), True),
    ],
)
def test_the_last_daily_snapshot_with_private_metrics_is_final(
    *, window_days: int, age: timedelta, is_final: bool
) -> None:
    def final(private: Mapping[str, Any] | None) -> bool:
        row = insights_of(FULL_POST, private=private, read_at=CREATED + age, insights_window_days=window_days)
        return bool(row["is_final"])

    assert final(PRIVATE_POST) is is_final
    assert final(None) is False


def test_a_post_of_unknown_age_is_never_final() -> None:
    row = insights_of({"id": "1", "text": "t"}, private=PRIVATE_POST)
    assert (row["private_metrics_until"], row["is_final"]) == (None, False)


def test_the_instant_and_day_of_a_read_are_utc_when_the_clock_is_elsewhere() -> None:
    west = READ_AT.astimezone(timezone(timedelta(hours=-8)))
    assert insights_of(FULL_POST, read_at=west) == insights_of(FULL_POST)


def test_the_wire_objects_are_left_as_they_were() -> None:
    post, retweet, original, private = copy.deepcopy((FULL_POST, CUT_RETWEET, ORIGINAL, PRIVATE_POST))
    for row in (row_of(post), row_of(retweet, original), insights_of(post, private=private)):
        for value in row.values():
            if isinstance(value, list):
                value.append("mine")
    assert (post, retweet, original, private) == (FULL_POST, CUT_RETWEET, ORIGINAL, PRIVATE_POST)
