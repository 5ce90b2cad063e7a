"""Entries that name an X user where the Ads API is asked: which Ads accounts may promote that user."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from source_x_organic.ads_api.ads_account import AdsAccount, AdsUnresolved, costs_account, limited, ways_to_users
from source_x_organic.ads_api.api import ACCOUNT
from source_x_organic.transport.errors import ApiError, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from source_x_organic.ads_api.ads_account import AdsUser, Found
    from source_x_organic.ads_api.api import AdsApi, Object
    from source_x_organic.config import AccountRef

_CERTAIN = frozenset({"ads-account-gone", "ads-user-unavailable"})
"""Refusals after which X has nothing more to say: the account or the user cannot be read by anybody."""


class People:
    """The users of some Ads accounts, by id and by user name."""

    def __init__(self, found: Iterable[Found]) -> None:
        """Of what was not found some may have these users; that counts where nothing else has them."""
        self._accounts: list[AdsAccount] = []
        self._failures: list[ApiError] = []
        for each in found:
            if isinstance(each, AdsAccount):
                self._accounts.append(each)
            else:
                self._failures.append(each.error)

    def accounts_of(self, ref: AccountRef) -> list[AdsAccount]:
        """Return the accounts that may promote a user, each with that user alone."""
        user_id = ref.user_id or self._by_name.get((ref.username or "").lower())
        parts = (limited(account, {user_id or ""}) for account in self._accounts)
        return [part for part in parts if isinstance(part, AdsAccount)]

    def doubt(self) -> ApiError | None:
        """Return why a user who was looked for in vain may be there all the same, None where it is not."""
        return next((error for error in self._failures if error.problem.kind not in _CERTAIN), None)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """User ids by name, which X tells nowhere but beside a tweet."""
        found: dict[str, str] = {}
        for ways in ways_to_users(self._accounts):
            name = self._name(ways)
            found |= {name.lower(): ways[0].id} if name is not None else {}
        return found

    def _name(self, ways: Iterable[AdsUser]) -> str | None:
        """Return the name of a user; None where X does not tell it."""
        for user in ways:
            try:
                return _screen_name(user)
            except ApiError as error:
                self._failures.append(error)
                if not costs_account(error):
                    break
        return None


def _screen_name(user: AdsUser) -> str | None:
    pages = user.account.api.tweets(user.account.id, user.id, trim_user=False, count=1)
    newest: list[Object] = next(filter(None, pages), [])
    return next((each["user"].get("screen_name") for each in newest if isinstance(each.get("user"), dict)), None)


def of_user(ref: AccountRef, people: People, api: AdsApi) -> list[Found]:
    """Return the accounts that may promote the user whom an entry names, or why there is none; `api` is asked why."""
    accounts: list[Found] = [*people.accounts_of(ref)]
    if accounts:
        return accounts
    return [AdsUnresolved(ref.raw, people.doubt() or _unknown(ref, api), is_named=True)]


def _unknown(ref: AccountRef, api: AdsApi) -> ApiError:
    """Return why an entry names nothing that can be read; X is asked what it says of an account with that id."""
    if ref.ads_account_id is not None:
        try:
            api.account(ref.ads_account_id)
        except ApiError as error:
            return error
    detail = (
        "no Ads account of these credentials has such a user; one without tweets, or whom X suspended, can be named by "
        "the numeric id alone"
    )
    return error_for(
        Problem("resource-not-found", 200, detail=detail), what=f"the account {ref.raw}", endpoint=ACCOUNT.name
    )
