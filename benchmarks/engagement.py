"""How fast, and in how many requests, a year of the organic report is read from the Engagement API."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.findings import Finding, spread
from benchmarks.paced_engagement import Paced
from benchmarks.processes import ROOT, Failed, Run, environment, run
from benchmarks.simulated_engagement import EngagementShape, SimulatedEngagement, is_question
from source_x_organic.config import Aggregate, ReportType
from source_x_organic.reports.days import Days
from source_x_organic.reports.kinds import kind_of
from source_x_organic.reports.plan import least_requests

if TYPE_CHECKING:
    from collections.abc import Iterable

YEAR = EngagementShape(tweets=3_200, days=365)
PART = EngagementShape(tweets=400, days=365)
FEW = EngagementShape(tweets=100, days=100)
ROUNDS = 3
ALLOWED = 6
MOST_OF_BARE = 3.0
LEAST_OF_ALLOWANCE = 0.95
MOST_GROWTH_MB = 20.0


@dataclass(frozen=True)
class _Reading:
    """One program's run; `seconds` from its first request for figures to its end."""

    run: Run
    bodies: list[dict[str, Any]]
    seconds: float


def measure(
    year: EngagementShape = YEAR, part: EngagementShape = PART, few: EngagementShape = FEW, rounds: int = ROUNDS
) -> list[Finding]:
    """Read a year of many tweets once, a part of them several times beside a bare loop, and the same at 6 a minute."""
    small, whole = _once(few), _once(year)
    ours, bare = _compared(part, rounds)
    paced = _paced(part)
    least = fewest_requests(year)
    print(
        f"engagement: organic_report of {year.tweets:,} tweets x {year.days} days, {whole.run.records:,} rows; "
        f"{len(whole.bodies)} requests for figures, at least {least} are needed"
    )
    print(
        f"  wall {whole.run.wall:.1f} s, {whole.run.records / whole.seconds:,.0f} rows a second; "
        f"peak memory {whole.run.peak_mb:.1f} MB; {small.run.peak_mb:.1f} MB with {small.run.records:,} rows"
    )
    print(f"{part.tweets:,} tweets x {part.days} days, {rounds} runs in turn")
    for side, readings in (("connector", ours), ("bare loop", bare)):
        print(
            f"  {side:10} first request to exit {spread(_seconds(readings), 's')}, "
            f"{part.rows / median(_seconds(readings)):,.0f} rows a second; "
            f"whole process: cpu {spread((each.run.cpu for each in readings), 's')}"
        )
    print(f"  with {ALLOWED} requests a minute: {paced.requests} requests, {paced.refused} refused")
    return [
        Finding("requests for figures, to the fewest possible", len(whole.bodies) / least, 1.0),
        Finding(
            "first request to exit, connector to bare loop",
            median(_seconds(ours)) / median(_seconds(bare)),
            MOST_OF_BARE,
        ),
        Finding(
            "whole process by processor time",
            median(each.run.cpu for each in ours) / median(each.run.cpu for each in bare),
        ),
        Finding(
            f"growth of peak memory from {small.run.records:,} to {whole.run.records:,} rows",
            whole.run.peak_mb - small.run.peak_mb,
            MOST_GROWTH_MB,
            unit="MB",
        ),
        Finding(f"allowance used, of {ALLOWED} requests a minute", paced.used, LEAST_OF_ALLOWANCE, at_least=True),
        Finding("requests refused for their number", paced.refused, 0.0, unit="429"),
    ]


def fewest_requests(shape: EngagementShape) -> int:
    """Return the fewest requests for figures: one for each batch of 25 tweets and window of 28 days."""
    kind = kind_of(ReportType.ENGAGEMENT_HISTORICAL)
    first = date(2026, 1, 1)
    lives = Days(first, first + timedelta(days=shape.days - 1))
    return least_requests([first] * shape.tweets, [lives], batch=kind.batch, longest=kind.windows[Aggregate.DAILY])


def _once(shape: EngagementShape) -> _Reading:
    with tempfile.TemporaryDirectory() as name, SimulatedEngagement(shape, Path(name)) as x:
        return _read(x, shape, x.reading(Path(name)))


def _compared(shape: EngagementShape, rounds: int) -> tuple[list[_Reading], list[_Reading]]:
    with tempfile.TemporaryDirectory() as name, SimulatedEngagement(shape, Path(name)) as x:
        connector = x.reading(Path(name))
        told = {"config": x.told.config, "user_id": x.told.user_id, "bodies": _read(x, shape, connector).bodies}
        questions = Path(name, "questions.json")
        questions.write_text(json.dumps(told), encoding="utf-8")
        loop = ("-m", "benchmarks.bare_questions", str(questions))
        pairs = [(_read(x, shape, connector), _read(x, shape, loop)) for _ in range(rounds)]
    return [ours for ours, _ in pairs], [bare for _, bare in pairs]


def _read(x: SimulatedEngagement, shape: EngagementShape, program: tuple[str, ...]) -> _Reading:
    whole = run(*program)
    asked = [entry for entry in x.journal() if is_question(entry)]
    if whole.records != shape.rows:
        raise Failed(f"{' '.join(program)} printed {whole.records:,} rows instead of {shape.rows:,}")
    return _Reading(whole, [entry["body"] for entry in asked], whole.ended - asked[0]["time"])


def _paced(shape: EngagementShape) -> Paced:
    program = [sys.executable, "-m", "benchmarks.paced_engagement", json.dumps(asdict(shape)), str(ALLOWED)]
    ended = subprocess.run(program, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise Failed(f"{' '.join(program)} ended with {ended.returncode}\n{ended.stderr[-2000:]}")
    return Paced(**json.loads(ended.stdout.splitlines()[-1]))


def _seconds(readings: Iterable[_Reading]) -> list[float]:
    return [each.seconds for each in readings]
