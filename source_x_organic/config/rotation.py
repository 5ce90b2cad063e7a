"""Putting rotated OAuth 2.0 tokens back into the raw configuration.

X takes each refresh token once, so the new one has to reach the stored configuration whole.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from source_x_organic.config.credentials import CredentialLocation


def with_rotated_tokens(
    raw: Mapping[str, Any],
    location: CredentialLocation,
    access_token: str,
    refresh_token: str,
    token_expiry_date: datetime | None,
) -> dict[str, Any]:
    """Return a new raw configuration with the tokens at `location` replaced, all else kept.

    `account_credentials` stays one JSON text. `token_expiry_date`: aware, written in UTC; None where X did
    not say, and then the old date goes as well.

    Raises:
        LookupError: there are no credentials at `location`.
    """
    tokens = {"access_token": access_token, "refresh_token": refresh_token}
    if token_expiry_date is not None:
        tokens["token_expiry_date"] = _rfc3339(token_expiry_date)
    if location.entry is None:
        return {**raw, "credentials": _replaced(raw["credentials"], tokens)}
    entries = json.loads(raw["account_credentials"])
    entry = entries[location.entry]
    entries[location.entry] = {**entry, "credentials": _replaced(entry["credentials"], tokens)}
    return {**raw, "account_credentials": json.dumps(entries, ensure_ascii=False)}


def _replaced(credentials: Mapping[str, Any], tokens: Mapping[str, str]) -> dict[str, Any]:
    # Left out rather than null: the platform validates what it stores, and the specification says text.
    kept = {key: value for key, value in credentials.items() if key != "token_expiry_date"}
    return {**kept, **tokens}


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
