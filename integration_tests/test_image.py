"""The connector's image, built from the Dockerfile and run as Airbyte runs it: four commands, against the simulator.

Asked for with `make image-test`; skipped with the reason where containers cannot be had.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.image_tests, pytest.mark.timeout(1200)]

ROOT = Path(__file__).parent.parent
CONTAINER = str(ROOT / "scripts" / "container")
NO_CONTAINERS_HERE = 77

Message = dict[str, Any]


def engine(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [CONTAINER, "engine", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=300, check=False)


def messages(output: str, kind: str) -> list[Message]:
    return [message for message in map(json.loads, output.splitlines()) if message["type"] == kind]


def outside(*arguments: str) -> str:
    """What the same command prints without a container."""
    command = [sys.executable, "-m", "source_x_organic", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True).stdout


@dataclass(frozen=True)
class Image:
    """A built image, and a folder that its containers see as /secrets."""

    name: str
    secrets: Path

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        mount = f"{self.secrets}:/secrets:ro"
        return engine("run", "-i", "--rm", "--network", "host", "-v", mount, self.name, *arguments, stdin=stdin)

    def look(self, program: str, *arguments: str) -> str:
        done = engine("run", "--rm", "--entrypoint", program, self.name, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def inspect(self, template: str) -> str:
        return engine("image", "inspect", "--format", template, self.name).stdout.strip()

    def secret(self, name: str, content: object) -> str:
        """Write a file that the container's user may read, and return its path inside."""
        (self.secrets / name).write_text(json.dumps(content))
        (self.secrets / name).chmod(0o644)
        return f"/secrets/{name}"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, standard_configurations: Path) -> Image:
    done = subprocess.run([CONTAINER, "build"], capture_output=True, text=True, timeout=1100, check=False)
    if done.returncode == NO_CONTAINERS_HERE:
        pytest.skip(done.stderr.splitlines()[-1].removeprefix("skipped: "))
    if done.returncode != 0:
        pytest.fail("\n".join(["The image cannot be built:", *done.stderr.splitlines()[-12:]]), pytrace=False)
    folder = tmp_path_factory.mktemp("secrets")
    folder.chmod(0o755)
    built = Image(done.stdout.strip(), folder)
    for name in ("config.json", "wrong_secret.json"):
        built.secret(name, json.loads((standard_configurations / name).read_text()))
    return built


def configured_catalog(streams: Sequence[Message]) -> Message:
    return {
        "streams": [
            {
                "stream": stream,
                "sync_mode": "incremental" if "incremental" in stream["supported_sync_modes"] else "full_refresh",
                "destination_sync_mode": "append",
            }
            for stream in streams
        ]
    }


def test_spec_says_what_the_program_says_outside(image: Image) -> None:
    done = image.run("spec")
    assert done.returncode == 0
    assert messages(done.stdout, "SPEC") == messages(outside("spec"), "SPEC")


def test_check_reaches_a_server_on_the_host(image: Image) -> None:
    done = image.run("check", "--config", "/secrets/config.json")
    assert done.returncode == 0
    assert [message["connectionStatus"]["status"] for message in messages(done.stdout, "CONNECTION_STATUS")] == [
        "SUCCEEDED"
    ]


def test_check_takes_its_configuration_from_stdin_too(image: Image) -> None:
    done = image.run("check", "--config", "/dev/stdin", stdin=(image.secrets / "config.json").read_text())
    assert [message["connectionStatus"]["status"] for message in messages(done.stdout, "CONNECTION_STATUS")] == [
        "SUCCEEDED"
    ]


def test_check_fails_where_x_refuses_the_secret_and_does_not_repeat_it(image: Image) -> None:
    done = image.run("check", "--config", "/secrets/wrong_secret.json")
    assert [message["connectionStatus"]["status"] for message in messages(done.stdout, "CONNECTION_STATUS")] == [
        "FAILED"
    ]
    assert "not-the-secret" not in done.stdout + done.stderr


def test_discover_says_what_the_program_says_outside(image: Image) -> None:
    done = image.run("discover", "--config", "/secrets/config.json")
    assert done.returncode == 0
    there = outside("discover", "--config", str(image.secrets / "config.json"))
    assert messages(done.stdout, "CATALOG") == messages(there, "CATALOG")


def test_read_brings_every_stream_and_goes_on_from_its_state(image: Image) -> None:
    discovered = messages(image.run("discover", "--config", "/secrets/config.json").stdout, "CATALOG")[0]["catalog"]
    streams = {stream["name"] for stream in discovered["streams"]}
    assert {"tweets", "organic_report", "scheduled_tweets", "sync_coverage"} < streams
    catalog = image.secret("catalog.json", configured_catalog(discovered["streams"]))

    first = image.run("read", "--config", "/secrets/config.json", "--catalog", catalog)
    assert first.returncode == 0, first.stdout[-2000:]
    first_records = Counter(message["record"]["stream"] for message in messages(first.stdout, "RECORD"))
    # The report's first sync is the base line of all posts but those of today, and there may be none.
    assert set(first_records) | {"organic_report"} == streams

    newest = {
        message["state"]["stream"]["stream_descriptor"]["name"]: message["state"]
        for message in messages(first.stdout, "STATE")
    }
    assert set(newest) == streams

    state = image.secret("state.json", list(newest.values()))
    second = image.run("read", "--config", "/secrets/config.json", "--catalog", catalog, "--state", state)
    assert second.returncode == 0, second.stdout[-2000:]
    second_records = Counter(message["record"]["stream"] for message in messages(second.stdout, "RECORD"))
    assert 0 < second_records["tweets"] < first_records["tweets"]


def test_a_read_of_a_broken_configuration_ends_with_one(image: Image) -> None:
    config = image.secret("broken.json", {"credentials": {"auth_type": "oauth1"}})
    catalog = image.secret("empty_catalog.json", {"streams": []})
    assert image.run("read", "--config", config, "--catalog", catalog).returncode == 1


def test_an_unknown_command_ends_with_two(image: Image) -> None:
    assert image.run("sing").returncode == 2


def test_a_signal_to_stop_reaches_the_program(image: Image) -> None:
    name = f"stopped-{os.getpid()}"
    command = [CONTAINER, "engine", "run", "-i", "--rm", "--name", name, image.name, "check", "--config", "/dev/stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as waiting_for_its_configuration:
        assert stopped_with(waiting_for_its_configuration, name) == 143


def stopped_with(process: subprocess.Popen[bytes], name: str) -> int:
    """Ask the container to stop until it does; the system drops what comes before the program listens."""
    for _ in range(60):
        engine("kill", "--signal", "TERM", name)
        try:
            return process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            continue
    engine("rm", "--force", name)
    return process.wait()


def test_the_program_runs_as_airbytes_own_user_and_no_other(image: Image) -> None:
    assert image.look("id", "-u") == "1000"
    assert image.inspect("{{.Config.User}}") == "airbyte"


def test_airbyte_finds_the_entry_point_and_the_labels(image: Image) -> None:
    assert json.loads(image.inspect("{{json .Config.Entrypoint}}")) == ["/opt/connector/bin/source-x-organic"]
    assert "AIRBYTE_ENTRYPOINT=/opt/connector/bin/source-x-organic" in json.loads(image.inspect("{{json .Config.Env}}"))
    assert image.inspect('{{index .Config.Labels "io.airbyte.name"}}') == "airbyte/source-x-organic"


def test_the_image_holds_nothing_that_running_does_not_need(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    unwanted = [
        "x_simulator",
        "unit_tests",
        "integration_tests",
        "benchmarks",
        "demo",
        "pytest",
        "pip",
        "mypy",
        "*.lock",
    ]
    names = [part for name in unwanted for part in ("-o", "-name", name)][1:]
    assert image.look("find", "/opt/connector", "/airbyte", "-maxdepth", "4", *names) == ""
    with capsys.disabled():
        print(f"\nThe image has {int(image.inspect('{{.Size}}')) / 1e6:.0f} MB.")  # noqa: T201 - for whoever reads the log
