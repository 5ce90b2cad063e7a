"""The rows of Fivetran's tables have its columns, its types and its meaning."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import pytest

from source_x_organic.fivetran_tables import (
    FIVETRAN_METRICS,
    REPORT_COLUMNS,
    account_history_row,
    tweet_row,
    twitter_user_history_row,
)
from unit_tests.ads_api.invented import ADS_ACCOUNT, TWEET, USER

SYNCED_AT = datetime(2026, 11, 21, 6, 30, 5, 999, tzinfo=UTC)
FULL_ACCOUNT_ROW: dict[str, Any] = {
    "_fivetran_synced": "2026-11-21T06:30:05.000999Z",
    "approval_status": "ACCEPTED",
    "business_id": "7401",
    "business_name": "Tidewater Ltd",
    "created_at": "2019-02-27T10:00:00Z",
    "deleted": False,
    "id": "18tidehb",
    "industry_type": "FOOD",
    "name": "Tidewater Harbour Bakery",
    "salt": "c0ffee",
    "timezone": "Asia/Kolkata",
    "timezone_switch_at": "2019-02-28T18:30:00Z",
    "updated_at": "2026-10-01T08:15:30Z",
}
FULL_USER_ROW: dict[str, Any] = {
    "_fivetran_synced": "2026-11-21T06:30:05.000999Z",
    "contributors_enabled": False,
    "created_at": "2015-03-01T08:00:09Z",
    "default_profile": False,
    "default_profile_image": False,
    "description": "Bread &amp; rolls https://t.co/aaaaaaaaaa",
    "favourites_count": 78,
    "followers_count": 1200,
    "friends_count": 0,
    "geo_enabled": True,
    "id": 9007199254740993,
    "is_translation_enabled": True,
    "is_translator": False,
    "lang": None,
    "listed_count": 6,
    "location": "Quay 3",
    "name": "Harbour Bakery",
    "profile_background_image_url": "http://abs.example/back.png",
    "profile_background_image_url_https": "https://abs.example/back.png",
    "profile_background_tile": False,
    "profile_banner_url": "https://pbs.example/banner",
    "profile_image_url": "http://pbs.example/face.jpg",
    "profile_image_url_https": "https://pbs.example/face.jpg",
    "profile_use_background_image": "true",
    "protected_user": False,
    "screen_name": "harbour_bakery",
    "statuses_count": 345,
    "time_zone": None,
    "url": "https://t.co/bbbbbbbbbb",
    "utc_offset": None,
    "verified": True,
}
FULL_TWEET_ROW: dict[str, Any] = {
    "_fivetran_synced": "2026-11-21T06:30:05.000999Z",
    "account_id": "18tidehb",
    "card_uri": "card://1855",
    "coordinates_coordinates": "[-0.125,51.5]",
    "coordinates_type": "Point",
    "created_at": "2024-11-09T00:33:58Z",
    "favorite_count": 31,
    "favorited": False,
    "followers": False,
    "full_text": "Rye &amp; wheat, still warm. @miller #bread #rye #bread https://t.co/x https://t.co/m",
    "geo_coordinates": "[51.5,-0.125]",
    "geo_type": "Point",
    "id": "1855000000000000001",
    "in_reply_to_screen_name": "miller",
    "in_reply_to_status_id": "1854000000000000003",
    "in_reply_to_user_id": "41",
    "lang": "en",
    "media_key": "3_1854999999999999999",
    "retweet_count": 5,
    "retweeted": True,
    "source": '<a href="https://till.example" rel="nofollow">Till Pigeon</a>',
    "truncated": False,
    "tweet_type": "PUBLISHED",
    "user_id": "9007199254740993",
}


def columns_of(table: str) -> dict[str, Any]:
    text = resources.files("source_x_organic").joinpath("schemas", f"{table}.json").read_text(encoding="utf-8")
    properties: dict[str, Any] = json.loads(text)["properties"]
    return properties


def test_a_full_ads_account_becomes_a_full_row() -> None:
    assert account_history_row(ADS_ACCOUNT, industry_type="FOOD", synced_at=SYNCED_AT) == FULL_ACCOUNT_ROW


def test_a_full_user_becomes_a_full_row_with_a_number_for_its_id() -> None:
    assert twitter_user_history_row(USER, synced_at=SYNCED_AT) == FULL_USER_ROW


def test_a_full_tweet_becomes_a_full_row_of_the_ads_account() -> None:
    assert tweet_row(TWEET, account_id="18tidehb", synced_at=SYNCED_AT) == FULL_TWEET_ROW


def test_what_x_left_out_is_null() -> None:
    synced = {"_fivetran_synced": "2026-11-21T06:30:05.000999Z"}
    account = account_history_row({"id": "18tidehb"}, industry_type=None, synced_at=SYNCED_AT)
    assert account == dict.fromkeys(FULL_ACCOUNT_ROW) | synced | {"id": "18tidehb"}
    user = twitter_user_history_row({"id": 41}, synced_at=SYNCED_AT)
    assert user == dict.fromkeys(FULL_USER_ROW) | synced | {"id": 41}
    tweet = tweet_row({"id": 20}, account_id="18tidehb", synced_at=SYNCED_AT)
    assert tweet == dict.fromkeys(FULL_TWEET_ROW) | synced | {"id": "20", "account_id": "18tidehb"}


@pytest.mark.parametrize(("sent", "kept"), [(True, "true"), (False, "false"), ("false", "false"), (None, None)])
def test_whether_the_background_is_shown_is_a_text_as_in_fivetrans_table(sent: object, kept: str | None) -> None:
    row = twitter_user_history_row({"id": 1, "profile_use_background_image": sent}, synced_at=SYNCED_AT)
    assert row["profile_use_background_image"] == kept


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ({"id_str": "9007199254740993", "id": 9007199254740992}, 9007199254740993),
        ({"id": "41"}, 41),
        ({"id": "forty-one"}, None),
        ({"id": 41.0}, None),
        ({}, None),
    ],
)
def test_the_id_of_a_user_is_a_whole_number_or_none(sent: dict[str, Any], number: int | None) -> None:
    assert twitter_user_history_row(sent, synced_at=SYNCED_AT)["id"] == number


def test_the_later_of_two_versions_sorts_after_the_earlier_also_within_a_second() -> None:
    instants = [SYNCED_AT + timedelta(microseconds=step) for step in (0, 1, 10, 999_000)]
    rows = [account_history_row(ADS_ACCOUNT, industry_type=None, synced_at=instant) for instant in instants]
    written = [row["_fivetran_synced"] for row in rows]
    assert written == sorted(set(written))


def test_the_tables_have_as_many_columns_as_fivetrans() -> None:
    tables = ("account_history", "organic_tweet_report", "tweet", "twitter_user_history")
    assert [len(columns_of(table)) for table in tables] == [13, 30, 24, 31]


def test_the_columns_of_the_report_are_those_of_its_table() -> None:
    assert tuple(columns_of("organic_tweet_report")) == REPORT_COLUMNS


def test_only_three_metrics_have_another_name_than_in_the_ads_api() -> None:
    assert {ads: column for ads, column in FIVETRAN_METRICS.items() if ads != column} == {
        "video_15s_views": "video_15_s_views",
        "video_3s100pct_views": "video_3_s_100_pct_views",
        "video_6s_views": "video_6_s_views",
    }
    assert all("integer" in columns_of("organic_tweet_report")[column]["type"] for column in FIVETRAN_METRICS.values())
