"""The shape of a report that the user defines.

Which metrics and aggregates a report type has is known by the code that reads it, not here.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

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


class _RightParts(dict[str, Any]):
    """The properties of one report and of its period that are right by themselves; no two have one name."""


_OF_REPORTS = ("table_name", "report_type", "metrics", "dimensions", "aggregate")
_DAYS = ("date", "start", "end")
_DAYS_AGO = ("days", "from_days_back")


class _ReportPart(FrozenModel):
    """A part of a report's definition: what is right of one can be told beside what is not."""

    @field_validator(*_OF_REPORTS, *_DAYS, *_DAYS_AGO, mode="wrap", check_fields=False)
    @classmethod
    def _keep_what_is_right(cls, value: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
        if not isinstance(info.context, _RightParts) or not info.field_name:
            return handler(value)
        try:
            result = info.context[info.field_name] = handler(value)
        except ValidationError as error:
            if isinstance(value, list):
                wrong = {detail["loc"][0] for detail in error.errors(include_input=False) if detail["loc"]}
                with suppress(ValidationError):
                    rest = [item for place, item in enumerate(value) if place not in wrong]
                    info.context[info.field_name] = handler(rest)
            raise
        return result


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


class SingleDay(_ReportPart):
    """One calendar day."""

    type: Literal["date"] = "date"
    date: Day


class DaysBack(_ReportPart):
    """The single day `days` days before today."""

    type: Literal["days_back"] = "days_back"
    days: DaysAgo


class DateRange(_ReportPart):
    """From `start` to `end`, both days included."""

    type: Literal["range"] = "range"
    start: Day
    end: Day

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.start > self.end:
            raise refused("ends before it starts: swap start and end.")
        return self


class RelativeRange(_ReportPart):
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


class CustomReport(_ReportPart):
    """One report stream that the user defines; `metrics` are not checked here."""

    table_name: Annotated[str, Field(pattern=TABLE_NAME_PATTERN)]
    report_type: Annotated[ReportType, one_of(ReportType, shows_value=True)]
    metrics: Annotated[tuple[Text, ...], Field(min_length=1), AfterValidator(_without_repeats)]
    dimensions: Annotated[
        tuple[Annotated[Dimension, one_of(Dimension, shows_value=True)], ...], AfterValidator(_without_repeats)
    ] = ()
    aggregate: Annotated[Aggregate, one_of(Aggregate, shows_value=True)] | None = None
    tweets: Tweets = AllTweets()
    period: Period = TimeframePeriod()


@dataclass(frozen=True)
class ReportDraft:
    """What is right by itself in the definition of one report; None, or nothing, for what is wrong or left out.

    Attributes:
        place: Its place in the list.
        selection: Which kind of choice of tweets.
        period: Which kind of period.
        days: The days that the period names, the last one last: `date`, or `start` and `end`.
        days_ago: The days that it counts back, by the name of the property.
    """

    place: int
    table_name: str | None = None
    report_type: ReportType | None = None
    metrics: tuple[str, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    aggregate: Aggregate | None = None
    selection: str | None = None
    period: str | None = None
    days: Mapping[str, date] = field(default_factory=dict)
    days_ago: Mapping[str, int] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The report as messages name it."""
        return f"custom_reports[{self.place}]"


def drafts_of(reports: Iterable[object]) -> tuple[ReportDraft, ...]:
    """Return what is right of each report; `reports` are objects as they are saved, or anything else."""
    return tuple(_draft(report, place) for place, report in enumerate(reports))


def _draft(report: object, place: int) -> ReportDraft:
    right = _RightParts()
    with suppress(ValidationError):
        CustomReport.model_validate(report, context=right)
    return ReportDraft(
        place,
        table_name=right.get("table_name"),
        report_type=right.get("report_type"),
        metrics=right.get("metrics", ()),
        dimensions=right.get("dimensions", ()),
        aggregate=right.get("aggregate"),
        selection=_kind(report, "tweets", "selection"),
        period=_kind(report, "period", "type"),
        days={name: right[name] for name in _DAYS if name in right},
        days_ago={name: right[name] for name in _DAYS_AGO if name in right},
    )


def _kind(report: object, name: str, key: str) -> str | None:
    """Return which option is chosen, whatever else is wrong with it."""
    part = report.get(name) if isinstance(report, Mapping) else None
    kind = part.get(key) if isinstance(part, Mapping) else None
    return kind if isinstance(kind, str) else None
