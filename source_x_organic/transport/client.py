"""Sending one request so that it either brings a parsed answer or a classified error."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson
import requests

from source_x_organic.transport.connections import TIMEOUT_SECONDS, no_answer, session
from source_x_organic.transport.errors import ApiError, Unavailable, error_for
from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.problems import Problem, clock_skew_seconds, skewed
from source_x_organic.transport.problems import classify as classify_by_body
from source_x_organic.transport.rate_limits import RateLimits
from source_x_organic.transport.retries import PATIENT, RetryPolicy, retry_after_seconds

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

    from source_x_organic.transport.clock import Clock

NO_JSON = "the answer is not a JSON object"

OK = 200
UNAUTHORIZED = 401


@dataclass(frozen=True)
class Endpoint:
    """One operation of an upstream API.

    Attributes:
        name: As X's rate-limit table and billing name it, with `:id` in place of ids; the key of its rate-limit window.
        path: With `{}` placeholders for the path's parameters.
    """

    name: str
    path: str


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


class Requests:
    """How many requests went to which endpoint; shared by the threads of a run."""

    def __init__(self) -> None:
        """Start at zero."""
        self._sent: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, endpoint: str) -> None:
        """Add one request to `endpoint`."""
        with self._lock:
            self._sent[endpoint] += 1

    def by_endpoint(self) -> dict[str, int]:
        """Return the number of requests by endpoint name, retries included."""
        with self._lock:
            return dict(self._sent)


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
    ) -> None:
        """`base_url` has no trailing slash; `jitter` returns numbers in [0, 1).

        `classify` says what the API's answers with an error status mean: endpoint, status, headers, body.
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
        self._session = session()
        self._refusals: dict[str, Problem] = {}

    def get(self, endpoint: Endpoint, params: Mapping[str, str], *path: str, what: str) -> dict[str, Any]:
        """Return the JSON object that X answers a GET with.

        `path` fills the endpoint's placeholders; `what` says in words what is read, for messages ("the posts of
        @brand"). Rate-limit windows are waited out, passing faults retried.

        Raises:
            ApiError: X refuses, or stayed unavailable through all attempts.
        """
        url = self._base_url + endpoint.path.format(*path)
        attempt = 0
        closed_windows = 0
        renewed = False
        while True:
            if endpoint.name in self._refusals:
                raise error_for(self._refusals[endpoint.name], what=what, endpoint=endpoint.name)
            unsigned = requests.Request("GET", url, params=params, auth=self.credential)
            outcome, response = self._send(endpoint, unsigned, what=what)
            if not isinstance(outcome, Problem):
                return outcome
            if response is not None and self._renews(outcome, response, renewed=renewed):
                renewed = True
                continue
            if outcome.recovery is Recovery.WAIT_FOR_WINDOW and closed_windows < self._retries.max_windows:
                closed_windows += 1
                continue
            attempt += 1
            if outcome.recovery is not Recovery.RETRY or attempt >= self._retries.max_attempts:
                raise self._give_up(endpoint, outcome, what=what)
            self._back_off(endpoint, outcome, response.headers if response is not None else {}, attempt, what=what)

    def _renews(self, problem: Problem, response: requests.Response, *, renewed: bool) -> bool:
        return problem.status == UNAUTHORIZED and not renewed and self.credential.renew(response.request)

    def _give_up(self, endpoint: Endpoint, problem: Problem, *, what: str) -> ApiError:
        """Return the error to raise; where the credentials are refused, the next account need not ask again."""
        if KINDS[problem.kind].whole_credential:
            self._refusals[endpoint.name] = problem
        return error_for(problem, what=what, endpoint=endpoint.name)

    def _send(
        self, endpoint: Endpoint, unsigned: requests.Request, *, what: str
    ) -> tuple[dict[str, Any] | Problem, requests.Response | None]:
        """Send once, when the window allows, and return what came: the parsed body or a problem, and the answer."""
        self.limits.acquire(endpoint.name, on_wait=lambda seconds: self._announce(seconds, endpoint, what))
        learnt = False
        try:
            # Signed after the wait: X refuses a signature that is as old as a window is long.
            request = self._session.prepare_request(unsigned)
            self._sent.count(endpoint.name)
            # `send` alone would know the environment's proxies, but not its certificate authorities.
            environment = self._session.merge_environment_settings(request.url, {}, None, None, None)
            response = self._session.send(request, timeout=TIMEOUT_SECONDS, allow_redirects=False, **environment)
            outcome = self._read(endpoint, response)
            if _speaks_of_limits(outcome, response):
                waits = isinstance(outcome, Problem) and outcome.recovery is Recovery.WAIT_FOR_WINDOW
                self.limits.learn(endpoint.name, response.headers, refused=waits)
                learnt = True
        except requests.RequestException as error:
            return no_answer(error), None
        finally:
            if not learnt:
                self.limits.release(endpoint.name)
        return outcome, response

    def _read(self, endpoint: Endpoint, response: requests.Response) -> dict[str, Any] | Problem:
        if response.status_code != OK:
            problem = self._classify(endpoint, response.status_code, response.headers, response.content)
            if not self.credential.signs_with_time:
                return problem
            return skewed(problem, clock_skew_seconds(response.headers, now=self._clock.time()))
        try:
            document = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            document = _lenient(response.content)
        return document if isinstance(document, dict) else Problem("unreadable-answer", OK, detail=NO_JSON)

    def _announce(self, seconds: float, endpoint: Endpoint, what: str) -> None:
        if seconds > self._retries.longest_rate_limit_wait:
            detail = f"the rate limit of {endpoint.name} is used up for the next {seconds / 60:.0f} minutes"
            raise Unavailable(Problem("rate-limit-exceeded", 429, detail=detail), what=what, endpoint=endpoint.name)
        self._logger.info(f"X's rate limit on {endpoint.name} is used up; waiting {seconds:.0f} s to read {what}.")

    def _back_off(
        self, endpoint: Endpoint, problem: Problem, headers: Mapping[str, str], attempt: int, *, what: str
    ) -> None:
        wished = retry_after_seconds(headers.get("retry-after"), now=self._clock.time())
        wait = self._retries.wait_seconds(attempt, retry_after=wished, jitter=self._jitter)
        if wait > self._retries.longest_rate_limit_wait:
            raise error_for(problem, what=what, endpoint=endpoint.name)
        self._logger.info(
            f"Reading {what} failed ({problem.own_words}); attempt {attempt + 1} follows in {wait:.0f} s."
        )
        self._clock.sleep(wait)


def _lenient(body: bytes) -> object:
    """Return JSON that orjson refuses but X may send (lone surrogates in texts), or None where it is no JSON at all."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _speaks_of_limits(outcome: dict[str, Any] | Problem, response: requests.Response) -> bool:
    """Return whether something about limits follows from an answer: not from a fault without their headers."""
    if not isinstance(outcome, Problem) or outcome.recovery is Recovery.WAIT_FOR_WINDOW:
        return True
    return "x-rate-limit-remaining" in response.headers
