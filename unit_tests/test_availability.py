"""What this version does not read yet is refused with words, and everything else is let through."""

from __future__ import annotations

from typing import Any

import pytest

from source_x_organic.availability import unavailable
from source_x_organic.config import parse_config

USER = {"auth_type": "oauth1"} | {
    key: f"invented-{key}" for key in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
}
REPORT = {"table_name": "mine", "report_type": "tweet_analytics", "metrics": ["likes"]}

CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"api_access": "X_API_ENTERPRISE"}, []),
    ({"api_access": "ENGAGEMENT_API"}, []),
    ({"table_layout": "native", "custom_reports": [], "max_post_reads_per_sync": None}, []),
    ({"api_access": "ADS_API"}, []),
    ({"api_access": "ADS_API", "table_layout": "fivetran"}, []),
    ({"custom_reports": [REPORT]}, []),
    ({"max_post_reads_per_sync": 1000}, ["max_post_reads_per_sync"]),
]


@pytest.mark.parametrize(("settings", "properties"), CASES)
def test_only_what_is_missing_is_refused_and_each_refusal_says_what_to_do(
    settings: dict[str, Any], properties: list[str]
) -> None:
    problems = unavailable(parse_config({"credentials": USER, **settings}))
    assert [problem.property for problem in problems] == properties
    assert all("this version" in problem.message and ". " in problem.message for problem in problems)
