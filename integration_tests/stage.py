"""The connector on a stage: an invented X beside it, one clock for both that stands still, and all that came out."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

import orjson
from airbyte_cdk.exception_handler import assemble_uncaught_exception
from airbyte_cdk.models import AirbyteMessageSerializer
from jsonschema import Draft7Validator, FormatChecker

from source_x_organic import SourceXOrganic
from source_x_organic.run import Entrypoint
from x_simulator import AccountSpec, SimulatedClock, Simulator, World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from x_simulator import AdsAccountSpec
    from x_simulator.journal import Entry
    from x_simulator.posts import Post

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

STREAMS = ("accounts", "account_insights", "tweets", "tweet_insights")
OF_POSTS = ("tweets", "tweet_insights")

SKEW: dict[str, Any] = {"oauth1_timestamp_tolerance_seconds": None}
"""One thread's wait moves the clock of all: a request of another that is under way must not be too old for that."""

TIMELINE = r"/2/users/\d+/tweets"
"""The path of every timeline."""

DECIDING_THE_CATALOG = ("api_access", "table_layout", "schema", "constant_columns", "custom_reports")
"""Properties of the configuration that `discover` looks at."""

Json = dict[str, Any]

_CATALOGS: dict[str, dict[str, Json]] = {}


@dataclass
class Output:
    """Everything that one command said.

    Attributes:
        messages: Airbyte messages in the order in which they came out.
        sent: For each message, how many requests X had been sent when it came out.
        logs: (level, text) of every line of the log.
        error: What the command ended with, if it failed.
        catalog: What `discover` said of the streams, by name; empty for other commands than `read`.
    """

    messages: list[Json] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    logs: list[tuple[str, str]] = field(default_factory=list)
    error: Exception | None = None
    catalog: dict[str, Json] = field(default_factory=dict)

    def of_type(self, kind: str) -> list[Json]:
        return [message[kind.lower()] for message in self.messages if message["type"] == kind]

    def rows(self, stream: str) -> list[Json]:
        """Return a stream's records, with the null columns that airbyte-cdk leaves out of what it prints."""
        columns = dict.fromkeys(self.catalog[stream]["json_schema"]["properties"])
        return [columns | record["data"] for record in self.of_type("RECORD") if record["stream"] == stream]

    def by_key(self, stream: str) -> dict[str, Json]:
        """Return a stream's rows by primary key, the last one of each, as a destination keeps them."""
        paths = self.catalog[stream]["source_defined_primary_key"]
        return {" ".join(str(row[path[0]]) for path in paths): row for row in self.rows(stream)}

    def assert_valid(self) -> None:
        """Check every record against the schema that `discover` announced."""
        checks = {
            name: Draft7Validator(stream["json_schema"], format_checker=FormatChecker())
            for name, stream in self.catalog.items()
        }
        for record in self.of_type("RECORD"):
            checks[record["stream"]].validate(record["data"])

    def states(self, stream: str) -> list[Json]:
        """Return the stream's states, first to last."""
        parts = [state["stream"] for state in self.of_type("STATE")]
        return [part["stream_state"] for part in parts if part["stream_descriptor"]["name"] == stream]

    @property
    def state(self) -> list[Json]:
        """The last state of each stream, as Airbyte would hand it to the next sync."""
        last = {state["stream"]["stream_descriptor"]["name"]: state for state in self.of_type("STATE")}
        return list(last.values())

    def statuses(self, stream: str) -> list[str]:
        """Return what the stream said of itself: STARTED, RUNNING, COMPLETE, INCOMPLETE."""
        said = [trace["stream_status"] for trace in self.of_type("TRACE") if trace["type"] == "STREAM_STATUS"]
        return [each["status"] for each in said if each["stream_descriptor"]["name"] == stream]

    @property
    def failures(self) -> list[Json]:
        """Every error that was traced: message, internal_message, failure_type, stream_descriptor."""
        return [trace["error"] for trace in self.of_type("TRACE") if trace["type"] == "ERROR"]

    @property
    def verdict(self) -> tuple[str, str]:
        """The status and the message that `check` ended with."""
        (status,) = [message["connectionStatus"] for message in self.messages if message["type"] == "CONNECTION_STATUS"]
        return status["status"], status.get("message", "")

    def said(self, level: str) -> list[str]:
        """Return the lines of the log at one level."""
        return [text for its, text in self.logs if its == level]


class Stage:
    """An X of invented accounts, and the connector to run against it."""

    def __init__(
        self,
        *accounts: AccountSpec,
        now: datetime = NOW,
        seed: int = 7,
        ads_accounts: Sequence[AdsAccountSpec] = (),
        clock: SimulatedClock | None = None,
        **behaviour: Any,  # noqa: ANN401 - the simulator's switches
    ) -> None:
        self.clock = clock or SimulatedClock(now)
        self.world = World(seed, accounts, now, ads_accounts=ads_accounts)
        self.simulator = Simulator(world=self.world, clock=self.clock, **behaviour)

    def __enter__(self) -> Self:
        self.simulator.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.simulator.stop()

    def config(self, **properties: object) -> Json:
        """Return a configuration that follows every owned account with OAuth 1.0a, changed by `properties`."""
        return {
            **self.simulator.configuration(),
            "timeframe_months": "ALL_TIME",
            **properties,
        }

    def competitors(self, *accounts: str, **properties: object) -> Json:
        """Return a configuration that follows named accounts with a bearer token."""
        return {
            "credentials": self.simulator.bearer(),
            "sync_mode": "SpecificAccounts",
            "accounts": list(accounts),
            "timeframe_months": "ALL_TIME",
            "base_urls": {"x_api": self.simulator.base_url},
            **properties,
        }

    def sync(
        self,
        *streams: str,
        config: Mapping[str, Any] | None = None,
        state: Sequence[Json] = (),
        mode: str = "incremental",
    ) -> Output:
        """Discover and read: all streams or those named, incrementally where a stream can be."""
        config = self.config() if config is None else config
        catalog = self.known_catalog(config)
        configured = [configured_stream(catalog[name], mode) for name in streams or STREAMS]
        output = self.run(
            "read", config=json.dumps(config), catalog=json.dumps({"streams": configured}), state=json.dumps([*state])
        )
        output.catalog = catalog
        return output

    def discover(self, config: Mapping[str, Any]) -> dict[str, Json]:
        """Return the catalog's streams by name."""
        output = self.run("discover", config=json.dumps(config))
        if output.error is not None:
            raise output.error
        (catalog,) = output.of_type("CATALOG")
        return {stream["name"]: stream for stream in catalog["streams"]}

    def known_catalog(self, config: Mapping[str, Any]) -> dict[str, Json]:
        """Return what `discover` says, which nothing but these properties changes; asked once in a test run."""
        deciding = json.dumps({name: config[name] for name in DECIDING_THE_CATALOG if name in config})
        if deciding not in _CATALOGS:
            _CATALOGS[deciding] = self.discover(config)
        return _CATALOGS[deciding]

    def check(self, config: Mapping[str, Any] | None = None) -> Output:
        """Check a configuration, by default the one that follows every owned account."""
        return self.run("check", config=json.dumps(self.config() if config is None else config))

    def run(self, command: str, **files: str) -> Output:
        """Run one command in this process, with the files it wants."""
        output = Output()
        with TemporaryDirectory() as folder, _log_into(output):
            arguments = [command]
            for name, content in files.items():
                path = Path(folder, f"{name}.json")
                path.write_text(content, encoding="utf-8")
                arguments += [f"--{name}", str(path)]
            entrypoint = Entrypoint(SourceXOrganic(clock=self.clock))
            try:
                for line in entrypoint.run(entrypoint.parse_args(arguments)):
                    output.messages.append(orjson.loads(line))
                    output.sent.append(len(self.simulator.journal))
            except Exception as error:  # noqa: BLE001 - the command line turns it into a message and exit code 1
                output.error = error
                trace = assemble_uncaught_exception(type(error), error).as_airbyte_message()
                output.messages.append(orjson.loads(orjson.dumps(AirbyteMessageSerializer.dump(trace))))
                output.sent.append(len(self.simulator.journal))
        return output

    # What X was asked ------------------------------------------------------------------------------------------------

    @property
    def requests(self) -> list[Entry]:
        return self.simulator.journal.snapshot()

    def requests_to(self, path: str) -> list[Entry]:
        return self.simulator.journal.requests_to(path)

    def public_pages(self, username: str | None = None) -> list[Entry]:
        """Return the timeline requests for what anybody may see."""
        return [entry for entry in self._pages(username) if not is_private(entry)]

    def private_pages(self, username: str | None = None) -> list[Entry]:
        """Return the timeline requests for what only the author may see."""
        return [entry for entry in self._pages(username) if is_private(entry)]

    def _pages(self, username: str | None) -> list[Entry]:
        return [entry for entry in self.requests_to(TIMELINE) if username in {None, entry.account}]

    @contextmanager
    def hidden(self, tweet_id: str) -> Iterator[None]:
        """Let X's reports know nothing of a tweet that its timelines show."""
        find = self.world.find_post

        def found(identifier: int, now_ms: int, *, even_deleted: bool = False) -> Post | None:
            return None if str(identifier) == tweet_id else find(identifier, now_ms, even_deleted=even_deleted)

        self.world.find_post = found  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.world.find_post = find  # type: ignore[method-assign]

    def forget(self) -> None:
        """Empty X's journal."""
        self.simulator.journal.clear()


def configured_stream(stream: Json, mode: str) -> Json:
    """Return a discovered stream as a user selects it."""
    possible = mode if mode in stream["supported_sync_modes"] else "full_refresh"
    return {
        "stream": stream,
        "sync_mode": possible,
        "destination_sync_mode": "append_dedup" if possible == "incremental" else "overwrite",
        "primary_key": stream["source_defined_primary_key"],
    }


def fields_of(entry: Entry) -> set[str]:
    """Return the post fields that a request asked for, in either of X's vocabularies."""
    asked = entry.query.get("tweet.fields") or entry.query.get("post.fields") or ""
    return set(asked.split(","))


def is_private(entry: Entry) -> bool:
    return bool(fields_of(entry) & {"organic_metrics", "non_public_metrics", "promoted_metrics"})


def billed(entries: Iterable[Entry]) -> int:
    return sum(entry.billed_posts for entry in entries)


@contextmanager
def _log_into(output: Output) -> Iterator[None]:
    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            output.logs.append((record.levelname, record.getMessage()))

    listener = Listener(logging.INFO)
    logging.getLogger().addHandler(listener)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(listener)
