"""A stream that Python reads, as airbyte-cdk wants it: its schema comes from the file of its name."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from airbyte_cdk.sources.streams.concurrent.cursor import CursorField, FinalStateCursor
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airbyte_cdk.models import AirbyteMessage
    from airbyte_cdk.sources.message import MessageRepository
    from airbyte_cdk.sources.streams.concurrent.cursor import Cursor
    from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

LOGGER = logging.getLogger("airbyte")


@dataclass(frozen=True)
class Sync:
    """What streams have to know of the sync that they are made for.

    Attributes:
        selected: Names of the streams that it reads, in the order in which airbyte-cdk begins with them.
        states: Saved state by stream name.
        messages: Takes messages behind the records that were yielded before.
    """

    selected: Sequence[str]
    states: Mapping[str, Mapping[str, Any]]
    messages: MessageRepository

    def emit(self, message: AirbyteMessage) -> None:
        """Put a message behind the records that were yielded before."""
        self.messages.emit_message(message)

    def saved(self, name: str) -> Mapping[str, Any]:
        """Return a stream's saved state, empty where there is none."""
        return self.states.get(name, {})

    def leading(self, names: list[str]) -> list[str]:
        """Return those of `names` that are read, or all of them where none is: the first one leads.

        airbyte-cdk begins with some streams at a time: one that waits for its leader must not come before it.
        """
        return [name for name in self.selected if name in names] or names


def incremental_stream(
    name: str,
    primary_key: list[str],
    cursor_field: str,
    cursor: Cursor,
    generator: PartitionGenerator,
    *,
    schema: Mapping[str, Any] | None = None,
) -> DefaultStream:
    """Return a stream that goes on where the last sync ended; `cursor` keeps its state.

    `schema`: default: the file of the stream's name.
    """
    return DefaultStream(
        partition_generator=generator,
        name=name,
        json_schema=schema or known_schema(name),
        primary_key=primary_key,
        cursor_field=CursorField(cursor_field),
        logger=LOGGER,
        cursor=cursor,
    )


def full_refresh_stream(
    name: str,
    primary_key: list[str],
    generator: PartitionGenerator,
    messages: MessageRepository,
    *,
    schema: Mapping[str, Any] | None = None,
) -> DefaultStream:
    """Return a stream that is read anew by every sync; `schema` as above."""
    return DefaultStream(
        partition_generator=generator,
        name=name,
        json_schema=schema or known_schema(name),
        primary_key=primary_key,
        cursor_field=None,
        logger=LOGGER,
        cursor=FinalStateCursor(name, None, messages),
    )


def known_schema(name: str) -> dict[str, Any]:
    """Return the schema of a stream that has a file of its name."""
    text = files("source_x_organic").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
