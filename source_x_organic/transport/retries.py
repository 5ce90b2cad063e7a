"""How often a request is tried and how long to wait in between.

Not airbyte-cdk's HttpClient: its back-off gives up on any wait above 600 seconds in total (X's windows last 900), it
has no limit shared by the threads of one credential, and its debug log prints the Authorization header.
"""

from __future__ import annotations

import email.utils
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class RetryPolicy:
    """Bounds on trying again.

    Attributes:
        max_attempts: Requests in all, the first one included, before a passing fault becomes an error.
        first_wait: Seconds before the second attempt, before jitter; doubles with each further one.
        longest_wait: Ceiling on one wait in seconds, before jitter.
        longest_rate_limit_wait: Seconds up to which a rate-limit window is waited out; X's windows last 900.
        max_windows: Rate-limit windows that one request waits out before it gives up.
    """

    max_attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0
    longest_rate_limit_wait: float = 1200.0
    max_windows: int = 8

    def wait_seconds(self, attempt: int, *, retry_after: float | None, jitter: Callable[[], float]) -> float:
        """Return the seconds to wait after failed attempt number `attempt` (from 1).

        `retry_after` is the server's own wish in seconds and is a lower bound. `jitter` returns a number in [0, 1): the
        wait lies between half and the whole of the exponential step, so that threads do not come back in step.
        """
        step: float = min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)
        return max(step * (0.5 + 0.5 * jitter()), retry_after or 0.0)


PATIENT = RetryPolicy()
"""For reading: a passing fault is ridden out for about half a minute."""

PROMPT = RetryPolicy(max_attempts=3, longest_rate_limit_wait=65.0, max_windows=1)
"""For checking a connection: a person is waiting in front of the form."""


def retry_after_seconds(value: str | None, *, now: float) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, or None where it is absent or makes no sense.

    `value` is a number of seconds or an HTTP date (RFC 9110, 10.2.3); `now` is in epoch seconds.
    """
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None
