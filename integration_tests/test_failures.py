"""What goes wrong on the way: what is tried again, what is not, and that one failure never costs the others."""

from __future__ import annotations

import pytest

from integration_tests import truth
from integration_tests.stage import NOW, OF_POSTS, TIMELINE, Json, Stage, fields_of
from x_simulator import AccountSpec, Fault

MILL = AccountSpec("lumen_mill", posts=350, posts_per_day=4)
KILN = AccountSpec("tiny_kiln", posts=120, posts_per_day=2)

COUNTERS = {"retweet_count", "reply_count", "like_count", "quote_count", "bookmark_count", "impression_count"}


def steady(row: Json) -> Json:
    """Return a row without what grows while the connector waits."""
    return {name: value for name, value in row.items() if name not in COUNTERS}


PASSING = [
    Fault("unavailable_html", path=TIMELINE, nth=2),
    Fault("unavailable_text", path=TIMELINE, nth=2),
    Fault("bad_gateway_empty", path=TIMELINE, nth=2),
    Fault("internal_error", path=TIMELINE, nth=2),
    Fault(path=TIMELINE, nth=2, status=504),
    Fault(path=TIMELINE, nth=2, status=408),
    Fault(path=TIMELINE, nth=2, status=423),
    Fault("connection_reset", path=TIMELINE, nth=2),
    Fault("truncated_body", path=TIMELINE, nth=2),
    Fault(path=TIMELINE, nth=2, status=200, body="<html>not json</html>"),
    Fault("unavailable_html", path=TIMELINE, nth=2, times=4),
    Fault("internal_error", path="/2/users/me", times=3),
]


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{fault.preset}-{fault.status}-{fault.times}")
def test_what_passes_is_tried_again_and_leaves_no_trace_in_the_records(fault: Fault) -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(fault)
        output = stage.sync("tweets")
        expected = truth.tweets(stage.world, "lumen_mill", NOW)

    assert output.error is None
    assert [steady(row) for row in output.rows("tweets")] == [steady(row) for row in expected.values()]
    assert len(stage.requests) == 1 + 4 + (fault.times or 0)
    # The wait lies on the clock, and grows with each attempt.
    assert stage.clock.time() - NOW.timestamp() >= 0.5 * (2 ** (fault.times or 0) - 1)


def test_a_wish_to_come_back_later_is_granted() -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(Fault(path=TIMELINE, nth=2, status=503, headers={"retry-after": "120"}))
        output = stage.sync("tweets")

    assert output.error is None
    assert stage.clock.time() - NOW.timestamp() >= 120


LASTING = [
    ("usage_capped", "config_error", "usage cap"),
    ("credits_depleted_old", "config_error", "buy credits"),
    ("credits_depleted_new", "config_error", "buy credits"),
    ("unauthorized", "config_error", "does not accept these credentials"),
    ("forbidden", "config_error", "permissions"),
    ("client_not_enrolled", "config_error", "not enrolled"),
    ("oauth1_permissions", "config_error", "permission"),
]


@pytest.mark.parametrize(("preset", "failure_type", "words"), LASTING)
def test_what_lasts_is_asked_once_and_said_in_words(preset: str, failure_type: str, words: str) -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(Fault(preset, path=TIMELINE, times=None))
        output = stage.sync("tweets")

    assert len(stage.public_pages()) == 1
    assert stage.clock.now() == NOW
    final = output.failures[-1]
    assert (final["failure_type"], output.error is None) == (failure_type, False)
    assert words in final["message"]
    assert "@lumen_mill" in final["message"]
    assert "request_id=0000" in final["internal_message"]
    assert "endpoint=users/:id/tweets" in final["internal_message"]


def test_what_is_refused_to_a_token_is_not_tried_for_each_of_its_accounts() -> None:
    many = [AccountSpec(f"shop_{number}", posts=15, owned=False) for number in range(40)]
    with Stage(MILL, *many) as stage:
        stage.simulator.faults.add(Fault("credits_depleted_new", path=TIMELINE, times=None))
        output = stage.sync("tweets", config=stage.competitors(*(each.username for each in many)))

    # Those that were under way at the first answer are sent, one per thread; the rest is not.
    assert 1 <= len(stage.public_pages()) <= 16
    assert output.failures[-1]["message"].count("buy credits") == 10
    assert "and 30 more" in output.failures[-1]["message"]


def test_a_fault_that_does_not_pass_ends_the_account_after_some_attempts() -> None:
    with Stage(MILL, KILN) as stage:
        stage.simulator.faults.add(Fault("unavailable_html", path=TIMELINE, account="lumen_mill", times=None))
        output = stage.sync("tweets")

    assert len(stage.public_pages("lumen_mill")) == 6
    assert len(output.rows("tweets")) == 120
    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert "<" not in final["message"]


def test_one_accounts_failure_leaves_the_others_whole_and_is_told_once_at_the_end() -> None:
    with Stage(MILL, KILN, AccountSpec("old_oven", posts=30)) as stage:
        stage.simulator.faults.add(Fault("forbidden", path=TIMELINE, account="lumen_mill", nth=3, times=None))
        output = stage.sync()
        kiln, oven = (stage.world.user_id(name) for name in ("tiny_kiln", "old_oven"))

    assert len(output.rows("accounts")) == len(output.rows("account_insights")) == 3
    for stream in OF_POSTS:
        counts = {id_: sum(row["account_id"] == id_ for row in output.rows(stream)) for id_ in (kiln, oven)}
        assert counts == {kiln: 120, oven: 30}
        accounts = output.states(stream)[-1]["accounts"]
        assert {kiln, oven} <= accounts.keys()
        assert stage.world.user_id("lumen_mill") not in accounts
        assert output.statuses(stream) == ["STARTED", "RUNNING", "INCOMPLETE"]
    for stream in ("accounts", "account_insights"):
        assert output.statuses(stream) == ["STARTED", "RUNNING", "COMPLETE"]
    *of_streams, final = output.failures
    assert {error["stream_descriptor"]["name"] for error in of_streams} == {*OF_POSTS}
    assert {error["failure_type"] for error in of_streams} == {"config_error"}
    assert all("@lumen_mill" in error["message"] for error in of_streams)
    assert final["message"].startswith("The sync ended, but not everything could be read; the rest is saved.")
    assert final["message"].count("@lumen_mill (tweets, tweet_insights)") == 1
    assert "tiny_kiln" not in final["message"]


def test_all_streams_are_complete_where_nothing_fails() -> None:
    with Stage(MILL, KILN) as stage:
        output = stage.sync()

    statuses = {name: output.statuses(name) for name in ("accounts", "account_insights", *OF_POSTS)}
    assert statuses == {name: ["STARTED", "RUNNING", "COMPLETE"] for name in statuses}
    assert output.failures == []


def test_a_revoked_account_does_not_stop_the_others() -> None:
    with Stage(MILL, KILN) as stage:
        stage.simulator.credentials.revoke_user("lumen_mill")
        output = stage.sync()

    assert [row["username"] for row in output.rows("accounts")] == ["tiny_kiln"]
    assert len(output.rows("tweets")) == len(output.rows("tweet_insights")) == 120
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert final["message"].count("does not accept these credentials") == 1
    assert len(stage.requests_to("/2/users/me")) == 2


def test_a_page_token_that_comes_again_is_an_error_and_what_was_read_is_kept() -> None:
    with Stage(MILL, KILN) as stage:
        stage.simulator.faults.add(Fault("repeated_next_token", path=TIMELINE, account="lumen_mill", nth=2, times=None))
        output = stage.sync("tweets")

    assert "same page token twice" in output.failures[-1]["message"]
    assert len(stage.public_pages("lumen_mill")) == 2
    assert len(output.by_key("tweets")) == 200 + 120


def test_an_empty_page_with_a_token_goes_on() -> None:
    with Stage(MILL, page_gaps=(100, 100, 0)) as stage:
        output = stage.sync("tweets")

    assert output.error is None
    assert len(output.rows("tweets")) == 350
    assert len(stage.public_pages()) > 8


def test_errors_beside_the_data_are_counted_in_one_line_and_cost_nothing() -> None:
    with Stage(AccountSpec("lumen_mill", posts=900, mix=("reply", "quote"))) as stage:
        output = stage.sync("tweets")

    assert output.error is None
    assert len(output.rows("tweets")) == 900
    lines = [line for line in output.said("INFO") if "X left out some" in line]
    assert len(lines) == 1
    assert "of protected accounts" in lines[0]


def test_fields_that_x_could_not_load_are_asked_for_once_more() -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(Fault("field_hydration_failure", path=TIMELINE, nth=2))
        output = stage.sync("tweets")
        expected = truth.tweets(stage.world, "lumen_mill", NOW)

    assert output.error is None
    assert output.rows("tweets") == list(expected.values())
    assert len(stage.public_pages()) == 5


def test_a_field_that_x_does_not_know_any_more_costs_that_field() -> None:
    with Stage(MILL, KILN) as stage:
        stage.simulator.faults.add(Fault("invalid_field", path=TIMELINE, metric="edit_controls", times=1))
        output = stage.sync("tweets")
        expected = truth.tweets(stage.world, "lumen_mill", NOW) | truth.tweets(stage.world, "tiny_kiln", NOW)

    assert output.error is None
    first, *others = stage.public_pages()
    assert "edit_controls" in fields_of(first)
    late = [entry for entry in others if "edit_controls" not in fields_of(entry)]
    # The other account's first request may have been under way.
    assert len(late) >= len(others) - 1
    nulls = {key for key, row in output.by_key("tweets").items() if row["editable_until"] is None}
    assert len(nulls) >= len(expected) - 100
    assert output.by_key("tweets") == {
        key: row | ({"editable_until": None} if key in nulls else {}) for key, row in expected.items()
    }
    assert sum("edit_controls" in line for line in output.said("WARNING")) == 1


def test_when_x_takes_only_its_new_vocabulary_the_records_stay_the_same() -> None:
    with Stage(MILL, KILN) as stage:
        before = stage.sync()
    with Stage(MILL, KILN, accepts={"post"}) as stage:
        after = stage.sync()

    assert after.error is None
    for stream in ("accounts", "account_insights", *OF_POSTS):
        assert after.by_key(stream) == before.by_key(stream)
    refused = [entry for entry in stage.requests if entry.status == 400]
    assert 1 <= len(refused) <= 4
    assert all("post.fields" in entry.query for entry in stage.public_pages() if entry.status == 200)
    assert sum("post.fields" in line for line in after.said("WARNING")) == 1


def test_a_refused_private_pass_leaves_the_public_columns() -> None:
    with Stage(MILL) as stage:
        config = stage.config()
        body = {"title": "Forbidden", "status": 403, "detail": "Not for you.", "type": "about:blank"}
        # The private pass is the only one that leaves retweets out; it comes second.
        stage.simulator.faults.add(Fault(path=TIMELINE, nth=2, status=403, body=body))
        output = stage.sync("tweet_insights", config=config)
        expected = truth.snapshots(stage.world, "lumen_mill", NOW, is_own=False)

    assert output.error is None
    assert {row["tweet_id"]: row for row in output.rows("tweet_insights")} == expected
    assert any("private metrics of @lumen_mill are null" in line for line in output.said("WARNING"))


def test_a_host_that_cannot_be_reached_is_said_in_words() -> None:
    with Stage(MILL) as stage:
        config = stage.config(base_urls={"x_api": "http://127.0.0.1:9"})
        output = stage.sync("accounts", config=config)

    final = output.failures[-1]
    assert final["failure_type"] == "transient_error"
    assert "Connection refused" in final["message"]
    assert "check the network" in final["message"]
    assert "object at 0x" not in str(output.messages)
