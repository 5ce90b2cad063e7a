"""Result files: on a host of their own, packed, and too large for memory."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from source_x_organic.config.values import is_safe_address
from source_x_organic.transport.connections import TIMEOUT_SECONDS, USER_AGENT, no_answer
from source_x_organic.transport.errors import ApiError, error_for
from source_x_organic.transport.problems import Problem
from source_x_organic.transport.redaction import protect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer
    from urllib3 import BaseHTTPResponse

    from source_x_organic.transport.client import Requests

RESULTS = "stats/jobs results"
"""What a download is counted as."""

HEADERS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
"""The files are packed already."""

PIECE = 65_536
"""Bytes taken from the connection at a time."""

OK = 200
TOO_SLOW, TOO_MANY, SERVER_ERROR = 408, 429, 500
GONE = frozenset({401, 403, 404, 410})
"""An address holds its own permission, for about two days: a refusal is not about anybody's credentials."""

_MAGIC = b"\x1f\x8b"
_MOST_LAYERS = 2
"""A packed file, packed once more for the way."""

_SHORTEST_SECRET = 8
"""Characters; shorter queries are no signatures, and would mask innocent words."""


class ResultFile:
    """The unpacked bytes of a result file, from the first to the last."""

    def __init__(self, body: _Body, *, what: str) -> None:
        """`body` is read here as far as it takes to see whether it is packed."""
        self._what = what
        self._stream: io.BufferedReader | gzip.GzipFile = io.BufferedReader(body, PIECE)
        head = self._head()
        for _ in range(_MOST_LAYERS):
            if head and _MAGIC.startswith(head):
                self._stream = gzip.GzipFile(fileobj=self._stream, mode="rb")
                head = self._head()
        if not head:
            raise _error(Problem("unreadable-answer", detail="the result file is empty"), what)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` further bytes, all that are left where it is negative, none at the end.

        Raises:
            ApiError: the connection broke, or the file is damaged or cut off; passing.
        """
        try:
            return self._stream.read(size)
        except (EOFError, OSError, zlib.error):
            pass
        raise self._damaged()

    def _head(self) -> bytes:
        try:
            return self._stream.peek(len(_MAGIC))[: len(_MAGIC)]
        except (EOFError, OSError, zlib.error):
            pass
        raise self._damaged()

    def _damaged(self) -> ApiError:
        return _error(Problem("unreadable-answer", detail="the result file is cut off or damaged"), self._what)


@contextmanager
def opened(url: str, *, what: str, sent: Requests, account: str = "") -> Iterator[ResultFile]:
    """Yield the file at `url`, which is fetched and unpacked as it is read, and let go of the connection afterwards.

    The address holds its own permission: no credentials are sent there, and its query is in no message and no log.
    `what` says in words what is read, for messages, `account` whose usage it is; nothing is tried again here.

    Raises:
        ApiError: `result-expired` where the file is not there any more; Unavailable where it may come another time.
    """
    if not _is_fit(url):
        detail = "the address of the result file is neither https nor on this machine"
        raise _error(Problem("unexpected", detail=detail), what)
    query = urlsplit(url).query
    if len(query) >= _SHORTEST_SECRET:
        protect([query])
    with requests.Session() as session:
        sent.count(RESULTS, account)
        with closing(_answer(session, url, what=what)) as response:
            yield ResultFile(_Body(response.raw, what=what), what=what)


def _is_fit(url: str) -> bool:
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(' \\<>"')
    return is_plain and is_safe_address(url) and "@" not in urlsplit(url).netloc


def _answer(session: requests.Session, url: str, *, what: str) -> requests.Response:
    try:
        response = session.get(
            url, headers=HEADERS, auth=_unsigned, stream=True, allow_redirects=False, timeout=TIMEOUT_SECONDS
        )
    except requests.RequestException as error:
        problem = no_answer(error)
    else:
        if response.status_code == OK:
            return response
        response.close()
        problem = Problem(_kind(response.status_code), response.status_code)
    # Raised out here, so that no trace shows the fault underneath, which may quote the address.
    raise _error(replace(problem, detail=problem.detail.partition("?")[0]), what)


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request as it is: without this, `requests` looks for a password in ~/.netrc."""
    return request


def _kind(status: int) -> str:
    if status in GONE:
        return "result-expired"
    return "unavailable" if status in {TOO_SLOW, TOO_MANY} or status >= SERVER_ERROR else "unexpected"


class _Body(io.RawIOBase):
    """An answer's bytes as they come, packed as they are."""

    def __init__(self, raw: BaseHTTPResponse, *, what: str) -> None:
        self._raw = raw
        self._what = what

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer)
        try:
            piece = self._raw.read(len(target), decode_content=False)
        except ReadTimeoutError:
            problem = Problem("timeout", detail=f"nothing came for {TIMEOUT_SECONDS[1]:.0f} seconds")
        except HTTPError:
            problem = Problem("unreadable-answer", detail="the connection broke in the middle of the result file")
        else:
            target[: len(piece)] = piece
            return len(piece)
        raise _error(problem, self._what)


def _error(problem: Problem, what: str) -> ApiError:
    return error_for(problem, what=what, endpoint=RESULTS)
