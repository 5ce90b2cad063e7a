from __future__ import annotations

import errno
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.endings import CannotGoOn, Interrupted, database_trouble, is_interruption, run_to_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = Path("/data/x.duckdb")


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Let the tests run as if started by hand, also where they were started with nohup."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (CannotGoOn("The key is wrong."), 1, "\nerror: The key is wrong.\n"),
        (Interrupted("What was read is saved."), 130, "\nWhat was read is saved.\n"),
        (KeyboardInterrupt(), 130, "\nInterrupted.\n"),
        (PermissionError(errno.EACCES, "Permission denied", "out"), 1, "\nerror: out: Permission denied.\n"),
        (
            OSError(errno.ENOSPC, "No space left on device", "out"),
            1,
            "\nerror: out: The disk is full. Make room and run the same command again.\n",
        ),
    ],
    ids=["cannot go on", "stopped", "Ctrl-C", "refused", "full"],
)
def test_a_program_that_cannot_go_on_says_so_in_one_line_and_in_its_status(
    error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def program() -> None:
        raise error

    assert run_to_the_end(program) == status
    assert capsys.readouterr().err == said


def test_an_interruption_while_duckdb_writes_is_known_behind_other_errors() -> None:
    error = RuntimeError("Connector failed.")
    error.__cause__ = RuntimeError("INTERRUPT Error: Query interrupted")
    assert is_interruption(error)
    assert not is_interruption(RuntimeError("Connector failed."))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_program_told_to_stop_ends_as_if_interrupted(number: signal.Signals) -> None:
    ended = []

    def program() -> None:
        try:
            signal.raise_signal(number)
        finally:
            ended.append(True)

    with pytest.raises(SystemExit) as stopped:
        run_to_the_end(program)
    assert (stopped.value.code, ended) == (128 + number, [True])


def test_a_program_started_with_nohup_does_not_mind_a_hang_up() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert run_to_the_end(lambda: signal.raise_signal(signal.SIGHUP)) == 0


def test_a_program_that_did_its_work_ends_with_0() -> None:
    assert run_to_the_end(lambda: None) == 0


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            'Could not write file "/data/x.duckdb": No space left on device',
            (
                "The disk that holds /data is full. What earlier syncs saved is intact; make room and run the same "
                "command again."
            ),
        ),
        (
            'Could not set lock on file "/data/x.duckdb"',
            "/data/x.duckdb is open in another program. Close it there and run the same command again.",
        ),
        (
            "exists, but it is not a valid DuckDB database file!",
            "/data/x.duckdb is no DuckDB database. Name another file with --database.",
        ),
        ("Permission denied", "/data/x.duckdb cannot be written to. Name another file with --database."),
        ("something else\nand its stack", "PyAirbyte could not write /data/x.duckdb: something else"),
    ],
)
def test_what_duckdb_says_becomes_what_the_user_can_do(reason: str, said: str) -> None:
    assert database_trouble(RuntimeError(reason), DATABASE) == said


def test_the_reason_is_found_behind_other_errors() -> None:
    error = RuntimeError("Connector failed.")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert database_trouble(error, DATABASE).startswith("The disk that holds /data is full.")
