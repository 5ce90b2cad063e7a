from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from unit_tests.x_simulator.asking import Client
from x_simulator import AccountSpec, SimulatedClock, Simulator, World
from x_simulator.accounts import PostKind

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)


def path_of(client: Client, username: str) -> str:
    return f"/2/users/{client.simulator.world.user_id(username)}/tweets"


def ids(pages: list[Any]) -> list[str]:
    return [post["id"] for page in pages for post in page.get("data", [])]


def test_all_pages_together_are_the_timeline(client: Client, world: World) -> None:
    pages = client.pages(path_of(client, "lumen_mill"), max_results=100)
    assert [page["meta"]["result_count"] for page in pages] == [100, 100, 100, 100]
    assert ids(pages) == world.post_ids("lumen_mill")
    assert pages[1]["meta"]["newest_id"] == pages[1]["data"][0]["id"]
    assert pages[1]["meta"]["oldest_id"] == pages[1]["data"][-1]["id"]


@pytest.mark.parametrize("size", [5, 33, 99])
def test_the_page_size_changes_nothing_but_the_pages(client: Client, world: World, size: int) -> None:
    assert ids(client.pages(path_of(client, "lumen_mill"), max_results=size)) == world.post_ids("lumen_mill")


def test_without_a_size_a_page_has_ten_posts_with_the_default_fields(client: Client) -> None:
    page = client.get(path_of(client, "lumen_mill")).body
    assert len(page["data"]) == 10
    assert {tuple(post) for post in page["data"]} == {("id", "text", "edit_history_tweet_ids")}


def test_an_empty_timeline_has_no_data_key(client: Client) -> None:
    assert client.get(path_of(client, "silent_fern")).body == {"meta": {"result_count": 0}}


def test_previous_tokens_lead_back(client: Client) -> None:
    path = path_of(client, "lumen_mill")
    first = client.get(path, max_results=50).body
    second = client.get(path, max_results=50, pagination_token=first["meta"]["next_token"]).body
    back = client.get(path, max_results=50, pagination_token=second["meta"]["previous_token"]).body
    assert "previous_token" not in first["meta"]
    assert ids([back]) == ids([first])
    assert "previous_token" not in back["meta"]
    forth = client.get(path, max_results=50, pagination_token=back["meta"]["next_token"]).body
    assert ids([forth]) == ids([second])


def test_times_and_ids_bound_the_window(client: Client, world: World) -> None:
    path = path_of(client, "lumen_mill")
    start, end = ANCHOR - timedelta(days=20), ANCHOR - timedelta(days=10)
    expected = [
        str(post.id)
        for post in world.posts("lumen_mill")
        if start.timestamp() * 1000 <= post.created_ms < end.timestamp() * 1000
    ]
    times = {"start_time": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end_time": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    assert ids(client.pages(path, max_results=30, **times)) == expected
    bounds = {"since_id": expected[-1], "until_id": expected[0]}
    assert ids(client.pages(path, max_results=30, **bounds)) == expected[1:-1]


def test_an_id_beats_a_time(client: Client, world: World) -> None:
    newest = world.post_ids("lumen_mill")
    query: dict[str, Any] = {"since_id": newest[3], "start_time": "2026-11-20T11:59:59Z", "max_results": 10}
    assert ids(client.pages(path_of(client, "lumen_mill"), **query)) == newest[:3]


def test_excluded_kinds_are_left_out(client: Client, world: World) -> None:
    for name, kind in (("replies", PostKind.REPLY), ("retweets", PostKind.RETWEET)):
        expected = [str(post.id) for post in world.posts("lumen_mill") if post.kind is not kind]
        assert ids(client.pages(path_of(client, "lumen_mill"), max_results=100, exclude=name)) == expected


def test_the_timeline_ends_at_the_ceiling(make_client: Callable[..., Client], world: World) -> None:
    limited = make_client(timeline_ceiling=150)
    assert ids(limited.pages(path_of(limited, "lumen_mill"), max_results=100)) == world.post_ids("lumen_mill")[:150]
    beyond = {"until_id": world.post_ids("lumen_mill")[150]}
    assert limited.get(path_of(limited, "lumen_mill"), **beyond).body == {"meta": {"result_count": 0}}


def test_without_replies_the_timeline_ends_at_800() -> None:
    clock = SimulatedClock(ANCHOR)
    world = World(7, [AccountSpec("busy", posts=1_000, posts_per_day=40)], ANCHOR)
    client = Client(Simulator(clock=clock, world=world))
    expected = [str(post.id) for post in world.posts("busy")[:800] if post.kind is not PostKind.REPLY]
    assert ids(client.pages(path_of(client, "busy"), max_results=100, exclude="replies")) == expected


def test_short_and_empty_pages_lose_nothing(make_client: Callable[..., Client], world: World) -> None:
    client = make_client(page_gaps=(3, 100, 0))
    pages = client.pages(path_of(client, "lumen_mill"), max_results=100)
    assert [page["meta"]["result_count"] for page in pages] == [97, 0, 100, 97, 0, 100, 6]
    assert ids(pages) == world.post_ids("lumen_mill")


def test_gaps_that_would_never_end_are_refused(make_client: Callable[..., Client]) -> None:
    with pytest.raises(ValueError, match="never end"):
        make_client(page_gaps=(100,))


def test_new_posts_come_first_and_old_tokens_still_lead_on(client: Client, world: World, clock: SimulatedClock) -> None:
    path = path_of(client, "lumen_mill")
    first = client.get(path, max_results=50).body
    clock.advance(timedelta(days=1))
    second = client.get(path, max_results=50, pagination_token=first["meta"]["next_token"]).body
    assert len(world.posts("lumen_mill")) == 404
    assert ids([second]) == world.post_ids("lumen_mill")[54:104]


def test_a_protected_timeline_is_for_its_owner_only(client: Client, world: World) -> None:
    path, identifier = path_of(client, "hidden_nook"), world.user_id("hidden_nook")
    assert client.get(path, user="lumen_mill").body == {
        "errors": [
            {
                "value": identifier,
                "detail": f"Sorry, you are not authorized to see the user with id: [{identifier}].",
                "title": "Authorization Error",
                "resource_type": "user",
                "parameter": "id",
                "resource_id": identifier,
                "section": "data",
                "type": "https://api.twitter.com/2/problems/not-authorized-for-resource",
            }
        ]
    }
    assert len(client.get(path, user="hidden_nook", max_results=30).body["data"]) == 30


def test_a_suspended_user_has_errors_and_no_timeline(client: Client, world: World) -> None:
    world.suspend("rival_press")
    identifier = world.user_id("rival_press")
    answer = client.get(path_of(client, "rival_press"))
    assert answer.status == 200
    assert answer.body == {
        "errors": [
            {
                "value": identifier,
                "detail": f"User has been suspended: [{identifier}].",
                "title": "Forbidden",
                "resource_type": "user",
                "parameter": "id",
                "resource_id": identifier,
                "type": "https://api.twitter.com/2/problems/resource-not-found",
            }
        ]
    }


def test_deleted_and_unknown_users_are_not_found(client: Client, world: World) -> None:
    world.delete_account("rival_press")
    for path in (path_of(client, "rival_press"), "/2/users/1/tweets"):
        answer = client.get(path)
        assert (answer.status, list(answer.body)) == (200, ["errors"])
        assert answer.body["errors"][0]["title"] == "Not Found Error"


def test_private_metrics_are_for_the_author_of_young_posts(client: Client, world: World) -> None:
    query = {"max_results": 100, "tweet__fields": "created_at,organic_metrics,non_public_metrics,public_metrics"}
    pages = client.pages(path_of(client, "lumen_mill"), user="lumen_mill", **query)
    young = [str(post.id) for post in world.posts("lumen_mill") if _is_young(post.created_ms)]
    assert ids(pages) == young
    assert [page["meta"]["result_count"] for page in pages] == [100, len(young) - 100, 0, 0]
    post = pages[0]["data"][0]
    truth = world.counters(post["id"], ANCHOR)
    assert post["organic_metrics"] == truth.organic_metrics
    assert post["non_public_metrics"] == truth.non_public_metrics
    assert post["public_metrics"] == truth.public_metrics


def _is_young(created_ms: int) -> bool:
    return ANCHOR.timestamp() * 1000 - created_ms <= 30 * 86_400_000


def test_a_window_over_30_days_old_is_empty_and_yet_goes_on(client: Client) -> None:
    query = {"max_results": 100, "tweet__fields": "organic_metrics", "end_time": "2026-10-01T00:00:00Z"}
    pages = client.pages(path_of(client, "lumen_mill"), user="lumen_mill", **query)
    assert len(pages) > 1
    assert {page["meta"]["result_count"] for page in pages} == {0}
    assert not any("errors" in page for page in pages)
    assert "next_token" in pages[0]["meta"]


@pytest.mark.parametrize("user", [None, "tiny_kiln"])
def test_private_metrics_of_others_are_errors(client: Client, world: World, user: str | None) -> None:
    path = path_of(client, "lumen_mill")
    body = client.get(path, user=user, max_results=5, tweet__fields="organic_metrics").body
    newest = world.post_ids("lumen_mill")[:5]
    assert "data" not in body
    assert [(problem["value"], problem["field"], problem["section"]) for problem in body["errors"]] == [
        (identifier, "organic_metrics.like_count", "data") for identifier in newest
    ]
    assert body["errors"][0]["type"] == "https://api.twitter.com/2/problems/not-authorized-for-field"


def test_promoted_metrics_leave_only_promoted_posts(client: Client, world: World) -> None:
    query = {"max_results": 100, "tweet__fields": "promoted_metrics"}
    pages = client.pages(path_of(client, "lumen_mill"), user="lumen_mill", **query)
    promoted = [
        str(post.id)
        for post in world.posts("lumen_mill")
        if _is_young(post.created_ms) and world.counters(post.id, ANCHOR).promoted is not None
    ]
    assert ids(pages) == promoted
    assert 0 < len(promoted) < 20


def test_originals_come_with_the_page_and_what_cannot_be_shown_as_errors(client: Client, world: World) -> None:
    query: dict[str, Any] = {"max_results": 100, "tweet__fields": "author_id,referenced_tweets,public_metrics"}
    pages = client.pages(path_of(client, "lumen_mill"), expansions="referenced_tweets.id", **query)
    originals = {post["id"]: post for page in pages for post in page.get("includes", {}).get("tweets", [])}
    refused = {problem["value"] for page in pages for problem in page.get("errors", [])}
    wanted = {
        post["referenced_tweets"][0]["id"] for page in pages for post in page["data"] if "referenced_tweets" in post
    }
    assert set(originals) | refused == wanted
    assert len(originals) > 50
    assert len(refused) > 3
    identifier, original = next(iter(originals.items()))
    assert original["text"] == world.post(identifier).text
    titles = {problem["title"] for page in pages for problem in page.get("errors", [])}
    assert titles == {"Not Found Error", "Authorization Error"}


def test_private_metrics_and_originals_together_lose_the_originals(client: Client) -> None:
    query = {"max_results": 100, "tweet__fields": "organic_metrics", "expansions": "referenced_tweets.id"}
    body = client.get(path_of(client, "lumen_mill"), user="lumen_mill", **query).body
    lost = [problem for problem in body["errors"] if problem["title"] == "Field Authorization Error"]
    assert lost
    assert {(problem["parameter"], problem["section"], problem["field"]) for problem in lost} == {
        ("referenced_tweets.id", "includes", "organic_metrics.like_count")
    }
    assert len(body["data"]) == 100


def test_a_long_posts_whole_text_comes_only_if_asked_for(client: Client, world: World) -> None:
    long_post = next(post for post in world.posts("lumen_mill") if post.kind is PostKind.LONG)
    plain = client.get(f"/2/tweets/{long_post.id}").body["data"]
    full = client.get(f"/2/tweets/{long_post.id}", tweet__fields="note_tweet").body["data"]
    assert "note_tweet" not in plain
    assert full["note_tweet"]["text"] == long_post.note
    assert full["text"] == plain["text"] != long_post.note
