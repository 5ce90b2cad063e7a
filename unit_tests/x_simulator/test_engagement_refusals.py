"""The Engagement API: who may ask, and what may not be asked."""

from collections.abc import Callable
from typing import Any

import pytest

from unit_tests.x_simulator.asking import Asked, Client
from x_simulator.accounts import PostKind
from x_simulator.engagement_api.endpoints import DAY, ENDPOINTS, HOUR, TWEET, TYPE

TOTALS, RECENT, HISTORICAL = ENDPOINTS
ALL_FOUR = [TWEET, TYPE, DAY, HOUR]
NO_ACCOUNT = "Your account could not be authenticated. Reason: "


def own_id(client: Client, username: str = "lumen_mill") -> str:
    posts = client.simulator.world.posts(username)
    return next(str(post.id) for post in posts if post.kind is not PostKind.RETWEET)


def document(client: Client, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    asked = {
        "tweet_ids": [own_id(client)],
        "engagement_types": ["favorites"],
        "groupings": {"mine": {"group_by": [TWEET, TYPE]}},
        **changes,
    }
    return {key: value for key, value in asked.items() if value is not None}


def ask(client: Client, path: str = HISTORICAL, user: str | None = "lumen_mill", **changes: Any) -> Asked:  # noqa: ANN401 - JSON
    return client.post_json(path, document(client, **changes), user=user)


def complaints(asked: Asked) -> list[str]:
    assert (asked.status, list(asked.body)) == (400, ["errors"])
    return list(asked.body["errors"])


def by(*values: object) -> dict[str, dict[str, list[object]]]:
    return {"mine": {"group_by": list(values)}}


# Who ----------------------------------------------------------------------------------------------------------------


def test_nobody_is_refused(client: Client) -> None:
    refused = client.post_json(HISTORICAL, document(client), authorization="")
    assert (refused.status, refused.body) == (401, {"errors": [NO_ACCOUNT + "Access token not found"]})


def test_tokens_of_users_that_are_not_signed_with_are_refused_everywhere(client: Client) -> None:
    token = client.simulator.oauth2("lumen_mill")["access_token"]
    for path in ENDPOINTS:
        refused = client.post_json(path, document(client), authorization=f"Bearer {token}")
        assert (refused.status, refused.body) == (401, {"errors": [NO_ACCOUNT + "Unknown Authorization Type"]})


@pytest.mark.parametrize(("path", "status"), [(TOTALS, 200), (RECENT, 401), (HISTORICAL, 401)])
def test_an_app_alone_may_ask_for_totals(client: Client, path: str, status: int) -> None:
    assert ask(client, path, None).status == status


def test_an_app_alone_sees_nothing_private(client: Client) -> None:
    refused = ask(client, TOTALS, None, engagement_types=["impressions", "favorites", "engagements"])
    assert (refused.status, refused.body) == (
        403,
        {"errors": ["Forbidden to access metrics: impressions, engagements"]},
    )


def test_an_app_that_x_did_not_open_the_api_to_is_refused(make_client: Callable[..., Client]) -> None:
    for client in (make_client(engagement_apps=()), make_client(engagement_apps=("other",), apps=("main", "other"))):
        refused = ask(client)
        assert (refused.status, refused.body) == (403, {"errors": ["Your application id is not authorized."]})
    opened = make_client(engagement_apps=("other",), apps=("main", "other"))
    header = opened.signature(HISTORICAL, opened.simulator.oauth1("lumen_mill", "other"), method="POST")
    assert opened.post_json(HISTORICAL, document(opened), authorization=header).status == 200


@pytest.mark.parametrize(
    ("action", "reason"), [("suspend", "Your account is suspended"), ("delete_account", "Access token not found")]
)
def test_accounts_that_are_gone_are_refused(client: Client, action: str, reason: str) -> None:
    body = document(client)
    getattr(client.simulator.world, action)("lumen_mill")
    refused = client.post_json(HISTORICAL, body, user="lumen_mill")
    assert (refused.status, refused.body) == (401, {"errors": [NO_ACCOUNT + reason]})


def test_a_signature_covers_the_address_and_not_the_json(client: Client) -> None:
    header = client.signature(HISTORICAL, client.simulator.oauth1("lumen_mill"), method="POST")
    assert client.post_json(HISTORICAL, document(client), authorization=header).status == 200
    other = client.signature(RECENT, client.simulator.oauth1("lumen_mill"), method="POST")
    assert client.post_json(HISTORICAL, document(client), authorization=other).status == 401


# What ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0, br"])
def test_a_client_has_to_take_compressed_answers(client: Client, accepted: str) -> None:
    refused = client.post_json(HISTORICAL, document(client), user="lumen_mill", accept_encoding=accepted)
    assert (refused.status, "gzip" in refused.body["errors"][0]) == (406, True)
    assert "content-encoding" not in refused.headers


@pytest.mark.parametrize("accepted", ["gzip", "deflate, GZIP;q=0.5", "*"])
def test_answers_and_refusals_are_compressed(client: Client, accepted: str) -> None:
    for ids in ([own_id(client)], ["20"]):
        asked = client.post_json(
            HISTORICAL, document(client, tweet_ids=ids), user="lumen_mill", accept_encoding=accepted
        )
        assert asked.headers["content-encoding"] == "gzip"
        assert asked.response.body[:2] == b"\x1f\x8b"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"'])
def test_a_body_that_is_no_object_is_refused(client: Client, body: bytes) -> None:
    assert complaints(client.post_json(HISTORICAL, body, user="lumen_mill")) == [
        "The request needs a JSON object as its body"
    ]


def test_everything_wrong_with_a_request_is_said_at_once(client: Client) -> None:
    assert len(complaints(client.post_json(HISTORICAL, {}, user="lumen_mill"))) == 3


@pytest.mark.parametrize("ids", [None, [], "20", ["x"], ["2" * 20], [True], [1.5], [None], [-1]])
def test_tweet_ids_are_digits(client: Client, ids: object) -> None:
    assert len(complaints(ask(client, tweet_ids=ids))) == 1


@pytest.mark.parametrize(("path", "most"), [(TOTALS, 250), (RECENT, 25), (HISTORICAL, 25)])
def test_there_are_so_many_tweets_in_a_request_and_no_more(client: Client, path: str, most: int) -> None:
    ids = [own_id(client), *map(str, range(1, most))]
    assert ask(client, path, tweet_ids=ids).status == 200
    assert complaints(ask(client, path, tweet_ids=[*ids, "7"])) == [
        f"tweet_ids may hold at most {most} Tweet IDs, not {most + 1}"
    ]


@pytest.mark.parametrize(
    ("path", "names", "wrong"),
    [
        (HISTORICAL, ["quote_tweets", "favorites"], "quote_tweets"),
        (RECENT, ["quote_tweets"], "quote_tweets"),
        (TOTALS, ["url_clicks", "favorites", "media_clicks"], "url_clicks, media_clicks"),
        (HISTORICAL, ["likes"], "likes"),
        (HISTORICAL, ["media_clicks"], "media_clicks"),
    ],
)
def test_each_endpoint_has_its_types(client: Client, path: str, names: list[str], wrong: str) -> None:
    (complaint,) = complaints(ask(client, path, engagement_types=names))
    assert complaint.endswith(f": {wrong}")


@pytest.mark.parametrize("names", [None, [], "favorites"])
def test_there_has_to_be_a_type(client: Client, names: object) -> None:
    assert len(complaints(ask(client, engagement_types=names))) == 1


@pytest.mark.parametrize(
    "groupings",
    [None, [], {}, {name: {"group_by": [TYPE]} for name in "abcd"}, {"mine": {}}, {"mine": [TYPE]}, by()],
)
def test_there_are_one_to_three_groupings(client: Client, groupings: object) -> None:
    assert len(complaints(ask(client, groupings=groupings))) == 1


def unsupported(*values: str) -> list[str]:
    named = ", ".join(values)
    complaint = f"One or more of the groupBys you have specified are not supported: ({named})."
    return [f"{complaint} Please adjust your request and try again."]


@pytest.mark.parametrize(
    ("path", "values", "wrong"),
    [
        (TOTALS, [TWEET, TYPE, HOUR], [HOUR]),
        (TOTALS, [DAY, HOUR], [DAY, HOUR]),
        (HISTORICAL, [TWEET, "engagement.week"], ["engagement.week"]),
        (HISTORICAL, [TWEET, TWEET], [TWEET, TWEET]),
        (HISTORICAL, [TWEET, TYPE, HOUR, DAY], [TWEET, TYPE, HOUR, DAY]),
        (RECENT, [DAY, HOUR, TWEET, TYPE], [DAY, HOUR, TWEET, TYPE]),
    ],
)
def test_groupings_that_are_not_supported_are_named(
    client: Client, path: str, values: list[str], wrong: list[str]
) -> None:
    assert complaints(ask(client, path, groupings=by(*values))) == unsupported(*wrong)


@pytest.mark.parametrize("values", [ALL_FOUR, [TYPE, TWEET, DAY, HOUR], ["Tweet.id", TYPE]])
def test_two_orders_of_all_four_values_are_supported_and_capitals_are_no_matter(
    client: Client, values: list[str]
) -> None:
    assert ask(client, groupings=by(*values)).status == 200


def test_only_one_grouping_may_have_all_four_values(client: Client) -> None:
    two = {"a": {"group_by": ALL_FOUR}, "b": {"group_by": ALL_FOUR}}
    assert complaints(ask(client, groupings=two)) == ["Only one grouping may have 4 values in group_by"]
    assert ask(client, groupings={**two, "b": {"group_by": ALL_FOUR[:3]}, "c": {"group_by": [DAY]}}).status == 200


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2026-11-01", None, "given together"),
        (None, "2026-11-01", "given together"),
        ("2026-11-01", "2026-11-20T12:00:01Z", "future"),
        ("2026-11-01", "2026-11-21", "future"),
        ("2026-11-02", "2026-11-02", "before end"),
        ("2026-11-03", "2026-11-02", "before end"),
        ("2026-10-01", "2026-10-29T00:00:01Z", "at most 4 weeks"),
        ("2026-10-01T00:30:00Z", "2026-10-29T00:30:00Z", "at most 4 weeks"),
        ("2025-11-20T11:59:59Z", "2025-12-01", "at most 365 days"),
        ("2025-11-20", "2025-12-01", "at most 365 days"),
        ("last week", "2026-11-01", "start is neither"),
        ("2026-11-01", "2026-11-31", "end is neither"),
        ("2026-11-01", "2026-11-02T03:04:05", "end is neither"),
        (20261101, "2026-11-02", "start is neither"),
        ("0001-01-01T00:00+23:59", "2026-11-02", "start"),
    ],
)
def test_windows_that_do_not_fit_are_explained(client: Client, start: object, end: object, text: str) -> None:
    (complaint,) = complaints(ask(client, start=start, end=end))
    assert text in complaint


@pytest.mark.parametrize("path", [TOTALS, RECENT])
def test_endpoints_with_windows_of_their_own_take_no_other(client: Client, path: str) -> None:
    asked = ask(client, path, start="2011-01-01", end="nonsense")
    assert (asked.status, asked.body.get("start")) == (200, {TOTALS: None, RECENT: "2026-11-19T08:00:00Z"}[path])


# Where --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/insights/engagement/weekly", "/insights/engagement/", "/insights/x"])
def test_paths_that_do_not_exist_are_refused_in_this_apis_words(client: Client, path: str) -> None:
    refused = client.post_json(path, document(client), user="lumen_mill")
    assert (refused.status, refused.body) == (404, {"errors": ["The requested resource does not exist"]})
    assert client.get(HISTORICAL, user="lumen_mill").status == 404


def test_the_insights_of_the_x_api_are_another_thing_and_gone(client: Client) -> None:
    assert client.get("/2/insights/historical", user="lumen_mill").body["errors"][0]["code"] == 34
