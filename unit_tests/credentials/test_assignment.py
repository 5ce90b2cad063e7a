"""Each account is read with its own credentials if it has some, else with the default ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from source_x_organic.config import Config, CredentialLocation, parse_config
from source_x_organic.credentials.assignment import Assignment, assign, may_overlap, of_users

if TYPE_CHECKING:
    from collections.abc import Sequence

OAUTH1 = {"auth_type": "oauth1"} | {
    key: f"invented-{key}" for key in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
}
BEARER = {"auth_type": "bearer", "bearer_token": "invented-token"}
DEFAULT = None
"""Place of the default credentials; those of single accounts have numbers."""

Own = dict[str, dict[str, str]]
Summary = list[tuple[int | None, list[str], bool]]
"""Where the credentials stand, the accounts named for them, and whether their owner is followed."""


def config(default: dict[str, str], accounts: Sequence[str] | None, own: Own, **more: str) -> Config:
    raw: dict[str, Any] = {
        "credentials": default,
        "account_credentials": json.dumps([{"account": name, "credentials": each} for name, each in own.items()]),
        **more,
    }
    if accounts is not None:
        raw |= {"sync_mode": "SpecificAccounts", "accounts": accounts}
    return parse_config(raw)


def summary(assignments: tuple[Assignment, ...]) -> Summary:
    return [
        (each.location.entry, [account.raw for account in each.accounts], each.follows_owner) for each in assignments
    ]


CASES: list[tuple[dict[str, str], list[str] | None, Own, Summary, bool]] = [
    (OAUTH1, None, {}, [(DEFAULT, [], True)], False),
    (OAUTH1, None, {"@a": OAUTH1}, [(0, ["@a"], True), (DEFAULT, [], True)], True),
    (OAUTH1, None, {"@a": BEARER}, [(0, ["@a"], False), (DEFAULT, [], True)], True),
    (OAUTH1, ["@a", "b", "123"], {}, [(DEFAULT, ["@a", "b", "123"], False)], False),
    (BEARER, ["@a", "@b"], {"A": OAUTH1}, [(0, ["A"], False), (DEFAULT, ["@b"], False)], False),
    (BEARER, ["@a"], {"@A": OAUTH1}, [(0, ["@A"], False)], False),
    (BEARER, ["@a", "123"], {"@a": OAUTH1}, [(0, ["@a"], False), (DEFAULT, ["123"], False)], True),
    (BEARER, ["@a", "@b"], {"123": OAUTH1}, [(0, ["123"], False), (DEFAULT, ["@a", "@b"], False)], True),
    (
        BEARER,
        ["@a", "@b", "7"],
        {"@b": OAUTH1, "7": BEARER},
        [(0, ["@b"], False), (1, ["7"], False), (DEFAULT, ["@a"], False)],
        True,
    ),
]


@pytest.mark.parametrize(("default", "accounts", "own", "expected", "overlap"), CASES)
def test_who_is_read_with_what(
    default: dict[str, str],
    accounts: list[str] | None,
    own: Own,
    expected: Summary,
    overlap: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assignments = assign(config(default, accounts, own))
    assert summary(assignments) == expected
    assert may_overlap(assignments) is overlap


def test_each_set_of_credentials_knows_its_place_and_whether_somebody_is_behind_it() -> None:
    parsed = config(BEARER, ["@a", "@b"], {"@b": OAUTH1})
    own, default = assign(parsed)
    assert (own.credentials, own.location, own.owner_is_known) == (
        parsed.account_credentials[0].credentials,
        CredentialLocation(0),
        True,
    )
    assert (default.credentials, default.location, default.owner_is_known) == (
        parsed.credentials,
        CredentialLocation(),
        False,
    )


@pytest.mark.parametrize(
    ("accounts", "own", "expected"),
    [
        (None, {}, [(DEFAULT, [], True)]),
        (["18ce54d4x5t"], {}, [(DEFAULT, [], True)]),
        (["18CE54D4X5T", "@brand", "77"], {}, [(DEFAULT, ["@brand", "77"], True)]),
        # With an @ it is a user, whatever Ads accounts there are.
        (["@18ce54d4x5t", "brand"], {}, [(DEFAULT, ["@18ce54d4x5t", "brand"], False)]),
        (["18ce54d4x5t", "@b"], {"@b": OAUTH1}, [(0, ["@b"], False), (DEFAULT, [], True)]),
        (["18ce54d4x5t", "@b"], {"18ce54d4x5t": OAUTH1}, [(0, [], True), (DEFAULT, ["@b"], False)]),
        (None, {"18ce54d4x5t": OAUTH1}, [(0, [], True), (DEFAULT, [], True)]),
    ],
)
def test_with_the_credentials_of_an_ads_account_the_x_api_follows_their_owner(
    accounts: list[str] | None, own: Own, expected: Summary
) -> None:
    assignments = assign(config(OAUTH1, accounts, own, api_access="ADS_API"))
    assert summary(tuple(of_users(each, {"18ce54d4x5t", "77x"}) for each in assignments)) == expected
