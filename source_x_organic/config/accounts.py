"""How a user names an account."""

import re
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, WithJsonSchema

from source_x_organic.config.problems import refused

ACCOUNT_PATTERN = r"^(@?[A-Za-z0-9_]{1,15}|[0-9]{1,19})$"
"""A username with or without @, a numeric user id, or a base-36 Ads account id."""


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account as the user named it, with every way in which X may know it.

    `raw`: as written. `username`: without @, case kept. `user_id`: decimal digits.
    `ads_account_id`: base 36, lower case; set beside another one where only X can tell which is
    meant, and only with the Ads API.
    """

    raw: str
    username: str | None
    user_id: str | None
    ads_account_id: str | None

    @property
    def identity(self) -> tuple[str | None, str | None, str | None]:
        """Equal for two spellings of one name: usernames have no case."""
        username = self.username.lower() if self.username is not None else None
        return username, self.user_id, self.ads_account_id

    def may_equal(self, other: Self) -> bool:
        """Tell whether both may name one account; only X knows whose user id a username has."""
        kind, other_kind = self._kind(), other._kind()
        if kind is None or kind != other_kind:
            return True
        return self.identity == other.identity

    def _kind(self) -> str | None:
        kinds = [kind for kind in ("username", "user_id", "ads_account_id") if getattr(self, kind)]
        return kinds[0] if len(kinds) == 1 else None


def account_ref(text: str, *, ads_api: bool) -> AccountRef | None:
    """Return what `text` names, None if it cannot name an account.

    `ads_api`: whether it may be an Ads account id.
    """
    if re.fullmatch(ACCOUNT_PATTERN, text) is None:
        return None
    if text.startswith("@"):
        return AccountRef(text, text[1:], None, None)
    ads_account_id = text.lower() if ads_api and "_" not in text else None
    if text.isdigit():
        return AccountRef(text, None, text, ads_account_id)
    return AccountRef(text, text, None, ads_account_id)


def _account(value: object, info: ValidationInfo) -> AccountRef:
    if isinstance(value, AccountRef):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    ads_api = bool(info.context and info.context.ads_api)
    found = account_ref(value, ads_api=ads_api) if isinstance(value, str) else None
    if found is None:
        raise refused(
            "does not name an account. Write @username, a numeric user id or an Ads account id: "
            "the name alone, without a link."
        )
    return found


def _without_repeats(accounts: tuple[AccountRef, ...]) -> tuple[AccountRef, ...]:
    first: dict[object, AccountRef] = {}
    for account in accounts:
        first.setdefault(account.identity, account)
    return tuple(first.values())


Account = Annotated[
    AccountRef,
    BeforeValidator(_account),
    WithJsonSchema({"type": "string", "pattern": ACCOUNT_PATTERN}),
]
Accounts = Annotated[tuple[Account, ...], AfterValidator(_without_repeats)]
