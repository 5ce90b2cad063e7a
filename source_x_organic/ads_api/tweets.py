"""Tweets as the Ads API returns them, in the form of API v1.1, turned into rows of `tweets` and `tweet_insights`.

What X did not return is null; objects that X sent are never changed.

Source: X docs, "Creatives" reference of the Ads API v12, August 2026; the dictionaries of API v1.1 for what it shares.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.objects import distinct, id_text, part, parts
from source_x_organic.instants import rfc3339, v1_instant
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_MEDIA_PREFIXES = {"photo": "3_", "video": "7_", "amplify_video": "13_", "animated_gif": "16_"}
"""What stands before a medium's id in its media key, by kind."""

_AMPLIFY = "amplify_video"
"""Part of the picture's address that tells videos of the media library, whose `type` is plain `video`, from others."""


def tweet_id(tweet: Mapping[str, Any]) -> str:
    """Return the id of a tweet; empty for an object without one, which is no tweet."""
    return id_text(tweet.get("id_str"), tweet.get("tweet_id"), tweet.get("id")) or ""


def created_at(tweet: Mapping[str, Any]) -> datetime | None:
    """Return the instant at which a tweet was posted: what X says, or else what its id says.

    None for an object of which neither can be read: X dates every tweet, and ids do not reach back beyond November
    2010.
    """
    return v1_instant(tweet.get("created_at")) or created_at_of(tweet_id(tweet))


def is_retweet(tweet: Mapping[str, Any]) -> bool:
    """Tell a retweet, where X says so: a text that begins with "RT @" may be anybody's own."""
    return bool(_retweeted_id(tweet) or tweet.get("retweeted_status"))


def text(tweet: Mapping[str, Any]) -> str | None:
    """Return a tweet's text: `full_text`, which X sends wherever it can, else `text`, which may be cut."""
    full: str | None = tweet.get("full_text")
    return tweet.get("text") if full is None else full


def media_keys(tweet: Mapping[str, Any]) -> list[str] | None:
    """Return the keys of a tweet's photos, videos and GIFs, in their order; None where X showed none.

    `entities` shows the first one alone where X sends `extended_entities` too. A key that X left out is put together
    from the medium's kind and id.
    """
    extended = tweet.get("extended_entities")
    media = (part(extended).get("media") if extended else None) or part(tweet.get("entities")).get("media")
    if not media:
        return None
    return list(dict.fromkeys(key for key in map(_media_key, parts(media)) if key)) or None


def tweet_row(
    tweet: Mapping[str, Any], *, account_id: str, username: str | None, ads_account_id: str
) -> dict[str, Any]:
    """Return the `tweets` row of one tweet.

    `account_id` and `username` are those of the promotable user who was asked for; without a name the tweet's address
    does with its id.
    """
    get = tweet.get
    id_ = tweet_id(tweet)
    entities = part(get("entities"))
    created = created_at(tweet)
    replied_to, in_reply_to_user_id = _replied_to(tweet)
    quoted = _quoted_id(tweet)
    retweeted = _retweeted_id(tweet)
    return {
        "id": id_,
        "account_id": account_id,
        "ads_account_id": ads_account_id,
        "created_at": rfc3339(created) if created else None,
        "text": text(tweet),
        "is_truncated_by_source": get("truncated"),
        "lang": get("lang"),
        "source": get("source"),
        "conversation_id": None,
        "in_reply_to_user_id": in_reply_to_user_id,
        "in_reply_to_tweet_id": replied_to,
        "quoted_tweet_id": quoted,
        "retweeted_tweet_id": retweeted,
        "is_reply": replied_to is not None or in_reply_to_user_id is not None,
        "is_quote": quoted is not None or get("is_quote_status") is True,
        "is_retweet": retweeted is not None or is_retweet(tweet),
        "tweet_type": get("tweet_type") or "PUBLISHED",
        "edit_history_tweet_ids": None,
        "root_tweet_id": None,
        "is_edited": None,
        "editable_until": None,
        "possibly_sensitive": get("possibly_sensitive"),
        "reply_settings": get("conversation_settings"),
        "nullcast": get("nullcast"),
        "card_uri": get("card_uri"),
        "media_keys": media_keys(tweet),
        "hashtags": _marked(entities, "hashtags", "text"),
        "mentions": _marked(entities, "user_mentions", "screen_name"),
        "urls": _urls(entities),
        "retweet_count": get("retweet_count"),
        "reply_count": None,
        "like_count": get("favorite_count"),
        "quote_count": None,
        "bookmark_count": None,
        "impression_count": None,
        "url": f"https://x.com/{username or 'i'}/status/{id_}" if id_ else None,
        "is_deleted": False,
        "deleted_seen_at": None,
    }


def tweet_insights_row(
    tweet: Mapping[str, Any], *, account_id: str, account_name: str | None, ads_account_id: str, read_at: datetime
) -> dict[str, Any]:
    """Return the `tweet_insights` row of one tweet: likes and retweets as of `read_at`, all that the Ads API counts.

    No row is final and none says until when private metrics can be had: there are none over the Ads API.
    """
    get = tweet.get
    created = created_at(tweet)
    read = _written(read_at)
    retweeted = is_retweet(tweet)
    retweet_count = get("retweet_count")
    return {
        "tweet_id": tweet_id(tweet),
        "date": read[:10],
        "account_id": account_id,
        "ads_account_id": ads_account_id,
        "account_name": account_name,
        "created_at": rfc3339(created) if created else None,
        "text": text(tweet),
        "lang": get("lang"),
        "is_reply": _replied_to(tweet) != (None, None),
        "is_quote": _quoted_id(tweet) is not None or get("is_quote_status") is True,
        "is_retweet": retweeted,
        "retweet_count": retweet_count,
        "reply_count": None,
        "like_count": get("favorite_count"),
        "quote_count": None,
        "bookmark_count": None,
        "impression_count": None,
        "own_retweet_count": 0 if retweeted else retweet_count,
        "original_retweet_count": _original_retweet_count(tweet) if retweeted else None,
        "organic_impression_count": None,
        "organic_like_count": None,
        "organic_reply_count": None,
        "organic_retweet_count": None,
        "organic_url_link_clicks": None,
        "organic_user_profile_clicks": None,
        "non_public_impression_count": None,
        "non_public_engagements": None,
        "non_public_url_link_clicks": None,
        "non_public_user_profile_clicks": None,
        "private_metrics_until": None,
        "is_final": False,
        "read_at": read,
    }


@lru_cache(maxsize=1)
def _written(read_at: datetime) -> str:
    """Return the instant of a read as text: one for all tweets of a sync."""
    return rfc3339(read_at)


def _replied_to(tweet: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the tweet and the user that a tweet answers."""
    get = tweet.get
    return (
        id_text(get("in_reply_to_status_id_str"), get("in_reply_to_status_id")),
        id_text(get("in_reply_to_user_id_str"), get("in_reply_to_user_id")),
    )


def _quoted_id(tweet: Mapping[str, Any]) -> str | None:
    return id_text(tweet.get("quoted_status_id_str"), tweet.get("quoted_status_id")) or _id_in(tweet, "quoted_status")


def _retweeted_id(tweet: Mapping[str, Any]) -> str | None:
    told = id_text(tweet.get("retweeted_status_id_str"), tweet.get("retweeted_status_id"))
    return told or _id_in(tweet, "retweeted_status")


def _id_in(tweet: Mapping[str, Any], name: str) -> str | None:
    nested = tweet.get(name)
    return (tweet_id(part(nested)) or None) if nested else None


def _original_retweet_count(tweet: Mapping[str, Any]) -> int | None:
    """Count the retweets of the original; X shows the same number on each retweet of it."""
    counted: int | None = part(tweet.get("retweeted_status")).get("retweet_count")
    return tweet.get("retweet_count") if counted is None else counted


def _media_key(medium: Mapping[str, Any]) -> str | None:
    if isinstance(key := medium.get("media_key"), str):
        return key
    kind = medium.get("type")
    if kind == "video" and _AMPLIFY in str(medium.get("media_url_https") or medium.get("media_url")):
        kind = _AMPLIFY
    prefix = _MEDIA_PREFIXES.get(kind) if isinstance(kind, str) else None
    id_ = id_text(medium.get("id_str"), medium.get("id"))
    return f"{prefix}{id_}" if prefix and id_ else None


def _marked(entities: Mapping[str, Any], kind: str, name: str) -> list[str] | None:
    """Return what X marked in a text, in its order, each once; None where it marked nothing."""
    marked = entities.get(kind)
    return distinct(parts(marked), name) if marked else None


def _urls(entities: Mapping[str, Any]) -> list[str] | None:
    """Return where the links lead, in the order of the text, each once: the address entered, or X's short one."""
    marked = entities.get("urls")
    if not marked:
        return None
    found = [url.get("expanded_url") or url.get("url") for url in parts(marked)]
    return list(dict.fromkeys([address for address in found if isinstance(address, str) and address])) or None
