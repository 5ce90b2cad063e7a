"""Waits between attempts grow, stay within bounds and honour the server's wish."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.transport.retries import PATIENT, PROMPT, RetryPolicy, retry_after_seconds
from unit_tests.clocks import NOON


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True), st.none() | st.floats(0, 5000))
def test_every_wait_is_at_least_half_a_step_and_the_servers_wish_and_no_more_than_either(
    attempt: int, jitter: float, wish: float | None
) -> None:
    step = min(2.0 ** (attempt - 1), 60.0)
    wait = PATIENT.wait_seconds(attempt, retry_after=wish, jitter=lambda: jitter)
    assert max(step / 2, wish or 0) <= wait <= max(step, wish or 0)


def test_without_jitter_the_steps_double_up_to_the_longest() -> None:
    policy = RetryPolicy(first_wait=3, longest_wait=20)
    assert [policy.wait_seconds(n, retry_after=None, jitter=lambda: 1.0) for n in range(1, 6)] == [3, 6, 12, 20, 20]


def test_patience_outlasts_a_window_and_a_check_does_not_keep_a_person_waiting() -> None:
    assert PATIENT.longest_rate_limit_wait >= 900 > PROMPT.longest_rate_limit_wait
    assert sum(PROMPT.wait_seconds(n, retry_after=None, jitter=lambda: 1.0) for n in range(1, PROMPT.max_attempts)) < 10


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("30", 30.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("soon", None),
        (formatdate(NOON + 90, usegmt=True), 90.0),
        (formatdate(NOON - 90, usegmt=True), 0.0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(header: str | None, expected: float | None) -> None:
    assert retry_after_seconds(header, now=NOON) == expected


@given(st.text(max_size=30))
def test_no_retry_after_is_ever_negative(header: str) -> None:
    assert (retry_after_seconds(header, now=NOON) or 0.0) >= 0
