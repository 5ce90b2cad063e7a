"""What a report remembers where listing the tweets again would cost money: the tweets themselves.

::

    {"cursor": "2026-11-20", "days": [["2026-08-21", "2026-11-20"]], "listed": [["<from>", "<to>"]],
     "tweets": "<packed>", "late": "<packed>", "absent": "<packed>", "left": […]}

`listed` are the spans of `created_at` whose tweets are known, `tweets` their ids, packed (`packed_ids.py`). An id tells
when its tweet was posted, so the day need not be kept. The others are mostly left out: `late` are those that were not
known when `days` were reported, `absent` those that X said nothing of, `left` the slices that failed (`leftovers.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from source_x_organic.packed_ids import packed, unpacked
from source_x_organic.progress.coverage import Span, Spans
from source_x_organic.progress.coverage import union as joined
from source_x_organic.progress.formats import StateFormat
from source_x_organic.reports.days import Days, union, without
from source_x_organic.reports.leftovers import Leftovers, format_left, outside, parse_left

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from source_x_organic.reports.plan import ListedTweet


@dataclass(frozen=True)
class ListedReportState:
    """What is remembered of one account.

    Attributes:
        cursor: The last day that was reported; None before the first sync.
        done: Days that were reported, and are not to be reported again but for the look-back.
        listed: Spans of `created_at` whose tweets are known.
        tweets: Ids of these tweets.
        behind: Ids of those among them whose history of days that are done is still to come.
        absent: Ids of those of which X said nothing when it was asked last.
        left: What could not be read of days that are done.
    """

    cursor: date | None = None
    done: tuple[Days, ...] = ()
    listed: Spans = ()
    tweets: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    left: Leftovers = ()

    def reopened(self, wanted: Iterable[Days]) -> ListedReportState:
        """Return the state of a sync that begins: what it is to report again is not done until it has."""
        taken = list(wanted)
        return replace(self, done=without(self.done, taken), left=outside(self.left, taken))

    def begun_anew(self) -> ListedReportState:
        """Return the state that has reported nothing; which tweets there are stays known."""
        return ListedReportState(listed=self.listed, tweets=self.tweets)

    def advanced(self, cursor: date, done: Iterable[Days]) -> ListedReportState:
        """Return the state after all rows of `done`, and rows up to `cursor`, have been emitted."""
        return replace(self, cursor=max(cursor, self.cursor or cursor), done=union(*self.done, *done))

    def knowing(
        self, tweets: Iterable[ListedTweet], *, late: Collection[ListedTweet] = (), absent: Collection[str] = ()
    ) -> ListedReportState:
        """Return the state that knows these tweets but for those of `late`, whose history is still to come.

        `absent` are those of which X said nothing.
        """
        behind = frozenset(tweet.id for tweet in late)
        known = frozenset(tweet.id for tweet in tweets)
        return replace(self, tweets=known, behind=behind, absent=frozenset(absent))

    def leaving(self, left: Leftovers) -> ListedReportState:
        """Return the state of which this is left."""
        return replace(self, left=left)

    def late(self, tweets: Collection[ListedTweet], wanted: Iterable[Days]) -> list[ListedTweet]:
        """Return the tweets that may be missing from days that are done and not `wanted` anyway."""
        untouched = without(self.done, wanted)
        if not untouched:
            return []
        known = self.tweets - self.behind
        return [tweet for tweet in tweets if tweet.day <= untouched[-1].last and tweet.id not in known]

    def having_listed(self, span: Span) -> ListedReportState:
        """Return the state that knows which tweets there are in one more span."""
        return replace(self, listed=joined(*self.listed, span))


def listed_state_format(source: str) -> StateFormat[ListedReportState]:
    """Return the form of a report's state; `source` is the `metrics_source` of its rows."""
    return StateFormat(ListedReportState(), _format, _parse, source)


def _format(state: ListedReportState) -> dict[str, Any]:
    return {
        "cursor": state.cursor.isoformat() if state.cursor else None,
        "days": [[span.first.isoformat(), span.last.isoformat()] for span in state.done],
        "listed": [[_instant(span.start), _instant(span.end)] for span in state.listed],
        "tweets": packed(state.tweets),
        **({"late": packed(state.behind)} if state.behind else {}),
        **({"absent": packed(state.absent)} if state.absent else {}),
        **format_left(state.left),
    }


def _parse(entry: Mapping[str, Any]) -> ListedReportState:
    cursor = entry["cursor"]
    return ListedReportState(
        None if cursor is None else date.fromisoformat(cursor),
        union(*(Days(date.fromisoformat(first), date.fromisoformat(last)) for first, last in entry["days"])),
        joined(*(Span(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in entry["listed"])),
        unpacked(entry["tweets"]),
        unpacked(entry.get("late", "")),
        unpacked(entry.get("absent", "")),
        parse_left(entry.get("left", ())),
    )


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
