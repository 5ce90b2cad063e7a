"""stats/jobs/accounts/:id: statistics made by jobs, and the files they leave."""

import gzip
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from x_simulator.ads_api import errors, limits
from x_simulator.ads_api.answers import wire_instant
from x_simulator.ads_api.calls import AdsAnswer, AdsCall, Body
from x_simulator.ads_api.job_ledger import Job
from x_simulator.ads_api.parameters import AdsQuery
from x_simulator.ads_api.questions import asked
from x_simulator.ads_api.stats import answered
from x_simulator.clock import milliseconds
from x_simulator.http_messages import Request, Response

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi

_FOLDER = "/advertiser-api-async-analytics/"
_FILE = re.compile(rf"{_FOLDER}([A-Za-z0-9]+)\.json\.gz")
_DECIMAL = re.compile(r"[0-9]{1,19}")


def create(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer POST: make a job.

    Raises:
        AdsRefusal: 400, something is wrong with the question, or the account has as many jobs running as it may.
    """
    question = asked(api, call, by_job=True)
    account = call.ads_account
    job = api.jobs.add(account.id, account.timezone, question)
    if job is None:
        message = f"A maximum of {api.jobs.ceiling} jobs can be in processing state"
        raise errors.refusal(400, "TOO_MANY_JOBS", message, dict(call.values))
    # Even a job that takes no time is not done in the answer that names it.
    body = {**_object(job, job.created_ms, call.request), "status": "QUEUED", "url": None, "expires_at": None}
    params = {name: value for name, value in question.params.items() if value is not None}
    return AdsAnswer({"request": {"params": params}, "data": body}, _headers(api, account.id))


def listed(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET: an account's jobs, newest first, or those of them that are asked for.

    A cursor follows the jobs that are asked for even when all of them were told, as in X's documentation.
    """
    query = AdsQuery(call)
    wanted = query.identifiers("job_ids", limits.MOST_IDS)
    count, before = query.page()
    query.finish()
    account_id = call.ads_account.id
    chosen = _chosen(api, account_id, wanted)
    found = [job for job in chosen if before is None or job.id < before]
    page = found[:count]
    goes_on = len(found) > count or (wanted is not None and bool(page))
    body = {
        "request": {"params": _listed_params(query, wanted)},
        "next_cursor": query.cursor_to(page[-1].id) if goes_on else None,
        "data": [_object(job, milliseconds(api.clock), call.request) for job in page],
    }
    return AdsAnswer(body, _headers(api, account_id))


def cancelled(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer DELETE: stop a job.

    Raises:
        AdsRefusal: 404, there is no such job; 400, it is not running any more.
    """
    text, account_id = call.values["job_id"], call.ads_account.id
    job = api.jobs.find(account_id, int(text)) if _DECIMAL.fullmatch(text) else None
    if job is None:
        raise errors.not_found(f"Job {text} was not found", dict(call.values))
    if not api.jobs.cancel(job):
        raise errors.refusal(400, "INVALID_PARAMETER", f"Job {text} is not running", dict(call.values))
    body = _object(job, milliseconds(api.clock), call.request)
    return AdsAnswer({"request": {"params": dict(call.values)}, "data": body}, _headers(api, account_id))


def result_file(api: "AdsApi", path: str) -> Response | None:
    """Return a job's result; None if there is no such file (any more)."""
    found = _FILE.fullmatch(path)
    job = api.jobs.with_result(found[1]) if found else None
    if job is None:
        return None
    return Response(200, api.jobs.result(job, lambda: _packed(api, job)), "application/gzip")


def _packed(api: "AdsApi", job: Job) -> bytes:
    document = answered(api.world, job.question, job.zone, job.ends_ms)
    return gzip.compress(orjson.dumps(document), compresslevel=1, mtime=0)


def _chosen(api: "AdsApi", account_id: str, wanted: Sequence[str] | None) -> list[Job]:
    if wanted is None:
        return api.jobs.newest_first(account_id)
    found = (api.jobs.find(account_id, int(identifier)) for identifier in wanted)
    return sorted((job for job in found if job is not None), key=lambda job: -job.id)


def _listed_params(query: AdsQuery, wanted: Sequence[str] | None) -> Body:
    return query.params if wanted is None else query.params | {"job_ids": [int(identifier) for identifier in wanted]}


def _headers(api: "AdsApi", account_id: str) -> dict[str, str]:
    return {
        "x-concurrent-job-limit": str(api.jobs.ceiling),
        "x-concurrent-job-limit-remaining": str(api.jobs.remaining(account_id)),
    }


def _object(job: Job, now_ms: int, request: Request) -> Body:
    """Return X's object for a job; its result lies on the host that the request came to."""
    status = job.status(now_ms)
    has_result = status == "SUCCESS"
    host = request.headers.get("host", "localhost")
    return {
        **job.question.params,
        "id": job.id,
        "id_str": str(job.id),
        "account_id": job.account_id,
        "status": status,
        "url": f"http://{host}{_FOLDER}{job.token}.json.gz" if has_result else None,
        "expires_at": wire_instant(job.expires_ms) if has_result else None,
        "created_at": wire_instant(job.created_ms),
        "updated_at": wire_instant(job.updated_ms(now_ms)),
    }
