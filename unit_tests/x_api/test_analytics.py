"""Every figure of an analytics answer lands on its tweet, day and hour, in either shape that X documents."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import Aggregate, Dimension, ReportType
from source_x_organic.reports.days import Days
from source_x_organic.reports.kinds import kind_of
from source_x_organic.x_api.analytics import (
    ANALYTICS,
    MEDIA_ANALYTICS,
    TWEET_ANALYTICS,
    UnexpectedAnswer,
    Window,
    cells_of,
    parameters,
    window,
)

if TYPE_CHECKING:
    from source_x_organic.reports.cells import CellKey, Cells

TWEET, DAY, HOUR, METRIC = Dimension
HOURLY, DAILY, WEEKLY, TOTAL = Aggregate
TWEETS, MEDIA = ReportType.TWEET_ANALYTICS, ReportType.MEDIA_ANALYTICS
WINDOW = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC))
METRICS = ("impressions", "likes")

Figures = dict["CellKey", dict[str, int | None]]


def figures_of(cells: Cells) -> Figures:
    return {key: dict(cells.values(key)) for key in cells.keys()}  # noqa: SIM118 - not a mapping


def read(
    *data: dict[str, Any],
    granularity: Aggregate = DAILY,
    dimensions: tuple[Dimension, ...] = (TWEET, DAY),
    report: ReportType = TWEETS,
    tweets_of: dict[str, list[str]] | None = None,
) -> Figures:
    answer = {"data": list(data)} if data else {}
    return figures_of(cells_of(answer, report, granularity, dimensions, METRICS, WINDOW, tweets_of))


def bucket(timestamp: object, **metrics: object) -> dict[str, Any]:
    return {"timestamp": timestamp, "metrics": metrics}


def tweet(*buckets: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"id": "101", "timestamped_metrics": list(buckets), **more}


def test_a_request_names_its_tweets_window_granularity_and_fields() -> None:
    assert parameters(TWEETS, ["1", "2"], METRICS, DAILY, WINDOW) == {
        "ids": "1,2",
        "start_time": "2026-11-01T00:00:00Z",
        "end_time": "2026-11-04T00:00:00Z",
        "granularity": "daily",
        "analytics.fields": "id,timestamp,timestamped_metrics,impressions,likes",
    }
    assert parameters(MEDIA, ["13_1"], ["playback25", "video_views"], TOTAL, WINDOW, without={"video_views"}) == {
        "media_keys": "13_1",
        "start_time": "2026-11-01T00:00:00Z",
        "end_time": "2026-11-04T00:00:00Z",
        "granularity": "total",
        "media_analytics.fields": "media_key,timestamp,timestamped_metrics,playback25",
    }
    assert [ANALYTICS[report].endpoint for report in (TWEETS, MEDIA)] == [TWEET_ANALYTICS, MEDIA_ANALYTICS]


@pytest.mark.parametrize(
    ("days", "now", "end"),
    [
        (
            Days(date(2026, 11, 1), date(2026, 11, 3)),
            datetime(2026, 11, 9, tzinfo=UTC),
            datetime(2026, 11, 4, tzinfo=UTC),
        ),
        (
            Days(date(2026, 11, 1), date(2026, 11, 3)),
            datetime(2026, 11, 2, 9, 30, 59, 7, tzinfo=UTC),
            datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
        ),
        (Days(date(2026, 11, 1), date(2026, 11, 1)), datetime(2026, 11, 1, 0, 0, 59, tzinfo=UTC), None),
    ],
)
def test_a_window_ends_with_its_days_or_now(days: Days, now: datetime, end: datetime | None) -> None:
    assert window(days, now=now) == (None if end is None else Window(datetime(2026, 11, 1, tzinfo=UTC), end))


def test_daily_buckets_are_days_and_what_x_does_not_know_is_null() -> None:
    assert read(
        tweet(
            bucket("2026-11-01T00:00:00Z", impressions=0, likes=None),
            bucket("2026-11-02T00:00:00.000Z", impressions="12"),
            bucket("2026-11-03T00:00:00Z", impressions="n/a", likes=True),
        )
    ) == {
        ("101", "2026-11-01", None): {"impressions": 0, "likes": None},
        ("101", "2026-11-02", None): {"impressions": 12, "likes": None},
        ("101", "2026-11-03", None): {"impressions": None, "likes": None},
    }


def test_hourly_buckets_are_days_and_hours_also_where_they_begin_within_one() -> None:
    assert read(
        tweet(bucket("2026-11-01T06:30:00Z", likes=1), bucket("2026-11-02T01:00:00+02:00", likes=2)),
        granularity=HOURLY,
        dimensions=(TWEET, DAY, HOUR),
    ) == {
        ("101", "2026-11-01", 6): {"impressions": None, "likes": 1},
        ("101", "2026-11-01", 23): {"impressions": None, "likes": 2},
    }


def test_days_outside_the_window_are_left_to_other_requests_but_weeks_begin_when_they_do() -> None:
    buckets = [bucket(f"2026-{day}T00:00:00Z", likes=1) for day in ("10-31", "11-01", "11-03", "11-04")]
    assert sorted(read(tweet(*buckets))) == [("101", "2026-11-01", None), ("101", "2026-11-03", None)]
    assert read(tweet(bucket("2026-10-26T00:00:00Z", likes=1)), granularity=WEEKLY) == {
        ("101", "2026-10-26", None): {"impressions": None, "likes": 1}
    }


FLAT = {"id": "101", "impressions": 5, "likes": "7"}


@pytest.mark.parametrize(
    "answered",
    [
        FLAT,
        {**FLAT, "timestamp": "2026-11-01T00:00:00Z"},
        {**FLAT, "timestamped_metrics": []},
        tweet(bucket(None, impressions=5, likes=7)),
        tweet(bucket("2026-11-01T00:00:00Z", impressions=5, likes=7), impressions=5, likes=7),
    ],
)
def test_a_total_is_the_same_in_either_shape(answered: dict[str, Any]) -> None:
    assert read(answered, granularity=TOTAL, dimensions=(TWEET,)) == {
        ("101", None, None): {"impressions": 5, "likes": 7}
    }


def test_figures_beside_the_id_may_say_which_day_they_are_of() -> None:
    assert read({**FLAT, "timestamp": "2026-11-02T00:00:00Z"}) == {
        ("101", "2026-11-02", None): {"impressions": 5, "likes": 7}
    }
    with pytest.raises(UnexpectedAnswer, match="where the time of figures should stand"):
        read(FLAT)


@pytest.mark.parametrize(
    "nothing",
    [
        [],
        [{"id": "101"}],
        [{"id": "101", "timestamped_metrics": []}],
        [tweet(bucket("2026-11-01T00:00:00Z") | {"metrics": None})],
        ["no object"],
    ],
)
def test_objects_without_figures_make_none(nothing: list[dict[str, Any]]) -> None:
    assert read(*nothing) == {}


def test_an_answer_of_errors_alone_makes_no_figures() -> None:
    answer = {"errors": [{"title": "Not Found Error", "value": "101"}]}
    assert figures_of(cells_of(answer, TWEETS, DAILY, (TWEET, DAY), METRICS, WINDOW)) == {}


OF_MEDIA = {"13_1": ["101", "102"], "13_2": ["101"]}
VIDEOS = [
    {"media_key": "13_1", "timestamped_metrics": [bucket("2026-11-01T00:00:00Z", likes="2")]},
    {"media_key": "13_2", "timestamped_metrics": [bucket("2026-11-01T00:00:00Z", likes=3)]},
]


def test_a_medium_counts_for_each_of_its_tweets_and_once_for_all_of_them() -> None:
    assert read(*VIDEOS, report=MEDIA, tweets_of=OF_MEDIA) == {
        ("101", "2026-11-01", None): {"impressions": None, "likes": 5},
        ("102", "2026-11-01", None): {"impressions": None, "likes": 2},
    }
    assert read(*VIDEOS, report=MEDIA, tweets_of=OF_MEDIA, dimensions=(DAY,)) == {
        (None, "2026-11-01", None): {"impressions": None, "likes": 5}
    }


@pytest.mark.parametrize("answered", [VIDEOS[0] | {"media_key": "13_9"}, {"id": "13_1"}, VIDEOS[0] | {"media_key": 7}])
def test_a_medium_that_was_not_asked_for_is_not_taken(answered: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer, match="which was not asked for"):
        read(answered, report=MEDIA, tweets_of=OF_MEDIA)


HOURS = st.integers(0, 71).map(lambda hours: WINDOW.start + timedelta(hours=hours))
COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(["20", "17", "1001"]), HOURS),
    st.dictionaries(st.sampled_from(METRICS), st.none() | st.integers(0, 10**12)),
    max_size=30,
)
CHOICES = [chosen for count in range(5) for chosen in combinations(Dimension, count)]


def timestamped(counts: dict[tuple[str, datetime], dict[str, int | None]]) -> list[dict[str, Any]]:
    """Return the objects in which X answers by hours."""
    return [
        {
            "id": tweet_id,
            "timestamped_metrics": [
                bucket(f"{hour:%Y-%m-%dT%H:%M:%SZ}", **said)
                for (each, hour), said in counts.items()
                if each == tweet_id
            ],
        }
        for tweet_id in dict.fromkeys(each for each, _ in counts)
    ]


@given(COUNTS, st.sampled_from(CHOICES))
def test_hours_add_up_to_whatever_the_report_tells_apart(
    counts: dict[tuple[str, datetime], dict[str, int | None]], dimensions: tuple[Dimension, ...]
) -> None:
    expected: Figures = {}
    for (tweet_id, hour), said in counts.items():
        key = (
            tweet_id if TWEET in dimensions else None,
            f"{hour:%Y-%m-%d}" if DAY in dimensions else None,
            hour.hour if HOUR in dimensions else None,
        )
        added = expected.setdefault(key, dict.fromkeys(METRICS))
        for metric, count in said.items():
            known = added[metric]
            added[metric] = count if known is None else known + (count or 0)
    assert read(*timestamped(counts), granularity=HOURLY, dimensions=dimensions) == expected


def test_every_metric_of_both_reports_can_be_asked_for_and_read() -> None:
    for report in (TWEETS, MEDIA):
        metrics = kind_of(report).metric_names
        said = {ANALYTICS[report].id_field: "13_1", **dict.fromkeys(metrics, 4)}
        cells = cells_of({"data": [said]}, report, TOTAL, (), metrics, WINDOW)
        assert figures_of(cells) == {(None, None, None): dict.fromkeys(metrics, 4)}
        fields = parameters(report, ["13_1"], metrics, TOTAL, WINDOW)[ANALYTICS[report].fields_parameter].split(",")
        assert fields[3:] == list(metrics)
