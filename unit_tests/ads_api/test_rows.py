"""Whatever the Ads API returns becomes rows of the right shape; what is of the right kinds becomes valid ones."""

from __future__ import annotations

import copy
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from source_x_organic import fivetran_tables
from source_x_organic.ads_api.accounts import ads_account_row, promotable_user_row
from source_x_organic.ads_api.scheduled import draft_tweet_row, scheduled_tweet_row
from source_x_organic.ads_api.tweets import created_at, is_retweet, tweet_id, tweet_insights_row, tweet_row
from source_x_organic.ads_api.users import account_insights_row, account_row
from unit_tests.ads_api import invented
from unit_tests.ads_api.invented import ADS_ACCOUNT_ID, READ_AT

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]

ROWS: dict[str, Callable[[Row], Row]] = {
    "ads_accounts": lambda sent: ads_account_row(sent, industry_type=None, account_id=None),
    "promotable_users": lambda sent: promotable_user_row(sent, ads_account_id=ADS_ACCOUNT_ID),
    "scheduled_tweets": lambda sent: scheduled_tweet_row(sent, ads_account_id=ADS_ACCOUNT_ID),
    "draft_tweets": lambda sent: draft_tweet_row(sent, ads_account_id=ADS_ACCOUNT_ID),
    "tweets": lambda sent: tweet_row(sent, account_id="1", username=None, ads_account_id=ADS_ACCOUNT_ID),
    "tweet_insights": lambda sent: tweet_insights_row(
        sent, account_id="1", account_name=None, ads_account_id=ADS_ACCOUNT_ID, read_at=READ_AT
    ),
    "accounts": lambda sent: account_row(sent, account_id="1", ads_account_id=ADS_ACCOUNT_ID, is_own_account=False),
    "account_insights": lambda sent: account_insights_row(sent, account_id="1", read_at=READ_AT),
    "account_history": lambda sent: fivetran_tables.account_history_row(
        {"updated_at": "2026-11-01T00:00:00Z", **sent}, industry_type=None, synced_at=READ_AT
    ),
    "twitter_user_history": lambda sent: fivetran_tables.twitter_user_history_row(sent, synced_at=READ_AT),
    "tweet": lambda sent: fivetran_tables.tweet_row(sent, account_id=ADS_ACCOUNT_ID, synced_at=READ_AT),
}
EXAMPLES = {
    "ads_accounts": (invented.ADS_ACCOUNT, invented.ads_accounts),
    "promotable_users": (invented.PROMOTABLE_USER, invented.promotable_users),
    "scheduled_tweets": (invented.SCHEDULED_TWEET, invented.scheduled_tweets),
    "draft_tweets": (invented.SCHEDULED_TWEET, invented.scheduled_tweets),
    "tweets": (invented.TWEET, invented.tweets),
    "tweet_insights": (invented.TWEET, invented.tweets),
    "accounts": (invented.USER, invented.users),
    "account_insights": (invented.USER, invented.users),
    "account_history": (invented.ADS_ACCOUNT, invented.ads_accounts),
    "twitter_user_history": (invented.USER, invented.users),
    "tweet": (invented.TWEET, invented.tweets),
}
SCHEMAS = {
    stream: json.loads(
        resources.files("source_x_organic").joinpath("schemas", f"{stream}.json").read_text(encoding="utf-8")
    )
    for stream in ROWS
}
VALIDATORS = {stream: Draft7Validator(schema) for stream, schema in SCHEMAS.items()}

for_every_stream = pytest.mark.parametrize("stream", ROWS)


@for_every_stream
@given(data=st.data())
def test_no_json_whatever_makes_a_row_fail_or_lose_a_column_and_none_is_changed(
    stream: str, data: st.DataObject
) -> None:
    example, _ = EXAMPLES[stream]
    sent = data.draw(invented.like(example))
    as_sent = copy.deepcopy(sent)
    assert list(ROWS[stream](sent)) == list(SCHEMAS[stream]["properties"])
    assert sent == as_sent


@for_every_stream
@given(data=st.data())
def test_objects_of_the_right_kinds_become_valid_rows(stream: str, data: st.DataObject) -> None:
    _, objects = EXAMPLES[stream]
    row = ROWS[stream](data.draw(objects))
    assert [error.message for error in VALIDATORS[stream].iter_errors(row)] == []
    assert json.loads(json.dumps(row)) == row


@given(invented.like(invented.TWEET))
def test_no_json_whatever_makes_the_reading_of_a_tweet_fail(sent: Row) -> None:
    assert isinstance(tweet_id(sent), str)
    assert isinstance(is_retweet(sent), bool)
    instant = created_at(sent)
    assert instant is None or instant.utcoffset() is not None


@given(invented.ids)
def test_an_id_is_the_same_as_text_and_as_number(id_: int) -> None:
    as_number = ROWS["tweet"]({"id": id_, "user": {"id": id_}, "in_reply_to_status_id": id_})
    as_text = ROWS["tweet"]({"id_str": str(id_), "user": {"id_str": str(id_)}, "in_reply_to_status_id_str": str(id_)})
    assert as_number == as_text
    assert as_number["id"] == as_number["user_id"] == as_number["in_reply_to_status_id"] == str(id_)
    assert ROWS["twitter_user_history"]({"id_str": str(id_)})["id"] == id_
