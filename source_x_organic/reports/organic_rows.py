"""From figures by tweet and UTC day to rows of `organic_report`, for the APIs that count by UTC days."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from source_x_organic.config import ReportType
from source_x_organic.instants import rfc3339
from source_x_organic.reports.columns import PLACEMENT
from source_x_organic.reports.days import DAY
from source_x_organic.reports.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from source_x_organic.reports.cells import Cells
    from source_x_organic.reports.plan import Slice

Row = dict[str, Any]

FINAL_AFTER = timedelta(days=2)
"""Time after a day's end from which X does not change its figures any more."""

_RENAMED = {"favorites": "likes", "user_follows": "follows"}


def _columns(report: ReportType) -> dict[str, str]:
    return {name: _RENAMED.get(name, name) for name in kind_of(report).metric_names}


REPORT_METRICS: Mapping[str, Mapping[str, str]] = {
    "engagement_api": _columns(ReportType.ENGAGEMENT_HISTORICAL),
    "x_api_analytics": _columns(ReportType.TWEET_ANALYTICS),
}
"""By `metrics_source`: columns of `organic_report` by the names that X gives to its metrics."""


def organic_rows(cells: Cells, part: Slice, source: str, *, read_at: datetime) -> Iterator[Row]:
    """Yield a row for each tweet of a slice and each day from its posting on, null where X has no figure.

    `source` is the `metrics_source`; `read_at` is when X made the figures. Columns that the source never fills are left
    out, which is the same as null in a record and saves time: there are hundreds of thousands of rows.
    """
    columns = REPORT_METRICS[source]
    days = [_day_columns(day, read_at) for day in part.days]
    constants: Row = {
        "placement": PLACEMENT,
        "metrics_source": source,
        "is_estimated": False,
        **dict.fromkeys(columns.values()),
    }
    known = cells.keys()
    for tweet_id, user_id, created in zip(part.ids, part.user_ids, part.created, strict=True):
        tweet = {"account_id": user_id, "tweet_id": tweet_id, **constants}
        before_it_was_posted = max(0, (created - part.days.first).days)
        for day in days[before_it_was_posted:]:
            row = tweet.copy()
            row.update(day)
            key = (tweet_id, day["date"], None)
            if key in known:
                for metric, figure in cells.values(key).items():
                    row[columns[metric]] = figure
            yield row


def _day_columns(day: date, read_at: datetime) -> Row:
    start = datetime.combine(day, time(), UTC)
    return {
        "date": day.isoformat(),
        "period_start": rfc3339(start),
        "period_end": rfc3339(start + DAY),
        "is_final": read_at >= start + DAY + FINAL_AFTER,
    }
