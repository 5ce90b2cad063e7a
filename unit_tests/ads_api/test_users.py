"""Users in the form of API v1.1 become rows, and so do users of whom nothing but the id is known."""

from __future__ import annotations

from typing import Any

import pytest

from source_x_organic.ads_api.users import account_insights_row, account_row
from unit_tests.ads_api.invented import ADS_ACCOUNT_ID, READ_AT, USER

FULL_ROW: dict[str, Any] = {
    "id": "9007199254740993",
    "account_id": "9007199254740993",
    "ads_account_id": "18tidehb",
    "username": "harbour_bakery",
    "name": "Harbour Bakery",
    "description": "Bread &amp; rolls https://t.co/aaaaaaaaaa",
    "location": "Quay 3",
    "url": "https://harbour-bakery.example/",
    "created_at": "2015-03-01T08:00:09Z",
    "protected": False,
    "verified": True,
    "verified_type": None,
    "is_identity_verified": None,
    "subscription_type": None,
    "parody": None,
    "profile_image_url": "https://pbs.example/face.jpg",
    "profile_banner_url": "https://pbs.example/banner",
    "pinned_tweet_id": None,
    "most_recent_tweet_id": None,
    "affiliation_description": None,
    "affiliation_url": None,
    "affiliation_user_ids": None,
    "withheld_country_codes": ["XY", "XZ"],
    "followers_count": 1200,
    "following_count": 0,
    "tweet_count": 345,
    "listed_count": 6,
    "like_count": 78,
    "media_count": None,
    "is_own_account": True,
}


def row_of(user: dict[str, Any] | None) -> dict[str, Any]:
    return account_row(user, account_id="9007199254740993", ads_account_id=ADS_ACCOUNT_ID, is_own_account=True)


def test_a_full_user_becomes_a_full_account_row() -> None:
    assert row_of(USER) == FULL_ROW


@pytest.mark.parametrize("user", [None, {}, {"id": 9007199254740993, "id_str": "9007199254740993"}])
def test_a_user_without_tweets_or_cut_down_has_nulls_beside_the_ids(user: dict[str, Any] | None) -> None:
    known = {"id", "account_id", "ads_account_id", "is_own_account"}
    assert row_of(user) == dict.fromkeys(FULL_ROW) | {name: FULL_ROW[name] for name in known}


@pytest.mark.parametrize(
    "entities",
    [
        None,
        {},
        {"url": None},
        {"description": {"urls": []}},
        {"url": {"urls": [{"url": "https://t.co/c", "expanded_url": None}]}},
    ],
)
def test_a_profile_link_that_x_did_not_expand_keeps_its_short_form(entities: dict[str, Any] | None) -> None:
    assert row_of({"url": "https://t.co/c", "entities": entities})["url"] == "https://t.co/c"


def test_a_profile_picture_without_a_secure_address_keeps_the_other() -> None:
    assert row_of({"profile_image_url": "http://pbs.example/f.jpg"})["profile_image_url"] == "http://pbs.example/f.jpg"


@pytest.mark.parametrize(
    ("sent", "codes"),
    [(["XY"], ["XY"]), ("XY, XZ", ["XY", "XZ"]), ("XY", ["XY"]), ([], None), ("", None), (None, None), ([None], None)],
)
def test_countries_are_a_list_whichever_way_x_gives_them(sent: object, codes: list[str] | None) -> None:
    assert row_of({"withheld_in_countries": sent})["withheld_country_codes"] == codes


def test_the_insights_row_has_the_counters_and_the_utc_day_of_the_read() -> None:
    expected = {
        "account_id": "9007199254740993",
        "date": "2026-11-21",
        "name": "Harbour Bakery",
        "username": "harbour_bakery",
        "followers_count": 1200,
        "following_count": 0,
        "tweet_count": 345,
        "listed_count": 6,
        "like_count": 78,
        "media_count": None,
        "read_at": "2026-11-21T06:30:05Z",
    }
    assert account_insights_row(USER, account_id="9007199254740993", read_at=READ_AT) == expected
    known = ("account_id", "date", "read_at")
    unknown = dict.fromkeys(expected) | {name: expected[name] for name in known}
    assert account_insights_row(None, account_id="9007199254740993", read_at=READ_AT) == unknown
