"""What readings tell of their coverage while they go on; safe to use from all reading threads.

Memory grows with accounts and days, not with rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.progress.coverage import Span, Spans, missing, union
from source_x_organic.reports.days import Days

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Mapping

    from source_x_organic.reports.plan import Slice

DAY_COLUMNS = {
    "tweets": "created_at",
    "tweet_insights": "date",
    "organic_report": "date",
    "account_insights": "date",
}
"""The streams that are told of, and the column that says which day a row is about."""

_LAST_MOMENT = timedelta(days=1) - timedelta(microseconds=1)


@dataclass
class Covered:
    """What is known of one account in one stream.

    Attributes:
        returned: Rows that went out, by day.
        held: Rows that there are, by day, those of earlier syncs included; None where that is not known.
        expected: Rows that were asked for one by one, by day.
        missing: Rows that are known to be missing, by day and reason.
        unknown: Days of which it is not known how many rows are missing, by reason.
        wanted, read: The time that was to be read, and that was.
        only_adds: Whether this sync has but added to what another one of the day had read: then a gap stays one.
        left_for: Why the rest was not, if nothing happened.
        stopped_by: What happened.
    """

    returned: Counter[date] = field(default_factory=Counter)
    held: Counter[date] | None = None
    expected: Counter[date] = field(default_factory=Counter)
    missing: Counter[tuple[date, Reason]] = field(default_factory=Counter)
    unknown: list[tuple[Days, Reason]] = field(default_factory=list)
    wanted: Spans = ()
    read: Spans = ()
    only_adds: bool = False
    left_for: Reason = Reason.FAILED
    stopped_by: Reason | None = None

    @property
    def rows(self) -> Counter[date]:
        """The rows of each day: those that there are, or else those that this sync returned."""
        return self.returned if self.held is None else self.held

    @property
    def unread(self) -> Spans:
        """What was to be read and was not."""
        return tuple(part for span in self.wanted for part in missing(span, self.read))


class CoverageLedger:
    """The coverage of one sync."""

    def __init__(self, now: datetime, *, is_limited: bool = False) -> None:
        """`now` is the instant of the sync; `is_limited` says whether a ceiling on posts may end it."""
        self.now = now
        self._left_for = Reason.BUDGET if is_limited else Reason.FAILED
        self.is_wanted = False
        """Whether anybody is going to read this; else nothing is kept."""
        self._lock = Lock()
        self._covered: dict[tuple[str, str], Covered] = {}

    @property
    def today(self) -> date:
        """The running day, of UTC."""
        return self.now.astimezone(UTC).date()

    def entries(self, usernames: Mapping[str, str]) -> dict[tuple[str, str], Covered]:
        """Return what is known, by account and stream; to be called when nothing is read any more.

        `usernames` are those of all accounts that were ever read, by id: where X told no id they say whom an entry of
        the configuration means, and the place of credentials that X refuses means the only account that is missing.
        """
        ids = {name.lower(): account_id for account_id, name in usernames.items()}
        named = {name: ids.get(name.lstrip("@").lower(), name) for name, _ in self._covered}
        strangers = {name for name in named.values() if not name.isdecimal()}
        absent = usernames.keys() - named.values()
        if len(strangers) == len(absent) == 1:
            named |= dict.fromkeys(strangers, *absent)
        return {(named[name], stream): found for (name, stream), found in self._covered.items()}

    # What was to be read ---------------------------------------------------------------------------------------------

    def covers(self, account_id: str, stream: str, spans: Iterable[Span], *, anew: bool = False) -> None:
        """Take in which time a stream is to be read for, beside what it is already (`anew`: in its place)."""
        with self._lock:
            found = self._of(account_id, stream)
            found.wanted = union(*(() if anew else found.wanted), *spans)

    def adds(self, account_id: str, stream: str) -> None:
        """Take in that a stream's rows only add to what another sync has told of, which stays as it was."""
        with self._lock:
            found = self._of(account_id, stream)
            found.wanted, found.only_adds = (), True

    def covers_days(self, account_id: str, stream: str, days: Days) -> None:
        """Take in which days of UTC a stream is to be read for."""
        self.covers(account_id, stream, [_span(days)])

    def expects(self, stream: str, part: Slice) -> None:
        """Take in that rows are asked for: one for each tweet of a slice on each day of its life."""
        if not self.is_wanted or stream not in DAY_COLUMNS:
            return
        with self._lock:
            for account_id, day, count in _rows_of(part):
                self._of(account_id, stream).expected[day] += count

    # What was read ---------------------------------------------------------------------------------------------------

    def returned(self, stream: str, row: Mapping[str, Any]) -> None:
        """Take in a row on its way out; a tweet's last one, which says that it is deleted, is none."""
        column = DAY_COLUMNS.get(stream)
        if not self.is_wanted or column is None or row.get("is_deleted"):
            return
        written = row.get(column)
        day = date.fromisoformat(written[:10]) if written else self.today
        with self._lock:
            self._of(row["account_id"], stream).returned[day] += 1

    def holds(self, account_id: str, stream: str, rows: Counter[date]) -> None:
        """Take in how many rows of each day there are, whichever syncs returned them; other days have none to tell."""
        with self._lock:
            self._of(account_id, stream).held = rows

    def read_days(self, account_id: str, stream: str, days: Days) -> None:
        """Take in that days of UTC are complete."""
        if days:
            whole = _span(days)
            # What is left begins with the next day, and does not touch the last of these.
            self.read(account_id, stream, Span(whole.start, whole.end + (timedelta(days=1) - _LAST_MOMENT)))

    def read(self, account_id: str, stream: str, span: Span) -> None:
        """Take in that all of a time was read."""
        with self._lock:
            found = self._of(account_id, stream)
            found.read = union(*found.read, span)

    def read_everything(self, account_id: str, stream: str) -> None:
        """Take in that all that was to be read was."""
        with self._lock:
            found = self._of(account_id, stream)
            found.read = union(*found.read, *found.wanted)

    # What is missing -------------------------------------------------------------------------------------------------

    def misses(self, account_id: str, stream: str, day: date, reason: Reason, rows: int = 1) -> None:
        """Take in that so many rows of a day are missing."""
        with self._lock:
            self._of(account_id, stream).missing[day, reason] += rows

    def misses_some(self, account_id: str, stream: str, days: Days, reason: Reason) -> None:
        """Take in that rows of some days are missing, nobody knows how many."""
        if days:
            with self._lock:
                self._of(account_id, stream).unknown.append((days, reason))

    def misses_asked(self, stream: str, part: Slice, reason: Reason) -> None:
        """Take in that the rows of a slice are missing."""
        if not self.is_wanted or stream not in DAY_COLUMNS:
            return
        with self._lock:
            for account_id, day, count in _rows_of(part):
                self._of(account_id, stream).missing[day, reason] += count

    def gives_up(self, account_id: str, streams: Iterable[str], reason: Reason) -> None:
        """Take in why the rest of an account is not read for some streams; if nothing was to be, today is missing."""
        for stream in DAY_COLUMNS.keys() & set(streams):
            with self._lock:
                found = self._of(account_id, stream)
                found.stopped_by = found.stopped_by or reason
                found.wanted = found.wanted or (_span(Days(self.today, self.today)),)

    def _of(self, account_id: str, stream: str) -> Covered:
        new = Covered(left_for=self._left_for)
        return self._covered.setdefault((account_id, stream), new) if self.is_wanted else new


class Run(Protocol):
    """What a run takes from its readings, for users to know."""

    @property
    def logger(self) -> logging.Logger:
        """Takes words."""
        ...

    @property
    def coverage(self) -> CoverageLedger:
        """Takes which rows are missing."""
        ...


def _span(days: Days) -> Span:
    start = datetime.combine(days.first, time(), UTC)
    return Span(start, datetime.combine(days.last, time(), UTC) + _LAST_MOMENT)


def _rows_of(part: Slice) -> Iterable[tuple[str, date, int]]:
    """Yield (account, day, rows) for a slice."""
    for account_id in dict.fromkeys(part.user_ids):
        pairs = zip(part.created, part.user_ids, strict=True)
        created = sorted(day for day, user_id in pairs if user_id == account_id)
        for day in part.days:
            if count := bisect_right(created, day):
                yield account_id, day, count
