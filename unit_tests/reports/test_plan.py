"""A plan asks for each tweet on each wanted day of its life once, in the fewest requests, whatever was done before."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.reports.days import DAY, Days, union, without
from source_x_organic.reports.plan import ListedTweet, Slice, least_requests, remaining, slices, wanted_days, within

ZERO = date(2026, 1, 1)
LONGEST = 30


def day(number: int) -> date:
    return ZERO + number * DAY


def days(first: int, last: int) -> Days:
    return Days(day(first), day(last))


def tweet(number: int, posted: int) -> ListedTweet:
    return ListedTweet(id=str(1_800_000_000_000_000_000 + number), user_id=str(number % 3), day=day(posted))


NUMBERS = st.integers(0, LONGEST)
SPANS = st.lists(st.builds(lambda a, b: days(min(a, b), max(a, b)), NUMBERS, NUMBERS), max_size=4)
TWEETS = st.lists(NUMBERS, max_size=25).map(lambda posted: [tweet(*each) for each in enumerate(posted)])
LIMITS = st.tuples(st.integers(1, 6), st.integers(1, LONGEST))


def asked(*planned: Slice) -> Counter[tuple[str, date]]:
    """Return how often rows of each tweet and day come of the slices."""
    return Counter(
        (tweet_id, each)
        for part in planned
        for tweet_id, created in zip(part.ids, part.created, strict=True)
        for each in part.days
        if each >= created
    )


def needed(tweets: list[ListedTweet], wanted: tuple[Days, ...]) -> Counter[tuple[str, date]]:
    return Counter((each.id, one) for each in tweets for span in wanted for one in span if one >= each.day)


@given(TWEETS, SPANS, LIMITS)
def test_each_tweet_is_asked_for_once_on_each_wanted_day_of_its_life(
    tweets: list[ListedTweet], wanted: list[Days], limits: tuple[int, int]
) -> None:
    batch, longest = limits
    planned = slices(tweets, wanted, batch=batch, longest=longest)
    assert asked(*planned) == needed(tweets, union(*wanted))
    known = {each.id: each for each in tweets}
    for part in planned:
        assert 1 <= len(part.ids) <= batch
        assert 1 <= len(part.days) <= longest
        assert not without([part.days], wanted)
        assert part.created[0] <= part.days.first
        assert part.created[-1] <= part.days.last
        assert [known[tweet_id] for tweet_id in part.ids] == [
            ListedTweet(*each) for each in zip(part.ids, part.user_ids, part.created, strict=True)
        ]
    assert [part.days.last for part in planned] == sorted((part.days.last for part in planned), reverse=True)


@given(TWEETS, SPANS, LIMITS)
def test_a_plan_takes_the_least_requests(
    tweets: list[ListedTweet], wanted: list[Days], limits: tuple[int, int]
) -> None:
    batch, longest = limits
    planned = slices(tweets, wanted, batch=batch, longest=longest)
    assert len(planned) == least_requests((each.day for each in tweets), wanted, batch=batch, longest=longest)


def test_a_back_fill_of_two_thousand_tweets_over_ninety_days_takes_a_hundred_jobs() -> None:
    tweets = [tweet(number, -number) for number in range(2000)]
    assert len(slices(tweets, [days(0, 89)], batch=20, longest=90)) == 100


@given(TWEETS, SPANS, LIMITS)
def test_a_new_tweet_changes_only_the_last_batch(
    tweets: list[ListedTweet], wanted: list[Days], limits: tuple[int, int]
) -> None:
    batch, longest = limits
    before = slices(tweets, wanted, batch=batch, longest=longest)
    after = slices([tweet(99, LONGEST), *tweets], wanted, batch=batch, longest=longest)
    changed = set(before) - set(after)
    last = sorted(tweets, key=lambda each: (each.day, each.id))[len(tweets) // batch * batch :]
    assert {tweet_id for part in changed for tweet_id in part.ids} <= {each.id for each in last}


@given(TWEETS, SPANS, LIMITS, st.floats(0, 1))
def test_a_plan_made_after_an_interruption_asks_for_exactly_the_rest(
    tweets: list[ListedTweet], wanted: list[Days], limits: tuple[int, int], progress: float
) -> None:
    batch, longest = limits
    planned = slices(tweets, wanted, batch=batch, longest=longest)
    finished = round(progress * len(planned))
    rest = remaining(planned[finished:])
    again = slices(tweets, rest, batch=batch, longest=longest)
    assert asked(*planned[finished:]).keys() <= asked(*again).keys()
    saved = without(wanted, rest)
    assert asked(*again) == needed(tweets, rest) == needed(tweets, union(*wanted)) - needed(tweets, saved)
    assert needed(tweets, saved) <= asked(*planned[:finished])


@given(TWEETS, SPANS, LIMITS)
def test_once_a_window_is_done_in_all_batches_its_days_are(
    tweets: list[ListedTweet], wanted: list[Days], limits: tuple[int, int]
) -> None:
    batch, longest = limits
    planned = slices(tweets, wanted, batch=batch, longest=longest)
    for number, part in enumerate(planned):
        if part.days.last not in {other.days.last for other in planned[number + 1 :]}:
            assert all(span.last < part.days.first for span in remaining(planned[number + 1 :]))
    assert remaining([]) == ()


def test_batches_run_from_the_oldest_tweet_and_windows_from_the_newest_day() -> None:
    old, middle, young = (
        ListedTweet("99", "7", day(0)),
        ListedTweet("100", "8", day(0)),
        ListedTweet("101", "7", day(9)),
    )
    assert slices([young, middle, old], [days(-5, 12)], batch=2, longest=10) == [
        Slice(("99", "100"), (day(0), day(0)), ("7", "8"), days(3, 12)),
        Slice(("101",), (day(9),), ("7",), days(9, 12)),
        Slice(("99", "100"), (day(0), day(0)), ("7", "8"), days(0, 2)),
    ]


WANTED: list[tuple[str, tuple[Days, ...], int | None, tuple[Days, ...]]] = [
    ("the first sync", (), None, (days(10, 40),)),
    ("the next sync", (days(10, 38),), 38, (days(31, 40),)),
    ("a sync on the same day", (days(10, 40),), 40, (days(33, 40),)),
    ("a sync after an interrupted first one", (days(30, 40),), 40, (days(10, 29), days(33, 40))),
    ("a wider timeframe", (days(20, 38),), 38, (days(10, 19), days(31, 40))),
    ("a narrower timeframe", (days(0, 38),), 38, (days(31, 40),)),
    ("a look-back before the timeframe that was done", (days(0, 12),), 12, (days(5, 40),)),
    ("a look-back before the timeframe that was not", (days(8, 12),), 12, (days(8, 40),)),
    ("a pause longer than the timeframe", (days(0, 5),), 5, (days(0, 5), days(10, 40))),
    ("a clock that went back", (days(10, 60),), 60, (days(40, 40),)),
]


@pytest.mark.parametrize(
    ("done", "cursor", "expected"), [case[1:] for case in WANTED], ids=[case[0] for case in WANTED]
)
def test_a_sync_wants_what_was_not_done_and_the_look_back(
    done: tuple[Days, ...], cursor: int | None, expected: tuple[Days, ...]
) -> None:
    last = None if cursor is None else day(cursor)
    assert wanted_days(first=day(10), today=day(40), done=done, lookback_days=7, cursor=last) == expected


@given(TWEETS.filter(bool), NUMBERS, NUMBERS)
def test_a_slice_in_two_parts_of_its_days_asks_for_the_same(tweets: list[ListedTweet], last: int, middle: int) -> None:
    for part in slices(tweets, [days(0, last)], batch=25, longest=LONGEST + 1):
        halves = [Days(part.days.first, min(day(middle), part.days.last)), Days(day(middle + 1), part.days.last)]
        found = [half for span in halves if span and (half := within(part, span))]
        assert asked(*found) == asked(part)
        assert all(half.ids == tuple(id_ for id_ in part.ids if id_ in half.ids) for half in found)
