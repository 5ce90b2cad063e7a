"""The stream `accounts`, and which accounts a configuration selects."""

from __future__ import annotations

import json

import pytest

from integration_tests import truth
from integration_tests.stage import NOW, Output, Stage
from x_simulator import AccountSpec

MILL = AccountSpec("Lumen_Mill", "Lumen Mill", posts=30)
KILN = AccountSpec("tiny_kiln", "Tiny Kiln 🔥", posts=12, verified_type="none")
RIVAL = AccountSpec("rival_oven", "Rival Oven", posts=20, owned=False)
EMPTY = AccountSpec("quiet_loom", posts=0, kind="empty")


def names(output: Output) -> list[str]:
    return sorted(row["username"] for row in output.rows("accounts"))


def test_every_account_is_one_whole_row_and_valid() -> None:
    with Stage(MILL, KILN, EMPTY) as stage:
        output = stage.sync("accounts")
        expected = [truth.account(stage.world, each.username, NOW) for each in (MILL, KILN, EMPTY)]

    assert output.error is None
    output.assert_valid()
    assert sorted(output.rows("accounts"), key=str) == sorted(expected, key=str)


def test_the_key_is_the_id_and_the_stream_is_read_whole() -> None:
    with Stage(MILL) as stage:
        accounts = stage.discover(stage.config())["accounts"]

    assert accounts["source_defined_primary_key"] == [["id"]]
    assert accounts["supported_sync_modes"] == ["full_refresh"]


def test_with_all_accounts_the_owner_of_every_set_of_credentials_is_followed() -> None:
    with Stage(MILL, KILN, RIVAL) as stage:
        output = stage.sync("accounts")

    assert names(output) == ["Lumen_Mill", "tiny_kiln"]
    assert [entry.path for entry in stage.requests] == ["/2/users/me"] * 2
    assert {entry.credential for entry in stage.requests} == {"oauth1:main:Lumen_Mill", "oauth1:main:tiny_kiln"}


@pytest.mark.parametrize("entry", ["@rival_oven", "rival_oven", "RIVAL_Oven", "@Rival_OVEN", "id"])
def test_an_account_may_be_written_in_any_way(entry: str) -> None:
    with Stage(MILL, RIVAL) as stage:
        written = stage.world.user_id("rival_oven") if entry == "id" else entry
        output = stage.sync("accounts", config=stage.competitors(written))
        expected = truth.account(stage.world, "rival_oven", NOW, is_own=False)

    assert output.rows("accounts") == [expected]


def test_an_account_that_is_listed_twice_in_different_letters_and_as_an_id_is_read_once() -> None:
    with Stage(MILL, RIVAL) as stage:
        id_ = stage.world.user_id("rival_oven")
        output = stage.sync(config=stage.competitors("@rival_oven", "RIVAL_OVEN", id_))

    assert names(output) == ["rival_oven"]
    assert len(output.rows("account_insights")) == 1
    assert len(output.rows("tweets")) == 20
    assert len(stage.public_pages()) == 1


def test_user_names_are_looked_up_by_the_hundred_and_ids_likewise() -> None:
    many = [AccountSpec(f"shop_{number:03d}", posts=1, owned=False) for number in range(130)]
    with Stage(MILL, *many) as stage:
        by_name = [account.username for account in many[:105]]
        by_id = [stage.world.user_id(account.username) for account in many[105:]]
        output = stage.sync("accounts", config=stage.competitors(*by_name, *by_id))

    assert names(output) == [account.username for account in many]
    assert [entry.path for entry in stage.requests] == ["/2/users/by", "/2/users/by", "/2/users"]
    sizes = [len(entry.query.get("usernames", entry.query.get("ids", "")).split(",")) for entry in stage.requests]
    assert sizes == [100, 5, 25]


def test_with_specific_accounts_ones_own_is_found_without_a_look_up_and_a_competitor_by_name() -> None:
    with Stage(MILL, RIVAL) as stage:
        config = stage.config(sync_mode="SpecificAccounts", accounts=["@lumen_mill", "rival_oven"])
        output = stage.sync("accounts", "tweet_insights", config=config)

    own = {row["username"]: row["is_own_account"] for row in output.rows("accounts")}
    assert own == {"Lumen_Mill": True, "rival_oven": False}
    assert [entry.path for entry in stage.requests[:2]] == ["/2/users/me", "/2/users/by"]
    assert stage.requests[1].query["usernames"] == "rival_oven"
    private = {row["account_id"] for row in output.rows("tweet_insights") if row["organic_like_count"] is not None}
    assert private == {stage.world.user_id("Lumen_Mill")}
    assert stage.private_pages("rival_oven") == []


def test_an_account_is_read_with_its_own_credentials_and_the_others_with_the_default_ones() -> None:
    with Stage(MILL, KILN, RIVAL) as stage:
        config = stage.config(
            credentials=stage.simulator.bearer(),
            sync_mode="SpecificAccounts",
            accounts=["rival_oven", "@TINY_kiln"],
            account_credentials=json.dumps(
                [{"account": "tiny_kiln", "credentials": stage.simulator.oauth1("tiny_kiln")}]
            ),
        )
        output = stage.sync("tweets", "accounts", config=config)

    assert names(output) == ["rival_oven", "tiny_kiln"]
    assert {(entry.account, entry.credential) for entry in stage.public_pages()} == {
        ("tiny_kiln", "oauth1:main:tiny_kiln"),
        ("rival_oven", "bearer:main"),
    }
    assert stage.requests_to("/2/users/by")[0].query["usernames"] == "rival_oven"


def test_an_unknown_account_is_named_and_the_others_are_read() -> None:
    with Stage(MILL, RIVAL) as stage:
        output = stage.sync(config=stage.competitors("rival_oven", "@no_such_shop", "4242"))

    assert names(output) == ["rival_oven"]
    assert len(output.rows("tweets")) == len(output.rows("tweet_insights")) == 20
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "@no_such_shop" in final["message"]
    assert "4242" in final["message"]
    assert "rival_oven" not in final["message"]


GOOD_AND_BAD = (
    MILL,
    AccountSpec("shy_anvil", posts=9, owned=False, kind="protected"),
    AccountSpec("banned_bolt", posts=9, owned=False, kind="suspended"),
    AccountSpec("gone_gasket", posts=9, owned=False, kind="deleted"),
    EMPTY,
)


def test_protected_suspended_deleted_and_empty_accounts_do_not_stop_the_good_one() -> None:
    with Stage(*GOOD_AND_BAD) as stage:
        output = stage.sync(config=stage.competitors(*(account.username for account in GOOD_AND_BAD)))

    # X shows the profile of a protected account, but nothing of what it posts.
    assert names(output) == ["Lumen_Mill", "quiet_loom", "shy_anvil"]
    assert {row["account_id"] for row in output.rows("tweets")} == {stage.world.user_id("Lumen_Mill")}
    assert len(output.rows("tweets")) == len(output.rows("tweet_insights")) == 30
    message = output.failures[-1]["message"]
    assert "shy_anvil" in message
    assert "protects its posts" in message
    assert "gone_gasket" in message
    assert "banned_bolt" not in message
    assert "lumen_mill" not in message.lower()
    assert "quiet_loom" not in message
    assert any("banned_bolt" in line and "suspended" in line for line in output.said("WARNING"))


def test_a_suspended_account_alone_is_warned_of_and_fails_nothing() -> None:
    with Stage(MILL, AccountSpec("banned_bolt", posts=9, owned=False, kind="suspended")) as stage:
        output = stage.sync(config=stage.competitors("lumen_mill", "banned_bolt"))

    assert output.error is None
    assert output.failures == []
    assert len(output.rows("tweets")) == 30
    assert any("banned_bolt" in line for line in output.said("WARNING"))


def test_ones_own_protected_account_is_read_like_any_other() -> None:
    with Stage(AccountSpec("shy_anvil", posts=9, kind="protected")) as stage:
        output = stage.sync()

    assert output.error is None
    assert [row["protected"] for row in output.rows("accounts")] == [True]
    assert len(output.rows("tweets")) == 9


def test_an_account_that_was_suspended_after_its_credentials_were_made_does_not_stop_the_others() -> None:
    with Stage(MILL, KILN) as stage:
        stage.world.suspend("tiny_kiln")
        output = stage.sync()

    assert names(output) == ["Lumen_Mill"]
    assert len(output.rows("tweets")) == 30
    assert "suspended" in output.failures[-1]["message"]
