"""The HTTP connection itself: how it is opened, and what to say where no answer came of it."""

from __future__ import annotations

import re

import requests
from requests.adapters import HTTPAdapter

from source_x_organic.transport.problems import Problem
from source_x_organic.transport.redaction import redact

TIMEOUT_SECONDS = (10.0, 60.0)
"""To connect, and between two bytes of an answer."""

USER_AGENT = "source-x-organic"

CONNECTIONS = 32
"""Kept-alive connections per credentials: at least as many as there are worker threads."""

_ERROR_NUMBER = re.compile(r"^\[Errno -?\d+\] ")


def session() -> requests.Session:
    """Return a session that keeps its connections alive and asks for JSON."""
    kept = requests.Session()
    kept.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS)
    kept.mount("https://", adapter)
    kept.mount("http://", adapter)
    return kept


def no_answer(error: requests.RequestException) -> Problem:
    """Return what went wrong, in words without addresses of Python objects."""
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return Problem("unreadable-answer", detail="the connection broke in the middle of the answer")
    if isinstance(error, requests.Timeout):
        return Problem("timeout", detail=f"no answer within {TIMEOUT_SECONDS[1]:.0f} seconds")
    return Problem("unreachable", detail=redact(_innermost(error)))


def _innermost(error: BaseException) -> str:
    """Return the plainest words for why a connection failed, without addresses of Python objects."""
    reason: object = error
    while isinstance(reason, BaseException):
        inner = getattr(reason, "reason", None) or (reason.args[0] if reason.args else None)
        if not isinstance(inner, BaseException):
            break
        reason = inner
    text = getattr(reason, "strerror", None) or str(reason)
    plain = text.rsplit(": ", 1)[-1] if "object at 0x" in text or "Connection(" in text else text
    return _ERROR_NUMBER.sub("", plain)
