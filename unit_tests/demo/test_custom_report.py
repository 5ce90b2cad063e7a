"""The table that the demo makes of a custom report."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from demo import custom_report

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@pytest.fixture
def database() -> DuckDBPyConnection:
    duckdb = pytest.importorskip("duckdb", reason="comes with PyAirbyte, which needs Python 3.11 or 3.12")
    connection: DuckDBPyConnection = duckdb.connect()
    connection.execute(
        "CREATE TABLE accounts (id VARCHAR, username VARCHAR, is_own_account BOOLEAN, followers_count INT)"
    )
    connection.execute(
        "INSERT INTO accounts VALUES ('1', 'small', TRUE, 5), ('2', 'big', TRUE, 50), ('3', 'rival', FALSE, 500)"
    )
    connection.execute(
        "CREATE TABLE engagement_by_hour (account_id VARCHAR, date DATE, hour INT, impressions INT, engagements INT)"
    )
    return connection


def test_hours_are_added_up_and_weekdays_are_averages(database: DuckDBPyConnection) -> None:
    monday = date(2026, 11, 2)
    rows = [(monday + week * timedelta(days=7), hour, 10 * (week + 1)) for week in range(2) for hour in range(24)]
    rows += [(monday + timedelta(days=6), 23, 7)]
    for account, times in (("2", 1), ("1", 1000)):
        database.executemany(
            "INSERT INTO engagement_by_hour VALUES (?, ?, ?, ?, 0)",
            [(account, day, hour, times * impressions) for day, hour, impressions in rows],
        )

    account, table = custom_report.when_seen(database)

    assert account == "@big"
    titles, first, *_, last = table.splitlines()
    assert titles.split() == ["00-04", "h", "04-08", "h", "08-12", "h", "12-16", "h", "16-20", "h", "20-24", "h"]
    assert first.split() == ["Monday", *["60"] * 6]
    assert last.split() == ["Sunday", *["0"] * 5, "7"]


def test_the_definition_is_shown_as_it_is() -> None:
    assert json.loads(custom_report.definition()) == custom_report.DEFINITION
