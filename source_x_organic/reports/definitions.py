"""What a custom report asks for, and what may be wrong with how it was defined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from source_x_organic.config import (
    Aggregate,
    AllTweets,
    Dimension,
    RecentTweets,
    ReportType,
    TimeframePeriod,
    TweetIds,
)
from source_x_organic.reports.kinds import Api, ReportKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from source_x_organic.config import CustomReport
    from source_x_organic.reports.periods import Period

TweetSelection = AllTweets | RecentTweets | TweetIds

COLUMNS = {
    Dimension.TWEET: "tweet_id",
    Dimension.DAY: "date",
    Dimension.HOUR: "hour",
    Dimension.METRIC: "metric",
}
"""The column that a report has for each dimension, in the order of a key."""

_ALL = AllTweets()
_TIMEFRAME = TimeframePeriod()


@dataclass(frozen=True)
class ReportDefinition:
    """A report that can be read.

    Attributes:
        name: Its stream and its table.
        kind: Which of X's reports it is.
        metrics: Names as X spells them, in the order of the columns.
        dimensions: What it is broken down by, in the order of `Dimension`.
        granularity: How much time one figure of X's answers covers. Figures finer than the dimensions add up.
        selection: Which tweets.
        period: Which days; without meaning where the kind has no period.
    """

    name: str
    kind: ReportKind
    metrics: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    granularity: Aggregate
    selection: TweetSelection = _ALL
    period: Period = _TIMEFRAME

    @classmethod
    def of(cls, report: CustomReport) -> ReportDefinition:
        """Return the definition of a report that has no `problems_of` it."""
        dimensions = tuple(dimension for dimension in Dimension if dimension in report.dimensions)
        return cls(
            name=report.table_name,
            kind=kind_of(report.report_type),
            metrics=report.metrics,
            dimensions=dimensions,
            granularity=report.aggregate or _granularity(dimensions),
            selection=report.tweets,
            period=report.period,
        )

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Return the columns whose values no two rows share."""
        return ("account_id", *(COLUMNS[dimension] for dimension in self.dimensions))

    @property
    def primary_key(self) -> list[list[str]]:
        """Return the key as a catalog has it."""
        return [[column] for column in self.key_columns]

    @property
    def has_ads_account(self) -> bool:
        """Whether rows say which Ads account they were read through."""
        return self.kind.api is Api.ADS

    @property
    def is_incremental(self) -> bool:
        """Whether a sync reads only days that are new or may have changed."""
        follows_time = self.kind.has_period and isinstance(self.period, TimeframePeriod)
        return follows_time and Dimension.DAY in self.dimensions

    @property
    def has_media(self) -> bool:
        """Whether the report is about the media of tweets, which nothing but the tweets themselves tells."""
        return self.kind.type is ReportType.MEDIA_ANALYTICS

    @property
    def remembers_tweets(self) -> bool:
        """Whether a sync goes on from the tweets that the last one has listed."""
        return self.is_incremental and not self.has_media and not isinstance(self.selection, TweetIds)

    @property
    def has_weeks(self) -> bool:
        """Whether `date` is the Monday of a week."""
        return self.granularity is Aggregate.WEEKLY and Dimension.DAY in self.dimensions

    @property
    def cursor_field(self) -> str | None:
        """Return the column that tells how far the report has come, where it is incremental."""
        return COLUMNS[Dimension.DAY] if self.is_incremental else None

    @property
    def longest_window(self) -> int:
        """Return the most days that one request may ask for; 1 where a request has no days."""
        return self.kind.windows.get(self.granularity, 1)


def listed_anew(definitions: Sequence[ReportDefinition]) -> list[ReportDefinition]:
    """Return the reports whose tweets every sync has to list anew, because no report remembers them."""
    remembered = [each.selection for each in definitions if each.remembers_tweets]
    return [
        each
        for each in definitions
        if each.has_media
        or not (isinstance(each.selection, TweetIds) or any(_serves(other, each.selection) for other in remembered))
    ]


def _serves(remembered: TweetSelection, wanted: TweetSelection) -> bool:
    """Return whether the tweets of one selection, which are remembered, hold those of another."""
    if isinstance(remembered, RecentTweets):
        return isinstance(wanted, RecentTweets) and wanted.count <= remembered.count
    return isinstance(remembered, AllTweets)


def _granularity(dimensions: tuple[Dimension, ...]) -> Aggregate:
    if Dimension.HOUR in dimensions:
        return Aggregate.HOURLY
    return Aggregate.DAILY if Dimension.DAY in dimensions else Aggregate.TOTAL
