from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from demo import config_file
from demo.endings import CannotGoOn

if TYPE_CHECKING:
    from pathlib import Path

TOKENS = {"credentials": {"auth_type": "oauth2", "refresh_token": "old"}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not valid JSON: Expecting value in line 1, column 1."),
        ('{"a": 1,\n"b"}', "is not valid JSON: Expecting ':' delimiter in line 2, column 4."),
        ("[]", 'must hold a JSON object: {"credentials": {…}, …}.'),
    ],
)
def test_a_file_that_is_no_configuration_is_named_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(CannotGoOn) as stopped:
        config_file.load(path)
    assert str(stopped.value) == f"{path} {reason}"


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(CannotGoOn) as stopped:
        config_file.load(path)
    assert str(stopped.value) == f"{path} is not valid JSON: it is not UTF-8 text."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn) as stopped:
        config_file.load(tmp_path / "none.json")
    assert str(stopped.value) == f"There is no configuration file {tmp_path}/none.json."


def test_saving_replaces_the_content_and_keeps_the_mode_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(TOKENS))
    path.chmod(0o600)
    config = config_file.load(path)
    new = {"credentials": {"auth_type": "oauth2", "refresh_token": "new"}}

    config.save(new)

    assert json.loads(path.read_text()) == new
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert (config.content, config.saved, config.unsaved) == (new, 1, "")


def test_a_link_to_a_configuration_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "config.json", tmp_path / "link.json"
    path.write_text(json.dumps(TOKENS))
    link.symlink_to(path)

    config_file.load(link).save({"credentials": {}})

    assert link.is_symlink()
    assert json.loads(path.read_text()) == {"credentials": {}}


def test_tokens_that_cannot_be_saved_are_used_and_remembered_as_unsaved(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "config.json"
    path.parent.mkdir()
    path.write_text(json.dumps(TOKENS))
    config = config_file.load(path)
    path.unlink()
    path.parent.rmdir()

    config.save({"credentials": {"refresh_token": "new"}})

    assert config.content == {"credentials": {"refresh_token": "new"}}
    assert config.saved == 0
    assert config.unsaved.startswith("[Errno 2] No such file or directory")


@pytest.mark.parametrize(
    "content",
    [TOKENS, {"account_credentials": json.dumps([{"account": "@brand", **TOKENS}])}],
    ids=["own", "account's"],
)
def test_rotating_tokens_in_a_file_that_cannot_be_rewritten_are_refused_before_one_is_spent(
    tmp_path: Path, content: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(content))
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(CannotGoOn, match="Make both writable: a refresh token that cannot be saved is lost"):
        config_file.load(path)


def test_a_file_without_rotating_tokens_need_not_be_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"credentials": {"auth_type": "oauth1"}}')
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert config_file.load(path).content == {"credentials": {"auth_type": "oauth1"}}
