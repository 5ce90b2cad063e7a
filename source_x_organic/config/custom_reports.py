"""The shape of a report that the user defines.

Which metrics and aggregates a report type has is known by the code that reads it, not here.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from source_x_organic.config.problems import refused
from source_x_organic.config.values import TEXT, WHOLE_NUMBER, Day, DaysAgo, FrozenModel, Text, one_of

TABLE_NAME_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
POST_ID_PATTERN = r"^[0-9]{1,19}$"


class ReportType(StrEnum):
    """Which report of which API."""

    ENGAGEMENT_HISTORICAL = "engagement_historical"
    ENGAGEMENT_28HR = "engagement_28hr"
    ENGAGEMENT_TOTALS = "engagement_totals"
    TWEET_ANALYTICS = "tweet_analytics"
    MEDIA_ANALYTICS = "media_analytics"
    ADS_ORGANIC = "ads_organic"


class Dimension(StrEnum):
    """What a report is grouped by."""

    TWEET = "tweet"
    DAY = "day"
    HOUR = "hour"
    METRIC = "metric"


class Aggregate(StrEnum):
    """How much time one figure covers."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    TOTAL = "total"


class AllTweets(FrozenModel):
    """Every post of the timeframe."""

    selection: Literal["all"] = "all"


class RecentTweets(FrozenModel):
    """The `count` newest posts of each account, retweets aside."""

    selection: Literal["recent"] = "recent"
    count: Annotated[int, Field(ge=1), WHOLE_NUMBER]


class TweetIds(FrozenModel):
    """Named posts."""

    selection: Literal["ids"] = "ids"
    ids: tuple[Annotated[str, Field(pattern=POST_ID_PATTERN), TEXT], ...] = Field(min_length=1, max_length=100)


class TimeframePeriod(FrozenModel):
    """The timeframe of the connection, read incrementally."""

    type: Literal["timeframe"] = "timeframe"


class SingleDay(FrozenModel):
    """One calendar day."""

    type: Literal["date"] = "date"
    date: Day


class DaysBack(FrozenModel):
    """The single day `days` days before today."""

    type: Literal["days_back"] = "days_back"
    days: DaysAgo


class DateRange(FrozenModel):
    """From `start` to `end`, both days included."""

    type: Literal["range"] = "range"
    start: Day
    end: Day

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.start > self.end:
            raise refused("ends before it starts: swap start and end.")
        return self


class RelativeRange(FrozenModel):
    """From `from_days_back` to `to_days_back` days before today, both days included."""

    type: Literal["relative_range"] = "relative_range"
    from_days_back: DaysAgo
    to_days_back: DaysAgo

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.from_days_back < self.to_days_back:
            raise refused(
                "ends before it starts: from_days_back must be at least to_days_back, "
                "such as from 7 days back to 1 day back."
            )
        return self


def _or(default: dict[str, str]) -> BeforeValidator:
    """Return a validator that reads an empty object as the option that needs nothing."""

    def chosen(value: object) -> object:
        return default if value == {} else value

    return BeforeValidator(chosen)


Tweets = Annotated[
    Annotated[AllTweets | RecentTweets | TweetIds, Field(discriminator="selection")],
    _or({"selection": "all"}),
]
Period = Annotated[
    Annotated[
        TimeframePeriod | SingleDay | DaysBack | DateRange | RelativeRange,
        Field(discriminator="type"),
    ],
    _or({"type": "timeframe"}),
]


_Name = TypeVar("_Name", bound=str)


def _without_repeats(values: tuple[_Name, ...]) -> tuple[_Name, ...]:
    return tuple(dict.fromkeys(values))


class CustomReport(FrozenModel):
    """One report stream that the user defines; `metrics` are not checked here."""

    table_name: Annotated[str, Field(pattern=TABLE_NAME_PATTERN)]
    report_type: Annotated[ReportType, one_of(ReportType)]
    metrics: Annotated[tuple[Text, ...], Field(min_length=1), AfterValidator(_without_repeats)]
    dimensions: Annotated[tuple[Annotated[Dimension, one_of(Dimension)], ...], AfterValidator(_without_repeats)] = ()
    aggregate: Annotated[Aggregate, one_of(Aggregate)] | None = None
    tweets: Tweets = AllTweets()
    period: Period = TimeframePeriod()
