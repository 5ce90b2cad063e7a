"""What the tables must hold, told from the invented world and not from anything that went over the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from x_simulator.accounts import PostKind
from x_simulator.posts import EDIT_WINDOW_MS, media_keys

if TYPE_CHECKING:
    from x_simulator import World
    from x_simulator.posts import Post

Row = dict[str, Any]

MONTH = timedelta(days=30)
MARGIN = timedelta(minutes=1)
"""The connector keeps this far from the end of the 30 days."""

_SOURCES = ("X Web App", "X for iPhone", "X for Android", "Planner for Brands")


def instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def in_milliseconds(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def in_seconds(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def tweets(world: World, username: str, now: datetime) -> dict[str, Row]:
    """Return the rows of `tweets` for an account, by id, as of a read at `now`."""
    return {str(post.id): tweet(world, post, now) for post in world.posts(username, at=now)}


def tweet(world: World, post: Post, now: datetime) -> Row:
    """Return a post's row of `tweets`."""
    account = post.account
    public = world.counters(post.id, now).public_metrics
    chain = [str(version) for version in post.chain]
    return {
        "id": str(post.id),
        "account_id": str(account.id),
        "ads_account_id": None,
        "created_at": in_milliseconds(instant(post.created_ms)),
        "text": text(world, post, now),
        "is_truncated_by_source": False,
        "lang": post.content.lang,
        "source": _SOURCES[post.bits % len(_SOURCES)],
        "conversation_id": _referred(post, "replied_to") or chain[0],
        "in_reply_to_user_id": str(post.reference.user_id) if _is(post, "replied_to") and post.reference else None,
        "in_reply_to_tweet_id": _referred(post, "replied_to"),
        "quoted_tweet_id": _referred(post, "quoted"),
        "retweeted_tweet_id": _referred(post, "retweeted"),
        "is_reply": _is(post, "replied_to"),
        "is_quote": _is(post, "quoted"),
        "is_retweet": _is(post, "retweeted"),
        "tweet_type": "PUBLISHED",
        "edit_history_tweet_ids": chain,
        "root_tweet_id": chain[0],
        "is_edited": len(chain) > 1,
        "editable_until": in_milliseconds(instant(post.first_created_ms + EDIT_WINDOW_MS)),
        "possibly_sensitive": post.bits % 41 == 0,
        "reply_settings": "following" if post.bits % 29 == 0 else "everyone",
        "nullcast": None,
        "card_uri": None,
        "media_keys": media_keys(_speaker(world, post, now)) or None,
        "hashtags": [tag["tag"] for tag in _marked(world, post, now, "hashtags")] or None,
        "mentions": _mentions(world, post, now) or None,
        "urls": _urls(world, post, now) or None,
        **public,
        "url": f"https://x.com/{account.username}/status/{post.id}",
        "is_deleted": False,
        "deleted_seen_at": None,
    }


def snapshots(world: World, username: str, now: datetime, *, is_own: bool = True, window: int = 30) -> dict[str, Row]:
    """Return the rows of `tweet_insights` for an account, by tweet id, as of a read at `now`."""
    posts = world.posts(username, at=now)
    return {str(post.id): snapshot(world, post, now, is_own=is_own, window=window) for post in posts}


def snapshot(world: World, post: Post, now: datetime, *, is_own: bool = True, window: int = 30) -> Row:
    """Return a post's row of `tweet_insights`."""
    counters = world.counters(post.id, now)
    public = counters.public_metrics
    created = instant(post.created_ms)
    has_private = is_own and not _is(post, "retweeted") and now - created <= MONTH - MARGIN
    organic = counters.organic_metrics if has_private else {}
    non_public = counters.non_public_metrics if has_private else {}
    last_read = min(MONTH - MARGIN, timedelta(days=window))
    return {
        "tweet_id": str(post.id),
        "date": f"{now:%Y-%m-%d}",
        "account_id": str(post.account.id),
        "ads_account_id": None,
        "account_name": post.account.name,
        "created_at": in_milliseconds(created),
        "text": text(world, post, now),
        "lang": post.content.lang,
        "is_reply": _is(post, "replied_to"),
        "is_quote": _is(post, "quoted"),
        "is_retweet": _is(post, "retweeted"),
        **public,
        "own_retweet_count": 0 if _is(post, "retweeted") else public["retweet_count"],
        "original_retweet_count": public["retweet_count"] if _is(post, "retweeted") else None,
        "organic_impression_count": organic.get("impression_count"),
        "organic_like_count": organic.get("like_count"),
        "organic_reply_count": organic.get("reply_count"),
        "organic_retweet_count": organic.get("retweet_count"),
        "organic_url_link_clicks": organic.get("url_link_clicks"),
        "organic_user_profile_clicks": organic.get("user_profile_clicks"),
        "non_public_impression_count": non_public.get("impression_count"),
        "non_public_engagements": non_public.get("engagements"),
        "non_public_url_link_clicks": non_public.get("url_link_clicks"),
        "non_public_user_profile_clicks": non_public.get("user_profile_clicks"),
        "private_metrics_until": in_seconds(created + MONTH),
        "is_final": has_private and created + last_read - now < timedelta(days=1),
        "read_at": in_seconds(now),
    }


def text(world: World, post: Post, now: datetime) -> str:
    """Return what the author wrote, whole; for a retweet with the name of whom it repeats."""
    if _is(post, "retweeted") and post.reference is not None:
        original = world.post(post.reference.post_id, at=now)
        return f"RT @{post.reference.username}: {original.note or original.text}"
    return post.note or post.text


def account_counts(world: World, username: str, now: datetime) -> Row:
    """Return an account's counters."""
    account = world.account(username)
    milliseconds = int(now.timestamp() * 1000)
    followers = world.followers_at(account, milliseconds)
    posts = world.count_posts(account, milliseconds)
    return {
        "followers_count": followers,
        "following_count": 120 + account.key % 700,
        "tweet_count": posts,
        "listed_count": followers // 160,
        "like_count": 300 + posts // 2,
        "media_count": posts // 4,
    }


def _is(post: Post, relation: str) -> bool:
    return post.reference is not None and post.reference.relation == relation


def _referred(post: Post, relation: str) -> str | None:
    return str(post.reference.post_id) if post.reference is not None and _is(post, relation) else None


def _is_cut(world: World, post: Post, now: datetime) -> bool:
    """Tell whether X cut a retweet's text, so that the connector has to take the original's."""
    return _is(post, "retweeted") and post.text != text(world, post, now)


def _speaker(world: World, post: Post, now: datetime) -> Post:
    """Return the post whose words a row holds: a cut retweet speaks through its original."""
    if post.reference is not None and _is_cut(world, post, now):
        return world.post(post.reference.post_id, at=now)
    return post


def _marked(world: World, post: Post, now: datetime, kind: str) -> list[Row]:
    speaker = _speaker(world, post, now)
    return [] if _is(speaker, "retweeted") else speaker.content.entities.get(kind, [])


def _mentions(world: World, post: Post, now: datetime) -> list[str]:
    named = [mention["username"] for mention in _marked(world, post, now, "mentions")]
    is_addressed = _is(post, "replied_to") or _is(post, "retweeted")
    first = [post.reference.username] if post.reference is not None and is_addressed else []
    return list(dict.fromkeys([*first, *named]))


def _urls(world: World, post: Post, now: datetime) -> list[str]:
    speaker = _speaker(world, post, now)
    found = [url["expanded_url"] for url in _marked(world, post, now, "urls")]
    if _is(speaker, "quoted") and speaker.reference is not None:
        found.append(f"https://x.com/{speaker.reference.username}/status/{speaker.reference.post_id}")
    if speaker.kind in {PostKind.MEDIA, PostKind.VIDEO}:
        sort = "photo" if speaker.kind is PostKind.MEDIA else "video"
        found.append(f"https://x.com/{speaker.account.username}/status/{speaker.chain[0]}/{sort}/1")
    return list(dict.fromkeys(found))


def account(world: World, username: str, now: datetime, *, is_own: bool = True) -> Row:
    """Return an account's row of `accounts`."""
    found = world.account(username)
    host = f"{found.username.lower().replace('_', '-')}.example"
    ids = world.post_ids(username, at=now)
    is_verified = found.spec.verified_type != "none"
    return {
        "id": str(found.id),
        "account_id": str(found.id),
        "ads_account_id": None,
        "username": found.username,
        "name": found.name,
        "description": found.spec.description or f"{found.name}: news, repairs and questions.",
        "location": "Altmark" if found.key % 3 else None,
        "url": f"https://{host}",
        "created_at": in_milliseconds(instant(found.origin_ms) - timedelta(days=90)),
        "protected": found.kind == "protected",
        "verified": is_verified,
        "verified_type": found.spec.verified_type,
        "is_identity_verified": is_verified,
        "subscription_type": "Premium" if is_own else None,
        "parody": False,
        "profile_image_url": f"https://pbs.twimg.com/profile_images/{found.id}/logo_normal.png",
        "profile_banner_url": f"https://pbs.twimg.com/profile_banners/{found.id}/1700000000",
        "pinned_tweet_id": ids[-1] if ids and found.key % 2 else None,
        "most_recent_tweet_id": ids[0] if ids else None,
        "affiliation_description": None,
        "affiliation_url": None,
        "affiliation_user_ids": None,
        "withheld_country_codes": None,
        **account_counts(world, username, now),
        "is_own_account": is_own,
    }
