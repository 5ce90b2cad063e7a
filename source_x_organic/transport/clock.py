"""Time as the connector sees it: one interface, so that tests can hold the hands."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of instants and of waiting."""

    def time(self) -> float:
        """Return the current instant in seconds since the Unix epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after `seconds` have passed on this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def time(self) -> float:
        """Return the current instant in seconds since the Unix epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for `seconds`."""
        time.sleep(seconds)


def now(clock: Clock) -> datetime:
    """Return the clock's current instant as an aware UTC datetime."""
    return datetime.fromtimestamp(clock.time(), tz=UTC)
