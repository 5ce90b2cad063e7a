"""Every row that a post or a user of the X API can become is valid against the schemas, and has their columns."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from source_x_organic.x_api.posts import insights_row, originals, tweet_row
from source_x_organic.x_api.users import account_insights_row, account_row

STREAMS = ("accounts", "account_insights", "tweets", "tweet_insights")


def schema_of(stream: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        resources.files("source_x_organic").joinpath("schemas", f"{stream}.json").read_text(encoding="utf-8")
    )
    return schema


def rows_of(user: dict[str, Any], post: dict[str, Any], original: dict[str, Any], now: datetime) -> dict[str, Any]:
    known = originals({"includes": {"tweets": [original]}})
    return {
        "accounts": account_row(user, is_own_account=False),
        "account_insights": account_insights_row(user, read_at=now),
        "tweets": tweet_row(post, account_id="1", username="u", originals=known),
        "tweet_insights": insights_row(
            post,
            private=post,
            account_id="1",
            account_name="N",
            originals=known,
            read_at=now,
            insights_window_days=30,
        ),
    }


ids = st.integers(min_value=0, max_value=2**63 - 1).map(str)
words = st.text(max_size=300)
counts = st.none() | st.integers(min_value=0, max_value=2**40)
instants = (
    st.none()
    | st.just("not a time")
    | st.datetimes(min_value=datetime(2006, 3, 21), max_value=datetime(2100, 1, 1)).map(lambda t: f"{t.isoformat()}Z")  # noqa: DTZ001 - hypothesis wants naive bounds
)


def some_of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of the fields, each as described or null."""
    return st.fixed_dictionaries({}, optional={name: st.none() | value for name, value in fields.items()})


entities = some_of(
    hashtags=st.lists(some_of(tag=words), max_size=3),
    mentions=st.lists(some_of(username=words, id=ids), max_size=3),
    urls=st.lists(some_of(url=words, expanded_url=words, unwound_url=words), max_size=3),
)
long_texts = some_of(text=words, entities=entities)
metrics = some_of(
    **dict.fromkeys(
        (
            *("retweet_count", "repost_count", "reply_count", "like_count", "quote_count", "bookmark_count"),
            *("impression_count", "engagements", "url_link_clicks", "user_profile_clicks"),
            *("followers_count", "following_count", "tweet_count", "post_count", "listed_count", "media_count"),
        ),
        counts,
    )
)
references = st.lists(
    some_of(type=st.sampled_from(["replied_to", "quoted", "retweeted"]), id=ids | st.just("9")), max_size=3
)
post_fields: dict[str, st.SearchStrategy[Any]] = {
    "created_at": instants,
    "entities": entities,
    "note_tweet": long_texts,
    "note_post": long_texts,
    "lang": words,
    "source": words,
    "conversation_id": ids,
    "in_reply_to_user_id": ids,
    "referenced_tweets": references,
    "referenced_posts": references,
    "edit_history_tweet_ids": st.lists(ids, max_size=3),
    "edit_history_post_ids": st.lists(ids, max_size=3),
    "edit_controls": some_of(editable_until=instants, edits_remaining=counts | words),
    "possibly_sensitive": st.booleans(),
    "reply_settings": words,
    "card_uri": words,
    "attachments": some_of(media_keys=st.lists(ids, max_size=2)),
    "public_metrics": metrics,
    "organic_metrics": metrics,
    "non_public_metrics": metrics,
}
texts = words | words.map(lambda text: f"RT @someone: {text}…")
posts = st.builds(
    lambda known, rest: known | rest,
    st.fixed_dictionaries({"id": ids, "text": texts}),
    some_of(**post_fields),
)
users = st.builds(
    lambda known, rest: known | rest,
    st.fixed_dictionaries({"id": ids, "name": words, "username": words}),
    some_of(
        description=words,
        location=words,
        url=words,
        entities=some_of(url=some_of(urls=st.lists(some_of(url=words, expanded_url=words), max_size=2))),
        created_at=instants,
        protected=st.booleans(),
        verified=st.booleans(),
        verified_type=words,
        pinned_tweet_id=ids,
        most_recent_post_id=ids,
        affiliation=some_of(description=words, url=words, user_id=ids | st.lists(ids, max_size=2)),
        withheld=some_of(country_codes=st.lists(words, max_size=2)),
        public_metrics=metrics,
    ),
)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("stream", STREAMS)
def test_a_row_has_the_columns_of_the_schema_in_their_order(stream: str) -> None:
    rows = rows_of({"id": "1"}, {"id": "2", "text": "t"}, {"id": "3"}, NOW)
    assert list(rows[stream]) == list(schema_of(stream)["properties"])


VALIDATORS = {stream: Draft7Validator(schema_of(stream)) for stream in STREAMS}


@given(user=users, post=posts, original=posts, now=st.datetimes(timezones=st.just(UTC)))
def test_whatever_x_returns_becomes_rows_that_are_valid(
    user: dict[str, Any], post: dict[str, Any], original: dict[str, Any], now: datetime
) -> None:
    as_sent = copy.deepcopy((user, post, original))
    for stream, row in rows_of(user, post, {**original, "id": "9"}, now).items():
        assert [error.message for error in VALIDATORS[stream].iter_errors(row)] == []
        assert json.loads(json.dumps(row)) == row
    assert (user, post, original) == as_sent


@given(post=posts, original=posts)
def test_a_text_is_never_lost(post: dict[str, Any], original: dict[str, Any]) -> None:
    row = rows_of({"id": "1"}, post, {**original, "id": "9"}, NOW)["tweets"]
    note = post.get("note_tweet") or post.get("note_post") or {}
    assert row["text"] is not None
    if "retweeted" not in {
        ref.get("type") for ref in post.get("referenced_tweets") or post.get("referenced_posts") or []
    }:
        assert row["text"] == (note.get("text") or post["text"])
