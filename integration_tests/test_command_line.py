"""The command as a process: exit codes, signals, pipes, and what is left when it is stopped."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING

import orjson
import pytest

from integration_tests.processes import CONSOLE_SCRIPT, MODULE, finished, real_now, starting
from integration_tests.stage import TIMELINE, Json, Output, Stage, configured_stream
from integration_tests.test_crashes import assert_no_state_is_ahead_of_its_records
from x_simulator import AccountSpec, AdsAccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from integration_tests.processes import Process

BRAND = AccountSpec("lumen_mill", posts=60)
LONG = AccountSpec("lumen_mill", posts=20_000, posts_per_day=40, mix=("original",))


def of_type(lines: list[bytes], kind: str) -> list[Json]:
    """Return the messages of a kind; every line must be a message."""
    messages = [orjson.loads(line) for line in lines]
    return [message for message in messages if message["type"] == kind]


def selection(stage: Stage, config: Json, *streams: str) -> str:
    catalog = stage.known_catalog(config)
    return json.dumps({"streams": [configured_stream(catalog[name], "incremental") for name in streams]})


@pytest.mark.skipif(not os.path.exists(CONSOLE_SCRIPT[0]), reason="the project is not installed")  # noqa: PTH110 - a decorator's line
@pytest.mark.parametrize("program", [MODULE, CONSOLE_SCRIPT], ids=["python -m", "console script"])
def test_spec_prints_the_specification_and_exits_with_zero(tmp_path: Path, program: tuple[str, ...]) -> None:
    status, lines = finished(tmp_path, "spec", program=program)

    assert status == 0
    (spec,) = of_type(lines, "SPEC")
    assert spec["spec"]["connectionSpecification"]["required"] == ["credentials"]


def test_the_four_commands_exit_with_zero_when_all_goes_well(tmp_path: Path) -> None:
    ads_account = AdsAccountSpec("Lumen Mill", users=((BRAND.username, "FULL"),))
    with Stage(BRAND, now=real_now(), ads_accounts=[ads_account]) as stage:
        config = json.dumps(stage.config())
        checked, check = finished(tmp_path, "check", config=config)
        discovered, discover = finished(tmp_path, "discover", config=config)
        (catalog,) = of_type(discover, "CATALOG")
        streams = [configured_stream(stream, "incremental") for stream in catalog["catalog"]["streams"]]
        files = {"config": config, "catalog": json.dumps({"streams": streams})}
        read, first = finished(tmp_path, "read", **files)
        state = Output([orjson.loads(line) for line in first]).state
        read_again, second = finished(tmp_path, "read", **files, state=json.dumps(state))

    assert (checked, discovered, read, read_again) == (0, 0, 0, 0)
    (status,) = of_type(check, "CONNECTION_STATUS")
    assert status["connectionStatus"]["status"] == "SUCCEEDED"
    records = [message["record"]["stream"] for message in of_type(first, "RECORD")]
    counted = {name: records.count(name) for name in set(records)}
    streamed = {stream["stream"]["name"] for stream in streams}
    # Posts of before today are but the base line of the report, and there may be none of today.
    assert counted.keys() | {"organic_report"} == streamed
    expected = {"accounts": 1, "account_insights": 1, "tweets": 60, "tweet_insights": 60, "ads_accounts": 1}
    assert {name: counted[name] for name in expected} == expected
    assert {message["record"]["stream"] for message in of_type(second, "RECORD")} >= {*expected}


def test_a_failed_check_is_an_answer_and_not_an_error(tmp_path: Path) -> None:
    with Stage(BRAND, now=real_now()) as stage:
        stage.simulator.credentials.revoke_user("lumen_mill")
        status, lines = finished(tmp_path, "check", config=json.dumps(stage.config()))

    assert status == 0
    (verdict,) = of_type(lines, "CONNECTION_STATUS")
    assert verdict["connectionStatus"]["status"] == "FAILED"


def test_a_failed_read_exits_with_one_after_all_that_could_be_read(tmp_path: Path) -> None:
    with Stage(BRAND, AccountSpec("tiny_kiln", posts=25), now=real_now()) as stage:
        stage.simulator.faults.add(Fault("forbidden", path=TIMELINE, account="lumen_mill", times=None))
        config = stage.config()
        status, lines = finished(
            tmp_path, "read", config=json.dumps(config), catalog=selection(stage, config, "tweets")
        )

    assert status == 1
    assert len(of_type(lines, "RECORD")) == 25
    errors = [message["trace"]["error"] for message in of_type(lines, "TRACE") if message["trace"]["type"] == "ERROR"]
    assert errors[-1]["failure_type"] == "config_error"
    assert errors[-1]["message"].startswith("The sync ended, but not everything could be read; the rest is saved.")
    assert "@lumen_mill (tweets)" in errors[-1]["message"]


def test_a_wrong_configuration_exits_with_one_and_a_message(tmp_path: Path) -> None:
    config = json.dumps({"credentials": {"auth_type": "oauth1"}, "lookback_window_days": 99})
    status, lines = finished(tmp_path, "read", config=config, catalog='{"streams": []}')

    assert status == 1
    (trace,) = of_type(lines, "TRACE")
    assert trace["trace"]["error"]["failure_type"] == "config_error"
    assert "lookback_window_days" in trace["trace"]["error"]["message"]


def test_a_command_that_there_is_not_exits_with_two_and_says_how_it_is_used(tmp_path: Path) -> None:
    status, lines = finished(tmp_path, "sing")

    assert status == 2
    assert any(b"usage:" in line for line in lines)


# -- stopped in the middle ---------------------------------------------------------------------------------------------


def until_the_first_state(process: Process) -> Iterator[Json]:
    for message in process.messages():
        yield message
        if message["type"] == "STATE":
            return


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_signal_in_the_middle_ends_the_read_at_once_and_what_was_printed_holds(
    tmp_path: Path, unbuffered: str, number: int, expected: int
) -> None:
    with Stage(LONG, now=real_now(), timeline_ceiling=None, latency_seconds=0.02) as stage:
        config = stage.config()
        files = {"config": json.dumps(config), "catalog": selection(stage, config, "tweets")}
        with starting(tmp_path, "read", unbuffered=unbuffered, **files) as process:
            messages = list(until_the_first_state(process))
            process.send_signal(number)
            asked = time.monotonic()
            messages += process.messages()
            status = process.wait()
            took = time.monotonic() - asked
        assert_no_state_is_ahead_of_its_records(stage, messages)

    assert status == expected
    assert took < 5
    assert b"Traceback" not in process.errors
    records = [message["record"]["data"]["id"] for message in messages if message["type"] == "RECORD"]
    assert records == stage.world.post_ids("lumen_mill")[: len(records)]
    assert 1000 <= len(records) < 20_000


def test_a_signal_during_a_long_wait_ends_it_at_once(tmp_path: Path) -> None:
    with Stage(BRAND, now=real_now()) as stage:
        stage.simulator.faults.add(Fault("rate_limited", path=TIMELINE))
        config = stage.config()
        files = {"config": json.dumps(config), "catalog": selection(stage, config, "tweets")}
        with starting(tmp_path, "read", **files) as process:
            for message in process.messages():
                if message["type"] == "LOG" and "waiting" in message["log"]["message"]:
                    break
            process.send_signal(signal.SIGINT)
            asked = time.monotonic()
            status = process.wait()
            took = time.monotonic() - asked

    assert status == 130
    assert took < 5


def test_a_reader_that_goes_away_ends_the_read_without_a_traceback(tmp_path: Path) -> None:
    with Stage(LONG, now=real_now(), timeline_ceiling=None, latency_seconds=0.01) as stage:
        config = stage.config()
        files = {"config": json.dumps(config), "catalog": selection(stage, config, "tweets")}
        with starting(tmp_path, "read", **files) as process:
            list(until_the_first_state(process))
            process.close_output()
            gone = time.monotonic()
            status = process.wait()
            took = time.monotonic() - gone

    assert status == 1
    assert took < 5
    assert process.errors == b""


# -- OAuth 2.0 from the command line -----------------------------------------------------------------------------------


def test_a_renewed_token_is_written_back_to_the_configuration_file_and_serves_the_next_run(tmp_path: Path) -> None:
    with Stage(BRAND, now=real_now()) as stage:
        credentials = {**stage.simulator.oauth2("lumen_mill"), "token_expiry_date": "2020-01-01T00:00:00Z"}
        config = stage.config(credentials=credentials)
        files = {"config": json.dumps(config), "catalog": selection(stage, config, "accounts")}
        first, lines = finished(tmp_path, "read", **files)
        (control,) = of_type(lines, "CONTROL")
        written = (tmp_path / "config.json").read_text(encoding="utf-8")
        second, _ = finished(tmp_path, "read", config=written, catalog=files["catalog"])

    assert (first, second) == (0, 0)
    assert json.loads(written) == control["control"]["connectorConfig"]["config"]
    assert len(stage.requests_to("/2/oauth2/token")) == 1
