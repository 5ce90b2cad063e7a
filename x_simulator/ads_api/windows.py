"""The times of a statistics request: how they may be written, where they have to lie, which buckets they make.

All arithmetic is on aware UTC datetimes; a local day is a date of the account's IANA zone, 23 to 25 hours long.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

GRANULARITIES = ("HOUR", "DAY", "TOTAL")
_ONE_HOUR = timedelta(hours=1)
_ONE_DAY = timedelta(days=1)
# Before and after lies nothing that could be asked for, and the ends of the calendar, where zones cannot be applied.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.0+)?(Z|([+-])(\d\d)(?::?(\d\d))?)")
_NO_MIDNIGHT = "Expect time to be midnight in the account's local timezone for day granularity"


class Window(NamedTuple):
    """A span of time, `end` exclusive; both in UTC."""

    start: datetime
    end: datetime


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day, in UTC.

    Where clocks are put forward at midnight the day begins at one o'clock: `fold=0` takes the time that does not exist
    by the offset from before, which is the very instant of the change.
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def parsed(text: str, zone: ZoneInfo) -> datetime | None:
    """Read a time as X takes it: with Z, ±HHMM, ±HH:MM or ±HH, or a date alone for its midnight in `zone`.

    Returns the instant in UTC, or None for anything else.
    """
    try:
        if _DATE.fullmatch(text):
            instant = start_of_day(date.fromisoformat(text), zone)
        elif found := _INSTANT.fullmatch(text):
            instant = datetime.fromisoformat(found[1]).replace(tzinfo=_offset(found)).astimezone(UTC)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return instant if _EARLIEST <= instant < _LATEST else None


def _offset(found: re.Match[str]) -> timezone:
    if found[2] == "Z":
        return UTC
    if int(found[5] or 0) >= 60:  # noqa: PLR2004 - minutes of an hour
        raise ValueError("an offset has at most 59 minutes")
    size = timedelta(hours=int(found[4]), minutes=int(found[5] or 0))
    return timezone(-size if found[3] == "-" else size)


def is_whole_hour(instant: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an instant is a whole hour on the account's clocks."""
    local = instant.astimezone(zone)
    return not (local.minute or local.second or local.microsecond)


def is_midnight(instant: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an instant is the beginning of a local day."""
    return instant == start_of_day(instant.astimezone(zone).date(), zone)


def misplacements(window: Window, zone: ZoneInfo, granularity: str, most_days: int) -> list[str]:
    """Return X's complaints about a window, one for each end that lies wrong; none if all is well.

    `most_days`: how long it may be; one hour more is granted, because 25 hours are a day once a year.
    """
    complaints = [
        _NO_MIDNIGHT if granularity == "DAY" and is_whole_hour(end, zone) else "Time cannot be fractional hours"
        for end in window
        if not (is_midnight(end, zone) if granularity == "DAY" else is_whole_hour(end, zone))
    ]
    if window.end <= window.start:
        complaints.append("The end_time must be after the start_time")
    if window.end - window.start > most_days * _ONE_DAY + _ONE_HOUR:
        complaints.append(f"The end_time can be a maximum of {most_days}.days+1.hours after the start_time")
    return complaints


def bounds(window: Window, zone: ZoneInfo, granularity: str) -> list[datetime]:
    """Return where the buckets of a window begin, and its end: one instant more than there are buckets.

    DAY steps from local day to local day; HOUR steps by sixty minutes, so that the last bucket is a shorter one where
    clocks change by half an hour.
    """
    if granularity == "TOTAL":
        return list(window)
    step = _hours if granularity == "HOUR" else _days
    return [*step(window, zone), window.end]


def _hours(window: Window, _: ZoneInfo) -> Iterator[datetime]:
    instant = window.start
    while instant < window.end:
        yield instant
        instant += _ONE_HOUR


def _days(window: Window, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield local midnights; a date that a zone left out (it moved across the date line) makes no bucket."""
    day, last = window.start.astimezone(zone).date(), None
    while (instant := start_of_day(day, zone)) < window.end:
        if instant != last:
            yield instant
        last, day = instant, day + _ONE_DAY
