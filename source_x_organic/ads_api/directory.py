"""Which Ads accounts a run reads, with the users whom they may promote: each asked for once per run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from source_x_organic.ads_api.ads_account import CLOSED, AdsAccount, AdsUnresolved, joined, limited
from source_x_organic.ads_api.api import ACCOUNTS
from source_x_organic.ads_api.people import People, of_user
from source_x_organic.transport.errors import ApiError, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from source_x_organic.ads_api.ads_account import Found
    from source_x_organic.ads_api.api import AdsApi, Object
    from source_x_organic.credentials.assignment import Assignment

ASKED_AT_ONCE = 8
"""Ads accounts that are asked for their users at the same time."""


class AdsDirectory:
    """The Ads accounts of a run. May be asked from any thread; the first one asks X."""

    def __init__(
        self,
        assignments: Sequence[Assignment],
        api_for: Callable[[Assignment], AdsApi],
        *,
        only_users: Callable[[], Collection[str]] | None = None,
        may_be_empty: bool = False,
    ) -> None:
        """`api_for` returns the operations with an assignment's credentials, or fails where they cannot sign for them.

        `only_users` limits the accounts to those of certain X users, where the configuration's accounts name users of
        the X API and not of the Ads API. `may_be_empty` says that it is no fault where X lists no account.
        """
        self._assignments = assignments
        self._api_for = api_for
        self._only_users = only_users
        self._may_be_empty = may_be_empty
        self._promotable = _Promotable()
        self._lock = Lock()
        self._found: list[Found] | None = None

    def all(self) -> list[Found]:
        """Return every account once, the credentials of single accounts first, and what cannot be read."""
        with self._lock:
            if self._found is None:
                with ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="ads-look-up") as threads:
                    self._found = self._looked_up(threads)
            return self._found

    def accounts(self) -> list[AdsAccount]:
        """Return the accounts that can be read."""
        return [found for found in self.all() if isinstance(found, AdsAccount)]

    def unresolved(self) -> list[AdsUnresolved]:
        """Return what was wanted and cannot be read; where nothing at all was found, that is told in its place."""
        if not self.all() and not self._may_be_empty:
            return [_nothing()]
        return [found for found in self.all() if isinstance(found, AdsUnresolved)]

    def _looked_up(self, threads: ThreadPoolExecutor) -> list[Found]:
        accounts: dict[str, AdsAccount] = {}
        failures: list[AdsUnresolved] = []
        for found in threads.map(self._seen, self._assignments):
            taken = set(accounts)
            for each in found:
                if isinstance(each, AdsUnresolved):
                    failures.append(each)
                elif each.id not in taken:  # what single credentials were entered for is not read with the default ones
                    accounts[each.id] = joined(accounts.get(each.id), each)
        return [*accounts.values(), *failures]

    def _seen(self, assignment: Assignment) -> list[Found]:
        """Return what one set of credentials is to read."""
        try:
            api = self._api_for(assignment)
            visible = _Visible(api, self._promotable)
        except ApiError as error:
            labels = [account.raw for account in assignment.accounts] or [assignment.location.path]
            return [AdsUnresolved(label, error, is_named=bool(assignment.accounts)) for label in labels]
        if self._only_users is None:
            return _wanted(assignment, visible)
        users = frozenset(self._only_users())
        everything = visible.loaded(visible.ids)
        return [part for each in everything if (part := limited(each, users)) is not None]


class _Promotable:
    """The users of each Ads account, asked for once, with any of the credentials that see it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asking: dict[str, Lock] = {}
        self._known: dict[str, tuple[Object, ...]] = {}

    def of(self, api: AdsApi, account_id: str) -> tuple[Object, ...]:
        with self._lock:
            asking = self._asking.setdefault(account_id, Lock())
        with asking:
            if account_id not in self._known:
                self._known[account_id] = tuple(api.promotable_users(account_id))
            return self._known[account_id]


class _Visible:
    """What one set of credentials sees."""

    def __init__(self, api: AdsApi, promotable: _Promotable) -> None:
        self.api = api
        self._promotable = promotable
        self._objects = {str(each["id"]): each for each in api.accounts() if each.get("id")}

    def __contains__(self, account_id: object) -> bool:
        return account_id in self._objects

    @property
    def ids(self) -> list[str]:
        """All accounts, closed ones included."""
        return list(self._objects)

    def loaded(self, account_ids: Iterable[str]) -> list[Found]:
        """Return accounts with their users."""
        with ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="ads-users") as threads:
            return list(threads.map(self._loaded, account_ids))

    def _loaded(self, account_id: str) -> Found:
        account = AdsAccount(account_id, self._objects[account_id], self.api)
        if account.is_closed:
            return account
        try:
            return replace(account, promotable_users=self._promotable.of(self.api, account_id))
        except ApiError as error:
            return AdsUnresolved(account.label, error)


def _wanted(assignment: Assignment, visible: _Visible) -> list[Found]:
    """Return the accounts that are followed or named, and of those that only have a named user that user's part."""
    named = [ref.ads_account_id for ref in assignment.accounts if ref.ads_account_id in visible]
    users = [ref for ref in assignment.accounts if ref.ads_account_id not in visible]
    whole = [*named, *(visible.ids if assignment.follows_owner else ())]
    ids = list(dict.fromkeys(account_id for account_id in whole if account_id))
    loaded = dict(zip(ids, visible.loaded(ids), strict=True))
    found = [_as_named(each) if account_id in named else each for account_id, each in loaded.items()]
    if not users:
        return found
    known = found if assignment.follows_owner else visible.loaded(visible.ids)
    people = People(known)
    return [*found, *(part for ref in users for part in of_user(ref, people, visible.api))]


def _nothing() -> AdsUnresolved:
    problem = Problem("ads-no-role", detail="X lists none for these credentials")
    what = "the Ads accounts"
    return AdsUnresolved(what, error_for(problem, what=what, endpoint=ACCOUNTS.name))


def _as_named(found: Found) -> Found:
    """Return an account that the configuration names: then it has to be told that it is closed."""
    if isinstance(found, AdsUnresolved):
        return replace(found, is_named=True)
    if not found.is_closed:
        return found
    problem = Problem("ads-account-gone", CLOSED, detail="X lists it as deleted")
    error = error_for(problem, what=f"the {found.label}", endpoint=ACCOUNTS.name)
    return AdsUnresolved(found.label, error, is_named=True)
