"""A tweet is missing if it was remembered, its time was read again, and it was not there; and for no other reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.deletions.watch import MOST_REMEMBERED, Watch
from source_x_organic.instants import rfc3339_millis
from source_x_organic.progress.coverage import BEGINNING, Span
from source_x_organic.progress.state import AccountState
from source_x_organic.snowflakes import X_EPOCH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def tweet(made: datetime, number: int = 0) -> str:
    return str(((made - X_EPOCH) // timedelta(milliseconds=1) << 22) + number)


def aged(*days: float) -> list[str]:
    return [tweet(NOW - age * DAY) for age in days]


def before(tweets: Iterable[str], gone: Iterable[str] = ()) -> AccountState:
    return AccountState(
        rfc3339_millis(NOW - DAY), (Span(BEGINNING, NOW - DAY),), frozenset(tweets), gone=frozenset(gone)
    )


def watch(state: AccountState, *, now: datetime = NOW, lookback: float = 7, reach: float = 0) -> Watch:
    return Watch(state, lookback=lookback * DAY, reach=reach * DAY, now=now)


def seeing(state: AccountState, there: Collection[str], *spans: Span, reach: float = 0) -> Watch:
    found = watch(state, reach=reach)
    for each in there:
        found.see(each)
    for span in spans:
        found.read(span)
    return found


def test_what_was_remembered_and_is_not_there_any_more_is_missing_newest_first() -> None:
    tweets = aged(1, 2, 3, 4, 5)
    found = seeing(before(tweets), [tweets[0], tweets[2], tweets[4]], Span(NOW - 7 * DAY, NOW))
    assert found.missing() == [tweets[1], tweets[3]]


def test_what_was_not_read_again_is_not_missing() -> None:
    tweets = aged(1, 2, 3, 4, 5)
    assert seeing(before(tweets), []).missing() == []
    assert seeing(before(tweets), tweets[:2], Span(NOW - 2.5 * DAY, NOW)).missing() == []
    parts = Span(NOW - 4.5 * DAY, NOW - 3.5 * DAY), Span(NOW - 1.5 * DAY, NOW)
    assert seeing(before(tweets), [], *parts).missing() == [tweets[0], tweets[3]]


def test_a_tweet_in_the_second_in_which_a_reading_ended_is_not_missing() -> None:
    end = NOW - 3 * DAY
    edge = [tweet(end), tweet(end + timedelta(milliseconds=999))]
    assert seeing(before(edge), [], Span(end, NOW)).missing() == []
    inside = tweet(end + timedelta(seconds=1))
    assert seeing(before([inside]), [], Span(end, NOW)).missing() == [inside]


def test_ids_from_before_x_wrote_times_into_them_are_not_judged() -> None:
    assert seeing(before(["17"]), [], Span(BEGINNING, NOW)).missing() == []


def test_older_versions_of_a_tweet_that_is_there_are_not_missing() -> None:
    old, new = aged(2, 1.9)
    found = watch(before([old]))
    found.see(new, [old])
    found.read(Span(NOW - 7 * DAY, NOW))
    assert found.missing() == []
    state = found.remembered(before([old]))
    assert state.tweets == {new}
    assert state.unlisted == {old}
    assert set(seeing(state, [], Span(NOW - 7 * DAY, NOW)).missing()) == {old, new}


def test_a_tweet_that_x_could_not_show_is_not_missing() -> None:
    (hidden,) = aged(2)
    found = seeing(before([hidden]), [], Span(NOW - 7 * DAY, NOW))
    found.excuse(hidden)
    assert found.missing() == []


def test_below_the_oldest_tweet_that_a_cut_timeline_shows_nothing_is_missing_or_remembered() -> None:
    tweets = aged(1, 2, 3, 4, 5)
    found = seeing(before(tweets), [tweets[0], tweets[2]], Span(NOW - 7 * DAY, NOW))
    found.cut_off()
    assert found.missing() == [tweets[1]]
    found.delete([tweets[1]])
    state = found.remembered(before(tweets))
    assert state.tweets == {tweets[0], tweets[2]}
    assert state.gone == {tweets[1]}


def test_more_than_half_missing_or_ten_at_the_old_end_is_doubtful() -> None:
    whole = Span(NOW - 7 * DAY, NOW)
    four = aged(1, 2, 3, 4)
    doubts = [(four[:1], True), (four[:2], False), (four[2:], False), ([], True)]
    for there, is_doubtful in doubts:
        found = seeing(before(four), there, whole)
        assert found.is_doubtful(found.missing()) is is_doubtful
    forty = aged(*(1 + number / 10 for number in range(40)))
    for there, is_doubtful in [(forty[:31], False), (forty[:30], True), (forty[10:], False)]:
        found = seeing(before(forty), there, whole)
        assert found.is_doubtful(found.missing()) is is_doubtful


def test_what_the_next_sync_reads_again_is_remembered_and_what_is_older_forgotten() -> None:
    tweets = aged(0.5, 3, 7.9, 8.1, 20, 29, 31)
    state = AccountState(rfc3339_millis(NOW - DAY), (Span(BEGINNING, NOW),))
    assert seeing(state, tweets).remembered(state).tweets == set(tweets[:3])
    assert seeing(state, tweets, reach=30).remembered(state).tweets == set(tweets[:6])


def test_only_tweets_that_the_stream_has_emitted_are_remembered() -> None:
    tweets = aged(1, 2, 3, 4, 5)
    state = AccountState(rfc3339_millis(NOW - DAY), (Span(NOW - 2.5 * DAY, NOW),))
    assert seeing(state, tweets).remembered(state).tweets == set(tweets[:2])
    assert seeing(AccountState(), tweets).remembered(AccountState()).tweets == frozenset()


def test_no_more_are_remembered_than_x_shows() -> None:
    tweets = aged(*(number / 1000 for number in range(MOST_REMEMBERED + 500)))
    state = AccountState(rfc3339_millis(NOW), (Span(BEGINNING, NOW),))
    assert seeing(state, tweets).remembered(state).tweets == set(tweets[:MOST_REMEMBERED])


def test_a_deleted_tweet_is_told_once_and_known_again_when_it_comes_back() -> None:
    (lost,) = aged(2)
    whole = Span(NOW - 7 * DAY, NOW)
    found = seeing(before([lost]), [], whole)
    found.delete(found.missing())
    state = found.remembered(before([lost]))
    assert state.tweets == frozenset()
    assert state.gone == {lost}
    again = seeing(state, [], whole)
    assert again.missing() == []
    assert again.remembered(state) == state
    back = seeing(state, [lost], whole)
    assert back.back([lost, "17"]) == {lost}
    assert back.remembered(state).tweets == {lost}
    assert back.remembered(state).gone == frozenset()


def test_what_only_its_counters_show_is_back_when_it_can_be_emitted_whole() -> None:
    (lost,) = aged(2)
    found = seeing(before([], gone=[lost]), [lost], Span(NOW - 7 * DAY, NOW))
    state = found.remembered(before([]))
    assert state.gone == {lost}
    assert state.tweets == frozenset()


def test_a_reading_of_counters_tells_nothing_of_retweets_and_replaced_versions() -> None:
    retweet, old, new, plain = aged(3, 2.1, 2, 1)
    first = watch(AccountState(), reach=30)
    first.see(retweet, is_retweet=True)
    first.see(new, [old])
    first.see(plain)
    state = first.remembered(before([]))
    assert state.tweets == {new, plain}
    # The older version was never emitted, as far as is known.
    assert state.unlisted == {retweet}

    counters, whole = watch(state), watch(state)
    counters.read_counters(Span(NOW - 7 * DAY, NOW))
    whole.read(Span(NOW - 7 * DAY, NOW))
    assert counters.missing() == [plain, new]
    assert whole.missing() == [plain, new, retweet]


def test_unlisted_tweets_are_remembered_as_far_as_whole_tweets_are_read_again() -> None:
    tweets, retweets = aged(5, 15, 25, 35), aged(5.1, 15.1, 25.1)
    found = Watch(before([]), lookback=7 * DAY, reach=10 * DAY, counters_reach=30 * DAY, now=NOW)
    for each in tweets:
        found.see(each)
    for each in retweets:
        found.see(each, is_retweet=True)
    state = found.remembered(before([]))
    assert state.tweets == set(tweets[:3])
    assert state.unlisted == set(retweets[:1])


def test_what_cannot_be_told_is_watched_no_more() -> None:
    tweets = aged(1, 2)
    found = seeing(before(tweets), [], Span(NOW - 7 * DAY, NOW))
    found.forget(tweets[1:])
    assert found.remembered(before(tweets)).tweets == {tweets[0]}


def test_pages_older_than_what_is_remembered_are_passed_over() -> None:
    fresh = watch(AccountState())
    assert [fresh.is_over(NOW - age * DAY) for age in (0, 6, 8)] == [False, False, True]
    long = watch(before(aged(40)))
    assert [long.is_over(NOW - age * DAY) for age in (8, 39, 41)] == [False, False, True]


@given(
    ages=st.lists(st.integers(0, 2 * 24 * 60), unique=True, max_size=60),
    deletions=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 59)), max_size=30),
    lookback=st.integers(1, 3),
)
def test_over_many_syncs_exactly_the_deleted_tweets_of_the_window_are_missing_once(
    ages: list[int], deletions: list[tuple[int, int]], lookback: int
) -> None:
    """Ten syncs, twelve hours apart; the tweets were made in the two days before the first one, one minute each."""
    made = {tweet(NOW - age * timedelta(minutes=1)): NOW - age * timedelta(minutes=1) for age in ages}
    names = list(made)
    state, told, alive = AccountState(), [], set(names)
    for number in range(10):
        now = NOW + number * 12 * HOUR
        lost = {names[place] for when, place in deletions if when == number and place < len(names)} & alive
        alive -= lost
        newest = max(made.values(), default=NOW)
        start = BEGINNING if number == 0 else newest - lookback * DAY
        found = Watch(state, lookback=lookback * DAY, reach=timedelta(), now=now)
        for each in alive:
            if made[each] >= start:
                found.see(each)
        found.read(Span(start, now))
        missing = found.missing()
        expected = {each for each in lost if made[each] >= start + timedelta(seconds=1)} if number else set()
        assert set(missing) == expected
        found.delete(missing)
        told += missing
        state = found.remembered(state.advanced(rfc3339_millis(newest), Span(start, now)))
    assert len(told) == len(set(told))
