"""What X really answered, as others recorded it, becomes valid rows that lose nothing: alone and in the connector."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

from integration_tests.recordings import (
    Recording,
    everything_in,
    is_post,
    is_user,
    only_with_recordings,
    v2_answers,
)
from source_x_organic.x_api.posts import insights_row, originals, tweet_row
from source_x_organic.x_api.users import account_insights_row, account_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = only_with_recordings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STREAMS = ("accounts", "account_insights", "tweets", "tweet_insights")
ELLIPSIS = "…"


def validator(stream: str) -> Draft7Validator:
    schema = resources.files("source_x_organic").joinpath("schemas", f"{stream}.json").read_text(encoding="utf-8")
    return Draft7Validator(json.loads(schema), format_checker=FormatChecker())


VALID = {stream: validator(stream) for stream in STREAMS}


def holding(is_wanted: Callable[[dict[str, Any]], bool]) -> list[Recording]:
    return [
        recording for recording in v2_answers() if any(is_wanted(found) for found in everything_in(recording.document))
    ]


def pages_in(document: object) -> list[Mapping[str, Any]]:
    return [found for found in everything_in(document) if "includes" in found]


@pytest.mark.parametrize("recording", holding(is_user), ids=lambda recording: recording.name)
def test_every_recorded_user_keeps_its_names_and_counters(recording: Recording) -> None:
    for user in filter(is_user, everything_in(recording.document)):
        as_sent = copy.deepcopy(user)
        account = account_row(user, is_own_account=False)
        insights = account_insights_row(user, read_at=NOW)
        VALID["accounts"].validate(account)
        VALID["account_insights"].validate(insights)
        names = {name: user[name] for name in ("id", "username", "name")}
        assert {name: account[name] for name in names} == names
        assert insights["account_id"] == user["id"]
        for row in (account, insights):
            assert_counters(row, user.get("public_metrics") or {})
        assert user == as_sent


@pytest.mark.parametrize("recording", holding(is_post), ids=lambda recording: recording.name)
def test_every_recorded_post_keeps_its_text_and_counters(recording: Recording) -> None:
    document = recording.document
    known = {id_: post for page in pages_in(document) for id_, post in originals(page).items()}
    for post in filter(is_post, everything_in(document)):
        as_sent = copy.deepcopy(post)
        tweet = tweet_row(post, account_id="1", username="someone", originals=known)
        insights = insights_row(
            post,
            private=post,
            account_id="1",
            account_name="Someone",
            originals=known,
            read_at=NOW,
            insights_window_days=30,
        )
        VALID["tweets"].validate(tweet)
        VALID["tweet_insights"].validate(insights)
        assert (tweet["id"], insights["tweet_id"]) == (post["id"], post["id"])
        assert tweet["created_at"] == insights["created_at"] == post.get("created_at")
        for row in (tweet, insights):
            assert_text(row["text"], post, known)
            assert_counters(row, post.get("public_metrics") or {})
        for group in ("organic", "non_public"):
            assert_counters(insights, post.get(f"{group}_metrics") or {}, prefix=f"{group}_")
        assert post == as_sent


def assert_counters(row: Mapping[str, Any], counters: Mapping[str, int], *, prefix: str = "") -> None:
    columns = {f"{prefix}{name}": count for name, count in counters.items()}
    assert {name: row[name] for name in columns} == columns


def assert_text(text: str, post: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> None:
    """A text is X's own, or, for a retweet that X cut, goes on as its original does."""
    retweeted = [ref["id"] for ref in post.get("referenced_tweets") or () if ref.get("type") == "retweeted"]
    if post["text"].endswith(ELLIPSIS) and retweeted and retweeted[0] in known:
        assert text.startswith(post["text"].removesuffix(ELLIPSIS))
        assert text.endswith(known[retweeted[0]]["text"])
    else:
        assert text == post["text"]
