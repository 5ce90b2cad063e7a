"""X's rate-limit windows, learnt from its answers and shared by all threads of one set of credentials.

X limits each endpoint per credentials and window, and says in every answer how much is left (`x-rate-limit-limit`,
`-remaining`, `-reset`). Nothing is assumed beforehand: live limits differ from the documented table. While an
endpoint's window is unknown (at the start, and after each reset) one request goes first and the others wait for what
it learns; so at most one request per credentials, endpoint and window can draw a 429, however many threads there are.

Some endpoints of the Ads API have a window of their own for each Ads account (`x-account-rate-limit-*`), which then
counts instead of the credentials' (X docs, "Rate limiting", August 2026). Which of the two it is shows in the answers
alone; so a request there must be admitted by both windows, and an answer is news for the one that it speaks of.

The Engagement API states a limit for the minute instead, without its end: see `minutes`.
"""

from __future__ import annotations

import email.utils
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from source_x_organic.transport.minutes import MINUTE, MinuteWindow, read_minute_headers
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

ANY_NUMBER = 1_000_000
"""Requests left in a window of which nothing is said: more than anybody sends in it."""

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
    remaining, reset = _stated(headers, "x-rate-limit")
    exhausted = _exhausted_days(headers)
    if exhausted:
        reset = max([*exhausted, reset] if remaining == 0 and reset is not None else exhausted)
        remaining = 0
    return _reading(remaining, reset, headers, now=now)


def read_account_headers(headers: Mapping[str, str], *, now: float) -> Reading:
    """Return what `headers` say of the limit of one Ads account; nothing where X counts by the credentials."""
    return _reading(*_stated(headers, "x-account-rate-limit"), headers, now=now)


def _stated(headers: Mapping[str, str], prefix: str) -> tuple[int | None, float | None]:
    return _integer(headers.get(f"{prefix}-remaining")), _number(headers.get(f"{prefix}-reset"))


def _reading(remaining: int | None, reset: float | None, headers: Mapping[str, str], *, now: float) -> Reading:
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
        self.minute = MinuteWindow()

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may go; 0.0: until another has told more; None: it may go now."""
        wait = self.minute.wait(now)
        if self.remaining is not None and self.remaining <= 0 and now < self.reset + RESET_MARGIN:
            return max(self.reset + RESET_MARGIN - now, wait or 0.0)
        return 0.0 if wait is None and self.exploring else wait

    def admit(self, now: float) -> None:
        """Count a request that `wait` has nothing against."""
        self.in_flight += 1
        if self.remaining is not None and now < self.reset + RESET_MARGIN:
            self.remaining -= 1
            self.exploring = self.minute.is_outdated(now)
        else:
            self.remaining, self.server_reset, self.exploring = None, None, True
        self.minute.admit(now)

    def give_back(self) -> None:
        """Take note that an admitted request is over."""
        self.exploring = False
        self.in_flight -= 1


class RateLimits:
    """The windows of one set of credentials, by endpoint name. All methods may be called from any thread.

    `account` is the Ads account that a request is about, on endpoints where X may count for each of them; else "".
    """

    def __init__(self, clock: Clock) -> None:
        """Start without knowledge; `clock` gives the time and does the waiting."""
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}
        self._changed = threading.Condition()

    def acquire(self, endpoint: str, *, on_wait: Callable[[float], None], account: str = "") -> float:
        """Return when a request to `endpoint` may be sent; call `on_wait(seconds)` before each wait for a window's end.

        Every `acquire` must be followed by exactly one `learn`, which wants to know the instant that is returned, or
        `release`. `on_wait` may raise, which gives up the wait.
        """
        while True:
            with self._changed:
                now = self._clock.time()
                wait = self._admit(self._those_of(endpoint, account), now)
                if wait is None:
                    return now
                if wait == 0.0:
                    self._changed.wait()
                    continue
            on_wait(wait)
            self._clock.sleep(wait)

    def _those_of(self, endpoint: str, account: str) -> list[_Window]:
        """Return the windows that a request must pass: the credentials', and the account's where there is one."""
        levels = dict.fromkeys(["", account])
        return [self._windows.setdefault((endpoint, level), _Window()) for level in levels]

    def _admit(self, windows: list[_Window], now: float) -> float | None:
        """Admit a request to all windows or to none: who waits holds nothing that others wait for."""
        waits = [wait for window in windows if (wait := window.wait(now)) is not None]
        if waits:
            return max(waits)
        for window in windows:
            window.admit(now)
        return None

    def learn(
        self,
        endpoint: str,
        headers: Mapping[str, str],
        *,
        refused: bool,
        account: str = "",
        asked_at: float | None = None,
        window_seconds: float | None = None,
    ) -> None:
        """Take in the answer to a request that was acquired at `asked_at`; `refused`: it was a 429 of a rate limit.

        `window_seconds` is how long a window lasts where X does not say when it ends; None: nobody knows.
        """
        now = self._clock.time()
        minute = read_minute_headers(headers)
        if minute.remaining is not None:
            window_seconds = MINUTE
        level, reading = _decisive(headers, now=now, refused=refused, account=account)
        wished = retry_after_seconds(headers.get("retry-after"), now=now)
        with self._changed:
            decisive = self._windows[endpoint, level]
            decisive.minute.learn(minute, asked_at=now if asked_at is None else asked_at, now=now)
            for window in self._those_of(endpoint, account):
                window.give_back()
                if window is not decisive:
                    self._update(window, Reading())
                elif refused:
                    self._close(window, reading, wished, window_seconds)
                else:
                    window.refusals_in_a_row = 0
                    self._update(window, reading)
            self._changed.notify_all()

    def release(self, endpoint: str, *, account: str = "") -> None:
        """Give back an acquired request whose answer, if any came, says nothing of limits."""
        with self._changed:
            for window in self._those_of(endpoint, account):
                window.give_back()
            self._changed.notify_all()

    def is_exhausted(self, endpoint: str) -> bool:
        """Return whether a request to `endpoint` would have to wait for the end of a window now."""
        with self._changed:
            window = self._windows.get((endpoint, ""))
            return window is not None and bool(window.wait(self._clock.time()))

    def _update(self, window: _Window, reading: Reading) -> None:
        now = self._clock.time()
        if reading.remaining is None:
            if window.remaining is None:
                # An endpoint without limits, as long as none are stated. The far reset spares further exploring.
                window.remaining, window.reset = ANY_NUMBER, now + LONGEST_WINDOW
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

    def _close(
        self, window: _Window, reading: Reading, retry_after: float | None, window_seconds: float | None
    ) -> None:
        """Close the window until the reset that the answer states, or else is known, or else is guessed."""
        now = self._clock.time()
        is_known = window.remaining is not None and (window.remaining <= 0 or window.server_reset is not None)
        if reading.reset is not None and reading.reset > now - RESET_MARGIN:
            window.reset, window.server_reset = reading.reset, reading.server_reset
        elif retry_after is not None:
            window.reset = now + retry_after
        elif not is_known or window.reset <= now:
            window.refusals_in_a_row += 1
            guessed = min(UNSAID_WINDOW * 2.0 ** (window.refusals_in_a_row - 1), LONGEST_WINDOW)
            window.reset = now + (window_seconds or guessed)
        window.remaining = 0


def _decisive(headers: Mapping[str, str], *, now: float, refused: bool, account: str) -> tuple[str, Reading]:
    """Return whose window an answer speaks of, the account's or the credentials' (""), and what it says.

    The account's counts where it is stated; but a refusal is the credentials' where nothing but theirs is used up.
    """
    by_user, by_account = read_headers(headers, now=now), read_account_headers(headers, now=now)
    if not account or by_account.remaining is None:
        return "", by_user
    if refused and by_account.remaining > 0 and by_user.remaining == 0:
        return "", by_user
    return account, by_account


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
