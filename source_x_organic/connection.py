"""What one run of the connector shares: the configuration, the clock, and a client for each set of credentials."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.api import ACCOUNTS as ADS_ACCOUNTS
from source_x_organic.ads_api.api import AdsApi
from source_x_organic.ads_api.directory import AdsDirectory
from source_x_organic.ads_api.jobs import ReportJobs
from source_x_organic.ads_api.refusals import classify_ads
from source_x_organic.config import (
    ApiAccess,
    BearerCredentials,
    Config,
    OAuth1Credentials,
    OAuth2Credentials,
    SyncMode,
    parse_config,
    secrets_of,
)
from source_x_organic.coverage_report.ledger import CoverageLedger
from source_x_organic.credentials.assignment import Assignment, assign, of_users
from source_x_organic.credentials.bearer import BearerCredential
from source_x_organic.credentials.oauth1 import OAuth1Credential
from source_x_organic.credentials.oauth2 import OAuth2Credential
from source_x_organic.credentials.rotation import TokenKeeper
from source_x_organic.engagement_api.api import EngagementApi
from source_x_organic.engagement_api.refusals import classify_engagement
from source_x_organic.engagement_api.requests import HISTORICAL
from source_x_organic.failures import Failures
from source_x_organic.transport.client import ApiClient, Credential
from source_x_organic.transport.clock import now
from source_x_organic.transport.errors import error_for
from source_x_organic.transport.problems import Problem
from source_x_organic.transport.redaction import protect
from source_x_organic.usage.budget import Budget
from source_x_organic.usage.ledger import Ledger
from source_x_organic.x_api.api import XApi
from source_x_organic.x_api.directory import Account, Directory
from source_x_organic.x_api.vocabulary import Vocabulary

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

    from source_x_organic.ads_api.ads_account import AdsAccount
    from source_x_organic.config import Credentials, Rules
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
        rules: Rules,
    ) -> None:
        """Validate the configuration, by `rules` of other parts too; nothing is sent yet.

        Raises:
            ConfigError: with every problem of the configuration.
        """
        self.config: Config = parse_config(raw_config, rules)
        self.clock = clock
        self.started_at = now(clock)
        self.failures = Failures()
        self.logger = logger
        self.sent = Ledger()
        self.budget = Budget(self.config.max_post_reads_per_sync)
        self.coverage = CoverageLedger(self.started_at, is_limited=self.budget.is_limited)
        self.tokens = TokenKeeper(raw_config, config_path, logger)
        self._retries = retries
        self._lock = Lock()
        self._warned: set[str] = set()
        self._vocabulary = Vocabulary(logger)
        self._apis: dict[Identity, XApi] = {}
        self._ads_apis: dict[Identity, AdsApi] = {}
        self._report_jobs: dict[str, ReportJobs] = {}
        self._engagement_apis: dict[XApi, EngagementApi] = {}
        protect(self.config.secret_values())
        self._looking_up = Lock()
        self._directory: Directory | None = None
        self.ads_directory = self._ads_directory()

    @property
    def directory(self) -> Directory:
        """The accounts that the X API is asked for; nothing is asked of it yet."""
        with self._looking_up:
            if self._directory is None:
                self._directory = Directory(self._assignments_of_users(), self._api)
            return self._directory

    def _assignments_of_users(self) -> tuple[Assignment, ...]:
        """Return what the X API reads. Beside the Ads API entries may name Ads accounts, which that one has to tell."""
        assignments = assign(self.config)
        if self.config.api_access is not ApiAccess.ADS_API:
            return assignments
        unclear = any(account.ads_account_id for each in assignments for account in each.accounts)
        ads_account_ids = {account.id for account in self.ads_directory.accounts()} if unclear else set()
        return tuple(of_users(each, ads_account_ids) for each in assignments)

    def report_jobs(self, account: AdsAccount) -> ReportJobs:
        """Return the queue of an Ads account's reports: one, whatever streams order, because X counts by account."""
        with self._lock:
            if account.id not in self._report_jobs:
                self._report_jobs[account.id] = ReportJobs(account.api, account.id, self.clock, self.logger)
            return self._report_jobs[account.id]

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
            client = self._client(self.config.base_urls.x_api, assignment.credentials)
            self._apis[identity] = XApi(client, self._vocabulary, self.sent)
        return self._apis[identity]

    def engagement_api(self, account: Account) -> EngagementApi:
        """Return the Engagement API's operations with the credentials that an account is read with.

        Raises:
            ApiError: the Engagement API does not take such credentials.
        """
        signs = account.api.client.credential
        if isinstance(signs, OAuth2Credential):
            problem = Problem("engagement-needs-oauth1", detail="the credentials in use are OAuth 2.0 tokens")
            raise error_for(problem, what=f"the engagement of {account.label}", endpoint=HISTORICAL.name)
        with self._lock:
            if account.api not in self._engagement_apis:
                client = self._sender(self.config.base_urls.engagement_api, signs, classify=classify_engagement)
                self._engagement_apis[account.api] = EngagementApi(client)
            return self._engagement_apis[account.api]

    def _ads_directory(self) -> AdsDirectory:
        """Return the Ads accounts that the configuration speaks of; nothing is asked yet.

        Where it names users of the X API, the Ads accounts are those that may promote them.
        """
        assignments = assign(self.config)
        if self.config.api_access is ApiAccess.ADS_API:
            return AdsDirectory(assignments, self._ads_api)
        signed = [each for each in assignments if isinstance(each.credentials, OAuth1Credentials)] or assignments[-1:]
        everything = [replace(each, accounts=(), follows_owner=True) for each in signed]
        named = self.config.sync_mode is SyncMode.SPECIFIC_ACCOUNTS
        users = self._user_ids if named else None
        return AdsDirectory(everything, self._ads_api, only_users=users, may_be_empty=True)

    def _user_ids(self) -> set[str]:
        return {account.id for account in self.directory.accounts() if isinstance(account, Account)}

    def _ads_api(self, assignment: Assignment) -> AdsApi:
        """Return the Ads API's operations with an assignment's credentials: one object for equal ones.

        Raises:
            ApiError: the Ads API does not take such credentials.
        """
        credentials, identity = assignment.credentials, _identity(assignment.credentials)
        if not isinstance(credentials, OAuth1Credentials):
            problem = Problem("ads-needs-oauth1", detail=f"these credentials are of type {credentials.auth_type}")
            raise error_for(problem, what="the Ads accounts", endpoint=ADS_ACCOUNTS.name)
        with self._lock:
            if identity not in self._ads_apis:
                client = self._client(self.config.base_urls.ads_api, credentials, classify=classify_ads)
                self._ads_apis[identity] = AdsApi(client, self.warn_once)
            return self._ads_apis[identity]

    def _client(self, base_url: str, credentials: Credentials, **more: Any) -> ApiClient:  # noqa: ANN401 - passed on
        return self._sender(base_url, self._credential(credentials), **more)

    def _sender(self, base_url: str, credential: Credential, **more: Any) -> ApiClient:  # noqa: ANN401 - passed on
        return ApiClient(
            base_url=base_url,
            credential=credential,
            clock=self.clock,
            logger=self.logger,
            sent=self.sent,
            retries=self._retries,
            warn=self.warn_once,
            **more,
        )

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
