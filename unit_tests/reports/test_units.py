"""A unit is what has to be complete before it is emitted: no more, and never less."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import Dimension
from source_x_organic.reports.days import DAY, Days
from source_x_organic.reports.periods import monday, whole_weeks
from source_x_organic.reports.plan import ListedTweet, Slice, slices
from source_x_organic.reports.units import Unit, units

TWEET, DAYS, HOUR, METRIC = Dimension
ZERO = date(2026, 7, 1)

DIMENSIONS = st.frozensets(st.sampled_from(Dimension))
NUMBERS = st.integers(0, 40)
SPANS = st.lists(
    st.tuples(NUMBERS, NUMBERS).map(lambda ends: Days(ZERO + min(ends) * DAY, ZERO + max(ends) * DAY)), max_size=3
)
PLANS = st.builds(
    lambda posted, wanted, batch, longest: slices(tweets(posted), wanted, batch=batch, longest=longest),
    st.lists(NUMBERS, max_size=12),
    SPANS,
    st.integers(1, 5),
    st.integers(1, 30),
)


def tweets(posted: list[int]) -> list[ListedTweet]:
    return [ListedTweet(str(1000 + number), "7", ZERO + day * DAY) for number, day in enumerate(posted)]


def keys(
    unit: Unit, dimensions: frozenset[Dimension], *, weekly: bool, tweets_of: dict[str, list[str]]
) -> set[tuple[str | None, date | None]]:
    """Return the cells that a unit's figures belong to; hours divide days alike in all of them."""
    return {
        (tweet if TWEET in dimensions else None, (monday(day) if weekly else day) if DAYS in dimensions else None)
        for part in unit.slices
        for each in part.ids
        for tweet in tweets_of.get(each, [each])
        for day in part.days
    }


def least(
    parts: list[Slice], dimensions: frozenset[Dimension], *, weekly: bool, tweets_of: dict[str, list[str]]
) -> set[frozenset[Slice]]:
    """Return the slices in groups, found by merging whatever shares a key until nothing does."""
    groups = [(keys(Unit((part,)), dimensions, weekly=weekly, tweets_of=tweets_of), {part}) for part in parts]
    merged: list[tuple[set[tuple[str | None, date | None]], set[Slice]]] = []
    for own, members in groups:
        shared = [group for group in merged if group[0] & own]
        merged = [group for group in merged if not group[0] & own]
        merged.append((own.union(*(each for each, _ in shared)), members.union(*(each for _, each in shared))))
    return {frozenset(members) for _, members in merged}


@given(
    parts=PLANS,
    dimensions=DIMENSIONS,
    weekly=st.booleans(),
    tweets_of=st.dictionaries(
        NUMBERS.map(lambda number: str(1000 + number)),
        st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=2),
        max_size=4,
    ),
)
def test_units_hold_each_slice_once_share_no_key_and_are_the_least_that_do(
    *, parts: list[Slice], dimensions: frozenset[Dimension], weekly: bool, tweets_of: dict[str, list[str]]
) -> None:
    found = units(parts, dimensions, weekly=weekly, tweets_of=tweets_of)
    assert Counter(part for unit in found for part in unit.slices) == Counter(parts)
    shared = Counter(key for unit in found for key in keys(unit, dimensions, weekly=weekly, tweets_of=tweets_of))
    assert set(shared.values()) <= {1}
    assert {frozenset(unit.slices) for unit in found} == least(parts, dimensions, weekly=weekly, tweets_of=tweets_of)
    firsts = [parts.index(unit.slices[0]) for unit in found]
    assert firsts == sorted(firsts)


@pytest.mark.parametrize(
    ("dimensions", "groups"),
    [
        ({TWEET, DAYS}, [[0], [1], [2], [3]]),
        ({TWEET, DAYS, HOUR, METRIC}, [[0], [1], [2], [3]]),
        ({DAYS}, [[0, 1], [2, 3]]),
        ({TWEET, METRIC}, [[0, 2], [1, 3]]),
        ({HOUR}, [[0, 1, 2, 3]]),
        (set(), [[0, 1, 2, 3]]),
    ],
)
def test_without_tweet_batches_belong_together_and_without_day_windows_do(
    dimensions: set[Dimension], groups: list[list[int]]
) -> None:
    parts = slices(tweets([0, 0, 0]), [Days(ZERO, ZERO + 9 * DAY)], batch=2, longest=5)
    assert len(parts) == 4
    assert units(parts, dimensions) == [Unit(tuple(parts[number] for number in group)) for group in groups]


def test_windows_of_whole_weeks_stay_apart_and_those_that_cut_a_week_do_not() -> None:
    whole = slices(tweets([0]), [whole_weeks(Days(ZERO, ZERO + 27 * DAY))], batch=1, longest=14)
    assert len(units(whole, {TWEET, DAYS}, weekly=True)) == len(whole) == 3
    cut = slices(tweets([0]), [Days(ZERO, ZERO + 27 * DAY)], batch=1, longest=10)
    assert len(cut) == 3
    assert units(cut, {TWEET, DAYS}, weekly=True) == [Unit(tuple(cut))]


def test_media_of_one_tweet_belong_together_in_whatever_batches_they_are() -> None:
    media = [ListedTweet(key, "7", ZERO) for key in ("3_1", "3_2", "3_3")]
    parts = slices(media, [Days(ZERO, ZERO)], batch=1, longest=1)
    tweets_of = {"3_1": ["100"], "3_2": ["200"], "3_3": ["100", "300"]}
    assert units(parts, {TWEET, DAYS}, tweets_of=tweets_of) == [Unit((parts[0], parts[2])), Unit((parts[1],))]
