"""From a request to a response, without sockets: recognise, disturb, limit, answer, write down."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from x_simulator import faults as failures
from x_simulator.clock import Clock
from x_simulator.credentials import AuthType, Credentials, Identity
from x_simulator.faults import Fault, Faults, Occasion
from x_simulator.http_messages import Request, Response
from x_simulator.journal import Journal
from x_simulator.rate_limits import Allowance, RateLimits
from x_simulator.world import World
from x_simulator.x_api import tokens
from x_simulator.x_api.errors import Refusal, TooManyRequests, Unauthorized
from x_simulator.x_api.responses import Answer
from x_simulator.x_api.routes import Call, Endpoint, XApi

_TOKEN_ENDPOINTS = {
    "/2/oauth2/token": tokens.refresh,
    "/2/oauth2/revoke": tokens.revoke,
    "/oauth2/token": tokens.app_token,
}


@dataclass(slots=True)
class _Visit:
    """One request while it is being answered."""

    request: Request
    endpoint: Endpoint | None = None
    value: str = ""
    identity: Identity | None = None
    target: str | None = None
    fault: Fault | None = None
    allowance: Allowance | None = None
    answer: Answer | None = None


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
    limits: dict[str, int] = field(default_factory=dict)

    def handle(self, request: Request) -> Response:
        """Answer one request and write it down."""
        visit = self._recognised(request)
        occasion = self._occasion(visit)
        visit.fault = self.faults.take(occasion)
        response = failures.replacement(visit.fault, occasion) if visit.fault else None
        if response is None:
            response = self._answered(visit, occasion)
        if visit.fault:
            failures.disturb(visit.fault, response)
        if visit.endpoint is not None and visit.identity is not None and "x-rate-limit-limit" not in response.headers:
            visit.allowance = visit.allowance or self._allowance(visit)
            response.headers |= visit.allowance.headers() if visit.allowance else {}
        self._write_down(visit, response)
        response.headers |= {
            "server": "x_simulator",
            "api-version": "2.159",
            "x-access-level": "read-write",
            "cache-control": "no-cache, no-store, max-age=0",
            "x-transaction-id": f"{len(self.journal):016x}",
        }
        return response

    def _recognised(self, request: Request) -> _Visit:
        visit = _Visit(request)
        found = self.x_api.find(request.method, request.path)
        if found is not None:
            visit.endpoint, visit.value = found
            visit.identity = self.credentials.identify(request)
            visit.target = self.x_api.target(*found) or (visit.identity.username if visit.identity else None)
        return visit

    def _occasion(self, visit: _Visit) -> Occasion:
        account = self.world.find_user(username=visit.target) if visit.target else None
        return Occasion(
            request=visit.request,
            now=self.clock.time(),
            target=visit.target,
            target_id=str(account.id) if account else None,
            credential=visit.identity.credential if visit.identity else None,
            exhaust=lambda: self._allowance(visit, is_exhausted=True),
        )

    def _allowance(self, visit: _Visit, *, is_exhausted: bool = False) -> Allowance | None:
        if visit.identity is None or visit.endpoint is None:
            return None
        name, limit = visit.endpoint.name, visit.endpoint.limit
        per_window = limit.app if visit.identity.auth_type is AuthType.BEARER else limit.user
        if not per_window:
            return None  # not offered to this sort of credentials: X has no window to speak of
        per_window = self.limits.get(name, per_window)
        take = self.rate_limits.exhaust if is_exhausted else self.rate_limits.take
        return take(visit.identity.credential, name, per_window)

    def _answered(self, visit: _Visit, occasion: Occasion) -> Response:
        request = visit.request
        if request.method == "POST" and request.path in _TOKEN_ENDPOINTS:
            status, body = _TOKEN_ENDPOINTS[request.path](self.credentials, request)
            return Response(status, orjson.dumps(body))
        if visit.endpoint is None:
            return Response(404, b'{"errors":[{"message":"Sorry, that page does not exist","code":34}]}')
        try:
            visit.answer = self._permitted_answer(visit)
        except Refusal as refusal:
            return Response(refusal.status, orjson.dumps(refusal.body))
        if visit.fault:
            failures.change(visit.fault, occasion, visit.answer.body)
        return Response(200, orjson.dumps(visit.answer.body))

    def _permitted_answer(self, visit: _Visit) -> Answer:
        if visit.identity is None or visit.endpoint is None:
            raise Unauthorized
        self.x_api.authorize(visit.endpoint, visit.identity)
        visit.allowance = self._allowance(visit)
        if visit.allowance is not None and not visit.allowance.is_allowed:
            raise TooManyRequests
        return visit.endpoint.handler(self.x_api, Call(visit.request, visit.identity, visit.value))

    def _write_down(self, visit: _Visit, response: Response) -> None:
        answer = visit.answer if response.status == 200 else None  # noqa: PLR2004 - HTTP's own number
        what: dict[str, Any] = {
            "time": self.clock.time(),
            "method": visit.request.method,
            "path": visit.request.path,
            "query": visit.request.query,
            "endpoint": visit.endpoint.name if visit.endpoint else None,
            "credential": visit.identity.credential if visit.identity else None,
            "auth_type": str(visit.identity.auth_type) if visit.identity else None,
            "account": visit.target,
            "status": 0 if response.is_reset else response.status,
            "billed_posts": answer.posts if answer else 0,
            "billed_users": answer.users if answer else 0,
            "fault": visit.fault.preset if visit.fault else None,
        }
        self.journal.add(**what)

    @property
    def now(self) -> datetime:
        """The clock's instant in UTC."""
        return datetime.fromtimestamp(self.clock.time(), UTC)
