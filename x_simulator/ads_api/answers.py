"""Envelopes and pages that the collections of the Ads API have in common."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from x_simulator.ads_api.calls import AdsAnswer, Body
from x_simulator.ads_api.parameters import AdsQuery

_DAY_ZERO = date(1970, 1, 1).toordinal()
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def wire_instant(instant_ms: int) -> str:
    """Return an instant as the Ads API writes it, to the second: 2026-11-20T09:30:00Z."""
    return f"{datetime.fromtimestamp(instant_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def tweet_instant(instant_ms: int) -> str:
    """Return an instant as tweets have it, the old way: Fri Nov 20 09:30:00 +0000 2026."""
    day, seconds = divmod(instant_ms // 1000, 86_400)
    minutes, seconds = divmod(seconds, 60)
    date_words, year = _day_words(day)
    return f"{date_words} {minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d} +0000 {year}"


@lru_cache(maxsize=4096)
def _day_words(day: int) -> tuple[str, int]:
    """Return a day counted from 1970 in English, whatever language the machine speaks, and its year."""
    it = date.fromordinal(_DAY_ZERO + day)
    return f"{_WEEKDAYS[it.weekday()]} {_MONTHS[it.month - 1]} {it.day:02d}", it.year


def sorted_page(objects: Sequence[Body], order: tuple[str, bool]) -> list[Body]:
    """Return objects by an attribute, falling or rising; those that are equal in it by their ids."""
    name, falls = order
    return sorted(objects, key=lambda item: (item[name], item["id"]), reverse=falls)


def listing(
    query: AdsQuery,
    objects: Sequence[Body],
    data_type: str | None,
    page: tuple[int, int | None],
    *,
    with_total: bool = False,
) -> AdsAnswer:
    """Return one page of a collection.

    `data_type`: X's name of its objects (None: the answer has none); `page`: how many, and the number of the first.
    """
    count, place = page
    first = place or 0
    has_more = first + count < len(objects)
    body = {
        "request": {"params": query.params},
        **({} if data_type is None else {"data_type": data_type}),
        "next_cursor": query.cursor_to(first + count) if has_more else None,
        "data": list(objects[first : first + count]),
    }
    return AdsAnswer(body | {"total_count": len(objects)} if with_total else body)
