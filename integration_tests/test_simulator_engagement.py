"""The requests and answers that X's documentation of the Engagement API shows, played against the simulator.

A request is asked as it stands there, but for ids of this world and days within reach; the answer has to have the shape
that the documentation shows for such a request. The sources are read from beside the project.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests_oauthlib import OAuth1

from integration_tests.recordings import PAYLOADS, Recording, only_with_recordings, recordings
from x_simulator import AccountSpec, SimulatedClock, Simulator, World
from x_simulator.accounts import PostKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Json = dict[str, Any]

pytestmark = only_with_recordings

NOW = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
ACCOUNTS = (AccountSpec("lumen_mill", posts=300, posts_per_day=4), AccountSpec("rival_press", owned=False))
IN_REACH = {"start": "2026-11-10T17:00:00Z", "end": "2026-11-10T21:00:00Z"}
"""Four hours, as in the documented request that has a window."""

ENDPOINTS = ("totals", "28hr", "historical")
PUBLIC = {"favorites", "retweets", "replies", "quote_tweets", "video_views"}
BY_TWEET = ["tweet.id", "engagement.type"]

_DATE, _HOUR, _ID = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d\d"), re.compile(r"\d{9,19}")


def documented(*endings: str) -> list[Recording]:
    found = recordings("engagement") if PAYLOADS.is_dir() else []
    return [each for each in found if each.name.endswith(endings)]


def name_of(recording: Recording) -> str:
    return recording.name


REQUESTS = documented(".request.json")
ANSWERS = [each for each in documented(".json") if each not in REQUESTS]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    # The address is signed with the real time.
    world = World(7, ACCOUNTS, NOW)
    with Simulator(world=world, clock=SimulatedClock(NOW), oauth1_timestamp_tolerance_seconds=None) as running:
        yield running


def own_ids(simulator: Simulator) -> list[str]:
    posts = simulator.world.posts("lumen_mill")[40:]
    return [str(post.id) for post in posts if post.kind is not PostKind.RETWEET]


def ask(simulator: Simulator, endpoint: str, document: Json, *, is_app: bool = False) -> requests.Response:
    secrets = simulator.oauth1("lumen_mill")
    signature = OAuth1(
        secrets["consumer_key"], secrets["consumer_secret"], secrets["access_token"], secrets["access_token_secret"]
    )
    bearer = {"Authorization": f"Bearer {simulator.bearer()['bearer_token']}"} if is_app else {}
    with requests.Session() as session:
        return session.post(
            f"{simulator.base_url}/insights/engagement/{endpoint}",
            json=document,
            auth=None if is_app else signature,
            headers={"Accept-Encoding": "gzip", **bearer},
            timeout=10,
        )


def endpoint_of(recording: Recording) -> str:
    """Return the endpoint that a documented request is for: the one it names, or the one that takes what it asks."""
    named = [endpoint for endpoint in ENDPOINTS if f".{endpoint}." in recording.name]
    if named:
        return named[0]
    document = recording.document
    return "totals" if PUBLIC.issuperset(document["engagement_types"]) else "historical"


def playable(document: Json, ids: Sequence[str]) -> Json:
    """Return a documented request about tweets and days of this world, completed where only a part is shown."""
    wanted = [
        int(identifier) if isinstance(shown, int) else identifier
        for identifier, shown in zip(ids, document.get("tweet_ids", [""]), strict=False)
    ]
    groupings = {"groupings": {"completed": {"group_by": BY_TWEET}}}
    window = IN_REACH if "start" in document else {}
    return groupings | document | {"tweet_ids": wanted} | window


def level_of(key: str) -> str:
    """Return what kind of key a nested object has: a date, an hour, a tweet's id or the name of something."""
    kinds = {"date": _DATE, "hour": _HOUR, "tweet.id": _ID}
    return next((kind for kind, pattern in kinds.items() if pattern.fullmatch(key)), "type")


def levels(tree: object) -> set[tuple[str, ...]]:
    """Return which kinds of keys lead to the counts, from the top; counts are strings of digits, or numbers."""
    if not isinstance(tree, dict):
        assert re.fullmatch(r"\d+", str(tree)), tree
        return {()}
    return {(level_of(key), *below) for key, each in tree.items() for below in levels(each)}


def groups(answer: Json) -> Json:
    return {name: each for name, each in answer.items() if isinstance(each, dict)}


@pytest.mark.parametrize("recording", REQUESTS, ids=name_of)
def test_each_documented_request_is_answered_with_what_it_asks_for(simulator: Simulator, recording: Recording) -> None:
    document = playable(recording.document, own_ids(simulator))
    response = ask(simulator, endpoint_of(recording), document)
    assert (response.status_code, response.headers["content-encoding"]) == (200, "gzip")
    answer = response.json()
    assert set(groups(answer)) == set(document["groupings"])
    for name, grouping in document["groupings"].items():
        below = {"tweet.id": ("tweet.id",), "engagement.type": ("type",), "engagement.hour": ("date", "hour")}
        expected = tuple(level for value in grouping["group_by"] for level in below[value.lower()])
        assert levels(answer[name]) == {expected}
        assert list(answer[name]) == [str(each) for each in document["tweet_ids"]]
        assert all(list(each) == document["engagement_types"] for each in answer[name].values())


@pytest.mark.parametrize("recording", ANSWERS, ids=name_of)
def test_each_documented_answer_has_its_like(simulator: Simulator, recording: Recording) -> None:
    shown = recording.document
    answer = ask(simulator, *request_for(recording, simulator), is_app="public-metrics" in recording.name).json()
    # X's documentation prints the same answer for every endpoint, though only two of them have a window, and leaves
    # out of it the sentence that its table of errors has beside the list.
    is_partial = "unavailable_tweet_ids" in shown
    printed_by_mistake = {"start", "end"} if is_partial and ".totals." in recording.name else set()
    assert set(answer) - ({"errors"} if is_partial else set()) == set(shown) - printed_by_mistake
    for name, group in groups(shown).items():
        assert levels(answer[name]) == levels(group)
        assert widths(answer[name]) == widths(group)
    assert len(answer.get("unavailable_tweet_ids", [])) == len(shown.get("unavailable_tweet_ids", []))


def request_for(recording: Recording, simulator: Simulator) -> tuple[str, Json]:
    """Return the endpoint, and a request that a documented answer would be the answer to."""
    shown = recording.document
    ids = iter(own_ids(simulator))
    tweets = {key for group in groups(shown).values() for key in group if level_of(key) == "tweet.id"}
    types: dict[str, None] = {}
    groupings = {}
    for name, group in groups(shown).items():
        (below,) = levels(group)
        values = {
            "tweet.id": "tweet.id",
            "type": "engagement.type",
            "date": "engagement.day",
            "hour": "engagement.hour",
        }
        groupings[name] = {"group_by": [values[level] for level in below]}
        types |= dict.fromkeys(type_names(group))
    document = {
        "tweet_ids": [next(ids) for _ in tweets or {""}] + ["20" for _ in shown.get("unavailable_tweet_ids", [])],
        "engagement_types": list(types),
        "groupings": groupings,
    }
    (endpoint,) = [each for each in ENDPOINTS if f".{each}." in recording.name] or ["totals"]
    return endpoint, document | (IN_REACH if endpoint == "historical" else {})


def type_names(tree: Json) -> Iterator[str]:
    for key, each in tree.items():
        if level_of(key) == "type":
            yield key
        elif isinstance(each, dict):
            yield from type_names(each)


def widths(tree: object, depth: int = 0) -> dict[int, list[int]]:
    """Return how many keys the objects have at each depth, dates and hours included: 29 hours are 29 hours."""
    found: dict[int, list[int]] = {}
    if isinstance(tree, dict):
        found[depth] = [len(tree)]
        for each in tree.values():
            for level, sizes in widths(each, depth + 1).items():
                found.setdefault(level, []).extend(sizes)
    return found


def test_all_documented_examples_are_played() -> None:
    assert (len(REQUESTS), len(ANSWERS)) == (6, 7)
