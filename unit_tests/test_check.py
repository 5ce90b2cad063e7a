"""`check` says what can be read, fails only where nothing can or a name is wrong, and costs no post."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.models import Status

from source_x_organic import SourceXOrganic
from unit_tests.clocks import HandClock
from unit_tests.loopback import Answer, Asked, Loopback, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGGER = logging.getLogger("test.check")
PROBLEMS = "https://api.x.com/2/problems/"
USER = {"auth_type": "oauth1"} | {
    key: f"invented-{key}" for key in ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
}
BEARER = {"auth_type": "bearer", "bearer_token": "invented-token"}
NAMES = {"1": "own", "2": "other", "3": "third"}


class X:
    """Knows three users, of whom the first owns the credentials; `instead` replaces answers by path."""

    def __init__(self) -> None:
        self.instead: dict[str, Answer] = {}
        self.private: Answer | None = None
        self.missing: dict[str, str] = {}

    def __call__(self, asked: Asked) -> Answer:
        if asked.path in self.instead:
            return self.instead[asked.path]
        if asked.path == "/2/users/me":
            return Answer(document={"data": {"id": "1", "username": "own"}})
        if asked.path == "/12/accounts":
            return Answer(document={"data": [], "next_cursor": None})
        if asked.path == "/2/users/by":
            return Answer(document=self._found(asked.query["usernames"].split(",")))
        if self.private and "organic_metrics" in asked.query["tweet.fields"]:
            return self.private
        assert asked.path.endswith("/tweets")
        return Answer(document={"meta": {"result_count": 0}})

    def _found(self, names: list[str]) -> dict[str, Any]:
        errors = [
            {"value": name, "title": self.missing.get(name, "Not Found Error"), "type": PROBLEMS + "resource-not-found"}
            for name in names
            if name in self.missing or name not in NAMES.values()
        ]
        unknown = {error["value"] for error in errors}
        users = [{"id": key, "username": name} for key, name in NAMES.items() if name in names and name not in unknown]
        return {"data": users, "errors": errors}


@pytest.fixture
def x() -> Iterator[Loopback]:
    with serving(X()) as loopback:
        yield loopback


def world(x: Loopback) -> X:
    assert isinstance(x.answer, X)
    return x.answer


def check(x: Loopback, credentials: dict[str, str], *accounts: str) -> str | None:
    listed = {"sync_mode": "SpecificAccounts", "accounts": list(accounts)} if accounts else {}
    config = {"credentials": credentials, "base_urls": {"x_api": x.url, "ads_api": x.url}, **listed}
    status = SourceXOrganic(clock=HandClock()).check(LOGGER, config)
    message: str | None = status.message
    assert (status.status is Status.FAILED) is (message is not None)
    return message


def lines(caplog: pytest.LogCaptureFixture, *, warnings: bool = False) -> list[str]:
    return [
        record.message
        for record in caplog.records
        if record.name == LOGGER.name and record.levelno == (logging.WARNING if warnings else logging.INFO)
        if not record.message.startswith("Expected cost")
    ]


NO_ADS = [
    f"{stream}: nothing to read: these credentials see no Ads account of the accounts. Let an administrator add the "
    "user under Account access at ads.x.com."
    for stream in ("ads_accounts", "promotable_users", "scheduled_tweets", "draft_tweets")
]


def test_one_line_says_what_is_to_be_had_of_each_account_and_stream(
    x: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert check(x, USER, "@own", "@other") is None
    public = (
        "available with public metrics; private ones are null, because these credentials are not the account's own "
        "(account_credentials can hold those)."
    )
    assert lines(caplog) == [
        "@own: accounts: available.",
        "@own: account_insights: available.",
        "@own: tweets: available.",
        "@own: tweet_insights: available, private metrics for posts of the last 30 days.",
        "@own: organic_report: available, private metrics for posts of the last 30 days.",
        "@other: accounts: available.",
        "@other: account_insights: available.",
        "@other: tweets: available.",
        f"@other: tweet_insights: {public}",
        f"@other: organic_report: {public}",
        *NO_ADS,
    ]


def test_no_billable_post_is_asked_for(x: Loopback) -> None:
    assert check(x, USER) is None
    windows = [asked.query for asked in x.asked if asked.path == "/2/users/1/tweets"]
    assert [(query["start_time"], query["end_time"]) for query in windows] == [
        ("2010-11-06T00:00:00Z", "2010-11-06T00:00:01Z")
    ] * 2
    assert len(x.asked) == 4


def test_a_name_that_x_does_not_know_fails_the_check_though_others_can_be_read(x: Loopback) -> None:
    message = check(x, BEARER, "@other", "@nobody", "@noone")
    assert message == "X knows no account @nobody, @noone. Check the spelling; it may have been renamed or deleted."


def test_a_suspended_or_protected_account_is_a_warning_while_another_can_be_read(
    x: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    world(x).missing["third"] = "Forbidden"
    protected = {"errors": [{"type": PROBLEMS + "not-authorized-for-resource", "title": "Authorization Error"}]}
    world(x).instead["/2/users/2/tweets"] = Answer(document=protected)
    with caplog.at_level(logging.INFO):
        assert check(x, USER, "@own", "@other", "@third") is None
    warned = [line.split(" not available")[0] for line in lines(caplog, warnings=True)]
    assert warned == [
        "@other: tweets:",
        "@other: tweet_insights:",
        "@other: organic_report:",
        "@third: accounts:",
        "@third: account_insights:",
        "@third: tweets:",
        "@third: tweet_insights:",
        "@third: organic_report:",
    ]


def test_where_no_account_can_be_read_the_message_names_each_with_x_own_words_and_the_remedy(x: Loopback) -> None:
    world(x).instead["/2/users/2/tweets"] = Answer(402, {"title": "CreditsDepleted", "detail": "Credits depleted."})
    assert check(x, BEARER, "@other") == (
        "No account can be read over the X API: @other: X refused the posts of @other (Credits depleted): the app has "
        "no X API credits left; buy credits or raise the spending limit in X's developer console."
    )


def test_a_long_list_of_failures_is_cut(x: Loopback) -> None:
    world(x).instead["/2/users/by"] = Answer(403, {"detail": "No."})
    message = check(x, BEARER, *(f"@a{number}" for number in range(8)))
    assert message is not None
    assert message.count("X refused the accounts") == 5
    assert message.endswith(" Others failed likewise; the log has all.")


def test_refused_private_metrics_are_told_and_fail_nothing(x: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    world(x).private = Answer(403, {"detail": "No private metrics."})
    with caplog.at_level(logging.INFO):
        assert check(x, USER) is None
    assert lines(caplog)[3].startswith(
        "@own: tweet_insights: available, but private metrics are null: X refused the private metrics of @own ("
    )


def test_an_overload_is_told_soon_because_a_person_waits(x: Loopback) -> None:
    world(x).instead["/2/users/me"] = Answer(503)
    message = check(x, USER)
    assert message is not None
    assert message.startswith("No account can be read over the X API: credentials: ")
    assert len(x.asked) == 3
