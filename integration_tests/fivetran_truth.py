"""What Fivetran's tables must hold, told from the invented world and not from anything that went over the wire.

`_fivetran_synced` is left out everywhere: the tests say what holds for it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from integration_tests.truth import account_counts, in_seconds, instant
from x_simulator.accounts import PostKind
from x_simulator.ads_accounts import switched_at
from x_simulator.ads_api.metrics import ORGANIC, gains
from x_simulator.ads_api.tweet_objects import card_uri, has_card
from x_simulator.posts import media_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from x_simulator import World
    from x_simulator.ads_accounts import AdsAccount
    from x_simulator.posts import Post

Row = dict[str, Any]

RENAMED = {
    "video_15s_views": "video_15_s_views",
    "video_3s100pct_views": "video_3_s_100_pct_views",
    "video_6s_views": "video_6_s_views",
}
METRICS = tuple(RENAMED.get(name, name) for name in ORGANIC)

_SOURCES = ("X Web App", "X for iPhone", "X for Android", "Planner for Brands")
_THEME = "abs.twimg.com/images/themes/theme1/bg.png"


def account_version(world: World, name: str) -> Row:
    """Return an Ads account's row of `account_history`, as it is now."""
    account = world.ads.named(name)
    spec = account.spec
    return {
        "approval_status": spec.approval_status,
        "business_id": spec.business_id,
        "business_name": spec.business_name,
        "created_at": in_seconds(instant(account.created_ms)),
        "deleted": account.deleted,
        "id": account.id,
        "industry_type": spec.industry_type,
        "name": account.name,
        "salt": None,
        "timezone": spec.timezone,
        "timezone_switch_at": switched_at(account),
        "updated_at": in_seconds(instant(account.updated_ms)),
    }


def user_version(world: World, username: str, now: datetime) -> Row:
    """Return a user's row of `twitter_user_history`, as it is at `now`."""
    account = world.account(username)
    counts = account_counts(world, username, now)
    picture = f"pbs.twimg.com/profile_images/{account.id}/logo_normal.png"
    return {
        "contributors_enabled": False,
        "created_at": in_seconds(instant(account.origin_ms) - timedelta(days=90)),
        "default_profile": False,
        "default_profile_image": False,
        "description": account.spec.description or f"{account.name}: news, repairs and questions.",
        "favourites_count": counts["like_count"],
        "followers_count": counts["followers_count"],
        "friends_count": counts["following_count"],
        "geo_enabled": True,
        "id": account.id,
        "is_translation_enabled": False,
        "is_translator": False,
        "lang": None,
        "listed_count": counts["listed_count"],
        "location": "Altmark" if account.key % 3 else "",
        "name": account.name,
        "profile_background_image_url": f"http://{_THEME}",
        "profile_background_image_url_https": f"https://{_THEME}",
        "profile_background_tile": False,
        "profile_banner_url": f"https://pbs.twimg.com/profile_banners/{account.id}/1700000000",
        "profile_image_url": f"http://{picture}",
        "profile_image_url_https": f"https://{picture}",
        "profile_use_background_image": "false",
        "protected_user": account.kind == "protected",
        "screen_name": account.username,
        "statuses_count": counts["tweet_count"],
        "time_zone": None,
        "url": f"https://t.co/{account.key:016x}"[:23],
        "utc_offset": None,
        "verified": account.spec.verified_type != "none",
    }


def tweets(world: World, username: str, ads_account: str, *, since: datetime, now: datetime) -> dict[str, Row]:
    """Return a user's rows of `tweet` by id, read through the Ads account of that name."""
    through = world.ads.named(ads_account).id
    posts = [post for post in world.posts(username, at=now) if instant(post.created_ms) >= since]
    return {str(post.id): _tweet(world, post, through, now) for post in posts}


def _tweet(world: World, post: Post, ads_account_id: str, now: datetime) -> Row:
    public = world.counters(post.id, now).public_metrics
    answered = post.reference if post.reference and post.reference.relation == "replied_to" else None
    program = _SOURCES[post.bits % len(_SOURCES)]
    address = f"https://x.example/{program.replace(' ', '-').lower()}"
    return {
        "account_id": ads_account_id,
        "card_uri": card_uri(post.chain[0]) if has_card(post) else None,
        "coordinates_coordinates": None,
        "coordinates_type": None,
        "created_at": in_seconds(instant(post.created_ms)),
        "favorite_count": public["like_count"],
        "favorited": False,
        "followers": False,
        "full_text": post.text,
        "geo_coordinates": None,
        "geo_type": None,
        "id": str(post.id),
        "in_reply_to_screen_name": answered.username if answered else None,
        "in_reply_to_status_id": str(answered.post_id) if answered else None,
        "in_reply_to_user_id": str(answered.user_id) if answered else None,
        "lang": post.content.lang,
        "media_key": next(iter(media_keys(post)), None),
        "retweet_count": public["retweet_count"],
        "retweeted": False,
        "source": f'<a href="{address}" rel="nofollow">{program}</a>',
        "truncated": False,
        "tweet_type": "PUBLISHED",
        "user_id": str(post.account.id),
    }


def report(world: World, ads_account: str, *, first: date, now: datetime) -> dict[str, Row]:
    """Return an Ads account's rows of `organic_tweet_report` by `key`, from the day `first` to the running one.

    The account reports what its users posted since the beginning of that day in its own time zone, retweets aside.
    """
    account = world.ads.named(ads_account)
    since = midnight(first, account.timezone)
    usernames = [user.account.username for user in account.users if not user.deleted]
    posts = [post for username in usernames for post in world.posts(username, at=now)]
    rows = (
        row
        for post in posts
        if post.kind is not PostKind.RETWEET and instant(post.created_ms) >= since
        for row in _days(account, post, now)
    )
    return {key(row): row for row in rows}


def _days(account: AdsAccount, post: Post, now: datetime) -> Iterator[Row]:
    """Yield a post's rows, from the local day of its posting on."""
    zone = account.timezone
    day, today = (moment.astimezone(zone).date() for moment in (instant(post.created_ms), now))
    midnights = [midnight(day + timedelta(days=number), zone) for number in range((today - day).days + 2)]
    reached = [int(min(moment, now).timestamp() * 1000) for moment in midnights]
    # Only the running day's end is cut off. What never happens is None in the world, and 0 in Fivetran's table.
    earned = {name: column or [0] * (len(reached) - 1) for name, column in gains(post, reached).items()}
    for place, (start, _) in enumerate(pairwise(midnights)):
        yield {
            "account_id": account.id,
            "date": in_seconds(start),
            "organic_tweet_id": str(post.id),
            "placement": "ALL_ON_TWITTER",
            **{RENAMED.get(name, name): column[place] for name, column in earned.items()},
        }


def key(row: Row) -> str:
    """Return the key of a row of `organic_tweet_report`, as `Output.by_key` writes it."""
    return f"{row['account_id']} {row['organic_tweet_id']} {row['date']}"


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a local day begins, in a zone that changes its clocks at night."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
