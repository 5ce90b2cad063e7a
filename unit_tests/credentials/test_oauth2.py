"""A refresh token is spent once, near the end of the access token, and its successor is safe before it is used."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import requests
from airbyte_cdk.models import FailureType
from pydantic import SecretStr

from source_x_organic.config import OAuth2Credentials
from source_x_organic.credentials.oauth2 import OAuth2Credential, Tokens
from source_x_organic.transport.errors import ApiError, Unavailable
from source_x_organic.transport.retries import PATIENT
from unit_tests.clocks import NOON, HandClock
from unit_tests.loopback import Answer, Asked, Loopback, in_turn, serving

if TYPE_CHECKING:
    from collections.abc import Callable

AT_NOON = datetime.fromtimestamp(NOON, tz=UTC)


class Issuer:
    """Takes each refresh token once, and remembers in which order things happened."""

    def __init__(self, events: list[str], lifetime: object = 7200) -> None:
        self._events = events
        self._lifetime = lifetime
        self.number = 0

    def __call__(self, asked: Asked) -> Answer:
        self._events.append(f"asked with {asked.form['refresh_token']}")
        if asked.form["refresh_token"] != f"refresh-{self.number}":
            document = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
            return Answer(400, document)
        self.number += 1
        tokens = {"access_token": f"access-{self.number}", "refresh_token": f"refresh-{self.number}"}
        return Answer(200, tokens | ({} if self._lifetime is None else {"expires_in": self._lifetime}))


def credential(
    x: Loopback,
    clock: HandClock,
    keep: Callable[[Tokens], None] = lambda _: None,
    *,
    expires: timedelta | None = timedelta(hours=1),
    access_token: SecretStr | None = None,
    client_secret: SecretStr | None = None,
) -> OAuth2Credential:
    credentials = OAuth2Credentials(
        client_id="invented-id",
        client_secret=client_secret,
        refresh_token=SecretStr("refresh-0"),
        access_token=SecretStr("access-0") if expires is not None else access_token,
        token_expiry_date=AT_NOON + expires if expires is not None else None,
    )
    return OAuth2Credential(credentials, base_url=x.url, clock=clock, keep=keep, retries=PATIENT)


def sent(credential: OAuth2Credential) -> requests.PreparedRequest:
    return requests.Request("GET", "https://api.x.example/2/users/me", auth=credential).prepare()


def token(credential: OAuth2Credential) -> str:
    return sent(credential).headers["Authorization"]


@pytest.mark.parametrize(
    ("left", "used", "asked"),
    [
        (timedelta(minutes=6), "Bearer access-0", 0),
        (timedelta(minutes=5), "Bearer access-0", 0),
        (timedelta(minutes=4, seconds=59), "Bearer access-1", 1),
        (timedelta(minutes=-1), "Bearer access-1", 1),
        (None, "Bearer access-1", 1),
    ],
)
def test_a_token_is_renewed_near_its_end_only(left: timedelta | None, used: str, asked: int) -> None:
    with serving(Issuer([])) as x:
        each = credential(x, HandClock(), expires=left)
        assert [token(each), token(each)] == [used, used]
        assert len(x.asked) == asked


def test_a_token_whose_end_is_unknown_is_used_until_x_refuses_it() -> None:
    with serving(Issuer([])) as x:
        clock = HandClock()
        each = credential(x, clock, expires=None, access_token=SecretStr("access-0"))
        clock.sleep(86_400)
        first = sent(each)
        assert first.headers["Authorization"] == "Bearer access-0"
        assert each.renew(first) is True
        assert token(each) == "Bearer access-1"
        assert len(x.asked) == 1


def test_a_long_run_renews_with_the_newest_refresh_token_each_time() -> None:
    events: list[str] = []
    clock = HandClock()
    with serving(Issuer(events)) as x:
        each = credential(x, clock)
        used = []
        for _ in range(4):
            used.append(token(each))
            clock.sleep(7_000)
    assert used == [f"Bearer access-{number}" for number in range(4)]
    assert events == ["asked with refresh-0", "asked with refresh-1", "asked with refresh-2"]


def test_new_tokens_are_safe_before_any_request_uses_them() -> None:
    events: list[str] = []
    kept: list[Tokens] = []

    def keep(tokens: Tokens) -> None:
        kept.append(tokens)
        events.append(f"kept {tokens.refresh_token}")

    with serving(Issuer(events)) as x:
        each = credential(x, HandClock(), keep, expires=timedelta())
        events.append(f"sent {token(each)}")
    assert events == ["asked with refresh-0", "kept refresh-1", "sent Bearer access-1"]
    assert kept == [Tokens("access-1", "refresh-1", AT_NOON + timedelta(hours=2))]


def test_sixteen_threads_at_the_end_of_a_token_renew_it_once() -> None:
    with serving(Issuer([])) as x, ThreadPoolExecutor(16) as threads:
        each = credential(x, HandClock(), expires=timedelta())
        assert set(threads.map(lambda _: token(each), range(64))) == {"Bearer access-1"}
        assert len(x.asked) == 1


def test_sixteen_threads_whose_token_is_refused_renew_it_once() -> None:
    with serving(Issuer([])) as x, ThreadPoolExecutor(16) as threads:
        each = credential(x, HandClock())
        refused = [sent(each) for _ in range(16)]
        assert all(threads.map(each.renew, refused))
        assert token(each) == "Bearer access-1"
        assert len(x.asked) == 1


def test_a_confidential_client_proves_itself_and_a_public_one_names_itself() -> None:
    with serving(Issuer([])) as x:
        token(credential(x, HandClock(), expires=timedelta(), client_secret=SecretStr("invented-secret")))
        x.answer = Issuer([])
        token(credential(x, HandClock(), expires=timedelta()))
        confidential, public = x.asked
    basic = base64.b64encode(b"invented-id:invented-secret").decode()
    form = {"grant_type": "refresh_token", "refresh_token": "refresh-0"}
    assert (confidential.method, confidential.path) == (public.method, public.path) == ("POST", "/2/oauth2/token")
    assert (confidential.headers["authorization"], confidential.form) == (f"Basic {basic}", form)
    assert "authorization" not in public.headers
    assert public.form == {**form, "client_id": "invented-id"}
    assert public.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}),
        Answer(401, {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}),
        Answer(401, body=b""),
        Answer(403, body=b"<html>"),
        Answer(404, body=b""),
        Answer(307, headers={"location": "/elsewhere"}),
    ],
)
def test_a_refused_refresh_token_is_the_users_to_mend_and_is_not_tried_twice(answer: Answer) -> None:
    with serving(in_turn(answer)) as x:
        each = credential(x, HandClock(), expires=timedelta())
        errors = []
        for _ in range(2):
            with pytest.raises(ApiError) as caught:
                token(each)
            errors.append(caught.value)
        assert len(x.asked) == 1
    for error in errors:
        assert error.failure_type is FailureType.config_error
        assert "sign in again to get a new one" in str(error)
        assert "refresh-0" not in f"{error} {error.internal_message}"


def test_spent_credits_are_named_at_the_token_endpoint_too() -> None:
    with serving(in_turn(Answer(402, {"title": "CreditsDepleted"}))) as x:
        with pytest.raises(ApiError) as caught:
            token(credential(x, HandClock(), expires=timedelta()))
        assert caught.value.problem.kind == "credits-depleted"


@pytest.mark.parametrize(
    "fault",
    [
        Answer(500, {"error": "server_error", "error_description": "Later."}),
        Answer(503, body=b"over capacity"),
        Answer(hang_up=True),
        Answer(200, body=b"<html>"),
        Answer(200, []),
        Answer(200, {"token_type": "bearer"}),
    ],
)
def test_a_passing_fault_of_the_token_endpoint_is_ridden_out(fault: Answer) -> None:
    clock = HandClock()
    issuer = Issuer([])
    with serving(in_turn(fault, fault)) as x:
        turns = iter([fault, fault])
        x.answer = lambda asked: next(turns, None) or issuer(asked)
        assert token(credential(x, clock, expires=timedelta())) == "Bearer access-1"
        assert len(x.asked) == 3
        x.answer = in_turn(fault)
        each = credential(x, clock, expires=timedelta())
        with pytest.raises(Unavailable):
            token(each)
        assert len(x.asked) == 3 + PATIENT.max_attempts
        x.answer = Issuer([])
        assert token(each) == "Bearer access-1"
    assert clock.slept == [1, 2, 1, 2, 4, 8, 16]


@pytest.mark.parametrize("lifetime", [None, "soon", 1e300, "nan", []])
def test_a_lifetime_that_is_missing_or_makes_no_sense_does_not_cost_the_tokens(lifetime: object) -> None:
    kept: list[Tokens] = []
    with serving(Issuer([], lifetime)) as x:
        each = credential(x, HandClock(), kept.append, expires=timedelta())
        assert [token(each), token(each)] == ["Bearer access-1"] * 2
    assert kept == [Tokens("access-1", "refresh-1", None)]


def test_a_server_that_does_not_rotate_leaves_the_old_refresh_token_in_use() -> None:
    kept: list[Tokens] = []
    with serving(in_turn(Answer(200, {"access_token": "access-1", "expires_in": "7200"}))) as x:
        token(credential(x, HandClock(), kept.append, expires=timedelta()))
    assert kept == [Tokens("access-1", "refresh-0", AT_NOON + timedelta(hours=2))]
