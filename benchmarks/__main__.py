"""`python -m benchmarks [name …]`: measure, print, exit 1 where a target is missed; see `MEASUREMENTS`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from benchmarks import ads_backfill, ads_jobs, concurrency, daily, engagement, memory, startup, throughput
from benchmarks.processes import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.findings import Finding

MEASUREMENTS: dict[str, Callable[[], list[Finding]]] = {
    "startup": startup.measure,
    "concurrency": concurrency.measure,
    "throughput": throughput.measure,
    "memory": memory.measure,
    "daily": daily.measure,
    "ads_backfill": ads_backfill.measure,
    "ads_jobs": ads_jobs.measure,
    "engagement": engagement.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements that were named (default: all) and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the connector; takes minutes.")
    parser.add_argument("names", nargs="*", metavar="measurement", help=f"of {', '.join(MEASUREMENTS)}; default: all")
    names = parser.parse_args(arguments).names or list(MEASUREMENTS)
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        parser.error(f"no measurement is called {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    findings: list[Finding] = []
    for name in names:
        try:
            found = MEASUREMENTS[name]()
        except Failed as failure:
            print(failure, file=sys.stderr)
            return 1
        print(*found, sep="\n", flush=True)
        findings += found
    missed = sum(not finding.is_met for finding in findings)
    print(f"{missed} of {sum(finding.bound is not None for finding in findings)} targets missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
