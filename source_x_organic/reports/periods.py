"""Which days a report covers: its period as of a day, as far as X reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.config import DateRange, DaysBack, RelativeRange, SingleDay, TimeframePeriod
from source_x_organic.reports.days import DAY, Days

if TYPE_CHECKING:
    from datetime import date

Period = TimeframePeriod | SingleDay | DaysBack | DateRange | RelativeRange


def days_of(period: Period, today: date, *, timeframe_first: date, reach_days: int | None = None) -> Days:
    """Return the days of a period that X has figures of; none where all lie too far back or in the future.

    `today` is the running day of UTC or of the Ads account, `timeframe_first` the first day of the connection's
    timeframe, `reach_days` the number of days that X keeps, `today` among them.
    """
    asked = asked_days(period, today, timeframe_first=timeframe_first)
    first = asked.first if reach_days is None else max(asked.first, first_reached(today, reach_days))
    return Days(first, min(asked.last, today))


def asked_days(period: Period, today: date, *, timeframe_first: date) -> Days:
    """Return the days of a period, whether X has figures of them or not."""
    match period:
        case TimeframePeriod():
            return Days(timeframe_first, today)
        case SingleDay(date=day):
            return Days(day, day)
        case DaysBack(days=days):
            return Days(today - days * DAY, today - days * DAY)
        case DateRange(start=start, end=end):
            return Days(start, end)
        case RelativeRange(from_days_back=from_days, to_days_back=to_days):
            return Days(today - from_days * DAY, today - to_days * DAY)


def first_reached(today: date, reach_days: int) -> date:
    """Return the oldest day of which X still keeps all hours."""
    return today - (reach_days - 1) * DAY


def monday(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - day.weekday() * DAY


def whole_weeks(days: Days) -> Days:
    """Return the weeks, Monday to Sunday, that a span of days touches; the last may end in the future.

    X does not say on which day its weeks begin. Where a request begins on a Monday, weeks counted from its first day
    and weeks of the calendar are the same, and windows of any number of weeks cut none in two.
    """
    return Days(monday(days.first), monday(days.last) + 6 * DAY) if days else days
