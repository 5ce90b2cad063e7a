"""What a stream has still to read of an account when the ceiling on posts ended a sync: the rest of a round.

A round is everything that a stream wants of an account: new posts, what is to be read again, and history. Without a
ceiling each sync is a round. With one a round may take several: each of them reads what is new, then goes on with the
rest; only when nothing is left does the next round begin, with its look-back. So neither history nor the posts that are
read again and again can starve the other.

In a stream's state it stands beside what else is remembered of an account::

    "unfinished": {"left": [["<from>", "<to>"], …], "turn": "<instant>", "began": "<instant>"}
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from source_x_organic.progress.coverage import Span, Spans, clip, missing, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNFINISHED = "unfinished"
"""The key in an account's state."""


@dataclass(frozen=True)
class Unfinished:
    """The rest of a round.

    Attributes:
        left: Spans of `created_at` that are still to be read; none where only other streams of the account have some.
        turn: The last sync in which the account got further than its new posts; None before the first.
        began: The round's first sync; None where that is not known.
    """

    left: Spans = ()
    turn: datetime | None = None
    began: datetime | None = None


def without(spans: Iterable[Span], read: Spans) -> Spans:
    """Return the parts of `spans` that are not in `read`."""
    return union(*(gap for span in spans for gap in missing(span, read)))


def within(spans: Iterable[Span], others: Spans) -> Spans:
    """Return the parts of `spans` that are in `others`."""
    return union(*(part for span in spans for part in clip(span, others)))


def format_unfinished(unfinished: Unfinished) -> dict[str, Any]:
    """Return the JSON form; the inverse of `parse_unfinished`."""
    left = [[_format(span.start), _format(span.end)] for span in unfinished.left]
    began = {"began": _format(unfinished.began)} if unfinished.began else {}
    return {"left": left, "turn": _format(unfinished.turn) if unfinished.turn else None, **began}


def parse_unfinished(entry: Mapping[str, Any]) -> Unfinished:
    """Return what is left, from its JSON form.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    spans = [Span(_parse(start), _parse(end)) for start, end in entry["left"]]
    instants = (entry["turn"], entry.get("began"))
    return Unfinished(union(*spans), *(_parse(text) if text else None for text in instants))


def _format(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
