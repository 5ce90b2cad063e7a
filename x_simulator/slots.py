"""Where an account's generated posts lie: from instants and ids to indexes, by arithmetic and never by searching."""

from collections.abc import Iterable

from x_simulator import posts, snowflakes
from x_simulator.accounts import Account, AccountKind

NO_BOUND = 1 << 63


def visible_slots(account: Account, now_ms: int) -> int:
    """Return how many generated posts, gone ones included, were posted up to now."""
    index = -1 if account.spec.kind == AccountKind.EMPTY else account.slot_of(now_ms)
    if index < 0:
        return 0
    created = posts.first_created_ms(account, index, posts.bits_of(account, index))
    return index + 1 if created <= now_ms else index


def index_range(account: Account, low: int, high: int, now_ms: int) -> tuple[int, int]:
    """Return the first index, and the first index after, of the posts with low <= id < high."""
    count = visible_slots(account, now_ms)
    return _first_at_or_after(account, low, count, now_ms), _first_at_or_after(account, high, count, now_ms)


def indexes_newest_first(account: Account, low: int, high: int, now_ms: int) -> Iterable[int]:
    """Return the indexes of the posts with low <= id < high that are not gone, newest first."""
    first, last = index_range(account, low, high, now_ms)
    indexes = range(last - 1, first - 1, -1)
    if not account.spec.deleted_every:
        return indexes
    return (index for index in indexes if not account.is_gone(index))


def place_of(account: Account, identifier: int, now_ms: int) -> tuple[int, int] | None:
    """Return index and version that an id must have if it is one of this account; None if it cannot be."""
    version = snowflakes.sequence_of(identifier) & 7
    if version == posts.MADE_BY_HAND:
        return None
    created = snowflakes.created_ms_of(identifier) - version * posts.edit_gap_ms(account)
    index = account.slot_of(created)
    if not 0 <= index < visible_slots(account, now_ms) or account.is_gone(index):
        return None
    return index, version


def _first_at_or_after(account: Account, bound: int, count: int, now_ms: int) -> int:
    """Return the smallest index whose newest id is >= bound; `count` if there is none."""
    if bound >= NO_BOUND:
        return count
    index = min(max(account.slot_of(snowflakes.created_ms_of(bound)) - 1, 0), count)
    while index < count and posts.latest_id(account, index, now_ms) < bound:
        index += 1
    return index
