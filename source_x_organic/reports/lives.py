"""A tweet has figures from the day of its posting on; X gives zeros for earlier days too, if it is asked about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.reports.cells import Cells
from source_x_organic.reports.periods import monday
from source_x_organic.snowflakes import created_at_of

if TYPE_CHECKING:
    from source_x_organic.reports.definitions import ReportDefinition


def since_posted(cells: Cells, definition: ReportDefinition) -> Cells:
    """Return the cells without those of days (or weeks) before the tweet was posted, by UTC.

    Which of them X was asked about depends on the other tweets of the batch: rows of them would come and go.
    """
    lived = Cells()
    first_days: dict[str | None, str] = {}
    for key in cells.keys():  # noqa: SIM118 - not a mapping
        tweet_id, date, _ = key
        if tweet_id not in first_days:
            first_days[tweet_id] = _first_day(tweet_id, is_weekly=definition.has_weeks)
        if date is None or date >= first_days[tweet_id]:
            lived.add_figures(key, cells.values(key))
    return lived


def _first_day(tweet_id: str | None, *, is_weekly: bool) -> str:
    """Return the first day that a tweet can have figures of, as YYYY-MM-DD; "" where its id does not tell."""
    posted = created_at_of(tweet_id)
    if posted is None:
        return ""
    day = posted.date()
    return (monday(day) if is_weekly else day).isoformat()
