"""`metadata.yaml` against the model that Airbyte publishes, and against what it repeats from other files."""

import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load((ROOT / "metadata.yaml").read_text()))


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def test_the_metadata_fit_the_schema_that_airbyte_publishes(metadata: dict[str, Any]) -> None:
    pytest.importorskip("airbyte_connector_models", reason="Airbyte publishes its models for Python 3.11 and 3.12")
    folder = resources.files("airbyte_connector_models") / "metadata" / "v0"
    schema = json.loads((folder / "ConnectorMetadataDefinitionV0.json").read_text())
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(metadata)] == []


def test_the_metadata_fit_the_model_that_airbyte_publishes(metadata: dict[str, Any]) -> None:
    models = pytest.importorskip(
        "airbyte_connector_models.metadata.v0.connector_metadata_definition_v0",
        reason="Airbyte publishes its models for Python 3.11 and 3.12",
    )
    model = models.ConnectorMetadataDefinitionV0.model_validate(metadata)
    assert model.data.docker_repository == "airbyte/source-x-organic"


def test_a_key_that_airbyte_does_not_know_is_refused(metadata: dict[str, Any]) -> None:
    models = pytest.importorskip(
        "airbyte_connector_models.metadata.v0.connector_metadata_definition_v0",
        reason="Airbyte publishes its models for Python 3.11 and 3.12",
    )
    with pytest.raises(ValueError, match="dockerImageTags"):
        models.ConnectorMetadataDefinitionV0.model_validate(
            {**metadata, "data": {**metadata["data"], "dockerImageTags": "1"}}
        )


def test_every_file_names_the_same_version(metadata: dict[str, Any], dockerfile: str, version: str) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    newest = re.search(r"^## \[?v?(\d+\.\d+\.\d+)", changelog, flags=re.MULTILINE)
    label = re.search(r'io\.airbyte\.version="([^"]+)"', dockerfile)
    assert newest is not None
    assert label is not None
    assert {
        "metadata.yaml": metadata["data"]["dockerImageTag"],
        "CHANGELOG.md": newest.group(1),
        "Dockerfile": label.group(1),
    } == {"metadata.yaml": version, "CHANGELOG.md": version, "Dockerfile": version}


def test_the_image_has_the_name_and_the_base_of_the_metadata(metadata: dict[str, Any], dockerfile: str) -> None:
    name = re.search(r'io\.airbyte\.name="([^"]+)"', dockerfile)
    base = re.search(r"^ARG BASE_IMAGE=(\S+)$", dockerfile, flags=re.MULTILINE)
    assert name is not None
    assert base is not None
    assert name.group(1) == metadata["data"]["dockerRepository"]
    assert base.group(1) == metadata["data"]["connectorBuildOptions"]["baseImage"].partition("@")[0]


def test_the_suggested_streams_are_streams_that_have_a_schema(metadata: dict[str, Any]) -> None:
    schemas = {path.stem for path in (ROOT / "source_x_organic" / "schemas").glob("*.json")}
    assert set(metadata["data"]["suggestedStreams"]["streams"]) <= schemas


def test_the_icon_is_a_square_drawing(metadata: dict[str, Any]) -> None:
    icon = (ROOT / metadata["data"]["icon"]).read_text()
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', icon)
    assert box is not None
    assert box.group(1) == box.group(2)
