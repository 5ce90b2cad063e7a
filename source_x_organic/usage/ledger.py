"""How much of X a run has used, by account and endpoint; shared by its threads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from source_x_organic.usage.prices import price_of

if TYPE_CHECKING:
    from decimal import Decimal

    from source_x_organic.usage.resources import Resources

NOBODY = ""
"""The account of what belongs to no single one: a look-up of several users, the list of Ads accounts."""


@dataclass(frozen=True, order=True)
class Use:
    """What one account has needed of one endpoint.

    Attributes:
        account_id: X user id, or that of an Ads account where no user is meant; `NOBODY` for no single one.
        endpoint: As X's rate-limit table names it.
        requests: Sent, whether answered or not.
        post_reads: Posts that were returned, each time counted.
        user_reads: Users that were returned, each time counted.
        repeated_posts: Posts among them that this run had been handed before, as far as that is known.
    """

    account_id: str
    endpoint: str
    requests: int = 0
    post_reads: int = 0
    user_reads: int = 0
    repeated_posts: int = 0

    @property
    def list_price(self) -> Decimal:
        """What it costs at list price, in US dollars, nothing taken off."""
        return price_of(self.endpoint).of(posts=self.post_reads, users=self.user_reads)

    @property
    def repeated_price(self) -> Decimal:
        """What may be taken off, because X does not bill a post twice on one UTC day."""
        return price_of(self.endpoint).of(posts=self.repeated_posts, users=0)


_Key = tuple[str, str]


class Ledger:
    """Counts of requests and of what they brought. Only numbers are kept: memory does not grow with posts."""

    def __init__(self) -> None:
        """Start at zero."""
        self._lock = Lock()
        self._requests: Counter[_Key] = Counter()
        self._posts: Counter[_Key] = Counter()
        self._users: Counter[_Key] = Counter()
        self._repeated: Counter[_Key] = Counter()
        self._usernames: dict[str, str] = {}

    def count(self, endpoint: str, account: str = NOBODY) -> None:
        """Add one request to `endpoint`, for an account."""
        with self._lock:
            self._requests[account, endpoint] += 1

    def assign(self, endpoint: str, account: str) -> None:
        """Give the account a request whose account shows only in its answer, and was `NOBODY` until then."""
        with self._lock:
            if self._requests[NOBODY, endpoint]:
                self._requests[NOBODY, endpoint] -= 1
                self._requests[account, endpoint] += 1

    def add(self, endpoint: str, account: str, resources: Resources) -> None:
        """Add what an answer brought for an account."""
        key = account, endpoint
        with self._lock:
            self._posts[key] += resources.posts
            self._users[key] += resources.users
            self._repeated[key] += resources.repeated

    def name(self, account: str, username: str) -> None:
        """Remember how an account is called."""
        with self._lock:
            self._usernames[account] = username

    @property
    def usernames(self) -> dict[str, str]:
        """The usernames of the accounts that have told one, by id."""
        with self._lock:
            return dict(self._usernames)

    def by_endpoint(self) -> dict[str, int]:
        """Return the number of requests by endpoint name, retries included."""
        totals: Counter[str] = Counter()
        for use in self.uses():
            totals[use.endpoint] += use.requests
        return {endpoint: count for endpoint, count in totals.items() if count}

    def uses(self) -> list[Use]:
        """Return all counts so far, ordered by account and endpoint."""
        with self._lock:
            keys = {
                key for counts in (self._requests, self._posts, self._users) for key, count in counts.items() if count
            }
            return [
                Use(*key, self._requests[key], self._posts[key], self._users[key], self._repeated[key])
                for key in sorted(keys)
            ]
