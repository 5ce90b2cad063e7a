from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(find_spec("airbyte") is None, reason="PyAirbyte needs Python 3.11 or 3.12")

PROJECT = Path(__file__).resolve().parents[1]
POSTS = 30
WORLD = json.dumps(
    [
        {"username": "brand", "posts": POSTS, "posts_per_day": 1, "mix": ["original"]},
        {"username": "rival", "posts": POSTS, "posts_per_day": 1, "owned": False},
    ]
)
ADS_ACCOUNTS = json.dumps([{"name": "Brand Ads", "users": [["brand", "FULL"]], "timezone": "Asia/Kolkata"}])
DAYS = 3


@contextmanager
def demo(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start the demo as the leader of a process group; afterwards nobody of the group may be left."""
    command = [sys.executable, "-m", "demo", *arguments]
    # Buffered or not, errors come in their place among the rest.
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
        process.wait(60)
        assert_nobody_is_left_in(process.pid)
    finally:
        if process.stdout is not None:
            process.stdout.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def assert_nobody_is_left_in(group: int) -> None:
    # A process that ended belongs to its group until the system has collected it, which is nobody's to wait for.
    collected = threading.Event()
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        collected.wait(0.1)
    pytest.fail("a process of the demo is still running")


def printed(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.read()


def test_the_demo_fills_the_tables_draws_the_picture_and_leaves_nothing_running(tmp_path: Path) -> None:
    world = ("--accounts", WORLD, "--ads-accounts", ADS_ACCOUNTS)
    with demo("--output", str(tmp_path / "out"), "--days", str(DAYS), *world) as process:
        text = printed(process)
    assert process.returncode == 0, text

    import duckdb

    with duckdb.connect(str(tmp_path / "out" / "x-organic.duckdb"), read_only=True) as database:

        def rows(query: str) -> list[tuple[object, ...]]:
            return database.execute(query).fetchall()

        today = datetime.now(UTC).date()
        assert rows("SELECT username, is_own_account FROM accounts ORDER BY 1") == [("brand", True), ("rival", False)]
        assert rows("SELECT count(*), count(DISTINCT id) FROM tweets") == [(2 * POSTS, 2 * POSTS)]
        assert rows("SELECT username, count(*) FROM account_insights GROUP BY 1 ORDER BY 1") == [
            ("brand", DAYS + 1),
            ("rival", DAYS + 1),
        ]
        assert rows("SELECT DISTINCT date FROM account_insights ORDER BY 1") == [
            (today - timedelta(days=ago),) for ago in range(DAYS, -1, -1)
        ]
        # Each day knows the posts that there were: one more of each account than the day before.
        assert rows("SELECT date, count(*) FROM tweet_insights GROUP BY 1 ORDER BY 1") == [
            (today - timedelta(days=ago), 2 * (POSTS - ago)) for ago in range(DAYS, -1, -1)
        ]
        assert rows("""
            SELECT count(*) FROM tweet_insights AS later JOIN tweet_insights AS earlier USING (tweet_id)
            WHERE later.date > earlier.date AND later.impression_count < earlier.impression_count
        """) == [(0,)]
        # The days add up to what the counters grew by: from zero, or from the first sync on for posts of days before.
        assert rows("""
            WITH seen AS (SELECT *, min(date) OVER () AS first FROM tweet_insights),
            counters AS (
                SELECT tweet_id, max(organic_impression_count)
                    - if(min(created_at) < min(first), min(organic_impression_count), 0) AS grown
                FROM seen WHERE organic_impression_count IS NOT NULL GROUP BY tweet_id
            ),
            days AS (SELECT tweet_id, sum(impressions) AS total FROM organic_report GROUP BY tweet_id)
            SELECT max(abs(total - grown)), count(*) > 25 FROM days JOIN counters USING (tweet_id)
        """) == [(0, True)]
        assert rows("SELECT min(date), max(date) FROM organic_report") == [(today - timedelta(days=DAYS), today)]
        assert rows("SELECT DISTINCT metrics_source FROM organic_report ORDER BY 1") == [
            ("x_api_metrics",),
            ("x_api_public",),
        ]
        assert rows("SELECT name, timezone FROM ads.ads_accounts") == [("Brand Ads", "Asia/Kolkata")]
        assert rows("""
            SELECT count(*), count(DISTINCT ads.promotable_users.account_id)
            FROM ads.promotable_users JOIN accounts ON accounts.id = ads.promotable_users.account_id
            WHERE accounts.username = 'brand'
        """) == [(1, 1)]
        assert rows("SELECT count(*), count(DISTINCT id) FROM ads.scheduled_tweets") == [(5, 5)]
        assert rows("SELECT count(*), count(DISTINCT id) FROM ads.draft_tweets") == [(3, 3)]
        # Each post has one row for each local day from its posting to today, as if there had been one sync alone.
        local_today = datetime.now(ZoneInfo("Asia/Kolkata")).date()
        assert rows("SELECT count(DISTINCT tweet_id), max(date) FROM ads.organic_report") == [(POSTS, local_today)]
        assert (
            rows("""
            SELECT tweet_id FROM ads.organic_report GROUP BY tweet_id
            HAVING count(*) <> date_diff('day', min(date), max(date)) + 1 OR count(*) <> count(DISTINCT date)
        """)
            == []
        )
    for name in ("x-organic.png", "x-organic-daily.png"):
        picture = (tmp_path / "out" / name).read_bytes()
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        assert len(picture) > 50_000
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "config-ads.json",
        "config.json",
        "x-organic-daily.png",
        "x-organic.duckdb",
        "x-organic.png",
    ]
    for told in (
        "@brand: tweets: available.",
        "account_insights       11",
        "3 daily syncs in fast motion",
        "Sync Progress: source-x-organic -> DuckDBCache",
        "== A report of your own: when posts are seen",
        "  672 records by 2 requests\n",
        "== When posts of @brand are seen",
        "(Brand Ads): 9 streams available.",
        "records; the figures by 2 jobs\n",
        "records; the figures by 4 requests\n",
        "== What the posts of the last 30 days earned, day by day",
        "== What is scheduled next",
        f"The picture    {tmp_path / 'out' / 'x-organic.png'}",
        f"Day by day     {tmp_path / 'out' / 'x-organic-daily.png'}",
        "make sync CONFIG=secrets/config.json",
    ):
        assert told in text
    assert re.search(rf"^  tweets +{2 * POSTS}$", text, re.MULTILINE)


def test_a_world_without_ads_accounts_is_shown_without_the_ads_api(tmp_path: Path) -> None:
    with demo("--output", str(tmp_path), "--days", "1", "--accounts", WORLD) as process:
        text = printed(process)
    assert process.returncode == 0, text
    assert "Ads" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "x-organic.duckdb", "x-organic.png"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_stopped_in_the_middle_leaves_nothing_running(tmp_path: Path, number: signal.Signals) -> None:
    with demo("--output", str(tmp_path), "--accounts", WORLD) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("  http://127.0.0.1:"):  # the simulator runs, and check is about to
                break
        # Ctrl-C reaches everybody who sits at the terminal; a polite kill reaches the leader alone.
        (os.killpg if number is signal.SIGINT else os.kill)(process.pid, number)
        text = printed(process)
    assert process.returncode == 128 + number
    assert "Traceback" not in text


def test_a_simulator_that_does_not_start_is_told_of_in_a_line(tmp_path: Path) -> None:
    with demo("--output", str(tmp_path), "--accounts", '[{"username": "brand", "posts": -1}]') as process:
        text = printed(process)
    assert process.returncode == 1
    assert "error: The simulator did not start." in text
    assert "account brand: posts >= 0" in text
    assert "Traceback" not in text
