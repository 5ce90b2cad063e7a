from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from unit_tests.x_simulator.asking import Client
from x_simulator import Fault, SimulatedClock, World
from x_simulator.faults import PRESETS

BY = "/2/users/by"


def ask(client: Client) -> int:
    return client.get(BY, usernames="tiny_kiln").status


def test_every_answer_says_what_is_left_of_the_window(client: Client, clock: SimulatedClock) -> None:
    first, second = (client.get(BY, usernames="tiny_kiln").headers for _ in range(2))
    reset = str(int(clock.time()) + 901)
    assert (first["x-rate-limit-limit"], first["x-rate-limit-remaining"]) == ("300", "299")
    assert (second["x-rate-limit-remaining"], second["x-rate-limit-reset"]) == ("298", reset)


def test_users_and_apps_have_limits_of_their_own(client: Client) -> None:
    app = client.get(BY, usernames="tiny_kiln").headers
    user = client.get(BY, usernames="tiny_kiln", user="tiny_kiln").headers
    assert (app["x-rate-limit-limit"], user["x-rate-limit-limit"]) == ("300", "900")


def test_a_used_up_window_answers_429_until_it_is_over(
    make_client: Callable[..., Client], clock: SimulatedClock
) -> None:
    client = make_client(rate_limits={BY: 2}, rate_limit_window_seconds=60)
    assert [ask(client) for _ in range(3)] == [200, 200, 429]
    refused = client.get(BY, usernames="tiny_kiln")
    assert refused.body == {
        "title": "Too Many Requests",
        "type": "about:blank",
        "status": 429,
        "detail": "Too Many Requests",
    }
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert client.get(BY, usernames="tiny_kiln", user="tiny_kiln").status == 200
    assert client.get("/2/users/by/username/tiny_kiln").status == 200
    clock.advance(float(refused.headers["x-rate-limit-reset"]) - clock.time())
    assert ask(client) == 200


@pytest.mark.parametrize(
    ("preset", "status", "text"),
    [
        ("rate_limited", 429, "Rate limit exceeded\n"),
        ("rate_limited_json", 429, "Too Many Requests"),
        ("rate_limited_code_88", 429, '"code":88'),
        ("usage_capped", 429, "problems/usage-capped"),
        ("credits_depleted_old", 402, "problems/credits"),
        ("credits_depleted_new", 402, "problems/credits-depleted"),
        ("unauthorized", 401, "about:blank"),
        ("forbidden", 403, "about:blank"),
        ("client_not_enrolled", 403, "client-not-enrolled"),
        ("oauth1_permissions", 403, "problems/oauth1-permissions"),
        ("invalid_field", 400, "problems/invalid-request"),
        ("internal_error", 500, "problems/internal-error"),
        ("bad_gateway_empty", 502, ""),
        ("unavailable_html", 503, "<!DOCTYPE html>"),
        ("unavailable_text", 503, "Service Unavailable"),
    ],
)
def test_a_preset_replaces_one_answer(client: Client, preset: str, status: int, text: str) -> None:
    client.simulator.faults.add(Fault(preset, seconds=30))
    refused = client.get(BY, usernames="tiny_kiln")
    assert refused.status == status
    assert text in refused.response.body.decode()
    assert ask(client) == 200


def test_every_preset_was_tried_somewhere_in_this_file_or_in_those_of_the_other_apis() -> None:
    names = ("test_ads_limits_and_faults.py", "test_engagement_limits_and_faults.py")
    files = (Path(__file__), *map(Path(__file__).with_name, names))
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in PRESETS if f'"{name}"' not in source] == []


def test_a_rate_limit_fault_uses_the_real_window_up(client: Client, clock: SimulatedClock) -> None:
    client.simulator.faults.add(Fault("rate_limited"))
    refused = client.get(BY, usernames="tiny_kiln")
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert ask(client) == 429
    clock.advance(901)
    assert ask(client) == 200


def test_a_cap_leaves_the_rate_limit_alone(client: Client) -> None:
    client.simulator.faults.add(Fault("usage_capped"))
    assert int(client.get(BY, usernames="tiny_kiln").headers["x-rate-limit-remaining"]) > 0


def test_a_fault_meets_the_nth_matching_request_so_many_times(client: Client) -> None:
    client.simulator.faults.add(Fault("internal_error", path=BY, nth=2, times=2))
    assert client.get("/2/users/by/username/tiny_kiln").status == 200
    assert [ask(client) for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_without_end_lasts_until_it_is_lifted(client: Client) -> None:
    client.simulator.faults.add(Fault("forbidden", times=None))
    assert {ask(client) for _ in range(5)} == {403}
    client.simulator.faults.clear()
    assert ask(client) == 200


def test_a_fault_can_be_for_one_account_or_one_credential(client: Client, world: World) -> None:
    faults = client.simulator.faults
    faults.add(Fault("forbidden", account="@Tiny_Kiln", path=r"/2/users/\d+/tweets", times=None))
    faults.add(Fault("unauthorized", credential="oauth1:main:lumen_mill", times=None))
    paths = [f"/2/users/{world.user_id(name)}/tweets" for name in ("tiny_kiln", "lumen_mill")]
    assert [client.get(path).status for path in paths] == [403, 200]
    assert client.get("/2/users/me", user="lumen_mill").status == 401
    assert client.get("/2/users/me", user="tiny_kiln").status == 200


def test_an_answer_can_be_made_up(client: Client) -> None:
    fault = Fault("custom", status=418, body={"odd": True}, headers={"retry-after": "3"})
    client.simulator.faults.add(fault)
    refused = client.get(BY, usernames="tiny_kiln")
    assert (refused.status, refused.body, refused.headers["retry-after"]) == (418, {"odd": True}, "3")


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no fault 'earthquake'"):
        Fault("earthquake")


def test_one_metric_can_be_refused_and_the_rest_stays(client: Client, world: World) -> None:
    path = f"/2/users/{world.user_id('lumen_mill')}/tweets"
    query = {"max_results": 5, "tweet__fields": "organic_metrics,public_metrics"}
    client.simulator.faults.add(Fault("metric_refused", metric="organic_metrics"))
    body = client.get(path, user="lumen_mill", **query).body
    assert {tuple(sorted(post)) for post in body["data"]} == {
        ("edit_history_tweet_ids", "id", "public_metrics", "text")
    }
    assert [problem["field"] for problem in body["errors"]] == ["organic_metrics.impression_count"] * 5


def test_a_field_can_fail_to_load(client: Client, world: World) -> None:
    path = f"/2/users/{world.user_id('lumen_mill')}/tweets"
    client.simulator.faults.add(Fault("field_hydration_failure"))
    body = client.get(path, max_results=5, tweet__fields="public_metrics").body
    assert body["errors"][0]["type"].endswith("/field-hydration-failure")
    assert not any("public_metrics" in post for post in body["data"])
    assert len(client.get(path, max_results=5, tweet__fields="public_metrics").body["data"][0]["public_metrics"]) == 6


def test_a_token_can_come_back_again(client: Client, world: World) -> None:
    path = f"/2/users/{world.user_id('lumen_mill')}/tweets"
    client.simulator.faults.add(Fault("repeated_next_token", nth=2))
    token = client.get(path).body["meta"]["next_token"]
    assert client.get(path, pagination_token=token).body["meta"]["next_token"] == token


def test_faults_of_the_wire_are_left_to_the_wire(client: Client) -> None:
    for preset in ("truncated_body", "connection_reset", "slow"):
        client.simulator.faults.add(Fault(preset, seconds=0.5))
    cut, reset, slow = (client.get(BY, usernames="tiny_kiln").response for _ in range(3))
    assert (cut.sent_share, reset.is_reset, slow.delay_seconds) == (0.5, True, 0.5)
    assert len(cut.encoded("now")) < len(slow.encoded("now"))


def test_the_journal_says_what_was_asked_and_what_it_cost(client: Client, world: World) -> None:
    identifier = world.user_id("lumen_mill")
    path = f"/2/users/{identifier}/tweets"
    query = {"max_results": 50, "expansions": "referenced_tweets.id,author_id"}
    body = client.get(path, user="tiny_kiln", **query).body
    ask(client)
    entry, other = client.simulator.journal
    assert (entry.number, entry.method, entry.path, entry.status) == (1, "GET", path, 200)
    assert entry.query == {"max_results": "50", "expansions": "referenced_tweets.id,author_id"}
    assert (entry.endpoint, entry.account) == ("/2/users/:id/tweets", "lumen_mill")
    assert (entry.credential, entry.auth_type) == ("oauth1:main:tiny_kiln", "oauth1")
    assert entry.billed_posts == 50 + len(body["includes"]["tweets"])
    assert (entry.billed_users, other.billed_users) == (1, 1)
    journal = client.simulator.journal
    assert journal.requests_to(r"/2/users/\d+/tweets") == [entry]
    assert (journal.billed_posts, journal.billed_users) == (entry.billed_posts, 2)
    orjson.dumps(journal.as_dicts())
    journal.clear()
    assert list(journal) == []


def test_failed_requests_are_written_down_and_cost_nothing(client: Client) -> None:
    client.simulator.faults.add(Fault("credits_depleted_new"))
    client.get(BY, usernames="tiny_kiln")
    client.get(BY, usernames="tiny_kiln", max_results=1)
    assert [(entry.status, entry.fault, entry.billed_users) for entry in client.simulator.journal] == [
        (402, "credits_depleted_new", 0),
        (400, None, 0),
    ]
