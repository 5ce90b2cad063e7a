"""Ads accounts and promotable users become rows, whatever X left out."""

from __future__ import annotations

import pytest

from source_x_organic.ads_api.accounts import ads_account_row, promotable_user_row
from unit_tests.ads_api.invented import ADS_ACCOUNT, ADS_ACCOUNT_ID, PROMOTABLE_USER

FULL_ACCOUNT_ROW = {
    "id": "18tidehb",
    "ads_account_id": "18tidehb",
    "account_id": "9007199254740993",
    "name": "Tidewater Harbour Bakery",
    "business_name": "Tidewater Ltd",
    "business_id": "7401",
    "timezone": "Asia/Kolkata",
    "timezone_switch_at": "2019-02-28T18:30:00Z",
    "created_at": "2019-02-27T10:00:00Z",
    "updated_at": "2026-10-01T08:15:30Z",
    "approval_status": "ACCEPTED",
    "industry_type": "FOOD",
    "salt": "c0ffee",
    "deleted": False,
}


def test_a_full_account_becomes_a_full_row() -> None:
    row = ads_account_row(ADS_ACCOUNT, industry_type="FOOD", account_id="9007199254740993")
    assert row == FULL_ACCOUNT_ROW


def test_an_account_without_a_full_user_and_fields_has_nulls() -> None:
    row = ads_account_row({"id": "18tidehb"}, industry_type=None, account_id=None)
    assert row == dict.fromkeys(FULL_ACCOUNT_ROW) | {"id": "18tidehb", "ads_account_id": "18tidehb"}


@pytest.mark.parametrize(
    ("asked_for", "listed", "expected"),
    [("FOOD", None, "FOOD"), (None, "TRAVEL", "TRAVEL"), ("FOOD", "TRAVEL", "FOOD"), (None, None, None)],
)
def test_the_industry_is_that_of_the_account_asked_for_alone_or_the_listed_one(
    asked_for: str | None, listed: str | None, expected: str | None
) -> None:
    account = {**ADS_ACCOUNT, "industry_type": listed}
    assert ads_account_row(account, industry_type=asked_for, account_id=None)["industry_type"] == expected


def test_a_promotable_user_becomes_a_row_that_joins_on_its_user() -> None:
    assert promotable_user_row(PROMOTABLE_USER, ads_account_id=ADS_ACCOUNT_ID) == {
        "id": "l310s",
        "ads_account_id": "18tidehb",
        "account_id": "9007199254740993",
        "user_id": "9007199254740993",
        "promotable_user_type": "FULL",
        "created_at": "2019-02-27T10:00:01Z",
        "updated_at": "2019-02-27T10:00:02Z",
        "deleted": False,
    }


def test_the_ads_account_that_x_names_account_id_does_not_take_the_users_place() -> None:
    row = promotable_user_row({**PROMOTABLE_USER, "account_id": "18tidehb"}, ads_account_id=ADS_ACCOUNT_ID)
    assert row == promotable_user_row(PROMOTABLE_USER, ads_account_id=ADS_ACCOUNT_ID)


def test_a_user_id_that_comes_as_a_number_keeps_its_last_digit() -> None:
    row = promotable_user_row({**PROMOTABLE_USER, "user_id": 9007199254740993}, ads_account_id=ADS_ACCOUNT_ID)
    assert (row["user_id"], row["account_id"]) == ("9007199254740993", "9007199254740993")
