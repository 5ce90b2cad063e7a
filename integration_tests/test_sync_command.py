from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from x_simulator import AccountSpec, Simulator, World

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(find_spec("airbyte") is None, reason="PyAirbyte needs Python 3.11 or 3.12")

PROJECT = Path(__file__).resolve().parents[1]
LONG_AGO = "2026-01-01T00:00:00Z"
ACCOUNTS = (
    # Sixty posts in fifteen days, so that all are young enough to be read again.
    AccountSpec("brand", posts=60, posts_per_day=4),
    AccountSpec("second", posts=45, posts_per_day=4),
)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(world=World(7, ACCOUNTS, datetime.now(UTC))) as it:
        yield it


class Sync:
    """The command with a configuration and a database of its own."""

    def __init__(self, folder: Path, configuration: dict[str, Any]) -> None:
        self.config = folder / "config.json"
        self.database = folder / "database" / "x.duckdb"
        self.config.write_text(json.dumps(configuration))
        self.config.chmod(0o600)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "demo.sync", "--config", str(self.config), "--database", str(self.database)]
        return subprocess.Popen(
            [*command, *arguments], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        with self.start(*arguments) as process:
            text, _ = process.communicate(timeout=100)
        assert "Traceback" not in text
        return process.returncode, text

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        import duckdb

        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def saved(self) -> dict[str, Any]:
        configuration: dict[str, Any] = json.loads(self.config.read_text())
        return configuration

    def expire(self) -> None:
        configuration = self.saved()
        configuration["credentials"]["token_expiry_date"] = LONG_AGO
        self.config.write_text(json.dumps(configuration))


def rotating(simulator: Simulator) -> dict[str, Any]:
    """Return a configuration whose access tokens have expired: the first one confidential, the second one public."""
    second = {**simulator.oauth2("second", public_client=True), "token_expiry_date": LONG_AGO}
    return simulator.configuration(
        credentials={**simulator.oauth2("brand"), "token_expiry_date": LONG_AGO},
        account_credentials=json.dumps([{"account": "@second", "credentials": second}]),
    )


def assert_same_tokens(saved: dict[str, Any], issued: dict[str, str]) -> None:
    """The connector counts a token's life from when it asked, a moment before X issued it."""
    early = datetime.fromisoformat(issued["token_expiry_date"]) - datetime.fromisoformat(saved["token_expiry_date"])
    assert timedelta(0) <= early <= timedelta(seconds=10)
    assert saved | {"token_expiry_date": ""} == issued | {"token_expiry_date": ""}


def test_rotated_tokens_are_saved_and_the_second_sync_reads_what_is_new(tmp_path: Path, simulator: Simulator) -> None:
    sync = Sync(tmp_path, rotating(simulator))
    before = sync.saved()

    status, text = sync.run()

    assert status == 0, text
    assert f"X replaced the OAuth 2.0 tokens; the new ones are in {sync.config}" in text
    after = sync.saved()
    assert_same_tokens(after["credentials"], simulator.oauth2("brand"))
    assert after["credentials"].keys() == before["credentials"].keys() | {"access_token", "token_expiry_date"}
    (second,) = json.loads(after["account_credentials"])
    assert_same_tokens(second["credentials"], simulator.oauth2("second", public_client=True))
    assert (
        second["credentials"]["refresh_token"]
        != json.loads(before["account_credentials"])[0]["credentials"]["refresh_token"]
    )
    assert sync.config.stat().st_mode & 0o777 == 0o600
    assert sync.rows("SELECT account_id, count(*) FROM tweets GROUP BY 1 ORDER BY 2") == [
        (simulator.world.user_id("second"), 45),
        (simulator.world.user_id("brand"), 60),
    ]

    simulator.journal.clear()
    new = simulator.world.add_post("brand", "Said between two syncs.")
    sync.expire()
    status, text = sync.run()

    assert status == 0, text
    assert_same_tokens(sync.saved()["credentials"], simulator.oauth2("brand"))
    assert (new, "Said between two syncs.") in sync.rows("SELECT id, text FROM tweets")
    assert sync.rows("SELECT count(*), count(DISTINCT id) FROM tweets") == [(106, 106)]
    starts = [entry.query["start_time"] for entry in simulator.journal.requests_to(r"/2/users/\d+/tweets")]
    newest = max(starts)
    assert (datetime.now(UTC) - datetime.fromisoformat(newest)).days <= 31, "a first sync reads three months"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["config.json", "database", "x.duckdb"]


def test_an_account_that_fails_does_not_cost_the_others_their_rows(tmp_path: Path, simulator: Simulator) -> None:
    configuration = simulator.configuration("brand")
    broken = json.loads(configuration["account_credentials"])
    broken[0]["credentials"]["access_token_secret"] = "no-longer-the-secret"
    sync = Sync(tmp_path, {**configuration, "account_credentials": json.dumps(broken)})

    status, text = sync.run()

    assert status == 1
    assert text.splitlines()[-1].startswith(
        "error: The sync ended, but not everything could be read; the rest is saved."
    )
    assert "no-longer-the-secret" not in text
    assert sync.rows("SELECT account_id, count(*) FROM tweets GROUP BY 1") == [(simulator.world.user_id("brand"), 60)]


def test_an_interrupted_sync_saves_what_it_read_and_the_next_one_goes_on(tmp_path: Path, simulator: Simulator) -> None:
    simulator.latency_seconds = 0.4
    sync = Sync(tmp_path, simulator.configuration())
    with sync.start() as process:
        wait_for_pages(simulator, 2)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert text.splitlines()[-1].startswith("Interrupted")
    assert "Traceback" not in text

    simulator.latency_seconds = 0
    status, text = sync.run()

    assert status == 0, text
    assert sync.rows("SELECT count(*), count(DISTINCT id) FROM tweets") == [(105, 105)]
    assert sync.rows("SELECT count(*), count(DISTINCT tweet_id) FROM tweet_insights") == [(105, 105)]


def wait_for_pages(simulator: Simulator, number: int) -> None:
    """Return when the connector asked for the first pages of the timelines; check asks for none."""
    deadline = time.monotonic() + 60
    while len(simulator.journal.requests_to(r"/2/users/\d+/tweets")) < number:
        assert time.monotonic() < deadline, "the sync never began to read"
        simulator.clock.sleep(0.05)


def test_a_configuration_that_cannot_work_is_refused_with_the_connectors_own_words(
    tmp_path: Path, simulator: Simulator
) -> None:
    wrong = simulator.configuration("brand", account_credentials="")
    wrong["credentials"]["access_token_secret"] = "wrong-secret-of-the-user"
    status, text = Sync(tmp_path, wrong).run()
    assert status == 1
    assert "error: No account can be read over the X API: credentials: X refused" in text
    assert "X refused the account behind the credentials" in text
    assert "wrong-secret-of-the-user" not in text

    status, text = Sync(tmp_path, {"credentials": {}}).run()
    assert status == 1
    assert "error: credentials" in text


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, simulator: Simulator) -> None:
    sync = Sync(tmp_path, simulator.configuration())
    sync.database.parent.mkdir()
    sync.database.write_text("my diary")
    status, text = sync.run()
    assert status == 1
    assert text.splitlines()[-1] == f"error: {sync.database} is no DuckDB database. Name another file with --database."
    assert sync.database.read_text() == "my diary"
    assert [path.name for path in sync.database.parent.iterdir()] == ["x.duckdb"]
