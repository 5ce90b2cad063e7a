"""A tweet has figures from the day of its posting on; X gives zeros for earlier days too, if it is asked about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.config import Dimension
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.kinds import Api
from source_x_organic.reports.periods import monday
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from datetime import datetime

    from source_x_organic.reports.cells import CellKey
    from source_x_organic.reports.definitions import ReportDefinition
ALL_HOURS = 24


def since_posted(cells: Cells, definition: ReportDefinition, *, now: datetime) -> Cells:
    """Return the cells without those of days (or weeks) before the tweet was posted, by UTC.

    Which of them X was asked about depends on the other tweets of the batch: rows of them would come and go. For the
    same reason a tweet of today has no hours that are still to come, where days are added up.
    """
    if Dimension.TWEET not in definition.dimensions:
        return cells
    lived = Cells()
    lives: dict[str | None, _Life] = {}
    for key in cells.keys():  # noqa: SIM118 - not a mapping
        life = lives.get(key[0]) or lives.setdefault(key[0], _Life(key[0], definition, now))
        if life.has(key):
            lived.add_figures(key, cells.values(key))
    return lived


class _Life:
    """What there can be of one tweet."""

    def __init__(self, tweet_id: str | None, definition: ReportDefinition, now: datetime) -> None:
        self._first_day = ""
        self._hours = ALL_HOURS
        posted = created_at_of(tweet_id)
        if posted is None:
            return
        day = posted.date()
        self._first_day = (monday(day) if definition.has_weeks else day).isoformat()
        if definition.kind.has_period and Dimension.DAY not in definition.dimensions and day >= now.date():
            # The Engagement API is asked about hours that are over, analytics up to the running minute.
            has_begun = definition.kind.api is not Api.ENGAGEMENT and now.minute > 0
            self._hours = now.hour + has_begun

    def has(self, key: CellKey) -> bool:
        """Return whether a cell lies in it."""
        _, date, hour = key
        return (date is None or date >= self._first_day) and (hour is None or hour < self._hours)
