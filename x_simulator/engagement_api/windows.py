"""The hours that a request is about: as it gives them, widened to whole ones, or as the endpoint has them.

All instants are milliseconds since the epoch, all calendars are UTC's; ends are exclusive.
"""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LONGEST_MS = 28 * DAY_MS
REACH_MS = 365 * DAY_MS
RECENT_MS = 28 * HOUR_MS
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)")


class Window(NamedTuple):
    """A span of whole hours."""

    start_ms: int
    end_ms: int

    @property
    def body(self) -> dict[str, str]:
        """The window as an answer repeats it."""
        return {"start": wire_time(self.start_ms), "end": wire_time(self.end_ms)}


class Label(NamedTuple):
    """What a bucket is called: 2026-11-20 and 09."""

    date: str
    hour: str


def last_28_hours(now_ms: int) -> Window:
    """Return the last 28 hours, widened to whole ones: 29 unless the clock strikes."""
    return Window(_floor(now_ms - RECENT_MS), _ceiling(now_ms))


def last_four_weeks(now_ms: int) -> Window:
    """Return what a request without start and end is about."""
    end_ms = _ceiling(now_ms)
    return Window(end_ms - LONGEST_MS, end_ms)


def asked_window(start: Any, end: Any, now_ms: int) -> Window:  # noqa: ANN401 - whatever JSON has there
    """Return the window of a request that gives start or end.

    Raises:
        ValueError: with a sentence about what is wrong.
    """
    if start is None or end is None:
        raise ValueError("start and end have to be given together")
    start_ms, end_ms = _parsed("start", start), _parsed("end", end)
    if end_ms > now_ms:
        raise ValueError("An end in the future is not supported")
    window = Window(_floor(start_ms), _ceiling(end_ms))
    if window.start_ms >= window.end_ms:
        raise ValueError("start has to be before end")
    if window.end_ms - window.start_ms > LONGEST_MS:
        raise ValueError("start and end may be at most 4 weeks apart")
    if window.start_ms < _floor(now_ms) - REACH_MS:
        raise ValueError("start may lie at most 365 days in the past")
    return window


def edges(window: Window, step_ms: int) -> list[int]:
    """Return where the buckets of a window begin, and its end; a day at either end may be cut short."""
    first = window.start_ms - window.start_ms % step_ms + step_ms
    return [window.start_ms, *range(first, window.end_ms, step_ms), window.end_ms]


def labels(starts_ms: list[int]) -> list[Label]:
    """Return what the buckets that begin at these instants are called."""
    begun = (datetime.fromtimestamp(start // 1000, UTC) for start in starts_ms)
    return [Label(f"{start:%Y-%m-%d}", f"{start:%H}") for start in begun]


def wire_time(instant_ms: int) -> str:
    """Return an instant as the API writes it: 2026-11-20T09:00:00Z."""
    return f"{datetime.fromtimestamp(instant_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _parsed(name: str, value: Any) -> int:  # noqa: ANN401 - whatever JSON has there
    """Read an instant, or a date for its midnight."""
    complaint = ValueError(f"{name} is neither an ISO 8601 instant nor a date: {value}")
    if not isinstance(value, str) or not (_DATE.fullmatch(value) or _INSTANT.fullmatch(value)):
        raise complaint
    try:
        instant = datetime.fromisoformat(value)
        return int((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise complaint from None


def _floor(instant_ms: int) -> int:
    return instant_ms - instant_ms % HOUR_MS


def _ceiling(instant_ms: int) -> int:
    return -(-instant_ms // HOUR_MS) * HOUR_MS
