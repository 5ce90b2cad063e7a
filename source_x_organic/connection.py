"""What one run of the connector shares: the configuration, the clock, and a client for each set of credentials."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from source_x_organic.config import (
    BearerCredentials,
    Config,
    CredentialLocation,
    OAuth1Credentials,
    OAuth2Credentials,
    parse_config,
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

    from source_x_organic.transport.clock import Clock
    from source_x_organic.transport.retries import RetryPolicy

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
        self._apis: dict[CredentialLocation, XApi] = {}
        self._rotating: dict[str, OAuth2Credential] = {}
        self._places: dict[str, list[CredentialLocation]] = {}
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
        """Return the operations with an assignment's credentials, always the same object for the same credentials."""
        if assignment.location not in self._apis:
            client = ApiClient(
                base_url=self.config.base_urls.x_api,
                credential=self._credential(assignment),
                clock=self.clock,
                logger=self.logger,
                sent=self.sent,
                retries=self._retries,
            )
            self._apis[assignment.location] = XApi(client, self._vocabulary)
        return self._apis[assignment.location]

    def _credential(self, assignment: Assignment) -> Credential:
        credentials = assignment.credentials
        if isinstance(credentials, OAuth1Credentials):
            return OAuth1Credential(credentials, self.clock)
        if isinstance(credentials, BearerCredentials):
            return BearerCredential(credentials)
        return self._rotating_credential(credentials, assignment.location)

    def _rotating_credential(self, credentials: OAuth2Credentials, location: CredentialLocation) -> OAuth2Credential:
        """Return the holder of a refresh token; one entered in several places is one token, and works once in all."""
        key = credentials.refresh_token.get_secret_value()
        self._places.setdefault(key, []).append(location)
        if key not in self._rotating:
            self._rotating[key] = OAuth2Credential(
                credentials,
                base_url=self.config.base_urls.x_api,
                clock=self.clock,
                keep=lambda tokens: self.tokens.keep(self._places[key], tokens),
                retries=self._retries,
            )
        return self._rotating[key]
