"""A loopback server that answers the connector with bodies, statuses and headers that X once sent."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from integration_tests.recordings import Recording


@dataclass(frozen=True)
class Answer:
    """What goes over the wire."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request: its path, its parameters, and the token that it came with."""

    path: str
    parameters: dict[str, str]
    authorization: str


def recorded(recording: Recording, *, status: int | None = None) -> Answer:
    """Return a recorded response as it was; `status` is for those of which only the body was kept."""
    return Answer(recording.body, recording.status or status or 200, recording.headers)


def made_up(document: dict[str, Any]) -> Answer:
    """Return a response that no recording has: the frame around what is recorded."""
    return Answer(json.dumps(document).encode(), headers={"content-type": "application/json; charset=utf-8"})


NOTHING_MORE = made_up({"meta": {"result_count": 0}})


class RecordedX:
    """The server's address and its journal."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        """`answer` says what X sent when it was asked that."""
        self.answer = answer
        self.asked: list[Asked] = []
        self.address = ""

    def timelines(self) -> list[tuple[str, str | None]]:
        """Return which timeline pages were asked for: (user id, page token)."""
        return [
            (asked.path.split("/")[3], asked.parameters.get("pagination_token"))
            for asked in self.asked
            if asked.path.endswith("/tweets")
        ]


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[RecordedX]:
    """Serve on a free loopback port for as long as the block lasts."""
    journal = RecordedX(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = Asked(url.path, dict(parse_qsl(url.query)), self.headers.get("Authorization", ""))
            journal.asked.append(asked)
            answer = journal.answer(asked)
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    journal.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield journal
    finally:
        server.shutdown()
        server.server_close()
