"""What `sync_coverage` remembers of an account.

::

    {"cursor": "<last day>", "username": "<without @>", "gaps": {"<stream>": [["<first day>", "<last day>"], …]}}

The name is for syncs to which X does not tell the account's id; `gaps` are the days that were left unread, so that the
sync that reads them can say so even where nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from source_x_organic.progress.formats import StateFormat
from source_x_organic.reports.days import Days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class KnownAccount:
    """An account that rows were emitted of.

    Attributes:
        cursor: The last day of these rows.
        username: Without @; None where X never told.
        gaps: Days that were left unread, by stream.
    """

    cursor: str = ""
    username: str | None = None
    gaps: Mapping[str, Sequence[Days]] = field(default_factory=dict)

    def after(self, day: str, username: str | None) -> KnownAccount:
        """Return what is remembered after a row of a day, and of an account that is called so now."""
        return replace(self, cursor=max(self.cursor, day), username=username or self.username)

    def with_gaps(self, stream: str, gaps: Sequence[Days]) -> KnownAccount:
        """Return what is remembered when these days of a stream are left unread."""
        others = {name: days for name, days in self.gaps.items() if name != stream}
        return replace(self, gaps=others | ({stream: tuple(gaps)} if gaps else {}))


def _format(account: KnownAccount) -> dict[str, Any]:
    gaps = {
        stream: [[days.first.isoformat(), days.last.isoformat()] for days in spans]
        for stream, spans in account.gaps.items()
    }
    return {
        "cursor": account.cursor,
        **({"username": account.username} if account.username else {}),
        **({"gaps": gaps} if gaps else {}),
    }


def _parse(entry: Mapping[str, Any]) -> KnownAccount:
    gaps = {
        stream: tuple(Days(date.fromisoformat(first), date.fromisoformat(last)) for first, last in spans)
        for stream, spans in entry.get("gaps", {}).items()
    }
    cursor, username = entry["cursor"], entry.get("username")
    if cursor:
        date.fromisoformat(cursor)
    if not isinstance(cursor, str) or not isinstance(username, str | None):
        raise TypeError("neither a day nor a name")
    return KnownAccount(cursor, username, gaps)


COVERAGE = StateFormat(KnownAccount(), _format, _parse)
"""State of `sync_coverage`."""
