"""What every test run shares: patience, and the simulator for Airbyte's standard tests.

`acceptance-test-config.yml` names configuration files, and a configuration holds the address of the simulator, which
has a port of its own in every run. So the files are written here, when the first standard test asks for them.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parent

# A machine that runs other things at the same time is slow now and then, which says nothing about the code. And a
# change is to fail by its own fault: examples are the same in every run; `--hypothesis-profile searching` finds others.
settings.register_profile("searching", settings.default, deadline=None)
settings.register_profile("repeatable", settings.default, deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _configurations_for_scenarios(request: pytest.FixtureRequest) -> None:
    """Start the simulator before a test of the standard suite, and for no other test."""
    if "scenario" in request.fixturenames:
        request.getfixturevalue("standard_configurations")


@pytest.fixture(scope="session")
def standard_configurations(pytestconfig: pytest.Config) -> Iterator[Path]:
    """Yield the folder with a configuration that works and one whose secret X refuses."""
    folder = pytestconfig.rootpath / "integration_tests" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "x_simulator", "--port", "0", "--config-out", str(folder / "config.json")]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as simulator:  # noqa: S603 - our own
        try:
            assert simulator.stdout is not None  # noqa: S101 - a pipe was asked for
            assert simulator.stdout.readline().startswith("http://127.0.0.1:")  # noqa: S101 - or nothing can be tested
            _write_wrong_secret(folder)
            yield folder
        finally:
            simulator.terminate()


def _write_wrong_secret(folder: Path) -> None:
    configuration = json.loads((folder / "config.json").read_text())
    configuration["credentials"]["access_token_secret"] = "not-the-secret"  # noqa: S105 - that is the point
    # One account that can be read would turn the refusal of the other into a warning.
    configuration.pop("account_credentials", None)
    (folder / "wrong_secret.json").write_text(json.dumps(configuration, indent=2))
