"""How fast the organic report is back-filled by jobs, beside a bare loop on the same result files."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from benchmarks.findings import Finding, spread
from benchmarks.processes import Failed, Run, run
from benchmarks.simulated_ads import AdsShape, SimulatedAds, is_result
from source_x_organic.ads_api.api import LARGEST_BATCH, LARGEST_PAGE, LARGEST_POLL, LONGEST_JOB_WINDOW
from source_x_organic.reports.days import Days
from source_x_organic.reports.plan import least_requests

MANY = AdsShape(tweets=2_000, days=90)
FEW = AdsShape(tweets=250, days=80)
ROUNDS = 5
MOST_OF_BARE = 3.0
MOST_OF_LEAST = 1.05
MOST_GROWTH_MB = 20.0


@dataclass(frozen=True)
class _Reading:
    """One program's run; `requests` are those that it made, `in_results` the seconds from its first download on."""

    run: Run
    requests: int
    in_results: float


def measure(many: AdsShape = MANY, few: AdsShape = FEW, rounds: int = ROUNDS) -> list[Finding]:
    """Back-fill once with new jobs, then several times, in turn with the bare loop, with those jobs done."""
    whole, ours, bare = _compared(many, rounds)
    with tempfile.TemporaryDirectory() as name, SimulatedAds(few, Path(name)) as x:
        small = _read(x, few, x.reading(Path(name)))
    least = fewest_requests(many)
    print(
        f"ads_backfill: organic_report of {many.tweets:,} tweets x {many.days} days, {whole.run.records:,} rows; "
        f"{whole.requests} requests, at least {least} are needed"
    )
    print(f"  the whole process, jobs included: wall {whole.run.wall:.2f} s, cpu {whole.run.cpu:.2f} s")
    print(f"after the jobs are done, {rounds} runs in turn")
    for side, readings in (("connector", ours), ("bare loop", bare)):
        print(
            f"  {side:10} first download to exit {spread((each.in_results for each in readings), 's')}; "
            f"whole process: wall {spread((each.run.wall for each in readings), 's')}, "
            f"cpu {spread((each.run.cpu for each in readings), 's')}"
        )
    print(f"  peak memory: {whole.run.peak_mb:.1f} MB; {small.run.peak_mb:.1f} MB with {small.run.records:,} rows")
    return [
        Finding("first download to exit, connector to bare loop", _ratio(ours, bare), MOST_OF_BARE),
        Finding(
            "whole process by processor time, after the jobs are done",
            median(each.run.cpu for each in ours) / median(each.run.cpu for each in bare),
        ),
        Finding("whole process by wall time, jobs included", whole.run.wall / median(each.run.wall for each in bare)),
        Finding("requests made, to the fewest possible", whole.requests / least, MOST_OF_LEAST),
        Finding(
            f"growth of peak memory from {small.run.records:,} to {whole.run.records:,} rows",
            whole.run.peak_mb - small.run.peak_mb,
            MOST_GROWTH_MB,
            unit="MB",
        ),
    ]


def fewest_requests(shape: AdsShape) -> int:
    """Return the fewest requests that a back-fill by jobs takes.

    On a server that takes no time for a job it is the sum of ::

        1                        the Ads accounts
        1                        the account's promotable users
        ceil(tweets / 1000)      pages of their tweets
        1                        the jobs that an interrupted sync may have left
        jobs                     to order them: of 20 tweets and 90 days each, see `least_requests`
        ceil(jobs / 200)         one look at all of them
        jobs                     to fetch their results
    """
    first = date(2026, 1, 1)
    lives = Days(first, first + timedelta(days=shape.days - 1))
    jobs = least_requests([first] * shape.tweets, [lives], batch=LARGEST_BATCH, longest=LONGEST_JOB_WINDOW)
    return 1 + 1 + -(-shape.tweets // LARGEST_PAGE) + 1 + jobs + -(-jobs // LARGEST_POLL) + jobs


def _compared(shape: AdsShape, rounds: int) -> tuple[_Reading, list[_Reading], list[_Reading]]:
    """Return the run with new jobs, and those of both programs with these jobs done.

    The connector finds the jobs that it had made within the last hour, as it does after an interruption, so that all
    runs fetch the same files; the simulator has made them by then.
    """
    with tempfile.TemporaryDirectory() as name, SimulatedAds(shape, Path(name)) as x:
        connector = x.reading(Path(name))
        whole = _read(x, shape, connector)
        loop = _bare_loop(x, Path(name))
        _read(x, shape, loop)
        pairs = [(_read(x, shape, connector), _read(x, shape, loop)) for _ in range(rounds)]
    return whole, [ours for ours, _ in pairs], [bare for _, bare in pairs]


def _bare_loop(x: SimulatedAds, folder: Path) -> tuple[str, ...]:
    told = folder / "told.json"
    urls = {"urls": x.result_urls(), "account_id": x.told.account_id, "user_id": x.told.user_id}
    told.write_text(json.dumps(urls), encoding="utf-8")
    x.journal()
    return ("-m", "benchmarks.bare_results", str(told))


def _read(x: SimulatedAds, shape: AdsShape, program: tuple[str, ...]) -> _Reading:
    whole = run(*program)
    journal = x.journal()
    if whole.records != shape.rows:
        raise Failed(f"{' '.join(program)} printed {whole.records:,} rows instead of {shape.rows:,}")
    first = min(entry["time"] for entry in journal if is_result(entry))
    return _Reading(whole, len(journal), whole.ended - first)


def _ratio(ours: list[_Reading], bare: list[_Reading]) -> float:
    return median(each.in_results for each in ours) / median(each.in_results for each in bare)
