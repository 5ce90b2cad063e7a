"""Pagination tokens: opaque to clients, without memory on the server, refused when somebody made them up."""

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass

_LAYOUT = struct.Struct(">HBQ")


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page lies: `number` from 0; posts older than `post_id`, or newer where it goes backwards."""

    number: int
    post_id: int
    is_backwards: bool = False

    def token(self, owner: int) -> str:
        """Return the token of this page of an owner's timeline."""
        plain = _LAYOUT.pack(self.number & 0xFFFF, int(self.is_backwards), self.post_id)
        sealed = plain + struct.pack(">I", _seal(plain, owner))
        return base64.b32hexencode(sealed).decode().rstrip("=").lower()


def page_of(token: str, owner: int) -> Page | None:
    """Read a token; None if this simulator did not make it for this owner."""
    try:
        sealed = base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    plain, seal = sealed[: _LAYOUT.size], sealed[_LAYOUT.size :]
    if len(plain) != _LAYOUT.size or seal != struct.pack(">I", _seal(plain, owner)):
        return None
    number, is_backwards, post_id = _LAYOUT.unpack(plain)
    return Page(number, post_id, bool(is_backwards))


def _seal(plain: bytes, owner: int) -> int:
    return zlib.crc32(plain + owner.to_bytes(8, "big"))
