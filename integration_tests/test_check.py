"""`check`: what can be read and what cannot, why, and what to do, in words and at no cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integration_tests.stage import NOW, TIMELINE, Stage, billed
from source_x_organic import SourceXOrganic
from source_x_organic.ads_api.probes import ADS_STREAMS
from x_simulator import AccountSpec, AdsAccountSpec, Fault, SimulatedClock

MILL = AccountSpec("lumen_mill", posts=30)
KILN = AccountSpec("tiny_kiln", posts=12)
RIVAL = AccountSpec("rival_oven", posts=20, owned=False)


def test_a_configuration_that_works_succeeds_and_says_one_line_per_account_and_stream() -> None:
    with Stage(MILL, RIVAL) as stage:
        config = stage.config(sync_mode="SpecificAccounts", accounts=["lumen_mill", "rival_oven"])
        output = stage.check(config)

    assert output.verdict == ("SUCCEEDED", "")
    assert output.said("WARNING") == []
    lines = [line for line in output.said("INFO") if line.startswith("@")]
    assert sorted(line for line in lines if "available." in line) == [
        "@lumen_mill: account_insights: available.",
        "@lumen_mill: accounts: available.",
        "@lumen_mill: tweets: available.",
        "@rival_oven: account_insights: available.",
        "@rival_oven: accounts: available.",
        "@rival_oven: tweets: available.",
    ]
    assert "@lumen_mill: tweet_insights: available, private metrics for posts of the last 30 days." in lines
    assert "@lumen_mill: organic_report: available, private metrics for posts of the last 30 days." in lines
    for stream in ("tweet_insights", "organic_report"):
        assert any(line.startswith(f"@rival_oven: {stream}: available with public metrics") for line in lines)
    assert billed(stage.requests) == 0


def test_streams_of_the_ads_api_have_their_lines_too_and_are_no_reason_to_fail_or_to_warn() -> None:
    ads = [AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))]
    with Stage(MILL, ads_accounts=ads) as stage:
        label = f"Ads account {stage.world.ads.named('Mill Ads').id} (Mill Ads)"
        has_all = stage.check()
        asked = [entry.path.rsplit("/", 1)[-1] for entry in stage.requests if entry.path.startswith("/12/")]
        bearer = stage.check(stage.competitors("lumen_mill"))
    with Stage(MILL, ads_accounts=ads, ads_apps=()) as stage:
        has_none = stage.check()

    assert [line for line in has_all.said("INFO") if line.startswith(label)] == [
        f"{label}: {stream}: available." for stream in ADS_STREAMS
    ]
    assert sorted(asked) == ["accounts", "draft_tweets", "promotable_users", "scheduled_tweets"]
    for output, why in ((bearer, "OAuth 1.0a"), (has_none, "approv")):
        assert output.verdict == ("SUCCEEDED", "")
        assert output.said("WARNING") == []
        lines = [line for line in output.said("INFO") if line.split(": ")[1:2] in [[each] for each in ADS_STREAMS]]
        assert [line.split(": ")[1] for line in lines] == [*ADS_STREAMS]
        assert all("not available" in line and why in line for line in lines)


def test_an_unknown_account_fails_the_check_and_is_named() -> None:
    with Stage(MILL, RIVAL) as stage:
        output = stage.check(stage.competitors("rival_oven", "@no_such_shop", "4242"))

    status, message = output.verdict
    assert status == "FAILED"
    assert "@no_such_shop" in message
    assert "4242" in message
    assert "rival_oven" not in message


@pytest.mark.parametrize("kind", ["suspended", "protected"])
def test_an_account_that_cannot_be_read_beside_one_that_can_is_a_warning(kind: str) -> None:
    with Stage(MILL, RIVAL, AccountSpec("shy_anvil", posts=9, owned=False, kind=kind)) as stage:
        output = stage.check(stage.competitors("rival_oven", "shy_anvil"))

    assert output.verdict == ("SUCCEEDED", "")
    warnings = output.said("WARNING")
    assert any("shy_anvil: tweets: not available" in line for line in warnings)
    assert not any("rival_oven" in line for line in warnings)


def test_a_revoked_account_beside_one_that_works_is_a_warning() -> None:
    with Stage(MILL, KILN) as stage:
        stage.simulator.credentials.revoke_user("tiny_kiln")
        output = stage.check()

    assert output.verdict == ("SUCCEEDED", "")
    assert any("does not accept these credentials" in line for line in output.said("WARNING"))


def test_an_empty_account_can_be_read() -> None:
    with Stage(AccountSpec("quiet_loom", posts=0, kind="empty")) as stage:
        output = stage.check()

    assert output.verdict == ("SUCCEEDED", "")


def test_a_wrong_secret_fails_with_xs_own_words_and_the_remedy() -> None:
    with Stage(MILL) as stage:
        wrong = {**stage.simulator.oauth1("lumen_mill"), "access_token_secret": "not-the-secret"}
        output = stage.check(stage.config(credentials=wrong))

    status, message = output.verdict
    assert status == "FAILED"
    assert "Unauthorized" in message
    assert "check that every key and token is complete and current" in message
    assert "not-the-secret" not in str(output.messages)
    assert len(stage.requests) == 1


def test_a_revoked_token_fails_when_it_is_all_there_is() -> None:
    with Stage(MILL) as stage:
        stage.simulator.credentials.revoke_user("lumen_mill")
        output = stage.check()

    status, message = output.verdict
    assert status == "FAILED"
    assert "if access was revoked" in message


def test_a_suspended_account_fails_when_it_is_all_there_is() -> None:
    with Stage(MILL) as stage:
        stage.world.suspend("lumen_mill")
        output = stage.check()

    status, message = output.verdict
    assert status == "FAILED"
    assert "suspended" in message


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        ("credits_depleted_new", "buy credits"),
        ("usage_capped", "usage cap"),
        ("client_not_enrolled", "not enrolled"),
        ("unavailable_html", "try again later"),
    ],
)
def test_timelines_that_x_refuses_fail_the_check_with_the_remedy(preset: str, words: str) -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(Fault(preset, path=TIMELINE, times=None))
        output = stage.check()

    status, message = output.verdict
    assert status == "FAILED"
    assert words in message
    assert "@lumen_mill" in message
    assert any("@lumen_mill: accounts: available" in line for line in output.said("INFO"))


@pytest.mark.parametrize(("minutes", "direction"), [(10, "ahead of"), (-10, "behind")])
def test_a_clock_that_is_off_is_named_as_the_reason(minutes: int, direction: str) -> None:
    with Stage(MILL) as stage:
        config = stage.config()
        # X keeps its own clock; the connector's is off.
        stage.clock = SimulatedClock(NOW + timedelta(minutes=minutes))
        output = stage.check(config)

    status, message = output.verdict
    assert status == "FAILED"
    assert f"this machine's clock is 600 seconds {direction} X's clock" in message
    assert "et the clock of the machine" in message


def test_an_unreachable_host_fails_with_the_reason() -> None:
    with Stage(MILL) as stage:
        output = stage.check(stage.config(base_urls={"x_api": "http://127.0.0.1:9"}))

    status, message = output.verdict
    assert status == "FAILED"
    assert "Connection refused" in message
    assert "base_urls" in message


def test_a_spent_refresh_token_fails_with_the_way_out() -> None:
    with Stage(MILL) as stage:
        config = stage.config(credentials=stage.simulator.oauth2("lumen_mill"))
        stage.clock.advance(timedelta(hours=3))
        stage.sync("accounts", config=config)
        stage.clock.advance(timedelta(hours=3))
        output = stage.check(config)

    status, message = output.verdict
    assert status == "FAILED"
    assert "each works once" in message
    assert "sign in again" in message


def test_more_failed_accounts_than_a_message_holds_are_counted() -> None:
    many = [AccountSpec(f"shy_{number}", posts=1, owned=False, kind="protected") for number in range(9)]
    with Stage(MILL, *many) as stage:
        output = stage.check(stage.competitors(*(each.username for each in many)))

    status, message = output.verdict
    assert status == "FAILED"
    assert message.count("protects its posts") == 5
    assert "the log has all" in message
    assert sum("tweets: not available" in line for line in output.said("WARNING")) == 9


def test_a_source_made_without_arguments_checks_as_well() -> None:
    with Stage(MILL) as stage:
        config = stage.competitors("lumen_mill")
        source = SourceXOrganic()
        assert source.check(source.logger, config).status.value == "SUCCEEDED"
