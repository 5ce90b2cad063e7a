"""What a refusal by X means: status, headers and body in, `Problem` out. Pure.

X's problem types carry either of two URI prefixes, so only their last path segment counts; where a body has no type,
status and legacy code decide.
"""

from __future__ import annotations

import email.utils
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFUSED_PARAMETER = re.compile(r"query parameter \[([^\]]+)\]")
_REFUSED_VALUE = re.compile(r"value \[([^\]]+)\]")
"""How X words the two refusals: 'The query parameter [x] is not …', 'The `x` query parameter value [y] is not …'."""

LONGEST_DETAIL = 300
"""Characters of X's own words in a message: enough for a sentence, too few for an HTML page."""

SKEW_TOLERANCE = 60.0
"""Seconds by which this machine's clock may be off before a refused OAuth 1.0a signature is blamed on it."""

_KIND_BY_STATUS: Mapping[int, str] = {
    400: "invalid-request",
    401: "unauthorized",
    402: "credits-depleted",
    403: "forbidden",
    404: "resource-not-found",
    408: "timeout",
    423: "locked",
    429: "rate-limit-exceeded",
    500: "internal-error",
    502: "unavailable",
    503: "unavailable",
    504: "timeout",
}

_SAME_KIND: Mapping[str, str] = {"credits": "credits-depleted"}

_KIND_BY_TITLE: Mapping[str, str] = {
    "Not Found Error": "resource-not-found",
    "Authorization Error": "not-authorized-for-resource",
    "Field Authorization Error": "not-authorized-for-field",
}
"""For members of `errors[]` that state no type, as X's documentation shows them."""

_SERVER_ERROR = 500
"""From here on it is X's fault, and passes, whatever the body says."""

_STATUS_DECIDES = frozenset({402})
"""402 always means money, whatever the body calls it: X has used two type URIs and an undocumented title."""


@dataclass(frozen=True)
class Problem:
    """One refusal by X, as far as it said.

    Attributes:
        kind: A key of `KINDS`.
        status: HTTP status, None where there was no answer.
        title, detail: X's own words, redacted and shortened.
        problem_type: The type URI as X sent it, or "".
        parameters: Names of the parameters that an invalid request was refused for.
        refused_values: Single values of a list parameter that X does not know, where its message names them.
        resource_id: The id or name that the problem is about, or "".
        field: The field that was refused (`organic_metrics.like_count`), or "".
        request_id: X's transaction id, for its support, or "".
        code: X's word for the fault, where its API has one (`INVALID_PARAMETER`), or "".
    """

    kind: str
    status: int | None = None
    title: str = ""
    detail: str = ""
    problem_type: str = ""
    parameters: tuple[str, ...] = ()
    refused_values: tuple[str, ...] = ()
    resource_id: str = ""
    field: str = ""
    request_id: str = ""
    code: str = ""

    @property
    def recovery(self) -> Recovery:
        """What the transport can do about it by itself."""
        return KINDS[self.kind].recovery

    @property
    def remedy(self) -> str:
        """One sentence that says what the user can do."""
        return KINDS[self.kind].remedy

    @property
    def own_words(self) -> str:
        """X's own error text, or the plainest description there is."""
        return self.detail or self.title or (f"HTTP {self.status}" if self.status else self.kind)


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """Return what an answer with an error status means.

    `headers` must look up names without regard to case; `body` may be JSON, HTML, text or empty.
    """
    document = json_object(body)
    problem = problem_of(document, status=status)
    if not document and body and b"<" not in body[:200]:
        problem = replace(problem, detail=shorten(body.decode("utf-8", "replace").strip()))
    return replace(problem, request_id=headers.get("x-transaction-id") or headers.get("x-response-id") or "")


def problem_of(document: Mapping[str, Any], *, status: int) -> Problem:
    """Return the problem that a JSON error document describes, be it a problem, a list of errors or a token error."""
    errors = [error for error in _list(document.get("errors")) if isinstance(error, dict)]
    first = errors[0] if errors else {}
    problem_type = _text(document.get("type")) or _text(first.get("type"))
    title = _text(document.get("title")) or _text(first.get("title"))
    return Problem(
        kind=_kind(document, first, problem_type=problem_type, title=title, status=status),
        status=status,
        title=shorten(title),
        detail=shorten(
            _text(first.get("message"))
            or _text(document.get("detail"))
            or _text(first.get("detail"))
            or _text(document.get("error_description"))
            or _text(document.get("message"))
        ),
        problem_type=problem_type,
        parameters=tuple(dict.fromkeys(name for error in errors for name in _parameters(error))),
        refused_values=tuple(
            value for error in errors for value in _REFUSED_VALUE.findall(_text(error.get("message")))
        ),
        resource_id=_text(first.get("resource_id")) or _text(first.get("value")),
        field=_text(first.get("field")),
    )


def partial_problem(error: Mapping[str, Any]) -> Problem:
    """Return the problem that one member of `errors[]` describes, beside (or instead of) `data` in a 200.

    A suspended user comes as type resource-not-found with the title "Forbidden" [observed in recordings].
    """
    title = _text(error.get("title"))
    suffix = _suffix(_text(error.get("type"))) or _KIND_BY_TITLE.get(title, "")
    if suffix == "resource-not-found" and title == "Forbidden":
        suffix = "suspended"
    return Problem(
        kind=suffix if suffix in KINDS else "unexpected",
        status=200,
        title=shorten(title),
        detail=shorten(_text(error.get("detail")) or _text(error.get("message"))),
        problem_type=_text(error.get("type")),
        resource_id=_text(error.get("resource_id")) or _text(error.get("value")),
        field=_text(error.get("field")),
    )


def clock_skew_seconds(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return by how many seconds this machine's clock is ahead of the server's (negative: behind), or None."""
    date = headers.get("date")
    if not date:
        return None
    try:
        return now - email.utils.parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def skewed(problem: Problem, skew: float | None) -> Problem:
    """Return `problem` as a clock problem if it is a refused signature and the clock is off by more than a minute."""
    is_refused = problem.kind == "unauthorized" or (problem.kind, problem.status) == ("ads-no-role", 401)
    if not is_refused or skew is None or abs(skew) <= SKEW_TOLERANCE:
        return problem
    direction = "ahead of" if skew > 0 else "behind"
    words = f"this machine's clock is {abs(skew):.0f} seconds {direction} X's clock; X said: {problem.own_words}"
    return replace(problem, kind="clock-skew", detail=shorten(words))


def _kind(document: Mapping[str, Any], first: Mapping[str, Any], *, problem_type: str, title: str, status: int) -> str:
    if status in _STATUS_DECIDES:
        return _KIND_BY_STATUS[status]
    said = _kind_said(document, first, problem_type=problem_type, title=title, status=status)
    return said or _kind_of_status(status)


def _kind_said(
    document: Mapping[str, Any], first: Mapping[str, Any], *, problem_type: str, title: str, status: int
) -> str | None:
    suffix = _suffix(problem_type)
    if document.get("reason") == "client-not-enrolled":
        return "client-not-enrolled"
    if title == "UsageCapExceeded":
        return "usage-capped"
    if "error" in document and "error_description" in document and status < _SERVER_ERROR:
        return "invalid-token-request"
    if suffix in KINDS:
        return suffix
    if first.get("code") == 88:  # noqa: PLR2004 - X's legacy code for a rate limit
        return "rate-limit-exceeded"
    return None


def _kind_of_status(status: int) -> str:
    if status in _KIND_BY_STATUS:
        return _KIND_BY_STATUS[status]
    return "unavailable" if status >= _SERVER_ERROR else "unexpected"


def _suffix(problem_type: str) -> str:
    suffix = problem_type.rstrip("/").rsplit("/", 1)[-1]
    return _SAME_KIND.get(suffix, suffix)


def _parameters(error: Mapping[str, Any]) -> list[str]:
    """Return the parameters that an invalid request was refused for: listed by X, or only mentioned in its sentence."""
    listed = error.get("parameters")
    if isinstance(listed, dict) and listed:
        return [str(name) for name in listed]
    return _REFUSED_PARAMETER.findall(_text(error.get("message")))


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`, empty where it holds anything else."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def shorten(text: str) -> str:
    """Return X's words on one line, without secrets, and not longer than a sentence."""
    cleaned = redact(" ".join(text.split()))
    return cleaned if len(cleaned) <= LONGEST_DETAIL else cleaned[: LONGEST_DETAIL - 1] + "…"
