"""`organic_report` with X_API: what posts earn by the day, made of snapshots that nobody can take later."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from integration_tests.snapshot_truth import METRICS, TRACKED, SnapshotTruth, counts, growth, midnight, tracked
from integration_tests.stage import NOW, OF_POSTS, TIMELINE, Json, Output, Stage, billed
from integration_tests.truth import in_seconds, instant
from source_x_organic.reports.columns import COLUMNS
from source_x_organic.snapshots.state import SNAPSHOTS
from x_simulator import AccountSpec, Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from integration_tests.snapshot_truth import Counts
    from x_simulator.counters import Counters
    from x_simulator.posts import Post

REPORT = "organic_report"
ALL_OF_POSTS = ("tweets", "tweet_insights", REPORT)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

MILL = AccountSpec("lumen_mill", posts=70, posts_per_day=2, followers=90_000)
KILN = AccountSpec("tiny_kiln", posts=40, posts_per_day=1, deleted_every=9)
RIVAL = AccountSpec("rival_forge", posts=40, posts_per_day=1, owned=False, followers=300_000)


Planned = tuple[timedelta, tuple[str, ...], Fault | None]
"""A sync: the time of the day, the streams, and what goes wrong."""


class Warehouse:
    """What a destination keeps of the report over many syncs, and the state that Airbyte keeps."""

    def __init__(self, stage: Stage, config: Json | None = None) -> None:
        self.stage = stage
        self.config = stage.config() if config is None else config
        self.table: dict[tuple[str, str], Json] = {}
        self.state: list[Json] = []

    def sync(self, *streams: str) -> Output:
        """Sync, keep the last version of each row, and hand the states on as text, as Airbyte does."""
        output = self.stage.sync(*(streams or (REPORT,)), config=self.config, state=self.state)
        self.table |= report_of(output)
        self.state = json.loads(json.dumps(kept(self.state, output.state)))
        return output

    def taken_at(self, username: str) -> str | None:
        """Return the account's last snapshot, as the state says."""
        for state in self.state:
            if state["stream"]["stream_descriptor"]["name"] == REPORT:
                entry: Json = state["stream"]["stream_state"]["accounts"].get(self.stage.world.user_id(username), {})
                taken_at: str | None = entry.get("taken_at")
                return taken_at
        return None


def kept(before: Iterable[Json], after: Iterable[Json]) -> list[Json]:
    """Return the last state of each stream."""
    names = {state["stream"]["stream_descriptor"]["name"]: state for state in (*before, *after)}
    return list(names.values())


def with_a_competitor(stage: Stage) -> Json:
    """Return a configuration of two accounts with their own keys and one with a bearer token."""
    credentials = {"tiny_kiln": stage.simulator.oauth1("tiny_kiln"), "rival_forge": stage.simulator.bearer()}
    return stage.config(
        sync_mode="SpecificAccounts",
        accounts=["lumen_mill", "tiny_kiln", "rival_forge"],
        account_credentials=json.dumps(
            [{"account": f"@{name}", "credentials": keys} for name, keys in credentials.items()]
        ),
    )


def report_of(output: Output) -> dict[tuple[str, str], Json]:
    """Return the report's rows by tweet and day; a sync gives each of them once."""
    rows = output.rows(REPORT)
    by_key = {(row["tweet_id"], row["date"]): row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


class Observers:
    """What the report on each account must hold, account by account, after each snapshot that a sync has taken."""

    def __init__(self, warehouse: Warehouse, *accounts: AccountSpec) -> None:
        self.warehouse = warehouse
        self.by_account = {
            spec.username: SnapshotTruth(warehouse.stage.world, spec.username, is_own=spec.owned) for spec in accounts
        }
        self._last: dict[str, str | None] = dict.fromkeys(self.by_account)

    def look(self) -> dict[tuple[str, str], Json]:
        """Take in the snapshots that the state tells of, and return the rows that they make."""
        changed: dict[tuple[str, str], Json] = {}
        for username, observer in self.by_account.items():
            taken_at = self.warehouse.taken_at(username)
            if taken_at is not None and taken_at != self._last[username]:
                changed |= observer.snapshot(datetime.fromisoformat(taken_at))
                self._last[username] = taken_at
        return changed

    @property
    def rows(self) -> dict[tuple[str, str], Json]:
        return {key: row for observer in self.by_account.values() for key, row in observer.rows.items()}


def failing_halfway(chance: Random) -> Fault:
    """Return what ends a sync behind some page of one account."""
    account, page = chance.choice(
        [("lumen_mill", page) for page in (1, 2, 3, 4)] + [("tiny_kiln", 2), ("rival_forge", 1)]
    )
    preset = chance.choice(["unauthorized", "credits_depleted_new"])
    return Fault(preset, path=TIMELINE, account=account, nth=page, times=None)


def a_day(chance: Random, number: int) -> list[Planned]:
    """Return the day's syncs."""
    streams = chance.choice([(REPORT,), (REPORT,), ALL_OF_POSTS])
    at = chance.choice([timedelta(), timedelta(minutes=chance.randrange(1440)), timedelta(hours=9.5)])
    kind = "skipped" if number in range(40, 44) else chance.choice([*["daily"] * 4, "skipped", "doubled", "failed"])
    again = at + chance.choice([timedelta(seconds=1), timedelta(minutes=20), (DAY - at) / 2])
    syncs: dict[str, list[Planned]] = {
        "daily": [(at, streams, None)],
        "skipped": [],
        "doubled": [(at, streams, None), (again, streams, None)],
        "failed": [(at, ALL_OF_POSTS, failing_halfway(chance)), *([(again, streams, None)] if number % 2 else [])],
    }
    return syncs[kind]


def change_something(stage: Stage, chance: Random) -> None:
    """Delete, edit or add a post, as people do between two syncs."""
    username = chance.choice(["lumen_mill", "tiny_kiln", "rival_forge"])
    post_id = chance.choice(stage.world.post_ids(username)[:25])
    change = chance.choice(["delete", "edit", "add"])
    if change == "delete":
        stage.world.delete_post(post_id)
    elif change == "edit":
        stage.world.edit_post(post_id, "Better words for the same")
    else:
        stage.world.add_post(username, "One more", at=stage.clock.now() - timedelta(minutes=chance.randrange(600)))


def test_ninety_days_of_daily_skipped_doubled_and_failed_syncs_add_up_to_what_the_counters_did() -> None:
    chance = Random(11)  # noqa: S311 - a schedule, the same in every run
    accounts = (MILL, KILN, RIVAL)
    failed = 0
    with Stage(*accounts, now=midnight(NOW.date()), page_gaps=(65, 0)) as stage:
        warehouse = Warehouse(stage, with_a_competitor(stage))
        observers = Observers(warehouse, *accounts)
        for number in range(90):
            day = stage.clock.now()
            for at, streams, fault in a_day(chance, number):
                stage.clock.advance(day + at - stage.clock.now())
                if fault is not None:
                    stage.simulator.faults.add(fault)
                output = warehouse.sync(*streams)
                stage.simulator.faults.clear()
                failed += output.error is not None
                assert (output.error is None) == (fault is None)
                assert report_of(output) == observers.look()
            change_something(stage, chance)
            stage.clock.advance(day + DAY - stage.clock.now())

    assert failed > 5
    assert warehouse.table == observers.rows
    for observer in observers.by_account.values():
        assert len(observer.snapshots) > 60
        for tweet_id in observer.observed_ids:
            its = [row for key, row in warehouse.table.items() if key[0] == tweet_id]
            assert total(its) == observer.observed(tweet_id)


def total(rows: list[Json]) -> Json:
    """Add rows up, metric by metric; null where no row has any."""
    counted = {name: [row[name] for row in rows if row[name] is not None] for name in METRICS}
    return {name: sum(values) if values else None for name, values in counted.items()}


def test_of_hourly_syncs_every_whole_day_is_the_worlds_true_day_to_within_one_hours_growth() -> None:
    start = midnight(NOW.date()) - timedelta(minutes=20)
    with Stage(MILL, now=start) as stage:
        warehouse = Warehouse(stage)
        for _ in range(50):
            warehouse.sync()
            stage.clock.advance(HOUR)
        whole_days = [start.date() + number * DAY for number in (1, 2)]
        compared = 0
        for post in stage.world.posts("lumen_mill"):
            for day in whole_days:
                row = warehouse.table.get((str(post.id), day.isoformat()))
                # The last day of a post that is 30 days old ends when it is.
                if row is not None and row["period_end"] == in_seconds(midnight(day + DAY)):
                    grown = true_growth(stage, post, midnight(day), midnight(day + DAY))
                    assert row["is_final"]
                    assert not row["is_estimated"]
                    for name, value in grown.items():
                        assert (row[name] is None) == (value is None)
                        borders = [growth_of_an_hour(stage, post, midnight(day + n * DAY))[name] or 0 for n in (0, 1)]
                        assert abs((row[name] or 0) - (value or 0)) <= max(borders)
                        compared += bool(value)

    assert compared > 300


def true_growth(stage: Stage, post: Post, start: datetime, end: datetime) -> Counts:
    """Return what a post's counters grew by between two instants; from nothing where it was made later."""
    made = instant(post.created_ms)
    before = counts(stage.world, str(post.id), start) if made <= start else dict.fromkeys(METRICS)
    return growth(counts(stage.world, str(post.id), end), before)


def growth_of_an_hour(stage: Stage, post: Post, middle: datetime) -> Counts:
    """Return what a post's counters grew by around an instant."""
    if instant(post.created_ms) >= middle + HOUR / 2:
        return dict.fromkeys(METRICS, 0)
    return true_growth(stage, post, middle - HOUR / 2, middle + HOUR / 2)


# What a snapshot knows -----------------------------------------------------------------------------------------------


def test_the_first_snapshot_is_the_base_line_and_only_posts_of_its_day_have_rows() -> None:
    with Stage(MILL) as stage:
        warehouse = Warehouse(stage)
        old = stage.world.add_post("lumen_mill", "Yesterday, late", at=midnight(NOW.date()) - timedelta(seconds=1))
        new = stage.world.add_post("lumen_mill", "Today, early", at=midnight(NOW.date()))
        output = warehouse.sync()
        today = counts(stage.world, new, NOW)
        older = [
            post for post in tracked(stage.world, "lumen_mill", NOW) if instant(post.created_ms) < midnight(NOW.date())
        ]

    rows = {row["tweet_id"]: row for row in output.rows(REPORT)}
    assert old not in rows
    assert {row["date"] for row in rows.values()} == {"2026-11-20"}
    assert {name: rows[new][name] for name in METRICS} == today
    assert (rows[new]["period_start"], rows[new]["period_end"]) == ("2026-11-20T00:00:00Z", "2026-11-20T09:30:00Z")
    (said,) = [line for line in output.said("INFO") if "base line" in line]
    assert f"the first snapshot of @lumen_mill, the base line of {len(older)} posts" in said


def test_a_row_has_all_columns_and_null_where_x_returns_nothing() -> None:
    plain = AccountSpec("lumen_mill", posts=0, followers=500_000)
    with Stage(plain, RIVAL) as stage:
        own = stage.world.add_post("lumen_mill", "Without a link", at=NOW - 2 * HOUR)
        theirs = stage.world.add_post("rival_forge", "Somebody else's", at=NOW - 2 * HOUR)
        config = stage.config(sync_mode="SpecificAccounts", accounts=["lumen_mill", "rival_forge"])
        output = stage.sync(REPORT, config=config)
        grown = {own: counts(stage.world, own, NOW), theirs: counts(stage.world, theirs, NOW, is_own=False)}
        ids = [stage.world.user_id(name) for name in ("lumen_mill", "rival_forge")]

    output.assert_valid()
    rows = {row["tweet_id"]: row for row in output.rows(REPORT)}
    for tweet_id, account_id, source in zip((own, theirs), ids, ("x_api_metrics", "x_api_public"), strict=True):
        assert rows[tweet_id] == dict.fromkeys(COLUMNS) | grown[tweet_id] | {
            "account_id": account_id,
            "tweet_id": tweet_id,
            "date": "2026-11-20",
            "placement": "ALL_ON_TWITTER",
            "metrics_source": source,
            "period_start": "2026-11-20T07:30:00Z",
            "period_end": "2026-11-20T09:30:00Z",
            "is_estimated": False,
            "is_final": False,
        }
    assert rows[own]["url_clicks"] is None
    assert rows[own]["user_profile_clicks"] is not None
    assert rows[theirs]["user_profile_clicks"] is rows[theirs]["engagements"] is None


def test_days_without_a_sync_have_rows_all_the_same_and_a_pause_is_warned_of() -> None:
    with Stage(MILL) as stage:
        warehouse = Warehouse(stage)
        observers = Observers(warehouse, MILL)
        warehouse.sync()
        observers.look()
        stage.clock.advance(4 * DAY)
        output = warehouse.sync()
        expected = observers.look()
        gone = [
            post
            for post in tracked(stage.world, "lumen_mill", NOW)
            if post not in tracked(stage.world, "lumen_mill", stage.clock.now())
        ]

    assert report_of(output) == expected
    assert {row["date"] for row in output.rows(REPORT)} == {f"2026-11-{day}" for day in (20, 21, 22, 23, 24)}
    assert all(row["is_estimated"] for row in output.rows(REPORT) if row["date"] < "2026-11-24")
    (warning,) = output.said("WARNING")
    assert f"{len(gone)} posts came to that age, and lost up to 4 days for good" in warning


def test_a_sync_every_day_is_not_warned_of() -> None:
    with Stage(MILL) as stage:
        warehouse = Warehouse(stage)
        warnings = []
        for _ in range(3):
            warnings += warehouse.sync().said("WARNING")
            stage.clock.advance(2 * DAY)

    assert warnings == []


def test_counters_that_fall_make_negative_days_that_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stage(MILL) as stage:
        warehouse = Warehouse(stage)
        observers = Observers(warehouse, MILL)
        warehouse.sync()
        observers.look()
        monkeypatch.setattr(stage.world, "counters_at", with_a_third_less(stage.world.counters_at))
        for _ in range(2):
            stage.clock.advance(DAY)
            assert report_of(warehouse.sync()) == observers.look()
        observer = observers.by_account["lumen_mill"]

    assert warehouse.table == observer.rows
    falls = [row["impressions"] for row in warehouse.table.values() if row["impressions"] < 0]
    assert falls
    for tweet_id in observer.observed_ids:
        assert total([row for key, row in warehouse.table.items() if key[0] == tweet_id]) == observer.observed(tweet_id)


def with_a_third_less(counters_at: Callable[[Post, int], Counters]) -> Callable[[Post, int], Counters]:
    """Return what tells counters as after X took likes and views of removed accounts away."""

    def fewer(post: Post, instant_ms: int) -> Counters:
        counters = counters_at(post, instant_ms)
        less = counters.organic._replace(
            impressions=counters.organic.impressions * 2 // 3, likes=counters.organic.likes * 2 // 3
        )
        return counters._replace(organic=less)

    return fewer


def test_a_deleted_post_has_no_further_rows_and_an_edited_one_goes_on_under_its_new_id() -> None:
    with Stage(MILL) as stage:
        warehouse = Warehouse(stage)
        deleted, edited = (
            stage.world.add_post("lumen_mill", text, at=NOW - 3 * HOUR) for text in ("Regretted", "Mispselt")
        )
        warehouse.sync()
        before = dict(warehouse.table)
        stage.clock.advance(timedelta(minutes=20))
        stage.world.delete_post(deleted)
        version = stage.world.edit_post(edited, "Misspelt")
        stage.clock.advance(HOUR)
        output = warehouse.sync()
        grown = counts(stage.world, version, stage.clock.now())

    assert output.error is None
    rows = report_of(output)
    assert {tweet_id for tweet_id, _ in rows}.isdisjoint({deleted, edited})
    assert {key: warehouse.table[key] for key in before if key[0] in {deleted, edited}} == {
        key: row for key, row in before.items() if key[0] in {deleted, edited}
    }
    row = rows[version, "2026-11-20"]
    assert {name: row[name] for name in METRICS} == grown
    assert (row["period_start"], row["period_end"]) == ("2026-11-20T09:50:00Z", "2026-11-20T10:50:00Z")


def test_a_post_leaves_report_and_state_when_its_30_days_are_over() -> None:
    with Stage(AccountSpec("lumen_mill", posts=0, posts_per_day=0.001)) as stage:
        leaving = stage.world.add_post("lumen_mill", "Nearly a month ago", at=NOW - timedelta(days=29, hours=12))
        warehouse = Warehouse(stage)
        warehouse.sync()
        stage.clock.advance(11 * HOUR)
        last = warehouse.sync()
        stage.clock.advance(HOUR)
        after = warehouse.sync()

    assert {tweet_id for tweet_id, _ in report_of(last)} == {leaving}
    assert after.rows(REPORT) == []
    assert after.error is None
    (entry,) = after.states(REPORT)[-1]["accounts"].values()
    assert SNAPSHOTS.parse_account(entry).tweets == {}


def test_the_same_sync_once_more_brings_the_same_rows() -> None:
    with Stage(MILL) as stage:
        warehouse = Warehouse(stage)
        warehouse.sync()
        stage.clock.advance(DAY)
        first = warehouse.sync()
        table = dict(warehouse.table)
        again = warehouse.sync()

    today = {key: row for key, row in report_of(first).items() if key[1] == "2026-11-21"}
    assert report_of(again) == today
    assert warehouse.table == table
    assert again.states(REPORT)[-1] == first.states(REPORT)[-1]


# Refusals, and accounts that change ----------------------------------------------------------------------------------

OF_THE_OWNER = ("impressions", "likes", "replies", "retweets", "url_clicks", "user_profile_clicks")


@pytest.mark.parametrize("streams", [(REPORT,), ALL_OF_POSTS])
@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        (Fault("metric_refused", path=TIMELINE, metric="organic_metrics", times=None), OF_THE_OWNER),
        (Fault("metric_refused", path=TIMELINE, metric="non_public_metrics", times=None), ("engagements",)),
        (None, (*OF_THE_OWNER, "engagements")),
    ],
    ids=["organic", "non_public", "forbidden"],
)
def test_private_counters_that_x_refuses_are_null_until_it_shows_them_again_and_nothing_is_lost(
    fault: Fault | None, lost: tuple[str, ...], streams: tuple[str, ...]
) -> None:
    with Stage(AccountSpec("lumen_mill", posts=60, posts_per_day=2, mix=("original",))) as stage:
        warehouse = Warehouse(stage)
        observers = Observers(warehouse, AccountSpec("lumen_mill"))
        warehouse.sync(*streams)
        before = observers.look()
        stage.clock.advance(DAY)
        refused = fault or Fault("forbidden", path=TIMELINE, nth=1 if streams == (REPORT,) else 2)
        stage.simulator.faults.add(refused)
        output = warehouse.sync(*streams)
        stage.simulator.faults.clear()
        expected = observers.look()
        after = stage.clock.now() + DAY
        stage.clock.advance(DAY)
        warehouse.sync(*streams)
        observers.look()
        observer = observers.by_account["lumen_mill"]

    assert output.error is None
    # What had been counted on a day before stays.
    assert report_of(output) == {
        key: row | {name: before.get(key, {}).get(name) for name in lost} for key, row in expected.items()
    }
    assert after == observer.snapshots[-1]
    for tweet_id in observer.observed_ids & {str(post.id) for post in tracked(stage.world, "lumen_mill", after)}:
        its = [row for key, row in warehouse.table.items() if key[0] == tweet_id]
        assert total(its) == observer.observed(tweet_id)


def test_another_kind_of_credentials_begins_a_new_series_and_mixes_nothing() -> None:
    with Stage(MILL) as stage:
        warehouse = Warehouse(stage, stage.competitors("lumen_mill"))
        public, private = (SnapshotTruth(stage.world, "lumen_mill", is_own=is_own) for is_own in (False, True))
        warehouse.sync()
        public.snapshot(NOW)
        stage.clock.advance(DAY)
        warehouse.sync()
        public.snapshot(stage.clock.now())
        warehouse.config = stage.config()
        stage.clock.advance(HOUR)
        changing = warehouse.sync()
        of_that_day = private.snapshot(stage.clock.now())
        stage.clock.advance(HOUR)
        after = warehouse.sync()
        expected = private.snapshot(stage.clock.now())

    assert report_of(changing) == of_that_day
    assert {row["metrics_source"] for row in after.rows(REPORT)} == {"x_api_metrics"}
    assert report_of(after) == expected
    # The day of the change has the newer series alone, from its base line on, or from zero for posts of that day.
    assert warehouse.table == public.rows | private.rows
    assert {row["period_start"] for row in expected.values()} >= {"2026-11-21T10:30:00Z"}


def test_an_account_that_is_added_has_its_base_line_and_one_that_is_left_out_is_remembered() -> None:
    with Stage(MILL, RIVAL) as stage:
        warehouse = Warehouse(stage, stage.config(sync_mode="SpecificAccounts"))
        observers = Observers(warehouse, MILL, RIVAL)
        for accounts in (["lumen_mill"], ["lumen_mill", "rival_forge"], ["rival_forge"], ["lumen_mill", "rival_forge"]):
            warehouse.config = warehouse.config | {"accounts": accounts}
            assert warehouse.sync().error is None
            observers.look()
            stage.clock.advance(DAY)

    assert warehouse.table == observers.rows
    assert [len(observer.snapshots) for observer in observers.by_account.values()] == [3, 3]


def test_accounts_that_x_does_not_show_leave_the_others_rows_and_states_alone() -> None:
    with Stage(MILL, KILN, AccountSpec("shy_loom", posts=20)) as stage:
        warehouse = Warehouse(stage)
        observers = Observers(warehouse, MILL, KILN)
        warehouse.sync()
        observers.look()
        stage.world.suspend("shy_loom")
        stage.clock.advance(DAY)
        output = warehouse.sync()
        expected = observers.look()

    assert report_of(output) == expected
    assert len(output.states(REPORT)[-1]["accounts"]) == 3


def test_x_names_that_are_new_make_the_same_rows() -> None:
    def table(dialect: str) -> dict[tuple[str, str], Json]:
        with Stage(MILL, RIVAL, accepts=(dialect,), default_dialect=dialect) as stage:
            accounts = ["lumen_mill", "rival_forge"]
            warehouse = Warehouse(stage, stage.config(sync_mode="SpecificAccounts", accounts=accounts))
            warehouse.sync()
            stage.clock.advance(DAY)
            warehouse.sync()
        return warehouse.table

    rows = table("tweet")
    assert table("post") == rows
    assert any(row["retweets"] for row in rows.values())


# What it costs -------------------------------------------------------------------------------------------------------


def test_beside_tweets_and_their_insights_it_is_made_of_the_same_requests() -> None:
    with Stage(MILL, RIVAL) as stage:
        config = stage.config(sync_mode="SpecificAccounts", accounts=["lumen_mill", "rival_forge"])
        asked: list[list[list[tuple[str, str, int]]]] = []
        for streams in (OF_POSTS, ALL_OF_POSTS):
            state: list[Json] = []
            asked.append([])
            for _ in range(3):
                stage.forget()
                state = stage.sync(*streams, config=config, state=state).state
                asked[-1].append(sorted((entry.path, str(entry.query), entry.billed_posts) for entry in stage.requests))

    assert asked[0] == asked[1]


def test_alone_it_reads_the_posts_of_the_last_30_days_once_without_retweets_and_originals() -> None:
    with Stage(MILL, RIVAL) as stage:
        config = stage.config(sync_mode="SpecificAccounts", accounts=["lumen_mill", "rival_forge"])
        stage.sync(REPORT, config=config)
        least = {name: len(tracked(stage.world, name, NOW)) for name in ("lumen_mill", "rival_forge")}
        pages = [*stage.private_pages("lumen_mill"), *stage.public_pages("rival_forge")]

    assert [entry for entry in stage.requests_to(TIMELINE) if entry not in pages] == []
    assert {entry.account: entry.billed_posts for entry in pages} == least


def test_beside_tweets_alone_what_is_older_than_their_look_back_is_read_once() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets", REPORT)
        stage.forget()
        second = stage.sync("tweets", REPORT, state=first.state)
        young = tracked(stage.world, "lumen_mill", NOW)

    assert len(report_of(second)) == len(first.rows(REPORT))
    assert billed(stage.private_pages()) <= len(young) + 1
    assert billed(stage.public_pages()) < billed(stage.private_pages()) / 2
    assert {entry.query["start_time"] for entry in stage.private_pages()} >= {"2026-10-21T09:31:00Z"}


def test_below_a_ceiling_on_posts_each_ones_rows_add_up_to_its_growth_between_the_snapshots_that_saw_it() -> None:
    with Stage(MILL) as stage:
        warehouse = Warehouse(stage, stage.config(max_post_reads_per_sync=25))
        for _ in range(12):
            assert warehouse.sync().error is None
            stage.clock.advance(DAY)
        posts = {str(post.id): post for post in stage.world.posts("lumen_mill")}
        seen = {tweet_id for tweet_id, _ in warehouse.table}
        for tweet_id in seen:
            rows = [row for key, row in sorted(warehouse.table.items()) if key[0] == tweet_id]
            start, end = (datetime.fromisoformat(text) for text in (rows[0]["period_start"], rows[-1]["period_end"]))
            is_new = rows[0]["period_start"] == in_seconds(instant(posts[tweet_id].created_ms))
            base = dict.fromkeys(METRICS) if is_new else counts(stage.world, tweet_id, start)
            assert total(rows) == growth(counts(stage.world, tweet_id, end), base)

    assert len(seen) > 60


def test_posts_that_a_ceiling_keeps_from_their_last_snapshot_are_warned_of_in_the_sync_that_loses_them() -> None:
    with Stage(AccountSpec("lumen_mill", posts=200, posts_per_day=4, mix=("original",))) as stage:
        warehouse = Warehouse(stage)
        warehouse.sync()
        said: list[tuple[int, int]] = []
        lost: list[tuple[int, int]] = []
        for _ in range(9):
            last = {key: instant(post.created_ms) for key, post in posts_of(stage).items()}
            before = {key: max_end(warehouse, key) for key in last}
            stage.clock.advance(DAY)
            warehouse.config = stage.config(max_post_reads_per_sync=30)
            now = stage.clock.now()
            said += [figures(line) for line in warehouse.sync().said("WARNING") if "came to 30 days of age" in line]
            ends = {key: made + TRACKED for key, made in last.items() if now - DAY <= made + TRACKED < now}
            gaps = [end - before[key] for key, end in ends.items() if now - before[key] > 2 * DAY]
            lost += [(len(gaps), -(-max(gaps) // DAY))] if gaps else []

    assert said == lost
    assert len(lost) > 4


def posts_of(stage: Stage) -> dict[str, Post]:
    return {str(post.id): post for post in stage.world.posts("lumen_mill", at=stage.clock.now())}


def max_end(warehouse: Warehouse, tweet_id: str) -> datetime:
    """Return a post's last snapshot; that of the base line where it has no row."""
    ends = [row["period_end"] for (key, _), row in warehouse.table.items() if key == tweet_id]
    return datetime.fromisoformat(max(ends, default=in_seconds(NOW)))


def figures(warning: str) -> tuple[int, int]:
    """Return how many posts a warning is about, and how many days they lost."""
    posts, days = (
        int(word)
        for word in warning.replace("the last day", "up to 1 days").split()
        if word.isdecimal() and word != "30"
    )
    return posts, days


# State ---------------------------------------------------------------------------------------------------------------


def state_of(blob: Json) -> list[Json]:
    return [{"type": "STREAM", "stream": {"stream_descriptor": {"name": REPORT}, "stream_state": blob}}]


def test_a_state_that_another_source_left_is_said_and_not_mixed_in() -> None:
    blob = {"version": 1, "source": "engagement_api", "accounts": {"17": {"anything": "at all"}}}
    with Stage(MILL) as stage:
        anew = stage.sync(REPORT, state=state_of(blob))
        plain = stage.sync(REPORT)

    assert anew.rows(REPORT) == plain.rows(REPORT)
    assert anew.states(REPORT) == plain.states(REPORT)
    (warning,) = anew.said("WARNING")
    assert "came from another source (engagement_api)" in warning
    assert "beginning with what posts earn from now on" in warning


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        ({"version": 2, "source": "x_api_snapshots", "accounts": {}}, "version 2, this connector writes 1"),
        ({"version": 1, "accounts": {}}, "it does not say where its figures come from"),
        ({"version": 1, "source": "x_api_snapshots", "accounts": {"17": {"tweets": ""}}}, "damaged"),
        (
            {
                "version": 1,
                "source": "x_api_snapshots",
                "accounts": {"17": {"since": NOW.isoformat(), "taken_at": NOW.isoformat(), "tweets": "AAAA"}},
            },
            "damaged",
        ),
    ],
)
def test_a_state_that_this_version_did_not_write_is_refused_with_words_and_nothing_is_read(
    blob: Json, reason: str
) -> None:
    with Stage(MILL) as stage:
        output = stage.sync(REPORT, state=state_of(blob))

    assert (output.rows(REPORT), stage.requests) == ([], [])
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert final["message"].startswith(f"The saved state of the stream {REPORT} cannot be read")
    assert reason in final["message"]


def test_a_full_refresh_is_a_base_line_and_no_more() -> None:
    with Stage(MILL) as stage:
        first = stage.sync(REPORT)
        stage.clock.advance(DAY)
        again = stage.sync(REPORT, state=first.state, mode="full_refresh")

    assert {row["date"] for row in again.rows(REPORT)} == {"2026-11-21"}
    assert any("base line" in line for line in again.said("INFO"))


def test_neither_timeframe_nor_look_back_changes_the_report() -> None:
    def table(*settings: Json) -> dict[tuple[str, str], Json]:
        with Stage(MILL) as stage:
            warehouse = Warehouse(stage)
            for setting in settings:
                warehouse.config = stage.config(**setting)
                warehouse.sync()
                stage.clock.advance(DAY)
        return warehouse.table

    plain: Json = {"timeframe_months": "THREE"}
    assert table(plain, plain, plain) == table(
        plain, {"timeframe_months": "TWELVE", "lookback_window_days": 30}, {"timeframe_months": "SIX"}
    )
