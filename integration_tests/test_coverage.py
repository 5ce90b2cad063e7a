"""`sync_coverage`: what a sync had to cover, what it returned, and why the rest is missing."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests import truth
from integration_tests.ads_stage import STATISTICS, AdsStage
from integration_tests.snapshot_truth import TRACKED
from integration_tests.stage import NOW, TIMELINE, Json, Output, Stage
from x_simulator import AccountSpec, AdsAccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MILL = AccountSpec("lumen_mill", "Lumen Mill", posts=80, posts_per_day=2, mix=("original", "media"))
DAY = timedelta(days=1)
TODAY = NOW.date()
STREAMS = ("account_insights", "tweets", "tweet_insights", "organic_report")

Counts = tuple[int | None, int, int | None, str | None]
"""Rows expected, returned and missing, and the reason."""


def covered(output: Output, stream: str, account_id: str | None = None) -> dict[str, Counts]:
    """Return what the rows say of one stream, by day."""
    return {
        row["date"]: (row["expected_rows"], row["returned_rows"], row["missing_rows"], row["reason"])
        for row in output.rows("sync_coverage")
        if row["stream"] == stream and account_id in {None, row["account_id"]}
    }


def gaps(output: Output, stream: str) -> dict[str, Counts]:
    return {day: counts for day, counts in covered(output, stream).items() if counts[3] is not None}


def days(first: date, last: date) -> list[str]:
    return [str(first + number * DAY) for number in range((last - first).days + 1)]


def per_day(rows: Iterable[Json], column: str) -> Counter[str]:
    return Counter(row[column][:10] for row in rows)


def test_the_stream_is_there_with_every_api_access_and_not_among_fivetrans_tables() -> None:
    with AdsStage(MILL, ads_accounts=[AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))]) as stage:
        for api_access in ("X_API", "X_API_ENTERPRISE", "ENGAGEMENT_API", "ADS_API"):
            stream = stage.discover(stage.config(api_access=api_access))["sync_coverage"]
            assert stream["source_defined_primary_key"] == [["account_id"], ["stream"], ["date"]]
            assert stream["default_cursor_field"] == ["date"]
            assert stream["supported_sync_modes"] == ["full_refresh", "incremental"]
        assert "sync_coverage" not in stage.discover(stage.config(table_layout="fivetran"))


def test_a_first_sync_has_a_row_for_each_account_stream_and_day_with_data() -> None:
    with Stage(MILL) as stage:
        output = stage.sync(*STREAMS, "sync_coverage", config=stage.config(timeframe_months="THREE"))
        posted = per_day(output.rows("tweets"), "created_at")
        account_id = stage.world.user_id("lumen_mill")

    output.assert_valid()
    rows = output.rows("sync_coverage")
    assert rows[0] == {
        "account_id": account_id,
        "stream": "account_insights",
        "date": "2026-11-20",
        "checked_at": "2026-11-20T09:30:00Z",
        "expected_rows": 1,
        "returned_rows": 1,
        "missing_rows": 0,
        "reason": None,
    }
    assert len({(row["account_id"], row["stream"], row["date"]) for row in rows}) == len(rows)
    assert covered(output, "account_insights") == {"2026-11-20": (1, 1, 0, None)}
    assert covered(output, "tweet_insights") == {"2026-11-20": (80, 80, 0, None)}
    recent = set(days(TODAY - 30 * DAY, TODAY))
    assert covered(output, "tweets") == {
        day: (posted[day], posted[day], 0, None) for day in sorted(recent | posted.keys())
    }
    assert output.states("sync_coverage")[-1] == {
        "version": 1,
        "accounts": {account_id: {"cursor": "2026-11-20", "username": "lumen_mill"}},
    }


def test_years_without_posts_have_no_rows_and_the_last_month_has() -> None:
    quiet = AccountSpec("lumen_mill", posts=6, posts_per_day=0.005, mix=("original",))
    with Stage(quiet) as stage:
        output = stage.sync("tweets", "sync_coverage")
        posted = per_day(output.rows("tweets"), "created_at")

    assert len(posted) == 6
    recent = set(days(TODAY - 30 * DAY, TODAY))
    assert covered(output, "tweets").keys() == recent | posted.keys()
    assert gaps(output, "tweets") == {}


def test_the_next_sync_tells_of_the_days_that_it_had_to_read() -> None:
    with Stage(MILL) as stage:
        first = stage.sync(*STREAMS, "sync_coverage")
        stage.clock.advance(DAY)
        second = stage.sync(*STREAMS, "sync_coverage", state=first.state)
        posted = per_day(second.rows("tweets"), "created_at")
        reported = per_day(second.rows("organic_report"), "date")
        newest = max(truth.instant(post.created_ms) for post in stage.world.posts("lumen_mill", at=NOW))

    start = (newest - 7 * DAY).date()
    assert covered(second, "tweets") == {day: (posted[day], posted[day], 0, None) for day in days(start, TODAY + DAY)}
    assert covered(second, "account_insights") == {"2026-11-21": (1, 1, 0, None)}
    assert covered(second, "organic_report") == {
        day: (reported[day], reported[day], 0, None) for day in ("2026-11-20", "2026-11-21")
    }


# Gaps of the report from snapshots -----------------------------------------------------------------------------------


def test_before_the_first_snapshot_the_report_is_missing_and_the_coverage_says_so() -> None:
    with Stage(MILL) as stage:
        output = stage.sync("organic_report", "sync_coverage", config=stage.config(timeframe_months="THREE"))
        posts = stage.world.posts("lumen_mill", at=NOW)

    made = [truth.instant(post.created_ms) for post in posts]
    tracked = [instant.date() for instant in made if instant >= NOW - 30 * DAY + timedelta(minutes=1)]
    since = (NOW - 30 * DAY).date()
    existing = {day: sum(str(each) <= day for each in tracked) for day in days(since, TODAY)}
    of_today = tracked.count(TODAY)
    older = {day: (count, 0, count, "over_30_days") for day, count in existing.items() if day != str(TODAY) and count}
    today = {str(TODAY): (len(tracked), of_today, len(tracked) - of_today, "over_30_days")}
    oldest = min(made).date()
    before = dict.fromkeys(days(max(date(2026, 8, 20), oldest), since - DAY), (None, 0, None, "over_30_days"))
    found = gaps(output, "organic_report")
    assert {day: counts for day, counts in found.items() if day >= str(max(oldest, since))} == older | today
    assert before.items() <= found.items()


def test_a_second_snapshot_on_the_day_closes_the_gap_of_that_day() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("organic_report", "sync_coverage")
        stage.clock.advance(timedelta(hours=2))
        second = stage.sync("organic_report", "sync_coverage", state=first.state)

    (today,) = covered(second, "organic_report").values()
    assert today[2:] == (0, None)
    assert today[0] == today[1] == len(second.rows("organic_report"))


def test_a_pause_that_lost_days_for_good_shows_on_the_first_day() -> None:
    with Stage(MILL) as stage:
        first = stage.sync(*STREAMS, "sync_coverage")
        stage.clock.advance(5 * DAY)
        second = stage.sync(*STREAMS, "sync_coverage", state=first.state)
        ends = [
            (truth.instant(post.created_ms) + 30 * DAY - timedelta(minutes=1))
            for post in stage.world.posts("lumen_mill", at=NOW)
        ]
        now = stage.clock.now()

    skipped = days(TODAY + DAY, TODAY + 4 * DAY)
    assert gaps(second, "account_insights") == dict.fromkeys(skipped, (1, 0, 1, "failed"))
    assert gaps(second, "tweet_insights") == dict.fromkeys(skipped, (None, 0, None, "failed"))
    lost = {day: count for day in skipped if (count := sum(NOW < end < now and day <= str(end.date()) for end in ends))}
    assert {day: counts[2:] for day, counts in gaps(second, "organic_report").items()} == {
        day: (count, "over_30_days") for day, count in lost.items()
    }
    assert lost


# Why rows are missing ------------------------------------------------------------------------------------------------


def test_deleted_posts_are_missing_on_their_day_as_long_as_it_is_read_again() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets", "organic_report", "sync_coverage")
        gone = first.rows("tweets")[5]
        stage.world.delete_post(gone["id"])
        outputs = []
        state = first.state
        for _ in range(2):
            stage.clock.advance(timedelta(hours=20))
            outputs.append(stage.sync("tweets", "organic_report", "sync_coverage", state=state))
            state = outputs[-1].state

    day = gone["created_at"][:10]
    for output in outputs:
        there = per_day((row for row in output.rows("tweets") if not row["is_deleted"]), "created_at")[day]
        assert gaps(output, "tweets") == {day: (there + 1, there, 1, "deleted")}
        assert {counts[2:] for counts in covered(output, "organic_report").values()} == {(1, "deleted")}


def test_an_edited_post_is_missing_nowhere() -> None:
    with Stage(MILL) as stage:
        root = stage.world.add_post("lumen_mill", "Teh first version", at=NOW - timedelta(minutes=20))
        first = stage.sync("tweets", "organic_report", "sync_coverage")
        stage.clock.advance(timedelta(minutes=10))
        stage.world.edit_post(root, "The second version")
        second = stage.sync("tweets", "organic_report", "sync_coverage", state=first.state)

    assert gaps(second, "tweets") == gaps(second, "organic_report") == {}


def test_days_beyond_xs_ceiling_are_gaps_down_to_the_timeframes_start() -> None:
    busy = AccountSpec("lumen_mill", posts=3500, posts_per_day=50, mix=("original",))
    with Stage(busy) as stage:
        output = stage.sync("tweets", "sync_coverage", config=stage.config(timeframe_months="THREE"))
        oldest = min(row["created_at"] for row in output.rows("tweets"))[:10]

    found = gaps(output, "tweets")
    assert {counts[3] for counts in found.values()} == {"3200_limit"}
    assert max(found) == oldest
    returned = per_day(output.rows("tweets"), "created_at")[oldest]
    assert found[oldest] == (None, returned, None, "3200_limit")
    assert {counts for day, counts in found.items() if day != oldest} == {(None, 0, None, "3200_limit")}


@pytest.mark.parametrize(("fate", "reason"), [("protect", "protected"), ("suspend", "suspended")])
def test_an_account_out_of_sight_is_named_with_the_reason_and_its_id(fate: str, reason: str) -> None:
    with Stage(MILL, AccountSpec("tiny_kiln", posts=20, posts_per_day=1)) as stage:
        config = stage.competitors("lumen_mill", "tiny_kiln")
        first = stage.sync(*STREAMS, "sync_coverage", config=config)
        getattr(stage.world, fate)("lumen_mill")
        stage.clock.advance(DAY)
        second = stage.sync(*STREAMS, "sync_coverage", config=config, state=first.state)
        ids = {name: stage.world.user_id(name) for name in ("lumen_mill", "tiny_kiln")}

    today = str(TODAY + DAY)
    of_mill = {stream: covered(second, stream, ids["lumen_mill"]) for stream in STREAMS}
    for stream in ("tweets", "tweet_insights", "organic_report"):
        assert of_mill[stream][today] == (None, 0, None, reason)
        assert {counts[3] for counts in of_mill[stream].values()} == {reason}
    # A protected account still has its profile.
    assert of_mill["account_insights"][today][3] == (None if fate == "protect" else reason)
    assert {row["account_id"] for row in second.rows("sync_coverage")} == set(ids.values())
    assert all(counts[3] is None for counts in covered(second, "tweets", ids["tiny_kiln"]).values())


def test_ones_own_suspended_account_is_known_by_its_id_too() -> None:
    with Stage(MILL) as stage:
        first = stage.sync(*STREAMS, "sync_coverage")
        stage.world.suspend("lumen_mill")
        second = stage.sync(*STREAMS, "sync_coverage", state=first.state)
        account_id = stage.world.user_id("lumen_mill")

    assert {(row["account_id"], row["reason"]) for row in second.rows("sync_coverage")} == {(account_id, "suspended")}
    assert {row["stream"] for row in second.rows("sync_coverage")} == set(STREAMS)


@pytest.mark.parametrize(("preset", "reason"), [("unauthorized", "refused"), ("internal_error", "failed")])
def test_a_reading_that_breaks_off_says_which_days_are_left(preset: str, reason: str) -> None:
    with Stage(AccountSpec("lumen_mill", posts=2600, posts_per_day=40, mix=("original",))) as stage:
        stage.simulator.faults.add(Fault(preset, path=TIMELINE, nth=27, times=None))
        broken = stage.sync("tweets", "tweet_insights", "sync_coverage")
        stage.simulator.faults.clear()
        whole = stage.sync("tweets", "tweet_insights", "sync_coverage", state=broken.state)

    assert broken.error is not None
    saved = broken.states("tweets")[-1]["accounts"].popitem()[1]["covered"][0][0]
    found = gaps(broken, "tweets")
    assert max(found) == saved[:10]
    assert {counts[3] for counts in found.values()} == {reason}
    assert {counts[2] for counts in found.values()} == {None}
    assert covered(broken, "tweet_insights") == {"2026-11-20": (None, len(broken.rows("tweet_insights")), None, reason)}
    assert gaps(whole, "tweets") == gaps(whole, "tweet_insights") == {}
    # Also where it found nothing: else the gap would stay in the table.
    assert found.keys() <= covered(whole, "tweets").keys()
    assert "gaps" in broken.states("sync_coverage")[-1]["accounts"].popitem()[1]
    assert "gaps" not in whole.states("sync_coverage")[-1]["accounts"].popitem()[1]


def test_what_a_ceiling_on_posts_leaves_for_later_is_named_and_later_closed() -> None:
    with Stage(AccountSpec("lumen_mill", posts=330, posts_per_day=6)) as stage:
        config = stage.config(max_post_reads_per_sync=137)
        outputs = [stage.sync(*STREAMS, "sync_coverage", config=config)]
        while len(outputs) < 9 and any(line.startswith("The sync ended early") for line in outputs[-1].said("WARNING")):
            stage.clock.advance(timedelta(hours=1))
            outputs.append(stage.sync(*STREAMS, "sync_coverage", config=config, state=outputs[-1].state))

    first = outputs[0]
    oldest = min(row["created_at"] for row in first.rows("tweets"))[:10]
    left = gaps(first, "tweets")
    assert {counts[3] for counts in left.values()} == {"budget"}
    assert max(left) == oldest
    assert covered(first, "tweet_insights")[str(TODAY)][2:] == (None, "budget")
    assert {counts[3] for counts in gaps(first, "organic_report").values()} == {"budget"}
    assert 2 < len(outputs) < 9
    table: dict[str, Counts] = {}
    for output in outputs:
        assert all(not row["is_deleted"] for row in output.rows("tweets"))
        table |= covered(output, "tweets")
    assert left.keys() <= table.keys()
    assert {counts[3] for counts in table.values()} == {None}
    # The round began and ended on this day, so that every tweet has a row of it.
    assert [covered(output, "tweet_insights")[str(TODAY)][3] for output in outputs] == [
        *["budget"] * (len(outputs) - 1),
        None,
    ]
    assert "gaps" not in str(outputs[-1].states("sync_coverage")[-1])


def test_a_round_that_began_on_another_day_leaves_the_insights_of_both_days_incomplete() -> None:
    account = AccountSpec("lumen_mill", posts=100, posts_per_day=4)
    streams = ("tweet_insights", "sync_coverage")
    with Stage(account, AccountSpec("tiny_kiln", posts=200, posts_per_day=6), now=NOW.replace(hour=23)) as stage:
        mill, kiln = (stage.world.user_id(name) for name in ("lumen_mill", "tiny_kiln"))
        config = stage.config(max_post_reads_per_sync=90)
        outputs = [stage.sync(*streams, config=config)]
        stage.clock.advance(timedelta(hours=2))
        while not (is_through(outputs[-1], "lumen_mill") and is_through(outputs[-1], "tiny_kiln")):
            assert len(outputs) < 20
            outputs.append(stage.sync(*streams, config=config, state=outputs[-1].state))
            stage.clock.advance(timedelta(minutes=10))
            for name in ("lumen_mill", "tiny_kiln"):
                stage.world.add_post(name, "Meanwhile", at=stage.clock.now())
        final = stage.sync(*streams, state=outputs[-1].state)

    # One is through first, and adds but its new tweets while the other is read.
    assert {is_through(output, "lumen_mill") ^ is_through(output, "tiny_kiln") for output in outputs} == {True, False}
    for account_id in (mill, kiln):
        table = {day: counts for output in outputs for day, counts in covered(output, *streams[:1], account_id).items()}
        assert {day: counts[3] for day, counts in table.items()} == {
            str(TODAY): "budget",
            str(TODAY + DAY): "budget",
        }
        # A new look-back of the day closes it; the day that is over stays as it was.
        assert {day: counts[3] for day, counts in covered(final, "tweet_insights", account_id).items()} == {
            str(TODAY + DAY): None
        }


def is_through(output: Output, username: str) -> bool:
    """Return whether a sync has left nothing of an account."""
    return not any(line.startswith("The sync ended early") and username in line for line in output.said("WARNING"))


@pytest.mark.parametrize("ceiling", [40, 100])
def test_the_base_line_is_told_as_without_a_ceiling_when_the_last_part_of_it_is_read(ceiling: int) -> None:
    accounts = AccountSpec("lumen_mill", posts=70, posts_per_day=2), AccountSpec("tiny_kiln", posts=30, posts_per_day=1)
    with Stage(*accounts) as stage:
        whole = stage.sync(*STREAMS, "sync_coverage", config=stage.config(timeframe_months="SIX"))
        config = stage.config(max_post_reads_per_sync=ceiling, timeframe_months="SIX")
        outputs = [stage.sync(*STREAMS, "sync_coverage", config=config)]
        while any(line.startswith("The sync ended early") for line in outputs[-1].said("WARNING")):
            assert len(outputs) < 40
            outputs.append(stage.sync(*STREAMS, "sync_coverage", config=config, state=outputs[-1].state))
        ids = [stage.world.user_id(spec.username) for spec in accounts]

    assert len(outputs) > 2
    for account_id in ids:
        table: dict[str, Counts] = {}
        for output in outputs:
            table |= covered(output, "organic_report", account_id)
        assert table == covered(whole, "organic_report", account_id)
        assert set(table.values()) >= {(None, 0, None, "over_30_days")}
        assert "organic_report" not in str(outputs[-1].states("sync_coverage")[-1]["accounts"][account_id])


def test_a_round_of_several_days_leaves_open_what_its_last_sync_did_not_see_and_the_next_one_closes_it() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("organic_report", "sync_coverage")
        outputs = [first]
        config = stage.config(max_post_reads_per_sync=40)
        while len(outputs) == 1 or any(line.startswith("The sync ended early") for line in outputs[-1].said("WARNING")):
            assert len(outputs) < 9
            stage.clock.advance(DAY)
            outputs.append(stage.sync("organic_report", "sync_coverage", config=config, state=outputs[-1].state))
        stage.clock.advance(timedelta(hours=1))
        outputs.append(stage.sync("organic_report", "sync_coverage", state=outputs[-1].state))
        rows = {(row["tweet_id"], row["date"]) for output in outputs for row in output.rows("organic_report")}

    *cut, last_of_round, whole = outputs[1:]
    assert cut
    for output in cut:
        assert {counts[2:] for counts in covered(output, "organic_report").values()} == {(None, "budget")}
    left = gaps(last_of_round, "organic_report")
    assert {counts[3] for counts in left.values()} == {"budget"}
    assert all(counts[2] for counts in left.values())
    table = {day: counts for output in outputs for day, counts in covered(output, "organic_report").items()}
    counted = Counter(day for _, day in rows)
    since = days(TODAY, stage.clock.now().date())
    assert {day: table[day] for day in since} == {day: (counted[day], counted[day], 0, None) for day in since}
    assert covered(whole, "organic_report").keys() >= left.keys()


def test_days_that_a_ceiling_has_lost_for_good_are_named_in_the_sync_that_loses_them_and_stay_so() -> None:
    with Stage(AccountSpec("lumen_mill", posts=200, posts_per_day=4, mix=("original",))) as stage:
        table: dict[str, Counts] = {}
        rows: dict[tuple[str, str], Json] = {}
        state: list[Json] = []
        lost: Counter[str] = Counter()
        for number in range(15):
            config = stage.config(max_post_reads_per_sync=30) if 0 < number < 11 else stage.config()
            output = stage.sync("organic_report", "sync_coverage", config=config, state=state)
            state = output.state
            rows |= {(row["tweet_id"], row["date"]): row for row in output.rows("organic_report")}
            table |= covered(output, "organic_report")
            now = stage.clock.now()
            new = Counter(
                day
                for post in stage.world.posts("lumen_mill", at=now)
                if now - DAY <= (end := truth.instant(post.created_ms) + TRACKED) < now
                and now - (seen := last_seen(rows, str(post.id))) > 2 * DAY
                for day in days(seen.date() + DAY, end.date())
            )
            # The sync itself says so, although others of these days' rows are still to come.
            assert {table[day][3] for day in new} <= {"over_30_days"}
            lost += new
            stage.clock.advance(DAY)

    counted = Counter(day for _, day in rows)
    assert {day: counts for day, counts in table.items() if day > str(TODAY)} == {
        day: (counted[day] + lost[day], counted[day], lost[day], "over_30_days" if lost[day] else None)
        for day in days(TODAY + DAY, TODAY + 14 * DAY)
    }
    assert sum(lost.values()) > 40


def last_seen(rows: Mapping[tuple[str, str], Json], tweet_id: str) -> datetime:
    """Return a tweet's last snapshot; the first of all where it has no row."""
    ends = [row["period_end"] for (key, _), row in rows.items() if key == tweet_id]
    return datetime.fromisoformat(max(ends, default=NOW.isoformat()))


# The other sources of the report -------------------------------------------------------------------------------------

ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))


def test_the_ads_apis_report_is_counted_by_tweet_and_day() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        output = stage.sync(*STREAMS, "sync_coverage")
        report = per_day(output.rows("organic_report"), "date")
        tweets = per_day(output.rows("tweets"), "created_at")

    output.assert_valid()
    assert covered(output, "organic_report") == {day: (count, count, 0, None) for day, count in sorted(report.items())}
    assert {day: counts for day, counts in covered(output, "tweets").items() if counts[1]} == {
        day: (count, count, 0, None) for day, count in tweets.items()
    }
    assert covered(output, "account_insights") == {"2026-11-20": (1, 1, 0, None)}
    assert covered(output, "tweet_insights") == {"2026-11-20": (80, 80, 0, None)}


def test_where_x_withdrew_organic_statistics_every_row_of_the_report_is_missing() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], organic_entity=False) as stage:
        output = stage.sync("tweets", "organic_report", "sync_coverage")
        made = [truth.instant(post.created_ms) for post in stage.world.posts("lumen_mill", at=NOW)]

    assert output.error is not None
    found = gaps(output, "organic_report")
    assert found[str(TODAY)] == (len(made), 0, len(made), "withdrawn")
    assert {counts[3] for counts in found.values()} == {"withdrawn"}
    assert gaps(output, "tweets") == {}


def test_a_report_part_that_fails_is_missing_on_its_days_alone() -> None:
    with AdsStage(MILL, ads_accounts=[ADS]) as stage:
        first = stage.sync("organic_report", "sync_coverage")
        stage.clock.advance(DAY)
        stage.simulator.faults.add(Fault("ads_internal_error", path=STATISTICS, times=None))
        second = stage.sync("organic_report", "sync_coverage", state=first.state)
        stage.simulator.faults.clear()
        third = stage.sync("organic_report", "sync_coverage", state=second.state)

    found = gaps(second, "organic_report")
    assert {(counts[1], counts[3]) for counts in found.values()} == {(0, "failed")}
    assert gaps(third, "organic_report") == {}
    assert found.keys() <= covered(third, "organic_report").keys()
    assert {day: counts[0] for day, counts in covered(third, "organic_report").items() if day in found} == {
        day: counts[0] for day, counts in found.items()
    }


def test_an_enterprise_report_that_x_refuses_is_missing_by_tweet_and_day() -> None:
    with Stage(MILL) as stage:
        output = stage.sync(
            "tweets",
            "organic_report",
            "sync_coverage",
            config=stage.config(api_access="X_API_ENTERPRISE", timeframe_months="THREE"),
        )

    assert output.error is not None
    posts = len(output.rows("tweets"))
    assert gaps(output, "organic_report")[str(TODAY)] == (posts, 0, posts, "refused")
    assert gaps(output, "tweets") == {}


def test_without_the_stream_nothing_is_different() -> None:
    with Stage(MILL) as stage:
        with_it = stage.sync(*STREAMS, "sync_coverage")
        without = stage.sync(*STREAMS)

    for stream in STREAMS:
        assert with_it.rows(stream) == without.rows(stream)
        assert with_it.states(stream)[-1] == without.states(stream)[-1]
