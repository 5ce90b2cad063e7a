from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from demo.daily_charts import AdsStory, _against_the_mean, _half_life, stories
from demo.drawing import COLOURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

KOLKATA = ZoneInfo("Asia/Kolkata")
MONDAY = date(2026, 11, 2)


@pytest.fixture
def database() -> Iterator[DuckDBPyConnection]:
    duckdb = pytest.importorskip("duckdb", reason="comes with PyAirbyte, which needs Python 3.11 or 3.12")
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE TABLE accounts (id VARCHAR, username VARCHAR);
            INSERT INTO accounts VALUES ('1', 'lumen_mill');
            CREATE SCHEMA ads;
            CREATE TABLE ads.ads_accounts (id VARCHAR, account_id VARCHAR, name VARCHAR, timezone VARCHAR);
            INSERT INTO ads.ads_accounts VALUES ('a', '1', 'Mill Ads', 'Asia/Kolkata'), ('b', '2', 'Kiln', 'UTC'),
                ('c', '1', 'Without posts', 'UTC');
            CREATE TABLE ads.organic_report (ads_account_id VARCHAR, tweet_id VARCHAR, date DATE,
                period_start TIMESTAMP, period_end TIMESTAMP, impressions BIGINT);
        """)
        yield connection


def report(database: DuckDBPyConnection, account: str, tweet: str, first: date, *impressions: int) -> None:
    zone = KOLKATA if account == "a" else UTC
    for age, number in enumerate(impressions):
        day = first + timedelta(days=age)
        start, end = (
            datetime(each.year, each.month, each.day, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
            for each in (day, day + timedelta(days=1))
        )
        database.execute(
            "INSERT INTO ads.organic_report VALUES (?, ?, ?, ?, ?, ?)", [account, tweet, day, start, end, number]
        )


def test_a_post_is_followed_from_its_first_day_and_a_weekday_counts_once_it_is_over(
    database: DuckDBPyConnection,
) -> None:
    report(database, "a", "11", MONDAY, 10, 30, 20)
    report(database, "a", "12", MONDAY + timedelta(days=1), 50, 10)
    report(database, "b", "21", MONDAY, 4, 2, 0)

    spare = next(colour for colour in COLOURS if colour != COLOURS[2])
    assert stories(database, "ads", {"lumen_mill": COLOURS[2]}) == [
        AdsStory("Kiln", "UTC", spare, [4, 2, 0], [4, 2, None, None, None, None, None]),
        AdsStory("Mill Ads", "Asia/Kolkata", COLOURS[2], [30, 20, 20], [10, 80, None, None, None, None, None]),
    ]


def test_half_of_the_attention_comes_within_the_days_that_are_said() -> None:
    cases: list[list[float]] = [[6, 3, 2], [3, 3, 5], [0, 0], []]
    assert [_half_life(by_age) for by_age in cases] == [
        "half of it on the first day",
        "half of it within 2 days",
        "not seen yet",
        "not seen yet",
    ]


def test_a_weekday_is_measured_against_the_mean_of_those_that_are_known() -> None:
    assert _against_the_mean([30.0, 10.0, None]) == [0.5, -0.5, None]
    assert _against_the_mean([0.0, None]) == [None, None]
