"""From a request to a response, without sockets: recognise, disturb, limit, answer, write down."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from x_simulator import faults as failures
from x_simulator.ads_api.routes import AdsApi
from x_simulator.clock import Clock
from x_simulator.credentials import Credentials
from x_simulator.edges import AdsEdge, Edge, EngagementEdge, Prepared, Visit, XEdge, serialised
from x_simulator.engagement_api.routes import EngagementApi
from x_simulator.faults import Faults, Occasion
from x_simulator.http_messages import Request, Response
from x_simulator.journal import Journal
from x_simulator.rate_limits import Allowance, RateLimits
from x_simulator.world import World
from x_simulator.x_api.errors import Refusal
from x_simulator.x_api.routes import XApi


@dataclass
class Application:
    """All that answers, put together. `limits`: requests per window that differ from X's, by endpoint."""

    world: World
    clock: Clock
    credentials: Credentials
    rate_limits: RateLimits
    faults: Faults
    journal: Journal
    x_api: XApi
    ads_api: AdsApi
    engagement_api: EngagementApi
    limits: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._edges: tuple[Edge, ...] = (
            AdsEdge(self.ads_api, self.credentials, self.limits),
            EngagementEdge(self.engagement_api, self.credentials, self.limits),
            XEdge(self.x_api, self.credentials, self.limits),
        )

    def handle(self, request: Request) -> Response:
        """Answer one request and write it down."""
        edge = next(edge for edge in self._edges if edge.owns(request.path))
        visit = edge.recognise(request)
        occasion = self._occasion(visit)
        visit.fault = self.faults.take(occasion)
        response = failures.replacement(visit.fault, occasion) if visit.fault else None
        if response is None:
            response = self._answered(edge, visit, occasion)
        if visit.fault:
            failures.disturb(visit.fault, response)
        if "x-rate-limit-limit" not in response.headers:
            response.headers |= self._window_headers(visit)
        edge.finish(visit, response)
        self._write_down(visit, response)
        response.headers |= {
            "server": "x_simulator",
            **edge.headers,
            "cache-control": "no-cache, no-store, max-age=0",
            "x-transaction-id": f"{len(self.journal):016x}",
        }
        return response

    def _occasion(self, visit: Visit) -> Occasion:
        return Occasion(
            request=visit.request,
            now=self.clock.time(),
            target=visit.target,
            target_id=visit.target_id,
            credential=visit.identity.credential if visit.identity else None,
            exhaust=lambda: self._exhausted(visit),
            window_prefixes=tuple(quota.prefix for quota in visit.quotas if quota.tells_reset),
        )

    def _answered(self, edge: Edge, visit: Visit, occasion: Occasion) -> Response:
        try:
            prepared = edge.respond(visit, lambda: self._is_admitted(visit))
        except Refusal as refusal:
            return Response(refusal.status, orjson.dumps(refusal.body))
        if visit.fault and isinstance(prepared, Prepared) and prepared.status == 200:  # noqa: PLR2004 - HTTP's number
            failures.change(visit.fault, occasion, prepared.body)
        return serialised(prepared)

    def _is_admitted(self, visit: Visit) -> bool:
        """Count a request in its windows. Where there are two, the first decides, as X's documentation says."""
        self._take(visit)
        return not visit.allowances or visit.allowances[0].is_allowed

    def _take(self, visit: Visit) -> None:
        visit.allowances = tuple(self.rate_limits.count(quota) for quota in visit.quotas)

    def _exhausted(self, visit: Visit) -> Allowance | None:
        visit.allowances = tuple(self.rate_limits.use_up(quota) for quota in visit.quotas)
        return visit.allowances[0] if visit.allowances else None

    def _window_headers(self, visit: Visit) -> dict[str, str]:
        if not visit.allowances:
            self._take(visit)
        headers: dict[str, str] = {}
        for quota, allowance in zip(visit.quotas, visit.allowances, strict=True):
            headers |= quota.headers(allowance)
        return headers

    def _write_down(self, visit: Visit, response: Response) -> None:
        answer = visit.answer if response.status == 200 else None  # noqa: PLR2004 - HTTP's own number
        what: dict[str, Any] = {
            "time": self.clock.time(),
            "method": visit.request.method,
            "path": visit.request.path,
            "query": visit.request.query,
            "endpoint": visit.endpoint,
            "credential": visit.identity.credential if visit.identity else None,
            "auth_type": str(visit.identity.auth_type) if visit.identity else None,
            "account": visit.target,
            "status": 0 if response.is_reset else response.status,
            "billed_posts": answer.posts if answer else 0,
            "billed_users": answer.users if answer else 0,
            "fault": visit.fault.preset if visit.fault else None,
            "body": visit.document,
        }
        self.journal.add(**what)

    @property
    def now(self) -> datetime:
        """The clock's instant in UTC."""
        return datetime.fromtimestamp(self.clock.time(), UTC)
