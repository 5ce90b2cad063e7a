"""The simulator as a child process, started as a user would, and the hands of its clock."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from demo.connector import end
from demo.endings import CannotGoOn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class SimulatedX:
    """A running simulator.

    Attributes:
        base_url: Its address.
        configuration: The connector's, for all accounts of its world over the X API.
        ads_configuration: The connector's, for all of its Ads accounts over the Ads API; None where it has none.
    """

    base_url: str
    configuration: dict[str, Any]
    ads_configuration: dict[str, Any] | None


@contextmanager
def simulated_x(arguments: Sequence[str] = ()) -> Iterator[SimulatedX]:
    """Run the simulator for as long as the block runs.

    Raises:
        CannotGoOn: it did not start.
    """
    with tempfile.TemporaryDirectory(prefix="x-organic-") as folder, _process(Path(folder), arguments) as base_url:
        own_accounts = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
        world = _ask(base_url, "world")
        ads = {**own_accounts, "api_access": "ADS_API"} if world["ads_accounts"] else None
        yield SimulatedX(base_url, _for_all_accounts(own_accounts, world), ads)


def move_clock(base_url: str, seconds: float) -> None:
    """Move the simulator's clock forward, or back."""
    _ask(base_url, "clock", {"advance_seconds": seconds})


@contextmanager
def _process(folder: Path, arguments: Sequence[str]) -> Iterator[str]:
    command = [sys.executable, "-m", "x_simulator", "--port", "0", "--config-out", str(folder / "config.json")]
    with (folder / "complaints").open("w+", encoding="utf-8") as complaints:
        process = subprocess.Popen(
            [*command, *arguments], cwd=PROJECT, stdout=subprocess.PIPE, stderr=complaints, encoding="utf-8"
        )
        try:
            base_url = process.stdout.readline().strip() if process.stdout else ""
            if not base_url:
                complaints.seek(0)
                raise CannotGoOn(f"The simulator did not start. {complaints.read().strip()[-500:]}")
            yield base_url
        finally:
            end(process)


def _for_all_accounts(configuration: dict[str, Any], world: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with the accounts without credentials too: competitors, with their public metrics."""
    names = [f"@{account['username']}" for account in world["accounts"]]
    return {**configuration, "sync_mode": "SpecificAccounts", "accounts": names}


def _ask(base_url: str, control: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    request = Request(f"{base_url}/_simulator/{control}", data=json.dumps(body).encode() if body else None)  # noqa: S310 - loopback
    with urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
        answer: dict[str, Any] = json.load(response)
    return answer
