"""The streams that Python reads from the X API, beside those of the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.config import ApiAccess
from source_x_organic.progress.coverage import timeframe_start
from source_x_organic.progress.feeds import Horizon
from source_x_organic.progress.state import StateCursor
from source_x_organic.reports.columns import KEY
from source_x_organic.snapshots.state import SNAPSHOTS
from source_x_organic.streams.account_feeds import AccountFeeds, Members
from source_x_organic.streams.accounts import ACCOUNT_INSIGHTS, AccountInsightsPartitions
from source_x_organic.streams.post_reports import PostReports
from source_x_organic.streams.python_stream import Sync, incremental_stream
from source_x_organic.streams.report_streams import ORGANIC_REPORT, ReportStreams
from source_x_organic.streams.shared_reading import Follower, Group, Leader
from source_x_organic.streams.states import X_API, account_cursor, saved_state
from source_x_organic.transport.clock import now
from source_x_organic.x_api.post_streams import PostStream, TweetInsights, Tweets
from source_x_organic.x_api.readings import PostReading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
    from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
    from airbyte_cdk.utils import AirbyteTracedException

    from source_x_organic.connection import Connection
    from source_x_organic.progress.state import AccountCursor
    from source_x_organic.snapshots.tracking import AccountSnapshots
    from source_x_organic.x_api.post_reports import PostReport


def x_api_streams(connection: Connection, sync: Sync, *, with_posts: bool = True) -> list[DefaultStream]:
    """Return the streams that Python reads from the X API, and reports about the posts that it lists.

    `with_posts`: whether posts and users are streams themselves; else only the reports are.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    horizon = _horizon(connection)

    def cursor(name: str) -> AccountCursor:
        return account_cursor(name, X_API, connection, sync)

    insights_cursor = cursor(ACCOUNT_INSIGHTS)
    of_posts: list[PostStream] = [Tweets(), TweetInsights(horizon)] if with_posts else []
    members = [(stream, cursor(stream.name)) for stream in of_posts]
    reports = ReportStreams(connection, sync)
    snapshots = _snapshots(connection, sync)
    names = sync.leading([*(stream.name for stream in of_posts), *snapshots, *reports.names])
    if not names:
        return []
    group = Group()
    reading = [member for member in members if member[0].name in names]
    taking = {name: cursor for name, cursor in snapshots.items() if name in names}
    leader = _leader(connection, group, reading, taking, reports.selected(names), names, horizon)

    def generator(name: str) -> PartitionGenerator:
        return leader if name == names[0] else Follower(group, name)

    users = [
        incremental_stream(
            ACCOUNT_INSIGHTS,
            ["account_id", "date"],
            "date",
            insights_cursor,
            AccountInsightsPartitions(connection, insights_cursor),
        )
    ]
    posts = [
        incremental_stream(
            stream.name, list(stream.primary_key), stream.cursor_field, stream_cursor, generator(stream.name)
        )
        for stream, stream_cursor in members
    ]
    reported = [
        incremental_stream(name, list(KEY), "date", snapshot_cursor, generator(name))
        for name, snapshot_cursor in snapshots.items()
    ]
    others = reports.streams({name: generator(name) for name in reports.names})
    return [*(users if with_posts else ()), *posts, *reported, *others]


def _snapshots(connection: Connection, sync: Sync) -> dict[str, StateCursor[AccountSnapshots]]:
    """Return what keeps the snapshots of `organic_report`, where they are what it is made of."""
    if connection.config.api_access is not ApiAccess.X_API:
        return {}
    saved = saved_state(ORGANIC_REPORT, SNAPSHOTS, connection, sync, anew="beginning with what posts earn from now on")
    unfinished = SNAPSHOTS.parse_unfinished(ORGANIC_REPORT, sync.saved(ORGANIC_REPORT))
    return {ORGANIC_REPORT: StateCursor(ORGANIC_REPORT, saved, sync.emit, SNAPSHOTS, unfinished)}


def _leader(
    connection: Connection,
    group: Group,
    streams: Sequence[tuple[PostStream, AccountCursor]],
    snapshots: Mapping[str, StateCursor[AccountSnapshots]],
    reports: Sequence[PostReport],
    names: list[str],
    horizon: Horizon,
) -> Leader:
    def fail(label: str, error: AirbyteTracedException, stream: str) -> None:
        connection.failures.add(label, error, [stream])
        group.fail(label, error, [stream])

    def clock() -> datetime:
        return now(connection.clock)

    asking = None
    if reports:
        asking = PostReports(
            reports, horizon, connection.coverage, leader=names[0], fail=fail, warn=connection.warn_once
        )
    feeds = AccountFeeds(connection, Members(streams, snapshots, asking), horizon)
    reading = PostReading(feeds.of, horizon.now, connection.logger, clock, connection.budget, on_cut=feeds.is_cut_off)
    return Leader(connection, group, reading, names, asking)


def _horizon(connection: Connection) -> Horizon:
    config = connection.config
    return Horizon.of(
        connection.started_at,
        start=timeframe_start(config.timeframe_months.months, connection.started_at),
        lookback_days=config.lookback_window_days,
        insights_days=config.insights_window_days,
    )
