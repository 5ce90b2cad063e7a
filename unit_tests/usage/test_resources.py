"""What is billed of an answer: every object in `data` and `includes`, each time that it is returned."""

from __future__ import annotations

from typing import Any

import pytest

from source_x_organic.usage.resources import Resources, resources_of

A, B, C = ({"id": each} for each in "abc")


@pytest.mark.parametrize(
    ("answer", "of_posts", "expected"),
    [
        ({"meta": {"result_count": 0}}, True, Resources()),
        ({"errors": [{"title": "Not Found Error"}]}, False, Resources()),
        ({"data": [A, B]}, True, Resources(posts=2)),
        ({"data": [A, B]}, False, Resources(users=2)),
        ({"data": A}, False, Resources(users=1)),
        ({"data": [A], "includes": {"tweets": [B, C], "users": [A]}}, True, Resources(posts=3, users=1)),
        ({"data": [A, B], "includes": {"posts": [B, C]}}, True, Resources(posts=4, repeated=1)),
        ({"data": [A], "includes": {"tweets": [B], "media": [C]}}, False, Resources(posts=1, users=1)),
        ({"includes": {"tweets": [B]}}, True, Resources(posts=1)),
    ],
)
def test_every_object_counts_where_it_stands(answer: dict[str, Any], *, of_posts: bool, expected: Resources) -> None:
    assert resources_of(answer, of_posts=of_posts) == expected
