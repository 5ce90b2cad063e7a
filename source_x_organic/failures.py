"""What went wrong in a sync, gathered so that it can be told in one sentence at the end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_NAMED = 10
"""Failures that a message spells out; the log has all."""


class AccountsFailed(AirbyteTracedException):
    """Some accounts of a stream could not be read; the others were."""

    def __init__(self, failures: Iterable[tuple[str, AirbyteTracedException]]) -> None:
        """`failures` are (account label, error)."""
        self.failures = listed = list(failures)
        shown = "; ".join(f"{label}: {error}" for label, error in listed[:MOST_NAMED])
        more = f"; and {len(listed) - MOST_NAMED} more, see the log" if len(listed) > MOST_NAMED else ""
        super().__init__(
            message=f"Not read: {shown}{more}",
            internal_message=" | ".join(f"{label}: {error.internal_message}" for label, error in listed),
            failure_type=worst(error.failure_type for _, error in listed),
        )


class Failures:
    """The failures of a sync by account and stream; safe to use from all reading threads."""

    def __init__(self) -> None:
        """Start without any."""
        self._lock = threading.Lock()
        self._by_account: dict[str, tuple[AirbyteTracedException, dict[str, None]]] = {}

    def add(self, label: str, error: AirbyteTracedException, streams: Iterable[str]) -> None:
        """Note that an account could not be read for these streams."""
        with self._lock:
            _, names = self._by_account.setdefault(label, (error, {}))
            names.update(dict.fromkeys(streams))

    def summary(self) -> AirbyteTracedException | None:
        """Return the error that ends the sync, or None where nothing failed."""
        with self._lock:
            listed = [
                (f"{label} ({', '.join(streams)})", error) for label, (error, streams) in self._by_account.items()
            ]
        if not listed:
            return None
        error = AccountsFailed(listed)
        error.message = f"The sync ended, but not everything could be read; the rest is saved. {error.message}"
        return error


def fault(error: Exception, where: str) -> AirbyteTracedException:
    """Return what to say of an exception that nobody foresaw; `where` goes on from "a fault that shows"."""
    words = f"The connector has a fault that shows {where}; please report it."
    return AirbyteTracedException.from_exception(error, message=words)


def worst(types: Iterable[FailureType]) -> FailureType:
    """Return the failure type that needs attention most: a bug before a setting before bad luck."""
    order = [FailureType.system_error, FailureType.config_error, FailureType.transient_error]
    return min(types, key=order.index, default=FailureType.system_error)
