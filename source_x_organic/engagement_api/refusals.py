"""What a refusal by the Engagement API means: endpoint, status, headers and body in, `Problem` out. Pure.

Its errors are plain sentences: `{"errors": ["…", …]}`, with lists of ids beside them where it complains of tweets.
What a gateway in front of it answers has other forms, or none; then the HTTP status decides, as with API v2. Source: X
docs, "Engagement API" (Enterprise), August 2026 and earlier revisions; recorded bodies.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from source_x_organic.config import ReportType
from source_x_organic.reports.kinds import kind_of
from source_x_organic.transport.problems import Problem, classify, json_object, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from source_x_organic.transport.client import Endpoint

UNAVAILABLE = "unavailable_tweet_ids"
WITHOUT_IMPRESSIONS = "unsupported_for_impressions_engagements_tweet_ids"
WITHOUT_VIDEO_VIEWS = "unsupported_for_video_views_tweet_ids"

NOT_OWNED = "engagement-not-owner"
NOT_AVAILABLE = "engagement-unavailable"
TOO_OLD = "engagement-too-old"
METRICS_REFUSED = "engagement-metrics"
PROTECTED = "engagement-protected"

_KIND_BY_WORDS = (
    (re.compile(r"application.{0,20}is not authori[sz]ed", re.IGNORECASE), "engagement-app-not-allowed"),
    (re.compile(r"forbidden to access (?:tweet|post)", re.IGNORECASE), NOT_OWNED),
    (re.compile(r"(?:tweet|post) id\(?s?\)? (?:is|are) unavailable", re.IGNORECASE), NOT_AVAILABLE),
    (re.compile(r"impressions.{0,40} older than", re.IGNORECASE), TOO_OLD),
)

_KIND_BY_STATUS = {404: "engagement-wrong-address", 406: "engagement-needs-gzip"}

_ID_LISTS = {NOT_AVAILABLE: UNAVAILABLE, TOO_OLD: WITHOUT_IMPRESSIONS}

_METRICS = frozenset(
    name
    for report in (ReportType.ENGAGEMENT_TOTALS, ReportType.ENGAGEMENT_28HR, ReportType.ENGAGEMENT_HISTORICAL)
    for name in kind_of(report).metric_names
)

_MAY_BE_ABOUT_METRICS = frozenset({"invalid-request", "forbidden"})
"""What 400 and 403 mean where X's words do not say more."""

_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*", re.IGNORECASE)

_TAKEN = re.compile(
    r"(?:\b(?:not|be) (?:one|any|among)\b|(?<!not )\b(?:valid|supported|allowed) (?:\w+ ){0,2}(?:are|is)\b)[^.;]*",
    re.IGNORECASE,
)
"""Words behind which X names what it does take."""

_FORBIDDEN_IDS = re.compile(r"forbidden to access \w+(?: for author id \d+)?\s*:([\s\d,\[\]\"]+)", re.IGNORECASE)
"""Documented as "Forbidden to access tweets: ids", and with the author's id in between in an earlier revision."""

_PARAMETERS = (
    (re.compile(r"group", re.IGNORECASE), "groupings"),
    (re.compile(r"engagement.?types?|metrics?", re.IGNORECASE), "engagement_types"),
    (re.compile(r"(?:tweet|post)[ _]ids?", re.IGNORECASE), "tweet_ids"),
    (re.compile(r"\bstart", re.IGNORECASE), "start"),
    (re.compile(r"\bend\b", re.IGNORECASE), "end"),
)

_STATUS_DECIDES = frozenset({402, 408, 423, 429})
"""Beside all from 500 on: money, and faults that pass, whatever the body calls them."""

_SERVER_ERROR = 500


def classify_engagement(endpoint: Endpoint, status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """Return what an answer of the Engagement API with an error status means.

    `refused_values` are the ids of the tweets that it complains of, as far as it names them: the request may succeed
    without them (`TOO_OLD`: for other metrics). With `METRICS_REFUSED` they are names of metrics. `headers` must look
    up names without regard to case; `body` may be JSON, HTML, text or empty.
    """
    del endpoint
    problem, document = classify(status, headers, body), json_object(body)
    said = " ".join(sentences(document))
    if said:
        problem = replace(problem, detail=shorten(said))
    if status in _STATUS_DECIDES or status >= _SERVER_ERROR:
        return problem
    words = said or problem.detail
    kind = _kind(words) or _KIND_BY_STATUS.get(status) or problem.kind
    if kind in _MAY_BE_ABOUT_METRICS and (metrics := _metrics_in(words)):
        return replace(problem, kind=METRICS_REFUSED, refused_values=metrics)
    return replace(
        problem,
        kind=kind,
        parameters=_parameters(words) if kind == "invalid-request" else (),
        refused_values=_forbidden_ids(words) or ids_in(document, _ID_LISTS.get(kind, "")),
    )


def sentences(document: Mapping[str, Any]) -> list[str]:
    """Return the sentences in `errors`, of which there may be some beside the data of a 200."""
    listed = document.get("errors")
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def ids_in(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return one of the lists of tweet ids at the root of a body, each id once."""
    listed = document.get(name)
    return tuple(dict.fromkeys(map(str, listed))) if isinstance(listed, list) else ()


def _kind(words: str) -> str | None:
    return next((kind for pattern, kind in _KIND_BY_WORDS if pattern.search(words)), None)


def _metrics_in(words: str) -> tuple[str, ...]:
    """Return the metrics that X names, those aside that it says it takes; none where it complains of groupings."""
    if _parameters(words) == ("groupings",):
        return ()
    named = (name.lower() for name in _NAME.findall(_TAKEN.sub(" ", words)))
    return tuple(dict.fromkeys(name for name in named if name in _METRICS))


def _forbidden_ids(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"\d+", " ".join(_FORBIDDEN_IDS.findall(words)))))


def _parameters(words: str) -> tuple[str, ...]:
    """Return the members of the request that X's words are about; a sentence about groupings names metrics as well."""
    return tuple(name for pattern, name in _PARAMETERS if pattern.search(words))[:1]
