"""GET accounts/:id/scheduled_tweets and draft_tweets: what is to be posted, and what somebody has begun to write."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from x_simulator.ads_accounts import PromotableUser
from x_simulator.ads_api import errors, limits
from x_simulator.ads_api.answers import listing, wire_instant
from x_simulator.ads_api.authors import author
from x_simulator.ads_api.calls import AdsAnswer, AdsCall, Body
from x_simulator.ads_api.parameters import AdsQuery
from x_simulator.ads_api.scheduling import DraftTweet, ScheduledTweet, draft_tweets, scheduled_tweets
from x_simulator.clock import milliseconds

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi

Objects = Callable[["AdsApi", AdsCall, PromotableUser], list[Body]]


def scheduled(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts/:id/scheduled_tweets: those of one user, a page at a time."""
    return _listed(api, call, _scheduled_of)


def one_scheduled(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts/:id/scheduled_tweets/:scheduled_tweet_id.

    Raises:
        AdsRefusal: 404, there is none.
    """
    return _one(api, call, _scheduled_of, "scheduled_tweet_id")


def drafts(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts/:id/draft_tweets: those of one user, a page at a time."""
    return _listed(api, call, _drafts_of)


def one_draft(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts/:id/draft_tweets/:draft_tweet_id.

    Raises:
        AdsRefusal: 404, there is none.
    """
    return _one(api, call, _drafts_of, "draft_tweet_id")


def _listed(api: "AdsApi", call: AdsCall, objects: Objects) -> AdsAnswer:
    query = AdsQuery(call)
    user_id = query.identifier("user_id")
    page = query.page(limits.MOST_SCHEDULED, limits.DEFAULT_SCHEDULED)
    query.finish()
    return listing(query, objects(api, call, author(call, user_id)), None, page)


def _one(api: "AdsApi", call: AdsCall, objects: Objects, name: str) -> AdsAnswer:
    wanted = call.values[name]
    for user in call.ads_account.users:
        for found in objects(api, call, user):
            if found["id"] == wanted and not user.deleted:
                return AdsAnswer({"request": {"params": dict(call.values)}, "data": found})
    raise errors.not_found(f"Tweet {wanted} was not found", dict(call.values))


def _scheduled_of(api: "AdsApi", call: AdsCall, user: PromotableUser) -> list[Body]:
    now_ms = milliseconds(api.clock)
    return [_scheduled_object(tweet, now_ms) for tweet in scheduled_tweets(api.world, call.ads_account, user)]


def _drafts_of(api: "AdsApi", call: AdsCall, user: PromotableUser) -> list[Body]:
    return [_draft_object(tweet) for tweet in draft_tweets(api.world, call.ads_account, user)]


def _scheduled_object(tweet: ScheduledTweet, now_ms: int) -> Body:
    done_ms = tweet.post.created_ms if tweet.is_due(now_ms) else None
    is_published = tweet.is_published(now_ms)
    return {
        "id": str(tweet.id),
        "name": tweet.name,
        "text": tweet.text,
        "user_id": str(tweet.user.account.id),
        "scheduled_at": wire_instant(tweet.scheduled_ms),
        "scheduled_status": tweet.status(now_ms),
        "completed_at": wire_instant(done_ms) if done_ms is not None and is_published else None,
        "created_at": wire_instant(tweet.created_ms),
        "updated_at": wire_instant(tweet.created_ms if done_ms is None else done_ms),
        "nullcast": tweet.nullcast,
        "card_uri": tweet.card_uri,
        "tweet_id": str(tweet.post.id) if is_published else None,
        "media_keys": tweet.media_keys,
    }


def _draft_object(tweet: DraftTweet) -> Body:
    return {
        "id": str(tweet.id),
        "name": tweet.name,
        "text": tweet.text,
        "user_id": str(tweet.user.account.id),
        "created_at": wire_instant(tweet.created_ms),
        "updated_at": wire_instant(tweet.updated_ms),
        "nullcast": tweet.nullcast,
        "card_uri": tweet.card_uri,
        "media_keys": list(tweet.media_keys),
    }
