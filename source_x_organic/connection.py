"""What one run of the connector shares: the configuration, the clock, and a client for each set of credentials."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from source_x_organic.config import (
    BearerCredentials,
    Config,
    OAuth1Credentials,
    OAuth2Credentials,
    parse_config,
    secrets_of,
)
from source_x_organic.credentials.assignment import Assignment, assign
from source_x_organic.credentials.bearer import BearerCredential
from source_x_organic.credentials.oauth1 import OAuth1Credential
from source_x_organic.credentials.oauth2 import OAuth2Credential
from source_x_organic.credentials.rotation import TokenKeeper
from source_x_organic.failures import Failures
from source_x_organic.transport.client import ApiClient, Credential, Requests
from source_x_organic.transport.clock import now
from source_x_organic.transport.redaction import protect
from source_x_organic.x_api.api import XApi
from source_x_organic.x_api.directory import Directory
from source_x_organic.x_api.vocabulary import Vocabulary

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

    from source_x_organic.config import Credentials
    from source_x_organic.transport.clock import Clock
    from source_x_organic.transport.retries import RetryPolicy

Identity = tuple[str, ...]

CONNECTION_KEY = "__connection"
"""Where the manifest's components find the connection: airbyte-cdk hands them nothing but the configuration."""


class Connection:
    """One run: made for each `check`, `discover` and `read`, never kept beyond it."""

    def __init__(
        self,
        raw_config: Mapping[str, Any],
        *,
        config_path: str | None,
        clock: Clock,
        logger: logging.Logger,
        retries: RetryPolicy,
    ) -> None:
        """Validate the configuration; nothing is sent yet.

        Raises:
            ConfigError: with every problem of the configuration.
        """
        self.config: Config = parse_config(raw_config)
        self.clock = clock
        self.started_at = now(clock)
        self.failures = Failures()
        self.logger = logger
        self.sent = Requests()
        self.tokens = TokenKeeper(raw_config, config_path, logger)
        self._retries = retries
        self._lock = Lock()
        self._warned: set[str] = set()
        self._vocabulary = Vocabulary(logger)
        self._apis: dict[Identity, XApi] = {}
        protect(self.config.secret_values())
        self.directory = Directory(assign(self.config), self._api)

    def warn_once(self, message: str) -> None:
        """Log a warning that several streams may have cause for, once."""
        with self._lock:
            is_new = message not in self._warned
            self._warned.add(message)
        if is_new:
            self.logger.warning(message)

    def _api(self, assignment: Assignment) -> XApi:
        """Return the operations with an assignment's credentials: one object for equal ones, wherever they stand.

        X counts requests by token, and a refresh token works once: two holders of the same would spoil both.
        """
        identity = _identity(assignment.credentials)
        if identity not in self._apis:
            client = ApiClient(
                base_url=self.config.base_urls.x_api,
                credential=self._credential(assignment.credentials),
                clock=self.clock,
                logger=self.logger,
                sent=self.sent,
                retries=self._retries,
            )
            self._apis[identity] = XApi(client, self._vocabulary)
        return self._apis[identity]

    def _credential(self, credentials: Credentials) -> Credential:
        if isinstance(credentials, OAuth1Credentials):
            return OAuth1Credential(credentials, self.clock)
        if isinstance(credentials, BearerCredentials):
            return BearerCredential(credentials)
        entered = [(self.config.credentials_location, self.config.credentials)]
        entered += [(entry.location, entry.credentials) for entry in self.config.account_credentials]
        places = [location for location, other in entered if _identity(other) == _identity(credentials)]
        return OAuth2Credential(
            credentials,
            base_url=self.config.base_urls.x_api,
            clock=self.clock,
            keep=lambda tokens: self.tokens.keep(places, tokens),
            retries=self._retries,
        )


def _identity(credentials: Credentials) -> Identity:
    """Return what tells one set of credentials from another: for OAuth 2.0 the token that can be spent."""
    if isinstance(credentials, OAuth2Credentials):
        return (credentials.auth_type, credentials.refresh_token.get_secret_value())
    return (credentials.auth_type, *secrets_of(credentials))
