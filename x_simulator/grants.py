"""OAuth 2.0: users' consents, access tokens that last two hours, refresh tokens that work once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

from x_simulator.clock import Clock
from x_simulator.http_messages import Request
from x_simulator.keys import Keys, basic_credentials

ACCESS_TOKEN_SECONDS = 7_200
DEFAULT_SCOPES = ("tweet.read", "users.read", "offline.access")
_BAD_TOKEN = "Value passed for the token was invalid."


class TokenRefused(Exception):
    """A token request that X answers with an OAuth error. `status`, `error` and `description` are what it says."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


@dataclass(slots=True)
class Grant:
    """An account's consent to one client. `generation`: how often the refresh token was used; `expires`: by token."""

    username: str
    app: str
    is_public: bool
    scopes: tuple[str, ...]
    generation: int = 0
    expires: dict[str, float] = field(default_factory=dict)
    is_revoked: bool = False


class Grants:
    """All consents of a world. `reuse_kills_family`: a spent refresh token, used again, revokes its successors."""

    def __init__(self, keys: Keys, clock: Clock, apps: Sequence[str], *, reuse_kills_family: bool) -> None:
        self._keys = keys
        self._clock = clock
        self._apps = tuple(apps)
        self._reuse_kills_family = reuse_kills_family
        self._lock = threading.Lock()
        self._grants: dict[tuple[str, str, bool, tuple[str, ...]], Grant] = {}
        self._access_tokens: dict[str, Grant] = {}
        self._refresh_tokens: dict[str, tuple[Grant, int]] = {}
        self._revoked: set[str] = set()

    def tokens(self, username: str, app: str, *, public_client: bool, scopes: Sequence[str]) -> dict[str, str]:
        """Return a user's tokens of this moment in the shape of the connector's configuration."""
        with self._lock:
            grant = self._grant(username, app, tuple(scopes), is_public=public_client)
            access_token = self._token("oauth2-access", grant)
            expires = datetime.fromtimestamp(grant.expires[access_token], UTC)
            tokens = {
                "auth_type": "oauth2",
                "client_id": self._keys.client_id(app, is_public=public_client),
                "refresh_token": self._token("oauth2-refresh", grant),
                "access_token": access_token,
                "token_expiry_date": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
            }
        return tokens if public_client else {**tokens, "client_secret": self._keys.client_secret(app)}

    def find(self, access_token: str) -> Grant | None:
        """Return the consent behind an access token that is still good."""
        grant = self._access_tokens.get(access_token)
        if grant is None or grant.is_revoked or access_token in self._revoked:
            return None
        return grant if grant.expires[access_token] > self._clock.time() else None

    def revoke(self, token: str) -> None:
        """Stop accepting an access token or a refresh token."""
        self._revoked.add(token)

    def revoke_user(self, username: str) -> None:
        """End all consents of a user."""
        with self._lock:
            for grant in self._grants.values():
                grant.is_revoked = grant.is_revoked or grant.username.lower() == username.lower()

    def refresh(self, request: Request) -> dict[str, object]:
        """Answer `POST /2/oauth2/token` with `grant_type=refresh_token`.

        Raises:
            TokenRefused: wrong client, spent or unknown refresh token, or another grant type.
        """
        form = request.form
        if form.get("grant_type") != "refresh_token":
            raise TokenRefused(400, "invalid_request", "Value passed for the grant type was invalid.")
        token = form.get("refresh_token", "")
        with self._lock:
            grant, generation = self._refresh_tokens.get(token, (None, 0))
            self._check_client(request, grant)
            if grant is None or grant.is_revoked or token in self._revoked:
                raise TokenRefused(400, "invalid_request", _BAD_TOKEN)
            if generation != grant.generation:
                grant.is_revoked = self._reuse_kills_family
                raise TokenRefused(400, "invalid_request", _BAD_TOKEN)
            grant.generation += 1
            self._issue(grant)
            return {
                "token_type": "bearer",
                "expires_in": ACCESS_TOKEN_SECONDS,
                "access_token": self._token("oauth2-access", grant),
                "scope": " ".join(grant.scopes),
                "refresh_token": self._token("oauth2-refresh", grant),
            }

    def revoke_at_endpoint(self, request: Request) -> None:
        """Answer `POST /2/oauth2/revoke`.

        Raises:
            TokenRefused: the client does not identify itself, or there is no such token.
        """
        token = request.form.get("token", "")
        with self._lock:
            grant = self._access_tokens.get(token) or self._refresh_tokens.get(token, (None, 0))[0]
            self._check_client(request, grant)
            if grant is None:
                raise TokenRefused(400, "invalid_request", _BAD_TOKEN)
            self._revoked.add(token)

    def _check_client(self, request: Request, grant: Grant | None) -> None:
        """Refuse a client other than the consent's: Basic for a confidential one, the form for a public one."""
        public = {self._keys.client_id(app, is_public=True): app for app in self._apps}
        named = public.get(request.form.get("client_id", ""))
        if grant is not None and grant.is_public and named != grant.app:
            raise TokenRefused(400, "invalid_request", "Value passed for the client id was invalid.")
        if named is not None and (grant is None or grant.is_public):
            return
        name, secret = basic_credentials(request)
        known = {(self._keys.client_id(app, is_public=False), self._keys.client_secret(app)) for app in self._apps}
        if (unquote(name), unquote(secret)) not in known:
            raise TokenRefused(401, "unauthorized_client", "Missing valid authorization header")

    def _grant(self, username: str, app: str, scopes: tuple[str, ...], *, is_public: bool) -> Grant:
        key = (username, app, is_public, scopes)
        if key not in self._grants:
            self._grants[key] = Grant(username, app, is_public, scopes)
            self._issue(self._grants[key])
        return self._grants[key]

    def _issue(self, grant: Grant) -> None:
        access_token = self._token("oauth2-access", grant)
        grant.expires[access_token] = self._clock.time() + ACCESS_TOKEN_SECONDS
        self._access_tokens[access_token] = grant
        self._refresh_tokens[self._token("oauth2-refresh", grant)] = (grant, grant.generation)

    def _token(self, sort: str, grant: Grant) -> str:
        parts = (grant.app, grant.username, grant.is_public, *grant.scopes, grant.generation)
        return self._keys.letters(sort, *parts, length=91)
