"""How well X's time for jobs is used: as many at once as its ceiling lets run, fetched soon after they are done."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.findings import Finding, spread
from benchmarks.processes import Failed, run
from benchmarks.simulated_ads import AdsShape, SimulatedAds, is_result

JOBS = 30
WIDE = AdsShape(tweets=20 * JOBS, days=90, job_seconds=2.0)
NARROW = replace(WIDE, job_ceiling=5)
ROUNDS = 2
MOST_SECONDS = 6.0
MOST_OF_BOUND = 1.2


def measure(wide: AdsShape = WIDE, narrow: AdsShape = NARROW, rounds: int = ROUNDS) -> list[Finding]:
    """Back-fill with room for all jobs at once and with room for few, each time from a server without jobs."""
    bound = JOBS / narrow.job_ceiling * narrow.job_seconds
    seconds = {shape: [_seconds(shape) for _ in range(rounds)] for shape in (wide, narrow)}
    print(f"ads_jobs: {JOBS} jobs of {wide.job_seconds:g} s, {wide.rows:,} rows; {rounds} runs")
    for shape, each in seconds.items():
        print(f"  X lets {shape.job_ceiling} run at once: first request to last result {spread(each, 's')}")
    return [
        Finding("first request to last result, all jobs at once", median(seconds[wide]), MOST_SECONDS, unit="s"),
        Finding(
            f"the same, {narrow.job_ceiling} at once, to the {bound:g} s that the ceiling allows",
            median(seconds[narrow]) / bound,
            MOST_OF_BOUND,
        ),
    ]


def _seconds(shape: AdsShape) -> float:
    with tempfile.TemporaryDirectory() as name, SimulatedAds(shape, Path(name)) as x:
        whole = run(*x.reading(Path(name)))
        journal = x.journal()
    times: list[float] = [entry["time"] for entry in journal]
    results = [time for time, entry in zip(times, journal, strict=True) if is_result(entry)]
    if whole.records != shape.rows or len(results) != JOBS:
        raise Failed(f"{whole.records:,} rows from {len(results)} results instead of {shape.rows:,} from {JOBS}")
    return max(results) - min(times)
