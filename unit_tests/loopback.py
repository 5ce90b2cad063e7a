"""A server on the loopback interface that answers as a test scripts it, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Asked:
    """One request as it came in; `headers` by lower-case name."""

    method: str
    target: str
    headers: dict[str, str]
    body: str

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    """What to send; `cut` breaks the connection in the middle of the body, and `hang_up` sends nothing at all."""

    status: int = 200
    document: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: bool = False
    hang_up: bool = False

    @property
    def content(self) -> bytes:
        return json.dumps(self.document).encode() if self.body is None else self.body


class Loopback:
    """The server's side of a test: `asked` in order of arrival."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.url = ""
        self._lock = threading.Lock()

    def take(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
        return self.answer(asked)


def in_turn(*answers: Answer) -> Callable[[Asked], Answer]:
    """Give the answers one after another, the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Loopback]:
    """Serve on a free port of the loopback interface; requests are answered side by side."""
    loopback = Loopback(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length).decode())
            self._send(loopback.take(asked))

        do_POST = do_GET  # noqa: N815 - the names that http.server looks for

        def _send(self, answer: Answer) -> None:
            if not answer.hang_up:
                self.send_response_only(answer.status)
                for name, value in {"content-length": str(len(answer.content)), **answer.headers}.items():
                    self.send_header(name, value)
                # A client that was stopped is gone when its answer comes.
                with suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(answer.content[: len(answer.content) // 2] if answer.cut else answer.content)
            self.close_connection = self.close_connection or answer.cut or answer.hang_up

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    loopback.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield loopback
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
