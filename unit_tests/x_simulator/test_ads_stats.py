"""Statistics of the Ads API at once: what it answers, and all that it refuses."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit_tests.x_simulator.asking import Asked, Client
from unit_tests.x_simulator.conftest import ANCHOR, LUMEN, NOOK
from x_simulator import AccountSpec, AdsAccountSpec, SimulatedClock, World
from x_simulator.accounts import PostKind
from x_simulator.ads_api.metrics import ENGAGEMENT, ORGANIC, VIDEO, organic_metrics
from x_simulator.ads_api.questions import ORGANIC_TWEET, Question
from x_simulator.ads_api.stats import answered
from x_simulator.ads_api.windows import Window, bounds, start_of_day

PATH = f"/12/stats/accounts/{LUMEN}"
ZONES = ("America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata")
WEEK = {"start_time": "2026-11-13T08:00:00Z", "end_time": "2026-11-20T08:00:00Z"}
FRACTIONAL = "Time cannot be fractional hours"
NO_MIDNIGHT = "Expect time to be midnight in the account's local timezone for day granularity"
NO_GROUPS = "Valid metric groups for entity OrganicTweet are Engagement,Video"


def ask(client: Client, path: str = PATH, user: str = "lumen_mill", **changes: Any) -> Asked:  # noqa: ANN401 - texts
    """Ask for the newest tweet's last week, changed as told; None leaves a parameter out."""
    query: dict[str, object] = {
        "entity": ORGANIC_TWEET,
        "entity_ids": client.simulator.world.post_ids("lumen_mill")[0],
        "granularity": "DAY",
        "metric_groups": "ENGAGEMENT,VIDEO",
        "placement": "ALL_ON_TWITTER",
        **WEEK,
        **changes,
    }
    return client.get(path, user=user, **{name: value for name, value in query.items() if value is not None})


def complaints(asked: Asked) -> list[tuple[str, str | None, str]]:
    assert asked.status == 400
    return [(error["code"], error.get("parameter"), error["message"]) for error in asked.body["errors"]]


def metrics(body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return dict(body["data"][0]["id_data"][0]["metrics"])


# What is answered ----------------------------------------------------------------------------------------------------


def test_an_answer_has_one_array_for_each_metric_and_repeats_the_question(client: Client) -> None:
    newest = client.simulator.world.post_ids("lumen_mill")[:2]
    local = {"start_time": "2026-11-13", "end_time": "2026-11-20T00:00:00-0800"}
    body = ask(client, entity_ids=",".join(newest), **local).body
    assert {name: body[name] for name in ("data_type", "time_series_length")} == {
        "data_type": "stats",
        "time_series_length": 7,
    }
    assert [item["id"] for item in body["data"]] == newest
    assert [list(item["id_data"][0]["metrics"]) for item in body["data"]] == [[*ENGAGEMENT, *VIDEO]] * 2
    assert [(len(item["id_data"]), item["id_data"][0]["segment"]) for item in body["data"]] == [(1, None)] * 2
    assert body["request"]["params"] == {
        "start_time": "2026-11-13T08:00:00Z",
        "end_time": "2026-11-20T08:00:00Z",
        "entity": "ORGANIC_TWEET",
        "entity_ids": newest,
        "granularity": "DAY",
        "placement": "ALL_ON_TWITTER",
        "metric_groups": ["ENGAGEMENT", "VIDEO"],
        "segmentation_type": None,
        "country": None,
        "platform": None,
    }


@pytest.mark.parametrize("kind", [PostKind.ORIGINAL, PostKind.VIDEO, PostKind.RETWEET])
def test_days_hold_what_the_world_counted_and_null_where_that_is_nothing(client: Client, kind: PostKind) -> None:
    world = client.simulator.world
    post = next(post for post in world.posts("lumen_mill")[8:] if post.kind is kind)
    start = datetime.fromisoformat(WEEK["start_time"])
    days = [
        organic_metrics(world, post.id, start + timedelta(days=day), start + timedelta(days=day + 1))
        for day in range(7)
    ]
    truth = {name: [day[name] for day in days] for name in ORGANIC}
    expected = {name: column if any(column) else None for name, column in truth.items()}
    assert metrics(ask(client, entity_ids=post.id).body) == expected
    assert (expected["video_total_views"] is None) == (kind is not PostKind.VIDEO)
    assert (expected["impressions"] is None) == (kind is PostKind.RETWEET)


def test_only_the_groups_that_are_asked_for_are_answered(client: Client) -> None:
    assert list(metrics(ask(client, metric_groups="VIDEO").body)) == list(VIDEO)
    assert list(metrics(ask(client, metric_groups="ENGAGEMENT").body)) == list(ENGAGEMENT)


def test_nothing_is_counted_before_it_has_happened(client: Client, clock: SimulatedClock) -> None:
    newest = client.simulator.world.post_ids("lumen_mill")[0]
    ahead = {"entity_ids": newest, "start_time": "2026-11-20", "end_time": "2026-11-24"}
    before = metrics(ask(client, **ahead).body)["impressions"]
    clock.advance(timedelta(days=2).total_seconds())
    after = metrics(ask(client, **ahead).body)["impressions"]
    assert before[1:] == [0, 0, 0]
    assert (after[0] > before[0], after[1] > 0, after[3]) == (True, True, 0)


def test_a_deleted_tweet_still_has_statistics(client: Client) -> None:
    world = client.simulator.world
    oldest = world.post_ids("lumen_mill")[9]
    before = metrics(ask(client, entity_ids=oldest).body)
    world.delete_post(oldest)
    assert metrics(ask(client, entity_ids=oldest).body) == before
    assert before["impressions"] is not None


def test_every_promotable_user_has_statistics(client: Client) -> None:
    others = [client.simulator.world.post_ids(name)[0] for name in ("tiny_kiln", "rival_press")]
    body = ask(client, entity_ids=",".join(others)).body
    assert [item["id"] for item in body["data"]] == others


def test_days_are_those_of_the_account(client: Client) -> None:
    newest = client.simulator.world.post_ids("hidden_nook")[0]
    local = {"start_time": "2026-11-13T18:30:00Z", "end_time": "2026-11-20T00:00:00+05:30"}
    body = ask(client, f"/12/stats/accounts/{NOOK}", "hidden_nook", entity_ids=newest, **local).body
    assert (body["time_series_length"], body["request"]["params"]["start_time"]) == (6, "2026-11-13T18:30:00Z")


@pytest.mark.parametrize("entity", ["ACCOUNT", "CAMPAIGN", "LINE_ITEM", "PROMOTED_TWEET"])
def test_a_world_without_ads_has_nothing_to_tell_of_them(client: Client, entity: str) -> None:
    body = ask(client, entity=entity, entity_ids="8wku2", metric_groups="BILLING", placement="TREND").body
    assert metrics(body) == {"billed_engagements": None, "billed_charge_local_micro": None}


# What is refused -----------------------------------------------------------------------------------------------------


def test_an_api_without_the_organic_entity_says_so(make_client: Callable[..., Client]) -> None:
    asked = ask(make_client(organic_entity=False))
    [(code, parameter, message)] = complaints(asked)
    assert (code, parameter) == ("INVALID_PARAMETER", "entity")
    assert "ORGANIC_TWEET" in message
    assert asked.body["request"] == {"params": {"account_id": LUMEN}}


def test_an_api_without_statistics_of_retweets_refuses_them_like_tweets_that_are_not_there(
    make_client: Callable[..., Client],
) -> None:
    client = make_client(retweet_statistics=False)
    world = client.simulator.world
    posts = [world.find_post(int(id_), 2**62) for id_ in world.post_ids("lumen_mill")]
    retweet = next(post for post in posts if post and post.kind is PostKind.RETWEET)
    [(code, parameter, message)] = complaints(ask(client, entity_ids=retweet.id))
    assert (code, parameter) == ("INVALID_PARAMETER", "entity_ids")
    assert str(retweet.id) in message


@pytest.mark.parametrize(("most", "status"), [(7, 200), (6, 400)])
def test_a_question_about_too_many_tweets_and_days_is_too_complex(
    make_client: Callable[..., Client], most: int, status: int
) -> None:
    asked = ask(make_client(most_tweet_days=most))
    assert asked.status == status
    assert [each["code"] for each in asked.body.get("errors", ())] == ["REQUEST_TOO_COMPLEX"] * (status == 400)


@pytest.mark.parametrize(
    "name", ["entity", "entity_ids", "granularity", "metric_groups", "placement", "start_time", "end_time"]
)
def test_every_parameter_is_required(client: Client, name: str) -> None:
    without: dict[str, Any] = {name: None}
    [(code, parameter, _)] = complaints(ask(client, **without))
    assert (code, parameter) == ("MISSING_PARAMETER", name)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entity": "ORGANIC"}, ["entity"]),
        ({"entity_ids": ",".join(str(number) for number in range(10**18, 10**18 + 21))}, ["entity_ids"]),
        ({"entity_ids": ""}, ["entity_ids"]),
        ({"entity_ids": "8wku2"}, ["entity_ids"]),
        ({"entity_ids": "20"}, ["entity_ids"]),
        ({"granularity": "day"}, ["granularity"]),
        ({"granularity": "WEEK"}, ["granularity"]),
        ({"metric_groups": "ENGAGEMENT,MEDIA"}, ["metric_groups", None]),
        ({"placement": "SPOTLIGHT"}, ["placement"]),
        ({"placement": "ALL_ON_TWITTER,TREND"}, ["placement"]),
        ({"placement": "PUBLISHER_NETWORK", "granularity": "MONTH"}, ["granularity", "placement"]),
        ({"segmentation_type": "AGE"}, ["segmentation_type"]),
        ({"country": "US"}, ["country"]),
    ],
)
def test_other_values_are_refused_by_name(client: Client, changes: dict[str, str], expected: list[str | None]) -> None:
    found = complaints(ask(client, **changes))
    assert [(code, parameter) for code, parameter, _ in found] == [("INVALID_PARAMETER", name) for name in expected]


def test_twenty_tweets_are_answered_at_once(client: Client) -> None:
    newest = client.simulator.world.post_ids("lumen_mill")[:20]
    assert [item["id"] for item in ask(client, entity_ids=",".join(newest)).body["data"]] == newest


def test_other_metric_groups_are_refused_as_recorded(client: Client) -> None:
    asked = ask(client, metric_groups="ENGAGEMENT,BILLING")
    assert asked.body["errors"] == [{"code": "INVALID_PARAMETER", "message": NO_GROUPS}]


def test_tweets_of_others_are_refused(client: Client) -> None:
    world = client.simulator.world
    own, foreign = world.post_ids("lumen_mill")[0], world.post_ids("hidden_nook")[0]
    asked = ask(client, entity_ids=f"{own},{foreign}")
    assert [(error["parameter"], error["value"]) for error in asked.body["errors"]] == [("entity_ids", foreign)]


def test_a_time_that_is_none_is_refused_as_documented(client: Client) -> None:
    assert ask(client, start_time="").body["errors"] == [
        {
            "code": "INVALID_PARAMETER",
            "message": 'Expected time, got "" for start_time',
            "parameter": "start_time",
            "details": "invalid date",
            "value": "",
        }
    ]


@pytest.mark.parametrize(
    ("start", "end", "granularity", "messages"),
    [
        ("2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z", "DAY", [NO_MIDNIGHT] * 2),
        ("2026-11-13T08:00:00Z", "2026-11-20T07:00:00Z", "DAY", [NO_MIDNIGHT]),
        ("2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z", "DAY", [NO_MIDNIGHT]),
        ("2026-11-13T08:30:00Z", "2026-11-14T08:00:00Z", "HOUR", [FRACTIONAL]),
        ("2026-11-13", "2026-11-13", "DAY", ["The end_time must be after the start_time"]),
        ("2026-11-13", "2026-11-21", "DAY", ["The end_time can be a maximum of 7.days+1.hours after the start_time"]),
    ],
)
def test_windows_lie_on_the_accounts_clocks(
    client: Client, start: str, end: str, granularity: str, messages: list[str]
) -> None:
    found = complaints(ask(client, start_time=start, end_time=end, granularity=granularity))
    assert found == [("INVALID_TIME_WINDOW", "", message) for message in messages]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-10-28", "2026-11-04", 7),
        ("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z", 1),
        ("2026-03-08", "2026-03-09", 1),
    ],
)
def test_a_change_of_clocks_needs_no_other_question(client: Client, start: str, end: str, count: int) -> None:
    assert ask(client, start_time=start, end_time=end).body["time_series_length"] == count


# Sums ----------------------------------------------------------------------------------------------------------------

WORLD = World(
    3,
    [AccountSpec("lumen_mill", posts=300, posts_per_day=0.8, followers=90_000)],
    ANCHOR,
    ads_accounts=[AdsAccountSpec(zone, (("lumen_mill", "FULL"),), timezone=zone) for zone in ZONES],
)
POSTS = WORLD.posts("lumen_mill")
NOW_MS = int(ANCHOR.timestamp() * 1000)


def counted(zone: str, post_id: int, granularity: str, window: Window) -> tuple[int, dict[str, list[int]]]:
    question = Question(ORGANIC_TWEET, (str(post_id),), granularity, ("ENGAGEMENT", "VIDEO"), "", window, ())
    body = answered(WORLD, question, WORLD.ads.named(zone).timezone, NOW_MS)
    count = body["time_series_length"]
    return count, {name: column or [0] * count for name, column in metrics(body).items()}


def summed(*parts: dict[str, list[int]]) -> dict[str, int]:
    return {name: sum(sum(part[name]) for part in parts) for name in ORGANIC}


@given(
    zone=st.sampled_from(ZONES),
    post=st.sampled_from(POSTS),
    first=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    lengths=st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=6),
)
def test_buckets_add_up_however_time_is_cut(zone: str, post: Any, first: date, lengths: list[int]) -> None:  # noqa: ANN401
    local = WORLD.ads.named(zone).timezone
    days = [first + timedelta(days=sum(lengths[:count])) for count in range(len(lengths) + 1)]
    edges = [start_of_day(day, local) for day in days]
    _, whole = counted(zone, post.id, "TOTAL", Window(edges[0], edges[-1]))
    for granularity in ("TOTAL", "DAY", "HOUR"):
        parts = [counted(zone, post.id, granularity, Window(*pair))[1] for pair in pairwise(edges)]
        assert summed(*parts) == summed(whole)
    if edges[-1] <= ANCHOR:
        assert summed(whole) == organic_metrics(WORLD, post.id, edges[0], edges[-1])


@pytest.mark.parametrize("zone", ZONES)
def test_day_buckets_are_local_days_also_where_clocks_change(zone: str) -> None:
    local = WORLD.ads.named(zone).timezone
    post = POSTS[-1]
    for first in (date(2026, 3, 5), date(2026, 4, 2), date(2026, 9, 28), date(2026, 10, 21), date(2026, 10, 29)):
        days = [first + timedelta(days=number) for number in range(8)]
        window = Window(start_of_day(days[0], local), start_of_day(days[-1], local))
        count, columns = counted(zone, post.id, "DAY", window)
        midnights = [datetime(day.year, day.month, day.day, tzinfo=local).astimezone(UTC) for day in days]
        assert (count, bounds(window, local, "DAY")) == (7, midnights)
        truth = [organic_metrics(WORLD, post.id, *pair)["impressions"] for pair in pairwise(midnights)]
        assert columns["impressions"] == truth
