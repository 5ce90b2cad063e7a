"""Checks of OAuth 1.0a signatures over the request as it came (RFC 5849, HMAC-SHA1)."""

import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from oauthlib.oauth1.rfc5849 import signature as rfc5849

from x_simulator.http_messages import Request

_REQUIRED = ("oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_signature_method", "oauth_timestamp")


@dataclass(frozen=True, slots=True)
class SignedHeader:
    """What an `Authorization: OAuth` header says."""

    consumer_key: str
    token: str
    nonce: str
    timestamp: int
    signature: str


def parsed_header(header: str) -> SignedHeader | None:
    """Read an `Authorization: OAuth …` header; None if a part is missing, comes twice or makes no sense."""
    pairs = [pair.strip().partition("=")[::2] for pair in header.partition(" ")[2].split(",") if pair.strip()]
    values = {name: unquote(value.strip('"')) for name, value in pairs}
    if len(values) != len(pairs) or any(not values.get(name) for name in _REQUIRED):
        return None
    if values["oauth_signature_method"] != "HMAC-SHA1" or values.get("oauth_version", "1.0") != "1.0":
        return None
    if not values["oauth_timestamp"].isdigit():
        return None
    return SignedHeader(
        consumer_key=values["oauth_consumer_key"],
        token=values.get("oauth_token", ""),
        nonce=values["oauth_nonce"],
        timestamp=int(values["oauth_timestamp"]),
        signature=values["oauth_signature"],
    )


def is_signed_by(request: Request, header: SignedHeader, *, consumer_secret: str, token_secret: str) -> bool:
    """Tell whether the signature is the one that these secrets make over this very request."""
    address = request.signed_url
    body = parse_qsl(request.body.decode(), keep_blank_values=True) if request.form else []
    parameters = rfc5849.collect_parameters(
        uri_query=urlsplit(address).query,
        body=body,
        headers={"Authorization": request.headers["authorization"]},
        exclude_oauth_signature=True,
        with_realm=False,
    )
    base = rfc5849.signature_base_string(
        request.method,  # type: ignore[arg-type] # any method; the stub lists some
        rfc5849.base_string_uri(address),
        rfc5849.normalize_parameters(parameters),  # type: ignore[arg-type] # the stub errs: it takes pairs
    )
    expected = rfc5849.sign_hmac_sha1(base, consumer_secret, token_secret)
    return hmac.compare_digest(expected.encode(), header.signature.encode())
