"""How well accounts are read side by side when every answer takes its time."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.catalogs import write_catalog
from benchmarks.findings import Finding, spread
from benchmarks.processes import run
from benchmarks.simulated_x import Shape, SimulatedX

SHAPE = Shape(posts=4_000, accounts=8, latency_ms=100)
ROUNDS = 3
MOST_OF_IDEAL = 1.3


@dataclass(frozen=True)
class _Reading:
    """One read of all accounts, in seconds.

    Attributes:
        ideal: Requests divided by accounts, times the latency.
        in_requests: From the first request's arrival to the last answer.
        in_all: From the process's start to its exit.
        requests: Requests that the simulator got.
    """

    ideal: float
    in_requests: float
    in_all: float
    requests: int


def measure(shape: Shape = SHAPE, rounds: int = ROUNDS) -> list[Finding]:
    """Read all accounts several times over and compare with what latency alone would cost."""
    with tempfile.TemporaryDirectory() as name, SimulatedX(shape, Path(name)) as x:
        readings = [_read(x, shape, Path(name)) for _ in range(rounds)]
    print(
        f"concurrency: {shape.accounts} accounts with credentials of their own, {shape.posts:,} posts each, "
        f"{shape.latency_ms:g} ms latency; {rounds} runs of {readings[0].requests:,} requests"
    )
    print(f"  ideal: requests / {shape.accounts} accounts at once x latency = {readings[0].ideal:.2f} s")
    print(f"  from the first request to the last answer: {spread((each.in_requests for each in readings), 's')}")
    print(f"  from the process's start to its exit: {spread((each.in_all for each in readings), 's')}")
    return [
        Finding(
            "first request to last answer, to the ideal (no start-up in it)",
            median(each.in_requests / each.ideal for each in readings),
            MOST_OF_IDEAL,
        ),
        Finding(
            "the whole process, start-up included, to the ideal",
            median(each.in_all / each.ideal for each in readings),
        ),
    ]


def _read(x: SimulatedX, shape: Shape, folder: Path) -> _Reading:
    both = write_catalog(folder / "both.json", "tweets", "tweet_insights")
    whole = run("-m", "source_x_organic", "read", "--config", str(x.config_path), "--catalog", str(both))
    journal = x.journal()
    latency = shape.latency_ms / 1000
    # The journal notes a request when its answer is ready, before the latency.
    arrivals = [entry["time"] for entry in journal]
    in_requests = max(arrivals) - min(arrivals) + latency
    return _Reading(len(journal) / shape.accounts * latency, in_requests, whole.wall, len(journal))
