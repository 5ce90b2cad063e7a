"""The rows of `sync_coverage`. Pure.

There is one for each day with rows, with a gap or the end of one, or within the last month of what was to be read.
Older days on which nothing was expected and nothing is missing have none: they would be years of zeros.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.instants import rfc3339
from source_x_organic.reports.days import Days, clip, union, without

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from source_x_organic.coverage_report.ledger import Covered
    from source_x_organic.progress.coverage import Spans

Row = dict[str, Any]

EMPTY_DAYS = 31
"""Days up to today that have a row although there was nothing to return."""

MOST_UNKNOWN_DAYS = 1096
"""Days of a gap of unknown size that have a row, the newest ones: three years."""

_ORDER = list(Reason)


class StreamCoverage:
    """The coverage of one account in one stream."""

    def __init__(self, covered: Covered, open_gaps: Sequence[Days], checked_at: datetime) -> None:
        """`open_gaps` are days that earlier syncs have left unread."""
        self._covered = covered
        self._checked_at = checked_at
        self._today = checked_at.astimezone(UTC).date()
        self._wanted = _days_of(covered.wanted)
        self._earlier = tuple(open_gaps)
        self._unread = tuple(self._newest(days) for days in _days_of(covered.unread))
        self._unknown = self._unknown_days()

    @property
    def open_gaps(self) -> tuple[Days, ...]:
        """The days that are still to be read: a later sync says so when it has read them."""
        return union(*without(self._earlier, self._wanted), *self._unread)

    def rows(self, account_id: str, stream: str) -> Iterator[Row]:
        """Yield the rows, oldest day first."""
        for day in sorted(self._days()):
            yield {
                "account_id": account_id,
                "stream": stream,
                "date": day.isoformat(),
                "checked_at": rfc3339(self._checked_at),
                **self._counts(day),
            }

    def _days(self) -> set[date]:
        covered = self._covered
        known = {day for day, _ in covered.missing} | covered.rows.keys() | covered.expected.keys()
        recent = Days(self._today - timedelta(days=EMPTY_DAYS - 1), self._today)
        checked = [part for days in self._wanted for part in clip(days, [recent, *self._earlier])]
        return known | self._unknown.keys() | {day for days in checked for day in days}

    def _counts(self, day: date) -> Row:
        """Return the counts of a day and the reason that wants attention most."""
        covered, unknown = self._covered, self._unknown.get(day)
        returned = covered.rows[day]
        missing = {reason: count for reason in Reason if (count := covered.missing[day, reason])}
        # What X has answered nothing about although it was asked: it does so for tweets that are not there any more.
        if (unsaid := covered.expected[day] - returned - sum(missing.values())) > 0 and unknown is None:
            missing[Reason.DELETED] = missing.get(Reason.DELETED, 0) + unsaid
        reasons = [*missing, *([unknown] if unknown else [])]
        total = None if unknown else sum(missing.values())
        return {
            "expected_rows": None if total is None else returned + total,
            "returned_rows": returned,
            "missing_rows": total,
            "reason": min(reasons, key=_ORDER.index).value if reasons else None,
        }

    def _unknown_days(self) -> dict[date, Reason]:
        """Return the days of which nobody knows what is missing, with the reason."""
        found: dict[date, Reason] = {}
        unread = [(days, self._covered.stopped_by or self._covered.left_for) for days in self._unread]
        for days, reason in [*self._covered.unknown, *unread, *self._still_open()]:
            for day in self._newest(days):
                found[day] = min(found.get(day, reason), reason, key=_ORDER.index)
        return found

    def _still_open(self) -> Iterator[tuple[Days, Reason]]:
        """Yield the days with rows that an earlier sync has left unread, where this one has but added to it."""
        covered = self._covered
        for day in covered.rows if covered.only_adds else ():
            if any(day in days for days in self._earlier):
                yield Days(day, day), covered.left_for

    def _newest(self, days: Days) -> Days:
        """Return the newest days of a gap, as many as have rows."""
        last = min(days.last, self._today)
        return Days(max(days.first, last - timedelta(days=MOST_UNKNOWN_DAYS - 1)), last)


def _days_of(spans: Spans) -> tuple[Days, ...]:
    """Return the days that spans touch."""
    return union(*(Days(span.start.astimezone(UTC).date(), span.end.astimezone(UTC).date()) for span in spans))
