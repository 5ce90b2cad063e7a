"""Which account is read with which credentials: decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from source_x_organic.config import BearerCredentials, CredentialLocation, SyncMode

if TYPE_CHECKING:
    from collections.abc import Collection

    from source_x_organic.config import AccountRef, Config, Credentials


@dataclass(frozen=True)
class Assignment:
    """One set of credentials and what is read with it.

    Attributes:
        location: Where the credentials stand in the configuration.
        credentials: The credentials themselves.
        accounts: The accounts named for them, not yet looked up.
        follows_owner: Whether the user whom they belong to is followed too.
        owner_is_known: Whether X can tell whom they belong to; an app-only token belongs to nobody.
    """

    location: CredentialLocation
    credentials: Credentials
    accounts: tuple[AccountRef, ...]
    follows_owner: bool

    @property
    def owner_is_known(self) -> bool:
        """Whether there is a user behind the credentials."""
        return not isinstance(self.credentials, BearerCredentials)


def assign(config: Config) -> tuple[Assignment, ...]:
    """Return every set of credentials that is used, those of single accounts first.

    With AllAccounts each set follows its owner, and the account that it was entered for where that is somebody else.
    With SpecificAccounts each listed account is read with its own credentials if it has some, else with the default
    ones.
    """
    follows_owner = config.sync_mode is SyncMode.ALL_ACCOUNTS
    own = [
        Assignment(
            location=entry.location,
            credentials=entry.credentials,
            accounts=(entry.account,),
            follows_owner=follows_owner and not isinstance(entry.credentials, BearerCredentials),
        )
        for entry in config.account_credentials
    ]
    overridden = {entry.account.identity for entry in config.account_credentials}
    default = Assignment(
        location=config.credentials_location,
        credentials=config.credentials,
        accounts=tuple(account for account in config.accounts if account.identity not in overridden)
        if config.sync_mode is SyncMode.SPECIFIC_ACCOUNTS
        else (),
        follows_owner=follows_owner and not isinstance(config.credentials, BearerCredentials),
    )
    return (*own, default) if default.accounts or default.follows_owner else tuple(own)


def of_users(assignment: Assignment, ads_account_ids: Collection[str]) -> Assignment:
    """Return what the X API is to read with credentials that were entered for the Ads API.

    An entry that names an Ads account names no user; with its credentials their owner is followed. `ads_account_ids`
    are the accounts that there are: without an @ only X knows which is meant.
    """
    users = tuple(account for account in assignment.accounts if account.ads_account_id not in ads_account_ids)
    follows_owner = assignment.follows_owner or len(users) < len(assignment.accounts)
    return replace(assignment, accounts=users, follows_owner=follows_owner)


def may_overlap(assignments: tuple[Assignment, ...]) -> bool:
    """Return whether an account of the default credentials may turn out to be one that has its own.

    A user id in one place and a user name in the other may be the same account, and the owner of the default
    credentials may be anybody; only X knows.
    """
    own = [account for each in assignments if each.location != CredentialLocation() for account in each.accounts]
    default = [each for each in assignments if each.location == CredentialLocation()]
    if own and any(each.follows_owner for each in default):
        return True
    return any(account.may_equal(other) for each in default for account in each.accounts for other in own)
