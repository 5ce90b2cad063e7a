"""Statistics by jobs: their life, their ceiling, their files, and what can go wrong with them."""

import gzip
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from unit_tests.x_simulator.asking import Asked, Client
from unit_tests.x_simulator.conftest import LUMEN, NOOK
from x_simulator import SimulatedClock, Simulator
from x_simulator.http_messages import Request, Response

JOBS = f"/12/stats/jobs/accounts/{LUMEN}"
PERIOD = {"start_time": "2026-08-22T07:00:00Z", "end_time": "2026-11-20T08:00:00Z"}
LIMIT = ("x-concurrent-job-limit", "x-concurrent-job-limit-remaining")


def question(client: Client, **changes: object) -> dict[str, object]:
    query: dict[str, object] = {
        "entity": "ORGANIC_TWEET",
        "entity_ids": client.simulator.world.post_ids("lumen_mill")[0],
        "granularity": "DAY",
        "metric_groups": "ENGAGEMENT,VIDEO",
        "placement": "ALL_ON_TWITTER",
        **PERIOD,
        **changes,
    }
    return {name: value for name, value in query.items() if value is not None}


def post(client: Client, path: str = JOBS, user: str = "lumen_mill", **changes: Any) -> Asked:  # noqa: ANN401 - texts
    return client.send("POST", path, user=user, **question(client, **changes))


def made(client: Client, **changes: Any) -> str:  # noqa: ANN401 - texts
    asked = post(client, **changes)
    assert asked.status == 200
    return str(asked.body["data"]["id_str"])


def jobs(client: Client, **query: object) -> Any:  # noqa: ANN401 - JSON
    return client.get(JOBS, user="lumen_mill", **query).body["data"]


def job(client: Client, job_id: str) -> Any:  # noqa: ANN401 - JSON
    [found] = jobs(client, job_ids=job_id)
    return found


def file(simulator: Simulator, url: str) -> Response:
    return simulator.application.handle(Request("GET", url.removeprefix("http://127.0.0.1:9"), {"host": "127.0.0.1:9"}))


def codes(asked: Asked) -> list[tuple[str, str | None]]:
    return [(error["code"], error.get("parameter")) for error in asked.body["errors"]]


# Their life ----------------------------------------------------------------------------------------------------------


def test_a_job_is_queued_runs_and_succeeds_by_the_clock(client: Client, clock: SimulatedClock) -> None:
    asked = post(client)
    queued = asked.body["data"]
    newest = client.simulator.world.post_ids("lumen_mill")[0]
    assert queued == {
        **PERIOD,
        "id": int(queued["id_str"]),
        "id_str": queued["id_str"],
        "account_id": LUMEN,
        "status": "QUEUED",
        "url": None,
        "expires_at": None,
        "entity": "ORGANIC_TWEET",
        "entity_ids": [newest],
        "granularity": "DAY",
        "placement": "ALL_ON_TWITTER",
        "metric_groups": ["ENGAGEMENT", "VIDEO"],
        "segmentation_type": None,
        "country": None,
        "platform": None,
        "created_at": "2026-11-20T12:00:00Z",
        "updated_at": "2026-11-20T12:00:00Z",
    }
    assert asked.body["request"]["params"] == {
        name: queued[name]
        for name in ("start_time", "end_time", "entity", "entity_ids", "granularity", "placement", "metric_groups")
    }
    assert job(client, queued["id_str"]) == queued
    clock.advance(1)
    assert job(client, queued["id_str"]) == queued | {"status": "PROCESSING"}
    clock.advance(1)
    done = job(client, queued["id_str"])
    url = done.pop("url")
    done_at = {"status": "SUCCESS", "expires_at": "2026-11-22T12:00:02Z", "updated_at": "2026-11-20T12:00:02Z"}
    assert done == {name: value for name, value in queued.items() if name != "url"} | done_at
    assert url.startswith("http://127.0.0.1:9/advertiser-api-async-analytics/")
    assert url.endswith(".json.gz")


def test_jobs_take_as_long_as_they_are_told(make_client: Callable[..., Client], clock: SimulatedClock) -> None:
    client = make_client(job_seconds=lambda number: 10.0 * number)
    for _ in range(3):
        made(client)
    assert [item["status"] for item in jobs(client)] == ["QUEUED", "QUEUED", "SUCCESS"]
    clock.advance(10)
    assert [item["status"] for item in jobs(client)] == ["PROCESSING", "SUCCESS", "SUCCESS"]


def test_a_result_is_the_answer_that_would_have_been_given_at_once(client: Client, clock: SimulatedClock) -> None:
    week = {"start_time": "2026-11-15", "end_time": "2026-11-22"}
    job_id = made(client, **week)
    clock.advance(2)
    expected = client.get(f"/12/stats/accounts/{LUMEN}", user="lumen_mill", **question(client, **week)).body
    clock.advance(40_000)
    url = job(client, job_id)["url"]
    response = file(client.simulator, url)
    assert (response.status, response.content_type) == (200, "application/gzip")
    assert "content-encoding" not in response.headers
    assert orjson.loads(gzip.decompress(response.body)) == expected
    assert file(client.simulator, url).body == response.body


def test_a_result_holds_ninety_days_also_where_clocks_change(client: Client, clock: SimulatedClock) -> None:
    job_id = made(client)
    clock.advance(2)
    body = orjson.loads(gzip.decompress(file(client.simulator, job(client, job_id)["url"]).body))
    assert body["time_series_length"] == 90


def test_a_result_that_was_forgotten_is_made_again(make_client: Callable[..., Client], clock: SimulatedClock) -> None:
    client = make_client(job_ceiling=200)
    for _ in range(130):
        made(client, granularity="TOTAL", metric_groups="VIDEO")
    clock.advance(2)
    urls = [item["url"] for item in jobs(client)]
    files = [file(client.simulator, url).body for url in urls]
    assert [file(client.simulator, url).body for url in urls] == files
    assert len(client.simulator.ads_jobs) == len({item.token for item in client.simulator.ads_jobs}) == 130


def test_results_are_there_for_two_days(client: Client, clock: SimulatedClock) -> None:
    job_id = made(client)
    clock.advance(2)
    url = job(client, job_id)["url"]
    clock.advance(48 * 3_600 - 1)
    assert file(client.simulator, url).status == 200
    clock.advance(1)
    assert file(client.simulator, url).status == 404
    assert job(client, job_id)["url"] == url


def test_names_of_results_cannot_be_guessed_but_follow_from_the_seed(
    make_client: Callable[..., Client], clock: SimulatedClock
) -> None:
    clients = [make_client(), make_client()]
    ids = [[made(client) for _ in range(3)] for client in clients]
    clock.advance(2)
    urls = [[item["url"] for item in jobs(client)] for client in clients]
    assert (ids[0], urls[0]) == (ids[1], urls[1])
    assert len({*urls[0]}) == 3
    assert not [url for url in urls[0] for job_id in ids[0] if job_id in url]
    assert file(clients[0].simulator, urls[0][0].replace("analytics/", "analytics/x")).status == 404


def test_results_need_no_signature_and_the_journal_tells_who_sends_one(client: Client, clock: SimulatedClock) -> None:
    job_id = made(client)
    clock.advance(2)
    url = job(client, job_id)["url"].removeprefix("http://127.0.0.1:9")
    file(client.simulator, url)
    assert client.get(url, user="lumen_mill").status == 200
    requests = client.simulator.journal.requests_to("/advertiser-api-async-analytics/.*")
    assert [entry.credential for entry in requests] == [None, "oauth1:main:lumen_mill"]


# How many ------------------------------------------------------------------------------------------------------------


def test_a_job_too_many_is_refused_as_recorded(make_client: Callable[..., Client], clock: SimulatedClock) -> None:
    client = make_client(job_ceiling=2)
    answers = [post(client).headers for _ in range(2)]
    assert [[headers[name] for name in LIMIT] for headers in answers] == [["2", "1"], ["2", "0"]]
    refused = post(client)
    assert (refused.status, refused.body["errors"]) == (
        400,
        [{"code": "TOO_MANY_JOBS", "message": "A maximum of 2 jobs can be in processing state"}],
    )
    clock.advance(2)
    listed = client.get(JOBS, user="lumen_mill")
    assert (len(listed.body["data"]), [listed.headers[name] for name in LIMIT]) == (2, ["2", "2"])
    assert post(client).status == 200


def test_every_ads_account_has_a_ceiling_of_its_own(make_client: Callable[..., Client]) -> None:
    client = make_client(job_ceiling=1)
    nook = f"/12/stats/jobs/accounts/{NOOK}"
    newest = client.simulator.world.post_ids("hidden_nook")[0]
    days = {"entity_ids": newest, "start_time": "2026-11-01", "end_time": "2026-11-02"}
    assert [post(client).status, post(client, nook, "hidden_nook", **days).status, post(client).status] == [
        200,
        200,
        400,
    ]
    assert client.get(nook, user="hidden_nook", job_ids=jobs(client)[0]["id_str"]).body["data"] == []


def test_another_tools_jobs_take_places_until_they_end(make_client: Callable[..., Client]) -> None:
    client = make_client(job_ceiling=3)
    client.simulator.ads_jobs.foreign(LUMEN, 2)
    assert [post(client).status for _ in range(2)] == [200, 400]
    assert len(jobs(client)) == 1
    client.simulator.ads_jobs.release(LUMEN)
    assert post(client).headers[LIMIT[1]] == "1"
    client.simulator.ads_jobs.foreign(LUMEN, 9)
    client.simulator.ads_jobs.release()
    assert post(client).status == 200


# Finding -------------------------------------------------------------------------------------------------------------


def test_jobs_are_listed_newest_first_in_pages(client: Client) -> None:
    ids = [made(client) for _ in range(5)]
    pages: list[list[str]] = []
    cursor: dict[str, str] = {}
    while not pages or cursor:
        body = client.get(JOBS, user="lumen_mill", count=2, **cursor).body
        pages.append([item["id_str"] for item in body["data"]])
        cursor = {"cursor": body["next_cursor"]} if body["next_cursor"] else {}
    assert pages == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]


def test_a_cursor_follows_even_when_all_jobs_asked_for_were_told(client: Client) -> None:
    ids = [made(client) for _ in range(3)]
    wanted = f"{ids[0]},{ids[2]},12345"
    first = client.get(JOBS, user="lumen_mill", job_ids=wanted).body
    assert [item["id_str"] for item in first["data"]] == [ids[2], ids[0]]
    assert first["request"]["params"]["job_ids"] == [int(ids[0]), int(ids[2]), 12345]
    second = client.get(JOBS, user="lumen_mill", job_ids=wanted, cursor=first["next_cursor"]).body
    assert (second["data"], second["next_cursor"]) == ([], None)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"job_ids": ",".join(str(number) for number in range(1, 202))}, "job_ids"),
        ({"job_ids": "8wku2"}, "job_ids"),
        ({"count": 0}, "count"),
        ({"count": 1_001}, "count"),
        ({"cursor": "1"}, "cursor"),
    ],
)
def test_jobs_are_not_listed_by_other_rules(client: Client, query: dict[str, object], parameter: str) -> None:
    asked = client.get(JOBS, user="lumen_mill", **query)
    assert (asked.status, codes(asked)) == (400, [("INVALID_PARAMETER", parameter)])


def test_two_hundred_jobs_can_be_asked_for_at_once(make_client: Callable[..., Client]) -> None:
    client = make_client(job_ceiling=200)
    ids = [made(client) for _ in range(200)]
    assert len(jobs(client, job_ids=",".join(ids))) == 200


# Asking --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start_time": "2026-08-21"}, ("INVALID_TIME_WINDOW", "")),
        ({"segmentation_type": "AGE"}, ("INVALID_PARAMETER", "segmentation_type")),
        ({"metric_groups": "BILLING"}, ("INVALID_PARAMETER", None)),
        ({"entity_ids": "20"}, ("INVALID_PARAMETER", "entity_ids")),
        ({"placement": None}, ("MISSING_PARAMETER", "placement")),
    ],
)
def test_jobs_are_as_strict_as_answers_at_once(
    client: Client, changes: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    asked = post(client, **changes)
    assert expected in codes(asked)
    assert (asked.status, jobs(client)) == (400, [])


def test_parameters_in_the_body_are_not_read(client: Client) -> None:
    form = {name: str(value) for name, value in question(client).items()}
    authorization = client.signature(JOBS, client.simulator.oauth1("lumen_mill"), method="POST")
    asked = client.post(JOBS, {}, host="127.0.0.1:9", authorization=authorization)
    assert {code for code, _ in codes(asked)} == {"MISSING_PARAMETER"}
    assert len(codes(asked)) == len(form)


def test_segments_halve_the_time_that_a_job_may_cover(client: Client) -> None:
    paid = {"entity": "CAMPAIGN", "entity_ids": "8wku2", "segmentation_type": "AGE"}
    assert codes(post(client, **paid)) == [("INVALID_TIME_WINDOW", "")]
    assert post(client, **paid, start_time="2026-10-06T07:00:00Z").body["data"]["segmentation_type"] == "AGE"


# What can go wrong ---------------------------------------------------------------------------------------------------


def test_a_job_can_be_cancelled_while_it_runs(make_client: Callable[..., Client], clock: SimulatedClock) -> None:
    client = make_client(job_ceiling=1)
    job_id = made(client)
    gone = client.send("DELETE", f"{JOBS}/{job_id}", user="lumen_mill")
    assert (gone.status, gone.body["data"]["status"], gone.headers[LIMIT[1]]) == (200, "CANCELLED", "1")
    other = made(client)
    clock.advance(5)
    assert [item["status"] for item in jobs(client)] == ["SUCCESS", "CANCELLED"]
    assert client.send("DELETE", f"{JOBS}/{other}", user="lumen_mill").status == 400
    for unknown in ("17", "x"):
        missing = client.send("DELETE", f"{JOBS}/{unknown}", user="lumen_mill")
        assert (missing.status, codes(missing)) == (404, [("NOT_FOUND", None)])


def test_a_job_fails_by_number_or_by_choice(client: Client, clock: SimulatedClock) -> None:
    ledger = client.simulator.ads_jobs
    made(client)
    ledger.fail(1)
    ledger.fail(3)
    ledger.fail(lambda item: item.question.granularity == "TOTAL", times=2)
    for granularity in ("TOTAL", "DAY", "TOTAL", "TOTAL"):
        made(client, granularity=granularity)
    clock.advance(2)
    found = jobs(client)
    assert [item["status"] for item in found] == ["SUCCESS", "FAILED", "FAILED", "FAILED", "FAILED"]
    assert [item["url"] is None for item in found] == [False, True, True, True, True]


def test_results_can_be_gone_before_their_time(client: Client, clock: SimulatedClock) -> None:
    ledger = client.simulator.ads_jobs
    ids = [made(client) for _ in range(3)]
    ledger.expire(2)
    clock.advance(2)
    statuses = [file(client.simulator, job(client, job_id)["url"]).status for job_id in ids]
    assert statuses == [200, 404, 200]
    ledger.expire()
    assert file(client.simulator, job(client, ids[0])["url"]).status == 404
    assert file(client.simulator, job(client, ids[2])["url"]).status == 200
    assert job(client, ids[1])["expires_at"] == "2026-11-20T12:00:02Z"
