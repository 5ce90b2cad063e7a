"""Running a program to its end: how long it took, what it used, and how many records it printed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_RECORD = b'{"type":"RECORD"'
_CHUNK = 1 << 20
_UNMEASURED = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPROFILEIMPORTTIME"}
"""Settings of a developer's shell that an installed connector does not run under."""


class Failed(Exception):
    """A measured program did not end well: there is nothing to measure."""


@dataclass(frozen=True)
class Run:
    """One program from start to exit.

    Attributes:
        wall: Seconds from start to exit.
        ended: The exit by the clock on the wall, in seconds since the epoch.
        cpu: Seconds of processor time, user and system.
        peak_mb: Most memory held at once (resident set), in MB of 1,000,000 bytes.
        records: Lines of output that are records.
        output_mb: Size of the output in MB.
    """

    wall: float
    ended: float
    cpu: float
    peak_mb: float
    records: int
    output_mb: float


def environment() -> dict[str, str]:
    """Return the environment of measured programs: this one's, with compiled modules kept and output buffered."""
    return {name: value for name, value in os.environ.items() if name not in _UNMEASURED}


def run(*arguments: str) -> Run:
    """Run `python <arguments>` from the project's root and read its output as fast as it comes.

    Raises:
        Failed: it exits with another status than 0.
    """
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        records, size = _drain(process)
        _, status, usage = os.wait4(process.pid, 0)
        wall, ended = time.perf_counter() - started, time.time()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise Failed(f"{' '.join(arguments)} ended with {process.returncode}\n{errors.read().decode()[-2000:]}")
    # The kernel counts the resident set in units of 1,024 bytes.
    return Run(wall, ended, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1.024e-3, records, size / 1e6)


def _drain(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Read a program's output to its end and return how many records and how many bytes it held."""
    records = size = 0
    tail = b""
    assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
    while chunk := os.read(process.stdout.fileno(), _CHUNK):
        size += len(chunk)
        # A marker may lie across two chunks.
        text = tail + chunk
        records += text.count(_RECORD)
        tail = text[1 - len(_RECORD) :]
    process.stdout.close()
    return records, size
