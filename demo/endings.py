"""How these programs end: one clear line for whatever went wrong, and a status for whoever called them."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

FAILED = 1
INTERRUPTED = 130


class CannotGoOn(Exception):
    """The program has to stop; the text says to a user why, and what to do."""


class Interrupted(Exception):
    """The user stopped the program; the text says what was kept."""


def run_to_the_end(program: Callable[[], None]) -> int:
    """Run a program and return its exit status; failures become one message on stderr, never a stack trace."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _leave)
    try:
        program()
    except CannotGoOn as reason:
        print(f"\nerror: {reason}", file=sys.stderr)
        return FAILED
    except Interrupted as stopped:
        print(f"\n{stopped}", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output is gone, and would be told of at exit once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        print(f"\nerror: {file_trouble(error)}", file=sys.stderr)
        return FAILED
    return 0


def _leave(signal_number: int, frame: FrameType | None) -> NoReturn:
    """End like an interrupted program, so that everything that was started is stopped."""
    del frame
    raise SystemExit(128 + signal_number)


def file_trouble(error: OSError) -> str:
    """Say what the operating system refused."""
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"{where}The disk is full. Make room and run the same command again."
    return f"{where}{error.strerror or error}."


def is_interruption(error: BaseException) -> bool:
    """Return whether an error is how DuckDB says that a signal came while it was writing."""
    return any("Query interrupted" in str(link) for link in _causes(error))


def database_trouble(error: BaseException, database: Path) -> str:
    """Say why PyAirbyte or DuckDB could not write to `database`, in the order of what is most often the reason."""
    text = "\n".join(str(link) for link in _causes(error))
    if "No space left on device" in text or "ENOSPC" in text:
        return (
            f"The disk that holds {database.parent} is full. What earlier syncs saved is intact; make room and run "
            "the same command again."
        )
    if "Could not set lock" in text:
        return f"{database} is open in another program. Close it there and run the same command again."
    if "not a valid DuckDB database" in text:
        return f"{database} is no DuckDB database. Name another file with --database."
    if "Permission denied" in text or "Read-only file system" in text or "read-only" in text:
        return f"{database} cannot be written to. Name another file with --database."
    return f"PyAirbyte could not write {database}: {_first_line(error)}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = getattr(link, "original_exception", None) or link.__cause__ or link.__context__


def _first_line(error: BaseException) -> str:
    said = str(error).strip().splitlines()
    return said[0] if said else type(error).__name__
