"""Streams that have rows of the day of their reading, and of no other: a day that passed cannot be read any more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.reports.days import Days

if TYPE_CHECKING:
    from source_x_organic.coverage_report.ledger import CoverageLedger

_DAY = timedelta(days=1)


def covers_snapshot(ledger: CoverageLedger, account_id: str, stream: str, last: str | None, *, rows: int = 0) -> None:
    """Take in that a stream has rows of today, and none of the days since its last ones.

    `last` is the day of these, None before the first; `rows` how many a day has, 0 where that is not known.
    """
    today = ledger.today
    ledger.covers_days(account_id, stream, Days(today, today))
    if last is None:
        return
    skipped = Days(date.fromisoformat(last) + _DAY, today - _DAY)
    if not rows:
        ledger.misses_some(account_id, stream, skipped, Reason.FAILED)
    for day in skipped if rows else ():
        ledger.misses(account_id, stream, day, Reason.FAILED, rows)
