"""Cursors: opaque to clients, without memory on the server, bound to the query that they came from."""

import zlib

from x_simulator.ads_accounts import base36

_SEAL_LENGTH = 7


def cursor(place: int, fingerprint: str) -> str:
    """Return the cursor of a place (a post id or a number of objects) for a query."""
    return "c-" + base36(place) + base36(_seal(place, fingerprint)).rjust(_SEAL_LENGTH, "0")


def place_of(text: str, fingerprint: str) -> int | None:
    """Read a cursor; None if this simulator did not make it for this query."""
    digits = text.removeprefix("c-")
    try:
        place = int(digits[:-_SEAL_LENGTH], 36)
    except ValueError:
        return None
    return place if place >= 0 and cursor(place, fingerprint) == text else None


def _seal(place: int, fingerprint: str) -> int:
    return zlib.crc32(f"{place} {fingerprint}".encode())
