"""The exit code tells Airbyte what the messages say."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteRecordMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    StreamDescriptor,
    Type,
)

from source_x_organic.run import Entrypoint
from unit_tests.loopback import Answer, Asked, in_turn, serving

if TYPE_CHECKING:
    from pathlib import Path

    from airbyte_cdk.sources.connector_state_manager import HashableStreamDescriptor

COMMAND = [sys.executable, "-m", "source_x_organic"]
USER = {"id": "7", "username": "brand", "name": "Brand"}
NO_POSTS = {"meta": {"result_count": 0}}


def files(folder: Path, url: str, **more: object) -> list[str]:
    credentials = {"auth_type": "bearer", "bearer_token": "invented-token"}
    config = {"credentials": credentials, "sync_mode": "SpecificAccounts", "accounts": ["@brand"], **more}
    stream = {"name": "tweets", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]}
    catalog = {"streams": [{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append"}]}
    (folder / "config.json").write_text(json.dumps({**config, "base_urls": {"x_api": url}}))
    (folder / "catalog.json").write_text(json.dumps(catalog))
    return ["--config", str(folder / "config.json"), "--catalog", str(folder / "catalog.json")]


def run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def record(stream: str, namespace: str | None) -> AirbyteMessage:
    return AirbyteMessage(type=Type.RECORD, record=AirbyteRecordMessage(stream, {"id": "1"}, 1, namespace=namespace))


def state(stream: str, namespace: str | None) -> AirbyteMessage:
    of_stream = AirbyteStreamState(StreamDescriptor(name=stream, namespace=namespace), AirbyteStateBlob())
    return AirbyteMessage(type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=of_stream))


def x(asked: Asked) -> Answer:
    return Answer(document=NO_POSTS if asked.path.endswith("/tweets") else {"data": [USER]})


def test_a_sync_that_went_well_ends_with_zero_and_a_state(tmp_path: Path) -> None:
    with serving(x) as loopback:
        code, messages, stderr = run("read", *files(tmp_path, loopback.url))
    assert (code, stderr) == (0, "")
    assert [message["state"]["stream"]["stream_descriptor"] for message in messages if message["type"] == "STATE"][
        -1:
    ] == [{"name": "tweets"}]


def test_records_are_counted_for_states_as_airbyte_cdk_counts_them() -> None:
    def counts(of: type[AirbyteEntrypoint]) -> list[float | None]:
        counter: defaultdict[HashableStreamDescriptor, float] = defaultdict(float)
        lines = [("tweets", None), ("tweets", "x"), ("accounts", None), ("tweets", None)]
        messages = [*map(record, *zip(*lines, strict=True)), state("tweets", None), record("tweets", None)]
        messages += [state("tweets", "x"), state("accounts", None), state("tweets", None), state("tweets", None)]
        seen = [of.handle_record_counts(message, counter) for message in messages]
        assert seen == messages
        return [
            message.state.sourceStats.recordCount for message in seen if message.state and message.state.sourceStats
        ]

    assert counts(Entrypoint) == counts(AirbyteEntrypoint) == [2, 1, 1, 1, 0]


def test_a_sync_that_failed_ends_with_one_and_one_error_in_words_without_secrets(tmp_path: Path) -> None:
    with serving(in_turn(Answer(401, {"detail": "Bad token invented-token"}))) as loopback:
        code, messages, stderr = run("read", *files(tmp_path, loopback.url))
    assert code == 1
    errors = [
        message["trace"]["error"] for message in messages if message["type"] == "TRACE" and "error" in message["trace"]
    ]
    assert {error["failure_type"] for error in errors} == {"config_error"}
    assert errors[-1]["message"].startswith("The sync ended, but not everything could be read")
    assert "invented-token" not in json.dumps(messages) + stderr


def test_a_wrong_configuration_ends_with_one_and_a_line_that_names_the_property(tmp_path: Path) -> None:
    code, messages, stderr = run("read", *files(tmp_path, "https://api.x.example", lookback_window_days=99))
    assert (code, stderr) == (1, "")
    [error] = [message["trace"]["error"] for message in messages if message["type"] == "TRACE"]
    assert (error["failure_type"], error["message"].split(":")[0]) == ("config_error", "lookback_window_days")


def test_spec_needs_nothing() -> None:
    code, messages, _ = run("spec")
    assert (code, [message["type"] for message in messages if message["type"] != "LOG"]) == (0, ["SPEC"])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_sync_that_is_told_to_stop_ends_at_once(tmp_path: Path, number: signal.Signals, code: int) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def stuck(request: Asked) -> Answer:
        if request.path.endswith("/tweets"):
            asked.set()
            go_on.wait(60)
        return x(request)

    with serving(stuck) as loopback:
        arguments = files(tmp_path, loopback.url)
        with subprocess.Popen(
            [*COMMAND, "read", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert asked.wait(60)
            process.send_signal(number)
            process.communicate(timeout=30)
            assert process.returncode == code
        go_on.set()
