"""The streams that Python reads from the X API, beside those of the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.progress.coverage import timeframe_start
from source_x_organic.progress.feeds import Horizon
from source_x_organic.progress.state import AccountCursor, parse_state
from source_x_organic.streams.accounts import ACCOUNT_INSIGHTS, AccountInsightsPartitions
from source_x_organic.streams.python_stream import Sync, incremental_stream
from source_x_organic.streams.shared_reading import Follower, Group, Leader
from source_x_organic.x_api.post_streams import PostStream, RowFeed, TweetInsights, Tweets
from source_x_organic.x_api.readings import PostReading

if TYPE_CHECKING:
    from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream

    from source_x_organic.connection import Connection
    from source_x_organic.x_api.directory import Account


def x_api_streams(connection: Connection, sync: Sync) -> list[DefaultStream]:
    """Return the streams that Python reads from the X API.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    horizon = _horizon(connection)

    def cursor(name: str) -> AccountCursor:
        return AccountCursor(name, parse_state(name, sync.saved(name)), sync.emit)

    insights_cursor = cursor(ACCOUNT_INSIGHTS)
    of_posts: list[PostStream] = [Tweets(), TweetInsights(horizon)]
    members = [(stream, cursor(stream.name)) for stream in of_posts]
    names = sync.leading([stream.name for stream in of_posts])
    reading = [member for member in members if member[0].name in names]
    group = Group()

    def feeds_of(account: Account) -> list[RowFeed]:
        return [RowFeed(stream, cursor, account, horizon) for stream, cursor in reading]

    leader = Leader(connection, group, PostReading(feeds_of, horizon.now, connection.logger), names)
    return [
        incremental_stream(
            ACCOUNT_INSIGHTS,
            ["account_id", "date"],
            "date",
            insights_cursor,
            AccountInsightsPartitions(connection, insights_cursor),
        ),
        *(
            incremental_stream(
                stream.name,
                list(stream.primary_key),
                stream.cursor_field,
                stream_cursor,
                leader if stream.name == names[0] else Follower(group, stream.name),
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
