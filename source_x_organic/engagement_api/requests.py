"""What the Engagement API is asked: where, about which hours, and how the answer is grouped.

Source: X docs, "Engagement API" (Enterprise), August 2026 and earlier revisions.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from source_x_organic.config import Dimension, ReportType
from source_x_organic.instants import rfc3339
from source_x_organic.reports.days import DAY
from source_x_organic.transport.client import Endpoint
from source_x_organic.transport.minutes import MINUTE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from source_x_organic.reports.days import Days

GROUP = "breakdown"
"""Name of the one grouping that is asked for. X's own keys at the root are start, end, errors and lists of ids."""

_HOUR = timedelta(hours=1)

_GROUPS = {
    Dimension.TWEET: "tweet.id",
    Dimension.METRIC: "engagement.type",
    Dimension.DAY: "engagement.day",
    Dimension.HOUR: "engagement.hour",
}
"""In an order in which X takes all four; there is but one other."""


class Window(NamedTuple):
    """The hours that a request asks about: from `start` up to, and without, `end`; both in UTC."""

    start: datetime
    end: datetime


def _endpoint(name: str) -> Endpoint:
    return Endpoint(f"insights/engagement/{name}", f"/insights/engagement/{name}", window_seconds=MINUTE)


TOTALS = _endpoint("totals")
"""Counts of the whole life of tweets."""

LAST_28_HOURS = _endpoint("28hr")
"""Counts of the last 28 hours, of which rounding may make 29."""

HISTORICAL = _endpoint("historical")
"""Counts of the hours asked for."""

ENDPOINTS: Mapping[ReportType, Endpoint] = {
    ReportType.ENGAGEMENT_TOTALS: TOTALS,
    ReportType.ENGAGEMENT_28HR: LAST_28_HOURS,
    ReportType.ENGAGEMENT_HISTORICAL: HISTORICAL,
}


def grouping(dimensions: Collection[Dimension]) -> list[str]:
    """Return what to group an answer by, outermost first, so that it can be broken down by `dimensions`.

    By the metric always, which would be added up otherwise. By the day wherever the hour is wanted: X's documents
    disagree on what the hour alone means, and days can be added up here.
    """
    wanted = {*dimensions, Dimension.METRIC}
    if Dimension.HOUR in wanted:
        wanted.add(Dimension.DAY)
    return [name for dimension, name in _GROUPS.items() if dimension in wanted]


def body(
    ids: Sequence[str], metrics: Sequence[str], dimensions: Collection[Dimension], window: Window | None = None
) -> dict[str, Any]:
    """Return the JSON document that asks for `metrics` of the tweets `ids`.

    `window` is for the historical report, which X gives of the last four weeks where it is not said.
    """
    about = {} if window is None else {"start": rfc3339(window.start), "end": rfc3339(window.end)}
    return {
        **about,
        "tweet_ids": list(ids),
        "engagement_types": list(metrics),
        "groupings": {GROUP: {"group_by": grouping(dimensions)}},
    }


def window(days: Days, *, now: datetime) -> Window | None:
    """Return the hours of some UTC days that are over; None where none is.

    X refuses an end in the future, and rounds one within an hour up. So the running hour waits for the next sync, and
    in the first hour of a day there is nothing to ask about it yet.
    """
    start = _midnight(days.first)
    end = min(_midnight(days.last + DAY), now.astimezone(UTC).replace(minute=0, second=0, microsecond=0))
    return Window(start, end) if start + _HOUR <= end else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
