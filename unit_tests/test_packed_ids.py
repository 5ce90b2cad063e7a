"""Ids travel in few characters, and none is lost or made up."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.packed_ids import packed, unpacked

IDS = st.frozensets(st.integers(min_value=1, max_value=(1 << 63) - 1).map(str))


@given(IDS)
def test_packed_ids_come_out_as_they_went_in(ids: frozenset[str]) -> None:
    assert unpacked(packed(ids)) == ids


def test_a_year_of_ten_tweets_a_day_takes_less_than_nine_characters_an_id() -> None:
    ids = [str(1_900_000_000_000_000_000 + number * 8_640_000 * (1 << 22) + number % 4096) for number in range(3650)]

    assert len(packed(ids)) < 9 * len(ids)


@pytest.mark.parametrize("text", ["%%%", "aGVsbG8=", base64.b64encode(b"x\x9c\x03\x00").decode()])
def test_what_was_not_packed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpacked(text)
