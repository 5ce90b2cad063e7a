"""The reference that does nothing but fetch: the same requests as the connector's, one line printed a record.

`python -m benchmarks.bare_loop FILE`; the file holds what the simulator told (`simulated_x.Told`). Both passes are read
page by page with the connector's parameters and signatures, parsed, and written out again: a line for each post of the
public pass, and a second one that stands for its `tweet_insights` row.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import requests
from requests_oauthlib import OAuth1

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIVATE_SINCE = timedelta(days=30) - timedelta(minutes=1)


class Fetcher:
    """A session that signs as the connector does."""

    def __init__(self, config: dict[str, Any]) -> None:
        """`config` is the connector's configuration."""
        keys = config["credentials"]
        self._base_url = config["base_urls"]["x_api"]
        self._session = requests.Session()
        self._session.auth = OAuth1(
            keys["consumer_key"], keys["consumer_secret"], keys["access_token"], keys["access_token_secret"]
        )

    def get(self, path: str, parameters: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
        """Return the parsed answer."""
        answer = self._session.get(self._base_url + path, params=parameters, timeout=60)
        answer.raise_for_status()
        return orjson.loads(answer.content)

    def pages(self, user_id: str, parameters: dict[str, str]) -> Iterator[Any]:
        """Yield a timeline's answers to the last one."""
        parameters = {"max_results": "100", **parameters}
        while True:
            answer = self.get(f"/2/users/{user_id}/tweets", parameters)
            yield answer
            if "next_token" not in answer["meta"]:
                return
            parameters["pagination_token"] = answer["meta"]["next_token"]


def record(stream: str, data: dict[str, Any]) -> bytes:
    """Return a line of output."""
    return orjson.dumps({"type": "RECORD", "record": {"stream": stream, "data": data}}) + b"\n"


def main(path: str) -> None:
    """Fetch both passes and print a line for each record that the connector would."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    fetcher = Fetcher(told["config"])
    user = fetcher.get("/2/users/me", {})["data"]
    since = (datetime.now(UTC) - PRIVATE_SINCE).strftime("%Y-%m-%dT%H:%M:%SZ")
    private_parameters = {"start_time": since, "exclude": "retweets", **told["private_parameters"]}
    private = {
        post["id"]: post for page in fetcher.pages(user["id"], private_parameters) for post in page.get("data", ())
    }
    write = sys.stdout.buffer.write
    for page in fetcher.pages(user["id"], told["public_parameters"]):
        for post in page.get("data", ()):
            write(record("tweets", post))
            write(record("tweet_insights", {"public": post["public_metrics"], "private": private.get(post["id"])}))


if __name__ == "__main__":
    main(sys.argv[1])
