"""GET accounts/:id/tweets: what a promotable user published, scheduled or has begun to write."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from x_simulator.accounts import AccountKind, PostKind
from x_simulator.ads_accounts import PromotableUser
from x_simulator.ads_api import limits
from x_simulator.ads_api.answers import listing, tweet_instant, wire_instant
from x_simulator.ads_api.authors import author
from x_simulator.ads_api.calls import AdsAnswer, AdsCall, Body
from x_simulator.ads_api.parameters import AdsQuery
from x_simulator.ads_api.scheduling import DraftTweet, ScheduledTweet, draft_tweets, scheduled_tweets
from x_simulator.ads_api.tweet_objects import TweetObjects
from x_simulator.clock import milliseconds
from x_simulator.posts import Post
from x_simulator.slots import NO_BOUND

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi

_TYPES = ("PUBLISHED", "SCHEDULED", "DRAFT")
_BEFORE_ALL = 1 << 62
_TIMELINES = ("ALL", "NULLCAST", "ORGANIC")


@dataclass(frozen=True, slots=True)
class _Selection:
    """What a request wants of a user's tweets."""

    tweet_type: str
    timeline: str
    tweet_ids: frozenset[str] | None
    with_answers: bool
    prefix: str

    def takes(self, *, nullcast: bool) -> bool:
        """Tell whether tweets for promotion only, or the others, are wanted."""
        return self.timeline == "ALL" or (self.timeline == "NULLCAST") is nullcast


def listed(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer a request for tweets, a page at a time; published ones newest first, the others in no order."""
    query = AdsQuery(call)
    tweet_type = query.choice("tweet_type", _TYPES, required=True) or ""
    user_id = query.identifier("user_id")
    tweet_ids = query.identifiers("tweet_ids")
    selection = _Selection(
        tweet_type,
        timeline=query.choice("timeline_type", _TIMELINES, "NULLCAST") or "",
        tweet_ids=None if tweet_ids is None else frozenset(tweet_ids),
        with_answers=query.boolean("include_mentions_and_replies"),
        prefix=(query.text("name", longest=limits.LONGEST_NAME) or "").lower(),
    )
    trim_user = query.boolean("trim_user")
    page = query.page()
    query.finish()
    user = author(call, user_id)
    objects = TweetObjects(api.world, milliseconds(api.clock), trim_user)
    if tweet_type == "PUBLISHED":
        if (left := _empty_pages_left(api, page[1])) > 0:
            body = {"request": {"params": query.params}, "next_cursor": query.cursor_to(_BEFORE_ALL + left - 1)}
            return AdsAnswer(body | {"data": []})
        return _published_page(query, _published(call, user, selection, objects, page[1]), objects, page[0])
    unpublished = _scheduled if tweet_type == "SCHEDULED" else _drafts
    return listing(query, list(unpublished(call, user, selection, objects)), None, page)


def _empty_pages_left(api: "AdsApi", before: int | None) -> int:
    """Return how many empty pages come from a place on; none is behind the newest post."""
    return api.behaviour.empty_pages if before is None else max(0, before - _BEFORE_ALL)


def _published_page(
    query: AdsQuery, tweets: Iterator[tuple[Post, Body]], objects: TweetObjects, count: int
) -> AdsAnswer:
    found = list(islice(tweets, count + 1))
    next_cursor = query.cursor_to(found[count][0].id + 1) if len(found) > count else None
    data = [objects.tweet(post, **changes) for post, changes in found[:count]]
    return AdsAnswer({"request": {"params": query.params}, "next_cursor": next_cursor, "data": data})


def _published(
    call: AdsCall, user: PromotableUser, selection: _Selection, objects: TweetObjects, before: int | None
) -> Iterator[tuple[Post, Body]]:
    """Yield posts newest first, with what is different in the object of one that is for promotion only."""
    high = before or NO_BOUND
    organic: Iterable[tuple[Post, Body]] = ()
    if selection.takes(nullcast=False) and not selection.prefix and user.account.kind is not AccountKind.EMPTY:
        organic = ((post, {}) for post in _organic(user, selection, objects, high))
    if not selection.takes(nullcast=True):
        return iter(organic)
    promoted = _promoted(call, user, selection, objects, high)
    return heapq.merge(organic, promoted, key=lambda found: -found[0].id)


def _promoted(
    call: AdsCall, user: PromotableUser, selection: _Selection, objects: TweetObjects, high: int
) -> list[tuple[Post, Body]]:
    found: list[tuple[Post, Body]] = []
    for tweet in scheduled_tweets(objects.world, call.ads_account, user):
        post = tweet.post
        is_wanted = selection.tweet_ids is None or str(post.id) in selection.tweet_ids
        if tweet.nullcast and tweet.is_published(objects.now_ms) and is_wanted and post.id < high:
            card = {} if tweet.card_uri is None else {"card_uri": tweet.card_uri}
            if _is_named(tweet.name, selection):
                found.append((post, {"nullcast": True, "name": tweet.name, **card}))
    return sorted(found, key=lambda item: -item[0].id)


def _organic(user: PromotableUser, selection: _Selection, objects: TweetObjects, high: int) -> Iterable[Post]:
    world, now_ms = objects.world, objects.now_ms
    posts: Iterable[Post]
    if selection.tweet_ids is None:
        posts = world.newest_first(user.account, 0, high, now_ms)
    else:
        found = (world.find_post(int(identifier), now_ms) for identifier in selection.tweet_ids)
        posts = sorted((p for p in found if p and p.account is user.account and p.id < high), key=lambda p: -p.id)
    return posts if selection.with_answers else (post for post in posts if not _is_answer(post))


def _is_answer(post: Post) -> bool:
    return post.kind is PostKind.REPLY or post.text.startswith("@")


def _is_named(name: str | None, selection: _Selection) -> bool:
    return (name or "").lower().startswith(selection.prefix)


def _scheduled(call: AdsCall, user: PromotableUser, selection: _Selection, objects: TweetObjects) -> Iterator[Body]:
    for tweet in scheduled_tweets(objects.world, call.ads_account, user):
        if not tweet.is_published(objects.now_ms) and _is_wanted(tweet, selection):
            yield _unpublished(
                tweet,
                objects.tweet(tweet.post),
                tweet_type="SCHEDULED",
                scheduled_at=wire_instant(tweet.scheduled_ms),
                scheduled_status=tweet.status(objects.now_ms),
            )


def _drafts(call: AdsCall, user: PromotableUser, selection: _Selection, objects: TweetObjects) -> Iterator[Body]:
    for tweet in draft_tweets(objects.world, call.ads_account, user):
        if _is_wanted(tweet, selection):
            yield _unpublished(tweet, objects.tweet(tweet.post), tweet_type="DRAFT")


def _is_wanted(tweet: ScheduledTweet | DraftTweet, selection: _Selection) -> bool:
    return (
        selection.takes(nullcast=tweet.nullcast)
        and (selection.tweet_ids is None or str(tweet.id) in selection.tweet_ids)
        and _is_named(tweet.name, selection)
    )


def _unpublished(tweet: ScheduledTweet | DraftTweet, published: Body, **changes: str) -> Body:
    """Return a tweet's object under the id that it has before it is published, and without anybody's reactions."""
    card = {} if tweet.card_uri is None else {"card_uri": tweet.card_uri}
    rest = {name: value for name, value in published.items() if name != "card_uri"}
    return (
        rest
        | card
        | changes
        | {
            "id": tweet.id,
            "id_str": str(tweet.id),
            "tweet_id": str(tweet.id),
            "created_at": tweet_instant(tweet.created_ms),
            "name": tweet.name,
            "nullcast": tweet.nullcast,
            "favorite_count": 0,
            "retweet_count": 0,
        }
    )
