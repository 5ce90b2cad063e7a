"""The second connection: the Ads API, into a schema of its own beside the first one's tables."""

from __future__ import annotations

import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from demo import reading
from demo.connector import Connector

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

SCHEMA = "ads"
STREAMS = ("ads_accounts", "promotable_users", "scheduled_tweets", "draft_tweets", "organic_report")
OF_THE_API = STREAMS[:4]
"""In the catalog of every connection, but of use only to those whose keys have access to the Ads API."""

_STREAM_OF_ACCOUNT = re.compile(r"(?P<account>Ads account .+): (?P<stream>[a-z_]+): (?P<said>.+)")
_REQUESTS = re.compile(r"Requests made to X: \d+ \((?P<by_endpoint>.+)\)\.")
_NAMES = {"ads/stats/jobs/accounts/:id (POST)": "jobs", "ads/stats/accounts/:id": "requests"}
"""How the user is told of the two ways to figures, by how the connector counts them."""


def yesterday(airbyte: Any, config: Mapping[str, Any], database: Path) -> str:  # noqa: ANN401 - a module without types
    """Read a quarter as of a day ago, with the clocks put back; return what came of it.

    Raises:
        CannotGoOn: something could not be read.
    """
    return _read(airbyte, config, database, [sys.executable, "-m", "demo.daily_syncs", "1"])


def today(airbyte: Any, config: Mapping[str, Any], database: Path) -> str:  # noqa: ANN401 - a module without types
    """Read what is new since yesterday; return what came of it.

    Raises:
        CannotGoOn: something could not be read.
    """
    return _read(airbyte, config, database, None)


def _read(
    airbyte: Any,  # noqa: ANN401 - a module without types
    config: Mapping[str, Any],
    database: Path,
    program: Sequence[str] | None,
) -> str:
    with Connector(reading=program) as connector:
        with reading.without_progress():
            outcome = reading.read(
                airbyte, connector, config, reading.Database(database, SCHEMA), streams=reading.Selection(STREAMS)
            )
        connector.raise_errors()
        made = requests_made(connector.heard.log)
    asked = [f"{made[kind]} {name}" for kind, name in _NAMES.items() if made[kind]]
    return f"  {outcome.records:,} records; the figures by {' and '.join(asked) or 'nothing'}"


def requests_made(log: Iterable[str]) -> Counter[str]:
    """Return how many requests of each kind the connector says it made."""
    made: Counter[str] = Counter()
    for line in log:
        if said := _REQUESTS.match(line):
            for each in said["by_endpoint"].split(", "):
                endpoint, _, number = each.rpartition(" ")
                if endpoint:
                    made[endpoint] += int(number)
    return made


def summed_up(lines: Iterable[str]) -> list[str]:
    """Return one line per Ads account in place of one per stream, and those that are not simply available as they are.

    `lines` are what `check` says.
    """
    available: Counter[str] = Counter()
    others = []
    for line in lines:
        told = _STREAM_OF_ACCOUNT.fullmatch(line)
        if told is not None and told["said"] == "available.":
            available[told["account"]] += 1
        else:
            others.append(line)
    counted = [f"{account}: {number} stream{'s'[: number - 1]} available." for account, number in available.items()]
    return [*counted, *others]
