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

    `window_seconds`: at most this long (None: as long as all windows); `prefix`: of the headers that speak of it, which
    may leave out when it ends (`tells_reset`); `is_aligned`: it begins when the clock says so, not with a request.
    """

    owner: str
    endpoint: str
    limit: int
    prefix: str = "x-rate-limit"
    window_seconds: float | None = None
    is_aligned: bool = False
    tells_reset: bool = True

    def headers(self, allowance: Allowance) -> dict[str, str]:
        """Return what X's headers say of this window."""
        headers = allowance.headers(self.prefix)
        return headers if self.tells_reset else {name: headers[name] for name in headers if not name.endswith("-reset")}


class RateLimits:
    """Counts requests. A window is `window_seconds` long, and opens with the first request in it unless aligned."""

    def __init__(self, clock: Clock, window_seconds: float = 900) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def count(self, quota: Quota) -> Allowance:
        """Count one request and say what is left."""
        key, now, seconds = (quota.owner, quota.endpoint), self._clock.time(), self._seconds(quota)
        with self._lock:
            opened, used = self._windows.get(key, (-seconds, 0))
            if now >= opened + seconds:
                opened, used = self._opening(quota, now), 0
            used = min(used + 1, quota.limit + 1)
            self._windows[key] = (opened, used)
        return Allowance(quota.limit, max(quota.limit - used, 0), int(opened + seconds) + 1, used <= quota.limit)

    def use_up(self, quota: Quota) -> Allowance:
        """Use a window up (a fault that behaves like a real limit)."""
        key, now, seconds = (quota.owner, quota.endpoint), self._clock.time(), self._seconds(quota)
        with self._lock:
            opened, _ = self._windows.get(key, (-seconds, 0))
            if now >= opened + seconds:
                opened = self._opening(quota, now)
            self._windows[key] = (opened, quota.limit + 1)
        return Allowance(quota.limit, 0, int(opened + seconds) + 1, is_allowed=False)

    def exhaust(self, credential: str, endpoint: str, limit: int) -> Allowance:
        """Use up a credential's window at an endpoint."""
        return self.use_up(Quota(credential, endpoint, limit))

    def _opening(self, quota: Quota, now: float) -> float:
        return now - now % self._seconds(quota) if quota.is_aligned else now

    def _seconds(self, quota: Quota) -> float:
        return min(self._window_seconds, quota.window_seconds or self._window_seconds)
