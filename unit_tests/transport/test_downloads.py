"""A result file is unpacked as it is read, and nothing but a whole file passes for one."""

from __future__ import annotations

import gzip
import json
import logging
import threading
import traceback
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from source_x_organic.transport import downloads
from source_x_organic.transport.connections import USER_AGENT
from source_x_organic.transport.downloads import opened
from source_x_organic.transport.errors import ApiError, Refused, Unavailable
from source_x_organic.transport.redaction import redact
from source_x_organic.usage.ledger import Ledger
from unit_tests.loopback import Answer, Asked, in_turn, serving

if TYPE_CHECKING:
    from pathlib import Path

WHAT = "the statistics of @brand"
PATH = "/results/5.json.gz"
SIGNATURE = "sig=%2Fs3cr3t%3D&until=1795176000"
DOCUMENT = json.dumps({"data": [{"id": str(number), "id_data": [number] * 9} for number in range(900)]}).encode()
PACKED = gzip.compress(DOCUMENT)
IN_MEMBERS = gzip.compress(DOCUMENT[:5000]) + gzip.compress(b"") + gzip.compress(DOCUMENT[5000:])

FILES = {
    "packed": Answer(body=PACKED, headers={"content-type": "application/gzip"}),
    "packed in several members": Answer(body=IN_MEMBERS),
    "packed, with zeros behind": Answer(body=PACKED + bytes(512)),
    "packed for the way": Answer(body=PACKED, headers={"content-encoding": "gzip"}),
    "packed, and again for the way": Answer(body=gzip.compress(PACKED), headers={"content-encoding": "gzip"}),
    "plain": Answer(body=DOCUMENT, headers={"content-type": "application/json"}),
}


def read(url: str, size: int = -1, sent: Ledger | None = None) -> bytes:
    with opened(url, what=WHAT, sent=sent or Ledger()) as file:
        pieces = list(iter(lambda: file.read(size), b""))
    assert size < 0 or all(len(piece) <= size for piece in pieces)
    return b"".join(pieces)


def failure(url: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        read(url)
    return caught.value


@pytest.mark.parametrize("size", [-1, 1000, 65_536])
@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_a_file_is_unpacked_however_it_is_packed(file: Answer, size: int) -> None:
    with serving(in_turn(file)) as x:
        assert read(x.url + PATH, size) == DOCUMENT


def test_a_file_is_fetched_with_its_whole_address_and_without_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    sent = Ledger()
    with serving(in_turn(FILES["packed"])) as x:
        read(f"{x.url}{PATH}?{SIGNATURE}", sent=sent)
        [asked] = x.asked
    assert (asked.method, asked.target) == ("GET", f"{PATH}?{SIGNATURE}")
    assert asked.headers.keys().isdisjoint({"authorization", "cookie"})
    assert (asked.headers["user-agent"], asked.headers["accept-encoding"]) == (USER_AGENT, "identity")
    assert sent.by_endpoint() == {"stats/jobs results": 1}


def test_a_large_file_is_never_in_memory() -> None:
    packed = gzip.compress(bytes(30_000_000))
    with serving(in_turn(Answer(body=packed))) as x, opened(x.url + PATH, what=WHAT, sent=Ledger()) as file:
        tracemalloc.start()
        try:
            size = sum(len(piece) for piece in iter(lambda: file.read(65_536), b""))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert size == 30_000_000
    assert most < 1_000_000


UNFIT = [
    "http://203.0.113.5/results",
    "http://127.0.0.1.example.com/results",
    "https://someone:something@example.com/results",
    "ftp://example.com/results",
    "file:///etc/hostname",
    "https:///results",
    "https://example.com:99999/results",
    "https://example.com/a b",
    "//example.com/results",
    "",
]


@pytest.mark.parametrize("url", UNFIT)
def test_an_address_that_could_be_listened_to_is_not_asked(url: str) -> None:
    sent = Ledger()
    with pytest.raises(Refused) as caught, opened(url, what=WHAT, sent=sent):
        pass
    assert (caught.value.problem.kind, sent.by_endpoint()) == ("unexpected", {})
    assert caught.value.message == (
        "The statistics of @brand could not be read (the address of the result file is neither https nor on this "
        "machine): X answered in a way this version does not know; please report it to the connector's maintainers."
    )


def test_a_name_and_a_password_in_an_address_of_this_machine_are_not_sent() -> None:
    with serving(in_turn(FILES["packed"])) as x:
        failure(x.url.replace("127.0.0.1", "someone:something@127.0.0.1"))
        assert x.asked == []


BY_STATUS = [
    *((status, "result-expired", Unavailable) for status in (401, 403, 404, 410)),
    *((status, "unavailable", Unavailable) for status in (408, 429, 500, 502, 503, 504)),
    *((status, "unexpected", Refused) for status in (204, 206, 301, 302, 307, 400)),
]


@pytest.mark.parametrize(("status", "kind", "error"), BY_STATUS)
def test_a_file_that_does_not_come_is_a_matter_of_its_status(status: int, kind: str, error: type[ApiError]) -> None:
    with serving(in_turn(FILES["packed"])) as elsewhere:
        moved = {"location": elsewhere.url}
        with serving(in_turn(Answer(status, body=b"", headers=moved))) as x:
            failed = failure(x.url + PATH)
            assert len(x.asked) == 1
        assert elsewhere.asked == []
    assert (type(failed), failed.problem.kind, failed.problem.status) == (error, kind, status)


@settings(max_examples=40, deadline=None)
@given(left=st.integers(0, len(PACKED) - 1))
def test_a_packed_file_that_ends_early_never_passes_for_a_whole_one(left: int) -> None:
    with serving(in_turn(Answer(body=PACKED[:left]))) as x:
        failed = failure(x.url + PATH)
    assert (type(failed), failed.problem.kind) == (Unavailable, "unreadable-answer")


FLIPPED = bytes([*PACKED[:-6], PACKED[-6] ^ 1, *PACKED[-5:]])
DAMAGED = {
    "nothing at all": (Answer(body=b""), "the result file is empty"),
    "nothing, packed": (Answer(body=gzip.compress(b"")), "the result file is empty"),
    "no trailer": (Answer(body=PACKED[:-8]), "the result file is cut off or damaged"),
    "a wrong check sum": (Answer(body=FLIPPED), "the result file is cut off or damaged"),
    "no gzip behind the first bytes": (Answer(body=b"\x1f\x8b" + DOCUMENT), "the result file is cut off or damaged"),
    "something else behind": (Answer(body=PACKED + b"{}"), "the result file is cut off or damaged"),
    "a connection that breaks": (
        Answer(body=PACKED, cut=True),
        "the connection broke in the middle of the result file",
    ),
    "a plain file that breaks off": (
        Answer(body=DOCUMENT, cut=True),
        "the connection broke in the middle of the result file",
    ),
}


@pytest.mark.parametrize(("file", "words"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_a_passing_fault(file: Answer, words: str) -> None:
    with serving(in_turn(file)) as x:
        failed = failure(x.url + PATH)
    assert (type(failed), failed.problem.kind, failed.problem.detail) == (Unavailable, "unreadable-answer", words)


def test_what_came_before_a_fault_can_be_read() -> None:
    large = gzip.compress(b"".join(str(number).encode() for number in range(200_000)), compresslevel=0)
    with (
        serving(in_turn(Answer(body=large, cut=True))) as x,
        opened(x.url + PATH, what=WHAT, sent=Ledger()) as file,
    ):
        assert file.read(9) == b"012345678"
        with pytest.raises(Unavailable):
            file.read()


def test_a_file_whose_bytes_stop_coming_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT_SECONDS", (0.2, 0.2))
    stalls = Answer(body=PACKED, headers={"content-length": str(len(PACKED) + 1)})
    with serving(in_turn(stalls)) as x:
        failed = failure(x.url + PATH)
    assert (type(failed), failed.problem.kind) == (Unavailable, "timeout")


def test_a_host_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT_SECONDS", (0.2, 0.2))
    over = threading.Event()

    def never(_: Asked) -> Answer:
        over.wait(30)
        return FILES["packed"]

    with serving(never) as x:
        failed = failure(x.url + PATH)
        over.set()
    assert (type(failed), failed.problem.kind) == (Unavailable, "timeout")


@pytest.mark.parametrize(
    "file",
    [Answer(403, body=SIGNATURE.encode()), Answer(body=PACKED, cut=True), Answer(hang_up=True), Answer(body=b"")],
)
def test_the_query_of_an_address_is_in_no_message_and_no_trace(file: Answer) -> None:
    with serving(in_turn(file)) as x:
        failed = failure(f"{x.url}{PATH}?{SIGNATURE}")
    assert "s3cr3t" not in f"{failed.message}{failed.internal_message}{''.join(traceback.format_exception(failed))}"


def test_the_query_of_an_address_is_masked_in_logs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(in_turn(FILES["packed"])) as x:
        read(f"{x.url}{PATH}?{SIGNATURE}")
    assert "s3cr3t" in caplog.text
    assert "s3cr3t" not in redact(caplog.text)


def test_nobody_listening_is_a_passing_fault() -> None:
    with serving(in_turn(FILES["packed"])) as x:
        url = f"{x.url}{PATH}?{SIGNATURE}"
    failed = failure(url)
    assert (type(failed), failed.problem.kind, failed.problem.detail) == (
        Unavailable,
        "unreachable",
        "Connection refused",
    )
