"""The reference that does nothing but fetch result files: one line printed for each tweet and day.

`python -m benchmarks.bare_results FILE`; the file holds `{"urls": […], "account_id": …, "user_id": …}`. Each result is
downloaded whole, unpacked, and parsed; each row is written out with its keys and the 25 metrics. Nothing is checked.
"""

from __future__ import annotations

import gzip
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows(document: dict[str, Any], account_id: str, user_id: str) -> Iterator[dict[str, Any]]:
    """Yield a row for each tweet and day of a result; no array means 0 on every day."""
    first = datetime.fromisoformat(document["request"]["params"]["start_time"])
    length = document["time_series_length"]
    days = [(first + timedelta(days=number)).date().isoformat() for number in range(length)]
    nothing = [0] * length
    for tweet in document["data"]:
        metrics = tweet["id_data"][0]["metrics"]
        for date, *values in zip(days, *(series or nothing for series in metrics.values()), strict=True):
            yield {
                "account_id": user_id,
                "tweet_id": tweet["id"],
                "date": date,
                "placement": "ALL_ON_TWITTER",
                "ads_account_id": account_id,
                **dict(zip(metrics, values, strict=True)),
            }


def main(path: str) -> None:
    """Print a line for each tweet and day of all results."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    session = requests.Session()
    write = sys.stdout.buffer.write
    for url in told["urls"]:
        answer = session.get(url, timeout=60)
        answer.raise_for_status()
        for row in rows(orjson.loads(gzip.decompress(answer.content)), told["account_id"], told["user_id"]):
            line = {"type": "RECORD", "record": {"stream": "organic_report", "data": row}}
            write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main(sys.argv[1])
