"""What a report has done is saved slice by slice: nothing is done before its rows are out, and nothing is lost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from source_x_organic.progress.state import StateCursor
from source_x_organic.reports.days import Days
from source_x_organic.reports.leftovers import Leftover
from source_x_organic.reports.listed_state import ListedReportState, listed_state_format
from source_x_organic.reports.plan import Cut, ListedTweet, Slice, slices
from source_x_organic.reports.progress import Question, ReportProgress
from source_x_organic.reports.state import ReportState, report_state_format

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

TODAY = date(2026, 11, 20)
FIRST = date(2026, 10, 1)
ALL = Days(FIRST, TODAY)
TWEETS = [ListedTweet(str(number), "7", FIRST) for number in range(10, 16)]
LOOK_BACK = Days(date(2026, 11, 13), TODAY)
State = ListedReportState | ReportState


class Report:
    """A report of six tweets, two a request, in windows of four weeks; `silent` are those that X says nothing of."""

    def __init__(self, state: State, silent: Collection[str] = ()) -> None:
        form = listed_state_format("x") if isinstance(state, ListedReportState) else report_state_format("x")
        self.cursor: StateCursor[State] = StateCursor("report", {"1": state}, [].append, form)  # type: ignore[arg-type]
        self.question = Question.of(state, TWEETS, first=FIRST, today=TODAY, lookback_days=7)
        self.cut = Cut(
            self._cut(TWEETS, self.question.wanted),
            self._cut(self.question.late, self.question.late_days),
            [part for each in self.question.left for part in self._cut(each.of(TWEETS), [each.days])],
        )
        self.progress = ReportProgress(self.cursor, "1", state, self.question, self.cut, lambda: silent)

    @staticmethod
    def _cut(tweets: Iterable[ListedTweet], days: Iterable[Days]) -> list[Slice]:
        return slices(tweets, tuple(days), batch=2, longest=28)

    @property
    def state(self) -> State:
        return self.cursor.of("1")

    def read(self, *, failing: Collection[Slice] = ()) -> State:
        for part in self.cut.all:
            if part in failing:
                self.progress.failed(part)
            else:
                self.progress.done(part)
        return self.state


@pytest.fixture(params=[ListedReportState(), ReportState()], ids=["listed", "fingerprints"])
def nothing(request: pytest.FixtureRequest) -> State:
    state: State = request.param
    return state


def test_a_window_is_done_with_its_last_slice(nothing: State) -> None:
    report = Report(nothing)
    assert [part.days.last for part in report.cut.wanted] == [TODAY] * 3 + [date(2026, 10, 23)] * 3
    for part in report.cut.wanted[:2]:
        report.progress.done(part)
        assert not report.state.done
    report.progress.done(report.cut.wanted[2])
    assert report.state.done == (Days(date(2026, 10, 24), TODAY),)


def test_a_slice_that_fails_is_left_and_the_rest_of_its_window_done(nothing: State) -> None:
    first = Report(nothing)
    lost = first.cut.wanted[4]
    state = first.read(failing=[lost])
    assert (state.done, state.left) == ((ALL,), (Leftover(lost.days, frozenset(lost.ids)),))

    second = Report(state)
    assert second.cut.left == [lost]
    assert {part.days for part in second.cut.wanted} == {LOOK_BACK}
    assert second.read(failing=[lost]).left == state.left
    assert Report(state).read().left == ()


def test_of_days_that_are_asked_for_anyway_nothing_is_left(nothing: State) -> None:
    first = Report(nothing)
    lost = first.cut.wanted[0]
    state = first.read(failing=[lost])
    second = Report(state)
    assert [(part.ids, part.days) for part in second.cut.left] == [
        (lost.ids, Days(lost.days.first, date(2026, 11, 12))),
    ]


def test_a_window_of_which_most_fails_is_not_done(nothing: State) -> None:
    report = Report(nothing)
    state = report.read(failing=report.cut.wanted[3:5])
    assert (state.done, state.left) == ((Days(date(2026, 10, 24), TODAY),), ())
    assert len(Report(state).cut.wanted) == 6


def test_where_nothing_can_be_read_the_state_stays_as_it_was(nothing: State) -> None:
    state = Report(nothing).read()
    report = Report(state)
    assert report.read(failing=report.cut.wanted) == state


def test_a_slice_that_is_split_waits_for_both_halves(nothing: State) -> None:
    report = Report(nothing)
    first, second = report.progress.split(report.cut.wanted[0])
    for part in (*report.cut.wanted[1:3], first):
        report.progress.done(part)
    assert not report.state.done
    report.progress.done(second)
    assert report.state.done == (Days(date(2026, 10, 24), TODAY),)


def test_a_tweet_that_x_says_nothing_of_is_absent_until_it_speaks_and_then_gets_its_history(nothing: State) -> None:
    quiet = Report(nothing, silent=["12"]).read()
    assert quiet.absent == {"12"}
    still = Report(quiet, silent=["12"])
    assert not still.cut.late
    assert still.read().absent == {"12"}

    back = Report(quiet)
    assert not back.cut.late
    spoken = back.read()
    assert spoken.absent == frozenset()
    healed = Report(spoken)
    assert {tweet_id for part in healed.cut.late for tweet_id in part.ids} >= {"12"}
    assert {part.days.first for part in healed.cut.late} == {FIRST, date(2026, 10, 16)}
    assert not Report(healed.read()).cut.late


def test_an_absent_tweet_whose_slice_fails_stays_absent(nothing: State) -> None:
    quiet = Report(nothing, silent=["12"]).read()
    report = Report(quiet)
    failing = [part for part in report.cut.wanted if "12" in part.ids]
    assert report.read(failing=failing).absent == {"12"}


def test_what_is_left_and_absent_survives_the_json_form(nothing: State) -> None:
    report = Report(nothing, silent=["12"])
    state = report.read(failing=[report.cut.wanted[4]])
    assert state.left
    if isinstance(state, ListedReportState):
        listed = listed_state_format("x")
        assert listed.parse("report", listed.format({"1": state})) == {"1": state}
    else:
        form = report_state_format("x")
        assert form.parse("report", form.format({"1": state})) == {"1": state}
