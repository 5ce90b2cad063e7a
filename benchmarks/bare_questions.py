"""The reference that does nothing but ask the Engagement API: one line printed for each tweet and day.

`python -m benchmarks.bare_questions FILE`; the file holds `{"config": …, "user_id": …, "bodies": […]}`. Each body is
sent as the connector sent it, as many at a time as the connector has under way; each answer is parsed, and each row
written out with its keys and the 17 metrics. Nothing is checked.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import requests
from requests_oauthlib import OAuth1

from benchmarks.simulated_engagement import HISTORICAL
from source_x_organic.streams.part_queue import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows(answer: dict[str, Any], group: str, user_id: str) -> Iterator[dict[str, Any]]:
    """Yield a row for each tweet and day of an answer."""
    for tweet_id, by_metric in answer[group].items():
        days = next(iter(by_metric.values()))
        for date, *counts in zip(days, *(by_day.values() for by_day in by_metric.values()), strict=True):
            yield {
                "account_id": user_id,
                "tweet_id": tweet_id,
                "date": date,
                "placement": "ALL_ON_TWITTER",
                **dict(zip(by_metric, map(int, counts), strict=True)),
            }


def main(path: str) -> None:
    """Print a line for each tweet and day of all answers."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    keys = told["config"]["credentials"]
    signature = OAuth1(keys["consumer_key"], keys["consumer_secret"], keys["access_token"], keys["access_token_secret"])
    address = told["config"]["base_urls"]["engagement_api"] + HISTORICAL
    session = requests.Session()
    write = sys.stdout.buffer.write

    def asked(body: dict[str, Any]) -> bytes:
        answer = session.post(address, json=body, auth=signature, timeout=60)
        answer.raise_for_status()
        return answer.content

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for body, content in zip(told["bodies"], threads.map(asked, told["bodies"]), strict=True):
            (group,) = body["groupings"]
            for row in rows(orjson.loads(content), group, told["user_id"]):
                line = {"type": "RECORD", "record": {"stream": "organic_report", "data": row}}
                write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main(sys.argv[1])
