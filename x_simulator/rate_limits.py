"""Rate limits as X keeps them: fixed windows per credential and endpoint."""

import threading
from dataclasses import dataclass

from x_simulator.clock import Clock


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left in a window. `reset`: epoch seconds at which the next begins; `is_allowed`: for this request."""

    limit: int
    remaining: int
    reset: int
    is_allowed: bool = True

    def headers(self) -> dict[str, str]:
        """Return the three headers that X sends."""
        return {
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(self.reset),
        }


class RateLimits:
    """Counts requests. A window opens with the first request in it and is `window_seconds` long."""

    def __init__(self, clock: Clock, window_seconds: float = 900) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def take(self, credential: str, endpoint: str, limit: int) -> Allowance:
        """Count one request of a credential to an endpoint and say what is left."""
        key, now = (credential, endpoint), self._clock.time()
        with self._lock:
            opened, used = self._windows.get(key, (now, 0))
            if now >= opened + self._window_seconds:
                opened, used = now, 0
            used = min(used + 1, limit + 1)
            self._windows[key] = (opened, used)
        return Allowance(limit, max(limit - used, 0), self._reset(opened), used <= limit)

    def exhaust(self, credential: str, endpoint: str, limit: int) -> Allowance:
        """Use up a credential's window at an endpoint (a fault that behaves like a real limit)."""
        key, now = (credential, endpoint), self._clock.time()
        with self._lock:
            opened, _ = self._windows.get(key, (now, 0))
            if now >= opened + self._window_seconds:
                opened = now
            self._windows[key] = (opened, limit + 1)
        return Allowance(limit, 0, self._reset(opened), is_allowed=False)

    def _reset(self, opened: float) -> int:
        return int(opened + self._window_seconds) + 1
