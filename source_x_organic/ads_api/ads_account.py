"""An Ads account that credentials see, the users whom it may promote, and what was wanted and cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from source_x_organic.ads_api.api import ACCOUNTS
from source_x_organic.transport.errors import ApiError, CredentialsRefused, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from source_x_organic.ads_api.api import AdsApi, Object

CLOSED = 200
"""The status of X's answer that lists an account as deleted; for one that it does not know it is 403 or 404."""

_OF_ACCOUNT = frozenset({"ads-no-role", "ads-account-gone", "ads-feature-unavailable"})

FULL = "FULL"
"""The type of the user whom an Ads account belongs to; others may only have their tweets promoted."""


@dataclass(frozen=True)
class AdsUser:
    """An X user whose tweets are read through one Ads account.

    Attributes:
        id: X user id.
        account: The Ads account.
        is_full: Whether the Ads account is the user's own.
    """

    id: str
    account: AdsAccount
    is_full: bool

    @property
    def label(self) -> str:
        """The user as messages name it."""
        return f"user {self.id} of {self.account.label}"


@dataclass(frozen=True)
class AdsAccount:
    """An Ads account that the credentials see.

    Attributes:
        id: In base 36.
        object: X's object.
        api: The operations with the credentials that it is read with.
        promotable_users: X's objects of its users that are wanted, removed ones included.
    """

    id: str
    object: Mapping[str, Any] = field(repr=False, compare=False)
    api: AdsApi = field(repr=False, compare=False)
    promotable_users: tuple[Object, ...] = field(default=(), repr=False, compare=False)

    @property
    def label(self) -> str:
        """The account as messages name it."""
        name = self.object.get("name")
        return f"Ads account {self.id} ({name})" if name else f"Ads account {self.id}"

    @property
    def is_closed(self) -> bool:
        """Whether it was closed: X keeps the object, and nothing of what belonged to it."""
        return bool(self.object.get("deleted"))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that its days are counted in.

        Raises:
            ApiError: X named a zone that this machine does not know.
        """
        name = str(self.object.get("timezone"))
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            problem = Problem(
                "unexpected", detail=f"the time zone of {self.label} is {name!r}, which is not known here"
            )
            raise error_for(problem, what=f"the days of {self.label}", endpoint=ACCOUNTS.name) from None

    @property
    def full_user_id(self) -> str | None:
        """The X user whom the account belongs to: the first by id where there are several."""
        return min(
            (str(each["user_id"]) for each in _present(self) if each.get("promotable_user_type") == FULL), default=None
        )

    def users(self) -> list[AdsUser]:
        """Return the users whose tweets are read: those that were not removed."""
        types: dict[str, bool] = {}
        for each in _present(self):
            user_id = str(each["user_id"])
            types[user_id] = types.get(user_id, False) or each.get("promotable_user_type") == FULL
        return [AdsUser(user_id, self, is_full) for user_id, is_full in sorted(types.items())]


@dataclass(frozen=True)
class AdsUnresolved:
    """What was wanted and cannot be read.

    Attributes:
        label: As the user named it, or the place of the credentials.
        error: Why.
        is_named: Whether the configuration names it.
    """

    label: str
    error: ApiError
    is_named: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether an entry names what never was: what X once showed, and shows closed, is another matter."""
        if not self.is_named:
            return False
        problem = self.error.problem
        return problem.kind == "resource-not-found" or (problem.kind == "ads-account-gone" and problem.status != CLOSED)


Found = AdsAccount | AdsUnresolved


def ways_to_users(accounts: Iterable[AdsAccount]) -> list[tuple[AdsUser, ...]]:
    """Return for every user the accounts that it can be read through, the first in preference.

    That is the account that is the user's own, else any; the first by id of several.
    """
    ways: dict[str, list[AdsUser]] = {}
    for user in sorted((user for account in accounts for user in account.users()), key=_rank):
        ways.setdefault(user.id, []).append(user)
    return [tuple(each) for each in ways.values()]


def costs_account(error: ApiError) -> bool:
    """Return whether X refuses an Ads account, or the credentials that it is read with, and not the user or tweets."""
    return error.problem.kind in _OF_ACCOUNT or isinstance(error, CredentialsRefused)


def _rank(user: AdsUser) -> tuple[bool, str]:
    return not user.is_full, user.account.id


def limited(found: Found, user_ids: Collection[str]) -> Found | None:
    """Return an account with some of its users; None where it has none of them."""
    if isinstance(found, AdsUnresolved):
        return found
    kept = tuple(each for each in found.promotable_users if str(each.get("user_id")) in user_ids)
    return replace(found, promotable_users=kept) if kept else None


def joined(known: AdsAccount | None, other: AdsAccount) -> AdsAccount:
    """Return an account with the users that two sets of credentials, or two entries, have it for."""
    if known is None:
        return other
    users = {str(each.get("id")): each for each in (*known.promotable_users, *other.promotable_users)}
    return replace(known, promotable_users=tuple(users.values()))


def _present(account: AdsAccount) -> Iterator[Object]:
    """Yield the users that were not removed from an account."""
    return (each for each in account.promotable_users if each.get("user_id") and not each.get("deleted"))
