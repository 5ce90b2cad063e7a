"""Scheduled tweets and drafts as the Ads API returns them, turned into rows.

What X did not return is null, while a list that X returned empty stays an empty list; objects that X sent are never
changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.objects import ads_instant, id_text, id_texts

if TYPE_CHECKING:
    from collections.abc import Mapping


def scheduled_tweet_row(tweet: Mapping[str, Any], *, ads_account_id: str) -> dict[str, Any]:
    """Return the `scheduled_tweets` row of one scheduled tweet: still to come, published or failed."""
    get = tweet.get
    user_id = id_text(get("user_id"))
    return {
        "id": id_text(get("id_str"), get("id")),
        "ads_account_id": ads_account_id,
        "account_id": user_id,
        "user_id": user_id,
        "name": get("name"),
        "text": get("text"),
        "scheduled_at": ads_instant(get("scheduled_at")),
        "scheduled_status": get("scheduled_status"),
        "completed_at": ads_instant(get("completed_at")),
        "created_at": ads_instant(get("created_at")),
        "updated_at": ads_instant(get("updated_at")),
        "nullcast": get("nullcast"),
        "card_uri": get("card_uri"),
        "tweet_id": id_text(get("tweet_id")),
        "media_keys": id_texts(get("media_keys")),
        "media_ids": id_texts(get("media_ids")),
    }


def draft_tweet_row(tweet: Mapping[str, Any], *, ads_account_id: str) -> dict[str, Any]:
    """Return the `draft_tweets` row of one draft."""
    get = tweet.get
    user_id = id_text(get("user_id"))
    return {
        "id": id_text(get("id_str"), get("id")),
        "ads_account_id": ads_account_id,
        "account_id": user_id,
        "user_id": user_id,
        "name": get("name"),
        "text": get("text"),
        "created_at": ads_instant(get("created_at")),
        "updated_at": ads_instant(get("updated_at")),
        "nullcast": get("nullcast"),
        "card_uri": get("card_uri"),
        "media_keys": id_texts(get("media_keys")),
        "media_ids": id_texts(get("media_ids")),
    }
