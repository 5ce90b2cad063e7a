"""One discover and one read through airbyte-cdk's entrypoint, and what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbyte_cdk.models import (
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    FailureType,
    SyncMode,
)
from airbyte_cdk.test.entrypoint_wrapper import EntrypointOutput, discover, read
from jsonschema import Draft7Validator, FormatChecker

from source_x_organic import SourceXOrganic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def configuration(base_url: str, accounts: Iterable[str] = (), **more: object) -> dict[str, Any]:
    accounts = list(accounts)
    return {
        "credentials": {"auth_type": "bearer", "bearer_token": "invented-token"},
        "sync_mode": "SpecificAccounts" if accounts else "AllAccounts",
        "accounts": accounts,
        "timeframe_months": "ALL_TIME",
        "base_urls": {"x_api": base_url},
        **more,
    }


def user_context() -> dict[str, str]:
    keys = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    return {"auth_type": "oauth1"} | {key: f"invented-{key}" for key in keys}


class Sync:
    """One `discover` and one `read` of some streams, and what came of it."""

    def __init__(self, config: Mapping[str, Any], streams: Iterable[str]) -> None:
        catalog = discover(SourceXOrganic(), config).catalog.catalog
        assert catalog is not None
        self._valid = {
            stream.name: Draft7Validator(stream.json_schema, format_checker=FormatChecker())
            for stream in catalog.streams
        }
        self._columns = {stream.name: list(stream.json_schema["properties"]) for stream in catalog.streams}
        wanted = ConfiguredAirbyteCatalog(
            streams=[
                ConfiguredAirbyteStream(
                    stream=stream,
                    sync_mode=SyncMode.full_refresh,
                    destination_sync_mode=DestinationSyncMode.overwrite,
                )
                for stream in catalog.streams
                if stream.name in streams
            ]
        )
        self.output: EntrypointOutput = read(SourceXOrganic(), config, wanted)

    def rows(self, stream: str, account_id: str | None = None) -> list[dict[str, Any]]:
        """Return a stream's records, each of them valid against the discovered schema."""
        rows = [
            message.record.data
            for message in self.output.records
            if message.record is not None
            and message.record.stream == stream
            and account_id in {None, message.record.data["account_id"]}
        ]
        for row in rows:
            self._valid[stream].validate(row)
        # airbyte-cdk leaves null columns out of what it prints.
        return [dict.fromkeys(self._columns[stream]) | row for row in rows]

    @property
    def errors(self) -> list[tuple[FailureType | None, str]]:
        """Return the failure type and message of every error."""
        traces = [message.trace.error for message in self.output.errors if message.trace is not None]
        return [(error.failure_type, error.message) for error in traces if error is not None]
