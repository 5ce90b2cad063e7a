"""Jobs that answer another question, of this connector or of anybody, are not taken for those that are wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from source_x_organic.ads_api.api import StatisticsRequest
from source_x_organic.ads_api.job_objects import by_question, question
from source_x_organic.reports.days import Days

REQUEST = StatisticsRequest("18ce", ("11", "12"), Days(date(2026, 11, 1), date(2026, 11, 2)), ZoneInfo("Asia/Kolkata"))
JOB: dict[str, Any] = {
    "id_str": "1",
    "entity": "ORGANIC_TWEET",
    "entity_ids": ["12", "11"],
    "placement": "ALL_ON_TWITTER",
    "granularity": "DAY",
    "metric_groups": ["VIDEO", "ENGAGEMENT"],
    "segmentation_type": None,
    "start_time": "2026-10-31T18:30:00Z",
    "end_time": "2026-11-02T18:30:00Z",
    "created_at": "2026-11-03T10:00:00Z",
}


def test_a_job_is_found_by_its_question_whatever_the_order_of_its_tweets_and_groups() -> None:
    assert by_question([JOB]) == {question(REQUEST): JOB}
    asked = question(REQUEST)
    assert (asked.start, asked.end) == (
        datetime(2026, 10, 31, 18, 30, tzinfo=UTC),
        datetime(2026, 11, 2, 18, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, granularity="TOTAL"),
        replace(REQUEST, granularity="HOUR"),
        replace(REQUEST, metric_groups=("VIDEO",)),
        replace(REQUEST, ids=("11",)),
        replace(REQUEST, days=Days(date(2026, 11, 1), date(2026, 11, 1))),
        replace(REQUEST, zone=ZoneInfo("UTC")),
    ],
    ids=["total", "hours", "groups", "tweets", "days", "zone"],
)
def test_a_job_of_another_report_is_not_taken_for_this_ones(other: StatisticsRequest) -> None:
    assert question(other) not in by_question([JOB])


@pytest.mark.parametrize(
    "change", [{"entity": "CAMPAIGN"}, {"placement": "SPOTLIGHT"}, {"segmentation_type": "AGE"}, {"start_time": None}]
)
def test_jobs_that_this_connector_never_makes_are_passed_over(change: dict[str, Any]) -> None:
    assert by_question([JOB | change]) == {}


def test_of_several_jobs_with_the_same_question_the_newest_counts() -> None:
    newer = JOB | {"id_str": "2", "created_at": "2026-11-04T10:00:00Z"}
    assert by_question([newer, JOB]) == {question(REQUEST): newer}
