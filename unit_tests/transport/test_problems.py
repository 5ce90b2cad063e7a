"""Every refusal that X is known to send becomes the right problem."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.transport.errors import (
    ApiError,
    CredentialsRefused,
    InvalidRequest,
    Refused,
    Unavailable,
    error_for,
)
from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.problems import (
    LONGEST_DETAIL,
    Problem,
    classify,
    clock_skew_seconds,
    partial_problem,
    problem_of,
    skewed,
)
from unit_tests.clocks import NOON

PREFIXES = ("https://api.twitter.com/2/problems/", "https://api.x.com/2/problems/")

BY_TYPE = [
    (400, "invalid-request", "invalid-request", InvalidRequest),
    (404, "resource-not-found", "resource-not-found", Refused),
    (403, "resource-unavailable", "resource-unavailable", Refused),
    (403, "disallowed-resource", "disallowed-resource", Refused),
    (401, "not-authorized-for-resource", "not-authorized-for-resource", Refused),
    (403, "not-authorized-for-resource", "not-authorized-for-resource", Refused),
    (403, "not-authorized-for-field", "not-authorized-for-field", Refused),
    (403, "field-unauthorized", "field-unauthorized", Refused),
    (500, "internal-error", "internal-error", Unavailable),
    (403, "client-forbidden", "client-forbidden", CredentialsRefused),
    (403, "unsupported-authentication", "unsupported-authentication", CredentialsRefused),
    (403, "oauth1-permissions", "oauth1-permissions", CredentialsRefused),
    (429, "usage-capped", "usage-capped", CredentialsRefused),
    (429, "rate-limit-exceeded", "rate-limit-exceeded", Unavailable),
    (402, "credits", "credits-depleted", CredentialsRefused),
    (402, "credits-depleted", "credits-depleted", CredentialsRefused),
    (402, "never-heard-of", "credits-depleted", CredentialsRefused),
    (429, "never-heard-of", "rate-limit-exceeded", Unavailable),
]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("status", "suffix", "kind", "error"), BY_TYPE)
def test_a_problem_is_known_by_the_end_of_its_type_under_either_prefix(
    prefix: str, status: int, suffix: str, kind: str, error: type[ApiError]
) -> None:
    body = {"type": prefix + suffix, "title": "Words", "detail": "More words", "status": status}
    problem = classify(status, {}, json.dumps(body).encode())
    assert problem == Problem(kind, status, "Words", "More words", prefix + suffix)
    assert type(error_for(problem, what="the posts of @brand", endpoint="users/:id/tweets")) is error


CAP = {
    "account_id": 7,
    "product_name": "standard-basic",
    "title": "UsageCapExceeded",
    "period": "Monthly",
    "scope": "Product",
    "detail": "Usage cap exceeded: Monthly product cap",
}
BODIES: list[tuple[int, bytes, str]] = [
    (429, b'{"errors":[{"code":88,"message":"Rate limit exceeded"}]}', "rate-limit-exceeded"),
    (429, b'{"title":"Too Many Requests","type":"about:blank","status":429}', "rate-limit-exceeded"),
    (429, b"Rate limit exceeded\n", "rate-limit-exceeded"),
    (429, b"", "rate-limit-exceeded"),
    (429, b'{"title":"ConnectionException","type":"x/problems/streaming-connection"}', "rate-limit-exceeded"),
    (429, json.dumps(CAP).encode(), "usage-capped"),
    (402, b'{"title":"SpendCapReached"}', "credits-depleted"),
    (402, b"", "credits-depleted"),
    (401, b'{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}', "unauthorized"),
    (401, b'{"errors":[{"code":89,"message":"Invalid or expired token."}]}', "unauthorized"),
    (401, b"", "unauthorized"),
    (403, b'{"title":"Forbidden","type":"about:blank","status":403}', "forbidden"),
    (403, b'{"reason":"client-not-enrolled","type":"x/problems/client-forbidden"}', "client-not-enrolled"),
    (403, b'{"reason":"official-client-forbidden","type":"x/problems/client-forbidden"}', "client-forbidden"),
    (404, b"<html><body>Not here</body></html>", "resource-not-found"),
    (404, b"", "resource-not-found"),
    (406, b"", "unexpected"),
    (301, b"", "unexpected"),
    (408, b"", "timeout"),
    (423, b"", "locked"),
    (500, b"[]", "internal-error"),
    (502, b"<!DOCTYPE html><h1>Bad gateway</h1>", "unavailable"),
    (503, b"upstream connect error", "unavailable"),
    (503, b'{"title":"Service Unavailable","type":"about:blank","status":503}', "unavailable"),
    (504, b"", "timeout"),
    (599, b"{", "unavailable"),
    (400, b'{"error":"invalid_request","error_description":"The value was invalid."}', "invalid-token-request"),
    (401, b'{"error":"unauthorized_client","error_description":"Missing header"}', "invalid-token-request"),
    (503, b'{"error":"temporarily_unavailable","error_description":"Later."}', "unavailable"),
]


@pytest.mark.parametrize(("status", "body", "kind"), BODIES)
def test_a_problem_without_a_telling_type_is_known_by_title_code_reason_or_status(
    status: int, body: bytes, kind: str
) -> None:
    assert classify(status, {}, body).kind == kind


def test_only_passing_faults_and_rates_are_tried_again() -> None:
    statuses = [400, 401, 402, 403, 404, 406, 408, 423, 429, 500, 502, 503, 504, 507]
    tried = {status: problem_of({}, status=status).recovery for status in statuses}
    again = dict.fromkeys([408, 423, 500, 502, 503, 504, 507], Recovery.RETRY)
    assert tried == dict.fromkeys(statuses, Recovery.NONE) | again | {429: Recovery.WAIT_FOR_WINDOW}


def test_the_body_of_a_text_answer_is_quoted_and_a_page_of_html_is_not() -> None:
    assert classify(503, {}, b"over \n capacity").own_words == "over capacity"
    assert classify(503, {}, b"<html><p>over capacity</p></html>").own_words == "HTTP 503"
    assert classify(503, {}, b"").own_words == "HTTP 503"


def test_several_errors_in_one_body_name_all_parameters_and_values() -> None:
    unknown = "The query parameter [tweet.fields] is not one of [ids,post.fields]"
    body = {
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": PREFIXES[1] + "invalid-request",
        "errors": [
            {
                "parameters": {"expansions": ["a,b"]},
                "message": "The `expansions` query parameter value [b] is not one of",
            },
            {"message": unknown, "parameters": {}},
            {
                "message": "The `user.fields` query parameter value [vip] is not one of [id]",
                "parameters": {"user.fields": []},
            },
        ],
    }
    assert problem_of(body, status=400) == Problem(
        "invalid-request",
        400,
        "Invalid Request",
        "The `expansions` query parameter value [b] is not one of",
        PREFIXES[1] + "invalid-request",
        parameters=("expansions", "tweet.fields", "user.fields"),
        refused_values=("b", "vip"),
    )


PARTIALS: list[tuple[dict[str, Any], Problem]] = [
    (
        {"type": PREFIXES[0] + "resource-not-found", "title": "Not Found", "detail": "No", "resource_id": "9"},
        Problem("resource-not-found", 200, "Not Found", "No", PREFIXES[0] + "resource-not-found", resource_id="9"),
    ),
    (
        {"type": PREFIXES[1] + "resource-not-found", "title": "Forbidden", "detail": "Suspended", "value": "bad"},
        Problem("suspended", 200, "Forbidden", "Suspended", PREFIXES[1] + "resource-not-found", resource_id="bad"),
    ),
    (
        {"type": PREFIXES[1] + "field-unauthorized", "field": "organic_metrics", "message": "Private", "value": 5},
        Problem("field-unauthorized", 200, "", "Private", PREFIXES[1] + "field-unauthorized", field="organic_metrics"),
    ),
    ({"title": "Authorization Error"}, Problem("not-authorized-for-resource", 200, "Authorization Error")),
    ({"title": "New Error"}, Problem("unexpected", 200, "New Error")),
    ({"type": 7, "title": ["x"], "detail": None}, Problem("unexpected", 200)),
]


@pytest.mark.parametrize(("error", "expected"), PARTIALS)
def test_an_error_beside_data_is_known_by_type_and_title(error: dict[str, Any], expected: Problem) -> None:
    assert partial_problem(error) == expected


@pytest.mark.parametrize("suffix", ["field-hydration-failure", "internal-error"])
def test_fields_that_x_could_not_load_are_worth_a_second_try(suffix: str) -> None:
    assert partial_problem({"type": PREFIXES[1] + suffix}).recovery is Recovery.RETRY


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (formatdate(NOON - 300, usegmt=True), 300.0),
        (formatdate(NOON + 90, usegmt=True), -90.0),
        (None, None),
        ("noon", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_the_date_header_shows_how_far_this_clock_is_off(date: str | None, expected: float | None) -> None:
    assert clock_skew_seconds({} if date is None else {"date": date}, now=NOON) == expected


def test_a_refused_signature_is_blamed_on_a_clock_that_is_off_by_more_than_a_minute() -> None:
    refused = Problem("unauthorized", 401, "Unauthorized", "Unauthorized")
    assert skewed(refused, 300.4) == Problem(
        "clock-skew",
        401,
        "Unauthorized",
        "this machine's clock is 300 seconds ahead of X's clock; X said: Unauthorized",
    )
    assert "90 seconds behind" in skewed(refused, -90).detail
    assert skewed(refused, 60) == skewed(refused, None) == refused
    assert skewed(Problem("forbidden", 403), 300) == Problem("forbidden", 403)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
MEMBERS = st.sampled_from(["errors", "type", "title", "detail", "message", "error", "error_description", "reason"])


@given(
    status=st.integers(300, 599),
    document=st.dictionaries(MEMBERS, JSON | st.lists(st.dictionaries(MEMBERS, JSON))),
)
def test_any_body_is_classified_without_a_fault(status: int, document: dict[str, Any]) -> None:
    problem = classify(status, {}, json.dumps(document).encode())
    assert problem.kind in KINDS
    assert max(len(problem.detail), len(problem.title)) <= LONGEST_DETAIL
    assert error_for(problem, what="it", endpoint="e").message
    assert partial_problem(document).kind in KINDS


@given(st.integers(300, 599), st.binary())
def test_any_bytes_are_classified_without_a_fault(status: int, body: bytes) -> None:
    assert classify(status, {}, body).status == status


ECHOES = (
    '{{"detail": "bad header Authorization: Bearer {0}"}}',
    '{{"title": "oauth_token={0}", "detail": "oauth_signature={0}&x"}}',
    '{{"errors": [{{"message": "refresh_token={0} was used"}}], "type": "x/access_token={0}"}}',
    '{{"error": "e", "error_description": "access_token: {0}"}}',
    "refresh_token={0} is wrong",
    "Authorization: Basic {0}\r\nHost: x",
)


@pytest.mark.parametrize("echo", ECHOES)
@given(
    secret=st.text(st.sampled_from("abcXYZ0189-_.~%/+="), min_size=12, max_size=400),
    status=st.sampled_from([400, 401, 403, 429, 503]),
)
def test_a_token_that_x_echoes_is_in_no_message(echo: str, secret: str, status: int) -> None:
    problem = classify(status, {"x-transaction-id": f"oauth_token={secret}"}, echo.format(secret).encode())
    error = error_for(skewed(problem, 500.0), what="the posts of @brand", endpoint="e")
    assert secret[:12] not in f"{error} {error.message} {error.internal_message} {problem.own_words}"
