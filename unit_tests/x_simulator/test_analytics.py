"""GET /2/tweets/analytics and /2/media/analytics."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit_tests.x_simulator.asking import Asked, Client
from unit_tests.x_simulator.conftest import ANCHOR
from x_simulator import AccountSpec, SimulatedClock, Simulator, World
from x_simulator.accounts import PostKind
from x_simulator.engagement_api.metrics import engagement_metrics
from x_simulator.posts import Post, media_keys
from x_simulator.x_api.analytics import MEDIA_METRICS, POST_METRICS, analytics_metrics, media_analytics_metrics

POSTS, MEDIA = "/2/tweets/analytics", "/2/media/analytics"
START, END = datetime(2026, 11, 12, 21, 30, tzinfo=UTC), datetime(2026, 11, 15, 3, tzinfo=UTC)
WORLD = World(7, [AccountSpec("lumen_mill", posts=300, posts_per_day=5, followers=90_000)], ANCHOR)
CLIENT = Client(
    Simulator(world=WORLD, clock=SimulatedClock(ANCHOR), enterprise_apps=("main",), rate_limits={POSTS: 9_999})
)
IDS = WORLD.post_ids("lumen_mill")
VIDEOS = [post for post in WORLD.posts("lumen_mill") if post.kind is PostKind.VIDEO]


@pytest.fixture
def enrolled(make_client: Callable[..., Client]) -> Client:
    return make_client(enterprise_apps=("main",))


def ask(client: Client, path: str = POSTS, user: str | None = "lumen_mill", **changes: Any) -> Asked:  # noqa: ANN401 - texts
    """Ask about an older post or video, changed as told; None leaves a parameter out."""
    posts = client.simulator.world.posts("lumen_mill")
    video = next(post for post in posts[40:] if post.kind is PostKind.VIDEO)
    query: dict[str, object] = {
        **({"ids": posts[50].id} if path == POSTS else {"media_keys": media_keys(video)[0]}),
        "start_time": f"{START:%Y-%m-%dT%H:%M:%SZ}",
        "end_time": f"{END:%Y-%m-%dT%H:%M:%SZ}",
        "granularity": "daily",
        **changes,
    }
    return client.get(path, user=user, **{name: value for name, value in query.items() if value is not None})


def buckets(asked: Asked) -> dict[str, dict[str, Any]]:
    """Return the metrics of the first object by the timestamps of its buckets."""
    assert asked.status == 200
    found = asked.body["data"][0]["timestamped_metrics"]
    assert all(list(bucket) == ["timestamp", "metrics"] for bucket in found)
    return {bucket["timestamp"]: bucket["metrics"] for bucket in found}


def complaints(asked: Asked) -> list[str]:
    assert (asked.status, asked.body["title"]) == (400, "Invalid Request")
    return [next(iter(error["parameters"])) for error in asked.body["errors"]]


def wire(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def truth(identifier: str | int, bounds: list[datetime], starts: list[datetime]) -> dict[str, dict[str, int]]:
    spans = zip(starts, pairwise(bounds), strict=True)
    return {wire(start): analytics_metrics(WORLD, identifier, *span) for start, span in spans}


# Who ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [POSTS, MEDIA])
def test_an_app_that_is_not_enrolled_is_refused_as_ever(make_client: Callable[..., Client], path: str) -> None:
    for options in ({}, {"apps": ("main", "other"), "enterprise_apps": ("other",)}):
        refused = ask(make_client(**options), path)
        assert (refused.status, refused.body["reason"]) == (403, "client-not-enrolled")


def test_an_app_alone_is_refused(enrolled: Client) -> None:
    refused = ask(enrolled, user=None)
    assert (refused.status, refused.body["title"]) == (403, "Unsupported Authentication")


def test_both_ways_of_acting_for_a_user_will_do(enrolled: Client) -> None:
    token = enrolled.simulator.oauth2("lumen_mill")["access_token"]
    with_token = Client(enrolled.simulator)
    with_token._authorization = lambda *_: {"authorization": f"Bearer {token}"}  # type: ignore[method-assign]
    assert ask(with_token).body == ask(enrolled).body


def test_300_requests_fit_into_a_window(enrolled: Client) -> None:
    for path in (POSTS, MEDIA):
        assert ask(enrolled, path).headers["x-rate-limit-limit"] == "300"


# What is answered ----------------------------------------------------------------------------------------------------


def test_days_are_utc_days_named_by_their_beginning_and_cut_at_both_ends() -> None:
    midnights = [datetime(2026, 11, day, tzinfo=UTC) for day in (12, 13, 14, 15)]
    expected = truth(IDS[50], [START, *midnights[1:], END], midnights)
    assert buckets(ask(CLIENT)) == expected
    assert sum(day["impressions"] for day in expected.values()) > 0


def test_hours_are_named_by_their_beginning() -> None:
    found = buckets(ask(CLIENT, granularity="hourly", end_time="2026-11-13T00:00:00Z"))
    hours = [datetime(2026, 11, 12, hour, tzinfo=UTC) for hour in (21, 22, 23)]
    assert found == truth(IDS[50], [START, *hours[1:], datetime(2026, 11, 13, tzinfo=UTC)], hours)


def test_weeks_are_counted_from_the_first_day() -> None:
    found = buckets(
        ask(CLIENT, granularity="weekly", start_time="2026-11-01T06:00:00Z", end_time="2026-11-17T00:00:00Z")
    )
    weeks = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 8, 15)]
    bounds = [datetime(2026, 11, 1, 6, tzinfo=UTC), *weeks[1:], datetime(2026, 11, 17, tzinfo=UTC)]
    assert found == truth(IDS[50], bounds, weeks)


def test_totals_come_as_one_bucket_or_flat_beside_the_id(make_client: Callable[..., Client]) -> None:
    world = World(7, [AccountSpec("lumen_mill", posts=300, posts_per_day=5, followers=90_000)], ANCHOR)
    flat = make_client(world=world, enterprise_apps=("main",), analytics_shape="flat")
    figures = analytics_metrics(WORLD, IDS[50], START, END)
    assert buckets(ask(CLIENT, granularity="total")) == {wire(START): figures}
    assert ask(flat, granularity="total").body == {"data": [{"id": IDS[50], "timestamp": wire(START), **figures}]}
    assert buckets(ask(flat)) == buckets(ask(CLIENT))


def test_there_are_two_shapes() -> None:
    with pytest.raises(ValueError, match="analytics_shape"):
        Simulator(world=WORLD, analytics_shape="round")


def test_without_a_granularity_posts_have_totals_and_media_days(enrolled: Client) -> None:
    assert len(buckets(ask(enrolled, granularity=None))) == 1
    assert len(buckets(ask(enrolled, MEDIA, granularity=None))) == 4


@pytest.mark.parametrize(
    ("fields", "metrics"),
    [
        (None, POST_METRICS),
        ("timestamp,timestamped_metrics", POST_METRICS),
        ("likes,impressions", ("impressions", "likes")),
        ("id,timestamp,likes,timestamped_metrics", ("likes",)),
        ("id,timestamp", ()),
    ],
)
def test_the_metrics_are_those_asked_for(enrolled: Client, fields: str | None, metrics: tuple[str, ...]) -> None:
    assert [tuple(found) for found in buckets(ask(enrolled, analytics__fields=fields)).values()] == [metrics] * 4


def test_nothing_is_counted_before_it_has_happened(enrolled: Client) -> None:
    posts = enrolled.simulator.world.posts("lumen_mill")
    newest = next(post.id for post in posts[2:] if post.kind is PostKind.ORIGINAL)
    days = {"start_time": "2026-11-19T00:00:00Z", "end_time": "2026-11-22T00:00:00Z"}
    found = buckets(ask(enrolled, ids=newest, **days))
    until_now = engagement_metrics(enrolled.simulator.world, newest, datetime(2026, 11, 19, tzinfo=UTC), ANCHOR)
    assert sum(day["impressions"] for day in found.values()) == until_now["impressions"] > 0
    assert set(found["2026-11-21T00:00:00Z"].values()) == {0}


@given(st.integers(min_value=0, max_value=900), st.integers(min_value=1, max_value=60 * 24 * 40))
def test_every_granularity_adds_up_to_the_total(ago_hours: int, minutes: int) -> None:
    start = ANCHOR - timedelta(hours=ago_hours)
    end = start + timedelta(minutes=minutes)
    expected = analytics_metrics(WORLD, IDS[100], start, min(end, ANCHOR))
    query = {"ids": IDS[100], "start_time": wire(start), "end_time": wire(end)}
    for granularity in ("hourly", "daily", "weekly", "total"):
        found = buckets(CLIENT.get(POSTS, user="lumen_mill", granularity=granularity, **query))
        assert {name: sum(bucket[name] for bucket in found.values()) for name in POST_METRICS} == expected
        assert list(found) == sorted(found)


def test_other_peoples_posts_and_unknown_ones_come_as_errors_beside_the_data(enrolled: Client) -> None:
    world = enrolled.simulator.world
    own, others, gone = (
        world.post_ids("lumen_mill")[50],
        world.post_ids("rival_press")[0],
        world.post_ids("lumen_mill")[51],
    )
    world.delete_post(gone)
    body = ask(enrolled, ids=f"{others},{own},20,{gone}").body
    assert [item["id"] for item in body["data"]] == [own]
    assert [(problem["resource_id"], problem["type"].rpartition("/")[2]) for problem in body["errors"]] == [
        (others, "not-authorized-for-resource"),
        ("20", "resource-not-found"),
        (gone, "resource-not-found"),
    ]
    assert list(ask(enrolled, ids="20").body) == ["errors"]


def test_protected_posts_are_told_to_their_owner(enrolled: Client) -> None:
    identifier = enrolled.simulator.world.post_ids("hidden_nook")[0]
    assert ask(enrolled, ids=identifier, user="hidden_nook").body["data"][0]["id"] == identifier
    assert list(ask(enrolled, ids=identifier).body) == ["errors"]


def test_analytics_cost_no_post_reads(enrolled: Client) -> None:
    ask(enrolled)
    assert enrolled.simulator.journal.billed_posts == 0


# Media --------------------------------------------------------------------------------------------------------------


def media_truth(key: str, bounds: list[datetime]) -> list[dict[str, int]]:
    return [media_analytics_metrics(WORLD, key, *span) for span in pairwise(bounds)]


def test_videos_have_days_of_their_own_in_which_now_and_then_a_value_is_a_string_or_missing() -> None:
    days = [datetime(2026, 10, 20, tzinfo=UTC) + timedelta(days=day) for day in range(32)]
    span = {"start_time": wire(days[0]), "end_time": wire(days[-1])}
    seen: set[type] = set()
    for video in VIDEOS[:12]:
        (key,) = media_keys(video)
        body = ask(CLIENT, MEDIA, media_keys=key, **span).body["data"][0]
        assert body["media_key"] == key
        found = [bucket["metrics"] for bucket in body["timestamped_metrics"]]
        assert [{name: int(value or 0) for name, value in day.items()} for day in found] == media_truth(key, days)
        values = [value for day in found for value in day.values()]
        seen |= {type(value) for value in values}
        assert sum(not isinstance(value, int) for value in values) in range(1, len(values) // 25)
    assert seen == {int, str, type(None)}


def test_photos_have_nothing_but_nulls(enrolled: Client) -> None:
    photo = next(post for post in enrolled.simulator.world.posts("lumen_mill") if post.kind is PostKind.MEDIA)
    found = buckets(ask(enrolled, MEDIA, media_keys=media_keys(photo)[-1]))
    assert set(found["2026-11-14T00:00:00Z"]) == set(MEDIA_METRICS)
    assert {value for day in found.values() for value in day.values()} == {None}


def test_media_of_others_and_unknown_ones_come_as_errors_beside_the_data(enrolled: Client) -> None:
    def some(username: str) -> Post:
        return next(post for post in enrolled.simulator.world.posts(username) if media_keys(post))

    own, others = media_keys(some("lumen_mill"))[0], media_keys(some("rival_press"))[0]
    body = ask(enrolled, MEDIA, media_keys=f"{others},{own},13_20").body
    assert [item["media_key"] for item in body["data"]] == [own]
    assert [(problem["value"], problem["resource_type"], problem["title"]) for problem in body["errors"]] == [
        (others, "media", "Authorization Error"),
        ("13_20", "media", "Not Found Error"),
    ]


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "changes", "parameters"),
    [
        (POSTS, {"ids": None}, ["ids"]),
        (POSTS, {"ids": ",".join(map(str, range(101)))}, ["ids"]),
        (POSTS, {"ids": "x"}, ["ids"]),
        (POSTS, {"start_time": None, "end_time": None}, ["start_time", "end_time"]),
        (POSTS, {"start_time": "2026-11-15"}, ["start_time"]),
        (POSTS, {"start_time": "2026-11-15T03:00:00Z"}, ["start_time"]),
        (POSTS, {"granularity": "Daily"}, ["granularity"]),
        (POSTS, {"analytics__fields": "likes,favorites"}, ["analytics.fields"]),
        (POSTS, {"analytics__fields": "likes,likes"}, ["analytics.fields"]),
        (POSTS, {"tweet__fields": "id"}, ["tweet.fields"]),
        (MEDIA, {"media_keys": None}, ["media_keys"]),
        (MEDIA, {"media_keys": "20"}, ["media_keys"]),
        (MEDIA, {"media_keys": ",".join(f"3_{number}" for number in range(101))}, ["media_keys"]),
        (MEDIA, {"granularity": "weekly"}, ["granularity"]),
        (MEDIA, {"media_analytics__fields": "likes"}, ["media_analytics.fields"]),
    ],
)
def test_parameters_that_do_not_fit_are_named(
    enrolled: Client, path: str, changes: dict[str, Any], parameters: list[str]
) -> None:
    assert complaints(ask(enrolled, path, **changes)) == parameters


def test_100_posts_on_28_days_take_no_time_to_speak_of() -> None:
    ids = ",".join(IDS[:100])
    began = process_time()
    asked = ask(CLIENT, ids=ids, start_time="2026-10-23T00:00:00Z", end_time="2026-11-20T00:00:00Z")
    assert process_time() - began < 0.15
    assert sum(len(item["timestamped_metrics"]) for item in asked.body["data"]) == 2_800
