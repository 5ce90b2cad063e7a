"""Saved states of streams that different APIs can feed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from source_x_organic.progress.formats import UnreadableState
from source_x_organic.progress.state import COVERED, AccountCursor, StateCursor, parse_state
from source_x_organic.reports.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from source_x_organic.connection import Connection
    from source_x_organic.progress.formats import StateFormat
    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.streams.python_stream import Sync

_State = TypeVar("_State")


class _Report(Protocol):
    """What a report remembers of an account."""

    def begun_anew(self) -> Self:
        """Return what is remembered still when everything is to be reported again."""
        ...


_Reported = TypeVar("_Reported", bound=_Report)

X_API, ADS_API = "x_api", "ads_api"
_IN_WORDS = {X_API: "the X API", ADS_API: "the Ads API"}

_OF_DAYS = frozenset({"account_insights", "tweet_insights"})
"""Streams whose cursor is the day of a read."""


def account_cursor(name: str, read_from: str, connection: Connection, sync: Sync) -> AccountCursor:
    """Return what keeps the state of a stream that reads timelines of X or the Ads API, whichever `read_from` says.

    It goes on where the other API ended, with a warning: the rows are about the same tweets and the same lifetime
    counters, but one of the two tells more of them.

    Raises:
        UnreadableState: the saved state is not of this version.
    """
    saved = sync.saved(name)
    accounts = parse_state(name, saved, by_day=name in _OF_DAYS)
    before = _origin(name, saved, read_from)
    if before != read_from and accounts:
        other, this = _IN_WORDS[before], _IN_WORDS[read_from]
        connection.warn_once(
            f"{name} was read from {other} before, and is read from {this} from now on. Rows that are read again hold "
            f"what {this} tells, with null where it tells nothing; older rows stay as they are. Refresh the stream to "
            "have all of its rows from one API."
        )
    return AccountCursor(name, accounts, sync.emit, read_from, COVERED.parse_unfinished(name, saved))


def _origin(name: str, saved: Mapping[str, Any], read_from: str) -> str:
    """Return the API that a saved state was read from; that of now where an earlier version did not save it."""
    origin = saved.get("read_from", read_from)
    if not isinstance(origin, str) or origin not in _IN_WORDS:
        raise UnreadableState(name, f"it was read from {origin!r}, which this connector does not know")
    return origin


def saved_state(
    name: str,
    form: StateFormat[_State],
    connection: Connection,
    sync: Sync,
    *,
    anew: str = "beginning with the whole timeframe",
) -> dict[str, _State]:
    """Return what a report remembers by account; nothing, with a warning, where another source fed it before.

    `anew` says where a report of this source begins.

    Raises:
        UnreadableState: it is not of this version.
    """
    saved = sync.saved(name)
    other = form.other_source(saved)
    if other is not None:
        connection.warn_once(
            f"The rows of {name} that were saved before came from another source ({other}). From now on rows come from "
            f"{form.source}, {anew}; a day that both have keeps the newer row, other rows stay as they are."
        )
    return form.parse(name, saved)


def defined_cursor(
    definition: ReportDefinition, form: StateFormat[_Reported], connection: Connection, sync: Sync
) -> StateCursor[_Reported]:
    """Return what keeps the state of a report that the user defined.

    Where its definition is another one now, it begins anew, with a warning: the days that are done have rows that say
    something else.

    Raises:
        UnreadableState: the saved state is not of this version.
    """
    name, asked = definition.name, Asked.of(definition)
    accounts = saved_state(name, form, connection, sync)
    news = _news(name, asked, sync) if accounts else []
    if news:
        connection.warn_once(
            f"The definition of {name} is another one than in the last sync ({'; '.join(news)}). All of its timeframe "
            "is read again. Rows that were saved before and get no new one stay as they were: refresh the stream in "
            "Airbyte, with its data removed, to be rid of them."
        )
        accounts = {account_id: remembered.begun_anew() for account_id, remembered in accounts.items()}
    unfinished = form.parse_unfinished(name, sync.saved(name))
    return StateCursor(name, accounts, sync.emit, replace(form, report=asked.entry), unfinished)


def _news(name: str, asked: Asked, sync: Sync) -> list[str]:
    """Return what is new in a definition; nothing where an earlier version of the connector did not save it."""
    entry = sync.saved(name).get("report")
    if entry is None:
        return []
    try:
        return asked.news_since(Asked.parse(entry))
    except (KeyError, TypeError) as error:
        raise UnreadableState(name, f"it is damaged: {type(error).__name__}") from error
