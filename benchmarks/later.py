"""`python -m benchmarks.later DAYS STATE_FILE read …`: the connector's `read` with its clock ahead by some days.

It begins with the states in the file, if there are any, and leaves the last ones there, as Airbyte does.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from airbyte_cdk.logger import PRINT_BUFFER

from source_x_organic import SourceXOrganic
from source_x_organic.run import Entrypoint

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY_SECONDS = 86_400
_STATE = '{"type":"STATE"'


class LaterClock:
    """The machine's clock, `days` ahead."""

    def __init__(self, days: float) -> None:
        self._ahead = days * DAY_SECONDS

    def time(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def main(arguments: Sequence[str]) -> None:
    """Print what the connector says."""
    days, states, *command = arguments
    kept = Path(states)
    entrypoint = Entrypoint(SourceXOrganic(clock=LaterClock(float(days))))
    latest = {}
    with PRINT_BUFFER:
        for line in entrypoint.run(entrypoint.parse_args([*command, *(["--state", states] if kept.exists() else [])])):
            sys.stdout.write(f"{line}\n")
            if line.startswith(_STATE):
                state = json.loads(line)["state"]
                latest[state["stream"]["stream_descriptor"]["name"]] = state
    kept.write_text(json.dumps(list(latest.values())), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
