"""Statistics that the Ads API answered others keep every number on their way into rows."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft7Validator, FormatChecker

from integration_tests.recordings import Recording, only_with_recordings, recordings
from source_x_organic.ads_api.stats import (
    REPORT_METRICS,
    ReportDays,
    entities_of,
    organic_report,
    organic_tweet_report,
)
from source_x_organic.fivetran_tables import FIVETRAN_METRICS
from source_x_organic.reports.days import Days
from source_x_organic.reports.plan import Slice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from source_x_organic.ads_api.stats import ReportTable

READ_AT = datetime(2026, 11, 21, tzinfo=UTC)
FIRST = date(2026, 3, 1)
TABLES = {
    "organic_report": (organic_report(ads_account_id="18ce54d4x5t"), REPORT_METRICS),
    "organic_tweet_report": (organic_tweet_report(ads_account_id="18ce54d4x5t", synced_at=READ_AT), FIVETRAN_METRICS),
}


def statistics() -> list[Recording]:
    """Return the recorded answers that hold numbers of a window, whatever entity and granularity they are of."""
    return [
        recording
        for recording in recordings("ads")
        if recording.name.endswith(".json")
        and isinstance(recording.document, dict)
        and recording.document.get("data_type") == "stats"
    ]


STATISTICS = statistics()

on_all_statistics = pytest.mark.parametrize("recording", STATISTICS, ids=[each.name for each in STATISTICS])
on_both_tables = pytest.mark.parametrize("name", TABLES)


def asked(recording: Recording) -> Slice:
    """Return the slice that would have been answered so: a day for each number, all entities older than that."""
    ids = tuple(str(each["id"]) for each in recording.document["data"])
    last = FIRST + timedelta(days=recording.document["time_series_length"] - 1)
    return Slice(ids, (FIRST,) * len(ids), ("7",) * len(ids), Days(FIRST, last))


def rows(recording: Recording, entities: list[dict[str, Any]], table: ReportTable) -> list[dict[str, Any]]:
    part = asked(recording)
    days = ReportDays.of(part.days, ZoneInfo("America/Los_Angeles"), READ_AT)
    return [row for entity in entities for row in table.rows(entity, part, days)]


def expected(recording: Recording, columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what each row's metrics must be, by X's own word."""
    made = []
    for entity in recording.document["data"]:
        (part,) = entity["id_data"]
        for number in range(recording.document["time_series_length"]):
            metrics = {name: 0 if array is None else array[number] for name, array in part["metrics"].items()}
            made.append({column: metrics.get(name) for name, column in columns.items()})
    return made


@only_with_recordings
def test_there_are_recorded_statistics() -> None:
    assert len(STATISTICS) >= 5
    assert sum(len(each.document["data"]) for each in STATISTICS) >= 7


@on_both_tables
@on_all_statistics
def test_every_number_is_kept_and_every_null_array_is_zero(recording: Recording, name: str) -> None:
    table, columns = TABLES[name]
    made = rows(recording, recording.document["data"], table)
    assert [{column: row[column] for column in columns.values()} for row in made] == expected(recording, columns)
    assert {metric for each in recording.document["data"] for metric in each["id_data"][0]["metrics"]} <= set(columns)


@on_both_tables
@on_all_statistics
def test_the_rows_are_valid_and_the_same_from_a_result_file(recording: Recording, name: str) -> None:
    table, _ = TABLES[name]
    made = rows(recording, recording.document["data"], table)
    schema = resources.files("source_x_organic").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    validator = Draft7Validator(json.loads(schema), format_checker=FormatChecker())
    assert [error.message for row in made for error in validator.iter_errors(row)] == []
    assert rows(recording, list(entities_of(io.BytesIO(recording.body))), table) == made
