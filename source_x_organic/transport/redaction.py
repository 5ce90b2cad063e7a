"""The one place that keeps secrets out of what the connector writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets, filter_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "****"
_SIGNED = re.compile(
    r"""(?ix)
    (authorization["']?\s*[:=]\s*["']?)(?:oauth|bearer|basic)\s[^\r\n]*   # a header, whatever it holds
    | (oauth_(?:signature|token|consumer_key|nonce)=["']?)[^"'&,\s]+       # a piece of an OAuth 1.0a header
    | ((?:refresh|access|bearer)_token["']?\s*[:=]\s*["']?)[^"'&,\s}]+     # a form field or JSON member
    """
)


def protect(secrets: Iterable[str]) -> None:
    """Make airbyte-cdk's log and trace formatters mask these values from now on.

    The CDK learns the secrets of the specification by itself; this adds those it cannot see: the ones inside the
    `account_credentials` text, and tokens that X issues while the connector runs.
    """
    for secret in secrets:
        if secret:
            add_to_secrets(secret)


def redact(text: str) -> str:
    """Return `text` without known secrets and without anything that looks like a signed header or a token field."""
    masked = _SIGNED.sub(lambda match: next(group for group in match.groups() if group) + MASK, text)
    return filter_secrets(masked)
