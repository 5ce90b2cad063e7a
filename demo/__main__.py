"""`python -m demo`: a month of syncs of a simulated X into DuckDB, and a picture of what came of it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo import charts, reading, tables
from demo.connector import NAME, Connector
from demo.endings import run_to_the_end
from demo.simulator import PROJECT, SimulatedX, simulated_x

if TYPE_CHECKING:
    from collections.abc import Sequence

DATABASE, PICTURE, CONFIGURATION = "x-organic.duckdb", "x-organic.png", "config.json"
DAYS = 30
MOST_DAYS = 60
"""The simulator keeps X's rate limits, and a window that was opened today lasts for all the days before."""

WITH_YOUR_OWN = """
Your own accounts, the same way:
  1. mkdir -p secrets, and write secrets/config.json:
       {"credentials": {"auth_type": "oauth1", "consumer_key": "...", "consumer_secret": "...",
                        "access_token": "...", "access_token_secret": "..."}}
     (X's developer console > your app > Keys and tokens; docs/x-organic.md has all other settings)
  2. make sync CONFIG=secrets/config.json          run it daily, and the lines of the picture become yours
"""


def parser() -> argparse.ArgumentParser:
    """Return the command line's description."""
    it = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    it.add_argument("--output", type=Path, default=PROJECT / "demo-output", metavar="FOLDER", help="where to write")
    it.add_argument("--days", type=int, default=DAYS, help=f"daily syncs before today's, 1 to {MOST_DAYS} ({DAYS})")
    it.add_argument("--accounts", metavar="JSON", help="another world: see python -m x_simulator --help")
    return it


def demonstrate(output: Path, *, days: int, simulator_arguments: Sequence[str] = ()) -> None:
    """Do everything, telling about it.

    Raises:
        CannotGoOn: some part failed.
    """
    _prepare(output)
    database = output / DATABASE
    _step("A simulated X", "Invented accounts behind a server that answers as X does, on this machine alone.")
    reading.require_pyairbyte()
    with simulated_x(simulator_arguments) as x, Connector() as connector:
        config = output / CONFIGURATION
        config.write_text(json.dumps(x.configuration, indent=2) + "\n", encoding="utf-8")
        _say(f"  {x.base_url}")
        _check_and_discover(connector, config)
        with reading.pyairbyte() as airbyte:
            _read_a_month(airbyte, x, reading.Database(database), days)
            _step("Today's sync", f"{NAME} reads all streams through PyAirbyte.")
            streams = _read(airbyte, connector, x, reading.Database(database)).streams
    _show(database, streams, output / PICTURE, days)
    _say(f"\nThe database   {database}\nThe picture    {output / PICTURE}")
    _say(WITH_YOUR_OWN.rstrip())


def _prepare(output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    for name in (DATABASE, f"{DATABASE}.wal", PICTURE):
        (output / name).unlink(missing_ok=True)


def _check_and_discover(connector: Connector, config: Path) -> None:
    _step("check", f"{NAME} check --config {config.name}")
    _say("\n".join(f"  {line}" for line in connector.check(config)))
    _step("discover", f"{NAME} discover --config {config.name}")
    _say(tables.table(["stream", "columns"], list(connector.discover(config).items())))


def _read_a_month(airbyte: Any, x: SimulatedX, database: reading.Database, days: int) -> None:  # noqa: ANN401 - a module without types
    _step(
        f"{days} daily syncs in fast motion",
        "X tells how many followers an account has now, never how many it had: only daily syncs make a history.\n"
        "The clocks of the simulator and the connector are put back together, and moved on by a day after each sync.",
    )
    program = [sys.executable, "-m", "demo.daily_syncs", str(days)]
    with Connector(reading=program) as daily:
        _read(airbyte, daily, x, database, streams=("account_insights", "tweet_insights"))


def _read(
    airbyte: Any,  # noqa: ANN401 - a module without types
    connector: Connector,
    x: SimulatedX,
    database: reading.Database,
    streams: Sequence[str] = (),
) -> reading.Outcome:
    outcome = reading.read(airbyte, connector, x.configuration, database, streams=streams)
    connector.raise_errors()
    return outcome


def _show(database: Path, streams: list[str], picture: Path, days: int) -> None:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        _step("In the database", "")
        _say(tables.counted(tables.counts(connection, streams)))
        _say(f"\n{tables.accounts(connection)}\n\n{tables.top_posts(connection)}")
        stories = charts.stories(connection)
    footnote = f"Simulated accounts and numbers · read by {NAME} in {days + 1} daily syncs"
    charts.draw(stories, picture, footnote=footnote)


def _step(title: str, remark: str) -> None:
    _say(f"\n== {title}" + (f"\n{remark}" if remark else ""))


def _say(text: str) -> None:
    print(text, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0, 1 after an error, 2 for a wrong command line, 130 interrupted."""
    chosen = parser().parse_args(arguments)
    if not 1 <= chosen.days <= MOST_DAYS:
        parser().error(f"--days must be between 1 and {MOST_DAYS}")
    simulator_arguments = ["--accounts", chosen.accounts] if chosen.accounts else []

    def program() -> None:
        demonstrate(chosen.output.resolve(), days=chosen.days, simulator_arguments=simulator_arguments)

    return run_to_the_end(program)


if __name__ == "__main__":
    sys.exit(main())
