"""The token endpoints: POST /2/oauth2/token, /2/oauth2/revoke and /oauth2/token."""

from typing import Any

from x_simulator.credentials import Credentials
from x_simulator.grants import TokenRefused
from x_simulator.http_messages import Request

Reply = tuple[int, dict[str, Any]]


def refresh(credentials: Credentials, request: Request) -> Reply:
    """Exchange a refresh token for the next pair of tokens."""
    try:
        return 200, credentials.grants.refresh(request)
    except TokenRefused as refused:
        return refused.status, {"error": refused.error, "error_description": refused.description}


def revoke(credentials: Credentials, request: Request) -> Reply:
    """Stop accepting a token."""
    try:
        credentials.grants.revoke_at_endpoint(request)
    except TokenRefused as refused:
        return refused.status, {"error": refused.error, "error_description": refused.description}
    return 200, {"revoked": True}


def app_token(credentials: Credentials, request: Request) -> Reply:
    """Hand out an app's bearer token."""
    if request.form.get("grant_type") != "client_credentials":
        return 403, _legacy(170, "Missing required parameter: grant_type", "forbidden_missing_parameter")
    token = credentials.app_token(request)
    if token is None:
        return 403, _legacy(99, "Unable to verify your credentials", "authenticity_token_error")
    return 200, dict(token)


def _legacy(code: int, message: str, label: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": message, "label": label}]}
