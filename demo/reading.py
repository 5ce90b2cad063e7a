"""Reading into DuckDB with PyAirbyte, without anything about it leaving the machine or staying behind."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import sys
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.connector import NAME
from demo.endings import CannotGoOn, database_trouble, is_interruption

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from demo.connector import Connector


@dataclass(frozen=True)
class Database:
    """A DuckDB file; `schema` is the schema in it that the tables are in."""

    path: Path
    schema: str = "main"


@dataclass(frozen=True)
class Selection:
    """Which streams to read: those that are `named`, or else all but those to `leave_out`."""

    named: Sequence[str] = ()
    leave_out: Collection[str] = ()

    def of(self, available: Sequence[str]) -> list[str]:
        """Return the names of the streams."""
        return list(self.named) or [name for name in available if name not in self.leave_out]


def require_pyairbyte() -> None:
    """Say at once, without the seconds that importing it takes, when PyAirbyte is missing.

    Raises:
        CannotGoOn: it is not installed.
    """
    if find_spec("airbyte") is None:
        raise CannotGoOn(
            "PyAirbyte is not installed. It needs Python 3.11 or 3.12: make clean, then make install PYTHON=python3.12"
        )


@dataclass(frozen=True)
class Outcome:
    """What one read brought: how many records, of which streams."""

    records: int
    streams: list[str]


@contextmanager
def pyairbyte() -> Iterator[Any]:
    """Yield the module `airbyte`, told to stay offline and to keep its files in a folder that only we can read.

    It hands the configuration to the connector in a temporary file that everybody may read, so the folder has to
    be private; it is removed at the end.

    Raises:
        CannotGoOn: PyAirbyte is not installed.
    """
    require_pyairbyte()
    with tempfile.TemporaryDirectory(prefix="x-organic-") as folder:
        os.environ |= {"AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1"}
        os.environ.pop("CI", None)  # where it is set, PyAirbyte shows no progress at all
        os.environ |= dict.fromkeys(("AIRBYTE_TEMP_DIR", "AIRBYTE_PROJECT_DIR", "AIRBYTE_LOGGING_ROOT"), folder)
        # A full disk is told of once, and neither for every line of a log nor with the stack of every connection.
        logging.raiseExceptions = False
        logging.getLogger("sqlalchemy").setLevel(logging.CRITICAL + 1)
        with _silence():
            import airbyte
            import airbyte.caches
            import airbyte.logs

            airbyte.logs.get_global_stats_logger()
        yield airbyte


def read(
    airbyte: Any,  # noqa: ANN401 - a module without types
    connector: Connector,
    config: Mapping[str, Any],
    database: Database,
    *,
    streams: Selection | None = None,
    is_full_refresh: bool = False,
    on_config: Callable[[dict[str, Any]], None] | None = None,
) -> Outcome:
    """Read `streams` (default: all) into a database, going on where the last read ended.

    What was read before a failure or an interruption is saved like the rest, and the next read goes on from there:
    the connector's states never run ahead of its records. `on_config` is called with the new configuration when
    tokens were rotated.

    Raises:
        CannotGoOn: the streams could not be found out, or nothing could be written.
        KeyboardInterrupt: also where a signal came while DuckDB was writing; what it was writing is not there.
    """
    source: Any = None

    def keep(new: dict[str, Any]) -> None:
        source.set_config(new, validate=False)
        if on_config is not None:
            on_config(new)

    files = _folder_beside(database.path)
    try:
        with _silence():
            source = airbyte.get_source(
                NAME, config=dict(config), local_executable=str(connector.path), config_change_callback=keep
            )
        source.executor = connector
        with airbyte.caches.DuckDBCache(
            db_path=str(database.path), schema_name=database.schema, cache_dir=files
        ) as cache:
            source.select_streams((streams or Selection()).of(source.get_available_streams()))
            # The connector checks its configuration itself, and names all problems at once.
            result = source.read(cache=cache, skip_validation=True, force_full_refresh=is_full_refresh)
            return Outcome(int(result.processed_records), source.get_selected_streams())
    except Exception as error:
        if is_interruption(error):
            raise KeyboardInterrupt from error
        connector.raise_errors()
        raise CannotGoOn(database_trouble(error, database.path)) from error
    finally:
        shutil.rmtree(files, ignore_errors=True)


def _folder_beside(database: Path) -> Path:
    """Make a folder for the rows on their way: on the disk that the user chose for them."""
    database.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{database.name}.", dir=database.parent))


@contextmanager
def without_progress() -> Iterator[None]:
    """Keep what PyAirbyte prints while it reads from the user, who is told the outcome alone."""
    with _silence(), contextlib.redirect_stdout(io.StringIO()):
        yield


@contextmanager
def _silence() -> Iterator[None]:
    """Keep other packages' remarks on their own future, and on where they write logs, from the user."""
    sys.stderr.flush()
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
