"""The schemas describe every column: what it means, in which unit, from where; keys are always there."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft7Validator

KEYS: dict[str, tuple[str, ...]] = {
    "account_history": ("id", "updated_at"),
    "account_insights": ("account_id", "date"),
    "accounts": ("id",),
    "ads_accounts": ("id",),
    "api_usage": ("sync_started_at", "account_id", "endpoint"),
    "draft_tweets": ("ads_account_id", "id"),
    "organic_report": ("account_id", "tweet_id", "date", "placement"),
    "organic_tweet_report": ("account_id", "organic_tweet_id", "date"),
    "promotable_users": ("ads_account_id", "id"),
    "scheduled_tweets": ("ads_account_id", "id"),
    "sync_coverage": ("account_id", "stream", "date"),
    "tweet": ("id",),
    "tweet_insights": ("tweet_id", "date"),
    "tweets": ("id",),
    "twitter_user_history": ("id",),
}
ALWAYS_THERE = {
    **{stream: set(key) for stream, key in KEYS.items()},
    "account_insights": {"account_id", "date", "read_at"},
    "accounts": {"id", "account_id"},
    "api_usage": {
        *("sync_started_at", "account_id", "endpoint", "date"),
        *("requests", "post_reads", "user_reads", "list_price_usd"),
    },
    "sync_coverage": {"account_id", "stream", "date", "checked_at", "returned_rows"},
    "tweet_insights": {"tweet_id", "date", "account_id", "read_at"},
    "tweets": {"id", "account_id"},
}
INSTANTS = {"_fivetran_synced", "period_start", "period_end"}
SCHEMAS: dict[str, dict[str, Any]] = {
    file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8"))
    for file in resources.files("source_x_organic").joinpath("schemas").iterdir()
    if file.name.endswith(".json")
}

on_every_schema = pytest.mark.parametrize("stream", sorted(SCHEMAS))


@on_every_schema
def test_a_schema_is_a_valid_draft_7_schema_of_an_open_object(stream: str) -> None:
    schema = SCHEMAS[stream]
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert (schema["title"], schema["type"], schema["additionalProperties"]) == (stream, "object", True)
    assert "one row per" in schema["description"]


@on_every_schema
def test_every_property_says_what_it_is_in_which_unit_and_from_where(stream: str) -> None:
    properties = SCHEMAS[stream]["properties"]
    poor = [name for name, prop in properties.items() if not _described(prop.get("description", ""))]
    assert poor == []


def _described(description: str) -> bool:
    meaning, unit, after = description.partition(" Unit: ")
    return bool(meaning and unit) and " Source: " in after and description.endswith(".")


@on_every_schema
def test_keys_are_always_there_and_all_that_x_may_leave_out_is_nullable(stream: str) -> None:
    properties = SCHEMAS[stream]["properties"]
    assert set(KEYS[stream]) <= set(properties)
    for name, prop in properties.items():
        if isinstance(prop["type"], str):
            assert name in ALWAYS_THERE[stream] or stream == "organic_report", name
        else:
            assert prop["type"][0] == "null", name
            assert len(prop["type"]) == 2, name
    assert [name for name in ALWAYS_THERE[stream] if isinstance(properties[name]["type"], list)] == []


@on_every_schema
def test_ids_are_texts_but_for_the_users_of_fivetran(stream: str) -> None:
    ids = {name: prop["type"] for name, prop in SCHEMAS[stream]["properties"].items() if name.endswith("id")}
    numbers = {name for name, kind in ids.items() if "integer" in kind}
    assert numbers == ({"id"} if stream == "twitter_user_history" else set())


@on_every_schema
def test_instants_carry_their_time_zone_and_days_are_dates(stream: str) -> None:
    properties = SCHEMAS[stream]["properties"]
    in_fivetran_a_day_is_an_instant = {"date"} if stream == "organic_tweet_report" else set()
    instants = {name for name in properties if name.endswith(("_at", "_until")) or name in INSTANTS}
    instants |= in_fivetran_a_day_is_an_instant
    assert instants == {name for name, prop in properties.items() if prop.get("format") == "date-time"}
    assert all(properties[name]["airbyte_type"] == "timestamp_with_timezone" for name in instants)
    days = {name for name, prop in properties.items() if prop.get("format") == "date"}
    assert days == ({"date"} & set(properties)) - in_fivetran_a_day_is_an_instant
