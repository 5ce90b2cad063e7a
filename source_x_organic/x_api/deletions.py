"""Deleted posts: what is missing from a timeline that was read again, told apart from what X only does not show.

A timeline that X refuses, because its account is protected, suspended or out of the credentials' reach, ends the
reading before anything is concluded. A timeline that lacks more than half of what is remembered, or its old end, may
have been cut short by a fault: then, and only then, X is asked for the missing posts by their ids, in one look-up. X
bills those that it finds.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from source_x_organic.instants import rfc3339, rfc3339_millis
from source_x_organic.snowflakes import created_at_of
from source_x_organic.transport.errors import ApiError
from source_x_organic.transport.problems import partial_problem
from source_x_organic.usage.budget import Budget, CeilingReached
from source_x_organic.x_api.api import LARGEST_LOOKUP, TIMELINE_CEILING
from source_x_organic.x_api.posts import is_retweet, older_versions, tweet_row
from source_x_organic.x_api.timeline import total_posts

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from source_x_organic.deletions.watch import Watch
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.readings import Row
    from source_x_organic.x_api.timeline import Page

_NOT_FOUND = "resource-not-found"

DOUBTFUL_COUNT = TIMELINE_CEILING // 2
"""Posts from which X's ceiling, and not the window, may have ended a timeline: deleted posts count towards it too."""


class DeletedPosts:
    """The deleted posts of one account in one sync."""

    def __init__(
        self, watch: Watch, account: Account, now: datetime, logger: logging.Logger, budget: Budget | None = None
    ) -> None:
        """`now` is the instant of the sync, at which a deletion counts as seen; `budget` limits what is looked up."""
        self.watch = watch
        self._budget = budget or Budget()
        self._account = account
        self._now = now
        self._logger = logger
        self._count = 0
        self._has_parts_of_seconds = False
        self._noted: Page | None = None
        self.has_news = False
        """Whether what is remembered has changed since the last checkpoint."""

    def note(self, page: Page) -> None:
        """Take in a page that has posts; whoever shares the reading may do so."""
        if page is self._noted:
            return
        self._noted = page
        found = page.answer.get("data") or ()
        self._count += len(found)
        if self.watch.is_over(page.posts[0][1]):
            return
        for post in found:
            self.watch.see(post["id"], older_versions(post), is_retweet=is_retweet(post))
        for problem in map(partial_problem, page.answer.get("errors") or ()):
            if problem.kind != _NOT_FOUND:
                self.watch.excuse(problem.resource_id)
        self._has_parts_of_seconds = self._has_parts_of_seconds or any(made.microsecond for _, made in page.posts)

    def rows(self) -> Iterator[Row]:
        """Yield a row for each post that is found to be deleted."""
        if self._count >= DOUBTFUL_COUNT and total_posts(self._account.user) > DOUBTFUL_COUNT:
            self.watch.cut_off()
        missing = self.watch.missing()
        self.has_news = bool(missing)
        if missing and self.watch.is_doubtful(missing):
            missing = self._looked_up(missing)
        for post_id in missing:
            yield self._row(post_id)
        self.watch.delete(missing)

    def _looked_up(self, missing: Sequence[str]) -> list[str]:
        """Return those of the missing posts that X does not know by their ids either.

        Where more are missing than one look-up takes, some from all of the time stand for the others: if X knows none
        of these, the timeline was right. What X still has, or does not show to these credentials, is watched no more,
        so that it is not asked for again and again.
        """
        step = -(-len(missing) // LARGEST_LOOKUP)
        sample = missing[::step]
        try:
            with self._budget.portion() as portion:
                answer = self._account.api.posts_by_id(
                    sample,
                    what=f"the missing posts of {self._account.label}",
                    account_id=self._account.id,
                    portion=portion,
                )
        except CeilingReached:
            # They stay remembered, and are judged by the next sync that reads their time again.
            return []
        except ApiError as error:
            self._logger.warning(
                f"Whether {len(missing)} posts of {self._account.label} are deleted is not known: {error}"
            )
            return []
        problems = map(partial_problem, answer.get("errors") or ())
        deleted = {problem.resource_id for problem in problems if problem.kind == _NOT_FOUND}
        gone = [post_id for post_id in sample if post_id in deleted]
        self.watch.forget(set(sample) - deleted)
        return list(missing) if gone == list(sample) else gone

    def _row(self, post_id: str) -> Row:
        made = created_at_of(post_id)
        written = None
        if made is not None:
            # As X wrote it before, or else destinations that keep the row with the largest cursor would not take this.
            cut = made if self._has_parts_of_seconds or not self._count else made.replace(microsecond=0)
            written = rfc3339_millis(cut)
        return {
            **self._nulls,
            "id": post_id,
            "account_id": self._account.id,
            "created_at": written,
            "is_deleted": True,
            "deleted_seen_at": rfc3339(self._now),
        }

    @cached_property
    def _nulls(self) -> Row:
        return dict.fromkeys(tweet_row({}, account_id="", username="", originals={}))
