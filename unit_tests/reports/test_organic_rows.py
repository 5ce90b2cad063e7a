"""Each tweet has a row for each day since it was posted, with X's own figures under the report's names."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from source_x_organic.config import ReportType
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.columns import COLUMNS, KEY, METRICS
from source_x_organic.reports.days import Days
from source_x_organic.reports.kinds import kind_of
from source_x_organic.reports.organic_rows import REPORT_METRICS, Row, organic_rows
from source_x_organic.reports.plan import Slice

DAYS = Days(date(2026, 11, 1), date(2026, 11, 3))
READ_AT = datetime(2026, 11, 5, tzinfo=UTC)  # exactly two days after the end of 2 November
PART = Slice(ids=("101", "102"), created=(date(2026, 5, 1), date(2026, 11, 3)), user_ids=("71", "71"), days=DAYS)
SOURCES = {
    "engagement_api": ReportType.ENGAGEMENT_HISTORICAL,
    "x_api_analytics": ReportType.TWEET_ANALYTICS,
}
SCHEMA = json.loads(
    resources.files("source_x_organic").joinpath("schemas", "organic_report.json").read_text(encoding="utf-8")
)
VALID = Draft7Validator(SCHEMA, format_checker=FormatChecker())


def rows(cells: Cells, source: str = "engagement_api") -> list[Row]:
    return list(organic_rows(cells, PART, source, read_at=READ_AT))


def test_a_row_holds_the_days_figures_and_null_for_what_x_did_not_say() -> None:
    cells = Cells()
    cells.add_figures(("101", "2026-11-02", None), {"impressions": 0, "favorites": 3, "user_follows": None})
    cells.add_figures(("101", "2026-11-04", None), {"impressions": 9})
    assert rows(cells)[1] == {
        "account_id": "71",
        "tweet_id": "101",
        "date": "2026-11-02",
        "placement": "ALL_ON_TWITTER",
        "metrics_source": "engagement_api",
        "period_start": "2026-11-02T00:00:00Z",
        "period_end": "2026-11-03T00:00:00Z",
        "is_estimated": False,
        "is_final": True,
        **dict.fromkeys(REPORT_METRICS["engagement_api"].values()),
        "impressions": 0,
        "likes": 3,
    }


def test_there_is_a_row_for_each_tweet_and_day_since_its_posting_whatever_x_answered() -> None:
    made = rows(Cells())
    assert [(row["tweet_id"], row["date"], row["is_final"]) for row in made] == [
        ("101", "2026-11-01", True),
        ("101", "2026-11-02", True),
        ("101", "2026-11-03", False),
        ("102", "2026-11-03", False),
    ]
    assert {row["impressions"] for row in made} == {None}


@pytest.mark.parametrize(("source", "report"), SOURCES.items())
def test_every_metric_of_a_source_has_a_column_of_its_own(source: str, report: ReportType) -> None:
    columns = REPORT_METRICS[source]
    assert tuple(columns) == kind_of(report).metric_names
    assert len(set(columns.values())) == len(columns)
    assert set(columns.values()) <= set(METRICS)
    assert {name: column for name, column in columns.items() if name != column} == (
        {"favorites": "likes", "user_follows": "follows"} if source == "engagement_api" else {}
    )


@pytest.mark.parametrize("source", SOURCES)
@given(st.data())
def test_every_figure_is_in_its_row_and_rows_fit_the_schema(source: str, data: st.DataObject) -> None:
    cells = Cells()
    figures = data.draw(
        st.dictionaries(
            st.tuples(
                st.sampled_from(PART.ids),
                st.sampled_from([day.isoformat() for day in DAYS]),
                st.sampled_from(list(REPORT_METRICS[source])),
            ),
            st.none() | st.integers(0, 2**53),
        )
    )
    for (tweet_id, day, metric), figure in figures.items():
        cells.add((tweet_id, day, None), metric, figure)
    made = {tuple(row[name] for name in KEY): row for row in rows(cells, source)}
    for (tweet_id, day, metric), figure in figures.items():
        row = made.get(("71", tweet_id, day, "ALL_ON_TWITTER"))
        assert row is None or row[REPORT_METRICS[source][metric]] == figure
    for row in made.values():
        assert set(row) <= set(COLUMNS)
        VALID.validate(dict.fromkeys(COLUMNS) | row)


def test_a_day_ends_24_hours_after_it_began() -> None:
    for row in rows(Cells()):
        start, end = (datetime.fromisoformat(row[name]) for name in ("period_start", "period_end"))
        assert (start.date().isoformat(), end - start) == (row["date"], timedelta(days=1))
