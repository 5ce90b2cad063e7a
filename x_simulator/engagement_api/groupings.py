"""From figures to the nested objects of an answer: one level for each value that a request groups by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from x_simulator.engagement_api.endpoints import DAY, HOUR, TWEET, TYPE
from x_simulator.engagement_api.windows import Label

_TIME = frozenset({DAY, HOUR})


@dataclass(slots=True)
class Counts:
    """Writes counts as X does: as strings, but for every `odd_every`-th, which is a number (0: none is).

    `seen`: how many were written so far.
    """

    odd_every: int
    seen: int = 0

    def written(self, column: Sequence[int]) -> list[str | int]:
        """Return the counts as they go into an answer."""
        texts: list[str | int] = list(map(str, column))
        if self.odd_every:
            first = -(self.seen + 1) % self.odd_every
            texts[first :: self.odd_every] = column[first :: self.odd_every]
        self.seen += len(texts)
        return texts


@dataclass(frozen=True, slots=True)
class Figures:
    """What tweets earned, in buckets of time.

    `columns`: a number for each bucket, by tweet id and engagement type; `labels`: of the buckets, which are as fine
    as the grouping that they are for; a post's whole life is one bucket.
    """

    tweet_ids: tuple[str, ...]
    types: tuple[str, ...]
    labels: Sequence[Label]
    columns: Mapping[tuple[str, str], list[int]]


def nested(figures: Figures, group_by: tuple[str, ...], counts: Counts) -> Any:  # noqa: ANN401 - as deep as asked for
    """Return a grouping's part of an answer: objects in the order of `group_by`, counts at the bottom.

    What is not grouped by is added up. Hours without days stand below their dates all the same.
    """
    levels = group_by
    if HOUR in levels and DAY not in levels:
        place = levels.index(HOUR)
        levels = (*levels[:place], DAY, *levels[place:])
    everything = range(len(figures.labels))
    return _nested(figures, levels, (figures.tweet_ids, figures.types, everything), counts)


_Selection = tuple[Sequence[str], Sequence[str], Sequence[int]]


def _nested(figures: Figures, levels: tuple[str, ...], chosen: _Selection, counts: Counts) -> Any:  # noqa: ANN401 - as above
    tweet_ids, types, buckets = chosen
    if _TIME.issuperset(levels):
        return _series(figures, levels, chosen, counts)
    level, rest = levels[0], levels[1:]
    if level == TWEET:
        return {each: _nested(figures, rest, ((each,), types, buckets), counts) for each in tweet_ids}
    if level == TYPE:
        return {each: _nested(figures, rest, (tweet_ids, (each,), buckets), counts) for each in types}
    named: dict[str, list[int]] = {}
    for bucket in buckets:
        named.setdefault(_name(figures.labels[bucket], level), []).append(bucket)
    return {name: _nested(figures, rest, (tweet_ids, types, each), counts) for name, each in named.items()}


def _series(figures: Figures, levels: tuple[str, ...], chosen: _Selection, counts: Counts) -> Any:  # noqa: ANN401 - as above
    """Return what is left when tweets and types are settled: a count, or counts by day, by hour or by both."""
    tweet_ids, types, buckets = chosen
    column = _added([figures.columns[tweet, type_] for tweet in tweet_ids for type_ in types], buckets)
    if not levels:
        return counts.written([sum(column)])[0]
    labels = figures.labels if len(column) == len(figures.labels) else [figures.labels[bucket] for bucket in buckets]
    written = counts.written(column)
    if len(levels) == 1:
        return dict(zip(_names(labels, levels[0]), written, strict=True))
    tree: dict[str, dict[str, str | int]] = {}
    for outer, inner, count in zip(_names(labels, levels[0]), _names(labels, levels[1]), written, strict=True):
        tree.setdefault(outer, {})[inner] = count
    return tree


def _added(columns: list[list[int]], buckets: Sequence[int]) -> list[int]:
    """Return one number for each bucket."""
    if columns and len(columns[0]) != len(buckets):
        columns = [[column[bucket] for bucket in buckets] for column in columns]
    return columns[0] if len(columns) == 1 else [sum(counts) for counts in zip(*columns, strict=True)]


def _names(labels: Sequence[Label], level: str) -> Iterator[str]:
    return (label.date for label in labels) if level == DAY else (label.hour for label in labels)


def _name(label: Label, level: str) -> str:
    return label.date if level == DAY else label.hour
