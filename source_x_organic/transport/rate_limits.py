"""X's rate-limit windows, learnt from its answers and shared by all threads of one set of credentials.

X limits each endpoint per credentials and window, and says in every answer how much is left (`x-rate-limit-limit`,
`-remaining`, `-reset`). Nothing is assumed beforehand: live limits differ from the documented table. While an
endpoint's window is unknown (at the start, and after each reset) one request goes first and the others wait for what
it learns; so at most one request per credentials, endpoint and window can draw a 429, however many threads there are.
"""

from __future__ import annotations

import email.utils
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from source_x_organic.transport.retries import retry_after_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from source_x_organic.transport.clock import Clock

RESET_MARGIN = 1.0
"""Seconds waited beyond a reset: X gives it in whole seconds, and clocks differ."""

UNSAID_WINDOW = 60.0
"""Seconds to wait after a 429 that does not say when its window ends; doubled with each in a row, up to 15 minutes."""

LONGEST_WINDOW = 900.0
"""Seconds of X's longest ordinary window."""

SAME_WINDOW = 2.0
"""Seconds by which X's statements of one window's reset may differ: it is in whole seconds."""

_DAILY_SETS = ("x-app-limit-24hour", "x-user-limit-24hour")


@dataclass(frozen=True)
class Reading:
    """What one answer says of its endpoint's limits.

    Attributes:
        remaining: Requests left in the window; None where the answer does not say.
        reset: End of the window in epoch seconds of this machine's clock; None where the answer does not say.
        server_reset: The same by X's own clock, as X wrote it: equal in all answers of one window, however long each
            was under way.
    """

    remaining: int | None = None
    reset: float | None = None
    server_reset: float | None = None


def read_headers(headers: Mapping[str, str], *, now: float) -> Reading:
    """Return the tightest limit in `headers`: of the exhausted sets the one that ends last, else the 15-minute set.

    X states resets by its own clock; its Date header turns them into instants of this machine's, which says `now`.
    The undocumented 24-hour sets count only when they are exhausted [third-party reports].
    """
    remaining = _integer(headers.get("x-rate-limit-remaining"))
    reset = _number(headers.get("x-rate-limit-reset"))
    exhausted = _exhausted_days(headers)
    if exhausted:
        reset = max([*exhausted, reset] if remaining == 0 and reset is not None else exhausted)
        remaining = 0
    if reset is None:
        return Reading(remaining)
    return Reading(remaining, reset + now - _server_time(headers, default=now), reset)


def _exhausted_days(headers: Mapping[str, str]) -> list[float]:
    """Return the resets of the 24-hour sets that have nothing left."""
    return [
        reset
        for name in _DAILY_SETS
        if _integer(headers.get(f"{name}-remaining")) == 0
        and (reset := _number(headers.get(f"{name}-reset"))) is not None
    ]


def _server_time(headers: Mapping[str, str], *, default: float) -> float:
    try:
        return email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return default


class _Window:
    """One endpoint's window: `remaining` counts down with each request sent and is None while nothing is known.

    `server_reset` tells one window from the next; it is None where X has not stated any.
    """

    def __init__(self) -> None:
        self.remaining: int | None = None
        self.reset = 0.0
        self.server_reset: float | None = None
        self.exploring = False
        self.in_flight = 0
        self.refusals_in_a_row = 0


class RateLimits:
    """The windows of one set of credentials, by endpoint name. All methods may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        """Start without knowledge; `clock` gives the time and does the waiting."""
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._changed = threading.Condition()

    def acquire(self, endpoint: str, *, on_wait: Callable[[float], None]) -> None:
        """Return when a request to `endpoint` may be sent; call `on_wait(seconds)` before each wait for a window's end.

        Every `acquire` must be followed by exactly one `learn` or `release`.
        `on_wait` may raise, which gives up the wait.
        """
        while True:
            with self._changed:
                wait = self._admit(self._windows.setdefault(endpoint, _Window()))
                if wait is None:
                    self._windows[endpoint].in_flight += 1
                    return
                if wait == 0.0:
                    self._changed.wait()
                    continue
            on_wait(wait)
            self._clock.sleep(wait)

    def _admit(self, window: _Window) -> float | None:
        """Admit a request (None), or return the seconds to wait; 0.0 means: until another request has told more."""
        now = self._clock.time()
        if window.remaining is not None and now < window.reset + RESET_MARGIN:
            if window.remaining <= 0:
                return window.reset + RESET_MARGIN - now
            window.remaining -= 1
            return None
        if window.exploring:
            return 0.0
        window.remaining, window.server_reset, window.exploring = None, None, True
        return None

    def learn(self, endpoint: str, headers: Mapping[str, str], *, refused: bool) -> None:
        """Take in the answer to an acquired request; `refused` says that it was a 429 of a rate limit."""
        now = self._clock.time()
        reading = read_headers(headers, now=now)
        wished = retry_after_seconds(headers.get("retry-after"), now=now)
        with self._changed:
            window = self._windows[endpoint]
            window.exploring = False
            window.in_flight -= 1
            if refused:
                self._close(window, reading, wished)
            else:
                window.refusals_in_a_row = 0
                self._update(window, reading)
            self._changed.notify_all()

    def release(self, endpoint: str) -> None:
        """Give back an acquired request whose answer, if any came, says nothing of limits."""
        with self._changed:
            self._windows[endpoint].exploring = False
            self._windows[endpoint].in_flight -= 1
            self._changed.notify_all()

    def is_exhausted(self, endpoint: str) -> bool:
        """Return whether a request to `endpoint` would have to wait for the end of a window now."""
        with self._changed:
            window = self._windows.get(endpoint)
            return window is not None and (
                window.remaining is not None
                and window.remaining <= 0
                and self._clock.time() < window.reset + RESET_MARGIN
            )

    def _update(self, window: _Window, reading: Reading) -> None:
        now = self._clock.time()
        if reading.remaining is None:
            if window.remaining is None:
                # An endpoint without limits, as long as none are stated. The far reset spares further exploring.
                window.remaining, window.reset = 1_000_000, now + LONGEST_WINDOW
            return
        known, said = window.server_reset, reading.server_reset
        if known is not None and said is not None and said < known - SAME_WINDOW:
            return
        is_next = known is not None and said is not None and said > known + SAME_WINDOW
        if window.remaining is None or is_next:
            # What was sent before a window's end may have come in after it, and count there.
            window.remaining, window.reset = reading.remaining - window.in_flight, now + UNSAID_WINDOW
        else:
            # Answers overtake each other, and requests of other threads are under way: the lower number is right.
            window.remaining = min(window.remaining, reading.remaining)
        if reading.reset is not None and (known is None or is_next):
            window.reset, window.server_reset = reading.reset, said

    def _close(self, window: _Window, reading: Reading, retry_after: float | None) -> None:
        """Close the window until the reset that the answer states, or else is known, or else is guessed."""
        now = self._clock.time()
        is_known = window.remaining is not None and (window.remaining <= 0 or window.server_reset is not None)
        if reading.reset is not None and reading.reset > now - RESET_MARGIN:
            window.reset, window.server_reset = reading.reset, reading.server_reset
        elif retry_after is not None:
            window.reset = now + retry_after
        elif not is_known or window.reset <= now:
            window.refusals_in_a_row += 1
            window.reset = now + min(UNSAID_WINDOW * 2.0 ** (window.refusals_in_a_row - 1), LONGEST_WINDOW)
        window.remaining = 0


def _integer(value: str | None) -> int | None:
    try:
        return int(value) if value is not None else None
    except ValueError:
        return None


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None
