"""`python -m demo.sync --config PATH`: read your own accounts into a DuckDB file, and go on from there next time."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo import reading, tables
from demo.ads import OF_THE_API
from demo.config_file import ConfigFile, load
from demo.connector import Connector
from demo.endings import CannotGoOn, Interrupted, run_to_the_end

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

DATABASE = Path("x-organic.duckdb")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parser() -> argparse.ArgumentParser:
    """Return the command line's description."""
    it = argparse.ArgumentParser(
        prog="python -m demo.sync",
        description="Reads all streams of source-x-organic into a DuckDB file through PyAirbyte. The first run reads "
        "the whole timeframe, later ones what is new. Rotated OAuth 2.0 tokens are saved in the configuration file.",
    )
    it.add_argument("--config", type=Path, required=True, metavar="PATH", help="the connector's configuration, JSON")
    it.add_argument(
        "--database", type=Path, default=DATABASE, metavar="PATH", help=f"DuckDB file (default: {DATABASE})"
    )
    it.add_argument(
        "--ads", action="store_true", help="read the Ads API's own streams too: the keys need access to the Ads API"
    )
    it.add_argument("--full-refresh", action="store_true", help="read the whole timeframe again")
    return it


def sync(
    config: ConfigFile, database: reading.Database, *, is_full_refresh: bool = False, with_ads: bool = False
) -> None:
    """Check, then read everything into the database, and say what is in it.

    The Ads API's own streams, which few have access to, are read where the Ads API is configured, or `with_ads`.

    Raises:
        CannotGoOn: the check failed, some accounts could not be read (the others are saved), or the database cannot
            be written.
        Interrupted: what was read before is saved.
    """
    reading.require_pyairbyte()
    with Connector() as connector:
        _end_well_when_interrupted(connector)
        _say("Checking the accounts ...")
        _say("\n".join(f"  {line}" for line in connector.check(config.path, on_config=config.save)))
        if connector.is_stopped:
            raise Interrupted("Interrupted before anything was read.")
        _say("Reading ...")
        with reading.pyairbyte() as airbyte:
            is_everything = with_ads or config.content.get("api_access") == "ADS_API"
            streams = reading.Selection(leave_out=() if is_everything else OF_THE_API)
            outcome = _read(airbyte, connector, config, database, streams, is_full_refresh)
        _report(connector, config, database, outcome)


def _read(
    airbyte: Any,  # noqa: ANN401 - a module without types
    connector: Connector,
    config: ConfigFile,
    database: reading.Database,
    streams: reading.Selection,
    is_full_refresh: bool,  # noqa: FBT001 - handed on
) -> reading.Outcome:
    try:
        return reading.read(
            airbyte,
            connector,
            config.content,
            database,
            streams=streams,
            is_full_refresh=is_full_refresh,
            on_config=config.save,
        )
    except CannotGoOn:
        if connector.is_stopped:
            raise Interrupted("Interrupted before anything was read.") from None
        raise


def _report(connector: Connector, config: ConfigFile, database: reading.Database, outcome: reading.Outcome) -> None:
    import duckdb

    for warning in dict.fromkeys(connector.heard.warnings):
        _say(f"warning: {warning}")
    with duckdb.connect(str(database.path), read_only=True) as connection:
        _say(tables.counted(tables.counts(connection, outcome.streams, database.schema)))
    _say(f"{outcome.records:,} records were read. The database is {database.path.resolve()}")
    if config.saved:
        _say(f"X replaced the OAuth 2.0 tokens; the new ones are in {config.path}")
    if config.unsaved:
        raise CannotGoOn(
            f"X replaced the OAuth 2.0 tokens, and the new ones could not be saved in {config.path}: "
            f"{config.unsaved}. Authorise the account anew before the next sync."
        )
    if connector.is_stopped:
        raise Interrupted("Interrupted. What was read so far is saved; the same command goes on from there.")
    connector.raise_errors()


def _end_well_when_interrupted(connector: Connector) -> None:
    """Let the first Ctrl-C end the connector alone, so that what it read is saved; the second ends everything."""

    def on_interrupt(signal_number: int, frame: FrameType | None) -> None:
        del signal_number, frame
        if connector.is_stopped or not connector.stop():
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, on_interrupt)


def _say(text: str) -> None:
    print(text, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0, 1 after an error, 2 for a wrong command line, 130 interrupted."""
    chosen = parser().parse_args(arguments)

    def program() -> None:
        config = load(chosen.config)
        schema = config.content.get("schema")
        name = schema if isinstance(schema, str) and _PLAIN_NAME.fullmatch(schema) else "main"
        database = reading.Database(chosen.database, name)
        sync(config, database, is_full_refresh=chosen.full_refresh, with_ads=chosen.ads)

    return run_to_the_end(program)


if __name__ == "__main__":
    sys.exit(main())
