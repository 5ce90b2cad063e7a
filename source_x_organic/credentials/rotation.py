"""Making a rotated refresh token outlive the run: the old one is spent, so losing the new one locks the user out."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from airbyte_cdk.config_observation import create_connector_config_control_message
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer

from source_x_organic.config import with_rotated_tokens

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterable, Mapping

    from source_x_organic.config import CredentialLocation
    from source_x_organic.credentials.oauth2 import Tokens

LONGEST_DELIVERY = 300.0
"""Seconds to wait for the message to leave the process before the tokens are used all the same."""


class TokenKeeper:
    """Puts new tokens into the configuration, and the configuration where it survives.

    That is a CONNECTOR_CONFIG control message, which Airbyte stores, and the configuration file where there is one to
    write to: nobody reads control messages when the command is run by hand.
    """

    def __init__(self, raw_config: Mapping[str, Any], config_path: str | None, logger: logging.Logger) -> None:
        """`raw_config` is the configuration as it was given; `config_path` the file that it came from, if any."""
        self._raw = dict(raw_config)
        # Resolved: a link to the file has to stay one.
        self._path = Path(config_path).resolve() if config_path else None
        self._logger = logger
        self._lock = threading.Lock()
        self._delivered = threading.Event()
        self._emit: Callable[[AirbyteMessage], None] | None = None

    def emit_through(self, emit: Callable[[AirbyteMessage], None]) -> None:
        """Send control messages through the stream of messages of a running sync instead of printing them.

        Whoever forwards that stream calls `delivered` once a control message is out.
        """
        self._emit = emit

    def delivered(self) -> None:
        """Say that the control message is out of the process; requests with the new token may go on."""
        sys.stdout.flush()
        self._delivered.set()

    def keep(self, locations: Iterable[CredentialLocation], tokens: Tokens) -> None:
        """Return when `tokens`, of the credentials at all of `locations`, are out of the process."""
        with self._lock:
            for location in locations:
                self._raw = with_rotated_tokens(
                    self._raw,
                    location,
                    access_token=tokens.access_token,
                    refresh_token=tokens.refresh_token,
                    token_expiry_date=tokens.expires_at,
                )
            self._write_file()
            self._send(create_connector_config_control_message(self._raw))

    def _send(self, message: AirbyteMessage) -> None:
        if self._emit is None:
            sys.stdout.write(orjson.dumps(AirbyteMessageSerializer.dump(message)).decode() + "\n")
            sys.stdout.flush()
            return
        self._delivered.clear()
        self._emit(message)
        if not self._delivered.wait(LONGEST_DELIVERY):
            self._logger.warning("The new OAuth 2.0 tokens could not be handed over yet; going on.")

    def _write_file(self) -> None:
        """Replace the configuration file in one step, keeping its mode; a file that cannot be written is left alone."""
        if self._path is None or not self._path.is_file() or not _is_writable(self._path):
            return
        try:
            replace_file(self._path, json.dumps(self._raw, indent=2))
        except OSError as error:
            self._logger.warning(f"The new OAuth 2.0 tokens could not be saved to the configuration file: {error}.")


def replace_file(path: Path, text: str) -> None:
    """Replace a file's text in one step, keeping its mode: a reader finds the old text or the new one, whole.

    Raises:
        OSError: it cannot be replaced; then the old text is still there.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _is_writable(path: Path) -> bool:
    """Return whether a file may be written; one marked read-only may not, although root could."""
    return bool(path.stat().st_mode & 0o222) and os.access(path, os.W_OK)
