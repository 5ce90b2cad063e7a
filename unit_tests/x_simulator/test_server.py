"""What only shows over a real connection."""

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from x_simulator import AccountSpec, AdsAccountSpec, Fault, SimulatedClock, Simulator, World

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)
TARGET = "/2/users/by?usernames=tiny_kiln"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    ads_accounts = [AdsAccountSpec("Kiln Ads", (("tiny_kiln", "RETWEETS_ONLY"),))]
    world = World(7, [AccountSpec("tiny_kiln", "Tiny Kiln", posts=40)], ANCHOR, ads_accounts=ads_accounts)
    with Simulator(world=world, clock=SimulatedClock(ANCHOR)) as running:
        yield running


@pytest.fixture
def connection(simulator: Simulator) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection(urlsplit(simulator.base_url).netloc, timeout=10)
    yield opened
    opened.close()


def ask(
    simulator: Simulator, connection: http.client.HTTPConnection, target: str = TARGET
) -> tuple[http.client.HTTPResponse, bytes]:
    connection.request("GET", target, headers={"Authorization": f"Bearer {simulator.bearer()['bearer_token']}"})
    response = connection.getresponse()
    return response, response.read()


def control(connection: http.client.HTTPConnection, method: str, name: str, body: object = None) -> tuple[int, object]:
    connection.request(method, f"/_simulator/{name}", body=None if body is None else orjson.dumps(body))
    response = connection.getresponse()
    return response.status, orjson.loads(response.read())


def test_many_requests_go_over_one_connection(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    ask(simulator, connection)
    first = connection.sock
    response, body = ask(simulator, connection)
    assert connection.sock is first is not None
    assert json.loads(body)["data"][0]["name"] == "Tiny Kiln"
    assert response.getheader("date") == "Fri, 20 Nov 2026 12:00:00 GMT"


def test_the_date_header_follows_the_clock(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    simulator.clock.advance(86_400)
    response, _ = ask(simulator, connection)
    assert response.getheader("date") == "Sat, 21 Nov 2026 12:00:00 GMT"


def test_a_truncated_body_is_shorter_than_announced(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    simulator.faults.add(Fault("truncated_body"))
    with pytest.raises(http.client.IncompleteRead):
        ask(simulator, connection)


def test_a_reset_connection_is_an_error_of_the_network(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    simulator.faults.add(Fault("connection_reset"))
    with pytest.raises(ConnectionResetError):
        ask(simulator, connection)
    connection.close()
    assert ask(simulator, connection)[0].status == 200
    assert [entry.status for entry in simulator.journal] == [0, 200]


def test_a_slow_answer_takes_its_time(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    simulator.faults.add(Fault("slow", seconds=0.6))
    connection.timeout = 0.2
    with pytest.raises(TimeoutError):
        ask(simulator, connection)


def test_after_the_end_nobody_answers(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    ask(simulator, connection)
    simulator.stop()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        ask(simulator, connection)
    with pytest.raises(RuntimeError, match="not running"):
        _ = simulator.base_url


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])  # noqa: S104 - what is refused
def test_only_loopback_addresses_can_be_bound(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Simulator(host=host)


def test_the_configuration_names_every_owned_account(simulator: Simulator) -> None:
    more = World(7, [AccountSpec("a_one"), AccountSpec("b_two"), AccountSpec("rival", owned=False)], ANCHOR)
    with Simulator(world=more) as other:
        configuration = other.configuration(sync_mode="SpecificAccounts", accounts=["rival"])
        assert configuration["credentials"] == other.oauth1("a_one")
        assert json.loads(configuration["account_credentials"]) == [
            {"account": "@b_two", "credentials": other.oauth1("b_two")}
        ]
        assert configuration["base_urls"] == dict.fromkeys(("x_api", "ads_api", "engagement_api"), other.base_url)
        assert configuration["accounts"] == ["rival"]
    assert "account_credentials" not in simulator.configuration()


def test_another_process_can_read_the_journal(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    ask(simulator, connection)
    status, journal = control(connection, "GET", "journal")
    assert status == 200
    assert journal == {"entries": simulator.journal.as_dicts(), "billed_posts": 0, "billed_users": 1}
    control(connection, "DELETE", "journal")
    assert len(simulator.journal) == 0


def test_another_process_can_add_and_lift_faults(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    control(connection, "POST", "faults", [{"preset": "forbidden", "times": None}])
    assert ask(simulator, connection)[0].status == 403
    control(connection, "DELETE", "faults")
    assert ask(simulator, connection)[0].status == 200
    status, error = control(connection, "POST", "faults", {"preset": "earthquake"})
    assert status == 400
    assert "earthquake" in str(error)
    assert control(connection, "POST", "faults", {"colour": "red"})[0] == 400


@pytest.mark.usefixtures("simulator")
def test_another_process_can_move_the_clock(connection: http.client.HTTPConnection) -> None:
    assert control(connection, "POST", "clock", {"advance_seconds": 60}) == (200, {"time": ANCHOR.timestamp() + 60})
    assert control(connection, "GET", "clock") == (200, {"time": ANCHOR.timestamp() + 60})


def test_another_process_can_have_the_credentials(simulator: Simulator, connection: http.client.HTTPConnection) -> None:
    _, fragments = control(connection, "GET", "credentials")
    assert isinstance(fragments, dict)
    assert fragments["accounts"]["tiny_kiln"]["oauth1"] == simulator.oauth1("tiny_kiln")
    assert fragments["configuration"] == simulator.configuration()
    control(connection, "POST", "credentials", {"revoke": simulator.bearer()["bearer_token"]})
    assert ask(simulator, connection)[0].status == 401


def test_another_process_can_see_and_change_the_world(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    _, truth = control(connection, "GET", "world")
    assert isinstance(truth, dict)
    account = truth["accounts"][0]
    assert (account["username"], account["posts"]) == ("tiny_kiln", 40)
    assert account["newest_post_ids"] == simulator.world.post_ids("tiny_kiln")
    control(connection, "POST", "world", {"action": "delete_post", "post_id": account["newest_post_ids"][0]})
    _, added = control(connection, "POST", "world", {"action": "add_post", "username": "tiny_kiln", "text": "Hi"})
    assert isinstance(added, dict)
    assert simulator.world.post_ids("tiny_kiln") == [added["post_id"], *account["newest_post_ids"][1:]]
    assert control(connection, "POST", "world", {"action": "explode"})[0] == 400
    assert control(connection, "POST", "world", {"action": "suspend", "username": "nobody"})[0] == 400
    assert control(connection, "POST", "world", {"action": "suspend", "user": "tiny_kiln"})[0] == 400


def test_another_process_can_see_and_change_ads_accounts(
    simulator: Simulator, connection: http.client.HTTPConnection
) -> None:
    kiln = simulator.world.ads.named("Kiln Ads")

    def change(action: str, **what: str) -> tuple[int, Any]:
        return control(connection, "POST", "world", {"action": action, "id": kiln.id, **what})

    _, removed = change("ads_remove_user", username="tiny_kiln")
    status, added = change("ads_add_user", username="tiny_kiln", type="FULL")
    assert (status, removed) == (200, {"ok": True, "promotable_user_id": None})
    change("ads_remove_role", username="tiny_kiln")
    change("ads_add_role", username="other")
    change("ads_rename", name="Kiln Group")
    change("ads_close")
    _, truth = control(connection, "GET", "world")
    assert isinstance(truth, dict)
    person = {"id": added["promotable_user_id"], "username": "tiny_kiln", "type": "FULL"}
    assert truth["ads_accounts"] == [
        {
            "id": kiln.id,
            "name": "Kiln Group",
            "timezone": "America/Los_Angeles",
            "deleted": True,
            "users": [{**person, "deleted": False}],
            "roles": ["other"],
        }
    ]
    assert change("ads_rename", username="x")[0] == 400
    assert change("ads_rename")[0] == 400


def test_an_unknown_control_lists_the_known_ones(connection: http.client.HTTPConnection) -> None:
    status, answer = control(connection, "GET", "weather")
    assert status == 404
    assert "POST /_simulator/clock" in str(answer)
