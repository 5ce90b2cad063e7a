"""Every signature is one that a server of OAuth 1.0a takes."""

from __future__ import annotations

import re

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1 import RequestValidator, ResourceEndpoint
from pydantic import SecretStr

from source_x_organic.config import OAuth1Credentials
from source_x_organic.credentials.oauth1 import OAuth1Credential
from unit_tests.clocks import NOON, HandClock

KEYS = OAuth1Credentials(
    consumer_key=SecretStr("invented-key"),
    consumer_secret=SecretStr("invented-secret&/+"),
    access_token=SecretStr("7-invented-token"),
    access_token_secret=SecretStr("invented-token-secret%="),
)


class Server(RequestValidator):
    """Knows the four secrets, and takes each nonce once."""

    enforce_ssl = False
    client_key_length = access_token_length = (5, 50)
    nonce_length = (10, 50)
    timestamp_lifetime = 10**9  # it compares with this machine's clock

    def __init__(self) -> None:
        super().__init__()
        self.safe = set("abcdefghijklmnopqrstuvwxyz-0123456789")
        self.nonces: set[str] = set()
        self.timestamps: list[str] = []

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: object,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        del client_key, request, request_token, access_token
        self.timestamps.append(timestamp)
        is_new = nonce not in self.nonces
        self.nonces.add(nonce)
        return is_new

    @property
    def safe_characters(self) -> set[str]:
        return self.safe

    def validate_client_key(self, client_key: str, request: object) -> bool:
        del request
        return client_key == KEYS.consumer_key.get_secret_value()

    def validate_access_token(self, client_key: str, token: str, request: object) -> bool:
        del client_key, request
        return token == KEYS.access_token.get_secret_value()

    def validate_realms(
        self, client_key: str, token: str, request: object, uri: str | None = None, realms: list[str] | None = None
    ) -> bool:
        del client_key, token, request, uri, realms
        return True

    def get_client_secret(self, client_key: str, request: object) -> str:
        del client_key, request
        return KEYS.consumer_secret.get_secret_value()

    def get_access_token_secret(self, client_key: str, token: str, request: object) -> str:
        del client_key, token, request
        return KEYS.access_token_secret.get_secret_value()

    @property
    def dummy_client(self) -> str:
        return "nobody"

    @property
    def dummy_access_token(self) -> str:
        return "nothing"


def signed(params: dict[str, str], *, at: float = NOON) -> requests.PreparedRequest:
    credential = OAuth1Credential(KEYS, HandClock(at))
    request = requests.Request("GET", "https://api.x.example/2/users/7/tweets", params=params, auth=credential)
    return requests.Session().prepare_request(request)


def signed_question(body: bytes) -> requests.PreparedRequest:
    """Return a POST whose body is a JSON document, as the Engagement API takes it."""
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
    url = "https://data-api.x.example/insights/engagement/totals"
    request = requests.Request("POST", url, data=body, headers=headers, auth=OAuth1Credential(KEYS, HandClock()))
    return requests.Session().prepare_request(request)


def header(request: requests.PreparedRequest, name: str) -> str:
    """Return a header as it goes over the wire: the signer leaves bytes in some."""
    value: str | bytes = request.headers[name]
    return value.decode() if isinstance(value, bytes) else value


def accepts(server: Server, request: requests.PreparedRequest) -> bool:
    headers = {name: header(request, name) for name in request.headers}
    valid, _ = ResourceEndpoint(server).validate_protected_resource_request(
        request.url, request.method or "", request.body, headers
    )
    return bool(valid)


def test_lists_with_commas_and_names_with_dots_are_signed_as_they_are_sent() -> None:
    params = {"tweet.fields": "id,text,created_at", "start_time": "2026-11-20T12:00:00Z", "max_results": "100"}
    request = signed(params)
    assert accepts(Server(), request)
    assert request.url is not None
    assert "id%2Ctext%2Ccreated_at" in request.url


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.dictionaries(st.text("abc.de_", min_size=1), TEXTS, max_size=4))
def test_any_parameters_are_signed_so_that_the_server_takes_them(params: dict[str, str]) -> None:
    assert accepts(Server(), signed(params))


def test_another_query_or_another_secret_is_refused() -> None:
    request = signed({"a": "1,2"})
    assert request.url is not None
    request.url = request.url.replace("1%2C2", "1%2C3")
    assert not accepts(Server(), request)


def test_the_time_comes_from_the_clock_and_each_signature_is_used_once() -> None:
    server = Server()
    first, second = signed({"a": "b"}, at=NOON + 5.9), signed({"a": "b"}, at=NOON + 60)
    assert accepts(server, first)
    assert accepts(server, second)
    assert not accepts(server, first)
    assert sorted(set(server.timestamps)) == [f"{NOON + 5:.0f}", f"{NOON + 60:.0f}"]


@given(st.binary(min_size=1, max_size=50))
def test_a_body_in_json_is_sent_as_it_is_and_not_signed(body: bytes) -> None:
    request = signed_question(body)
    assert (request.body, header(request, "Content-Type")) == (body, "application/json")
    assert accepts(Server(), request)
    request.body = b"another"
    assert accepts(Server(), request)


def test_a_question_that_goes_to_another_host_than_was_signed_is_refused() -> None:
    request = signed_question(b"{}")
    assert request.url is not None
    request.url = request.url.replace("x.example", "twitter.example")
    assert not accepts(Server(), request)


@pytest.mark.parametrize("request_", [signed({"a": "b"}), signed_question(b"{}")], ids=["GET", "POST"])
def test_the_header_names_no_secret_key(request_: requests.PreparedRequest) -> None:
    words = header(request_, "Authorization")
    assert set(re.findall(r"(\w+)=", words)) == {
        "oauth_consumer_key",
        "oauth_nonce",
        "oauth_signature",
        "oauth_signature_method",
        "oauth_timestamp",
        "oauth_token",
        "oauth_version",
    }
    assert "invented-secret" not in words
    assert "invented-token-secret" not in words


def test_there_is_nothing_to_renew_and_a_wrong_clock_matters() -> None:
    credential = OAuth1Credential(KEYS, HandClock())
    assert credential.renew(signed({})) is False
    assert credential.signs_with_time
