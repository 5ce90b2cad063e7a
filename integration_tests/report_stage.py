"""The connector on a stage where X's Enterprise APIs feed its reports."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from integration_tests import report_truth
from integration_tests.stage import NOW, TIMELINE, Json, Output, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from x_simulator import AccountSpec
    from x_simulator.journal import Entry

ENGAGEMENT = r"/insights/engagement/.+"
HISTORICAL = "/insights/engagement/historical"
LAST_28_HOURS = "/insights/engagement/28hr"
TOTALS = "/insights/engagement/totals"
TWEET_ANALYTICS = "/2/tweets/analytics"
MEDIA_ANALYTICS = "/2/media/analytics"
ANALYTICS = r"/2/(tweets|media)/analytics"
POSTS = TIMELINE

NAMES = {HISTORICAL: "insights/engagement/historical", TWEET_ANALYTICS: "tweets/analytics"}
"""Endpoints as messages call them, by path."""


class ReportStage(Stage):
    """A stage with the Engagement API (or the access named), a timeframe of three months, and analytics for its app."""

    def __init__(self, *accounts: AccountSpec, access: str = "ENGAGEMENT_API", **behaviour: Any) -> None:  # noqa: ANN401 - the simulator's switches
        self.access = access
        super().__init__(*accounts, **{"enterprise_apps": ("main",), **behaviour})

    def config(self, **properties: object) -> Json:
        """Return a configuration that follows every owned account, changed by `properties`."""
        return super().config(**{"api_access": self.access, "timeframe_months": "THREE", **properties})

    def expected(
        self, *usernames: str, now: datetime = NOW, since: date | None = None, from_day: date | None = None
    ) -> dict[str, Json]:
        """Return the rows of `organic_report` as of an instant.

        `since`: first day of posting; default: the timeframe's. `from_day`: first day of figures.
        """
        since = since or report_truth.first_day(now)
        return report_truth.organic_report(self.world, usernames, now, since, access=self.access, from_day=from_day)

    # What X was asked ------------------------------------------------------------------------------------------------

    @property
    def asked(self) -> list[Entry]:
        """Return the requests that `organic_report` is made of."""
        return self.requests_to(HISTORICAL if self.access == "ENGAGEMENT_API" else TWEET_ANALYTICS)

    def listed(self) -> int:
        """Return how many posts X would bill for the listing of timelines."""
        return sum(entry.billed_posts for entry in self.requests_to(POSTS))

    def statuses(self) -> Counter[int]:
        return Counter(entry.status for entry in self.requests)


def ids_of(entry: Entry) -> list[str]:
    """Return the tweets, or media, that a request asked about."""
    if entry.body:
        return list(entry.body["tweet_ids"])
    return (entry.query.get("ids") or entry.query["media_keys"]).split(",")


def window_of(entry: Entry) -> tuple[str, str]:
    """Return the first instant that a request asked about, and the one after the last."""
    if entry.body:
        return entry.body["start"], entry.body["end"]
    return entry.query["start_time"], entry.query["end_time"]


def table(*outputs: Output, stream: str = "organic_report") -> dict[str, Json]:
    """Return what a destination holds after some syncs, one after another."""
    rows: dict[str, Json] = {}
    for output in outputs:
        rows |= output.by_key(stream)
    return rows


def settled(rows: Mapping[str, Json]) -> dict[str, Json]:
    """Return rows without whether they are final, which changes by itself as time passes."""
    return {key: {name: value for name, value in row.items() if name != "is_final"} for key, row in rows.items()}


def entry_of(output: Output, stage: Stage, username: str = "lumen_mill", stream: str = "organic_report") -> Json:
    """Return what the last state says of an account."""
    found: Json = output.states(stream)[-1]["accounts"][stage.world.user_id(username)]
    return found


def tweets_of(rows: Iterable[Json]) -> set[str]:
    return {row["tweet_id"] for row in rows}


def days_of(rows: Iterable[Json], tweet_id: str | None = None) -> set[str]:
    return {row["date"] for row in rows if tweet_id in {None, row.get("tweet_id")}}


def cut(output: Output, count: int) -> Output:
    """Return what came out of a sync that was killed behind that many messages."""
    return Output(output.messages[:count], output.sent[:count], catalog=output.catalog)


def places_to_cut(output: Output, parts: int = 3) -> list[int]:
    """Return the places behind every state, and behind some of the records."""
    kinds = [message["type"] for message in output.messages]
    places = [place for place, kind in enumerate(kinds, 1) if kind == "STATE"]
    return sorted({*places, *range(0, len(kinds), max(1, len(kinds) // parts))})


def figures_by(rows: Iterable[Json], *columns: str, metrics: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the figures of rows by some of their columns."""
    return {tuple(row[column] for column in columns): {name: row[name] for name in metrics} for row in rows}
