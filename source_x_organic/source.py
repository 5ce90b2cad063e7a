"""What Airbyte sees: the four commands, and what the configuration makes of their output."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    ConnectorSpecificationSerializer,
    FailureType,
    Status,
    SyncMode,
    Type,
)
from airbyte_cdk.sources import Source
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.yaml_loader import safe_load_yaml

from source_x_organic.catalog import Presentation, undressed_catalog, undressed_state
from source_x_organic.check import check_connection
from source_x_organic.config import ApiAccess, ConfigError, TableLayout, drafts_of, in_order_of_form, remainder
from source_x_organic.connection import CONNECTION_KEY, Connection
from source_x_organic.reports.problems import days_out_of_reach, problems_of, wrong_definitions
from source_x_organic.streams import ads_api
from source_x_organic.streams.late import LATE_STREAMS, SYNC_COVERAGE, late_streams, read_late
from source_x_organic.streams.python_stream import Sync
from source_x_organic.streams.x_api import x_api_streams
from source_x_organic.transport.clock import Clock, SystemClock, now
from source_x_organic.transport.retries import PATIENT, PROMPT, RetryPolicy
from source_x_organic.usage.report import ceiling_lines, log_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream

    from source_x_organic.config import Problem, Rules

MANIFEST = Path(__file__).with_name("manifest.yaml")

MOST_WAITING = 1_000
"""Records that wait to be printed: as fast as with more, in tens of megabytes less."""


class SourceXOrganic(Source):
    """Organic data of X accounts. Stateless: every command makes what it needs from the configuration it is given."""

    check_config_against_spec = False
    """Our own validation names all problems at once, with property and remedy; the JSON Schema's stops at the first."""

    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        """`config_path`: the file that rotated OAuth 2.0 tokens are written back to; `clock`: for tests.

        Some of airbyte-cdk's tools hand `catalog`, `config` and `state` to a manifest source when they make it. Here
        each command gets them, and what it gets is what counts.
        """
        del catalog, config, state
        self._config_path = config_path
        self._clock = clock or SystemClock()
        self.logger = logging.getLogger(f"airbyte.{self.name}")

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """Return the specification, which stands in the manifest alone."""
        del logger
        spec = safe_load_yaml(MANIFEST.read_text(encoding="utf-8"))["spec"]
        return ConnectorSpecificationSerializer.load(
            {
                "documentationUrl": spec["documentation_url"],
                "connectionSpecification": spec["connection_specification"],
                "advanced_auth": spec["advanced_auth"],
            }
        )

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Return whether the configuration is right and at least one account can be read for each core stream."""
        try:
            connection = self._connect_strictly(config, logger)
            catalog = self._catalog(connection)
        except AirbyteTracedException as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        failure = check_connection(connection, [stream.name for stream in catalog.streams])
        if failure:
            return AirbyteConnectionStatus(status=Status.FAILED, message=failure)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """Return the streams with namespace and constant columns; nothing is asked of X."""
        return self._catalog(self._connect_strictly(config, logger))

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Yield records and states of the selected streams.

        Raises:
            AirbyteTracedException: the configuration is wrong, or some accounts could not be read; all others were.
        """
        connection = self._connect(config, logger, PATIENT)
        drafts = drafts_of(report.model_dump() for report in connection.config.custom_reports)
        for problem in days_out_of_reach(drafts, connection.started_at.date()):
            # What was right when it was set up must not stop everything else when its time has passed.
            logger.warning(f"{problem.property}: {problem.message}")
        self._catalog(connection)
        presentation = Presentation(connection.config)
        bare_catalog = undressed_catalog(catalog)
        early, late = _parted(bare_catalog)
        engine = _Engine(connection, early, _incremental_state(bare_catalog, undressed_state(state or [])))
        connection.tokens.emit_through(engine.emit)
        connection.coverage.is_wanted = SYNC_COVERAGE in late
        messages = _in_order(
            engine.read(logger, engine.config, early), lambda: read_late(connection, late, engine.saved)
        )
        try:
            for message in messages:
                if message.record is not None:
                    connection.coverage.returned(message.record.stream, message.record.data)
                yield presentation.dress_message(message)
                if message.type is Type.CONTROL:
                    connection.tokens.delivered()
        except AirbyteTracedException as error:
            raise connection.failures.summary() or error from None
        finally:
            for line in ceiling_lines(connection.budget, _read_anew(bare_catalog)):
                logger.warning(line)
            for line in log_lines(connection.sent.uses(), connection.sent.usernames):
                logger.info(line)

    def streams(self, config: Mapping[str, Any]) -> list[AbstractStream]:
        """Return the stream objects of a configuration, for tools of airbyte-cdk that want them."""
        engine = _Engine(self._connect(config, self.logger, PROMPT), ConfiguredAirbyteCatalog(streams=[]), [])
        return engine.streams(engine.config)

    def _connect_strictly(self, config: Mapping[str, Any], logger: logging.Logger) -> Connection:
        """Return the connection; days that X does not keep are a mistake too."""
        return self._connect(config, logger, PROMPT, partial(problems_of, today=now(self._clock).date()))

    def _connect(
        self,
        config: Mapping[str, Any],
        logger: logging.Logger,
        retries: RetryPolicy,
        rules: Rules = wrong_definitions,
    ) -> Connection:
        try:
            return self._connection(config, logger, retries, rules)
        except ConfigError as error:
            problems = [*error.problems, *self._names_taken(remainder(config, error.problems), logger)]
        raise _traced(ConfigError(in_order_of_form(problems)))

    def _connection(
        self, config: Mapping[str, Any], logger: logging.Logger, retries: RetryPolicy, rules: Rules
    ) -> Connection:
        return Connection(
            config, config_path=self._config_path, clock=self._clock, logger=logger, retries=retries, rules=rules
        )

    def _names_taken(self, config: Mapping[str, Any] | None, logger: logging.Logger) -> list[Problem]:
        """Return what is wrong with the catalog alone of what is left of a configuration without its mistakes."""
        try:
            connection = self._connection(config or {}, logger, PROMPT, wrong_definitions)
        except ConfigError:
            return []
        try:
            _dressed_catalog(connection)
        except ConfigError as error:
            return error.problems
        return []

    def _catalog(self, connection: Connection) -> AirbyteCatalog:
        try:
            return _dressed_catalog(connection)
        except ConfigError as error:
            raise _traced(error) from None


def _dressed_catalog(connection: Connection) -> AirbyteCatalog:
    engine = _Engine(connection, ConfiguredAirbyteCatalog(streams=[]), [])
    return Presentation(connection.config).dress_catalog(engine.discover(connection.logger, engine.config))


class _Engine(YamlDeclarativeSource):
    """The manifest's streams and Python's, in one thread pool of airbyte-cdk, for one run."""

    def __init__(
        self, connection: Connection, catalog: ConfiguredAirbyteCatalog, state: list[AirbyteStateMessage]
    ) -> None:
        self._connection = connection
        self._selected = [configured.stream.name for configured in catalog.streams]
        self.saved = _blobs(state)
        self.config: dict[str, Any] = {CONNECTION_KEY: connection}
        # An absolute path: a manifest.yaml in the working directory would win over the packaged one.
        super().__init__(path_to_yaml=str(MANIFEST), catalog=catalog, config=self.config, state=state)
        # airbyte-cdk lets ten thousand wait, and has no setting for it.
        self._concurrent_source._queue.maxsize = MOST_WAITING  # noqa: SLF001

    def emit(self, message: AirbyteMessage) -> None:
        """Put a message behind all records that were read before it."""
        self._message_repository.emit_message(message)

    def streams(self, config: Mapping[str, Any]) -> list[AbstractStream]:
        """Return all streams: which there are, and what reads them, is decided here."""
        connection, settings = self._connection, self._connection.config
        sync = Sync(self._selected, self.saved, self._message_repository)
        if settings.table_layout is TableLayout.FIVETRAN:
            return [*ads_api.fivetran_streams(connection, sync), *x_api_streams(connection, sync, with_posts=False)]
        last = [*ads_api.ads_streams(connection, sync), *late_streams(connection, sync)]
        if settings.api_access is ApiAccess.ADS_API:
            others = x_api_streams(connection, sync, with_posts=False)
            return [*ads_api.native_streams(connection, sync), *others, *last]
        others = ads_api.defined_streams(connection, sync)
        return [*super().streams(config), *x_api_streams(connection, sync), *others, *last]


def _parted(catalog: ConfiguredAirbyteCatalog) -> tuple[ConfiguredAirbyteCatalog, list[str]]:
    """Return the catalog of the streams that X is asked for, and the names of those about the sync itself."""
    early = [configured for configured in catalog.streams if configured.stream.name not in LATE_STREAMS]
    late = [configured.stream.name for configured in catalog.streams if configured.stream.name in LATE_STREAMS]
    return ConfiguredAirbyteCatalog(streams=early), late


def _in_order(
    early: Iterator[AirbyteMessage], late: Callable[[], Iterator[AirbyteMessage]]
) -> Iterator[AirbyteMessage]:
    """Yield what is read first, then what is read last; a failure of the first goes on when the last is out."""
    try:
        yield from early
    except Exception:
        yield from late()
        raise
    yield from late()


def _read_anew(catalog: ConfiguredAirbyteCatalog) -> set[str]:
    """Return the streams that every sync reads from the beginning."""
    return {
        configured.stream.name for configured in catalog.streams if configured.sync_mode is not SyncMode.incremental
    }


def _blobs(state: list[AirbyteStateMessage]) -> dict[str, dict[str, Any]]:
    return {
        message.stream.stream_descriptor.name: dict(vars(message.stream.stream_state))
        for message in state
        if message.stream is not None and message.stream.stream_state is not None
    }


def _incremental_state(
    catalog: ConfiguredAirbyteCatalog, state: list[AirbyteStateMessage]
) -> list[AirbyteStateMessage]:
    """Return the states of the streams that are read incrementally: a full refresh starts from nothing."""
    incremental: Collection[str] = {
        configured.stream.name for configured in catalog.streams if configured.sync_mode is SyncMode.incremental
    }
    return [message for message in state if message.stream and message.stream.stream_descriptor.name in incremental]


def _traced(error: ConfigError) -> AirbyteTracedException:
    return AirbyteTracedException(
        message=str(error),
        internal_message="; ".join(problem.property for problem in error.problems),
        failure_type=FailureType.config_error,
    )
