"""How fast `read` is, beside a plain manifest and a bare loop on the same pages."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.catalogs import write_catalog
from benchmarks.findings import Finding, spread
from benchmarks.processes import Run, run
from benchmarks.simulated_x import Shape, SimulatedX, Told

if TYPE_CHECKING:
    from collections.abc import Mapping

POSTS = 100_000
ROUNDS = 3
LEAST_OF_PLAIN = 2.0
MOST_OF_BARE = 2.5


@dataclass
class _Side:
    """One of the programs that are compared, with its runs and what the simulator used in each."""

    name: str
    arguments: tuple[str, ...]
    runs: list[Run] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    requests: int = 0

    def go(self, x: SimulatedX) -> None:
        """Run it once more."""
        before = x.cpu_seconds()
        self.runs.append(run(*self.arguments))
        self.served.append(x.cpu_seconds() - before)
        self.requests = len(x.journal())

    @property
    def wall(self) -> float:
        """Seconds of a run, the median."""
        return median(each.wall for each in self.runs)

    @property
    def cpu(self) -> float:
        """Seconds of processor time of a run, the median."""
        return median(each.cpu for each in self.runs)

    @property
    def records(self) -> int:
        """Records of a run."""
        return self.runs[-1].records

    def __str__(self) -> str:
        return (
            f"  {self.name:10} {self.records:>8,} records, {self.requests:>5,} requests; "
            f"wall {spread((each.wall for each in self.runs), 's')}, "
            f"cpu {spread((each.cpu for each in self.runs), 's')}; {self.records / self.wall:>7,.0f} records/s; "
            f"simulator {1000 * median(self.served) / self.requests:.1f} ms of cpu a request"
        )


def measure(posts: int = POSTS, rounds: int = ROUNDS) -> list[Finding]:
    """Read the same posts with each program in turn, several times over."""
    with tempfile.TemporaryDirectory() as name, SimulatedX(Shape(posts), Path(name)) as x:
        sides = _sides(x, Path(name))
        for _ in range(rounds):
            for side in sides.values():
                side.go(x)
    print(f"throughput: tweets and tweet_insights of {posts:,} posts, medians of {rounds} runs in turn")
    for side in sides.values():
        print(side)
    return _findings(sides)


def _sides(x: SimulatedX, folder: Path) -> dict[str, _Side]:
    both = write_catalog(folder / "both.json", "tweets", "tweet_insights")
    plain = write_catalog(folder / "plain.json", "tweets")
    told = folder / "told.json"
    told.write_text(json.dumps(asdict(x.told)), encoding="utf-8")
    plain_config = folder / "plain_config.json"
    plain_config.write_text(json.dumps(_plain_config(x.told)), encoding="utf-8")
    connector = ("-m", "source_x_organic", "read", "--config", str(x.config_path), "--catalog", str(both))
    manifest = ("-m", "benchmarks.plain_source", "read", "--config", str(plain_config), "--catalog", str(plain))
    return {
        "connector": _Side("connector", connector),
        "bare": _Side("bare loop", ("-m", "benchmarks.bare_loop", str(told))),
        "plain": _Side("manifest", manifest),
    }


def _plain_config(told: Told) -> dict[str, str]:
    return {
        "base_url": told.base_url,
        "user_id": told.user_id,
        "access_token": told.access_token,
        "tweet_fields": told.public_parameters["tweet.fields"],
        "expansions": told.public_parameters["expansions"],
    }


def _findings(sides: Mapping[str, _Side]) -> list[Finding]:
    ours, bare, plain = sides["connector"], sides["bare"], sides["plain"]
    records = ours.records / plain.records
    return [
        Finding(
            "records/s, connector to plain manifest", records * plain.wall / ours.wall, LEAST_OF_PLAIN, at_least=True
        ),
        Finding("the same by processor time of the readers alone", records * plain.cpu / ours.cpu),
        Finding("wall time, connector to bare loop", ours.wall / bare.wall, MOST_OF_BARE),
        Finding("the same by processor time of the readers alone", ours.cpu / bare.cpu),
    ]
