"""What a refusal by the Ads API means: endpoint, status, headers and body in, `Problem` out. Pure.

The Ads API has a word in capitals for each fault: `{"errors": [{"code", "message", "parameter", "details", "value"}],
"request": …}`. Source: X docs, "Error codes and responses", August 2026; recorded bodies. What a gateway in front of it
answers has other forms, or none; then the HTTP status decides, as with API v2.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from source_x_organic.transport.problems import Problem, classify, json_object, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from source_x_organic.transport.client import Endpoint

_KIND_BY_CODE: Mapping[str, str] = {
    "UNAUTHORIZED_CLIENT_APPLICATION": "ads-app-not-approved",
    "READONLY_CLIENT_APPLICATION": "oauth1-permissions",
    "CURRENT_USER_SUSPENDED": "ads-user-locked",
    "ACCOUNT_LOCKED_OUT": "ads-user-locked",
    "ACCOUNT_NOT_FOUND": "ads-account-gone",
    "USER_NOT_FOUND": "ads-user-unavailable",
    "PROMOTABLE_USER_NOT_FOUND": "ads-user-unavailable",
    "INVALID_USER": "ads-user-unavailable",
    "INVALID_USER_ID": "ads-user-unavailable",
    "FEATURE_NOT_AVAILABLE": "ads-feature-unavailable",
    "INVALID_ACCOUNT_SERVICE_LEVEL": "ads-feature-unavailable",
    "ROUTE_NOT_FOUND": "ads-version-retired",
    "TOO_MANY_JOBS": "too-many-jobs",
    "REQUEST_TOO_COMPLEX": "too-complex",
    "TOO_MANY_REQUESTS": "rate-limit-exceeded",
}

_KIND_ON_ONE_ACCOUNT: Mapping[str, str] = {
    "UNAUTHORIZED_ACCESS": "ads-no-role",
    "ACTION_NOT_ALLOWED": "ads-no-role",
}

_KIND_BY_WHAT_IS_MISSING: Mapping[str, str] = {
    "account": "ads-account-gone",
    "user": "ads-user-unavailable",
    "tweet": "resource-not-found",
    "job": "resource-not-found",
}
_MISSING = re.compile(rf"\b({'|'.join(_KIND_BY_WHAT_IS_MISSING)})\b", re.IGNORECASE)

_STATUS_DECIDES = frozenset({402, 408, 423})
"""Beside all from 500 on: money, and faults that pass, whatever the body calls them."""

_BAD_REQUEST, _SERVER_ERROR = 400, 500

ENTITY, METRIC_GROUPS = "entity", "metric_groups"

_NAMED_IN_WORDS = re.compile(
    r"\b(?:(entity[_ ]ids?|metric[_ ]groups?|start[_ ]time|end[_ ]time|segmentation[_ ]type|job[_ ]ids|tweet[_ ]ids"
    r"|tweet[_ ]type|timeline[_ ]type|user[_ ]id|account[_ ]ids|granularity|placement|country|platform|cursor|count)"
    r"|(entity|organic[_ ]?tweets?))\b",
    re.IGNORECASE,
)
"""A parameter that X names in its sentence alone: any that is sent (group 1), or the entity (group 2)."""


def classify_ads(endpoint: Endpoint, status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """Return what an answer of the Ads API with an error status means.

    `headers` must look up names without regard to case; `body` may be JSON, HTML, text or empty.
    """
    by_status = classify(status, headers, body)
    errors = _errors(body)
    if not errors:
        return by_status
    kinds = [_kind(endpoint, status, error) for error in errors]
    telling = next((index for index, kind in enumerate(kinds) if kind), 0)
    error = errors[telling]
    return replace(
        by_status,
        kind=kinds[telling] or by_status.kind,
        title=shorten(_text(error.get("details"))) or by_status.title,
        detail=shorten(_text(error.get("message"))) or by_status.detail,
        parameters=tuple(dict.fromkeys(name for each in errors for name in _parameters(each))),
        resource_id=_text(error.get("value")),
        code=shorten(error["code"]),
    )


def refused_groups(problem: Problem, asked: Sequence[str]) -> tuple[str, ...]:
    """Return which groups of metrics X refuses of those that were asked for.

    X names the wrong one as the value, or lists the right ones in a sentence. Where it does neither, it is all but the
    first, which has what every tweet has.
    """
    if problem.resource_id in asked:
        return (problem.resource_id,)
    unnamed = tuple(group for group in asked if group.lower() not in problem.detail.lower())
    return unnamed if 0 < len(unnamed) < len(asked) else tuple(asked[1:] or asked)


def _errors(body: bytes) -> list[dict[str, Any]]:
    """Return the errors in the Ads API's own form; a gateway's have a number for a code, or none."""
    listed = json_object(body).get("errors")
    errors = listed if isinstance(listed, list) else []
    return [error for error in errors if isinstance(error, dict) and _text(error.get("code"))]


def _kind(endpoint: Endpoint, status: int, error: Mapping[str, Any]) -> str | None:
    """Return the kind that X's word stands for, None where the status says more."""
    if status in _STATUS_DECIDES or status >= _SERVER_ERROR:
        return None
    if status == _BAD_REQUEST and "/stats/" in endpoint.path:
        about = _parameters(error)
        if ENTITY in about:
            return "organic-withdrawn"
        if METRIC_GROUPS in about:
            return "ads-metrics-refused"
    if not endpoint.counts_per_account:
        return _KIND_BY_CODE.get(error["code"])
    if error["code"] == "NOT_FOUND":
        # With a 403 as well as with a 404 [observed]; the account where X does not say what.
        missing = _MISSING.search(_text(error.get("message")))
        return _KIND_BY_WHAT_IS_MISSING[missing[1].lower() if missing else "account"]
    return _KIND_BY_CODE.get(error["code"]) or _KIND_ON_ONE_ACCOUNT.get(error["code"])


def _parameters(error: Mapping[str, Any]) -> list[str]:
    """Return the parameters that an error is about: as X lists it, else as its sentence names them.

    "Valid metric groups for entity OrganicTweet are …" is about the metric groups: the entity counts alone.
    """
    listed = _text(error.get("parameter"))
    if listed:
        return [listed]
    named = _NAMED_IN_WORDS.findall(_text(error.get("message")))
    return [other.lower().replace(" ", "_") for other, _ in named if other] or [ENTITY for _ in named[:1]]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
