"""The document of the metrics against the code: every metric is explained, under the names that the code reads."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pytest

from source_x_organic.ads_api.stats import REPORT_METRICS
from source_x_organic.reports.columns import METRICS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
NONE = "\N{EN DASH}"
COUNTERS = re.compile(r"_counts?$|^(organic|non_public)_")


def section(heading: str) -> str:
    """Return the text of one chapter."""
    found = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def cells(text: str) -> list[list[str]]:
    """Return the cells of the rows that begin with a column's name."""
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]


def test_every_metric_of_the_report_is_explained_once() -> None:
    told = [row[0].strip("`") for row in cells(section("Daily counts: `organic_report`"))]
    assert sorted(name for name in told if name in METRICS) == sorted(METRICS)
    assert {name for name in told if not name.isupper()} - set(METRICS) <= {"api_access", "X_API`, accounts of others"}


def test_the_ads_api_has_its_metrics_under_the_names_that_are_read() -> None:
    told = {row[0].strip("`"): row[2].strip("`") for row in cells(section("Daily counts: `organic_report`"))}
    names = {told[column]: column for column in METRICS if told[column] != NONE}
    assert names == REPORT_METRICS


def test_names_of_the_other_sources_are_those_of_the_schema() -> None:
    properties = json.loads(
        resources.files("source_x_organic").joinpath("schemas", "organic_report.json").read_text(encoding="utf-8")
    )["properties"]
    for row in cells(section("Daily counts: `organic_report`")):
        column = row[0].strip("`")
        if column in METRICS:
            fed, _, _ = properties[column]["description"].partition("; null with the")
            assert re.findall(r"`([^`]+)`", " ".join(row[2:])) == re.findall(r"`([^`]+)`", fed), column


@pytest.mark.parametrize(
    ("stream", "heading"),
    [
        ("tweet_insights", "Counts of a lifetime: `tweet_insights`"),
        ("account_insights", "An account's counters: `account_insights`"),
    ],
)
def test_every_counter_of_the_snapshots_is_explained_and_null_with_the_ads_api_where_the_schema_says_so(
    stream: str, heading: str
) -> None:
    schema = resources.files("source_x_organic").joinpath("schemas", f"{stream}.json").read_text(encoding="utf-8")
    properties = json.loads(schema)["properties"]
    told = {row[0].strip("`"): row for row in cells(section(heading))}
    assert set(told) == {name for name in properties if COUNTERS.search(name)}
    for name, row in told.items():
        assert ("null with the Ads API" in properties[name]["description"]) == (row[3] == NONE), name
