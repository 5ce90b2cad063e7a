"""The schema of the report and the names in the code are the same columns, in the same order."""

from __future__ import annotations

import json
from importlib import resources

from source_x_organic.ads_api.stats import REPORT_METRICS
from source_x_organic.reports.columns import COLUMNS, KEY, METRICS

PROPERTIES = json.loads(
    resources.files("source_x_organic").joinpath("schemas", "organic_report.json").read_text(encoding="utf-8")
)["properties"]


def test_the_schema_describes_the_columns_in_their_order() -> None:
    assert tuple(PROPERTIES) == COLUMNS
    assert COLUMNS[:4] == KEY


def test_a_metric_may_be_null_and_all_else_but_the_ads_account_may_not() -> None:
    nullable = {name: prop["type"] for name, prop in PROPERTIES.items() if isinstance(prop["type"], list)}
    assert nullable == {"ads_account_id": ["null", "string"]} | {name: ["null", "integer"] for name in METRICS}


def test_a_metric_says_that_the_ads_api_feeds_it_where_it_does_and_that_it_is_null_where_not() -> None:
    names = {column: name for name, column in REPORT_METRICS.items()}
    for column in METRICS:
        _, _, source = PROPERTIES[column]["description"].partition(" Source: ")
        fed, _, null = source.partition("; null with ")
        if column in names:
            assert fed.startswith(f"X Ads API statistics of organic tweets, `{names[column]}`, 0 where X sends null"), (
                column
            )
            assert "the Ads API" not in null, column
        else:
            assert "X Ads API" not in fed, column
            assert null.startswith("the Ads API"), column
