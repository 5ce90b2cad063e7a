"""Ids of tweets in few characters, for what streams remember: about seven for each.

Sorted, the differences as numbers of seven bits a byte, compressed, in base 64.
"""

from __future__ import annotations

import base64
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SEVEN_BITS, _MORE = 0x7F, 0x80


def packed(ids: Iterable[str]) -> str:
    """Return ids of tweets in few characters; the inverse of `unpacked`."""
    numbers = sorted(int(each) for each in ids)
    raw = b"".join(_variable(later - earlier) for earlier, later in pairwise([0, *numbers]))
    return base64.b64encode(zlib.compress(raw, 9)).decode("ascii") if raw else ""


def unpacked(text: str) -> frozenset[str]:
    """Return the ids in what `packed` made.

    Raises:
        ValueError: it is something else.
    """
    if not text:
        return frozenset()
    try:
        raw = zlib.decompress(base64.b64decode(text, validate=True))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return frozenset(_ids(raw))


def _ids(raw: bytes) -> Iterator[str]:
    number = difference = shift = 0
    for byte in raw:
        difference |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if not byte & _MORE:
            number += difference
            yield str(number)
            difference = shift = 0
    if shift:
        raise ValueError("the last id breaks off")


def _variable(number: int) -> bytes:
    parts = bytearray()
    while number > _SEVEN_BITS:
        parts.append(number & _SEVEN_BITS | _MORE)
        number >>= 7
    parts.append(number)
    return bytes(parts)
