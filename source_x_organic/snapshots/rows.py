"""A post's day as a row of `organic_report`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from source_x_organic.instants import rfc3339
from source_x_organic.reports.columns import COLUMNS, PLACEMENT
from source_x_organic.snapshots.counters import COUNTERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from source_x_organic.snapshots.tracking import DayGrowth

Row = dict[str, Any]

_NULLS: Mapping[str, None] = dict.fromkeys(COLUMNS)


def report_row(growth: DayGrowth, account_id: str) -> Row:
    """Return the row of a post's day; metrics that no snapshot tells are null."""
    row: Row = {
        **_NULLS,
        "account_id": account_id,
        "tweet_id": growth.tweet_id,
        "date": growth.day.isoformat(),
        "placement": PLACEMENT,
        "metrics_source": growth.source,
        "period_start": _written(growth.start),
        "period_end": _written(growth.end),
        "is_estimated": growth.is_estimated,
        "is_final": growth.is_final,
    }
    row.update(zip(COUNTERS, growth.totals, strict=True))
    return row


@lru_cache(maxsize=64)
def _written(instant: datetime) -> str:
    """Return an instant as text: most rows of a sync begin and end with the same few."""
    return rfc3339(instant)
