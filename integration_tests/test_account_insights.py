"""The stream `account_insights`: one row per account and UTC day, with the counters of that day's read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from integration_tests import truth
from integration_tests.stage import NOW, Json, Stage
from x_simulator import AccountSpec

MILL = AccountSpec("lumen_mill", "Lumen Mill", posts=30, followers_per_day=50)
RIVAL = AccountSpec("rival_oven", posts=20, owned=False)


def expected(stage: Stage, username: str, now: datetime) -> Json:
    account = stage.world.account(username)
    return {
        "account_id": str(account.id),
        "date": f"{now:%Y-%m-%d}",
        "name": account.name,
        "username": account.username,
        **truth.account_counts(stage.world, username, now),
        "read_at": truth.in_seconds(now),
    }


def test_every_account_has_one_whole_row_for_today() -> None:
    with Stage(MILL, RIVAL) as stage:
        config = stage.config(sync_mode="SpecificAccounts", accounts=["lumen_mill", "rival_oven"])
        output = stage.sync("account_insights", config=config)
        rows = [expected(stage, name, NOW) for name in ("lumen_mill", "rival_oven")]

    assert output.error is None
    output.assert_valid()
    assert output.rows("account_insights") == rows


def test_the_key_is_account_and_date_and_the_cursor_the_date() -> None:
    with Stage(MILL) as stage:
        insights = stage.discover(stage.config())["account_insights"]

    assert insights["source_defined_primary_key"] == [["account_id"], ["date"]]
    assert insights["default_cursor_field"] == ["date"]
    assert insights["supported_sync_modes"] == ["full_refresh", "incremental"]


def test_a_second_read_on_the_same_day_replaces_the_row_and_the_next_day_adds_one() -> None:
    with Stage(MILL, now=datetime(2026, 11, 20, 1, 0, tzinfo=UTC)) as stage:
        table: dict[tuple[str, str], Json] = {}
        state: list[Json] = []
        instants = []
        for hours in (0, 22, 2):
            stage.clock.advance(timedelta(hours=hours))
            instants.append(stage.clock.now())
            output = stage.sync("account_insights", state=state)
            table |= {(row["account_id"], row["date"]): row for row in output.rows("account_insights")}
            state = output.state
        kept = [expected(stage, "lumen_mill", moment) for moment in instants[1:]]

    assert [row["date"] for row in kept] == ["2026-11-20", "2026-11-21"]
    assert list(table.values()) == kept
    assert kept[0]["followers_count"] != kept[1]["followers_count"]


def test_the_state_holds_the_day_of_each_account() -> None:
    with Stage(MILL) as stage:
        output = stage.sync("account_insights")

    id_ = stage.world.user_id("lumen_mill")
    assert output.states("account_insights")[-1] == {
        "version": 1,
        "read_from": "x_api",
        "accounts": {id_: {"cursor": "2026-11-20"}},
    }


def test_the_day_is_that_of_the_syncs_start_although_reading_goes_on_past_midnight() -> None:
    with Stage(MILL, RIVAL, now=datetime(2026, 11, 20, 23, 59, 50, tzinfo=UTC)) as stage:
        stage.simulator.application.rate_limits.exhaust("bearer:main", "/2/users/by", 300)
        output = stage.sync("account_insights", config=stage.competitors("lumen_mill", "rival_oven"))

    assert stage.clock.now() > datetime(2026, 11, 21, tzinfo=UTC)
    assert {row["date"] for row in output.rows("account_insights")} == {"2026-11-20"}
