from collections.abc import Callable

import pytest

from unit_tests.x_simulator.asking import Client
from x_simulator import World
from x_simulator.accounts import PostKind

DETAIL = "One or more parameters to your request was invalid."
INVALID = "https://api.twitter.com/2/problems/invalid-request"


def not_found(value: str, resource: str = "tweet", parameter: str = "ids") -> dict[str, str]:
    return {
        "value": value,
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    }


def test_posts_come_in_the_order_asked_for_with_errors_beside_them(client: Client, world: World) -> None:
    newest = world.post_ids("lumen_mill")
    world.delete_post(newest[1])
    hidden = world.post_ids("hidden_nook")[0]
    body = client.get("/2/tweets", ids=f"{newest[2]},{newest[1]},{newest[0]},{hidden},{newest[2]}").body
    assert [post["id"] for post in body["data"]] == [newest[2], newest[0]]
    assert body["errors"][0] == not_found(newest[1])
    assert (body["errors"][1]["value"], body["errors"][1]["title"]) == (hidden, "Authorization Error")
    assert len(body["errors"]) == 2


def test_a_look_up_of_nothing_that_exists_has_errors_only(client: Client) -> None:
    answer = client.get("/2/tweets", ids="1,2")
    assert answer.status == 200
    assert answer.body == {"errors": [not_found("1"), not_found("2")]}


def test_a_single_post_that_does_not_exist_is_404(client: Client) -> None:
    answer = client.get("/2/tweets/20")
    assert answer.status == 404
    assert answer.body["errors"] == [not_found("20", parameter="id")]


def test_users_are_found_by_name_in_any_case_and_by_id(client: Client, world: World) -> None:
    world.suspend("rival_press")
    by_name = client.get("/2/users/by", usernames="Lumen_Mill,nobody_here,rival_press").body
    assert [user["username"] for user in by_name["data"]] == ["lumen_mill"]
    assert by_name["errors"][0] == not_found("nobody_here", "user", "usernames")
    assert by_name["errors"][1]["title"] == "Forbidden"
    by_id = client.get("/2/users", ids=world.user_id("lumen_mill")).body
    assert by_id == {"data": [{"id": world.user_id("lumen_mill"), "name": "Lumen Mill", "username": "lumen_mill"}]}


def test_a_single_user_that_does_not_exist_is_a_200_with_errors(client: Client) -> None:
    answer = client.get("/2/users/by/username/nobody_here")
    assert (answer.status, answer.body) == (200, {"errors": [not_found("nobody_here", "user", "username")]})
    assert client.get("/2/users/17").body == {"errors": [not_found("17", "user", "id")]}


def test_user_metrics_are_those_of_the_world(client: Client, world: World) -> None:
    user = client.get("/2/users/me", user="lumen_mill", user__fields="public_metrics").body["data"]
    account = world.account("lumen_mill")
    now_ms = int(client.simulator.clock.time() * 1000)
    assert user["public_metrics"]["tweet_count"] == 400
    assert user["public_metrics"]["followers_count"] == world.followers_at(account, now_ms)


def test_pinned_and_newest_posts_are_expanded(client: Client, world: World) -> None:
    query = {"expansions": "most_recent_tweet_id", "tweet__fields": "created_at"}
    body = client.get("/2/users/me", user="tiny_kiln", **query).body
    newest = world.post_ids("tiny_kiln")[0]
    assert body["data"]["most_recent_tweet_id"] == newest
    assert [post["id"] for post in body["includes"]["tweets"]] == [newest]


def test_authors_media_and_mentions_are_expanded(client: Client, world: World) -> None:
    post = next(post for post in world.posts("lumen_mill") if post.kind is PostKind.VIDEO)
    query = {
        "expansions": "author_id,attachments.media_keys",
        "media__fields": "public_metrics,non_public_metrics,duration_ms",
        "user__fields": "verified_type",
    }
    young = client.get(f"/2/tweets/{post.id}", user="lumen_mill", **query).body
    assert young["includes"]["users"] == [
        {"id": str(post.account.id), "name": "Lumen Mill", "username": "lumen_mill", "verified_type": "blue"}
    ]
    medium = young["includes"]["media"][0]
    assert (medium["media_key"], medium["type"]) == (f"13_{post.id}", "video")
    assert medium["public_metrics"]["view_count"] == medium["non_public_metrics"]["playback_0_count"]


@pytest.mark.parametrize(
    ("path", "query", "parameter", "value", "message"),
    [
        ("/2/users/me", {"colour": "red"}, "colour", "red", "The query parameter [colour] is not one of ["),
        ("/2/users/me", {"user.fields": "name,shoe"}, "user.fields", "name,shoe", "value [shoe] is not one of ["),
        ("/2/users/me", {"user.fields": "name,name"}, "user.fields", "name,name", "must be unique"),
        ("/2/users/me", {"expansions": "author_id"}, "expansions", "author_id", "value [author_id] is not one of ["),
        ("/2/users/by", {"usernames": "much_too_long_a_name"}, "usernames", "much_too_long_a_name", "does not match"),
        ("/2/users/by", {}, "usernames", "", "can not be empty"),
        ("/2/users", {"ids": "12,x"}, "ids", "x", "does not match ^[0-9]{1,19}$"),
        ("/2/users", {"ids": ",".join(map(str, range(101)))}, "ids", None, "[101] is not between 1 and 100"),
        ("/2/tweets", {"ids": "99999999999999999999"}, "ids", "99999999999999999999", "does not match"),
        ("/2/tweets/x", {}, "id", "x", "does not match"),
        ("TIMELINE", {"max_results": "4"}, "max_results", "4", "value [4] is not between 5 and 100"),
        ("TIMELINE", {"max_results": "101"}, "max_results", "101", "is not between 5 and 100"),
        ("TIMELINE", {"max_results": "many"}, "max_results", "many", "is not between 5 and 100"),
        ("TIMELINE", {"start_time": "2010-11-05T23:59:59Z"}, "start_time", "2010-11-05T23:59:59Z", "on or after 2010"),
        ("TIMELINE", {"end_time": "2026-11-20"}, "end_time", "2026-11-20", "RFC3339"),
        ("TIMELINE", {"pagination_token": "abcdefgh"}, "pagination_token", "abcdefgh", "is not valid"),
        ("TIMELINE", {"since_id": "9", "until_id": "8"}, "since_id", "9", "must be less than"),
        ("TIMELINE", {"exclude": "quotes"}, "exclude", "quotes", "value [quotes] is not one of [replies,retweets]"),
        (
            "TIMELINE",
            {"start_time": "2026-11-20T00:00:00Z", "end_time": "2026-11-20T00:00:00Z"},
            "start_time",
            "2026-11-20T00:00:00Z",
            "must be before",
        ),
    ],
)
def test_what_x_does_not_take_is_refused_by_name(
    client: Client, world: World, path: str, query: dict[str, str], parameter: str, value: str | None, message: str
) -> None:
    real = path.replace("TIMELINE", f"/2/users/{world.user_id('lumen_mill')}/tweets")
    answer = client.get(real, user="lumen_mill", **query)
    assert answer.status == 400
    assert (answer.body["title"], answer.body["detail"], answer.body["type"]) == ("Invalid Request", DETAIL, INVALID)
    complaint = answer.body["errors"][0]
    assert list(complaint["parameters"]) == [parameter]
    assert value is None or complaint["parameters"][parameter] == [value]
    assert message in complaint["message"]


def test_a_token_of_one_timeline_is_refused_on_another(client: Client, world: World) -> None:
    page = client.get(f"/2/users/{world.user_id('lumen_mill')}/tweets").body
    other = client.get(f"/2/users/{world.user_id('tiny_kiln')}/tweets", pagination_token=page["meta"]["next_token"])
    assert other.status == 400


def test_everything_wrong_is_named_at_once(client: Client) -> None:
    body = client.get("/2/users/1/tweets", max_results=1, exclude="x", start_time="now").body
    assert [next(iter(complaint["parameters"])) for complaint in body["errors"]] == [
        "exclude",
        "max_results",
        "start_time",
    ]


def test_a_parameter_given_twice_is_refused(client: Client) -> None:
    answer = client.get("/2/users/by?usernames=tiny_kiln&usernames=lumen_mill")
    assert answer.status == 400


def test_bearer_tokens_have_no_me(client: Client) -> None:
    answer = client.get("/2/users/me")
    assert answer.status == 403
    assert answer.body["type"] == "https://api.x.com/2/problems/unsupported-authentication"
    assert "[OAuth 1.0a User Context, OAuth 2.0 User Context]" in answer.body["detail"]
    assert "x-rate-limit-limit" not in answer.headers
    assert client.get("/2/usage/tweets", user="lumen_mill").status == 403


def test_analytics_are_for_enterprise_apps(client: Client) -> None:
    answer = client.get("/2/tweets/analytics", user="lumen_mill")
    assert (answer.status, answer.body["reason"]) == (403, "client-not-enrolled")


def test_an_address_that_is_no_endpoint_is_404(client: Client) -> None:
    assert client.get("/2/nothing").status == 404
    assert client.get("/2/users/1/mentions").status == 404


def test_the_users_of_suspended_and_deleted_accounts_are_locked_out(client: Client, world: World) -> None:
    world.suspend("tiny_kiln")
    assert client.get("/2/users/me", user="tiny_kiln").status == 403
    world.delete_account("tiny_kiln")
    assert client.get("/2/users/me", user="tiny_kiln").status == 401


def test_the_new_dialect_speaks_of_posts_and_reposts(client: Client, world: World) -> None:
    path = f"/2/users/{world.user_id('lumen_mill')}/tweets"
    query = {"post__fields": "public_metrics,note_post", "expansions": "referenced_posts,author_id"}
    body = client.get(path, max_results=100, **query).body
    keys = {key for post in body["data"] for key in post}
    assert keys == {
        "id",
        "text",
        "edit_history_post_ids",
        "public_metrics",
        "note_post",
        "referenced_posts",
        "author_id",
    }
    assert "repost_count" in body["data"][0]["public_metrics"]
    assert set(body["includes"]) == {"posts", "users"}
    assert body["errors"][0]["type"].startswith("https://api.x.com/")
    user = client.get("/2/users/me", user="lumen_mill", user__fields="public_metrics", post__fields="id").body["data"]
    assert user["public_metrics"]["post_count"] == 400


def test_fields_that_became_expansions_are_refused_in_the_new_dialect(client: Client) -> None:
    assert client.get("/2/tweets", ids="1", post__fields="author_id").status == 400
    assert client.get("/2/tweets", ids="1", tweet__fields="note_post").status == 400
    assert client.get("/2/tweets", ids="1", tweet__fields="id", post__fields="id").status == 400


@pytest.mark.parametrize(("accepted", "refused"), [("tweet", "post"), ("post", "tweet")])
def test_a_dialect_that_is_not_accepted_is_an_unknown_parameter(
    make_client: Callable[..., Client], world: World, accepted: str, refused: str
) -> None:
    client = make_client(accepts={accepted})
    newest = world.post_ids("lumen_mill")[0]
    assert client.get("/2/tweets", ids=newest, **{f"{accepted}.fields": "public_metrics"}).status == 200
    answer = client.get("/2/tweets", ids=newest, **{f"{refused}.fields": "public_metrics"})
    assert answer.status == 400
    assert list(answer.body["errors"][0]["parameters"]) == [f"{refused}.fields"]


def test_usage_counts_what_was_handed_out(client: Client, world: World) -> None:
    client.get(f"/2/users/{world.user_id('lumen_mill')}/tweets", max_results=7)
    assert client.get("/2/usage/tweets", usage__fields="daily_project_usage").body["data"] == {
        "project_cap": "3000000",
        "project_id": "1700000000000000001",
        "project_usage": "7",
        "daily_project_usage": {
            "project_id": "1700000000000000001",
            "usage": [{"date": "2026-11-20T00:00:00.000Z", "usage": "7"}],
        },
    }


def test_the_people_of_a_page_are_expanded_and_the_suspended_ones_are_errors(client: Client, world: World) -> None:
    path = f"/2/users/{world.user_id('lumen_mill')}/tweets"
    expansions = "in_reply_to_user_id,entities.mentions.username,referenced_tweets.id.author_id"
    pages = client.pages(path, max_results=100, expansions=expansions)
    people = {user["username"] for page in pages for user in page["includes"]["users"]}
    assert people == {"harbor_notes", "tidal_weekly", "quiet_ledger", "lumen_mill"}
    refused = {
        (problem["parameter"], problem["title"])
        for page in pages
        for problem in page["errors"]
        if problem["resource_type"] == "user"
    }
    assert refused == {("in_reply_to_user_id", "Forbidden"), ("entities.mentions.username", "Forbidden")}


def test_earlier_versions_are_expanded(client: Client, world: World) -> None:
    edited = next(post for post in world.posts("lumen_mill") if len(post.chain) > 2)
    body = client.get(f"/2/tweets/{edited.id}", expansions="edit_history_tweet_ids", tweet__fields="edit_controls").body
    assert body["data"]["edit_history_tweet_ids"] == [str(version) for version in edited.chain]
    assert body["data"]["edit_controls"]["edits_remaining"] == 6 - len(edited.chain)
    assert [post["id"] for post in body["includes"]["tweets"]] == [str(version) for version in edited.chain[:-1]]


def test_originals_bring_their_media_along(client: Client, world: World) -> None:
    path = f"/2/users/{world.user_id('lumen_mill')}/tweets"
    body = client.get(path, max_results=100, expansions="referenced_tweets.id.attachments.media_keys").body
    originals = {post["id"] for post in body["includes"]["tweets"]}
    assert {medium["media_key"].partition("_")[0] for medium in body["includes"]["media"]} == {"3"}
    with_media = {key for key in originals if world.post(key).kind is PostKind.MEDIA}
    assert len(body["includes"]["media"]) >= len(with_media) > 0


def test_a_videos_private_counters_are_for_its_author(client: Client, world: World) -> None:
    video = next(post for post in world.posts("lumen_mill") if post.kind is PostKind.VIDEO)
    query = {"expansions": "attachments.media_keys", "media__fields": "organic_metrics,public_metrics"}
    own = client.get(f"/2/tweets/{video.id}", user="lumen_mill", **query).body["includes"]["media"][0]
    views = own["public_metrics"]["view_count"]
    assert own["organic_metrics"] == {
        "playback_0_count": views,
        "playback_25_count": views * 71 // 100,
        "playback_50_count": views * 48 // 100,
        "playback_75_count": views * 33 // 100,
        "playback_100_count": views * 21 // 100,
        "view_count": views,
    }
    other = client.get(f"/2/tweets/{video.id}", **query)
    assert other.body["errors"][0]["field"] == "organic_metrics.like_count"
    assert "data" not in other.body


def test_an_old_post_looked_up_with_private_metrics_is_an_error(client: Client, world: World) -> None:
    old = world.post_ids("lumen_mill")[-1]
    body = client.get("/2/tweets", ids=old, user="lumen_mill", tweet__fields="organic_metrics").body
    assert [(problem["value"], problem["parameter"], problem["title"]) for problem in body["errors"]] == [
        (old, "ids", "Field Authorization Error")
    ]
    assert "data" not in body
