"""Users as X API v2 returns them, turned into rows of `accounts` and `account_insights`.

Both dialects are understood (`tweet_count` and `post_count`, `pinned_tweet_id` and `pinned_post_id`, …). What X did
not return is null; wire objects are never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.instants import rfc3339, utc_day, utc_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_NOTHING: Mapping[str, Any] = {}


def account_row(user: Mapping[str, Any], *, is_own_account: bool) -> dict[str, Any]:
    """Return the `accounts` row of one user; `is_own_account` says that the credentials are this user's."""
    get = user.get
    affiliation = get("affiliation") or _NOTHING
    return {
        "id": get("id"),
        "account_id": get("id"),
        "ads_account_id": None,
        "username": get("username"),
        "name": get("name"),
        "description": get("description"),
        "location": get("location"),
        "url": _profile_url(user),
        "created_at": utc_text(get("created_at")),
        "protected": get("protected"),
        "verified": get("verified"),
        "verified_type": get("verified_type"),
        "is_identity_verified": get("is_identity_verified"),
        "subscription_type": get("subscription_type"),
        "parody": get("parody"),
        "profile_image_url": get("profile_image_url"),
        "profile_banner_url": get("profile_banner_url"),
        "pinned_tweet_id": get("pinned_tweet_id") or get("pinned_post_id"),
        "most_recent_tweet_id": get("most_recent_tweet_id") or get("most_recent_post_id"),
        "affiliation_description": affiliation.get("description"),
        "affiliation_url": affiliation.get("url"),
        "affiliation_user_ids": _affiliation_user_ids(affiliation),
        "withheld_country_codes": _withheld_country_codes(user),
        **_counts(user),
        "is_own_account": is_own_account,
    }


def account_insights_row(user: Mapping[str, Any], *, read_at: datetime) -> dict[str, Any]:
    """Return the `account_insights` row of one user: its counters as of `read_at`, under the UTC day of the read."""
    return {
        "account_id": user.get("id"),
        "date": utc_day(read_at),
        "name": user.get("name"),
        "username": user.get("username"),
        **_counts(user),
        "read_at": rfc3339(read_at),
    }


def _counts(user: Mapping[str, Any]) -> dict[str, int | None]:
    metrics = user.get("public_metrics") or _NOTHING
    tweet_count = metrics.get("tweet_count")
    return {
        "followers_count": metrics.get("followers_count"),
        "following_count": metrics.get("following_count"),
        "tweet_count": metrics.get("post_count") if tweet_count is None else tweet_count,
        "listed_count": metrics.get("listed_count"),
        "like_count": metrics.get("like_count"),
        "media_count": metrics.get("media_count"),
    }


def _profile_url(user: Mapping[str, Any]) -> str | None:
    """Return the profile's link as the user entered it; X's `url` is its t.co form."""
    marked = ((user.get("entities") or _NOTHING).get("url") or _NOTHING).get("urls") or ()
    expanded: str | None = next((link["expanded_url"] for link in marked if link.get("expanded_url")), None)
    return expanded or user.get("url")


def _affiliation_user_ids(affiliation: Mapping[str, Any]) -> list[str] | None:
    """Return the ids as a list: until February 2025 X returned one string."""
    user_ids = affiliation.get("user_id")
    if not user_ids:
        return None
    return [user_ids] if isinstance(user_ids, str) else list(user_ids)


def _withheld_country_codes(user: Mapping[str, Any]) -> list[str] | None:
    codes = (user.get("withheld") or _NOTHING).get("country_codes")
    return list(codes) if codes else None
