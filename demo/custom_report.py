"""A report as a user defines it: when posts are seen, by the hour, from the Engagement API."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from demo import reading, tables
from demo.ads import requests_made
from demo.connector import Connector

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

TABLE = "engagement_by_hour"
DEFINITION = {
    "table_name": TABLE,
    "report_type": "engagement_historical",
    "metrics": ["impressions", "engagements"],
    "dimensions": ["day", "hour"],
    "tweets": {"selection": "recent", "count": 100},
    "period": {"type": "relative_range", "from_days_back": 28, "to_days_back": 1},
}
"""Domo's Historical Engagement: the newest hundred posts of each account, by date and hour, for four weeks."""

_ENDPOINT = "insights/engagement/historical"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = 4

_BY_WEEKDAY = f"""
    SELECT isodow(date), hour // {_HOURS}, round(sum(impressions) / count(DISTINCT date))
    FROM {TABLE} JOIN accounts ON accounts.id = {TABLE}.account_id
    WHERE accounts.username = ? GROUP BY 1, 2
"""  # noqa: S608 - constants
_BIGGEST = """
    SELECT username FROM accounts WHERE is_own_account ORDER BY followers_count DESC LIMIT 1
"""


def definition() -> str:
    """Return what the user wrote, for a reader at a terminal."""
    return textwrap.fill(json.dumps(DEFINITION), 100, initial_indent="  ", subsequent_indent="   ")


def read(airbyte: Any, config: Mapping[str, Any], database: Path) -> str:  # noqa: ANN401 - a module without types
    """Read the report of the accounts that have credentials of their own; return what came of it.

    Raises:
        CannotGoOn: something could not be read.
    """
    own = {**config, "sync_mode": "AllAccounts", "accounts": [], "custom_reports": [DEFINITION]}
    with Connector() as connector:
        with reading.without_progress():
            outcome = reading.read(
                airbyte, connector, own, reading.Database(database), streams=reading.Selection((TABLE,))
            )
        connector.raise_errors()
        made = requests_made(connector.heard.log)
    return f"  {outcome.records:,} records by {made[_ENDPOINT]} requests"


def when_seen(database: DuckDBPyConnection) -> tuple[str, str]:
    """Return an account, and how often its posts are seen on which weekday at which time."""
    ((account,),) = database.execute(_BIGGEST).fetchall()
    found = {(day, part): value for day, part, value in database.execute(_BY_WEEKDAY, [account]).fetchall()}
    parts = range(24 // _HOURS)
    titles = ["", *(f"{part * _HOURS:02}-{(part + 1) * _HOURS:02} h" for part in parts)]
    rows = [
        (name, *(int(found.get((place, part)) or 0) for part in parts)) for place, name in enumerate(_WEEKDAYS, start=1)
    ]
    return f"@{account}", tables.table(titles, rows)
