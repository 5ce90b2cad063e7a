"""What the user's `schema` and `constant_columns` make of the catalog and of every message."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from airbyte_cdk.models import AirbyteCatalog, AirbyteMessage, AirbyteStateMessage, ConfiguredAirbyteCatalog, Type

from source_x_organic.config import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from source_x_organic.config import Config


class Presentation:
    """The namespace and the constant columns of one configuration."""

    def __init__(self, config: Config) -> None:
        """Take the namespace and the columns from the configuration."""
        self._namespace = config.schema_name
        self._constants: dict[str, Any] = {column.name: column.value for column in config.constant_columns}

    def dress_catalog(self, catalog: AirbyteCatalog) -> AirbyteCatalog:
        """Return the catalog with the namespace on every stream and the columns in every schema.

        Raises:
            ConfigError: a stream has a column of its own with the name of a constant one.
        """
        dressed = deepcopy(catalog)
        problems: dict[str, list[str]] = {}
        for stream in dressed.streams:
            stream.namespace = self._namespace
            columns = stream.json_schema.setdefault("properties", {})
            # Most destinations fold the case of column names.
            own = {name.lower() for name in columns}
            for name, value in self._constants.items():
                if name.lower() in own:
                    problems.setdefault(name, []).append(stream.name)
                columns[name] = {"type": ["null", "string"], "description": f"Constant column, always {value!r}."}
        if problems:
            raise ConfigError([_taken(name, streams) for name, streams in problems.items()])
        return dressed

    def dress_message(self, message: AirbyteMessage) -> AirbyteMessage:
        """Put the namespace and the columns on a message on its way out; the message is changed in place."""
        if message.type is Type.RECORD and message.record is not None:
            message.record.namespace = self._namespace
            if self._constants:
                message.record.data = {**message.record.data, **self._constants}
        elif message.type is Type.STATE and message.state is not None and message.state.stream is not None:
            message.state.stream.stream_descriptor.namespace = self._namespace
        elif message.type is Type.TRACE and message.trace is not None:
            for part in (message.trace.stream_status, message.trace.error):
                if part is not None and part.stream_descriptor is not None:
                    part.stream_descriptor.namespace = self._namespace
        return message


def undressed_catalog(catalog: ConfiguredAirbyteCatalog) -> ConfiguredAirbyteCatalog:
    """Return a configured catalog without namespaces, as the streams inside know themselves."""
    bare = deepcopy(catalog)
    for configured in bare.streams:
        configured.stream.namespace = None
    return bare


def undressed_state(state: Iterable[AirbyteStateMessage]) -> list[AirbyteStateMessage]:
    """Return state messages without namespaces: a stream keeps its state when the destination schema is renamed."""
    bare = deepcopy(list(state))
    for message in bare:
        if message.stream is not None:
            message.stream.stream_descriptor.namespace = None
    return bare


def _taken(name: str, streams: list[str]) -> Problem:
    return Problem(
        "constant_columns",
        f"the name {name!r} is a column of the stream{'s' if len(streams) > 1 else ''} {', '.join(streams)} already. "
        "Choose another name.",
    )
