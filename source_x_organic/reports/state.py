"""What a daily report remembers of each account between syncs, and how that travels as Airbyte state.

::

    {"cursor": "2026-11-20", "days": [["2026-08-21", "2026-11-20"]], "tweets": {"<user_id>": {"2026-08-21": "1f3a09bc",
    …}}}

`days` are those that were reported, of all tweets known then; `tweets` tells by a fingerprint which tweets those were.
A day of posting whose fingerprint is another one now has tweets that were not known, of a user who was added or came
back, say, or that a wider timeframe takes in: they need their whole history. A tweet that vanished changes it as well,
and costs the others of its day one more reading. Mostly left out are `absent`, the packed ids of tweets that X said
nothing of, and `left`, the slices that failed (`leftovers.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zlib import crc32

from source_x_organic.packed_ids import packed, unpacked
from source_x_organic.progress.formats import StateFormat
from source_x_organic.reports.days import Days, union, without
from source_x_organic.reports.leftovers import Leftovers, format_left, outside, parse_left

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from source_x_organic.reports.plan import ListedTweet

Fingerprints = dict[str, dict[date, str]]
"""By X user id and local day of posting: eight hexadecimal digits."""


@dataclass(frozen=True)
class ReportState:
    """What is remembered of one account.

    Attributes:
        cursor: The last day that was reported; None before the first sync.
        done: Days that were reported, and are not to be reported again but for the look-back.
        fingerprints: Which tweets were known when `done` was reported.
        absent: Ids of those of which X said nothing when it was asked last.
        left: What could not be read of days that are done.
    """

    cursor: date | None = None
    done: tuple[Days, ...] = ()
    fingerprints: Fingerprints = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    left: Leftovers = ()

    def reopened(self, wanted: Iterable[Days]) -> ReportState:
        """Return the state of a sync that begins: what it is to report again is not done until it has.

        Otherwise an interruption would leave days of the look-back as they were, behind a cursor that went on.
        """
        taken = list(wanted)
        return replace(self, done=without(self.done, taken), left=outside(self.left, taken))

    def begun_anew(self) -> ReportState:
        """Return the state that has reported nothing."""
        return ReportState()

    def late(self, tweets: Collection[ListedTweet], wanted: Iterable[Days]) -> list[ListedTweet]:
        """Return the tweets that may be missing from days that are done and not `wanted` anyway."""
        return late_tweets(tweets, self, wanted)

    def advanced(self, cursor: date, done: Iterable[Days]) -> ReportState:
        """Return the state after all rows of `done`, and rows up to `cursor`, have been emitted."""
        return replace(self, cursor=max(cursor, self.cursor or cursor), done=union(*self.done, *done))

    def knowing(
        self, tweets: Iterable[ListedTweet], *, late: Collection[ListedTweet] = (), absent: Collection[str] = ()
    ) -> ReportState:
        """Return the state that knows exactly these tweets, those of the timeframe.

        Days of posting that hold tweets of `late`, whose history is still to come, are left out: it will be asked for
        again until the state knows them. `absent` are those of which X said nothing.
        """
        known = fingerprints_of(tweets)
        for tweet in late:
            known.get(tweet.user_id, {}).pop(tweet.day, None)
        return replace(self, fingerprints=known, absent=frozenset(absent))

    def leaving(self, left: Leftovers) -> ReportState:
        """Return the state of which this is left."""
        return replace(self, left=left)


def fingerprints_of(tweets: Iterable[ListedTweet]) -> Fingerprints:
    """Return the CRC-32 of the sorted ids of the tweets that each user posted on each local day."""
    ids: dict[str, dict[date, list[str]]] = {}
    for tweet in tweets:
        ids.setdefault(tweet.user_id, {}).setdefault(tweet.day, []).append(tweet.id)
    return {
        user_id: {day: f"{crc32(','.join(sorted(posted)).encode()):08x}" for day, posted in days.items()}
        for user_id, days in ids.items()
    }


def late_tweets(tweets: Collection[ListedTweet], state: ReportState, wanted: Iterable[Days]) -> list[ListedTweet]:
    """Return the tweets that may be missing from days that are done and not `wanted` by this sync anyway.

    Their history is to be asked for as well: `slices(late, without(state.done, wanted), …)`.
    """
    untouched = without(state.done, wanted)
    if not untouched:
        return []
    now = fingerprints_of(tweets)
    return [
        tweet
        for tweet in tweets
        if tweet.day <= untouched[-1].last
        and now[tweet.user_id][tweet.day] != state.fingerprints.get(tweet.user_id, {}).get(tweet.day)
    ]


def report_state_format(source: str) -> StateFormat[ReportState]:
    """Return the form of a report's state; `source` is the `metrics_source` of its rows."""
    return StateFormat(ReportState(), _format, _parse, source)


def _format(state: ReportState) -> dict[str, Any]:
    return {
        "cursor": state.cursor.isoformat() if state.cursor else None,
        "days": [[span.first.isoformat(), span.last.isoformat()] for span in state.done],
        "tweets": {
            user_id: {day.isoformat(): fingerprint for day, fingerprint in sorted(days.items())}
            for user_id, days in state.fingerprints.items()
        },
        **({"absent": packed(state.absent)} if state.absent else {}),
        **format_left(state.left),
    }


def _parse(entry: Mapping[str, Any]) -> ReportState:
    cursor = entry["cursor"]
    spans = [Days(date.fromisoformat(first), date.fromisoformat(last)) for first, last in entry["days"]]
    fingerprints = {
        user_id: {date.fromisoformat(day): str(fingerprint) for day, fingerprint in days.items()}
        for user_id, days in entry["tweets"].items()
    }
    return ReportState(
        None if cursor is None else date.fromisoformat(cursor),
        union(*spans),
        fingerprints,
        unpacked(entry.get("absent", "")),
        parse_left(entry.get("left", ())),
    )
