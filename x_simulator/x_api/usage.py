"""GET /2/usage/tweets: posts handed out per day; numbers as strings, as in the newer description of the API."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from x_simulator.journal import Journal

_PROJECT = "1700000000000000001"
_PROJECT_CAP = 3_000_000
_APP = "30000001"


def usage(journal: Journal, now: datetime, days: int, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return the body of the answer; `fields` beyond the three defaults only if asked for."""
    per_day = Counter[str]()
    for entry in journal:
        per_day[f"{datetime.fromtimestamp(entry.time, UTC):%Y-%m-%d}T00:00:00.000Z"] += entry.billed_posts
    first = f"{now - timedelta(days=days - 1):%Y-%m-%d}T00:00:00.000Z"
    daily = [{"date": day, "usage": str(count)} for day, count in sorted(per_day.items()) if day >= first and count]
    everything: dict[str, Any] = {
        "cap_reset_day": 1,
        "project_cap": str(_PROJECT_CAP),
        "project_id": _PROJECT,
        "project_usage": str(sum(per_day.values())),
        "daily_project_usage": {"project_id": _PROJECT, "usage": daily},
        "daily_client_app_usage": [{"client_app_id": _APP, "usage": daily, "usage_result_count": len(daily)}],
    }
    chosen = {"project_cap", "project_id", "project_usage", *fields}
    return {"data": {name: value for name, value in everything.items() if name in chosen}}
