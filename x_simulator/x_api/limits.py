"""X's published limits: requests per window for an app (bearer) and for a user, sizes, ages and dates."""

from datetime import UTC, datetime
from typing import NamedTuple


class Limit(NamedTuple):
    """Requests per window: for all bearer requests of an app together, and for each user. 0: not offered."""

    app: int
    user: int


# X docs, "Rate limits", August 2026; :name stands for a path parameter.
RATE_LIMITS: dict[str, Limit] = {
    "/2/users/me": Limit(0, 75),
    "/2/users": Limit(300, 900),
    "/2/users/by": Limit(300, 900),
    "/2/users/by/username/:username": Limit(300, 900),
    "/2/users/:id": Limit(300, 900),
    "/2/users/:id/tweets": Limit(10_000, 900),
    "/2/tweets": Limit(3_500, 5_000),
    "/2/tweets/:id": Limit(450, 900),
    "/2/tweets/analytics": Limit(300, 300),
    "/2/media/analytics": Limit(300, 300),
    "/2/usage/tweets": Limit(50, 0),
}

MOST_IDS = 100
FEWEST_RESULTS, MOST_RESULTS, DEFAULT_RESULTS = 5, 100, 10
REPLIES_EXCLUDED_CEILING = 800
PRIVATE_METRICS_MS = 30 * 86_400_000
EARLIEST_TIME = datetime(2010, 11, 6, tzinfo=UTC)
