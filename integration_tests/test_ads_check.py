"""`check` of the Ads API: it succeeds where a sync finds something to read, and fails where it would not."""

from __future__ import annotations

import pytest

from integration_tests.ads_stage import FED, OWN, STATISTICS, TWEETS, USERS, AdsStage
from x_simulator import AccountSpec, AdsAccountSpec, Fault

MILL = AccountSpec("lumen_mill", posts=40, posts_per_day=0.5, mix=("original",))
KILN = AccountSpec("tiny_kiln", posts=20, posts_per_day=0.4, mix=("original",), owned=False)
GONE = AccountSpec("gone_brand", posts=10, posts_per_day=0.5, kind="suspended", owned=False)
QUIET = AccountSpec("quiet_loom", posts=0, kind="empty", owned=False)
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
KILN_ADS = AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), "Asia/Kolkata", admins=("lumen_mill",))
SILENT_ADS = AdsAccountSpec("Loom Ads", (("quiet_loom", "FULL"),), admins=("lumen_mill",))
DESERTED_ADS = AdsAccountSpec("Empty Ads", (), admins=("lumen_mill",))
WITHDRAWN = "X has withdrawn organic statistics from the Ads API"


# Withdrawn statistics ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["native", "fivetran"])
@pytest.mark.parametrize("other", [SILENT_ADS, DESERTED_ADS])
def test_withdrawn_statistics_fail_the_check_beside_an_account_without_tweets(
    other: AdsAccountSpec, layout: str
) -> None:
    with AdsStage(MILL, QUIET, ads_accounts=[ADS, other], organic_entity=False) as stage:
        output = stage.check(stage.config(table_layout=layout))
        account, silent = stage.ads("Mill Ads"), stage.ads(other.name)

    status, message = output.verdict
    assert status == "FAILED"
    assert WITHDRAWN in message
    assert account.id in message
    assert silent.id not in message


def test_withdrawn_statistics_fail_the_check_where_the_main_user_of_the_account_has_no_tweets() -> None:
    ads = AdsAccountSpec("Mill Ads", (("quiet_loom", "FULL"), ("lumen_mill", "RETWEETS_ONLY")), admins=("lumen_mill",))
    with AdsStage(MILL, QUIET, ads_accounts=[ads], organic_entity=False) as stage:
        output = stage.check()

    status, message = output.verdict
    assert status == "FAILED"
    assert WITHDRAWN in message


def test_an_account_without_any_tweet_proves_nothing_and_is_no_reason_to_fail() -> None:
    with AdsStage(MILL, QUIET, ads_accounts=[SILENT_ADS, DESERTED_ADS], organic_entity=False) as stage:
        output = stage.check()
        silent, deserted = stage.ads("Loom Ads"), stage.ads("Empty Ads")

    assert output.verdict == ("SUCCEEDED", "")
    assert output.said("WARNING") == []
    lines = output.said("INFO")
    assert (
        f"Ads account {silent.id} (Loom Ads): organic_report: not proven: there is no tweet to ask X for the "
        "statistics of."
    ) in lines
    assert (
        f"Ads account {deserted.id} (Empty Ads): organic_report: nothing to read yet: the Ads account has no user "
        "whose tweets it may promote."
    ) in lines


# What a sync gets along with -----------------------------------------------------------------------------------------


def test_a_suspended_main_user_beside_another_one_is_no_reason_to_fail() -> None:
    ads = AdsAccountSpec("Mill Ads", (("gone_brand", "FULL"), ("lumen_mill", "RETWEETS_ONLY")), admins=("lumen_mill",))
    with AdsStage(MILL, GONE, ads_accounts=[ads]) as stage:
        output = stage.check()
        account = stage.ads("Mill Ads")
        lumen = stage.world.user_id("lumen_mill")

    assert output.verdict == ("SUCCEEDED", "")
    assert output.said("WARNING") == []
    assert [line for line in output.said("INFO") if line.startswith("Ads account")] == [
        f"Ads account {account.id} (Mill Ads): {stream}: available." for stream in (*FED, *OWN)
    ]
    assert [entry.query["user_id"] for entry in stage.requests_to(TWEETS)][1:] == [lumen]


def test_an_account_whose_every_user_is_suspended_fails_when_it_is_all_there_is() -> None:
    ads = AdsAccountSpec("Gone Ads", (("gone_brand", "FULL"),), admins=("lumen_mill",))
    with AdsStage(MILL, GONE, ads_accounts=[ads]) as stage:
        alone = stage.check()
    with AdsStage(MILL, GONE, ads_accounts=[ads, ADS]) as stage:
        beside = stage.check()

    status, message = alone.verdict
    assert status == "FAILED"
    assert "may be suspended, deleted" in message
    assert beside.verdict == ("SUCCEEDED", "")
    assert any("may be suspended, deleted" in line for line in beside.said("WARNING"))


@pytest.mark.parametrize("path", ["promotable_users", ".*"])
def test_an_account_that_is_gone_since_the_listing_is_a_warning_where_nobody_named_it(path: str) -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        kiln = stage.ads("Kiln Ads")
        stage.simulator.faults.add(Fault("ads_account_not_found", path=f"/12/accounts/{kiln.id}/{path}", times=None))
        output = stage.check()
        named = stage.check(stage.config(sync_mode="SpecificAccounts", accounts=["@lumen_mill", kiln.id]))

    assert output.verdict == ("SUCCEEDED", "")
    assert any(kiln.id in line and "was closed, or its id is wrong" in line for line in output.said("WARNING"))
    status, message = named.verdict
    assert status == "FAILED"
    assert kiln.id in message


def test_statistics_are_asked_of_a_tweet_that_a_sync_would_ask_about() -> None:
    busy = AccountSpec("lumen_mill", posts=40, posts_per_day=2, mix=("retweet", "original"))
    with AdsStage(busy, ads_accounts=[ADS], retweet_statistics=False) as stage:
        for id_ in stage.world.post_ids("lumen_mill"):
            stage.forget()
            output = stage.check()
            assert output.verdict == ("SUCCEEDED", "")
            assert output.said("WARNING") == []
            assert [entry.status for entry in stage.requests_to(STATISTICS)] == [200]
            assert len(stage.requests_to(TWEETS)) == 1
            stage.world.delete_post(id_)
            if stage.requests_to(STATISTICS)[0].query["entity_ids"] != id_:
                return  # the newest one was a retweet
    pytest.fail("this world has no retweet before a tweet")


def test_a_single_tweet_without_statistics_proves_nothing() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        (newest, *_) = stage.world.post_ids("lumen_mill", at=stage.clock.now())
        error = {
            "code": "INVALID_PARAMETER",
            "message": f"Tweet {newest} was not found",
            "parameter": "entity_ids",
            "value": newest,
        }
        stage.simulator.faults.add(Fault(path=STATISTICS, status=400, body={"errors": [error]}))
        output = stage.check()

    assert output.verdict == ("SUCCEEDED", "")
    assert any(f"X has no statistics of the tweet {newest}" in line for line in output.said("INFO"))


# Entries of `accounts` -----------------------------------------------------------------------------------------------


NO_CREATIVES = {"errors": [{"code": "UNAUTHORIZED_CLIENT_APPLICATION", "message": "No access to creatives"}]}


@pytest.mark.parametrize(
    ("fault", "words", "kind"),
    [
        (Fault("unavailable_text", path=TWEETS, times=None), "Service Unavailable", "transient_error"),
        (Fault(path=TWEETS, times=None, status=403, body=NO_CREATIVES), "No access to creatives", "config_error"),
        (Fault("unavailable_text", path=USERS, times=None), "Service Unavailable", "transient_error"),
    ],
)
def test_a_name_that_cannot_be_looked_up_is_told_as_what_it_is(fault: Fault, words: str, kind: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        stage.simulator.faults.add(fault)
        config = stage.config(sync_mode="SpecificAccounts", accounts=["@lumen_mill"])
        checked, read = stage.check(config), stage.sync(*FED, config=config)

    status, message = checked.verdict
    assert status == "FAILED"
    final = read.failures[-1]
    assert final["failure_type"] == kind
    for text in (message, final["message"]):
        assert "@lumen_mill" in text
        assert words in text
        assert "has such a user" not in text


def test_a_name_that_is_found_costs_nothing_where_others_cannot_be_looked_up() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[ADS, KILN_ADS]) as stage:
        kiln = stage.ads("Kiln Ads")
        stage.simulator.faults.add(Fault("ads_no_role", path=f"/12/accounts/{kiln.id}/.*", times=None))
        output = stage.check(stage.config(sync_mode="SpecificAccounts", accounts=["@lumen_mill"]))

    assert output.verdict == ("SUCCEEDED", "")
    assert output.said("WARNING") == []


def test_a_name_that_nobody_has_fails_the_check_also_beside_a_suspended_user() -> None:
    ads = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"), ("gone_brand", "RETWEETS_ONLY")))
    with AdsStage(MILL, GONE, ads_accounts=[ads]) as stage:
        names = ["@lumen_mill", "@no_such_shop"]
        output = stage.check(stage.config(sync_mode="SpecificAccounts", accounts=names))

    status, message = output.verdict
    assert status == "FAILED"
    assert "@no_such_shop" in message
    assert "has such a user" in message
    assert "lumen_mill" not in message
