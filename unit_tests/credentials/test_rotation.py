"""A rotated refresh token leaves the process, and reaches the configuration file, before it is used."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airbyte_cdk.models import AirbyteMessage, OrchestratorType, Type

from source_x_organic.config import CredentialLocation
from source_x_organic.credentials.oauth2 import Tokens
from source_x_organic.credentials.rotation import TokenKeeper

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LOGGER = logging.getLogger("test")
TOKENS = Tokens("invented-access", "invented-refresh", datetime(2026, 11, 20, 14, tzinfo=UTC))
OLD = {"auth_type": "oauth2", "client_id": "invented-id", "refresh_token": "invented-old"}
NEW = {
    **OLD,
    "access_token": "invented-access",
    "refresh_token": "invented-refresh",
    "token_expiry_date": "2026-11-20T14:00:00Z",
}
DEFAULT, FIRST, SECOND = CredentialLocation(), CredentialLocation(0), CredentialLocation(1)


def configuration(default: dict[str, str], *own: dict[str, str]) -> dict[str, Any]:
    entries = [{"account": f"@brand{place}", "credentials": each} for place, each in enumerate(own)]
    return {"credentials": default, "sync_mode": "AllAccounts", "account_credentials": json.dumps(entries)}


def config_of(message: AirbyteMessage) -> dict[str, Any]:
    assert message.control is not None
    assert message.control.type is OrchestratorType.CONNECTOR_CONFIG
    assert message.control.connectorConfig is not None
    return dict(message.control.connectorConfig.config)


def test_outside_a_read_the_message_is_printed_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    TokenKeeper(configuration(OLD), None, LOGGER).keep([DEFAULT], TOKENS)
    [line] = capsys.readouterr().out.splitlines()
    message = json.loads(line)
    assert message["type"] == "CONTROL"
    assert message["control"]["type"] == "CONNECTOR_CONFIG"
    assert message["control"]["connectorConfig"]["config"] == configuration(NEW)


def test_inside_a_read_it_goes_through_the_stream_and_keeping_ends_when_it_is_delivered() -> None:
    emitted: list[AirbyteMessage] = []
    events: list[str] = []
    is_emitted = threading.Event()

    def emit(message: AirbyteMessage) -> None:
        emitted.append(message)
        is_emitted.set()

    keeper = TokenKeeper(configuration(OLD), None, LOGGER)
    keeper.emit_through(emit)

    def keep() -> None:
        keeper.keep([DEFAULT], TOKENS)
        events.append("kept")

    thread = threading.Thread(target=keep)
    thread.start()
    assert is_emitted.wait(10)
    events.append("delivering")
    keeper.delivered()
    thread.join(10)
    assert events == ["delivering", "kept"]
    assert [(message.type, config_of(message)) for message in emitted] == [(Type.CONTROL, configuration(NEW))]


def test_each_message_has_all_rotations_so_far_and_the_given_configuration_is_not_touched() -> None:
    given = configuration(OLD, OLD, OLD)
    emitted: list[dict[str, Any]] = []
    keeper = TokenKeeper(given, None, LOGGER)

    def emit(message: AirbyteMessage) -> None:
        emitted.append(config_of(message))
        threading.Timer(0, keeper.delivered).start()

    keeper.emit_through(emit)
    keeper.keep([SECOND], TOKENS)
    keeper.keep([DEFAULT], TOKENS)
    assert emitted == [configuration(OLD, OLD, NEW), configuration(NEW, OLD, NEW)]
    assert given == configuration(OLD, OLD, OLD)


def test_one_token_that_stands_at_several_places_is_replaced_at_all_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    TokenKeeper(configuration(OLD, OLD, OLD), None, LOGGER).keep([DEFAULT, FIRST], TOKENS)
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["control"]["connectorConfig"]["config"] == configuration(NEW, NEW, OLD)


def file_with(folder: Path, mode: int) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(configuration(OLD)), encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_file_is_replaced_whole_with_its_mode_and_nothing_is_left_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_with(tmp_path, 0o640)
    before = path.stat().st_ino
    with path.open(encoding="utf-8") as reader:
        TokenKeeper(configuration(OLD), str(path), LOGGER).keep([DEFAULT], TOKENS)
        assert json.load(reader) == configuration(OLD)  # whoever reads the old file reads all of it
    assert json.loads(path.read_text(encoding="utf-8")) == configuration(NEW)
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [path]
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_read_only_file_is_left_alone_and_the_message_still_goes_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_with(tmp_path, 0o444)
    TokenKeeper(configuration(OLD), str(path), LOGGER).keep([DEFAULT], TOKENS)
    assert json.loads(path.read_text(encoding="utf-8")) == configuration(OLD)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    TokenKeeper(configuration(OLD), str(tmp_path / "config.json"), LOGGER).keep([DEFAULT], TOKENS)
    assert list(tmp_path.iterdir()) == []
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_file_behind_a_link_is_replaced_and_the_link_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_with(tmp_path, 0o600)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    TokenKeeper(configuration(OLD), str(link), LOGGER).keep([DEFAULT], TOKENS)
    assert link.is_symlink()
    assert json.loads(path.read_text(encoding="utf-8")) == configuration(NEW)
    assert capsys.readouterr().out
