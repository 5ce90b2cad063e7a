"""The whole text of a post, from the three places where X may keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_ELLIPSIS = "…"
_NOTHING: Mapping[str, Any] = {}
# X ends the short form of a long post near 280 weighted characters, with the ellipsis and at times a t.co link (23).
_TAIL_OF_A_CUT = 32
_WEIGHT_OF_A_CUT = 260
_LAST_LIGHT_CHARACTER = "\u10ff"
_LIGHT_PUNCTUATION = ("\u2000", "\u201f")


class Body(NamedTuple):
    """A post's text, whether X cut it, and what X marked in that very text."""

    text: str | None
    is_cut: bool | None
    entities: Mapping[str, Any]
    author_mentioned: str | None
    """The author of the original, where this is a retweet whose text was completed from it."""


def read_body(post: Mapping[str, Any], original: Mapping[str, Any] | None) -> Body:
    """Return the text of a post as its author wrote it, as far as X lets it be known.

    X keeps a long post's text in `note_tweet` (`note_post`) and its first 280 characters in `text`. It cuts the `text`
    of a retweet to 140 characters, "RT @name: " included; the original, where X returned it (`includes`), has the rest.
    The text is X's own to the letter: `&`, `<` and `>` stay written as HTML entities.

    Source: X docs, "Fields" and "Timelines", August 2026; recorded retweets (139 or 140 characters where cut).
    """
    text = post.get("text")
    if original is not None and text is not None:
        whole = _whole(original)
        if whole.text is not None and (text[-1:] == _ELLIPSIS or _note(original)):
            return _completed(text, whole)
    return _whole(post)


def _whole(post: Mapping[str, Any]) -> Body:
    note = _note(post)
    if note and (long_text := note.get("text")):
        return Body(long_text, False, note.get("entities") or _NOTHING, None)  # noqa: FBT003 - hot: by position
    text = post.get("text")
    is_cut = None if text is None else _looks_cut(text)
    return Body(text, is_cut, post.get("entities") or _NOTHING, None)


def _note(post: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return post.get("note_tweet") or post.get("note_post")


def _completed(text: str, original: Body) -> Body:
    prefix, colon, _ = text.partition(": ") if text.startswith("RT @") else ("", "", "")
    return Body(f"{prefix}{colon}{original.text}", original.is_cut, original.entities, prefix[4:] or None)


def _looks_cut(text: str) -> bool:
    if _ELLIPSIS not in text[-_TAIL_OF_A_CUT:]:
        return False
    before, _, after = text.rpartition(_ELLIPSIS)
    if after and not after.startswith(" https://t.co/"):
        return False
    # An author may end a post with an ellipsis too: only a retweet, or a text as long as X allows, is known to be cut.
    return before.startswith("RT @") or _weighted_length(text) >= _WEIGHT_OF_A_CUT


def _weighted_length(text: str) -> int:
    """Count as X counts the 280 characters: wide scripts and pictures weigh two."""
    first, last = _LIGHT_PUNCTUATION
    return sum(1 if char <= _LAST_LIGHT_CHARACTER or first <= char <= last else 2 for char in text)
