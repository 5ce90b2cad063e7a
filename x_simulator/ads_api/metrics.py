"""The 25 metrics that the Ads API has for organic posts, made from the organic counters of the world.

What was paid for is left out, and a retweet earns nothing: its counter of retweets belongs to the post that it repeats.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from x_simulator.accounts import PostKind
from x_simulator.ads_api.tweet_objects import has_card
from x_simulator.earnings import Part, counters_of, differences, ever_made, organic_counters
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

_CLICKS = ("likes", "url_clicks", "profile_clicks", "detail_expands")
_PARTS: dict[str, Part] = {
    "impressions": Part(("impressions",)),
    "tweets_send": Part(("quotes",), 1, 2),
    "qualified_impressions": Part(("impressions",), 7, 10),
    "follows": Part(("profile_clicks",), 1, 12),
    "app_clicks": Part(("url_clicks",), 1, 9),
    "retweets": Part(("retweets",)),
    "unfollows": Part(("profile_clicks",), 1, 140),
    "likes": Part(("likes",)),
    "engagements": Part((*_CLICKS, "replies", "retweets", "quotes")),
    "clicks": Part(_CLICKS),
    "card_engagements": Part(("url_clicks", "detail_expands"), 2, 5),
    "poll_card_vote": Part(("detail_expands",), 3, 4),
    "replies": Part(("replies",)),
    "url_clicks": Part(("url_clicks",)),
    "carousel_swipes": Part(("detail_expands",), 1, 3),
    "video_total_views": Part(("video_views",)),
    "video_views_25": Part(("video_views",), 3, 4),
    "video_views_50": Part(("video_views",), 1, 2),
    "video_views_75": Part(("video_views",), 1, 3),
    "video_views_100": Part(("video_views",), 1, 5),
    "video_cta_clicks": Part(("video_views",), 1, 60),
    "video_content_starts": Part(("video_views",), 5, 4),
    "video_3s100pct_views": Part(("video_views",), 4, 5),
    "video_6s_views": Part(("video_views",), 2, 5),
    "video_15s_views": Part(("video_views",), 1, 4),
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
    counters = organic_counters(post, instants_ms, counters_of(wanted.values()))
    return {name: wanted[name].amounts(counters) if name in wanted else None for name in metrics}


def gains(post: Post, instants_ms: Sequence[int], metrics: Sequence[str] = ORGANIC) -> dict[str, list[int] | None]:
    """Return what a post earned between each two neighbouring instants; None for a metric that is zero throughout."""
    return {name: _buckets(column) for name, column in totals(post, instants_ms, metrics).items()}


def organic_metrics(world: World, post_id: str | int, start: datetime, end: datetime) -> dict[str, int]:
    """Return the truth about a post: what it earned organically in [start, end) under each of the 25 metrics.

    The post may have been deleted. What the clock of the world says plays no part: a span that lies ahead holds what
    will have been earned.

    Raises:
        KeyError: there never is such a post.
    """
    instants = [int(start.timestamp() * 1000), int(end.timestamp() * 1000)]
    found = gains(ever_made(world, post_id, end), instants)
    return {name: column[0] if column else 0 for name, column in found.items()}


def _buckets(column: list[int] | None) -> list[int] | None:
    if column is None or column[0] == column[-1]:
        return None  # it never falls: nothing lies between two equal ends
    return differences(column)
