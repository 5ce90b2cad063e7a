"""What a reading of an account's posts covers, told to those who report on it."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.coverage_report.snapshots import covers_snapshot
from source_x_organic.instants import utc_instant
from source_x_organic.progress.coverage import Span, Spans, clip, union
from source_x_organic.progress.rounds import without
from source_x_organic.reports.days import Days
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from source_x_organic.coverage_report.ledger import CoverageLedger
    from source_x_organic.progress.rounds import Unfinished
    from source_x_organic.x_api.deletions import DeletedPosts
    from source_x_organic.x_api.directory import Account
    from source_x_organic.x_api.post_streams import RowFeed
    from source_x_organic.x_api.readings import Row
    from source_x_organic.x_api.timeline import Page

TWEETS, TWEET_INSIGHTS = "tweets", "tweet_insights"


class CoverageFeed:
    """Wants no posts of its own."""

    spans: Spans = ()
    names: tuple[str, ...] = ()
    needs_public = True
    needs_private = False
    can_go_on = True
    read_until: datetime | None = None
    unfinished: Unfinished | None = None

    def __init__(
        self,
        ledger: CoverageLedger,
        account: Account,
        feeds: Mapping[str, RowFeed],
        *,
        last_snapshot: str | None,
        deleted: DeletedPosts | None,
    ) -> None:
        """`feeds` are those of the streams of posts, by name; `last_snapshot` is the cursor of `tweet_insights`."""
        self._ledger = ledger
        self._account = account
        self._feeds = feeds
        self._deleted = deleted
        self._made = utc_instant(account.user.get("created_at"))
        self._read: Spans = ()
        self._insights = feeds.get(TWEET_INSIGHTS)
        self._is_partial = self._insights is not None and self._began_earlier(self._insights.unfinished)
        self._wanted_insights = self._insights.spans if self._insights else ()
        self._cover()
        if self._insights:
            covers_snapshot(ledger, account.id, TWEET_INSIGHTS, last_snapshot)

    def _began_earlier(self, unfinished: Unfinished | None) -> bool:
        """Return whether a round is under way that began before today: its posts have rows of several days."""
        if unfinished is None:
            return False
        return unfinished.began is None or unfinished.began.astimezone(UTC).date() != self._ledger.today

    def rows(self, page: Page, originals: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
        """Yield nothing."""
        del page, originals
        yield from ()

    def is_satisfied(self, down_to: datetime) -> bool:
        """Return True: nothing is wanted."""
        del down_to
        return True

    def checkpoint(self, span: Span) -> None:
        """Take in that all of `span` was read."""
        self._read = union(*self._read, span)
        if TWEETS in self._feeds:
            self._ledger.read(self._account.id, TWEETS, span)

    def narrow(self, spans: Spans) -> None:
        """Take in that the other feeds want less in this sync."""
        del spans
        self._cover()
        if self._insights and self._insights.unfinished is None and self._insights.spans != self._wanted_insights:
            # It makes way for other accounts: what another sync of the day has told of today stays true.
            self._ledger.adds(self._account.id, TWEET_INSIGHTS)

    def leave(self, unfinished: Unfinished | None) -> None:
        """Take in whether this sync leaves something."""
        if self._insights and unfinished is not None and without(self._insights.spans, self._read):
            self._is_partial = True

    def is_cut_off(self, span: Span) -> None:
        """Take in that X does not reach a span."""
        for stream, feed in self._feeds.items():
            for part in self._since_made(clip(span, feed.spans)):
                days = Days(part.start.astimezone(UTC).date(), part.end.astimezone(UTC).date())
                today = Days(self._ledger.today, self._ledger.today)
                self._ledger.misses_some(self._account.id, stream, days if stream == TWEETS else today, Reason.CEILING)

    def rows_at_the_end(self) -> Iterator[tuple[str, Row]]:
        """Take in which posts are gone, and that everything was read, if it was."""
        if TWEET_INSIGHTS in self._feeds and not self._is_partial:
            self._ledger.read_everything(self._account.id, TWEET_INSIGHTS)
        for post_id in self._deleted.watch.gone() if self._deleted else ():
            if made := created_at_of(post_id):
                self._ledger.misses(self._account.id, TWEETS, made.date(), Reason.DELETED)
        yield from ()

    def _cover(self) -> None:
        if TWEETS in self._feeds:
            self._ledger.covers(self._account.id, TWEETS, self._since_made(self._feeds[TWEETS].spans), anew=True)

    def _since_made(self, spans: Spans) -> Spans:
        """Return spans without the time before the account existed."""
        return clip(Span(self._made, self._ledger.now), spans) if self._made else spans
