"""Reads the report in this process on a clock that goes on while everybody waits: how the allowance is used.

`python -m benchmarks.paced_engagement '{"tweets": 400, "days": 365}' 6` prints, as its last line, `Paced` as JSON. By
the clock on the wall 224 requests at 6 a minute would take 37 minutes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.catalogs import write_catalog
from benchmarks.simulated_engagement import HISTORICAL, EngagementShape, world_of
from source_x_organic import SourceXOrganic
from source_x_organic.run import Entrypoint
from x_simulator import PatientClock, Simulator

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = 60.0


@dataclass(frozen=True)
class Paced:
    """What such a reading found.

    Attributes:
        requests: Requests for figures.
        refused: Those of them that X answered with 429.
        used: Part of the allowance that was used, from the first request of the first minute to the last of the last
            whole minute's worth.
    """

    requests: int
    refused: int
    used: float


def read(shape: EngagementShape, allowed: int) -> Paced:
    """Read the report with so many requests a minute allowed."""
    clock = PatientClock(NOON)
    with (
        tempfile.TemporaryDirectory() as name,
        Simulator(
            world=world_of(shape, NOON),
            clock=clock,
            timeline_ceiling=None,
            rate_limits={HISTORICAL: allowed},
            # Requests that are under way while others wait: their signatures grow old at once.
            oauth1_timestamp_tolerance_seconds=None,
        ) as simulator,
    ):
        config = Path(name, "config.json")
        properties = simulator.configuration(api_access="ENGAGEMENT_API", timeframe_months="TWELVE")
        config.write_text(json.dumps(properties), encoding="utf-8")
        catalog = write_catalog(Path(name, "report.json"), "organic_report")
        entrypoint = Entrypoint(SourceXOrganic(clock=clock))
        arguments = ["read", "--config", str(config), "--catalog", str(catalog)]
        for _ in entrypoint.run(entrypoint.parse_args(arguments)):
            pass
        asked = simulator.journal.requests_to(HISTORICAL)
    whole = len(asked) // allowed * allowed
    minutes = (asked[whole - 1].time - asked[0].time) / MINUTE
    return Paced(len(asked), sum(each.status != 200 for each in asked), (whole - allowed) / allowed / minutes)  # noqa: PLR2004 - HTTP's own number


if __name__ == "__main__":
    found = read(EngagementShape(**json.loads(sys.argv[1])), int(sys.argv[2]))
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
