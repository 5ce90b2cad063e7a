"""`python -m x_simulator` as another process sees it."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from x_simulator.__main__ import main, parser, simulator_from

ACCOUNTS = (
    '[{"username": "tiny_kiln", "posts": 12, "mix": ["original", "reply"]}, {"username": "rival", "owned": false}]'
)
ADS_ACCOUNTS = '[{"name": "Kiln Ads", "users": [["tiny_kiln", "FULL"]], "timezone": "Asia/Kolkata", "drafts": 0}]'


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_first_and_ends_cleanly(tmp_path: Path, ending: signal.Signals) -> None:
    out = tmp_path / "config.json"
    command = [sys.executable, "-m", "x_simulator", "--port", "0", "--accounts", ACCOUNTS, "--config-out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{address}/_simulator/world", timeout=10) as response:
            world = json.load(response)
        process.send_signal(ending)
        rest, errors = process.stdout.read(), process.stderr.read()
    assert (process.returncode, rest, errors) == (0, "", "")
    assert [(account["username"], account["posts"]) for account in world["accounts"]] == [
        ("tiny_kiln", 12),
        ("rival", 100),
    ]
    configuration = json.loads(out.read_text())
    assert set(configuration["base_urls"].values()) == {address}
    assert configuration["credentials"]["auth_type"] == "oauth1"


def test_the_arguments_reach_the_simulator(tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    file.write_text(ACCOUNTS)
    given = ["--accounts", str(file), "--clock-start", "2026-11-20T12:00:00", "--timeline-ceiling", "none"]
    simulator = simulator_from(parser().parse_args([*given, "--latency-ms", "250", "--seed", "9"]))
    assert simulator.clock.time() == 1_795_176_000
    assert simulator.world.seed == 9
    assert simulator.world.account("tiny_kiln").spec.mix == ("original", "reply")
    assert simulator.latency_seconds == 0.25
    assert simulator.application.x_api.behaviour.timeline_ceiling is None


def test_ads_accounts_and_what_their_api_does_reach_the_simulator(tmp_path: Path) -> None:
    file = tmp_path / "ads.json"
    file.write_text(ADS_ACCOUNTS)
    given = ["--accounts", ACCOUNTS, "--ads-accounts", str(file), "--job-seconds", "7", "--without-organic-entity"]
    simulator = simulator_from(parser().parse_args(given))
    assert [(account.name, account.spec.timezone, account.roles) for account in simulator.world.ads] == [
        ("Kiln Ads", "Asia/Kolkata", {"tiny_kiln"})
    ]
    behaviour = simulator.application.ads_api.behaviour
    assert (behaviour.job_seconds, behaviour.organic_entity) == (7, False)


def test_contracts_with_x_reach_the_simulator() -> None:
    def contracts(*arguments: str) -> tuple[set[str], set[str], dict[str, int]]:
        application = simulator_from(parser().parse_args(arguments)).application
        behaviour = application.x_api.behaviour
        return {*application.engagement_api.behaviour.apps}, {*behaviour.enterprise_apps}, application.limits

    paths = [f"/insights/engagement/{name}" for name in ("totals", "28hr", "historical")]
    given = ("--enterprise", "--without-engagement-api", "--engagement-requests-per-minute", "6")
    assert contracts() == ({"main"}, set(), dict.fromkeys(paths, 60))
    assert contracts(*given) == (set(), {"main"}, dict.fromkeys(paths, 6))


def test_ads_accounts_follow_the_accounts_unless_they_are_given() -> None:
    def names(*arguments: str) -> list[str]:
        return [account.name for account in simulator_from(parser().parse_args(arguments)).world.ads]

    assert names() == ["Brightloom US", "Orbit & Oak India", "Pico Bikes"]
    assert names("--accounts", ACCOUNTS) == []
    assert names("--ads-accounts", '[{"name": "Other", "users": [["picobikes", "FULL"]]}]') == ["Other"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--ads-accounts", '[{"name": "A", "users": [["nobody", "FULL"]]}]'], "the world has no account nobody"),
        (["--ads-accounts", '[{"name": "A", "users": ["x"]}]'], "a list of pairs"),
        (["--host", "0.0.0.0"], "loopback"),  # noqa: S104 - what is refused
        (["--accounts", '[{"username": "a", "colour": 1}]'], "colour"),
        (["--accounts", "no-such-file.json"], "no-such-file.json"),
        (["--timeline-ceiling", "few"], "few"),
    ],
)
def test_arguments_that_make_no_sense_are_explained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], complaint: str
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_the_world_without_arguments_has_three_brands_and_a_competitor() -> None:
    simulator = simulator_from(parser().parse_args([]))
    owned = {account.username: account.spec.owned for account in simulator.world.accounts}
    assert owned == {"brightloom": True, "orbitandoak": True, "picobikes": True, "fernwehroast": False}
