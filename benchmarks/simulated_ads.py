"""The Ads API's side of a measurement: one Ads account whose tweets were all posted on the same local day.

`python -m benchmarks.simulated_ads '{"tweets": 2000, "days": 90, …}'` serves; `SimulatedAds` starts that and asks it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import requests
from requests_oauthlib import OAuth1

from benchmarks.catalogs import write_catalog
from benchmarks.simulated_x import NO_LIMIT, Simulated, tell_and_wait

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "measured"
NOON = 12
LATEST = timedelta(hours=20)
"""Time of day before which all tweets are posted."""


@dataclass(frozen=True)
class AdsShape:
    """The Ads account to measure with.

    Attributes:
        tweets: Organic tweets of its only user.
        days: Local days of their lives, today included; at most those of a timeframe of three months.
        job_seconds: How long X works on a job.
        job_ceiling: Jobs that X lets run at once.
    """

    tweets: int
    days: int
    job_seconds: float = 0.0
    job_ceiling: int = 100

    @property
    def rows(self) -> int:
        """Rows of the report: one for each tweet and day."""
        return self.tweets * self.days


@dataclass(frozen=True)
class AdsTold:
    """What the simulator tells before it serves.

    Attributes:
        config: The connector's configuration.
        account_id: Id of the Ads account.
        user_id: Id of its user.
    """

    config: dict[str, Any]
    account_id: str
    user_id: str


class SimulatedAds(Simulated[AdsTold]):
    """The simulator with an Ads account."""

    def __init__(self, shape: AdsShape, folder: Path) -> None:
        """`folder` takes the configuration file."""
        super().__init__("benchmarks.simulated_ads", shape, AdsTold, folder)

    def reading(self, folder: Path) -> tuple[str, ...]:
        """Return the command that reads the report; `folder` takes its catalog."""
        catalog = write_catalog(folder / "report.json", "organic_report")
        return ("-m", "source_x_organic", "read", "--config", str(self.config_path), "--catalog", str(catalog))

    def result_urls(self) -> list[str]:
        """Return where the results of all jobs lie that are done."""
        config, keys = self.told.config, self.told.config["credentials"]
        answer = requests.get(
            f"{config['base_urls']['ads_api']}/12/stats/jobs/accounts/{self.told.account_id}",
            params={"count": "1000"},
            auth=OAuth1(
                keys["consumer_key"], keys["consumer_secret"], keys["access_token"], keys["access_token_secret"]
            ),
            timeout=60,
        )
        answer.raise_for_status()
        return [job["url"] for job in answer.json()["data"] if job["url"]]


def is_result(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry of the journal is the download of a result file."""
    path: str = entry["path"]
    return path.startswith("/advertiser-api-async-analytics/")


def serve(shape: AdsShape) -> None:
    """Serve until standard input ends; the first line of output is `AdsTold` as JSON."""
    from x_simulator import AccountSpec, AdsAccountSpec, Simulator, World

    moment = datetime.now(UTC)
    zone = _where_it_is_noon(moment)
    account = AdsAccountSpec(NAME, ((NAME, "FULL"),), timezone=zone.key)
    world = World(7, [AccountSpec(NAME, kind="empty")], moment, ads_accounts=[account])
    # It posts what is put into it alone.
    world.restore(NAME)
    day = moment.astimezone(zone).date() - timedelta(days=shape.days - 1)
    for number in range(shape.tweets):
        at = datetime.combine(day, time(), zone) + LATEST * number / shape.tweets
        world.add_post(NAME, f"Number {number} of a long day", at=at)
    with Simulator(
        world=world,
        rate_limits=dict.fromkeys(("/12/accounts", "/12/stats/jobs/accounts/:id"), NO_LIMIT),
        job_seconds=shape.job_seconds,
        job_ceiling=shape.job_ceiling,
    ) as simulator:
        config = simulator.configuration(api_access="ADS_API", timeframe_months="THREE")
        tell_and_wait(AdsTold(config, world.ads.named(NAME).id, world.user_id(NAME)))


def _where_it_is_noon(moment: datetime) -> ZoneInfo:
    """Return the zone in which no midnight comes during a measurement: the days are the same from start to end."""
    # These zones are named by what has to be added to their time to have UTC, so they are the wrong way round.
    return ZoneInfo(f"Etc/GMT{moment.hour - NOON:+d}")


if __name__ == "__main__":
    serve(AdsShape(**json.loads(sys.argv[1])))
