"""`python -m demo`: a month of syncs of a simulated X into DuckDB, and pictures of what came of it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo import ads, charts, custom_report, daily_charts, reading, tables
from demo.connector import NAME, Connector
from demo.endings import run_to_the_end
from demo.simulator import PROJECT, SimulatedX, simulated_x

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

DATABASE, PICTURE, CONFIGURATION = "x-organic.duckdb", "x-organic.png", "config.json"
DAILY_PICTURE, ADS_CONFIGURATION = "x-organic-daily.png", "config-ads.json"
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
    it.add_argument("--ads-accounts", metavar="JSON", help="the Ads accounts of that world, likewise")
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
            _step("Today's sync", f"{NAME} reads accounts and tweets through PyAirbyte.")
            others = reading.Selection(leave_out=ads.OF_THE_API)
            streams = _read(airbyte, connector, x, reading.Database(database), others).streams
            _read_a_custom_report(airbyte, x.configuration, database)
            if x.ads_configuration is not None:
                _read_the_ads_api(airbyte, connector, x.ads_configuration, database)
    _show(output, streams, days, has_ads=x.ads_configuration is not None)
    _say(WITH_YOUR_OWN.rstrip())


def _prepare(output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    for name in (DATABASE, f"{DATABASE}.wal", PICTURE, DAILY_PICTURE, ADS_CONFIGURATION):
        (output / name).unlink(missing_ok=True)


def _check_and_discover(connector: Connector, config: Path) -> None:
    _step("check", f"{NAME} check --config {config.name}")
    _say("\n".join(f"  {line}" for line in connector.check(config)))
    _step("discover", f"{NAME} discover --config {config.name}")
    _say(tables.table(["stream", "columns"], list(connector.discover(config).items())))


def _read_a_month(airbyte: Any, x: SimulatedX, database: reading.Database, days: int) -> None:  # noqa: ANN401 - a module without types
    _step(
        f"{days} daily syncs in fast motion",
        "X tells how many followers an account has now, and how many views a post, never how many they had: only\n"
        "daily syncs make a history.\n"
        "The clocks of the simulator and the connector are put back together, and moved on by a day after each sync.",
    )
    program = [sys.executable, "-m", "demo.daily_syncs", str(days)]
    with Connector(reading=program) as daily:
        _read(airbyte, daily, x, database, reading.Selection(("account_insights", "tweet_insights", "organic_report")))


def _read(
    airbyte: Any,  # noqa: ANN401 - a module without types
    connector: Connector,
    x: SimulatedX,
    database: reading.Database,
    streams: reading.Selection,
) -> reading.Outcome:
    outcome = reading.read(airbyte, connector, x.configuration, database, streams=streams)
    connector.raise_errors()
    return outcome


def _read_a_custom_report(airbyte: Any, configuration: Mapping[str, Any], database: Path) -> None:  # noqa: ANN401 - as above
    _step(
        "A report of your own: when posts are seen",
        "From the Engagement API, for those who have it: four weeks of the newest hundred posts, hour by hour.\n"
        + custom_report.definition(),
    )
    _say(custom_report.read(airbyte, configuration, database))


def _read_the_ads_api(
    airbyte: Any,  # noqa: ANN401 - a module without types
    connector: Connector,
    configuration: Mapping[str, Any],
    database: Path,
) -> None:
    config = database.with_name(ADS_CONFIGURATION)
    config.write_text(json.dumps(configuration, indent=2) + "\n", encoding="utf-8")
    _step("A second connection: the Ads API", f"{NAME} check --config {config.name}")
    _say("\n".join(f"  {line}" for line in ads.summed_up(connector.check(config))))
    _step(
        "Yesterday's sync: what each post earned, day by day, for a quarter",
        "X prepares that much in the background, as jobs; the connector orders them, waits and fetches.",
    )
    _say(ads.yesterday(airbyte, configuration, database))
    _step("Today's sync: the new day, and the last ones once more", "That little X answers at once.")
    _say(ads.today(airbyte, configuration, database))


def _show(output: Path, streams: list[str], days: int, *, has_ads: bool) -> None:
    import duckdb

    with duckdb.connect(str(output / DATABASE), read_only=True) as connection:
        _step("In the database", "")
        theirs = tables.counts(connection, ads.STREAMS, ads.SCHEMA) if has_ads else {}
        in_their_schema = {f"{ads.SCHEMA}.{name}": number for name, number in theirs.items()}
        _say(tables.counted(tables.counts(connection, [*streams, custom_report.TABLE]) | in_their_schema))
        _say(f"\n{tables.accounts(connection)}\n\n{tables.top_posts(connection)}")
        _step(
            "What the posts of the last 30 days earned, day by day",
            "Of the own accounts: what X's lifetime counters grew by between the syncs, the newest day up to now.",
        )
        _say(tables.daily(connection))
        account, when = custom_report.when_seen(connection)
        _step(f"When posts of {account} are seen", "Impressions of its newest hundred on an average day, in UTC.")
        _say(when)
        if has_ads:
            _step("What is scheduled next", "At the local times of the Ads accounts.")
            _say(tables.scheduled(connection, ads.SCHEMA))
        pictures = _pictures(connection, output, days, has_ads=has_ads)
    _say(f"\nThe database   {output / DATABASE}")
    _say("\n".join(f"{name:<15}{path}" for name, path in pictures.items()))


def _pictures(connection: DuckDBPyConnection, output: Path, days: int, *, has_ads: bool) -> dict[str, Path]:
    """Draw them; return where they are, by what the user is told of them."""
    footnote = f"Simulated accounts and numbers · read by {NAME} in "
    stories = charts.stories(connection)
    charts.draw(stories, output / PICTURE, footnote=f"{footnote}{days + 1} daily syncs")
    if not has_ads:
        return {"The picture": output / PICTURE}
    colours = {story.username: story.colour for story in stories}
    daily_stories = daily_charts.stories(connection, ads.SCHEMA, colours)
    daily_charts.draw(daily_stories, output / DAILY_PICTURE, footnote=f"{footnote}two syncs over the Ads API")
    return {"The picture": output / PICTURE, "Day by day": output / DAILY_PICTURE}


def _step(title: str, remark: str) -> None:
    _say(f"\n== {title}" + (f"\n{remark}" if remark else ""))


def _say(text: str) -> None:
    print(text, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0, 1 after an error, 2 for a wrong command line, 130 interrupted."""
    chosen = parser().parse_args(arguments)
    if not 1 <= chosen.days <= MOST_DAYS:
        parser().error(f"--days must be between 1 and {MOST_DAYS}")
    worlds = {"--accounts": chosen.accounts, "--ads-accounts": chosen.ads_accounts}
    simulator_arguments = [part for name, world in worlds.items() if world for part in (name, world)]

    def program() -> None:
        demonstrate(chosen.output.resolve(), days=chosen.days, simulator_arguments=simulator_arguments)

    return run_to_the_end(program)


if __name__ == "__main__":
    sys.exit(main())
