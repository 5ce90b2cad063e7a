"""What X's reports offer is what X documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from source_x_organic.config import Aggregate, ReportType
from source_x_organic.reports.kinds import Api, kind_of

MANIFEST = Path(__file__).parents[2] / "source_x_organic" / "manifest.yaml"
PAGE = Path(__file__).parents[2] / "docs" / "x-organic.md"
OPENAPI = Path(__file__).parents[3] / "shared" / "openapi" / "x-api-2.167.json"

LIMITS = {
    # report: API, metrics, dimensions, aggregates, ids in a request, days in a request, days that X keeps
    "engagement_historical": (Api.ENGAGEMENT, 17, "tweet day hour metric", "", 25, {28}, 365),
    "engagement_28hr": (Api.ENGAGEMENT, 17, "tweet day hour metric", "", 25, set(), None),
    "engagement_totals": (Api.ENGAGEMENT, 7, "tweet metric", "", 250, set(), None),
    "tweet_analytics": (
        Api.X,
        20,
        "tweet day hour metric",
        "hourly daily weekly total",
        100,
        {7, 98, 364},
        None,
    ),
    "media_analytics": (Api.X, 10, "tweet day hour metric", "hourly daily total", 100, {7, 98, 364}, None),
    "ads_organic": (Api.ADS, 25, "tweet day hour metric", "hourly daily total", 20, {90}, None),
}


@pytest.mark.parametrize("report_type", ReportType)
def test_a_report_has_the_limits_that_x_documents(report_type: ReportType) -> None:
    kind = kind_of(report_type)
    api, metrics, dimensions, aggregates, batch, windows, reach = LIMITS[report_type]
    assert kind.type is report_type
    assert (kind.api, len(kind.metrics), kind.batch, kind.reach_days) == (api, metrics, batch, reach)
    assert (list(kind.dimensions), list(kind.aggregates)) == (dimensions.split(), aggregates.split())
    assert set(kind.windows.values()) == windows
    assert kind.has_period == bool(windows)


@pytest.mark.parametrize("report_type", ReportType)
def test_names_are_told_apart_and_every_other_name_leads_to_one_of_them(report_type: ReportType) -> None:
    kind = kind_of(report_type)
    names = kind.metric_names
    assert len(set(names)) == len(names)
    assert set(kind.other_names.values()) <= set(names)
    assert not set(kind.other_names) & set(names)
    assert kind.public_metrics <= set(names)


@pytest.mark.parametrize("report_type", ReportType)
def test_a_window_is_known_for_every_aggregate_that_can_be_chosen(report_type: ReportType) -> None:
    kind = kind_of(report_type)
    if kind.has_period:
        assert set(kind.windows) >= set(kind.aggregates)
        assert kind.windows.get(Aggregate.WEEKLY, 7) % 7 == 0


def test_the_engagement_api_has_quotes_among_the_totals_alone_and_five_public_metrics() -> None:
    totals, day = kind_of(ReportType.ENGAGEMENT_TOTALS), kind_of(ReportType.ENGAGEMENT_HISTORICAL)
    assert set(totals.metric_names) - set(day.metric_names) == {"quote_tweets"}
    assert set(totals.metric_names) - totals.public_metrics == {"impressions", "engagements"}
    assert day.metric_names == kind_of(ReportType.ENGAGEMENT_28HR).metric_names


@pytest.fixture(scope="module")
def form() -> dict[str, Any]:
    specification = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["spec"]["connection_specification"]
    questions: dict[str, Any] = specification["properties"]["custom_reports"]["items"]["properties"]
    return questions


@pytest.mark.parametrize("report_type", ReportType)
def test_the_form_and_the_page_list_the_metrics_of_every_report(report_type: ReportType, form: dict[str, Any]) -> None:
    names = list(kind_of(report_type).metric_names)
    in_form = {
        name: re.findall(r"\w+", listed.partition(";")[0])
        for types, listed in re.findall(r"<li>(.+?): (.+?)</li>", form["metrics"]["description"])
        for name in re.findall(r"<code>(\w+)</code>", types)
    }
    assert in_form[report_type] == names
    on_page = {
        name: re.findall(r"`(\w+)`", listed)
        for types, listed in re.findall(
            r"^- \*\*(.+?)\*\*: ((?:.|\n)+?)\.$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
        )
        for name in re.findall(r"`(\w+)`", types)
    }
    assert on_page[report_type] == names


@pytest.mark.skipif(not OPENAPI.is_file(), reason="X's OpenAPI description (../shared/openapi) is not on this machine")
@pytest.mark.parametrize(
    ("report_type", "parameter", "path", "id_field"),
    [
        (ReportType.TWEET_ANALYTICS, "analytics.fields", "/2/tweets/analytics", "id"),
        (ReportType.MEDIA_ANALYTICS, "media_analytics.fields", "/2/media/analytics", "media_key"),
    ],
)
def test_metrics_and_aggregates_of_analytics_are_those_of_xs_openapi_description(
    report_type: ReportType, parameter: str, path: str, id_field: str
) -> None:
    described = json.loads(OPENAPI.read_text(encoding="utf-8"))
    [fields] = [each for each in described["components"]["parameters"].values() if each["name"] == parameter]
    asked = {each["name"]: each["schema"] for each in described["paths"][path]["get"]["parameters"] if "name" in each}
    kind = kind_of(report_type)
    assert {*kind.metric_names, id_field, "timestamp", "timestamped_metrics"} == set(fields["schema"]["items"]["enum"])
    assert set(kind.aggregates) == set(asked["granularity"]["enum"])
