"""What X's Enterprise APIs count of a post, between any instants, made from the counters of the world.

The Engagement API and the analytics of the X API tell the same story under names of their own, so both take it from
here; the names here are the Engagement API's where it has one. Impressions are organic alone; everything else counts
what was paid for as well. Each figure is a fixed part of counters that never fall, in whole numbers: none falls, and
hours add up to days and days to totals.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from x_simulator import snowflakes
from x_simulator.accounts import PostKind
from x_simulator.ads_api.metrics import shows_card
from x_simulator.counters import final_totals, is_promoted, promoted_share_earned, share_earned
from x_simulator.posts import Post, media_keys
from x_simulator.world import World

_NEVER_MS = 1 << 62


class _Part(NamedTuple):
    """`times`/`per` of the sum of some counters, rounded down; of what was not paid for alone, or of everything."""

    of: tuple[str, ...]
    times: int = 1
    per: int = 1
    is_organic: bool = False


_ACTIONS = ("likes", "replies", "retweets", "quotes", "url_clicks", "profile_clicks", "detail_expands")
_PARTS: dict[str, _Part] = {
    "impressions": _Part(("impressions",), is_organic=True),
    "engagements": _Part(_ACTIONS),
    "favorites": _Part(("likes",)),
    "retweets": _Part(("retweets",)),
    "replies": _Part(("replies",)),
    "quote_tweets": _Part(("quotes",)),
    "video_views": _Part(("video_views",)),
    "media_views": _Part(("impressions",), 4, 5),
    "media_engagements": _Part(("detail_expands",), 3, 5),
    "url_clicks": _Part(("url_clicks",)),
    "hashtag_clicks": _Part(("detail_expands",), 1, 6),
    "detail_expands": _Part(("detail_expands",)),
    "permalink_clicks": _Part(("detail_expands",), 1, 9),
    "app_install_attempts": _Part(("url_clicks",), 1, 40),
    "app_opens": _Part(("url_clicks",), 1, 25),
    "email_tweet": _Part(("likes",), 1, 90),
    "user_follows": _Part(("profile_clicks",), 1, 12),
    "user_profile_clicks": _Part(("profile_clicks",)),
    # What only the analytics of the X API have.
    "bookmarks": _Part(("bookmarks",)),
    "shares": _Part(("retweets", "quotes", "bookmarks"), 1, 3),
    "unfollows": _Part(("profile_clicks",), 1, 140),
    "unlikes": _Part(("likes",), 1, 60),
    # The same, of videos.
    "playback25": _Part(("video_views",), 71, 100),
    "playback50": _Part(("video_views",), 48, 100),
    "playback75": _Part(("video_views",), 33, 100),
    "playback_complete": _Part(("video_views",), 21, 100),
    "play_from_tap": _Part(("video_views",), 9, 100),
    "cta_url_clicks": _Part(("video_views",), 1, 120),
    "cta_watch_clicks": _Part(("video_views",), 1, 80),
    "watch_time_ms": _Part(("video_views",), 6_400),
}


def _has_media(post: Post) -> bool:
    return bool(media_keys(post))


def _shows_app(post: Post) -> bool:
    return shows_card(post) and post.bits >> 44 & 7 == 0


_CONDITIONS: dict[str, Callable[[Post], bool]] = {
    "media_views": _has_media,
    "media_engagements": _has_media,
    "hashtag_clicks": lambda post: "hashtags" in post.content.entities,
    "app_install_attempts": _shows_app,
    "app_opens": _shows_app,
}


def reached(post: Post, instants_ms: Sequence[int], names: Iterable[str]) -> dict[str, list[int]]:
    """Return what a post has earned up to each instant, by name.

    `instants_ms`: milliseconds since the epoch. A version that was replaced by an edit rests from then on; a retweet
    earns nothing, as its counters are the original's.
    """
    wanted = {name: _PARTS[name] for name in names}
    needed = {counter for part in wanted.values() for counter in part.of}
    organic, everything = _counters(post, instants_ms, needed)
    nothing = [0] * len(instants_ms)
    return {
        name: _amounts(organic if part.is_organic else everything, part) if _earns(post, name) else nothing
        for name, part in wanted.items()
    }


def gains(post: Post, instants_ms: Sequence[int], names: Iterable[str]) -> dict[str, list[int]]:
    """Return what a post earned between each two neighbouring instants, by name."""
    columns = reached(post, instants_ms, names)
    return {name: [after - before for before, after in pairwise(column)] for name, column in columns.items()}


def earned(world: World, post_id: str | int, start: datetime, end: datetime, names: Iterable[str]) -> dict[str, int]:
    """Return the truth about a post: what it earned in [start, end), by name.

    The post may have been deleted. What the clock of the world says plays no part: a span that lies ahead holds what
    will have been earned.

    Raises:
        KeyError: there never is such a post.
    """
    instants = [int(start.timestamp() * 1000), int(end.timestamp() * 1000)]
    known_ms = max(instants[1], snowflakes.created_ms_of(int(post_id)))
    post = world.find_post(int(post_id), known_ms, even_deleted=True)
    if post is None:
        raise KeyError(f"there is no post {post_id}")
    return {name: column[0] for name, column in gains(post, instants, names).items()}


def _earns(post: Post, name: str) -> bool:
    if post.kind is PostKind.RETWEET:
        return False
    condition = _CONDITIONS.get(name)
    return condition is None or condition(post)


def _counters(
    post: Post, instants_ms: Sequence[int], names: Iterable[str]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Return the organic counters at each instant, and those with what was paid for."""
    end = _end_of_life(post)
    ages = [min(instant, end) - post.created_ms for instant in instants_ms]
    final = final_totals(post)._asdict()
    shares = [share_earned(age) for age in ages]
    organic = {name: [int(final[name] * share) for share in shares] for name in names}
    if not is_promoted(post):
        return organic, organic
    paid = [promoted_share_earned(age) for age in ages]
    everything = {
        name: [count + int(final[name] * share) for count, share in zip(column, paid, strict=True)]
        for name, column in organic.items()
    }
    return organic, everything


def _end_of_life(post: Post) -> int:
    """Return when the next version of an edited post replaced this one."""
    later = [version for version in post.chain if version > post.id]
    return snowflakes.created_ms_of(later[0]) if later else _NEVER_MS


def _amounts(counters: dict[str, list[int]], part: _Part) -> list[int]:
    times, per = part.times, part.per
    column = counters[part.of[0]]
    if len(part.of) > 1:
        column = [sum(counts) for counts in zip(*(counters[name] for name in part.of), strict=True)]
    return column if times == per else [count * times // per for count in column]
