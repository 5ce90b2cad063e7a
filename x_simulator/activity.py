"""What X's Enterprise APIs count of a post, between any instants, made from the counters of the world.

The Engagement API and the analytics of the X API tell the same story under names of their own, so both take it from
here; the names here are the Engagement API's where it has one. Impressions are organic alone; everything else counts
what was paid for as well.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from x_simulator.accounts import PostKind
from x_simulator.ads_api.metrics import shows_card
from x_simulator.earnings import Part, all_counters, counters_of, differences, ever_made, organic_counters
from x_simulator.posts import Post, media_keys
from x_simulator.world import World

_ACTIONS = ("likes", "replies", "retweets", "quotes", "url_clicks", "profile_clicks", "detail_expands")
_PARTS: dict[str, Part] = {
    "impressions": Part(("impressions",), is_organic=True),
    "engagements": Part(_ACTIONS),
    "favorites": Part(("likes",)),
    "retweets": Part(("retweets",)),
    "replies": Part(("replies",)),
    "quote_tweets": Part(("quotes",)),
    "video_views": Part(("video_views",)),
    "media_views": Part(("impressions",), 4, 5),
    "media_engagements": Part(("detail_expands",), 3, 5),
    "url_clicks": Part(("url_clicks",)),
    "hashtag_clicks": Part(("detail_expands",), 1, 6),
    "detail_expands": Part(("detail_expands",)),
    "permalink_clicks": Part(("detail_expands",), 1, 9),
    "app_install_attempts": Part(("url_clicks",), 1, 40),
    "app_opens": Part(("url_clicks",), 1, 25),
    "email_tweet": Part(("likes",), 1, 90),
    "user_follows": Part(("profile_clicks",), 1, 12),
    "user_profile_clicks": Part(("profile_clicks",)),
    # What only the analytics of the X API have.
    "bookmarks": Part(("bookmarks",)),
    "shares": Part(("retweets", "quotes", "bookmarks"), 1, 3),
    "unfollows": Part(("profile_clicks",), 1, 140),
    "unlikes": Part(("likes",), 1, 60),
    # The same, of videos.
    "playback25": Part(("video_views",), 71, 100),
    "playback50": Part(("video_views",), 48, 100),
    "playback75": Part(("video_views",), 33, 100),
    "playback_complete": Part(("video_views",), 21, 100),
    "play_from_tap": Part(("video_views",), 9, 100),
    "cta_url_clicks": Part(("video_views",), 1, 120),
    "cta_watch_clicks": Part(("video_views",), 1, 80),
    "watch_time_ms": Part(("video_views",), 6_400),
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
    organic = organic_counters(post, instants_ms, counters_of(wanted.values()))
    everything = all_counters(post, instants_ms, organic)
    nothing = [0] * len(instants_ms)
    return {
        name: part.amounts(organic if part.is_organic else everything) if _earns(post, name) else nothing
        for name, part in wanted.items()
    }


def gains(post: Post, instants_ms: Sequence[int], names: Iterable[str]) -> dict[str, list[int]]:
    """Return what a post earned between each two neighbouring instants, by name."""
    return {name: differences(column) for name, column in reached(post, instants_ms, names).items()}


def earned(world: World, post_id: str | int, start: datetime, end: datetime, names: Iterable[str]) -> dict[str, int]:
    """Return the truth about a post: what it earned in [start, end), by name.

    The post may have been deleted. What the clock of the world says plays no part: a span that lies ahead holds what
    will have been earned.

    Raises:
        KeyError: there never is such a post.
    """
    instants = [int(start.timestamp() * 1000), int(end.timestamp() * 1000)]
    return {name: column[0] for name, column in gains(ever_made(world, post_id, end), instants, names).items()}


def _earns(post: Post, name: str) -> bool:
    if post.kind is PostKind.RETWEET:
        return False
    condition = _CONDITIONS.get(name)
    return condition is None or condition(post)
