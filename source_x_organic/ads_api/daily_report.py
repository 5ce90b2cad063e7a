"""The daily report of one Ads account in one sync: a row for each tweet and local day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.ads_api.api import StatisticsRequest
from source_x_organic.ads_api.reports import StatisticsReport, planned
from source_x_organic.ads_api.stats import ReportDays, entity_id
from source_x_organic.reports.days import local_day
from source_x_organic.reports.plan import ListedTweet
from source_x_organic.reports.progress import Question, ReportProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from source_x_organic.ads_api.ads_account import AdsAccount
    from source_x_organic.ads_api.listings import Listed
    from source_x_organic.ads_api.reports import Row, Scope
    from source_x_organic.ads_api.stats import ReportTable
    from source_x_organic.progress.state import StateCursor
    from source_x_organic.reports.plan import Slice
    from source_x_organic.reports.state import ReportState


class DailyReport(StatisticsReport):
    """All tweets of the timeframe with all that X has."""

    def __init__(
        self,
        account: AdsAccount,
        tweets: Mapping[str, Listed],
        cursor: StateCursor[ReportState],
        table: Callable[[], ReportTable],
        scope: Scope,
        warn: Callable[[str], None],
        *,
        spent: int = 0,
    ) -> None:
        """`tweets` are those that were listed, by X user id; a user whose tweets are not known is left out.

        `table` returns what makes the rows, as of the moment that they are made. `spent` is as in `planned`.
        """
        state = cursor.of(account.id)
        first = scope.first_day(account, state)
        listed = [
            ListedTweet(tweet_id, user_id, day)
            for user_id, dated in tweets.items()
            for tweet_id, instant in dated.items()
            if first <= (day := local_day(instant, account.zone))
        ]
        question = Question.of(
            state, listed, first=first, today=scope.today(account), lookback_days=scope.lookback_days
        )
        super().__init__(account, planned(question, spent=spent), scope, warn)
        self._table = table
        self._progress = ReportProgress(cursor, account.id, state, question, self.plan.cut, self.left_out)

    def request(self, part: Slice) -> StatisticsRequest:
        """Return the request that a slice stands for."""
        return StatisticsRequest(self.account.id, part.ids, part.days, self._zone)

    def done(self, part: Slice) -> None:
        """Take in that all rows of a slice have been yielded, and save what is complete by that."""
        self._progress.done(part)

    def failed(self, part: Slice) -> None:
        """Take in that a slice could not be read, and save what the others have made complete."""
        self._progress.failed(part)

    def split(self, part: Slice) -> tuple[Slice, Slice]:
        """Put two slices in the place of one that X found too complex."""
        return self._progress.split(part)

    def _rows(
        self, entities: Iterable[Mapping[str, Any]], part: Slice, read_at: datetime, seen: set[str]
    ) -> Iterator[Row]:
        """Yield the rows of a slice's tweets that are not in `seen`, and put them in there."""
        days, table = ReportDays.of(part.days, self._zone, read_at), self._table().narrowed()
        table = table.of_groups(self._groups(part))
        for entity in entities:
            if entity_id(entity) not in seen:
                yield from table.rows(entity, part, days)
                seen.add(entity_id(entity))
