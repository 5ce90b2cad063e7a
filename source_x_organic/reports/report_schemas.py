"""The JSON schema of a custom report, made from its definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.config import Dimension, ReportType
from source_x_organic.reports.kinds import Api

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.reports.meanings import Metric

Property = dict[str, Any]


def json_schema(definition: ReportDefinition) -> dict[str, Any]:
    """Return the schema of the report's rows: key columns are always there, figures may be null."""
    account, *others = definition.key_columns
    properties = {account: _KEYS[account](definition)}
    if definition.has_ads_account:
        words = "Id of the Ads account that the row was read through. Unit: Ads account id in base 36."
        properties["ads_account_id"] = {"type": ["null", "string"], "description": f"{words} Source: X Ads API."}
    properties |= {column: _KEYS[column](definition) for column in others}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": definition.name,
        "description": f"Custom report from {definition.kind.source}: one row per {_grain(definition)}.",
        "type": "object",
        "additionalProperties": True,
        "properties": properties | _figures(definition),
    }


def _grain(definition: ReportDefinition) -> str:
    week = {Dimension.DAY: "week"} if definition.has_weeks else {}
    *others, last = ["account", *(week.get(dimension, dimension) for dimension in definition.dimensions)]
    return f"{', '.join(others)} and {last}" if others else last


def _figures(definition: ReportDefinition) -> dict[str, Property]:
    by_name = {metric.name: metric for metric in definition.kind.metrics}
    metrics = [by_name[name] for name in definition.metrics]
    if Dimension.METRIC in definition.dimensions:
        return {"value": _value(metrics, definition)}
    return {metric.name: _figure(metric, definition) for metric in metrics}


def _figure(metric: Metric, definition: ReportDefinition) -> Property:
    return {
        "type": ["null", "integer"],
        "description": (
            f"{metric.counts}, {_extent(definition)}; null where X gives none. Unit: {metric.unit}. "
            f"Source: {definition.kind.source}, `{metric.name}`."
        ),
    }


def _value(metrics: list[Metric], definition: ReportDefinition) -> Property:
    units = ", ".join(f"{metric.unit} where `metric` is {metric.name}" for metric in metrics)
    return {
        "type": ["null", "integer"],
        "description": (
            f"Figure of the metric, {_extent(definition)}; null where X gives none. Unit: {units}. "
            f"Source: {definition.kind.source}."
        ),
    }


def _extent(definition: ReportDefinition) -> str:
    """Return what a figure adds up: which time, and which tweets."""
    time = _time(definition)
    return time if Dimension.TWEET in definition.dimensions else f"{time}, all tweets of the report together"


def _time(definition: ReportDefinition) -> str:
    whole = _WITHOUT_PERIOD.get(definition.kind.type)
    part = _part_of_time(definition)
    if part is None:
        return whole or "in the period of the report"
    return f"{part}, {whole}" if whole else part


_WITHOUT_PERIOD = {
    ReportType.ENGAGEMENT_28HR: "in the 28 hours before it was read",
    ReportType.ENGAGEMENT_TOTALS: "from the tweet's posting until it was read",
}


def _part_of_time(definition: ReportDefinition) -> str | None:
    has_day = Dimension.DAY in definition.dimensions
    if Dimension.HOUR in definition.dimensions:
        return "in the hour" if has_day else "in this hour of the day"
    if has_day:
        return "in the week" if definition.has_weeks else "on the day"
    return None


def _clock(definition: ReportDefinition) -> str:
    return "in the time zone of the Ads account" if definition.kind.api is Api.ADS else "in UTC"


def _account_id(_definition: ReportDefinition) -> Property:
    words = "Id of the X user who posted the tweets; joins `accounts.id`. Unit: id, decimal digits."
    return {"type": "string", "description": f"{words} Source: the user whose tweets were read."}


def _tweet_id(definition: ReportDefinition) -> Property:
    of_media = definition.kind.type is ReportType.MEDIA_ANALYTICS
    words = "Id of the tweet that the media are in; its media are added up" if of_media else "Id of the tweet"
    return {
        "type": "string",
        "description": f"{words}; joins `tweets.id`. Unit: id, decimal digits. Source: {definition.kind.source}.",
    }


def _date(definition: ReportDefinition) -> Property:
    words = "First day of the week, a Monday" if definition.has_weeks else "Day of the figures"
    return {
        "type": "string",
        "format": "date",
        "description": f"{words}. Unit: calendar day {_clock(definition)}. Source: {definition.kind.source}.",
    }


def _hour(definition: ReportDefinition) -> Property:
    words = "Hour in which the figures fell; 0 is the first of the day"
    return {
        "type": "integer",
        "description": (
            f"{words}. Unit: hour of the day from 0 to 23, {_clock(definition)}. Source: {definition.kind.source}."
        ),
    }


def _metric(definition: ReportDefinition) -> Property:
    names = ", ".join(definition.metrics)
    return {
        "type": "string",
        "description": f"Name of the metric: {names}. Unit: one word, as X spells it. Source: the report's definition.",
    }


_KEYS: Mapping[str, Callable[[ReportDefinition], Property]] = {
    "account_id": _account_id,
    "tweet_id": _tweet_id,
    "date": _date,
    "hour": _hour,
    "metric": _metric,
}
