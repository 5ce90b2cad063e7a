"""Every refusal by X that others recorded is understood: what it is, and whose fault."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from requests.structures import CaseInsensitiveDict

from integration_tests.recordings import Recording, everything_in, only_with_recordings, recordings, v2_answers
from source_x_organic.ads_api.refusals import classify_ads
from source_x_organic.engagement_api.refusals import classify_engagement
from source_x_organic.engagement_api.requests import TOTALS
from source_x_organic.transport.client import Endpoint
from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.problems import classify, partial_problem

pytestmark = only_with_recordings

CONFIG, LATER, BUG = FailureType.config_error, FailureType.transient_error, FailureType.system_error
NONE, RETRY, WAIT = Recovery.NONE, Recovery.RETRY, Recovery.WAIT_FOR_WINDOW

# Status, kind, who can do something about it, and what the transport does by itself. Documentation's examples state no
# status: it is the one that the same documentation gives to the problem.
REFUSALS: dict[str, tuple[int, str, FailureType, Recovery]] = {
    "academictwitteR.tweets.count.all-ef70a4.txt": (404, "resource-not-found", CONFIG, NONE),
    "academictwitteR.users-208538.json": (400, "invalid-request", BUG, NONE),
    "docs-2025-01.xapi.fundamentals.rate-limits.0.json": (429, "rate-limit-exceeded", LATER, WAIT),
    "docs-2026-01.xapi.posts.filtered-stream.integrate.handling-disconnections.1.json": (
        429,
        "rate-limit-exceeded",
        LATER,
        WAIT,
    ),
    "docs.fundamentals.rate-limits.1.json": (429, "rate-limit-exceeded", LATER, WAIT),
    "docs.xapi.fundamentals.consistency.4.json": (400, "invalid-request", BUG, NONE),
    "docs.xapi.fundamentals.response-codes-and-errors.0.json": (400, "invalid-request", BUG, NONE),
    "issue.402-credits-depleted-2026-05.json": (402, "credits-depleted", CONFIG, NONE),
    "issue.402-headers-only.txt": (402, "credits-depleted", CONFIG, NONE),
    "issue.403-client-not-enrolled-2024.json": (403, "client-not-enrolled", CONFIG, NONE),
    "issue.429-usage-capped.json": (429, "usage-capped", CONFIG, NONE),
    "issue.503-headers-only-2025.txt": (503, "unavailable", LATER, RETRY),
    "issue.usage-credits-404-empty.txt": (404, "resource-not-found", CONFIG, NONE),
    "postman.Add-Rules.400---Bad-Request-Create.json": (400, "invalid-request", BUG, NONE),
    "postman.Multiple-Tweets.400-Bad-Request---Too-Many-Tweets.json": (400, "invalid-request", BUG, NONE),
    "postman.Retrieve-Rules.401-Unauthorized.json": (401, "unauthorized", CONFIG, NONE),
    "postman.Single-Tweet.429-Rate-Limit-Exceeded.txt": (429, "rate-limit-exceeded", LATER, WAIT),
    "postman.Stream-see-description-.429---Too-Many-Requests.json": (429, "rate-limit-exceeded", LATER, WAIT),
    "twitter-dart.tweets.rate_limit_exceeded_error.json": (429, "rate-limit-exceeded", LATER, WAIT),
    "twitter-dart.users.rate_limit_exceeded_error.json": (429, "rate-limit-exceeded", LATER, WAIT),
}

# `errors[]` in an answer with status 200: one kind for all its members.
PARTIAL_REFUSALS: dict[str, str] = {
    "academictwitteR.tweets-0b8bd2.json": "resource-not-found",
    "academictwitteR.users.45648666.mentions-d24b15.json": "suspended",
    "docs.xapi.users.lookup.quickstart.user-lookup.13.json": "resource-not-found",
    "issue.field-authorization.json": "not-authorized-for-field",
    "issue.protected-user-timeline.json": "not-authorized-for-resource",
    "issue.suspended-author-tweet.json": "not-authorized-for-resource",
    "postman.User-by-ID.200-Success---User-Not-Found.json": "resource-not-found",
    "twitter-ads.cr.tweets_lookup_error.json": "not-authorized-for-resource",
}

STATISTICS = Endpoint("stats/accounts/:account_id", "/12/stats/accounts/{}", counts_per_account=True)
NEW_JOB = Endpoint("stats/jobs/accounts/:account_id", "/12/stats/jobs/accounts/{}", counts_per_account=True)

# The same of the Ads API, with the endpoint that was asked and the parameters that X complains of.
ADS_REFUSALS: dict[str, tuple[Endpoint, int, str, FailureType, Recovery, tuple[str, ...]]] = {
    "docs.ads.fundamentals.error-codes-and-responses.1.json": (
        STATISTICS,
        400,
        "invalid-request",
        BUG,
        NONE,
        ("start_time",),
    ),
    "issue.ads-400-too-many-jobs.json": (NEW_JOB, 400, "too-many-jobs", LATER, NONE, ()),
    "issue.ads-403-account-not-found.json": (STATISTICS, 403, "ads-account-gone", CONFIG, NONE, ()),
    "issue.ads-503-timeout.txt": (NEW_JOB, 503, "unavailable", LATER, RETRY, ()),
}

# The same of the Engagement API, with the tweets that X complains of. Its documents give no status to the first three.
ENGAGEMENT_REFUSALS: dict[str, tuple[int, str, FailureType, tuple[str, ...]]] = {
    "engagement-docs.errors-1-Tweet-ID-s-are-unavailable-unavailable_tweet_ids-TW.json": (
        400,
        "engagement-unavailable",
        CONFIG,
        ("TWEET_IDS",),
    ),
    "engagement-docs.errors-Impressions-engagements-for-tweets-older-than-90-days.txt": (
        400,
        "engagement-too-old",
        CONFIG,
        (),
    ),
    "engagement-docs.errors-Your-account-could-not-be-authenticated.-Reason-Acces.json": (
        401,
        "unauthorized",
        CONFIG,
        (),
    ),
    "issue.engagement-406-gzip.json": (406, "engagement-needs-gzip", CONFIG, ()),
    "issue.engagement-on-wrong-host.json": (404, "engagement-wrong-address", CONFIG, ()),
}

NOT_FOR_THIS_CLASSIFIER = {
    "twitter-dart.compliance.no_data.json": "an empty list of errors is none",
    "docs-2025-01.resources.fundamentals.developer-apps.0.json": "the sign-in page's, not an answer to a reader",
    "docs.fundamentals.developer-apps.0.json": "the sign-in page's, not an answer to a reader",
}


def recorded_errors(names: dict[str, Any]) -> list[Recording]:
    return [recording for recording in recordings("errors") if recording.name in names]


def members(recording: Recording) -> list[dict[str, Any]]:
    document = recording.document
    errors: list[dict[str, Any]] = document.get("errors") or [document]
    return errors


def test_no_recorded_error_is_left_out() -> None:
    assert {recording.name for recording in recordings("errors")} == {
        *REFUSALS,
        *PARTIAL_REFUSALS,
        *ADS_REFUSALS,
        *ENGAGEMENT_REFUSALS,
        *NOT_FOR_THIS_CLASSIFIER,
    }


@pytest.mark.parametrize("recording", recorded_errors(REFUSALS), ids=lambda recording: recording.name)
def test_a_recorded_refusal_is_classified_as_x_meant_it(recording: Recording) -> None:
    status, kind, failure_type, recovery = REFUSALS[recording.name]
    assert recording.status in {None, status}
    problem = classify(status, CaseInsensitiveDict(recording.headers), recording.body)
    assert (problem.status, problem.kind) == (status, kind)
    assert (KINDS[problem.kind].failure_type, problem.recovery) == (failure_type, recovery)
    assert "<" not in problem.own_words


@pytest.mark.parametrize("recording", recorded_errors(ADS_REFUSALS), ids=lambda recording: recording.name)
def test_a_recorded_refusal_by_the_ads_api_is_classified_as_x_meant_it(recording: Recording) -> None:
    endpoint, status, kind, failure_type, recovery, parameters = ADS_REFUSALS[recording.name]
    assert recording.status in {None, status}
    problem = classify_ads(endpoint, status, CaseInsensitiveDict(recording.headers), recording.body)
    assert (problem.status, problem.kind, problem.parameters) == (status, kind, parameters)
    assert (KINDS[problem.kind].failure_type, problem.recovery) == (failure_type, recovery)
    if recording.name.endswith(".json"):
        [error] = recording.document["errors"]
        assert (problem.code, problem.detail) == (error["code"], error["message"])
    else:
        assert problem.detail == recording.body.decode().strip()


@pytest.mark.parametrize("recording", recorded_errors(ENGAGEMENT_REFUSALS), ids=lambda recording: recording.name)
def test_a_recorded_refusal_by_the_engagement_api_is_classified_as_x_meant_it(recording: Recording) -> None:
    status, kind, failure_type, tweets = ENGAGEMENT_REFUSALS[recording.name]
    assert recording.status in {None, status}
    problem = classify_engagement(TOTALS, status, CaseInsensitiveDict(recording.headers), recording.body)
    assert (problem.status, problem.kind, problem.refused_values) == (status, kind, tweets)
    assert (KINDS[problem.kind].failure_type, problem.recovery) == (failure_type, NONE)
    assert problem.detail in recording.body.decode()


@pytest.mark.parametrize("recording", recorded_errors(PARTIAL_REFUSALS), ids=lambda recording: recording.name)
def test_a_recorded_error_inside_an_answer_is_classified_as_x_meant_it(recording: Recording) -> None:
    assert recording.status in {None, 200}
    problems = [partial_problem(error) for error in members(recording)]
    assert {problem.kind for problem in problems} == {PARTIAL_REFUSALS[recording.name]}
    named = [error.get("value") or "" for error in members(recording)]
    assert [problem.resource_id for problem in problems] == named


@pytest.mark.parametrize(
    "recording",
    [recording for recording in v2_answers() if b'"errors"' in recording.body],
    ids=lambda recording: recording.name,
)
def test_errors_beside_recorded_data_are_all_of_a_known_kind(recording: Recording) -> None:
    beside = [
        error
        for answer in everything_in(recording.document)
        for error in answer.get("errors") or ()
        if isinstance(error, dict)
    ]
    kinds = {
        "Not Found Error": "resource-not-found",
        "Authorization Error": "not-authorized-for-resource",
        "Forbidden": "suspended",
    }
    assert beside
    assert [partial_problem(error).kind for error in beside] == [kinds[error["title"]] for error in beside]
