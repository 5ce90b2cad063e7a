"""A report's schema describes the rows that come of its definition: each column, its unit and its source."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import AirbyteCatalog, AirbyteStream, SyncMode
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from source_x_organic.catalog import Presentation
from source_x_organic.config import Aggregate, ConfigError, CustomReport, Dimension, ReportType, parse_config
from source_x_organic.reports.cells import Cells, rows
from source_x_organic.reports.definitions import ReportDefinition
from source_x_organic.reports.kinds import kind_of
from source_x_organic.reports.report_schemas import json_schema

TWEET, DAY, HOUR, METRIC = Dimension


def defined(**properties: Any) -> ReportDefinition:  # noqa: ANN401 - as a form sends them
    report = {"table_name": "mine", "report_type": "engagement_historical", "metrics": ["favorites"], **properties}
    return ReportDefinition.of(CustomReport.model_validate(report))


@st.composite
def definitions(draw: st.DrawFn) -> ReportDefinition:
    kind = kind_of(draw(st.sampled_from(ReportType)))
    return defined(
        report_type=kind.type,
        metrics=draw(st.lists(st.sampled_from(kind.metric_names), min_size=1, unique=True)),
        dimensions=draw(st.lists(st.sampled_from(kind.dimensions), unique=True)),
        aggregate=draw(st.none() | st.sampled_from([*kind.aggregates, Aggregate.TOTAL])),
    )


@given(definitions(), st.none() | st.integers(0))
def test_rows_have_exactly_the_columns_of_the_schema_in_its_order_and_keep_to_it(
    definition: ReportDefinition, value: int | None
) -> None:
    schema = json_schema(definition)
    Draft7Validator.check_schema(schema)
    cells = Cells()
    chosen = definition.dimensions
    key = ("17" if TWEET in chosen else None, "2026-07-01" if DAY in chosen else None, 23 if HOUR in chosen else None)
    cells.add(key, definition.metrics[0], value)
    made = list(rows(cells, definition, "7", ads_account_id="18ce54d4x5t"))
    assert len(made) == (len(definition.metrics) if METRIC in chosen else 1)
    for row in made:
        Draft7Validator(schema).validate(row)
        assert list(row) == list(schema["properties"])


@given(definitions())
def test_every_column_says_what_it_is_in_which_unit_and_from_where_and_keys_are_never_null(
    definition: ReportDefinition,
) -> None:
    schema = json_schema(definition)
    assert (schema["title"], schema["type"], schema["additionalProperties"]) == ("mine", "object", True)
    assert "one row per account" in schema["description"]
    for name, column in schema["properties"].items():
        meaning, unit, after = column["description"].partition(" Unit: ")
        assert all((meaning, unit, " Source: " in after, column["description"].endswith("."))), name
        assert isinstance(column["type"], str) == (name in definition.key_columns), name


@pytest.mark.parametrize("report_type", ReportType)
def test_every_metric_of_every_report_names_itself_as_x_spells_it(report_type: ReportType) -> None:
    kind = kind_of(report_type)
    columns = json_schema(defined(report_type=report_type, metrics=kind.metric_names))["properties"]
    for metric in kind.metrics:
        description = columns[metric.name]["description"]
        assert description.startswith(metric.counts)
        assert description.endswith(f"Source: {kind.source}, `{metric.name}`.")


def test_a_report_by_tweet_and_day_has_a_column_for_each_metric() -> None:
    assert json_schema(defined(dimensions=["tweet", "day"], metrics=["url_clicks"])) == {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "mine",
        "description": "Custom report from X Engagement API, historical: one row per account, tweet and day.",
        "type": "object",
        "additionalProperties": True,
        "properties": {
            "account_id": {
                "type": "string",
                "description": "Id of the X user who posted the tweets; joins `accounts.id`. Unit: id, decimal digits. "
                "Source: the user whose tweets were read.",
            },
            "tweet_id": {
                "type": "string",
                "description": "Id of the tweet; joins `tweets.id`. Unit: id, decimal digits. "
                "Source: X Engagement API, historical.",
            },
            "date": {
                "type": "string",
                "format": "date",
                "description": "Day of the figures. Unit: calendar day in UTC. Source: X Engagement API, historical.",
            },
            "url_clicks": {
                "type": ["null", "integer"],
                "description": "Clicks on links in the tweet, on the day; null where X gives none. Unit: clicks. "
                "Source: X Engagement API, historical, `url_clicks`.",
            },
        },
    }


def test_a_report_by_metric_has_a_name_and_a_value() -> None:
    columns = json_schema(defined(dimensions=["metric"], metrics=["favorites", "url_clicks"]))["properties"]
    assert list(columns) == ["account_id", "metric", "value"]
    assert columns["metric"]["description"].startswith("Name of the metric: favorites, url_clicks.")
    assert (
        "Unit: likes where `metric` is favorites, clicks where `metric` is url_clicks."
        in (columns["value"]["description"])
    )


@pytest.mark.parametrize(
    ("properties", "extent"),
    [
        ({"dimensions": ["tweet", "day", "hour"]}, "Likes, in the hour;"),
        ({"dimensions": ["tweet", "hour"]}, "Likes, in this hour of the day;"),
        ({"dimensions": ["day"]}, "Likes, on the day, all tweets of the report together;"),
        ({"dimensions": ["tweet"]}, "Likes, in the period of the report;"),
        ({"report_type": "engagement_28hr", "dimensions": ["tweet"]}, "Likes, in the 28 hours before it was read;"),
        (
            {"report_type": "engagement_28hr", "dimensions": ["tweet", "day"]},
            "Likes, on the day, in the 28 hours before it was read;",
        ),
        (
            {"report_type": "engagement_totals", "dimensions": ["tweet"]},
            "Likes, from the tweet's posting until it was read;",
        ),
    ],
)
def test_a_figure_says_what_it_adds_up(properties: dict[str, Any], extent: str) -> None:
    assert json_schema(defined(**properties))["properties"]["favorites"]["description"].startswith(extent)


def test_weeks_are_told_from_days() -> None:
    weekly = {"report_type": "tweet_analytics", "metrics": ["likes"], "dimensions": ["day"], "aggregate": "weekly"}
    schema = json_schema(defined(**weekly))
    assert schema["description"].endswith("one row per account and week.")
    assert schema["properties"]["date"]["description"].startswith("First day of the week, a Monday.")
    assert "in the week" in schema["properties"]["likes"]["description"]


def test_days_and_hours_of_the_ads_api_are_those_of_the_ads_account() -> None:
    ads = {"report_type": "ads_organic", "metrics": ["likes"], "dimensions": ["day", "hour"]}
    columns = json_schema(defined(**ads))["properties"]
    assert list(columns) == ["account_id", "ads_account_id", "date", "hour", "likes"]
    for name in ("date", "hour"):
        assert "in the time zone of the Ads account" in columns[name]["description"]


@pytest.mark.parametrize("name", ["favorites", "Tweet_ID"])
def test_a_constant_column_named_as_a_metric_or_a_dimension_is_a_conflict(name: str) -> None:
    config = parse_config(
        {
            "credentials": {"auth_type": "bearer", "bearer_token": "invented"},
            "sync_mode": "SpecificAccounts",
            "accounts": ["@lumen_mill"],
            "constant_columns": [{"name": name, "value": "x"}],
        }
    )
    stream = AirbyteStream(
        name="mine", json_schema=json_schema(defined(dimensions=["tweet"])), supported_sync_modes=[SyncMode.incremental]
    )
    with pytest.raises(ConfigError) as caught:
        Presentation(config).dress_catalog(AirbyteCatalog(streams=[stream]))
    assert str(caught.value) == (
        f"constant_columns: the name {name!r} is a column of the stream mine already. Choose another name."
    )
