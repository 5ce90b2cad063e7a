"""Models that others built on Fivetran's tables go on working: two syncs in PostgreSQL, and SQL as such models have it.

The SQL is the tests' own. It follows how the public dbt package is known to treat these tables: the latest version of a
user and of an account by `_fivetran_synced`, ids of users as numbers, and one row in the end for each reported row.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests import fivetran_truth as truth
from integration_tests.destination import loaded
from integration_tests.fivetran_stage import EAST, FIRST, LATER, WEST, FivetranStage
from integration_tests.postgresql import PostgreSQL, postgresql, programs
from integration_tests.stage import NOW, Json
from integration_tests.truth import in_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MODEL = """
with accounts as (
    select id, name from (
        select *, row_number() over (partition by id order by _fivetran_synced desc) as version from account_history
    ) as versions
    where version = 1
), users as (
    select id::bigint as user_id, name, screen_name from (
        select *, row_number() over (partition by id order by _fivetran_synced desc) as version
        from twitter_user_history
    ) as versions
    where version = 1
), tweets as (
    select *, user_id::bigint as author_id, 'https://twitter.com/p/status/' || id as post_url from tweet
)
select
    report.date as date_day,
    report.account_id as reported_by,
    report.organic_tweet_id,
    accounts.name as account_name,
    users.name as user_name,
    tweets.full_text,
    tweets.post_url,
    tweets.created_at,
    {metrics}
from organic_tweet_report as report
left join tweets on report.organic_tweet_id = tweets.id
left join accounts on tweets.account_id = accounts.id
left join users on tweets.author_id = users.user_id
""".replace("{metrics}", ", ".join(f"report.{name}" for name in truth.METRICS))

SCHEMAS = {"all_deduped": "deduped", "histories_appended": "histories, deduped"}
"""Where the models find the tables, first to last, by the sync modes that the user chose."""

both = pytest.mark.parametrize("models", SCHEMAS)


@dataclass(frozen=True)
class Warehouse:
    """Two syncs in a database, and the truth about the report: `earliest` and `latest` as X may have counted it."""

    database: PostgreSQL
    stage: FivetranStage
    now: datetime
    earliest: dict[str, Json]
    latest: dict[str, Json]

    def rows(self, query: str) -> list[Json]:
        return self.database.rows(query)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    server = programs()
    if server is None:
        pytest.skip("no PostgreSQL server is installed here (Debian: apt-get install postgresql)")
    with FivetranStage() as stage, postgresql(server) as database:
        first = stage.read()
        between = stage.clock.now()
        stage.clock.advance(LATER)
        stage.world.ads.rename(stage.ads_id(WEST), "Mill & Daughters")
        stage.world.change_profile("tiny_kiln", name="Tiny Kiln & Co")
        start = stage.clock.now()
        second = stage.read(after=first)
        end = stage.clock.now()
        database.run(loaded([first, second]) + modelled())
        next_day = FIRST + timedelta(days=1)
        earliest = stage.reported(NOW) | stage.reported(start, first=next_day)
        latest = stage.reported(between) | stage.reported(end, first=next_day)
        yield Warehouse(database, stage, end, earliest, latest)


def modelled() -> str:
    """Return a script that builds the models on top of both ways to load."""
    script = ["create schema histories;"]
    script += [
        f"create view histories.{table} as table appended.{table};"
        for table in ("account_history", "twitter_user_history")
    ]
    for models, schemas in SCHEMAS.items():
        script.append(f"create schema {models}; set search_path = {schemas}; create view {models}.posts as {MODEL};")
    return "\n" + "\n".join(script)


def instant(written: str) -> str:
    """Return an instant as the connector writes it."""
    return in_seconds(datetime.fromisoformat(written))


def key(row: Json) -> str:
    return f"{row['reported_by']} {row['organic_tweet_id']} {instant(row['date_day'])}"


@both
def test_the_model_has_a_row_for_each_reported_one_with_what_the_tweet_earned(
    warehouse: Warehouse, models: str
) -> None:
    rows = warehouse.rows(f"table {models}.posts")

    assert len(rows) == len(warehouse.earliest) > 5_000
    assert {key(row) for row in rows} == warehouse.earliest.keys() == warehouse.latest.keys()
    for row in rows:
        low, high = warehouse.earliest[key(row)], warehouse.latest[key(row)]
        assert all(low[name] <= row[name] <= high[name] for name in truth.METRICS)


@both
def test_every_row_has_the_tweet_with_the_present_names_of_its_account_and_user(
    warehouse: Warehouse, models: str
) -> None:
    posts = warehouse.rows(
        "select distinct organic_tweet_id, account_name, user_name, full_text, post_url, created_at "  # noqa: S608 - ours
        f"from {models}.posts"
    )
    world, now = warehouse.stage.world, warehouse.now
    beginning = truth.midnight(FIRST, world.ads.named(EAST).timezone)
    expected = [
        (tweet, account, user)
        for username, account, user in (
            ("lumen_mill", "Mill & Daughters", "Lumen Mill"),
            ("tiny_kiln", EAST, "Tiny Kiln & Co"),
        )
        for tweet in truth.tweets(world, username, account, since=beginning, now=now).values()
    ]
    reported = {row["organic_tweet_id"] for row in warehouse.earliest.values()}

    assert {row["organic_tweet_id"]: row for row in posts} == {
        tweet["id"]: {
            "organic_tweet_id": tweet["id"],
            "account_name": account,
            "user_name": user,
            "full_text": tweet["full_text"],
            "post_url": f"https://twitter.com/p/status/{tweet['id']}",
            "created_at": tweet["created_at"].replace("Z", "+00:00"),
        }
        for tweet, account, user in expected
        if tweet["id"] in reported
    }
    assert len(posts) == len(reported)


@both
def test_days_add_up_to_what_each_account_reported(warehouse: Warehouse, models: str) -> None:
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in truth.METRICS)
    days = warehouse.rows(f"select reported_by, date_day, {sums} from {models}.posts group by reported_by, date_day")  # noqa: S608 - ours
    low, high = added_up(warehouse.earliest.values()), added_up(warehouse.latest.values())

    assert {(row["reported_by"], instant(row["date_day"])) for row in days} == low.keys() == high.keys()
    for row in days:
        day = row["reported_by"], instant(row["date_day"])
        assert all(low[day][name] <= row[name] <= high[day][name] for name in truth.METRICS)
    assert {account for account, _ in low} == {warehouse.stage.ads_id(name) for name in (WEST, EAST)}
    assert min(sum(row[name] for row in days) for name in truth.METRICS) > 0


def added_up(rows: Iterable[Json]) -> dict[tuple[str, str], Counter[str]]:
    """Return the truth's sums by account and day."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        sums.setdefault((row["account_id"], row["date"]), Counter()).update({name: row[name] for name in truth.METRICS})
    return sums


def test_both_versions_of_a_renamed_account_are_kept_and_the_later_one_is_the_current(warehouse: Warehouse) -> None:
    query = "select id, name from {}.account_history order by id, {}"

    kept = warehouse.rows(query.format("deduped", "updated_at"))
    assert kept == warehouse.rows(query.format("deduped", "_fivetran_synced"))
    names = [row["name"] for row in kept if row["id"] == warehouse.stage.ads_id(WEST)]
    assert names == [WEST, "Mill & Daughters"]
    assert [row["name"] for row in kept if row["id"] == warehouse.stage.ads_id(EAST)] == [EAST]


def test_both_versions_of_a_user_are_kept_where_the_table_is_appended_to(warehouse: Warehouse) -> None:
    query = "select name from {}.twitter_user_history where screen_name = 'tiny_kiln' order by _fivetran_synced"

    assert warehouse.rows(query.format("appended")) == [{"name": "Tiny Kiln"}, {"name": "Tiny Kiln & Co"}]
    assert warehouse.rows(query.format("deduped")) == [{"name": "Tiny Kiln & Co"}]


@pytest.mark.parametrize("table", ["tweet", "organic_tweet_report"])
def test_the_second_sync_read_rows_again_that_are_one_row_each_in_the_table(warehouse: Warehouse, table: str) -> None:
    (counted,) = warehouse.rows(
        f"select (select count(*) from appended.{table}) as came, (select count(*) from deduped.{table}) as kept"  # noqa: S608 - ours
    )
    assert counted["came"] > counted["kept"] > 0
