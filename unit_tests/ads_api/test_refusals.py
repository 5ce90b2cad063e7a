"""Every refusal that the Ads API is known to send becomes the right problem."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.ads_api.refusals import classify_ads, refused_groups
from source_x_organic.transport.client import Endpoint
from source_x_organic.transport.errors import (
    ApiError,
    CredentialsRefused,
    InvalidRequest,
    Refused,
    Unavailable,
    error_for,
)
from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.problems import LONGEST_DETAIL, Problem, classify, clock_skew_seconds, skewed
from unit_tests.clocks import NOON

ACCOUNTS = Endpoint("accounts", "/12/accounts")
TWEETS = Endpoint("accounts/:account_id/tweets", "/12/accounts/{}/tweets", counts_per_account=True)
STATS = Endpoint("stats/accounts/:account_id", "/12/stats/accounts/{}", counts_per_account=True)
ENDPOINTS = (ACCOUNTS, TWEETS, STATS)


def body(*errors: dict[str, Any]) -> bytes:
    return json.dumps({"errors": errors, "request": {"params": {"account_id": "a1"}}}).encode()


def said(code: str, message: str = "Own words", **more: str) -> dict[str, Any]:
    return {"code": code, "message": message, **more}


def test_all_that_x_says_of_a_fault_is_kept() -> None:
    error = said("INVALID_PARAMETER", 'No time in "soon"', parameter="end_time", details="no date", value="soon")
    assert classify_ads(STATS, 400, {"x-transaction-id": "f00"}, body(error)) == Problem(
        "invalid-request",
        400,
        "no date",
        'No time in "soon"',
        parameters=("end_time",),
        resource_id="soon",
        request_id="f00",
        code="INVALID_PARAMETER",
    )


EVERYWHERE = [
    (403, "UNAUTHORIZED_CLIENT_APPLICATION", "ads-app-not-approved", CredentialsRefused),
    (403, "READONLY_CLIENT_APPLICATION", "oauth1-permissions", CredentialsRefused),
    (403, "CURRENT_USER_SUSPENDED", "ads-user-locked", CredentialsRefused),
    (403, "ACCOUNT_LOCKED_OUT", "ads-user-locked", CredentialsRefused),
    (403, "ACCOUNT_NOT_FOUND", "ads-account-gone", Refused),
    (404, "ACCOUNT_NOT_FOUND", "ads-account-gone", Refused),
    (403, "USER_NOT_FOUND", "ads-user-unavailable", Refused),
    (404, "PROMOTABLE_USER_NOT_FOUND", "ads-user-unavailable", Refused),
    (400, "INVALID_USER", "ads-user-unavailable", Refused),
    (400, "INVALID_USER_ID", "ads-user-unavailable", Refused),
    (400, "FEATURE_NOT_AVAILABLE", "ads-feature-unavailable", Refused),
    (400, "INVALID_ACCOUNT_SERVICE_LEVEL", "ads-feature-unavailable", Refused),
    (404, "ROUTE_NOT_FOUND", "ads-version-retired", Refused),
    (400, "TOO_MANY_JOBS", "too-many-jobs", Unavailable),
    (400, "REQUEST_TOO_COMPLEX", "too-complex", Refused),
    (400, "INVALID_TIME_WINDOW", "invalid-request", InvalidRequest),
    (400, "MISSING_PARAMETER", "invalid-request", InvalidRequest),
    (402, "UNAUTHORIZED_CLIENT_APPLICATION", "credits-depleted", CredentialsRefused),
    (405, "METHOD_NOT_ALLOWED", "unexpected", Refused),
    (408, "CANCELLED_REQUEST", "timeout", Unavailable),
    (423, "LOCK_ACQUISITION_TIMEOUT", "locked", Unavailable),
    (429, "TOO_MANY_REQUESTS", "rate-limit-exceeded", Unavailable),
    (429, "NEVER_HEARD_OF", "rate-limit-exceeded", Unavailable),
    (500, "INTERNAL_ERROR", "internal-error", Unavailable),
    (503, "SERVICE_UNAVAILABLE", "unavailable", Unavailable),
    (503, "ACCOUNT_NOT_FOUND", "unavailable", Unavailable),
    (504, "OVER_CAPACITY", "timeout", Unavailable),
]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize(("status", "code", "kind", "error"), EVERYWHERE)
def test_a_refusal_is_known_by_its_word(
    endpoint: Endpoint, status: int, code: str, kind: str, error: type[ApiError]
) -> None:
    problem = classify_ads(endpoint, status, {}, body(said(code)))
    assert problem == Problem(kind, status, "", "Own words", code=code)
    assert type(error_for(problem, what="the posts of @brand", endpoint=endpoint.name)) is error


BY_ENDPOINT = [
    (401, said("UNAUTHORIZED_ACCESS"), "unauthorized", "ads-no-role"),
    (403, said("UNAUTHORIZED_ACCESS"), "forbidden", "ads-no-role"),
    (403, said("ACTION_NOT_ALLOWED"), "forbidden", "ads-no-role"),
    (404, said("NOT_FOUND"), "resource-not-found", "ads-account-gone"),
    (403, said("NOT_FOUND", "Account b2 was not found"), "forbidden", "ads-account-gone"),
    (404, said("NOT_FOUND", "User 7 was not found"), "resource-not-found", "ads-user-unavailable"),
    (404, said("NOT_FOUND", "Job 7 of account a1"), "resource-not-found", "resource-not-found"),
]


@pytest.mark.parametrize(("status", "error", "on_all", "on_one"), BY_ENDPOINT)
def test_what_concerns_one_ads_account_spares_the_others(
    status: int, error: dict[str, Any], on_all: str, on_one: str
) -> None:
    assert [classify_ads(endpoint, status, {}, body(error)).kind for endpoint in ENDPOINTS] == [on_all, on_one, on_one]
    assert not KINDS[on_one].whole_credential


WITHDRAWN = [
    said("INVALID_PARAMETER", 'Expected one of ACCOUNT, CAMPAIGN, got "ORGANIC_TWEET" for entity'),
    said("INVALID_PARAMETER", "ORGANIC_TWEET is not supported"),
    said("INVALID_PARAMETER", "Organic tweets are gone"),
    said("UNKNOWN_ENTITY", "Entity OrganicTweet is not valid"),
    said("INVALID_PARAMETER", "No such value", parameter="entity", value="ORGANIC_TWEET"),
    said("INVALID_PARAMETER", "Metric groups are fixed", parameter="entity"),
]


@pytest.mark.parametrize("error", WITHDRAWN)
def test_a_400_that_names_the_entity_of_statistics_means_that_they_are_withdrawn(error: dict[str, Any]) -> None:
    problem = classify_ads(STATS, 400, {}, body(error))
    assert (problem.kind, problem.parameters) == ("organic-withdrawn", ("entity",))
    assert classify_ads(TWEETS, 400, {}, body(error)).kind == "invalid-request"
    assert classify_ads(STATS, 403, {}, body(error)).kind == "forbidden"


def test_withdrawn_statistics_are_said_to_be_so_with_the_other_ways_to_get_them() -> None:
    problem = classify_ads(STATS, 400, {}, body(WITHDRAWN[0]))
    assert error_for(problem, what="the organic statistics of @brand", endpoint=STATS.name).message == (
        'X refused the organic statistics of @brand (Expected one of ACCOUNT, CAMPAIGN, got "ORGANIC_TWEET" for '
        "entity): X has withdrawn organic statistics from the Ads API (undocumented since June 2026); choose another "
        "api_access that feeds the same stream: X_API, X_API_ENTERPRISE or ENGAGEMENT_API."
    )


OTHER_PARAMETERS = [
    ("Valid metric groups for entity OrganicTweet are Engagement,Video", ("metric_groups",)),
    ("PUBLISHER_NETWORK is no valid placement for entity ORGANIC_TWEET", ("placement",)),
    ("Entity ids must be numbers for ORGANIC_TWEET", ("entity_ids",)),
    ('Expected time, got "" for start_time', ("start_time",)),
    ("Neither start_time nor end time is a midnight", ("start_time", "end_time")),
    ("The identity is unknown", ()),
]


@pytest.mark.parametrize(("message", "parameters"), OTHER_PARAMETERS)
def test_a_400_about_another_parameter_is_no_withdrawal(message: str, parameters: tuple[str, ...]) -> None:
    problem = classify_ads(STATS, 400, {}, body(said("INVALID_PARAMETER", message)))
    kind = "ads-metrics-refused" if parameters == ("metric_groups",) else "invalid-request"
    assert (problem.kind, problem.parameters) == (kind, parameters)


@pytest.mark.parametrize(
    ("message", "value", "refused"),
    [
        ("Valid metric groups for entity OrganicTweet are Engagement", "", ("VIDEO",)),
        ("Valid metric groups for entity OrganicTweet are Video", "", ("ENGAGEMENT",)),
        ('Expected one of BILLING, ENGAGEMENT, got "VIDEO" for metric_groups', "VIDEO", ("VIDEO",)),
        ('Expected one of BILLING, VIDEO, got "ENGAGEMENT" for metric_groups', "ENGAGEMENT", ("ENGAGEMENT",)),
        ("These metric groups cannot be combined", "", ("VIDEO",)),
        ("Valid metric groups are Engagement and Video", "", ("VIDEO",)),
    ],
)
def test_the_groups_of_metrics_that_x_refuses_are_found(message: str, value: str, refused: tuple[str, ...]) -> None:
    error = {"code": "INVALID_PARAMETER", "message": message, "parameter": "metric_groups", "value": value}
    problem = classify_ads(STATS, 400, {}, body(error))
    assert problem.kind == "ads-metrics-refused"
    assert refused_groups(problem, ("ENGAGEMENT", "VIDEO")) == refused
    assert refused_groups(problem, ("VIDEO",)) == ("VIDEO",)
    listed = classify_ads(STATS, 400, {}, body(said("INVALID_PARAMETER", "For ORGANIC_TWEET", parameter="placement")))
    assert (listed.kind, listed.parameters) == ("invalid-request", ("placement",))


def test_of_several_errors_the_one_that_tells_most_decides_and_all_their_parameters_are_named() -> None:
    errors = (
        said("INVALID_PARAMETER", "Not a midnight", parameter="start_time"),
        said("INVALID_PARAMETER", "No such entity", parameter="entity"),
        said("INVALID_PARAMETER", "Not a midnight", parameter="start_time"),
    )
    assert classify_ads(STATS, 400, {}, body(*errors)) == Problem(
        "organic-withdrawn", 400, "", "No such entity", parameters=("start_time", "entity"), code="INVALID_PARAMETER"
    )


GATEWAY = [
    (401, b'{"errors":[{"code":32,"message":"Could not authenticate you."}]}', "unauthorized"),
    (401, b'{"errors":[{"code":89,"message":"Invalid or expired token."}]}', "unauthorized"),
    (429, b'{"errors":[{"code":88,"message":"Rate limit exceeded"}]}', "rate-limit-exceeded"),
    (403, b'{"title":"Client Forbidden","type":"https://api.x.com/2/problems/client-forbidden"}', "client-forbidden"),
    (400, b"<html>Bad request for entity</html>", "invalid-request"),
    (403, b"", "forbidden"),
    (404, b"", "resource-not-found"),
    (503, b"Service unavailable due to request timeout; please try the request again later", "unavailable"),
    (502, b'{"errors":[{"code":"NOT_FOUND"}]}', "unavailable"),
    (400, b'{"errors":{"code":"TOO_MANY_JOBS"}}', "invalid-request"),
]


@pytest.mark.parametrize(("status", "answer", "kind"), GATEWAY)
def test_an_answer_in_another_form_is_known_by_its_status(status: int, answer: bytes, kind: str) -> None:
    problem = classify_ads(STATS, status, {}, answer)
    assert problem.kind == kind
    assert problem == classify(status, {}, answer) or problem.code == "NOT_FOUND"


def test_a_wrong_clock_is_not_taken_for_a_missing_role() -> None:
    headers = {"date": formatdate(NOON - 300, usegmt=True)}
    skew = clock_skew_seconds(headers, now=NOON)
    refusals = [classify_ads(TWEETS, status, headers, body(said("UNAUTHORIZED_ACCESS"))) for status in (401, 403)]
    assert [skewed(problem, skew).kind for problem in refusals] == ["clock-skew", "ads-no-role"]


def test_what_others_handle_is_not_tried_again_by_the_transport() -> None:
    kinds = ("too-many-jobs", "too-complex", "job-failed", "result-expired")
    assert {KINDS[kind].recovery for kind in kinds} == {Recovery.NONE}


JSON = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)
CODES = st.sampled_from([code for _, code, _, _ in EVERYWHERE]) | JSON
ERRORS = st.fixed_dictionaries(
    {}, optional={"code": CODES, "message": JSON, "parameter": JSON, "details": JSON, "value": JSON}
)


@given(st.sampled_from(ENDPOINTS), st.integers(300, 599), st.lists(ERRORS | JSON) | JSON)
def test_any_errors_are_classified_without_a_fault(endpoint: Endpoint, status: int, errors: object) -> None:
    problem = classify_ads(endpoint, status, {}, json.dumps({"errors": errors}).encode())
    assert problem.status == status
    assert max(len(problem.detail), len(problem.title), len(problem.code)) <= LONGEST_DETAIL
    assert error_for(problem, what="it", endpoint=endpoint.name).message


@given(st.sampled_from(ENDPOINTS), st.integers(300, 599), st.binary())
def test_any_bytes_are_classified_by_the_status(endpoint: Endpoint, status: int, answer: bytes) -> None:
    assert classify_ads(endpoint, status, {}, answer) == classify(status, {}, answer)
