"""Responses of X that others recorded, read from beside the project; never part of it, and absent on most machines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAYLOADS = Path(__file__).resolve().parents[2] / "shared" / "payloads"

only_with_recordings = pytest.mark.skipif(
    not PAYLOADS.is_dir(), reason="the recorded responses of X (../shared/payloads) are not on this machine"
)

# Another API's form of a post, shown in the documents of the X API as a contrast.
_NOT_OF_API_V2 = ("docs.xapi.enterprise-gnip-2.0.",)
# Some documents show a tweet's HTML link without the backslashes that the answer must have had.
_HTML_AS_PRINTED = re.compile(r'("source": ")(.*)(",?)$', re.MULTILINE)
_NOT_FROM_A_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True)
class Recording:
    """One recorded response: what X answered, and with which status and headers where that was kept."""

    name: str
    body: bytes
    status: int | None
    headers: dict[str, str]
    request: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever JSON X sent
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def items(self) -> list[dict[str, Any]]:
        """What `data` holds: posts, users, or something else."""
        document = self.document
        data = document.get("data") if isinstance(document, dict) else None
        listed = data if isinstance(data, list) else [data]
        return [item for item in listed if isinstance(item, dict)]

    @property
    def posts(self) -> list[dict[str, Any]]:
        """The posts in `data`."""
        return [item for item in self.items if is_post(item)]

    @property
    def users(self) -> list[dict[str, Any]]:
        """The users in `data`."""
        return [item for item in self.items if is_user(item)]


class Found(NamedTuple):
    """An object of an answer, and where it stands."""

    place: str
    sent: dict[str, Any]


def recordings(folder: str) -> list[Recording]:
    """Return all recorded responses of a folder, by name; none where the folder is absent."""
    bodies = (path for path in sorted((PAYLOADS / folder).glob("*.*")) if not path.name.endswith(".http.json"))
    return [_recording(path) for path in bodies if path.suffix in {".json", ".txt"} and path.name != "INDEX.md"]


def v2_answers() -> list[Recording]:
    """Return the recorded JSON answers of the X API v2."""
    return [
        recording
        for recording in recordings("v2")
        if recording.name.endswith(".json") and not recording.name.startswith(_NOT_OF_API_V2)
    ]


def ads_answers() -> Iterator[tuple[str, Any]]:
    """Yield the Ads API's answers by name: all that is JSON, or would be but for a link printed as it reads."""
    for recording in recordings("ads"):
        text = recording.body.decode("utf-8")
        try:
            yield recording.name, json.loads(text)
        except json.JSONDecodeError:
            mended = _HTML_AS_PRINTED.sub(lambda at: at[1] + at[2].replace('"', '\\"') + at[3], text)
            if mended != text:
                yield recording.name, json.loads(mended)


def ads_objects(is_wanted: Callable[[dict[str, Any]], bool]) -> list[Found]:
    """Return the objects of a kind in the Ads API's answers, at any depth."""
    return [
        Found(f"{name}:{number}", item)
        for name, document in ads_answers()
        for number, item in enumerate(filter(is_wanted, everything_in(document)))
    ]


def is_post(item: dict[str, Any]) -> bool:
    """Tell a post from all else, direct messages included."""
    return "id" in item and "text" in item and "dm_conversation_id" not in item and "event_type" not in item


def is_user(item: dict[str, Any]) -> bool:
    """Tell a user from all else."""
    return {"id", "name", "username"} <= item.keys()


def everything_in(value: object) -> Iterator[dict[str, Any]]:
    """Yield every object at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from everything_in(part)


def _recording(path: Path) -> Recording:
    beside = path.with_name(f"{path.stem}.http.json")
    http = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    headers = {str(name).lower(): str(value) for name, value in (http.get("headers") or {}).items()}
    return Recording(
        name=path.name,
        body=path.read_bytes(),
        status=http.get("status"),
        headers={name: value for name, value in headers.items() if name not in _NOT_FROM_A_BODY},
        request=str(http.get("request", "")),
    )
