"""X's windows are never overrun, waited out exactly, and never leave a thread behind."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from source_x_organic.transport.rate_limits import (
    RESET_MARGIN,
    RateLimits,
    Reading,
    read_account_headers,
    read_headers,
)
from unit_tests.clocks import NOON, HandClock, SharedClock

ENDPOINT = "users/:id/tweets"
SERVER = NOON + 7_200


def headers(remaining: int, reset: float, **more: object) -> dict[str, str]:
    stated = {"x-rate-limit-limit": 900, "x-rate-limit-remaining": remaining, "x-rate-limit-reset": int(reset)}
    return {name.replace("_", "-"): str(value) for name, value in {**stated, **more}.items()}


def of_account(remaining: int, reset: float, *, by_user: int = 0) -> dict[str, str]:
    """Return both sets, as on endpoints that count per Ads account."""
    stated = headers(by_user, reset + 50)
    return stated | {name.replace("x-", "x-account-"): value for name, value in headers(remaining, reset).items()}


def wait_for(limits: RateLimits, endpoint: str = ENDPOINT, account: str = "") -> float | None:
    """Return the seconds that a request would have to wait, None where it is admitted."""
    waits: list[float] = []

    def give_up(seconds: float) -> None:
        waits.append(seconds)
        raise InterruptedError

    try:
        limits.acquire(endpoint, on_wait=give_up, account=account)
    except InterruptedError:
        return waits[0]
    return None


def admit(limits: RateLimits, account: str = "") -> None:
    assert wait_for(limits, account=account) is None


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, Reading()),
        ({"x-rate-limit-remaining": "7"}, Reading(7)),
        ({"x-rate-limit-remaining": "many", "x-rate-limit-reset": "soon"}, Reading()),
        (headers(7, NOON + 60), Reading(7, NOON + 60, NOON + 60)),
        (headers(7, SERVER + 60, date=formatdate(SERVER)), Reading(7, NOON + 60, SERVER + 60)),
        (headers(7, NOON + 60, date="yesterday"), Reading(7, NOON + 60, NOON + 60)),
        (
            headers(7, NOON + 60, x_app_limit_24hour_remaining=0, x_app_limit_24hour_reset=int(NOON) + 9000),
            Reading(0, NOON + 9000, NOON + 9000),
        ),
        (
            headers(0, NOON + 60, x_app_limit_24hour_remaining=1, x_app_limit_24hour_reset=int(NOON) + 9000),
            Reading(0, NOON + 60, NOON + 60),
        ),
        (
            headers(
                0,
                NOON + 600,
                x_app_limit_24hour_remaining=0,
                x_app_limit_24hour_reset=int(NOON) + 30,
                x_user_limit_24hour_remaining=0,
                x_user_limit_24hour_reset=int(NOON) + 90,
            ),
            Reading(0, NOON + 600, NOON + 600),
        ),
    ],
)
def test_an_answer_says_how_much_is_left_and_until_when_by_this_machines_clock(
    stated: dict[str, str], expected: Reading
) -> None:
    assert read_headers(stated, now=NOON) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, Reading()),
        (headers(7, NOON + 60), Reading()),
        (of_account(7, NOON + 60), Reading(7, NOON + 60, NOON + 60)),
        (of_account(7, SERVER + 60) | {"date": formatdate(SERVER)}, Reading(7, NOON + 60, SERVER + 60)),
        ({"x-account-rate-limit-remaining": "7"}, Reading(7)),
    ],
)
def test_an_answer_may_say_how_much_is_left_for_its_ads_account(stated: dict[str, str], expected: Reading) -> None:
    assert read_account_headers(stated, now=NOON) == expected


HEADER_TEXTS = st.one_of(
    st.text(max_size=20),
    st.integers().map(str),
    st.floats().map(str),
    st.just("Mon, 01 Jan 99999999999999999999 00:00:00 GMT"),
)
ANY_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *(f"x-rate-limit-{part}" for part in ("limit", "remaining", "reset")),
            *(f"x-account-rate-limit-{part}" for part in ("limit", "remaining", "reset")),
            *(f"x-app-limit-24hour-{part}" for part in ("limit", "remaining", "reset")),
            "date",
            "retry-after",
        ]
    ),
    HEADER_TEXTS,
)


@given(ANY_HEADERS, st.booleans())
def test_no_headers_however_odd_break_the_counting_or_wait_a_negative_time(
    stated: dict[str, str],
    refused: bool,  # noqa: FBT001 - drawn
) -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    limits.learn(ENDPOINT, stated, refused=refused)
    wait = wait_for(limits)
    assert wait is None or wait > 0
    assert (wait is not None) is limits.is_exhausted(ENDPOINT)


@given(ANY_HEADERS, st.booleans())
def test_no_headers_however_odd_break_the_counting_per_account(
    stated: dict[str, str],
    refused: bool,  # noqa: FBT001 - drawn
) -> None:
    limits = RateLimits(HandClock())
    admit(limits, "a1")
    limits.learn(ENDPOINT, stated, refused=refused, account="a1")
    for account in ("a1", "b2"):
        wait = wait_for(limits, account=account)
        assert wait is None or wait > 0
        assert not (refused and account == "a1" and wait is None)
        if wait is None:
            limits.release(ENDPOINT, account=account)


@given(
    remaining=st.integers(0, 5),
    ahead=st.floats(-86_400, 86_400),
    left=st.integers(1, 900),
)
def test_the_wait_ends_at_the_reset_whatever_this_machines_clock_says(remaining: int, ahead: float, left: int) -> None:
    clock = HandClock(NOON + ahead)
    limits = RateLimits(clock)
    admit(limits)
    limits.learn(ENDPOINT, headers(remaining, NOON + left, date=formatdate(NOON)), refused=False)
    for _ in range(remaining):
        admit(limits)
    wait = wait_for(limits)
    assert wait == pytest.approx(left + RESET_MARGIN, abs=0.01)
    assert limits.is_exhausted(ENDPOINT)
    clock.sleep(wait or 0)
    assert not limits.is_exhausted(ENDPOINT)
    admit(limits)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (headers(0, NOON + 300), 301),
        (headers(5, NOON + 300), 301),
        ({"retry-after": "30", "x-rate-limit-remaining": "0"}, 31),
        ({"retry-after": formatdate(NOON + 40, usegmt=True)}, 41),
        (headers(0, NOON + 300, retry_after=30), 301),
        (headers(0, NOON - 60), 61),
        ({}, 61),
        (headers(9, NOON + 9, x_user_limit_24hour_remaining=0, x_user_limit_24hour_reset=int(NOON) + 7200), 7201),
    ],
)
def test_a_429_closes_the_window_until_the_reset_it_states_or_else_for_a_minute(
    stated: dict[str, str], expected: float
) -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    limits.learn(ENDPOINT, stated, refused=True)
    assert wait_for(limits) == expected


def test_refusals_without_a_reset_wait_longer_each_time_up_to_a_quarter_of_an_hour() -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    waits = []
    for _ in range(6):
        admit(limits)
        limits.learn(ENDPOINT, {}, refused=True)
        waits.append(wait_for(limits) or 0)
        clock.sleep(waits[-1])
    assert waits == [61, 121, 241, 481, 901, 901]
    admit(limits)
    limits.learn(ENDPOINT, {}, refused=False)
    clock.sleep(1000)
    admit(limits)
    limits.learn(ENDPOINT, {}, refused=True)
    assert wait_for(limits) == 61


def test_two_refusals_of_one_window_count_as_one() -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    limits.learn(ENDPOINT, {"x-rate-limit-remaining": "5"}, refused=False)
    admit(limits)
    admit(limits)
    limits.learn(ENDPOINT, {}, refused=True)
    limits.learn(ENDPOINT, {}, refused=True)
    assert wait_for(limits) == 61


def test_a_refusal_that_does_not_say_its_reset_keeps_the_known_one() -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    limits.learn(ENDPOINT, headers(5, NOON + 300), refused=False)
    admit(limits)
    limits.learn(ENDPOINT, {}, refused=True)
    assert wait_for(limits) == 301


def test_an_answer_without_headers_does_not_forget_what_is_left() -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    limits.learn(ENDPOINT, headers(1, NOON + 300), refused=False)
    admit(limits)
    limits.learn(ENDPOINT, {}, refused=False)
    assert wait_for(limits) == 301


def test_limits_that_are_stated_late_are_believed() -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    limits.learn(ENDPOINT, {}, refused=False)
    admit(limits)
    limits.learn(ENDPOINT, headers(0, NOON + 300), refused=False)
    assert wait_for(limits) == 301


def test_an_endpoint_without_limits_never_waits() -> None:
    limits = RateLimits(HandClock())
    for _ in range(100):
        admit(limits)
        limits.learn(ENDPOINT, {}, refused=False)
    assert not limits.is_exhausted(ENDPOINT)


@given(st.permutations(range(8)), st.floats(0, 60))
def test_answers_that_overtake_each_other_never_reopen_a_window(order: list[int], late: float) -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    admit(limits)
    limits.learn(ENDPOINT, headers(8, NOON + 300, date=formatdate(NOON)), refused=False)
    for _ in order:
        admit(limits)
    for remaining in order:
        # X dates its answer when it makes it; then it is under way for a while.
        limits.learn(ENDPOINT, headers(remaining, NOON + 300, date=formatdate(NOON)), refused=False)
        clock.sleep(late / 8)
    assert wait_for(limits) == pytest.approx(301 - late, abs=0.01)


def test_an_answer_of_a_window_that_is_over_says_nothing_of_the_next() -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    admit(limits)
    limits.learn(ENDPOINT, headers(1, NOON + 300), refused=False)
    admit(limits)
    clock.sleep(400)
    admit(limits)
    limits.learn(ENDPOINT, headers(5, NOON + 1200), refused=False)
    limits.learn(ENDPOINT, headers(0, NOON + 300), refused=False)
    admit(limits)


def test_one_endpoint_does_not_wait_for_another() -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    limits.learn(ENDPOINT, headers(0, NOON + 300), refused=True)
    assert wait_for(limits, "users/me") is None
    assert not limits.is_exhausted("users/me")
    assert limits.is_exhausted(ENDPOINT)


def test_a_request_that_brings_no_answer_lets_the_next_one_explore() -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    admitted = threading.Event()

    def second() -> None:
        limits.acquire(ENDPOINT, on_wait=lambda _: None)
        admitted.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert not admitted.is_set()
    limits.release(ENDPOINT)
    thread.join(10)
    assert admitted.is_set()


def test_an_ads_account_whose_window_is_closed_waits_alone() -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    admit(limits, "a1")
    limits.learn(ENDPOINT, of_account(0, NOON + 300), refused=True, account="a1")
    assert wait_for(limits, account="a1") == 301
    for _ in range(3):
        admit(limits, "b2")
        limits.learn(ENDPOINT, of_account(9, NOON + 300), refused=False, account="b2")
    assert not limits.is_exhausted(ENDPOINT)
    clock.sleep(301)
    admit(limits, "a1")


def test_the_window_of_the_credentials_does_not_count_where_the_accounts_is_stated() -> None:
    limits = RateLimits(HandClock())
    admit(limits, "a1")
    limits.learn(ENDPOINT, of_account(2, NOON + 300, by_user=0), refused=False, account="a1")
    assert [wait_for(limits, account="a1") for _ in range(3)] == [None, None, 301]


@pytest.mark.parametrize(
    ("stated", "refused", "expected"),
    [
        (headers(0, NOON + 300), False, 301),
        (headers(0, NOON + 300), True, 301),
        ({}, True, 61),
        ({"retry-after": "30"}, True, 31),
        (of_account(5, NOON + 100, by_user=0), True, 151),
    ],
)
def test_a_limit_of_the_credentials_holds_for_all_their_ads_accounts(
    stated: dict[str, str],
    refused: bool,  # noqa: FBT001 - a row of the table
    expected: float,
) -> None:
    limits = RateLimits(HandClock())
    admit(limits, "a1")
    limits.learn(ENDPOINT, stated, refused=refused, account="a1")
    assert [wait_for(limits, account=account) for account in ("a1", "b2")] == [expected, expected]
    assert limits.is_exhausted(ENDPOINT)


def test_while_nothing_is_known_one_ads_account_asks_for_all_and_the_others_hold_nothing() -> None:
    limits = RateLimits(HandClock())
    admit(limits, "a1")
    admitted = threading.Event()

    def second() -> None:
        limits.acquire(ENDPOINT, on_wait=lambda _: None, account="b2")
        admitted.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert not admitted.is_set()
    limits.release(ENDPOINT, account="a1")
    thread.join(10)
    assert admitted.is_set()
    limits.learn(ENDPOINT, of_account(3, NOON + 300), refused=False, account="b2")
    assert [wait_for(limits, account="a1"), wait_for(limits, account="b2")] == [None, None]


class FakeX:
    """Counts as X does: fixed windows from the first request on; breaks every `broken_every`th connection."""

    def __init__(self, clock: SharedClock, limit: int, broken_every: int, *, says: bool) -> None:
        self._clock = clock
        self._limit = limit
        self._broken_every = broken_every
        self._says = says
        self._lock = threading.Lock()
        self._start = -10_000.0
        self._used = 0
        self.asked = 0
        self.refused: Counter[float] = Counter()

    def ask(self) -> tuple[dict[str, str], bool] | None:
        with self._lock:
            self.asked += 1
            if self._clock.time() >= self._start + 900:
                self._start, self._used = self._clock.time(), 0
            if self._broken_every and self.asked % self._broken_every == 0:
                return None
            self._used += 1
            too_many = self._used > self._limit
            if too_many:
                self.refused[self._start] += 1
            left = max(0, self._limit - self._used)
            return (headers(left, self._start + 900) if self._says else {}), too_many


def ask_until_answered(limits: RateLimits, x: FakeX) -> None:
    while True:
        limits.acquire(ENDPOINT, on_wait=lambda _: None)
        answer = x.ask()
        if answer is None:
            limits.release(ENDPOINT)
            continue
        stated, refused = answer
        limits.learn(ENDPOINT, stated, refused=refused)
        if not refused:
            return


@settings(max_examples=25)
@given(
    limit=st.integers(1, 20),
    threads=st.integers(1, 16),
    wanted=st.integers(1, 60),
    broken_every=st.sampled_from([0, 2, 7]),
    used=st.integers(0, 20),
)
def test_many_threads_draw_at_most_one_429_per_window_and_all_get_their_answers(
    limit: int, threads: int, wanted: int, broken_every: int, used: int
) -> None:
    clock = SharedClock()
    x = FakeX(clock, limit, broken_every, says=True)
    for _ in range(used):  # by somebody else, before this run
        x.ask()
    x.refused.clear()
    limits = RateLimits(clock)
    with ThreadPoolExecutor(threads) as pool:
        done = [pool.submit(ask_until_answered, limits, x) for _ in range(wanted)]
        for each in done:
            each.result(timeout=30)
    assert max(x.refused.values(), default=0) <= 1
    assert sum(x.refused.values()) <= (1 if used > limit or (used and limit <= used) else 0)


class FakeAds:
    """Counts as the Ads API does: for each Ads account, or for all of them together."""

    def __init__(self, clock: SharedClock, limit: int, broken_every: int, *, per_account: bool) -> None:
        self._per_account = per_account
        self.counted = {name: FakeX(clock, limit, broken_every, says=True) for name in "abcd"}

    def ask(self, account: str) -> tuple[dict[str, str], bool] | None:
        answer = self.counted[account if self._per_account else "a"].ask()
        if answer is None or not self._per_account:
            return answer
        stated, refused = answer
        return of_account(int(stated["x-rate-limit-remaining"]), float(stated["x-rate-limit-reset"])), refused


def ask_about(limits: RateLimits, ads: FakeAds, account: str) -> None:
    while True:
        limits.acquire(ENDPOINT, on_wait=lambda _: None, account=account)
        answer = ads.ask(account)
        if answer is None:
            limits.release(ENDPOINT, account=account)
            continue
        stated, refused = answer
        limits.learn(ENDPOINT, stated, refused=refused, account=account)
        if not refused:
            return


@settings(max_examples=25)
@given(
    limit=st.integers(1, 20),
    threads=st.integers(1, 16),
    wanted=st.lists(st.sampled_from("abcd"), min_size=1, max_size=60),
    broken_every=st.sampled_from([0, 2, 7]),
    used=st.integers(0, 20),
    per_account=st.booleans(),
)
def test_many_ads_accounts_draw_at_most_one_429_per_window_however_x_counts(
    limit: int,
    threads: int,
    wanted: list[str],
    broken_every: int,
    used: int,
    per_account: bool,  # noqa: FBT001 - drawn
) -> None:
    clock = SharedClock()
    ads = FakeAds(clock, limit, broken_every, per_account=per_account)
    for x in ads.counted.values():
        for _ in range(used):  # by somebody else, before this run
            x.ask()
        x.refused.clear()
    limits = RateLimits(clock)
    with ThreadPoolExecutor(threads) as pool:
        done = [pool.submit(ask_about, limits, ads, account) for account in wanted]
        for each in done:
            each.result(timeout=30)
    for x in ads.counted.values():
        assert max(x.refused.values(), default=0) <= 1
        assert sum(x.refused.values()) <= (1 if used > limit or (used and limit <= used) else 0)
