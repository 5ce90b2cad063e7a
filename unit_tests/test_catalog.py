"""Namespace and constant columns are on everything that goes out, and on nothing that the streams see."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteMessage,
    AirbyteMessageSerializer,
    AirbyteStateMessageSerializer,
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
)

from source_x_organic.catalog import Presentation, undressed_catalog, undressed_state
from source_x_organic.config import ConfigError, parse_config

COLUMNS = [{"name": "brand", "value": "Till & Co"}, {"name": "Region", "value": "EU"}]
ID = {"id": {"type": "string"}}


def stream(name: str, schema: dict[str, Any], namespace: str | None = None) -> AirbyteStream:
    return AirbyteStream(
        name=name, json_schema=schema, supported_sync_modes=[SyncMode.full_refresh], namespace=namespace
    )


def presentation(**more: object) -> Presentation:
    credentials = {"auth_type": "bearer", "bearer_token": "invented-token"}
    return Presentation(
        parse_config({"credentials": credentials, "sync_mode": "SpecificAccounts", "accounts": ["@a"], **more})
    )


def catalog() -> AirbyteCatalog:
    return AirbyteCatalog(streams=[stream("tweets", {"properties": dict(ID)}), stream("accounts", {})])


def dressed(message: dict[str, Any], **more: object) -> dict[str, Any]:
    loaded: AirbyteMessage = AirbyteMessageSerializer.load(message)
    return dict(AirbyteMessageSerializer.dump(presentation(**more).dress_message(loaded)))


def test_every_stream_has_the_namespace_and_the_columns_in_its_schema() -> None:
    given = catalog()
    result = presentation(schema="marketing", constant_columns=COLUMNS).dress_catalog(given)
    constants = {
        "brand": {"type": ["null", "string"], "description": "Constant column, always 'Till & Co'."},
        "Region": {"type": ["null", "string"], "description": "Constant column, always 'EU'."},
    }
    assert result.streams == [
        stream("tweets", {"properties": {**ID, **constants}}, "marketing"),
        stream("accounts", {"properties": constants}, "marketing"),
    ]
    assert given == catalog()


def test_without_settings_no_stream_gets_a_namespace_or_a_column() -> None:
    assert presentation().dress_catalog(catalog()).streams == [
        stream("tweets", {"properties": ID}),
        stream("accounts", {"properties": {}}),
    ]


@pytest.mark.parametrize("name", ["id", "ID"])
def test_a_column_that_a_stream_has_is_a_conflict_that_names_it_and_the_streams(name: str) -> None:
    given = AirbyteCatalog(streams=[*catalog().streams, stream("drafts", {"properties": dict(ID)})])
    with pytest.raises(ConfigError) as caught:
        presentation(constant_columns=[{"name": name, "value": "x"}, COLUMNS[0]]).dress_catalog(given)
    assert str(caught.value) == (
        f"constant_columns: the name {name!r} is a column of the streams tweets, drafts already. Choose another name."
    )


MESSAGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"type": "RECORD", "record": {"stream": "tweets", "data": {"id": "1"}, "emitted_at": 5}},
        {
            "type": "RECORD",
            "record": {
                "stream": "tweets",
                "namespace": "marketing",
                "data": {"id": "1", "brand": "Till & Co", "Region": "EU"},
                "emitted_at": 5,
            },
        },
    ),
    (
        {"type": "STATE", "state": {"type": "STREAM", "stream": {"stream_descriptor": {"name": "tweets"}}}},
        {
            "type": "STATE",
            "state": {
                "type": "STREAM",
                "stream": {"stream_descriptor": {"name": "tweets", "namespace": "marketing"}},
            },
        },
    ),
    (
        {
            "type": "TRACE",
            "trace": {
                "type": "STREAM_STATUS",
                "emitted_at": 5.0,
                "stream_status": {"stream_descriptor": {"name": "tweets"}, "status": "STARTED"},
            },
        },
        {
            "type": "TRACE",
            "trace": {
                "type": "STREAM_STATUS",
                "emitted_at": 5.0,
                "stream_status": {
                    "stream_descriptor": {"name": "tweets", "namespace": "marketing"},
                    "status": "STARTED",
                },
            },
        },
    ),
    (
        {
            "type": "TRACE",
            "trace": {
                "type": "ERROR",
                "emitted_at": 5.0,
                "error": {"message": "No.", "stream_descriptor": {"name": "tweets"}},
            },
        },
        {
            "type": "TRACE",
            "trace": {
                "type": "ERROR",
                "emitted_at": 5.0,
                "error": {"message": "No.", "stream_descriptor": {"name": "tweets", "namespace": "marketing"}},
            },
        },
    ),
    (
        {"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": 5.0, "error": {"message": "No."}}},
        {"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": 5.0, "error": {"message": "No."}}},
    ),
    (
        {"type": "LOG", "log": {"level": "INFO", "message": "id"}},
        {"type": "LOG", "log": {"level": "INFO", "message": "id"}},
    ),
]


@pytest.mark.parametrize(("message", "expected"), MESSAGES)
def test_every_message_that_names_a_stream_has_the_namespace(message: dict[str, Any], expected: dict[str, Any]) -> None:
    assert dressed(message, schema="marketing", constant_columns=COLUMNS) == expected


@pytest.mark.parametrize("message", [message for message, _ in MESSAGES])
def test_without_settings_messages_go_out_as_they_are(message: dict[str, Any]) -> None:
    assert dressed(message) == message


def test_a_record_gets_its_columns_without_a_change_to_the_row_that_made_it() -> None:
    row = {"id": "1"}
    message = AirbyteMessageSerializer.load({"type": "RECORD", "record": {"stream": "t", "data": row, "emitted_at": 5}})
    presentation(constant_columns=COLUMNS).dress_message(message)
    assert row == {"id": "1"}


def test_what_airbyte_hands_back_loses_the_namespace_so_that_a_renamed_schema_keeps_its_state() -> None:
    configured = ConfiguredAirbyteCatalog(
        streams=[
            ConfiguredAirbyteStream(
                stream=stream("tweets", {}, "old"),
                sync_mode=SyncMode.incremental,
                destination_sync_mode=DestinationSyncMode.append,
            )
        ]
    )
    state = AirbyteStateMessageSerializer.load(
        {
            "type": "STREAM",
            "stream": {"stream_descriptor": {"name": "tweets", "namespace": "old"}, "stream_state": {"a": 1}},
        }
    )
    assert undressed_catalog(configured).streams[0].stream.namespace is None
    assert configured.streams[0].stream.namespace == "old"
    [bare] = undressed_state([state])
    assert AirbyteStateMessageSerializer.dump(bare) == {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": "tweets"}, "stream_state": {"a": 1}},
    }
    assert state.stream is not None
    assert state.stream.stream_descriptor.namespace == "old"
