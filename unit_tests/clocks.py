"""A clock whose hands the test holds."""

from __future__ import annotations

import threading

NOON = 1_795_176_000.0
"""2026-11-20T12:00:00Z."""


class HandClock:
    """Stands still but for `sleep`, which moves it on at once; threads that sleep side by side share the time."""

    def __init__(self, start: float = NOON) -> None:
        self._now = start
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def time(self) -> float:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._now += seconds

    def sleep_from(self, began: float, seconds: float) -> None:
        """Move on to `seconds` after `began`, where the clock is not there already."""
        with self._lock:
            self.slept.append(seconds)
            self._now = max(self._now, began + seconds)


class SharedClock(HandClock):
    """For many threads: two that sleep ten seconds at the same time wake up ten seconds later, not twenty."""

    def sleep(self, seconds: float) -> None:
        self.sleep_from(self.time(), seconds)
