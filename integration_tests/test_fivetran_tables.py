"""`table_layout: fivetran`: the four tables of Fivetran's Twitter Organic connector, against the world's truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration_tests import fivetran_truth as truth
from integration_tests.fivetran_stage import EAST, ENTITIES, FIRST, LATER, TABLES, WEST, FivetranStage
from integration_tests.stage import NOW, Json
from integration_tests.truth import in_seconds
from x_simulator import AccountSpec, AdsAccountSpec

COLUMNS = {
    "account_history": {
        "string": "approval_status business_id business_name id industry_type name salt timezone",
        "boolean": "deleted",
        "timestamp": "_fivetran_synced created_at timezone_switch_at updated_at",
    },
    "twitter_user_history": {
        "string": "description lang location name profile_background_image_url profile_background_image_url_https "
        "profile_banner_url profile_image_url profile_image_url_https profile_use_background_image screen_name "
        "time_zone url",
        "integer": "favourites_count followers_count friends_count id listed_count statuses_count utc_offset",
        "boolean": "contributors_enabled default_profile default_profile_image geo_enabled is_translation_enabled "
        "is_translator profile_background_tile protected_user verified",
        "timestamp": "_fivetran_synced created_at",
    },
    "tweet": {
        "string": "account_id card_uri coordinates_coordinates coordinates_type full_text geo_coordinates geo_type id "
        "in_reply_to_screen_name in_reply_to_status_id in_reply_to_user_id lang media_key source tweet_type user_id",
        "integer": "favorite_count retweet_count",
        "boolean": "favorited followers retweeted truncated",
        "timestamp": "_fivetran_synced created_at",
    },
    "organic_tweet_report": {
        "string": "account_id organic_tweet_id placement",
        "integer": "app_clicks card_engagements carousel_swipes clicks engagements follows impressions likes "
        "poll_card_vote qualified_impressions replies retweets tweets_send unfollows url_clicks video_15_s_views "
        "video_3_s_100_pct_views video_6_s_views video_content_starts video_cta_clicks video_total_views "
        "video_views_100 video_views_25 video_views_50 video_views_75",
        "timestamp": "_fivetran_synced date",
    },
}
KEYS = {
    "account_history": [["id"], ["updated_at"]],
    "twitter_user_history": [["id"]],
    "tweet": [["id"]],
    "organic_tweet_report": [["account_id"], ["organic_tweet_id"], ["date"]],
}


def unsynced(rows: dict[str, Json]) -> dict[str, Json]:
    """Return rows without the instant of their emission."""
    return {key: {name: row[name] for name in row if name != "_fivetran_synced"} for key, row in rows.items()}


def synced(row: Json) -> datetime:
    return datetime.fromisoformat(row["_fivetran_synced"])


def assert_between(got: dict[str, Json], earliest: dict[str, Json], latest: dict[str, Json]) -> None:
    """Check a report that X counted at some time between two instants: only the running day may differ at all."""
    assert got.keys() == earliest.keys() == latest.keys()
    for key, row in unsynced(got).items():
        low, high = earliest[key], latest[key]
        assert row == low | {name: row[name] for name in truth.METRICS}
        assert all(low[name] <= row[name] <= high[name] for name in truth.METRICS)


def kind(schema: Json) -> str:
    (only,) = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"]) - {"null"}
    if schema.get("format") == "date-time":
        assert schema["airbyte_type"] == "timestamp_with_timezone"
        return "timestamp"
    return str(only)


# The catalog -----------------------------------------------------------------------------------------------------


def test_the_catalog_holds_fivetrans_four_tables_and_no_other() -> None:
    with FivetranStage() as stage:
        catalog = stage.discover(stage.config())

    assert tuple(catalog) == TABLES
    for table, by_kind in COLUMNS.items():
        columns = {name: kind(schema) for name, schema in catalog[table]["json_schema"]["properties"].items()}
        assert columns == {name: its for its, names in by_kind.items() for name in names.split()}
        assert catalog[table]["source_defined_primary_key"] == KEYS[table]
        assert catalog[table]["default_cursor_field"] == ["_fivetran_synced"]
        assert catalog[table]["source_defined_cursor"] is True
        assert catalog[table]["supported_sync_modes"] == ["full_refresh", "incremental"]


def test_the_schema_and_constant_columns_apply_to_fivetrans_tables() -> None:
    with FivetranStage() as stage:
        team = [{"name": "team", "value": "north"}]
        output = stage.read(*ENTITIES, schema="twitter_organic", constant_columns=team)

    assert {stream["namespace"] for stream in output.catalog.values()} == {"twitter_organic"}
    assert {record["namespace"] for record in output.of_type("RECORD")} == {"twitter_organic"}
    assert {record["data"]["team"] for record in output.of_type("RECORD")} == {"north"}
    assert {record["stream"] for record in output.of_type("RECORD")} == set(ENTITIES)


# Rows ------------------------------------------------------------------------------------------------------------


def test_accounts_users_and_tweets_are_whole_rows() -> None:
    with FivetranStage() as stage:
        output = stage.read(*ENTITIES)
        world = stage.world
        mill, kiln = (world.ads.named(name) for name in (WEST, EAST))
        accounts = [truth.account_version(world, name) for name in (WEST, EAST)]
        users = [truth.user_version(world, name, NOW) for name in ("lumen_mill", "tiny_kiln")]
        tweets = truth.tweets(
            world, "lumen_mill", WEST, since=truth.midnight(FIRST, mill.timezone), now=NOW
        ) | truth.tweets(world, "tiny_kiln", EAST, since=truth.midnight(FIRST, kiln.timezone), now=NOW)

    got = {table: unsynced(output.by_key(table)) for table in ENTITIES}
    assert got["account_history"] == {f"{row['id']} {row['updated_at']}": row for row in accounts}
    assert got["twitter_user_history"] == {str(row["id"]): row for row in users}
    assert got["tweet"] == tweets
    assert {row["industry_type"] for row in accounts} == {"RETAIL", None}
    assert all(len(output.rows(table)) == len(got[table]) for table in ENTITIES)


def test_the_report_is_a_row_for_each_account_tweet_and_local_day_with_what_the_tweet_earned() -> None:
    with FivetranStage() as stage:
        output = stage.read()
        earliest = stage.reported(now=NOW)
        latest = stage.reported(now=stage.clock.now())
        shared = set(stage.world.post_ids("tiny_kiln"))

    rows = output.rows("organic_tweet_report")
    assert_between(output.by_key("organic_tweet_report"), earliest, latest)
    assert len(rows) == len(earliest) > 5_000
    totals = {name: sum(row[name] for row in rows) for name in truth.METRICS}
    assert min(totals.values()) > 0, totals
    assert {row["organic_tweet_id"] for row in rows} <= {row["id"] for row in output.rows("tweet")}
    through = {row["account_id"] for row in rows if row["organic_tweet_id"] in shared}
    assert through == {account.id for account in stage.world.ads}


def test_a_day_begins_at_the_accounts_own_midnight_also_where_clocks_change() -> None:
    with FivetranStage() as stage:
        west, east = map(stage.ads_id, (WEST, EAST))
        rows = stage.read("organic_tweet_report").rows("organic_tweet_report")

    oldest = min((row["organic_tweet_id"] for row in rows if row["account_id"] == east), key=int)
    instants = {
        account: [row["date"] for row in rows if (row["account_id"], row["organic_tweet_id"]) == (account, oldest)]
        for account in (west, east)
    }
    instants = {account: sorted(written) for account, written in instants.items()}
    around = instants[east].index("2026-10-24T22:00:00Z")
    assert instants[east][around - 1 : around + 3] == [
        "2026-10-23T22:00:00Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T23:00:00Z",
        "2026-10-26T23:00:00Z",
    ]
    around = instants[west].index("2026-11-01T07:00:00Z")
    assert instants[west][around - 1 : around + 3] == [
        "2026-10-31T07:00:00Z",
        "2026-11-01T07:00:00Z",
        "2026-11-02T08:00:00Z",
        "2026-11-03T08:00:00Z",
    ]
    assert all(len(set(written)) == len(written) for written in instants.values())


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_is_read_alone_holds_the_same_rows(table: str) -> None:
    # Young tweets are reported without jobs, for which the clock would go on.
    users = (AccountSpec("lumen_mill", posts=8), AccountSpec("tiny_kiln", posts=3))
    with FivetranStage(*users) as stage:
        together = stage.read().by_key(table)
        alone = stage.read(table).by_key(table)

    assert alone == together
    assert together


def test_there_is_a_tweet_for_each_that_is_reported_wherever_its_days_begin() -> None:
    # In India the first day of the timeframe begins twelve and a half hours before California's.
    ads = (
        AdsAccountSpec("Own", (("lumen_mill", "FULL"),), admins=("lumen_mill",)),
        AdsAccountSpec("Agency", (("lumen_mill", "RETWEETS_ONLY"),), timezone="Asia/Kolkata", admins=("lumen_mill",)),
    )
    with FivetranStage(AccountSpec("lumen_mill", posts=4), ads_accounts=ads) as stage:
        early = stage.world.add_post("lumen_mill", "Up early", at=datetime(2026, 8, 19, 20, tzinfo=UTC))
        output = stage.read()
        agency = stage.ads_id("Agency")

    reports = {row["account_id"] for row in output.rows("organic_tweet_report") if row["organic_tweet_id"] == early}
    assert reports == {agency}
    assert early in {row["id"] for row in output.rows("tweet")}


def test_a_user_without_tweets_has_no_version_because_x_shows_none() -> None:
    users = (AccountSpec("lumen_mill", posts=3), AccountSpec("tiny_kiln", kind="empty"))
    with FivetranStage(*users) as stage:
        output = stage.read()

    assert [row["screen_name"] for row in output.rows("twitter_user_history")] == ["lumen_mill"]
    assert {row["account_id"] for row in output.rows("organic_tweet_report")} == {stage.ads_id(WEST)}


def test_without_organic_statistics_the_other_tables_are_filled_and_the_report_says_what_happened() -> None:
    with FivetranStage(organic_entity=False) as stage:
        check = stage.check()
        output = stage.sync(*TABLES, config=stage.config())

    assert output.error is not None
    assert {table: output.statuses(table)[-1] for table in TABLES} == {
        "account_history": "COMPLETE",
        "twitter_user_history": "COMPLETE",
        "tweet": "COMPLETE",
        "organic_tweet_report": "INCOMPLETE",
    }
    assert output.rows("organic_tweet_report") == []
    assert len(output.rows("tweet")) > 90
    assert {failure["failure_type"] for failure in output.failures} == {"config_error"}
    status, message = check.verdict
    assert status == "FAILED"
    assert "organic_tweet_report" in message
    assert "api_access" in message


# The next sync ---------------------------------------------------------------------------------------------------


def test_the_next_sync_keeps_every_key_and_adds_the_day_that_came() -> None:
    with FivetranStage() as stage:
        first = stage.read()
        between = stage.clock.now()
        stage.clock.advance(LATER)
        start = stage.clock.now()
        second = stage.read(after=first)
        before, now = (output.by_key("organic_tweet_report") for output in (first, second))
        tomorrow = FIRST + timedelta(days=1)
        earliest = stage.reported(now=NOW) | stage.reported(first=tomorrow, now=start)
        latest = stage.reported(now=between) | stage.reported(first=tomorrow, now=stage.clock.now())

    assert_between(before | now, earliest, latest)
    assert len(before.keys() & now.keys()) > 500
    assert len(second.rows("organic_tweet_report")) == len(now)
    assert {row["date"][:10] for key, row in now.items() if key not in before} == {"2026-11-20", "2026-11-21"}


def test_what_the_next_sync_emits_is_the_current_version() -> None:
    with FivetranStage() as stage:
        first = stage.read()
        end = stage.clock.now()
        stage.clock.advance(LATER)
        start = stage.clock.now()
        second = stage.read(after=first)

    for table in TABLES:
        before, now = ([synced(row) for row in output.rows(table)] for output in (first, second))
        assert NOW <= min(before) <= max(before) <= end < start <= min(now)
    for table in ("account_history", "twitter_user_history"):
        assert first.by_key(table).keys() == second.by_key(table).keys()


def test_a_renamed_and_a_closed_account_become_new_versions_and_lose_no_old_row() -> None:
    with FivetranStage() as stage:
        first = stage.read()
        west, east = map(stage.ads_id, (WEST, EAST))
        stage.clock.advance(LATER)
        at = in_seconds(stage.clock.now())
        stage.world.ads.rename(west, "Mill & Daughters")
        stage.world.ads.close(east)
        second = stage.read(after=first)

    before, now = ({row["id"]: row for row in output.rows("account_history")} for output in (first, second))
    changed = {
        account: {name: now[account][name] for name in now[account] if now[account][name] != before[account][name]}
        for account in (west, east)
    }
    assert changed == {
        west: {"name": "Mill & Daughters", "updated_at": at, "_fivetran_synced": now[west]["_fivetran_synced"]},
        east: {"deleted": True, "updated_at": at, "_fivetran_synced": now[east]["_fivetran_synced"]},
    }
    assert before[west]["updated_at"] < at > before[east]["updated_at"]
    assert {row["account_id"] for row in second.rows("organic_tweet_report")} == {west}
    assert {row["account_id"] for row in second.rows("tweet")} == {west}


def test_a_changed_profile_is_a_new_version_of_the_user() -> None:
    with FivetranStage() as stage:
        first = stage.read(*ENTITIES)
        stage.clock.advance(LATER)
        stage.world.change_profile("tiny_kiln", name="Tiny Kiln & Co", description="Cups, and plates to go with them.")
        second = stage.read(*ENTITIES, after=first)
        user_id = stage.world.user_id("tiny_kiln")

    before, now = (output.by_key("twitter_user_history")[user_id] for output in (first, second))
    assert (before["name"], before["description"]) == ("Tiny Kiln", "Cups, and repairs of cups.")
    assert (now["name"], now["description"]) == ("Tiny Kiln & Co", "Cups, and plates to go with them.")
    assert synced(before) < synced(now)


def test_a_second_sync_without_news_reads_the_looked_back_tweets_alone() -> None:
    with FivetranStage() as stage:
        first = stage.read("tweet", lookback_window_days=7)
        stage.clock.advance(60)
        second = stage.read("tweet", after=first, lookback_window_days=7)

    created: list[Any] = [row["created_at"] for row in second.rows("tweet")]
    assert len(created) == len(second.by_key("tweet")) < 15
    assert second.by_key("tweet").keys() < first.by_key("tweet").keys()
