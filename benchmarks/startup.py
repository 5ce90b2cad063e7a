"""How long `spec` takes, beside the import that no connector on airbyte-cdk can do without."""

from __future__ import annotations

from statistics import median

from benchmarks.findings import Finding, spread
from benchmarks.processes import run

ROUNDS = 9
MOST_OF_IMPORT = 1.3


def measure(rounds: int = ROUNDS) -> list[Finding]:
    """Run both in turn, after one of each that nobody counts (it may have to compile modules)."""
    spec, imported = ("-m", "source_x_organic", "spec"), ("-c", "import airbyte_cdk.entrypoint")
    run(*spec)
    run(*imported)
    pairs = [(run(*spec), run(*imported)) for _ in range(rounds)]
    print(f"startup: {rounds} runs in turn")
    for name, side in zip(("spec", "import airbyte_cdk.entrypoint"), zip(*pairs, strict=True), strict=True):
        print(f"  {name:30} wall {spread((r.wall for r in side), 's')}, cpu {spread((r.cpu for r in side), 's')}")
    return [
        Finding(
            "wall time of spec, to the import's (ratio of medians)",
            median(ours.wall for ours, _ in pairs) / median(theirs.wall for _, theirs in pairs),
            MOST_OF_IMPORT,
        ),
        Finding(
            "the same by processor time",
            median(ours.cpu for ours, _ in pairs) / median(theirs.cpu for _, theirs in pairs),
        ),
    ]
