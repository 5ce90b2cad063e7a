"""Who the accounts are: each looked up once per run, whatever number of streams ask."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from source_x_organic.config import CredentialLocation
from source_x_organic.credentials.assignment import Assignment, may_overlap
from source_x_organic.transport.errors import ApiError, CredentialsRefused, Refused, error_for
from source_x_organic.transport.problems import Problem, partial_problem
from source_x_organic.x_api.api import LARGEST_LOOKUP, ME, USERS, USERS_BY, XApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from source_x_organic.config import AccountRef

User = dict[str, Any]

LOOKUP_THREADS = 8
"""Sets of credentials whose accounts are looked up at the same time."""


@dataclass(frozen=True)
class Account:
    """An account that X knows.

    Attributes:
        id: X user id.
        username: Without @.
        user: X's user object.
        api: The operations with the credentials that the account is read with.
        is_own: Whether the credentials belong to the account, so that X shows its private counters.
    """

    id: str
    username: str
    user: User
    api: XApi
    is_own: bool

    @property
    def label(self) -> str:
        """The account as messages name it."""
        return f"@{self.username}"


@dataclass(frozen=True)
class Unresolved:
    """An account that could not be looked up.

    Attributes:
        label: The account as the user named it, or the place of the credentials whose owner was wanted.
        error: Why.
    """

    label: str
    error: ApiError

    @property
    def is_suspended(self) -> bool:
        """Whether X has suspended it: then nothing is wrong with the configuration or the sync."""
        return self.error.problem.kind == "suspended"


Resolved = Account | Unresolved


class Directory:
    """The accounts of a run. May be asked from any thread, and answers account by account as X answers."""

    def __init__(self, assignments: tuple[Assignment, ...], api_for: Callable[[Assignment], XApi]) -> None:
        """`api_for` returns the operations with the credentials of an assignment."""
        self._assignments = assignments
        self._api_for = api_for
        self._lock = threading.Lock()
        self._lookups: dict[Future[list[Resolved]], Assignment] = {}

    def accounts(self) -> Iterator[Resolved]:
        """Yield every account once, in the order in which X answers; nothing is asked twice.

        One slow or refused set of credentials does not hold up the accounts of the others.
        """
        seen: set[str] = set()
        for lookup in self._in_order():
            for found in lookup.result():
                key = found.id if isinstance(found, Account) else f"?{found.label}"
                if key not in seen:
                    seen.add(key)
                    yield found

    def _in_order(self) -> Iterator[Future[list[Resolved]]]:
        lookups = self._started()
        last = [
            lookup
            for lookup, assignment in lookups.items()
            if assignment.location == CredentialLocation() and may_overlap(self._assignments)
        ]
        # An account that has credentials of its own must not be taken from the default ones first.
        yield from as_completed(lookup for lookup in lookups if lookup not in last)
        yield from last

    def _started(self) -> dict[Future[list[Resolved]], Assignment]:
        with self._lock:
            if not self._lookups:
                with_threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="look-up")
                for assignment in self._assignments:
                    api = self._api_for(assignment)
                    self._lookups[with_threads.submit(_look_up_apart, assignment, api)] = assignment
                with_threads.shutdown(wait=False)
            return self._lookups


def _look_up_apart(assignment: Assignment, api: XApi) -> list[Resolved]:
    """Return the accounts of one set of credentials; what nobody foresaw costs those alone, not the other sets."""
    try:
        return _look_up(assignment, api)
    except Exception as error:  # noqa: BLE001 - it becomes the failure of these accounts, with its cause
        fault = Problem("unexpected", detail=f"the answer led to {type(error).__name__}")
        failure = error_for(fault, what="the accounts of these credentials", endpoint=USERS.name)
        failure.__cause__ = error
        return _all_unresolved(assignment, failure)


def _look_up(assignment: Assignment, api: XApi) -> list[Resolved]:
    """Return the accounts of one set of credentials, with as few requests as X's limits allow."""
    try:
        answer = _owner_answer(assignment, api)
    except ApiError as error:
        return _all_unresolved(assignment, error)
    user = answer.get("data") or {}
    owner: User | None = user if user.get("id") else None
    found: list[Resolved] = []
    if assignment.follows_owner:
        found.append(_account(owner, api, is_own=True) if owner else _no_owner(assignment, answer))
    asked = []
    for account in assignment.accounts:
        if owner and _names(account, owner):
            found.append(_account(owner, api, is_own=True))
        else:
            asked.append(account)
    return found + _look_up_others(asked, api)


def _owner_answer(assignment: Assignment, api: XApi) -> Mapping[str, Any]:
    """Return what X says of the user behind the credentials; nothing where there is none, or X will not say.

    Where X refuses only this answer, named accounts are still public. A passing fault is another matter: not to know
    whose the credentials are would turn private counters to nulls.

    Raises:
        ApiError: nothing can be read with the credentials, or it is their owner who is to be followed.
    """
    if not assignment.owner_is_known:
        return {}
    try:
        return api.me()
    except Refused as refusal:
        if assignment.follows_owner or isinstance(refusal, CredentialsRefused):
            raise
        return {}


def _all_unresolved(assignment: Assignment, error: ApiError) -> list[Resolved]:
    labels = [account.raw for account in assignment.accounts] or [assignment.location.path]
    return [Unresolved(label, error) for label in labels]


def _no_owner(assignment: Assignment, answer: Mapping[str, Any]) -> Unresolved:
    """Return what stands for an owner whom X answers nothing about, or only errors."""
    problems = [partial_problem(error) for error in answer.get("errors") or ()]
    problem = next(iter(problems), Problem("unauthorized", 200, detail="X names no user"))
    error = error_for(problem, what="the account behind the credentials", endpoint=ME.name)
    return Unresolved(assignment.location.path, error)


def _look_up_others(accounts: list[AccountRef], api: XApi) -> list[Resolved]:
    names = [account for account in accounts if account.username]
    ids = [account for account in accounts if not account.username]
    found: list[Resolved] = []
    for batch in _batches(names):
        found += _batch(
            batch, lambda refs: api.users_by_username([ref.username or "" for ref in refs]), api, USERS_BY.name
        )
    for batch in _batches(ids):
        found += _batch(batch, lambda refs: api.users_by_id([ref.user_id or "" for ref in refs]), api, USERS.name)
    return found


def _batches(accounts: list[AccountRef]) -> Iterator[list[AccountRef]]:
    for start in range(0, len(accounts), LARGEST_LOOKUP):
        yield accounts[start : start + LARGEST_LOOKUP]


def _batch(
    batch: list[AccountRef],
    ask: Callable[[list[AccountRef]], Mapping[str, Any]],
    api: XApi,
    endpoint: str,
) -> list[Resolved]:
    try:
        answer = ask(batch)
    except ApiError as error:
        return [Unresolved(account.raw, error) for account in batch]
    users: list[User] = answer.get("data") or []
    errors: list[dict[str, Any]] = answer.get("errors") or []
    return [_found(account, users, errors, api, endpoint) for account in batch]


def _found(
    account: AccountRef, users: Iterable[User], errors: Iterable[dict[str, Any]], api: XApi, endpoint: str
) -> Resolved:
    for user in users:
        if _names(account, user):
            return _account(user, api, is_own=False)
    problems = (partial_problem(error) for error in errors)
    wanted = (account.username or account.user_id or "").lower()
    problem = next(
        (problem for problem in problems if problem.resource_id.lower() == wanted),
        Problem("resource-not-found", 200, detail=f"there is no account {account.raw}"),
    )
    return Unresolved(account.raw, error_for(problem, what=f"the account {account.raw}", endpoint=endpoint))


def _names(account: AccountRef, user: User) -> bool:
    if account.username:
        return str(user.get("username", "")).lower() == account.username.lower()
    return str(user.get("id")) == account.user_id


def _account(user: User, api: XApi, *, is_own: bool) -> Account:
    return Account(id=str(user["id"]), username=str(user.get("username", "")), user=user, api=api, is_own=is_own)
