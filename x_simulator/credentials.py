"""Developer apps, the tokens of their users, and the checks that X makes on them. Every secret follows from the seed.

OAuth 2.0 access tokens last two hours; a refresh token works once and is replaced by the next of its chain.
"""

import base64
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import unquote

from x_simulator.accounts import user_id_of
from x_simulator.clock import Clock
from x_simulator.http_messages import Request
from x_simulator.oauth1_signatures import SignedHeader, is_signed_by, parsed_header
from x_simulator.randomness import seeded_letters

ACCESS_TOKEN_SECONDS = 7_200
DEFAULT_SCOPES = ("tweet.read", "users.read", "offline.access")
_REMEMBERED_NONCES = 20_000


class AuthType(StrEnum):
    """The three ways in; `auth_type` in the connector's configuration."""

    OAUTH1 = "oauth1"
    OAUTH2 = "oauth2"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking. `credential`: a name without secrets, `oauth1:main:brightloom`; `username` is None app-only."""

    credential: str
    auth_type: AuthType
    app: str
    username: str | None = None
    scopes: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Grant:
    """An account's consent to one OAuth 2.0 client, and how often its refresh token was used."""

    username: str
    app: str
    is_public: bool
    scopes: tuple[str, ...]
    generation: int = 0
    expires: dict[str, float] = field(default_factory=dict)
    is_revoked: bool = False


class TokenRefused(Exception):
    """A token request that X answers with an OAuth error. `status`, `error` and `description` are what it says."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


class Credentials:
    """Hands out the credentials of a world's accounts and recognises them again.

    `usernames`: accounts that consented; `apps`: names of developer apps, the first one is the default;
    `timestamp_tolerance_seconds`: how far an OAuth 1.0a timestamp may be off (None: not checked);
    `reuse_kills_family`: whether using a spent refresh token also revokes the tokens that came from it.
    """

    def __init__(
        self,
        seed: int,
        usernames: Iterable[str],
        clock: Clock,
        *,
        apps: Sequence[str] = ("main",),
        timestamp_tolerance_seconds: float | None = 300,
        reuse_kills_family: bool = False,
    ) -> None:
        self._seed = seed
        self._clock = clock
        self._apps = tuple(apps)
        self._tolerance = timestamp_tolerance_seconds
        self._reuse_kills_family = reuse_kills_family
        self._usernames = {username.lower(): username for username in usernames}
        self._lock = threading.Lock()
        self._nonces: set[tuple[str, int, str]] = set()
        self._nonce_order: deque[tuple[str, int, str]] = deque()
        self._revoked: set[str] = set()
        self._grants: dict[tuple[str, str, bool, tuple[str, ...]], _Grant] = {}
        self._access_tokens: dict[str, _Grant] = {}
        self._refresh_tokens: dict[str, tuple[_Grant, int]] = {}
        self._oauth1_tokens = {
            self._access_token(app, username): (app, username) for app in apps for username in self._usernames.values()
        }

    # Handing out -------------------------------------------------------------------------------------------------

    @property
    def usernames(self) -> tuple[str, ...]:
        """The accounts that have user credentials."""
        return tuple(self._usernames.values())

    def oauth1(self, username: str, app: str | None = None) -> dict[str, str]:
        """Return an account's OAuth 1.0a credentials in the shape of the connector's configuration.

        Raises:
            KeyError: the account has none (a competitor).
        """
        name, of_app = self._usernames[username.lower()], app or self._apps[0]
        return {
            "auth_type": "oauth1",
            "consumer_key": self._consumer_key(of_app),
            "consumer_secret": self._secret("consumer-secret", of_app, length=50),
            "access_token": self._access_token(of_app, name),
            "access_token_secret": self._secret("access-token-secret", of_app, name, length=45),
        }

    def oauth2(
        self,
        username: str,
        *,
        public_client: bool = False,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        app: str | None = None,
    ) -> dict[str, str]:
        """Return an account's OAuth 2.0 tokens of this moment in the shape of the connector's configuration.

        Raises:
            KeyError: the account has none (a competitor).
        """
        with self._lock:
            grant = self._grant(self._usernames[username.lower()], app or self._apps[0], public_client, tuple(scopes))
            access_token = self._token_name("oauth2-access", grant)
            expires = datetime.fromtimestamp(grant.expires[access_token], UTC)
            tokens = {
                "auth_type": "oauth2",
                "client_id": self._client_id(grant.app, grant.is_public),
                "refresh_token": self._token_name("oauth2-refresh", grant),
                "access_token": access_token,
                "token_expiry_date": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        return tokens if public_client else {**tokens, "client_secret": self._client_secret(grant.app)}

    def bearer(self, app: str | None = None) -> dict[str, str]:
        """Return an app's bearer token in the shape of the connector's configuration."""
        return {"auth_type": "bearer", "bearer_token": self._bearer_token(app or self._apps[0])}

    # Taking away -------------------------------------------------------------------------------------------------

    def revoke(self, token: str) -> None:
        """Stop accepting a token: OAuth 1.0a, OAuth 2.0 (access or refresh) or bearer."""
        with self._lock:
            self._revoked.add(token)

    def revoke_user(self, username: str) -> None:
        """Let an account withdraw its consent: all its tokens stop working."""
        with self._lock:
            self._revoked.update(
                token for token, (_, name) in self._oauth1_tokens.items() if name.lower() == username.lower()
            )
            for grant in self._grants.values():
                grant.is_revoked = grant.is_revoked or grant.username.lower() == username.lower()

    # Recognising -------------------------------------------------------------------------------------------------

    def identify(self, request: Request) -> Identity | None:
        """Return who sent a request; None if it has no credentials or ones that X would refuse with 401."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "oauth":
            return self._identify_signature(request)
        if scheme.lower() == "bearer":
            return self._identify_token(value.strip())
        return None

    def _identify_signature(self, request: Request) -> Identity | None:
        header = parsed_header(request.headers["authorization"])
        owner = self._oauth1_tokens.get(header.token) if header else None
        if header is None or owner is None or header.token in self._revoked:
            return None
        app, username = owner
        secrets = self.oauth1(username, app)
        if header.consumer_key != secrets["consumer_key"] or not self._is_timely(header):
            return None
        if not is_signed_by(
            request,
            header,
            consumer_secret=secrets["consumer_secret"],
            token_secret=secrets["access_token_secret"],
        ):
            return None
        if not self._is_first_use(header):
            return None
        return Identity(f"oauth1:{app}:{username}", AuthType.OAUTH1, app, username)

    def _is_timely(self, header: SignedHeader) -> bool:
        return self._tolerance is None or abs(header.timestamp - self._clock.time()) <= self._tolerance

    def _is_first_use(self, header: SignedHeader) -> bool:
        used = (header.token, header.timestamp, header.nonce)
        with self._lock:
            if used in self._nonces:
                return False
            self._nonces.add(used)
            self._nonce_order.append(used)
            if len(self._nonce_order) > _REMEMBERED_NONCES:
                self._nonces.discard(self._nonce_order.popleft())
        return True

    def _identify_token(self, token: str) -> Identity | None:
        if token in self._revoked:
            return None
        for app in self._apps:
            if token in {self._bearer_token(app), unquote(self._bearer_token(app))}:
                return Identity(f"bearer:{app}", AuthType.BEARER, app)
        grant = self._access_tokens.get(token)
        if grant is None or grant.is_revoked or grant.expires[token] <= self._clock.time():
            return None
        sort = "public" if grant.is_public else "confidential"
        return Identity(
            f"oauth2:{grant.app}:{sort}:{grant.username}",
            AuthType.OAUTH2,
            grant.app,
            grant.username,
            frozenset(grant.scopes),
        )

    # Token endpoints ---------------------------------------------------------------------------------------------

    def refresh(self, request: Request) -> dict[str, object]:
        """Answer `POST /2/oauth2/token` with `grant_type=refresh_token`.

        Raises:
            TokenRefused: wrong client, spent or unknown refresh token, or another grant type.
        """
        form = request.form
        if form.get("grant_type") != "refresh_token":
            raise TokenRefused(400, "invalid_request", "Value passed for the grant type was invalid.")
        with self._lock:
            grant, generation = self._refresh_tokens.get(form.get("refresh_token", ""), (None, 0))
            self._check_client(request, grant)
            if grant is None or grant.is_revoked or form["refresh_token"] in self._revoked:
                raise TokenRefused(400, "invalid_request", "Value passed for the token was invalid.")
            if generation != grant.generation:
                grant.is_revoked = self._reuse_kills_family
                raise TokenRefused(400, "invalid_request", "Value passed for the token was invalid.")
            grant.generation += 1
            self._issue(grant)
            return {
                "token_type": "bearer",
                "expires_in": ACCESS_TOKEN_SECONDS,
                "access_token": self._token_name("oauth2-access", grant),
                "scope": " ".join(grant.scopes),
                "refresh_token": self._token_name("oauth2-refresh", grant),
            }

    def revoke_at_endpoint(self, request: Request) -> None:
        """Answer `POST /2/oauth2/revoke`.

        Raises:
            TokenRefused: the client does not identify itself, or the token is not its own.
        """
        token = request.form.get("token", "")
        with self._lock:
            grant = self._access_tokens.get(token) or self._refresh_tokens.get(token, (None, 0))[0]
            self._check_client(request, grant)
            if grant is None:
                raise TokenRefused(400, "invalid_request", "Value passed for the token was invalid.")
            self._revoked.add(token)

    def app_token(self, request: Request) -> dict[str, str] | None:
        """Answer `POST /oauth2/token`: the bearer token of the app whose key and secret the Basic header holds."""
        name, secret = _basic(request)
        for app in self._apps:
            keys = self._consumer_key(app), self._secret("consumer-secret", app, length=50)
            if (unquote(name), unquote(secret)) == keys:
                return {"token_type": "bearer", "access_token": self._bearer_token(app)}
        return None

    def _check_client(self, request: Request, grant: _Grant | None) -> None:
        name, secret = _basic(request)
        public = {self._client_id(app, is_public=True): app for app in self._apps}
        app_named = public.get(request.form.get("client_id", ""))
        if grant is not None and grant.is_public:
            if app_named != grant.app:
                raise TokenRefused(400, "invalid_request", "Value passed for the client id was invalid.")
            return
        if grant is None and app_named is not None:
            return
        if not name and not secret:
            raise TokenRefused(401, "unauthorized_client", "Missing valid authorization header")
        known = {(self._client_id(app, is_public=False), self._client_secret(app)) for app in self._apps}
        if (unquote(name), unquote(secret)) not in known:
            raise TokenRefused(401, "unauthorized_client", "Missing valid authorization header")

    # Names and secrets -------------------------------------------------------------------------------------------

    def _grant(self, username: str, app: str, is_public: bool, scopes: tuple[str, ...]) -> _Grant:  # noqa: FBT001 - a key's part
        key = (username, app, is_public, scopes)
        if key not in self._grants:
            self._grants[key] = _Grant(username, app, is_public, scopes)
            self._issue(self._grants[key])
        return self._grants[key]

    def _issue(self, grant: _Grant) -> None:
        access_token = self._token_name("oauth2-access", grant)
        grant.expires[access_token] = self._clock.time() + ACCESS_TOKEN_SECONDS
        self._access_tokens[access_token] = grant
        self._refresh_tokens[self._token_name("oauth2-refresh", grant)] = (grant, grant.generation)

    def _token_name(self, sort: str, grant: _Grant) -> str:
        parts = (grant.app, grant.username, grant.is_public, *grant.scopes, grant.generation)
        return self._secret(sort, *parts, length=91)

    def _secret(self, *parts: object, length: int) -> str:
        return seeded_letters(length, self._seed, *parts)

    def _consumer_key(self, app: str) -> str:
        return self._secret("consumer-key", app, length=25)

    def _access_token(self, app: str, username: str) -> str:
        return f"{user_id_of(username)}-{self._secret('access-token', app, username, length=40)}"

    def _client_id(self, app: str, is_public: bool) -> str:  # noqa: FBT001 - the two sorts of client
        return self._secret("client-id", app, is_public, length=34)

    def _client_secret(self, app: str) -> str:
        return self._secret("client-secret", app, length=50)

    def _bearer_token(self, app: str) -> str:
        return (
            "AAAAAAAAAAAAAAAAAAAAA"
            + self._secret("bearer", app, length=40)
            + "%3D"
            + self._secret("bearer-2", app, length=45)
        )


def _basic(request: Request) -> tuple[str, str]:
    """Return user name and password of a Basic header; empty strings if there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret
