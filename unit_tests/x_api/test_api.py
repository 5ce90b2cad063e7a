"""The four operations ask with the words that X takes today, and go on when it takes others."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from source_x_organic.config import BearerCredentials
from source_x_organic.credentials.bearer import BearerCredential
from source_x_organic.transport.client import ApiClient
from source_x_organic.transport.errors import InvalidRequest
from source_x_organic.usage.ledger import Ledger, Use
from source_x_organic.x_api.api import XApi
from source_x_organic.x_api.vocabulary import POST_DIALECT, TWEET_DIALECT, USER_FIELDS, Vocabulary
from unit_tests.clocks import HandClock
from unit_tests.loopback import Answer, Asked, Loopback, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGER = logging.getLogger("test")
FIELDS = ",".join(USER_FIELDS)
START = datetime(2026, 11, 1, 10, 20, 30, 999_000, tzinfo=UTC)


def anything(_: Asked) -> Answer:
    return Answer(document={"data": []})


@pytest.fixture
def x() -> Iterator[Loopback]:
    with serving(anything) as loopback:
        yield loopback


def api(x: Loopback, ledger: Ledger | None = None) -> XApi:
    ledger = ledger or Ledger()
    credential = BearerCredential(BearerCredentials(bearer_token=SecretStr("invented-token")))
    client = ApiClient(base_url=x.url, credential=credential, clock=HandClock(), logger=LOGGER, sent=ledger)
    return XApi(client, Vocabulary(LOGGER), ledger)


def posts(
    x: XApi, *, private: bool = False, token: str | None = None, start: datetime | None = START, alone: bool = False
) -> object:
    what = "the posts of @brand"
    return x.timeline("7", start=start, end=None, token=token, private=private, what=what, counters_alone=alone)


def test_users_are_asked_for_with_all_their_fields(x: Loopback) -> None:
    asked = api(x)
    asked.me()
    asked.users_by_username(["a", "b"])
    asked.users_by_id(["1", "2"])
    assert [(each.path, each.query) for each in x.asked] == [
        ("/2/users/me", {"user.fields": FIELDS}),
        ("/2/users/by", {"usernames": "a,b", "user.fields": FIELDS}),
        ("/2/users", {"ids": "1,2", "user.fields": FIELDS}),
    ]


def test_a_page_is_asked_for_in_whole_seconds_and_the_private_pass_without_retweets_and_expansions(
    x: Loopback,
) -> None:
    asked = api(x)
    posts(asked)
    posts(asked, private=True, token="next", start=None)
    public, private = [each.query for each in x.asked]
    assert public == {
        "max_results": "100",
        "start_time": "2026-11-01T10:20:30Z",
        "tweet.fields": ",".join(TWEET_DIALECT.public_fields),
        "expansions": "referenced_tweets.id",
    }
    assert private == {
        "max_results": "100",
        "pagination_token": "next",
        "tweet.fields": "created_at,id,public_metrics,organic_metrics,non_public_metrics",
        "exclude": "retweets",
    }


def test_counters_alone_are_asked_for_without_retweets_texts_and_originals(x: Loopback) -> None:
    asked = api(x)
    posts(asked, alone=True)
    posts(asked, alone=True, private=True)
    window = {"max_results": "100", "start_time": "2026-11-01T10:20:30Z", "exclude": "retweets"}
    assert [each.query for each in x.asked] == [
        {**window, "tweet.fields": "created_at,id,public_metrics"},
        {**window, "tweet.fields": "created_at,id,public_metrics,organic_metrics,non_public_metrics"},
    ]


def refused(parameter: str, message: str) -> Answer:
    errors = [{"parameters": {parameter: []}, "message": message}]
    return Answer(400, {"type": "https://api.x.com/2/problems/invalid-request", "errors": errors})


def test_a_server_that_knows_only_the_new_names_is_asked_with_them_from_then_on(x: Loopback) -> None:
    def renamed(asked: Asked) -> Answer:
        if "referenced_tweets.id" in asked.query.get("expansions", ""):
            return refused("expansions", "The `expansions` query parameter value [referenced_tweets.id] is not one of")
        if "tweet.fields" in asked.query:
            return refused("tweet.fields", "The query parameter [tweet.fields] is not one of [post.fields]")
        return anything(asked)

    x.answer = renamed
    asked = api(x)
    posts(asked)
    assert len(x.asked) == 3
    posts(asked, private=True)
    assert len(x.asked) == 4
    assert x.asked[2].query["post.fields"] == ",".join(POST_DIALECT.public_fields)
    assert x.asked[3].query["post.fields"] == "created_at,id,public_metrics,organic_metrics,non_public_metrics"


def test_a_field_that_x_does_not_know_any_more_costs_one_request_once(x: Loopback) -> None:
    def without_parody(asked: Asked) -> Answer:
        if "parody" in asked.query["user.fields"]:
            return refused("user.fields", "The `user.fields` query parameter value [parody] is not one of [id]")
        return anything(asked)

    x.answer = without_parody
    asked = api(x)
    asked.users_by_id(["1"])
    asked.users_by_id(["2"])
    assert [each.query["ids"] for each in x.asked] == ["1", "1", "2"]


def test_a_request_that_stays_wrong_is_an_error(x: Loopback) -> None:
    x.answer = lambda _: refused("max_results", "The `max_results` query parameter value [100] is not between 5 and 99")
    with pytest.raises(InvalidRequest):
        posts(api(x))
    assert len(x.asked) == 1


def test_what_answers_hold_is_counted_for_the_accounts_that_it_is_about(x: Loopback) -> None:
    users = [{"id": "7", "username": "brand"}, {"id": "8", "username": "other"}]
    answers = {
        "/2/users/me": {"data": users[0]},
        "/2/users/by": {"data": users, "errors": [{"title": "Not Found Error"}]},
        "/2/users": {"data": users[1:]},
        "/2/users/7/tweets": {"data": [{"id": "1"}, {"id": "2"}], "includes": {"tweets": [{"id": "9"}]}},
    }
    x.answer = lambda asked: Answer(document=answers[asked.path])
    ledger = Ledger()
    asked = api(x, ledger)
    asked.me()
    asked.me()
    asked.users_by_username(["brand", "other", "third"])
    asked.users_by_id(["8"])
    posts(asked)
    posts(asked, private=True)
    posts(asked, private=True, alone=True)
    assert ledger.uses() == [
        Use("", "users", requests=1),
        Use("", "users/by", requests=1),
        Use("7", "users/:id/tweets", requests=3, post_reads=9, repeated_posts=3),
        Use("7", "users/by", user_reads=1),
        Use("7", "users/me", requests=1, user_reads=1),
        Use("8", "users", user_reads=1),
        Use("8", "users/by", user_reads=1),
    ]
    assert ledger.usernames == {"7": "brand", "8": "other"}
