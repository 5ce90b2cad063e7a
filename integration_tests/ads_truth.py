"""What the tables must hold that are read from the Ads API, told from the invented world alone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta

from integration_tests import truth
from x_simulator.accounts import PostKind
from x_simulator.ads_accounts import AdsAccount, PromotableUserType, switched_at
from x_simulator.ads_api.metrics import organic_metrics
from x_simulator.ads_api.scheduling import draft_tweets, scheduled_tweets
from x_simulator.ads_api.tweet_objects import card_uri, has_card
from x_simulator.posts import entities_of, media_keys
from x_simulator.x_api.dialects import DIALECTS
from x_simulator.x_api.fields import USER_FIELDS, Viewer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

    from x_simulator import World
    from x_simulator.posts import Post

Row = dict[str, Any]

DAY = timedelta(days=1)
FINAL_AFTER = 2 * DAY

NOT_OF_THE_ADS_API = [
    "unlikes",
    "quote_tweets",
    "bookmarks",
    "shares",
    "user_profile_clicks",
    "detail_expands",
    "hashtag_clicks",
    "permalink_clicks",
    "email_tweet",
    "app_opens",
    "app_install_attempts",
    "media_views",
    "media_engagements",
]
RENAMED = {"poll_card_vote": "poll_card_votes", "video_total_views": "video_views"}


def in_seconds(milliseconds: int) -> str:
    return truth.in_seconds(truth.instant(milliseconds // 1000 * 1000))


# Ads accounts and what belongs to them -------------------------------------------------------------------------------


def ads_account(account: AdsAccount) -> Row:
    """Return an Ads account's row of `ads_accounts`."""
    spec = account.spec
    full = [user.account.id for user in account.users if user.type is PromotableUserType.FULL and not user.deleted]
    return {
        "id": account.id,
        "ads_account_id": account.id,
        "account_id": min(map(str, full)) if full and not account.deleted else None,
        "name": account.name,
        "business_name": spec.business_name,
        "business_id": spec.business_id,
        "timezone": spec.timezone,
        "timezone_switch_at": switched_at(account),
        "created_at": in_seconds(account.created_ms),
        "updated_at": in_seconds(account.updated_ms),
        "approval_status": spec.approval_status,
        "industry_type": spec.industry_type,
        "salt": None,
        "deleted": account.deleted,
    }


def promotable_users(account: AdsAccount) -> dict[str, Row]:
    """Return an Ads account's rows of `promotable_users` by key."""
    rows = [
        {
            "id": user.id,
            "ads_account_id": account.id,
            "account_id": str(user.account.id),
            "user_id": str(user.account.id),
            "promotable_user_type": str(user.type),
            "created_at": in_seconds(user.created_ms),
            "updated_at": in_seconds(user.updated_ms),
            "deleted": user.deleted,
        }
        for user in account.users
    ]
    return {f"{account.id} {row['id']}": row for row in rows}


def scheduled(world: World, account: AdsAccount, now: datetime) -> dict[str, Row]:
    """Return an Ads account's rows of `scheduled_tweets` by key."""
    now_ms = int(now.timestamp() * 1000)
    rows: dict[str, Row] = {}
    for user in account.users:
        for tweet in scheduled_tweets(world, account, user):
            is_over = tweet.post.created_ms <= now_ms
            is_out = is_over and not tweet.fails
            rows[f"{account.id} {tweet.id}"] = {
                "id": str(tweet.id),
                "ads_account_id": account.id,
                "account_id": str(user.account.id),
                "user_id": str(user.account.id),
                "name": tweet.name,
                "text": tweet.text,
                "scheduled_at": in_seconds(tweet.scheduled_ms),
                "scheduled_status": ("FAILED" if tweet.fails else "SUCCESS") if is_over else "SCHEDULED",
                "completed_at": in_seconds(tweet.post.created_ms) if is_out else None,
                "created_at": in_seconds(tweet.created_ms),
                "updated_at": in_seconds(tweet.post.created_ms if is_over else tweet.created_ms),
                "nullcast": tweet.nullcast,
                "card_uri": tweet.card_uri,
                "tweet_id": str(tweet.post.id) if is_out else None,
                "media_keys": tweet.media_keys,
                "media_ids": None,
            }
    return rows


def drafts(world: World, account: AdsAccount) -> dict[str, Row]:
    """Return an Ads account's rows of `draft_tweets` by key."""
    rows: dict[str, Row] = {}
    for user in account.users:
        for tweet in draft_tweets(world, account, user):
            rows[f"{account.id} {tweet.id}"] = {
                "id": str(tweet.id),
                "ads_account_id": account.id,
                "account_id": str(user.account.id),
                "user_id": str(user.account.id),
                "name": tweet.name,
                "text": tweet.text,
                "created_at": in_seconds(tweet.created_ms),
                "updated_at": in_seconds(tweet.updated_ms),
                "nullcast": tweet.nullcast,
                "card_uri": tweet.card_uri,
                "media_keys": [*tweet.media_keys],
                "media_ids": None,
            }
    return rows


# Users and tweets ----------------------------------------------------------------------------------------------------


def user(world: World, username: str, ads_account_id: str, now: datetime, *, is_full: bool) -> Row:
    """Return a promotable user's row of `accounts`."""
    known = truth.account(world, username, now)
    unknown = (
        "verified_type",
        "is_identity_verified",
        "subscription_type",
        "parody",
        "pinned_tweet_id",
        "most_recent_tweet_id",
        "media_count",
    )
    return (
        known
        | dict.fromkeys(unknown)
        | {
            "ads_account_id": ads_account_id,
            "created_at": f"{known['created_at'].partition('.')[0]}Z",
            "location": known["location"] or "",
            "url": USER_FIELDS["url"](world.account(username), Viewer(world, None, 0, DIALECTS["tweet"])),
            "is_own_account": is_full,
        }
    )


def user_counts(world: World, username: str, now: datetime) -> Row:
    """Return a promotable user's row of `account_insights`."""
    return {
        "account_id": world.user_id(username),
        "date": f"{now:%Y-%m-%d}",
        "name": world.account(username).name,
        "username": username,
        **truth.account_counts(world, username, now),
        "media_count": None,
        "read_at": truth.in_seconds(now),
    }


def tweets(world: World, username: str, ads_account_id: str, now: datetime, since: datetime) -> dict[str, Row]:
    """Return the rows of `tweets` for a promotable user, by id, as of a read at `now`."""
    posts = [post for post in world.posts(username, at=now) if truth.instant(post.created_ms) >= since]
    return {str(post.id): tweet(world, post, ads_account_id, now) for post in posts}


def tweet(world: World, post: Post, ads_account_id: str, now: datetime) -> Row:
    """Return a post's row of `tweets`."""
    known = truth.tweet(world, post, now)
    source = known["source"]
    unknown = (
        "conversation_id",
        "edit_history_tweet_ids",
        "root_tweet_id",
        "is_edited",
        "editable_until",
        "reply_count",
        "quote_count",
        "bookmark_count",
        "impression_count",
    )
    return (
        known
        | dict.fromkeys(unknown)
        | {
            "ads_account_id": ads_account_id,
            "created_at": in_seconds(post.created_ms),
            "text": post.text,
            "source": f'<a href="https://x.example/{source.replace(" ", "-").lower()}" rel="nofollow">{source}</a>',
            "possibly_sensitive": known["possibly_sensitive"] if media_keys(post) else None,
            "reply_settings": "COMMUNITY" if post.bits % 29 == 0 else "EVERYONE",
            "nullcast": False,
            "card_uri": card_uri(post.chain[0]) if has_card(post) else None,
            "media_keys": media_keys(post) or None,
            **_marked(post),
            "retweet_count": world.counters(post.id, now).combined.retweets,
            "like_count": world.counters(post.id, now).combined.likes,
        }
    )


def snapshots(world: World, username: str, ads_account_id: str, now: datetime, since: datetime) -> dict[str, Row]:
    """Return the rows of `tweet_insights` for a promotable user, by tweet id, as of a read at `now`."""
    posts = [post for post in world.posts(username, at=now) if truth.instant(post.created_ms) >= since]
    return {str(post.id): _snapshot(world, post, ads_account_id, now) for post in posts}


def _snapshot(world: World, post: Post, ads_account_id: str, now: datetime) -> Row:
    known = truth.snapshot(world, post, now, is_own=False)
    counted = world.counters(post.id, now).combined
    unknown = ("reply_count", "quote_count", "bookmark_count", "impression_count", "private_metrics_until")
    is_retweet = known["is_retweet"]
    return (
        known
        | dict.fromkeys(unknown)
        | {
            "ads_account_id": ads_account_id,
            "created_at": in_seconds(post.created_ms),
            "text": post.text,
            "retweet_count": counted.retweets,
            "like_count": counted.likes,
            "own_retweet_count": 0 if is_retweet else counted.retweets,
            "original_retweet_count": counted.retweets if is_retweet else None,
        }
    )


def _marked(post: Post) -> Row:
    """Return what X marks in a text; a link to the post's own media is none."""
    found = entities_of(post) if post.reference is not None or media_keys(post) else post.content.entities
    entities = found if isinstance(found, dict) else {}
    links = [link["expanded_url"] for link in entities.get("urls", ()) if "media_key" not in link]
    return {
        "hashtags": list(dict.fromkeys(tag["tag"] for tag in entities.get("hashtags", ()))) or None,
        "mentions": list(dict.fromkeys(mention["username"] for mention in entities.get("mentions", ()))) or None,
        "urls": list(dict.fromkeys(links)) or None,
    }


# The report ----------------------------------------------------------------------------------------------------------


def first_day(account: AdsAccount, now: datetime, months: int) -> date:
    """Return the first day of a timeframe: calendar months before the account's today."""
    first: date = now.astimezone(account.timezone).date() - relativedelta(months=months)
    return first


def report(
    world: World,
    account: AdsAccount,
    usernames: Iterable[str],
    now: datetime,
    first: date,
    *,
    since: date | None = None,
) -> dict[str, Row]:
    """Return the rows of `organic_report` by key: every tweet from `first` on, every local day since its posting.

    `since` leaves out earlier days; `now` is the instant as of which the statistics are.
    """
    rows: dict[str, Row] = {}
    today = now.astimezone(account.timezone).date()
    for username in usernames:
        for post in world.posts(username, at=now):
            posted = truth.instant(post.created_ms).astimezone(account.timezone).date()
            if post.kind is not PostKind.RETWEET and posted >= first:
                for day in days(max(posted, since or posted), today):
                    row = report_row(world, account, post, day, now)
                    rows[f"{row['account_id']} {row['tweet_id']} {row['date']} ALL_ON_TWITTER"] = row
    return rows


def report_row(world: World, account: AdsAccount, post: Post, day: date, now: datetime) -> Row:
    """Return a post's row of `organic_report` for one local day."""
    start, end = midnight(day, account.timezone), midnight(day + DAY, account.timezone)
    counted = organic_metrics(world, post.id, start, min(end, now))
    return {
        "account_id": str(post.account.id),
        "tweet_id": str(post.id),
        "date": day.isoformat(),
        "placement": "ALL_ON_TWITTER",
        "ads_account_id": account.id,
        "metrics_source": "ads_api",
        "period_start": truth.in_seconds(start),
        "period_end": truth.in_seconds(end),
        "is_estimated": False,
        "is_final": now >= end + FINAL_AFTER,
        **dict.fromkeys(NOT_OF_THE_ADS_API),
        **{RENAMED.get(name, name): value for name, value in counted.items()},
    }


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days(first: date, last: date) -> list[date]:
    return [first + number * DAY for number in range((last - first).days + 1)]
