"""Custom reports: what the user defines is what comes out, whatever it is broken down by."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from integration_tests import report_truth
from integration_tests.report_stage import (
    HISTORICAL,
    LAST_28_HOURS,
    TOTALS,
    ReportStage,
    cut,
    days_of,
    entry_of,
    ids_of,
    places_to_cut,
    tweets_of,
    window_of,
)
from integration_tests.stage import NOW, Json, Output
from x_simulator import AccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = timedelta(days=1)
MILL = AccountSpec("lumen_mill", posts=56, posts_per_day=1.7, mix=("original", "video", "retweet"))
KILN = AccountSpec("tiny_kiln", posts=12, posts_per_day=0.5, mix=("original",))
TODAY = NOW.date()
METRICS = ["impressions", "favorites", "url_clicks"]
FIVE_WEEKS = {"type": "relative_range", "from_days_back": 34, "to_days_back": 0}
EVERY_CHOICE = [list(chosen) for count in range(4) for chosen in combinations(("tweet", "day", "hour"), count)]


def definition(table_name: str = "mine", **properties: object) -> Json:
    return {"table_name": table_name, "report_type": "engagement_historical", "metrics": METRICS, **properties}


def read(stage: ReportStage, *reports: Json, **properties: object) -> Output:
    config = stage.config(custom_reports=list(reports), **properties)
    output = stage.sync(*(report["table_name"] for report in reports), config=config)
    assert output.error is None, output.failures
    output.assert_valid()
    return output


def in_order(rows: Sequence[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: [str(row.get(name) or "").zfill(20) for name in ("tweet_id", "date", "hour")])


def expected_rows(
    stage: ReportStage,
    dimensions: Sequence[str],
    days: tuple[date, date],
    *,
    username: str = "lumen_mill",
    metrics: Sequence[str] = METRICS,
    since: date | None = None,
) -> list[Json]:
    """Return the rows of a report about all tweets of the timeframe."""
    now = stage.clock.now()
    posts = report_truth.posts(stage.world, username, now, since or report_truth.first_day(now))
    asked = report_truth.midnight(days[0]), min(report_truth.midnight(days[1] + DAY), report_truth.full_hour(now))
    figures = report_truth.cells(report_truth.of_engagement(stage.world, posts), asked, dimensions, metrics)
    return report_truth.rows_of(stage.world.user_id(username), figures, dimensions)


# Every breakdown -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", EVERY_CHOICE, ids=lambda dimensions: "-".join(dimensions) or "none")
def test_every_breakdown_adds_batches_and_windows_up_to_what_the_world_knows(dimensions: list[str]) -> None:
    with ReportStage(MILL) as stage:
        as_columns = definition("as_columns", dimensions=dimensions, period=FIVE_WEEKS)
        as_rows = definition("as_rows", dimensions=["metric", *dimensions], period=FIVE_WEEKS)
        output = read(stage, as_columns, as_rows)
        expected = expected_rows(stage, dimensions, (TODAY - 34 * DAY, TODAY))
        in_rows = expected_rows(stage, [*dimensions, "metric"], (TODAY - 34 * DAY, TODAY))

    assert in_order(output.rows("as_columns")) == in_order(expected)
    assert in_order(output.rows("as_rows")) == in_order(in_rows)
    key = ["account_id", *(name for name, of in COLUMNS.items() if of in dimensions)]
    assert output.catalog["as_columns"]["source_defined_primary_key"] == [[name] for name in key]
    assert output.catalog["as_rows"]["source_defined_primary_key"] == [[name] for name in [*key, "metric"]]
    assert len(output.by_key("as_rows")) == len(output.rows("as_rows"))
    # Two windows, and in the newer one two batches: for either report.
    assert len(stage.requests_to(HISTORICAL)) == 2 * 3


COLUMNS = {"tweet_id": "tweet", "date": "day", "hour": "hour"}


def test_columns_stand_in_the_order_of_the_definition() -> None:
    with ReportStage(KILN) as stage:
        catalog = stage.discover(stage.config(custom_reports=[definition(dimensions=["hour", "tweet", "day"])]))

    assert list(catalog["mine"]["json_schema"]["properties"]) == ["account_id", "tweet_id", "date", "hour", *METRICS]


def test_a_report_has_the_namespace_and_the_constant_columns_of_the_others() -> None:
    with ReportStage(KILN) as stage:
        output = read(
            stage,
            definition(dimensions=["day"], period={"type": "days_back", "days": 2}),
            schema="brand",
            constant_columns=[{"name": "team", "value": "north"}],
        )

    assert {row["team"] for row in output.rows("mine")} == {"north"}
    assert {record["namespace"] for record in output.of_type("RECORD")} == {"brand"}


# Which tweets --------------------------------------------------------------------------------------------------------


def test_the_newest_tweets_are_those_of_each_account_retweets_aside_however_old() -> None:
    slow = AccountSpec("tiny_kiln", posts=12, posts_per_day=0.02, mix=("original",))
    with ReportStage(MILL, slow) as stage:
        chosen = {"selection": "recent", "count": 8}
        output = read(stage, definition(dimensions=["tweet"], tweets=chosen, period=FIVE_WEEKS))
        newest = {
            str(post.id)
            for name in ("lumen_mill", "tiny_kiln")
            for post in report_truth.posts(stage.world, name, NOW)[-8:]
        }

    assert tweets_of(output.rows("mine")) == newest
    assert len(newest) == 16


def test_the_newest_tweets_cost_no_more_of_the_timeline_than_it_takes() -> None:
    busy = AccountSpec("lumen_mill", posts=900, posts_per_day=10, mix=("original",))
    with ReportStage(busy) as stage:
        read(stage, definition(dimensions=["tweet"], tweets={"selection": "recent", "count": 150}, period=FIVE_WEEKS))

    assert stage.listed() == 200


def test_where_there_are_fewer_tweets_than_wanted_the_timeline_is_read_once() -> None:
    with ReportStage(KILN) as stage:
        report = definition(dimensions=["tweet", "day"], tweets={"selection": "recent", "count": 500})
        first = read(stage, report)
        stage.forget()
        stage.clock.advance(DAY)
        second = stage.sync("mine", config=stage.config(custom_reports=[report]), state=first.state)
        young = report_truth.posts(stage.world, "tiny_kiln", stage.clock.now(), date(2026, 11, 13))

    assert len(tweets_of(first.rows("mine"))) == 12
    assert stage.listed() <= len(young)
    assert len(tweets_of(second.rows("mine"))) >= 12


def test_named_tweets_are_asked_for_without_a_look_at_the_timeline() -> None:
    with ReportStage(MILL) as stage:
        ids = [str(post.id) for post in report_truth.posts(stage.world, "lumen_mill", NOW)][:5]
        output = read(
            stage, definition(dimensions=["tweet"], tweets={"selection": "ids", "ids": ids}, period=FIVE_WEEKS)
        )

    assert tweets_of(output.rows("mine")) == set(ids)
    assert stage.listed() == 0


def test_named_tweets_are_found_among_several_accounts_by_what_x_refuses() -> None:
    with ReportStage(MILL, KILN) as stage:
        of_mill, of_kiln = (
            [str(post.id) for post in report_truth.posts(stage.world, name, NOW)][-3:]
            for name in ("lumen_mill", "tiny_kiln")
        )
        chosen = {"selection": "ids", "ids": [*of_mill, *of_kiln]}
        output = read(stage, definition(dimensions=["tweet", "day"], tweets=chosen, period=FIVE_WEEKS))
        owners = {stage.world.user_id("lumen_mill"): set(of_mill), stage.world.user_id("tiny_kiln"): set(of_kiln)}

    found: dict[str, set[str]] = {}
    for row in output.rows("mine"):
        found.setdefault(row["account_id"], set()).add(row["tweet_id"])
    assert found == owners
    assert stage.statuses()[403] == 2


def test_named_tweets_do_not_pass_for_a_listing_of_the_timeline() -> None:
    with ReportStage(KILN, AccountSpec("rival", posts=5, owned=False)) as stage:
        foreign = stage.world.post_ids("rival", at=NOW)[:2]
        ids = definition("named", dimensions=["tweet", "day"], tweets={"selection": "ids", "ids": foreign})
        both = [ids, definition("everything", dimensions=["tweet", "day"])]
        first = read(stage, *both)
        second = stage.sync(
            "named", "everything", "organic_report", config=stage.config(custom_reports=both), state=first.state
        )
        own = {str(post.id) for post in report_truth.posts(stage.world, "tiny_kiln", NOW)}

    assert first.rows("named") == []
    assert tweets_of(first.rows("everything")) == own
    assert second.error is None
    assert tweets_of(second.rows("organic_report")) == own


def test_a_report_of_few_tweets_does_not_hide_the_others_from_one_that_comes_later() -> None:
    with ReportStage(MILL) as stage:
        few = definition("few", dimensions=["tweet", "day"], tweets={"selection": "recent", "count": 5})
        first = stage.sync("tweets", "few", config=stage.config(custom_reports=[few]))
        second = stage.sync("few", "organic_report", config=stage.config(custom_reports=[few]), state=first.state)
        expected = stage.expected("lumen_mill")

    assert second.error is None
    assert second.by_key("organic_report") == expected


# Which days ----------------------------------------------------------------------------------------------------------

PERIODS = [
    ({"type": "timeframe"}, date(2026, 8, 20), TODAY),
    ({"type": "date", "date": "2026-11-02"}, date(2026, 11, 2), date(2026, 11, 2)),
    ({"type": "days_back", "days": 3}, TODAY - 3 * DAY, TODAY - 3 * DAY),
    ({"type": "days_back", "days": 0}, TODAY, TODAY),
    ({"type": "range", "start": "2026-10-01", "end": "2026-11-05"}, date(2026, 10, 1), date(2026, 11, 5)),
    ({"type": "relative_range", "from_days_back": 40, "to_days_back": 9}, TODAY - 40 * DAY, TODAY - 9 * DAY),
]


@pytest.mark.parametrize(("period", "first", "last"), PERIODS, ids=str)
def test_the_days_are_those_of_the_period(period: Json, first: date, last: date) -> None:
    with ReportStage(MILL) as stage:
        output = read(
            stage,
            definition("by_day", dimensions=["tweet", "day"], period=period),
            definition("whole", dimensions=["tweet"], period=period),
        )
        by_day = expected_rows(stage, ["tweet", "day"], (first, last))
        whole = expected_rows(stage, ["tweet"], (first, last))

    assert in_order(output.rows("by_day")) == in_order(by_day)
    assert {row["tweet_id"]: row for row in output.rows("whole")} == {row["tweet_id"]: row for row in whole}
    starts, ends = zip(*map(window_of, stage.requests_to(HISTORICAL)), strict=True)
    assert min(starts) >= f"{first}T00:00:00Z"
    assert max(ends) == min(f"{last + DAY}T00:00:00Z", "2026-11-20T09:00:00Z")


def test_a_period_that_reaches_further_back_than_x_is_cut_there() -> None:
    years = AccountSpec("lumen_mill", posts=60, posts_per_day=0.1, mix=("original",))
    with ReportStage(years) as stage:
        period = {"type": "range", "start": "2025-01-01", "end": "2025-12-31"}
        output = read(stage, definition(dimensions=["day"], period=period), timeframe_months="ALL_TIME")
        expected = expected_rows(stage, ["day"], (date(2025, 11, 21), date(2025, 12, 31)), since=date(2006, 3, 21))

    assert in_order(output.rows("mine")) == in_order(expected)


# From one sync to the next -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "cursor"),
    [
        ({"dimensions": ["tweet", "day"]}, ["date"]),
        ({"dimensions": ["day", "metric"]}, ["date"]),
        ({"dimensions": ["day", "hour"]}, ["date"]),
        ({"dimensions": ["tweet"]}, None),
        ({"dimensions": []}, None),
        ({"dimensions": ["tweet", "day"], "period": FIVE_WEEKS}, None),
        ({"dimensions": ["tweet", "day"], "period": {"type": "days_back", "days": 1}}, None),
        ({"dimensions": ["tweet"], "report_type": "engagement_totals", "metrics": ["favorites"]}, None),
        ({"dimensions": ["tweet", "day"], "report_type": "engagement_28hr"}, None),
    ],
)
def test_a_report_is_incremental_where_its_days_go_on(properties: Json, cursor: list[str] | None) -> None:
    with ReportStage(KILN) as stage:
        report = definition(**properties)
        config = stage.config(custom_reports=[report])
        stream = stage.discover(config)["mine"]
        first = stage.sync("mine", config=config)
        stage.clock.advance(DAY)
        second = stage.sync("mine", config=config, state=first.state)

    assert first.error is second.error is None
    assert stream.get("default_cursor_field") == cursor
    assert stream["supported_sync_modes"] == (["full_refresh", "incremental"] if cursor else ["full_refresh"])
    if cursor:
        assert min(days_of(second.rows("mine"))) == "2026-11-13"
    elif "day" not in properties["dimensions"]:
        assert len(second.rows("mine")) >= len(first.rows("mine")) > 0


def test_sums_are_those_of_all_tweets_when_a_late_one_appears() -> None:
    with ReportStage(AccountSpec("lumen_mill", posts=40, posts_per_day=0.6, mix=("original",))) as stage:
        report = definition(dimensions=["day"])
        narrow = stage.config(custom_reports=[report], lookback_window_days=2)
        first = stage.sync("mine", config=narrow)
        stage.world.add_post("lumen_mill", "Found in a drawer", at=NOW - 25 * DAY)
        stage.clock.advance(DAY)
        # Only a look-back of posts as long as that can find it.
        wide = stage.config(custom_reports=[report], lookback_window_days=30)
        stage.forget()
        second = stage.sync("mine", config=wide, state=first.state)
        third = stage.sync("mine", config=narrow, state=second.state)
        expected = expected_rows(stage, ["day"], (date(2026, 8, 20), stage.clock.now().date()))

    assert second.error is None
    held = first.by_key("mine") | second.by_key("mine")
    late = {key: row for key, row in held.items() if row["date"] >= "2026-10-26"}
    assert list(late.values()) == [row for row in expected if row["date"] >= "2026-10-26"]
    assert min(days_of(second.rows("mine"))) == "2026-10-21"
    assert min(days_of(third.rows("mine"))) == "2026-11-19"


def test_sums_of_days_before_the_look_back_are_read_again_when_a_wider_timeframe_brings_older_tweets() -> None:
    with ReportStage(AccountSpec("lumen_mill", posts=40, posts_per_day=0.25, mix=("original",))) as stage:
        report = definition(dimensions=["day"])
        first = stage.sync("mine", config=stage.config(custom_reports=[report]))
        wide = stage.config(custom_reports=[report], timeframe_months="SIX")
        second = stage.sync("mine", config=wide, state=first.state)
        expected = expected_rows(stage, ["day"], (date(2026, 5, 20), TODAY), since=date(2026, 5, 20))

    held = first.by_key("mine") | second.by_key("mine")
    assert in_order(list(held.values())) == in_order(expected)


# The other reports of the Engagement API -----------------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", EVERY_CHOICE, ids=lambda dimensions: "-".join(dimensions) or "none")
def test_the_last_28_hours_are_those_of_the_world(dimensions: list[str]) -> None:
    now = NOW.replace(minute=0)
    with ReportStage(MILL, now=now) as stage:
        output = read(stage, definition(report_type="engagement_28hr", dimensions=dimensions))
        posts = report_truth.posts(stage.world, "lumen_mill", now, report_truth.first_day(now))
        asked = now - timedelta(hours=28), now
        told = list(report_truth.of_engagement(stage.world, posts))
        if dimensions == ["tweet", "hour"]:
            # All hours are X's, also those of yesterday that were before the posting.
            told = [(id_, date.min, counted) for id_, _, counted in told]
        figures = report_truth.cells(told, asked, dimensions, METRICS)
        expected = report_truth.rows_of(stage.world.user_id("lumen_mill"), figures, dimensions)

    assert in_order(output.rows("mine")) == in_order(expected)
    assert len(stage.requests_to(LAST_28_HOURS)) == 2


TOTALS_METRICS = ["impressions", "engagements", "favorites", "retweets", "quote_tweets", "replies", "video_views"]


@pytest.mark.parametrize("dimensions", [["tweet"], ["tweet", "metric"], ["metric"], []])
def test_totals_are_lifetime_figures_of_up_to_250_tweets_a_request(dimensions: list[str]) -> None:
    many = AccountSpec("lumen_mill", posts=300, posts_per_day=6, mix=("original", "video"))
    with ReportStage(many) as stage:
        report = definition(report_type="engagement_totals", metrics=TOTALS_METRICS, dimensions=dimensions)
        output = read(stage, report)
        posts = report_truth.posts(stage.world, "lumen_mill", NOW)
        figures: dict[report_truth.Cell, dict[str, int]] = {}
        for post in posts:
            counted = report_truth.lifetime(stage.world, post.id, NOW)
            known = figures.setdefault((str(post.id) if "tweet" in dimensions else None, None, None), {})
            known.update({name: known.get(name, 0) + counted[name] for name in TOTALS_METRICS})
        expected = report_truth.rows_of(stage.world.user_id("lumen_mill"), figures, dimensions)

    assert in_order(output.rows("mine")) == in_order(expected)
    assert [len(ids_of(entry)) for entry in stage.requests_to(TOTALS)] in ([250, 50], [50, 250])


def test_totals_of_tweets_older_than_90_days_have_no_impressions_but_all_else() -> None:
    with ReportStage(AccountSpec("lumen_mill", posts=60, posts_per_day=0.3, mix=("original",))) as stage:
        report = definition(report_type="engagement_totals", metrics=TOTALS_METRICS, dimensions=["tweet"])
        output = read(stage, report, timeframe_months="TWELVE")
        limit = (NOW - 90 * DAY).timestamp() * 1000
        old = {str(post.id) for post in report_truth.posts(stage.world, "lumen_mill", NOW) if post.created_ms < limit}

    rows = output.rows("mine")
    assert 0 < len(old) < len(rows)
    assert {row["tweet_id"] for row in rows if row["impressions"] is None} == old
    assert {row["tweet_id"] for row in rows if row["engagements"] is None} == old
    assert all(row["favorites"] is not None for row in rows)


def test_a_bearer_token_reads_public_totals_of_a_competitor() -> None:
    rival = AccountSpec("rival", posts=30, posts_per_day=1, owned=False, mix=("original",))
    with ReportStage(KILN, rival) as stage:
        metrics = ["favorites", "retweets", "quote_tweets", "replies", "video_views"]
        report = definition(report_type="engagement_totals", metrics=metrics, dimensions=["tweet"])
        config = stage.competitors("rival", custom_reports=[report], base_urls=stage.config()["base_urls"])
        output = stage.sync("mine", config=config)
        posts = report_truth.posts(stage.world, "rival", NOW)
        counted = {str(post.id): report_truth.lifetime(stage.world, post.id, NOW) for post in posts}

    assert output.error is None
    assert {row["tweet_id"]: {name: row[name] for name in metrics} for row in output.rows("mine")} == {
        id_: {name: figures[name] for name in metrics} for id_, figures in counted.items()
    }
    assert {entry.auth_type for entry in stage.requests_to(TOTALS)} == {"bearer"}
    assert stage.statuses().keys() == {200}


# Several accounts, several contracts ---------------------------------------------------------------------------------


def test_accounts_have_rows_of_their_own_and_are_asked_with_their_own_credentials() -> None:
    with ReportStage(MILL, KILN) as stage:
        output = read(stage, definition(dimensions=["day"], period=FIVE_WEEKS))
        span = (TODAY - 34 * DAY, TODAY)
        expected = [
            *expected_rows(stage, ["day"], span),
            *expected_rows(stage, ["day"], span, username="tiny_kiln"),
        ]

    by_key = {(row["account_id"], row["date"]): row for row in expected}
    assert {(row["account_id"], row["date"]): row for row in output.rows("mine")} == by_key
    assert stage.statuses().keys() == {200}


@pytest.mark.parametrize("access", ["X_API", "X_API_ENTERPRISE", "ENGAGEMENT_API"])
def test_every_report_works_with_every_access_that_lists_tweets(access: str) -> None:
    reports = [
        definition("engagement", dimensions=["day"]),
        definition("recently", report_type="engagement_28hr", dimensions=["tweet"]),
        definition("lifetime", report_type="engagement_totals", metrics=["favorites"], dimensions=["tweet"]),
        definition("analytics", report_type="tweet_analytics", metrics=["likes"], dimensions=["tweet", "day"]),
        definition("films", report_type="media_analytics", metrics=["video_views"], dimensions=["tweet"]),
    ]
    with ReportStage(MILL, access=access) as stage:
        output = read(stage, *reports)

    assert all(output.rows(report["table_name"]) for report in reports)
    assert {entry.status for entry in stage.requests} == {200}


def test_a_report_that_fails_costs_itself_alone() -> None:
    reports = [
        definition("broken", dimensions=["day"]),
        definition("whole", report_type="tweet_analytics", metrics=["likes"]),
    ]
    with ReportStage(MILL) as stage:
        stage.simulator.faults.add(Fault("engagement_not_allowlisted", path=HISTORICAL, times=None))
        output = stage.sync("tweets", "broken", "whole", config=stage.config(custom_reports=reports))

    statuses = {name: output.statuses(name)[-1] for name in ("tweets", "broken", "whole")}
    assert statuses == {"tweets": "COMPLETE", "broken": "INCOMPLETE", "whole": "COMPLETE"}
    assert len(output.rows("whole")) == 1
    assert stage.statuses()[403] == 1
    assert "@lumen_mill (broken)" in output.failures[-1]["message"]


def test_all_reports_share_one_reading_of_the_timeline() -> None:
    reports = [definition(f"number_{number}", dimensions=["tweet", "day"][:number]) for number in range(3)]
    with ReportStage(MILL) as stage:
        stage.sync("tweets")
        listed = stage.listed()
        stage.forget()
        output = stage.sync(
            "tweets",
            "organic_report",
            *(each["table_name"] for each in reports),
            config=stage.config(custom_reports=reports),
        )

    assert output.error is None
    assert stage.listed() == listed


# Interruptions -------------------------------------------------------------------------------------------------------

INTERRUPTED = [
    definition(dimensions=["day"]),
    definition(dimensions=["tweet", "day", "metric"]),
    definition(dimensions=["day", "hour"]),
    definition(dimensions=["day"], tweets={"selection": "recent", "count": 30}),
    definition(dimensions=["day"], report_type="tweet_analytics", metrics=["likes"], aggregate="weekly"),
    definition(dimensions=["day"], report_type="media_analytics", metrics=["video_views"]),
]


@pytest.mark.parametrize("report", INTERRUPTED, ids=lambda report: f"{report['report_type']}-{report['dimensions']}")
def test_killed_behind_any_message_the_next_sync_completes_the_first(report: Json) -> None:
    with ReportStage(AccountSpec("lumen_mill", posts=40, posts_per_day=0.5, mix=("original", "video"))) as stage:
        config = stage.config(custom_reports=[report], timeframe_months="SIX")
        whole = stage.sync("mine", config=config)
        expected = whole.by_key("mine")
        for count in places_to_cut(whole, parts=2):
            killed = cut(whole, count)
            resumed = stage.sync("mine", config=config, state=killed.state)
            assert resumed.error is None
            assert killed.by_key("mine") | resumed.by_key("mine") == expected
            assert entry_of(resumed, stage, stream="mine") == entry_of(whole, stage, stream="mine")

    assert expected
    assert whole.error is None
