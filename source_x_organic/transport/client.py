"""Sending one request so that it either brings a parsed answer or a classified error."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson
import requests

from source_x_organic.transport.connections import TIMEOUT_SECONDS, no_answer, session
from source_x_organic.transport.errors import ApiError, Unavailable, error_for
from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.problems import Problem, clock_skew_seconds, shorten, skewed
from source_x_organic.transport.problems import classify as classify_by_body
from source_x_organic.transport.rate_limits import RateLimits
from source_x_organic.transport.retries import PATIENT, RetryPolicy, retry_after_seconds

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

    from source_x_organic.transport.clock import Clock

NO_JSON = "the answer is not a JSON object"

ANSWERED = frozenset({200, 201, 202})
UNAUTHORIZED = 401

WARNING = "x-api-warn"
"""The header with which X announces that something will be taken away."""


@dataclass(frozen=True)
class Endpoint:
    """One operation of an upstream API.

    Attributes:
        name: As X's rate-limit table and billing name it, with `:id` in place of ids; the key of its rate-limit window.
        path: With `{}` placeholders for the path's parameters.
        counts_per_account: The first of these is an Ads account, and X may limit and refuse for this account alone.
        window_seconds: How long its rate-limit window lasts, where X's answers do not say when it ends.
    """

    name: str
    path: str
    counts_per_account: bool = False
    window_seconds: float | None = None


class Answer(NamedTuple):
    """What X answered: a JSON object, and the headers, which are looked up without regard to case."""

    body: dict[str, Any]
    headers: Mapping[str, str]


class Credential(Protocol):
    """What signs requests. Implementations are in `source_x_organic.credentials`."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return `request` with its Authorization header."""
        ...

    @property
    def signs_with_time(self) -> bool:
        """Whether X refuses the signature when this machine's clock is wrong."""
        ...

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Replace what X refused with a 401, and return whether there is something new to try with."""
        ...


class Requests(Protocol):
    """What counts requests, retries included. The implementation is in `source_x_organic.usage.ledger`."""

    def count(self, endpoint: str, account: str = "") -> None:
        """Add one request to `endpoint`, for an account or for none."""
        ...


class Meter(Protocol):
    """What the resources of one request are charged to. The implementation is in `source_x_organic.usage.budget`."""

    def sending(self) -> None:
        """Note that the request is about to be sent, once more or for the first time; may raise to prevent it."""
        ...

    def refused(self) -> None:
        """Note that X answered with an error status, which is never billed."""
        ...


@dataclass(frozen=True)
class _Call:
    """A request as it is sent each time anew.

    `limited_as` is the Ads account that X may count it for, or ""; `account` whose usage it is, or "".
    """

    unsigned: requests.Request
    endpoint: Endpoint
    limited_as: str
    account: str
    what: str
    meter: Meter | None


class _Fault(NamedTuple):
    """What came instead of an answer; `response` is None where nothing came at all."""

    problem: Problem
    response: requests.Response | None = None


def classify_everywhere(endpoint: Endpoint, status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """Return what an answer with an error status means where that is the same on all endpoints, as with API v2."""
    del endpoint
    return classify_by_body(status, headers, body)


class ApiClient:
    """Requests to one API with one set of credentials; may be used from any number of threads."""

    def __init__(  # noqa: PLR0913 - what a run shares, and how one API differs
        self,
        *,
        base_url: str,
        credential: Credential,
        clock: Clock,
        logger: logging.Logger,
        sent: Requests,
        retries: RetryPolicy = PATIENT,
        jitter: Callable[[], float] = random.random,
        classify: Callable[[Endpoint, int, Mapping[str, str], bytes], Problem] = classify_everywhere,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        """`base_url` has no trailing slash; `jitter` returns numbers in [0, 1).

        `classify` says what the API's answers with an error status mean: endpoint, status, headers, body. `warn` takes
        what X warns of, again and again; by default it is logged.
        """
        self.credential = credential
        self.limits = RateLimits(clock)
        self._base_url = base_url
        self._clock = clock
        self._logger = logger
        self._sent = sent
        self._retries = retries
        self._jitter = jitter
        self._classify = classify
        self._warn = warn or logger.warning
        self._session = session()
        self._refusals: dict[str, Problem] = {}
        self._paced: set[str] = set()

    def get(
        self,
        endpoint: Endpoint,
        params: Mapping[str, str],
        *path: str,
        what: str,
        account: str = "",
        meter: Meter | None = None,
    ) -> dict[str, Any]:
        """Return the JSON object that X answers a GET with; `send` says more."""
        return self.send("GET", endpoint, params, *path, what=what, account=account, meter=meter).body

    def post(
        self,
        endpoint: Endpoint,
        params: Mapping[str, str],
        *path: str,
        what: str,
        account: str = "",
        settled: Callable[[], dict[str, Any] | None] | None = None,
    ) -> Answer:
        """Return X's answer to a POST that has its parameters in the query string; `send` says more."""
        return self.send("POST", endpoint, params, *path, what=what, account=account, settled=settled)

    def post_json(
        self, endpoint: Endpoint, document: Mapping[str, Any], *path: str, what: str, account: str = ""
    ) -> dict[str, Any]:
        """Return the JSON object that X answers a question with that is a JSON document; it only reads, like a GET."""
        return self.send("POST", endpoint, {}, *path, what=what, account=account, document=document).body

    def send(  # noqa: PLR0913 - what a request consists of
        self,
        method: str,
        endpoint: Endpoint,
        params: Mapping[str, str],
        *path: str,
        what: str,
        account: str = "",
        meter: Meter | None = None,
        document: Mapping[str, Any] | None = None,
        settled: Callable[[], dict[str, Any] | None] | None = None,
    ) -> Answer:
        """Return X's answer. Rate-limit windows are waited out, passing faults retried.

        `path` fills the endpoint's placeholders; `what` says in words what is read, for messages ("the posts of
        @brand"); `document`, if any, is the body. `account` is whose usage it is: X user id, or by default the Ads
        account of an endpoint that has one; `meter`, if any, is told of each attempt. After a fault that leaves open
        whether X has done what was asked, `settled` is called before the request is sent again: the body that it
        returns is the answer, without headers; None: X has not done it.

        Raises:
            ApiError: X refuses, or stayed unavailable through all attempts.
        """
        url = self._base_url + endpoint.path.format(*path)
        request = requests.Request(method, url, params=params, auth=self.credential, **_body(document))
        limited_as = path[0] if endpoint.counts_per_account else ""
        call = _Call(request, endpoint, limited_as, account or limited_as, what, meter)
        attempt = 0
        closed_windows = 0
        renewed = False
        while True:
            if endpoint.name in self._refusals:
                raise error_for(self._refusals[endpoint.name], what=what, endpoint=endpoint.name)
            outcome = self._send(call)
            if isinstance(outcome, Answer):
                return outcome
            recovery = outcome.problem.recovery
            if not renewed and self._renews(outcome):
                renewed = True
                continue
            if recovery is Recovery.WAIT_FOR_WINDOW and closed_windows < self._retries.max_windows:
                closed_windows += 1
                continue
            attempt += 1
            if recovery is not Recovery.RETRY or attempt >= self._retries.max_attempts:
                raise self._give_up(call, outcome.problem)
            self._back_off(call, outcome, attempt)
            done = settled() if settled is not None else None
            if done is not None:
                return Answer(done, {})

    def _renews(self, fault: _Fault) -> bool:
        return (
            fault.problem.status == UNAUTHORIZED
            and fault.response is not None
            and self.credential.renew(fault.response.request)
        )

    def _give_up(self, call: _Call, problem: Problem) -> ApiError:
        """Return the error to raise; where the credentials are refused, the next account need not ask again."""
        if KINDS[problem.kind].whole_credential:
            self._refusals[call.endpoint.name] = problem
        return error_for(problem, what=call.what, endpoint=call.endpoint.name)

    def _send(self, call: _Call) -> Answer | _Fault:
        """Send once, when the windows allow, and return what came."""
        name, limited_as = call.endpoint.name, call.limited_as
        asked_at = self.limits.acquire(name, on_wait=lambda seconds: self._announce(seconds, call), account=limited_as)
        learnt = False
        try:
            # Signed after the wait: X refuses a signature that is as old as a window is long.
            request = self._session.prepare_request(call.unsigned)
            if call.meter is not None:
                call.meter.sending()
            self._sent.count(name, call.account)
            # `send` alone would know the environment's proxies, but not its certificate authorities.
            environment = self._session.merge_environment_settings(request.url, {}, None, None, None)
            response = self._session.send(request, timeout=TIMEOUT_SECONDS, allow_redirects=False, **environment)
            if words := shorten(response.headers.get(WARNING, "")):
                self._warn(
                    f"X warns about what the connector asks for: {words.rstrip('.')}. Look for a newer version of it."
                )
            outcome = self._read(call.endpoint, response)
            if call.meter is not None and response.status_code not in ANSWERED:
                call.meter.refused()
            if _speaks_of_limits(outcome, response):
                self.limits.learn(
                    name,
                    response.headers,
                    refused=_is_rate_limit(outcome),
                    account=limited_as,
                    asked_at=asked_at,
                    window_seconds=call.endpoint.window_seconds,
                )
                learnt = True
        except requests.RequestException as error:
            return _Fault(no_answer(error))
        finally:
            if not learnt:
                self.limits.release(name, account=limited_as)
        return outcome

    def _read(self, endpoint: Endpoint, response: requests.Response) -> Answer | _Fault:
        if response.status_code not in ANSWERED:
            problem = self._classify(endpoint, response.status_code, response.headers, response.content)
            if self.credential.signs_with_time:
                problem = skewed(problem, clock_skew_seconds(response.headers, now=self._clock.time()))
            return _Fault(problem, response)
        try:
            document = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            document = _lenient(response.content)
        if isinstance(document, dict):
            return Answer(document, response.headers)
        return _Fault(Problem("unreadable-answer", response.status_code, detail=NO_JSON), response)

    def _announce(self, seconds: float, call: _Call) -> None:
        name = call.endpoint.name
        if seconds > self._retries.longest_rate_limit_wait:
            detail = f"the rate limit of {name} is used up for the next {seconds / 60:.0f} minutes"
            raise Unavailable(Problem("rate-limit-exceeded", 429, detail=detail), what=call.what, endpoint=name)
        if call.endpoint.window_seconds is None:
            self._logger.info(f"X's rate limit on {name} is used up; waiting {seconds:.0f} s to read {call.what}.")
        elif name not in self._paced:
            self._paced.add(name)
            self._logger.info(
                f"X's rate limit on {name} is used up for now; requests are sent as it allows, without a line for each."
            )

    def _back_off(self, call: _Call, fault: _Fault, attempt: int) -> None:
        stated = {} if fault.response is None else fault.response.headers
        wished = retry_after_seconds(stated.get("retry-after"), now=self._clock.time())
        wait = self._retries.wait_seconds(attempt, retry_after=wished, jitter=self._jitter)
        if wait > self._retries.longest_rate_limit_wait:
            raise error_for(fault.problem, what=call.what, endpoint=call.endpoint.name)
        self._logger.info(
            f"Reading {call.what} failed ({fault.problem.own_words}); attempt {attempt + 1} follows in {wait:.0f} s."
        )
        self._clock.sleep(wait)


def _body(document: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what makes a JSON document the body of a request. The Engagement API insists on gzip and nothing else."""
    if document is None:
        return {}
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
    return {"data": orjson.dumps(document), "headers": headers}


def _lenient(body: bytes) -> object:
    """Return JSON that orjson refuses but X may send (lone surrogates in texts), or None where it is no JSON at all."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _speaks_of_limits(outcome: Answer | _Fault, response: requests.Response) -> bool:
    """Return whether something about limits follows from an answer: not from a fault without their headers."""
    if isinstance(outcome, Answer) or _is_rate_limit(outcome):
        return True
    return any(
        f"x-{limit}-remaining" in response.headers for limit in ("rate-limit", "account-rate-limit", "per-minute")
    )


def _is_rate_limit(outcome: Answer | _Fault) -> bool:
    return isinstance(outcome, _Fault) and outcome.problem.recovery is Recovery.WAIT_FOR_WINDOW
