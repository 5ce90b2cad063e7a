"""Invented objects of the Ads API, whole and at random."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

READ_AT = datetime(2026, 11, 21, 6, 30, 5, 999, tzinfo=UTC)
ADS_ACCOUNT_ID = "18tidehb"

ADS_ACCOUNT: dict[str, Any] = {
    "id": "18tidehb",
    "name": "Tidewater Harbour Bakery",
    "business_name": "Tidewater Ltd",
    "business_id": "7401",
    "timezone": "Asia/Kolkata",
    "timezone_switch_at": "2019-02-28T18:30:00Z",
    "created_at": "2019-02-27T10:00:00Z",
    "updated_at": "2026-10-01T08:15:30Z",
    "approval_status": "ACCEPTED",
    "salt": "c0ffee",
    "deleted": False,
}

USER: dict[str, Any] = {
    "id": 9007199254740992,
    "id_str": "9007199254740993",
    "name": "Harbour Bakery",
    "screen_name": "harbour_bakery",
    "location": "Quay 3",
    "description": "Bread &amp; rolls https://t.co/aaaaaaaaaa",
    "url": "https://t.co/bbbbbbbbbb",
    "entities": {
        "url": {"urls": [{"url": "https://t.co/bbbbbbbbbb", "expanded_url": "https://harbour-bakery.example/"}]},
        "description": {"urls": []},
    },
    "protected": False,
    "verified": True,
    "followers_count": 1200,
    "friends_count": 0,
    "listed_count": 6,
    "favourites_count": 78,
    "statuses_count": 345,
    "created_at": "Sun Mar 01 08:00:09 +0000 2015",
    "utc_offset": None,
    "time_zone": None,
    "lang": None,
    "geo_enabled": True,
    "contributors_enabled": False,
    "is_translator": False,
    "is_translation_enabled": True,
    "translator_type": "none",
    "profile_background_color": "F5F8FA",
    "profile_background_image_url": "http://abs.example/back.png",
    "profile_background_image_url_https": "https://abs.example/back.png",
    "profile_background_tile": False,
    "profile_image_url": "http://pbs.example/face.jpg",
    "profile_image_url_https": "https://pbs.example/face.jpg",
    "profile_banner_url": "https://pbs.example/banner",
    "profile_use_background_image": True,
    "default_profile": False,
    "default_profile_image": False,
    "withheld_in_countries": ["XY", "XZ"],
}

TWEET: dict[str, Any] = {
    "id": 1855000000000000000,
    "id_str": "1855000000000000001",
    "tweet_id": "1855000000000000001",
    "created_at": "Sat Nov 09 00:33:58 +0000 2024",
    "full_text": "Rye &amp; wheat, still warm. @miller #bread #rye #bread https://t.co/x https://t.co/m",
    "display_text_range": [0, 66],
    "lang": "en",
    "source": '<a href="https://till.example" rel="nofollow">Till Pigeon</a>',
    "truncated": False,
    "nullcast": False,
    "tweet_type": "PUBLISHED",
    "name": "Saturday bread",
    "conversation_settings": "EVERYONE",
    "scheduled_at": None,
    "scheduled_status": None,
    "card_uri": "card://1855",
    "favorite_count": 31,
    "favorited": False,
    "retweet_count": 5,
    "retweeted": True,
    "coordinates": {"type": "Point", "coordinates": [-0.125, 51.5]},
    "geo": {"type": "Point", "coordinates": [51.5, -0.125]},
    "place": None,
    "contributors": [77],
    "in_reply_to_status_id": 1854000000000000000,
    "in_reply_to_status_id_str": "1854000000000000003",
    "in_reply_to_user_id": 41,
    "in_reply_to_user_id_str": "41",
    "in_reply_to_screen_name": "miller",
    "scopes": {"followers": False},
    "possibly_sensitive": False,
    "entities": {
        "hashtags": [{"text": text, "indices": [0, 1]} for text in ("bread", "rye", "bread")],
        "symbols": [],
        "user_mentions": [{"screen_name": "miller", "name": "A Miller", "id": 41, "id_str": "41"}],
        "urls": [
            {"url": "https://t.co/x", "expanded_url": "https://recipe.example/rye"},
            {"url": "https://t.co/y"},
            {"url": "https://t.co/x", "expanded_url": "https://recipe.example/rye"},
        ],
        "media": [
            {
                "id": 1854999999999999999,
                "id_str": "1854999999999999999",
                "media_key": "3_1854999999999999999",
                "type": "photo",
                "media_url_https": "https://pbs.example/media/loaf.jpg",
            },
            {
                "id": 1855000000000000000,
                "id_str": "1855000000000000005",
                "type": "video",
                "media_url_https": "https://pbs.example/ext_tw_video_thumb/1855/pu/img/oven.jpg",
            },
        ],
    },
    "user": USER,
}

SCHEDULED_TWEET: dict[str, Any] = {
    "id": 1856000000000000000,
    "id_str": "1856000000000000007",
    "name": "Advent",
    "text": "Stollen from Monday",
    "user_id": "9007199254740993",
    "scheduled_at": "2026-11-29T05:00:00Z",
    "scheduled_status": "SUCCESS",
    "completed_at": "2026-11-29T05:00:04Z",
    "created_at": "2026-11-01T09:00:00Z",
    "updated_at": "2026-11-02T09:00:00Z",
    "nullcast": False,
    "card_uri": None,
    "tweet_id": "1856000000000000009",
    "media_keys": ["3_1854999999999999999"],
    "media_ids": [1854999999999999999],
}

DRAFT_TWEET: dict[str, Any] = {
    "id": "1857000000000000011",
    "name": None,
    "text": "Panettone?",
    "user_id": 41,
    "created_at": "2026-11-03T09:00:00Z",
    "updated_at": "2026-11-03T09:00:01Z",
    "nullcast": True,
    "card_uri": "card://9",
    "media_keys": [],
}

PROMOTABLE_USER: dict[str, Any] = {
    "id": "l310s",
    "user_id": "9007199254740993",
    "promotable_user_type": "FULL",
    "created_at": "2019-02-27T10:00:01Z",
    "updated_at": "2019-02-27T10:00:02Z",
    "deleted": False,
}

words = st.text(max_size=30)
flags = st.booleans()
counts = st.integers(min_value=0, max_value=2**40)
ids = st.integers(min_value=0, max_value=2**63 - 1)
either_ids = ids | ids.map(str)
json_values = st.recursive(
    st.none() | flags | st.integers() | st.floats(allow_nan=False) | words | st.text("0123456789_:- ,Z", max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
v1_instants = st.just("Sat Nov 09 00:33:58 +0000 2024") | words
ads_instants = st.datetimes(min_value=datetime(2006, 3, 21), max_value=datetime(2100, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda instant: f"{instant.isoformat(timespec='seconds')}Z"
)


def some_of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of the fields, each as described or null."""
    return st.fixed_dictionaries({}, optional={name: st.none() | value for name, value in fields.items()})


def with_id(id_: st.SearchStrategy[Any], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object that always has its id."""
    return st.builds(lambda known, rest: rest | known, st.fixed_dictionaries({"id": id_}), some_of(**fields))


def like(example: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with the keys of an example, at any depth, with any JSON for values."""
    changed = {name: st.just(value) | json_values | deeper(value) for name, value in example.items()}
    return st.fixed_dictionaries({}, optional=changed)


def deeper(value: object) -> st.SearchStrategy[Any]:
    """Like the value, with anything in it changed."""
    if isinstance(value, dict):
        return like(value)
    if isinstance(value, list) and value:
        return st.lists(deeper(value[0]) | json_values, max_size=2)
    return st.just(value)


ads_accounts = with_id(
    words.filter(bool),
    **dict.fromkeys(("name", "business_name", "timezone", "approval_status", "industry_type", "salt"), words),
    **dict.fromkeys(("timezone_switch_at", "created_at"), ads_instants),
    business_id=either_ids,
    deleted=flags,
)
promotable_users = with_id(
    words.filter(bool),
    user_id=either_ids,
    promotable_user_type=words,
    created_at=ads_instants,
    updated_at=ads_instants,
    deleted=flags,
)
scheduled_tweets = with_id(
    either_ids,
    **dict.fromkeys(("name", "text", "scheduled_status", "card_uri"), words),
    **dict.fromkeys(("scheduled_at", "completed_at", "created_at", "updated_at"), ads_instants),
    **dict.fromkeys(("id_str", "user_id", "tweet_id"), either_ids),
    **dict.fromkeys(("media_keys", "media_ids"), st.lists(either_ids | words, max_size=3)),
    nullcast=flags,
)
users = with_id(
    either_ids,
    **dict.fromkeys(("name", "screen_name", "description", "location", "url", "profile_banner_url", "lang"), words),
    **dict.fromkeys(("profile_image_url", "profile_image_url_https", "time_zone"), words),
    **dict.fromkeys(("protected", "verified", "profile_use_background_image", "geo_enabled"), flags),
    **dict.fromkeys(("followers_count", "friends_count", "statuses_count", "listed_count", "utc_offset"), counts),
    created_at=v1_instants,
    entities=some_of(url=some_of(urls=st.lists(some_of(url=words, expanded_url=words), max_size=2))),
    withheld_in_countries=words | st.lists(words, max_size=2),
)
places = some_of(type=words, coordinates=st.lists(st.floats(-180, 180), max_size=2))
media = some_of(
    id=ids,
    id_str=ids.map(str),
    media_key=words,
    type=st.sampled_from(["photo", "video", "animated_gif", "hologram"]),
    media_url_https=words | st.just("https://pbs.example/amplify_video_thumb/1"),
)
tweets = with_id(
    either_ids,
    **dict.fromkeys(("full_text", "text", "lang", "source", "tweet_type", "card_uri", "conversation_settings"), words),
    **dict.fromkeys(
        ("truncated", "nullcast", "favorited", "retweeted", "possibly_sensitive", "is_quote_status"), flags
    ),
    **dict.fromkeys(("favorite_count", "retweet_count"), counts),
    **dict.fromkeys(("in_reply_to_status_id", "in_reply_to_user_id", "quoted_status_id", "retweeted_status_id"), ids),
    **dict.fromkeys(("in_reply_to_status_id_str", "in_reply_to_user_id_str"), ids.map(str)),
    in_reply_to_screen_name=words,
    retweeted_status=some_of(id=ids, retweet_count=counts),
    created_at=v1_instants,
    coordinates=places,
    geo=places,
    scopes=some_of(followers=flags),
    entities=some_of(
        hashtags=st.lists(some_of(text=words), max_size=3),
        user_mentions=st.lists(some_of(screen_name=words), max_size=3),
        urls=st.lists(some_of(url=words, expanded_url=words), max_size=3),
        media=st.lists(media, max_size=3),
    ),
    user=users,
)
