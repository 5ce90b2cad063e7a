"""The documents against the code: what they name exists, and what exists they name."""

import importlib.util
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk.models import AirbyteStream

from source_x_organic import SourceXOrganic
from source_x_organic.config.rules import BUILT_IN_STREAMS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "x-organic.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/*.md"))]
OAUTH1 = {
    "credentials": dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "invented")
    | {"auth_type": "oauth1"},
}
SPECIFICATION = yaml.safe_load((ROOT / "source_x_organic" / "manifest.yaml").read_text())["spec"]
PROPERTIES: dict[str, Any] = SPECIFICATION["connection_specification"]["properties"]

on_every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield each heading with the text below it."""
    heading = ""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            yield heading, "\n".join(lines)
            heading, lines = line.lstrip("# "), []
        else:
            lines.append(line)
    yield heading, "\n".join(lines)


def section(document: Path, heading: str) -> str:
    return dict(sections(document.read_text()))[heading]


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table's rows, without its head."""
    lines = [line.strip("| ") for line in text.splitlines() if line.startswith("|")]
    return [re.split(r"\s*(?<!\\)\|\s*", line) for line in lines[2:]]


def named(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def anchors(document: Path) -> set[str]:
    headings = (heading for heading, _ in sections(document.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def source_text() -> str:
    """Return the connector's code with the pieces of long texts joined."""
    text = "\n".join(path.read_text() for path in (ROOT / "source_x_organic").rglob("*.py"))
    return re.sub(r'"\s*\n\s*f?"', "", text)


def catalog(**settings: str) -> dict[str, AirbyteStream]:
    catalog = SourceXOrganic().discover(logging.getLogger("test"), {**OAUTH1, **settings})
    return {stream.name: stream for stream in catalog.streams}


@pytest.fixture(scope="module")
def catalogs() -> dict[str, dict[str, AirbyteStream]]:
    """The streams with each `api_access`."""
    return {access: catalog(api_access=access) for access in PROPERTIES["api_access"]["enum"]}


@pytest.fixture(scope="module")
def streams(catalogs: dict[str, dict[str, AirbyteStream]]) -> dict[str, AirbyteStream]:
    """All streams that some `api_access` gives; with the Ads API there are most, in the order of the documents."""
    return {name: stream for each in [catalogs["ADS_API"], *catalogs.values()] for name, stream in each.items()}


@pytest.fixture(scope="module")
def tables_of_fivetran() -> set[str]:
    return set(catalog(api_access="ADS_API", table_layout="fivetran"))


def test_the_readme_is_under_600_words() -> None:
    assert len((ROOT / "README.md").read_text().split()) < 600


@on_every_document
def test_every_relative_link_leads_to_a_file_and_a_heading(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    broken = []
    for link in links:
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.is_file() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@on_every_document
def test_every_command_and_module_named_exists(document: Path) -> None:
    text = document.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", text, flags=re.MULTILINE)) <= targets
    modules = re.findall(r"python -m ([\w.]+)", text)
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []


@on_every_document
def test_every_path_of_the_project_that_is_named_exists(document: Path) -> None:
    tops = {path.name for path in ROOT.iterdir() if path.is_dir()}
    paths = [name for name in named(document.read_text()) if re.fullmatch(r"[\w./-]+", name) and "/" in name]
    assert [path for path in paths if path.split("/")[0] in tops and not (ROOT / path).exists()] == []


@on_every_document
def test_a_stream_that_does_not_exist_is_named_only_where_the_document_says_so(
    document: Path, streams: dict[str, AirbyteStream], tables_of_fivetran: set[str]
) -> None:
    missing = BUILT_IN_STREAMS - set(streams) - tables_of_fivetran
    told = re.compile(r"not do|Not yet|next parts")
    found = [
        (heading, name)
        for heading, text in sections(document.read_text())
        if not told.search(heading)
        for name in named(text)
        if name in missing
    ]
    assert found == []


def test_what_this_version_does_not_do_names_every_stream_that_some_api_access_lacks_and_no_other(
    catalogs: dict[str, dict[str, AirbyteStream]], tables_of_fivetran: set[str]
) -> None:
    text = section(PAGE, "What this version does not do")
    everywhere = set.intersection(*(set(streams) for streams in catalogs.values()))
    lacking = BUILT_IN_STREAMS - everywhere - tables_of_fivetran
    assert BUILT_IN_STREAMS & set(named(text)) - {"tweet_insights"} == lacking


def test_a_stream_has_the_same_key_and_cursor_whatever_it_is_read_from(
    catalogs: dict[str, dict[str, AirbyteStream]], streams: dict[str, AirbyteStream]
) -> None:
    differing = [
        (access, name)
        for access, theirs in catalogs.items()
        for name, stream in theirs.items()
        if (stream.source_defined_primary_key, stream.default_cursor_field)
        != (streams[name].source_defined_primary_key, streams[name].default_cursor_field)
    ]
    assert differing == []


def test_the_page_says_where_every_stream_comes_from(catalogs: dict[str, dict[str, AirbyteStream]]) -> None:
    told = [row[0] for row in rows(section(PAGE, "Where the streams come from"))]
    of_the_ads_api = {"ads_accounts", "promotable_users", "scheduled_tweets", "draft_tweets"}
    assert {named(cell)[0] for cell in told if cell.startswith("`")} == set(catalogs["ADS_API"]) - of_the_ads_api
    assert all(of_the_ads_api <= set(streams) for streams in catalogs.values())


def test_the_table_of_streams_has_their_keys_and_cursors(streams: dict[str, AirbyteStream]) -> None:
    told = {
        named(name)[0]: (named(key), named(cursor)) for name, key, cursor, _ in rows(section(PAGE, "Supported streams"))
    }
    assert told == {
        name: (
            [column for path in stream.source_defined_primary_key or [] for column in path],
            stream.default_cursor_field or [],
        )
        for name, stream in streams.items()
    }


def test_the_readme_lists_every_stream(streams: dict[str, AirbyteStream]) -> None:
    listed = [named(row[0])[0] for row in rows(section(ROOT / "README.md", "source-x-organic"))]
    assert listed == list(streams)


def test_every_column_that_the_page_names_in_full_or_by_its_prefix_exists(streams: dict[str, AirbyteStream]) -> None:
    columns = {column for stream in streams.values() for column in stream.json_schema["properties"]}
    headings = (
        "What to know about the numbers",
        "Daily figures from snapshots (`X_API`)",
        "What a row of `organic_report` means",
        "How often to sync",
    )
    told = named("\n".join(section(PAGE, heading) for heading in headings))
    is_column = re.compile(r"(?!ads_api$|x_api_)[a-z]+(_[a-z]*)+")  # a value of metrics_source looks like one
    names = {name for name in told if is_column.fullmatch(name)} - set(streams) - set(PROPERTIES)
    assert len(names) > 5
    assert {name for name in names if not any(column.startswith(name) for column in columns)} == set()


def test_the_reference_has_every_property_with_its_default() -> None:
    settings = rows(section(PAGE, "Configuration reference"))
    reference = {named(row[0])[0]: row for row in settings if row[0].startswith("`")}
    assert set(reference) == set(PROPERTIES)
    wrong = [
        name
        for name, definition in PROPERTIES.items()
        if "default" in definition and f"`{definition['default']}`" not in reference[name][1]
    ]
    assert wrong == []


def test_the_reference_has_every_choice_and_every_part_of_the_credentials_and_addresses() -> None:
    told = set(named(section(PAGE, "Configuration reference")))
    options = [option["properties"] for option in PROPERTIES["credentials"]["oneOf"]]
    parts = {name for option in [*options, PROPERTIES["base_urls"]["properties"]] for name in option}
    choices = {value for definition in PROPERTIES.values() for value in definition.get("enum", [])}
    assert (parts | choices) - told == set()


def test_every_message_that_the_page_explains_is_one_that_the_connector_says() -> None:
    explained = [named(row[0])[0] for row in rows(section(PAGE, "Messages"))]
    said = source_text()
    assert len(explained) > 10
    assert [message for message in explained if message not in said] == []


def test_the_architecture_names_every_room() -> None:
    folders = [path for path in (ROOT / "source_x_organic").iterdir() if path.is_dir() and path.name[0] != "_"]
    told = ARCHITECTURE.read_text()
    assert [path.name for path in folders if f"`source_x_organic/{path.name}/`" not in told] == []


def test_what_x_does_is_numbered_and_every_point_says_why_it_matters_and_how_it_is_known() -> None:
    points = [
        (heading, text)
        for heading, text in sections((ROOT / "docs" / "api-behavior.md").read_text())
        if re.match(r"\d+\. ", heading)
    ]
    assert [int(heading.split(".")[0]) for heading, _ in points] == list(range(1, len(points) + 1))
    told = re.compile(
        r"\*\*Why this matters:\*\* .+\*[^*]*(documented|observed|third-party)[^*]*\*$", re.IGNORECASE | re.DOTALL
    )
    assert [heading for heading, text in points if not told.search(text.strip())] == []
