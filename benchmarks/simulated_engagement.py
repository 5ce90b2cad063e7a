"""The Engagement API's side of a measurement: one account whose tweets were all posted on the same UTC day.

`python -m benchmarks.simulated_engagement '{"tweets": 3200, "days": 365}'` serves; `SimulatedEngagement` starts that
and asks it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.catalogs import write_catalog
from benchmarks.simulated_x import NO_LIMIT, Simulated, tell_and_wait

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from x_simulator import World

NAME = "measured"
HISTORICAL = "/insights/engagement/historical"
LATEST = timedelta(hours=20)
"""Time of day before which all tweets are posted."""


@dataclass(frozen=True)
class EngagementShape:
    """The account to measure with.

    Attributes:
        tweets: Its tweets.
        days: UTC days of their lives, today included; at most those that X keeps.
    """

    tweets: int
    days: int

    @property
    def rows(self) -> int:
        """Rows of the report: one for each tweet and day."""
        return self.tweets * self.days


@dataclass(frozen=True)
class EngagementTold:
    """What the simulator tells before it serves.

    Attributes:
        config: The connector's configuration.
        user_id: Id of the account.
    """

    config: dict[str, Any]
    user_id: str


class SimulatedEngagement(Simulated[EngagementTold]):
    """The simulator with such an account."""

    def __init__(self, shape: EngagementShape, folder: Path) -> None:
        """`folder` takes the configuration file."""
        super().__init__("benchmarks.simulated_engagement", shape, EngagementTold, folder)

    def reading(self, folder: Path) -> tuple[str, ...]:
        """Return the command that reads the report; `folder` takes its catalog."""
        catalog = write_catalog(folder / "report.json", "organic_report")
        return ("-m", "source_x_organic", "read", "--config", str(self.config_path), "--catalog", str(catalog))


def is_question(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry of the journal is a request for figures."""
    return bool(entry["path"] == HISTORICAL)


def world_of(shape: EngagementShape, moment: datetime) -> World:
    """Return the world as of an instant."""
    from x_simulator import AccountSpec, World

    world = World(7, [AccountSpec(NAME, kind="empty")], moment)
    # It posts what is put into it alone.
    world.restore(NAME)
    day = moment.date() - timedelta(days=shape.days - 1)
    for number in range(shape.tweets):
        at = datetime.combine(day, time(), UTC) + LATEST * number / shape.tweets
        world.add_post(NAME, f"Number {number} of a long day", at=at)
    return world


def serve(shape: EngagementShape) -> None:
    """Serve until standard input ends; the first line of output is `EngagementTold` as JSON."""
    from x_simulator import Simulator

    world = world_of(shape, datetime.now(UTC))
    with Simulator(world=world, timeline_ceiling=None, rate_limits={HISTORICAL: NO_LIMIT}) as simulator:
        config = simulator.configuration(api_access="ENGAGEMENT_API", timeframe_months="TWELVE")
        tell_and_wait(EngagementTold(config, world.user_id(NAME)))


if __name__ == "__main__":
    serve(EngagementShape(**json.loads(sys.argv[1])))
