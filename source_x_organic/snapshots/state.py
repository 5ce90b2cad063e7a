"""What snapshots leave behind of each account, in few characters.

::

    {"cursor": "2026-11-20", "since": "<first snapshot>", "taken_at": "<last one>", "tweets": "<packed>",
     "open_from": "<first open day>", "ended": {"<day>": [<rows>, <lost rows>], …}}

The last two are left out where all days but that of the last snapshot are complete, and where no post has ended.

`tweets` are numbers of seven bits a byte, compressed, in base 64: the number of this form, how many posts there are,
then column by column, since like stands beside like there: the ids, sorted, as differences; source, flag and fate;
instants as microseconds from `since`, `taken_at` or one another; counters; totals of the day. In the columns that may
lack a value 0 is none, and everything else one more than it is. Posts of at most 30 days are in it.
"""

from __future__ import annotations

import base64
import zlib
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from source_x_organic.instants import rfc3339_micros, utc_instant
from source_x_organic.progress.formats import StateFormat
from source_x_organic.snapshots.counters import COUNTERS, SOURCES, UNKNOWN
from source_x_organic.snapshots.tracking import AccountSnapshots, Ended, Fate, Tracked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

_FORM = 1
"""Number of this form: another set of counters, or another order, is another one."""

_COLUMNS = 5 + 2 * len(COUNTERS)
_SEVEN_BITS, _MORE = 0x7F, 0x80
_MICROSECOND = timedelta(microseconds=1)
_ESTIMATED = len(SOURCES)
_FATE = 2 * _ESTIMATED

SNAPSHOTS_SOURCE = "x_api_snapshots"
"""Where the figures come from: one series for posts by private and by public counters."""


def _format(state: AccountSnapshots) -> dict[str, Any]:
    ended = {day.isoformat(): [*counts] for day, counts in state.ended.items()}
    return {
        "cursor": state.cursor.isoformat() if state.cursor else None,
        "since": rfc3339_micros(state.since) if state.since else None,
        "taken_at": rfc3339_micros(state.taken_at) if state.taken_at else None,
        "tweets": _packed(state.tweets, state.since, state.taken_at) if state.since and state.taken_at else "",
        **({"open_from": state.open_from.isoformat()} if state.open_from else {}),
        **({"ended": ended} if ended else {}),
    }


def _parse(entry: Mapping[str, Any]) -> AccountSnapshots:
    since, taken_at = entry["since"], entry["taken_at"]
    if since is None or taken_at is None:
        return AccountSnapshots()
    first, last = _instant(since), _instant(taken_at)
    open_from = date.fromisoformat(entry["open_from"]) if "open_from" in entry else None
    return AccountSnapshots(last, first, _unpacked(entry["tweets"], first, last), open_from, _ended(entry))


def _ended(entry: Mapping[str, Any]) -> dict[date, Ended]:
    return {
        date.fromisoformat(day): Ended(int(rows), int(lost)) for day, (rows, lost) in entry.get("ended", {}).items()
    }


SNAPSHOTS = StateFormat(AccountSnapshots(), _format, _parse, SNAPSHOTS_SOURCE)
"""State of an `organic_report` that is made of snapshots."""


def _packed(tweets: Mapping[str, Tracked], since: datetime, taken_at: datetime) -> str:
    ids = sorted(tweets, key=int)
    rows = [_numbers(tweets[tweet_id], since, taken_at) for tweet_id in ids]
    differences = [later - earlier for earlier, later in pairwise([0, *map(int, ids)])]
    numbers = [_FORM, len(ids), *differences, *(number for column in zip(*rows, strict=True) for number in column)]
    return base64.b64encode(zlib.compress(_bytes(numbers), 9)).decode("ascii")


def _unpacked(text: str, since: datetime, taken_at: datetime) -> dict[str, Tracked]:
    """Return the posts in what `_packed` made.

    Raises:
        ValueError: it is something else.
    """
    try:
        raw = zlib.decompress(base64.b64decode(text, validate=True))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    form, count, *numbers = _integers(raw)
    if form != _FORM or len(numbers) != count * _COLUMNS:
        raise ValueError(f"form {form} of {count} posts with {len(numbers)} numbers")
    differences, *columns = (numbers[place * count : (place + 1) * count] for place in range(_COLUMNS))
    rows = zip(*columns, strict=True)
    try:
        tweets = [_tracked(row, since, taken_at) for row in rows]
    except OverflowError as error:
        raise ValueError("an instant lies outside of all time") from error
    return dict(zip(map(str, accumulate(differences)), tweets, strict=True))


def _numbers(tracked: Tracked, since: datetime, taken_at: datetime) -> tuple[int, ...]:
    base, behind = tracked.base, tracked.behind
    return (
        SOURCES.index(tracked.source) + _ESTIMATED * tracked.is_estimated + _FATE * tracked.fate,
        (taken_at - tracked.seen_at) // _MICROSECOND,
        0 if base is None else 1 + (base - since) // _MICROSECOND,
        0 if behind is None else 1 + (tracked.seen_at - behind) // _MICROSECOND,
        *(0 if counter is None else 1 + counter for counter in tracked.counters),
        *(0 if total is None else 1 + (total << 1 if total >= 0 else ~(total << 1)) for total in tracked.day_totals),
    )


def _tracked(row: Sequence[int], since: datetime, taken_at: datetime) -> Tracked:
    kind, lag, base, behind, *values = row
    seen_at = taken_at - lag * _MICROSECOND
    return Tracked(
        counters=tuple(value - 1 if value else None for value in values[: len(UNKNOWN)]),
        day_totals=tuple(_signed(value - 1) if value else None for value in values[len(UNKNOWN) :]),
        is_estimated=bool(kind // _ESTIMATED % 2),
        source=SOURCES[kind % _ESTIMATED],
        seen_at=seen_at,
        base=since + (base - 1) * _MICROSECOND if base else None,
        behind=seen_at - (behind - 1) * _MICROSECOND if behind else None,
        fate=Fate(kind // _FATE),
    )


def _signed(number: int) -> int:
    return ~(number >> 1) if number & 1 else number >> 1


def _bytes(numbers: Iterable[int]) -> bytes:
    raw = bytearray()
    for each in numbers:
        number = each
        while number > _SEVEN_BITS:
            raw.append(number & _SEVEN_BITS | _MORE)
            number >>= 7
        raw.append(number)
    return bytes(raw)


def _integers(raw: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in raw:
        number |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _MORE:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("the last number breaks off")


def _instant(text: str) -> datetime:
    instant = utc_instant(text)
    if instant is None:
        raise ValueError(f"{text!r} is no instant")
    return instant
