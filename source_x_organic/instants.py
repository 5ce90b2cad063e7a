"""Instants as X writes them and as the tables keep them: RFC 3339 in UTC with `Z`."""

from __future__ import annotations

from datetime import UTC, datetime


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
    except ValueError:
        return None
    if instant.tzinfo is UTC:
        return instant
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def rfc3339(instant: datetime) -> str:
    """Return an aware instant as `YYYY-MM-DDTHH:MM:SSZ`, whole seconds in UTC."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    # Called for every post: without its zone an instant is written in half the time.
    return instant.replace(tzinfo=None).isoformat()[:19] + "Z"


def utc_day(instant: datetime) -> str:
    """Return the calendar day (UTC) that an aware instant falls on, as `YYYY-MM-DD`."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat()[:10]
