"""The 25 metrics that the Ads API has for organic posts, made from the organic counters of the world.

Each metric is a fixed part of counters that never fall, in whole numbers, so none of them falls, a bucket is the
difference of two totals, and buckets always add up. What was paid for is left out, and a retweet earns nothing:
its counter of retweets belongs to the post that it repeats.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from x_simulator import snowflakes
from x_simulator.accounts import PostKind
from x_simulator.ads_api.tweet_objects import has_card
from x_simulator.counters import Totals, final_totals, share_earned
from x_simulator.posts import Post, media_keys
from x_simulator.world import World

ENGAGEMENT: tuple[str, ...] = (
    "impressions",
    "tweets_send",
    "qualified_impressions",
    "follows",
    "app_clicks",
    "retweets",
    "unfollows",
    "likes",
    "engagements",
    "clicks",
    "card_engagements",
    "poll_card_vote",
    "replies",
    "url_clicks",
    "carousel_swipes",
)
VIDEO: tuple[str, ...] = (
    "video_total_views",
    "video_views_25",
    "video_views_50",
    "video_views_75",
    "video_views_100",
    "video_cta_clicks",
    "video_content_starts",
    "video_3s100pct_views",
    "video_6s_views",
    "video_15s_views",
)
GROUPS: dict[str, tuple[str, ...]] = {"ENGAGEMENT": ENGAGEMENT, "VIDEO": VIDEO}
ORGANIC: tuple[str, ...] = ENGAGEMENT + VIDEO
_NEVER_MS = 1 << 62


class _Part(NamedTuple):
    """`times`/`per` of the sum of some counters, rounded down."""

    of: tuple[str, ...]
    times: int = 1
    per: int = 1


_CLICKS = ("likes", "url_clicks", "profile_clicks", "detail_expands")
_PARTS: dict[str, _Part] = {
    "impressions": _Part(("impressions",)),
    "tweets_send": _Part(("quotes",), 1, 2),
    "qualified_impressions": _Part(("impressions",), 7, 10),
    "follows": _Part(("profile_clicks",), 1, 12),
    "app_clicks": _Part(("url_clicks",), 1, 9),
    "retweets": _Part(("retweets",)),
    "unfollows": _Part(("profile_clicks",), 1, 140),
    "likes": _Part(("likes",)),
    "engagements": _Part((*_CLICKS, "replies", "retweets", "quotes")),
    "clicks": _Part(_CLICKS),
    "card_engagements": _Part(("url_clicks", "detail_expands"), 2, 5),
    "poll_card_vote": _Part(("detail_expands",), 3, 4),
    "replies": _Part(("replies",)),
    "url_clicks": _Part(("url_clicks",)),
    "carousel_swipes": _Part(("detail_expands",), 1, 3),
    "video_total_views": _Part(("video_views",)),
    "video_views_25": _Part(("video_views",), 3, 4),
    "video_views_50": _Part(("video_views",), 1, 2),
    "video_views_75": _Part(("video_views",), 1, 3),
    "video_views_100": _Part(("video_views",), 1, 5),
    "video_cta_clicks": _Part(("video_views",), 1, 60),
    "video_content_starts": _Part(("video_views",), 5, 4),
    "video_3s100pct_views": _Part(("video_views",), 4, 5),
    "video_6s_views": _Part(("video_views",), 2, 5),
    "video_15s_views": _Part(("video_views",), 1, 4),
}


def shows_card(post: Post) -> bool:
    """Tell whether a post shows a card: one that it was made with, or the preview of a page that it links to."""
    return has_card(post) or ("urls" in post.content.entities and not media_keys(post))


_CONDITIONS: dict[str, Callable[[Post], bool]] = {
    "card_engagements": shows_card,
    "app_clicks": lambda post: shows_card(post) and post.bits >> 44 & 7 == 0,
    "poll_card_vote": lambda post: post.kind is PostKind.ORIGINAL and post.bits >> 40 & 63 == 0,
    "carousel_swipes": lambda post: post.kind is PostKind.MEDIA and len(media_keys(post)) > 1,
    "qualified_impressions": lambda post: post.bits >> 37 & 1 == 1,
}


def earns(post: Post, metric: str) -> bool:
    """Tell whether a post can ever count something under a metric (others stay at zero for every post)."""
    if post.kind is PostKind.RETWEET:
        return False
    if metric in VIDEO:
        return post.kind is PostKind.VIDEO
    condition = _CONDITIONS.get(metric)
    return condition is None or condition(post)


def totals(post: Post, instants_ms: Sequence[int], metrics: Sequence[str] = ORGANIC) -> dict[str, list[int] | None]:
    """Return what a post has earned organically up to each instant; None for a metric that it cannot earn.

    `instants_ms`: milliseconds since the epoch; a version that was replaced by an edit rests from then on.
    """
    wanted = {metric: _PARTS[metric] for metric in metrics if earns(post, metric)}
    shares = [share_earned(min(instant, _end_of_life(post)) - post.created_ms) for instant in instants_ms]
    final = final_totals(post)._asdict()
    counters = {name: [int(final[name] * share) for share in shares] for name in Totals._fields}
    return {name: _amounts(counters, wanted[name]) if name in wanted else None for name in metrics}


def gains(post: Post, instants_ms: Sequence[int], metrics: Sequence[str] = ORGANIC) -> dict[str, list[int] | None]:
    """Return what a post earned between each two neighbouring instants; None for a metric that is zero throughout."""
    return {name: _differences(column) for name, column in totals(post, instants_ms, metrics).items()}


def organic_metrics(world: World, post_id: str | int, start: datetime, end: datetime) -> dict[str, int]:
    """Return the truth about a post: what it earned organically in [start, end) under each of the 25 metrics.

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
    return {name: column[0] if column else 0 for name, column in gains(post, instants).items()}


def _end_of_life(post: Post) -> int:
    """Return when the next version of an edited post replaced this one."""
    later = [version for version in post.chain if version > post.id]
    return snowflakes.created_ms_of(later[0]) if later else _NEVER_MS


def _amounts(counters: dict[str, list[int]], part: _Part) -> list[int]:
    times, per = part.times, part.per
    if len(part.of) == 1:
        column = counters[part.of[0]]
        return column if times == per else [count * times // per for count in column]
    columns = [counters[name] for name in part.of]
    return [sum(counts) * times // per for counts in zip(*columns, strict=True)]


def _differences(column: list[int] | None) -> list[int] | None:
    if column is None or column[0] == column[-1]:
        return None  # it never falls: nothing lies between two equal ends
    return [after - before for before, after in pairwise(column)]
