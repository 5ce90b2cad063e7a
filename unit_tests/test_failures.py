"""Failures are gathered by account and told in one sentence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.failures import MOST_NAMED, AccountsFailed, Failures, worst

BUG, SETTING, LUCK = FailureType.system_error, FailureType.config_error, FailureType.transient_error


def error(words: str, kind: FailureType = SETTING) -> AirbyteTracedException:
    return AirbyteTracedException(message=words, internal_message=f"internal {words}", failure_type=kind)


@pytest.mark.parametrize(
    ("types", "expected"),
    [([LUCK], LUCK), ([LUCK, SETTING], SETTING), ([SETTING, BUG, LUCK], BUG), ([LUCK, LUCK], LUCK), ([], BUG)],
)
def test_what_needs_attention_most_decides(types: list[FailureType], expected: FailureType) -> None:
    assert worst(types) is expected


def test_nothing_failed_is_no_error() -> None:
    assert Failures().summary() is None


def test_each_account_is_named_once_with_its_streams_and_its_first_error() -> None:
    failures = Failures()
    failures.add("@a", error("No credit.", SETTING), ["tweets"])
    failures.add("@b", error("Overload.", LUCK), ["accounts"])
    failures.add("@a", error("Another."), ["accounts", "tweets"])
    summary = failures.summary()
    assert summary is not None
    assert summary.message == (
        "The sync ended, but not everything could be read; the rest is saved. Not read: @a (tweets, accounts): "
        "No credit.; @b (accounts): Overload."
    )
    assert summary.internal_message == "@a (tweets, accounts): internal No credit. | @b (accounts): internal Overload."
    assert summary.failure_type is SETTING


def test_a_long_list_is_cut_and_its_internal_message_is_not() -> None:
    failed = AccountsFailed((f"@{number}", error("No.", LUCK)) for number in range(MOST_NAMED + 3))
    assert failed.message == f"Not read: {'; '.join(f'@{n}: No.' for n in range(MOST_NAMED))}; and 3 more, see the log"
    assert str(failed.internal_message).count(" | ") == MOST_NAMED + 2
    assert len(failed.failures) == MOST_NAMED + 3


def test_many_threads_add_without_losing_any() -> None:
    failures = Failures()
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda n: failures.add(f"@{n % 50}", error("No."), [f"stream-{n}"]), range(200)))
    summary = failures.summary()
    assert summary is not None
    assert all(f"stream-{number}" in str(summary.internal_message) for number in range(200))
