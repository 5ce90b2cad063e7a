"""Requests and responses as the simulator's parts see them, without sockets."""

from dataclasses import dataclass, field
from functools import cached_property
from http.client import responses as reason_phrases
from urllib.parse import parse_qsl, unquote, urlsplit

JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """One request. `target`: path and query as they came; header names are lower case; `host`: the Host header."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @cached_property
    def path(self) -> str:
        """The path, decoded, without the query."""
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query_string(self) -> str:
        """The query as it came."""
        return urlsplit(self.target).query

    @cached_property
    def query_pairs(self) -> list[tuple[str, str]]:
        """Names and values of the query, decoded, in order."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @cached_property
    def query(self) -> dict[str, str]:
        """The query; of a name that comes twice, the last value."""
        return dict(self.query_pairs)

    @cached_property
    def form(self) -> dict[str, str]:
        """The body read as an HTML form; empty if it is none."""
        if "application/x-www-form-urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def signed_url(self) -> str:
        """The address that an OAuth 1.0a signature covers, query included."""
        return f"http://{self.headers.get('host', 'localhost')}{self.target}"


@dataclass
class Response:
    """One answer, and what the wire does with it.

    `delay_seconds`: real time before the answer; `sent_share`: part of the body that is sent before the connection
    breaks (1.0: all of it); `is_reset`: the connection is reset instead of an answer.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    sent_share: float = 1.0
    is_reset: bool = False

    def encoded(self, date: str) -> bytes:
        """Return head and body as they go over the wire, in one piece."""
        lines = [
            f"HTTP/1.1 {self.status} {reason_phrases.get(self.status, 'Unknown')}",
            f"date: {date}",
            f"content-type: {self.content_type}",
            f"content-length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        body = self.body if self.sent_share >= 1 else self.body[: int(len(self.body) * self.sent_share)]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
