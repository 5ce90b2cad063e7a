"""Deleted tweets of a promotable user: missing from a listing, and not known by their ids either.

The Ads API tells nothing of edits, and asking it is free: so what is missing is always asked for by its ids. An older
version of an edited tweet that X still has is not a deleted one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.api import MOST_NAMED
from source_x_organic.ads_api.tweets import is_retweet, tweet_id, tweet_row
from source_x_organic.instants import rfc3339
from source_x_organic.snowflakes import created_at_of
from source_x_organic.transport.errors import ApiError

if TYPE_CHECKING:
    import logging
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from source_x_organic.ads_api.ads_account import AdsUser
    from source_x_organic.ads_api.api import Object
    from source_x_organic.deletions.watch import Watch

Row = dict[str, Any]


class DeletedTweets:
    """The deleted tweets of one user in one sync."""

    def __init__(self, watch: Watch, user: AdsUser, now: datetime, logger: logging.Logger) -> None:
        """`now` is the instant of the sync, at which a deletion counts as seen."""
        self.watch = watch
        self._user = user
        self._now = now
        self._logger = logger
        self.has_news = False
        """Whether what is remembered has changed since the last checkpoint."""

    def note(self, dated: Sequence[tuple[Object, datetime]]) -> Collection[str]:
        """Take in tweets that are listed; return those that were taken for deleted, and are emitted again."""
        for tweet, instant in dated:
            if not self.watch.is_over(instant):
                self.watch.see(tweet_id(tweet), is_retweet=is_retweet(tweet))
        return self.watch.back(tweet_id(tweet) for tweet, _ in dated)

    def rows(self) -> Iterator[Row]:
        """Yield a row for each tweet that is found to be deleted."""
        missing = self.watch.missing()
        self.has_news = bool(missing)
        deleted = self._deleted(missing) if missing else []
        for each in deleted:
            yield self._row(each)
        self.watch.delete(deleted)

    def _deleted(self, missing: Sequence[str]) -> list[str]:
        """Return those of the missing tweets that X does not know by their ids either.

        Where more are missing than one request takes, some from all of the time stand for the others. A tweet that X
        still has is watched no more, or else it would be asked for at every sync.
        """
        sample = missing[:: -(-len(missing) // MOST_NAMED)]
        account = self._user.account
        try:
            known = {tweet_id(each) for each in account.api.named_tweets(account.id, self._user.id, sample)}
        except ApiError as error:
            self._logger.warning(
                f"Whether {len(missing)} tweets of {self._user.label} are deleted is not known: {error}"
            )
            return []
        self.watch.forget(known)
        return [each for each in sample if each not in known] if known else list(missing)

    def _row(self, deleted_id: str) -> Row:
        made = created_at_of(deleted_id)
        nulls = dict.fromkeys(tweet_row({}, account_id="", username=None, ads_account_id=""))
        return {
            **nulls,
            "id": deleted_id,
            "account_id": self._user.id,
            "ads_account_id": self._user.account.id,
            "created_at": rfc3339(made) if made else None,
            "is_deleted": True,
            "deleted_seen_at": rfc3339(self._now),
        }
