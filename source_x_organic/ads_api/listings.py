"""Which tweets reports want to know of a user, and those of them that the user posted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.tweets import created_at, is_retweet, tweet_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from source_x_organic.ads_api.ads_account import AdsUser
    from source_x_organic.ads_api.api import Object

Listed = dict[str, "datetime"]
"""When tweets were posted, by id; retweets aside, which have no statistics of their own."""


@dataclass(frozen=True)
class Wish:
    """Which tweets reports want to know of a user.

    Attributes:
        since: The instant from which all are wanted; None where all are not.
        newest: How many of the newest are wanted, however old; 0 for none.
        ids: Those that are wanted by name.
    """

    since: datetime | None = None
    newest: int = 0
    ids: frozenset[str] = field(default_factory=frozenset)

    def __or__(self, other: Wish) -> Wish:
        """Return what serves both."""
        since = min((each for each in (self.since, other.since) if each), default=None)
        return Wish(since, max(self.newest, other.newest), self.ids | other.ids)

    @property
    def needs_listing(self) -> bool:
        """Whether the tweets have to be listed; those that are named need not be."""
        return self.since is not None or self.newest > 0


def named_tweets(user: AdsUser, ids: Collection[str]) -> Listed:
    """Return those of some tweets that a user posted.

    Raises:
        ApiError: X refuses the user or is unavailable.
    """
    account = user.account
    found = account.api.named_tweets(account.id, user.id, ids) if ids else ()
    dated = {tweet_id(tweet): created_at(tweet) for tweet in found if _is_by(tweet, user) and not is_retweet(tweet)}
    return {id_: instant for id_, instant in dated.items() if instant is not None and id_ in ids}


def _is_by(tweet: Object, user: AdsUser) -> bool:
    return is_of(tweet["user"], user) if isinstance(tweet.get("user"), dict) else True


def is_of(profile: Mapping[str, Any], user: AdsUser) -> bool:
    """Return whether the user object beside a tweet is of this user."""
    return str(profile.get("id_str") or profile.get("id")) == user.id
