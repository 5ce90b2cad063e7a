"""What a post has earned by any instant, and the metrics that APIs make of it, each under names of its own.

A metric is a fixed part of counters that never fall, in whole numbers: so it does not fall either, what was earned
between two instants is the difference of two totals, and hours add up to days and days to everything.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from x_simulator import snowflakes
from x_simulator.counters import final_totals, is_promoted, promoted_share_earned, share_earned
from x_simulator.posts import Post
from x_simulator.world import World

_NEVER_MS = 1 << 62


class Part(NamedTuple):
    """`times`/`per` of the sum of some counters, rounded down; of what was not paid for alone, or of everything."""

    of: tuple[str, ...]
    times: int = 1
    per: int = 1
    is_organic: bool = False

    def amounts(self, counters: Mapping[str, Sequence[int]]) -> list[int]:
        """Return the metric's totals from those of the counters, a list of equal length each."""
        column = list(counters[self.of[0]])
        if len(self.of) > 1:
            column = [sum(counts) for counts in zip(*(counters[name] for name in self.of), strict=True)]
        return column if self.times == self.per else [count * self.times // self.per for count in column]


def counters_of(parts: Iterable[Part]) -> set[str]:
    """Return the counters that metrics are made of."""
    return {counter for part in parts for counter in part.of}


def organic_counters(post: Post, instants_ms: Sequence[int], names: Iterable[str]) -> dict[str, list[int]]:
    """Return what was not paid for of a post's counters at each instant, in milliseconds since the epoch.

    A version that was replaced by an edit rests from then on.
    """
    final = final_totals(post)._asdict()
    shares = [share_earned(age) for age in _ages(post, instants_ms)]
    return {name: [int(final[name] * share) for share in shares] for name in names}


def all_counters(
    post: Post, instants_ms: Sequence[int], organic: Mapping[str, Sequence[int]]
) -> Mapping[str, Sequence[int]]:
    """Return the same with what was paid for."""
    if not is_promoted(post):
        return organic
    final = final_totals(post)._asdict()
    paid = [promoted_share_earned(age) for age in _ages(post, instants_ms)]
    return {
        name: [count + int(final[name] * share) for count, share in zip(column, paid, strict=True)]
        for name, column in organic.items()
    }


def differences(totals: Sequence[int]) -> list[int]:
    """Return what was earned between each two neighbouring instants."""
    return [after - before for before, after in pairwise(totals)]


def ever_made(world: World, post_id: str | int, until: datetime) -> Post:
    """Return a post as it will be known at an instant, also where it has been deleted since.

    What the clock of the world says plays no part.

    Raises:
        KeyError: there never is such a post.
    """
    known_ms = max(snowflakes.created_ms_of(int(post_id)), int(until.timestamp() * 1000))
    post = world.find_post(int(post_id), known_ms, even_deleted=True)
    if post is None:
        raise KeyError(f"there is no post {post_id}")
    return post


def _ages(post: Post, instants_ms: Sequence[int]) -> list[int]:
    """Return the post's age at each instant; it ends when the next version of an edited post replaces it."""
    later = [version for version in post.chain if version > post.id]
    end = snowflakes.created_ms_of(later[0]) if later else _NEVER_MS
    return [min(instant, end) - post.created_ms for instant in instants_ms]
