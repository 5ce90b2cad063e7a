"""The tweets that a report knows travel in few characters, and none is forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from source_x_organic.progress.coverage import Span
from source_x_organic.reports.days import Days
from source_x_organic.reports.listed_state import ListedReportState, listed_state_format
from source_x_organic.reports.plan import ListedTweet

TODAY = date(2026, 11, 20)


def tweet(number: int, day: date) -> ListedTweet:
    return ListedTweet(str(number), "7", day)


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
