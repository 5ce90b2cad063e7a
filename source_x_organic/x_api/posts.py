"""Posts as X API v2 returns them, turned into rows of `tweets` and `tweet_insights`.

X is renaming its fields from tweet to post (`referenced_tweets` to `referenced_posts`, `retweet_count` to
`repost_count`, …) and answers in the dialect that it was asked in; both are understood here, and the rows keep the
tweet names. What X did not return is null; wire objects are never changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from source_x_organic.instants import rfc3339, utc_instant, utc_text
from source_x_organic.x_api.entities import hashtags, mentions, urls
from source_x_organic.x_api.text import Body, read_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PRIVATE_METRICS_DAYS = 30
PRIVATE_MARGIN = timedelta(minutes=1)
"""Kept from the 30-day border: a window that reaches beyond it answers empty pages without end [documented quirk]."""

_PRIVATE_FOR = timedelta(days=PRIVATE_METRICS_DAYS)
_SNAPSHOT_EVERY = timedelta(days=1)
_NOTHING: Mapping[str, Any] = {}


def originals(page: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the posts that a page refers to (`includes.tweets`, `includes.posts`), by their id."""
    includes = page.get("includes") or _NOTHING
    referred = includes.get("tweets") or includes.get("posts") or ()
    return {post["id"]: post for post in referred if "id" in post}


def tweet_row(
    post: Mapping[str, Any], *, account_id: str, username: str, originals: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the `tweets` row of one post.

    `account_id` and `username` are those of the account whose timeline holds the post; `originals` are the posts
    that the page refers to, by id: a retweet's cut text is completed from there.
    """
    get = post.get
    tweet_id = get("id")
    replied_to, quoted, retweeted = _references(post)
    original = originals.get(retweeted) if retweeted else None
    body = read_body(post, original)
    history = get("edit_history_tweet_ids") or get("edit_history_post_ids")
    metrics = get("public_metrics") or _NOTHING
    in_reply_to_user_id = get("in_reply_to_user_id")
    return {
        "id": tweet_id,
        "account_id": account_id,
        "ads_account_id": None,
        "created_at": utc_text(get("created_at")),
        "text": body.text,
        "is_truncated_by_source": body.is_cut,
        "lang": get("lang"),
        "source": get("source"),
        "conversation_id": get("conversation_id"),
        "in_reply_to_user_id": in_reply_to_user_id,
        "in_reply_to_tweet_id": replied_to,
        "quoted_tweet_id": quoted,
        "retweeted_tweet_id": retweeted,
        "is_reply": replied_to is not None or in_reply_to_user_id is not None,
        "is_quote": quoted is not None,
        "is_retweet": retweeted is not None,
        "tweet_type": "PUBLISHED",
        "edit_history_tweet_ids": list(history) if history else None,
        "root_tweet_id": history[0] if history else None,
        "is_edited": len(history) > 1 if history else None,
        "editable_until": utc_text((get("edit_controls") or _NOTHING).get("editable_until")),
        "possibly_sensitive": get("possibly_sensitive"),
        "reply_settings": get("reply_settings"),
        "nullcast": None,
        "card_uri": get("card_uri"),
        "media_keys": media_keys(post) or (media_keys(original) if original and body.author_mentioned else None),
        "hashtags": hashtags(body.entities),
        "mentions": _mentions(body),
        "urls": urls(body.entities),
        "retweet_count": _retweet_count(metrics),
        "reply_count": metrics.get("reply_count"),
        "like_count": metrics.get("like_count"),
        "quote_count": metrics.get("quote_count"),
        "bookmark_count": metrics.get("bookmark_count"),
        "impression_count": metrics.get("impression_count"),
        "url": f"https://x.com/{username}/status/{tweet_id}" if tweet_id else None,
        "is_deleted": False,
        "deleted_seen_at": None,
    }


def insights_row(
    post: Mapping[str, Any],
    *,
    private: Mapping[str, Any] | None,
    account_id: str,
    account_name: str,
    originals: Mapping[str, Mapping[str, Any]],
    read_at: datetime,
    insights_window_days: int,
) -> dict[str, Any]:
    """Return the `tweet_insights` row of one post: its lifetime counters as of `read_at`.

    `private` is the same post fetched with `organic_metrics` and `non_public_metrics`, or None where they were not to
    be had: then their columns are null. `is_final` supposes a snapshot a day, none beyond the insights window.
    """
    get = post.get
    replied_to, quoted, retweeted = _references(post)
    original = originals.get(retweeted) if retweeted else None
    body = read_body(post, original)
    public = get("public_metrics") or _NOTHING
    retweet_count = _retweet_count(public)
    organic, non_public = _private_metrics(private)
    created = utc_instant(get("created_at"))
    read = _written(read_at)
    return {
        "tweet_id": get("id"),
        "date": read[:10],
        "account_id": account_id,
        "ads_account_id": None,
        "account_name": account_name,
        "created_at": utc_text(get("created_at")),
        "text": body.text,
        "lang": get("lang"),
        "is_reply": replied_to is not None or get("in_reply_to_user_id") is not None,
        "is_quote": quoted is not None,
        "is_retweet": retweeted is not None,
        "retweet_count": retweet_count,
        "reply_count": public.get("reply_count"),
        "like_count": public.get("like_count"),
        "quote_count": public.get("quote_count"),
        "bookmark_count": public.get("bookmark_count"),
        "impression_count": public.get("impression_count"),
        "own_retweet_count": 0 if retweeted else retweet_count,
        "original_retweet_count": _original_retweet_count(original, retweet_count) if retweeted else None,
        "organic_impression_count": organic.get("impression_count"),
        "organic_like_count": organic.get("like_count"),
        "organic_reply_count": organic.get("reply_count"),
        "organic_retweet_count": _retweet_count(organic),
        "organic_url_link_clicks": organic.get("url_link_clicks"),
        "organic_user_profile_clicks": organic.get("user_profile_clicks"),
        "non_public_impression_count": non_public.get("impression_count"),
        "non_public_engagements": non_public.get("engagements"),
        "non_public_url_link_clicks": non_public.get("url_link_clicks"),
        "non_public_user_profile_clicks": non_public.get("user_profile_clicks"),
        "private_metrics_until": rfc3339(created + _PRIVATE_FOR) if created else None,
        "is_final": bool(organic or non_public) and _is_last_snapshot(created, read_at, insights_window_days),
        "read_at": read,
    }


@lru_cache(maxsize=1)
def _written(read_at: datetime) -> str:
    """Return the instant of a read as text: one for all posts of a sync."""
    return rfc3339(read_at)


def _is_last_snapshot(created: datetime | None, read_at: datetime, insights_window_days: int) -> bool:
    if created is None:
        return False
    until = created + min(_PRIVATE_FOR - PRIVATE_MARGIN, timedelta(days=insights_window_days))
    return read_at <= until < read_at + _SNAPSHOT_EVERY


def _references(post: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Return the ids of the posts that a post answers, quotes and repeats."""
    referenced = post.get("referenced_tweets") or post.get("referenced_posts")
    if not referenced:
        return None, None, None
    ids = {reference.get("type"): reference.get("id") for reference in referenced}
    return ids.get("replied_to"), ids.get("quoted"), ids.get("retweeted")


def _retweet_count(metrics: Mapping[str, Any]) -> int | None:
    count: int | None = metrics.get("retweet_count")
    return metrics.get("repost_count") if count is None else count


def _original_retweet_count(original: Mapping[str, Any] | None, shown: int | None) -> int | None:
    """Count the retweets of the original; X shows the same number on each retweet of it."""
    counted = _retweet_count((original or _NOTHING).get("public_metrics") or _NOTHING)
    return shown if counted is None else counted


def _private_metrics(private: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if not private:
        return _NOTHING, _NOTHING
    return private.get("organic_metrics") or _NOTHING, private.get("non_public_metrics") or _NOTHING


def is_retweet(post: Mapping[str, Any]) -> bool:
    """Tell a post that only repeats another one."""
    return _references(post)[2] is not None


def older_versions(post: Mapping[str, Any]) -> Sequence[str]:
    """Return the ids of a post's versions before the present one: X lists them under the newest one only."""
    history = post.get("edit_history_tweet_ids") or post.get("edit_history_post_ids") or ()
    return history[:-1]


def media_keys(post: Mapping[str, Any]) -> list[str] | None:
    """Return the keys of a post's photos, videos and GIFs; None where it has none."""
    keys = (post.get("attachments") or _NOTHING).get("media_keys")
    return list(keys) if keys else None


def _mentions(body: Body) -> list[str] | None:
    named = mentions(body.entities)
    author = body.author_mentioned
    if author is None:
        return named
    return [author, *(name for name in named or () if name != author)]
