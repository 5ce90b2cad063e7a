"""What several reports want to know of a user's tweets is asked for once, and nothing that none of them wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from source_x_organic.ads_api.listings import Wish

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Wish(), Wish(), Wish()),
        (Wish(since=NOW), Wish(), Wish(since=NOW)),
        (Wish(since=NOW), Wish(since=NOW - timedelta(1)), Wish(since=NOW - timedelta(1))),
        (Wish(newest=3), Wish(newest=7), Wish(newest=7)),
        (Wish(ids=frozenset("ab")), Wish(since=NOW, ids=frozenset("bc")), Wish(since=NOW, ids=frozenset("abc"))),
    ],
)
def test_two_wishes_become_the_least_that_serves_both(one: Wish, other: Wish, both: Wish) -> None:
    assert one | other == other | one == both


@pytest.mark.parametrize(
    ("wish", "needed"),
    [
        (Wish(), False),
        (Wish(ids=frozenset("a")), False),
        (Wish(since=NOW), True),
        (Wish(newest=1), True),
    ],
)
def test_tweets_that_are_named_need_no_listing(wish: Wish, *, needed: bool) -> None:
    assert wish.needs_listing is needed
