"""Which part of a timeline has been read, and which is to be read now: arithmetic on closed intervals of instants.

A crash, a widened timeframe and a pause are one thing here: a part of the wanted span that is not covered yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from collections.abc import Iterable

BEGINNING = datetime(2006, 3, 21, tzinfo=UTC)
"""The day of the first tweet: before it there is nothing to read."""

EARLIEST_START_TIME = datetime(2010, 11, 6, tzinfo=UTC)
"""X takes no `start_time` before this; an earlier start is left out of the request."""


@dataclass(frozen=True, order=True)
class Span:
    """A closed interval of instants; both ends belong to it."""

    start: datetime
    end: datetime

    def __contains__(self, instant: object) -> bool:
        """Return whether `instant` lies in the interval."""
        return isinstance(instant, datetime) and self.start <= instant <= self.end


Spans = tuple[Span, ...]
"""Disjoint, in order of time."""


def union(*spans: Span) -> Spans:
    """Return the spans joined where they overlap or touch."""
    joined: list[Span] = []
    for span in sorted(span for span in spans if span.start <= span.end):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def missing(wanted: Span, covered: Iterable[Span]) -> Spans:
    """Return the parts of `wanted` that lie between the covered spans, each with its ends.

    A gap shares its end instants with its neighbours: a post exactly on a border is rather read twice than never.
    """
    gaps: list[Span] = []
    start = wanted.start
    for span in union(*covered):
        if span.start > start:
            gaps.append(Span(start, min(span.start, wanted.end)))
        start = max(start, span.end)
    if start < wanted.end:
        gaps.append(Span(start, wanted.end))
    return tuple(gap for gap in gaps if gap.start < gap.end)


def clip(span: Span, to: Iterable[Span]) -> Spans:
    """Return the parts of `span` that lie in any of `to`."""
    parts = (Span(max(span.start, other.start), min(span.end, other.end)) for other in to)
    return tuple(part for part in parts if part.start <= part.end)


def timeframe_start(months: int | None, now: datetime) -> datetime:
    """Return the first instant of a timeframe: `months` calendar months back from the start of today (UTC).

    None means everything. The 31st minus months clamps to the last day of a shorter month.
    """
    if months is None:
        return BEGINNING
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start: datetime = today - relativedelta(months=months)
    return start


def to_read(*, start: datetime, now: datetime, read_again_from: datetime | None, covered: Spans) -> Spans:
    """Return what a sync reads: all that is wanted and not covered, and the newest part once more.

    `start` is the first instant of the timeframe. What came after the first covered span is wanted even where it is
    older than that: neither a pause longer than the timeframe nor an interruption after it leaves a gap.
    `read_again_from` is None where nothing was read before.
    """
    first = min(start, covered[0].end) if covered else start
    again = [] if read_again_from is None else [Span(min(read_again_from, now), now)]
    return union(*missing(Span(first, now), covered), *again)
