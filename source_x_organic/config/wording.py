"""Pydantic's findings in a marketer's words."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from source_x_organic.config.problems import Problem

_CHOICES = frozenset({"credentials", "tweets", "period"})
"""Properties with options: pydantic puts the option's name after theirs, users do not."""

_WHERE_TO_FIND = {
    "credentials": "Choose how to sign in to X and enter the keys.",
    "consumer_key": 'Copy the "API Key" from your app\'s "Keys and tokens" page at console.x.com.',
    "consumer_secret": ('Copy the "API Key Secret" from your app\'s "Keys and tokens" page at console.x.com.'),
    "access_token": 'Create an "Access Token" on your app\'s "Keys and tokens" page.',
    "access_token_secret": ("X shows it once, beside the access token: regenerate both if you no longer have it."),
    "client_id": 'Copy the "Client ID" of OAuth 2.0 from your app\'s "Keys and tokens" page.',
    "refresh_token": "It comes with the access token if offline.access was among the scopes.",
    "bearer_token": 'Copy the "Bearer Token" from your app\'s "Keys and tokens" page.',
    "account": 'Say whose credentials these are: "account": "@brand".',
    "table_name": "Name the table that the report fills.",
    "report_type": "Choose which of X's reports it is, such as tweet_analytics.",
    "metrics": "Name at least one metric, spelt as X spells it.",
}

_PATTERNS = {
    "table_name": (
        "must begin with a small letter and hold only small letters, digits and underscores, "
        "63 at most, such as weekly_clicks."
    ),
    "name": (
        "must begin with a letter or an underscore and hold only letters, digits and underscores, such as region."
    ),
    "ids": "must be a post id: the digits at the end of the post's address.",
}

_TYPES = {
    "string_type": "must be text.",
    "tuple_type": "must be a list.",
    "model_type": "must be an object with named values.",
    "model_attributes_type": "must be an object with named values.",
    "dict_type": "must be an object with named values.",
}


def worded(details: ErrorDetails) -> Problem:
    """Return the problem that a validation error stands for, without the value."""
    keys = _without_options(details["loc"])
    return Problem(_path(keys), _message(details, _last_name(keys)))


def _without_options(loc: tuple[int | str, ...]) -> list[int | str]:
    befores = ("", *loc)
    return [key for before, key in zip(befores, loc, strict=False) if before not in _CHOICES]


def _path(keys: list[int | str]) -> str:
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return "".join(parts).removeprefix(".") or "configuration"


def _last_name(keys: list[int | str]) -> str:
    return next((key for key in reversed(keys) if isinstance(key, str)), "")


def _message(details: ErrorDetails, name: str) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "refused":
        return details["msg"]
    if kind == "missing":
        return f"is missing. {_WHERE_TO_FIND.get(name, 'Enter it.')}"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(name, "has characters that cannot be used here.")
    return _TYPES.get(kind) or _bound(kind, context, name) or _choice(kind, context) or _UNFIT


_UNFIT = "cannot be used: see its description in the connector's documentation."


def _bound(kind: str, context: Mapping[str, Any], name: str) -> str | None:
    bounds = {
        "greater_than_equal": "must be at least {ge}.",
        "less_than_equal": "must be at most {le}.",
        "too_long": "can hold at most {max_length} entries.",
    }
    if kind == "too_short":
        return f"is empty. {_WHERE_TO_FIND.get(name, 'Enter at least one.')}"
    return bounds[kind].format(**context) if kind in bounds else None


def _choice(kind: str, context: Mapping[str, Any]) -> str | None:
    if kind == "union_tag_not_found":
        return f"does not say which kind it is: {context['discriminator'].strip(chr(39))} is missing."
    if kind == "union_tag_invalid":
        key = context["discriminator"].strip("'")
        return f"has an unknown {key}. Choose one of {context['expected_tags']}."
    return None
