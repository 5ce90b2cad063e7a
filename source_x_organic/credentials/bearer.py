"""App-only bearer tokens: public data of any public account, no user behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.auth import AuthBase

if TYPE_CHECKING:
    import requests

    from source_x_organic.config import BearerCredentials


class BearerCredential(AuthBase):
    """Sends one token, which holds until the app's owner invalidates it."""

    signs_with_time = False

    def __init__(self, credentials: BearerCredentials) -> None:
        """Take the token from the configuration."""
        self._token = credentials.bearer_token.get_secret_value()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return `request` with its Authorization header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Return False: what X refuses stays refused."""
        del refused
        return False
