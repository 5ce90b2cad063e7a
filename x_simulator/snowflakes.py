"""Post ids that carry their creation time, as X's do: milliseconds, ten bits of author, twelve of sequence."""

EPOCH_MS = 1_288_834_974_657
_LOW_BITS = 22
_LOW_MASK = (1 << _LOW_BITS) - 1
_SEQUENCE_BITS = 12
_SEQUENCE_MASK = (1 << _SEQUENCE_BITS) - 1


def post_id(created_ms: int, worker: int, sequence: int) -> int:
    """Return the id of a post created at `created_ms` by the account with number `worker` (0..1023)."""
    return ((created_ms - EPOCH_MS) << _LOW_BITS) | (worker << _SEQUENCE_BITS) | sequence


def first_id_at(created_ms: int) -> int:
    """Return the smallest id that a post created at or after `created_ms` can have; never below 0."""
    return max((created_ms - EPOCH_MS) << _LOW_BITS, 0)


def created_ms_of(identifier: int) -> int:
    """Return the creation time inside an id, in milliseconds since the epoch."""
    return (identifier >> _LOW_BITS) + EPOCH_MS


def worker_of(identifier: int) -> int:
    """Return the author's number inside an id."""
    return (identifier & _LOW_MASK) >> _SEQUENCE_BITS


def sequence_of(identifier: int) -> int:
    """Return the twelve bits of sequence inside an id."""
    return identifier & _SEQUENCE_MASK
