"""A partition of airbyte-cdk that is nothing but rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record, StreamSlice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from source_x_organic.x_api.readings import Row


class RowsPartition(Partition):
    """A partition whose rows may belong to more than one stream."""

    def __init__(self, stream_name: str, place: int, rows: Callable[[], Iterator[tuple[str, Row]]]) -> None:
        self._stream_name = stream_name
        self._place = place
        self._rows = rows

    def read(self) -> Iterable[Record]:
        """Yield a record for each row."""
        for name, row in self._rows():
            yield Record(data=row, stream_name=name)

    def to_slice(self) -> StreamSlice:
        """Return the place of the partition among its siblings, for debug logs."""
        return StreamSlice(partition={"place": self._place}, cursor_slice={})

    def stream_name(self) -> str:
        """Return the stream whose partition this is."""
        return self._stream_name

    def __hash__(self) -> int:
        return hash((self._stream_name, self._place))

    def __eq__(self, other: object) -> bool:
        return self is other
