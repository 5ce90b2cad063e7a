"""X users as the Ads API returns them inside tweets, in the form of API v1.1, turned into rows.

The Ads API has no look-up of users: of a promotable user without tweets nothing but the id is known. What X did not
return is null; objects that X sent are never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.objects import NOTHING, part, parts, v1_instant_text
from source_x_organic.instants import rfc3339, utc_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


def account_row(
    user: Mapping[str, Any] | None, *, account_id: str, ads_account_id: str, is_own_account: bool
) -> dict[str, Any]:
    """Return the `accounts` row of one promotable user.

    `user` is the user object of one of its tweets, None where it has none; `is_own_account` says that the user is the
    Ads account's FULL user.
    """
    get = (user or NOTHING).get
    return {
        "id": account_id,
        "account_id": account_id,
        "ads_account_id": ads_account_id,
        "username": get("screen_name"),
        "name": get("name"),
        "description": get("description"),
        "location": get("location"),
        "url": _profile_url(user or NOTHING),
        "created_at": v1_instant_text(get("created_at")),
        "protected": get("protected"),
        "verified": get("verified"),
        "verified_type": None,
        "is_identity_verified": None,
        "subscription_type": None,
        "parody": None,
        "profile_image_url": get("profile_image_url_https") or get("profile_image_url"),
        "profile_banner_url": get("profile_banner_url"),
        "pinned_tweet_id": None,
        "most_recent_tweet_id": None,
        "affiliation_description": None,
        "affiliation_url": None,
        "affiliation_user_ids": None,
        "withheld_country_codes": _country_codes(get("withheld_in_countries")),
        **_counts(user or NOTHING),
        "is_own_account": is_own_account,
    }


def account_insights_row(user: Mapping[str, Any] | None, *, account_id: str, read_at: datetime) -> dict[str, Any]:
    """Return the `account_insights` row of one promotable user: its counters as of `read_at`, under that UTC day."""
    get = (user or NOTHING).get
    return {
        "account_id": account_id,
        "date": utc_day(read_at),
        "name": get("name"),
        "username": get("screen_name"),
        **_counts(user or NOTHING),
        "read_at": rfc3339(read_at),
    }


def _counts(user: Mapping[str, Any]) -> dict[str, int | None]:
    return {
        "followers_count": user.get("followers_count"),
        "following_count": user.get("friends_count"),
        "tweet_count": user.get("statuses_count"),
        "listed_count": user.get("listed_count"),
        "like_count": user.get("favourites_count"),
        "media_count": None,
    }


def _profile_url(user: Mapping[str, Any]) -> str | None:
    """Return the profile's link as the user entered it; X's `url` is its t.co form."""
    marked = parts(part(part(user.get("entities")).get("url")).get("urls"))
    expanded: str | None = next((link["expanded_url"] for link in marked if link.get("expanded_url")), None)
    return expanded or user.get("url")


def _country_codes(withheld: object) -> list[str] | None:
    """Return the codes as a list; X has sent them as a list and as one text with commas."""
    listed = withheld.split(",") if isinstance(withheld, str) else withheld
    if not isinstance(listed, list):
        return None
    return [code.strip() for code in listed if isinstance(code, str) and code.strip()] or None
