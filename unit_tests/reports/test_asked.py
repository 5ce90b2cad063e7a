"""A definition that was changed under the same name is noticed, in words, where its rows say something else by that."""

from __future__ import annotations

from typing import Any

import pytest

from source_x_organic.config import CustomReport
from source_x_organic.reports.asked import Asked
from source_x_organic.reports.definitions import ReportDefinition

BEFORE: dict[str, Any] = {
    "table_name": "mine",
    "report_type": "tweet_analytics",
    "metrics": ["impressions", "likes"],
    "dimensions": ["tweet", "day"],
}
RECENT = {"selection": "recent", "count": 5}


def asked(**changed: Any) -> Asked:  # noqa: ANN401 - JSON
    return Asked.of(ReportDefinition.of(CustomReport.model_validate(BEFORE | changed)))


@pytest.mark.parametrize(
    ("changed", "news"),
    [
        ({"metrics": ["likes", "impressions", "replies"]}, ["replies is new"]),
        ({"metrics": ["likes"]}, []),
        ({"dimensions": ["day"]}, ["dimensions were tweet, day"]),
        ({"dimensions": ["tweet", "day", "hour"]}, ["dimensions were tweet, day"]),
        ({"aggregate": "hourly"}, []),
        ({"aggregate": "weekly"}, ["date stood for a day"]),
        ({"report_type": "media_analytics", "metrics": ["video_views"]}, ["video_views is new", "report_type was …"]),
        ({"tweets": RECENT}, []),
        ({"table_name": "other"}, []),
    ],
    ids=str,
)
def test_what_is_new_is_said(changed: dict[str, Any], news: list[str]) -> None:
    assert asked(**changed).news_since(asked()) == [each.replace("…", "tweet_analytics") for each in news]


def test_where_tweets_are_added_up_it_matters_which() -> None:
    by_day = {"dimensions": ["day"]}
    assert asked(**by_day, tweets=RECENT).news_since(asked(**by_day)) == ["other tweets were added up"]


def test_it_survives_its_json_form() -> None:
    assert Asked.parse(asked(dimensions=["day"], aggregate="weekly").entry) == asked(
        dimensions=["day"], aggregate="weekly"
    )
