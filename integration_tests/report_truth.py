"""What reports from X's Enterprise APIs must hold, told from the invented world alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta

from integration_tests import truth
from source_x_organic.reports.columns import COLUMNS, METRICS
from x_simulator.accounts import PostKind
from x_simulator.engagement_api.metrics import TIMED, engagement_metrics
from x_simulator.x_api.analytics import POST_METRICS, analytics_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from x_simulator import World
    from x_simulator.posts import Post

Row = dict[str, Any]

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
REACH = 365
RENAMED = {"favorites": "likes", "user_follows": "follows"}

SOURCES = {"ENGAGEMENT_API": "engagement_api", "X_API_ENTERPRISE": "x_api_analytics"}


def first_day(now: datetime, months: int = 3) -> date:
    """Return the first day of a timeframe."""
    found: date = (now - relativedelta(months=months)).date()
    return found


def posts(world: World, username: str, now: datetime, since: date = date.min) -> list[Post]:
    """Return the posts that reports are about, oldest first: retweets aside."""
    found = (post for post in world.posts(username, at=now) if post.kind is not PostKind.RETWEET)
    return sorted((post for post in found if posted_on(post) >= since), key=lambda post: post.id)


def posted_on(post: Post) -> date:
    return truth.instant(post.created_ms).date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def days(first: date, last: date) -> Iterator[date]:
    return (first + number * DAY for number in range((last - first).days + 1))


def full_hour(now: datetime) -> datetime:
    """Return the last hour's end: what the Engagement API can be asked about."""
    return now.replace(minute=0, second=0, microsecond=0)


def organic_report(
    world: World,
    usernames: Iterable[str],
    now: datetime,
    since: date,
    *,
    access: str = "ENGAGEMENT_API",
    from_day: date | None = None,
) -> dict[str, Row]:
    """Return every row as of `now`: of tweets posted from `since` on, on each day of their lives from `from_day` on."""
    reached = now.date() - (REACH - 1) * DAY if access == "ENGAGEMENT_API" else date.min
    end = full_hour(now) if access == "ENGAGEMENT_API" else now.replace(second=0, microsecond=0)
    figures = _of_engagement if access == "ENGAGEMENT_API" else _of_analytics
    rows = {}
    for username in usernames:
        for post in posts(world, username, now, since):
            for day in days(max(posted_on(post), reached, from_day or date.min), now.date()):
                row = _row(world, post, day, now, source=SOURCES[access], end=end, figures=figures)
                rows[f"{row['account_id']} {post.id} {day} ALL_ON_TWITTER"] = row
    return rows


def _of_engagement(world: World, post_id: int, start: datetime, end: datetime) -> dict[str, int]:
    counted = engagement_metrics(world, post_id, start, end)
    return {RENAMED.get(name, name): counted[name] for name in TIMED}


def _of_analytics(world: World, post_id: int, start: datetime, end: datetime) -> dict[str, int]:
    counted = analytics_metrics(world, post_id, start, end)
    return {name: counted[name] for name in POST_METRICS}


def _row(
    world: World,
    post: Post,
    day: date,
    now: datetime,
    *,
    source: str,
    end: datetime,
    figures: Callable[[World, int, datetime, datetime], dict[str, int]],
) -> Row:
    start = midnight(day)
    return {
        **dict.fromkeys(COLUMNS),
        "account_id": str(post.account.id),
        "tweet_id": str(post.id),
        "date": day.isoformat(),
        "placement": "ALL_ON_TWITTER",
        "metrics_source": source,
        "period_start": truth.in_seconds(start),
        "period_end": truth.in_seconds(start + DAY),
        "is_estimated": False,
        "is_final": now >= start + 3 * DAY,
        **dict.fromkeys(METRICS),
        **figures(world, post.id, start, max(start, min(start + DAY, end))),
    }


def least_requests(
    posted: Sequence[date], first: date, today: date, *, batch: int = 25, longest: int = 28, reach: int = REACH
) -> int:
    """Return the fewest requests for all days of the lives of tweets, counted day by day.

    Windows end on the last day and every `longest` days before it; each has to hold all tweets posted by its end.
    """
    first = max(first, today - (reach - 1) * DAY)
    last, count = today, 0
    while last >= first:
        count += -(-sum(day <= last for day in posted) // batch)
        last -= longest * DAY
    return count
