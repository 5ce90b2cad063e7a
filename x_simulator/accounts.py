"""What an account of the world is: the specification a user writes, and the state the world keeps of it."""

import bisect
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from x_simulator import snowflakes
from x_simulator.randomness import seeded_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from x_simulator.content import Content
    from x_simulator.posts import Post

_DAY_MS = 86_400_000
_SHORTEST_INTERVAL_MS = 50


class AccountKind(StrEnum):
    """What X would say of an account."""

    ACTIVE = "active"
    PROTECTED = "protected"
    SUSPENDED = "suspended"
    DELETED = "deleted"
    EMPTY = "empty"


class PostKind(StrEnum):
    """What a post is; the kinds of `AccountSpec.mix`."""

    ORIGINAL = "original"
    REPLY = "reply"
    QUOTE = "quote"
    RETWEET = "retweet"
    LONG = "long"
    EDITED = "edited"
    MEDIA = "media"
    VIDEO = "video"


DEFAULT_MIX: tuple[str, ...] = (
    *("original",) * 9,
    *("media",) * 4,
    *("video",) * 1,
    *("reply",) * 4,
    *("quote",) * 2,
    *("retweet",) * 3,
    *("long",) * 1,
    *("edited",) * 1,
)


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account to put into a world.

    `posts`: posts that exist at the world's anchor, `posts_per_day` apart backwards from it; the account goes on
        posting at the same pace while the clock moves.
    `kind`: active, protected, suspended, deleted or empty (an account that never posts).
    `owned`: whether the simulator hands out user credentials for it (a competitor is not owned).
    `mix`: kinds of posts, drawn with equal weight per entry; `("original",)` makes plain posts only.
    `deleted_every`: every n-th post is gone (0: none); a gone post counts as one of `posts`.
    `promoted_every`: every n-th post also has promoted metrics (0: none).
    `followers`, `followers_per_day`: at the anchor, and the change per day around it.
    """

    username: str
    name: str = ""
    posts: int = 100
    posts_per_day: float = 2.0
    kind: str = "active"
    owned: bool = True
    verified_type: str = "blue"
    followers: int = 12_000
    followers_per_day: float = 7.0
    mix: tuple[str, ...] = DEFAULT_MIX
    languages: tuple[str, ...] = ("en", "en", "en", "de", "es", "fr", "ja")
    topic: str = "workshop"
    deleted_every: int = 0
    promoted_every: int = 23
    description: str = ""

    def __post_init__(self) -> None:
        AccountKind(self.kind)
        for kind in self.mix:
            PostKind(kind)
        if self.posts < 0 or self.posts_per_day <= 0 or not self.mix or not self.languages:
            raise ValueError(f"account {self.username}: posts >= 0, posts_per_day > 0, mix and languages not empty")


@dataclass(slots=True, eq=False)
class Account:
    """An account's place in one world, and what was changed in it during a run.

    `extra_ids`, `extra_posts`: posts added or edited by hand, oldest first.
    `hidden`: ids (of first versions) of generated posts that left the timeline.
    """

    spec: AccountSpec
    id: int
    key: int
    worker: int
    kind: AccountKind
    interval_ms: int
    origin_ms: int
    mix: tuple[PostKind, ...]
    contents: "tuple[Content, ...]" = ()
    extra_ids: list[int] = field(default_factory=list)
    extra_posts: "list[Post]" = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    revision: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    ceiling_cache: tuple[tuple[int, int, int], int] | None = None

    @property
    def username(self) -> str:
        """The account's name as its owner writes it."""
        return self.spec.username

    @property
    def name(self) -> str:
        """The display name; the username where none was given."""
        return self.spec.name or self.spec.username

    @property
    def is_untouched(self) -> bool:
        """Whether every generated post is on the timeline and no other is."""
        return not (self.extra_ids or self.hidden or self.spec.deleted_every)

    def slot_of(self, created_ms: int) -> int:
        """Return the index of the post whose time slot holds `created_ms` (may lie outside the timeline)."""
        return (created_ms - self.origin_ms) // self.interval_ms

    def is_gone(self, index: int) -> bool:
        """Tell whether the generated post `index` was deleted from the start."""
        every = self.spec.deleted_every
        return bool(every) and index % every == every - 1

    def add(self, post: "Post") -> None:
        """Put a post that was made by hand on the timeline."""
        with self.lock:
            place = bisect.bisect(self.extra_ids, post.id)
            self.extra_ids.insert(place, post.id)
            self.extra_posts.insert(place, post)
            self.revision += 1

    def remove_extra(self, identifier: int) -> None:
        """Take a post that was made by hand off the timeline; nothing happens if it is not there."""
        with self.lock:
            place = bisect.bisect_left(self.extra_ids, identifier)
            if place < len(self.extra_ids) and self.extra_ids[place] == identifier:
                del self.extra_ids[place], self.extra_posts[place]
            self.revision += 1

    def hide(self, first_version_id: int) -> None:
        """Take a generated post off the timeline."""
        with self.lock:
            self.hidden.add(first_version_id)
            self.revision += 1

    def extras_newest_first(self, low: int, high: int) -> "Iterator[Post]":
        """Yield the posts made by hand with low <= id < high."""
        with self.lock:
            chosen = self.extra_posts[
                bisect.bisect_left(self.extra_ids, low) : bisect.bisect_left(self.extra_ids, high)
            ]
        return iter(chosen[::-1])


def user_id_of(username: str) -> int:
    """Return the id that this username has in every world."""
    return 1_000_000_000 + seeded_key("user", username.lower()) % 8_999_999_999


def placed_account(spec: AccountSpec, *, seed: int, anchor_ms: int, taken_workers: set[int]) -> Account:
    """Return the state of an account at the beginning of a world; `taken_workers` grows by the account's number."""
    key = seeded_key(seed, spec.username.lower())
    worker = key % 1024
    while worker in taken_workers:
        worker = (worker + 1) % 1024
    taken_workers.add(worker)
    interval_ms = max(round(_DAY_MS / spec.posts_per_day), _SHORTEST_INTERVAL_MS)
    origin_ms = anchor_ms - spec.posts * interval_ms
    if snowflakes.first_id_at(origin_ms) <= 0:
        raise ValueError(f"account {spec.username}: its first post would be older than X's ids ({spec.posts} posts)")
    return Account(
        spec=spec,
        id=user_id_of(spec.username),
        key=key,
        worker=worker,
        kind=AccountKind(spec.kind),
        interval_ms=interval_ms,
        origin_ms=origin_ms,
        mix=tuple(PostKind(kind) for kind in spec.mix),
    )
