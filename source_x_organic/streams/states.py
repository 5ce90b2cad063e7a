"""Saved states of streams that different APIs can feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from source_x_organic.progress.state import COVERED, AccountCursor, parse_state

if TYPE_CHECKING:
    from source_x_organic.connection import Connection
    from source_x_organic.progress.formats import StateFormat
    from source_x_organic.streams.python_stream import Sync

_State = TypeVar("_State")

X_API, ADS_API = "x_api", "ads_api"
_IN_WORDS = {X_API: "the X API", ADS_API: "the Ads API"}


def account_cursor(name: str, read_from: str, connection: Connection, sync: Sync) -> AccountCursor:
    """Return what keeps the state of a stream that reads timelines of X or the Ads API, whichever `read_from` says.

    It goes on where the other API ended, with a warning: the rows are about the same tweets and the same lifetime
    counters, but one of the two tells more of them.

    Raises:
        UnreadableState: the saved state is not of this version.
    """
    saved = sync.saved(name)
    before = saved.get("read_from", read_from)
    accounts = parse_state(name, saved)
    if before != read_from and accounts:
        other, this = _IN_WORDS.get(before, before), _IN_WORDS[read_from]
        connection.warn_once(
            f"{name} was read from {other} before, and is read from {this} from now on. Rows that are read again hold "
            f"what {this} tells, with null where it tells nothing; older rows stay as they are. Refresh the stream to "
            "have all of its rows from one API."
        )
    return AccountCursor(name, accounts, sync.emit, read_from, COVERED.parse_unfinished(name, saved))


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
