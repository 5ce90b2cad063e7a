"""Custom reports of the Ads API: what users define is what they get, however X has to be asked for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from integration_tests.ads_custom_truth import Asked, rows, since, tweets
from integration_tests.ads_stage import JOBS, RESULTS, STATISTICS, TWEETS, AdsStage, asked_days, table
from integration_tests.stage import NOW, Json, Output
from source_x_organic.ads_api import reports
from source_x_organic.ads_api.api import AdsApi
from x_simulator import AccountSpec, AdsAccountSpec, Fault
from x_simulator.ads_api import jobs as simulated_jobs
from x_simulator.ads_api import stats as simulated_stats
from x_simulator.ads_api.metrics import ORGANIC

if TYPE_CHECKING:
    from x_simulator.posts import Post

MILL = AccountSpec("lumen_mill", posts=16, posts_per_day=0.4, mix=("original", "video", "retweet", "reply"))
KILN = AccountSpec("tiny_kiln", posts=9, posts_per_day=0.3, mix=("original",), owned=False)
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
BOTH = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"), ("tiny_kiln", "RETWEETS_ONLY")))
DAY = timedelta(days=1)
TODAY = date(2026, 11, 20)
METRICS = ("impressions", "likes", "video_total_views")
AUTUMN: Json = {"type": "range", "start": "2026-10-30", "end": "2026-11-06"}
"""In these eight days clocks go back in Los Angeles."""

WEEK = Days = (date(2026, 10, 30), date(2026, 11, 6))


def report(*dimensions: str, name: str = "mine", **more: object) -> Json:
    """Return the definition of a report of the Ads API."""
    return {
        "table_name": name,
        "report_type": "ads_organic",
        "metrics": list(METRICS),
        "dimensions": list(dimensions),
        **more,
    }


def asked(*dimensions: str, days: tuple[date, date] = WEEK, metrics: tuple[str, ...] = METRICS) -> Asked:
    return Asked(dimensions, metrics, *days)


def small(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Let three tweets be a batch, and few days a window, so that a small world takes many requests; choose a way."""
    monkeypatch.setattr(reports, "LARGEST_BATCH", 3)
    monkeypatch.setattr(reports, "LONGEST_WINDOW", 3)
    monkeypatch.setattr(reports, "LONGEST_JOB_WINDOW", 3)
    monkeypatch.setattr(reports, "MOST_SYNCHRONOUS", 200 if way == "at once" else -1)


def assert_holds(output: Output, expected: dict[str, Json], stream: str = "mine") -> None:
    """Check that a report holds exactly these rows, each once."""
    assert output.error is None
    output.assert_valid()
    assert output.by_key(stream) == expected
    assert len(output.rows(stream)) == len(expected)


# What it is broken down by -------------------------------------------------------------------------------------------

BREAKDOWNS: list[tuple[str, ...]] = [
    (),
    ("tweet",),
    ("day",),
    ("hour",),
    ("tweet", "day"),
    ("tweet", "hour"),
    ("day", "hour"),
    ("tweet", "day", "hour"),
    ("metric",),
    ("day", "metric"),
    ("tweet", "day", "hour", "metric"),
]


@pytest.mark.parametrize("way", ["at once", "by jobs"])
@pytest.mark.parametrize("dimensions", BREAKDOWNS, ids=lambda names: "-".join(names) or "nothing")
def test_slices_add_up_to_what_one_question_would_have_answered(
    dimensions: tuple[str, ...], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, way)
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        output = stage.sync("mine", config=stage.config(custom_reports=[report(*dimensions, period=AUTUMN)]))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions), NOW)

    assert_holds(output, expected)
    assert stage.statuses().keys() == {200}
    questions = stage.made() if way == "by jobs" else stage.requests_to(STATISTICS)
    assert len(questions) > 3
    assert stage.requests_to(STATISTICS if way == "by jobs" else JOBS) == []
    granularity = "HOUR" if "hour" in dimensions else "DAY" if "day" in dimensions else "TOTAL"
    assert {entry.query["granularity"] for entry in questions} == {granularity}
    assert any(row.get("impressions") or row.get("value") for row in expected.values())


@pytest.mark.parametrize(
    ("aggregate", "dimensions", "granularity"),
    [
        ("hourly", ("tweet", "day"), "HOUR"),
        ("daily", ("tweet",), "DAY"),
        ("hourly", (), "HOUR"),
        ("total", ("tweet",), "TOTAL"),
    ],
)
def test_figures_finer_than_the_breakdown_add_up_to_it(
    aggregate: str, dimensions: tuple[str, ...], granularity: str
) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        mine = report(*dimensions, aggregate=aggregate, period=AUTUMN)
        output = stage.sync("mine", config=stage.config(custom_reports=[mine]))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions), NOW)

    assert_holds(output, expected)
    questions = [*stage.made(), *stage.requests_to(STATISTICS)]
    assert {entry.query["granularity"] for entry in questions} == {granularity}


@pytest.mark.parametrize(
    ("metrics", "groups"),
    [
        (("impressions", "poll_card_vote"), "ENGAGEMENT"),
        (("video_15s_views",), "VIDEO"),
        (ORGANIC, "ENGAGEMENT,VIDEO"),
    ],
    ids=["engagement", "video", "all"],
)
def test_no_group_of_metrics_is_asked_for_in_vain(metrics: tuple[str, ...], groups: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        mine = report("tweet", "day", metrics=list(metrics), period=AUTUMN)
        output = stage.sync("mine", config=stage.config(custom_reports=[mine]))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked("tweet", "day", metrics=metrics), NOW)

    assert_holds(output, expected)
    questions = [*stage.made(), *stage.requests_to(STATISTICS)]
    assert {entry.query["metric_groups"] for entry in questions} == {groups}


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Australia/Lord_Howe"])
@pytest.mark.parametrize("dimensions", [("day", "hour"), ("hour",)], ids=["day-hour", "hour"])
def test_hours_are_those_of_the_accounts_clocks(zone: str, dimensions: tuple[str, ...]) -> None:
    now = datetime(2026, 4, 8, 9, 30, tzinfo=UTC)
    with AdsStage(
        MILL, now=now, ads_accounts=[AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),), zone)], job_seconds=0
    ) as stage:
        mine = report(*dimensions, period={"type": "relative_range", "from_days_back": 5, "to_days_back": 0})
        output = stage.sync("mine", config=stage.config(custom_reports=[mine]))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", now), account, stage.first_day(account, now))
        # Clocks go back by half an hour on Lord Howe Island on the fifth of April.
        days = (date(2026, 4, 3), date(2026, 4, 8))
        expected = rows(stage.world, account, posts, asked(*dimensions, days=days), now)

    assert_holds(output, expected)
    if "day" in dimensions:
        # The running day has the hours that have begun, and no zeros for the others.
        latest = now.astimezone(account.timezone).hour
        assert {row["hour"] for row in expected.values() if row["date"] == "2026-04-08"} == set(range(latest + 1))


# Which days ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ({"type": "timeframe"}, (date(2026, 8, 20), TODAY)),
        ({"type": "date", "date": "2026-11-01"}, (date(2026, 11, 1), date(2026, 11, 1))),
        ({"type": "days_back", "days": 2}, (TODAY - 2 * DAY, TODAY - 2 * DAY)),
        ({"type": "days_back", "days": 0}, (TODAY, TODAY)),
        ({"type": "range", "start": "2026-07-01", "end": "2026-11-02"}, (date(2026, 7, 1), date(2026, 11, 2))),
        ({"type": "relative_range", "from_days_back": 9, "to_days_back": 3}, (TODAY - 9 * DAY, TODAY - 3 * DAY)),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("dimensions", [("tweet", "day"), ("tweet",)], ids=["days", "sums"])
def test_a_period_is_of_the_accounts_days(period: Json, days: tuple[date, date], dimensions: tuple[str, ...]) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        output = stage.sync("mine", config=stage.config(custom_reports=[report(*dimensions, period=period)]))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions, days=days), NOW)

    assert_holds(output, expected)
    assert expected
    first = min(start for start, _ in asked_days([*stage.made(), *stage.requests_to(STATISTICS)]))
    assert first >= str(days[0])


# Which tweets --------------------------------------------------------------------------------------------------------


def chosen(stage: AdsStage, usernames: tuple[str, ...], count: int) -> list[Post]:
    return [post for name in usernames for post in tweets(stage.world, name, NOW)[-count:]]


def test_the_newest_tweets_are_those_of_each_user_retweets_aside() -> None:
    with AdsStage(MILL, KILN, ads_accounts=[BOTH], job_seconds=0) as stage:
        mine = report("tweet", "day", tweets={"selection": "recent", "count": 7}, period=AUTUMN)
        output = stage.sync("mine", config=stage.config(custom_reports=[mine]))
        account = stage.ads("Mill Ads")
        expected = rows(stage.world, account, chosen(stage, ("lumen_mill", "tiny_kiln"), 7), asked("tweet", "day"), NOW)

    assert_holds(output, expected)
    assert {row["account_id"] for row in expected.values()} == {
        stage.world.user_id(name) for name in ("lumen_mill", "tiny_kiln")
    }


def test_the_newest_tweets_are_looked_for_beyond_the_timeframe_and_no_further_than_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(AdsApi.tweets.__kwdefaults__ or {}, "count", 5)
    old = AccountSpec("lumen_mill", posts=40, posts_per_day=0.1, mix=("original", "retweet"))
    with AdsStage(old, ads_accounts=[ADS], job_seconds=0) as stage:
        mine = report("tweet", tweets={"selection": "recent", "count": 12}, period=AUTUMN)
        organic = stage.sync("mine", "organic_report", config=stage.config(custom_reports=[mine]))
        pages = len(stage.requests_to(TWEETS))
        account = stage.ads("Mill Ads")
        newest = chosen(stage, ("lumen_mill",), 12)
        expected = rows(stage.world, account, newest, asked("tweet"), NOW)
        posts = stage.world.posts("lumen_mill", at=NOW)
        reported = stage.report(account, "lumen_mill")

    assert_holds(organic, expected)
    assert organic.by_key("organic_report") == reported
    places = sorted((post.id for post in posts), reverse=True)
    assert pages == places.index(newest[0].id) // 5 + 1


def test_named_tweets_are_read_without_a_listing_and_others_are_told() -> None:
    with AdsStage(MILL, KILN, AccountSpec("rival_oven", posts=3, owned=False), ads_accounts=[BOTH]) as stage:
        account = stage.ads("Mill Ads")
        mine, his = tweets(stage.world, "lumen_mill", NOW)[:3], tweets(stage.world, "tiny_kiln", NOW)[:1]
        retweet = next(
            post
            for post in stage.world.posts("lumen_mill", at=NOW)
            if post not in tweets(stage.world, "lumen_mill", NOW)
        )
        (foreign, *_) = tweets(stage.world, "rival_oven", NOW)
        ids = [str(post.id) for post in (*mine, *his, foreign, retweet)]
        named = report("tweet", tweets={"selection": "ids", "ids": [*ids, "999"]}, period=AUTUMN)
        output = stage.sync("mine", config=stage.config(custom_reports=[named]))
        expected = rows(stage.world, account, [*mine, *his], asked("tweet"), NOW)

    assert_holds(output, expected)
    assert len(expected) == 4
    (warning,) = output.said("WARNING")
    for missing in (str(foreign.id), str(retweet.id), "999"):
        assert missing in warning
    assert str(mine[0].id) not in warning
    assert {entry.query["tweet_ids"] for entry in stage.requests_to(TWEETS)} == {",".join(sorted([*ids, "999"]))}
    assert len(stage.requests_to(TWEETS)) == 2
    assert stage.statuses().keys() == {200}


def test_one_listing_serves_all_reports_and_streams() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        definitions = [
            report("day", name="by_day"),
            report("tweet", name="newest", tweets={"selection": "recent", "count": 3}),
            report(name="last_week", period={"type": "relative_range", "from_days_back": 7, "to_days_back": 1}),
        ]
        names = [each["table_name"] for each in definitions]
        output = stage.sync("tweets", "organic_report", *names, config=stage.config(custom_reports=definitions))
        account = stage.ads("Mill Ads")
        reported = stage.report(account, "lumen_mill")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        by_day = rows(stage.world, account, posts, asked("day", days=(date(2026, 8, 20), TODAY)), NOW)

    assert len(stage.requests_to(TWEETS)) == 1
    assert len(output.rows("tweets")) == 16
    assert_holds(output, reported, "organic_report")
    assert_holds(output, by_day, "by_day")
    assert len(output.rows("newest")) == 3
    assert len(output.rows("last_week")) == 1
    assert {output.statuses(name)[-1] for name in ("tweets", "organic_report", *names)} == {"COMPLETE"}


def test_rows_are_of_one_user_each_and_a_user_of_two_accounts_is_read_once() -> None:
    second = AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),), "Asia/Kolkata", admins=("lumen_mill",))
    with AdsStage(MILL, KILN, ads_accounts=[BOTH, second], job_seconds=0) as stage:
        output = stage.sync("mine", config=stage.config(custom_reports=[report("day", period=AUTUMN)]))
        mill, kiln = stage.ads("Mill Ads"), stage.ads("Kiln Ads")
        expected: dict[str, Json] = {}
        for account, username in ((mill, "lumen_mill"), (kiln, "tiny_kiln")):
            posts = since(tweets(stage.world, username, NOW), account, stage.first_day(account))
            expected |= rows(stage.world, account, posts, asked("day"), NOW)

    assert_holds(output, expected)


# Sync after sync -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", [("tweet", "day"), ("day",), ("day", "hour")], ids="-".join)
def test_the_next_sync_reads_what_is_new_or_may_have_changed(dimensions: tuple[str, ...]) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        config = stage.config(custom_reports=[report(*dimensions)])
        first = stage.sync("mine", config=config)
        stage.clock.advance(DAY)
        stage.forget()
        second = stage.sync("mine", config=config, state=first.state)
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        posts = since(tweets(stage.world, "lumen_mill", now), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions, days=(date(2026, 8, 20), TODAY + DAY)), now)

    assert second.error is None
    assert table(first, second, stream="mine") == expected
    assert {row["date"] for row in second.rows("mine")} == {str(TODAY - number * DAY) for number in range(-1, 8)}
    assert second.states("mine")[-1]["accounts"][account.id]["cursor"] == "2026-11-21"
    assert stage.made() == []


@pytest.mark.parametrize("dimensions", [("tweet", "day"), ("day",)], ids="-".join)
def test_a_tweet_that_turns_up_late_is_counted_from_its_posting_on(dimensions: tuple[str, ...]) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        config = stage.config(custom_reports=[report(*dimensions)])
        first = stage.sync("mine", config=config)
        stage.world.add_post("lumen_mill", "Found in a drawer", at=NOW - 40 * DAY)
        second = stage.sync("mine", config=config, state=first.state)
        third = stage.sync("mine", config=config, state=second.state)
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions, days=(date(2026, 8, 20), TODAY)), NOW)

    assert table(first, second, stream="mine") == expected
    assert min(row["date"] for row in second.rows("mine")) == "2026-10-11"
    assert min(row["date"] for row in third.rows("mine")) == "2026-11-13"


def test_a_report_of_a_fixed_period_is_read_anew_by_every_sync() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        config = stage.config(custom_reports=[report("tweet", "day", period=AUTUMN)])
        assert stage.known_catalog(config)["mine"]["supported_sync_modes"] == ["full_refresh"]
        first = stage.sync("mine", config=config)
        second = stage.sync("mine", config=config, state=first.state)

    assert second.by_key("mine") == first.by_key("mine") != {}


def test_no_sum_comes_out_before_it_is_whole_and_no_state_before_its_sums() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        config = stage.config(custom_reports=[report("day")])
        with pytest.MonkeyPatch.context() as patch:
            small(patch, "by jobs")
            output = stage.sync("mine", config=config)
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        posts = since(tweets(stage.world, "lumen_mill", now), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked("day", days=(date(2026, 8, 20), TODAY)), NOW)

    seen: dict[str, Json] = {}
    states = 0
    for message in output.messages:
        if message["type"] == "RECORD":
            row = message["record"]["data"]
            seen[row["date"]] = row
        if message["type"] == "STATE":
            states += 1
            entry = message["state"]["stream"]["stream_state"]["accounts"].get(account.id, {"days": []})
            done = {day for first, last in entry["days"] for day in seen_days(first, last)}
            assert {row["date"] for row in expected.values()} & done <= seen.keys()
    before = {row["date"]: row for row in expected.values() if row["date"] < str(TODAY)}
    assert {day: row for day, row in seen.items() if day < str(TODAY)} == before
    assert states > 5


def seen_days(first: str, last: str) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [str(start + number * DAY) for number in range((end - start).days + 1)]


def test_a_slice_that_fails_costs_the_sums_that_need_it_and_the_next_sync_makes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small(monkeypatch, "at once")
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        config = stage.config(custom_reports=[report("day")])
        refused: Json = {"errors": [{"code": "FEATURE_DISABLED", "message": "Not now"}]}
        stage.simulator.faults.add(Fault(path=STATISTICS, nth=2, status=400, body=refused))
        first = stage.sync("mine", config=config)
        (failed,) = [entry for entry in stage.requests_to(STATISTICS) if entry.status == 400]
        second = stage.sync("mine", config=config, state=first.state)
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked("day", days=(date(2026, 8, 20), TODAY)), NOW)

    ((start, end),) = asked_days([failed])
    lost = {key for key, row in expected.items() if start <= row["date"] < end}
    assert lost
    assert first.error is not None
    assert first.by_key("mine") == {key: row for key, row in expected.items() if key not in lost}
    assert second.error is None
    assert second.by_key("mine").keys() >= lost
    assert table(first, second, stream="mine") == expected


# What X breaks, refuses and leaves out -------------------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", [("tweet", "day"), ("day",), ("tweet",)], ids="-".join)
@pytest.mark.parametrize("fault", ["truncated_body", "connection_reset"])
def test_a_result_that_breaks_off_counts_once(
    fault: str, dimensions: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, "by jobs")
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        stage.simulator.faults.add(Fault(fault, path=RESULTS, nth=2, times=2))
        output = stage.sync("mine", config=stage.config(custom_reports=[report(*dimensions, period=AUTUMN)]))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions), NOW)

    assert_holds(output, expected)
    assert len(stage.requests_to(RESULTS)) == len(stage.made()) + 2


@pytest.mark.parametrize("way", ["at once", "by jobs"])
@pytest.mark.parametrize("dimensions", [("tweet", "day"), ("day",)], ids="-".join)
def test_a_question_that_x_finds_too_complex_is_asked_in_parts_that_add_up(
    dimensions: tuple[str, ...], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, way)
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        body: Json = {"errors": [{"code": "REQUEST_TOO_COMPLEX", "message": "Too much at once"}]}
        path = JOBS if way == "by jobs" else STATISTICS
        stage.simulator.faults.add(
            Fault(path=path, method="POST" if way == "by jobs" else "GET", nth=1, status=400, body=body)
        )
        output = stage.sync("mine", config=stage.config(custom_reports=[report(*dimensions)]))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions, days=(date(2026, 8, 20), TODAY)), NOW)

    assert_holds(output, expected)
    assert output.states("mine")[-1]["accounts"][account.id]["days"] == [["2026-08-20", "2026-11-20"]]


@pytest.mark.parametrize("way", ["at once", "by jobs"])
@pytest.mark.parametrize("dimensions", [(), ("tweet",), ("day", "metric"), ("tweet", "hour")])
def test_metrics_that_x_refuses_are_null_and_the_others_add_up(
    dimensions: tuple[str, ...], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, way)
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0, organic_groups=("ENGAGEMENT",)) as stage:
        mine = [
            report(*dimensions, period=AUTUMN),
            report(*dimensions, period=AUTUMN, name="videos") | {"metrics": ["video_total_views"]},
        ]
        output = stage.sync("mine", "videos", config=stage.config(custom_reports=mine))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions), NOW)

    for row in expected.values():
        name = "video_total_views" if "metric" not in dimensions else "value"
        row[name] = row[name] if row.get("metric", "video_total_views") != "video_total_views" else None
    assert output.by_key("mine") == expected
    assert len(output.rows("mine")) == len(expected)
    assert output.rows("videos") == []
    assert {name: output.statuses(name)[-1] for name in ("mine", "videos")} == {
        "mine": "COMPLETE",
        "videos": "INCOMPLETE",
    }
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "gives none of the metrics that are wanted here" in final["message"]
    assert "(videos)" in final["message"]


@pytest.mark.parametrize("way", ["at once", "by jobs"])
@pytest.mark.parametrize("dimensions", [(), ("tweet",), ("day",), ("hour",), ("tweet", "day"), ("tweet", "hour")])
def test_a_question_about_one_tweet_that_is_too_complex_is_asked_in_spans_that_add_up(
    dimensions: tuple[str, ...], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, way)
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0, most_tweet_days=2) as stage:
        output = stage.sync("mine", config=stage.config(custom_reports=[report(*dimensions, period=AUTUMN)]))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked(*dimensions), NOW)

    assert_holds(output, expected)
    questions = stage.made() if way == "by jobs" else stage.requests_to(STATISTICS)
    assert {entry.status for entry in questions} == {200, 400}
    assert {len(entry.query["entity_ids"].split(",")) for entry in questions if entry.status == 200} == {1}


@pytest.mark.parametrize("way", ["at once", "by jobs"])
@pytest.mark.parametrize("dimensions", [("tweet", "day"), ("day",), ()], ids=["tweet-day", "day", "nothing"])
def test_a_tweet_that_x_refuses_is_missing_in_the_sums_and_told(
    dimensions: tuple[str, ...], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, way)
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        refused = posts[4]
        with stage.hidden(str(refused.id)):
            output = stage.sync("mine", config=stage.config(custom_reports=[report(*dimensions, period=AUTUMN)]))
        rest = [post for post in posts if post is not refused]
        expected = rows(stage.world, account, rest, asked(*dimensions), NOW)

    assert_holds(output, expected)
    (warning,) = output.said("WARNING")
    assert str(refused.id) in warning


@pytest.mark.parametrize("way", ["at once", "by jobs"])
@pytest.mark.parametrize("stream", ["organic_report", "mine"])
def test_tweets_that_x_leaves_out_of_its_answer_have_no_rows_and_are_counted(
    stream: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch, way)
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        config = stage.config(custom_reports=[report("tweet", "day")])
        whole = stage.sync(stream, config=config)
        account = stage.ads("Mill Ads")
        silent = {str(post.id) for post in tweets(stage.world, "lumen_mill", NOW)[-5:-3]}
        leave_out(monkeypatch, silent)
        stage.clock.advance(DAY)
        output = stage.sync(stream, config=config, state=whole.state)

    assert output.error is None
    assert silent <= {row["tweet_id"] for row in whole.rows(stream)}
    assert {row["tweet_id"] for row in output.rows(stream)} == {row["tweet_id"] for row in whole.rows(stream)} - silent
    (warning,) = output.said("WARNING")
    assert f"X left 2 tweets of Ads account {account.id} (Mill Ads) out of its statistics" in warning


def leave_out(monkeypatch: pytest.MonkeyPatch, ids: set[str]) -> None:
    """Let answers say nothing of some tweets."""
    whole = simulated_stats.answered

    def answered(*arguments: Any) -> Json:  # noqa: ANN401 - as it was
        document = whole(*arguments)
        return document | {"data": [entity for entity in document["data"] if entity["id"] not in ids]}

    for module in (simulated_stats, simulated_jobs):
        monkeypatch.setattr(module, "answered", answered)


def test_withdrawn_statistics_fail_every_report_and_are_asked_for_once() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], organic_entity=False) as stage:
        definitions = [report("day", name="by_day"), report("tweet", name="by_tweet", period=AUTUMN)]
        names = ("organic_report", "by_day", "by_tweet")
        output = stage.sync("tweets", *names, config=stage.config(custom_reports=definitions))

    assert {name: output.statuses(name)[-1] for name in ("tweets", *names)} == {
        "tweets": "COMPLETE",
        **dict.fromkeys(names, "INCOMPLETE"),
    }
    assert len(output.rows("tweets")) == 16
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert all(name in final["message"] for name in names)


def test_reports_that_ask_the_same_share_a_job_whose_answer_is_lost() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=30) as stage:
        same = [report("tweet", "day", name=name) for name in ("one", "two", "three")]
        stage.simulator.faults.add(Fault("ads_answer_lost", path=JOBS, method="POST", times=3))
        output = stage.sync("one", "two", "three", config=stage.config(custom_reports=same))

    assert output.error is None
    assert len(output.rows("one")) == len(output.rows("two")) == len(output.rows("three")) > 0
    assert output.by_key("one") == output.by_key("two") == output.by_key("three")


def test_jobs_of_an_interrupted_sync_go_to_the_report_that_they_were_made_for() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=120) as stage:
        definitions = [report("tweet", name="sums"), report("tweet", "hour", name="hours", metrics=["likes"])]
        names = ("organic_report", "sums", "hours")
        config = stage.config(custom_reports=definitions)
        refused: Json = {"errors": [{"code": "UNAUTHORIZED_ACCESS", "message": "Not any more"}]}
        # Nobody may look at the jobs: the sync ends while they run.
        stage.simulator.faults.add(Fault(path=JOBS, method="GET", nth=2, times=None, status=401, body=refused))
        broken = stage.sync(*names, config=config)
        made = len(stage.made())
        stage.simulator.faults.clear()
        stage.forget()
        resumed = stage.sync(*names, config=config, state=broken.state)
        account, now = stage.ads("Mill Ads"), stage.clock.now()
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        until = asked("tweet", days=(date(2026, 8, 20), TODAY))
        at_least, at_most = (rows(stage.world, account, posts, until, instant) for instant in (NOW, now))

    assert made == 3
    assert resumed.error is None
    assert stage.made() == []
    sums = resumed.by_key("sums")
    assert sums.keys() == at_least.keys()
    for key, row in sums.items():
        assert at_least[key]["impressions"] <= row["impressions"] <= at_most[key]["impressions"]
    assert {row["hour"] for row in resumed.rows("hours")} == set(range(24))
    assert resumed.by_key("organic_report").keys() == stage.report(account, "lumen_mill").keys()


# Beside other APIs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [False, True], ids=["AllAccounts", "SpecificAccounts"])
@pytest.mark.parametrize("access", ["X_API", "X_API_ENTERPRISE", "ENGAGEMENT_API", "ADS_API"])
def test_every_api_access_has_them(access: str, named: bool) -> None:  # noqa: FBT001 - a parameter
    with AdsStage(MILL, KILN, ads_accounts=[ADS], job_seconds=0) as stage:
        accounts: Json = {"sync_mode": "SpecificAccounts", "accounts": ["@lumen_mill"]} if named else {}
        mine = report("tweet", "day", period=AUTUMN)
        output = stage.sync("mine", config=stage.config(api_access=access, custom_reports=[mine], **accounts))
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked("tweet", "day"), NOW)

    assert_holds(output, expected)


def test_fivetrans_tables_have_them_beside_them() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], job_seconds=0) as stage:
        config = stage.config(table_layout="fivetran", custom_reports=[report("tweet", "day", period=AUTUMN)])
        assert list(stage.known_catalog(config)) == [
            "account_history",
            "twitter_user_history",
            "tweet",
            "organic_tweet_report",
            "mine",
        ]
        output = stage.sync("tweet", "organic_tweet_report", "mine", config=config)
        account = stage.ads("Mill Ads")
        posts = since(tweets(stage.world, "lumen_mill", NOW), account, stage.first_day(account))
        expected = rows(stage.world, account, posts, asked("tweet", "day"), NOW)

    assert_holds(output, expected)
    assert len(output.rows("tweet")) == 16
    assert len(stage.requests_to(TWEETS)) == 1
    assert output.rows("organic_tweet_report")


@pytest.mark.parametrize("layout", ["native", "fivetran"])
@pytest.mark.parametrize(
    "named", [None, ["@lumen_mill"], ["lumen_mill"], ["ads"]], ids=["all", "user", "name", "ads-account"]
)
def test_reports_of_the_other_apis_follow_the_user_of_the_credentials(named: list[str] | None, layout: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], enterprise_apps=("main",), job_seconds=0) as stage:
        accounts = [stage.ads("Mill Ads").id] if named == ["ads"] else named
        more: Json = {"sync_mode": "SpecificAccounts", "accounts": accounts} if accounts else {}
        definitions = [
            {"table_name": kind, "report_type": kind, "metrics": ["impressions"], "dimensions": ["tweet"]}
            for kind in ("engagement_historical", "tweet_analytics", "ads_organic")
        ]
        config = stage.config(custom_reports=definitions, table_layout=layout, **more)
        output = stage.sync("engagement_historical", "tweet_analytics", "ads_organic", config=config)
        user_id = stage.world.user_id("lumen_mill")
        reported = {
            str(post.id)
            for post in since(tweets(stage.world, "lumen_mill", NOW), stage.ads("Mill Ads"), date(2026, 8, 20))
        }

    assert output.error is None
    for name in ("engagement_historical", "tweet_analytics", "ads_organic"):
        assert {row["account_id"] for row in output.rows(name)} == {user_id}
        assert {row["tweet_id"] for row in output.rows(name)} >= reported - {min(reported)}
        assert sum(row["impressions"] for row in output.rows(name)) > 0
