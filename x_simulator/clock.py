"""Clocks: the simulator never asks the operating system for the time anywhere else."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the simulator, and any program under test, needs of a clock."""

    def time(self) -> float:
        """Return seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds` without waiting."""
        ...


class SystemClock:
    """The machine's clock, which `advance` can move ahead of real time."""

    def __init__(self, offset_seconds: float = 0) -> None:
        self._offset_seconds = offset_seconds

    def time(self) -> float:
        """Return real seconds since the epoch plus what was advanced."""
        return time.time() + self._offset_seconds

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of real time."""
        time.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move this clock forward by `seconds`; it goes on ticking."""
        self._offset_seconds += seconds


class SimulatedClock:
    """A clock that stands still until it is moved: by `advance`, or by `sleep`, which returns at once.

    `start`: an aware datetime, or seconds since the epoch.
    """

    def __init__(self, start: datetime | float) -> None:
        self._seconds = start.timestamp() if isinstance(start, datetime) else float(start)
        self._lock = threading.Lock()

    def time(self) -> float:
        """Return simulated seconds since the epoch."""
        return self._seconds

    def now(self) -> datetime:
        """Return the simulated instant in UTC."""
        return datetime.fromtimestamp(self._seconds, UTC)

    def sleep(self, seconds: float) -> None:
        """Move the clock forward by `seconds` without waiting; a negative value is nothing."""
        self.advance(max(seconds, 0.0))

    def advance(self, seconds: float | timedelta) -> None:
        """Move the clock forward by `seconds` or by a timedelta."""
        step = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
        with self._lock:
            self._seconds += step


class PatientClock(SimulatedClock):
    """A simulated clock for many threads: those that sleep wait side by side, and for those that work.

    Its hands move when nobody has asked it for the time for `quiet_seconds` of real time: then all that is left to do
    is to wait, and it goes on to the instant at which the first sleeper wants to wake. On a `SimulatedClock` one
    thread's sleep would take another's request, which is under way, a minute of simulated time.
    """

    def __init__(self, start: datetime | float, quiet_seconds: float = 0.05) -> None:
        super().__init__(start)
        self._quiet_seconds = quiet_seconds
        self._changed = threading.Condition()
        self._wakes: list[float] = []
        self._asked = 0

    def time(self) -> float:
        """Return simulated seconds since the epoch."""
        with self._changed:
            self._asked += 1
        return super().time()

    def sleep(self, seconds: float) -> None:
        """Return when the clock has gone on by `seconds`."""
        with self._changed:
            wake = self._seconds + seconds
            self._wakes.append(wake)
            while self._seconds < wake:
                asked = self._asked
                is_quiet = not self._changed.wait(self._quiet_seconds) and self._asked == asked
                if is_quiet and wake == min(self._wakes):
                    self._seconds = wake
                    self._changed.notify_all()
            self._wakes.remove(wake)


def milliseconds(clock: Clock) -> int:
    """Return the clock's instant in milliseconds since the epoch."""
    return int(clock.time() * 1000)
