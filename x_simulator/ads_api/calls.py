"""What passes between the routes of the Ads API and what answers there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from x_simulator.ads_accounts import AdsAccount
from x_simulator.credentials import Identity
from x_simulator.http_messages import Request

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AdsBehaviour:
    """How this Ads API behaves where it can be told.

    `apps`: developer apps that X approved for the Ads API; `organic_entity`: whether statistics still take
    `ORGANIC_TWEET`; `job_ceiling`: asynchronous jobs that may run at once per Ads account; `job_seconds`: how long a
    job runs by the simulator's clock, or a function from its number (from 0) to that; `retweet_statistics`: whether
    statistics are given of retweets (they are zeros), or refused; `empty_pages`: pages without tweets that come before
    the first one with some; `most_tweet_days`: tweets times days that a question about statistics may be about before
    it is too complex (None: any number); `organic_groups`: groups of metrics that there are of `ORGANIC_TWEET`.
    """

    apps: frozenset[str] = frozenset({"main"})
    organic_entity: bool = True
    job_ceiling: int = 100
    job_seconds: float | Callable[[int], float] = 2.0
    retweet_statistics: bool = True
    empty_pages: int = 0
    most_tweet_days: int | None = None
    organic_groups: tuple[str, ...] = ("ENGAGEMENT", "VIDEO")


@dataclass(frozen=True, slots=True)
class AdsCall:
    """A request on its way to an endpoint, after who asks was checked.

    `account`: the Ads account in the path (None only for GET accounts); `values`: what stands in the path for each
    :name, the account's id under `account_id`.
    """

    request: Request
    identity: Identity
    account: AdsAccount | None
    values: dict[str, str]

    @property
    def ads_account(self) -> AdsAccount:
        """The Ads account in the path.

        Raises:
            TypeError: the path has none.
        """
        if self.account is None:
            raise TypeError(f"{self.request.path} is not about one Ads account")
        return self.account


@dataclass(slots=True)
class AdsAnswer:
    """A successful answer before it is serialised; `headers`: beside the usual ones."""

    body: Body
    headers: dict[str, str] = field(default_factory=dict)
