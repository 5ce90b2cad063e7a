"""The counters that a snapshot takes from X's objects, each from where the report says, absent ones unknown."""

from __future__ import annotations

from typing import Any

import pytest

from source_x_organic.reports.columns import METRICS
from source_x_organic.snapshots.counters import COUNTERS, PRIVATE, PUBLIC, UNKNOWN, counters_of

PUBLIC_METRICS = {"like_count": 21, "reply_count": 22, "quote_count": 23, "bookmark_count": 24, "impression_count": 25}
ORGANIC = {
    "impression_count": 31,
    "like_count": 32,
    "reply_count": 33,
    "url_link_clicks": 34,
    "user_profile_clicks": 35,
}


@pytest.fixture(params=["retweet_count", "repost_count"])
def retweets(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_all_are_columns_of_the_report() -> None:
    assert set(COUNTERS) <= set(METRICS)
    assert len(UNKNOWN) == len(COUNTERS)


def test_of_own_posts_they_are_organic_where_x_tells_that_apart(retweets: str) -> None:
    post = {"id": "1", "public_metrics": {**PUBLIC_METRICS, retweets: 20}}
    private = {
        "id": "1",
        "organic_metrics": {**ORGANIC, retweets: 36},
        "non_public_metrics": {"impression_count": 41, "engagements": 42, "user_profile_clicks": 43},
    }

    counters, source = counters_of(post, private, is_own=True)

    assert source == PRIVATE == "x_api_metrics"
    assert dict(zip(COUNTERS, counters, strict=True)) == {
        "impressions": 31,
        "likes": 32,
        "replies": 33,
        "retweets": 36,
        "url_clicks": 34,
        "user_profile_clicks": 35,
        "engagements": 42,
        "quote_tweets": 23,
        "bookmarks": 24,
    }


def test_of_posts_of_others_they_are_the_public_ones(retweets: str) -> None:
    counters, source = counters_of({"public_metrics": {**PUBLIC_METRICS, retweets: 0}}, None, is_own=False)

    assert source == PUBLIC == "x_api_public"
    assert dict(zip(COUNTERS, counters, strict=True)) == {
        "impressions": 25,
        "likes": 21,
        "replies": 22,
        "retweets": 0,
        "url_clicks": None,
        "user_profile_clicks": None,
        "engagements": None,
        "quote_tweets": 23,
        "bookmarks": 24,
    }


def test_a_post_without_a_link_has_unknown_link_clicks_not_none_of_them() -> None:
    organic = {key: value for key, value in ORGANIC.items() if key != "url_link_clicks"}
    counters, _ = counters_of({"public_metrics": PUBLIC_METRICS}, {"organic_metrics": organic}, is_own=True)

    assert counters == (31, 32, 33, None, None, 35, None, 23, 24)


def test_own_posts_never_fall_back_to_the_public_counters() -> None:
    counters, source = counters_of({"public_metrics": PUBLIC_METRICS}, None, is_own=True)

    assert (counters, source) == ((None,) * 7 + (23, 24), PRIVATE)


@pytest.mark.parametrize("post", [{}, {"public_metrics": None}])
@pytest.mark.parametrize("private", [None, {}, {"organic_metrics": None, "non_public_metrics": None}])
@pytest.mark.parametrize("is_own", [True, False])
def test_what_x_did_not_return_is_unknown(post: dict[str, Any], private: dict[str, Any] | None, is_own: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    assert counters_of(post, private, is_own=is_own)[0] == UNKNOWN
