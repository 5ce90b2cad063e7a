"""A limit per minute is used up almost wholly and never overrun, however X lays its minutes."""

from __future__ import annotations

import heapq
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from source_x_organic.transport.minutes import (
    HELD,
    IN_TRANSIT,
    MINUTE,
    MinuteReading,
    MinuteWindow,
    read_minute_headers,
)
from source_x_organic.transport.rate_limits import RateLimits
from unit_tests.clocks import NOON, HandClock, SharedClock

if TYPE_CHECKING:
    from collections.abc import Callable

ENDPOINT = "insights/engagement/historical"
Laid = Literal["by the clock", "from the first request", "sliding"]
LAID: tuple[Laid, ...] = ("by the clock", "from the first request", "sliding")


def stated(remaining: int, limit: int = 6) -> dict[str, str]:
    return {"x-per-minute-limit": str(limit), "x-per-minute-remaining": str(remaining)}


def wait_for(limits: RateLimits) -> float | None:
    """Return the seconds that a request would have to wait, None where it is admitted."""
    waits: list[float] = []

    def give_up(seconds: float) -> None:
        waits.append(seconds)
        raise InterruptedError

    try:
        limits.acquire(ENDPOINT, on_wait=give_up)
    except InterruptedError:
        return waits[0]
    return None


def admit(limits: RateLimits) -> None:
    assert wait_for(limits) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, MinuteReading()),
        (stated(4), MinuteReading(6, 4)),
        ({"x-per-minute-remaining": "0"}, MinuteReading(None, 0)),
        ({"x-per-minute-limit": "six", "x-per-minute-remaining": "-1"}, MinuteReading(None, 0)),
    ],
)
def test_an_answer_says_how_many_requests_the_minute_has_and_has_left(
    headers: dict[str, str], expected: MinuteReading
) -> None:
    assert read_minute_headers(headers) == expected


def test_when_all_are_used_each_place_is_free_again_a_minute_after_it_was_taken() -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    for left in range(5, -1, -1):
        admit(limits)
        limits.learn(ENDPOINT, stated(left), refused=False)
        clock.sleep(1)
    waits = []
    for left in (0, 0, 0):
        wait = wait_for(limits) or 0
        waits.append(wait)
        clock.sleep(wait)
        admit(limits)
        limits.learn(ENDPOINT, stated(left), refused=False)
    assert waits == [HELD - 6, 1, 1]


def test_what_others_used_of_the_minute_counts_from_the_answer_that_shows_it() -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    admit(limits)
    clock.sleep(3)
    limits.learn(ENDPOINT, stated(1), refused=False, asked_at=NOON)
    admit(limits)
    assert wait_for(limits) == HELD - 3


def test_a_limit_that_is_not_stated_is_the_highest_that_answers_have_shown() -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    for left in (2, 1, 0):
        admit(limits)
        limits.learn(ENDPOINT, {"x-per-minute-remaining": str(left)}, refused=False)
    assert wait_for(limits) == HELD
    clock.sleep(HELD)
    for left in (5, 4, 3, 2, 1, 0):
        admit(limits)
        limits.learn(ENDPOINT, {"x-per-minute-remaining": str(left)}, refused=False)
    assert wait_for(limits) == HELD


@pytest.mark.parametrize(("window_seconds", "expected"), [(None, [61, 121, 241]), (60.0, [61, 61, 61])])
def test_a_429_that_says_nothing_waits_for_the_next_minute_where_windows_last_one(
    window_seconds: float | None, expected: list[float]
) -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    waits = []
    for _ in range(3):
        admit(limits)
        limits.learn(ENDPOINT, {}, refused=True, window_seconds=window_seconds)
        waits.append(wait_for(limits) or 0)
        clock.sleep(waits[-1])
    assert waits == expected


@pytest.mark.parametrize(
    ("headers", "expected"), [(stated(0), HELD), ({"retry-after": "90"}, 91), (stated(4) | {"retry-after": "90"}, 91)]
)
def test_a_429_of_a_minute_closes_it_whoever_used_it_up(headers: dict[str, str], expected: float) -> None:
    limits = RateLimits(HandClock())
    admit(limits)
    limits.learn(ENDPOINT, headers, refused=True, window_seconds=MINUTE)
    assert wait_for(limits) == expected
    assert limits.is_exhausted(ENDPOINT)


def test_after_a_pause_one_request_goes_first_because_others_may_have_used_the_minute() -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    admit(limits)
    limits.learn(ENDPOINT, stated(5), refused=False)
    clock.sleep(31)
    admit(limits)
    admitted = threading.Event()

    def second() -> None:
        limits.acquire(ENDPOINT, on_wait=lambda _: None)
        admitted.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert not admitted.is_set()
    limits.learn(ENDPOINT, stated(3), refused=False)
    thread.join(10)
    assert admitted.is_set()
    admit(limits)


def test_a_clock_that_is_put_back_costs_one_minute() -> None:
    window = MinuteWindow()
    window.admit(NOON)
    window.learn(MinuteReading(1, 0), asked_at=NOON, now=NOON)
    assert window.wait(NOON - 3600) == HELD
    assert window.wait(NOON - 3600 + HELD) is None
    window.admit(NOON - 3600 + HELD)
    window.admit(NOON - 9000)
    assert window.wait(NOON - 9000) == HELD


NUMBERS = st.integers().map(str) | st.text(max_size=5)


@given(
    st.dictionaries(st.sampled_from(["x-per-minute-limit", "x-per-minute-remaining", "retry-after"]), NUMBERS),
    st.booleans(),
)
def test_no_headers_however_odd_break_the_counting_or_close_an_endpoint_for_good(
    headers: dict[str, str],
    refused: bool,  # noqa: FBT001 - drawn
) -> None:
    clock = HandClock()
    limits = RateLimits(clock)
    admit(limits)
    limits.learn(ENDPOINT, headers, refused=refused, window_seconds=MINUTE)
    wait = wait_for(limits)
    assert wait is None or wait > 0
    if wait is not None:
        clock.sleep(wait)
        admit(limits)


@dataclass
class MinuteX:
    """Allows so many requests in a minute, laid in one of three ways, and says how many are left."""

    allowed: int
    laid: Laid
    offset: float = 0.0
    says: bool = True
    others: list[float] = field(default_factory=list)
    counted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    _start: float = -1e9

    def ask(self, now: float) -> tuple[dict[str, str], bool]:
        """Return the headers of an answer to a request that is counted now, and whether it is a 429."""
        while self.others and self.others[0] <= now:
            self._count(self.others.pop(0))
        if not self._count(now):
            self.refused.append(now)
            return self._headers(0), True
        return self._headers(self.allowed - self._used(now)), False

    def _count(self, now: float) -> bool:
        is_allowed = self._used(now) < self.allowed
        if is_allowed:
            self.counted.append(now)
        return is_allowed

    def _used(self, now: float) -> int:
        beginning = self._beginning(now)
        return sum(instant >= beginning for instant in self.counted)

    def _headers(self, left: int) -> dict[str, str]:
        return stated(left, self.allowed) if self.says else {}

    def _beginning(self, now: float) -> float:
        if self.laid == "sliding":
            return now - MINUTE
        if self.laid == "by the clock":
            return now - (now - self.offset) % MINUTE
        if now >= self._start + MINUTE:
            self._start = now
        return self._start


class Sync:
    """Workers that send one request after another, on a clock that goes from event to event."""

    def __init__(self, x: MinuteX, workers: int, journey: Callable[[], tuple[float, float]]) -> None:
        """`journey` returns for each request the seconds until X counts it, and then until its answer is there."""
        self._x = x
        self._journey = journey
        self._clock = HandClock()
        self._limits = RateLimits(self._clock)
        self._order = count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._waiting: list[Callable[[], None]] = []
        self._sent: list[float] = []
        self._left = 0
        for _ in range(workers):
            self._after(0, self._begin)

    def run(self, requests: int) -> float:
        """Send so many requests and return the seconds from the first sending to the last."""
        self._left = requests
        while self._events:
            instant, _, what = heapq.heappop(self._events)
            self._clock.sleep_from(instant, 0)
            what()
        assert not self._waiting
        assert not self._left
        return self._sent[-1] - self._sent[0]

    def _after(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self._clock.time() + seconds, next(self._order), what))

    def _begin(self) -> None:
        if not self._left:
            return
        now = self._clock.time()
        wait = self._limits._admit(self._limits._those_of(ENDPOINT, ""), now)
        if wait is None:
            self._left -= 1
            self._sent.append(now)
            there, back = self._journey()
            self._after(there, lambda: self._arrive(now, back))
        elif wait > 0:
            self._after(wait, self._begin)
        else:
            self._waiting.append(self._begin)

    def _arrive(self, asked_at: float, back: float) -> None:
        headers, refused = self._x.ask(self._clock.time())
        self._after(back, lambda: self._answered(asked_at, headers, refused=refused))

    def _answered(self, asked_at: float, headers: dict[str, str], *, refused: bool) -> None:
        self._limits.learn(ENDPOINT, headers, refused=refused, asked_at=asked_at, window_seconds=MINUTE)
        waiting, self._waiting = self._waiting, []
        for each in [*waiting, self._begin]:
            each()


@dataclass(frozen=True)
class Plan:
    """An allowance per minute and how it is laid, workers, and how slow their requests are."""

    allowed: int
    laid: Laid
    offset: float
    workers: int
    slowest: float
    seed: int

    def sync(self, x: MinuteX, workers: int | None = None) -> Sync:
        drawn = random.Random(self.seed)  # noqa: S311 - nothing secret
        there = min(IN_TRANSIT - 0.01, self.slowest)
        return Sync(x, workers or self.workers, lambda: (drawn.uniform(0, there), drawn.uniform(0, self.slowest)))


PLANS = st.builds(
    Plan,
    allowed=st.integers(1, 40),
    laid=st.sampled_from(LAID),
    offset=st.floats(0, 60),
    workers=st.integers(1, 20),
    slowest=st.floats(0.1, 8),
    seed=st.integers(0, 1000),
)


@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_alone_with_its_allowance_a_sync_draws_no_429_and_uses_95_percent_of_it(plan: Plan) -> None:
    minutes = 20
    x = MinuteX(plan.allowed, plan.laid, plan.offset)
    took = plan.sync(x).run(plan.allowed * minutes)
    assert x.refused == []
    assert len(x.counted) == plan.allowed * minutes
    longest = IN_TRANSIT + plan.slowest
    if plan.workers * MINUTE > plan.allowed * longest * 1.5:  # else the workers are what limits it
        assert took <= (minutes - 1) * MINUTE / 0.95 + 2 * longest + 1


@settings(max_examples=60, deadline=None)
@given(PLANS, st.integers(1, 50), st.floats(0, 70))
def test_what_was_used_before_the_sync_costs_at_most_one_429(plan: Plan, used: int, ago: float) -> None:
    x = MinuteX(plan.allowed, plan.laid, plan.offset)
    for _ in range(used):
        x.ask(NOON - ago)
    x.refused.clear()
    plan.sync(x).run(plan.allowed * 3 + 1)
    assert len(x.refused) <= (1 if used >= plan.allowed else 0)


@settings(max_examples=40, deadline=None)
@given(PLANS)
def test_where_x_does_not_even_say_what_is_left_one_worker_draws_one_429_a_minute_at_most(plan: Plan) -> None:
    x = MinuteX(plan.allowed, plan.laid, plan.offset, says=False)
    plan.sync(x, workers=1).run(plan.allowed * 3 + 20)
    assert all(later - earlier >= MINUTE for earlier, later in pairwise(x.refused))


@settings(max_examples=40, deadline=None)
@given(PLANS, st.lists(st.floats(0, 600), max_size=80))
def test_while_others_use_the_allowance_too_one_worker_draws_one_429_a_minute_at_most(
    plan: Plan, others: list[float]
) -> None:
    x = MinuteX(plan.allowed, plan.laid, plan.offset, others=sorted(NOON + after for after in others))
    plan.sync(x, workers=1).run(plan.allowed * 5)
    assert all(later - earlier >= MINUTE for earlier, later in pairwise(x.refused))


def test_sixteen_threads_share_a_minute_without_a_429_and_none_is_left_waiting() -> None:
    clock = SharedClock()
    limits = RateLimits(clock)
    x = MinuteX(6, "sliding")
    lock = threading.Lock()

    def read() -> None:
        asked_at = limits.acquire(ENDPOINT, on_wait=lambda _: None)
        with lock:
            headers, refused = x.ask(clock.time())
        limits.learn(ENDPOINT, headers, refused=refused, asked_at=asked_at)
        assert not refused

    with ThreadPoolExecutor(16) as pool:
        for each in [pool.submit(read) for _ in range(60)]:
            each.result(timeout=30)
    assert clock.time() - NOON <= 10 * HELD
