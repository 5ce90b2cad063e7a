"""Ads accounts, their users, and what these tweeted, scheduled and drafted: every column, and no request too many."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from integration_tests import ads_truth, truth
from integration_tests.ads_stage import ACCOUNT, ACCOUNTS, DRAFTS, FED, OWN, SCHEDULED, TWEETS, USERS, AdsStage
from integration_tests.stage import NOW, Json, Output, Stage
from source_x_organic.ads_api.api import AdsApi
from x_simulator import AccountSpec, AdsAccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from x_simulator.ads_accounts import AdsAccount

MILL = AccountSpec("lumen_mill", "Lumen Mill", posts=50, posts_per_day=0.5)
KILN = AccountSpec("tiny_kiln", "Tiny Kiln", posts=30, posts_per_day=0.4, owned=False)
QUIET = AccountSpec("quiet_loom", posts=0, kind="empty", owned=False)

MILL_ADS = AdsAccountSpec(
    "Mill Ads",
    (("lumen_mill", "FULL"), ("tiny_kiln", "RETWEETS_ONLY")),
    business_name="Mill and Sons",
    business_id="b17",
    industry_type="TRAVEL",
    timezone_switch_at="2024-05-01T07:00:00Z",
)
KILN_ADS = AdsAccountSpec(
    "Kiln Ads", (("tiny_kiln", "FULL"), ("lumen_mill", "RETWEETS_ONLY")), "Asia/Kolkata", admins=("lumen_mill",)
)


def tweets_of(stage: AdsStage, username: str, account: AdsAccount) -> dict[str, Json]:
    since = ads_truth.midnight(stage.first_day(account), account.timezone)
    return ads_truth.tweets(stage.world, username, account.id, stage.clock.now(), since)


def test_every_column_of_every_object_is_what_the_world_says() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[MILL_ADS]) as stage:
        output = stage.sync(*OWN, *FED)
        account, world = stage.ads("Mill Ads"), stage.world
        since = ads_truth.midnight(stage.first_day(account), account.timezone)

    assert output.error is None
    output.assert_valid()
    assert output.by_key("ads_accounts") == {account.id: ads_truth.ads_account(account)}
    assert output.by_key("promotable_users") == ads_truth.promotable_users(account)
    assert output.by_key("scheduled_tweets") == ads_truth.scheduled(world, account, NOW)
    assert output.by_key("draft_tweets") == ads_truth.drafts(world, account)
    people = {"lumen_mill": True, "tiny_kiln": False}
    assert output.by_key("accounts") == {
        world.user_id(name): ads_truth.user(world, name, account.id, NOW, is_full=is_full)
        for name, is_full in people.items()
    }
    assert output.rows("account_insights") == [
        ads_truth.user_counts(world, next(name for name in people if world.user_id(name) == row["account_id"]), NOW)
        for row in output.rows("account_insights")
    ]
    assert output.by_key("tweets") == {
        key: row for name in people for key, row in tweets_of(stage, name, account).items()
    }
    assert {row["tweet_id"]: row for row in output.rows("tweet_insights")} == {
        key: row for name in people for key, row in ads_truth.snapshots(world, name, account.id, NOW, since).items()
    }
    assert all(len(output.rows(stream)) == len(output.by_key(stream)) for stream in (*OWN, *FED))


def test_each_thing_is_asked_for_once_however_many_streams_want_it() -> None:
    with AdsStage(MILL, KILN, QUIET, ads_accounts=[MILL_ADS, KILN_ADS]) as stage:
        output = stage.sync(*OWN, *(name for name in FED if name != "organic_report"))

    assert output.error is None
    assert {entry.status for entry in stage.requests} == {200}
    counts = [len(stage.requests_to(path)) for path in (ACCOUNTS, ACCOUNT, USERS, TWEETS, SCHEDULED, DRAFTS)]
    # Two users are listed once each, and have plans of their own in either of the two Ads accounts.
    assert counts == [1, 2, 2, 2, 4, 4]
    assert len(stage.requests) == sum(counts)


def test_any_order_of_streams_in_the_catalog_comes_to_an_end() -> None:
    with AdsStage(MILL, ads_accounts=[AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))]) as stage:
        for order in ((*reversed(FED), *OWN), (*OWN, *reversed(FED)), *list(permutations(FED))[::40]):
            output = stage.sync(*order)
            assert output.error is None
            assert {name: output.statuses(name) for name in order} == {
                name: ["STARTED", "RUNNING", "COMPLETE"] for name in order
            }


def test_pages_follow_each_other_by_cursor_at_the_largest_size() -> None:
    busy = AccountSpec("lumen_mill", posts=2300, posts_per_day=40, mix=("original",))
    ads = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),), scheduled=450, drafts=401)
    with AdsStage(busy, ads_accounts=[ads]) as stage:
        output = stage.sync("tweets", "scheduled_tweets", "draft_tweets")
        account = stage.ads("Mill Ads")

    assert output.by_key("tweets").keys() == {*stage.world.post_ids("lumen_mill", at=NOW)}
    assert output.by_key("scheduled_tweets") == ads_truth.scheduled(stage.world, account, NOW)
    assert output.by_key("draft_tweets") == ads_truth.drafts(stage.world, account)
    for path, count, pages in ((TWEETS, "1000", 3), (SCHEDULED, "200", 3), (DRAFTS, "200", 3), (USERS, "1000", 1)):
        entries = stage.requests_to(path)
        assert [entry.query["count"] for entry in entries] == [count] * pages
        assert len({entry.query.get("cursor") for entry in entries}) == pages
    assert {entry.query["count"] for entry in stage.requests_to(ACCOUNTS)} == {"1000"}


def test_a_cursor_that_comes_again_is_an_error_and_what_was_read_is_kept() -> None:
    busy = AccountSpec("lumen_mill", posts=2300, posts_per_day=40, mix=("original",))
    with AdsStage(busy, ads_accounts=[AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))]) as stage:
        answer = {"data": [], "next_cursor": "c-round-and-round", "request": {"params": {}}}
        stage.simulator.faults.add(Fault(path=TWEETS, nth=2, times=None, status=200, body=answer))
        output = stage.sync("tweets")

    assert len(stage.requests_to(TWEETS)) == 3
    assert len(output.rows("tweets")) == 1000
    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert "X named the same page twice" in final["message"]
    assert output.states("tweets")[-1]["accounts"] == {}


def test_tweets_are_asked_for_explicitly_because_xs_defaults_are_promoted_ones_of_the_main_user() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[MILL_ADS]) as stage:
        stage.sync("tweets")
        ids = {stage.world.user_id(name) for name in ("lumen_mill", "tiny_kiln")}

    entries = stage.requests_to(TWEETS)
    assert {entry.query["user_id"] for entry in entries} == ids
    for entry in entries:
        assert {name: value for name, value in entry.query.items() if name != "user_id"} == {
            "tweet_type": "PUBLISHED",
            "timeline_type": "ORGANIC",
            "include_mentions_and_replies": "true",
            "trim_user": "false",
            "count": "1000",
        }


def test_users_are_not_asked_for_where_nothing_is_made_of_them() -> None:
    with AdsStage(MILL, ads_accounts=[AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))]) as stage:
        stage.sync("organic_report")
        (listing,) = stage.requests_to(TWEETS)
        stage.forget()
        stage.sync("accounts")
        (single,) = stage.requests_to(TWEETS)

    assert (listing.query["trim_user"], listing.query["count"]) == ("true", "1000")
    assert (single.query["trim_user"], single.query["count"]) == ("false", "1")


def test_closed_accounts_and_removed_users_are_rows_that_say_so_and_nothing_is_read_through_them() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[MILL_ADS, KILN_ADS]) as stage:
        stage.world.ads.remove_user(stage.ads("Mill Ads").id, "tiny_kiln")
        stage.world.ads.close(stage.ads("Kiln Ads").id)
        output = stage.sync(*OWN, *FED)
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")

    assert output.error is None
    assert output.by_key("ads_accounts") == {each.id: ads_truth.ads_account(each) for each in (mill, kiln)}
    assert output.by_key("ads_accounts")[kiln.id]["deleted"] is True
    assert output.by_key("promotable_users") == ads_truth.promotable_users(mill)
    assert [row["deleted"] for row in output.rows("promotable_users")] == [False, True]
    assert output.by_key("tweets") == tweets_of(stage, "lumen_mill", mill)
    assert {row["user_id"] for row in output.rows("scheduled_tweets")} == {stage.world.user_id("lumen_mill")}
    assert len(stage.requests_to(USERS)) == 1


def test_a_user_whom_two_accounts_may_promote_is_read_once_through_the_one_that_is_its_own() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[MILL_ADS, KILN_ADS]) as stage:
        output = stage.sync(*FED)
        own = {
            stage.world.user_id("lumen_mill"): stage.ads("Mill Ads"),
            stage.world.user_id("tiny_kiln"): stage.ads("Kiln Ads"),
        }

    assert {(entry.query["user_id"], entry.account) for entry in stage.requests_to(TWEETS)} == {
        (user_id, account.id) for user_id, account in own.items()
    }
    for stream in ("accounts", "tweets", "tweet_insights", "organic_report"):
        assert {(row["account_id"], row["ads_account_id"]) for row in output.rows(stream)} == {
            (user_id, account.id) for user_id, account in own.items()
        }
    assert {row["account_id"]: row["is_own_account"] for row in output.rows("accounts")} == dict.fromkeys(own, True)


def test_of_several_accounts_that_own_a_user_the_first_by_id_is_read() -> None:
    twice = [AdsAccountSpec(name, (("lumen_mill", "FULL"),)) for name in ("Mill East", "Mill West")]
    with AdsStage(MILL, ads_accounts=twice) as stage:
        output = stage.sync(*FED)
        first = min(stage.ads(each.name).id for each in twice)

    assert {row["ads_account_id"] for row in output.rows("organic_report")} == {first}
    assert {row["ads_account_id"] for row in output.rows("accounts")} == {first}


def test_a_user_without_tweets_has_a_row_of_nulls_and_no_counters() -> None:
    ads = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"), ("quiet_loom", "RETWEETS_ONLY")))
    with AdsStage(MILL, QUIET, ads_accounts=[ads]) as stage:
        output = stage.sync(*FED)
        quiet = stage.world.user_id("quiet_loom")
        account = stage.ads("Mill Ads")

    assert output.error is None
    row = output.by_key("accounts")[quiet]
    known = {"id": quiet, "account_id": quiet, "ads_account_id": account.id, "is_own_account": False}
    assert row == dict.fromkeys(row) | known
    assert [row["account_id"] for row in output.rows("account_insights")] == [stage.world.user_id("lumen_mill")]
    output.assert_valid()


@pytest.mark.parametrize("streams", [("accounts", "account_insights"), FED])
def test_empty_pages_before_the_tweets_are_passed_over(streams: tuple[str, ...]) -> None:
    with AdsStage(MILL, ads_accounts=[BUSY_ADS], ads_empty_pages=2) as stage:
        output = stage.sync(*streams)
        named = stage.sync(*streams, config=stage.config(sync_mode="SpecificAccounts", accounts=["@lumen_mill"]))
        checked = stage.check()
        account, world = stage.ads("Mill Ads"), stage.world
        lumen = world.user_id("lumen_mill")

    for each in (output, named):
        assert each.error is None
        assert each.by_key("accounts") == {lumen: ads_truth.user(world, "lumen_mill", account.id, NOW, is_full=True)}
        (row,) = each.rows("account_insights")
        assert row | {"read_at": "2026-11-20T09:30:00Z"} == ads_truth.user_counts(world, "lumen_mill", NOW)
    assert checked.verdict == ("SUCCEEDED", "")
    assert not any("not proven" in line for line in checked.said("INFO"))


# One sync after another ----------------------------------------------------------------------------------------------


BUSY = AccountSpec("lumen_mill", posts=2600, posts_per_day=30, mix=("original",))
BUSY_ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))


def test_a_second_sync_stops_reading_where_the_look_back_ends_and_a_full_refresh_does_not() -> None:
    with AdsStage(BUSY, ads_accounts=[BUSY_ADS]) as stage:
        first = stage.sync("tweets")
        stage.forget()
        stage.clock.advance(timedelta(days=1))
        second = stage.sync("tweets", state=first.state)
        pages = len(stage.requests_to(TWEETS))
        stage.forget()
        whole = stage.sync("tweets", state=second.state, mode="full_refresh")
        expected = tweets_of(stage, "lumen_mill", stage.ads("Mill Ads"))

    newest = max(row["created_at"] for row in first.rows("tweets"))
    start = truth.in_seconds(datetime.fromisoformat(newest) - timedelta(days=7))
    assert len(first.rows("tweets")) == 2600
    assert second.by_key("tweets") == {key: row for key, row in expected.items() if row["created_at"] >= start}
    assert pages == 1
    assert whole.by_key("tweets") == {
        key: row for key, row in expected.items() if row["created_at"] >= "2026-08-21T07:00:00Z"
    }
    assert len(stage.requests_to(TWEETS)) == 3


def test_where_x_does_not_list_the_newest_first_everything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = AdsApi.tweets

    def oldest_first(*arguments: Any, **more: Any) -> Iterator[list[Json]]:  # noqa: ANN401 - as it was
        pages = list(listed(*arguments, **more))
        return ([*reversed(page)] for page in reversed(pages))

    with AdsStage(BUSY, ads_accounts=[BUSY_ADS]) as stage:
        first = stage.sync("tweets")
        stage.clock.advance(timedelta(days=1))
        plain = stage.sync("tweets", state=first.state)
        stage.forget()
        monkeypatch.setattr(AdsApi, "tweets", oldest_first)
        second = stage.sync("tweets", state=first.state)

    assert second.by_key("tweets") == plain.by_key("tweets")
    assert second.states("tweets")[-1] == plain.states("tweets")[-1]
    assert len(stage.requests_to(TWEETS)) == 3
    assert any("did not list the tweets" in line for line in second.said("INFO"))


def test_late_counters_arrive_within_the_look_back_and_snapshots_within_their_age() -> None:
    with AdsStage(MILL, ads_accounts=[AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))]) as stage:
        config = stage.config(insights_window_days=10)
        first = stage.sync("tweets", "tweet_insights", config=config)
        stage.clock.advance(timedelta(days=1))
        second = stage.sync("tweets", "tweet_insights", config=config, state=first.state)
        now, account = stage.clock.now(), stage.ads("Mill Ads")
        expected = ads_truth.snapshots(stage.world, "lumen_mill", account.id, now, now - timedelta(days=10))

    assert {row["tweet_id"]: row for row in second.rows("tweet_insights")} == expected
    assert second.by_key("tweets").items() <= tweets_of(stage, "lumen_mill", account).items()


# Which accounts ------------------------------------------------------------------------------------------------------


def ads_accounts_of(output: Output) -> set[str]:
    return {row["id"] for row in output.rows("ads_accounts")}


def users_of(output: Output, stream: str = "promotable_users") -> set[tuple[str, str]]:
    return {(row["ads_account_id"], row["account_id"]) for row in output.rows(stream)}


def test_an_account_is_named_by_its_id_or_by_a_user_in_either_way() -> None:
    with AdsStage(MILL, KILN, QUIET, ads_accounts=[MILL_ADS, KILN_ADS]) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        lumen, tiny = stage.world.user_id("lumen_mill"), stage.world.user_id("tiny_kiln")
        by_id, by_name, by_bare_name, by_user_id = (
            stage.sync(*OWN, "accounts", config=stage.config(sync_mode="SpecificAccounts", accounts=[name]))
            for name in (kiln.id, "@Tiny_Kiln", "tiny_kiln", tiny)
        )

    assert ads_accounts_of(by_id) == {kiln.id}
    assert users_of(by_id) == {(kiln.id, tiny), (kiln.id, lumen)}
    assert users_of(by_id, "accounts") == {(kiln.id, tiny), (kiln.id, lumen)}
    for output in (by_name, by_bare_name, by_user_id):
        assert output.error is None
        # Both accounts may promote the user; what else they have is not wanted.
        assert ads_accounts_of(output) == {kiln.id, mill.id}
        assert users_of(output) == {(kiln.id, tiny), (mill.id, tiny)}
        assert users_of(output, "accounts") == {(kiln.id, tiny)}
        assert users_of(output, "scheduled_tweets") == {(kiln.id, tiny), (mill.id, tiny)}


def test_names_that_nothing_has_are_told_and_the_others_are_read() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[MILL_ADS]) as stage:
        names = ["@lumen_mill", "@no_such_shop", "18ce000nowhere", "4242"]
        output = stage.sync(*OWN, "tweets", config=stage.config(sync_mode="SpecificAccounts", accounts=names))
        expected = tweets_of(stage, "lumen_mill", stage.ads("Mill Ads"))

    assert output.by_key("tweets") == expected
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    for name in names[1:]:
        assert name in final["message"]
    assert "lumen_mill" not in final["message"]


def test_credentials_of_one_ads_account_read_it_and_the_default_ones_the_rest() -> None:
    owned = AccountSpec("tiny_kiln", posts=20, posts_per_day=0.4)
    kiln_ads = AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), admins=("tiny_kiln", "lumen_mill"))
    with AdsStage(MILL, owned, ads_accounts=[MILL_ADS, kiln_ads]) as stage:
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        entry = {"account": kiln.id, "credentials": stage.simulator.oauth1("tiny_kiln")}
        stage.world.ads.remove_role(mill.id, "tiny_kiln")
        output = stage.sync(*OWN, *FED, config=stage.config(account_credentials=json.dumps([entry])))

    assert output.error is None
    assert ads_accounts_of(output) == {mill.id, kiln.id}
    assert len(stage.requests_to(ACCOUNTS)) == 2
    assert len(stage.requests_to(USERS)) == 2
    for path in (ACCOUNT, TWEETS, SCHEDULED, DRAFTS):
        assert {(entry.account, entry.credential) for entry in stage.requests_to(path)} == {
            (mill.id, "oauth1:main:lumen_mill"),
            (kiln.id, "oauth1:main:tiny_kiln"),
        }


# Beside the X API ----------------------------------------------------------------------------------------------------


def test_with_the_x_api_the_ads_streams_are_read_too() -> None:
    with Stage(MILL, KILN, ads_accounts=[MILL_ADS, KILN_ADS]) as stage:
        output = stage.sync(*OWN, "accounts", "tweets")
        mill, kiln = (stage.world.ads.named(name) for name in ("Mill Ads", "Kiln Ads"))

    assert output.error is None
    assert output.by_key("ads_accounts") == {each.id: ads_truth.ads_account(each) for each in (mill, kiln)}
    assert output.by_key("promotable_users") == ads_truth.promotable_users(mill) | ads_truth.promotable_users(kiln)
    expected = [ads_truth.scheduled(stage.world, each, NOW) for each in (mill, kiln)]
    assert output.by_key("scheduled_tweets") == expected[0] | expected[1]
    expected = [ads_truth.drafts(stage.world, each) for each in (mill, kiln)]
    assert output.by_key("draft_tweets") == expected[0] | expected[1]
    assert len(stage.requests_to(ACCOUNTS)) == 1
    assert stage.requests_to(TWEETS) == []
    assert {row["account_id"] for row in output.rows("tweets")} == {stage.world.user_id("lumen_mill")}


def test_with_the_x_api_named_users_limit_the_ads_streams() -> None:
    with Stage(MILL, KILN, QUIET, ads_accounts=[MILL_ADS, KILN_ADS]) as stage:
        config = stage.config(sync_mode="SpecificAccounts", accounts=["tiny_kiln"])
        output = stage.sync(*OWN, config=config)
        nobody = stage.sync(*OWN, config=stage.config(sync_mode="SpecificAccounts", accounts=["quiet_loom"]))
        tiny = stage.world.user_id("tiny_kiln")

    assert output.error is None
    assert {row["account_id"] for stream in OWN[1:] for row in output.rows(stream)} == {tiny}
    assert len(output.rows("promotable_users")) == 2
    assert nobody.error is None
    assert nobody.of_type("RECORD") == []


def test_without_an_approved_app_the_ads_streams_fail_alone_and_say_what_to_ask_x_for() -> None:
    with Stage(MILL, ads_accounts=[AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))], ads_apps=()) as stage:
        output = stage.sync(*OWN, "accounts", "tweets")

    assert len(output.rows("accounts")) == 1
    assert len(output.rows("tweets")) == 50
    assert {name: output.statuses(name)[-1] for name in (*OWN, "accounts", "tweets")} == {
        **dict.fromkeys(OWN, "INCOMPLETE"),
        "accounts": "COMPLETE",
        "tweets": "COMPLETE",
    }
    assert len(stage.requests_to("/12/.*")) == 1
    for failure in output.failures:
        assert failure["failure_type"] == "config_error"
        assert "X has not approved the app for the Ads API; request access" in failure["message"]


@pytest.mark.parametrize("kind", ["bearer", "oauth2"])
def test_credentials_that_the_ads_api_does_not_take_fail_its_streams_alone(kind: str) -> None:
    with Stage(MILL, ads_accounts=[AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))]) as stage:
        credentials = stage.simulator.bearer() if kind == "bearer" else stage.simulator.oauth2("lumen_mill")
        config = stage.config(credentials=credentials)
        if kind == "bearer":
            config |= {"sync_mode": "SpecificAccounts", "accounts": ["lumen_mill"]}
        output = stage.sync(*OWN, "tweets", config=config)

    assert len(output.rows("tweets")) == 50
    assert stage.requests_to("/12/.*") == []
    assert {name: output.statuses(name)[-1] for name in (*OWN, "tweets")} == {
        **dict.fromkeys(OWN, "INCOMPLETE"),
        "tweets": "COMPLETE",
    }
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "OAuth 1.0a" in final["message"]
