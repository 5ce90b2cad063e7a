"""What each field of a post, a user or a media object holds. None means: the field is left out of the answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from x_simulator import posts
from x_simulator.accounts import Account, AccountKind, PostKind
from x_simulator.counters import Counters
from x_simulator.posts import Post
from x_simulator.slots import NO_BOUND
from x_simulator.world import World
from x_simulator.x_api.dialects import Dialect

_DAY_ZERO = date(1970, 1, 1).toordinal()
_SOURCES = ("X Web App", "X for iPhone", "X for Android", "Planner for Brands")


@dataclass(slots=True)
class Viewer:
    """Who looks, when, and in which dialect; remembers the counters of the post looked at last."""

    world: World
    account: Account | None
    now_ms: int
    dialect: Dialect
    scopes: frozenset[str] = frozenset()
    _last: tuple[Post, Counters] | None = field(default=None)

    def counters(self, post: Post) -> Counters:
        """Return a post's counters as of the viewer's now."""
        if self._last is None or self._last[0] is not post:
            self._last = (post, self.world.counters_at(post, self.now_ms))
        return self._last[1]

    def is_self(self, account: Account) -> bool:
        """Tell whether the viewer is this account."""
        return self.account is account


PostField = Callable[[Post, Viewer], Any]
UserField = Callable[[Account, Viewer], Any]


def wire_time(instant_ms: int) -> str:
    """Return an instant as X writes it: 2026-11-20T09:30:00.000Z."""
    day, rest = divmod(instant_ms, 86_400_000)
    seconds, thousandths = divmod(rest, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{_date_of(day)}T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{thousandths:03d}Z"


@lru_cache(maxsize=4096)
def _date_of(day: int) -> str:
    """Return the date of a day counted from 1970 (posts of one page share few days)."""
    return str(date.fromordinal(_DAY_ZERO + day))


def _attachments(post: Post, _: Viewer) -> dict[str, list[str]] | None:
    keys = posts.media_keys(post)
    return {"media_keys": keys} if keys else None


def _conversation(post: Post, _: Viewer) -> str:
    is_answer = post.reference is not None and post.reference.relation == "replied_to"
    return str(post.reference.post_id if is_answer and post.reference else post.chain[0])


def _edit_controls(post: Post, _: Viewer) -> dict[str, Any]:
    until = post.first_created_ms + posts.EDIT_WINDOW_MS
    return {
        "edits_remaining": max(posts.MOST_EDITS - len(post.chain) + 1, 0),
        "is_edit_eligible": post.kind not in {PostKind.REPLY, PostKind.RETWEET},
        "editable_until": wire_time(until),
    }


def _in_reply_to_user(post: Post, _: Viewer) -> str | None:
    is_answer = post.reference is not None and post.reference.relation == "replied_to"
    return str(post.reference.user_id) if is_answer and post.reference else None


def _references(post: Post, _: Viewer) -> list[dict[str, str]] | None:
    if post.reference is None:
        return None
    return [{"type": post.reference.relation, "id": str(post.reference.post_id)}]


def _note(post: Post, _: Viewer) -> dict[str, Any] | None:
    if post.note is None:
        return None
    return {"text": post.note, "entities": post.content.entities} if post.content.entities else {"text": post.note}


def _annotations(post: Post, _: Viewer) -> Any:  # noqa: ANN401 - already serialised
    return None if post.kind is PostKind.RETWEET else post.content.context_annotations


POST_FIELDS: dict[str, PostField] = {
    "id": lambda post, _: str(post.id),
    "text": lambda post, _: post.text,
    "edit_history_tweet_ids": lambda post, _: [str(version) for version in post.chain],
    "attachments": _attachments,
    "author_id": lambda post, _: str(post.account.id),
    "context_annotations": _annotations,
    "conversation_id": _conversation,
    "created_at": lambda post, _: wire_time(post.created_ms),
    "display_text_range": lambda post, _: [0, len(post.text)],
    "edit_controls": _edit_controls,
    "entities": lambda post, _: posts.entities_of(post),
    "in_reply_to_user_id": _in_reply_to_user,
    "lang": lambda post, _: post.content.lang,
    "non_public_metrics": lambda post, viewer: viewer.counters(post).non_public_metrics,
    "note_tweet": _note,
    "organic_metrics": lambda post, viewer: viewer.counters(post).organic_metrics,
    "paid_partnership": lambda *_: False,
    "possibly_sensitive": lambda post, _: post.bits % 41 == 0,
    "promoted_metrics": lambda post, viewer: viewer.counters(post).promoted_metrics,
    "public_metrics": lambda post, viewer: viewer.dialect.renamed_keys(viewer.counters(post).public_metrics),
    "referenced_tweets": _references,
    "reply_settings": lambda post, _: "following" if post.bits % 29 == 0 else "everyone",
    "source": lambda post, _: _SOURCES[post.bits % len(_SOURCES)],
}


def _user_metrics(account: Account, viewer: Viewer) -> dict[str, int]:
    count = viewer.world.count_posts(account, viewer.now_ms)
    followers = viewer.world.followers_at(account, viewer.now_ms)
    metrics = {
        "followers_count": followers,
        "following_count": 120 + account.key % 700,
        "tweet_count": count,
        "listed_count": followers // 160,
        "like_count": 300 + count // 2,
        "media_count": count // 4,
    }
    return viewer.dialect.renamed_keys(metrics)


def _newest(account: Account, viewer: Viewer) -> str | None:
    if not may_read_posts(account, viewer):
        return None
    newest = next(viewer.world.newest_first(account, 0, NO_BOUND, viewer.now_ms), None)
    return str(newest.id) if newest else None


def _oldest(account: Account, viewer: Viewer) -> str | None:
    if account.kind is AccountKind.EMPTY:
        return None
    oldest = next(viewer.world.oldest_first(account, 0, NO_BOUND, viewer.now_ms), None)
    return str(oldest.id) if oldest else None


def may_read_posts(account: Account, viewer: Viewer) -> bool:
    """Tell whether the viewer is shown this account's posts."""
    if account.kind in {AccountKind.SUSPENDED, AccountKind.DELETED}:
        return False
    return account.kind is not AccountKind.PROTECTED or viewer.is_self(account)


def _profile_url(account: Account, _: Viewer) -> str:
    return f"https://t.co/{account.key:016x}"[:23]


def _user_entities(account: Account, viewer: Viewer) -> dict[str, Any]:
    url = _profile_url(account, viewer)
    page = f"{account.username.lower().replace('_', '-')}.example"
    link = {"start": 0, "end": len(url), "url": url, "expanded_url": f"https://{page}", "display_url": page}
    return {"url": {"urls": [link]}}


def _only_for_users(value: Any) -> UserField:  # noqa: ANN401 - any JSON value
    return lambda _, viewer: None if viewer.account is None else value


USER_FIELDS: dict[str, UserField] = {
    "id": lambda account, _: str(account.id),
    "name": lambda account, _: account.name,
    "username": lambda account, _: account.username,
    "confirmed_email": lambda account, viewer: (
        f"post@{account.username.lower().replace('_', '-')}.example"
        if viewer.is_self(account) and "users.email" in viewer.scopes
        else None
    ),
    "connection_status": _only_for_users([]),
    "created_at": lambda account, _: wire_time(account.origin_ms - 90 * 86_400_000),
    "description": lambda account, _: account.spec.description or f"{account.name}: news, repairs and questions.",
    "entities": _user_entities,
    "is_identity_verified": lambda account, _: account.spec.verified_type != "none",
    "location": lambda account, _: "Altmark" if account.key % 3 else None,
    "most_recent_tweet_id": _newest,
    "parody": lambda *_: False,
    "pinned_tweet_id": lambda account, viewer: _oldest(account, viewer) if account.key % 2 else None,
    "profile_banner_url": lambda account, _: f"https://pbs.twimg.com/profile_banners/{account.id}/1700000000",
    "profile_image_url": lambda account, _: f"https://pbs.twimg.com/profile_images/{account.id}/logo_normal.png",
    "protected": lambda account, _: account.kind is AccountKind.PROTECTED,
    "public_metrics": _user_metrics,
    "receives_your_dm": _only_for_users(value=False),
    "subscription_type": lambda account, viewer: "Premium" if viewer.is_self(account) else None,
    "url": _profile_url,
    "verified": lambda account, _: account.spec.verified_type != "none",
    "verified_followers_count": lambda account, viewer: viewer.world.followers_at(account, viewer.now_ms) // 40,
    "verified_type": lambda account, _: account.spec.verified_type,
}

MediaField = Callable[[str, Post, Viewer], Any]


def _is_video(key: str) -> bool:
    return key.startswith("13_")


def _playbacks(views: int) -> dict[str, int]:
    shares = (("0", 100), ("25", 71), ("50", 48), ("75", 33), ("100", 21))
    return {f"playback_{part}_count": views * percent // 100 for part, percent in shares}


def _private_playbacks(part: str) -> MediaField:
    def value(key: str, post: Post, viewer: Viewer) -> dict[str, int] | None:
        counters = viewer.counters(post)
        totals = {"organic": counters.organic, "promoted": counters.promoted, "all": counters.combined}[part]
        if not _is_video(key) or totals is None:
            return None
        views = {} if part == "all" else {"view_count": totals.video_views}
        return {**_playbacks(totals.video_views), **views}

    return value


def _variants(key: str, _: Post, __: Viewer) -> list[dict[str, Any]] | None:
    if not _is_video(key):
        return None
    address = f"https://video.twimg.com/amplify_video/{key[3:]}/vid/1280x720/clip.mp4"
    return [{"bit_rate": 2_176_000, "content_type": "video/mp4", "url": address}]


MEDIA_FIELDS: dict[str, MediaField] = {
    "media_key": lambda key, *_: key,
    "type": lambda key, *_: "video" if _is_video(key) else "photo",
    "alt_text": lambda key, post, _: None if _is_video(key) else f"Photo by {post.account.name}",
    "duration_ms": lambda key, post, _viewer: 8_000 + post.bits % 60_000 if _is_video(key) else None,
    "height": lambda *_: 720,
    "width": lambda *_: 1280,
    "preview_image_url": lambda key, *_: f"https://pbs.twimg.com/media/{key}.jpg" if _is_video(key) else None,
    "url": lambda key, *_: None if _is_video(key) else f"https://pbs.twimg.com/media/{key}.jpg",
    "variants": _variants,
    "public_metrics": lambda key, post, viewer: (
        {"view_count": viewer.counters(post).combined.video_views} if _is_video(key) else None
    ),
    "non_public_metrics": _private_playbacks("all"),
    "organic_metrics": _private_playbacks("organic"),
    "promoted_metrics": _private_playbacks("promoted"),
}
