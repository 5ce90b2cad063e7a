"""The three endpoints, and what each of them takes (X's archived documentation of the Engagement API)."""

from collections.abc import Callable
from dataclasses import dataclass

from x_simulator.engagement_api import metrics
from x_simulator.engagement_api.windows import Window, last_28_hours, last_four_weeks

PATH = "/insights/engagement/"
TWEET, TYPE, DAY, HOUR = "tweet.id", "engagement.type", "engagement.day", "engagement.hour"
MOST_GROUPINGS = 3
FULL_ORDERS = ((TWEET, TYPE, DAY, HOUR), (TYPE, TWEET, DAY, HOUR))
REQUESTS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class EngagementEndpoint:
    """`name`: its path; `window`: what it is about unless a request says otherwise (None: a post's whole life).

    `takes_window`: whether a request may say otherwise; `takes_apps`: whether a bearer token will do, for public
    metrics.
    """

    name: str
    most_ids: int
    types: tuple[str, ...]
    group_bys: tuple[str, ...]
    window: Callable[[int], Window] | None = None
    takes_window: bool = False
    takes_apps: bool = False


ENDPOINTS: dict[str, EngagementEndpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        EngagementEndpoint(f"{PATH}totals", 250, metrics.TOTALS, (TWEET, TYPE), takes_apps=True),
        EngagementEndpoint(f"{PATH}28hr", 25, metrics.TIMED, FULL_ORDERS[0], last_28_hours),
        EngagementEndpoint(f"{PATH}historical", 25, metrics.TIMED, FULL_ORDERS[0], last_four_weeks, takes_window=True),
    )
}
