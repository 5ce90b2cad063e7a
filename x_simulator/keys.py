"""Names and secrets of developer apps and their users; each follows from the seed and belongs to nobody."""

import base64
from dataclasses import dataclass

from x_simulator.accounts import user_id_of
from x_simulator.http_messages import Request
from x_simulator.randomness import seeded_letters


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of a world."""

    seed: int

    def letters(self, *parts: object, length: int) -> str:
        """Return the letters that name `parts` in this world."""
        return seeded_letters(length, self.seed, *parts)

    def consumer_key(self, app: str) -> str:
        """An app's API key."""
        return self.letters("consumer-key", app, length=25)

    def consumer_secret(self, app: str) -> str:
        """An app's API secret."""
        return self.letters("consumer-secret", app, length=50)

    def access_token(self, app: str, username: str) -> str:
        """A user's OAuth 1.0a token; it begins with the user id, as X's do."""
        return f"{user_id_of(username)}-{self.letters('access-token', app, username, length=40)}"

    def access_token_secret(self, app: str, username: str) -> str:
        """The secret of a user's OAuth 1.0a token."""
        return self.letters("access-token-secret", app, username, length=45)

    def client_id(self, app: str, *, is_public: bool) -> str:
        """The id of an app's OAuth 2.0 client; an app has a public and a confidential one."""
        return self.letters("client-id", app, is_public, length=34)

    def client_secret(self, app: str) -> str:
        """The secret of an app's confidential OAuth 2.0 client."""
        return self.letters("client-secret", app, length=50)

    def bearer_token(self, app: str) -> str:
        """An app's bearer token; it holds an escaped sign, as X's do."""
        parts = (self.letters("bearer", app, length=40), self.letters("bearer-2", app, length=45))
        return "AAAAAAAAAAAAAAAAAAAAA" + "%3D".join(parts)


def basic_credentials(request: Request) -> tuple[str, str]:
    """Return user name and password of a Basic header; empty strings if there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return name, secret
