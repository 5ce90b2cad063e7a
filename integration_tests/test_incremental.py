"""One sync after another: what is read again, what is not, and that nothing is lost or deleted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from integration_tests import truth
from integration_tests.stage import NOW, OF_POSTS, STREAMS, Json, Output, Stage
from x_simulator import AccountSpec

MILL = AccountSpec("lumen_mill", "Lumen Mill", posts=300, posts_per_day=4)


def instants(output: Output, stream: str) -> list[datetime]:
    return [datetime.fromisoformat(row["created_at"]) for row in output.rows(stream)]


def young(stage: Stage, since: datetime, username: str = "lumen_mill") -> list[str]:
    posts = stage.world.posts(username)
    return [str(post.id) for post in posts if truth.instant(post.created_ms) >= since]


def newest(output: Output) -> datetime:
    return max(instants(output, "tweets"))


def test_a_second_sync_reads_the_look_back_before_the_newest_post_and_what_came_since() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets")
        stage.forget()
        stage.clock.advance(timedelta(days=1))
        second = stage.sync("tweets", state=first.state)
        start = newest(first) - timedelta(days=7)
        expected = truth.tweets(stage.world, "lumen_mill", stage.clock.now())
        wanted = young(stage, start)

    assert list(second.by_key("tweets")) == wanted
    assert second.by_key("tweets") == {id_: expected[id_] for id_ in wanted}
    assert {entry.query["start_time"] for entry in stage.public_pages()} == {truth.in_seconds(start)}


@pytest.mark.parametrize("days", [1, 30])
def test_the_look_back_is_as_long_as_the_user_says(days: int) -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets")
        second = stage.sync("tweets", state=first.state, config=stage.config(lookback_window_days=days))

    assert min(instants(second, "tweets")) - (newest(first) - timedelta(days=days)) < timedelta(hours=12)
    assert [row["id"] for row in second.rows("tweets")] == young(stage, newest(first) - timedelta(days=days))


@pytest.mark.parametrize("days", [2, 30, 45])
def test_tweet_insights_reads_the_whole_timeframe_once_and_then_posts_up_to_an_age(days: int) -> None:
    with Stage(MILL) as stage:
        config = stage.config(insights_window_days=days)
        first = stage.sync("tweet_insights", config=config)
        stage.forget()
        stage.clock.advance(timedelta(days=1))
        second = stage.sync("tweet_insights", config=config, state=first.state)
        wanted = young(stage, stage.clock.now() - timedelta(days=days))
        expected = truth.snapshots(stage.world, "lumen_mill", stage.clock.now(), window=days)

    assert len(first.rows("tweet_insights")) == 300
    assert {row["tweet_id"]: row for row in second.rows("tweet_insights")} == {id_: expected[id_] for id_ in wanted}
    start = truth.in_seconds(stage.clock.now() - timedelta(days=days))
    assert {entry.query["start_time"] for entry in stage.public_pages()} == {start}


def test_both_streams_of_posts_get_each_its_own_window_from_one_reading() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets", "tweet_insights")
        stage.forget()
        stage.clock.advance(timedelta(days=1))
        second = stage.sync("tweets", "tweet_insights", state=first.state)
        tweets, snapshots = young(stage, newest(first) - timedelta(days=7)), young(stage, NOW - timedelta(days=29))

    assert [row["id"] for row in second.rows("tweets")] == tweets
    assert [row["tweet_id"] for row in second.rows("tweet_insights")] == snapshots
    assert len(tweets) < len(snapshots)
    assert len(stage.public_pages()) == -(-len(snapshots) // 100)


def test_a_new_post_an_edit_and_late_counters_arrive_and_replace_by_key() -> None:
    with Stage(AccountSpec("lumen_mill", posts=40, posts_per_day=4, mix=("original",))) as stage:
        edited = stage.world.add_post("lumen_mill", "Teh first version", at=NOW - timedelta(minutes=20))
        first = stage.sync("tweets")
        stage.clock.advance(timedelta(minutes=10))
        version = stage.world.edit_post(edited, "The second version")
        added = stage.world.add_post("lumen_mill", "Brand new")
        second = stage.sync("tweets", state=first.state)
        expected = truth.tweets(stage.world, "lumen_mill", stage.clock.now())

    table = first.by_key("tweets") | second.by_key("tweets")
    assert table[added] == expected[added]
    assert table[version] == expected[version]
    # The first version keeps its row; the root says that the two are one post.
    assert table[version]["root_tweet_id"] == table[edited]["root_tweet_id"] == edited
    recent = [id_ for id_ in first.by_key("tweets") if id_ in second.by_key("tweets")]
    assert recent
    grown = [id_ for id_ in recent if table[id_]["impression_count"] != first.by_key("tweets")[id_]["impression_count"]]
    assert grown
    assert all(table[id_] == expected[id_] for id_ in recent)


def test_an_account_that_posted_nothing_since_costs_its_look_back_and_nothing_else() -> None:
    with Stage(AccountSpec("lumen_mill", posts=30, posts_per_day=0.01)) as stage:
        first = stage.sync("tweets")
        stage.forget()
        stage.clock.advance(timedelta(days=2))
        second = stage.sync("tweets", state=first.state)

    assert len(second.rows("tweets")) <= 1
    assert len(stage.public_pages()) == 1
    assert second.error is None
    assert second.states("tweets")


def test_an_empty_account_is_read_again_from_its_last_reading_and_its_first_post_is_found() -> None:
    with Stage(AccountSpec("quiet_loom", posts=0, posts_per_day=0.0001)) as stage:
        first = stage.sync("tweets")
        stage.forget()
        stage.clock.advance(timedelta(days=100))
        late = stage.world.add_post("quiet_loom", "At last", at=NOW + timedelta(hours=1))
        second = stage.sync("tweets", state=first.state)

    assert first.rows("tweets") == []
    assert {row["id"] for row in second.rows("tweets")} >= {late}
    assert {entry.query["start_time"] for entry in stage.public_pages()} == {truth.in_seconds(NOW - timedelta(days=7))}


def test_after_a_pause_longer_than_every_window_there_is_no_gap() -> None:
    with Stage(MILL) as stage:
        config = stage.config(timeframe_months="THREE")
        first = stage.sync("tweets", "tweet_insights", config=config)
        stage.clock.advance(timedelta(days=200))
        second = stage.sync("tweets", "tweet_insights", config=config, state=first.state)
        since_then = set(young(stage, NOW))

    assert len(since_then) > 700
    assert {row["id"] for row in second.rows("tweets")} >= since_then
    assert {row["tweet_id"] for row in second.rows("tweet_insights")} >= since_then


def test_a_widened_timeframe_reads_only_the_missing_part_beside_the_look_back() -> None:
    with Stage(AccountSpec("lumen_mill", posts=600, posts_per_day=4)) as stage:
        first = stage.sync("tweets", config=stage.config(timeframe_months="THREE"))
        stage.forget()
        second = stage.sync("tweets", config=stage.config(timeframe_months="SIX"), state=first.state)
        everything = young(stage, datetime.fromisoformat("2026-05-20T00:00:00Z"))

    windows = {(entry.query["start_time"], entry.query.get("end_time")) for entry in stage.public_pages()}
    look_back = truth.in_seconds(newest(first) - timedelta(days=7))
    assert windows == {(look_back, None), ("2026-05-20T00:00:00Z", "2026-08-20T00:00:01Z")}
    assert first.by_key("tweets").keys() | second.by_key("tweets").keys() == set(everything)
    again = first.by_key("tweets").keys() & second.by_key("tweets").keys()
    assert again == set(young(stage, newest(first) - timedelta(days=7)))
    assert second.states("tweets")[-1]["accounts"][stage.world.user_id("lumen_mill")]["covered"] == [
        ["2026-05-20T00:00:00.000Z", "2026-11-20T09:30:00.000Z"]
    ]


def test_a_narrowed_timeframe_deletes_nothing_and_reads_nothing_extra() -> None:
    with Stage(AccountSpec("lumen_mill", posts=600, posts_per_day=4)) as stage:
        first = stage.sync("tweets", config=stage.config(timeframe_months="SIX"))
        plain = stage.sync("tweets", config=stage.config(timeframe_months="SIX"), state=first.state)
        narrow = stage.sync("tweets", config=stage.config(timeframe_months="THREE"), state=first.state)
        wide_again = stage.sync("tweets", config=stage.config(timeframe_months="SIX"), state=narrow.state)

    assert narrow.rows("tweets") == wide_again.rows("tweets") == plain.rows("tweets")
    assert narrow.states("tweets")[-1] == plain.states("tweets")[-1]


def test_an_account_that_is_added_later_gets_its_whole_history() -> None:
    kiln = AccountSpec("tiny_kiln", posts=60, posts_per_day=1)
    with Stage(MILL, kiln) as stage:
        first = stage.sync("tweets", config=stage.competitors("lumen_mill"))
        second = stage.sync("tweets", config=stage.competitors("lumen_mill", "tiny_kiln"), state=first.state)
        third = stage.sync("tweets", config=stage.competitors("tiny_kiln"), state=second.state)

    kilns = [row for row in second.rows("tweets") if row["account_id"] == stage.world.user_id("tiny_kiln")]
    assert len(kilns) == 60
    assert set(third.states("tweets")[-1]["accounts"]) == {
        stage.world.user_id("lumen_mill"),
        stage.world.user_id("tiny_kiln"),
    }


def test_a_full_refresh_reads_everything_whatever_the_state_says() -> None:
    with Stage(MILL) as stage:
        first = stage.sync("tweets", "tweet_insights")
        again = stage.sync("tweets", "tweet_insights", state=first.state, mode="full_refresh")

    assert again.rows("tweets") == first.rows("tweets")
    assert again.rows("tweet_insights") == first.rows("tweet_insights")


@pytest.mark.parametrize("stream", OF_POSTS)
def test_a_widened_timeframe_brings_the_missing_history_of_every_stream_and_a_narrowed_one_takes_nothing_away(
    stream: str,
) -> None:
    with Stage(AccountSpec("lumen_mill", posts=300, posts_per_day=1.5)) as stage:
        months = [stage.config(timeframe_months=name) for name in ("THREE", "SIX", "THREE")]
        first = stage.sync(stream, config=months[0])
        stage.forget()
        wider = stage.sync(stream, config=months[1], state=first.state)
        asked = {(entry.query["start_time"], entry.query.get("end_time")) for entry in stage.public_pages()}
        narrower = stage.sync(stream, config=months[2], state=wider.state)
        wanted = young(stage, datetime.fromisoformat("2026-05-20T00:00:00Z"))

    assert first.by_key(stream).keys() < (first.by_key(stream) | wider.by_key(stream)).keys()
    assert len(first.by_key(stream) | wider.by_key(stream)) == len(wanted)
    assert len(asked) == 2
    assert ("2026-05-20T00:00:00Z", "2026-08-20T00:00:01Z") in asked
    assert narrower.states(stream)[-1] == wider.states(stream)[-1]
    assert len(narrower.rows(stream)) < len(first.rows(stream))


def test_an_account_that_is_added_later_gets_the_history_of_every_stream_that_has_one() -> None:
    kiln = AccountSpec("tiny_kiln", posts=60, posts_per_day=1)
    with Stage(MILL, kiln) as stage:
        first = stage.sync(config=stage.competitors("lumen_mill"))
        second = stage.sync(config=stage.competitors("lumen_mill", "tiny_kiln"), state=first.state)
        kiln_id = stage.world.user_id("tiny_kiln")

    counts = {name: sum(row["account_id"] == kiln_id for row in second.rows(name)) for name in STREAMS}
    assert counts == {"accounts": 1, "account_insights": 1, "tweets": 60, "tweet_insights": 60}


@pytest.mark.parametrize("stream", ["account_insights", *OF_POSTS])
def test_a_state_that_the_first_version_wrote_is_gone_on_with(stream: str) -> None:
    with Stage(MILL) as stage:
        entry = {"cursor": "2026-11-19", "covered": [["2006-03-21T00:00:00.000Z", "2026-11-19T09:30:00.000Z"]]}
        if stream == "tweets":
            entry["cursor"] = "2026-11-19T08:00:00.000Z"
        blob = {"version": 1, "accounts": {stage.world.user_id("lumen_mill"): entry}}
        output = stage.sync(stream, state=state_of(blob, stream))

    assert output.error is None
    assert output.said("WARNING") == []
    assert 0 < len(output.rows(stream)) < 130
    (account,) = output.states(stream)[-1]["accounts"].values()
    assert account["cursor"] >= "2026-11-20"


def state_of(blob: Json, stream: str = "tweets") -> list[Json]:
    return [{"type": "STREAM", "stream": {"stream_descriptor": {"name": stream}, "stream_state": blob}}]


@pytest.mark.parametrize("stream", ["account_insights", *OF_POSTS, "api_usage", "sync_coverage"])
@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        ({"version": 2, "accounts": {}}, "version 2, this connector writes 1"),
        ({"version": True, "accounts": {}}, "version True, this connector writes 1"),
        ({"since_id": "17"}, "version None, this connector writes 1"),
        ({"version": 1, "accounts": "17"}, "damaged"),
        ({"version": 1, "accounts": {"17": {"cursor": "x"}}}, "damaged"),
        ({"version": 1, "accounts": {"17": {"cursor": "2026-13-40"}}}, "damaged"),
        ({"version": 1, "accounts": {"17": {"cursor": 5}}}, "damaged"),
        ({"version": 1, "accounts": {"17": "yesterday"}}, "damaged"),
        ({"version": 1, "accounts": {"17": {"cursor": None, "covered": [["soon", "late"]]}}}, "damaged"),
    ],
)
def test_a_state_of_another_version_is_refused_with_words_and_nothing_is_read(
    blob: Json, reason: str, stream: str
) -> None:
    with Stage(MILL) as stage:
        output = stage.sync(stream, state=state_of(blob, stream))

    assert output.rows(stream) == []
    assert stage.requests == []
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert final["message"].startswith(f"The saved state of the stream {stream} cannot be read")
    assert reason in final["message"]
    assert "Reset the stream" in final["message"]


@pytest.mark.parametrize(
    ("stream", "blob", "reason"),
    [
        ("sync_coverage", {"accounts": {"17": {"cursor": "2026-11-20", "username": True}}}, "it is damaged"),
        ("sync_coverage", {"accounts": {"17": {"cursor": "2026-11-20", "gaps": [1]}}}, "it is damaged"),
        ("account_insights", {"accounts": {"17": {"cursor": "2026-11-20T09:30:00Z"}}}, "it is damaged"),
        ("tweet_insights", {"accounts": {"17": {"cursor": "2026-11-20T09:30:00Z"}}}, "it is damaged"),
        ("tweets", {"read_from": "x", "accounts": {}}, "it was read from 'x', which this connector does not know"),
        ("tweets", {"read_from": [], "accounts": {}}, "it was read from [], which this connector does not know"),
    ],
)
def test_what_a_stream_alone_has_in_its_state_is_refused_with_words_too(stream: str, blob: Json, reason: str) -> None:
    with Stage(MILL) as stage:
        output = stage.sync(stream, state=state_of({"version": 1, **blob}, stream))

    assert stage.requests == []
    assert output.failures[-1]["failure_type"] == "config_error"
    assert f"The saved state of the stream {stream} cannot be read ({reason}" in output.failures[-1]["message"]


@pytest.mark.parametrize(
    "blob", [{}, {"__ab_no_cursor_state_message": True}, {"__ab_full_refresh_sync_complete": True}]
)
def test_a_state_without_content_is_a_first_sync(blob: Json) -> None:
    with Stage(MILL) as stage:
        output = stage.sync("tweets", state=state_of(blob))

    assert len(output.rows("tweets")) == 300


def test_xs_ceiling_is_said_where_it_ends_the_reading_before_the_timeframe_does() -> None:
    busy = AccountSpec("lumen_mill", posts=3500, posts_per_day=20, mix=("original",))
    with Stage(busy) as stage:
        output = stage.sync("tweets")

    assert len(output.rows("tweets")) == 3200
    assert output.error is None
    (warning,) = output.said("WARNING")
    assert "newest 3,200 posts of @lumen_mill" in warning


def test_the_ceiling_is_not_mentioned_where_the_timeframe_is_shorter() -> None:
    busy = AccountSpec("lumen_mill", posts=3500, posts_per_day=20, mix=("original",))
    with Stage(busy) as stage:
        output = stage.sync("tweets", config=stage.config(timeframe_months="THREE"))

    assert 1800 < len(output.rows("tweets")) < 1900
    assert output.said("WARNING") == []


def test_reading_over_and_over_ends_with_the_same_table_as_reading_once() -> None:
    with Stage(AccountSpec("lumen_mill", posts=200, posts_per_day=6, mix=("original", "reply", "quote"))) as stage:
        table: dict[str, Json] = {}
        state: list[Json] = []
        for _ in range(5):
            output = stage.sync("tweets", state=state, config=stage.config(lookback_window_days=30))
            table |= output.by_key("tweets")
            state = output.state
            stage.clock.advance(timedelta(days=3))
        once = stage.sync("tweets").by_key("tweets")

    # What the last sync did not see has been posted since; everything else is there.
    missing = once.keys() - table.keys()
    assert all(datetime.fromisoformat(once[id_]["created_at"]) > NOW + timedelta(days=12) for id_ in missing)
    assert table.keys() <= once.keys()


def test_a_stream_that_is_not_selected_says_nothing_and_keeps_its_state_out() -> None:
    with Stage(MILL) as stage:
        first = stage.sync()
        second = stage.sync("tweet_insights", state=first.state)

    assert {record["stream"] for record in second.of_type("RECORD")} == {"tweet_insights"}
    assert {state["stream"]["stream_descriptor"]["name"] for state in second.of_type("STATE")} == {"tweet_insights"}
    assert second.statuses("tweets") == []
