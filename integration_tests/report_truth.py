"""What reports from X's Enterprise APIs must hold, told from the invented world alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from dateutil.relativedelta import relativedelta

from integration_tests import truth
from source_x_organic.reports.columns import COLUMNS, METRICS
from x_simulator.accounts import PostKind
from x_simulator.engagement_api.metrics import TIMED, engagement_metrics
from x_simulator.x_api.analytics import POST_METRICS, analytics_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

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


# Custom reports ------------------------------------------------------------------------------------------------------

Cell = tuple[str | None, str | None, int | None]
"""Tweet, date and hour; None where a report is not broken down by it."""

Counted = Mapping[str, int]


def cells(
    told: Iterable[tuple[str, date, Callable[[datetime, datetime], Counted]]],
    asked: tuple[datetime, datetime],
    dimensions: Collection[str],
    metrics: Sequence[str],
    *,
    is_weekly: bool = False,
) -> dict[Cell, dict[str, int]]:
    """Return what the world knows of tweets in a span of whole hours, since the day of their posting, added up.

    `told`: each tweet's id, the day of its posting, and what counts between two instants. `is_weekly`: days are weeks.
    """
    found: dict[Cell, dict[str, int]] = {}
    for tweet_id, posted, counted in told:
        start = max(asked[0], midnight(monday(posted) if is_weekly else posted))
        while start < asked[1]:
            end = min(start + HOUR if "hour" in dimensions else midnight(start.date() + DAY), asked[1])
            day = monday(start.date()) if is_weekly else start.date()
            key = (
                tweet_id if "tweet" in dimensions else None,
                day.isoformat() if "day" in dimensions else None,
                start.hour if "hour" in dimensions else None,
            )
            figures = counted(start, end)
            known = found.setdefault(key, dict.fromkeys(metrics, 0))
            for metric in metrics:
                known[metric] += figures[metric]
            start = end
    return found


def monday(day: date) -> date:
    return day - day.weekday() * DAY


def of_engagement(
    world: World, found: Iterable[Post]
) -> Iterator[tuple[str, date, Callable[[datetime, datetime], Counted]]]:
    """Yield what the Engagement API counts of posts, for `cells`."""
    for post in found:
        yield str(post.id), posted_on(post), partial(engagement_metrics, world, post.id)


def lifetime(world: World, post_id: int, now: datetime) -> dict[str, int]:
    """Return what the Engagement API counts of a post from its posting on."""
    return engagement_metrics(world, post_id, datetime(2006, 3, 21, tzinfo=UTC), now)


def of_analytics(
    world: World, found: Iterable[Post]
) -> Iterator[tuple[str, date, Callable[[datetime, datetime], Counted]]]:
    """Yield what the analytics of posts count, for `cells`."""
    for post in found:
        yield str(post.id), posted_on(post), partial(analytics_metrics, world, post.id)


def rows_of(account_id: str, found: Mapping[Cell, Mapping[str, int | None]], dimensions: Collection[str]) -> list[Row]:
    """Return a report's rows in the order of their keys."""
    rows: list[Row] = []
    for tweet_id, day, hour in sorted(found, key=lambda key: (key[0] or "", key[1] or "", key[2] or 0)):
        named = {"tweet_id": tweet_id, "date": day, "hour": hour}
        row: Row = {"account_id": account_id}
        row |= {name: value for name, value in named.items() if value is not None}
        figures: Row = {**found[tweet_id, day, hour]}
        if "metric" in dimensions:
            rows += [row | {"metric": name, "value": value} for name, value in figures.items()]
        else:
            rows.append(row | figures)
    return rows
