"""The Engagement API at its edge: which path is which endpoint, who may ask, and how often."""

from dataclasses import dataclass
from gzip import compress

import orjson

from x_simulator.accounts import AccountKind
from x_simulator.clock import Clock, milliseconds
from x_simulator.credentials import AuthType, Identity
from x_simulator.engagement_api import errors, metrics
from x_simulator.engagement_api.answers import Asker, Body, Trouble, answered
from x_simulator.engagement_api.endpoints import ENDPOINTS, REQUESTS_PER_MINUTE, EngagementEndpoint
from x_simulator.engagement_api.questions import asked
from x_simulator.http_messages import Request, Response
from x_simulator.rate_limits import Quota
from x_simulator.world import World

_UNKNOWN_TYPE = "Unknown Authorization Type"


@dataclass(frozen=True, slots=True)
class EngagementBehaviour:
    """How this Engagement API behaves where it can be told.

    `apps`: developer apps that X opened it to; `odd_value_every`: one in so many counts is a number instead of a
    string, as in one of X's examples (0: none).
    """

    apps: frozenset[str] = frozenset({"main"})
    odd_value_every: int = 50


class EngagementApi:
    """The Engagement API on a world."""

    def __init__(self, world: World, clock: Clock, behaviour: EngagementBehaviour) -> None:
        self.world = world
        self.clock = clock
        self.behaviour = behaviour

    def owns(self, path: str) -> bool:
        """Tell whether a path is this API's business."""
        return path.startswith("/insights/")

    def find(self, method: str, path: str) -> EngagementEndpoint | None:
        """Return the endpoint of a path; None if there is none."""
        return ENDPOINTS.get(path) if method == "POST" else None

    def quotas(
        self, endpoint: EngagementEndpoint, identity: Identity, changed_limits: dict[str, int]
    ) -> tuple[Quota, ...]:
        """Return the window that a request counts in: a minute of the clock, about whose end no header speaks."""
        most = changed_limits.get(endpoint.name, REQUESTS_PER_MINUTE)
        return (
            Quota(identity.credential, endpoint.name, most, "x-per-minute", 60, is_aligned=True, tells_reset=False),
        )

    def authorize(self, endpoint: EngagementEndpoint, identity: Identity | None) -> Identity:
        """Return who asks.

        Raises:
            EngagementRefusal: 401, wrong credentials for this endpoint; 403, an app without access.
        """
        if identity is None:
            raise errors.unauthenticated()
        is_alone = identity.auth_type is AuthType.BEARER and endpoint.takes_apps
        if identity.auth_type is not AuthType.OAUTH1 and not is_alone:
            raise errors.unauthenticated(_UNKNOWN_TYPE)
        if identity.username is not None:
            kind = self.world.account(identity.username).kind
            if kind is AccountKind.DELETED:
                raise errors.unauthenticated()
            if kind is AccountKind.SUSPENDED:
                raise errors.unauthenticated("Your account is suspended")
        if identity.app not in self.behaviour.apps:
            raise errors.not_allowlisted()
        return identity

    def answer(self, endpoint: EngagementEndpoint, document: object, identity: Identity, trouble: Trouble) -> Body:
        """Answer a request.

        Raises:
            EngagementRefusal: 400 for what it asks, 403 for whom or what it asks about.
        """
        now_ms = milliseconds(self.clock)
        question = asked(endpoint, document, now_ms)
        if identity.username is None:
            private = [name for name in question.types if name not in metrics.PUBLIC]
            if private:
                raise errors.forbidden_metrics(private)
        account = self.world.account(identity.username) if identity.username else None
        odd_every = self.behaviour.odd_value_every
        return answered(self.world, question, Asker(account, now_ms), trouble, odd_every=odd_every)


def document_of(request: Request) -> object:
    """Return the JSON that a request brings; None if it is none."""
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return None


def accepts_gzip(request: Request) -> bool:
    """Tell whether the client takes compressed answers."""
    accepted = request.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
    return any(each.partition(";")[0] in {"gzip", "*"} and not each.endswith(";q=0") for each in accepted)


def compressed(request: Request, response: Response) -> None:
    """Compress an answer, if the client takes it so."""
    if response.body and accepts_gzip(request) and "content-encoding" not in response.headers:
        response.body = compress(response.body, compresslevel=1, mtime=0)
        response.headers["content-encoding"] = "gzip"
