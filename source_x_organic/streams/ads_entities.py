"""Streams with a row for each object of an Ads account: the account, its users, their scheduled tweets and drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

from source_x_organic import fivetran_tables
from source_x_organic.ads_api.accounts import ads_account_row, promotable_user_row
from source_x_organic.ads_api.scheduled import draft_tweet_row, scheduled_tweet_row
from source_x_organic.failures import AccountsFailed
from source_x_organic.streams.rows import RowsPartition
from source_x_organic.transport.clock import now
from source_x_organic.transport.errors import ApiError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
    from airbyte_cdk.utils import AirbyteTracedException

    from source_x_organic.ads_api.ads_account import AdsAccount
    from source_x_organic.ads_api.api import Object
    from source_x_organic.ads_api.directory import AdsDirectory
    from source_x_organic.connection import Connection
    from source_x_organic.transport.clock import Clock
    from source_x_organic.x_api.readings import Row


class AccountRows(Protocol):
    """What makes the rows of one Ads account."""

    def __call__(self, account: AdsAccount, warn: Callable[[str], None]) -> Iterator[Row]:
        """Yield the rows; `warn` takes what the user should know although the rest is read."""
        ...


def ads_accounts(account: AdsAccount, warn: Callable[[str], None]) -> Iterator[Row]:
    """Yield the account's row of `ads_accounts`."""
    yield ads_account_row(account.object, industry_type=_industry_type(account, warn), account_id=account.full_user_id)


def account_history(clock: Clock) -> AccountRows:
    """Return what makes Fivetran's `account_history`: the present version, with the instant of its emission."""

    def rows(account: AdsAccount, warn: Callable[[str], None]) -> Iterator[Row]:
        industry_type = _industry_type(account, warn)
        yield fivetran_tables.account_history_row(account.object, industry_type=industry_type, synced_at=now(clock))

    return rows


def promotable_users(account: AdsAccount, warn: Callable[[str], None]) -> Iterator[Row]:
    """Yield the account's rows of `promotable_users`, removed users included."""
    del warn
    for user in account.promotable_users:
        yield promotable_user_row(user, ads_account_id=account.id)


def scheduled_tweets(account: AdsAccount, warn: Callable[[str], None]) -> Iterator[Row]:
    """Yield the account's rows of `scheduled_tweets`, user by user."""
    for tweet in _of_users(account, account.api.scheduled_tweets, warn):
        yield scheduled_tweet_row(tweet, ads_account_id=account.id)


def draft_tweets(account: AdsAccount, warn: Callable[[str], None]) -> Iterator[Row]:
    """Yield the account's rows of `draft_tweets`, user by user."""
    for tweet in _of_users(account, account.api.draft_tweets, warn):
        yield draft_tweet_row(tweet, ads_account_id=account.id)


def _of_users(
    account: AdsAccount, listed: Callable[[str, str], Iterator[Object]], warn: Callable[[str], None]
) -> Iterator[Object]:
    """Yield what X lists for each user; X's default would be the account's main user alone."""
    for user in account.users():
        try:
            yield from listed(account.id, user.id)
        except ApiError as error:
            if error.problem.kind != "ads-user-unavailable":
                raise
            warn(str(error))


def _industry_type(account: AdsAccount, warn: Callable[[str], None]) -> str | None:
    """Return what X says only when it is asked for the account alone; the row is good without it."""
    try:
        found: str | None = account.api.account(account.id).get("industry_type")
    except Refused as error:
        warn(f"The industry of {account.label} is not known: {error}")
        return None
    return found


class AdsEntities(PartitionGenerator):
    """One such stream: a partition for each Ads account."""

    def __init__(self, name: str, rows: AccountRows, connection: Connection, directory: AdsDirectory) -> None:
        self._name = name
        self._rows = rows
        self._connection = connection
        self._directory = directory

    def generate(self) -> Iterable[Partition]:
        """Yield a partition for each account, then fail for what cannot be read.

        Raises:
            AccountsFailed: some accounts are unknown or refused.
        """
        for place, account in enumerate(self._directory.accounts()):
            yield RowsPartition(self._name, place, lambda account=account: self._account_rows(account))  # type: ignore[misc]
        failures: list[tuple[str, AirbyteTracedException]] = [
            (unresolved.label, unresolved.error) for unresolved in self._directory.unresolved()
        ]
        for label, error in failures:
            self._connection.failures.add(label, error, [self._name])
        if failures:
            raise AccountsFailed(failures)
        if not self._directory.all():
            self._connection.warn_once(
                "X lists no Ads account with the accounts that are read: the streams of Ads accounts are empty. Where "
                "there should be one, let its administrator add the user of these credentials under Account access at "
                "ads.x.com."
            )

    def _account_rows(self, account: AdsAccount) -> Iterator[tuple[str, Row]]:
        try:
            for row in self._rows(account, self._connection.warn_once):
                yield self._name, row
        except ApiError as error:
            self._connection.failures.add(account.label, error, [self._name])
            raise
