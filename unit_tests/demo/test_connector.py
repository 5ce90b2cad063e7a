from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from demo import connector as connectors
from demo.connector import Connector
from demo.endings import CannotGoOn

if TYPE_CHECKING:
    from pathlib import Path

RECORD = {"type": "RECORD", "record": {"stream": "tweets", "data": {"id": "1"}, "emitted_at": 0}}


def log(level: str, message: str) -> dict[str, object]:
    return {"type": "LOG", "log": {"level": level, "message": message}}


def failure(message: str) -> dict[str, object]:
    return {"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": 0, "error": {"message": message}}}


class Script:
    """A console script that prints what it is told to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._path = folder / "script"
        monkeypatch.setattr(connectors, "console_script", lambda: self._path)

    def prints(self, *messages: object, status: int = 0, complaint: str = "") -> Connector:
        lines = [json.dumps(message, separators=(",", ":")) for message in messages]
        self._path.write_text(
            f"#!{sys.executable}\nimport sys\nprint({chr(10).join(lines)!r})\n"
            f"print({complaint!r}, file=sys.stderr)\nsys.exit({status})\n"
        )
        self._path.chmod(0o700)
        return Connector()


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    return Script(tmp_path, monkeypatch)


def test_a_failed_read_ends_like_any_other_and_its_reason_is_kept(script: Script) -> None:
    connector = script.prints(log("WARN", "Mind this."), RECORD, failure("@brand: revoked."), status=1)
    lines = [json.loads(line) for line in connector.execute(["read"])]
    assert lines == [log("WARN", "Mind this."), RECORD]
    assert (connector.heard.warnings, connector.heard.errors) == (["Mind this."], ["@brand: revoked."])


def test_the_summary_of_a_read_stands_for_what_each_stream_said(script: Script) -> None:
    connector = script.prints(
        failure("Not read: @a."), failure("A bug."), failure("The rest is saved. Not read: @a."), status=1
    )
    list(connector.execute(["read"]))
    with pytest.raises(CannotGoOn) as stopped:
        connector.raise_errors()
    assert str(stopped.value) == "A bug.\nThe rest is saved. Not read: @a."


def test_a_connector_that_dies_without_a_word_is_told_of_with_its_last_line(script: Script) -> None:
    connector = script.prints(RECORD, status=3, complaint="Traceback\nMemoryError")
    list(connector.execute(["read"]))
    assert connector.heard.errors == ["The connector ended with status 3. MemoryError"]


def test_a_failed_check_says_what_the_connector_said(script: Script, tmp_path: Path) -> None:
    status = {"type": "CONNECTION_STATUS", "connectionStatus": {"status": "FAILED", "message": "The key is wrong."}}
    with pytest.raises(CannotGoOn) as stopped:
        script.prints(status).check(tmp_path / "config.json")
    assert str(stopped.value) == "The key is wrong."


def test_check_hands_over_rotated_tokens_and_returns_the_lines_of_the_accounts(script: Script, tmp_path: Path) -> None:
    new = {"credentials": {"refresh_token": "new"}}
    control = {"type": "CONTROL", "control": {"type": "CONNECTOR_CONFIG", "connectorConfig": {"config": new}}}
    succeeded = {"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}}
    said = [log("INFO", "@b: tweets: available."), log("INFO", "Other."), log("INFO", "@a: tweets: available.")]
    configurations: list[object] = []

    lines = script.prints(control, *said, succeeded).check(tmp_path / "config.json", on_config=configurations.append)

    assert lines == ["@a: tweets: available.", "@b: tweets: available."]
    assert configurations == [new]


def test_a_command_that_nobody_reads_to_its_end_is_ended(script: Script) -> None:
    connector = script.prints(*[RECORD] * 20_000)
    output = connector.execute(["read"])
    next(output)
    child = connector._child
    output.close()  # type: ignore[attr-defined]
    assert child is not None
    assert child.returncode is not None


def test_a_missing_console_script_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(CannotGoOn) as stopped:
        Connector()
    assert str(stopped.value) == (
        f"source-x-organic is not installed beside this Python ({tmp_path}/source-x-organic is missing). "
        "Run: make install"
    )
