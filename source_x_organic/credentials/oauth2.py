"""OAuth 2.0 user tokens: two hours of access, then a refresh token that works exactly once.

Not airbyte-cdk's SingleUseRefreshTokenOauth2Authenticator: it waits until the token has expired, queues the control
message behind the records while requests already use the new token, and finds its tokens only at fixed places of the
configuration.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from source_x_organic.transport.clock import now
from source_x_organic.transport.connections import TIMEOUT_SECONDS, USER_AGENT
from source_x_organic.transport.errors import error_for
from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.problems import Problem, classify
from source_x_organic.transport.redaction import protect, redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from source_x_organic.config import OAuth2Credentials
    from source_x_organic.transport.clock import Clock
    from source_x_organic.transport.retries import RetryPolicy

NEAR_EXPIRY = timedelta(minutes=5)
"""How long before its end an access token is renewed: longer than any one request with its retries takes."""

TOKEN_PATH = "/2/oauth2/token"  # noqa: S105 - a path, not a secret
OK = 200
WHAT = "a new access token"


@dataclass(frozen=True)
class Tokens:
    """What X issued.

    Attributes:
        access_token: Good for requests until `expires_at`.
        refresh_token: Good for one renewal.
        expires_at: Instant (UTC), or None where X did not say.
    """

    access_token: str
    refresh_token: str
    expires_at: datetime | None


class Keeper(Protocol):
    """Whoever makes rotated tokens outlive the run."""

    def __call__(self, tokens: Tokens, /) -> None:
        """Return when `tokens` are safe; only then are they used."""
        ...


class OAuth2Credential(AuthBase):
    """Sends an access token, and renews it near its end: one renewal at a time, kept safe before it is used."""

    signs_with_time = False

    def __init__(
        self,
        credentials: OAuth2Credentials,
        *,
        base_url: str,
        clock: Clock,
        keep: Keeper,
        retries: RetryPolicy,
    ) -> None:
        """`base_url` is the X API's; `keep` is called with every new pair of tokens before any request uses it."""
        self._client_id = credentials.client_id
        self._client_secret = credentials.client_secret.get_secret_value() if credentials.client_secret else None
        self._access_token = credentials.access_token.get_secret_value() if credentials.access_token else None
        self._refresh_token = credentials.refresh_token.get_secret_value()
        self._expires_at = credentials.token_expiry_date
        self._url = base_url + TOKEN_PATH
        self._clock = clock
        self._keep = keep
        self._retries = retries
        self._lock = threading.Lock()
        self._refusal: Problem | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return `request` with an Authorization header whose token holds for some minutes more.

        Raises:
            ApiError: X does not renew the token.
        """
        request.headers["Authorization"] = f"Bearer {self._valid_token()}"
        return request

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Renew the token that X refused, unless another thread did so meanwhile, and return True."""
        sent = refused.headers.get("Authorization", "")
        with self._lock:
            if sent == f"Bearer {self._access_token}":
                self._refresh()
            return True

    def _valid_token(self) -> str:
        with self._lock:
            if self._access_token is None or self._is_near_expiry():
                self._refresh()
            if self._access_token is None:  # pragma: no cover - `_refresh` sets it or raises
                raise AssertionError
            return self._access_token

    def _is_near_expiry(self) -> bool:
        return self._expires_at is not None and self._expires_at - now(self._clock) < NEAR_EXPIRY

    def _refresh(self) -> None:
        tokens = self._exchange()
        protect([tokens.access_token, tokens.refresh_token])
        # The old refresh token is spent now: the new one must be out of the process before anything else happens.
        self._keep(tokens)
        self._access_token, self._refresh_token = tokens.access_token, tokens.refresh_token
        self._expires_at = tokens.expires_at

    def _exchange(self) -> Tokens:
        if self._refusal is not None:
            raise error_for(self._refusal, what=WHAT, endpoint="oauth2/token")
        attempt = 1
        while True:
            outcome = self._request_tokens()
            if isinstance(outcome, Tokens):
                return outcome
            if outcome.recovery is Recovery.NONE:
                self._refusal = outcome  # a dead token stays dead: the next account need not try it
            if outcome.recovery is not Recovery.RETRY or attempt >= self._retries.max_attempts:
                raise error_for(outcome, what=WHAT, endpoint="oauth2/token")
            self._clock.sleep(self._retries.wait_seconds(attempt, retry_after=None, jitter=lambda: 1.0))
            attempt += 1

    def _request_tokens(self) -> Tokens | Problem:
        """Ask once. A confidential client proves itself with Basic, a public one names itself in the form."""
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        auth = HTTPBasicAuth(self._client_id, self._client_secret) if self._client_secret else None
        if auth is None:
            form["client_id"] = self._client_id
        asked_at = now(self._clock)
        try:
            response = requests.post(
                self._url,
                data=form,
                auth=auth,
                timeout=TIMEOUT_SECONDS,
                headers={"User-Agent": USER_AGENT},
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return Problem("unreachable", detail=redact(type(error).__name__))
        if response.status_code != OK:
            return _token_problem(classify(response.status_code, response.headers, response.content))
        return self._tokens(response, asked_at)

    def _tokens(self, response: requests.Response, asked_at: datetime) -> Tokens | Problem:
        try:
            answer: Mapping[str, object] = response.json()
            return Tokens(
                access_token=str(answer["access_token"]),
                # A server that does not rotate sends none: then the old one goes on working.
                refresh_token=str(answer.get("refresh_token") or self._refresh_token),
                expires_at=_expiry(asked_at, answer.get("expires_in")),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return Problem("unreadable-answer", OK)


def _expiry(asked_at: datetime, lifetime: object) -> datetime | None:
    """Return when a token ends, counted from when it was asked for: rather too early than too late.

    A lifetime that makes no sense must not cost the tokens that came with it.
    """
    try:
        return asked_at + timedelta(seconds=float(str(lifetime)))
    except (ValueError, OverflowError):
        return None


def _token_problem(problem: Problem) -> Problem:
    """Return `problem` as one of the refresh token where X refuses it: any 4xx there is the user's to mend."""
    passing = KINDS[problem.kind].recovery is not Recovery.NONE
    if passing or problem.kind in {"invalid-token-request", "credits-depleted"}:
        return problem
    return Problem(
        "invalid-token-request", problem.status, problem.title, problem.detail, request_id=problem.request_id
    )
