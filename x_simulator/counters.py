"""How often a post was seen and acted on: integer functions of the post and the instant that grow and then rest.

Nine parts of ten arrive within 28 days, a quarter of them on the first; the rest trickles in over 400 days. Every
step of the arithmetic keeps order, so no counter ever falls.
"""

from typing import NamedTuple

from x_simulator.accounts import PostKind
from x_simulator.posts import Post, has_link

_FAST_MS = 28 * 86_400_000
_SLOW_MS = 400 * 86_400_000
Metrics = dict[str, int]


class Totals(NamedTuple):
    """What a post has earned, from one source (organic or promoted)."""

    impressions: int = 0
    likes: int = 0
    replies: int = 0
    retweets: int = 0
    quotes: int = 0
    bookmarks: int = 0
    url_clicks: int = 0
    profile_clicks: int = 0
    detail_expands: int = 0
    video_views: int = 0


class Counters(NamedTuple):
    """The counters of a post at one instant; `promoted` is None for a post that was never promoted."""

    organic: Totals
    promoted: Totals | None
    is_retweet: bool
    has_link: bool

    @property
    def public_metrics(self) -> Metrics:
        """Organic and promoted together, under X's names."""
        both = self.combined
        return {
            "retweet_count": both.retweets,
            "reply_count": both.replies,
            "like_count": both.likes,
            "quote_count": both.quotes,
            "bookmark_count": both.bookmarks,
            "impression_count": both.impressions,
        }

    @property
    def organic_metrics(self) -> Metrics:
        """What X tells the owner of the organic part."""
        return self._private(self.organic)

    @property
    def promoted_metrics(self) -> Metrics | None:
        """What X tells the owner of the promoted part; None for a post that was never promoted."""
        return None if self.promoted is None else self._private(self.promoted)

    @property
    def non_public_metrics(self) -> Metrics:
        """What X tells the owner beside the public counters; url_link_clicks only where there is a link."""
        both = self.combined
        actions = both.likes + both.replies + both.retweets + both.quotes + both.url_clicks
        metrics = {
            "impression_count": both.impressions,
            "engagements": 0 if self.is_retweet else actions + both.profile_clicks + both.detail_expands,
            "user_profile_clicks": both.profile_clicks,
        }
        return {**metrics, "url_link_clicks": both.url_clicks} if self.has_link else metrics

    @property
    def combined(self) -> Totals:
        """Organic and promoted added up."""
        if self.promoted is None:
            return self.organic
        return Totals(*(a + b for a, b in zip(self.organic, self.promoted, strict=True)))

    def _private(self, part: Totals) -> Metrics:
        metrics = {
            "impression_count": part.impressions,
            "like_count": part.likes,
            "reply_count": part.replies,
            "retweet_count": part.retweets,
            "user_profile_clicks": part.profile_clicks,
        }
        return {**metrics, "url_link_clicks": part.url_clicks} if self.has_link else metrics


def share_earned(age_ms: int) -> float:
    """Return which part of its final counters a post of this age has: 0 at first, 1 after 400 days, never falling."""
    if age_ms <= 0:
        return 0.0
    fast = max(_FAST_MS - age_ms, 0) / _FAST_MS
    slow = max(_SLOW_MS - age_ms, 0) / _SLOW_MS
    fast *= fast
    fast *= fast
    fast *= fast
    return 0.9 * (1.0 - fast) + 0.1 * (1.0 - slow * slow)


def promoted_share_earned(age_ms: int) -> float:
    """Return the same for what is paid for: half as much again in the end, and from two hours later on."""
    return 1.5 * share_earned(age_ms - 7_200_000)


def final_totals(post: Post) -> Totals:
    """Return what a post will have earned organically in the end."""
    bits = post.bits
    impressions = post.account.spec.followers * post.content.popularity * (20 + (bits >> 34) % 180) // 1000 + 3
    if (bits >> 52) % 61 == 0:
        impressions *= 14
    if post.kind is PostKind.REPLY:
        impressions //= 6
    likes = impressions * (6 + (bits >> 8) % 30) // 1000
    retweets = likes * (3 + (bits >> 18) % 12) // 60
    return Totals(
        impressions=impressions,
        likes=likes,
        replies=likes * (2 + (bits >> 14) % 7) // 50,
        retweets=retweets,
        quotes=retweets // 5,
        bookmarks=likes * (1 + (bits >> 26) % 6) // 30,
        url_clicks=impressions * (3 + (bits >> 30) % 14) // 1000 if has_link(post) else 0,
        profile_clicks=impressions * (1 + (bits >> 28) % 6) // 1000,
        detail_expands=impressions * (5 + (bits >> 12) % 20) // 1000,
        video_views=impressions * 2 // 5 if post.kind is PostKind.VIDEO else 0,
    )


def is_promoted(post: Post) -> bool:
    """Tell whether somebody paid for showing this post."""
    every = post.account.spec.promoted_every
    return bool(every) and post.slot % every == every - 1 and post.kind not in {PostKind.RETWEET, PostKind.REPLY}


def counters_of(post: Post, instant_ms: int, original: "Counters | None" = None) -> Counters:
    """Return the counters of a post at an instant.

    `original`: for a retweet, the counters of what it repeats: X shows their retweets and nothing else. An older
    version of an edited post stops earning when the next one appears: the caller passes that instant.
    """
    if post.kind is PostKind.RETWEET:
        return Counters(Totals(retweets=original.combined.retweets if original else 0), None, True, False)  # noqa: FBT003 - a NamedTuple's fields in order
    final = final_totals(post)
    organic = _part(final, share_earned(instant_ms - post.created_ms))
    promoted = None
    if is_promoted(post):
        promoted = _part(final, promoted_share_earned(instant_ms - post.created_ms))
    return Counters(organic, promoted, False, has_link(post))  # noqa: FBT003 - the same


def _part(final: Totals, share: float) -> Totals:
    return Totals(*[int(total * share) for total in final])
