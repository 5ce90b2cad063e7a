"""Instants as X writes them and as the tables keep them: RFC 3339 in UTC with `Z`."""

from __future__ import annotations

from datetime import UTC, datetime

_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: f"{number:02}" for number, name in enumerate(_MONTH_NAMES, start=1)}
_V1_LENGTH = len("Tue Aug 27 22:22:12 +0000 2019")


def utc_text(value: str | None) -> str | None:
    """Return X's timestamp with its `Z`; the very text that X sent wherever it has one.

    Another offset is turned to UTC; what is no RFC 3339 timestamp at all becomes null.
    """
    if value is None or value[-1:] == "Z":
        return value
    instant = utc_instant(value)
    return None if instant is None else rfc3339(instant)


def utc_instant(value: str | None) -> datetime | None:
    """Return X's timestamp as an instant in UTC, or None where there is none to read."""
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is UTC:
            return instant
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def v1_instant(value: object) -> datetime | None:
    """Return a timestamp of X's API v1.1 (`Tue Aug 27 22:22:12 +0000 2019`), or an RFC 3339 one, as an instant in UTC.

    None where it is neither. Read by position: `strptime` takes the months' names from the machine's language.
    """
    if not isinstance(value, str):
        return None
    month = _MONTHS.get(value[4:7]) if len(value) == _V1_LENGTH else None
    if month is None:
        return utc_instant(value)
    return utc_instant(f"{value[26:]}-{month}-{value[8:10]}T{value[11:19]}{value[20:25]}")


def rfc3339(instant: datetime) -> str:
    """Return an aware instant as `YYYY-MM-DDTHH:MM:SSZ`, whole seconds in UTC."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    # Called for every post: without its zone an instant is written in half the time.
    return instant.replace(tzinfo=None).isoformat()[:19] + "Z"


def rfc3339_millis(instant: datetime) -> str:
    """Return an aware instant as `YYYY-MM-DDTHH:MM:SS.mmmZ`, in UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def rfc3339_micros(instant: datetime) -> str:
    """Return an aware instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, in UTC."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def utc_day(instant: datetime) -> str:
    """Return the calendar day (UTC) that an aware instant falls on, as `YYYY-MM-DD`."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat()[:10]
