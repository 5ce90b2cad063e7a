"""Saved states of reports that different APIs can feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from source_x_organic.connection import Connection
    from source_x_organic.progress.formats import StateFormat
    from source_x_organic.streams.python_stream import Sync

_State = TypeVar("_State")


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
