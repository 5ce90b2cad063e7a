"""Tweets of the Ads API become rows of `tweets` and `tweet_insights`, whatever X left out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from source_x_organic.ads_api.tweets import (
    created_at,
    is_retweet,
    media_keys,
    text,
    tweet_id,
    tweet_insights_row,
    tweet_row,
)
from source_x_organic.x_api.posts import insights_row as x_api_insights_row
from source_x_organic.x_api.posts import tweet_row as x_api_tweet_row
from unit_tests.ads_api.invented import ADS_ACCOUNT_ID, READ_AT, TWEET

FULL_ROW: dict[str, Any] = {
    "id": "1855000000000000001",
    "account_id": "9007199254740993",
    "ads_account_id": "18tidehb",
    "created_at": "2024-11-09T00:33:58Z",
    "text": "Rye &amp; wheat, still warm. @miller #bread #rye #bread https://t.co/x https://t.co/m",
    "is_truncated_by_source": False,
    "lang": "en",
    "source": '<a href="https://till.example" rel="nofollow">Till Pigeon</a>',
    "conversation_id": None,
    "in_reply_to_user_id": "41",
    "in_reply_to_tweet_id": "1854000000000000003",
    "quoted_tweet_id": None,
    "retweeted_tweet_id": None,
    "is_reply": True,
    "is_quote": False,
    "is_retweet": False,
    "tweet_type": "PUBLISHED",
    "edit_history_tweet_ids": None,
    "root_tweet_id": None,
    "is_edited": None,
    "editable_until": None,
    "possibly_sensitive": False,
    "reply_settings": "EVERYONE",
    "nullcast": False,
    "card_uri": "card://1855",
    "media_keys": ["3_1854999999999999999", "7_1855000000000000005"],
    "hashtags": ["bread", "rye"],
    "mentions": ["miller"],
    "urls": ["https://recipe.example/rye", "https://t.co/y"],
    "retweet_count": 5,
    "reply_count": None,
    "like_count": 31,
    "quote_count": None,
    "bookmark_count": None,
    "impression_count": None,
    "url": "https://x.com/harbour_bakery/status/1855000000000000001",
    "is_deleted": False,
    "deleted_seen_at": None,
}
FULL_INSIGHTS_ROW: dict[str, Any] = {
    "tweet_id": "1855000000000000001",
    "date": "2026-11-21",
    "account_id": "9007199254740993",
    "ads_account_id": "18tidehb",
    "account_name": "Harbour Bakery",
    "created_at": "2024-11-09T00:33:58Z",
    "text": FULL_ROW["text"],
    "lang": "en",
    "is_reply": True,
    "is_quote": False,
    "is_retweet": False,
    "retweet_count": 5,
    "reply_count": None,
    "like_count": 31,
    "quote_count": None,
    "bookmark_count": None,
    "impression_count": None,
    "own_retweet_count": 5,
    "original_retweet_count": None,
    "organic_impression_count": None,
    "organic_like_count": None,
    "organic_reply_count": None,
    "organic_retweet_count": None,
    "organic_url_link_clicks": None,
    "organic_user_profile_clicks": None,
    "non_public_impression_count": None,
    "non_public_engagements": None,
    "non_public_url_link_clicks": None,
    "non_public_user_profile_clicks": None,
    "private_metrics_until": None,
    "is_final": False,
    "read_at": "2026-11-21T06:30:05Z",
}
RETWEET: dict[str, Any] = {
    "id_str": "1855000000000000011",
    "full_text": "RT @miller: Rye is in",
    "retweet_count": 80,
    "favorite_count": 0,
    "retweeted_status": {"id_str": "1855000000000000009", "full_text": "Rye is in", "retweet_count": 81},
}


def row_of(tweet: dict[str, Any], username: str | None = "harbour_bakery") -> dict[str, Any]:
    return tweet_row(tweet, account_id="9007199254740993", username=username, ads_account_id=ADS_ACCOUNT_ID)


def insights_of(tweet: dict[str, Any]) -> dict[str, Any]:
    return tweet_insights_row(
        tweet,
        account_id="9007199254740993",
        account_name="Harbour Bakery",
        ads_account_id=ADS_ACCOUNT_ID,
        read_at=READ_AT,
    )


def test_a_full_tweet_becomes_a_full_row() -> None:
    assert row_of(TWEET) == FULL_ROW


def test_a_full_tweet_becomes_an_insights_row_of_what_the_ads_api_counts() -> None:
    assert insights_of(TWEET) == FULL_INSIGHTS_ROW


def test_the_columns_are_those_of_the_x_api_in_the_same_order() -> None:
    post = {"id": "1", "text": "t"}
    assert list(row_of(TWEET)) == list(x_api_tweet_row(post, account_id="1", username="u", originals={}))
    of_the_x_api = x_api_insights_row(
        post, private=None, account_id="1", account_name="n", originals={}, read_at=READ_AT, insights_window_days=30
    )
    assert list(insights_of(TWEET)) == list(of_the_x_api)


def test_a_tweet_of_which_x_sent_next_to_nothing_has_nulls_for_all_the_rest() -> None:
    bare = {"id": 20, "text": "Hello"}
    assert row_of(bare) == dict.fromkeys(FULL_ROW) | {
        "id": "20",
        "account_id": "9007199254740993",
        "ads_account_id": "18tidehb",
        "text": "Hello",
        "is_reply": False,
        "is_quote": False,
        "is_retweet": False,
        "tweet_type": "PUBLISHED",
        "url": "https://x.com/harbour_bakery/status/20",
        "is_deleted": False,
    }
    known = ("date", "account_id", "ads_account_id", "account_name", "read_at", "is_quote", "is_retweet", "is_final")
    assert insights_of(bare) == dict.fromkeys(FULL_INSIGHTS_ROW) | {
        **{name: FULL_INSIGHTS_ROW[name] for name in known},
        "tweet_id": "20",
        "text": "Hello",
        "is_reply": False,
    }


def test_without_a_user_name_the_address_does_with_the_id() -> None:
    assert row_of({"id": "20"}, username=None)["url"] == "https://x.com/i/status/20"
    assert row_of({}, username=None)["url"] is None


@pytest.mark.parametrize(
    ("tweet", "expected"),
    [
        ({"id": 12, "id_str": "11", "tweet_id": "13"}, "11"),
        ({"id": 12, "tweet_id": "13"}, "13"),
        ({"id": 1855000000000000001}, "1855000000000000001"),
        ({"id": "14", "id_str": None}, "14"),
        ({"id": True}, ""),
        ({"id": 1.5e18}, ""),
        ({}, ""),
    ],
)
def test_the_id_is_the_text_where_there_is_one_and_never_a_rounded_number(tweet: dict[str, Any], expected: str) -> None:
    assert tweet_id(tweet) == expected


@pytest.mark.parametrize(
    ("tweet", "expected"),
    [
        ({"created_at": "Tue Aug 27 22:22:12 +0000 2019", "id": "1"}, datetime(2019, 8, 27, 22, 22, 12, tzinfo=UTC)),
        ({"created_at": "2019-08-27T22:22:12Z", "id": "1"}, datetime(2019, 8, 27, 22, 22, 12, tzinfo=UTC)),
        (
            {"created_at": "long ago", "id": 1212092628029698048},
            datetime(2019, 12, 31, 19, 26, 16, 771_000, tzinfo=UTC),
        ),
        ({"id_str": "1212092628029698048"}, datetime(2019, 12, 31, 19, 26, 16, 771_000, tzinfo=UTC)),
        ({"id_str": "20"}, None),
        ({}, None),
    ],
)
def test_a_tweet_is_as_old_as_x_says_or_as_its_id_says(tweet: dict[str, Any], expected: datetime | None) -> None:
    assert created_at(tweet) == expected


@pytest.mark.parametrize(
    ("tweet", "kept"),
    [
        ({"full_text": "whole", "text": "wh…"}, "whole"),
        ({"full_text": "", "text": "x"}, ""),
        ({"text": "x"}, "x"),
        ({}, None),
    ],
)
def test_the_text_is_the_full_one_where_x_sent_it(tweet: dict[str, Any], kept: str | None) -> None:
    assert text(tweet) == kept
    assert row_of(tweet)["text"] == insights_of(tweet)["text"] == kept


def test_a_text_that_x_says_it_cut_is_said_to_be_cut() -> None:
    assert row_of({"id": "1", "text": "Hel…", "truncated": True})["is_truncated_by_source"] is True


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ({"retweeted_status": {"id_str": "9"}}, True),
        ({"retweeted_status": {"text": "without an id"}}, True),
        ({"retweeted_status_id_str": "9"}, True),
        ({"retweeted_status_id": 9}, True),
        ({"retweeted_status": None, "retweeted_status_id": None}, False),
        ({"full_text": "RT @miller: or so they say"}, False),
        ({"retweeted": True}, False),
        ({"is_quote_status": True, "quoted_status_id_str": "8"}, False),
    ],
)
def test_only_what_x_calls_a_retweet_is_one(*, told: dict[str, Any], answer: bool) -> None:
    assert is_retweet(told) is answer
    assert (row_of(told)["is_retweet"], insights_of(told)["is_retweet"]) == (answer, answer)


def test_a_retweet_names_its_original_and_has_none_of_its_retweets() -> None:
    row = insights_of(RETWEET)
    assert (row["retweet_count"], row["own_retweet_count"], row["original_retweet_count"]) == (80, 0, 81)
    assert row_of(RETWEET)["retweeted_tweet_id"] == "1855000000000000009"


def test_a_retweet_of_an_unknown_original_shows_what_x_shows_on_it() -> None:
    row = insights_of({"id": "1", "retweet_count": 80, "retweeted_status_id_str": "9"})
    assert (row["own_retweet_count"], row["original_retweet_count"]) == (0, 80)


@pytest.mark.parametrize(
    ("told", "quoted"),
    [
        ({"quoted_status_id_str": "8", "quoted_status_id": 9}, "8"),
        ({"quoted_status_id": 8}, "8"),
        ({"quoted_status": {"id_str": "8"}}, "8"),
        ({"is_quote_status": True}, None),
    ],
)
def test_a_quote_is_one_also_where_the_quoted_tweet_is_gone(told: dict[str, Any], quoted: str | None) -> None:
    row = row_of(told)
    assert (row["is_quote"], row["quoted_tweet_id"], insights_of(told)["is_quote"]) == (True, quoted, True)


def test_a_tweet_addressed_to_a_user_is_a_reply_even_if_it_answers_no_tweet() -> None:
    addressed = {"id": "1", "in_reply_to_user_id": 41}
    row = row_of(addressed)
    assert (row["is_reply"], row["in_reply_to_user_id"], row["in_reply_to_tweet_id"]) == (True, "41", None)
    assert insights_of(addressed)["is_reply"] is True


@pytest.mark.parametrize(
    ("medium", "key"),
    [
        ({"media_key": "3_1", "type": "photo", "id_str": "2"}, "3_1"),
        ({"type": "photo", "id_str": "2", "id": 3}, "3_2"),
        ({"type": "photo", "id": 1854999999999999999}, "3_1854999999999999999"),
        ({"type": "video", "id_str": "2"}, "7_2"),
        (
            {"type": "video", "id_str": "2", "media_url_https": "https://pbs.example/amplify_video_thumb/2/a.jpg"},
            "13_2",
        ),
        ({"type": "video", "id_str": "2", "media_url": "http://pbs.example/amplify_video_thumb/2/a.jpg"}, "13_2"),
        ({"type": "animated_gif", "id_str": "2"}, "16_2"),
        ({"type": "hologram", "id_str": "2"}, None),
        ({"type": "photo"}, None),
    ],
)
def test_a_media_key_that_x_left_out_is_put_together(medium: dict[str, Any], key: str | None) -> None:
    assert media_keys({"entities": {"media": [medium]}}) == ([key] if key else None)


def test_where_x_shows_all_media_apart_the_first_one_alone_is_not_all() -> None:
    photos = [{"type": "photo", "id_str": str(number)} for number in (1, 2, 2)]
    tweet = {"entities": {"media": photos[:1]}, "extended_entities": {"media": photos}}
    assert media_keys(tweet) == ["3_1", "3_2"]
