"""Who may ask: hands out the credentials of a world's accounts and recognises them again, as strictly as X does."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from x_simulator.clock import Clock
from x_simulator.grants import DEFAULT_SCOPES, Grants
from x_simulator.http_messages import Request
from x_simulator.keys import Keys, basic_credentials
from x_simulator.oauth1_signatures import SignedHeader, is_signed_by, parsed_header

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


class Credentials:
    """All credentials of a world.

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
        self._clock = clock
        self._apps = tuple(apps)
        self._tolerance = timestamp_tolerance_seconds
        self._usernames = {username.lower(): username for username in usernames}
        self._keys = Keys(seed)
        self.grants = Grants(self._keys, clock, apps, reuse_kills_family=reuse_kills_family)
        self._lock = threading.Lock()
        self._nonces: set[tuple[str, int, str]] = set()
        self._nonce_order: deque[tuple[str, int, str]] = deque()
        self._revoked: set[str] = set()
        self._oauth1_tokens = {
            self._keys.access_token(app, username): (app, username)
            for app in apps
            for username in self._usernames.values()
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
            "consumer_key": self._keys.consumer_key(of_app),
            "consumer_secret": self._keys.consumer_secret(of_app),
            "access_token": self._keys.access_token(of_app, name),
            "access_token_secret": self._keys.access_token_secret(of_app, name),
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
        name = self._usernames[username.lower()]
        return self.grants.tokens(name, app or self._apps[0], public_client=public_client, scopes=scopes)

    def bearer(self, app: str | None = None) -> dict[str, str]:
        """Return an app's bearer token in the shape of the connector's configuration."""
        return {"auth_type": "bearer", "bearer_token": self._keys.bearer_token(app or self._apps[0])}

    def app_token(self, request: Request) -> dict[str, str] | None:
        """Answer `POST /oauth2/token`: the bearer token of the app whose key and secret the Basic header holds."""
        name, secret = basic_credentials(request)
        for app in self._apps:
            if (unquote(name), unquote(secret)) == (self._keys.consumer_key(app), self._keys.consumer_secret(app)):
                return {"token_type": "bearer", "access_token": self._keys.bearer_token(app)}
        return None

    # Taking away -------------------------------------------------------------------------------------------------

    def revoke(self, token: str) -> None:
        """Stop accepting a token: OAuth 1.0a, OAuth 2.0 (access or refresh) or bearer."""
        self._revoked.add(token)
        self.grants.revoke(token)

    def revoke_user(self, username: str) -> None:
        """Let an account withdraw its consent: all its tokens stop working."""
        wanted = username.lower()
        self._revoked.update(token for token, (_, name) in self._oauth1_tokens.items() if name.lower() == wanted)
        self.grants.revoke_user(username)

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
        if header is None or owner is None or header.token in self._revoked or not self._is_timely(header):
            return None
        app, username = owner
        secrets = self.oauth1(username, app)
        is_genuine = header.consumer_key == secrets["consumer_key"] and is_signed_by(
            request, header, consumer_secret=secrets["consumer_secret"], token_secret=secrets["access_token_secret"]
        )
        if not is_genuine or not self._is_first_use(header):
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
        for app in self._apps:
            bearer = self._keys.bearer_token(app)
            if token in {bearer, unquote(bearer)}:
                return None if bearer in self._revoked else Identity(f"bearer:{app}", AuthType.BEARER, app)
        grant = self.grants.find(token)
        if grant is None:
            return None
        name = f"oauth2:{grant.app}:{'public' if grant.is_public else 'confidential'}:{grant.username}"
        return Identity(name, AuthType.OAUTH2, grant.app, grant.username, frozenset(grant.scopes))
