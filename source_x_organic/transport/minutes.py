"""Limits of so many requests a minute, where X says how many are left but never when the minute ends.

Nobody says whether such a minute slides, begins with the first request, or is that of X's clock. The sender's rule fits
all three: of any `allowed + 1` requests in a row, the last is sent more than a minute after the first, so that no
minute, however it is laid, holds more than are allowed. The one assumption: X counts a request within `IN_TRANSIT`
seconds of its sending. Where X says that fewer are left than this leaves, others use the same allowance; what they took
counts as if they had taken it just then.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE = 60.0

IN_TRANSIT = 2.0
"""Seconds within which X counts a request that was sent. They cost 3 % of the allowance; answers may take any time."""

HELD = MINUTE + IN_TRANSIT
"""Seconds for which a request counts."""

OUTDATED = MINUTE / 2
"""Age in seconds of X's last statement from which one request goes first again: others may have used the allowance."""

LONGEST_ANSWER = 120.0
"""Seconds after its sending in which an answer can still come."""


@dataclass(frozen=True)
class MinuteReading:
    """What one answer says; None where it does not say.

    Attributes:
        limit: Requests allowed in a minute.
        remaining: Requests left in the present one.
    """

    limit: int | None = None
    remaining: int | None = None


def read_minute_headers(headers: Mapping[str, str]) -> MinuteReading:
    """Return what `x-per-minute-limit` and `x-per-minute-remaining` say (Engagement API)."""
    return MinuteReading(_count(headers.get("x-per-minute-limit")), _count(headers.get("x-per-minute-remaining")))


class MinuteWindow:
    """One endpoint's requests of the last minute, those of others as far as X lets them be known."""

    def __init__(self) -> None:
        """Start without a limit."""
        self._allowed: int | None = None
        self._stated_at = -math.inf
        self._taken: deque[tuple[float, int]] = deque()

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may go; None: it may go now."""
        if self._allowed is None:
            return None
        self._turn_back(now)
        taken = 0
        for instant, number in reversed(self._taken):
            taken += number
            if taken >= self._allowed:
                left = instant + HELD - now
                return left if left > 0 else None
        return None

    def is_outdated(self, now: float) -> bool:
        """Return whether it has been so long since X's last statement that one request should go first."""
        return self._allowed is not None and now - self._stated_at > OUTDATED

    def admit(self, now: float) -> None:
        """Count a request that `wait` has nothing against."""
        self._turn_back(now)
        while self._taken and self._taken[0][0] < now - HELD - LONGEST_ANSWER:
            self._taken.popleft()
        self._taken.append((now, 1))

    def learn(self, reading: MinuteReading, *, asked_at: float, now: float) -> None:
        """Take in what the answer to a request says that was admitted at `asked_at`."""
        if reading.remaining is None:
            return
        allowed = max(1, reading.limit or max(self._allowed or 0, reading.remaining + 1))
        known = sum(number for instant, number in self._taken if instant > asked_at - HELD)
        by_others = allowed - reading.remaining - known
        if by_others > 0:
            insort(self._taken, (asked_at, by_others))
        self._allowed, self._stated_at = allowed, now

    def _turn_back(self, now: float) -> None:
        """Let nothing lie in the future: the machine's clock may have been put back."""
        if self._taken and self._taken[-1][0] > now:
            self._taken = deque((min(instant, now), number) for instant, number in self._taken)


def _count(value: str | None) -> int | None:
    try:
        return max(0, int(value)) if value is not None else None
    except ValueError:
        return None
