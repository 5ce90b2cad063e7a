"""Analytics of tweets and media in X API v2 (Enterprise): what is asked, and from answers to figures.

Answers come in two shapes: `timestamped_metrics`, an entry for each bucket of time, or the metrics beside the id, where
there is but one bucket. Source: X's OpenAPI 2.159 and 2.167.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple

from source_x_organic.config import Aggregate, Dimension, ReportType
from source_x_organic.instants import rfc3339, utc_day, utc_instant
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.days import DAY
from source_x_organic.transport.client import Endpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from source_x_organic.reports.days import Days

TWEET_ANALYTICS = Endpoint("tweets/analytics", "/2/tweets/analytics")
MEDIA_ANALYTICS = Endpoint("media/analytics", "/2/media/analytics")

BUCKETS = "timestamped_metrics"
"""The field of the buckets, which OpenAPI 2.159 has in answers without letting it be asked for."""

_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True)
class Analytics:
    """One of the two operations.

    Attributes:
        endpoint: Where it is.
        ids_parameter: What lists the ids.
        fields_parameter: What lists the fields.
        id_field: What an object of an answer is known by.
    """

    endpoint: Endpoint
    ids_parameter: str
    fields_parameter: str
    id_field: str


ANALYTICS: Mapping[ReportType, Analytics] = {
    ReportType.TWEET_ANALYTICS: Analytics(TWEET_ANALYTICS, "ids", "analytics.fields", "id"),
    ReportType.MEDIA_ANALYTICS: Analytics(MEDIA_ANALYTICS, "media_keys", "media_analytics.fields", "media_key"),
}


class Window(NamedTuple):
    """The time that a request asks about: from `start` up to, and without, `end`; both in UTC."""

    start: datetime
    end: datetime


class UnexpectedAnswer(ValueError):
    """An answer to another question; taken as it is it would put numbers on wrong tweets or days."""


def window(days: Days, *, now: datetime) -> Window | None:
    """Return the part of some UTC days that is over, in whole minutes; None where there is none."""
    start, midnight = (datetime.combine(day, time(), UTC) for day in (days.first, days.last + DAY))
    end = min(midnight, now.astimezone(UTC).replace(second=0, microsecond=0))
    return Window(start, end) if start < end else None


def parameters(
    report: ReportType,
    ids: Sequence[str],
    metrics: Sequence[str],
    granularity: Aggregate,
    window: Window,
    *,
    without: Collection[str] = (),
) -> dict[str, str]:
    """Return the query of a request; `without` are fields that X has refused before."""
    analytics = ANALYTICS[report]
    fields = [field for field in (analytics.id_field, "timestamp", BUCKETS, *metrics) if field not in without]
    return {
        analytics.ids_parameter: ",".join(ids),
        "start_time": rfc3339(window.start),
        "end_time": rfc3339(window.end),
        "granularity": granularity.value,
        analytics.fields_parameter: ",".join(fields),
    }


def cells_of(
    answer: Mapping[str, Any],
    report: ReportType,
    granularity: Aggregate,
    dimensions: Collection[Dimension],
    metrics: Sequence[str],
    window: Window,
    tweets_of: Mapping[str, Collection[str]] | None = None,
) -> Cells:
    """Return the figures of an answer to the request for `metrics`, broken down by `dimensions`.

    A bucket's day and hour are those of its start; with weeks the day is the first of the week. Figures finer than the
    dimensions add up. Days and hours outside the window are left to the requests that ask for them. A medium counts for
    each of its tweets in `tweets_of`, and once where tweets are not told apart. A metric that is missing, null or in
    words is None. What X says in `errors` is left to the caller.

    Raises:
        UnexpectedAnswer: an object has no id, a medium was not asked for, or a bucket does not say when it was.
    """
    cells, places = Cells(), _Places(dimensions, window if granularity in _CLIPPED else None)
    for each in _objects(answer):
        tweets = _tweets(each.get(ANALYTICS[report].id_field), dimensions, tweets_of)
        for timestamp, said in _buckets(each, metrics):
            place = places.of(timestamp)
            if place is not None:
                figures = {metric: _number(said.get(metric)) for metric in metrics}
                for tweet_id in tweets:
                    cells.add_figures((tweet_id, *place), figures)
    return cells


_CLIPPED = frozenset({Aggregate.HOURLY, Aggregate.DAILY})
"""Granularities whose buckets begin inside the window. X does not say on which day its weeks begin."""


class _Places:
    """Which day and hour buckets belong to; most timestamps come once for every tweet."""

    def __init__(self, dimensions: Collection[Dimension], window: Window | None) -> None:
        self._has_day = Dimension.DAY in dimensions
        self._has_hour = Dimension.HOUR in dimensions
        self._window = window
        self._known: dict[str | None, tuple[str | None, int | None] | None] = {}

    def of(self, timestamp: str | None) -> tuple[str | None, int | None] | None:
        """Return date and hour, each None where figures are not broken down by it; None outside the window."""
        if timestamp not in self._known:
            self._known[timestamp] = self._place(timestamp)
        return self._known[timestamp]

    def _place(self, timestamp: str | None) -> tuple[str | None, int | None] | None:
        instant = utc_instant(timestamp)
        if instant is None:
            if self._has_day or self._has_hour:
                raise UnexpectedAnswer(f"X's answer has {timestamp!r} where the time of figures should stand")
            return None, None
        if self._window is not None and not self._window.start <= instant < self._window.end:
            return None
        return utc_day(instant) if self._has_day else None, instant.hour if self._has_hour else None


def _objects(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = answer.get("data")
    return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []


def _tweets(
    identifier: object, dimensions: Collection[Dimension], tweets_of: Mapping[str, Collection[str]] | None
) -> Collection[str | None]:
    """Return the tweets that figures of an object count for; None for all of them together."""
    if not isinstance(identifier, str) or (tweets_of is not None and identifier not in tweets_of):
        raise UnexpectedAnswer(f"X answers for {identifier!r}, which was not asked for")
    if Dimension.TWEET not in dimensions:
        return [None]
    return [identifier] if tweets_of is None else tweets_of[identifier]


def _buckets(each: Mapping[str, Any], metrics: Collection[str]) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """Yield when figures were, and the figures: those in buckets, or else those beside the id."""
    buckets = each.get(BUCKETS)
    if isinstance(buckets, list) and buckets:
        for bucket in buckets:
            if isinstance(bucket, dict) and isinstance(bucket.get("metrics"), dict):
                yield _timestamp(bucket), bucket["metrics"]
    elif any(metric in each for metric in metrics):
        yield _timestamp(each), each


def _timestamp(bucket: Mapping[str, Any]) -> str | None:
    said = bucket.get("timestamp")
    return said if isinstance(said, str) else None


def _number(value: object) -> int | None:
    """Return a count; X passes on what it cannot read as a number itself, and then nobody knows it."""
    if isinstance(value, str):
        return int(value) if _NUMBER.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
