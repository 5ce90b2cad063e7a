"""Custom reports from X's analytics of tweets and media: every aggregate, every breakdown, both shapes of answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests import report_truth
from integration_tests.report_stage import (
    MEDIA_ANALYTICS,
    TWEET_ANALYTICS,
    ReportStage,
    days_of,
    ids_of,
    tweets_of,
    window_of,
)
from integration_tests.stage import NOW, Json, Output
from x_simulator import AccountSpec
from x_simulator.posts import media_keys
from x_simulator.x_api.analytics import media_analytics_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DAY = timedelta(days=1)
MILL = AccountSpec("lumen_mill", posts=24, posts_per_day=1.1, mix=("original", "video", "retweet"))
FILMS = AccountSpec("lumen_mill", posts=14, posts_per_day=0.7, mix=("video", "media", "original"))
KILN = AccountSpec("tiny_kiln", posts=5, posts_per_day=0.5, mix=("original",))
TODAY = NOW.date()
METRICS = ["impressions", "likes", "bookmarks"]
MEDIA_METRICS = ["video_views", "playback25", "watch_time_ms"]
WEEK = {"type": "relative_range", "from_days_back": 9, "to_days_back": 0}

CHOICES = [
    ("hourly", ["hour"]),
    ("hourly", ["tweet", "hour"]),
    ("hourly", ["day", "hour"]),
    ("hourly", ["tweet", "day", "hour"]),
    ("hourly", ["tweet", "day"]),
    ("hourly", []),
    ("daily", ["day"]),
    ("daily", ["tweet", "day"]),
    ("daily", ["tweet"]),
    ("weekly", ["tweet"]),
    ("weekly", []),
    ("total", ["tweet"]),
    ("total", []),
    (None, ["tweet", "day", "hour"]),
    (None, ["tweet"]),
]


def definition(table_name: str = "mine", **properties: object) -> Json:
    return {"table_name": table_name, "report_type": "tweet_analytics", "metrics": METRICS, **properties}


def read(stage: ReportStage, *reports: Json, **properties: object) -> Output:
    config = stage.config(custom_reports=list(reports), **properties)
    output = stage.sync(*(report["table_name"] for report in reports), config=config)
    assert output.error is None, output.failures
    output.assert_valid()
    return output


def in_order(rows: Sequence[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: [str(row.get(name) or "").zfill(20) for name in ("tweet_id", "date", "hour")])


def expected_rows(
    stage: ReportStage, dimensions: Sequence[str], days: tuple[date, date], *, is_weekly: bool = False
) -> list[Json]:
    now = stage.clock.now()
    posts = report_truth.posts(stage.world, "lumen_mill", now, report_truth.first_day(now))
    asked = report_truth.midnight(days[0]), min(report_truth.midnight(days[1] + DAY), now)
    told = report_truth.of_analytics(stage.world, posts)
    figures = report_truth.cells(told, asked, dimensions, METRICS, is_weekly=is_weekly)
    return report_truth.rows_of(stage.world.user_id("lumen_mill"), figures, dimensions)


SHAPED = [
    (aggregate, dimensions, shape)
    for aggregate, dimensions in CHOICES
    # Totals alone come flat.
    for shape in (("timestamped", "flat") if aggregate in {"total", None} else ("timestamped",))
]


@pytest.mark.parametrize(("aggregate", "dimensions", "shape"), SHAPED, ids=str)
def test_every_aggregate_and_breakdown_is_what_the_world_knows(
    aggregate: str | None, dimensions: list[str], shape: str
) -> None:
    with ReportStage(MILL, analytics_shape=shape) as stage:
        of_time = {} if aggregate is None else {"aggregate": aggregate}
        report = definition(dimensions=dimensions, period=WEEK, **of_time)
        output = read(stage, report, definition("rows", dimensions=[*dimensions, "metric"], period=WEEK, **of_time))
        span = (TODAY - 9 * DAY, TODAY)
        expected = expected_rows(stage, dimensions, span)
        in_rows = expected_rows(stage, [*dimensions, "metric"], span)

    assert in_order(output.rows("mine")) == in_order(expected)
    assert in_order(output.rows("rows")) == in_order(in_rows)
    asked = {entry.query["granularity"] for entry in stage.requests_to(TWEET_ANALYTICS)}
    assert asked == {aggregate or ("hourly" if "hour" in dimensions else "total")}


@pytest.mark.parametrize("dimensions", [["day"], ["tweet", "day"], ["day", "metric"]])
def test_weeks_run_from_monday_to_sunday_and_are_whole(dimensions: list[str]) -> None:
    with ReportStage(MILL) as stage:
        # From a Wednesday to a Thursday: three weeks.
        period = {"type": "range", "start": "2026-11-04", "end": "2026-11-19"}
        output = read(stage, definition(dimensions=dimensions, aggregate="weekly", period=period))
        expected = expected_rows(stage, dimensions, (date(2026, 11, 2), date(2026, 11, 22)), is_weekly=True)

    assert in_order(output.rows("mine")) == in_order(expected)
    assert days_of(output.rows("mine")) == {"2026-11-02", "2026-11-09", "2026-11-16"}
    assert {
        datetime.fromisoformat(start).weekday() for start, _ in map(window_of, stage.requests_to(TWEET_ANALYTICS))
    } == {0}


def test_weeks_go_on_with_the_look_back_and_stay_whole() -> None:
    with ReportStage(AccountSpec("lumen_mill", posts=40, posts_per_day=0.5, mix=("original",))) as stage:
        config = stage.config(custom_reports=[definition(dimensions=["day"], aggregate="WEEKLY")])
        first = stage.sync("mine", config=config)
        stage.clock.advance(5 * DAY)
        second = stage.sync("mine", config=config, state=first.state)
        now = stage.clock.now()
        expected = expected_rows(stage, ["day"], (date(2026, 8, 17), now.date()), is_weekly=True)

    assert first.error is second.error is None
    assert days_of(second.rows("mine")) == {"2026-11-09", "2026-11-16", "2026-11-23"}
    held = first.by_key("mine") | second.by_key("mine")
    recent = {row["date"]: row for row in expected if row["date"] >= "2026-11-09"}
    assert {row["date"]: row for row in held.values() if row["date"] >= "2026-11-09"} == recent
    assert len(held) == len(expected)


def test_windows_of_hours_are_a_week_and_add_up() -> None:
    with ReportStage(MILL) as stage:
        period = {"type": "relative_range", "from_days_back": 20, "to_days_back": 1}
        output = read(stage, definition(dimensions=["hour"], period=period))
        expected = expected_rows(stage, ["hour"], (TODAY - 20 * DAY, TODAY - DAY))

    assert in_order(output.rows("mine")) == in_order(expected)
    assert len(stage.requests_to(TWEET_ANALYTICS)) == 3


# Media ---------------------------------------------------------------------------------------------------------------


def media_rows(
    stage: ReportStage, dimensions: Sequence[str], days: Iterable[date], *, username: str = "lumen_mill"
) -> list[Json]:
    """Return the rows of a report about all media of the timeframe; photos have no figures."""
    now = stage.clock.now()
    found: dict[tuple[str | None, str | None], dict[str, int | None]] = {}
    for post in report_truth.posts(stage.world, username, now, report_truth.first_day(now)):
        for key in media_keys(post):
            for day in days:
                if day < report_truth.posted_on(post) and "day" in dimensions:
                    continue
                start = report_truth.midnight(day)
                counted: Mapping[str, int | None] = (
                    dict.fromkeys(MEDIA_METRICS)
                    if key.startswith("3_")
                    else media_analytics_metrics(stage.world, key, start, min(start + DAY, now))
                )
                place = (str(post.id) if "tweet" in dimensions else None, str(day) if "day" in dimensions else None)
                known = found.setdefault(place, dict.fromkeys(MEDIA_METRICS))
                for name in MEDIA_METRICS:
                    if counted[name] is not None:
                        known[name] = (known[name] or 0) + (counted[name] or 0)
    rows = []
    for (tweet_id, day_of), figures in found.items():
        named = {"tweet_id": tweet_id, "date": day_of}
        key_columns: Json = {name: value for name, value in named.items() if value is not None}
        rows.append({"account_id": stage.world.user_id(username), **key_columns, **figures})
    return rows


@pytest.mark.parametrize("odd", [0, 7])
@pytest.mark.parametrize("dimensions", [["tweet", "day"], ["day"], ["tweet"], []], ids=str)
def test_media_are_those_of_the_accounts_tweets_and_add_up_by_tweet(dimensions: list[str], odd: int) -> None:
    with ReportStage(FILMS, odd_value_every=odd) as stage:
        report = definition(
            report_type="media_analytics", metrics=MEDIA_METRICS, dimensions=dimensions, period=WEEK, aggregate="daily"
        )
        output = read(stage, report)
        expected = media_rows(stage, dimensions, [TODAY - number * DAY for number in range(10)])

    # One in so many values is a text, or null where it was 0.
    assert in_order(said(output.rows("mine"), odd)) == in_order(said(expected, odd))
    asked = {key for entry in stage.requests_to(MEDIA_ANALYTICS) for key in ids_of(entry)}
    assert len(asked) > 5
    assert {entry.status for entry in stage.requests} == {200}


def said(rows: Iterable[Json], odd: int) -> list[Json]:
    """Return rows as they are, or with 0 for null."""
    return [{name: 0 if odd and value is None else value for name, value in row.items()} for row in rows]


def test_media_of_named_tweets_are_found_in_the_timeline() -> None:
    with ReportStage(FILMS) as stage:
        with_media = [str(post.id) for post in report_truth.posts(stage.world, "lumen_mill", NOW) if media_keys(post)][
            :3
        ]
        chosen = {"selection": "ids", "ids": with_media}
        report = definition(report_type="media_analytics", metrics=MEDIA_METRICS, dimensions=["tweet"], tweets=chosen)
        output = read(stage, report)

    assert tweets_of(output.rows("mine")) == set(with_media)


def test_media_of_named_tweets_are_found_however_old_and_nothing_else_is_listed() -> None:
    old_films = AccountSpec("lumen_mill", posts=60, posts_per_day=0.3, mix=("video",))
    with ReportStage(old_films, KILN) as stage:
        posts = report_truth.posts(stage.world, "lumen_mill", NOW)
        old = [str(post.id) for post in posts if TODAY - report_truth.posted_on(post) > 120 * DAY]
        chosen = [old[-1], old[-6]]
        unknown = [str(int(old[-3]) + 1), "20", "9223372036854775807"]
        period = {"type": "relative_range", "from_days_back": 300, "to_days_back": 0}
        output = read(
            stage,
            media_definition("mine", [*chosen, *unknown], period=period),
            media_definition("other", unknown[:1], period=period),
        )

    assert tweets_of(output.rows("mine")) == set(chosen)
    assert output.rows("other") == []
    assert stage.listed() == 6
    assert [line for line in output.said("WARNING") if "name tweets" in line] == [not_shown(*sorted(unknown))]


def test_media_of_tweets_that_tell_no_day_are_not_looked_for() -> None:
    with ReportStage(FILMS) as stage:
        output = read(stage, media_definition("mine", ["20"]))

    assert output.rows("mine") == []
    assert stage.listed() == 0
    assert [line for line in output.said("WARNING") if "name tweets" in line] == [not_shown("20")]


def not_shown(*tweet_ids: str) -> str:
    return (
        "Custom reports of media name tweets that X did not show among those of these accounts: "
        f"{', '.join(tweet_ids)}. They have no rows."
    )


def media_definition(table_name: str, tweet_ids: Sequence[str], **properties: object) -> Json:
    return definition(
        table_name,
        report_type="media_analytics",
        metrics=MEDIA_METRICS,
        dimensions=["tweet"],
        tweets={"selection": "ids", "ids": list(tweet_ids)},
        **properties,
    )


def test_media_of_a_second_sync_are_those_of_all_tweets_of_the_timeframe_again() -> None:
    with ReportStage(FILMS, odd_value_every=0) as stage:
        report = definition(report_type="media_analytics", metrics=MEDIA_METRICS, dimensions=["tweet", "day"])
        config = stage.config(custom_reports=[report])
        first = stage.sync("mine", config=config)
        stage.clock.advance(DAY)
        second = stage.sync("mine", config=config, state=first.state)
        first_day, today = date(2026, 11, 13), stage.clock.now().date()
        expected = media_rows(stage, ["tweet", "day"], list(report_truth.days(first_day, today)))

    assert second.error is None
    assert {key: row for key, row in second.by_key("mine").items() if row["video_views"] is not None} == {
        f"{row['account_id']} {row['tweet_id']} {row['date']}": row
        for row in expected
        if row["video_views"] is not None
    }


def test_accounts_without_media_ask_for_nothing() -> None:
    with ReportStage(AccountSpec("lumen_mill", posts=9, mix=("original",))) as stage:
        output = read(stage, definition(report_type="media_analytics", metrics=MEDIA_METRICS, dimensions=["day"]))

    assert output.rows("mine") == []
    assert stage.requests_to(MEDIA_ANALYTICS) == []
