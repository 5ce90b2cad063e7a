"""Which Ads accounts a run reads, with the users whom they may promote: each asked for once per run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from source_x_organic.ads_api.api import ACCOUNT, ACCOUNTS
from source_x_organic.transport.errors import ApiError, CredentialsRefused, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from source_x_organic.ads_api.api import AdsApi, Object
    from source_x_organic.config import AccountRef
    from source_x_organic.credentials.assignment import Assignment

ASKED_AT_ONCE = 8
"""Ads accounts that are asked for their users at the same time."""

CLOSED = 200
"""The status of X's answer that lists an account as deleted; for one that it does not know it is 403 or 404."""

_CERTAIN = frozenset({"ads-account-gone", "ads-user-unavailable"})
"""Refusals after which X has nothing more to say: the account or the user cannot be read by anybody."""

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
                    accounts[each.id] = _joined(accounts.get(each.id), each)
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
        return [part for each in everything if (part := _limited(each, users)) is not None]


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
    people = _People(known)
    return [*found, *(part for ref in users for part in _of_user(ref, people, visible))]


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


class _People:
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
        parts = (_limited(account, {user_id or ""}) for account in self._accounts)
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


def _of_user(ref: AccountRef, people: _People, visible: _Visible) -> list[Found]:
    accounts: list[Found] = [*people.accounts_of(ref)]
    if accounts:
        return accounts
    return [AdsUnresolved(ref.raw, people.doubt() or _unknown(ref, visible.api), is_named=True)]


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


def _limited(found: Found, user_ids: Collection[str]) -> Found | None:
    """Return an account with some of its users; None where it has none of them."""
    if isinstance(found, AdsUnresolved):
        return found
    kept = tuple(each for each in found.promotable_users if str(each.get("user_id")) in user_ids)
    return replace(found, promotable_users=kept) if kept else None


def _joined(known: AdsAccount | None, other: AdsAccount) -> AdsAccount:
    if known is None:
        return other
    users = {str(each.get("id")): each for each in (*known.promotable_users, *other.promotable_users)}
    return replace(known, promotable_users=tuple(users.values()))


def _present(account: AdsAccount) -> Iterator[Object]:
    """Yield the users that were not removed from an account."""
    return (each for each in account.promotable_users if each.get("user_id") and not each.get("deleted"))
