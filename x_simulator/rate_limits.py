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

    def headers(self, prefix: str = "x-rate-limit") -> dict[str, str]:
        """Return the three headers that X sends."""
        return {
            f"{prefix}-limit": str(self.limit),
            f"{prefix}-remaining": str(self.remaining),
            f"{prefix}-reset": str(self.reset),
        }


@dataclass(frozen=True, slots=True)
class Quota:
    """A window that requests count in: `limit` requests of an `owner` (a credential, an Ads account) to `endpoint`.

    `window_seconds`: at most this long (None: as long as all windows); `prefix`: of the headers that speak of it.
    """

    owner: str
    endpoint: str
    limit: int
    prefix: str = "x-rate-limit"
    window_seconds: float | None = None


class RateLimits:
    """Counts requests. A window opens with the first request in it and is `window_seconds` long."""

    def __init__(self, clock: Clock, window_seconds: float = 900) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def count(self, quota: Quota) -> Allowance:
        """Count one request and say what is left."""
        key, now, seconds = (quota.owner, quota.endpoint), self._clock.time(), self._seconds(quota)
        with self._lock:
            opened, used = self._windows.get(key, (now, 0))
            if now >= opened + seconds:
                opened, used = now, 0
            used = min(used + 1, quota.limit + 1)
            self._windows[key] = (opened, used)
        return Allowance(quota.limit, max(quota.limit - used, 0), int(opened + seconds) + 1, used <= quota.limit)

    def use_up(self, quota: Quota) -> Allowance:
        """Use a window up (a fault that behaves like a real limit)."""
        key, now, seconds = (quota.owner, quota.endpoint), self._clock.time(), self._seconds(quota)
        with self._lock:
            opened, _ = self._windows.get(key, (now, 0))
            if now >= opened + seconds:
                opened = now
            self._windows[key] = (opened, quota.limit + 1)
        return Allowance(quota.limit, 0, int(opened + seconds) + 1, is_allowed=False)

    def exhaust(self, credential: str, endpoint: str, limit: int) -> Allowance:
        """Use up a credential's window at an endpoint."""
        return self.use_up(Quota(credential, endpoint, limit))

    def _seconds(self, quota: Quota) -> float:
        return min(self._window_seconds, quota.window_seconds or self._window_seconds)
