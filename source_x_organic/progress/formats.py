"""How what a stream remembers of its accounts is written as Airbyte state, whatever that is.

::

    {"version": 1, "source": "<where its figures come from>", "read_from": "<API>", "report": {…},
     "accounts": {"<account_id>": {…}}}

`source` is written only by streams that different APIs can feed with figures that do not add up to one series,
`read_from` by those that go on with another API, whose rows may only lack some columns, `report` by those that users
define (`reports.asked`). What is left of an unfinished
round stands in the account's entry: see `progress.rounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.streams import NO_CURSOR_STATE_KEY
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.progress.rounds import UNFINISHED, Unfinished, parse_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERSION = 1

_NOT_OURS = frozenset({NO_CURSOR_STATE_KEY, "__ab_full_refresh_sync_complete"})
"""Keys of states that airbyte-cdk itself makes for streams without a cursor: they say nothing of accounts."""

Remembered = TypeVar("Remembered")
"""What a stream remembers of one account."""


class UnreadableState(AirbyteTracedException):
    """A state that this version does not understand; it is refused rather than guessed at."""

    def __init__(self, stream_name: str, reason: str) -> None:
        """`reason` says what is wrong with it."""
        super().__init__(
            message=f"The saved state of the stream {stream_name} cannot be read ({reason}). Reset the stream in "
            "Airbyte (or leave the state out) to read its history again, or use the connector version that wrote it.",
            internal_message=f"stream={stream_name} {reason}",
            failure_type=FailureType.config_error,
        )


@dataclass(frozen=True)
class StateFormat(Generic[Remembered]):
    """The JSON form of one stream's state.

    Attributes:
        nothing: What is remembered of an account that was never read.
        format_account: Returns the JSON form of one account.
        parse_account: Its inverse; raises KeyError, TypeError, ValueError or AttributeError for what is none.
        source: Where the stream's figures come from; None where that makes no difference.
        read_from: Which API its rows are made of; None where there is but one.
        report: What decides what a row says; None where users do not.
    """

    nothing: Remembered
    format_account: Callable[[Remembered], dict[str, Any]]
    parse_account: Callable[[Mapping[str, Any]], Remembered]
    source: str | None = None
    read_from: str | None = None
    report: Mapping[str, Any] | None = None

    def format(self, accounts: Mapping[str, Remembered]) -> dict[str, Any]:
        """Return the JSON form of a stream's state; the inverse of `parse`."""
        return self.joined({key: self.format_account(remembered) for key, remembered in accounts.items()})

    def joined(self, formatted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON form of a state whose accounts are in theirs already."""
        origin = {"source": self.source, "read_from": self.read_from, "report": self.report}
        told: dict[str, Any] = {key: value for key, value in origin.items() if value is not None}
        return {"version": VERSION, **told, "accounts": dict(formatted)}

    def parse(self, stream_name: str, blob: Mapping[str, Any]) -> dict[str, Remembered]:
        """Return the accounts in a stream's state; none where it was saved with another source.

        Raises:
            UnreadableState: it is of another version, or not of this connector.
        """
        if not blob or _NOT_OURS.intersection(blob):
            return {}
        if blob.get("version") != VERSION or isinstance(blob["version"], bool):
            raise UnreadableState(stream_name, f"version {blob.get('version')!r}, this connector writes {VERSION}")
        if self.other_source(blob) is not None:
            return {}
        if blob.get("source") != self.source:
            raise UnreadableState(stream_name, "it does not say where its figures come from")
        try:
            return {account_id: self.parse_account(entry) for account_id, entry in blob["accounts"].items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableState(stream_name, f"it is damaged: {type(error).__name__}") from error

    def parse_unfinished(self, stream_name: str, blob: Mapping[str, Any]) -> dict[str, Unfinished]:
        """Return what is left of the rounds of those accounts that have one under way; `parse` is to succeed before.

        Raises:
            UnreadableState: it is damaged.
        """
        if self.other_source(blob) is not None:
            return {}
        entries: Mapping[str, Any] = blob.get("accounts") or {}
        try:
            return {
                account_id: parse_unfinished(entry[UNFINISHED])
                for account_id, entry in entries.items()
                if UNFINISHED in entry
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableState(stream_name, f"it is damaged: {type(error).__name__}") from error

    def other_source(self, blob: Mapping[str, Any]) -> str | None:
        """Return where the figures saved before came from if that was elsewhere: the stream then starts anew."""
        source = blob.get("source")
        return source if isinstance(source, str) and source != self.source else None
