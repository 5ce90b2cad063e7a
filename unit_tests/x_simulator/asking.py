"""A client that speaks to the simulator's application without sockets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from gzip import decompress
from typing import Any, Literal
from urllib.parse import urlencode

import orjson
from oauthlib.oauth1 import Client as OAuth1Client

from x_simulator import Simulator
from x_simulator.http_messages import Request, Response

Method = Literal["GET", "POST", "DELETE"]


@dataclass
class Asked:
    """One answer, decoded."""

    response: Response

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def body(self) -> Any:  # noqa: ANN401 - any JSON
        is_compressed = self.headers.get("content-encoding") == "gzip"
        return orjson.loads(decompress(self.response.body) if is_compressed else self.response.body)

    @property
    def headers(self) -> Mapping[str, str]:
        return self.response.headers


@dataclass
class Client:
    """Asks a simulator's application directly; as a user with OAuth 1.0a, or with the app's bearer token."""

    simulator: Simulator
    count: int = field(default=0)

    def get(self, path: str, *, user: str | None = None, **query: object) -> Asked:
        """`query`: parameters; a double underscore stands for the dot in their names."""
        return self.send("GET", path, user=user, **query)

    def send(self, method: Method, path: str, *, user: str | None = None, **query: object) -> Asked:
        """Send a request without a body; `query` as for `get`."""
        pairs = {name.replace("__", "."): str(value) for name, value in query.items()}
        target = f"{path}?{urlencode(pairs)}" if pairs else path
        headers = {"host": "127.0.0.1:9"} | self._authorization(method, target, user)
        return Asked(self.simulator.application.handle(Request(method, target, headers)))

    def _authorization(self, method: Method, target: str, user: str | None) -> dict[str, str]:
        if user is None:
            return {"authorization": f"Bearer {self.simulator.bearer()['bearer_token']}"}
        return {"authorization": self.signature(target, self.simulator.oauth1(user), method=method)}

    def signature(self, target: str, secrets: Mapping[str, str], **changes: str) -> str:
        self.count += 1
        client = OAuth1Client(
            secrets["consumer_key"],
            client_secret=secrets["consumer_secret"],
            resource_owner_key=secrets["access_token"],
            resource_owner_secret=secrets["access_token_secret"],
            timestamp=changes.get("timestamp", str(int(self.simulator.clock.time()))),
            nonce=changes.get("nonce", f"nonce{self.count}"),
        )
        _, headers, _ = client.sign(f"http://127.0.0.1:9{target}", http_method=changes.get("method", "GET"))  # type: ignore[arg-type]
        return str(headers["Authorization"])

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> Asked:
        sent = {"content-type": "application/x-www-form-urlencoded", **headers}
        return Asked(self.simulator.application.handle(Request("POST", path, sent, urlencode(form).encode())))

    def post_json(self, path: str, document: object, *, user: str | None = None, **headers: str) -> Asked:
        """Post a JSON body, which no signature covers; without a user, with the app's bearer token."""
        sent = {"host": "127.0.0.1:9", "content-type": "application/json", "accept-encoding": "gzip"}
        sent |= self._authorization("POST", path, user) | {name.replace("_", "-"): headers[name] for name in headers}
        body = document if isinstance(document, bytes) else orjson.dumps(document)
        return Asked(self.simulator.application.handle(Request("POST", path, sent, body)))

    def pages(self, path: str, *, user: str | None = None, **query: object) -> list[Any]:
        """Return all pages of a timeline; the chain of tokens has to end."""
        found: list[Any] = []
        token: dict[str, object] = {}
        for _ in range(200):
            body = self.get(path, user=user, **query, **token).body
            found.append(body)
            if "next_token" not in body.get("meta", {}):
                return found
            token = {"pagination_token": body["meta"]["next_token"]}
        raise AssertionError("the timeline never ends")
