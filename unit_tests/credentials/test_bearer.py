"""A bearer token is sent as it is, and never renewed."""

from __future__ import annotations

import requests
from pydantic import SecretStr

from source_x_organic.config import BearerCredentials
from source_x_organic.credentials.bearer import BearerCredential


def test_the_token_is_sent_as_it_stands_in_the_configuration_and_stays_refused() -> None:
    credential = BearerCredential(BearerCredentials(bearer_token=SecretStr("AAAA%2Finvented")))
    request = requests.Request("GET", "https://api.x.example/2/users", auth=credential).prepare()
    assert request.headers["Authorization"] == "Bearer AAAA%2Finvented"
    assert credential.renew(request) is False
    assert not credential.signs_with_time
