"""X's side of a measurement: the simulator in a process of its own, without ceiling and without rate limits.

`python -m benchmarks.simulated_x '{"accounts": 1, "posts": 1000, …}'` serves; `SimulatedX` starts that and asks it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import requests

from benchmarks.processes import ROOT, Failed, environment

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed import DataclassInstance

    from x_simulator import AccountSpec

SEED = 7
POSTS_A_DAY = 100.0
NO_LIMIT = 10**9


@dataclass(frozen=True)
class Shape:
    """The world to measure with.

    Attributes:
        posts: Posts of each account, evenly apart backwards from now.
        accounts: Accounts, each with credentials of its own.
        latency_ms: Real time before every answer.
        posts_a_day: How many of them are apart by a day; accounts go on at this pace.
    """

    posts: int
    accounts: int = 1
    latency_ms: float = 0.0
    posts_a_day: float = POSTS_A_DAY


@dataclass(frozen=True)
class Told:
    """What the simulator tells before it serves.

    Attributes:
        config: The connector's configuration for all accounts.
        access_token: OAuth 2.0 token of the first account.
        user_id: Id of the first account.
        public_parameters: Fields and expansions that the connector's public pass asks for.
        private_parameters: Fields that its private pass asks for.
    """

    config: dict[str, Any]
    access_token: str
    user_id: str
    public_parameters: dict[str, str]
    private_parameters: dict[str, str]

    @property
    def base_url(self) -> str:
        """Where it serves."""
        address: str = self.config["base_urls"]["x_api"]
        return address


T = TypeVar("T")


class Simulated(Generic[T]):
    """A simulator in a process of its own, and the configuration with which the connector reads it.

    `T` is what it tells, with the connector's configuration as `config`.
    """

    def __init__(self, module: str, shape: DataclassInstance, told: type[T], folder: Path) -> None:
        """`module` serves a world of `shape`, its only argument, as JSON; `folder` takes the configuration file."""
        self._program = [sys.executable, "-m", module, json.dumps(asdict(shape))]
        self._type = told
        self.config_path = folder / "config.json"
        self.told: T
        self._base_url = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._program, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        line = self._process.stdout.readline()
        if not line:
            raise Failed("the simulator did not start")
        told = json.loads(line)
        self.told = self._type(**told)
        self._base_url = told["config"]["base_urls"]["x_api"]
        self.config_path.write_text(json.dumps(told["config"]), encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            # The simulator stops when its standard input ends, so it cannot outlive a harness that was killed.
            self._process.communicate()

    def cpu_seconds(self) -> float:
        """Return the processor time that the simulator has used so far."""
        assert self._process is not None  # noqa: S101 - only a running one is asked
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def journal(self) -> list[dict[str, Any]]:
        """Return the requests so far, and forget them."""
        address = f"{self._base_url}/_simulator/journal"
        entries: list[dict[str, Any]] = requests.get(address, timeout=60).json()["entries"]
        requests.delete(address, timeout=60)
        return entries


class SimulatedX(Simulated[Told]):
    """The simulator with accounts for the X API."""

    def __init__(self, shape: Shape, folder: Path) -> None:
        """`folder` takes the configuration file."""
        super().__init__("benchmarks.simulated_x", shape, Told, folder)


def tell_and_wait(told: DataclassInstance) -> None:
    """Print what there is to know as the first line of output, and return when standard input ends."""
    sys.stdout.write(json.dumps(asdict(told)) + "\n")
    sys.stdout.flush()
    ended = threading.Thread(target=sys.stdin.read)
    ended.start()
    ended.join()


def account_specs(shape: Shape) -> list[AccountSpec]:
    """Return the accounts of a world."""
    from x_simulator import AccountSpec

    names = [f"measured_{number}" for number in range(shape.accounts)]
    return [AccountSpec(name, posts=shape.posts, posts_per_day=shape.posts_a_day) for name in names]


def serve(shape: Shape) -> None:
    """Serve until standard input ends; the first line of output is `Told` as JSON."""
    from datetime import UTC, datetime

    from source_x_organic.x_api.vocabulary import Wording
    from x_simulator import Simulator, World

    accounts = account_specs(shape)
    names = [account.username for account in accounts]
    with Simulator(
        world=World(SEED, accounts, datetime.now(UTC)),
        timeline_ceiling=None,
        latency_seconds=shape.latency_ms / 1000,
        rate_limits={"/2/users/:id/tweets": NO_LIMIT},
    ) as simulator:
        tell_and_wait(
            Told(
                config=simulator.configuration(timeframe_months="ALL_TIME"),
                access_token=simulator.oauth2(names[0])["access_token"],
                user_id=simulator.world.user_id(names[0]),
                public_parameters=Wording().public_parameters(),
                private_parameters=Wording().private_parameters(),
            )
        )


if __name__ == "__main__":
    serve(Shape(**json.loads(sys.argv[1])))
