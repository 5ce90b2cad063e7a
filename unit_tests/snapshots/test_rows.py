"""A post's day becomes a whole row of the report."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from jsonschema import Draft7Validator

import source_x_organic
from source_x_organic.reports.columns import COLUMNS, METRICS
from source_x_organic.snapshots.counters import PRIVATE, PUBLIC, UNKNOWN
from source_x_organic.snapshots.rows import report_row
from source_x_organic.snapshots.tracking import DayGrowth
from unit_tests.snapshots.invented import instant

GROWTH = DayGrowth(
    tweet_id="1990000000000000001",
    day=date(2026, 11, 10),
    start=instant(10, 6) + timedelta(milliseconds=250),
    end=instant(11),
    is_estimated=True,
    is_final=True,
    source=PRIVATE,
    totals=(120, 5, 1, -2, None, 4, 17, 0, 3),
)


def test_a_row_has_every_column_in_order_and_null_where_snapshots_tell_nothing() -> None:
    row = report_row(GROWTH, "7")

    assert tuple(row) == COLUMNS
    assert {name: value for name, value in row.items() if value is not None} == {
        "account_id": "7",
        "tweet_id": "1990000000000000001",
        "date": "2026-11-10",
        "placement": "ALL_ON_TWITTER",
        "metrics_source": "x_api_metrics",
        "period_start": "2026-11-10T06:00:00Z",
        "period_end": "2026-11-11T00:00:00Z",
        "is_estimated": True,
        "is_final": True,
        "impressions": 120,
        "likes": 5,
        "replies": 1,
        "retweets": -2,
        "user_profile_clicks": 4,
        "engagements": 17,
        "quote_tweets": 0,
        "bookmarks": 3,
    }


def test_a_row_of_somebody_elses_post_says_where_it_comes_from() -> None:
    growth = GROWTH._replace(source=PUBLIC, is_estimated=False, is_final=False, totals=UNKNOWN)
    row = report_row(growth, "8")

    assert (row["metrics_source"], row["is_estimated"], row["is_final"]) == ("x_api_public", False, False)
    assert {row[metric] for metric in METRICS} == {None}


def test_rows_are_what_the_schema_of_the_report_says() -> None:
    schema = json.loads((Path(source_x_organic.__file__).parent / "schemas" / "organic_report.json").read_text("utf-8"))

    Draft7Validator(schema).validate(report_row(GROWTH, "7"))
