"""How often the Ads API may be asked, and how it fails on demand."""

from collections.abc import Callable

import pytest

from unit_tests.x_simulator.asking import Asked, Client
from unit_tests.x_simulator.conftest import LUMEN, NOOK
from x_simulator import Fault, SimulatedClock

ACCOUNTS = "/12/accounts"
USERS = f"/12/accounts/{LUMEN}/promotable_users"


def ask(client: Client, path: str = USERS, user: str = "lumen_mill") -> Asked:
    return client.get(path, user=user)


def test_all_accounts_can_be_listed_five_times_in_a_quarter_of_an_hour(client: Client, clock: SimulatedClock) -> None:
    assert [ask(client, ACCOUNTS).status for _ in range(6)] == [200] * 5 + [429]
    refused = ask(client, ACCOUNTS)
    assert refused.body == {
        "errors": [{"code": "TOO_MANY_REQUESTS", "message": "You have exceeded the number of requests in this window"}],
        "request": {"params": {}},
    }
    assert ask(client, ACCOUNTS, "tiny_kiln").status == 200
    clock.advance(float(refused.headers["x-rate-limit-reset"]) - clock.time())
    assert ask(client, ACCOUNTS).status == 200


def test_collections_have_a_window_of_the_ads_account_beside_the_users(client: Client) -> None:
    ask(client, user="tiny_kiln")
    headers = ask(client).headers
    assert {name: headers[name] for name in headers if "rate-limit" in name and not name.endswith("reset")} == {
        "x-account-rate-limit-limit": "2000",
        "x-account-rate-limit-remaining": "1998",
        "x-rate-limit-limit": "2000",
        "x-rate-limit-remaining": "1999",
    }
    alone = ask(client, f"/12/accounts/{LUMEN}").headers
    assert [name for name in alone if "account-rate-limit" in name] == []


def test_where_there_are_two_windows_the_ads_accounts_decides(make_client: Callable[..., Client]) -> None:
    client = make_client(rate_limits={"/12/accounts/:id/promotable_users": 2})
    assert [ask(client, user=user).status for user in ("lumen_mill", "tiny_kiln", "lumen_mill")] == [200, 200, 429]
    refused = ask(client).headers
    assert (refused["x-account-rate-limit-remaining"], refused["x-rate-limit-limit"]) == ("0", "2")
    client.simulator.world.ads.add_role(NOOK, "lumen_mill")
    assert ask(client, f"/12/accounts/{NOOK}/promotable_users").status == 200


def test_a_request_that_has_no_role_on_the_account_counts_for_the_user_alone(client: Client) -> None:
    assert ask(client, user="hidden_nook").status == 401
    assert ask(client).headers["x-account-rate-limit-remaining"] == "1998"


def test_a_deprecated_endpoint_answers_with_a_warning_in_a_header(client: Client) -> None:
    client.simulator.faults.add(Fault("ads_deprecated", path=USERS, body="This will end"))
    warned, plain = ask(client), ask(client)
    assert (warned.status, warned.headers["x-api-warn"]) == (200, "This will end")
    assert "x-api-warn" not in plain.headers
    assert warned.body == plain.body


def test_every_answer_names_the_version(client: Client) -> None:
    for path in (ACCOUNTS, "/12/nothing", f"/11/accounts/{LUMEN}"):
        headers = ask(client, path).headers
        assert (headers["x-current-api-version"], "api-version" in headers) == ("12", False)


@pytest.mark.parametrize(
    ("preset", "status", "code"),
    [
        ("ads_too_many_jobs", 400, "TOO_MANY_JOBS"),
        ("ads_internal_error", 500, "INTERNAL_ERROR"),
        ("ads_account_not_found", 403, "NOT_FOUND"),
        ("ads_no_role", 401, "UNAUTHORIZED_ACCESS"),
        ("ads_app_not_approved", 403, "UNAUTHORIZED_CLIENT_APPLICATION"),
        ("ads_rate_limited", 429, "TOO_MANY_REQUESTS"),
    ],
)
def test_a_preset_replaces_one_answer(client: Client, preset: str, status: int, code: str) -> None:
    client.simulator.faults.add(Fault(preset, seconds=30))
    refused = ask(client)
    assert (refused.status, [error["code"] for error in refused.body["errors"]]) == (status, [code])
    assert ask(client).status == 200


def test_a_service_that_did_not_answer_in_time_says_so_in_plain_text(client: Client) -> None:
    client.simulator.faults.add(Fault("ads_unavailable_timeout"))
    refused = ask(client)
    assert (refused.status, refused.response.content_type) == (503, "text/plain;charset=utf-8")


def test_an_answer_can_be_lost_after_x_has_done_what_was_asked(client: Client) -> None:
    client.simulator.faults.add(Fault("ads_answer_lost", method="POST"))
    (newest, *_) = client.simulator.world.post_ids("lumen_mill")
    question = {
        "entity": "ORGANIC_TWEET",
        "entity_ids": newest,
        "granularity": "DAY",
        "metric_groups": "ENGAGEMENT",
        "placement": "ALL_ON_TWITTER",
        "start_time": "2026-11-01",
        "end_time": "2026-11-03",
    }
    path = f"/12/stats/jobs/accounts/{LUMEN}"
    refused = client.send("POST", path, user="lumen_mill", **question)
    assert (refused.status, refused.response.content_type) == (503, "text/plain;charset=utf-8")
    assert [job["entity_ids"] for job in ask(client, path).body["data"]] == [[newest]]


def test_presets_of_the_other_api_work_here_too(client: Client) -> None:
    client.simulator.faults.add(Fault("bad_gateway_empty", path=r"/12/accounts/.*"))
    assert [ask(client, ACCOUNTS).status, ask(client).status, ask(client).status] == [200, 502, 200]


def test_a_rate_limit_fault_uses_both_windows_up(client: Client, clock: SimulatedClock) -> None:
    client.simulator.faults.add(Fault("ads_rate_limited"))
    refused = ask(client).headers
    assert (refused["x-account-rate-limit-remaining"], refused["x-rate-limit-remaining"]) == ("0", "0")
    assert ask(client).status == 429
    clock.advance(901)
    assert ask(client).status == 200


def test_a_fault_can_be_for_one_ads_account(client: Client) -> None:
    client.simulator.faults.add(Fault("ads_no_role", account=LUMEN, times=None))
    assert [ask(client).status, ask(client, f"/12/accounts/{NOOK}", "hidden_nook").status] == [401, 200]


def test_the_journal_names_endpoint_and_ads_account(client: Client) -> None:
    ask(client)
    ask(client, ACCOUNTS)
    ask(client, "/12/nothing")
    assert [(entry.endpoint, entry.account, entry.status) for entry in client.simulator.journal] == [
        ("/12/accounts/:id/promotable_users", LUMEN, 200),
        ("/12/accounts", "lumen_mill", 200),
        (None, None, 404),
    ]
    assert client.simulator.journal[0].credential == "oauth1:main:lumen_mill"
