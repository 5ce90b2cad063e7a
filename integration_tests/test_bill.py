"""The bill: what the log and `api_usage` say was read is what X wrote down, request by request and post by post."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from integration_tests.ads_stage import OWN
from integration_tests.stage import STREAMS, TIMELINE, Output, Stage
from x_simulator import AccountSpec, AdsAccountSpec, Fault

if TYPE_CHECKING:
    from x_simulator.journal import Entry

MILL = AccountSpec("lumen_mill", posts=430, posts_per_day=6)
KILN = AccountSpec("tiny_kiln", posts=70, posts_per_day=2)
RIVAL = AccountSpec("iron_loom", posts=120, posts_per_day=3, owned=False)

API_USAGE = "api_usage"
Sums = dict[tuple[str, str], tuple[int, int, int]]


def ends(entry: Entry) -> str:
    """Return how the connector calls the endpoint of a request."""
    return (entry.endpoint or "").removeprefix("/2/")


def by_account_and_endpoint(stage: Stage) -> Sums:
    """Return requests, posts and users by X user id and endpoint, as X wrote them down; look-ups belong to nobody."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for entry in stage.requests:
        account = str(stage.world.user_id(entry.account)) if entry.account else ""
        counts = found.setdefault((account, ends(entry)), Counter())
        counts.update(requests=1, posts=entry.billed_posts, users=entry.billed_users)
    return {key: (counts["requests"], counts["posts"], counts["users"]) for key, counts in found.items()}


def of_rows(rows: list[dict[str, Any]], *, joined: set[str]) -> Sums:
    """Return the same of rows of `api_usage`; what belongs to single accounts at the endpoints `joined` is added up."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        account = "" if row["endpoint"] in joined else row["account_id"]
        counts = found.setdefault((account, row["endpoint"]), Counter())
        counts.update(requests=row["requests"], posts=row["post_reads"], users=row["user_reads"])
    return {key: (counts["requests"], counts["posts"], counts["users"]) for key, counts in found.items()}


LOOK_UPS = {"users/by", "users"}


def told(output: Output) -> tuple[int, int, int, str]:
    """Return requests, posts, users and list price as the log sums them up."""
    (line,) = [line.split() for line in output.said("INFO") if re.match(r"all +\d", line)]
    requests, posts, users = (int(each.replace(",", "")) for each in line[1:4])
    return requests, posts, users, line[4]


def assert_is_what_x_wrote_down(stage: Stage, output: Output) -> None:
    rows = output.rows(API_USAGE)
    assert of_rows(rows, joined=LOOK_UPS) == by_account_and_endpoint(stage)
    posts, users = stage.simulator.journal.billed_posts, stage.simulator.journal.billed_users
    price = posts * 0.005 + users * 0.010
    assert told(output) == (len(stage.requests), posts, users, f"${price:,.3f}")
    assert sum(row["list_price_usd"] for row in rows) == pytest.approx(price)
    assert {(row["sync_started_at"], row["date"]) for row in rows} <= {("2026-11-20T09:30:00Z", "2026-11-20")}


def test_a_sync_of_all_streams_tells_what_x_wrote_down() -> None:
    with Stage(MILL, KILN) as stage:
        output = stage.sync(*STREAMS, API_USAGE)
        assert_is_what_x_wrote_down(stage, output)
        mill = str(stage.world.user_id("lumen_mill"))

    assert output.error is None
    output.assert_valid()
    assert {(row["account_id"], row["endpoint"]) for row in output.rows(API_USAGE) if row["account_id"] == mill} == {
        (mill, "users/me"),
        (mill, "users/:id/tweets"),
    }
    assert output.statuses(API_USAGE) == ["STARTED", "RUNNING", "COMPLETE"]
    kinds = [(m["type"], (m.get("record") or {}).get("stream")) for m in output.messages if m["type"] == "RECORD"]
    assert kinds[-len(output.rows(API_USAGE)) :] == [("RECORD", API_USAGE)] * len(output.rows(API_USAGE))
    (state,) = output.states(API_USAGE)
    assert state == {
        "version": 1,
        "accounts": {account: {"cursor": "2026-11-20T09:30:00Z"} for account in sorted(state["accounts"])},
    }


def test_the_table_is_the_last_that_the_log_says_and_names_the_accounts() -> None:
    with Stage(MILL) as stage:
        output = stage.sync("tweets")

    lines = output.said("INFO")
    start = next(place for place, line in enumerate(lines) if line.startswith("Requests made to X: "))
    assert lines[start + 1] == "What that read of X, and what X lists for it (prices of August 2026):"
    assert [line.split()[:2] for line in lines[start + 2 : -3]] == [
        ["account", "endpoint"],
        ["@lumen_mill", "users/:id/tweets"],
        ["@lumen_mill", "users/me"],
    ]


def test_named_accounts_and_refused_requests_are_told_as_x_wrote_them_down() -> None:
    with Stage(MILL, RIVAL) as stage:
        stage.simulator.faults.add(Fault("unavailable_text", path=TIMELINE, nth=2, times=2))
        config = stage.competitors("lumen_mill", "iron_loom")
        output = stage.sync(*STREAMS, API_USAGE, config=config)
        assert_is_what_x_wrote_down(stage, output)

    assert output.error is None


def test_repeated_posts_are_those_of_the_private_pass() -> None:
    with Stage(replace(KILN, mix=("original",))) as stage:
        output = stage.sync(*STREAMS)
        private = sum(entry.billed_posts for entry in stage.private_pages())

    assert private > 0
    assert any(f"may take off up to {private} posts (${private * 0.005:.3f})" in line for line in output.said("INFO"))


@pytest.mark.parametrize("streams", [("accounts", API_USAGE), (API_USAGE,)])
def test_it_can_be_read_beside_anything_and_alone(streams: tuple[str, ...]) -> None:
    with Stage(MILL) as stage:
        output = stage.sync(*streams)

    assert output.error is None
    assert len(output.rows(API_USAGE)) == len(streams) - 1
    assert output.statuses(API_USAGE)[-1] == "COMPLETE"


def test_where_an_account_fails_the_numbers_are_told_before_the_sync_ends_with_its_error() -> None:
    with Stage(MILL, KILN) as stage:
        stage.simulator.faults.add(Fault("forbidden", path=TIMELINE, account="lumen_mill", nth=3, times=None))
        output = stage.sync("tweets", API_USAGE)
        assert_is_what_x_wrote_down(stage, output)

    assert "@lumen_mill (tweets)" in str(output.error)
    assert output.statuses("tweets")[-1] == "INCOMPLETE"
    assert output.statuses(API_USAGE)[-1] == "COMPLETE"


def test_what_the_ads_api_was_asked_is_told_by_user_where_it_is_about_one_and_costs_nothing() -> None:
    ads = AdsAccountSpec("Lumen", users=(("lumen_mill", "FULL"),))
    with Stage(MILL, ads_accounts=(ads,)) as stage:
        output = stage.sync("accounts", *OWN, API_USAGE)

    rows = {(row["account_id"], row["endpoint"]): row for row in output.rows(API_USAGE)}
    assert all(row["list_price_usd"] == 0 for (_, endpoint), row in rows.items() if endpoint.startswith("ads/"))
    user = str(stage.world.user_id("lumen_mill"))
    assert {endpoint for account, endpoint in rows if account == user} >= {
        "ads/accounts/:id/scheduled_tweets",
        "ads/accounts/:id/draft_tweets",
    }
