"""Every sentence that the Engagement API is known to refuse with becomes the right problem."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from source_x_organic.engagement_api.refusals import classify_engagement
from source_x_organic.engagement_api.requests import HISTORICAL, TOTALS
from source_x_organic.transport.errors import (
    ApiError,
    CredentialsRefused,
    InvalidRequest,
    Refused,
    Unavailable,
    error_for,
)
from source_x_organic.transport.kinds import KINDS

if TYPE_CHECKING:
    from source_x_organic.transport.problems import Problem


def classified(status: int, *sentences: object, **more: object) -> Problem:
    body = json.dumps({"errors": list(sentences), **more}).encode()
    return classify_engagement(HISTORICAL, status, CaseInsensitiveDict(), body)


NOT_OWNED = "Forbidden to access tweets: 101, 102"
GROUPINGS = "One or more of the groupBys you have specified are not supported: (engagement.hour). Please adjust"

TABLE: list[tuple[int, str, str, type[ApiError]]] = [
    (401, "Your account could not be authenticated. Reason: Bad timestamp", "unauthorized", CredentialsRefused),
    (401, "Sorry, your application id is not authorized.", "engagement-app-not-allowed", CredentialsRefused),
    (403, "Your Application ID 77 is not authorized for this", "engagement-app-not-allowed", CredentialsRefused),
    (403, NOT_OWNED, "engagement-not-owner", Refused),
    (400, NOT_OWNED, "engagement-not-owner", Refused),
    (403, "Forbidden to access metrics: impressions", "engagement-metrics", Refused),
    (403, "Forbidden to access this", "forbidden", Refused),
    (400, "These engagement types are not supported: app_opens", "engagement-metrics", Refused),
    (401, "No impressions without keys", "unauthorized", CredentialsRefused),
    (500, "The engagements got lost", "internal-error", Unavailable),
    (400, "2 Tweet ID(s) are unavailable", "engagement-unavailable", Refused),
    (
        400,
        "Impressions & engagements for tweets older than 90 days (2026-08-23) are not supported",
        "engagement-too-old",
        Refused,
    ),
    (400, GROUPINGS, "invalid-request", InvalidRequest),
    (404, "Nothing here", "engagement-wrong-address", CredentialsRefused),
    (406, "This request wants gzip", "engagement-needs-gzip", CredentialsRefused),
    (402, "Pay first", "credits-depleted", CredentialsRefused),
    (429, "Exceeded rate limit", "rate-limit-exceeded", Unavailable),
    (429, NOT_OWNED, "rate-limit-exceeded", Unavailable),
    (500, "Internal error", "internal-error", Unavailable),
    (503, NOT_OWNED, "unavailable", Unavailable),
    (408, "Slow", "timeout", Unavailable),
]


@pytest.mark.parametrize(("status", "sentence", "kind", "error"), TABLE)
def test_a_sentence_or_else_the_status_tells_what_is_wrong(
    status: int, sentence: str, kind: str, error: type[ApiError]
) -> None:
    problem = classified(status, sentence)
    assert (problem.kind, problem.status, problem.detail) == (kind, status, sentence)
    assert type(error_for(problem, what="the engagement of @brand", endpoint=HISTORICAL.name)) is error


@pytest.mark.parametrize(
    ("sentences", "ids"),
    [
        ([NOT_OWNED], ("101", "102")),
        (["Forbidden to access tweets: [101,102,101]"], ("101", "102")),
        (["Forbidden to access tweets for author id 9: 101, 102"], ("101", "102")),
        (
            ["Forbidden to access tweets for author id 9: 101", "Forbidden to access Tweets for author id 8: 7"],
            ("101", "7"),
        ),
        (["Forbidden to access posts: 101. See 404"], ("101",)),
        (["Forbidden to access tweets"], ()),
    ],
)
def test_the_tweets_of_others_are_named_and_their_authors_are_not_taken_for_tweets(
    sentences: list[str], ids: tuple[str, ...]
) -> None:
    problem = classified(403, *sentences)
    assert (problem.kind, problem.refused_values) == ("engagement-not-owner", ids)


def test_long_lists_of_tweets_are_read_to_their_end() -> None:
    ids = [str(10**18 + number) for number in range(250)]
    assert list(classified(403, f"Forbidden to access tweets: {', '.join(ids)}").refused_values) == ids


def test_tweets_that_are_gone_or_too_old_are_those_in_the_list_beside() -> None:
    gone = classified(400, "2 Tweet ID(s) are unavailable", unavailable_tweet_ids=["5", 6, "5"])
    assert (gone.kind, gone.refused_values) == ("engagement-unavailable", ("5", "6"))
    old = classified(
        400,
        "Impressions & engagements for tweets older than 90 days (x) are not supported",
        unsupported_for_impressions_engagements_tweet_ids=["7"],
    )
    assert (old.kind, old.refused_values) == ("engagement-too-old", ("7",))


@pytest.mark.parametrize(
    ("sentence", "metrics"),
    [
        ("engagement_types not supported by this endpoint: quote_tweets", ("quote_tweets",)),
        ("Not supported are: (app_opens, email_tweet,app_opens).", ("app_opens", "email_tweet")),
        ("Impressions of these cannot be had; url_clicks neither", ("impressions", "url_clicks")),
        ("'app_opens' is not one of [impressions, favorites]", ("app_opens",)),
        ("Unknown: app_opens. Supported engagement types are impressions and favorites.", ("app_opens",)),
        ("Unknown: app_opens; it must be one of impressions, favorites", ("app_opens",)),
        ("One of the engagement types is not supported: app_opens", ("app_opens",)),
        ("Unsupported: " + ", ".join(["retweets"] * 60) + ", app_opens", ("retweets", "app_opens")),
    ],
)
def test_the_metrics_that_x_refuses_are_those_that_it_names_and_not_those_that_it_takes(
    sentence: str, metrics: tuple[str, ...]
) -> None:
    problem = classified(400, sentence)
    assert (problem.kind, problem.refused_values, problem.parameters) == ("engagement-metrics", metrics, ())


@pytest.mark.parametrize(
    ("sentence", "parameters"),
    [
        (GROUPINGS, ("groupings",)),
        ("engagement_types not supported by this endpoint: likes", ("engagement_types",)),
        (f"{GROUPINGS}: impressions, favorites", ("groupings",)),
        ("These metrics are not supported", ("engagement_types",)),
        ("start has to be before end", ("start",)),
        ("An end in the future is not supported", ("end",)),
        ("tweet_ids may hold at most 25", ("tweet_ids",)),
        ("Malformed JSON", ()),
    ],
)
def test_an_invalid_request_names_the_part_that_x_complains_of(sentence: str, parameters: tuple[str, ...]) -> None:
    problem = classified(400, sentence)
    assert (problem.kind, problem.parameters) == ("invalid-request", parameters)


@pytest.mark.parametrize(
    ("status", "body", "kind", "detail"),
    [
        (404, b'{"errors":[{"message":"No such page","code":34}]}', "engagement-wrong-address", "No such page"),
        (404, b"<html><h1>Not found</h1></html>", "engagement-wrong-address", ""),
        (401, b"", "unauthorized", ""),
        (403, b"Your application id is not authorized", "engagement-app-not-allowed", None),
        (503, b"upstream connect error", "unavailable", None),
        (403, b'{"errors":"no list"}', "forbidden", ""),
        (301, b"", "unexpected", ""),
        (500, b"[1]", "internal-error", None),
    ],
)
def test_an_answer_of_another_form_is_understood_as_far_as_it_goes(
    status: int, body: bytes, kind: str, detail: str | None
) -> None:
    problem = classify_engagement(TOTALS, status, CaseInsensitiveDict({"X-Transaction-Id": "t1"}), body)
    expected = body.decode() if detail is None else detail
    assert (problem.kind, problem.detail, problem.request_id) == (kind, expected, "t1")


def test_messages_say_in_plain_words_what_to_do() -> None:
    what = "the engagement of @brand"
    said = [
        error_for(classified(status, sentence), what=what, endpoint=HISTORICAL.name).message
        for status, sentence in [
            (403, "Your application id is not authorized."),
            (403, "Forbidden to access tweets: 101"),
            (404, "Nothing here"),
        ]
    ]
    assert said == [
        (
            "X refused the engagement of @brand (Your application id is not authorized): X has to allow the app for "
            "the Engagement API; send the app's numeric id to your contact at X, with the contract that includes this "
            "API, or choose another api_access."
        ),
        (
            "X refused the engagement of @brand (Forbidden to access tweets: 101): the Engagement API shows tweets to "
            "their author alone; enter OAuth 1.0a keys of the account that posted them, or take these tweets out of "
            "the report."
        ),
        (
            "X refused the engagement of @brand (Nothing here): there is no Engagement API at this address; remove "
            "engagement_api from base_urls, or enter the address that X gave you: https://data-api.x.com or "
            "https://data-api.twitter.com."
        ),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
MEMBERS = st.sampled_from(["errors", "unavailable_tweet_ids", "type", "detail", "title"])


@given(
    st.integers(300, 599),
    st.dictionaries(MEMBERS, JSON | st.lists(JSON | st.sampled_from([sentence for _, sentence, _, _ in TABLE]))),
)
def test_any_body_is_classified_without_a_fault(status: int, document: dict[str, Any]) -> None:
    problem = classify_engagement(HISTORICAL, status, CaseInsensitiveDict(), json.dumps(document).encode())
    assert problem.kind in KINDS
    assert all(isinstance(value, str) for value in problem.refused_values)
    assert error_for(problem, what="it", endpoint="e").message


@given(st.integers(300, 599), st.binary())
def test_any_bytes_are_classified_without_a_fault(status: int, body: bytes) -> None:
    assert classify_engagement(HISTORICAL, status, CaseInsensitiveDict(), body).status == status
