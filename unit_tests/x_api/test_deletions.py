"""Posts that a timeline does not show any more: which are deleted, and what is said of them."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from source_x_organic.deletions.watch import Watch
from source_x_organic.instants import rfc3339_millis
from source_x_organic.progress.coverage import BEGINNING, Span
from source_x_organic.progress.state import AccountState
from source_x_organic.snowflakes import X_EPOCH
from source_x_organic.transport.errors import error_for
from source_x_organic.transport.problems import Problem
from source_x_organic.x_api.deletions import DOUBTFUL_COUNT, DeletedPosts
from source_x_organic.x_api.timeline import Page
from unit_tests.x_api.stand_in import NOW, StandIn, account

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from source_x_organic.usage.budget import Portion
    from source_x_organic.x_api.api import Answer

LOGGER = logging.getLogger("test")
MINUTE = timedelta(minutes=1)
WHOLE = Span(NOW - timedelta(days=7), NOW)


def post(number: int) -> str:
    """Return the id of a post that was made so many minutes ago, and 123 ms."""
    return str((made(number) - X_EPOCH) // timedelta(milliseconds=1) << 22)


def made(number: int) -> datetime:
    return NOW - number * MINUTE + timedelta(milliseconds=123)


def wire(number: int, *, parts: str = "000") -> dict[str, Any]:
    return {"id": post(number), "created_at": f"{made(number):%Y-%m-%dT%H:%M:%S}.{parts}Z"}


def page(posts: Iterable[dict[str, Any]], errors: Iterable[dict[str, Any]] = ()) -> Page:
    data = list(posts)
    return Page({"data": data, "errors": list(errors)}, [(each, _instant(each)) for each in data], {}, NOW)


def _instant(wire_post: dict[str, Any]) -> datetime:
    return type(NOW).fromisoformat(wire_post["created_at"])


def deleted(
    remembered: Iterable[int], *pages: Page, api: StandIn | None = None, total: int = 0, read: bool = True
) -> DeletedPosts:
    before = AccountState(
        rfc3339_millis(NOW - MINUTE), (Span(BEGINNING, NOW),), frozenset(post(number) for number in remembered)
    )
    watch = Watch(before, lookback=timedelta(days=7), reach=timedelta(), now=NOW)
    found = DeletedPosts(watch, account(api or StandIn(), tweet_count=total), NOW, LOGGER)
    for each in pages:
        found.note(each)
    if read:
        watch.read(WHOLE)
    return found


def test_a_deleted_post_is_a_row_with_nothing_but_its_key_its_time_and_the_deletion() -> None:
    api = StandIn()
    found = deleted([1, 2, 3], page([wire(1), wire(3)]), api=api)
    (row,) = found.rows()
    assert {column: value for column, value in row.items() if value is not None} == {
        "id": post(2),
        "account_id": "7",
        "created_at": "2026-11-20T11:58:00.000Z",
        "is_deleted": True,
        "deleted_seen_at": "2026-11-20T12:00:00Z",
    }
    assert api.looked_up == []
    assert found.has_news


def test_its_time_is_written_as_x_writes_times() -> None:
    """A destination that keeps the row with the largest cursor must find this one, and no larger one than X's own."""
    for seen, time in (([wire(1)], "11:58:00.000Z"), ([wire(1, parts="123")], "11:58:00.123Z")):
        (row,) = deleted([1, 2], page(seen)).rows()
        assert row["created_at"] == f"2026-11-20T{time}"
    (row,) = deleted([2]).rows()
    assert row["created_at"] == "2026-11-20T11:58:00.123Z"


def test_where_nothing_is_missing_there_is_no_news() -> None:
    found = deleted([1, 2], page([wire(1), wire(2)]))
    assert list(found.rows()) == []
    assert not found.has_news


def test_an_older_version_is_known_by_either_name_of_the_chain() -> None:
    for name in ("edit_history_tweet_ids", "edit_history_post_ids"):
        assert list(deleted([1, 2], page([{**wire(1), name: [post(2), post(1)]}])).rows()) == []


def test_a_post_whose_error_says_something_else_than_its_absence_is_not_deleted() -> None:
    kinds = [("resource-not-found", [post(2)]), ("not-authorized-for-resource", []), ("unheard-of", [])]
    for kind, expected in kinds:
        error = {"resource_id": post(2), "type": f"https://api.x.com/2/problems/{kind}"}
        found = deleted([1, 2, 3], page([wire(1), wire(3)], [error]))
        assert [row["id"] for row in found.rows()] == expected


@pytest.mark.parametrize("kind", ["not-authorized-for-resource", "suspended", ""])
def test_a_timeline_that_shows_none_of_many_is_doubted_and_one_look_up_decides(kind: str) -> None:
    api = StandIn()
    api.known = {post(1): kind}
    found = deleted([1, 2, 3], api=api)
    assert [row["id"] for row in found.rows()] == [post(2), post(3)]
    assert api.looked_up == [[post(1), post(2), post(3)]]
    remembered = found.watch.remembered(AccountState(rfc3339_millis(NOW), (Span(BEGINNING, NOW),)))
    # What X still has is not asked for again.
    assert remembered.tweets == frozenset()
    assert remembered.gone == {post(2), post(3)}


def test_of_more_than_a_look_up_takes_some_stand_for_all() -> None:
    api = StandIn()
    assert len(list(deleted(range(1, 251), api=api).rows())) == 250
    (asked,) = api.looked_up
    assert asked == [post(number) for number in range(1, 251, 3)]

    api.known = {post(4): ""}
    alive = deleted(range(1, 251), api=api)
    assert [row["id"] for row in alive.rows()] == [post(number) for number in range(1, 251, 3) if number != 4]


def test_a_look_up_that_fails_leaves_everything_for_the_next_sync() -> None:
    class Failing(StandIn):
        def posts_by_id(
            self, ids: Sequence[str], *, what: str, account_id: str, portion: Portion | None = None
        ) -> Answer:
            del ids, account_id, portion
            raise error_for(Problem("unavailable", 503), what=what, endpoint="tweets")

    found = deleted([1, 2, 3], api=Failing())
    assert list(found.rows()) == []
    remembered = found.watch.remembered(AccountState(rfc3339_millis(NOW), (Span(BEGINNING, NOW),)))
    assert remembered.tweets == {post(1), post(2), post(3)}


@pytest.mark.parametrize(("shown", "total", "is_judged"), [(0, 9000, True), (1, 9000, False), (1, 1600, True)])
def test_what_lies_below_a_long_timeline_may_be_beyond_xs_ceiling(shown: int, total: int, *, is_judged: bool) -> None:
    numbers = range(1, DOUBTFUL_COUNT + shown)
    found = deleted([1, 2, 3000], page(wire(number) for number in numbers), total=total)
    assert [row["id"] for row in found.rows()] == ([post(3000)] if is_judged else [])


def test_what_was_not_read_is_not_judged() -> None:
    assert list(deleted([1, 2, 3], page([wire(1)]), read=False).rows()) == []
