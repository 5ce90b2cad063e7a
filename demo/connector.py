"""The connector's console script as a child process: what it prints, what it says to the user, and its end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sysconfig
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from demo.endings import CannotGoOn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

NAME = "source-x-organic"
LONGEST_FAREWELL = 10.0
"""Seconds that a process told to stop may take before it is killed."""

_OF_A_STREAM = re.compile(r".+: [a-z_]+: (available|not available|not proven|nothing to read)")
"""What `check` logs for each account and stream."""

_BULK = ('{"type":"RECORD"', '{"type":"STATE"')


@dataclass
class Heard:
    """What the connector said to the user in one command.

    `log`: all log messages; `warnings`: the warnings among them; `errors`: why the command failed, the summary last.
    """

    log: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Connector:
    """Runs the console script, for us and as the executor of a PyAirbyte source.

    PyAirbyte throws away what was read when a connector fails. Ours fails after it has read all accounts that can be
    read, so here a failed `read` ends like any other, and the reason is found in `heard.errors`.
    """

    def __init__(self, *, reading: Sequence[str] | None = None) -> None:
        """`reading`: a program to run in place of the console script for `read`.

        Raises:
            CannotGoOn: the console script is not installed beside this Python.
        """
        self.path = console_script()
        self.heard = Heard()
        self.is_stopped = False
        self._reading = list(reading or [str(self.path)])
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            end(self._child)

    def stop(self) -> bool:
        """Let the running command end with what it has read so far; False when no command is running."""
        if self._child is None or self._child.poll() is not None:
            return False
        self.is_stopped = True
        self._child.send_signal(signal.SIGINT)
        return True

    def check(self, config: Path, *, on_config: Callable[[dict[str, Any]], None] | None = None) -> list[str]:
        """Return what `check` says of each account and stream.

        `on_config` is called with the new configuration when tokens were rotated.

        Raises:
            CannotGoOn: the check failed; the text is the connector's own.
        """
        for message in self._messages(["check", "--config", str(config)]):
            if message["type"] == "CONTROL" and on_config is not None:
                on_config(message["control"]["connectorConfig"]["config"])
            status = message.get("connectionStatus", {})
            if status.get("status") == "FAILED":
                self.heard.errors.append(status.get("message", "The check failed."))
        self.raise_errors()
        return sorted(line for line in self.heard.log if _OF_A_STREAM.match(line))

    def discover(self, config: Path) -> dict[str, int]:
        """Return the number of columns of each stream.

        Raises:
            CannotGoOn: discover failed; the text is the connector's own.
        """
        streams: list[dict[str, Any]] = []
        for message in self._messages(["discover", "--config", str(config)]):
            streams += message.get("catalog", {}).get("streams", [])
        self.raise_errors()
        return {stream["name"]: len(stream["json_schema"]["properties"]) for stream in streams}

    def raise_errors(self) -> None:
        """Stop here if the last command failed.

        Raises:
            CannotGoOn: with everything the connector gave as a reason.
        """
        *earlier, last = self.heard.errors or [""]
        if last:
            # The summary at the end names all accounts that could not be read; each stream had said it before.
            told = [error for error in earlier if not error.startswith("Not read: ")]
            raise CannotGoOn("\n".join(dict.fromkeys([*told, last])))

    # What PyAirbyte asks of an executor -------------------------------------------------------------------------------

    def ensure_installation(self, *, auto_fix: bool = True) -> None:
        """Do nothing: the script was looked for at the beginning."""

    def get_installed_version(self) -> str | None:
        """Return nothing: only telemetry asks, and there is none."""

    def execute(self, args: Sequence[str], *, stdin: object = None, suppress_stderr: bool = False) -> Iterator[str]:
        """Yield what a command prints, except its errors, which are kept in `heard`."""
        del stdin, suppress_stderr
        self.heard = Heard()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
            program = self._reading if args[0] == "read" else [str(self.path)]
            child = subprocess.Popen([*program, *args], stdout=subprocess.PIPE, stderr=complaints, encoding="utf-8")
            self._child = child
            try:
                for line in _output(child):
                    if line.startswith(_BULK) or not self._listen(line):
                        yield line
                status = child.wait()
            finally:
                end(child)
            if status and not self.heard.errors and not self.is_stopped:
                self.heard.errors.append(f"The connector ended with status {status}. {_last_line(complaints)}".strip())

    def _messages(self, arguments: list[str]) -> Iterator[dict[str, Any]]:
        for line in self.execute(arguments):
            message = _message(line)
            if message is not None:
                yield message

    def _listen(self, line: str) -> bool:
        """Keep what is meant for the user; return whether that was all there is to the line."""
        message = _message(line) or {}
        if message.get("type") == "LOG":
            said = message["log"]
            self.heard.log.append(said["message"])
            if said.get("level") == "WARN":
                self.heard.warnings.append(said["message"])
        if message.get("type") == "TRACE" and message["trace"].get("error"):
            self.heard.errors.append(message["trace"]["error"]["message"])
            return True
        return False


def console_script() -> Path:
    """Return where the connector is installed beside the Python that runs this.

    Raises:
        CannotGoOn: it is not.
    """
    path = Path(sysconfig.get_path("scripts")) / NAME
    if not path.is_file():
        raise CannotGoOn(f"{NAME} is not installed beside this Python ({path} is missing). Run: make install")
    return path


def end(child: subprocess.Popen[str]) -> None:
    """Return when a child process is gone: by itself, told to stop, or killed."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(LONGEST_FAREWELL)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _output(child: subprocess.Popen[str]) -> IO[str]:
    assert child.stdout is not None  # noqa: S101 - a pipe was asked for
    return child.stdout


def _message(line: str) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and "type" in message else None


def _last_line(file: IO[str]) -> str:
    file.seek(0)
    lines = file.read().strip().splitlines()
    return lines[-1] if lines else ""
