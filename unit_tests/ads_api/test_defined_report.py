"""A sum comes out once, when its last slice is there, and what is saved is never ahead of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from source_x_organic.ads_api import reports
from source_x_organic.ads_api.ads_account import AdsAccount
from source_x_organic.ads_api.api import AdsApi, StatisticsRequest
from source_x_organic.ads_api.defined_report import DefinedReport
from source_x_organic.ads_api.reports import Scope
from source_x_organic.config import Aggregate, AllTweets, Dimension, RecentTweets, RelativeRange, ReportType, TweetIds
from source_x_organic.progress.state import StateCursor
from source_x_organic.reports.days import DAY, Days
from source_x_organic.reports.definitions import ReportDefinition
from source_x_organic.reports.kinds import kind_of
from source_x_organic.reports.state import ReportState, report_state_format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from airbyte_cdk.models import AirbyteMessage

    from source_x_organic.reports.definitions import TweetSelection

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOW.date()
FIRST = date(2026, 10, 20)
TWEET, DAYS, *_ = Dimension
WEEK = RelativeRange(type="relative_range", from_days_back=8, to_days_back=0)


class Statistics(AdsApi):
    """Answers that every tweet earns as many likes a day as its id has units, from its posting on."""

    def __init__(self, posted: dict[str, date]) -> None:
        self.posted = posted
        self.silent: set[str] = set()

    def possible(self, request: StatisticsRequest) -> StatisticsRequest:
        return request

    def statistics(self, request: StatisticsRequest) -> dict[str, Any]:
        days = list(request.days)
        numbers = {id_: [int(id_) % 10 if day >= self.posted[id_] else 0 for day in days] for id_ in request.ids}
        if request.granularity == "TOTAL":
            numbers = {id_: [sum(each)] for id_, each in numbers.items()}
        return {
            "data": [
                {"id": id_, "id_data": [{"segment": None, "metrics": {"likes": each}}]}
                for id_, each in numbers.items()
                if id_ not in self.silent
            ]
        }


class Reading:
    """One report over a stand-in of X."""

    def __init__(
        self,
        posted: dict[str, dict[str, date]],
        *dimensions: Dimension,
        selection: TweetSelection | None = None,
        incremental: bool = False,
    ) -> None:
        self.api = Statistics({id_: day for of_user in posted.values() for id_, day in of_user.items()})
        self.states: list[AirbyteMessage] = []
        self.warnings: list[str] = []
        definition = ReportDefinition(
            "mine",
            kind_of(ReportType.ADS_ORGANIC),
            ("likes",),
            dimensions,
            Aggregate.DAILY if DAYS in dimensions else Aggregate.TOTAL,
            selection or AllTweets(),
        )
        if not incremental:
            definition = replace(definition, period=WEEK)
        self.cursor = StateCursor("mine", {}, self.states.append, report_state_format("ads_api"))
        self.report = DefinedReport(
            AdsAccount("18ce", {"timezone": "UTC"}, self.api),
            {
                user: {id_: datetime(day.year, day.month, day.day, 7, tzinfo=UTC) for id_, day in of_user.items()}
                for user, of_user in posted.items()
            },
            definition,
            self.cursor if incremental else None,
            Scope(NOW, 1, 7),
            self.warnings.append,
        )

    def read(self, order: Random | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows, slices read in any order."""
        parts = self.report.plan.cut.all
        if order is not None:
            order.shuffle(parts)
        for part in parts:
            yield from self.report.answered_rows(part)
            self.report.done(part)
        self.report.conclude()

    @property
    def state(self) -> ReportState:
        return self.cursor.of("18ce")


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LARGEST_BATCH", 2)
    monkeypatch.setattr(reports, "LONGEST_WINDOW", 3)
    monkeypatch.setattr(reports, "LONGEST_JOB_WINDOW", 3)


POSTED = st.dictionaries(
    st.integers(101, 160).map(str), st.integers(0, 31).map(lambda number: TODAY - number * DAY), max_size=7
)
USERS = st.tuples(POSTED, POSTED).map(
    lambda both: {"7": both[0], "8": {str(int(id_) + 100): day for id_, day in both[1].items()}}
)
DIMENSIONS = st.sampled_from([(), (TWEET,), (DAYS,), (TWEET, DAYS)])


def earned(
    posted: dict[str, dict[str, date]], dimensions: tuple[Dimension, ...], span: Days
) -> dict[tuple[Any, ...], int]:
    """Return the likes by user, tweet and day, as far as these are told apart."""
    sums: dict[tuple[Any, ...], int] = {}
    for user, of_user in posted.items():
        for id_, since in of_user.items():
            for day in span:
                if day >= since >= FIRST:
                    key = (user, id_ if TWEET in dimensions else None, str(day) if DAYS in dimensions else None)
                    sums[key] = sums.get(key, 0) + int(id_) % 10
    return sums


def keyed(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], int]:
    found = {(row["account_id"], row.get("tweet_id"), row.get("date")): row["likes"] for row in rows}
    assert len(found) == len(rows)
    return found


@settings(max_examples=60)
@given(USERS, DIMENSIONS, st.randoms(use_true_random=False), st.booleans())
def test_in_any_order_of_slices_every_sum_comes_out_once_and_whole(
    posted: dict[str, dict[str, date]],
    dimensions: tuple[Dimension, ...],
    order: Random,
    follows_time: bool,  # noqa: FBT001 - drawn
) -> None:
    incremental = follows_time and DAYS in dimensions
    reading = Reading(posted, *dimensions, incremental=incremental)
    span = Days(FIRST, TODAY) if incremental else Days(TODAY - 8 * DAY, TODAY)
    assert keyed(list(reading.read(order))) == earned(posted, dimensions, span)
    assert not reading.warnings
    if incremental:
        assert reading.state.done == (Days(FIRST, TODAY),)


@given(USERS, st.randoms(use_true_random=False))
def test_no_day_is_done_before_its_sums_are_out(posted: dict[str, dict[str, date]], order: Random) -> None:
    reading = Reading(posted, DAYS, incremental=True)
    expected = earned(posted, (DAYS,), Days(FIRST, TODAY))
    seen: set[tuple[Any, ...]] = set()
    for row in reading.read(order):
        seen.add((row["account_id"], None, row["date"]))
        done = {str(day) for span in reading.state.done for day in span}
        assert {key for key in expected if key[2] in done} <= seen
    assert seen == expected.keys()


def test_slices_hold_tweets_of_one_user_each() -> None:
    posted = {"7": {"101": FIRST}, "8": {"201": FIRST}}
    assert {frozenset(part.user_ids) for part in Reading(posted, DAYS).report.plan.cut.wanted} == {
        frozenset({"7"}),
        frozenset({"8"}),
    }


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (AllTweets(), {"102", "103", "201"}),
        (RecentTweets(selection="recent", count=1), {"103", "201"}),
        (RecentTweets(selection="recent", count=9), {"101", "102", "103", "201"}),
        (TweetIds(selection="ids", ids=("101", "201", "999")), {"101", "201"}),
    ],
)
def test_a_selection_is_made_for_each_user_and_only_all_means_the_timeframe(
    selection: TweetSelection, expected: set[str]
) -> None:
    posted = {"7": {"102": FIRST, "101": FIRST - 40 * DAY, "103": TODAY}, "8": {"201": FIRST}}
    reading = Reading(posted, TWEET, selection=selection)
    assert {row["tweet_id"] for row in reading.read()} == expected


def test_a_tweet_that_x_says_nothing_of_is_counted_once_and_has_no_rows() -> None:
    reading = Reading({"7": {"101": FIRST, "102": FIRST, "103": FIRST}}, TWEET, DAYS)
    reading.api.silent = {"102"}
    assert {row["tweet_id"] for row in reading.read()} == {"101", "103"}
    (warning,) = reading.warnings
    assert warning.startswith("X left 1 tweet of Ads account 18ce out of its statistics")


def test_a_slice_that_is_split_counts_when_both_halves_are_there() -> None:
    reading = Reading({"7": {"101": FIRST, "102": FIRST}}, DAYS, incremental=True)
    report = reading.report
    newest, *others = report.plan.cut.wanted
    for part in others:
        assert list(report.answered_rows(part))
        report.done(part)
    assert TODAY not in reading.state.done[-1]
    first, second = report.split(newest)
    assert (first.ids, second.ids) == (("101",), ("102",))
    assert list(report.answered_rows(first)) == []
    report.done(first)
    assert TODAY not in reading.state.done[-1]
    assert {row["likes"] for row in report.answered_rows(second)} == {3}
    report.done(second)
    assert reading.state.done == (Days(FIRST, TODAY),)
