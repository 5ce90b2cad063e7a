"""How much more memory a ten times longer timeline takes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.catalogs import write_catalog
from benchmarks.findings import Finding
from benchmarks.processes import Run, run
from benchmarks.simulated_x import Shape, SimulatedX

FEW_POSTS = 20_000
MANY_POSTS = 200_000
MOST_GROWTH_MB = 20.0


def measure(few: int = FEW_POSTS, many: int = MANY_POSTS) -> list[Finding]:
    """Read a short and a long timeline of the same cadence and compare the most memory held at once."""
    runs = {posts: _read(posts) for posts in (few, many)}
    print(f"memory: tweets and tweet_insights of {few:,} and of {many:,} posts")
    for posts, each in runs.items():
        print(
            f"  {posts:>7,} posts: {each.records:>7,} records, {each.output_mb:,.0f} MB of output in "
            f"{each.wall:.1f} s; peak {each.peak_mb:.1f} MB"
        )
    growth = runs[many].peak_mb - runs[few].peak_mb
    return [Finding("growth of the connector's peak resident memory", growth, MOST_GROWTH_MB, unit="MB")]


def _read(posts: int) -> Run:
    with tempfile.TemporaryDirectory() as name, SimulatedX(Shape(posts), Path(name)) as x:
        both = write_catalog(Path(name) / "both.json", "tweets", "tweet_insights")
        return run("-m", "source_x_organic", "read", "--config", str(x.config_path), "--catalog", str(both))
