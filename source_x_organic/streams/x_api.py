"""The streams that Python reads from the X API, beside those of the manifest."""

from __future__ import annotations

import json
import logging
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from airbyte_cdk.sources.streams.concurrent.cursor import CursorField
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream

from source_x_organic.progress.coverage import timeframe_start
from source_x_organic.progress.feeds import Horizon
from source_x_organic.progress.state import AccountCursor, parse_state
from source_x_organic.streams.accounts import ACCOUNT_INSIGHTS, AccountInsightsPartitions
from source_x_organic.streams.shared_reading import Follower, Group, Leader
from source_x_organic.x_api.readings import PostReading, PostStream, TweetInsights, Tweets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from airbyte_cdk.models import AirbyteMessage
    from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

    from source_x_organic.connection import Connection

LOGGER = logging.getLogger("airbyte")


def streams(
    connection: Connection,
    *,
    selected: Collection[str],
    states: Mapping[str, Mapping[str, Any]],
    emit: Callable[[AirbyteMessage], None],
) -> list[DefaultStream]:
    """Return the streams that Python reads.

    `selected` names those that this sync reads, so that one of them leads the common reading; `states` holds their
    saved state by name; `emit` puts a message behind the records yielded before.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    horizon = _horizon(connection)

    def cursor(name: str) -> AccountCursor:
        return AccountCursor(name, parse_state(name, states.get(name, {})), emit)

    insights_cursor = cursor(ACCOUNT_INSIGHTS)
    of_posts: list[PostStream] = [Tweets(), TweetInsights(horizon)]
    members = [(stream, cursor(stream.name)) for stream in of_posts]
    reading = [member for member in members if member[0].name in selected] or members
    names = [stream.name for stream, _ in reading]
    group = Group()
    leader = Leader(connection, group, PostReading(reading, horizon, connection.logger), names)
    return [
        _stream(
            ACCOUNT_INSIGHTS,
            ["account_id", "date"],
            "date",
            insights_cursor,
            AccountInsightsPartitions(connection, insights_cursor),
        ),
        *(
            _stream(
                stream.name,
                list(stream.primary_key),
                stream.cursor_field,
                stream_cursor,
                leader if stream.name == names[0] else Follower(group),
            )
            for stream, stream_cursor in members
        ),
    ]


def _horizon(connection: Connection) -> Horizon:
    config = connection.config
    return Horizon.of(
        connection.started_at,
        start=timeframe_start(config.timeframe_months.months, connection.started_at),
        lookback_days=config.lookback_window_days,
        insights_days=config.insights_window_days,
    )


def _stream(
    name: str, primary_key: list[str], cursor_field: str, cursor: AccountCursor, generator: PartitionGenerator
) -> DefaultStream:
    return DefaultStream(
        partition_generator=generator,
        name=name,
        json_schema=_schema(name),
        primary_key=primary_key,
        cursor_field=CursorField(cursor_field),
        logger=LOGGER,
        cursor=cursor,
    )


def _schema(name: str) -> dict[str, Any]:
    text = files("source_x_organic").joinpath("schemas", f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
