"""The connector as a process of its own, for what only a process can show: exit codes, signals, pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROJECT = Path(__file__).resolve().parents[1]
MODULE = (sys.executable, "-m", "source_x_organic")
CONSOLE_SCRIPT = (str(Path(sys.executable).with_name("source-x-organic")),)
LONGEST = 60
"""Seconds after which a process counts as stuck."""


def real_now() -> datetime:
    """Return the present, for an X that a process with the machine's clock reads from."""
    return datetime.now(UTC).replace(microsecond=0)


class Process:
    """A started connector: its standard output line by line, and how it ended."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen
        self.errors = b""

    def lines(self) -> Iterator[bytes]:
        """Yield whole lines as they come; what was cut off in the middle is left out."""
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            if line.endswith(b"\n"):
                yield line

    def messages(self) -> Iterator[dict[str, Any]]:
        """Yield Airbyte messages as they come; a line that is none is an error."""
        for line in self.lines():
            yield orjson.loads(line)

    def send_signal(self, number: int) -> None:
        self._popen.send_signal(number)

    def close_output(self) -> None:
        """Stop listening, as a reader that went away."""
        assert self._popen.stdout is not None
        self._popen.stdout.close()

    def wait(self) -> int:
        """Return the exit status when the process has ended."""
        return self._popen.wait(LONGEST)

    @property
    def status(self) -> int | None:
        return self._popen.returncode


@contextmanager
def starting(
    folder: Path,
    *arguments: str,
    program: Sequence[str] = MODULE,
    unbuffered: str = "",
    **files: str,
) -> Iterator[Process]:
    """Start a command with the files it wants, written to `folder`; at the block's end it is waited for.

    `unbuffered`: what Python's PYTHONUNBUFFERED is set to.
    """
    command = [*program, *arguments]
    for name, content in files.items():
        path = folder / f"{name}.json"
        path.write_text(content, encoding="utf-8")
        command += [f"--{name}", str(path)]
    with (folder / "stderr.txt").open("wb") as errors:
        popen = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
        try:
            process = Process(popen)
            yield process
            process.wait()
        finally:
            if popen.poll() is None:
                popen.kill()
            popen.communicate() if popen.stdout and not popen.stdout.closed else popen.wait()
    process.errors = (folder / "stderr.txt").read_bytes()


def finished(folder: Path, *arguments: str, program: Sequence[str] = MODULE, **files: str) -> tuple[int, list[bytes]]:
    """Run a command to its end; return the exit status and the lines it printed, errors included."""
    with starting(folder, *arguments, program=program, **files) as process:
        lines = list(process.lines())
    assert process.status is not None
    return process.status, lines + process.errors.splitlines(keepends=True)
