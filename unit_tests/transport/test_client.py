"""A request brings an answer or a classified error, with exactly the requests that this takes."""

from __future__ import annotations

import gzip
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from requests.auth import AuthBase

from source_x_organic.transport.client import Answer as ApiAnswer
from source_x_organic.transport.client import ApiClient, Endpoint
from source_x_organic.transport.connections import USER_AGENT
from source_x_organic.transport.errors import ApiError, CredentialsRefused, InvalidRequest, Refused, Unavailable
from source_x_organic.transport.problems import Problem
from source_x_organic.transport.retries import PATIENT, PROMPT, RetryPolicy
from source_x_organic.usage.ledger import Ledger
from unit_tests.clocks import NOON, HandClock, SharedClock
from unit_tests.loopback import Answer, Asked, Loopback, in_turn, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from source_x_organic.transport.clock import Clock

TIMELINE = Endpoint("users/:id/tweets", "/2/users/{}/tweets")
JOBS = Endpoint("stats/jobs/accounts/:account_id", "/12/stats/jobs/accounts/{}", counts_per_account=True)
ME = Endpoint("users/me", "/2/users/me")
LOGGER = logging.getLogger("test")
GOOD = Answer(document={"data": [1]})


class Signed(AuthBase):
    """Credentials that write the time into each request, and may be renewed."""

    def __init__(self, clock: Clock, *, signs_with_time: bool = False, renewable: bool = False) -> None:
        self.signs_with_time = signs_with_time
        self.renewals = 0
        self._clock = clock
        self._renewable = renewable

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Signed {self._clock.time():.0f}/{self.renewals}"
        return request

    def renew(self, refused: requests.PreparedRequest) -> bool:
        assert refused.headers["Authorization"].endswith(f"/{self.renewals}")
        self.renewals += self._renewable
        return self._renewable


def client(x: Loopback, clock: Clock, *, credential: Signed | None = None, retries: RetryPolicy = PATIENT) -> ApiClient:
    return ApiClient(
        base_url=x.url,
        credential=credential or Signed(clock),
        clock=clock,
        logger=LOGGER,
        sent=Ledger(),
        retries=retries,
        jitter=lambda: 0.5,
    )


def get(api: ApiClient, endpoint: Endpoint = TIMELINE, user_id: str = "7") -> object:
    return api.get(endpoint, {"max_results": "100"}, user_id, what="the posts of @brand")


def failure(api: ApiClient, endpoint: Endpoint = TIMELINE) -> ApiError:
    with pytest.raises(ApiError) as caught:
        get(api, endpoint)
    return caught.value


def test_what_x_warns_of_is_handed_on_without_secrets_and_the_answer_is_whole() -> None:
    clock, warnings = HandClock(), list[str]()
    answer = Answer(document={"data": [1]}, headers={"X-Api-Warn": "Ends soon,\taccess_token=s3cret"})
    with serving(lambda _: answer) as x:
        api = ApiClient(
            base_url=x.url, credential=Signed(clock), clock=clock, logger=LOGGER, sent=Ledger(), warn=warnings.append
        )
        assert api.get(ME, {}, what="this") == {"data": [1]}
    assert warnings == [
        "X warns about what the connector asks for: Ends soon, access_token=****. Look for a newer version of it."
    ]


def test_a_request_is_signed_and_its_answer_parsed() -> None:
    with serving(in_turn(GOOD)) as x:
        answer = client(x, HandClock()).get(TIMELINE, {"a": "1,2", "b": "ü &"}, "7", what="it")
        assert answer == {"data": [1]}
        [asked] = x.asked
    assert (asked.method, asked.path, asked.query) == ("GET", "/2/users/7/tweets", {"a": "1,2", "b": "ü &"})
    headers = {name: asked.headers[name] for name in ("authorization", "user-agent", "accept")}
    assert headers == {
        "authorization": f"Signed {NOON:.0f}/0",
        "user-agent": USER_AGENT,
        "accept": "application/json",
    }


FAULTS = {
    "a server error": Answer(500),
    "an unknown server error": Answer(599, body=b"<html>"),
    "a bad gateway": Answer(502, body=b"<html>"),
    "an overload in plain text": Answer(503, body=b"over capacity"),
    "a timeout": Answer(504),
    "a slow request": Answer(408),
    "a lock": Answer(423),
    "a broken connection": Answer(hang_up=True),
    "a body that is cut off": Answer(document={"data": "x" * 5000}, cut=True),
    "a page instead of JSON": Answer(body=b"<html>maintenance</html>"),
    "half of a document": Answer(body=b'{"data": ['),
    "an empty body": Answer(body=b""),
    "a list": Answer(document=[1]),
    "a document that is too deep": Answer(body=b"[" * 100_000),
    "bytes that are no gzip": Answer(body=b"plain", headers={"content-encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_passing_fault_is_tried_again_until_it_has_passed(fault: Answer) -> None:
    clock = HandClock()
    with serving(in_turn(fault, fault, GOOD)) as x:
        api = client(x, clock)
        assert get(api) == {"data": [1]}
        assert len(x.asked) == 3
    assert clock.slept == [0.75, 1.5]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_that_stays_becomes_a_transient_error_after_all_attempts(fault: Answer) -> None:
    clock = HandClock()
    with serving(in_turn(fault)) as x:
        api = client(x, clock)
        error = failure(api)
        assert len(x.asked) == PATIENT.max_attempts
        assert isinstance(error, Unavailable)
        x.answer = in_turn(GOOD)
        assert get(api) == {"data": [1]}
    assert clock.slept == [0.75, 1.5, 3.0, 6.0, 12.0]


def test_a_port_where_nobody_listens_is_named_without_python_objects() -> None:
    with serving(in_turn(GOOD)) as x:
        api = client(x, HandClock(), retries=PROMPT)
    assert failure(api).message == (
        "The posts of @brand could not be read (Connection refused): X could not be reached; check the network, proxy "
        "and base_urls, then try again."
    )


def test_the_servers_wish_to_wait_is_honoured() -> None:
    clock = HandClock()
    later = Answer(503, headers={"retry-after": formatdate(NOON + 107, usegmt=True)})
    with serving(in_turn(Answer(503, headers={"retry-after": "7"}), later, GOOD)) as x:
        get(client(x, clock))
    assert clock.slept == [7.0, 100.0]


def test_a_wish_to_wait_for_hours_is_an_error_at_once() -> None:
    clock = HandClock()
    with serving(in_turn(Answer(503, headers={"retry-after": "7200"}))) as x:
        assert isinstance(failure(client(x, clock)), Unavailable)
        assert len(x.asked) == 1
    assert clock.slept == []


def problem(suffix: str) -> dict[str, str]:
    return {"type": f"https://api.x.com/2/problems/{suffix}", "title": "T", "detail": "Own words."}


REFUSALS = [
    (Answer(401, problem("x")), CredentialsRefused),
    (Answer(402, problem("credits")), CredentialsRefused),
    (Answer(403, problem("client-forbidden")), CredentialsRefused),
    (Answer(429, problem("usage-capped")), CredentialsRefused),
    (Answer(403, problem("x")), Refused),
    (Answer(404, problem("resource-not-found")), Refused),
    (Answer(400, problem("invalid-request")), InvalidRequest),
    (Answer(301, headers={"location": "/elsewhere"}), Refused),
]


@pytest.mark.parametrize(("answer", "error"), REFUSALS)
def test_a_refusal_is_not_tried_again_and_one_of_the_credentials_is_not_even_asked_for_again(
    answer: Answer, error: type[ApiError]
) -> None:
    with serving(in_turn(answer)) as x:
        api = client(x, HandClock())
        first, second = failure(api), failure(api)
        assert len(x.asked) == (1 if error is CredentialsRefused else 2)
        assert type(first) is type(second) is error
        assert first.message == second.message
        x.answer = in_turn(GOOD)
        assert get(api, ME) == {"data": [1]}


def test_an_api_may_say_for_each_endpoint_what_its_errors_mean() -> None:
    clock = HandClock()

    def classify(endpoint: Endpoint, status: int, headers: Mapping[str, str], body: bytes) -> Problem:
        kind = "client-forbidden" if endpoint == ME else "suspended"
        return Problem(kind, status, title=headers["X-Word"], detail=body.decode())

    with serving(in_turn(Answer(403, body=b"Own words", headers={"x-word": "Title"}))) as x:
        api = ApiClient(
            base_url=x.url, credential=Signed(clock), clock=clock, logger=LOGGER, sent=Ledger(), classify=classify
        )
        assert failure(api).problem == Problem("suspended", 403, "Title", "Own words")
        assert [type(failure(api, ME)), type(failure(api, ME)), type(failure(api))] == [
            CredentialsRefused,
            CredentialsRefused,
            Refused,
        ]
        assert len(x.asked) == 3


def test_a_refused_token_is_renewed_once_and_the_request_sent_again() -> None:
    clock = HandClock()
    credential = Signed(clock, renewable=True)
    with serving(in_turn(Answer(401), GOOD)) as x:
        assert get(client(x, clock, credential=credential)) == {"data": [1]}
        assert [asked.headers["authorization"][-1] for asked in x.asked] == ["0", "1"]


def test_a_renewed_token_that_is_refused_too_is_an_error() -> None:
    clock = HandClock()
    credential = Signed(clock, renewable=True)
    with serving(in_turn(Answer(401))) as x:
        assert isinstance(failure(client(x, clock, credential=credential)), CredentialsRefused)
        assert len(x.asked) == 2
    assert credential.renewals == 1


def closed(seconds: int, **more: str) -> Answer:
    reset = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{NOON + seconds:.0f}"}
    return Answer(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, {**reset, **more})


def test_a_window_of_a_quarter_of_an_hour_is_waited_out_and_the_request_signed_afterwards() -> None:
    clock = HandClock()
    with serving(in_turn(closed(900), GOOD)) as x:
        assert get(client(x, clock)) == {"data": [1]}
        signed = [asked.headers["authorization"] for asked in x.asked]
    assert clock.slept == [901.0]
    assert signed == [f"Signed {NOON:.0f}/0", f"Signed {NOON + 901:.0f}/0"]


def test_a_window_that_is_used_up_is_waited_for_without_asking() -> None:
    clock = HandClock()
    last = Answer(document={"data": []}, headers=closed(300).headers)
    with serving(in_turn(last, GOOD)) as x:
        api = client(x, clock)
        assert [get(api), get(api)] == [{"data": []}, {"data": [1]}]
        assert len(x.asked) == 2
    assert clock.slept == [301.0]


def test_a_window_longer_than_twenty_minutes_is_a_clear_error_and_others_go_on() -> None:
    clock = HandClock()
    with serving(in_turn(closed(7200))) as x:
        api = client(x, clock)
        error = failure(api)
        assert isinstance(failure(api), Unavailable)
        assert len(x.asked) == 1
        x.answer = in_turn(GOOD)
        assert get(api, ME) == {"data": [1]}
    assert clock.slept == []
    assert error.message == (
        "X did not give the posts of @brand (the rate limit of users/:id/tweets is used up for the next 120 minutes): "
        "X's rate limit was used up and its window is long; run the sync again later or less often."
    )


def test_windows_that_never_open_end_in_an_error() -> None:
    clock = HandClock()
    with serving(in_turn(Answer(429))) as x:
        assert isinstance(failure(client(x, clock)), Unavailable)
        assert len(x.asked) == PATIENT.max_windows + 1
    assert clock.slept == [61, 121, 241, 481, 901, 901, 901, 901]


def test_a_wrong_clock_is_named_where_the_signature_holds_the_time() -> None:
    clock = HandClock()
    refused = Answer(401, {"detail": "Unauthorized"}, {"date": formatdate(NOON + 300, usegmt=True)})
    with serving(in_turn(refused)) as x:
        assert failure(client(x, clock, credential=Signed(clock, signs_with_time=True))).message == (
            "X refused the posts of @brand (this machine's clock is 300 seconds behind X's clock; X said: "
            "Unauthorized): set the clock of the machine that runs the connector (NTP): OAuth 1.0a signatures carry "
            "the time."
        )
        assert "clock" not in str(failure(client(x, clock)))


def test_a_closed_window_of_one_ads_account_leaves_the_others_alone() -> None:
    clock = HandClock()
    stated = {name.replace("x-", "x-account-"): value for name, value in closed(300).headers.items()}
    closes_a1 = Answer(document={"data": []}, headers={**stated, "x-rate-limit-remaining": "0"})
    with serving(in_turn(closes_a1, GOOD)) as x:
        api = client(x, clock)
        assert [get(api, JOBS, "a1"), get(api, JOBS, "b2")] == [{"data": []}, {"data": [1]}]
        assert clock.slept == []
        assert get(api, JOBS, "a1") == {"data": [1]}
    assert clock.slept == [301.0]


def test_a_fault_that_states_the_limit_of_an_ads_account_is_news_of_it() -> None:
    clock = HandClock()
    stated = {name.replace("x-", "x-account-"): value for name, value in closed(300).headers.items()}
    with serving(in_turn(Answer(400, headers=stated), GOOD)) as x:
        api = client(x, clock)
        with pytest.raises(InvalidRequest):
            get(api, JOBS, "a1")
        assert get(api, JOBS, "a1") == {"data": [1]}
    assert clock.slept == [301.0]


def post(api: ApiClient, settled: Callable[[], dict[str, object] | None] | None = None) -> ApiAnswer:
    return api.post(JOBS, {"entity_ids": "1,2"}, "a1", what="the statistics of @brand", settled=settled)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_post_has_its_parameters_in_the_query_and_brings_the_headers_too(status: int) -> None:
    answer = Answer(status, {"data": {"id": 5}}, {"X-Concurrent-Job-Limit-Remaining": "99"})
    with serving(in_turn(answer)) as x:
        body, headers = post(client(x, HandClock()))
        [asked] = x.asked
    assert (body, headers["x-concurrent-job-limit-remaining"]) == ({"data": {"id": 5}}, "99")
    assert (asked.method, asked.path, asked.query, asked.body) == (
        "POST",
        "/12/stats/jobs/accounts/a1",
        {"entity_ids": "1,2"},
        "",
    )


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_post_is_not_sent_again_after_a_fault_that_hid_its_success(fault: Answer) -> None:
    clock = HandClock()
    found: Iterator[dict[str, object] | None] = iter([None, {"data": {"id": 7}}])
    with serving(in_turn(fault)) as x:
        assert post(client(x, clock), lambda: next(found)) == ({"data": {"id": 7}}, {})
        assert [asked.method for asked in x.asked] == ["POST", "POST"]
    assert clock.slept == [0.75, 1.5]


def test_a_post_is_sent_again_where_nobody_knows_of_its_success() -> None:
    with serving(in_turn(Answer(503), GOOD)) as x:
        assert post(client(x, HandClock())).body == {"data": [1]}
        assert len(x.asked) == 2


def test_after_a_definite_refusal_of_a_post_nobody_is_asked_whether_it_worked() -> None:
    def never() -> dict[str, object] | None:
        raise AssertionError

    clock = HandClock()
    credential = Signed(clock, renewable=True)
    with serving(in_turn(closed(900), Answer(401), GOOD, Answer(400))) as x:
        api = client(x, clock, credential=credential)
        assert post(api, never).body == {"data": [1]}
        with pytest.raises(InvalidRequest):
            post(api, never)
        assert len(x.asked) == 4


HISTORICAL = Endpoint("insights/engagement/historical", "/insights/engagement/historical", window_seconds=60.0)


def ask(api: ApiClient) -> object:
    return api.post_json(HISTORICAL, {"tweet_ids": ["1", "2"], "ü": None}, what="the engagement of @brand")


def test_a_question_in_json_is_the_body_and_asks_for_gzip_alone() -> None:
    with serving(in_turn(GOOD)) as x:
        assert ask(client(x, HandClock())) == {"data": [1]}
        [asked] = x.asked
    assert (asked.method, asked.target, asked.body) == (
        "POST",
        "/insights/engagement/historical",
        '{"tweet_ids":["1","2"],"ü":null}',
    )
    headers = {name: asked.headers[name] for name in ("accept-encoding", "content-type", "authorization")}
    assert headers == {
        "accept-encoding": "gzip",
        "content-type": "application/json",
        "authorization": f"Signed {NOON:.0f}/0",
    }


def test_an_answer_that_comes_packed_is_unpacked() -> None:
    packed = Answer(body=gzip.compress(b'{"data": [1]}'), headers={"content-encoding": "gzip"})
    with serving(in_turn(packed)) as x:
        assert ask(client(x, HandClock())) == {"data": [1]}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_question_in_json_is_repeated_after_any_passing_fault(fault: Answer) -> None:
    with serving(in_turn(fault, GOOD)) as x:
        assert ask(client(x, HandClock())) == {"data": [1]}
        first, second = x.asked
    assert (first.method, first.body) == (second.method, second.body)


def test_an_allowance_per_minute_is_waited_for_without_a_429_and_without_a_line_for_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = HandClock()
    used_up = Answer(document={}, headers={"x-per-minute-limit": "1", "x-per-minute-remaining": "0"})
    with serving(in_turn(used_up)) as x, caplog.at_level(logging.INFO, logger=LOGGER.name):
        api = client(x, clock)
        for _ in range(3):
            ask(api)
        assert len(x.asked) == 3
    assert clock.slept == [62.0, 62.0]
    assert caplog.messages == [
        (
            "X's rate limit on insights/engagement/historical is used up for now; requests are sent as it allows, "
            "without a line for each."
        )
    ]


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Answer(429), [61.0]),
        (Answer(503, headers={"x-per-minute-limit": "1", "x-per-minute-remaining": "0"}), [0.75, 61.25]),
    ],
)
def test_a_refusal_is_news_of_the_minute(refusal: Answer, expected: list[float]) -> None:
    clock = HandClock()
    with serving(in_turn(refusal, GOOD)) as x:
        ask(client(x, clock))
        assert len(x.asked) == 2
    assert clock.slept == expected


def test_every_request_is_counted_retries_included() -> None:
    clock, sent = HandClock(), Ledger()
    with serving(in_turn(Answer(500), GOOD)) as x:
        api = ApiClient(base_url=x.url, credential=Signed(clock), clock=clock, logger=LOGGER, sent=sent)
        get(api)
        get(api, ME)
    assert sent.by_endpoint() == {"users/:id/tweets": 2, "users/me": 1}


def test_a_request_counts_for_the_account_it_is_about_or_for_the_ads_account_of_its_endpoint() -> None:
    clock, sent = HandClock(), Ledger()
    of_ads = Endpoint("ads/accounts/:id/tweets", "/12/accounts/{}/tweets", counts_per_account=True)
    with serving(in_turn(GOOD)) as x:
        api = ApiClient(base_url=x.url, credential=Signed(clock), clock=clock, logger=LOGGER, sent=sent)
        api.get(ME, {}, what="anything")
        api.get(TIMELINE, {}, "7", what="anything", account="7")
        api.get(of_ads, {}, "18ce5", what="anything")
        api.get(of_ads, {}, "18ce5", what="anything", account="7")
    assert [(use.account_id, use.endpoint, use.requests) for use in sent.uses()] == [
        ("", "users/me", 1),
        ("18ce5", "ads/accounts/:id/tweets", 1),
        ("7", "ads/accounts/:id/tweets", 1),
        ("7", "users/:id/tweets", 1),
    ]


class Charged:
    """A meter that writes down what it is told, and may refuse an attempt."""

    def __init__(self, most: int = 9) -> None:
        self.told: list[str] = []
        self._most = most

    def sending(self) -> None:
        if self.told.count("sending") == self._most:
            raise RuntimeError("enough")
        self.told.append("sending")

    def refused(self) -> None:
        self.told.append("refused")


def test_a_meter_is_told_of_every_attempt_and_of_those_that_x_refused() -> None:
    clock, meter = HandClock(), Charged()
    with serving(in_turn(Answer(500), Answer(body=b"{"), GOOD)) as x:
        client(x, clock).get(TIMELINE, {}, "7", what="anything", meter=meter)
    assert meter.told == ["sending", "refused", "sending", "sending"]


def test_what_a_meter_does_not_let_through_is_not_sent_and_not_counted() -> None:
    clock, sent = HandClock(), Ledger()
    with serving(in_turn(Answer(500), GOOD)) as x:
        api = ApiClient(base_url=x.url, credential=Signed(clock), clock=clock, logger=LOGGER, sent=sent)
        with pytest.raises(RuntimeError, match="enough"):
            api.get(TIMELINE, {}, "7", what="anything", meter=Charged(most=1))
        assert len(x.asked) == 1
        assert get(api) == GOOD.document
    assert sent.by_endpoint() == {"users/:id/tweets": 2}


def test_texts_with_half_of_an_emoji_are_read() -> None:
    with serving(in_turn(Answer(body=b'{"data": "\\ud83d"}'))) as x:
        assert get(client(x, HandClock())) == {"data": "\ud83d"}


def test_faults_without_headers_do_not_lift_the_limits() -> None:
    clock = HandClock()
    last = Answer(document={}, headers=closed(300).headers)
    with serving(in_turn(Answer(503), Answer(404), last, GOOD)) as x:
        api = client(x, clock)
        failure(api)
        get(api)
        get(api)
        assert len(x.asked) == 4
    assert clock.slept == [0.75, 301.0 - 0.75]


class CountingX:
    """Limits one endpoint as X does, breaks every fifth connection, and leaves the other endpoint free."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._asked = 0
        self._start = 0.0
        self._used = 0
        self.refused = 0

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/2/users/me":
            return GOOD
        with self._lock:
            self._asked += 1
            if self._asked % 5 == 0:
                return Answer(hang_up=True)
            if self._clock.time() >= self._start + 900:
                self._start, self._used = self._clock.time(), 0
            self._used += 1
            stated = {
                "x-rate-limit-remaining": str(max(0, self._limit - self._used)),
                "x-rate-limit-reset": f"{self._start + 900:.0f}",
            }
            if self._used > self._limit:
                self.refused += 1
                return Answer(429, headers=stated)
            return Answer(document={"data": []}, headers=stated)


def test_sixteen_threads_share_a_window_without_a_single_429_and_none_is_left_waiting() -> None:
    clock = SharedClock()
    x_counts = CountingX(clock, limit=7)
    with serving(x_counts) as x, ThreadPoolExecutor(16) as threads:
        api = client(x, clock)
        done = [threads.submit(get, api, TIMELINE, str(number)) for number in range(40)]
        others = [threads.submit(get, api, ME) for _ in range(10)]
        assert [each.result(timeout=60) for each in done] == [{"data": []}] * 40
        assert [each.result(timeout=60) for each in others] == [{"data": [1]}] * 10
    assert x_counts.refused == 0
