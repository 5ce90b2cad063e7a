"""What X says of a job, and whether one that was made earlier answers what is asked now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from source_x_organic.ads_api.api import ORGANIC_TWEET, PLACEMENT
from source_x_organic.instants import utc_instant
from source_x_organic.reports.days import midnight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from source_x_organic.ads_api.api import Object, StatisticsRequest

FRESH = timedelta(hours=1)
"""Age up to which an earlier job is used though its last days may still change: that of an interrupted sync."""

FINAL_AFTER = timedelta(days=2)
"""Time after a day's end from which X does not change its statistics any more."""

_FAILED = ("FAIL", "CANCEL", "ERROR")
"""Parts of the states that end a job without a result; X documents none but CANCELLED."""


class Key(NamedTuple):
    """What tells one question from another: `end` is the first instant after the days."""

    ids: frozenset[str]
    start: datetime
    end: datetime
    granularity: str
    metric_groups: frozenset[str]


def has_failed(job: Object) -> bool:
    """Return whether a job has ended without a result."""
    return any(part in str(job.get("status")) for part in _FAILED)


def question(request: StatisticsRequest) -> Key:
    """Return what a request asks, as far as requests of this connector differ."""
    start = midnight(request.days.first, request.zone)
    end = midnight(request.days.last + timedelta(days=1), request.zone)
    return Key(frozenset(request.ids), start, end, request.granularity, frozenset(request.metric_groups))


def by_question(jobs: Iterable[Object]) -> dict[Key, Object]:
    """Return the jobs that ask what this connector asks, by the rest of their question; of several the newest."""
    found: dict[Key, Object] = {}
    for job in sorted(jobs, key=lambda job: str(job.get("created_at"))):
        start, end = utc_instant(job.get("start_time")), utc_instant(job.get("end_time"))
        if start is not None and end is not None and _is_ours(job):
            key = Key(_texts(job, "entity_ids"), start, end, str(job.get("granularity")), _texts(job, "metric_groups"))
            found[key] = job
    return found


def _texts(job: Object, name: str) -> frozenset[str]:
    return frozenset(str(each) for each in job.get(name) or ())


def _is_ours(job: Object) -> bool:
    wanted = {"entity": ORGANIC_TWEET, "placement": PLACEMENT}
    return all(job.get(name) == value for name, value in wanted.items()) and not job.get("segmentation_type")


def is_good(job: Object, request: StatisticsRequest, moment: datetime) -> bool:
    """Return whether an earlier job has what a new one would have, or so nearly that the restart may use it."""
    made, expires = utc_instant(job.get("created_at")), utc_instant(job.get("expires_at"))
    if made is None or has_failed(job):
        return False
    if expires is not None and expires < moment + FRESH:
        return False
    return made >= question(request).end + FINAL_AFTER or moment - made <= FRESH


def result(job: Object) -> str | None:
    """Return where a report's result lies, if X has made it."""
    url = job.get("url")
    return str(url) if job.get("status") == "SUCCESS" and url else None


def made_at(job: Object, default: datetime) -> datetime:
    """Return when X took a job in, or `default` where it does not say."""
    return utc_instant(job.get("created_at")) or default


def job_id(job: Object) -> str:
    """Return a job's id."""
    return str(job.get("id_str") or job.get("id"))
