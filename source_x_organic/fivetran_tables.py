"""Fivetran's four tables of its "X Organic" connector, made of what the Ads API returns.

Names, types and meaning are Fivetran's to the letter, its odd ones too (`profile_use_background_image` is a text,
`account_id` is the Ads account), so that models which others built on those tables run unchanged. What X did not
return is null; objects that X sent are never changed.

Source: the public dbt package fivetran/dbt_twitter_organic 1.2.1, its macros, seeds and documentation.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.objects import ads_instant, id_text, part, v1_instant_text
from source_x_organic.ads_api.tweets import created_at, media_keys, text, tweet_id
from source_x_organic.instants import rfc3339, rfc3339_micros

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_METRICS = (
    "app_clicks",
    "card_engagements",
    "carousel_swipes",
    "clicks",
    "engagements",
    "follows",
    "impressions",
    "likes",
    "poll_card_vote",
    "qualified_impressions",
    "replies",
    "retweets",
    "tweets_send",
    "unfollows",
    "url_clicks",
    "video_15s_views",
    "video_3s100pct_views",
    "video_6s_views",
    "video_content_starts",
    "video_cta_clicks",
    "video_total_views",
    "video_views_100",
    "video_views_25",
    "video_views_50",
    "video_views_75",
)
_RENAMED = {
    "video_15s_views": "video_15_s_views",
    "video_3s100pct_views": "video_3_s_100_pct_views",
    "video_6s_views": "video_6_s_views",
}

FIVETRAN_METRICS: Mapping[str, str] = {name: _RENAMED.get(name, name) for name in _METRICS}
"""Columns of `organic_tweet_report` by the names that the Ads API gives to its metrics."""

REPORT_COLUMNS = ("_fivetran_synced", "account_id", "date", "organic_tweet_id", "placement", *FIVETRAN_METRICS.values())
"""Columns of `organic_tweet_report`, in their order."""


def account_history_row(
    account: Mapping[str, Any], *, industry_type: str | None, synced_at: datetime
) -> dict[str, Any]:
    """Return the `account_history` row of one Ads account as it is now.

    `industry_type` is what X says when asked for this account alone: the list leaves it out.
    """
    get = account.get
    return {
        "_fivetran_synced": rfc3339_micros(synced_at),
        "approval_status": get("approval_status"),
        "business_id": id_text(get("business_id")),
        "business_name": get("business_name"),
        "created_at": ads_instant(get("created_at")),
        "deleted": get("deleted"),
        "id": id_text(get("id")),
        "industry_type": get("industry_type") if industry_type is None else industry_type,
        "name": get("name"),
        "salt": get("salt"),
        "timezone": get("timezone"),
        "timezone_switch_at": ads_instant(get("timezone_switch_at")),
        "updated_at": ads_instant(get("updated_at")),
    }


def twitter_user_history_row(user: Mapping[str, Any], *, synced_at: datetime) -> dict[str, Any]:
    """Return the `twitter_user_history` row of one user as it is now: the user object inside a tweet."""
    get = user.get
    return {
        "_fivetran_synced": rfc3339_micros(synced_at),
        "contributors_enabled": get("contributors_enabled"),
        "created_at": v1_instant_text(get("created_at")),
        "default_profile": get("default_profile"),
        "default_profile_image": get("default_profile_image"),
        "description": get("description"),
        "favourites_count": get("favourites_count"),
        "followers_count": get("followers_count"),
        "friends_count": get("friends_count"),
        "geo_enabled": get("geo_enabled"),
        "id": _number(id_text(get("id_str"), get("id"))),
        "is_translation_enabled": get("is_translation_enabled"),
        "is_translator": get("is_translator"),
        "lang": get("lang"),
        "listed_count": get("listed_count"),
        "location": get("location"),
        "name": get("name"),
        "profile_background_image_url": get("profile_background_image_url"),
        "profile_background_image_url_https": get("profile_background_image_url_https"),
        "profile_background_tile": get("profile_background_tile"),
        "profile_banner_url": get("profile_banner_url"),
        "profile_image_url": get("profile_image_url"),
        "profile_image_url_https": get("profile_image_url_https"),
        "profile_use_background_image": _json_text(get("profile_use_background_image")),
        "protected_user": get("protected"),
        "screen_name": get("screen_name"),
        "statuses_count": get("statuses_count"),
        "time_zone": get("time_zone"),
        "url": get("url"),
        "utc_offset": get("utc_offset"),
        "verified": get("verified"),
    }


def tweet_row(tweet: Mapping[str, Any], *, account_id: str, synced_at: datetime) -> dict[str, Any]:
    """Return the `tweet` row of one tweet; `account_id` is the Ads account that it was read through."""
    get = tweet.get
    created = created_at(tweet)
    author = part(get("user"))
    coordinates, geo = part(get("coordinates")), part(get("geo"))
    media = media_keys(tweet)
    return {
        "_fivetran_synced": rfc3339_micros(synced_at),
        "account_id": account_id,
        "card_uri": get("card_uri"),
        "coordinates_coordinates": _json_text(coordinates.get("coordinates")),
        "coordinates_type": coordinates.get("type"),
        "created_at": rfc3339(created) if created else None,
        "favorite_count": get("favorite_count"),
        "favorited": get("favorited"),
        "followers": part(get("scopes")).get("followers"),
        "full_text": text(tweet),
        "geo_coordinates": _json_text(geo.get("coordinates")),
        "geo_type": geo.get("type"),
        "id": tweet_id(tweet),
        "in_reply_to_screen_name": get("in_reply_to_screen_name"),
        "in_reply_to_status_id": id_text(get("in_reply_to_status_id_str"), get("in_reply_to_status_id")),
        "in_reply_to_user_id": id_text(get("in_reply_to_user_id_str"), get("in_reply_to_user_id")),
        "lang": get("lang"),
        "media_key": media[0] if media else None,
        "retweet_count": get("retweet_count"),
        "retweeted": get("retweeted"),
        "source": get("source"),
        "truncated": get("truncated"),
        "tweet_type": get("tweet_type"),
        "user_id": id_text(author.get("id_str"), author.get("id")),
    }


def _json_text(value: object) -> str | None:
    """Return a value as JSON text (`true`, `[-0.12,51.5]`); a text as it is."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def _number(digits: str | None) -> int | None:
    try:
        return None if digits is None else int(digits)
    except ValueError:
        return None
