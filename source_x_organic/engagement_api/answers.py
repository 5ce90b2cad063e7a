"""From the Engagement API's answers to figures.

An answer nests its counts as the request groups them: tweet, metric, day, hour, each only where it was grouped by.
Counts are decimal strings, and now and then numbers. Source: X docs, "Engagement API" (Enterprise), and their examples.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from source_x_organic.config import Dimension
from source_x_organic.engagement_api.refusals import (
    UNAVAILABLE,
    WITHOUT_IMPRESSIONS,
    WITHOUT_VIDEO_VIEWS,
    ids_in,
    sentences,
)
from source_x_organic.engagement_api.requests import GROUP, Window
from source_x_organic.instants import rfc3339, utc_day, utc_instant
from source_x_organic.reports.cells import Cells

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HOUR = re.compile(r"[01]?[0-9]|2[0-3]")
_WRITTEN = frozenset({str, int})
_COUNT = re.compile(r"-?[0-9]+")
_NOTHING: tuple[object, ...] = (None, {})
_INSTANT = timedelta.resolution

_Bucket = tuple[str | None, int | None]
"""Date and hour that one count covers; None where the report is not broken down by it."""

_UNSUPPORTED = {WITHOUT_IMPRESSIONS: ("impressions", "engagements"), WITHOUT_VIDEO_VIEWS: ("video_views",)}


class UnexpectedAnswer(ValueError):
    """An answer to another question; taken as it is it would put numbers on wrong tweets, metrics or days."""


class LeftOut(NamedTuple):
    """What an answer lacks, by tweet ids, and what X says about it."""

    unavailable: tuple[str, ...] = ()
    without_impressions: tuple[str, ...] = ()
    without_video_views: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def left_out(answer: Mapping[str, Any]) -> LeftOut:
    """Return which tweets X has no figures of, and of which it lacks some metrics because they are too old."""
    return LeftOut(
        unavailable=ids_in(answer, UNAVAILABLE),
        without_impressions=ids_in(answer, WITHOUT_IMPRESSIONS),
        without_video_views=ids_in(answer, WITHOUT_VIDEO_VIEWS),
        said=tuple(sentences(answer)),
    )


def cells_of(
    answer: Mapping[str, Any],
    dimensions: Collection[Dimension],
    metrics: Collection[str],
    window: Window | None = None,
    *,
    asked: Collection[str] = (),
) -> Cells:
    """Return the figures of an answer to the request for `metrics`, broken down by `dimensions`, about `window`.

    Days and hours are told apart by how they are written: X's documents disagree on what hours stand below. Figures
    finer than the dimensions add up. A metric that X does not have of a tweet is None, also where "0" stands there; one
    that it left out is None wherever others of the tweet have figures. `asked` are the tweets of the request, wanted
    where figures are not broken down by tweet: a metric that X has of none of those that it answers for is None.

    Raises:
        UnexpectedAnswer: it is about other hours or metrics, or nests differently.
    """
    _check_window(answer, window)
    if GROUP not in answer:
        if left_out(answer).unavailable:
            return Cells()
        raise UnexpectedAnswer("X's answer lacks the grouping that was asked for")
    if asked and not _answered(answer, asked):
        return Cells()
    without = _without(answer) if Dimension.TWEET in dimensions else _without_any(answer, asked)
    reader = _Reader(dimensions, metrics, window, without)
    by_tweet = _object(answer[GROUP]) if Dimension.TWEET in dimensions else {None: answer[GROUP]}
    for tweet_id, by_metric in by_tweet.items():
        reader.read(tweet_id, _object(by_metric))
    return reader.cells


class _Reader:
    """Reads an answer tweet by tweet."""

    def __init__(
        self,
        dimensions: Collection[Dimension],
        metrics: Collection[str],
        window: Window | None,
        without: Collection[tuple[str | None, str]],
    ) -> None:
        """`without` are the pairs of tweet and metric that X has no figures of."""
        self.cells = Cells()
        self._metrics = metrics
        self._without = without
        self._has_day = Dimension.DAY in dimensions
        self._has_hour = Dimension.HOUR in dimensions
        self._days = None if window is None else (utc_day(window.start), utc_day(window.end - _INSTANT))
        self._buckets: dict[tuple[str | None, tuple[str, ...]], list[_Bucket]] = {}

    def read(self, tweet_id: str | None, by_metric: Mapping[str, Any]) -> None:
        """Take in the figures of a tweet, or of all of them together."""
        read: dict[int, tuple[list[_Bucket], dict[str, Sequence[int | None]]]] = {}
        for metric, value in by_metric.items():
            if metric not in self._metrics:
                raise UnexpectedAnswer(f"X answers for {metric!r} where one of the metrics asked for should stand")
            for buckets, counts in self._series(value):
                columns = read.setdefault(id(buckets), (buckets, {}))[1]
                columns[metric] = _numbers(counts)
        for buckets, columns in read.values():
            unknown = dict.fromkeys(self._unknown(tweet_id, by_metric), [None] * len(buckets))
            self._add(tweet_id, buckets, {**columns, **unknown})

    def _unknown(self, tweet_id: str | None, by_metric: Mapping[str, Any]) -> list[str]:
        return [
            metric
            for metric in self._metrics
            if by_metric.get(metric) in _NOTHING or (self._without and (tweet_id, metric) in self._without)
        ]

    def _add(
        self, tweet_id: str | None, buckets: Sequence[_Bucket], columns: Mapping[str, Sequence[int | None]]
    ) -> None:
        for (date, hour), counts in zip(buckets, zip(*columns.values(), strict=True), strict=True):
            self.cells.add_figures((tweet_id, date, hour), dict(zip(columns, counts, strict=True)))

    def _series(self, value: object, date: str | None = None) -> Iterator[tuple[list[_Bucket], Collection[Any]]]:
        """Yield what counts of one metric cover, and the counts; day by day where hours stand below days.

        What they cover is the same object for all tweets and metrics whose counts have the same names.
        """
        if value is None:
            return
        if not isinstance(value, dict):
            yield self._named(date, ()), [value]
        elif any(isinstance(part, dict) for part in value.values()):
            for name, part in value.items():
                yield from self._series(part, self._date(name))
        elif value:
            yield self._named(date, tuple(value)), value.values()

    def _named(self, date: str | None, names: tuple[str, ...]) -> list[_Bucket]:
        if (date, names) not in self._buckets:
            self._buckets[date, names] = [self._bucket(date, name) for name in names or (None,)]
        return self._buckets[date, names]

    def _bucket(self, date: str | None, name: str | None) -> _Bucket:
        hour = None
        if name is not None and date is None and _DATE.fullmatch(name):
            date = self._date(name)
        elif name is not None:
            hour = _hour(name)
        if (self._has_day and date is None) or (self._has_hour and hour is None):
            raise UnexpectedAnswer("X's answer is not broken down by the days and hours that were asked for")
        return date if self._has_day else None, hour if self._has_hour else None

    def _date(self, name: str) -> str:
        if not _DATE.fullmatch(name):
            raise UnexpectedAnswer(f"X's answer has {name!r} where a day should stand")
        if self._days is not None and not self._days[0] <= name <= self._days[1]:
            raise UnexpectedAnswer(f"X's answer has figures of {name}, which was not asked for")
        return name


def _check_window(answer: Mapping[str, Any], window: Window | None) -> None:
    """Make sure that an answer is about the hours that were asked for, as far as it says."""
    for name, asked in zip(Window._fields, window or (), strict=False):
        said = answer.get(name)
        if said is not None and utc_instant(str(said)) != asked:
            raise UnexpectedAnswer(f"X's answer has {said!r} as its {name}, where {rfc3339(asked)} was asked for")


def _without(answer: Mapping[str, Any]) -> set[tuple[str | None, str]]:
    return {
        (tweet_id, metric)
        for name, metrics in _UNSUPPORTED.items()
        for tweet_id in ids_in(answer, name)
        for metric in metrics
    }


def _without_any(answer: Mapping[str, Any], asked: Collection[str]) -> set[tuple[str | None, str]]:
    """Return what X has of no tweet that it answers for; where it has some of others, the sum of those is right."""
    answered = _answered(answer, asked)
    return {
        (None, metric)
        for name, metrics in _UNSUPPORTED.items()
        if answered and answered.issubset(ids_in(answer, name))
        for metric in metrics
    }


def _answered(answer: Mapping[str, Any], asked: Collection[str]) -> set[str]:
    return set(asked).difference(ids_in(answer, UNAVAILABLE))


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnexpectedAnswer(f"X's answer has {value!r} where counts by name should stand")
    return value


def _hour(name: str) -> int:
    if not _HOUR.fullmatch(name):
        raise UnexpectedAnswer(f"X's answer has {name!r} where an hour should stand")
    return int(name)


def _numbers(counts: Collection[Any]) -> list[int | None]:
    # Answers hold tens of thousands of counts.
    if _WRITTEN.issuperset(map(type, counts)):
        try:
            return list(map(int, counts))
        except ValueError:
            pass
    return [_number(count) for count in counts]


def _number(count: object) -> int | None:
    if count is None or (isinstance(count, int) and not isinstance(count, bool)):
        return count
    if isinstance(count, str) and _COUNT.fullmatch(count):
        return int(count)
    raise UnexpectedAnswer(f"X's answer has {count!r} where a count should stand")
