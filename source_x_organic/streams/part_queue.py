"""Parts of reports as partitions: few at a time where they wait for the same rate limit.

A part that waits for a window keeps a worker thread. If all workers waited for one endpoint of one set of credentials,
nothing else could be read meanwhile.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import count
from queue import SimpleQueue
from typing import TYPE_CHECKING

from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.failures import fault
from source_x_organic.streams.rows import RowsPartition

if TYPE_CHECKING:
    from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition

    from source_x_organic.x_api.readings import Row

AT_ONCE = 4
"""Parts behind one gate that are read at the same time."""


@dataclass(frozen=True)
class Part:
    """A piece of one account's report.

    Attributes:
        stream: The stream that its rows belong to.
        label: The account as messages name it.
        gate: Equal for parts whose requests are counted together.
        rows: Asks X and yields the rows.
        done: Called when all rows have been yielded.
        missed: Called with the reason when they could not be.
    """

    stream: str
    label: str
    gate: Hashable
    rows: Callable[[], Iterator[Row]]
    done: Callable[[], None]
    missed: Callable[[AirbyteTracedException], None] = lambda error: None  # noqa: ARG005 - nobody is told


@dataclass(frozen=True)
class _Settled:
    """A part has been read or has failed."""

    gate: Hashable


Planning = Callable[[], list[Part]]
Fail = Callable[[str, AirbyteTracedException, str], None]
"""Takes an account's label, why a part of it was not read, and the stream."""


class PartQueue:
    """Parts that become known while others are read; one thread runs `partitions`, others read what it yields."""

    def __init__(self, leader: str, fail: Fail) -> None:
        """`leader` is the stream whose partitions these are."""
        self._leader = leader
        self._fail = fail
        self._events: SimpleQueue[Planning | _Settled] = SimpleQueue()
        self._expected = 0
        self._waiting: dict[Hashable, deque[Part]] = {}
        self._reading: Counter[Hashable] = Counter()
        self._places = count()

    def expect(self) -> None:
        """Note that one more plan is going to be put in; to be called by the thread of `partitions`."""
        self._expected += 1

    def put(self, planning: Planning) -> None:
        """Put in a plan, from any thread; it is made by the thread of `partitions`."""
        self._events.put(planning)

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions; end when all plans that were expected are read."""
        while self._expected or self._waiting or self._reading.total():
            event = self._events.get()
            if isinstance(event, _Settled):
                self._reading[event.gate] -= 1
            else:
                self._expected -= 1
                for part in event():
                    self._waiting.setdefault(part.gate, deque()).append(part)
            yield from self._admitted()

    def _admitted(self) -> Iterator[Partition]:
        for gate, parts in list(self._waiting.items()):
            while parts and self._reading[gate] < AT_ONCE:
                self._reading[gate] += 1
                yield self._partition(parts.popleft())
            if not parts:
                del self._waiting[gate]

    def _partition(self, part: Part) -> Partition:
        return RowsPartition(self._leader, next(self._places), lambda: self._rows(part))

    def _rows(self, part: Part) -> Iterator[tuple[str, Row]]:
        try:
            for row in part.rows():
                yield part.stream, row
            part.done()
        except AirbyteTracedException as error:
            self._refused(part, error)
        except Exception as error:  # noqa: BLE001 - it costs this part alone, and is reported
            self._refused(part, fault(error, f"with {part.label}"))
        finally:
            self._events.put(_Settled(part.gate))

    def _refused(self, part: Part, error: AirbyteTracedException) -> None:
        part.missed(error)
        self._fail(part.label, error, part.stream)
