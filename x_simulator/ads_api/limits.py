"""The Ads API's published limits."""

from dataclasses import dataclass

VERSIONS = ("11", "12")
CURRENT_VERSION = "12"
MOST_RESULTS, DEFAULT_RESULTS = 1_000, 200
MOST_SCHEDULED, DEFAULT_SCHEDULED = 200, 100
MOST_IDS = 200
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class AdsLimit:
    """Requests per window. `per_account`: X counts them per Ads account as well, and those decide.

    `window_seconds`: None: the usual quarter of an hour.
    """

    requests: int
    per_account: bool = False
    window_seconds: float | None = None


# X docs, "Rate limiting", August 2026.
GLOBAL_READS = AdsLimit(5)
ACCOUNT_READS = AdsLimit(2_000)
ACCOUNT_COLLECTIONS = AdsLimit(2_000, per_account=True)
SYNCHRONOUS_ANALYTICS = AdsLimit(250)
WRITES = AdsLimit(450, window_seconds=60)
