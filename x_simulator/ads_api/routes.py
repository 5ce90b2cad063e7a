"""The Ads API at its edge: which path is which endpoint, who may ask, and how often."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from x_simulator.accounts import AccountKind
from x_simulator.ads_accounts import AdsAccount
from x_simulator.ads_api import accounts, errors, jobs, limits, scheduled, stats, tweets, users
from x_simulator.ads_api.calls import AdsAnswer, AdsBehaviour, AdsCall
from x_simulator.ads_api.job_ledger import AdsJobs
from x_simulator.ads_api.limits import AdsLimit
from x_simulator.clock import Clock
from x_simulator.credentials import AuthType, Identity
from x_simulator.http_messages import Request
from x_simulator.rate_limits import Quota
from x_simulator.world import World

Handler = Callable[["AdsApi", AdsCall], AdsAnswer]
_OWN_PATH = re.compile(r"/(?!2/)[0-9]+/.*")
_VERSION = re.compile(rf"/(?:{'|'.join(limits.VERSIONS)})(/.*)")


@dataclass(frozen=True, slots=True)
class AdsEndpoint:
    """`name`: as in the journal and in the table of limits; `pattern`: of the path behind the version."""

    method: str
    name: str
    pattern: re.Pattern[str]
    handler: Handler
    limit: AdsLimit

    @property
    def window(self) -> str:
        """The name under which requests are counted: methods of one path are counted apart."""
        return self.name if self.method == "GET" else f"{self.method} {self.name}"


class AdsApi:
    """The Ads API on a world. `accounts`: the world's Ads accounts; `jobs`: the asynchronous jobs so far."""

    def __init__(self, world: World, clock: Clock, behaviour: AdsBehaviour) -> None:
        self.world = world
        self.clock = clock
        self.behaviour = behaviour
        self.accounts = world.ads
        self.jobs = AdsJobs(world.seed, clock, behaviour.job_ceiling, behaviour.job_seconds)

    def owns(self, path: str) -> bool:
        """Tell whether a path is one of this API's, of whatever version."""
        return _OWN_PATH.fullmatch(path) is not None

    def find(self, method: str, path: str) -> tuple[AdsEndpoint, dict[str, str]] | None:
        """Return the endpoint of a path and what stands in it for each :name; None if there is none."""
        versioned = _VERSION.fullmatch(path)
        if versioned is None:
            return None
        for endpoint in ENDPOINTS:
            found = endpoint.pattern.fullmatch(versioned.group(1))
            if found and endpoint.method == method:
                return endpoint, found.groupdict()
        return None

    def refusal_of(self, path: str, method: str) -> errors.AdsRefusal:
        """Return how a request to no endpoint is refused: a path that does not exist, or only for other methods."""
        if any(self.find(endpoint.method, path) for endpoint in ENDPOINTS):
            return errors.method_not_allowed(method)
        return errors.no_such_route()

    def call(self, request: Request, identity: Identity | None, values: dict[str, str]) -> AdsCall:
        """Return what an endpoint needs to answer.

        Raises:
            AdsRefusal: wrong credentials, an app without access, an account that is not there or not for this user.
        """
        if identity is None or identity.auth_type is not AuthType.OAUTH1 or identity.username is None:
            raise errors.unauthenticated()
        kind = self.world.account(identity.username).kind
        if kind is AccountKind.DELETED:
            raise errors.unauthenticated()
        if identity.app not in self.behaviour.apps:
            raise errors.app_not_approved()
        if kind is AccountKind.SUSPENDED:
            raise errors.user_suspended()
        return AdsCall(request, identity, self._account(identity.username, values, request), values)

    def _account(self, username: str, values: dict[str, str], request: Request) -> AdsAccount | None:
        identifier = values.get("account_id")
        if identifier is None:
            return None
        account = self.accounts.find(identifier)
        if account is None:
            raise errors.no_such_account(identifier)
        if username.lower() not in account.roles:
            raise errors.without_role(self.world.user_id(username), identifier)
        is_itself = request.path.endswith(f"/accounts/{identifier}") and "/stats/" not in request.path
        if account.deleted and not is_itself:
            raise errors.not_found(f"Account {identifier} was not found", {"account_id": identifier})
        return account

    def quotas(
        self, endpoint: AdsEndpoint, identity: Identity, values: dict[str, str], changed: dict[str, int]
    ) -> tuple[Quota, ...]:
        """Return the windows that a request counts in, the one that decides first.

        `changed`: requests per window that differ from X's, by endpoint or by method and endpoint.
        """
        limit = endpoint.limit
        most = changed.get(endpoint.window, changed.get(endpoint.name, limit.requests))
        user = Quota(identity.credential, endpoint.window, most, window_seconds=limit.window_seconds)
        account_id = values.get("account_id")
        if not limit.per_account or account_id is None:
            return (user,)
        return Quota(f"ads:{account_id}", endpoint.window, most, prefix="x-account-rate-limit"), user


def _endpoint(method: str, name: str, handler: Handler, limit: AdsLimit = limits.ACCOUNT_READS) -> AdsEndpoint:
    path = name.removeprefix(f"/{limits.CURRENT_VERSION}").replace(":id", ":account_id", 1)
    return AdsEndpoint(method, name, re.compile(re.sub(r":(\w+)", r"(?P<\1>[^/]+)", path)), handler, limit)


_JOBS = "/12/stats/jobs/accounts/:id"
ENDPOINTS: tuple[AdsEndpoint, ...] = (
    _endpoint("GET", "/12/accounts", accounts.listed, limits.GLOBAL_READS),
    _endpoint("GET", "/12/accounts/:id", accounts.one),
    _endpoint("GET", "/12/accounts/:id/authenticated_user_access", accounts.access),
    _endpoint("GET", "/12/accounts/:id/promotable_users", users.listed, limits.ACCOUNT_COLLECTIONS),
    _endpoint("GET", "/12/accounts/:id/promotable_users/:promotable_user_id", users.one),
    _endpoint("GET", "/12/accounts/:id/tweets", tweets.listed, limits.ACCOUNT_COLLECTIONS),
    _endpoint("GET", "/12/accounts/:id/scheduled_tweets", scheduled.scheduled, limits.ACCOUNT_COLLECTIONS),
    _endpoint("GET", "/12/accounts/:id/scheduled_tweets/:scheduled_tweet_id", scheduled.one_scheduled),
    _endpoint("GET", "/12/accounts/:id/draft_tweets", scheduled.drafts, limits.ACCOUNT_COLLECTIONS),
    _endpoint("GET", "/12/accounts/:id/draft_tweets/:draft_tweet_id", scheduled.one_draft),
    _endpoint("GET", "/12/stats/accounts/:id", stats.synchronous, limits.SYNCHRONOUS_ANALYTICS),
    _endpoint("POST", _JOBS, jobs.create, limits.WRITES),
    _endpoint("GET", _JOBS, jobs.listed),
    _endpoint("DELETE", f"{_JOBS}/:job_id", jobs.cancelled, limits.WRITES),
)
