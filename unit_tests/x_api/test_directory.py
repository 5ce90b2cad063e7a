"""Each account is looked up once, with its own credentials, and one that fails does not hide the others."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from source_x_organic.config import parse_config
from source_x_organic.credentials.assignment import assign
from source_x_organic.transport.errors import error_for
from source_x_organic.transport.problems import Problem
from source_x_organic.x_api.api import Answer, XApi
from source_x_organic.x_api.directory import Account, Directory, Resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

USER_KEYS = {"auth_type": "oauth1"} | {
    key: f"invented-{key}" for key in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
}
BEARER = {"auth_type": "bearer", "bearer_token": "invented-token"}
ERRORS = "https://api.x.com/2/problems/"


def user(number: int) -> dict[str, Any]:
    return {"id": str(number), "username": f"Brand{number}", "name": f"Brand No. {number}"}


class People(XApi):
    """Answers look-ups for the users 1 to 999; `owner` is the one behind the credentials."""

    def __init__(
        self, owner: int | None = None, *, missing: dict[str, str] | None = None, refusal: Problem | None = None
    ) -> None:
        # Nothing is sent, so neither a client nor a vocabulary is needed.
        self.owner = owner
        self.missing = missing or {}
        self.refusal = refusal
        self.asked: list[list[str]] = []
        self.go = threading.Event()
        self.go.set()
        self.done = threading.Event()

    def me(self) -> Answer:
        return self._answer(["me"], lambda: {"data": user(self.owner)} if self.owner else {})

    def users_by_username(self, usernames: Iterable[str]) -> Answer:
        names = list(usernames)
        return self._answer(names, lambda: self._found(names, [name.lower().removeprefix("brand") for name in names]))

    def users_by_id(self, ids: Iterable[str]) -> Answer:
        numbers = list(ids)
        return self._answer(numbers, lambda: self._found(numbers, numbers))

    def _answer(self, asked: list[str], answer: Callable[[], Answer]) -> Answer:
        self.asked.append(asked)
        assert self.go.wait(10)
        if self.refusal:
            raise error_for(self.refusal, what="the accounts", endpoint="users")
        self.done.set()
        return answer()

    def _found(self, asked: list[str], numbers: list[str]) -> Answer:
        pairs = list(zip(asked, numbers, strict=True))
        users = [user(int(number)) for name, number in pairs if name not in self.missing]
        errors = [
            {"value": name.upper(), "title": self.missing[name], "type": ERRORS + "resource-not-found", "detail": name}
            for name, _ in pairs
            if name in self.missing
        ]
        return {**({"data": users[::-1]} if users else {}), **({"errors": errors} if errors else {})}


def directory(
    apis: dict[int | None, People],
    default: dict[str, str],
    accounts: list[str] | None,
    own: Mapping[str, dict[str, str]] | None = None,
) -> Directory:
    raw: dict[str, Any] = {
        "credentials": default,
        "account_credentials": json.dumps([{"account": key, "credentials": each} for key, each in (own or {}).items()]),
        **({"sync_mode": "SpecificAccounts", "accounts": accounts} if accounts else {}),
    }
    return Directory(assign(parse_config(raw)), lambda assignment: apis[assignment.location.entry])


def told(found: Iterable[Resolved]) -> list[tuple[str, str]]:
    """Return (account, whose it is) or (label, kind of error)."""
    return [
        (each.label, "own" if each.is_own else "other")
        if isinstance(each, Account)
        else (each.label, each.error.problem.kind)
        for each in found
    ]


def test_a_thousand_accounts_are_asked_for_by_the_hundred() -> None:
    api = People()
    names = [f"@brand{number}" for number in range(1, 251)]
    found = told(directory({None: api}, BEARER, [*names, "900", "901"]).accounts())
    assert [len(asked) for asked in api.asked] == [100, 100, 50, 2]
    assert found == [(f"@Brand{number}", "other") for number in [*range(1, 251), 900, 901]]


def test_the_owner_of_the_credentials_is_followed_without_a_second_question() -> None:
    api = People(owner=7)
    [found] = directory({None: api}, USER_KEYS, None).accounts()
    assert found == Account(id="7", username="Brand7", user=user(7), api=api, is_own=True)
    assert api.asked == [["me"]]


def test_a_listed_account_that_owns_the_credentials_is_its_own_and_not_asked_for_again() -> None:
    for name in ("@bRAND7", "7"):
        api = People(owner=7)
        assert told(directory({None: api}, USER_KEYS, [name, "8"]).accounts()) == [
            ("@Brand7", "own"),
            ("@Brand8", "other"),
        ]
        assert api.asked == [["me"], ["8"]]


def test_one_account_under_two_names_is_one_account() -> None:
    assert told(directory({None: People()}, BEARER, ["brand5", "5", "@BRAND5"]).accounts()) == [("@Brand5", "other")]


def test_unknown_and_suspended_accounts_are_told_apart_and_hide_nobody() -> None:
    api = People(missing={"brand5": "Not Found Error", "brand6": "Forbidden", "9": "Not Found Error"})
    found = list(directory({None: api}, BEARER, ["brand5", "@brand6", "brand7", "9"]).accounts())
    assert told(found) == [
        ("brand5", "resource-not-found"),
        ("@brand6", "suspended"),
        ("@Brand7", "other"),
        ("9", "resource-not-found"),
    ]
    assert [not isinstance(each, Account) and each.is_suspended for each in found] == [False, True, False, False]


def test_an_account_of_which_x_says_nothing_at_all_is_unknown() -> None:
    class Silent(People):
        def users_by_username(self, usernames: Iterable[str]) -> Answer:
            del usernames
            return {}

    [found] = directory({None: Silent()}, BEARER, ["@brand5"]).accounts()
    assert not isinstance(found, Account)
    assert found.error.problem == Problem("resource-not-found", 200, detail="there is no account @brand5")


REFUSED = Problem("unauthorized", 401, detail="No.")


def test_refused_credentials_fail_their_own_accounts_only() -> None:
    apis = {None: People(), 0: People(refusal=REFUSED)}
    found = told(directory(apis, BEARER, ["brand5", "brand6"], {"brand5": USER_KEYS}).accounts())
    assert sorted(found) == [("@Brand6", "other"), ("brand5", "unauthorized")]
    assert apis[0].asked == [["me"]]


def test_refused_default_credentials_are_named_by_their_place() -> None:
    assert told(directory({None: People(refusal=REFUSED)}, USER_KEYS, None).accounts()) == [
        ("credentials", "unauthorized")
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("forbidden", [("@Brand5", "other")]), ("unavailable", [("brand5", "unavailable")])],
)
def test_not_to_learn_the_owner_matters_where_it_would_cost_private_counters(
    kind: str, expected: list[tuple[str, str]]
) -> None:
    class Secretive(People):
        def me(self) -> Answer:
            raise error_for(Problem(kind, 403), what="the owner", endpoint="users/me")

    assert told(directory({None: Secretive()}, USER_KEYS, ["brand5"]).accounts()) == expected


def test_an_owner_of_whom_x_tells_only_an_error_is_not_passed_over_in_silence() -> None:
    class Suspended(People):
        def me(self) -> Answer:
            return {"errors": [{"title": "Forbidden", "type": ERRORS + "resource-not-found", "detail": "Suspended."}]}

    assert told(directory({None: Suspended()}, USER_KEYS, None).accounts()) == [("credentials", "suspended")]
    assert told(directory({None: People()}, USER_KEYS, None).accounts()) == [("credentials", "unauthorized")]


def test_an_answer_that_nobody_foresaw_costs_its_own_credentials_only() -> None:
    class Absurd(People):
        def me(self) -> Answer:
            return {"data": ["no user at all"]}

    apis: dict[int | None, People] = {None: People(), 0: Absurd()}
    found = list(directory(apis, BEARER, ["brand5", "brand6"], {"brand5": USER_KEYS}).accounts())
    assert sorted(told(found)) == [("@Brand6", "other"), ("brand5", "unexpected")]
    [fault] = [each.error for each in found if not isinstance(each, Account)]
    assert isinstance(fault.__cause__, AttributeError)
    assert fault.message == (
        "The accounts of these credentials could not be read (the answer led to AttributeError): X answered in a way "
        "this version does not know; please report it to the connector's maintainers."
    )


def test_an_account_is_read_with_its_own_credentials_however_late_they_answer() -> None:
    for default, accounts in ((BEARER, ["5", "6"]), (USER_KEYS, None)):
        apis = {None: People(owner=5), 0: People(owner=5)}
        apis[0].go = apis[None].done
        found = directory(apis, default, accounts, {"brand5": USER_KEYS}).accounts()
        first = next(found)
        assert isinstance(first, Account)
        assert (first.id, first.api is apis[0], first.is_own) == ("5", True, True)
        assert "5" not in [each.id for each in found if isinstance(each, Account)]


def test_slow_credentials_do_not_hold_up_the_accounts_of_others() -> None:
    apis = {None: People(), 0: People(owner=1), 1: People(owner=2)}
    apis[0].go.clear()
    found = directory(apis, BEARER, ["brand1", "brand2"], {"brand1": USER_KEYS, "brand2": USER_KEYS}).accounts()
    assert told([next(found)]) == [("@Brand2", "own")]
    apis[0].go.set()
    assert told(found) == [("@Brand1", "own")]


def test_many_streams_ask_and_x_is_asked_once() -> None:
    api = People(owner=7)
    people = directory({None: api}, USER_KEYS, ["brand7", "brand8", "9"])
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: told(people.accounts()), range(16)))
    assert found == [[("@Brand7", "own"), ("@Brand8", "other"), ("@Brand9", "other")]] * 16
    assert api.asked == [["me"], ["brand8"], ["9"]]
