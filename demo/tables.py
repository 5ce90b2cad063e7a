"""What is in the database, for a reader at a terminal."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from duckdb import DuckDBPyConnection

LONGEST_CELL = 58

ENGAGEMENTS = "coalesce({0}.like_count + {0}.reply_count + {0}.retweet_count + {0}.quote_count + {0}.bookmark_count, 0)"
"""What people did with a post in public; `{0}` is the table's alias."""

_TOP_POSTS = f"""
    SELECT '@' || accounts.username, strftime(tweets.created_at, '%Y-%m-%d'), {ENGAGEMENTS.format("tweets")},
        tweets.impression_count, tweets.text
    FROM tweets JOIN accounts ON accounts.id = tweets.account_id
    WHERE NOT tweets.is_retweet ORDER BY 3 DESC LIMIT ?
"""  # noqa: S608 - a constant
_ACCOUNTS = f"""
    SELECT '@' || accounts.username, accounts.followers_count, posts, impressions,
        round(100 * engagements / impressions, 1)
    FROM accounts LEFT JOIN (
        SELECT account_id, count(*) AS posts, sum(impression_count) AS impressions,
            sum({ENGAGEMENTS.format("tweets")}) AS engagements
        FROM tweets WHERE NOT is_retweet GROUP BY account_id
    ) AS theirs ON theirs.account_id = accounts.id ORDER BY followers_count DESC
"""  # noqa: S608 - a constant

_DAILY = """
    SELECT strftime(date, '%a %d %b'), count(DISTINCT tweet_id), sum(impressions)::BIGINT, sum(engagements)::BIGINT,
        sum(likes)::BIGINT, coalesce(sum(url_clicks), 0)::BIGINT, sum(user_profile_clicks)::BIGINT
    FROM organic_report WHERE metrics_source = 'x_api_metrics' GROUP BY date ORDER BY date DESC LIMIT ?
"""

_SCHEDULED = """
    SELECT ads.name, ads.timezone, scheduled.scheduled_at, scheduled.nullcast, scheduled.text
    FROM {schema}.scheduled_tweets AS scheduled JOIN {schema}.ads_accounts AS ads ON ads.id = scheduled.ads_account_id
    WHERE scheduled.scheduled_status = 'SCHEDULED' ORDER BY scheduled.scheduled_at, scheduled.id LIMIT ?
"""


def counts(database: DuckDBPyConnection, streams: Sequence[str], schema: str = "main") -> dict[str, int]:
    """Return the number of rows of each stream's table."""
    query = 'SELECT count(*) FROM "{}"."{}"'
    return {name: database.execute(query.format(schema, name)).fetchall()[0][0] for name in sorted(streams)}


def counted(counts: dict[str, int]) -> str:
    """Return the tables and their numbers of rows, one a line."""
    return table(["table", "rows"], list(counts.items()))


def accounts(database: DuckDBPyConnection) -> str:
    """Return the accounts with followers, posts and the public engagement rate of their posts."""
    titles = ["account", "followers", "posts", "impressions", "engagement %"]
    return table(titles, database.execute(_ACCOUNTS).fetchall())


def top_posts(database: DuckDBPyConnection, number: int = 5) -> str:
    """Return the posts that most people did something with."""
    titles = ["account", "posted", "engagements", "impressions", "text"]
    return table(titles, database.execute(_TOP_POSTS, [number]).fetchall())


def daily(database: DuckDBPyConnection, number: int = 7) -> str:
    """Return what the posts of the own accounts earned on each of the last days, the newest first."""
    titles = ["day (UTC)", "posts", "impressions", "engagements", "likes", "link clicks", "profile clicks"]
    return table(titles, database.execute(_DAILY, [number]).fetchall())


def scheduled(database: DuckDBPyConnection, schema: str, number: int = 5) -> str:
    """Return the tweets that are posted next, at the local times of their Ads accounts."""
    titles = ["Ads account", "at", "for", "text"]
    rows = database.execute(_SCHEDULED.format(schema=schema), [number]).fetchall()
    return table(
        titles,
        [
            (name, _local_time(at, timezone), "ads alone" if nullcast else "everybody", text)
            for name, timezone, at, nullcast, text in rows
        ],
    )


def _local_time(instant: datetime, timezone: str) -> str:
    """Return an instant, which the database holds in UTC, as the clocks of a zone show it."""
    return f"{instant.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)):%a %d %b %H:%M}"


def table(titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return aligned columns, numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    is_number = [all(isinstance(row[place], int | float) for row in rows) for place in range(len(titles))]
    widths = [max(len(line[place]) for line in [list(titles), *cells]) for place in range(len(titles))]
    lines = [
        "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, is_number, strict=True)
        )
        for line in [list(titles), *cells]
    ]
    return "\n".join(f"  {line}".rstrip() for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
