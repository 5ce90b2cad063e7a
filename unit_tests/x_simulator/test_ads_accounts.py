"""Who may ask the Ads API, which Ads accounts and promotable users it shows, and how it refuses the rest."""

from collections.abc import Callable
from typing import Any

import pytest

from unit_tests.x_simulator.asking import Client
from unit_tests.x_simulator.conftest import ACCOUNTS, ADS_ACCOUNTS, ANCHOR, CLOSED, LUMEN, NOOK
from x_simulator import AdsAccountSpec, SimulatedClock, Simulator, World
from x_simulator.ads_accounts import ads_account_from_json
from x_simulator.http_messages import Request

ALL = "/12/accounts"
ONE = f"/12/accounts/{LUMEN}"
USERS = f"{ONE}/promotable_users"


def ids(client: Client, path: str = ALL, user: str = "lumen_mill", **query: object) -> list[str]:
    body = client.get(path, user=user, **query).body
    return [item["id"] for item in body["data"]]


def refusal(client: Client, path: str, user: str | None = "lumen_mill", **query: object) -> tuple[int, Any]:
    asked = client.get(path, user=user, **query)
    assert list(asked.body) == ["errors", "request"]
    (error,) = asked.body["errors"]
    return asked.status, error


def test_an_account_has_xs_fields_and_only_the_single_one_names_the_industry(client: Client) -> None:
    (listed,) = client.get(ALL, user="lumen_mill").body["data"]
    one = client.get(ONE, user="lumen_mill").body
    assert listed == {
        "id": LUMEN,
        "name": "Lumen Mill Ads",
        "business_name": "Lumen Mill Ltd",
        "business_id": "b7",
        "timezone": "America/Los_Angeles",
        "timezone_switch_at": listed["timezone_switch_at"],
        "created_at": listed["created_at"],
        "updated_at": listed["updated_at"],
        "approval_status": "ACCEPTED",
        "deleted": False,
    }
    assert one["data"] == {**listed, "industry_type": "RETAIL"}
    assert one["request"] == {"params": {"account_id": LUMEN}}
    assert listed["timezone_switch_at"].endswith(("T07:00:00Z", "T08:00:00Z"))
    assert listed["timezone_switch_at"] < listed["created_at"] < listed["updated_at"] < "2026-11-20T12:00:00Z"


def test_a_user_sees_the_accounts_with_a_role_and_the_deleted_ones_only_when_asked(client: Client) -> None:
    assert ids(client) == [LUMEN]
    assert sorted(ids(client, with_deleted="true")) == sorted([LUMEN, CLOSED])
    assert ids(client, user="hidden_nook") == [NOOK]
    assert ids(client, user="silent_fern") == []


def test_accounts_can_be_chosen_by_id_and_by_the_beginning_of_their_name(client: Client) -> None:
    assert ids(client, with_deleted="true", account_ids=f"{CLOSED},{NOOK}") == [CLOSED]
    assert [ids(client, q=text) for text in ("lumen MI", "mill")] == [[LUMEN], []]


@pytest.fixture
def crowded(clock: SimulatedClock) -> Client:
    specs = [AdsAccountSpec(f"Number {n:02d}", (("lumen_mill", "FULL"),)) for n in range(7)]
    return Client(Simulator(clock=clock, world=World(7, ACCOUNTS, ANCHOR, ads_accounts=specs), rate_limits={ALL: 99}))


def test_pages_together_hold_every_account_once_in_the_order_asked_for(crowded: Client) -> None:
    query: dict[str, object] = {"count": 3, "sort_by": "name-desc"}
    first = crowded.get(ALL, user="lumen_mill", with_total_count="true", **query).body
    second = crowded.get(ALL, user="lumen_mill", cursor=first["next_cursor"], **query).body
    third = crowded.get(ALL, user="lumen_mill", cursor=second["next_cursor"], **{**query, "count": 4}).body
    names = [account["name"] for body in (first, second, third) for account in body["data"]]
    assert names == [f"Number {n:02d}" for n in reversed(range(7))]
    assert (first["total_count"], "total_count" in second, third["next_cursor"]) == (7, False, None)


@pytest.mark.parametrize("change", [{"sort_by": "name-asc"}, {"q": "N"}, {"cursor": "c-1zzzzzzz"}, {"cursor": ""}])
def test_a_cursor_is_good_for_its_own_query_only(crowded: Client, change: dict[str, Any]) -> None:
    query: dict[str, Any] = {"count": 3, "sort_by": "name-desc"}
    cursor = crowded.get(ALL, user="lumen_mill", **query).body["next_cursor"]
    status, error = refusal(crowded, ALL, **{**query, "cursor": cursor, **change})
    assert (status, error["code"], error["parameter"]) == (400, "INVALID_PARAMETER", "cursor")


def test_a_cursor_and_a_total_exclude_each_other(crowded: Client) -> None:
    cursor = crowded.get(ALL, user="lumen_mill", count=3).body["next_cursor"]
    status, error = refusal(crowded, ALL, count=3, cursor=cursor, with_total_count="true")
    assert (status, error["code"], error["parameter"]) == (400, "EXCLUSIVE_PARAMETERS", "with_total_count")


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        (ALL, "count", 0),
        (ALL, "count", 1001),
        (ALL, "count", "many"),
        (ALL, "sort_by", "timezone-asc"),
        (ALL, "with_deleted", "True"),
        (ALL, "account_ids", "ABC"),
        (ALL, "account_ids", ""),
        (ONE, "with_deleted", "1"),
        (USERS, "promotable_user_ids", ",".join(["abc"] + [f"x{n}" for n in range(200)])),
        (USERS, "sort_by", "name-asc"),
    ],
)
def test_every_parameter_is_checked(client: Client, path: str, name: str, value: object) -> None:
    query: dict[str, Any] = {name: value}
    status, error = refusal(client, path, **query)
    assert (status, error["code"], error["parameter"]) == (400, "INVALID_PARAMETER", name)


def test_a_parameter_that_the_api_does_not_know_is_ignored(client: Client) -> None:
    body = client.get(ALL, user="lumen_mill", colour="red", count=5, with_deleted="false").body
    assert body["request"] == {"params": {"with_deleted": False, "count": 5}}


def test_promotable_users_name_the_user_and_what_may_be_done_with_it(client: Client) -> None:
    world = client.simulator.world
    found = client.get(USERS, user="lumen_mill").body["data"]
    assert [(user["user_id"], user["promotable_user_type"]) for user in found] == [
        (world.user_id("lumen_mill"), "FULL"),
        (world.user_id("tiny_kiln"), "RETWEETS_ONLY"),
        (world.user_id("rival_press"), "RETWEETS_ONLY"),
    ]
    assert client.get(f"{USERS}/{found[1]['id']}", user="tiny_kiln").body["data"] == found[1]
    assert ids(client, USERS, promotable_user_ids=f"{found[2]['id']},zzz") == [found[2]["id"]]


def test_a_user_who_may_be_promoted_no_more_is_a_deleted_one(client: Client, clock: SimulatedClock) -> None:
    clock.advance(3_600)
    client.simulator.world.ads.remove_user(LUMEN, "tiny_kiln")
    (gone,) = set(ids(client, USERS, with_deleted="true")) - set(ids(client, USERS))
    assert refusal(client, f"{USERS}/{gone}") == (
        404,
        {"code": "PROMOTABLE_USER_NOT_FOUND", "message": f"Promotable user {gone} was not found"},
    )
    found = client.get(f"{USERS}/{gone}", user="lumen_mill", with_deleted="true").body["data"]
    assert (found["deleted"], found["updated_at"]) == (True, "2026-11-20T13:00:00Z")
    clock.advance(60)
    assert client.simulator.world.ads.add_user(LUMEN, "tiny_kiln", "FULL") == gone
    assert client.get(f"{USERS}/{gone}", user="lumen_mill").body["data"] == {
        **found,
        "promotable_user_type": "FULL",
        "updated_at": "2026-11-20T13:01:00Z",
        "deleted": False,
    }


def test_an_account_can_get_another_user_during_a_run(client: Client) -> None:
    added = client.simulator.world.ads.add_user(NOOK, "silent_fern")
    assert ids(client, f"/12/accounts/{NOOK}/promotable_users", "hidden_nook")[-1] == added


def test_access_tells_owners_from_those_who_may_only_look(client: Client) -> None:
    world = client.simulator.world
    world.ads.add_role(NOOK, "tiny_kiln")
    path = f"/12/accounts/{NOOK}/authenticated_user_access"
    found = [client.get(path, user=user).body["data"] for user in ("hidden_nook", "tiny_kiln")]
    assert found == [
        {"user_id": world.user_id("hidden_nook"), "permissions": ["ACCOUNT_ADMIN", "TWEET_COMPOSER"]},
        {"user_id": world.user_id("tiny_kiln"), "permissions": ["ANALYST"]},
    ]


def test_a_new_name_is_a_new_version_of_the_account(client: Client, clock: SimulatedClock) -> None:
    before = client.get(ONE, user="lumen_mill").body["data"]
    clock.advance(60)
    client.simulator.world.ads.rename(LUMEN, "Lumen Group")
    after = client.get(ONE, user="lumen_mill").body["data"]
    assert after == {**before, "name": "Lumen Group", "updated_at": "2026-11-20T12:01:00Z"}
    client.simulator.world.ads.rename(LUMEN, "Lumen Holding")
    assert client.get(ONE, user="lumen_mill").body["data"]["updated_at"] == "2026-11-20T12:01:01Z"


# Who may ask ---------------------------------------------------------------------------------------------------------

UNAUTHENTICATED = (
    401,
    {"code": "UNAUTHORIZED_ACCESS", "message": "This request is not properly authenticated"},
)


def test_nothing_but_a_users_own_signature_opens_the_api(client: Client) -> None:
    assert refusal(client, ALL, user=None) == UNAUTHENTICATED
    token = client.simulator.oauth2("lumen_mill")["access_token"]
    for headers in ({}, {"authorization": f"Bearer {token}"}, {"authorization": "OAuth nonsense"}):
        response = client.simulator.application.handle(Request("GET", ALL, headers))
        assert response.status == 401


def test_an_app_needs_xs_approval(make_client: Callable[..., Client]) -> None:
    client = make_client(apps=("main", "other"), ads_apps=("other",))
    status, error = refusal(client, ALL)
    assert (status, error["code"]) == (403, "UNAUTHORIZED_CLIENT_APPLICATION")
    header = client.signature(ALL, client.simulator.oauth1("lumen_mill", "other"))
    asked = Request("GET", ALL, {"host": "127.0.0.1:9", "authorization": header})
    assert client.simulator.application.handle(asked).status == 200


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [("suspend", 403, "CURRENT_USER_SUSPENDED"), ("delete_account", 401, "UNAUTHORIZED_ACCESS")],
)
def test_a_user_who_is_gone_reads_nothing(client: Client, action: str, status: int, code: str) -> None:
    getattr(client.simulator.world, action)("lumen_mill")
    found, error = refusal(client, ALL)
    assert (found, error["code"]) == (status, code)


def test_an_account_without_a_role_refuses_and_is_not_listed(client: Client) -> None:
    world = client.simulator.world
    message = f"User {world.user_id('hidden_nook')} is not authorized to access the account {LUMEN}"
    for path in (ONE, USERS, f"/12/stats/accounts/{LUMEN}"):
        assert refusal(client, path, "hidden_nook") == (401, {"code": "UNAUTHORIZED_ACCESS", "message": message})
    world.ads.remove_role(LUMEN, "lumen_mill")
    assert (ids(client), client.get(ONE, user="lumen_mill").status) == ([], 401)


def test_an_account_that_never_was_is_a_403_that_says_not_found(client: Client) -> None:
    asked = client.get("/12/accounts/abc123/tweets", user="lumen_mill")
    assert (asked.status, asked.body) == (
        403,
        {"errors": [{"code": "NOT_FOUND", "message": "Account abc123 was not found"}], "request": {"params": {}}},
    )


def test_of_a_deleted_account_only_the_account_itself_is_left(client: Client) -> None:
    client.simulator.world.ads.close(LUMEN)
    assert refusal(client, ONE) == (404, {"code": "NOT_FOUND", "message": f"Account {LUMEN} was not found"})
    assert client.get(ONE, user="lumen_mill", with_deleted="true").body["data"]["deleted"] is True
    for path in (USERS, f"{ONE}/tweets", f"/12/stats/accounts/{LUMEN}"):
        assert refusal(client, path, with_deleted="true")[0] == 404


@pytest.mark.parametrize("path", ["/13/accounts", "/0/accounts", "/12/account", f"{ONE}/campaigns", "/12/"])
def test_other_paths_and_versions_are_no_routes(client: Client, path: str) -> None:
    status, error = refusal(client, path)
    assert (status, error["code"]) == (404, "ROUTE_NOT_FOUND")


def test_a_path_takes_its_own_methods_only(client: Client) -> None:
    asked = client.send("POST", ALL, user="lumen_mill")
    assert (asked.status, asked.body["errors"][0]["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_version_11_is_answered_too(client: Client) -> None:
    assert ids(client, "/11/accounts") == [LUMEN]
    assert client.simulator.journal[0].endpoint == "/12/accounts"


# Specifications ------------------------------------------------------------------------------------------------------


def test_an_id_follows_from_the_name_unless_it_is_given(world: World) -> None:
    assert len({LUMEN, NOOK, CLOSED}) == 3
    assert {len(found) for found in (LUMEN, NOOK, CLOSED)} == {11}
    other = World(99, ACCOUNTS, ANCHOR, ads_accounts=[ADS_ACCOUNTS[0], AdsAccountSpec("Named", (), id="abc12")])
    assert [account.id for account in other.ads] == [LUMEN, "abc12"]
    assert world.ads.named("Nook").id == NOOK


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ({"name": "A", "users": [], "timezone": "Mars/Olympus"}, "no time zone Mars/Olympus"),
        ({"name": "A", "users": [["lumen_mill", "HALF"]]}, "HALF"),
        ({"name": "A", "users": [], "drafts": -1}, "0 or more"),
        ({"name": "A", "users": [], "colour": "red"}, "colour"),
        ({"name": "A"}, "needs name and users"),
    ],
)
def test_a_specification_that_makes_no_sense_is_refused(spec: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ads_account_from_json(spec)


def test_an_ads_account_promotes_only_users_of_its_world() -> None:
    with pytest.raises(ValueError, match="the world has no account stranger"):
        World(7, ACCOUNTS, ANCHOR, ads_accounts=[AdsAccountSpec("A", (("stranger", "FULL"),))])


def test_two_accounts_cannot_have_one_id() -> None:
    twins = [AdsAccountSpec(name, (), id="abc") for name in ("A", "B")]
    with pytest.raises(ValueError, match="two Ads accounts have the id abc"):
        World(7, ACCOUNTS, ANCHOR, ads_accounts=twins)
