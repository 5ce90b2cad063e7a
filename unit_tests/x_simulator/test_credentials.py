import base64
from collections.abc import Callable
from urllib.parse import quote

import pytest

from unit_tests.x_simulator.asking import Asked, Client
from x_simulator import SimulatedClock
from x_simulator.http_messages import Request

UNAUTHORIZED = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
ME = "/2/users/me"


def signed(client: Client, target: str, **changes: str) -> int:
    header = client.signature(target, client.simulator.oauth1("lumen_mill"), **changes)
    return client.simulator.application.handle(
        Request("GET", target, {"host": "127.0.0.1:9", "authorization": header})
    ).status


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{quote(name)}:{quote(secret)}".encode()).decode()


def with_token(client: Client, token: str, target: str = ME) -> int:
    return client.simulator.application.handle(Request("GET", target, {"authorization": f"Bearer {token}"})).status


def refreshed(client: Client, tokens: dict[str, str], refresh_token: str | None = None) -> Asked:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token or tokens["refresh_token"]}
    headers = {"authorization": basic(tokens["client_id"], tokens["client_secret"])}
    return client.post("/2/oauth2/token", form, **headers)


def test_every_secret_follows_from_the_seed(make_client: Callable[..., Client]) -> None:
    one, other = make_client().simulator, make_client().simulator
    assert one.oauth1("lumen_mill") == other.oauth1("lumen_mill")
    assert one.oauth2("lumen_mill") == other.oauth2("lumen_mill")
    assert one.bearer() == other.bearer()


def test_a_competitor_has_no_credentials(client: Client) -> None:
    with pytest.raises(KeyError):
        client.simulator.oauth1("rival_press")


def test_a_signed_request_is_answered(client: Client) -> None:
    assert client.get(ME, user="lumen_mill").body["data"]["username"] == "lumen_mill"


def test_commas_and_spaces_in_the_query_are_signed_as_they_are(client: Client) -> None:
    answer = client.get("/2/users/by", user="tiny_kiln", usernames="lumen_mill,tiny_kiln", user__fields="name,url")
    assert [user["username"] for user in answer.body["data"]] == ["lumen_mill", "tiny_kiln"]


def test_a_request_without_credentials_is_unauthorized(client: Client) -> None:
    response = client.simulator.application.handle(Request("GET", ME, {}))
    assert response.status == 401
    assert "x-rate-limit-limit" not in response.headers


@pytest.mark.parametrize("secret", ["consumer_secret", "access_token_secret", "consumer_key", "access_token"])
def test_a_wrong_part_of_the_credentials_is_unauthorized(client: Client, secret: str) -> None:
    secrets = client.simulator.oauth1("lumen_mill") | {secret: "wrong"}
    headers = {"host": "127.0.0.1:9", "authorization": client.signature(ME, secrets)}
    assert client.simulator.application.handle(Request("GET", ME, headers)).status == 401


def test_a_signature_holds_for_one_address_only(client: Client) -> None:
    header = client.signature("/2/users/me", client.simulator.oauth1("lumen_mill"))
    other = Request("GET", "/2/users/me?user.fields=name", {"host": "127.0.0.1:9", "authorization": header})
    assert client.simulator.application.handle(other).status == 401


def test_a_nonce_can_be_used_once(client: Client) -> None:
    assert signed(client, ME, nonce="the-same") == 200
    assert signed(client, ME, nonce="the-same") == 401


@pytest.mark.parametrize(("skew", "status"), [(-301, 401), (-299, 200), (299, 200), (301, 401)])
def test_a_clock_that_is_more_than_five_minutes_off_is_refused(
    client: Client, clock: SimulatedClock, skew: int, status: int
) -> None:
    assert signed(client, ME, timestamp=str(int(clock.time()) + skew)) == status


def test_the_check_of_the_clock_can_be_switched_off(make_client: Callable[..., Client]) -> None:
    client = make_client(oauth1_timestamp_tolerance_seconds=None)
    assert signed(client, ME, timestamp="1") == 200


def test_a_revoked_token_is_unauthorized(client: Client) -> None:
    credentials = client.simulator.credentials
    credentials.revoke(client.simulator.oauth1("lumen_mill")["access_token"])
    credentials.revoke(client.simulator.bearer()["bearer_token"])
    assert client.get(ME, user="lumen_mill").body == UNAUTHORIZED
    assert client.get("/2/users/by", usernames="tiny_kiln").status == 401
    assert client.get(ME, user="tiny_kiln").status == 200


def test_revoking_a_user_ends_all_of_the_users_tokens(client: Client) -> None:
    token = client.simulator.oauth2("lumen_mill")["access_token"]
    client.simulator.credentials.revoke_user("lumen_mill")
    assert client.get(ME, user="lumen_mill").status == 401
    assert with_token(client, token) == 401


def test_a_user_token_of_oauth_2_is_good_for_two_hours(client: Client, clock: SimulatedClock) -> None:
    tokens = client.simulator.oauth2("lumen_mill")
    assert tokens["token_expiry_date"] == "2026-11-20T14:00:00Z"
    clock.advance(7_199)
    assert with_token(client, tokens["access_token"]) == 200
    clock.advance(1)
    assert with_token(client, tokens["access_token"]) == 401


def test_a_refresh_token_works_once_and_is_replaced(client: Client) -> None:
    tokens = client.simulator.oauth2("lumen_mill")
    first = refreshed(client, tokens)
    assert first.status == 200
    assert first.body["expires_in"] == 7200
    assert first.body["refresh_token"] != tokens["refresh_token"]
    assert with_token(client, first.body["access_token"]) == 200
    again = refreshed(client, tokens)
    assert again.status == 400
    assert again.body == {
        "error": "invalid_request",
        "error_description": "Value passed for the token was invalid.",
    }
    assert refreshed(client, tokens, first.body["refresh_token"]).status == 200


def test_the_reuse_of_a_refresh_token_can_kill_the_whole_family(make_client: Callable[..., Client]) -> None:
    client = make_client(reuse_kills_family=True)
    tokens = client.simulator.oauth2("lumen_mill")
    newest = refreshed(client, tokens).body
    assert refreshed(client, tokens).status == 400
    assert refreshed(client, tokens, newest["refresh_token"]).status == 400
    assert with_token(client, newest["access_token"]) == 401


def test_a_confidential_client_has_to_identify_itself(client: Client) -> None:
    tokens = client.simulator.oauth2("lumen_mill")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answer = client.post("/2/oauth2/token", form)
    assert answer.status == 401
    assert answer.body == {
        "error": "unauthorized_client",
        "error_description": "Missing valid authorization header",
    }


def test_a_public_client_says_who_it_is_in_the_form(client: Client) -> None:
    tokens = client.simulator.oauth2("lumen_mill", public_client=True)
    assert "client_secret" not in tokens
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": tokens["client_id"]}
    assert client.post("/2/oauth2/token", form | {"client_id": "other"}).status == 400
    unknown = client.post("/2/oauth2/token", form | {"refresh_token": "unknown"})
    assert (unknown.status, unknown.body["error_description"]) == (400, "Value passed for the token was invalid.")
    assert client.post("/2/oauth2/token", form).status == 200


def test_a_token_can_be_revoked_at_its_endpoint(client: Client) -> None:
    tokens = client.simulator.oauth2("lumen_mill")
    header = basic(tokens["client_id"], tokens["client_secret"])
    answer = client.post("/2/oauth2/revoke", {"token": tokens["access_token"]}, authorization=header)
    assert answer.body == {"revoked": True}
    assert with_token(client, tokens["access_token"]) == 401


def test_an_app_gets_its_bearer_token_for_key_and_secret(client: Client) -> None:
    keys = client.simulator.oauth1("lumen_mill")
    form = {"grant_type": "client_credentials"}
    good = basic(keys["consumer_key"], keys["consumer_secret"])
    answer = client.post("/oauth2/token", form, authorization=good)
    assert answer.body == {"token_type": "bearer", "access_token": client.simulator.bearer()["bearer_token"]}
    bad = client.post("/oauth2/token", form, authorization=basic(keys["consumer_key"], "wrong"))
    assert (bad.status, bad.body["errors"][0]["code"]) == (403, 99)


def test_a_token_without_the_scopes_is_forbidden(client: Client) -> None:
    tokens = client.simulator.oauth2("lumen_mill", scopes=("users.read", "offline.access"))
    assert with_token(client, tokens["access_token"]) == 403


def test_apps_have_keys_of_their_own(make_client: Callable[..., Client]) -> None:
    simulator = make_client(apps=("main", "agency")).simulator
    assert simulator.oauth1("lumen_mill") != simulator.oauth1("lumen_mill", "agency")
    assert simulator.bearer() != simulator.bearer("agency")


def test_the_journal_holds_no_secret(client: Client) -> None:
    client.get(ME, user="lumen_mill")
    client.get("/2/users/by", usernames="tiny_kiln")
    refreshed(client, client.simulator.oauth2("lumen_mill"))
    written = str(client.simulator.journal.as_dicts())
    secrets = {
        **client.simulator.oauth1("lumen_mill"),
        **client.simulator.oauth2("lumen_mill"),
        **client.simulator.bearer(),
    }
    assert [name for name, secret in secrets.items() if name != "auth_type" and secret in written] == []


@pytest.mark.parametrize(
    "header",
    [
        "OAuth",
        'OAuth oauth_token="x"',
        'OAuth oauth_consumer_key="k",oauth_nonce="n",oauth_signature="s",oauth_signature_method="PLAINTEXT"',
        'OAuth oauth_consumer_key="k",oauth_nonce="n",oauth_signature="s",oauth_timestamp="soon"',
        "Bearer",
        "Basic eA==",
        "Digest x",
    ],
)
def test_a_header_that_makes_no_sense_is_unauthorized(client: Client, header: str) -> None:
    assert client.simulator.application.handle(Request("GET", ME, {"authorization": header})).status == 401


def test_token_endpoints_explain_what_is_wrong(client: Client) -> None:
    tokens = client.simulator.oauth2("lumen_mill")
    header = basic(tokens["client_id"], tokens["client_secret"])
    other_grant = client.post("/2/oauth2/token", {"grant_type": "password"}, authorization=header)
    assert (other_grant.status, other_grant.body["error"]) == (400, "invalid_request")
    unknown = client.post("/2/oauth2/revoke", {"token": "unknown"}, authorization=header)
    assert (unknown.status, unknown.body["error"]) == (400, "invalid_request")
    no_base64 = client.post("/2/oauth2/revoke", {"token": "unknown"}, authorization="Basic ###")
    assert (no_base64.status, no_base64.body["error"]) == (401, "unauthorized_client")
    no_grant = client.post("/oauth2/token", {}, authorization=header)
    assert (no_grant.status, no_grant.body["errors"][0]["code"]) == (403, 170)


def test_a_revoked_user_cannot_refresh(client: Client) -> None:
    tokens = client.simulator.oauth2("lumen_mill")
    client.simulator.credentials.revoke_user("Lumen_Mill")
    assert refreshed(client, tokens).status == 400


def test_only_the_owner_with_the_scope_sees_the_address(client: Client) -> None:
    scopes = ("tweet.read", "users.read", "users.email")
    token = client.simulator.oauth2("lumen_mill", scopes=scopes)["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    handle = client.simulator.application.handle
    own = handle(Request("GET", f"{ME}?user.fields=confirmed_email", headers)).body
    other = handle(Request("GET", "/2/users/by?usernames=tiny_kiln&user.fields=confirmed_email", headers)).body
    assert b'"confirmed_email":"post@lumen-mill.example"' in own
    assert b"confirmed_email" not in other
    assert "confirmed_email" not in client.get(ME, user="lumen_mill", user__fields="confirmed_email").body["data"]
