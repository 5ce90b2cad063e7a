"""A post's id tells when it was made, as far back as ids do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.snowflakes import X_EPOCH, created_at_of


@pytest.mark.parametrize(
    ("post_id", "expected"),
    [
        ("1212092628029698048", datetime(2019, 12, 31, 19, 26, 16, 771_000, tzinfo=UTC)),
        (str(1 << 34), X_EPOCH + timedelta(milliseconds=4096)),
        (str((1 << 34) - 1), None),
        ("20", None),
        ("", None),
        ("-5", None),
        ("12 ", None),
        ("9" * 20, None),
        ("9" * 5000, None),
        ("abc", None),
        (None, None),
        (1212092628029698048, None),
    ],
)
def test_an_id_is_an_instant_or_none(post_id: object, expected: datetime | None) -> None:
    assert created_at_of(post_id) == expected


@given(st.integers(4096, 1 << 40), st.integers(0, (1 << 22) - 1))
def test_the_lower_bits_do_not_change_the_millisecond(milliseconds: int, rest: int) -> None:
    assert created_at_of(str((milliseconds << 22) + rest)) == X_EPOCH + timedelta(milliseconds=milliseconds)
