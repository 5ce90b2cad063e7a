"""Instants are read in both forms that X writes, whatever language the machine speaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.instants import rfc3339_micros, utc_instant, v1_instant

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def in_v1_form(instant: datetime) -> str:
    day, month = DAYS[instant.weekday()], MONTHS[instant.month - 1]
    return f"{day} {month} {instant.day:02} {instant:%H:%M:%S %z} {instant.year:04}"


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_second_is_read_back_from_the_form_of_api_v1(instant: datetime) -> None:
    assert v1_instant(in_v1_form(instant)) == instant.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun Nov 01 10:00:00 +0000 2026", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("Sun Nov 01 10:00:00 +0530 2026", datetime(2026, 11, 1, 4, 30, tzinfo=UTC)),
        ("2026-11-01T10:00:00Z", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00:00.250+02:00", datetime(2026, 11, 1, 8, 0, 0, 250_000, tzinfo=UTC)),
        ("Sun Nov 31 10:00:00 +0000 2026", None),
        ("Sun Nob 01 10:00:00 +0000 2026", None),
        ("Sun Nov 01 10:00:00 +0000 20xx", None),
        ("Mon Jan 01 00:00:00 +1400 0001", None),
        ("Fri Dec 31 23:00:00 -1400 9999", None),
        ("null", None),
        ("", None),
        (None, None),
        (1_793_527_200, None),
        ({"at": 1}, None),
    ],
)
def test_a_timestamp_of_either_form_is_an_instant_or_none(text: object, expected: datetime | None) -> None:
    assert v1_instant(text) == expected


@given(st.text(max_size=40) | st.text(min_size=4, max_size=4).map(lambda text: f"{text}Nov{text * 5}"[:30]))
def test_no_text_whatever_makes_the_reading_fail(text: str) -> None:
    for instant in (v1_instant(text), utc_instant(text)):
        assert instant is None or instant.tzinfo is UTC


def test_an_instant_is_written_to_the_microsecond_in_utc() -> None:
    east = timezone(timedelta(hours=9))
    assert rfc3339_micros(datetime(2026, 11, 21, 9, 0, 0, 7, tzinfo=east)) == "2026-11-21T00:00:00.000007Z"
    assert rfc3339_micros(datetime(2026, 11, 21, tzinfo=UTC)) == "2026-11-21T00:00:00.000000Z"
