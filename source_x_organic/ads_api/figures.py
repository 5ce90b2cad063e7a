"""From the Ads API's statistics to the figures of a report that is broken down in another way than by tweet and day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.stats import MisalignedAnswer, aligned, unsegmented
from source_x_organic.config import Aggregate, Dimension
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.days import DAY, midnight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from source_x_organic.reports.cells import CellKey
    from source_x_organic.reports.days import Days
    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.reports.plan import Slice

_HOUR = timedelta(hours=1)

Bucket = tuple[str | None, int | None]
"""Local date and hour that a number counts in; None where it is not told apart."""

GRANULARITIES = {Aggregate.HOURLY: "HOUR", Aggregate.DAILY: "DAY", Aggregate.TOTAL: "TOTAL"}
"""What X calls how much time a number covers."""


def buckets(days: Days, zone: ZoneInfo, granularity: Aggregate) -> list[Bucket]:
    """Return what the numbers of an answer count, in their order.

    An hour that clocks go through twice is there twice, and its numbers add up.
    """
    if granularity is Aggregate.TOTAL:
        return [(None, None)]
    if granularity is Aggregate.DAILY:
        return [(day.isoformat(), None) for day in days]
    start, end = midnight(days.first, zone), midnight(days.last + DAY, zone)
    hours = (start + number * _HOUR for number in range(-(-int((end - start).total_seconds()) // 3600)))
    return [(local.date().isoformat(), local.hour) for local in (hour.astimezone(zone) for hour in hours)]


def cells_of(entities: Iterable[Mapping[str, Any]], part: Slice, zone: ZoneInfo, definition: ReportDefinition) -> Cells:
    """Return the figures of an answer to the request for `part`, broken down as the report is; null counts as 0.

    Raises:
        MisalignedAnswer: a tweet was not asked for, or the answer is of another number of days or hours.
    """
    counted = buckets(part.days, zone, definition.granularity)
    dimensions = set(definition.dimensions)
    cells = Cells()
    for entity in entities:
        tweet_id = str(entity.get("id"))
        if tweet_id not in part.ids:
            raise MisalignedAnswer(f"X answers for the tweet {tweet_id}, which was not asked for")
        keys = [_key(tweet_id, bucket, dimensions) for bucket in counted]
        metrics = unsegmented(entity)
        for name in definition.metrics:
            if metrics is not None and name not in metrics:
                continue
            values = None if metrics is None else metrics[name]
            numbers = [0] * len(keys) if values is None else aligned(values, len(keys), name)
            for key, number in zip(keys, numbers, strict=True):
                cells.add(key, name, number)
    return cells


def _key(tweet_id: str, bucket: Bucket, dimensions: set[Dimension]) -> CellKey:
    date, hour = bucket
    return (
        tweet_id if Dimension.TWEET in dimensions else None,
        date if Dimension.DAY in dimensions else None,
        hour if Dimension.HOUR in dimensions else None,
    )
