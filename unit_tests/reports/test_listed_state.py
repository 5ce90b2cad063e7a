"""The tweets that a report knows travel in few characters, and none is forgotten."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.progress.coverage import Span
from source_x_organic.reports.days import Days
from source_x_organic.reports.listed_state import ListedReportState, listed_state_format, packed, unpacked
from source_x_organic.reports.plan import ListedTweet

IDS = st.frozensets(st.integers(min_value=1, max_value=(1 << 63) - 1).map(str))
TODAY = date(2026, 11, 20)


def tweet(number: int, day: date) -> ListedTweet:
    return ListedTweet(str(number), "7", day)


@given(IDS)
def test_packed_ids_come_out_as_they_went_in(ids: frozenset[str]) -> None:
    assert unpacked(packed(ids)) == ids


def test_a_year_of_ten_tweets_a_day_takes_less_than_nine_characters_an_id() -> None:
    ids = [str(1_900_000_000_000_000_000 + number * 8_640_000 * (1 << 22) + number % 4096) for number in range(3650)]

    assert len(packed(ids)) < 9 * len(ids)


@pytest.mark.parametrize("text", ["%%%", "aGVsbG8=", base64.b64encode(b"x\x9c\x03\x00").decode()])
def test_what_was_not_packed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):
        unpacked(text)


def test_a_state_survives_its_json_form() -> None:
    now = datetime(2026, 11, 20, 9, 30, 0, 123_000, tzinfo=UTC)
    state = ListedReportState(
        cursor=TODAY,
        done=(Days(date(2026, 8, 20), TODAY),),
        listed=(Span(now - timedelta(days=92), now),),
        tweets=frozenset({"12", "345"}),
        behind=frozenset({"12"}),
    )
    form = listed_state_format("engagement_api")

    assert form.parse("organic_report", form.format({"1": state})) == {"1": state}


def test_a_tweet_is_late_until_its_history_has_come() -> None:
    old, new = tweet(1, date(2026, 9, 1)), tweet(2, date(2026, 9, 2))
    done = (Days(date(2026, 8, 20), TODAY),)
    wanted = [Days(date(2026, 11, 13), TODAY)]
    state = ListedReportState(TODAY, done, (), frozenset({"1"}))

    assert state.late([old, new], wanted) == [new]
    interrupted = state.knowing([old, new], late=[new])
    assert interrupted.tweets == {"1", "2"}
    assert interrupted.late([old, new], wanted) == [new]
    assert interrupted.knowing([old, new]).late([old, new], wanted) == []


def test_nothing_is_late_where_nothing_is_done() -> None:
    assert ListedReportState().late([tweet(1, TODAY)], []) == []
