"""How often the Engagement API may be asked, and how it fails on demand."""

from collections.abc import Callable
from typing import Any

import pytest

from unit_tests.x_simulator.asking import Asked, Client
from x_simulator import Fault, SimulatedClock
from x_simulator.accounts import PostKind
from x_simulator.engagement_api.endpoints import ENDPOINTS, TWEET, TYPE

TOTALS, RECENT, HISTORICAL = ENDPOINTS


def ids_of(client: Client, username: str = "lumen_mill") -> list[str]:
    posts = client.simulator.world.posts(username)
    return [str(post.id) for post in posts if post.kind is not PostKind.RETWEET][:3]


def document(client: Client, username: str = "lumen_mill") -> dict[str, Any]:
    return {
        "tweet_ids": ids_of(client, username),
        "engagement_types": ["favorites"],
        "groupings": {"mine": {"group_by": [TWEET, TYPE]}},
    }


def ask(client: Client, path: str = HISTORICAL, user: str = "lumen_mill") -> Asked:
    return client.post_json(path, document(client, user), user=user)


def limits(asked: Asked) -> dict[str, str]:
    return {name: value for name, value in asked.headers.items() if name.startswith("x-") and "trans" not in name}


def test_every_answer_says_what_is_left_of_the_minute_and_not_when_it_ends(client: Client) -> None:
    ask(client)
    assert limits(ask(client)) == {"x-per-minute-limit": "60", "x-per-minute-remaining": "58"}
    assert limits(ask(client, RECENT)) == {"x-per-minute-limit": "60", "x-per-minute-remaining": "59"}


def test_a_used_up_minute_answers_429_until_the_clock_begins_another(
    make_client: Callable[..., Client], clock: SimulatedClock
) -> None:
    clock.advance(50)
    client = make_client(rate_limits={HISTORICAL: 2})
    assert [ask(client).status for _ in range(3)] == [200, 200, 429]
    refused = ask(client)
    assert refused.body == {"errors": ["Rate limit exceeded"]}
    assert limits(refused) == {"x-per-minute-limit": "2", "x-per-minute-remaining": "0"}
    assert [ask(client, path).status for path in (TOTALS, RECENT)] == [200, 200]
    assert ask(client, user="tiny_kiln").status == 200
    clock.advance(9.9)
    assert ask(client).status == 429
    clock.advance(0.1)
    assert ask(client).status == 200


def test_refused_requests_count_too(make_client: Callable[..., Client]) -> None:
    client = make_client(rate_limits={HISTORICAL: 3})
    for _ in range(3):
        assert client.post_json(HISTORICAL, {}, user="lumen_mill").status == 400
    assert ask(client).status == 429


def test_a_window_can_be_shorter_than_a_minute(make_client: Callable[..., Client], clock: SimulatedClock) -> None:
    client = make_client(rate_limits={HISTORICAL: 1}, rate_limit_window_seconds=2)
    assert [ask(client).status for _ in range(2)] == [200, 429]
    clock.advance(2)
    assert ask(client).status == 200


@pytest.mark.parametrize(
    ("preset", "status", "text"),
    [
        ("engagement_not_allowlisted", 403, "Your application id is not authorized."),
        ("engagement_unauthenticated", 401, "could not be authenticated. Reason: Access token not found"),
        ("engagement_internal_error", 500, "internal server error"),
        ("engagement_rate_limited", 429, "Rate limit exceeded"),
    ],
)
def test_a_preset_replaces_one_answer(
    client: Client, clock: SimulatedClock, preset: str, status: int, text: str
) -> None:
    client.simulator.faults.add(Fault(preset))
    refused = ask(client)
    assert (refused.status, len(refused.body["errors"])) == (status, 1)
    assert text in refused.body["errors"][0]
    assert refused.headers["content-encoding"] == "gzip"
    clock.advance(60)
    assert ask(client).status == 200


def test_a_proxy_says_so_in_plain_text(client: Client) -> None:
    client.simulator.faults.add(Fault("engagement_proxy_error"))
    refused = ask(client)
    assert (refused.status, refused.response.content_type) == (502, "text/plain;charset=utf-8")


def test_a_rate_limit_fault_uses_the_minute_up(client: Client, clock: SimulatedClock) -> None:
    client.simulator.faults.add(Fault("engagement_rate_limited"))
    assert limits(ask(client)) == {"x-per-minute-limit": "60", "x-per-minute-remaining": "0"}
    assert ask(client).status == 429
    clock.advance(60)
    assert ask(client).status == 200


def test_tweets_can_be_made_somebody_elses(client: Client) -> None:
    first, second, _ = ids_of(client)
    client.simulator.faults.add(Fault("engagement_forbidden"))
    refused = ask(client)
    assert (refused.status, refused.body) == (403, {"errors": [f"Forbidden to access tweets: {first}"]})
    assert ask(client).status == 200
    client.simulator.faults.add(Fault("engagement_forbidden", ids=[second], times=None))
    assert ask(client).body == {"errors": [f"Forbidden to access tweets: {second}"]}
    without = {**document(client), "tweet_ids": [first]}
    assert client.post_json(HISTORICAL, without, user="lumen_mill").status == 200


def test_tweets_can_be_made_unavailable(client: Client) -> None:
    first, second, third = ids_of(client)
    client.simulator.faults.add(Fault("engagement_unavailable", ids=(first, third)))
    body = ask(client).body
    assert (body["unavailable_tweet_ids"], list(body["mine"])) == ([first, third], [second])
    client.simulator.faults.add(Fault("engagement_unavailable", ids=(first, second, third)))
    assert ask(client).status == 400


@pytest.mark.parametrize(
    ("preset", "status", "text"),
    [
        (
            "engagement_metric_refused",
            400,
            (
                "One or more of the engagement types you have specified are not supported: (retweets). "
                "Please adjust your request and try again."
            ),
        ),
        ("engagement_metric_forbidden", 403, "Forbidden to access metrics: retweets"),
    ],
)
def test_requests_for_a_metric_can_be_refused_and_others_are_not(
    client: Client, preset: str, status: int, text: str
) -> None:
    client.simulator.faults.add(Fault(preset, metric="retweets", times=None))
    asks_for_it = {**document(client), "engagement_types": ["favorites", "retweets"]}
    refused = client.post_json(HISTORICAL, asks_for_it, user="lumen_mill")
    assert (refused.status, refused.body) == (status, {"errors": [text]})
    assert ask(client).status == 200


def test_totals_of_old_tweets_can_be_refused_instead_of_left_empty(client: Client) -> None:
    posts = client.simulator.world.posts("lumen_mill")
    kept = [str(post.id) for post in posts if post.kind is not PostKind.RETWEET]
    old, young = min(kept, key=int), max(kept, key=int)
    asks_for_both = {**document(client), "tweet_ids": [old, young], "engagement_types": ["impressions", "favorites"]}
    answered = client.post_json(TOTALS, asks_for_both, user="lumen_mill").body
    client.simulator.faults.add(Fault("engagement_too_old", times=None))
    refused = client.post_json(TOTALS, asks_for_both, user="lumen_mill")
    name = "unsupported_for_impressions_engagements_tweet_ids"
    assert (refused.status, refused.body) == (400, {"errors": answered["errors"], name: [old]})
    for others in ({"tweet_ids": [young]}, {"engagement_types": ["favorites"]}):
        assert client.post_json(TOTALS, {**asks_for_both, **others}, user="lumen_mill").status == 200


def test_presets_of_the_other_apis_work_here_too(client: Client) -> None:
    client.simulator.faults.add(Fault("unavailable_text", path="/insights/.*"))
    client.simulator.faults.add(Fault("rate_limited", account="lumen_mill"))
    assert [ask(client).status, ask(client).status] == [503, 429]
    assert not any(name.startswith("x-per-minute-reset") for name in ask(client).headers)


def test_the_journal_says_what_was_asked(client: Client) -> None:
    ask(client)
    client.post_json(TOTALS, b"{", authorization="")
    entry, other = client.simulator.journal
    assert (entry.endpoint, entry.account, entry.status) == (HISTORICAL, "lumen_mill", 200)
    assert (entry.credential, entry.body) == ("oauth1:main:lumen_mill", document(client))
    assert (other.endpoint, other.account, other.status, other.body) == (TOTALS, None, 401, None)
    assert client.simulator.journal.requests_to(HISTORICAL, method="POST") == [entry]
