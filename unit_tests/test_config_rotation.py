"""Rotated tokens reach the raw configuration and nothing else in it changes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import CredentialLocation, OAuth2Credentials, parse_config, with_rotated_tokens

OAUTH2 = {
    "auth_type": "oauth2",
    "client_id": "invented-id",
    "refresh_token": "invented-old-refresh",
    "token_expiry_date": "2026-08-31T10:00:00Z",
}
EXPIRY = datetime(2026, 8, 31, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
ROTATED = {
    **OAUTH2,
    "access_token": "invented-new-access",
    "refresh_token": "invented-new-refresh",
    "token_expiry_date": "2026-08-31T12:00:00Z",
}


def rotated(raw: Mapping[str, Any], entry: int | None) -> dict[str, Any]:
    return with_rotated_tokens(raw, CredentialLocation(entry), "invented-new-access", "invented-new-refresh", EXPIRY)


def test_the_default_credentials_get_the_new_tokens_and_every_other_key_stays() -> None:
    raw = {"credentials": OAUTH2, "unknown": [1], "account_credentials": " [] ", "schema": None}
    assert rotated(raw, None) == {**raw, "credentials": ROTATED}


def test_one_entry_gets_the_new_tokens_and_the_text_stays_json_with_the_others_as_they_were() -> None:
    other = {"account": "é", "credentials": {"auth_type": "bearer", "bearer_token": "invented-b"}, "n": [1.5, None]}
    raw = {"credentials": OAUTH2, "account_credentials": json.dumps([other, {"account": "b", "credentials": OAUTH2}])}
    result = rotated(raw, 1)
    assert result["credentials"] == OAUTH2
    assert json.loads(result["account_credentials"]) == [other, {"account": "b", "credentials": ROTATED}]
    assert "é" in result["account_credentials"]


def test_the_raw_configuration_itself_is_not_changed() -> None:
    raw = {"credentials": OAUTH2, "account_credentials": json.dumps([{"account": "b", "credentials": OAUTH2}])}
    before = json.dumps(raw)
    rotated(raw, None)
    rotated(raw, 0)
    assert json.dumps(raw) == before


def test_an_expiry_that_x_does_not_name_takes_the_old_one_away() -> None:
    result = with_rotated_tokens({"credentials": OAUTH2}, CredentialLocation(), "a", "r", None)
    assert result == {
        "credentials": {
            "auth_type": "oauth2",
            "client_id": "invented-id",
            "access_token": "a",
            "refresh_token": "r",
        }
    }


def test_a_place_without_credentials_is_an_error() -> None:
    with pytest.raises(LookupError):
        rotated({"credentials": OAUTH2, "account_credentials": "[]"}, 0)


TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1).filter(lambda text: set(text) != {"*"})
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - see timezones


@given(access=TOKENS, refresh=TOKENS, expiry=INSTANTS, entry=st.sampled_from([None, 0, 1]))
def test_what_is_written_back_is_what_is_read_next(
    access: str, refresh: str, expiry: datetime, entry: int | None
) -> None:
    entries = [{"account": name, "credentials": OAUTH2} for name in ("a", "b")]
    raw = {"credentials": OAUTH2, "account_credentials": json.dumps(entries)}
    config = parse_config(with_rotated_tokens(raw, CredentialLocation(entry), access, refresh, expiry))
    sets = [config.credentials, *(entry.credentials for entry in config.account_credentials)]
    old = OAuth2Credentials.model_validate(OAUTH2)
    new = old.model_copy(
        update={
            "access_token": OAuth2Credentials.model_validate({**OAUTH2, "access_token": access}).access_token,
            "refresh_token": OAuth2Credentials.model_validate({**OAUTH2, "refresh_token": refresh}).refresh_token,
            "token_expiry_date": expiry.replace(microsecond=0),
        }
    )
    place = 0 if entry is None else entry + 1
    assert sets == [new if number == place else old for number in range(3)]
