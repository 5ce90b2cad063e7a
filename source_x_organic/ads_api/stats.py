"""From the Ads API's statistics of organic tweets to rows of the daily report.

An answer holds, for each tweet and metric, an array with a number per local day of the window; the body of the
synchronous endpoint and the result file of a job are alike. `null` in place of an array is 0 on every day [documented],
and so is each metric of a tweet without any data. A metric that X does not name at all is null. A tweet that X left out
of its answer has no rows: rows of nulls would take the place of the figures that X gave before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import ijson

from source_x_organic.fivetran_tables import FIVETRAN_METRICS, REPORT_COLUMNS
from source_x_organic.instants import rfc3339, rfc3339_micros
from source_x_organic.reports.columns import COLUMNS, PLACEMENT
from source_x_organic.reports.days import DAY, midnight

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from source_x_organic.reports.days import Days
    from source_x_organic.reports.plan import Slice

Row = dict[str, Any]

METRICS_SOURCE = "ads_api"

ENGAGEMENT = (
    "engagements",
    "impressions",
    "retweets",
    "replies",
    "likes",
    "follows",
    "card_engagements",
    "clicks",
    "app_clicks",
    "url_clicks",
    "qualified_impressions",
    "carousel_swipes",
    "tweets_send",
    "unfollows",
    "poll_card_vote",
)
"""Metrics of the group ENGAGEMENT; X returns the last three without documenting them."""

VIDEO = (
    "video_total_views",
    "video_views_25",
    "video_views_50",
    "video_views_75",
    "video_views_100",
    "video_cta_clicks",
    "video_content_starts",
    "video_3s100pct_views",
    "video_6s_views",
    "video_15s_views",
)
"""Metrics of the group VIDEO."""

GROUPS: Mapping[str, tuple[str, ...]] = {"ENGAGEMENT": ENGAGEMENT, "VIDEO": VIDEO}
"""Metrics by group."""

FINAL_AFTER = timedelta(days=2)
"""Time after a day's end from which X does not change its statistics any more."""

_RENAMED = {"poll_card_vote": "poll_card_votes", "video_total_views": "video_views"}

REPORT_METRICS: Mapping[str, str] = {name: _RENAMED.get(name, name) for name in (*ENGAGEMENT, *VIDEO)}
"""Columns of `organic_report` by the names that the Ads API gives to its metrics."""


class Readable(Protocol):
    """Bytes that can be read in parts."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


class MisalignedAnswer(ValueError):
    """Statistics that do not answer what was asked; taken as they are they would put numbers on wrong days."""


class DamagedAnswer(ValueError):
    """A result file that is no JSON, or only the beginning of one."""


@dataclass(frozen=True)
class ReportDays:
    """The days of a slice as rows hold them; made once for all its tweets. All attributes have a value per day.

    Attributes:
        dates: The local days.
        starts: Their first instants.
        ends: The next days' first instants.
        finals: Whether X had stopped changing the day when it was read.
    """

    dates: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    finals: tuple[bool, ...]

    @classmethod
    def of(cls, days: Days, zone: ZoneInfo, read_at: datetime) -> ReportDays:
        """Return the days of an account's time zone; `read_at` is when X made the statistics."""
        midnights = [midnight(day, zone) for day in (*days, days.last + DAY)]
        texts = [rfc3339(instant) for instant in midnights]
        return cls(
            dates=tuple(day.isoformat() for day in days),
            starts=tuple(texts[:-1]),
            ends=tuple(texts[1:]),
            finals=tuple(read_at >= end + FINAL_AFTER for end in midnights[1:]),
        )


@dataclass(frozen=True)
class ReportTable:
    """A table that statistics go to: which column holds what.

    Attributes:
        constants: Every column in the table's order, with what it holds in all rows, or null.
        tweet_id: Column of the tweet's id.
        user_id: Column of the id of the X user who posted it, if there is one.
        days: Columns that hold something of the day, by attribute of `ReportDays`.
        metrics: Columns by the names that X gives to its metrics.
    """

    constants: Row
    tweet_id: str
    user_id: str | None
    days: Mapping[str, str]
    metrics: Mapping[str, str]

    def narrowed(self) -> ReportTable:
        """Return the table without the columns that are null in every row.

        airbyte-cdk leaves nulls out when it prints; until then it copies and checks them for each of the many rows.
        """
        filled = {self.tweet_id, self.user_id, *self.days, *self.metrics.values()}
        constants = {name: value for name, value in self.constants.items() if value is not None or name in filled}
        return replace(self, constants=constants)

    def of_groups(self, groups: Collection[str]) -> ReportTable:
        """Return the table where only these groups of metrics were asked for: the columns of the others are null."""
        asked = {name for group in groups for name in GROUPS[group]}
        return replace(self, metrics={name: column for name, column in self.metrics.items() if name in asked})

    def rows(self, entity: Mapping[str, Any], part: Slice, days: ReportDays) -> Iterator[Row]:
        """Yield a tweet's rows, oldest first: one for each day of the slice from the day of its posting on.

        `entity` is one element of `data` in the answer to the request for `part`, whose days `days` are.

        Raises:
            MisalignedAnswer: the tweet was not asked for, or the answer is of another number of days.
        """
        place = place_of(entity, part)
        row = self.constants | {self.tweet_id: part.ids[place]}
        if self.user_id is not None:
            row[self.user_id] = part.user_ids[place]
        series: dict[str, Sequence[Any]] = {column: getattr(days, name) for column, name in self.days.items()}
        for column, values in self._metrics(entity).items():
            if values is None:
                row[column] = 0
            else:
                series[column] = aligned(values, len(days.dates), column)
        before_it_was_posted = max(0, (part.created[place] - part.days.first).days)
        # Hundreds of thousands of rows are made here: column by column takes half of the time that row by row does.
        made = [row.copy() for _ in days.dates[before_it_was_posted:]]
        for column, values in series.items():
            for each, value in zip(made, values[before_it_was_posted:], strict=True):
                each[column] = value
        yield from made

    def _metrics(self, entity: Mapping[str, Any]) -> dict[str, Any]:
        """Return by column what X says of each metric that it names; of all of them where there are no data."""
        metrics = unsegmented(entity)
        if metrics is None:
            return dict.fromkeys(self.metrics.values())
        return {column: metrics[name] for name, column in self.metrics.items() if name in metrics}


def organic_report(*, ads_account_id: str) -> ReportTable:
    """Return the table of the stream `organic_report`."""
    constants = dict.fromkeys(COLUMNS) | {
        "placement": PLACEMENT,
        "ads_account_id": ads_account_id,
        "metrics_source": METRICS_SOURCE,
        "is_estimated": False,
    }
    days = {"date": "dates", "period_start": "starts", "period_end": "ends", "is_final": "finals"}
    return ReportTable(constants, "tweet_id", "account_id", days, REPORT_METRICS)


def organic_tweet_report(*, ads_account_id: str, synced_at: datetime) -> ReportTable:
    """Return Fivetran's table `organic_tweet_report`; its `date` is the instant at which the local day begins."""
    constants = dict.fromkeys(REPORT_COLUMNS) | {
        "_fivetran_synced": rfc3339_micros(synced_at),
        "account_id": ads_account_id,
        "placement": PLACEMENT,
    }
    return ReportTable(constants, "organic_tweet_id", None, {"date": "starts"}, FIVETRAN_METRICS)


def entities_of(stream: Readable) -> Iterator[dict[str, Any]]:
    """Yield the tweets of a result file one by one, unpacked as it is read: memory holds one at a time.

    Raises:
        DamagedAnswer: it is no JSON, or breaks off.
    """
    try:
        yield from ijson.items(stream, "data.item", use_float=True)
    except ijson.JSONError as error:
        raise DamagedAnswer(str(error)) from error


def entity_id(entity: Mapping[str, Any]) -> str:
    """Return the id of the tweet that an element of `data` is about."""
    return str(entity.get("id"))


def place_of(entity: Mapping[str, Any], part: Slice) -> int:
    """Return which tweet of a slice an element of `data` is about.

    Raises:
        MisalignedAnswer: it was not asked for.
    """
    try:
        return part.ids.index(entity_id(entity))
    except ValueError:
        raise MisalignedAnswer(f"X answers for the tweet {entity_id(entity)}, which was not asked for") from None


def unsegmented(entity: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the metrics of all segments together, which is what an answer without segmentation holds."""
    parts = entity.get("id_data") or []
    for part in parts:
        if part.get("segment") is None:
            metrics: Mapping[str, Any] | None = part.get("metrics")
            return metrics
    if parts:
        raise MisalignedAnswer(f"X divides the tweet {entity_id(entity)} into segments, which was not asked for")
    return None


def aligned(values: object, count: int, column: str, unit: str = "day") -> list[Any]:
    """Return a metric's numbers, one for each of `count` days or other units of time.

    Raises:
        MisalignedAnswer: they are another number, or no list.
    """
    if not isinstance(values, list):
        raise MisalignedAnswer(f"X sends {column} as {type(values).__name__}, not as a number for each {unit}")
    if len(values) != count:
        raise MisalignedAnswer(f"X sends {len(values)} numbers of {column} for {count} {unit}s")
    return values
