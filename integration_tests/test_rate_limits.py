"""X's rate limits: waited for before the request that would fail, per credentials and endpoint, and never hammered."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from integration_tests import truth
from integration_tests.stage import NOW, OF_POSTS, SKEW, TIMELINE, Stage
from x_simulator import AccountSpec, Fault, PatientClock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from x_simulator.journal import Entry

MILL = AccountSpec("lumen_mill", posts=1200, posts_per_day=40, mix=("original",))
KILN = AccountSpec("tiny_kiln", posts=300, posts_per_day=9, mix=("original",))
WINDOW = 900

SMALL = {"/2/users/:id/tweets": 4, "/2/users/me": 2, "/2/users/by": 1}


def refusals(entries: Iterable[Entry]) -> Counter[tuple[str | None, str | None, int]]:
    """Count 429s by credentials, endpoint and window of 15 minutes since the start."""
    return Counter(
        (entry.credential, entry.endpoint, int((entry.time - NOW.timestamp()) // WINDOW))
        for entry in entries
        if entry.status == 429
    )


def test_a_sync_survives_many_windows_without_a_single_refusal() -> None:
    with Stage(MILL, KILN, clock=PatientClock(NOW, quiet_seconds=0.2), rate_limits=SMALL, **SKEW) as stage:
        output = stage.sync(*OF_POSTS)
        expected = truth.tweets(stage.world, "lumen_mill", NOW) | truth.tweets(stage.world, "tiny_kiln", NOW)

    assert output.error is None
    assert output.by_key("tweets").keys() == expected.keys()
    assert len(output.rows("tweet_insights")) == 1500
    assert refusals(stage.requests) == Counter()
    # 12 public pages and 12 private ones of which 4 may be asked for in a window.
    assert stage.clock.time() - NOW.timestamp() >= 5 * WINDOW
    assert any("rate limit on users/:id/tweets is used up; waiting" in line for line in output.said("INFO"))


def test_the_other_credentials_go_on_while_one_set_waits() -> None:
    with Stage(MILL, KILN, **SKEW) as stage:
        limits = stage.simulator.application.rate_limits
        limits.exhaust("oauth1:main:lumen_mill", "/2/users/:id/tweets", 900)
        output = stage.sync("tweets")

    assert output.error is None
    # While the sync waits the accounts go on posting, and what they post is taken along.
    posted = {*stage.world.post_ids("lumen_mill", at=NOW), *stage.world.post_ids("tiny_kiln", at=NOW)}
    assert output.by_key("tweets").keys() >= posted
    assert refusals(stage.requests) == {("oauth1:main:lumen_mill", "/2/users/:id/tweets", 0): 1}
    kilns = stage.public_pages("tiny_kiln")
    assert [entry.status for entry in kilns] == [200] * 3


def test_accounts_that_share_a_token_share_its_windows_and_all_are_read() -> None:
    many = [AccountSpec(f"shop_{number}", posts=150, posts_per_day=3, owned=False) for number in range(6)]
    with Stage(MILL, *many, rate_limits={"/2/users/:id/tweets": 3}) as stage:
        output = stage.sync("tweets", config=stage.competitors(*(each.username for each in many)))

    assert output.error is None
    posted = {id_ for each in many for id_ in stage.world.post_ids(each.username, at=NOW)}
    assert len(posted) == 6 * 150
    assert output.by_key("tweets").keys() >= posted
    assert refusals(stage.requests) == Counter()


@pytest.mark.parametrize("preset", ["rate_limited", "rate_limited_json", "rate_limited_code_88"])
def test_a_window_that_was_used_up_by_somebody_else_costs_one_refusal(preset: str) -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(Fault(preset, path=TIMELINE, nth=3))
        output = stage.sync("tweets")

    assert output.error is None
    assert len(output.rows("tweets")) == 1200
    assert refusals(stage.requests).total() == 1
    refused = next(place for place, entry in enumerate(stage.requests) if entry.status == 429)
    # Whatever is asked next comes after the reset that the refusal stated.
    assert stage.requests[refused + 1].time >= stage.requests[refused].time + WINDOW
    assert stage.requests[refused + 1].query == stage.requests[refused].query


def test_a_used_up_window_of_look_ups_is_waited_for_as_well() -> None:
    with Stage(MILL, KILN, **SKEW) as stage:
        stage.simulator.faults.add(Fault("rate_limited", path="/2/users/me", credential="oauth1:main:lumen_mill"))
        output = stage.sync("accounts")

    assert output.error is None
    assert len(output.rows("accounts")) == 2
    assert len(stage.requests) == 3


def test_a_refusal_that_says_nothing_of_its_window_is_waited_out_with_patience() -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(Fault(path=TIMELINE, nth=3, times=2, status=429, body="Rate limit exceeded"))
        output = stage.sync("tweets")

    assert output.error is None
    assert len(stage.public_pages()) == 12 + 2
    refused = [entry.time for entry in stage.requests if entry.status == 429]
    assert all(later - earlier >= 60 for earlier, later in pairwise([*refused, stage.clock.time()]))
    assert output.by_key("tweets").keys() >= {*stage.world.post_ids("lumen_mill", at=NOW)}


DAY_IS_USED_UP = {
    "x-rate-limit-limit": "900",
    "x-rate-limit-remaining": "800",
    "x-rate-limit-reset": str(int(NOW.timestamp()) + WINDOW),
    "x-app-limit-24hour-limit": "5000",
    "x-app-limit-24hour-remaining": "0",
    "x-app-limit-24hour-reset": str(int(NOW.timestamp()) + 40_000),
}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("rate_limited", path=TIMELINE, account="lumen_mill", nth=2, seconds=3600),
        Fault(path=TIMELINE, account="lumen_mill", nth=2, status=429, body="Too many", headers=DAY_IS_USED_UP),
    ],
    ids=["an hour", "the rest of the day"],
)
def test_a_window_that_is_longer_than_xs_usual_ends_the_account_and_not_the_others(fault: Fault) -> None:
    with Stage(MILL, KILN) as stage:
        stage.simulator.faults.add(fault)
        output = stage.sync("tweets")

    assert stage.clock.now() == NOW
    assert len(stage.public_pages("lumen_mill")) == 2
    assert len(output.rows("tweets")) == 100 + 300
    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert "rate limit" in final["message"]
    assert "tiny_kiln" not in final["message"]


def test_check_does_not_keep_a_person_waiting_for_a_whole_window() -> None:
    with Stage(MILL) as stage:
        stage.simulator.application.rate_limits.exhaust("oauth1:main:lumen_mill", "/2/users/me", 75)
        output = stage.check()

    status, message = output.verdict
    assert status == "FAILED"
    assert "rate limit" in message
    assert stage.clock.time() - NOW.timestamp() <= 60
    assert len(stage.requests) == 1
