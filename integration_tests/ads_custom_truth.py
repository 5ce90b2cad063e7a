"""What custom reports of the Ads API must hold, told from the invented world alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from integration_tests import truth
from integration_tests.ads_truth import DAY, days, midnight
from x_simulator.accounts import PostKind
from x_simulator.ads_api.metrics import organic_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from x_simulator import World
    from x_simulator.ads_accounts import AdsAccount
    from x_simulator.posts import Post

Row = dict[str, Any]
Earned = tuple[str | None, str | None, int | None, dict[str, int]]
"""Tweet, local date and local hour, as far as they are told apart, and what was earned then."""

COLUMNS = {"tweet": "tweet_id", "day": "date", "hour": "hour", "metric": "metric"}
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """What a report asks for.

    Attributes:
        dimensions: As the user writes them.
        metrics: Names of columns, or values of `metric`.
        first: The first local day.
        last: The last one.
    """

    dimensions: Sequence[str]
    metrics: Sequence[str]
    first: date
    last: date


def tweets(world: World, username: str, now: datetime) -> list[Post]:
    """Return a user's tweets, oldest first, retweets aside."""
    posts = world.posts(username, at=now)
    return sorted((post for post in posts if post.kind is not PostKind.RETWEET), key=lambda post: post.id)


def since(posts: Iterable[Post], account: AdsAccount, first: date) -> list[Post]:
    """Return those that were posted on a local day or later."""
    return [post for post in posts if _posted(post, account) >= first]


def rows(world: World, account: AdsAccount, posts: Iterable[Post], asked: Asked, now: datetime) -> dict[str, Row]:
    """Return a report's rows by key: everything that the tweets earned in the period, from their posting on."""
    by_user: dict[str, list[Post]] = {}
    for post in posts:
        by_user.setdefault(str(post.account.id), []).append(post)
    made = [
        {"account_id": user_id, "ads_account_id": account.id} | row
        for user_id, of_user in by_user.items()
        for row in _of_user(world, account, of_user, asked, now)
    ]
    columns = ("account_id", *(COLUMNS[each] for each in COLUMNS if each in asked.dimensions))
    return {" ".join(str(row[column]) for column in columns): row for row in made}


def _of_user(world: World, account: AdsAccount, posts: Iterable[Post], asked: Asked, now: datetime) -> Iterator[Row]:
    sums: dict[tuple[tuple[str, Any], ...], Counter[str]] = {}
    for post in posts:
        for tweet_id, day, hour, earned in _earned(world, account, post, asked, now):
            known = {"tweet_id": tweet_id, "date": day, "hour": hour}
            key = tuple(
                (name, known[name]) for each, name in COLUMNS.items() if each in asked.dimensions and name in known
            )
            sums.setdefault(key, Counter()).update({name: earned[name] for name in asked.metrics})
    for key, figures in sums.items():
        yield from _written(dict(key), figures, asked)


def _written(key: Row, figures: Mapping[str, int], asked: Asked) -> Iterator[Row]:
    if "metric" in asked.dimensions:
        yield from ({**key, "metric": name, "value": figures[name]} for name in asked.metrics)
    else:
        yield {**key, **{name: figures[name] for name in asked.metrics}}


def _earned(world: World, account: AdsAccount, post: Post, asked: Asked, now: datetime) -> Iterator[Earned]:
    zone = account.timezone
    for day in days(max(asked.first, _posted(post, account)), asked.last):
        start, end = midnight(day, zone), midnight(day + DAY, zone)
        if "hour" not in asked.dimensions:
            yield str(post.id), day.isoformat(), None, organic_metrics(world, post.id, start, min(end, now))
            continue
        while start < end and start <= now:
            until = min(start + HOUR, end, now)
            hour = start.astimezone(zone).hour
            yield str(post.id), day.isoformat(), hour, organic_metrics(world, post.id, start, until)
            start += HOUR


def _posted(post: Post, account: AdsAccount) -> date:
    return truth.instant(post.created_ms).astimezone(account.timezone).date()
