"""What a report remembers leaves no tweet without a day, whatever appears late and wherever a sync breaks off."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.models import AirbyteMessageSerializer
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.progress.formats import UnreadableState
from source_x_organic.progress.state import StateCursor
from source_x_organic.reports.days import DAY, Days, union, without
from source_x_organic.reports.plan import ListedTweet, remaining, slices, wanted_days
from source_x_organic.reports.state import ReportState, fingerprints_of, late_tweets, report_state_format

if TYPE_CHECKING:
    from airbyte_cdk.models import AirbyteMessage

ZERO = date(2026, 1, 1)
LOOKBACK = 3
FORM = report_state_format("ads_api")

WRITTEN = {
    "version": 1,
    "source": "ads_api",
    "accounts": {
        "18ce54d4x5t": {
            "cursor": "2026-11-20",
            "days": [["2026-08-21", "2026-11-20"]],
            "tweets": {"7": {"2026-08-21": "1f3a09bc", "2026-09-01": "00000000"}},
        }
    },
}
MEANT = {
    "18ce54d4x5t": ReportState(
        date(2026, 11, 20),
        (Days(date(2026, 8, 21), date(2026, 11, 20)),),
        {"7": {date(2026, 9, 1): "00000000", date(2026, 8, 21): "1f3a09bc"}},
    )
}


def day(number: int) -> date:
    return ZERO + number * DAY


def days(first: int, last: int) -> Days:
    return Days(day(first), day(last))


def tweet(number: int, posted: int, user_id: str = "7") -> ListedTweet:
    return ListedTweet(str(number), user_id, day(posted))


DATES = st.dates(date(2006, 3, 21), date(2037, 1, 1))
SPANS = st.lists(st.builds(Days, DATES, DATES), max_size=4).map(lambda spans: union(*spans))
PRINTS = st.dictionaries(st.text(), st.dictionaries(DATES, st.from_regex("[0-9a-f]{8}", fullmatch=True)), max_size=3)
STATES = st.builds(ReportState, st.none() | DATES, SPANS, PRINTS)


def test_state_is_written_as_it_is_documented_and_read_back() -> None:
    assert FORM.format(MEANT) == WRITTEN
    assert FORM.parse("organic_report", WRITTEN) == MEANT


@given(st.dictionaries(st.text(), STATES, max_size=3))
def test_what_is_written_is_what_is_read_next(accounts: dict[str, ReportState]) -> None:
    assert FORM.parse("organic_report", json.loads(json.dumps(FORM.format(accounts)))) == accounts


def test_a_state_of_another_source_counts_for_nothing_and_is_told_from_ones_own() -> None:
    other = {"version": 1, "source": "x_api_metrics", "accounts": {"7": {"anything": 1}}}
    assert FORM.parse("organic_report", other) == {}
    assert FORM.other_source(other) == "x_api_metrics"
    assert FORM.other_source(WRITTEN) is None
    assert FORM.other_source({}) is None


DAMAGED: list[dict[str, Any]] = [
    {"version": 2, "source": "ads_api", "accounts": {}},
    {"version": 2, "source": "x_api_metrics", "accounts": {}},
    {"version": 1, "accounts": {}},
    {"version": 1, "source": 3, "accounts": {}},
    {"version": 1, "source": "ads_api"},
    {"version": 1, "source": "ads_api", "accounts": {"a": {}}},
    {"version": 1, "source": "ads_api", "accounts": {"a": {"cursor": "soon", "days": [], "tweets": {}}}},
    {"version": 1, "source": "ads_api", "accounts": {"a": {"cursor": None, "days": [["2026-01-01"]], "tweets": {}}}},
    {"version": 1, "source": "ads_api", "accounts": {"a": {"cursor": None, "days": [], "tweets": []}}},
    {"version": 1, "source": "ads_api", "accounts": {"a": {"cursor": None, "days": [], "tweets": {"7": ["x"]}}}},
]


@pytest.mark.parametrize("blob", DAMAGED)
def test_a_state_that_is_not_of_this_version_is_refused_with_the_way_out(blob: dict[str, Any]) -> None:
    with pytest.raises(UnreadableState, match="The saved state of the stream organic_report cannot be read"):
        FORM.parse("organic_report", blob)


def test_a_cursor_of_the_report_starts_with_nothing_and_writes_its_source() -> None:
    emitted: list[AirbyteMessage] = []
    cursor = StateCursor("organic_report", {}, emitted.append, FORM)
    assert cursor.of("18ce54d4x5t") == ReportState()
    cursor.checkpoint("18ce54d4x5t", MEANT["18ce54d4x5t"])
    assert cursor.state == WRITTEN
    assert [AirbyteMessageSerializer.dump(each)["state"]["stream"]["stream_state"] for each in emitted] == [WRITTEN]


def test_a_fingerprint_tells_sets_of_tweets_apart_by_user_and_day_whatever_their_order() -> None:
    one, two, three, four = tweet(10, 1), tweet(9, 1), tweet(11, 2), tweet(12, 1, "8")
    prints = fingerprints_of([one, two, three, four])
    assert prints == fingerprints_of([four, three, two, one])
    assert {user_id: sorted(by_day) for user_id, by_day in prints.items()} == {"7": [day(1), day(2)], "8": [day(1)]}
    assert prints["7"][day(1)] == "2b8c46ee"  # CRC-32 of "10,9"
    assert len({text for by_day in prints.values() for text in by_day.values()}) == 3
    assert fingerprints_of([one]) != fingerprints_of([two])


def known(*tweets: ListedTweet, done: Days) -> ReportState:
    return ReportState(done.last, (done,)).knowing(tweets)


def test_only_tweets_of_days_that_changed_are_late() -> None:
    old, beside, elsewhere = tweet(1, 2), tweet(2, 2), tweet(3, 4)
    wanted = (days(17, 21),)
    state = known(old, elsewhere, done=days(0, 20))
    assert late_tweets([old, elsewhere], state, wanted) == []
    assert late_tweets([old, beside, elsewhere], state, wanted) == [old, beside]
    assert late_tweets([old, elsewhere, tweet(4, 3, "8")], state, wanted) == [tweet(4, 3, "8")]


def test_a_tweet_whose_days_are_all_wanted_is_not_late() -> None:
    state = known(done=days(0, 20))
    assert late_tweets([tweet(1, 17)], state, (days(17, 21),)) == []
    assert late_tweets([tweet(1, 16)], state, (days(17, 21),)) == [tweet(1, 16)]
    assert late_tweets([tweet(1, 2)], ReportState(), (days(0, 21),)) == []
    assert late_tweets([tweet(1, 2)], state, (days(0, 21),)) == []


def test_a_late_tweet_is_late_until_its_history_was_reported() -> None:
    old, late = tweet(1, 2), tweet(2, 3)
    wanted = (days(17, 21),)
    state = known(old, done=days(0, 20)).reopened(wanted)
    interrupted = state.knowing([old, late], late=[late]).advanced(day(21), wanted)
    assert late_tweets([old, late], interrupted, wanted) == [late]
    assert late_tweets([old, late], interrupted.knowing([old, late]), wanted) == []


def test_days_that_are_to_be_reported_again_are_not_done_until_they_were() -> None:
    state = ReportState(day(20), (days(0, 20),)).reopened([days(17, 21)])
    assert state == ReportState(day(20), (days(0, 16),))
    assert state.advanced(day(21), [days(20, 21)]) == ReportState(day(21), (days(0, 16), days(20, 21)))
    assert state.advanced(day(19), [days(17, 20)]).cursor == day(20)
    assert ReportState().advanced(day(19), []).cursor == day(19)


@dataclass
class Reader:
    """Syncs as a stream does them, and remembers on which day it last saw each tweet's each day."""

    state: ReportState = field(default_factory=ReportState)
    seen: dict[tuple[str, date], date] = field(default_factory=dict)

    def sync(self, tweets: list[ListedTweet], first: date, today: date, *, progress: float) -> None:
        done, cursor = self.state.done, self.state.cursor
        wanted = wanted_days(first=first, today=today, done=done, lookback_days=LOOKBACK, cursor=cursor)
        late = late_tweets(tweets, self.state, wanted)
        history = slices(late, without(done, wanted), batch=2, longest=4)
        planned = slices(tweets, wanted, batch=2, longest=4)
        state = self.state.reopened(wanted).knowing(tweets, late=late)
        steps = len(planned) + len(history)
        finished = round(progress * steps)
        for part in [*planned, *history][:finished]:
            for tweet_id, created in zip(part.ids, part.created, strict=True):
                self.seen.update({(tweet_id, each): today for each in part.days if each >= created})
        state = state.advanced(today, without(wanted, remaining(planned[finished:])))
        self.state = state.knowing(tweets) if finished == steps else state


@given(
    st.lists(
        st.tuples(
            st.integers(0, 6),  # days until the sync
            st.integers(5, 30),  # days of the timeframe
            st.sets(st.integers(0, 9), max_size=6),  # users' tweets that are not listed this time
            st.floats(0, 1),  # how far the sync comes
        ),
        max_size=6,
    )
)
def test_no_sequence_of_late_tweets_timeframes_and_interruptions_leaves_a_day_out(
    steps: list[tuple[int, int, set[int], float]],
) -> None:
    everything = [tweet(number, 3 * number, str(number % 2)) for number in range(10)]
    listed: list[ListedTweet] = []
    reader, today = Reader(), day(20)
    for passed, timeframe, absent, progress in [*steps, (1, 25, set[int](), 1.0)]:
        today += passed * DAY
        first = today - timeframe * DAY
        listed = [each for number, each in enumerate(everything) if number not in absent and first <= each.day <= today]
        reader.sync(listed, first, today, progress=progress)
    for each in listed:
        for one in Days(each.day, today):
            # The last sync that looks back on a day is the first one that comes later than the look-back after it.
            assert reader.seen[each.id, one] >= min(today, one + (LOOKBACK + 1) * DAY)
