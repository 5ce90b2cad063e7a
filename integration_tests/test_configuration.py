"""A configuration that is wrong: all problems at once, in `check` and in `read`, and X is asked nothing."""

from __future__ import annotations

import json

import pytest

from integration_tests.stage import Json, Output, Stage
from x_simulator import AccountSpec

MILL = AccountSpec("lumen_mill", posts=10)


def wrong(stage: Stage) -> Json:
    return stage.config(
        lookback_window_days=31,
        timeframe_months="FOREVER",
        sync_mode="SpecificAccounts",
        accounts=[],
        constant_columns=[{"name": "team", "value": "a"}, {"name": "TEAM", "value": "b"}],
        base_urls={"x_api": "http://x.example"},
        account_credentials='[{"account": "@brand", "credentials": {"auth_type": "oauth1"}}]',
    )


PLACES = (
    "lookback_window_days",
    "timeframe_months",
    "accounts",
    "constant_columns[1].name",
    "base_urls.x_api",
    "account_credentials[0]",
)


def read(stage: Stage, config: object) -> Output:
    return stage.run("read", config=json.dumps(config), catalog='{"streams": []}', state="[]")


def test_check_names_all_problems_at_once() -> None:
    with Stage(MILL) as stage:
        output = stage.check(wrong(stage))

    status, message = output.verdict
    assert status == "FAILED"
    for place in PLACES:
        assert place in message
    assert output.error is None
    assert stage.requests == []


def test_read_fails_with_the_same_words_and_says_whose_fault_it_is() -> None:
    with Stage(MILL) as stage:
        _, message = stage.check(wrong(stage)).verdict
        output = read(stage, wrong(stage))

    (failure,) = output.failures
    assert failure["failure_type"] == "config_error"
    assert failure["message"] == message
    assert stage.requests == []


def test_discover_refuses_it_too() -> None:
    with Stage(MILL) as stage:
        output = stage.run("discover", config=json.dumps(wrong(stage)))

    assert output.of_type("CATALOG") == []
    assert output.failures[-1]["failure_type"] == "config_error"


def test_a_bearer_token_needs_named_accounts() -> None:
    with Stage(MILL) as stage:
        output = stage.check(stage.config(credentials=stage.simulator.bearer(), account_credentials=None))

    status, message = output.verdict
    assert status == "FAILED"
    assert "SpecificAccounts" in message


@pytest.mark.parametrize("masked", ["access_token_secret", "consumer_key"])
def test_a_masked_secret_is_named_and_nothing_is_sent(masked: str) -> None:
    with Stage(MILL) as stage:
        credentials = {**stage.simulator.oauth1("lumen_mill"), masked: "**********"}
        output = stage.check(stage.config(credentials=credentials))

    status, message = output.verdict
    assert status == "FAILED"
    assert f"credentials.{masked}" in message
    assert "asterisks" in message
    assert stage.requests == []


def test_the_smallest_configuration_that_a_form_sends_is_enough() -> None:
    with Stage(MILL) as stage:
        config = {
            "credentials": stage.simulator.oauth1("lumen_mill"),
            "base_urls": {"x_api": stage.simulator.base_url},
        }
        output = stage.sync("tweets", config=config)

    assert output.error is None
    assert len(output.rows("tweets")) == 10
