"""Post ids carry the instant at which the post was made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

X_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
"""Where X's id clock starts."""

_SMALLEST = 1 << 34
"""Ids below this are older than the id clock and count posts instead [those of late 2010 are near 3 x 10^10]."""


_LONGEST = 19
"""Digits of the largest id: X keeps them in 63 bits."""


def created_at_of(post_id: object) -> datetime | None:
    """Return the instant in an id, to the millisecond, or None for ids from before November 2010."""
    if not isinstance(post_id, str) or not post_id.isdecimal() or len(post_id) > _LONGEST:
        return None
    if int(post_id) < _SMALLEST:
        return None
    return X_EPOCH + timedelta(milliseconds=int(post_id) >> 22)
