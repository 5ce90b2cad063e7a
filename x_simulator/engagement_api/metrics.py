"""The engagement types: which endpoint has which, and the truth about them."""

from datetime import datetime

from x_simulator.activity import earned
from x_simulator.world import World

IMPRESSIONS_ENGAGEMENTS = ("impressions", "engagements")
PUBLIC = ("favorites", "retweets", "replies", "quote_tweets", "video_views")
TOTALS = (*IMPRESSIONS_ENGAGEMENTS, *PUBLIC)
TIMED: tuple[str, ...] = (
    "impressions",
    "engagements",
    "favorites",
    "retweets",
    "replies",
    "video_views",
    "media_views",
    "media_engagements",
    "url_clicks",
    "hashtag_clicks",
    "detail_expands",
    "permalink_clicks",
    "app_install_attempts",
    "app_opens",
    "email_tweet",
    "user_follows",
    "user_profile_clicks",
)
ALL: tuple[str, ...] = (*TIMED, "quote_tweets")


def engagement_metrics(world: World, post_id: str | int, start: datetime, end: datetime) -> dict[str, int]:
    """Return the truth about a post: what it earned in [start, end) under each of the 18 engagement types.

    Impressions are organic alone, everything else counts what was paid for too. The post may have been deleted, and
    the clock of the world plays no part.

    Raises:
        KeyError: there never is such a post.
    """
    return earned(world, post_id, start, end, ALL)
