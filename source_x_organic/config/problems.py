"""What is wrong with a configuration, in words for the person who can put it right.

A message never repeats a value from the configuration: a secret may have been pasted into the
wrong field. Names in the definitions of reports are repeated if they are plainly words.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic_core import PydanticCustomError

_PLAIN_NAME = re.compile(r"[A-Za-z]?[a-z]{1,15}((_|[A-Z])[a-z]{1,15}){0,4}")
_WORD = r"([A-Z]?[a-z]{1,15}\d{0,3}|[A-Z]{1,15}\d{0,3}|(\d{1,3}[a-z]{0,4}){1,2})"
_WORDS = re.compile(rf"{_WORD}([_ .-]{_WORD}){{0,6}}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right.

    `property`: path in the configuration, such as `custom_reports[1].period.start`.
    `message`: what is wrong and the remedy; never a value from the configuration that may be a secret.
    """

    property: str
    message: str

    def __str__(self) -> str:
        """Return one line that names the property and the remedy."""
        return f"{self.property}: {self.message}"


class ConfigError(Exception):
    """The configuration cannot be used; `problems` has everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems in the order in which the user meets the properties."""
        self.problems = list(problems)
        super().__init__(_as_text(self.problems))


def _as_text(problems: Sequence[Problem]) -> str:
    if len(problems) == 1:
        return str(problems[0])
    lines = "\n".join(f"- {problem}" for problem in problems)
    return f"The configuration has {len(problems)} problems:\n{lines}"


def refused(message: str) -> PydanticCustomError:
    """Return the error with which a validator refuses a value, worded for the user."""
    return PydanticCustomError("refused", message)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` is probably a misspelling of."""
    spellings = {_spelling(name): name for name in known}
    close = get_close_matches(_spelling(word[:60]), list(spellings), n=1, cutoff=0.8)
    return spellings[close[0]] if close else None


def _spelling(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


def shown_key(key: str) -> str | None:
    """Return a key if it is plainly a name; a pasted token that became a key must not be repeated."""
    return key if _PLAIN_NAME.fullmatch(key) else None


def shown_name(name: str) -> str | None:
    """Return a name of X's that somebody may have misspelt, None where it may be a key or token instead."""
    return name if _WORDS.fullmatch(name) or _PLAIN_NAME.fullmatch(name) else None
