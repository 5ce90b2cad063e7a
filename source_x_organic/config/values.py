"""Single values: what a form, an API or a YAML file may send, and what it becomes."""

import ipaddress
import math
import re
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, WithJsonSchema

from source_x_organic.config.problems import did_you_mean, refused, shown_name

_MASK_CHARACTERS = frozenset("*•●")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


class FrozenModel(BaseModel):
    """A part of the configuration: unchangeable, and no input in its errors."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def is_masked(text: str) -> bool:
    """Tell whether a secret is the mask that a form shows instead of it."""
    return bool(text) and set(text) <= _MASK_CHARACTERS


def _secret(value: object) -> object:
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str):
        raise refused("must be text: put the value in quotes.")
    if is_masked(value):
        raise refused("holds only asterisks: a masked value was saved instead of the secret. Enter the secret again.")
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise refused(
            "has a space, a line break or a special character in it, which X's keys never have. "
            "Copy it from X's developer console again, the value alone."
        )
    return value


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return value


def _whole_number(value: object) -> object:
    """Cut the fraction that Airbyte's form lets through, and read digits typed as text."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", value, re.ASCII):
        value = float(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise refused("must be a whole number.")


def _day(value: object) -> object:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise refused("is not a day of the calendar.") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise refused("must be a day written as year-month-day, such as 2026-08-31.")


def _instant(value: object) -> object:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    raise refused("must be a moment written as 2026-08-31T12:00:00Z. Leave it empty if you do not know it.")


def _base_url(value: object) -> object:
    """Accept https anywhere and http on this machine alone: the requests carry credentials."""
    if not isinstance(value, str):
        raise refused("must be text.")
    if not (value.isascii() and value.isprintable()) or any(c in value for c in " \\?#@<>\"'"):
        raise refused(
            "must be an address alone, such as https://api.x.com: no user name, no question mark, no hash, no space."
        )
    if not is_safe_address(value):
        raise refused(
            "must begin with https://. Plain http:// is accepted only for this machine "
            "(localhost, 127.0.0.1 or [::1]), because the requests carry your keys."
        )
    return value.rstrip("/")


def is_safe_address(url: str) -> bool:
    """Tell whether an address is https, or http on this machine alone."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or port == 0:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def one_of(choices: type[StrEnum], *, shows_value: bool = False) -> BeforeValidator:
    """Return a validator that finds a choice in any case and names the choices otherwise.

    `shows_value`: whether it repeats what is no choice, if that is plainly a name.
    """
    by_name = {choice.value.casefold(): choice for choice in choices}

    def chosen(value: object) -> object:
        found = by_name.get(value.casefold()) if isinstance(value, str) else None
        if found is None:
            shown = shown_name(value) if shows_value and isinstance(value, str) else None
            instead = f", not {shown}" if shown else ""
            raise refused(f"must be one of {', '.join(choices)}{instead}.{_suggestion(value, choices)}")
        return found

    return BeforeValidator(chosen)


def _suggestion(value: object, choices: type[StrEnum]) -> str:
    meant = did_you_mean(value, choices) if isinstance(value, str) else None
    return f" Did you mean {meant}?" if meant else ""


Key = Annotated[str, BeforeValidator(_secret)]
Secret = Annotated[SecretStr, BeforeValidator(_secret), WithJsonSchema({"type": "string"})]
TEXT = BeforeValidator(_text)
WHOLE_NUMBER = BeforeValidator(_whole_number)
"""Both stand last, after the bounds: only then do the bounds reach the JSON schema that is compared with the form's."""
Text = Annotated[str, TEXT]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
DaysAgo = Annotated[int, Field(ge=0, le=10_000), WHOLE_NUMBER]
BaseUrl = Annotated[str, BeforeValidator(_base_url)]
