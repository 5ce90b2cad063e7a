"""The lifetime counters of a post that a snapshot keeps, taken from X's objects in either dialect.

Of the owner's posts the organic ones, and the public ones of what X does not tell apart; of the posts of others the
public ones alone, which include what advertising earned. The two are never mixed in one series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIVATE = "x_api_metrics"
PUBLIC = "x_api_public"
SOURCES = (PUBLIC, PRIVATE)
"""Values of `metrics_source`."""

COUNTERS = (
    "impressions",
    "likes",
    "replies",
    "retweets",
    "url_clicks",
    "user_profile_clicks",
    "engagements",
    "quote_tweets",
    "bookmarks",
)
"""Columns of `organic_report` that snapshots fill, in the order of `Counters`."""

Counters = tuple[int | None, ...]
"""A value for each of `COUNTERS`; None where X returned none, as for the link clicks of a post without a link."""

UNKNOWN: Counters = (None,) * len(COUNTERS)

_NOTHING: Mapping[str, Any] = {}


def counters_of(post: Mapping[str, Any], private: Mapping[str, Any] | None, *, is_own: bool) -> tuple[Counters, str]:
    """Return a post's counters and their `metrics_source`.

    `post` is the object of the public pass; `private` the same post's of the private pass, None where that has none.
    `is_own` tells whether the credentials are the author's: then what only the private pass tells is unknown without
    it, rather than taken from the public counters.
    """
    public = post.get("public_metrics") or _NOTHING
    if is_own:
        return _own(public, private or _NOTHING), PRIVATE
    return _of_others(public), PUBLIC


def _own(public: Mapping[str, Any], private: Mapping[str, Any]) -> Counters:
    organic = private.get("organic_metrics") or _NOTHING
    return (
        organic.get("impression_count"),
        organic.get("like_count"),
        organic.get("reply_count"),
        _retweets(organic),
        organic.get("url_link_clicks"),
        organic.get("user_profile_clicks"),
        (private.get("non_public_metrics") or _NOTHING).get("engagements"),
        public.get("quote_count"),
        public.get("bookmark_count"),
    )


def _of_others(public: Mapping[str, Any]) -> Counters:
    return (
        public.get("impression_count"),
        public.get("like_count"),
        public.get("reply_count"),
        _retweets(public),
        None,
        None,
        None,
        public.get("quote_count"),
        public.get("bookmark_count"),
    )


def _retweets(metrics: Mapping[str, Any]) -> int | None:
    count: int | None = metrics.get("retweet_count")
    return metrics.get("repost_count") if count is None else count
