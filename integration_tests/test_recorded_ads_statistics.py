"""Statistics that the Ads API answered, as others recorded or documented them, become rows that keep every number."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft7Validator, FormatChecker

from integration_tests.recordings import Found, ads_answers, ads_objects, only_with_recordings, recordings
from source_x_organic.ads_api.stats import (
    REPORT_METRICS,
    ReportDays,
    ReportTable,
    entities_of,
    organic_report,
    organic_tweet_report,
)
from source_x_organic.fivetran_tables import FIVETRAN_METRICS
from source_x_organic.reports.days import Days
from source_x_organic.reports.plan import Slice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from integration_tests.recordings import Recording

pytestmark = only_with_recordings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
"""Where the one recorded answer by days has its midnights."""
FIRST_DAY = date(2020, 3, 30)
TABLES: dict[str, tuple[ReportTable, Mapping[str, str]]] = {
    "organic_report": (organic_report(ads_account_id="18ads"), REPORT_METRICS),
    "organic_tweet_report": (organic_tweet_report(ads_account_id="18ads", synced_at=NOW), FIVETRAN_METRICS),
}


def validator(table: str) -> Draft7Validator:
    schema = resources.files("source_x_organic").joinpath("schemas", f"{table}.json").read_text(encoding="utf-8")
    return Draft7Validator(json.loads(schema), format_checker=FormatChecker())


VALID = {table: validator(table) for table in TABLES}


def is_statistics(item: dict[str, Any]) -> bool:
    return "id_data" in item


def with_statistics() -> list[Recording]:
    names = {found.place.rpartition(":")[0] for found in ads_objects(is_statistics)}
    return [recording for recording in recordings("ads") if recording.name in names]


def rows_of(entity: dict[str, Any], table: str, length: int) -> list[dict[str, Any]]:
    """Make the rows of an answer with `length` numbers in each array, taken as so many days."""
    days = Days(FIRST_DAY, FIRST_DAY + timedelta(days=length - 1))
    part = Slice(ids=(entity["id"],), created=(days.first,), user_ids=("1",), days=days)
    return list(TABLES[table][0].rows(entity, part, ReportDays.of(days, TOKYO, NOW)))


def metrics_of(entity: dict[str, Any]) -> dict[str, list[int] | None]:
    (part,) = entity["id_data"]
    metrics: dict[str, list[int] | None] = part["metrics"]
    return metrics


def test_statistics_are_among_the_answers() -> None:
    assert len(ads_objects(is_statistics)) == 7


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("found", ads_objects(is_statistics), ids=lambda found: found.place)
def test_every_number_is_in_the_row_of_its_day_and_null_is_nought(found: Found, table: str) -> None:
    metrics = metrics_of(found.sent)
    length = max(len(values) for values in metrics.values() if values)
    rows = rows_of(found.sent, table, length)
    columns = TABLES[table][1]
    for name, values in metrics.items():
        assert [row[columns[name]] for row in rows] == (values or [0] * length), name
    for row in rows:
        VALID[table].validate(row)
        assert {row[column] for name, column in columns.items() if name not in metrics} <= {None}


@pytest.mark.parametrize("recording", with_statistics(), ids=lambda recording: recording.name)
def test_an_answer_read_piece_by_piece_is_the_same_as_read_whole(recording: Recording) -> None:
    assert list(entities_of(io.BytesIO(recording.body))) == recording.document["data"]


def test_days_begin_and_end_at_the_instants_that_x_was_asked_for() -> None:
    answers = [
        document for _, document in ads_answers() if isinstance(document, dict) and "time_series_length" in document
    ]
    asked = [(answer, answer["request"].get("params", {})) for answer in answers]
    by_days = [(answer, params) for answer, params in asked if params.get("granularity") == "DAY"]
    assert len(by_days) == 1
    for answer, params in by_days:
        for entity in answer["data"]:
            rows = rows_of(entity, "organic_report", answer["time_series_length"])
            assert (rows[0]["period_start"], rows[-1]["period_end"]) == (params["start_time"], params["end_time"])
            fivetran = rows_of(entity, "organic_tweet_report", answer["time_series_length"])
            assert [row["date"] for row in fivetran] == [row["period_start"] for row in rows]
