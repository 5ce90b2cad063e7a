"""`python -m demo.daily_syncs DAYS read …`: the connector's `read`, once for each of the last days in fast motion.

X tells how many followers an account has now, and nobody can ask how many it had: the line in a chart exists only
where something read the number every day. To show it without waiting a month, the simulator's clock and the
connector's are put back together, and moved on by a day after each sync. Each sync begins with the state that the one
before it left, as in daily runs. Only the rows of `organic_report` wait for the last day: one sync replaces rows of the
one before it, and all days are one sync for PyAirbyte, which replaces rows of earlier syncs alone.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.models import AirbyteMessage, AirbyteStateMessage, ConfiguredAirbyteCatalog, Type

from demo.simulator import move_clock
from source_x_organic import SourceXOrganic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DAY_SECONDS = 86_400
REPORT = "organic_report"


class EarlierClock:
    """The machine's clock, `days` behind."""

    def __init__(self, days: int) -> None:
        self._behind = days * DAY_SECONDS

    def time(self) -> float:
        """Return seconds since the epoch."""
        return time.time() - self._behind

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def daily_syncs(
    days: int,
    config: Mapping[str, Any],
    catalog: ConfiguredAirbyteCatalog,
    state: list[AirbyteStateMessage],
) -> Iterator[AirbyteMessage]:
    """Yield the messages of one sync for each of the last `days` days, the oldest first; today's is not among them.

    The simulator's clock, at `config["base_urls"]["x_api"]`, is where it was at the end.
    """
    base_url = config["base_urls"]["x_api"]
    replaced = _Replaced()
    move_clock(base_url, -days * DAY_SECONDS)
    for days_ago in range(days, 0, -1):
        source = SourceXOrganic(clock=EarlierClock(days_ago))
        latest: dict[str, AirbyteStateMessage] = {}
        for message in source.read(logging.getLogger("airbyte"), config, catalog, state):
            if message.type is Type.STATE and message.state is not None and message.state.stream is not None:
                latest[message.state.stream.stream_descriptor.name] = message.state
            if days == 1 or not replaced.holds(message):
                yield message
        state = list(latest.values()) or state
        move_clock(base_url, DAY_SECONDS)
    yield from replaced.messages()


class _Replaced:
    """The last version of each row of `organic_report`, and the stream's last state."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], AirbyteMessage] = {}
        self._state: list[AirbyteMessage] = []

    def holds(self, message: AirbyteMessage) -> bool:
        """Keep a message that is about the report, and return whether it is."""
        if message.record is not None and message.record.stream == REPORT:
            self._rows[message.record.data["tweet_id"], message.record.data["date"]] = message
            return True
        stream = message.state.stream if message.state is not None else None
        if stream is not None and stream.stream_descriptor.name == REPORT:
            self._state = [message]
            return True
        return False

    def messages(self) -> Iterator[AirbyteMessage]:
        """Yield the rows, and the state behind them."""
        yield from self._rows.values()
        yield from self._state


def main(arguments: Sequence[str]) -> None:
    """Print the messages; a signal ends the process at once."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    days, *command = arguments
    parsed = AirbyteEntrypoint.parse_args(command)
    messages = daily_syncs(
        int(days),
        SourceXOrganic.read_config(parsed.config),
        SourceXOrganic.read_catalog(parsed.catalog),
        SourceXOrganic.read_state(parsed.state),
    )
    with PRINT_BUFFER:  # the loggers' too, so that no log line lands in the middle of a record
        for message in messages:
            sys.stdout.write(f"{AirbyteEntrypoint.airbyte_message_to_string(message)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
