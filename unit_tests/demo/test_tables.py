from __future__ import annotations

import pytest

from demo.tables import daily, scheduled, table


def test_columns_are_aligned_numbers_to_the_right() -> None:
    assert table(["table", "rows"], [("tweets", 1_255), ("accounts", 4)]).splitlines() == [
        "  table      rows",
        "  tweets    1,255",
        "  accounts      4",
    ]


def test_long_text_is_shortened_to_one_line_and_null_is_a_dash() -> None:
    lines = table(["text", "posts"], [("first line\nsecond line " + "x" * 60, None)]).splitlines()
    assert lines[1].split("…") == ["  first line second line " + "x" * 34, "  -"]


def test_a_table_without_rows_has_its_titles() -> None:
    assert table(["account", "posts"], []) == "  account  posts"


def test_the_daily_figures_of_own_accounts_are_added_up_by_day() -> None:
    duckdb = pytest.importorskip("duckdb", reason="comes with PyAirbyte, which needs Python 3.11 or 3.12")
    with duckdb.connect() as database:
        database.execute("""
            CREATE TABLE organic_report (date DATE, tweet_id VARCHAR, metrics_source VARCHAR, impressions BIGINT,
                engagements BIGINT, likes BIGINT, url_clicks BIGINT, user_profile_clicks BIGINT);
            INSERT INTO organic_report VALUES
                ('2026-11-19', '1', 'x_api_metrics', 900, 40, 12, NULL, 3),
                ('2026-11-20', '1', 'x_api_metrics', 400, 20, 4, NULL, 0),
                ('2026-11-20', '2', 'x_api_metrics', 1100, 55, 30, 9, 2),
                ('2026-11-20', '3', 'x_api_public', 77777, NULL, 5, NULL, NULL);
        """)
        assert daily(database).splitlines() == [
            "  day (UTC)   posts  impressions  engagements  likes  link clicks  profile clicks",
            "  Fri 20 Nov      2        1,500           75     34            9               2",
            "  Thu 19 Nov      1          900           40     12            0               3",
        ]


def test_what_is_scheduled_next_is_told_at_local_times_without_what_was_posted() -> None:
    duckdb = pytest.importorskip("duckdb", reason="comes with PyAirbyte, which needs Python 3.11 or 3.12")
    with duckdb.connect() as database:
        database.execute("""
            CREATE SCHEMA ads;
            CREATE TABLE ads.ads_accounts AS SELECT 'a' AS id, 'Mill Ads' AS name, 'Asia/Kolkata' AS timezone;
            CREATE TABLE ads.scheduled_tweets (id VARCHAR, ads_account_id VARCHAR, scheduled_status VARCHAR,
                scheduled_at TIMESTAMP, nullcast BOOLEAN, text VARCHAR);
            INSERT INTO ads.scheduled_tweets VALUES
                ('3', 'a', 'SCHEDULED', '2026-11-25 06:00', true, 'Later'),
                ('2', 'a', 'SCHEDULED', '2026-11-22 20:02', false, 'Soon'),
                ('1', 'a', 'SUCCESS', '2026-11-20 20:02', false, 'Posted');
        """)
        assert scheduled(database, "ads").splitlines() == [
            "  Ads account  at                for        text",
            "  Mill Ads     Mon 23 Nov 01:32  everybody  Soon",
            "  Mill Ads     Wed 25 Nov 11:30  ads alone  Later",
        ]
