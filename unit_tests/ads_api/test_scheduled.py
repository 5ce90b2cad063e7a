"""Scheduled tweets and drafts become rows, whatever X left out."""

from __future__ import annotations

from typing import Any

import pytest

from source_x_organic.ads_api.scheduled import draft_tweet_row, scheduled_tweet_row
from unit_tests.ads_api.invented import ADS_ACCOUNT_ID, DRAFT_TWEET, SCHEDULED_TWEET

FULL_SCHEDULED_ROW: dict[str, Any] = {
    "id": "1856000000000000007",
    "ads_account_id": "18tidehb",
    "account_id": "9007199254740993",
    "user_id": "9007199254740993",
    "name": "Advent",
    "text": "Stollen from Monday",
    "scheduled_at": "2026-11-29T05:00:00Z",
    "scheduled_status": "SUCCESS",
    "completed_at": "2026-11-29T05:00:04Z",
    "created_at": "2026-11-01T09:00:00Z",
    "updated_at": "2026-11-02T09:00:00Z",
    "nullcast": False,
    "card_uri": None,
    "tweet_id": "1856000000000000009",
    "media_keys": ["3_1854999999999999999"],
    "media_ids": ["1854999999999999999"],
}
FULL_DRAFT_ROW: dict[str, Any] = {
    "id": "1857000000000000011",
    "ads_account_id": "18tidehb",
    "account_id": "41",
    "user_id": "41",
    "name": None,
    "text": "Panettone?",
    "created_at": "2026-11-03T09:00:00Z",
    "updated_at": "2026-11-03T09:00:01Z",
    "nullcast": True,
    "card_uri": "card://9",
    "media_keys": [],
    "media_ids": None,
}


def test_a_scheduled_tweet_becomes_a_row_with_the_id_that_x_did_not_round() -> None:
    assert scheduled_tweet_row(SCHEDULED_TWEET, ads_account_id=ADS_ACCOUNT_ID) == FULL_SCHEDULED_ROW


def test_a_draft_becomes_a_row_that_tells_no_media_from_media_unknown() -> None:
    assert draft_tweet_row(DRAFT_TWEET, ads_account_id=ADS_ACCOUNT_ID) == FULL_DRAFT_ROW


def test_what_x_left_out_is_null() -> None:
    known = {"id": "1", "ads_account_id": "18tidehb"}
    assert scheduled_tweet_row({"id": 1}, ads_account_id=ADS_ACCOUNT_ID) == dict.fromkeys(FULL_SCHEDULED_ROW) | known
    assert draft_tweet_row({"id": 1}, ads_account_id=ADS_ACCOUNT_ID) == dict.fromkeys(FULL_DRAFT_ROW) | known


@pytest.mark.parametrize(
    ("sent", "kept"),
    [([], []), (["3_1", 2, None, True, 2.5, ""], ["3_1", "2"]), (None, None), ("3_1", None)],
)
def test_media_are_texts_and_only_a_list_is_one(sent: object, kept: list[str] | None) -> None:
    row = scheduled_tweet_row({"id": "1", "media_keys": sent}, ads_account_id=ADS_ACCOUNT_ID)
    assert row["media_keys"] == kept
