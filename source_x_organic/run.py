"""The command line: `source-x-organic spec|check|discover|read`."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.source import SourceXOrganic

if TYPE_CHECKING:
    from types import FrameType

    from airbyte_cdk.models import ConnectorSpecification

INTERRUPTED = 130
TERMINATED = 143


class Entrypoint(AirbyteEntrypoint):
    """airbyte-cdk's command line, with our own validation of the configuration in every command."""

    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: object) -> None:
        """Do nothing: the source validates, and names all problems at once instead of the schema's first."""


def run(args: list[str] | None = None) -> None:
    """Run one command and exit: 0 when all went well, 1 after an error, 130 and 143 when interrupted or told to stop.

    The process ends without waiting for its threads: after an interruption they would wait for a reader that is gone.
    What was printed before stays valid, its last state included.
    """
    arguments = sys.argv[1:] if args is None else args
    signal.signal(signal.SIGTERM, _terminate)
    try:
        _launch(arguments)
    except KeyboardInterrupt:
        logging.getLogger("airbyte").info("Interrupted: what was read up to the last state is kept.")
        _exit(INTERRUPTED)
    except BrokenPipeError:
        _exit(1)
    except AirbyteTracedException as error:
        # The CDK's hook would add a stack trace to the log: noise for whoever reads that their keys are wrong.
        error.emit_message()
        _exit(1)
    except Exception:  # noqa: BLE001 - the CDK's hook prints it as a trace message, whatever it is
        sys.excepthook(*sys.exc_info())
        _exit(1)


def _launch(arguments: list[str]) -> None:
    source = SourceXOrganic(config_path=AirbyteEntrypoint.extract_config(arguments))
    entrypoint = Entrypoint(source)
    parsed = entrypoint.parse_args(arguments)
    # Buffered as the CDK's own launch does it: a write for each record would take a third of the time. It has to be
    # the loggers' buffer: a second one has a lock of its own, and log lines would land in the middle of records.
    with PRINT_BUFFER:
        for message in entrypoint.run(parsed):
            sys.stdout.write(f"{message}\n")


def _terminate(signal_number: int, frame: FrameType | None) -> NoReturn:
    del signal_number, frame
    _exit(TERMINATED)


def _exit(status: int) -> NoReturn:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, RuntimeError):
        pass  # the reader is gone, or the signal came in the middle of a write
    os._exit(status)
