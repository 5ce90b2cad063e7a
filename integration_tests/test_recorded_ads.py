"""What the Ads API answered, as others recorded or documented it, becomes valid rows that keep every value."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

from integration_tests.recordings import ads_objects, only_with_recordings
from source_x_organic import fivetran_tables
from source_x_organic.ads_api.accounts import ads_account_row, promotable_user_row
from source_x_organic.ads_api.scheduled import draft_tweet_row, scheduled_tweet_row
from source_x_organic.ads_api.tweets import tweet_insights_row, tweet_row
from source_x_organic.ads_api.users import account_insights_row, account_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from integration_tests.recordings import Found

pytestmark = only_with_recordings

Row = dict[str, Any]

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADS_ACCOUNT_ID = "18ads"
USER_ID = "1"

ROWS: dict[str, Callable[[Row], Row]] = {
    "ads_accounts": lambda sent: ads_account_row(sent, industry_type=None, account_id=USER_ID),
    "account_history": lambda sent: fivetran_tables.account_history_row(sent, industry_type=None, synced_at=NOW),
    "promotable_users": lambda sent: promotable_user_row(sent, ads_account_id=sent.get("account_id", ADS_ACCOUNT_ID)),
    "scheduled_tweets": lambda sent: scheduled_tweet_row(sent, ads_account_id=ADS_ACCOUNT_ID),
    "draft_tweets": lambda sent: draft_tweet_row(sent, ads_account_id=ADS_ACCOUNT_ID),
    "tweets": lambda sent: tweet_row(sent, account_id=USER_ID, username=None, ads_account_id=ADS_ACCOUNT_ID),
    "tweet_insights": lambda sent: tweet_insights_row(
        sent, account_id=USER_ID, account_name=None, ads_account_id=ADS_ACCOUNT_ID, read_at=NOW
    ),
    "tweet": lambda sent: fivetran_tables.tweet_row(sent, account_id=ADS_ACCOUNT_ID, synced_at=NOW),
    "accounts": lambda sent: account_row(
        sent, account_id=sent["id_str"], ads_account_id=ADS_ACCOUNT_ID, is_own_account=True
    ),
    "account_insights": lambda sent: account_insights_row(sent, account_id=sent["id_str"], read_at=NOW),
    "twitter_user_history": lambda sent: fivetran_tables.twitter_user_history_row(sent, synced_at=NOW),
}

_IDS = ("id_str", "tweet_id", "id")
_OF_A_TWEET = {
    "text": ("full_text", "text"),
    "is_quote": ("is_quote_status",),
    "like_count": ("favorite_count",),
}
_OF_A_USER = {
    "account_id": ("id_str",),
    "username": ("screen_name",),
    "following_count": ("friends_count",),
    "tweet_count": ("statuses_count",),
    "like_count": ("favourites_count",),
}
SOURCES: dict[str, Mapping[str, tuple[str, ...]]] = {
    "ads_accounts": {"ads_account_id": ("id",)},
    "account_history": {},
    "promotable_users": {"account_id": ("user_id",), "ads_account_id": ("account_id",)},
    "scheduled_tweets": {"id": ("id_str", "id"), "account_id": ("user_id",)},
    "draft_tweets": {"id": ("id_str", "id"), "account_id": ("user_id",)},
    "tweets": {
        **_OF_A_TWEET,
        "id": _IDS,
        "is_truncated_by_source": ("truncated",),
        "in_reply_to_user_id": ("in_reply_to_user_id_str", "in_reply_to_user_id"),
        "in_reply_to_tweet_id": ("in_reply_to_status_id_str", "in_reply_to_status_id"),
        "reply_settings": ("conversation_settings",),
        "hashtags": ("entities.hashtags",),
        "mentions": ("entities.user_mentions",),
        "urls": ("entities.urls[].expanded_url", "entities.urls"),
    },
    "tweet_insights": {**_OF_A_TWEET, "tweet_id": _IDS, "own_retweet_count": ("retweet_count",)},
    "tweet": {
        "id": _IDS,
        "full_text": ("full_text", "text"),
        "followers": ("scopes.followers",),
        "in_reply_to_user_id": ("in_reply_to_user_id_str", "in_reply_to_user_id"),
        "in_reply_to_status_id": ("in_reply_to_status_id_str", "in_reply_to_status_id"),
        "coordinates_coordinates": ("coordinates",),
        "geo_coordinates": ("geo",),
        "user_id": ("user.id_str", "user.id"),
    },
    "accounts": {
        **_OF_A_USER,
        "id": ("id_str", "id"),
        "url": ("entities.url.urls[].expanded_url", "url"),
        "profile_image_url": ("profile_image_url_https", "profile_image_url"),
        "withheld_country_codes": ("withheld_in_countries",),
    },
    "account_insights": _OF_A_USER,
    "twitter_user_history": {"id": ("id_str", "id"), "protected_user": ("protected",)},
}
"""Where a column's value stands in what X sent, the best first; elsewhere it has the column's own name."""

WITHOUT_A_COLUMN: dict[str, tuple[str, ...]] = {
    "draft": ("status",),
    "tweet": (
        *("name", "place", "contributors", "display_text_range", "scheduled_at", "scheduled_status"),
        *("entities.symbols", "possibly_sensitive_appealable"),
        *("entities.urls[].indices", "entities.urls[].display_url", "entities.urls[].url"),
        "entities.media",  # has a test of its own
        "user",  # the same
    ),
    "user": (
        *("profile_background_color", "profile_link_color", "profile_sidebar_border_color", "profile_text_color"),
        *("profile_sidebar_fill_color", "translator_type", "has_extended_profile", "entities.description"),
        *("following", "follow_request_sent", "notifications"),
        *("entities.url.urls[].indices", "entities.url.urls[].display_url", "entities.url.urls[].url"),
    ),
}
"""What X sends and no table holds."""


def is_ads_account(item: Row) -> bool:
    return {"timezone", "approval_status"} <= item.keys()


def is_promotable_user(item: Row) -> bool:
    return "promotable_user_type" in item


def is_scheduled(item: Row) -> bool:
    return {"scheduled_status", "completed_at"} <= item.keys()


def is_draft(item: Row) -> bool:
    return {"nullcast", "text", "media_keys"} <= item.keys() and "scheduled_status" not in item


def is_tweet(item: Row) -> bool:
    return "favorite_count" in item


def is_user(item: Row) -> bool:
    return {"screen_name", "followers_count"} <= item.keys()


def on_all_that(is_wanted: Callable[[Row], bool]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("found", ads_objects(is_wanted), ids=lambda found: found.place)


def schema_of(stream: str) -> Row:
    text = resources.files("source_x_organic").joinpath("schemas", f"{stream}.json").read_text(encoding="utf-8")
    schema: Row = json.loads(text)
    return schema


SCHEMAS = {stream: schema_of(stream) for stream in ROWS}
VALID = {stream: Draft7Validator(schema, format_checker=FormatChecker()) for stream, schema in SCHEMAS.items()}


def values_in(item: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return each value at any depth by its path; a list of objects is a list of values for each of their keys."""
    found: dict[str, Any] = {}
    for name, value in item.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            found |= values_in(value, f"{path}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found |= {f"{path}[].{key}": [part.get(key) for part in value] for key in value[0]}
        else:
            found[path] = value
    return found


def as_kept(value: object, prop: Mapping[str, Any]) -> object:
    """Return a value in the form in which a column is said to keep it."""
    if isinstance(value, list) and "array" not in prop["type"]:
        value = value[0]
    if isinstance(value, str) and prop.get("format") == "date-time" and not value.endswith("Z"):
        return datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y").strftime("%Y-%m-%dT%H:%M:%SZ")
    if type(value) is int and "string" in prop["type"]:
        return str(value)
    if isinstance(value, bool) and "string" in prop["type"]:
        return str(value).lower()
    if isinstance(value, str) and "integer" in prop["type"]:
        return int(value)
    return value


def kept_paths(stream: str, sent: Row) -> set[str]:
    """Make the row of a stream, hold it against what X sent, and return the paths whose values went into it."""
    values, row = values_in(sent), ROWS[stream](sent)
    VALID[stream].validate(row)
    kept: set[str] = set()
    for column, prop in SCHEMAS[stream]["properties"].items():
        given = {path: values[path] for path in SOURCES[stream].get(column, (column,)) if path in values}
        if not given:
            continue
        best = next((value for value in given.values() if value is not None), None)
        expected = as_kept(best, prop)
        assert row[column] == expected or (expected == [] and row[column] is None), column
        kept |= given.keys()
    return kept


def assert_all_kept(streams: tuple[str, ...], sent: Row, without_a_column: tuple[str, ...] = ()) -> None:
    as_sent = copy.deepcopy(sent)
    kept = set[str]().union(*(kept_paths(stream, sent) for stream in streams))
    below = tuple(f"{name}{mark}" for name in without_a_column for mark in ".[")
    lost = {path for path in values_in(sent).keys() - kept if path not in without_a_column}
    assert {path for path in lost if not path.startswith(below)} == set()
    assert sent == as_sent


def test_every_kind_of_object_is_among_the_answers() -> None:
    kinds = (is_ads_account, is_promotable_user, is_scheduled, is_draft, is_tweet, is_user)
    assert [len(ads_objects(kind)) for kind in kinds] == [11, 7, 7, 3, 9, 4]


@on_all_that(is_ads_account)
def test_every_ads_account_keeps_every_value(found: Found) -> None:
    assert_all_kept(("ads_accounts", "account_history"), found.sent)


@on_all_that(is_promotable_user)
def test_every_promotable_user_keeps_every_value(found: Found) -> None:
    assert_all_kept(("promotable_users",), found.sent)


@on_all_that(is_scheduled)
def test_every_scheduled_tweet_keeps_every_value(found: Found) -> None:
    assert_all_kept(("scheduled_tweets",), found.sent)


@on_all_that(is_draft)
def test_every_draft_keeps_every_value(found: Found) -> None:
    assert_all_kept(("draft_tweets",), found.sent, WITHOUT_A_COLUMN["draft"])


@on_all_that(is_tweet)
def test_every_tweet_keeps_every_value(found: Found) -> None:
    assert_all_kept(("tweets", "tweet_insights", "tweet"), found.sent, WITHOUT_A_COLUMN["tweet"])


@on_all_that(is_tweet)
def test_every_medium_of_a_tweet_is_named_by_its_id(found: Found) -> None:
    media = (found.sent.get("entities") or {}).get("media") or []
    keys = ROWS["tweets"](found.sent)["media_keys"] or []
    assert [key.partition("_")[2] for key in keys] == [medium["id_str"] for medium in media]
    assert ROWS["tweet"](found.sent)["media_key"] == (keys[0] if keys else None)


@on_all_that(is_user)
def test_every_user_keeps_every_value(found: Found) -> None:
    streams = ("accounts", "account_insights", "twitter_user_history")
    assert_all_kept(streams, found.sent, WITHOUT_A_COLUMN["user"])
