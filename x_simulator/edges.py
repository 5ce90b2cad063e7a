"""What each API does with a request where it is X's own way: recognise it, say what it counts against, answer it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from x_simulator.ads_api import errors as ads_errors
from x_simulator.ads_api import jobs
from x_simulator.ads_api.limits import CURRENT_VERSION
from x_simulator.ads_api.routes import AdsApi, AdsEndpoint
from x_simulator.credentials import AuthType, Credentials, Identity
from x_simulator.engagement_api import errors as engagement_errors
from x_simulator.engagement_api.answers import Trouble
from x_simulator.engagement_api.routes import EngagementApi, accepts_gzip, compressed, document_of
from x_simulator.faults import Fault
from x_simulator.http_messages import Request, Response
from x_simulator.rate_limits import Allowance, Quota
from x_simulator.x_api import tokens
from x_simulator.x_api.errors import TooManyRequests, Unauthorized
from x_simulator.x_api.responses import Answer
from x_simulator.x_api.routes import Call, Endpoint, XApi

_TOKEN_ENDPOINTS = {
    "/2/oauth2/token": tokens.refresh,
    "/2/oauth2/revoke": tokens.revoke,
    "/oauth2/token": tokens.app_token,
}
RESULT_FILES = "/advertiser-api-async-analytics/"
Admit = Callable[[], bool]


@dataclass(slots=True)
class Visit:
    """One request while it is being answered.

    `endpoint`: its name (None: no API has such a path); `target`, `target_id`: whose data it is about; `quotas`: the
    windows it counts in, the one that decides first; `document`: the JSON that it brings, where an API reads one;
    `answer`: what X bills for, set when it succeeded.
    """

    request: Request
    endpoint: str | None = None
    identity: Identity | None = None
    target: str | None = None
    target_id: str | None = None
    quotas: tuple[Quota, ...] = ()
    document: Any = None
    fault: Fault | None = None
    allowances: tuple[Allowance, ...] = ()
    answer: Answer | None = None


@dataclass(slots=True)
class Prepared:
    """An answer that is not serialised yet."""

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Edge(Protocol):
    """One API, as the application sees it. `headers`: what all its answers carry."""

    headers: dict[str, str]

    def owns(self, path: str) -> bool:
        """Tell whether a path is this API's business."""
        ...

    def recognise(self, request: Request) -> Visit:
        """Return what can be said of a request before it is answered."""
        ...

    def respond(self, visit: Visit, admit: Admit) -> Prepared | Response:
        """Answer. `admit`: counts the request against its limits and tells whether it may go on.

        Raises:
            Refusal: the API refuses the request.
        """
        ...

    def finish(self, visit: Visit, response: Response) -> None:
        """Bring any answer, refusals and faults included, into the form in which this API sends it."""
        ...


class XEdge:
    """The X API v2, and every path that no API has."""

    def __init__(self, api: XApi, credentials: Credentials, changed_limits: dict[str, int]) -> None:
        self._api = api
        self._credentials = credentials
        self._changed_limits = changed_limits
        self.headers = {"api-version": "2.159", "x-access-level": "read-write"}

    def owns(self, path: str) -> bool:  # noqa: ARG002 - it takes what is left
        """Take every path."""
        return True

    def recognise(self, request: Request) -> Visit:
        """Find the endpoint, who asks, and the user that the path is about."""
        found = self._api.find(request.method, request.path)
        if found is None:
            return Visit(request)
        identity = self._credentials.identify(request)
        target = self._api.target(*found) or (identity.username if identity else None)
        account = self._api.world.find_user(username=target) if target else None
        return Visit(
            request,
            endpoint=found[0].name,
            identity=identity,
            target=target,
            target_id=str(account.id) if account else None,
            quotas=self._quotas(found[0], identity),
        )

    def _quotas(self, endpoint: Endpoint, identity: Identity | None) -> tuple[Quota, ...]:
        if identity is None:
            return ()
        limit = endpoint.limit.app if identity.auth_type is AuthType.BEARER else endpoint.limit.user
        if not limit:
            return ()  # not offered to this sort of credentials: X has no window to speak of
        return (Quota(identity.credential, endpoint.name, self._changed_limits.get(endpoint.name, limit)),)

    def respond(self, visit: Visit, admit: Admit) -> Prepared | Response:
        """Answer a request for tokens or for an endpoint.

        Raises:
            Refusal: X refuses it.
        """
        request = visit.request
        if request.method == "POST" and request.path in _TOKEN_ENDPOINTS:
            status, body = _TOKEN_ENDPOINTS[request.path](self._credentials, request)
            return Prepared(body, status)
        found = self._api.find(request.method, request.path)
        if found is None:
            return Response(404, b'{"errors":[{"message":"Sorry, that page does not exist","code":34}]}')
        if visit.identity is None:
            raise Unauthorized
        endpoint, value = found
        self._api.authorize(endpoint, visit.identity)
        if not admit():
            raise TooManyRequests
        visit.answer = endpoint.handler(self._api, Call(request, visit.identity, value))
        return Prepared(visit.answer.body)

    def finish(self, visit: Visit, response: Response) -> None:
        """Leave the answer as it is."""


class AdsEdge:
    """The Ads API, and the files with the results of its jobs."""

    def __init__(self, api: AdsApi, credentials: Credentials, changed_limits: dict[str, int]) -> None:
        self._api = api
        self._credentials = credentials
        self._changed_limits = changed_limits
        self.headers = {"x-current-api-version": CURRENT_VERSION}

    def owns(self, path: str) -> bool:
        """Take versioned paths other than the X API's, and the result files."""
        return self._api.owns(path) or path.startswith(RESULT_FILES)

    def recognise(self, request: Request) -> Visit:
        """Find the endpoint, who asks, and the Ads account in the path."""
        if request.path.startswith(RESULT_FILES):
            # Nobody has to sign here, but X's own client does: the journal tells who showed credentials.
            identity = self._credentials.identify(request) if "authorization" in request.headers else None
            return Visit(request, endpoint=f"{RESULT_FILES}:file", identity=identity)
        found = self._api.find(request.method, request.path)
        if found is None:
            return Visit(request)
        endpoint, values = found
        identity = self._credentials.identify(request)
        account = values.get("account_id")
        return Visit(
            request,
            endpoint=endpoint.name,
            identity=identity,
            target=account or (identity.username if identity else None),
            target_id=account,
            quotas=self._quotas(endpoint, identity, values),
        )

    def _quotas(self, endpoint: AdsEndpoint, identity: Identity | None, values: dict[str, str]) -> tuple[Quota, ...]:
        if identity is None or identity.auth_type is not AuthType.OAUTH1:
            return ()
        return self._api.quotas(endpoint, identity, values, self._changed_limits)

    def respond(self, visit: Visit, admit: Admit) -> Prepared | Response:
        """Answer a request for an endpoint or a result file.

        Raises:
            AdsRefusal: X refuses it.
        """
        request = visit.request
        if request.path.startswith(RESULT_FILES):
            return self._file(request)
        found = self._api.find(request.method, request.path)
        if found is None:
            raise self._api.refusal_of(request.path, request.method)
        endpoint, values = found
        call = self._api.call(request, visit.identity, values)
        if not admit():
            raise ads_errors.too_many_requests()
        answer = endpoint.handler(self._api, call)
        return Prepared(answer.body, headers=answer.headers)

    def finish(self, visit: Visit, response: Response) -> None:
        """Leave the answer as it is."""

    def _file(self, request: Request) -> Response:
        found = jobs.result_file(self._api, request.path) if request.method == "GET" else None
        return found or Response(404, b"Not Found", "text/plain;charset=utf-8")


class EngagementEdge:
    """The Engagement API."""

    def __init__(self, api: EngagementApi, credentials: Credentials, changed_limits: dict[str, int]) -> None:
        self._api = api
        self._credentials = credentials
        self._changed_limits = changed_limits
        self.headers: dict[str, str] = {}

    def owns(self, path: str) -> bool:
        """Take the paths below /insights/."""
        return self._api.owns(path)

    def recognise(self, request: Request) -> Visit:
        """Find the endpoint, who asks, and what for."""
        endpoint = self._api.find(request.method, request.path)
        if endpoint is None:
            return Visit(request)
        identity = self._credentials.identify(request)
        username = identity.username if identity else None
        return Visit(
            request,
            endpoint=endpoint.name,
            identity=identity,
            target=username,
            target_id=self._api.world.user_id(username) if username else None,
            quotas=self._api.quotas(endpoint, identity, self._changed_limits) if identity else (),
            document=document_of(request),
        )

    def respond(self, visit: Visit, admit: Admit) -> Prepared | Response:
        """Answer a request for figures.

        Raises:
            EngagementRefusal: X refuses it.
        """
        endpoint = self._api.find(visit.request.method, visit.request.path)
        if endpoint is None:
            raise engagement_errors.no_such_resource()
        identity = self._api.authorize(endpoint, visit.identity)
        if not admit():
            raise engagement_errors.too_many_requests()
        if not accepts_gzip(visit.request):
            raise engagement_errors.without_compression()
        return Prepared(self._api.answer(endpoint, visit.document, identity, _trouble(visit)))

    def finish(self, visit: Visit, response: Response) -> None:
        """Compress the answer."""
        compressed(visit.request, response)


def _trouble(visit: Visit) -> Trouble:
    """Return what a fault makes wrong: with the tweets that it names, or else the first that the request names."""
    fault = visit.fault
    if fault is None:
        return Trouble()
    document = visit.document if isinstance(visit.document, dict) else {}
    ids = frozenset(map(str, fault.ids or document.get("tweet_ids", [])[:1]))
    match fault.preset:
        case "engagement_forbidden":
            return Trouble(forbidden=ids)
        case "engagement_unavailable":
            return Trouble(unavailable=ids)
        case "engagement_metric_refused":
            return Trouble(unsupported_type=fault.metric)
        case "engagement_metric_forbidden":
            return Trouble(forbidden_type=fault.metric)
        case preset:
            return Trouble(refuses_old=preset == "engagement_too_old")


def serialised(prepared: Prepared | Response) -> Response:
    """Return an answer as bytes."""
    if isinstance(prepared, Response):
        return prepared
    return Response(prepared.status, orjson.dumps(prepared.body), headers=prepared.headers)
