"""The scheduled and draft tweets of an Ads account: a function of account, user, world and place in the list.

An organic scheduled tweet becomes the post that the user's timeline has (or will have) at that time; one for promotion
only (nullcast) becomes a tweet that is on no timeline.
"""

from dataclasses import dataclass
from datetime import timedelta

from x_simulator import posts as generation
from x_simulator import snowflakes
from x_simulator.accounts import AccountKind, PostKind
from x_simulator.ads_accounts import AdsAccount, PromotableUser
from x_simulator.content import plain_content
from x_simulator.posts import MADE_BY_HAND, Post, media_keys
from x_simulator.randomness import mixed_bits, seeded_key
from x_simulator.world import World

_DAY_MS = 86_400_000
_MINUTE_MS = 60_000
_FARTHEST_DAYS = 360  # X takes tweets for a year ahead
_SHARE_AHEAD = 2 / 5
_FAILED_EVERY = 7
_LINK_LENGTH = 24
_TRIES = 40
_UNSUITABLE = frozenset({PostKind.REPLY, PostKind.RETWEET, PostKind.QUOTE, PostKind.EDITED})


@dataclass(frozen=True, slots=True)
class ScheduledTweet:
    """A tweet that X is to post, or has posted, at `scheduled_ms`. `post`: what it becomes."""

    id: int
    user: PromotableUser
    name: str | None
    text: str
    created_ms: int
    scheduled_ms: int
    nullcast: bool
    fails: bool
    card_uri: str | None
    post: Post

    def is_due(self, now_ms: int) -> bool:
        """Tell whether X has tried to post it."""
        return self.post.created_ms <= now_ms

    def status(self, now_ms: int) -> str:
        """Return X's word for how far it is."""
        if not self.is_due(now_ms):
            return "SCHEDULED"
        return "FAILED" if self.fails else "SUCCESS"

    def is_published(self, now_ms: int) -> bool:
        """Tell whether it is a tweet by now."""
        return self.status(now_ms) == "SUCCESS"

    @property
    def media_keys(self) -> list[str]:
        """X's keys of its photos and video."""
        return media_keys(self.post)


@dataclass(frozen=True, slots=True)
class DraftTweet:
    """A tweet that somebody has begun to write. `post`: what it would be now."""

    id: int
    user: PromotableUser
    name: str | None
    text: str
    created_ms: int
    updated_ms: int
    nullcast: bool
    card_uri: str | None
    media_keys: tuple[str, ...]
    post: Post


def scheduled_tweets(world: World, account: AdsAccount, user: PromotableUser) -> list[ScheduledTweet]:
    """Return a user's scheduled tweets on an Ads account, in X's order, which is none."""
    count = account.spec.scheduled
    ahead = int(count * _SHARE_AHEAD)
    found: list[ScheduledTweet] = []
    taken: set[int] = set()
    for place in range(count):
        found.append(_scheduled(world, account, user, place, _days_away(place, count - ahead, ahead), taken))
        taken.add(found[-1].post.id)
    return found


def _days_away(place: int, past: int, ahead: int) -> float:
    """Return how many days before (negative) or after the world's anchor the tweet of a place lies."""
    if place < past:
        return -(place + 1) * min(3.3, _FARTHEST_DAYS / past)
    return (place - past + 1) * min(2.1, _FARTHEST_DAYS / ahead)


def _scheduled(
    world: World, account: AdsAccount, user: PromotableUser, place: int, days_away: float, taken: set[int]
) -> ScheduledTweet:
    key = _key(account, user, "scheduled")
    bits = mixed_bits(key, place)
    due_ms = int((world.anchor + timedelta(days=days_away)).timestamp() * 1000) // _MINUTE_MS * _MINUTE_MS
    post = None if place % 2 == 0 else _organic_post(world, user, due_ms)
    nullcast = post is None or post.id in taken
    if post is None or nullcast:
        post = _nullcast_post(account, user, place, due_ms + 4_000 + bits % 3_000, bits)
    due_ms = post.created_ms // _MINUTE_MS * _MINUTE_MS
    created_ms = due_ms - _DAY_MS * (2 + bits % 9) - bits % 50_000_000
    return ScheduledTweet(
        id=snowflakes.post_id(created_ms, user.account.worker, (place & 0x1FF) << 3 | MADE_BY_HAND),
        user=user,
        name=f"{account.spec.name} {place + 1}" if place % 3 != 1 else None,
        text=_without_link(post),
        created_ms=created_ms,
        scheduled_ms=due_ms,
        nullcast=nullcast,
        fails=nullcast and place % _FAILED_EVERY == _FAILED_EVERY - 1,
        card_uri=f"card://{post.id}" if nullcast and bits % 4 == 0 else None,
        post=post,
    )


def _organic_post(world: World, user: PromotableUser, due_ms: int) -> Post | None:
    """Return the first post of a timeline from an instant on that somebody can have scheduled; it may lie ahead."""
    account = user.account
    if account.spec.kind == AccountKind.EMPTY:
        return None
    first = max(account.slot_of(due_ms) + 1, 0)
    for index in range(first, first + _TRIES):
        bits = generation.bits_of(account, index)
        if generation.drawn_kind(account, bits) not in _UNSUITABLE and not account.is_gone(index):
            created_ms = generation.first_created_ms(account, index, bits)
            return generation.generated(account, index, created_ms, world.outsiders)
    return None


def _nullcast_post(account: AdsAccount, user: PromotableUser, place: int, created_ms: int, bits: int) -> Post:
    content = user.account.contents[bits % len(user.account.contents)]
    text = f"{content.text} · {account.spec.name}"
    identifier = snowflakes.post_id(created_ms, user.account.worker, (place & 0x1FF) << 3 | MADE_BY_HAND)
    kind = PostKind.ORIGINAL
    return Post(identifier, user.account, -1, created_ms, kind, bits, content, text, None, None, (identifier,))


def draft_tweets(world: World, account: AdsAccount, user: PromotableUser) -> list[DraftTweet]:
    """Return a user's draft tweets on an Ads account."""
    anchor_ms = int(world.anchor.timestamp() * 1000)
    return [_draft(account, user, place, anchor_ms) for place in range(account.spec.drafts)]


def _draft(account: AdsAccount, user: PromotableUser, place: int, anchor_ms: int) -> DraftTweet:
    bits = mixed_bits(_key(account, user, "draft"), place)
    created_ms = anchor_ms - _DAY_MS * (1 + place % _FARTHEST_DAYS) - bits % 40_000_000
    identifier = snowflakes.post_id(created_ms, user.account.worker, (place & 0x1FF) << 3 | MADE_BY_HAND)
    text = f"{user.account.contents[bits % len(user.account.contents)].text} …"
    kind, content = PostKind.ORIGINAL, plain_content(text, "en")
    return DraftTweet(
        id=identifier,
        user=user,
        name=f"Draft {place + 1}" if place % 2 else None,
        text=text,
        created_ms=created_ms,
        updated_ms=created_ms + bits % 30_000_000,
        nullcast=place % 2 == 0,
        card_uri=f"card://{identifier}" if place % 4 == 2 else None,  # noqa: PLR2004 - some have one
        media_keys=(f"3_{identifier}",) if place % 3 == 1 else (),
        post=Post(identifier, user.account, -1, created_ms, kind, 1, content, text, None, None, (identifier,)),
    )


def _without_link(post: Post) -> str:
    return post.text[:-_LINK_LENGTH] if media_keys(post) else post.text


def _key(account: AdsAccount, user: PromotableUser, sort: str) -> int:
    return seeded_key(sort, account.id, user.account.id)
