"""The command line: `source-x-organic spec|check|discover|read`."""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import select
import signal
import sys
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.sources.connector_state_manager import HashableStreamDescriptor
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.source import SourceXOrganic

if TYPE_CHECKING:
    from collections import defaultdict

    from airbyte_cdk.models import AirbyteMessage, ConnectorSpecification

SIGNALLED = 128
"""Added to a signal's number it is the exit status, as shells have it: 130 after Ctrl-C, 143 after SIGTERM."""

LONGEST_GOODBYE = 5.0
"""Seconds for what was read to leave the process after a signal; a reader that takes nothing gets no more."""


class Entrypoint(AirbyteEntrypoint):
    """airbyte-cdk's command line, with our own validation of the configuration in every command."""

    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: object) -> None:
        """Do nothing: the source validates, and names all problems at once instead of the schema's first."""

    @staticmethod
    def handle_record_counts(
        message: AirbyteMessage, stream_message_count: defaultdict[HashableStreamDescriptor, float]
    ) -> AirbyteMessage:
        """Count records as airbyte-cdk does, for its states, but without a new key for each of them."""
        record = message.record
        if record is None:
            return AirbyteEntrypoint.handle_record_counts(message, stream_message_count)
        stream_message_count[_counted_as(record.stream, record.namespace)] += 1.0
        return message


@lru_cache
def _counted_as(stream: str, namespace: str | None) -> HashableStreamDescriptor:
    return HashableStreamDescriptor(name=stream, namespace=namespace)


def run(args: list[str] | None = None) -> None:
    """Run one command and exit: 0 when all went well, 1 after an error, 130 and 143 when interrupted or told to stop.

    The process ends without waiting for its threads: after an interruption they would wait for a reader that is gone.
    What was printed before stays valid, its last state included.
    """
    arguments = sys.argv[1:] if args is None else args
    _end_on_signals()
    _write_whole_lines()
    try:
        _launch(arguments)
    except BrokenPipeError:
        _exit(1)
    except AirbyteTracedException as error:
        # The CDK's hook would add a stack trace to the log: noise for whoever reads that their keys are wrong.
        error.emit_message()
        _exit(1)
    except Exception:  # noqa: BLE001 - the CDK's hook prints it as a trace message, whatever it is
        sys.excepthook(*sys.exc_info())
        _exit(1)


def _write_whole_lines() -> None:
    """Let standard output go on with a write that a signal cut short.

    With PYTHONUNBUFFERED, which many containers set, Python hands a text straight to the pipe and forgets what the pipe
    did not take. airbyte-cdk's buffer flushes by itself, so nothing is gained by it either.
    """
    stdout = sys.__stdout__
    if stdout is not None and isinstance(stdout.buffer, io.RawIOBase):
        whole = open(stdout.fileno(), "w", encoding=stdout.encoding, errors=stdout.errors, closefd=False)  # noqa: SIM115 - lives as long as the process
        sys.stdout = sys.__stdout__ = whole  # type: ignore[misc] # declared final, but the CDK's buffer writes to it


def _launch(arguments: list[str]) -> None:
    source = SourceXOrganic(config_path=AirbyteEntrypoint.extract_config(arguments))
    entrypoint = Entrypoint(source)
    parsed = entrypoint.parse_args(arguments)
    # What was imported stays to the end. The garbage collector went through all of it again and again while pages came
    # and went: a quarter of the processor time of a long read.
    gc.freeze()
    # Buffered as the CDK's own launch does it: a write for each record would take a third of the time. It has to be
    # the loggers' buffer: a second one has a lock of its own, and log lines would land in the middle of records.
    with PRINT_BUFFER:
        for message in entrypoint.run(parsed):
            sys.stdout.write(f"{message}\n")


def _end_on_signals() -> None:
    """End the process between two lines when a signal comes.

    Not by an exception, nor by anything that a handler does in the main thread: that thread may be in the middle of a
    line, and half a line with the next one behind it would be two records lost; or it may hold a lock that the
    handler needs. Python's wake-up pipe tells another thread of the signal, whatever the main thread does.
    """
    receiving, sending = os.pipe()
    os.set_blocking(sending, False)
    signal.set_wakeup_fd(sending, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    threading.Thread(target=_wait_for_signal, args=(receiving,), daemon=True, name="signals").start()


def _wait_for_signal(receiving: int) -> None:
    status = SIGNALLED + os.read(receiving, 1)[0]
    threading.Thread(target=_say_goodbye, args=(status,), daemon=True, name="goodbye").start()
    # A second signal ends it at once, and so does a reader that takes nothing any more.
    select.select([receiving], [], [], LONGEST_GOODBYE)
    os._exit(status)


def _say_goodbye(status: int) -> None:
    with contextlib.suppress(OSError):
        # Before the lock: a thread that logs holds the logger's own lock and may be waiting for this one.
        logging.getLogger("airbyte").info("Interrupted: what was read up to the last state is kept.")
    with PRINT_BUFFER.lock:
        with contextlib.suppress(OSError):
            PRINT_BUFFER.flush()
        # While the lock is held, so that no other thread begins a line.
        os._exit(status)


def _exit(status: int) -> NoReturn:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        pass  # the reader is gone
    os._exit(status)
