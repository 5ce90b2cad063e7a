"""Numbers that look random and depend on nothing but what is put in."""

import hashlib

_MASK = (1 << 64) - 1


def seeded_key(*parts: object) -> int:
    """Return a 64-bit number that names `parts`; the same in every process and on every machine."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def seeded_letters(length: int, *parts: object) -> str:
    """Return `length` letters and digits that name `parts` (used for invented keys and tokens)."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    text = "\x1f".join(map(str, parts)).encode()
    digest = hashlib.shake_256(text).digest(length)
    return "".join(alphabet[byte % len(alphabet)] for byte in digest)


def mixed_bits(key: int, index: int) -> int:
    """Return 64 well-mixed bits for the `index`-th item of the series `key` (the splitmix64 finaliser)."""
    x = (key + index * 0x9E3779B97F4A7C15) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)
