"""How many reports X lets run at once, as its answers tell, and how often to ask after those that run."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CEILING = 100
"""Jobs at once per Ads account [documented]; X's answers state it, and their word counts."""

SHORTEST_POLL, LONGEST_POLL = 0.2, 15.0
"""Seconds between two looks at the jobs under way."""

POLL_SHARE = 0.1
"""Part of a job's usual duration that passes between two looks."""


class Slots:
    """How many more jobs X lets run; the first one goes alone, and its answer tells."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ceiling: int | None = None
        self._remaining: int | None = None

    def free(self, running: int, taken: int) -> int:
        """Return how many jobs may be begun beside those that run and those that were just taken from the queue."""
        with self._lock:
            ceiling = 1 if self._ceiling is None else self._ceiling
            left = ceiling - running if self._remaining is None else min(self._remaining, ceiling - running)
            return left - taken

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says; where it says nothing, the documented ceiling holds."""
        with self._lock:
            self._learn_ceiling(headers)
            self._remaining = _number(headers.get("x-concurrent-job-limit-remaining"), default=self._remaining)

    def take(self, headers: Mapping[str, str]) -> None:
        """Take in the answer to an order: of several that were under way together the lowest number is the last.

        An answer that was lost (no headers) tells nothing but that there is one job more.
        """
        with self._lock:
            if not headers:
                self._remaining = None if self._remaining is None else self._remaining - 1
                return
            self._learn_ceiling(headers)
            stated = _number(headers.get("x-concurrent-job-limit-remaining"))
            known = [number for number in (stated, self._remaining) if number is not None]
            self._remaining = min(known, default=None)

    def _learn_ceiling(self, headers: Mapping[str, str]) -> None:
        self._ceiling = _number(headers.get("x-concurrent-job-limit")) or self._ceiling or CEILING

    def fill(self) -> None:
        """Note that X has no room."""
        with self._lock:
            self._ceiling = self._ceiling or CEILING
            self._remaining = 0

    def give_back(self) -> None:
        """Note that a job has ended."""
        with self._lock:
            if self._remaining is not None:
                self._remaining += 1

    def empty_one(self, *, when: bool) -> None:
        """Let one job be tried `when` none of ours runs: then nobody tells how many of the others have ended."""
        with self._lock:
            if when and self._remaining == 0:
                self._remaining = 1


class Pace:
    """How often to look: often for quick reports, rarely for slow ones."""

    def __init__(self) -> None:
        self._durations: deque[float] = deque(maxlen=20)

    def note(self, seconds: float) -> None:
        """Take in how long a report took."""
        self._durations.append(seconds)

    def interval(self, ages: Iterable[float]) -> float:
        """Return the seconds until the next look; `ages` are those of the jobs under way.

        Where all of them have taken longer than is usual, nothing says that they will be done soon.
        """
        usual = sum(self._durations) / len(self._durations) if self._durations else 0.0
        return min(max(POLL_SHARE * max(usual, min(ages)), SHORTEST_POLL), LONGEST_POLL)


def _number(text: str | None, default: int | None = None) -> int | None:
    return int(text) if text is not None and text.isdigit() else default
