"""What the rows of a report that a user defined stand for, remembered beside its state.

Where a definition is changed under the same name, days that are done are done for the old one. Those of the new one are
read again; what had to be listed for it stays known.

::

    "report": {"type": "tweet_analytics", "dimensions": ["tweet", "day"], "weeks": false, "tweets": null,
               "metrics": ["impressions", …]}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from source_x_organic.config import Dimension

if TYPE_CHECKING:
    from collections.abc import Mapping

    from source_x_organic.reports.definitions import ReportDefinition


@dataclass(frozen=True)
class Asked:
    """What decides what a row says.

    Attributes:
        type: Which of X's reports it is.
        dimensions: What it is broken down by.
        weeks: Whether `date` stands for a week.
        tweets: Which tweets are summed up in a row; None where each has rows of its own.
        metrics: Its metrics.
    """

    type: str
    dimensions: tuple[str, ...]
    weeks: bool
    tweets: str | None
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, definition: ReportDefinition) -> Asked:
        """Return what a definition asks."""
        is_by_tweet = Dimension.TWEET in definition.dimensions
        return cls(
            definition.kind.type.value,
            tuple(dimension.value for dimension in definition.dimensions),
            definition.has_weeks,
            None if is_by_tweet else definition.selection.model_dump_json(),
            tuple(definition.metrics),
        )

    @property
    def entry(self) -> dict[str, Any]:
        """The JSON form in a state."""
        return {
            "type": self.type,
            "dimensions": list(self.dimensions),
            "weeks": self.weeks,
            "tweets": self.tweets,
            "metrics": list(self.metrics),
        }

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> Asked:
        """Return what was asked, from its JSON form.

        Raises:
            KeyError, TypeError: it is something else.
        """
        return cls(entry["type"], tuple(entry["dimensions"]), entry["weeks"], entry["tweets"], tuple(entry["metrics"]))

    def news_since(self, before: Asked) -> list[str]:
        """Return in words what makes the days that were done for another definition not done for this one.

        Metrics that are not asked for any more make no difference: the days have the others.
        """
        news = [f"{metric} is new" for metric in self.metrics if metric not in before.metrics]
        if before.type != self.type:
            news.append(f"report_type was {before.type}")
        if before.dimensions != self.dimensions:
            news.append(f"dimensions were {', '.join(before.dimensions) or 'none'}")
        if before.weeks != self.weeks:
            news.append(f"date stood for a {'week' if before.weeks else 'day'}")
        if before.tweets != self.tweets and None not in (before.tweets, self.tweets):
            news.append("other tweets were added up")
        return news
