"""A ceiling is never passed, whatever the pages bring and however many threads read."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.usage.budget import LARGEST_PAGE, SMALLEST_PAGE, Budget, CeilingReached, Portion

ORIGINALS = 3
"""Posts that a post may bring with the two that it may refer to."""


def test_without_a_ceiling_pages_are_as_large_as_x_allows_and_nothing_is_counted() -> None:
    budget = Budget()
    with budget.portion(with_private=True) as portion:
        assert (portion.page_size(ORIGINALS), portion.counters_page_size()) == (LARGEST_PAGE, LARGEST_PAGE)
        portion.sending()
        portion.arrived(300)
    assert (budget.is_limited, budget.affords_private, budget.spent) == (False, True, 0)


@pytest.mark.parametrize(
    ("left", "with_private", "size"),
    [(100_000, True, 100), (500, True, 100), (499, True, 99), (300, False, 100), (26, True, 5), (15, False, 5)],
)
def test_a_page_is_as_large_as_can_be_paid_at_the_worst(*, left: int, with_private: bool, size: int) -> None:
    with Budget(left).portion(with_private=with_private) as portion:
        assert portion.page_size(ORIGINALS) == size
        assert portion.with_originals


@pytest.mark.parametrize(("ceiling", "with_private", "size"), [(14, False, 14), (5, False, 5), (24, True, 8)])
def test_below_a_ceiling_that_no_page_with_originals_fits_they_are_left_out(
    *, ceiling: int, with_private: bool, size: int
) -> None:
    with Budget(ceiling).portion(with_private=with_private) as portion:
        assert portion.page_size(ORIGINALS) == size
        assert not portion.with_originals


@pytest.mark.parametrize(("ceiling", "affords"), [(5, False), (14, False), (15, True), (None, True)])
def test_private_counters_need_room_beside_the_posts(ceiling: int | None, affords: object) -> None:
    assert Budget(ceiling).affords_private is affords


def test_what_did_not_come_is_given_back_and_what_came_is_spent() -> None:
    budget = Budget(500)
    with budget.portion(with_private=True) as portion:
        assert portion.page_size(ORIGINALS) == 100
        portion.sending()
        portion.arrived(130)
        assert portion.counters_page_size() == 100
        portion.sending()
        portion.arrived(80)
    assert budget.spent == 210


def test_a_refusal_costs_nothing_and_an_answer_that_got_lost_the_most_it_could() -> None:
    budget = Budget(1000)
    with budget.portion() as portion:
        portion.page_size(ORIGINALS)
        portion.sending()
        portion.refused()
        portion.sending()  # and no answer
        portion.sending()
        portion.arrived(7)
    assert budget.spent == 307


def test_an_attempt_that_might_pass_the_ceiling_is_not_made() -> None:
    budget = Budget(40)
    with budget.portion() as portion:
        assert portion.page_size(ORIGINALS) == 13
        portion.sending()  # and no answer
        with pytest.raises(CeilingReached):
            portion.sending()
    assert budget.spent == 39


def test_another_wording_takes_another_portion() -> None:
    budget = Budget(400)
    with budget.portion() as portion:
        assert portion.page_size(3) == 100
        portion.sending()
        portion.refused()
        assert portion.page_size(8) == 50
        portion.sending()
        portion.arrived(60)
    assert budget.spent == 60


def test_the_private_pass_alone_costs_a_post_a_post() -> None:
    with Budget(77).portion(with_public=False) as portion:
        assert portion.counters_page_size() == 77


def test_where_too_little_is_left_it_is_said_at_once() -> None:
    budget = Budget(100)
    with budget.portion() as portion:
        portion.page_size(ORIGINALS)
        portion.sending()
        portion.arrived(90)
    with pytest.raises(CeilingReached), budget.portion() as portion:
        portion.page_size(ORIGINALS)
    with budget.portion(with_public=False) as portion:
        assert portion.counters_page_size() == 10


def test_who_finds_too_little_waits_for_what_others_give_back() -> None:
    budget, sizes, begun = Budget(300), [], Event()

    def read() -> None:
        with budget.portion() as portion:
            begun.set()
            sizes.append(portion.page_size(ORIGINALS))

    with budget.portion() as portion:
        assert portion.page_size(ORIGINALS) == 100
        other = Thread(target=read)
        other.start()
        assert begun.wait(5)
        portion.sending()
        portion.arrived(120)
        assert sizes == []
    other.join(5)
    assert sizes == [60]


def test_a_second_question_is_asked_only_if_it_can_be_paid() -> None:
    budget = Budget(450)
    with budget.portion() as portion:
        portion.page_size(ORIGINALS)
        portion.sending()
        portion.arrived(100)
        with pytest.raises(CeilingReached):
            portion.ask_again()
    assert budget.spent == 100


@given(
    ceiling=st.integers(SMALLEST_PAGE, 2_000),
    threads=st.integers(1, 6),
    with_private=st.booleans(),
    per_post=st.sampled_from([1, 3, 8]),
    seed=st.integers(0, 1_000),
)
def test_no_number_of_threads_reads_more_than_the_ceiling_and_each_comes_to_an_end(
    *, ceiling: int, threads: int, with_private: bool, per_post: int, seed: int
) -> None:
    budget = Budget(ceiling)
    with_private = with_private and budget.affords_private

    def read(place: int) -> int:
        chance, billed = random.Random(f"{seed}/{place}"), 0  # noqa: S311 - a test

        def ask(portion: Portion, most: int) -> int:
            portion.sending()
            fate = chance.random()
            if fate < 0.1:
                portion.refused()
                return 0
            came = chance.randint(0, most)
            if fate < 0.9:
                portion.arrived(came)
            return came

        try:
            while True:
                with budget.portion(with_private=with_private) as portion:
                    size = portion.page_size(per_post)
                    billed += ask(portion, size * (per_post if portion.with_originals else 1))
                    if with_private:
                        billed += ask(portion, portion.counters_page_size())
                if chance.random() < 0.02:
                    return billed
        except CeilingReached:
            return billed

    with ThreadPoolExecutor(threads) as pool:
        billed = sum(pool.map(read, range(threads)))
    assert billed <= budget.spent <= ceiling
