"""What a daily sync costs once the first is done: posts that X bills, characters of state, seconds."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.catalogs import write_catalog
from benchmarks.findings import Finding, spread
from benchmarks.later import DAY_SECONDS
from benchmarks.processes import Run, run
from benchmarks.simulated_x import SEED, Shape, SimulatedX, account_specs
from source_x_organic.snapshots.tracking import oldest_tracked
from x_simulator import World

if TYPE_CHECKING:
    from collections.abc import Sequence

REPORT = "organic_report"
OTHERS = ("tweets", "tweet_insights")
DAYS = 90
FEWER_DAYS = 5
POSTS_A_DAY = 10.0
MOST_OF_LEAST = 1.05
MOST_STATE = 40.0
"""Characters of state for a tweet that is tracked, what the state says of its account included."""


@dataclass(frozen=True)
class _Sync:
    """One sync: its process, what it asked, what it left, and how many posts it had to read at least."""

    run: Run
    requests: int
    billed: int
    state: int
    least: int


def measure(days: int = DAYS, fewer_days: int = FEWER_DAYS) -> list[Finding]:
    """Sync an account daily, the report alone, and then what is read beside it with and without it."""
    shape = Shape(posts=round(2 * DAYS * POSTS_A_DAY), posts_a_day=POSTS_A_DAY)
    alone = _daily(shape, days, REPORT)
    beside, without = _daily(shape, fewer_days, *OTHERS, REPORT), _daily(shape, fewer_days, *OTHERS)
    ordinary = alone[1:]
    print(f"daily: {REPORT} of one account with {POSTS_A_DAY:g} posts a day, {days} daily syncs")
    print(
        f"  posts billed {spread((each.billed for each in ordinary), 'a sync')}, "
        f"{sum(each.billed for each in alone):,} in all; "
        f"requests {spread((each.requests for each in ordinary), 'a sync')}"
    )
    print(
        f"  the whole process: wall {spread((each.run.wall for each in ordinary), 's')}, "
        f"cpu {spread((each.run.cpu for each in ordinary), 's')}; {ordinary[-1].run.records:,} rows in the last"
    )
    print(f"  state: {ordinary[-1].state:,} characters for {ordinary[-1].least} tweets in the end")
    return [
        Finding(
            "posts billed, to the fewest possible, the worst of the syncs",
            max(each.billed / each.least for each in alone),
            MOST_OF_LEAST,
        ),
        Finding(
            f"posts billed beside {' and '.join(OTHERS)}, to those without the report",
            sum(each.billed for each in beside) / sum(each.billed for each in without),
            1.0,
        ),
        Finding(
            "requests beside them, to those without the report",
            sum(each.requests for each in beside) / sum(each.requests for each in without),
            1.0,
        ),
        Finding(
            "characters of state for each tracked tweet, the most of the syncs",
            max(each.state / each.least for each in ordinary),
            MOST_STATE,
            unit="",
        ),
    ]


def fewest_posts(world: World, now: datetime) -> int:
    """Return how many posts a snapshot at an instant has to read at least.

    They are the posts of the last 30 days, retweets left out: each has counters that may have changed, which X tells
    nowhere but with the post, and what X shows of a post is billed. X's originals, and a second pass, are not needed.
    """
    ((account,),) = [world.accounts]
    posts = world.posts(account.username, at=now)
    oldest_ms = oldest_tracked(now).timestamp() * 1000
    return sum(post.kind != "retweet" and post.created_ms >= oldest_ms for post in posts)


def _daily(shape: Shape, days: int, *streams: str) -> list[_Sync]:
    with tempfile.TemporaryDirectory() as name, SimulatedX(shape, Path(name)) as x:
        states = Path(name, "states.json")
        catalog = write_catalog(Path(name, "catalog.json"), *streams, sync_mode="incremental")
        asked = ("read", "--config", str(x.config_path), "--catalog", str(catalog))
        control = f"{x.told.base_url}/_simulator"
        world = _world(requests.get(f"{control}/world", timeout=60).json(), shape)
        syncs = []
        for day in range(days):
            process = run("-m", "benchmarks.later", str(day), str(states), *asked)
            journal = x.journal()
            at = datetime.fromtimestamp(max(entry["time"] for entry in journal), UTC)
            billed = sum(entry["billed_posts"] for entry in journal)
            syncs.append(_Sync(process, len(journal), billed, _state_size(states), fewest_posts(world, at)))
            requests.post(f"{control}/clock", json={"advance_seconds": DAY_SECONDS}, timeout=60)
    return syncs


def _world(told: dict[str, Any], shape: Shape) -> World:
    """Return the world that the simulator plays: the same seed, accounts and anchor make the same one."""
    return World(SEED, account_specs(shape), datetime.fromisoformat(told["anchor"]))


def _state_size(path: Path) -> int:
    """Return the characters of the report's state, as Airbyte stores it."""
    states: Sequence[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    blobs = {state["stream"]["stream_descriptor"]["name"]: state["stream"]["stream_state"] for state in states}
    return len(json.dumps(blobs.get(REPORT, {})))
