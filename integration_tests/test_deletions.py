"""Posts that are deleted after they were read: emitted once more, told apart from whatever else is not shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests import truth
from integration_tests.ads_stage import TWEETS, AdsStage
from integration_tests.stage import NOW, TIMELINE, Json, Output, Stage
from x_simulator import AccountSpec, AdsAccountSpec, Fault

if TYPE_CHECKING:
    from datetime import datetime

MILL = AccountSpec("lumen_mill", "Lumen Mill", posts=200, posts_per_day=4, mix=("original", "media", "reply"))
LOOKUPS = r"/2/tweets$"


def tombstone(stage: Stage, post_id: str, created_at: str, seen_at: datetime) -> Json:
    """Return what `tweets` holds of a deleted post: no content at all."""
    columns = stage.known_catalog(stage.config())["tweets"]["json_schema"]["properties"]
    return dict.fromkeys(columns) | {
        "id": post_id,
        "account_id": stage.world.user_id("lumen_mill"),
        "created_at": created_at,
        "is_deleted": True,
        "deleted_seen_at": truth.in_seconds(seen_at),
    }


def deleted(output: Output) -> list[Json]:
    return [row for row in output.rows("tweets") if row["is_deleted"]]


def test_a_deleted_post_of_the_look_back_is_emitted_once_more_without_content_and_never_again() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets")
        gone = [row["id"] for row in first.rows("tweets")][3]
        stage.world.delete_post(gone)
        stage.clock.advance(timedelta(days=1))
        stage.forget()
        second = stage.sync("tweets", state=first.state)
        requests = [entry.path for entry in stage.requests]
        third = stage.sync("tweets", state=second.state)
        expected = tombstone(stage, gone, first.by_key("tweets")[gone]["created_at"], NOW + timedelta(days=1))
        account_id = stage.world.user_id("lumen_mill")

    assert deleted(second) == [expected]
    second.assert_valid()
    assert deleted(third) == []
    assert sorted(requests) == [f"/2/users/{account_id}/tweets", "/2/users/me"]
    assert gone not in {row["id"] for row in third.rows("tweets")}


@pytest.mark.parametrize("streams", [("tweets",), ("tweets", "organic_report"), ("tweets", "tweet_insights")])
def test_nothing_is_deleted_where_nothing_was_deleted(streams: tuple[str, ...]) -> None:
    with Stage(AccountSpec("lumen_mill", posts=300, posts_per_day=11)) as stage:
        state: list[Json] = []
        outputs = []
        for _ in range(6):
            outputs.append(stage.sync(*streams, state=state))
            state = outputs[-1].state
            stage.clock.advance(timedelta(hours=31))

    assert [deleted(output) for output in outputs] == [[]] * 6


@pytest.mark.parametrize(
    ("streams", "is_seen"),
    [
        (("tweets",), False),
        (("tweets", "tweet_insights"), True),
        (("tweets", "organic_report"), True),
        (("organic_report", "tweets", "tweet_insights"), True),
    ],
)
def test_what_other_streams_read_again_anyway_shows_deletions_too(streams: tuple[str, ...], *, is_seen: bool) -> None:
    with Stage(MILL) as stage:
        first = stage.sync(*streams)
        gone = [row["id"] for row in first.rows("tweets")][20 * 4]
        stage.world.delete_post(gone)
        second = stage.sync(*streams, state=first.state)

    assert [row["id"] for row in deleted(second)] == ([gone] if is_seen else [])


def test_an_edited_post_is_not_deleted_and_when_it_is_all_its_versions_are() -> None:
    with Stage(AccountSpec("lumen_mill", posts=40, posts_per_day=4, mix=("original",))) as stage:
        root = stage.world.add_post("lumen_mill", "Teh first version", at=NOW - timedelta(minutes=20))
        first = stage.sync("tweets")
        stage.clock.advance(timedelta(minutes=10))
        version = stage.world.edit_post(root, "The second version")
        second = stage.sync("tweets", state=first.state)
        third = stage.sync("tweets", state=second.state)
        stage.world.delete_post(version)
        fourth = stage.sync("tweets", state=third.state)
        fifth = stage.sync("tweets", state=fourth.state)

    assert deleted(second) == deleted(third) == deleted(fifth) == []
    assert {row["id"] for row in deleted(fourth)} == {root, version}


def test_a_state_that_remembers_no_posts_takes_none_for_deleted_and_the_next_one_does() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets")
        for message in first.state:
            for account in message["stream"]["stream_state"]["accounts"].values():
                del account["tweets"]
        newest = [row["id"] for row in first.rows("tweets")]
        stage.world.delete_post(newest[2])
        second = stage.sync("tweets", state=first.state)
        stage.world.delete_post(newest[5])
        third = stage.sync("tweets", state=second.state)

    assert deleted(second) == []
    assert [row["id"] for row in deleted(third)] == [newest[5]]


def test_a_full_refresh_has_no_rows_of_deleted_posts() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets")
        stage.world.delete_post(first.rows("tweets")[3]["id"])
        again = stage.sync("tweets", state=first.state, mode="full_refresh")

    assert deleted(again) == []
    assert len(again.rows("tweets")) == 199


@pytest.mark.parametrize("fate", ["protect", "suspend", "delete_account"])
def test_an_account_that_is_out_of_sight_has_no_deleted_posts_and_none_when_it_is_back(fate: str) -> None:
    with Stage(MILL) as stage:
        config = stage.competitors("lumen_mill")
        first = stage.sync("tweets", config=config)
        getattr(stage.world, fate)("lumen_mill")
        second = stage.sync("tweets", config=config, state=first.state)
        stage.world.restore("lumen_mill")
        stage.world.delete_post(first.rows("tweets")[4]["id"])
        third = stage.sync("tweets", config=config, state=[*first.state, *second.state])

    assert second.rows("tweets") == []
    assert [row["id"] for row in deleted(third)] == [first.rows("tweets")[4]["id"]]


@pytest.mark.parametrize("preset", ["unauthorized", "forbidden", "field_hydration_failure"])
def test_a_timeline_that_x_refuses_or_serves_badly_has_no_deleted_posts(preset: str) -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets")
        stage.simulator.faults.add(Fault(preset, path=TIMELINE, times=None))
        second = stage.sync("tweets", state=first.state)

    assert deleted(second) == []


def test_a_reading_that_breaks_off_finds_nothing_deleted_and_the_next_one_all() -> None:
    with Stage(AccountSpec("lumen_mill", posts=2000, posts_per_day=300, mix=("original",))) as stage:
        first = stage.sync("tweets")
        ids = [row["id"] for row in first.rows("tweets")]
        for place in (10, 250, 1900):
            stage.world.delete_post(ids[place])
        stage.simulator.faults.add(Fault("unauthorized", path=TIMELINE, nth=14, times=None))
        broken = stage.sync("tweets", state=first.state)
        stage.simulator.faults.clear()
        whole = stage.sync("tweets", state=broken.state)

    assert broken.error is not None
    assert len(broken.rows("tweets")) == 1300
    assert deleted(broken) == []
    assert [row["id"] for row in deleted(whole)] == [ids[10], ids[250], ids[1900]]


def test_posts_that_x_does_not_reach_any_more_are_not_deleted_ones() -> None:
    with Stage(AccountSpec("lumen_mill", posts=3600, posts_per_day=500, mix=("original",))) as stage:
        first = stage.sync("tweets")
        ids = [row["id"] for row in first.rows("tweets")]
        stage.world.delete_post(ids[40])
        stage.clock.advance(timedelta(days=2))
        second = stage.sync("tweets", state=first.state)
        third = stage.sync("tweets", state=second.state)
        asked = stage.requests_to(LOOKUPS)

    assert len(second.rows("tweets")) < 1000 + 2200 + 2
    assert [row["id"] for row in deleted(second)] == [ids[40]]
    assert deleted(third) == []
    assert asked == []


# Where the timeline cannot tell --------------------------------------------------------------------------------------

EMPTY = Fault(path=TIMELINE, status=200, body={"meta": {"result_count": 0}}, times=None)


def test_a_timeline_that_is_empty_without_a_word_is_held_against_one_look_up() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets")
        recent = [row["id"] for row in first.rows("tweets")][:28]
        stage.world.delete_post(recent[7])
        stage.simulator.faults.add(EMPTY)
        stage.forget()
        second = stage.sync("tweets", "api_usage", state=first.state)
        third = stage.sync("tweets", "api_usage", state=second.state)
        lookups = stage.requests_to(LOOKUPS)
        stage.simulator.faults.clear()
        fourth = stage.sync("tweets", state=third.state)

    assert [row["id"] for row in deleted(second)] == [recent[7]]
    (lookup,) = lookups
    assert set(lookup.query["ids"].split(",")) >= set(recent)
    assert lookup.billed_posts == len(lookup.query["ids"].split(",")) - 1
    (cost,) = [row for row in second.rows("api_usage") if row["endpoint"] == "tweets"]
    assert (cost["requests"], cost["post_reads"]) == (1, lookup.billed_posts)
    assert deleted(third) == deleted(fourth) == []
    assert {row["id"] for row in fourth.rows("tweets")} >= {*recent} - {recent[7]}


def test_an_account_whose_posts_are_all_deleted_costs_one_look_up_and_no_money() -> None:
    with Stage(AccountSpec("lumen_mill", posts=260, posts_per_day=60, mix=("original",))) as stage:
        first = stage.sync("tweets")
        for post_id in stage.world.post_ids("lumen_mill"):
            stage.world.delete_post(post_id)
        stage.forget()
        second = stage.sync("tweets", state=first.state)
        third = stage.sync("tweets", state=second.state)
        (lookup,) = stage.requests_to(LOOKUPS)

    assert {row["id"] for row in deleted(second)} == first.by_key("tweets").keys()
    assert lookup.billed_posts == 0
    assert len(lookup.query["ids"].split(",")) <= 100
    assert third.rows("tweets") == []


@pytest.mark.parametrize("preset", ["forbidden", "unauthorized"])
def test_where_x_does_not_answer_the_look_up_nothing_is_deleted_before_it_does(preset: str) -> None:
    with Stage(AccountSpec("lumen_mill", posts=20, posts_per_day=5)) as stage:
        first = stage.sync("tweets")
        for post_id in stage.world.post_ids("lumen_mill"):
            stage.world.delete_post(post_id)
        stage.simulator.faults.add(Fault(preset, path=LOOKUPS, times=None))
        second = stage.sync("tweets", state=first.state)
        stage.simulator.faults.clear()
        third = stage.sync("tweets", state=second.state)

    assert deleted(second) == []
    assert second.error is None
    assert [line for line in second.said("WARNING") if "are deleted is not known" in line]
    assert len(deleted(third)) == 20


@pytest.mark.parametrize("streams", [("tweets",), ("tweets", "tweet_insights")])
def test_a_post_that_was_taken_for_deleted_and_comes_back_has_its_row_again(streams: tuple[str, ...]) -> None:
    with Stage(AccountSpec("lumen_mill", posts=8, posts_per_day=0.4, mix=("original",))) as stage:
        first = stage.sync(*streams)
        missing = first.rows("tweets")
        lost = {"errors": [not_found(post["id"]) for post in missing]}
        stage.simulator.faults.add(EMPTY)
        stage.simulator.faults.add(Fault(path=LOOKUPS, status=200, body=lost, times=None))
        second = stage.sync(*streams, state=first.state)
        stage.simulator.faults.clear()
        third = stage.sync(*streams, state=second.state)
        fourth = stage.sync(*streams, state=third.state)
        expected = truth.tweets(stage.world, "lumen_mill", NOW)

    back = {row["id"] for row in deleted(second)}
    assert len(back) == (4 if streams == ("tweets",) else 8)
    assert {row["id"]: row for row in third.rows("tweets")} == {post_id: expected[post_id] for post_id in back}
    assert len(fourth.rows("tweets")) == 4


def not_found(post_id: str) -> Json:
    return {
        "resource_id": post_id,
        "resource_type": "tweet",
        "title": "Not Found Error",
        "detail": f"Could not find tweet with ids: [{post_id}].",
        "type": "https://api.x.com/2/problems/resource-not-found",
    }


# The Ads API ---------------------------------------------------------------------------------------------------------

ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))


def test_the_ads_api_shows_deletions_as_far_back_as_tweets_are_listed() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("tweets", "organic_report")
        ids = [row["id"] for row in first.rows("tweets")]
        gone = [ids[2], ids[150]]
        for post_id in gone:
            stage.world.delete_post(post_id)
        stage.clock.advance(timedelta(days=1))
        stage.forget()
        began = stage.clock.now()
        second = stage.sync("tweets", "organic_report", state=first.state)
        third = stage.sync("tweets", "organic_report", state=second.state)
        columns = stage.known_catalog(stage.config())["tweets"]["json_schema"]["properties"]
        asked = [entry for entry in stage.requests_to(TWEETS) if "tweet_ids" in entry.query]
        ads_account_id = stage.ads("Mill Ads").id

    assert deleted(second) == [
        dict.fromkeys(columns)
        | {
            "id": post_id,
            "account_id": stage.world.user_id("lumen_mill"),
            "ads_account_id": ads_account_id,
            "created_at": first.by_key("tweets")[post_id]["created_at"],
            "is_deleted": True,
            "deleted_seen_at": truth.in_seconds(began),
        }
        for post_id in gone
    ]
    second.assert_valid()
    assert deleted(third) == []
    assert len(asked) == 1


def test_an_edited_tweet_is_not_a_deleted_one_for_the_ads_api_either() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        root = stage.world.add_post("lumen_mill", "Teh first version", at=NOW - timedelta(minutes=20))
        first = stage.sync("tweets")
        version = stage.world.edit_post(root, "The second version")
        second = stage.sync("tweets", state=first.state)

    assert deleted(second) == []
    assert {root, version} <= first.by_key("tweets").keys() | second.by_key("tweets").keys()


def test_retweets_that_the_ads_api_listed_are_not_deleted_for_a_report_of_counters_alone() -> None:
    mixed = AccountSpec("lumen_mill", posts=120, posts_per_day=4, mix=("original", "retweet"))
    with AdsStage(mixed, ads_accounts=[ADS]) as stage:
        first = stage.sync("tweets", "organic_report")
        config = stage.config(api_access="X_API")
        second = stage.sync("tweets", "organic_report", config=config, state=first.state)
        third = stage.sync("tweets", "organic_report", config=config, state=second.state)

    assert deleted(second) == deleted(third) == []


@pytest.mark.parametrize("fate", ["suspend", "delete_account"])
def test_a_user_whom_the_ads_api_does_not_show_has_no_deleted_tweets(fate: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("tweets")
        getattr(stage.world, fate)("lumen_mill")
        second = stage.sync("tweets", state=first.state)

    assert second.rows("tweets") == []


def test_where_the_ads_api_does_not_answer_for_missing_tweets_the_next_sync_asks_again() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("tweets")
        gone = first.rows("tweets")[3]["id"]
        stage.world.delete_post(gone)
        stage.simulator.faults.add(Fault("forbidden", path=TWEETS, nth=2, times=None))
        second = stage.sync("tweets", state=first.state)
        stage.simulator.faults.clear()
        third = stage.sync("tweets", state=second.state)

    assert (deleted(second), second.error) == ([], None)
    assert [line for line in second.said("WARNING") if "are deleted is not known" in line]
    assert [row["id"] for row in deleted(third)] == [gone]


def test_fivetrans_tables_keep_what_was_deleted_as_fivetran_does() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        config = stage.config(table_layout="fivetran")
        first = stage.sync("tweet", config=config)
        stage.world.delete_post(str(first.rows("tweet")[3]["id"]))
        second = stage.sync("tweet", config=config, state=first.state)

    assert all(row["full_text"] for row in second.rows("tweet"))
    assert next(iter(second.states("tweet")[-1]["accounts"].values())).keys() == {"cursor", "covered"}
