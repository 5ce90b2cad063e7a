"""A timeline is read to its end and no further, and each private post stands beside its public one."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.progress.coverage import EARLIEST_START_TIME, Span
from source_x_organic.transport.errors import ApiError, CredentialsRefused, Refused, Unavailable, error_for
from source_x_organic.transport.problems import Problem
from source_x_organic.x_api.posts import PRIVATE_MARGIN
from source_x_organic.x_api.timeline import Page, Timeline, Window, created_at
from unit_tests.x_api.stand_in import NOW, Asked, Made, StandIn, account

if TYPE_CHECKING:
    from collections.abc import Callable

    from source_x_organic.x_api.api import Answer

LOGGER = logging.getLogger("test")
OPEN = Window(Span(NOW - timedelta(days=90), NOW), is_open=True)


def pages(api: StandIn, window: Window = OPEN, *, with_private: bool = True, **who: Any) -> list[Page]:  # noqa: ANN401 - see `account`
    timeline = Timeline(account(api, **who), now=NOW, logger=LOGGER)
    return list(timeline.pages(window, with_private=with_private))


def failure(api: StandIn, kind: type[ApiError]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        pages(api)
    assert type(caught.value) is kind
    return caught.value


def ids(read: list[Page]) -> list[str]:
    return [post["id"] for page in read for post, _ in page.posts]


def hourly(count: int, *, newest: datetime = NOW - timedelta(hours=1)) -> list[Made]:
    return [Made(str(count - age), newest - timedelta(hours=age)) for age in range(count)]


AGES = st.lists(st.tuples(st.sampled_from([0, 0, 1, 60, 3_600, 86_400, 400_000]), st.booleans()), max_size=40)


def world(steps: list[tuple[int, bool]]) -> list[Made]:
    """Make posts, each so many seconds older than the one before; some are retweets, some share their second."""
    made, age = [], 5
    for place, (step, is_retweet) in enumerate(steps):
        age += step
        made.append(Made(str(1000 - place), NOW - timedelta(seconds=age), is_retweet))
    return made


@given(AGES, st.integers(1, 7), st.integers(1, 7))
def test_every_private_post_stands_beside_its_public_one_for_any_sizes_of_pages(
    steps: list[tuple[int, bool]], size: int, private_size: int
) -> None:
    posts = world(steps)
    read = pages(StandIn(posts, page_size=size, private_page_size=private_size))
    border = NOW - timedelta(days=30) + PRIVATE_MARGIN
    private = {post.id for post in posts if post.at >= border and not post.is_retweet}
    window = [post.id for post in posts if post.at >= OPEN.span.start]
    assert ids(read) == window
    assert {post["id"] for page in read for post, _ in page.posts if post["id"] in page.private} == private
    assert all(
        page.private[key]["organic_metrics"] == {"like_count": int(key)} for page in read for key in page.private
    )


@given(AGES, st.integers(1, 7), st.integers(1, 7))
def test_the_private_pass_is_never_more_than_a_page_ahead(
    steps: list[tuple[int, bool]], size: int, private_size: int
) -> None:
    posts = world(steps)
    api = StandIn(posts, page_size=size, private_page_size=private_size)
    for page in Timeline(account(api), now=NOW, logger=LOGGER).pages(OPEN, with_private=True):
        asked = sum(request.private for request in api.asked)
        needed = sum(post.at >= page.down_to and not post.is_retweet for post in posts)
        assert asked <= needed // private_size + 1
        assert len(page.private) <= needed


def test_private_posts_that_are_newer_than_the_first_page_do_no_harm() -> None:
    posts = hourly(6)

    def newcomer(asked: Asked, answer: Answer) -> Answer:
        return {**answer, "data": [Made("99", NOW).private(), *answer["data"]]} if asked.private else answer

    read = pages(StandIn(posts, page_size=2, alter=newcomer))
    assert ids(read) == ["6", "5", "4", "3", "2", "1"]
    assert [sorted(page.private) for page in read] == [["5", "6", "99"], ["3", "4", "5"], ["1", "2", "3"]]


def test_there_is_one_private_request_per_hundred_posts_and_none_where_nobody_wants_it() -> None:
    posts = hourly(250)
    for with_private, is_own, private in ((True, True, 3), (False, True, 0), (True, False, 0)):
        api = StandIn(posts)
        pages(api, with_private=with_private, is_own=is_own)
        assert [sum(asked.private is kind for asked in api.asked) for kind in (False, True)] == [3, private]


def test_a_window_older_than_thirty_days_has_no_private_pass_and_a_younger_one_stops_short_of_the_border() -> None:
    api = StandIn(hourly(24 * 60))
    pages(api, Window(Span(NOW - timedelta(days=50), NOW - timedelta(days=30)), is_open=False))
    assert not any(asked.private for asked in api.asked)
    pages(api)
    assert {asked.start for asked in api.asked if asked.private} == {NOW - timedelta(days=30) + PRIVATE_MARGIN}


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("window", "asked"),
    [
        (OPEN, Asked(OPEN.span.start, None, None, private=False)),
        (Window(OPEN.span, is_open=False), Asked(OPEN.span.start, NOW + SECOND, None, private=False)),
        (
            Window(Span(datetime(2006, 3, 21, tzinfo=UTC), EARLIEST_START_TIME), is_open=False),
            Asked(None, EARLIEST_START_TIME + SECOND, None, private=False),
        ),
        (
            Window(Span(EARLIEST_START_TIME, NOW), is_open=True),
            Asked(EARLIEST_START_TIME, None, None, private=False),
        ),
    ],
)
def test_the_request_has_the_windows_bounds_as_far_as_x_takes_them(window: Window, asked: Asked) -> None:
    api = StandIn()
    pages(api, window, with_private=False)
    assert api.asked == [asked]


def test_posts_on_both_edges_belong_to_a_window_and_those_outside_do_not() -> None:
    start, end = NOW - timedelta(hours=3), NOW - timedelta(hours=1)
    posts = [Made(str(9 - place), at) for place, at in enumerate((end + SECOND, end, start, start - SECOND))]
    api = StandIn(posts)
    assert ids(pages(api, Window(Span(start, end), is_open=False))) == ["8", "7"]
    assert ids(pages(api, Window(Span(start, end), is_open=True))) == ["9", "8", "7"]
    fractions = Span(start + SECOND / 2, end + SECOND / 2)
    assert ids(pages(api, Window(fractions, is_open=False))) == ["8"]


def test_a_post_without_created_at_is_dated_by_its_id_and_one_without_either_is_kept() -> None:
    posts: list[dict[str, Any]] = [{"id": "1212092628029698048"}, {"id": "20"}, {}]
    assert [created_at(post) for post in posts] == [datetime(2019, 12, 31, 19, 26, 16, 771_000, tzinfo=UTC), None, None]
    api = StandIn(hourly(1), alter=lambda _, answer: {**answer, "data": [{"id": "20"}]})
    [page] = pages(api)
    assert page.posts == [({"id": "20"}, OPEN.span.end)]
    assert page.down_to == OPEN.span.end


def test_an_empty_page_with_a_token_goes_on() -> None:
    def emptied(asked: Asked, answer: Answer) -> Answer:
        return {"meta": answer["meta"]} if asked.at in {None, "4"} else answer

    api = StandIn(hourly(8), page_size=2, alter=emptied)
    read = pages(api)
    assert ids(read) == ["6", "5", "2", "1"]
    assert [asked.at for asked in api.asked if not asked.private] == [None, "2", "4", "6"]
    assert [page.down_to for page in read] == [NOW] + [NOW - timedelta(hours=hours) for hours in (4, 4, 8)]


@pytest.mark.parametrize("private", [False, True])
def test_a_repeated_token_is_an_error_and_what_was_read_is_kept(private: bool) -> None:  # noqa: FBT001 - a parameter
    def circle(asked: Asked, answer: Answer) -> Answer:
        return {**answer, "meta": {"next_token": "2"}} if asked.private is private else answer

    api = StandIn(hourly(9), page_size=2, private_page_size=2, alter=circle)
    reading = Timeline(account(api), now=NOW, logger=LOGGER).pages(OPEN, with_private=private)
    assert ids([next(reading)]) == ["9", "8"]
    with pytest.raises(Unavailable, match="the same page token twice"):
        list(reading)
    assert sum(asked.private is private for asked in api.asked) == 2


def beside(error: dict[str, str], *, private: bool = False, data: bool = True) -> Callable[[Asked, Answer], Answer]:
    def altered(asked: Asked, answer: Answer) -> Answer:
        if asked.private is not private:
            return answer
        return {**(answer if data else {"meta": {}}), "errors": [error]}

    return altered


def problem(suffix: str, **more: str) -> dict[str, str]:
    return {"type": f"https://api.x.com/2/problems/{suffix}", "title": "Title", "detail": "Words.", **more}


def test_errors_beside_posts_are_counted_and_told_and_fail_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        read = pages(StandIn(hourly(4), page_size=2, alter=beside(problem("resource-not-found"))))
    assert ids(read) == ["4", "3", "2", "1"]
    [line] = caplog.messages
    assert line.startswith("X left out some of what the posts of @brand refer to: 2 ")


def test_errors_instead_of_posts_are_the_timelines_own() -> None:
    api = StandIn(hourly(4), alter=beside(problem("not-authorized-for-resource"), data=False))
    assert failure(api, Refused).problem.kind == "not-authorized-for-resource"
    assert len(api.asked) == 1


def test_fields_that_x_could_not_load_are_asked_for_once_more() -> None:
    first = True

    def once(asked: Asked, answer: Answer) -> Answer:
        nonlocal first
        if asked.private or not first:
            return answer
        first = False
        return {**answer, "data": [], "errors": [problem("field-hydration-failure")]}

    api = StandIn(hourly(2), alter=once)
    assert ids(pages(api, with_private=False)) == ["2", "1"]
    assert [asked.at for asked in api.asked] == [None, None]


def test_fields_that_x_still_cannot_load_are_left_out_and_no_third_request_is_made() -> None:
    api = StandIn(hourly(2), alter=beside(problem("field-hydration-failure")))
    assert ids(pages(api, with_private=False)) == ["2", "1"]
    assert len(api.asked) == 2
    assert isinstance(failure(StandIn(alter=beside(problem("internal-error"), data=False)), Unavailable), Unavailable)


def raising(kind: str) -> Callable[[Asked, Answer], Answer]:
    def altered(asked: Asked, answer: Answer) -> Answer:
        if asked.private:
            raise error_for(Problem(kind, 403, detail="No."), what="it", endpoint="users/:id/tweets")
        return answer

    return altered


def test_private_metrics_that_x_refuses_cost_those_metrics_only(caplog: pytest.LogCaptureFixture) -> None:
    read = pages(StandIn(hourly(3), alter=raising("forbidden")))
    assert (ids(read), [page.private for page in read]) == (["3", "2", "1"], [{}])
    assert [line.split(":")[0] for line in caplog.messages] == ["The private metrics of @brand are null"]


def test_a_private_pass_without_credit_or_connection_is_an_error() -> None:
    failure(StandIn(hourly(3), alter=raising("credits-depleted")), CredentialsRefused)
    failure(StandIn(hourly(3), alter=raising("unavailable")), Unavailable)


def counter_pages(api: StandIn, **who: Any) -> list[Page]:  # noqa: ANN401 - see `account`
    return list(Timeline(account(api, **who), now=NOW, logger=LOGGER).counter_pages(OPEN))


def private_ids(read: list[Page]) -> list[str]:
    return [key for page in read for key in page.private]


def test_counters_alone_take_one_pass_the_private_one_in_ones_own_posts_and_the_public_one_in_those_of_others() -> None:
    posts = [*hourly(5), Made("9", NOW, is_retweet=True)]
    own, other = StandIn(posts, private_page_size=2), StandIn(posts, page_size=3)
    read, of_others = counter_pages(own), counter_pages(other, is_own=False)

    assert ids(read) == private_ids(read) == ids(of_others) == ["5", "4", "3", "2", "1"]
    assert private_ids(of_others) == []
    assert [asked.private for asked in own.asked] == [True] * 3
    assert [asked.private for asked in other.asked] == [False] * 2


@pytest.mark.parametrize("pages_before", [0, 1])
def test_where_x_refuses_private_counters_the_rest_has_public_ones(
    pages_before: int, caplog: pytest.LogCaptureFixture
) -> None:
    def refusing(asked: Asked, answer: Answer) -> Answer:
        if asked.private and asked.at == (str(2 * pages_before) if pages_before else None):
            raise error_for(Problem("forbidden", 403, detail="No."), what="it", endpoint="users/:id/tweets")
        return answer

    api = StandIn(hourly(5), private_page_size=2, alter=refusing)
    read = counter_pages(api)

    assert set(ids(read)) == {"5", "4", "3", "2", "1"}
    assert private_ids(read) == ["5", "4"][: 2 * pages_before]
    assert [asked.private for asked in api.asked] == [True] * (1 + pages_before) + [False]
    assert [line.split(":")[0] for line in caplog.messages] == ["The private metrics of @brand are null"]


def test_without_a_public_pass_errors_instead_of_posts_are_the_timelines_own_too() -> None:
    errors = {"errors": [{"title": "Forbidden", "type": "https://api.twitter.com/2/problems/resource-not-found"}]}
    with pytest.raises(Refused):
        counter_pages(StandIn(alter=lambda _, __: dict(errors)))


@pytest.mark.parametrize(("total", "is_open", "warns"), [(9000, True, True), (3200, True, False), (9000, False, True)])
def test_a_timeline_that_x_cuts_off_is_told_of(
    total: int,
    is_open: bool,  # noqa: FBT001 - a column of the table
    warns: bool,  # noqa: FBT001 - a column of the table
    caplog: pytest.LogCaptureFixture,
) -> None:
    posts = [Made(str(3200 - age), NOW - timedelta(minutes=age)) for age in range(3200)]
    pages(StandIn(posts), Window(OPEN.span, is_open), with_private=False, tweet_count=total)
    expected = (
        "X shows only the newest 3,200 posts of @brand (of 9,000): reading ended at 2026-11-18; what is older cannot "
        "be had over the X API."
    )
    assert caplog.messages == [expected] * warns


@pytest.mark.parametrize(("minutes", "total", "warns"), [(10, 9000, True), (10, 2500, False), (16, 9000, False)])
def test_counters_that_x_cuts_off_are_told_of_although_retweets_do_not_come(
    minutes: int,
    total: int,
    warns: bool,  # noqa: FBT001 - a column of the table
    caplog: pytest.LogCaptureFixture,
) -> None:
    posts = [Made(str(2700 - age), NOW - timedelta(minutes=minutes * age)) for age in range(2700)]
    month = Window(Span(NOW - timedelta(days=30), NOW), is_open=True)
    timeline = Timeline(account(StandIn(posts), tweet_count=total), now=NOW, logger=LOGGER)
    assert len(ids(list(timeline.counter_pages(month)))) == 2700
    expected = (
        "X shows only the newest 3,200 posts of @brand (of 9,000): reading ended at 2026-11-01; what is older cannot "
        "be had over the X API."
    )
    assert caplog.messages == [expected] * warns
