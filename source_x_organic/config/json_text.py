"""JSON that people write by hand: where it is broken, never what it holds."""

import json
from typing import Any

_TYPOGRAPHIC_QUOTES = "\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"


class BrokenJsonError(ValueError):
    """A text is no JSON; the message says where, and quotes nothing of it."""


def decoded(text: str) -> Any:  # noqa: ANN401 - JSON may hold anything
    """Return what a JSON text holds.

    Raises:
        BrokenJsonError: with line, column and a guess at the cause.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"is not valid JSON: line {error.lineno}, column {error.colno}. {_hint(text, error)}"
    except (ValueError, RecursionError):
        place = "is not valid JSON: it is nested too deeply, or a number in it is too long."
    # Raised out here so that the error does not carry the text along as its context.
    raise BrokenJsonError(place)


def _hint(text: str, error: json.JSONDecodeError) -> str:
    if any(quote in text for quote in _TYPOGRAPHIC_QUOTES):
        return 'Use straight quotation marks ("), not typographic ones.'
    # Python 3.13 points at a last comma, its predecessors at what follows it.
    if error.msg.startswith("Illegal trailing comma") or text[: error.pos].rstrip().endswith(","):
        return "Is there a comma too many?"
    return "Check quotation marks, commas and brackets there."
