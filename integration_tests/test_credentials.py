"""The three ways to sign in, tokens that work once, and that no secret is ever said."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from integration_tests.processes import finished, real_now
from integration_tests.stage import STREAMS, TIMELINE, Json, Output, Stage, configured_stream
from x_simulator import AccountSpec, Fault

if TYPE_CHECKING:
    from pathlib import Path

MILL = AccountSpec("lumen_mill", posts=250, posts_per_day=10)
KILN = AccountSpec("tiny_kiln", posts=60)
TOKEN = "/2/oauth2/token"
RIVALS = [AccountSpec(f"shop_{number}", posts=120, owned=False) for number in range(12)]


def oauth2(stage: Stage, **changes: Any) -> Json:  # noqa: ANN401 - JSON
    return {**stage.simulator.oauth2("lumen_mill"), **changes}


def configs_in(output: Output) -> list[Json]:
    """Return the configurations that the connector asked Airbyte to keep."""
    return [control["connectorConfig"]["config"] for control in output.of_type("CONTROL")]


@pytest.mark.parametrize("kind", ["oauth1", "oauth2", "oauth2 public"])
def test_every_way_to_sign_in_as_a_user_reads_the_same(kind: str) -> None:
    with Stage(MILL) as stage:
        credentials = {
            "oauth1": stage.simulator.oauth1("lumen_mill"),
            "oauth2": stage.simulator.oauth2("lumen_mill"),
            "oauth2 public": stage.simulator.oauth2("lumen_mill", public_client=True),
        }
        expected = stage.sync()
        output = stage.sync(config=stage.config(credentials=credentials[kind]))

    assert output.error is None
    assert {name: output.rows(name) for name in STREAMS} == {name: expected.rows(name) for name in STREAMS}
    assert stage.requests_to(TOKEN) == []


@pytest.mark.parametrize("is_public", [False, True])
def test_an_expired_token_is_renewed_once_for_many_accounts_and_threads(*, is_public: bool) -> None:
    with Stage(MILL, *RIVALS) as stage:
        config = stage.config(
            credentials=stage.simulator.oauth2("lumen_mill", public_client=is_public),
            sync_mode="SpecificAccounts",
            accounts=["lumen_mill", *(each.username for each in RIVALS)],
        )
        stage.clock.advance(timedelta(hours=2))
        output = stage.sync(config=config)

    assert output.error is None
    assert len(output.rows("accounts")) == 13
    assert [entry.status for entry in stage.requests_to(TOKEN)] == [200]
    assert {entry.status for entry in stage.requests} == {200}
    assert len(configs_in(output)) == 1


def test_a_token_is_renewed_before_its_end_and_not_much_before() -> None:
    with Stage(MILL) as stage:
        config = stage.config(credentials=oauth2(stage))
        stage.clock.advance(timedelta(hours=1, minutes=54))
        stage.sync("accounts", config=config)
        assert stage.requests_to(TOKEN) == []
        stage.clock.advance(timedelta(minutes=2))
        stage.sync("accounts", config=config)

    assert len(stage.requests_to(TOKEN)) == 1
    assert 401 not in {entry.status for entry in stage.requests}


def test_the_new_token_is_out_before_the_first_request_that_uses_it() -> None:
    with Stage(MILL) as stage:
        config = stage.config(credentials=oauth2(stage))
        stage.clock.advance(timedelta(hours=3))
        output = stage.sync(config=config)

    place = next(place for place, message in enumerate(output.messages) if message["type"] == "CONTROL")
    # When the message came out X had been asked for the token, and for nothing since.
    assert output.sent[place] == 1
    assert stage.requests[0].path == TOKEN
    assert stage.requests[1].path == "/2/users/me"


def test_a_token_that_ends_in_the_middle_of_a_sync_is_renewed_there_and_handed_over_in_order() -> None:
    with Stage(AccountSpec("lumen_mill", posts=900, posts_per_day=20, mix=("original",))) as stage:
        config = stage.config(credentials=oauth2(stage))
        stage.simulator.faults.add(Fault("rate_limited", path=TIMELINE, nth=3))
        stage.clock.advance(timedelta(hours=1, minutes=50))
        output = stage.sync("tweets", config=config)

    assert output.error is None
    assert len(output.rows("tweets")) >= 900
    renewal = next(entry.number for entry in stage.requests if entry.path == TOKEN)
    assert renewal > 3
    place = next(place for place, message in enumerate(output.messages) if message["type"] == "CONTROL")
    assert output.sent[place] == renewal


def test_the_emitted_configuration_is_the_given_one_with_new_tokens_and_works_the_next_time() -> None:
    with Stage(MILL) as stage:
        config = stage.config(credentials=oauth2(stage), constant_columns=[{"name": "team", "value": "north"}])
        stage.clock.advance(timedelta(hours=3))
        first = stage.sync("tweets", config=config)
        (emitted,) = configs_in(first)
        renewed = emitted["credentials"]
        assert emitted | {"credentials": {}} == config | {"credentials": {}}
        assert renewed["token_expiry_date"] == "2026-11-20T14:30:00Z"
        changed = {name for name, value in config["credentials"].items() if renewed[name] != value}
        assert changed == {"access_token", "refresh_token", "token_expiry_date"}
        stage.clock.advance(timedelta(hours=3))
        second = stage.sync("tweets", config=emitted, state=first.state)

    assert second.error is None
    assert len(configs_in(second)) == 1
    assert [entry.status for entry in stage.requests_to(TOKEN)] == [200, 200]


def test_tokens_inside_account_credentials_are_renewed_in_their_place() -> None:
    with Stage(MILL, KILN) as stage:
        entries: list[Json] = [
            {"account": "@lumen_mill", "credentials": oauth2(stage)},
            {"account": "@tiny_kiln", "credentials": stage.simulator.oauth2("tiny_kiln")},
        ]
        config = stage.config(
            credentials=stage.simulator.bearer(),
            sync_mode="SpecificAccounts",
            accounts=["lumen_mill", "tiny_kiln"],
            account_credentials=json.dumps(entries),
        )
        stage.clock.advance(timedelta(hours=3))
        first = stage.sync("accounts", config=config)
        *_, last = configs_in(first)
        again = stage.sync("accounts", config=last)

    assert first.error is again.error is None
    assert isinstance(last["account_credentials"], str)
    kept = json.loads(last["account_credentials"])
    assert [entry["account"] for entry in kept] == ["@lumen_mill", "@tiny_kiln"]
    for before, after in zip(entries, kept, strict=True):
        assert before["credentials"]["refresh_token"] != after["credentials"]["refresh_token"]
    assert len(stage.requests_to(TOKEN)) == 2


def test_a_refresh_token_that_was_used_before_is_a_clear_error() -> None:
    with Stage(MILL) as stage:
        config = stage.config(credentials=oauth2(stage))
        stage.clock.advance(timedelta(hours=3))
        stage.sync("accounts", config=config)
        stage.forget()
        stage.clock.advance(timedelta(hours=3))
        output = stage.sync(config=config)

    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "refresh token is no longer valid (each works once)" in final["message"]
    assert "sign in again" in final["message"]
    assert [entry.path for entry in stage.requests] == [TOKEN]


def test_a_token_without_a_known_end_that_x_refuses_is_renewed_once() -> None:
    with Stage(MILL) as stage:
        credentials = oauth2(stage)
        del credentials["token_expiry_date"]
        stage.clock.advance(timedelta(hours=3))
        output = stage.sync(config=stage.config(credentials=credentials))

    assert output.error is None
    assert len(output.rows("tweets")) >= 250
    assert [(entry.path, entry.status) for entry in stage.requests[:3]] == [
        ("/2/users/me", 401),
        (TOKEN, 200),
        ("/2/users/me", 200),
    ]
    assert len(stage.requests_to(TOKEN)) == 1


def test_a_token_that_stays_refused_after_the_renewal_is_not_renewed_again() -> None:
    with Stage(MILL) as stage:
        stage.simulator.faults.add(Fault("unauthorized", path="/2/users/me", times=None))
        output = stage.sync("accounts", config=stage.config(credentials=oauth2(stage)))

    assert [entry.path for entry in stage.requests] == ["/2/users/me", TOKEN, "/2/users/me"]
    assert output.failures[-1]["failure_type"] == "config_error"


def test_a_refresh_token_alone_is_enough() -> None:
    with Stage(MILL) as stage:
        credentials = oauth2(stage)
        del credentials["token_expiry_date"], credentials["access_token"]
        output = stage.sync("accounts", config=stage.config(credentials=credentials))

    assert output.error is None
    assert [entry.path for entry in stage.requests] == [TOKEN, "/2/users/me"]
    (emitted,) = configs_in(output)
    assert emitted["credentials"]["access_token"]


def test_check_hands_a_renewed_token_over_too(capsys: pytest.CaptureFixture[str]) -> None:
    with Stage(MILL) as stage:
        config = stage.config(credentials=oauth2(stage))
        stage.clock.advance(timedelta(hours=3))
        output = stage.check(config)

    # Check has no stream of messages to put it into: it is printed at once.
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"CONTROL"' in line]
    (emitted,) = [line["control"]["connectorConfig"]["config"] for line in lines]
    assert output.verdict[0] == "SUCCEEDED"
    assert emitted["credentials"]["refresh_token"] != config["credentials"]["refresh_token"]


def test_when_the_token_endpoint_is_down_for_a_moment_the_token_is_not_lost() -> None:
    with Stage(MILL) as stage:
        config = stage.config(credentials=oauth2(stage))
        stage.clock.advance(timedelta(hours=3))
        stage.simulator.faults.add(Fault("unavailable_html", path=TOKEN, times=2))
        output = stage.sync("accounts", config=config)

    assert output.error is None
    assert [entry.status for entry in stage.requests_to(TOKEN)] == [503, 503, 200]


# -- secrets -----------------------------------------------------------------------------------------------------------


def secrets_of(config: Json) -> set[str]:
    """Return every secret of a configuration, however deep, in each spelling that it may travel in."""
    own = set(config["credentials"].values())
    for entry in json.loads(config.get("account_credentials", "[]")):
        own |= set(entry["credentials"].values())
    plain = own - {"oauth1", "oauth2", "bearer"} - {config["credentials"].get("client_id")}
    return {each for each in plain if not each.startswith("20")} | {
        each.replace("%", "%25") for each in plain if "%" in each
    }


def leaks(lines: list[bytes], secrets: set[str]) -> list[bytes]:
    """Return the lines that hold a secret or a signed header, control messages aside, whose purpose they are."""
    said = [line for line in lines if b'"type":"CONTROL"' not in line]
    needles = [each.encode() for each in secrets] + [b"oauth_signature=", b"Bearer ", b"OAuth oauth"]
    return [line for line in said if any(needle in line for needle in needles)]


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        ("oauth1", "none"),
        ("oauth1", "refused"),
        ("oauth2", "none"),
        ("oauth2", "refused"),
        ("oauth2", "unreachable"),
        ("bearer", "none"),
        ("bearer", "refused"),
    ],
)
def test_no_line_of_any_command_holds_a_secret_not_even_with_debug(tmp_path: Path, kind: str, trouble: str) -> None:
    with Stage(AccountSpec("lumen_mill", posts=20), AccountSpec("tiny_kiln", posts=20), now=real_now()) as stage:
        stage.simulator.oauth2("lumen_mill")
        stage.clock.advance(timedelta(seconds=1))
        credentials = {
            "oauth1": stage.simulator.oauth1("lumen_mill"),
            "oauth2": oauth2(stage, token_expiry_date="2020-01-01T00:00:00Z"),
            "bearer": stage.simulator.bearer(),
        }
        config = stage.config(
            credentials=credentials[kind], sync_mode="SpecificAccounts", accounts=["lumen_mill", "tiny_kiln"]
        )
        if trouble == "refused":
            stage.simulator.faults.add(Fault("unauthorized", path="/2/users/.*", times=None))
        if trouble == "unreachable":
            config["base_urls"] = {"x_api": "http://127.0.0.1:9"}
        catalog = stage.known_catalog(config)
        streams = json.dumps({"streams": [configured_stream(stream, "incremental") for stream in catalog.values()]})
        command = "check" if trouble == "unreachable" else "read"
        files = {"config": json.dumps(config)} | ({"catalog": streams} if command == "read" else {})
        status, lines = finished(tmp_path, command, "--debug", **files)
        known = secrets_of(config) | secrets_of({"credentials": stage.simulator.oauth2("lumen_mill")})

    assert status == (1 if trouble == "refused" else 0)
    assert any(b'"type": "DEBUG"' in line or b"DEBUG" in line for line in lines)
    assert leaks(lines, known) == []


def test_no_message_of_a_failed_sync_holds_a_secret() -> None:
    with Stage(MILL, KILN) as stage:
        config = stage.config()
        echo = {"title": "Unauthorized", "detail": json.dumps(config), "status": 401, "type": "about:blank"}
        stage.simulator.faults.add(Fault(path="/2/users/me", status=401, body=echo, times=None))
        output = stage.sync(config=config)

    assert output.error is not None
    assert leaks(said_in(output), secrets_of(config)) == []


@pytest.mark.parametrize("whose", ["default", "account", "issued"])
def test_a_secret_that_x_repeats_in_an_error_is_masked_wherever_it_comes_from(whose: str) -> None:
    with Stage(MILL, KILN) as stage:
        config = stage.config(credentials=oauth2(stage))
        own = json.loads(config["account_credentials"])[0]["credentials"]
        stage.clock.advance(timedelta(hours=3))
        if whose == "issued":
            config = configs_in(stage.sync("accounts", config=config))[-1]
            stage.clock.advance(timedelta(hours=3))
            secret = second_token(stage)
        else:
            secret = {"default": config["credentials"]["client_secret"], "account": own["access_token_secret"]}[whose]
        body = {
            "title": "Forbidden",
            "detail": f"We do not like {secret} at all.",
            "status": 403,
            "type": "about:blank",
        }
        # A token is a secret from when it is issued, and the other account may ask before that.
        account = "lumen_mill" if whose == "issued" else None
        stage.simulator.faults.add(Fault(path=TIMELINE, account=account, status=403, body=body, times=None))
        output = stage.sync("tweets", config=config)

    assert "We do not like **** at all" in output.failures[-1]["message"]
    assert leaks(said_in(output), {secret}) == []


def second_token(stage: Stage) -> str:
    """Return the access token that X issues at the second renewal, asked of an X just like it."""
    with Stage(MILL, KILN, now=stage.clock.now()) as twin:
        ahead = {**twin.simulator.oauth2("lumen_mill"), "token_expiry_date": "2020-01-01T00:00:00Z"}
        for _ in range(2):
            emitted = configs_in(twin.sync("accounts", config=twin.config(credentials=ahead)))[-1]["credentials"]
            ahead = {**emitted, "token_expiry_date": "2020-01-01T00:00:00Z"}
    return str(ahead["access_token"])


def said_in(output: Output) -> list[bytes]:
    """Return all that a command said, control messages aside."""
    said = [message for message in output.messages if message["type"] != "CONTROL"]
    return [json.dumps(message).encode() for message in said] + [text.encode() for _, text in output.logs]
