"""The user's configuration file: read with clear errors, and rewritten in one step when tokens were rotated."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.endings import CannotGoOn
from source_x_organic.credentials.rotation import replace_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class ConfigFile:
    """A configuration and the file it is kept in.

    `saved`: how often it was rewritten; `unsaved`: why the last rotated tokens could not be written, if so.
    """

    path: Path
    content: dict[str, Any]
    saved: int = 0
    unsaved: str = field(default="")

    def save(self, content: dict[str, Any]) -> None:
        """Replace the file's content in one step, keeping its mode; a failure is remembered, not raised.

        PyAirbyte writes the message it was handling into a log when this raises, and that message holds secrets.
        """
        self.content = content
        try:
            replace_file(self.path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        except OSError as error:
            self.unsaved = str(error)
        else:
            self.saved += 1
            self.unsaved = ""


def load(path: Path) -> ConfigFile:
    """Read a configuration file.

    Raises:
        CannotGoOn: there is no such file, it is no JSON object, or it holds OAuth 2.0 tokens and cannot be rewritten.
    """
    path = path.expanduser().resolve()
    content = _parsed(path)
    if '"oauth2"' in json.dumps(content).replace("\\", "") and not _is_writable(path):
        raise CannotGoOn(
            f"{path} holds OAuth 2.0 tokens, which X replaces at every use, but neither it nor its folder may be "
            "written to. Make both writable: a refresh token that cannot be saved is lost."
        )
    return ConfigFile(path, content)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CannotGoOn(f"There is no configuration file {path}.") from None
    except OSError as error:
        raise CannotGoOn(f"The configuration file {path} cannot be read: {error.strerror}.") from None
    except json.JSONDecodeError as error:
        raise CannotGoOn(
            f"{path} is not valid JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from None
    except UnicodeDecodeError:
        raise CannotGoOn(f"{path} is not valid JSON: it is not UTF-8 text.") from None
    if not isinstance(content, dict):
        raise CannotGoOn(f'{path} must hold a JSON object: {{"credentials": {{…}}, …}}.')
    return content


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
