"""Figures of a report on their way from answers to rows: added up exactly, then written as the report defines them.

A cell is what the report keeps apart: a tweet, a day, an hour, or less where it is not broken down by them. What
several requests say of the same cell adds up, so it makes no difference how tweets were put into batches and days into
windows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from source_x_organic.reports.definitions import ReportDefinition

Row = dict[str, Any]

CellKey = tuple[str | None, str | None, int | None]
"""Id of the tweet, date as YYYY-MM-DD, hour 0 to 23; None where the report is not broken down by it."""


class Cells:
    """Figures by cell and metric; a metric that no answer named is not there, one that X left empty is None."""

    def __init__(self) -> None:
        """Start without any."""
        self._figures: dict[CellKey, dict[str, int | None]] = {}

    def add(self, key: CellKey, metric: str, value: int | None) -> None:
        """Add a figure to what is known of the cell; nothing is known of None, so that it changes no number."""
        figures = self._figures.setdefault(key, {})
        known = figures.get(metric)
        figures[metric] = value if known is None else known + (value or 0)

    def add_figures(self, key: CellKey, figures: Mapping[str, int | None]) -> None:
        """Add all of these figures to what is known of the cell."""
        known = self._figures.get(key)
        if known is None:
            # Nearly always, and tens of thousands of times in an answer.
            self._figures[key] = dict(figures)
            return
        for metric, value in figures.items():
            self.add(key, metric, value)

    def add_all(self, other: Cells) -> None:
        """Add every figure of `other`."""
        for key, figures in other._figures.items():
            self.add_figures(key, figures)

    def touch(self, key: CellKey) -> None:
        """Have the cell, so that it makes rows, though no figure of it may be known."""
        self._figures.setdefault(key, {})

    def keys(self) -> Collection[CellKey]:
        """Return the cells that there are."""
        return self._figures.keys()

    def values(self, key: CellKey) -> Mapping[str, int | None]:
        """Return the figures of a cell by metric."""
        return self._figures[key]


def rows(
    cells: Cells, definition: ReportDefinition, account_id: str, *, ads_account_id: str | None = None
) -> Iterator[Row]:
    """Yield the rows of an account, by tweet, date and hour, then by metric in the definition's order.

    A row has a column for each metric; where the report is broken down by metric there is a row for each, with its
    name in `metric` and its figure in `value`. Metrics of the definition that no answer named are null.
    """
    constants: Row = {"account_id": account_id}
    if definition.has_ads_account:
        constants["ads_account_id"] = ads_account_id
    columns = _cell_columns(definition)
    in_rows = "metric" in definition.key_columns
    for key in sorted(cells.keys(), key=_order):
        row = constants | {column: key[place] for column, place in columns}
        figures = cells.values(key)
        if in_rows:
            yield from (row | {"metric": metric, "value": figures.get(metric)} for metric in definition.metrics)
        else:
            row.update((metric, figures.get(metric)) for metric in definition.metrics)
            yield row


def _cell_columns(definition: ReportDefinition) -> list[tuple[str, int]]:
    places = enumerate(("tweet_id", "date", "hour"))
    return [(column, place) for place, column in places if column in definition.key_columns]


def _order(key: CellKey) -> tuple[int, str, str, int]:
    # Ids of the first years have fewer digits; sorted by length they are in order of time.
    tweet_id, date, hour = key
    return len(tweet_id or ""), tweet_id or "", date or "", -1 if hour is None else hour
