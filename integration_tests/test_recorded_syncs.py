"""The connector reads what X really answered: every recorded user and post becomes a record, every refusal an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.models import FailureType

from integration_tests.recorded_x import NOTHING_MORE, Answer, Asked, made_up, recorded, serving
from integration_tests.recordings import (
    Recording,
    everything_in,
    is_user,
    only_with_recordings,
    recordings,
    v2_answers,
)
from integration_tests.syncs import Sync, configuration, user_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

pytestmark = only_with_recordings

OF_ACCOUNTS = ("accounts", "account_insights")
OF_POSTS = ("tweets", "tweet_insights")
ELLIPSIS = "…"


def looked_up(users: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return each user once, by id, as the recording that tells most of it shows it."""
    fullest: dict[str, dict[str, Any]] = {}
    for user in users:
        if len(user) >= len(fullest.get(user["id"], {})):
            fullest[user["id"]] = dict(user)
    return fullest


def assert_keeps(row: Mapping[str, Any], sent: Mapping[str, Any], names: Iterable[str]) -> None:
    expected = {name: sent[name] for name in names} | (sent.get("public_metrics") or {})
    assert {name: row[name] for name in expected} == expected


def chosen(names: Iterable[str]) -> list[Recording]:
    return [recording for recording in v2_answers() if recording.name in names]


# -- posts ------------------------------------------------------------------------------------------------------------


def with_posts() -> dict[str, Recording]:
    """Give every recorded page of posts an account of its own, by user id."""
    pages = [recording for recording in v2_answers() if recording.posts]
    return {str(880_000_000_000 + number): page for number, page in enumerate(pages)}


def page_of(recording: Recording) -> Answer:
    """Return a recorded page as it was; a single post, which is no page, in the frame of one."""
    document = recording.document
    if isinstance(document["data"], list):
        return recorded(recording)
    return made_up({**document, "data": [document["data"]], "meta": {"result_count": 1}})


def successor(page: Recording, token: str) -> Answer:
    """Return the recorded page that was asked for with this token; where it was not kept, an empty last page."""
    next_pages = [other for other in v2_answers() if token in other.request and other.posts and other is not page]
    return recorded(next_pages[0]) if next_pages else NOTHING_MORE


def assert_text(text: str, post: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> None:
    retweeted = [ref["id"] for ref in post.get("referenced_tweets") or () if ref.get("type") == "retweeted"]
    if post["text"].endswith(ELLIPSIS) and retweeted and retweeted[0] in known:
        assert text.startswith(post["text"].removesuffix(ELLIPSIS))
        assert text.endswith(known[retweeted[0]]["text"])
    else:
        assert text == post["text"]


def test_every_recorded_post_on_a_timeline_becomes_a_tweet_and_a_snapshot() -> None:
    timelines = with_posts()

    def x(asked: Asked) -> Answer:
        if asked.path == "/2/users":
            ids = asked.parameters["ids"].split(",")
            return made_up({"data": [{"id": id_, "name": f"N{id_}", "username": f"u{id_}"} for id_ in ids]})
        page = timelines[asked.path.split("/")[3]]
        token = asked.parameters.get("pagination_token")
        return successor(page, token) if token else page_of(page)

    with serving(x) as server:
        sync = Sync(configuration(server.address, timelines), OF_POSTS)

    assert sync.errors == []
    for account_id, page in timelines.items():
        sent = {post["id"]: post for post in page.posts}
        tweets = {row["id"]: row for row in sync.rows("tweets", account_id)}
        snapshots = {row["tweet_id"]: row for row in sync.rows("tweet_insights", account_id)}
        assert set(tweets) == set(snapshots) == set(sent), page.name
        known = {post["id"]: post for post in (page.document.get("includes") or {}).get("tweets") or ()}
        for id_, post in sent.items():
            assert tweets[id_]["created_at"] == snapshots[id_]["created_at"] == post.get("created_at")
            for row in (tweets[id_], snapshots[id_]):
                assert_text(row["text"], post, known)
                assert_keeps(row, post, ())
    tokens = {id_: (page.document.get("meta") or {}).get("next_token") for id_, page in timelines.items()}
    pages = [(id_, None) for id_ in timelines] + [(id_, token) for id_, token in tokens.items() if token]
    assert sorted(server.timelines(), key=str) == sorted(pages, key=str)


PRIVATE_EXAMPLE = "docs-2026-01.xapi.fundamentals.metrics.3.json"
REFUSED_FIELD = "issue.field-authorization.json"


@pytest.mark.parametrize("is_refused", [False, True])
def test_private_metrics_stand_beside_the_public_ones_or_are_null_where_x_refused_them(*, is_refused: bool) -> None:
    (example,) = chosen([PRIVATE_EXAMPLE])
    (refusal,) = [recording for recording in recordings("errors") if recording.name == REFUSED_FIELD]
    (post,) = example.posts

    def x(asked: Asked) -> Answer:
        if asked.path == "/2/users/me":
            return made_up({"data": {"id": "881", "name": "Own", "username": "own"}})
        is_private = "organic_metrics" in asked.parameters["tweet.fields"]
        return recorded(refusal) if is_private and is_refused else page_of(example)

    with serving(x) as server:
        sync = Sync(configuration(server.address, credentials=user_context()), OF_POSTS)

    assert sync.errors == []
    assert len(server.timelines()) == 2
    (row,) = sync.rows("tweet_insights")
    private = {
        f"{group}_{name}": count
        for group in ("organic", "non_public")
        for name, count in post[f"{group}_metrics"].items()
    }
    assert private
    assert {name: row[name] for name in private} == (dict.fromkeys(private) if is_refused else private)


# -- users ------------------------------------------------------------------------------------------------------------


def test_every_recorded_user_that_is_looked_up_becomes_an_account_and_a_snapshot() -> None:
    users = looked_up(user for recording in v2_answers() for user in everything_in(recording.document) if is_user(user))

    def x(asked: Asked) -> Answer:
        return made_up({"data": [users[id_] for id_ in asked.parameters["ids"].split(",")]})

    with serving(x) as server:
        sync = Sync(configuration(server.address, users), OF_ACCOUNTS)

    assert sync.errors == []
    assert len(server.asked) == -(-len(users) // 100)
    accounts = {row["id"]: row for row in sync.rows("accounts")}
    snapshots = {row["account_id"]: row for row in sync.rows("account_insights")}
    assert set(accounts) == set(snapshots) == set(users)
    for id_, user in users.items():
        assert_keeps(accounts[id_], user, ("id", "username", "name"))
        assert_keeps(snapshots[id_], user, ("username", "name"))


LOOK_UPS = (
    "academictwitteR.users-e8d09e.json",
    "postman.Users-by-ID.200-Success---Request-User-Fields.json",
    "postman.Users-by-Username.200-Success---Request-User-Fields.json",
    "postman.Users-by-Username.200-Success---Some-Users-Not-Found.json",
    "tweepy.asyncclient_get_users.0.json",
    "twarc-csv.users.0.json",
)


@pytest.mark.parametrize("recording", chosen(LOOK_UPS), ids=lambda recording: recording.name)
def test_a_recorded_look_up_gives_the_accounts_that_it_found(recording: Recording) -> None:
    users = {user["id"]: user for user in recording.users}

    with serving(lambda _: recorded(recording)) as server:
        sync = Sync(configuration(server.address, users), OF_ACCOUNTS)

    assert sync.errors == []
    accounts = {row["id"]: row for row in sync.rows("accounts")}
    assert set(accounts) == set(users)
    for id_, user in users.items():
        assert_keeps(accounts[id_], user, ("id", "username", "name"))


@pytest.mark.parametrize(
    "recording",
    [recording for recording in chosen(LOOK_UPS) if recording.document.get("errors")],
    ids=lambda recording: recording.name,
)
def test_an_account_that_a_recorded_look_up_did_not_find_is_named_and_the_others_are_read(recording: Recording) -> None:
    users = {user["id"]: user for user in recording.users}
    missing = next(error["value"] for error in recording.document["errors"] if "value" in error)

    with serving(lambda _: recorded(recording)) as server:
        sync = Sync(configuration(server.address, [*users, missing]), OF_ACCOUNTS)

    assert {row["id"] for row in sync.rows("accounts")} == set(users)
    assert sync.errors != []
    assert all(kind is FailureType.config_error and missing in message for kind, message in sync.errors)


ME = (
    "docs.xapi.users.lookup.quickstart.authenticated-lookup.3.json",
    "docs.xapi.users.lookup.quickstart.authenticated-lookup.7.json",
    "python-twitter.apis.user.me_resp.json",
    "twitter-dart.users.lookup_me.json",
)


@pytest.mark.parametrize("recording", chosen(ME), ids=lambda recording: recording.name)
def test_the_recorded_owner_of_the_credentials_is_an_own_account(recording: Recording) -> None:
    with serving(lambda _: recorded(recording)) as server:
        sync = Sync(configuration(server.address, credentials=user_context()), ("accounts",))

    assert sync.errors == []
    assert [asked.path for asked in server.asked] == ["/2/users/me"]
    (row,) = sync.rows("accounts")
    assert row["is_own_account"] is True
    assert_keeps(row, recording.users[0], ("id", "username", "name"))


# -- refusals ---------------------------------------------------------------------------------------------------------

# A recorded answer to a timeline, its status, and words that the user must read.
REFUSALS = {
    "issue.402-credits-depleted-2026-05.json": (402, "credits"),
    "issue.402-headers-only.txt": (402, "credits"),
    "issue.403-client-not-enrolled-2024.json": (403, "enrolled"),
    "issue.429-usage-capped.json": (429, "usage cap"),
    "issue.protected-user-timeline.json": (200, "protects"),
    "issue.usage-credits-404-empty.txt": (404, "404"),
    "postman.Retrieve-Rules.401-Unauthorized.json": (401, "credentials"),
}

READABLE = "twittered.user_timeline_example_v2.json"
SUSPENDED = "academictwitteR.users.45648666.mentions-d24b15.json"


def refusing(refused: str, refusal: Answer, page: Recording) -> Callable[[Asked], Answer]:
    """Return an X that knows every account, refuses the timeline of one and shows the same page for all others."""

    def x(asked: Asked) -> Answer:
        if asked.path == "/2/users":
            ids = asked.parameters["ids"].split(",")
            return made_up({"data": [{"id": id_, "name": id_, "username": f"u{id_}"} for id_ in ids]})
        if asked.path == f"/2/users/{refused}/tweets":
            return refusal
        return NOTHING_MORE if "pagination_token" in asked.parameters else recorded(page)

    return x


@pytest.mark.parametrize(
    "recording",
    [recording for recording in recordings("errors") if recording.name in REFUSALS],
    ids=lambda recording: recording.name,
)
def test_a_recorded_refusal_costs_its_account_alone_and_says_what_to_do(recording: Recording) -> None:
    status, words = REFUSALS[recording.name]
    (page,) = chosen([READABLE])

    own = '[{"account": "881", "credentials": {"auth_type": "bearer", "bearer_token": "another-invented-token"}}]'
    with serving(refusing("881", recorded(recording, status=status), page)) as server:
        sync = Sync(configuration(server.address, ["881", "882"], account_credentials=own), OF_POSTS)

    assert server.timelines().count(("881", None)) == 1
    assert {row["id"] for row in sync.rows("tweets", "882")} == {post["id"] for post in page.posts}
    assert sync.rows("tweets", "881") == []
    assert sync.errors != []
    for kind, message in sync.errors:
        assert kind is FailureType.config_error
        assert words in message
        assert "u881" in message
    assert not any("invented-token" in str(message) for message in sync.output.get_message_iterator())


def test_a_suspended_account_is_warned_of_and_never_fails_a_sync() -> None:
    (page,) = chosen([READABLE])
    (suspension,) = [recording for recording in recordings("errors") if recording.name == SUSPENDED]

    with serving(refusing("881", recorded(suspension), page)) as server:
        sync = Sync(configuration(server.address, ["881", "882"]), OF_POSTS)

    assert sync.errors == []
    assert {row["id"] for row in sync.rows("tweets")} == {post["id"] for post in page.posts}
    assert sync.output.is_in_logs("suspended")
