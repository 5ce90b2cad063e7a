"""Which reports there are beside the streams of posts: `organic_report`, by `api_access`, and those users define."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.config import Aggregate, ApiAccess, Dimension, ReportType
from source_x_organic.engagement_api.figures import EngagementFigures
from source_x_organic.progress.state import StateCursor
from source_x_organic.reports import cells as figures
from source_x_organic.reports.columns import KEY
from source_x_organic.reports.definitions import ReportDefinition
from source_x_organic.reports.kinds import Api, kind_of
from source_x_organic.reports.listed_state import ListedReportState, listed_state_format
from source_x_organic.reports.lives import since_posted
from source_x_organic.reports.organic_rows import organic_rows
from source_x_organic.reports.plan import only
from source_x_organic.reports.report_schemas import json_schema
from source_x_organic.streams.python_stream import full_refresh_stream, incremental_stream, known_schema
from source_x_organic.streams.states import defined_cursor, saved_state
from source_x_organic.x_api.analytics_figures import AnalyticsFigures
from source_x_organic.x_api.post_reports import PostReport, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
    from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

    from source_x_organic.connection import Connection
    from source_x_organic.reports.cells import Cells
    from source_x_organic.reports.units import Unit
    from source_x_organic.streams.python_stream import Sync
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.post_reports import Answers, Row, RowMaker

ORGANIC_REPORT = "organic_report"

ORGANIC_SOURCES = {
    ApiAccess.ENGAGEMENT_API: ReportType.ENGAGEMENT_HISTORICAL,
    ApiAccess.X_API_ENTERPRISE: ReportType.TWEET_ANALYTICS,
}
"""The report of X that `organic_report` is made of; the other two ways have modules of their own."""

METRICS_SOURCES = {Api.ENGAGEMENT: "engagement_api", Api.X: "x_api_analytics"}
"""The `metrics_source` of rows, and the origin that a saved state names."""


class ReportStreams:
    """The reports about listed posts of one sync, as streams."""

    def __init__(self, connection: Connection, sync: Sync) -> None:
        """Read the saved states.

        Raises:
            UnreadableState: a saved state is not of this version.
        """
        config = connection.config
        self._sync = sync
        self._scope = Scope(connection.started_at, config.timeframe_months.months, config.lookback_window_days)
        self._answers = answers(connection)
        self._definitions = list(definitions(connection))
        self._cursors = {
            each.name: _cursor(each, connection, sync) for each in self._definitions if each.is_incremental
        }

    @property
    def names(self) -> list[str]:
        """The streams."""
        return [definition.name for definition in self._definitions]

    def selected(self, names: Sequence[str]) -> list[PostReport]:
        """Return the reports among the streams that a sync reads."""
        return [self._report(definition) for definition in self._definitions if definition.name in names]

    def streams(self, generators: dict[str, PartitionGenerator]) -> list[DefaultStream]:
        """Return the streams; `generators` generate their partitions, by name."""
        return [self._stream(definition, generators[definition.name]) for definition in self._definitions]

    def _report(self, definition: ReportDefinition) -> PostReport:
        return PostReport(
            definition,
            self._answers[definition.kind.api],
            _organic(definition, self._scope.now)
            if definition.name == ORGANIC_REPORT
            else _defined(definition, self._scope.now),
            self._scope,
            self._cursors.get(definition.name),
        )

    def _stream(self, definition: ReportDefinition, generator: PartitionGenerator) -> DefaultStream:
        if definition.name == ORGANIC_REPORT:
            key, schema = list(KEY), known_schema(ORGANIC_REPORT)
        else:
            key, schema = list(definition.key_columns), json_schema(definition)
        cursor = self._cursors.get(definition.name)
        if cursor is None or definition.cursor_field is None:
            return full_refresh_stream(definition.name, key, generator, self._sync.messages, schema=schema)
        return incremental_stream(definition.name, key, definition.cursor_field, cursor, generator, schema=schema)


def answers(connection: Connection) -> dict[Api, Answers]:
    """Return where figures of posts come from."""
    return {
        Api.ENGAGEMENT: EngagementFigures(
            connection.engagement_api, connection.started_at, connection.logger, connection.coverage
        ),
        Api.X: AnalyticsFigures(connection.started_at, connection.logger),
    }


def definitions(connection: Connection) -> Iterator[ReportDefinition]:
    """Yield the reports about posts that a configuration asks for."""
    organic = ORGANIC_SOURCES.get(connection.config.api_access)
    if organic is not None:
        kind = kind_of(organic)
        dimensions = (Dimension.TWEET, Dimension.DAY)
        yield ReportDefinition(ORGANIC_REPORT, kind, kind.metric_names, dimensions, Aggregate.DAILY)
    defined = map(ReportDefinition.of, connection.config.custom_reports)
    yield from (definition for definition in defined if definition.kind.api is not Api.ADS)


def _cursor(definition: ReportDefinition, connection: Connection, sync: Sync) -> StateCursor[ListedReportState]:
    form = listed_state_format(METRICS_SOURCES[definition.kind.api])
    if definition.name != ORGANIC_REPORT:
        return defined_cursor(definition, form, connection, sync)
    saved = saved_state(definition.name, form, connection, sync)
    unfinished = form.parse_unfinished(definition.name, sync.saved(definition.name))
    return StateCursor(definition.name, saved, sync.emit, form, unfinished)


def _organic(definition: ReportDefinition, read_at: datetime) -> RowMaker:
    source = METRICS_SOURCES[definition.kind.api]

    def rows(cells: Cells, unit: Unit, account: Account) -> Iterator[Row]:
        del account
        answered = {tweet_id for tweet_id, _, _ in list(cells.keys())}
        for part in unit.slices:
            # Rows of nulls for a tweet that X gives nothing of any more would take the place of what it gave before.
            yield from organic_rows(cells, only(part, answered), source, read_at=read_at)

    return rows


def _defined(definition: ReportDefinition, read_at: datetime) -> RowMaker:
    def rows(cells: Cells, unit: Unit, account: Account) -> Iterator[Row]:
        del unit
        return figures.rows(since_posted(cells, definition, now=read_at), definition, account.id)

    return rows
