"""Nothing that looks like a secret, and nothing that is known as one, survives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.transport.redaction import MASK, protect, redact

SECRETS = st.text(st.sampled_from("abcXYZ0189-_.~%/+="), min_size=12, max_size=40)
SHAPES = (
    "Authorization: Bearer {}",
    '{{"authorization": "Bearer {}"}}',
    "authorization=Basic {}",
    'Authorization: OAuth oauth_consumer_key="{0}", oauth_signature="{0}", oauth_token="{0}"',
    'oauth_signature="{}"',
    "oauth_token={}&oauth_nonce={0}".replace("{}", "{0}"),
    "grant_type=refresh_token&refresh_token={}&client_id=x",
    '{{"token_type":"bearer","access_token":"{}"}}',
    "{{'refresh_token': '{}', 'expires_in': 7200}}",
    'bearer_token: "{}"',
)


@pytest.mark.parametrize("shape", SHAPES)
@given(secret=SECRETS)
def test_a_header_or_a_token_field_is_masked_wherever_it_stands(shape: str, secret: str) -> None:
    masked = redact(f"X said: {shape.format(secret)}")
    assert secret not in masked
    assert MASK in masked
    assert masked.startswith("X said: ")


@given(secret=st.uuids().map(str), before=st.text(), after=st.text())
def test_a_known_secret_is_masked_without_any_name_beside_it(secret: str, before: str, after: str) -> None:
    protect([secret])
    assert secret not in redact(f"{before} {secret} {after}")


def test_words_about_tokens_stay_readable() -> None:
    protect([""])
    text = "The refresh token is no longer valid; Authorization by OAuth 1.0a is wanted for access_token users."
    assert redact(text) == text
