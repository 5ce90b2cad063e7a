"""Tweets and users as the Ads API writes them: the objects of API v1.1, with what advertisers add."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from x_simulator.accounts import Account, AccountKind, PostKind
from x_simulator.ads_api.answers import tweet_instant
from x_simulator.ads_api.calls import Body
from x_simulator.content import Content, Entities
from x_simulator.posts import Post, entities_of, media_keys
from x_simulator.world import World
from x_simulator.x_api.dialects import DIALECTS
from x_simulator.x_api.fields import POST_FIELDS, USER_FIELDS, Viewer

_NO_ENTITIES: Body = {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}
_LINK_LENGTH = 24  # a blank and X's short link
_SIZES = {
    name: {"w": width, "h": height, "resize": resize}
    for name, width, height, resize in (
        ("thumb", 150, 150, "crop"),
        ("small", 680, 383, "fit"),
        ("medium", 1200, 675, "fit"),
        ("large", 1280, 720, "fit"),
    )
}
_SIZES_JSON = orjson.Fragment(orjson.dumps(_SIZES))
# What every tweet says in the same way.
_CONSTANT: Body = {
    "coordinates": None,
    "geo": None,
    "place": None,
    "contributors": None,
    "retweeted": False,
    "favorited": False,
    "truncated": False,
    "scopes": {"followers": False},
    "name": None,
    "nullcast": False,
    "tweet_type": "PUBLISHED",
    "scheduled_at": None,
    "scheduled_status": None,
    "in_reply_to_status_id": None,
    "in_reply_to_status_id_str": None,
    "in_reply_to_user_id": None,
    "in_reply_to_user_id_str": None,
    "in_reply_to_screen_name": None,
}
_USER_CONSTANT: Body = {
    "lang": None,
    "time_zone": None,
    "utc_offset": None,
    "geo_enabled": True,
    "contributors_enabled": False,
    "is_translator": False,
    "is_translation_enabled": False,
    "translator_type": "none",
    "profile_background_color": "000000",
    "profile_background_image_url": "http://abs.twimg.com/images/themes/theme1/bg.png",
    "profile_background_image_url_https": "https://abs.twimg.com/images/themes/theme1/bg.png",
    "profile_background_tile": False,
    "profile_use_background_image": False,
    "profile_link_color": "1B95E0",
    "profile_sidebar_border_color": "000000",
    "profile_sidebar_fill_color": "000000",
    "profile_text_color": "000000",
    "default_profile": False,
    "default_profile_image": False,
    "withheld_in_countries": [],
    "following": None,
    "follow_request_sent": None,
    "notifications": None,
}


@dataclass(slots=True)
class TweetObjects:
    """Makes the objects of one answer. `trim_user`: of the author only the id is wanted."""

    world: World
    now_ms: int
    trim_user: bool
    _viewer: Viewer = field(init=False)
    _users: dict[int, orjson.Fragment] = field(default_factory=dict)
    _entities: dict[int, tuple[Body, orjson.Fragment]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._viewer = Viewer(self.world, None, self.now_ms, DIALECTS["tweet"])

    def tweet(self, post: Post, **changes: object) -> Body:
        """Return a published tweet. `changes`: what is different in a promoted-only, scheduled or draft one."""
        counters = self.world.counters_at(post, self.now_ms).combined
        identifier = str(post.id)
        tweet: Body = {
            **_CONSTANT,
            "created_at": tweet_instant(post.created_ms),
            "id": post.id,
            "id_str": identifier,
            "tweet_id": identifier,
            "full_text": post.text,
            "display_text_range": _displayed(post),
            "lang": post.content.lang,
            "source": _source(POST_FIELDS["source"](post, self._viewer)),
            "conversation_settings": "COMMUNITY" if post.bits % 29 == 0 else "EVERYONE",
            "favorite_count": counters.likes,
            "retweet_count": counters.retweets,
            "is_quote_status": post.kind is PostKind.QUOTE and post.reference is not None,
            "user": self.user(post.account),
        }
        media = _media(post)
        tweet["entities"] = self._entities_of(post, media)
        if media:
            tweet["extended_entities"] = {"media": media}
            tweet["possibly_sensitive"] = post.bits % 41 == 0
        if post.reference is not None:
            tweet |= self._reference(post)
        if has_card(post):
            tweet["card_uri"] = card_uri(post.chain[0])
        return tweet | changes if changes else tweet

    def user(self, account: Account) -> orjson.Fragment:
        """Return an author, already serialised: in full, or with `trim_user` the id alone."""
        user = self._users.get(account.id)
        if user is None:
            trimmed = {"id": account.id, "id_str": str(account.id)}
            whole = trimmed if self.trim_user else trimmed | self._profile(account)
            user = self._users[account.id] = orjson.Fragment(orjson.dumps(whole))
        return user

    def _profile(self, account: Account) -> Body:
        viewer = self._viewer
        values = {name: USER_FIELDS[name](account, viewer) for name in USER_FIELDS if name != "most_recent_tweet_id"}
        metrics, image = values["public_metrics"], values["profile_image_url"]
        return {
            **_USER_CONSTANT,
            "name": account.name,
            "screen_name": account.username,
            "location": values["location"] or "",
            "description": values["description"],
            "url": values["url"],
            "protected": account.kind is AccountKind.PROTECTED,
            "verified": values["verified"],
            "followers_count": metrics["followers_count"],
            "friends_count": metrics["following_count"],
            "listed_count": metrics["listed_count"],
            "favourites_count": metrics["like_count"],
            "statuses_count": metrics["tweet_count"],
            "created_at": tweet_instant(account.origin_ms - 90 * 86_400_000),
            "profile_image_url": image.replace("https://", "http://"),
            "profile_image_url_https": image,
            "profile_banner_url": values["profile_banner_url"],
        }

    def _entities_of(self, post: Post, media: list[Body]) -> Body | orjson.Fragment:
        if media:
            # Here API v1.1 shows the first one alone, and calls a video a photo.
            return {**self._shared(post.content)[0], "media": [media[0] | {"type": "photo"}]}
        if post.reference is not None:
            entities = entities_of(post)
            return self._converted(entities if isinstance(entities, dict) else {})
        return self._shared(post.content)[1]

    def _shared(self, content: Content) -> tuple[Body, orjson.Fragment]:
        """Return the entities that posts with the same content share, also serialised."""
        known = self._entities.get(id(content))
        if known is None:
            converted = self._converted(content.entities)
            known = self._entities[id(content)] = converted, orjson.Fragment(orjson.dumps(converted))
        return known

    def _converted(self, entities: Entities) -> Body:
        """Return entities under their old names; what leads to media is not among the links."""
        if not entities:
            return dict(_NO_ENTITIES)
        return {
            "hashtags": [{"text": tag["tag"], "indices": _indices(tag)} for tag in entities.get("hashtags", ())],
            "symbols": [{"text": tag["tag"], "indices": _indices(tag)} for tag in entities.get("cashtags", ())],
            "user_mentions": [self._mention(mention) for mention in entities.get("mentions", ())],
            "urls": [
                {
                    "url": link["url"],
                    "expanded_url": link["expanded_url"],
                    "display_url": link["display_url"],
                    "indices": _indices(link),
                }
                for link in entities.get("urls", ())
                if "media_key" not in link
            ],
        }

    def _mention(self, mention: dict[str, Any]) -> Body:
        account = self.world.find_user(username=mention["username"])
        return {
            "screen_name": mention["username"],
            "name": account.name if account else mention["username"],
            "id": int(mention["id"]),
            "id_str": mention["id"],
            "indices": _indices(mention),
        }

    def _reference(self, post: Post) -> Body:
        reference = post.reference
        if reference is None:
            return {}
        if reference.relation == "replied_to":
            return {
                "in_reply_to_status_id": reference.post_id,
                "in_reply_to_status_id_str": str(reference.post_id),
                "in_reply_to_user_id": reference.user_id,
                "in_reply_to_user_id_str": str(reference.user_id),
                "in_reply_to_screen_name": reference.username,
            }
        if reference.relation == "quoted":
            return {"quoted_status_id": reference.post_id, "quoted_status_id_str": str(reference.post_id)}
        original = self.world.find_post(reference.post_id, self.now_ms)
        return {} if original is None else {"retweeted_status": self._repeated(original)}

    def _repeated(self, original: Post) -> Body:
        """Return the part of a repeated tweet that says what and whose it is."""
        counters = self.world.counters_at(original, self.now_ms).combined
        author = original.account
        return {
            "created_at": tweet_instant(original.created_ms),
            "id": original.id,
            "id_str": str(original.id),
            "full_text": original.text,
            "truncated": False,
            "lang": original.content.lang,
            "favorite_count": counters.likes,
            "retweet_count": counters.retweets,
            "user": {"id": author.id, "id_str": str(author.id), "screen_name": author.username},
        }


def has_card(post: Post) -> bool:
    """Tell whether a post was made with a card."""
    return post.kind is PostKind.ORIGINAL and post.bits % 9 == 0


def card_uri(identifier: int) -> str:
    """Return the address of the card of a tweet."""
    return f"card://{identifier}"


def _displayed(post: Post) -> list[int]:
    """Return the part of the text that is shown: without the users answered and without the link to media."""
    start, end = 0, len(post.text)
    if post.kind is PostKind.REPLY and post.reference is not None and post.slot >= 0:
        start = len(post.reference.username) + 2
    elif post.kind in {PostKind.MEDIA, PostKind.VIDEO}:
        end -= _LINK_LENGTH
    return [start, end]


def _indices(entity: dict[str, Any]) -> list[int]:
    return [entity["start"], entity["end"]]


def _source(name: str) -> str:
    return f'<a href="https://x.example/{name.replace(" ", "-").lower()}" rel="nofollow">{name}</a>'


def _media(post: Post) -> list[Body]:
    keys = media_keys(post)
    if not keys:
        return []
    sort = "video" if post.kind is PostKind.VIDEO else "photo"
    end = len(post.text)
    link = post.text[end - _LINK_LENGTH + 1 :]
    common = {
        "indices": [end - len(link), end],
        "url": link,
        "display_url": "pic.x.com/" + link[13:],
        "expanded_url": f"https://x.com/{post.account.username}/status/{post.chain[0]}/{sort}/1",
        "type": sort,
        "sizes": _SIZES_JSON,
    }
    return [
        {
            "id": int(identifier),
            "id_str": identifier,
            "media_key": key,
            "media_url": f"http://pbs.twimg.com/media/{key}.jpg",
            "media_url_https": f"https://pbs.twimg.com/media/{key}.jpg",
            **common,
        }
        for key in keys
        if (identifier := key.partition("_")[2])
    ]
