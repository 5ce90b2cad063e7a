"""Users of X become rows of `accounts` and `account_insights`, whatever X left out and however it spells its fields."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from source_x_organic.x_api.users import account_insights_row, account_row

READ_AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

FULL_USER: dict[str, Any] = {
    "id": "9007199254740993",
    "username": "harbour_bakery",
    "name": "Harbour Bakery",
    "description": "Bread &amp; rolls https://t.co/aaaaaaaaaa",
    "location": "Quay 3",
    "url": "https://t.co/bbbbbbbbbb",
    "entities": {
        "url": {"urls": [{"url": "https://t.co/bbbbbbbbbb", "expanded_url": "https://harbour-bakery.example/"}]},
        "description": None,
    },
    "created_at": "2015-03-01T08:00:00.000Z",
    "protected": False,
    "verified": True,
    "verified_type": "business",
    "is_identity_verified": True,
    "subscription_type": "Premium",
    "parody": False,
    "profile_image_url": "https://pbs.example/face.jpg",
    "profile_banner_url": "https://pbs.example/banner.jpg",
    "pinned_tweet_id": "1100",
    "most_recent_tweet_id": "1200",
    "affiliation": {"description": "Bakers' guild", "url": "https://guild.example", "user_id": ["77", "78"]},
    "withheld": {"country_codes": ["XY"], "scope": "user"},
    "public_metrics": {
        "followers_count": 1200,
        "following_count": 0,
        "tweet_count": 345,
        "listed_count": 6,
        "like_count": 78,
        "media_count": 9,
    },
}

FULL_ROW: dict[str, Any] = {
    "id": "9007199254740993",
    "account_id": "9007199254740993",
    "ads_account_id": None,
    "username": "harbour_bakery",
    "name": "Harbour Bakery",
    "description": "Bread &amp; rolls https://t.co/aaaaaaaaaa",
    "location": "Quay 3",
    "url": "https://harbour-bakery.example/",
    "created_at": "2015-03-01T08:00:00.000Z",
    "protected": False,
    "verified": True,
    "verified_type": "business",
    "is_identity_verified": True,
    "subscription_type": "Premium",
    "parody": False,
    "profile_image_url": "https://pbs.example/face.jpg",
    "profile_banner_url": "https://pbs.example/banner.jpg",
    "pinned_tweet_id": "1100",
    "most_recent_tweet_id": "1200",
    "affiliation_description": "Bakers' guild",
    "affiliation_url": "https://guild.example",
    "affiliation_user_ids": ["77", "78"],
    "withheld_country_codes": ["XY"],
    "followers_count": 1200,
    "following_count": 0,
    "tweet_count": 345,
    "listed_count": 6,
    "like_count": 78,
    "media_count": 9,
    "is_own_account": True,
}


def in_post_dialect(user: dict[str, Any]) -> dict[str, Any]:
    renamed = copy.deepcopy(user)
    renamed["pinned_post_id"] = renamed.pop("pinned_tweet_id")
    renamed["most_recent_post_id"] = renamed.pop("most_recent_tweet_id")
    renamed["public_metrics"]["post_count"] = renamed["public_metrics"].pop("tweet_count")
    return renamed


def test_a_full_user_becomes_a_full_account_row() -> None:
    assert account_row(FULL_USER, is_own_account=True) == FULL_ROW


def test_a_user_in_the_post_dialect_becomes_the_same_account_row() -> None:
    assert account_row(in_post_dialect(FULL_USER), is_own_account=True) == FULL_ROW


def test_a_user_with_the_default_fields_alone_has_nulls_for_all_the_rest() -> None:
    row = account_row({"id": "1", "name": "N", "username": "n"}, is_own_account=False)
    given = {"id": "1", "account_id": "1", "name": "N", "username": "n", "is_own_account": False}
    assert row == dict.fromkeys(FULL_ROW) | given


def test_nulls_in_place_of_objects_are_taken_as_absent() -> None:
    hollow = {"id": "1", "entities": None, "public_metrics": None, "affiliation": None, "withheld": None}
    row = account_row(hollow, is_own_account=False)
    assert row == dict.fromkeys(FULL_ROW) | {"id": "1", "account_id": "1", "is_own_account": False}


@pytest.mark.parametrize(
    ("affiliation", "user_ids"),
    [
        ({"user_id": "77"}, ["77"]),
        ({"user_id": ["77", "78"]}, ["77", "78"]),
        ({"user_id": []}, None),
        ({"user_id": None}, None),
        ({}, None),
    ],
)
def test_affiliated_users_are_a_list_whichever_way_x_gives_them(
    affiliation: dict[str, Any], user_ids: list[str] | None
) -> None:
    row = account_row({"id": "1", "affiliation": affiliation}, is_own_account=False)
    assert row["affiliation_user_ids"] == user_ids


def test_a_profile_link_that_x_did_not_expand_keeps_its_short_form() -> None:
    user = {"id": "1", "url": "https://t.co/c", "entities": {"url": {"urls": [{"url": "https://t.co/c"}]}}}
    assert account_row(user, is_own_account=False)["url"] == "https://t.co/c"


def test_the_insights_row_has_the_counters_and_the_utc_day_of_the_read() -> None:
    assert account_insights_row(FULL_USER, read_at=READ_AT) == {
        "account_id": "9007199254740993",
        "date": "2026-11-20",
        "name": "Harbour Bakery",
        "username": "harbour_bakery",
        "followers_count": 1200,
        "following_count": 0,
        "tweet_count": 345,
        "listed_count": 6,
        "like_count": 78,
        "media_count": 9,
        "read_at": "2026-11-20T23:30:00Z",
    }


def test_the_day_is_utc_when_the_clock_is_elsewhere() -> None:
    east = READ_AT.astimezone(timezone(timedelta(hours=9)))
    assert account_insights_row(FULL_USER, read_at=east) == account_insights_row(FULL_USER, read_at=READ_AT)


def test_a_counter_that_x_left_out_is_null_and_one_of_zero_is_zero() -> None:
    user = {"id": "1", "public_metrics": {"followers_count": 0, "tweet_count": 0}}
    row = account_insights_row(user, read_at=READ_AT)
    assert (row["followers_count"], row["tweet_count"]) == (0, 0)
    assert (row["following_count"], row["listed_count"], row["like_count"], row["media_count"]) == (None,) * 4


def test_the_wire_object_is_left_as_it_was() -> None:
    user = copy.deepcopy(FULL_USER)
    row = account_row(user, is_own_account=True)
    row["affiliation_user_ids"].append("mine")
    row["withheld_country_codes"].append("mine")
    account_insights_row(user, read_at=READ_AT)
    assert user == FULL_USER
