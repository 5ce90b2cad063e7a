"""OAuth 1.0a: every request is signed with four secrets that do not expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.auth import AuthBase
from requests_oauthlib import OAuth1

if TYPE_CHECKING:
    import requests

    from source_x_organic.config import OAuth1Credentials
    from source_x_organic.transport.clock import Clock


class OAuth1Credential(AuthBase):
    """Signs each request anew, with HMAC-SHA1 over method, URL and query (RFC 5849; X takes no other method)."""

    signs_with_time = True

    def __init__(self, credentials: OAuth1Credentials, clock: Clock) -> None:
        """`clock` gives the time that goes into the signature."""
        self._credentials = credentials
        self._clock = clock

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return `request` with its Authorization header."""
        signer = OAuth1(
            self._credentials.consumer_key.get_secret_value(),
            client_secret=self._credentials.consumer_secret.get_secret_value(),
            resource_owner_key=self._credentials.access_token.get_secret_value(),
            resource_owner_secret=self._credentials.access_token_secret.get_secret_value(),
            timestamp=str(int(self._clock.time())),
        )
        signed: requests.PreparedRequest = signer(request)
        return signed

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Return False: what X refuses stays refused."""
        del refused
        return False
