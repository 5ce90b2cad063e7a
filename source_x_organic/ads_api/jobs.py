"""Reports that X makes in the background: one queue per Ads account, filled up to X's ceiling and polled in batches.

Not airbyte-cdk's AsyncRetriever: it asks for each job with a request of its own, sleeps five seconds a round (six jobs
of an instant server, two at a time, took it 33 seconds), and forgets the jobs of an interrupted sync.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import TYPE_CHECKING

from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.ads_api.api import JOBS, LARGEST_POLL, objects_of
from source_x_organic.ads_api.job_objects import (
    Key,
    by_question,
    has_failed,
    is_good,
    job_id,
    made_at,
    question,
    result,
)
from source_x_organic.ads_api.job_slots import Pace, Slots
from source_x_organic.failures import fault
from source_x_organic.transport.clock import now
from source_x_organic.transport.errors import ApiError, CredentialsRefused, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from source_x_organic.ads_api.api import AdsApi, Object, StatisticsRequest
    from source_x_organic.transport.clock import Clock

MADE_AT_ONCE = 4
"""Jobs of one account that are asked for at the same time."""

MOST_ATTEMPTS = 3
"""Times that a report is asked for when X loses it, lets it expire, or fails to make it."""

LONGEST_JOB = timedelta(hours=2)
"""After that a job counts as lost."""

LOST_AFTER = timedelta(seconds=30)
"""Age from which a job that X does not list counts as lost."""

LONGEST_BLOCKED = timedelta(minutes=30)
"""How long jobs of other tools may take up the whole ceiling before this gives up."""

_STOPS = frozenset({"organic-withdrawn", "ads-no-role", "ads-account-gone", "ads-feature-unavailable"})


@dataclass(frozen=True)
class Finished:
    """A report that X has made.

    Attributes:
        url: Where its result lies, for about two days.
        made_at: The instant as of which its statistics are.
    """

    url: str
    made_at: datetime


Outcome = Finished | AirbyteTracedException


@dataclass(frozen=True)
class _Order:
    """A report that somebody wants."""

    request: StatisticsRequest
    deliver: Callable[[Outcome], None]
    attempt: int = 1


@dataclass(frozen=True)
class _Job:
    """A report under way at X."""

    id: str
    order: _Order
    since: datetime


class ReportJobs:
    """The jobs of one Ads account; orders may come from any thread, a thread of its own does the asking."""

    def __init__(self, api: AdsApi, account_id: str, clock: Clock, logger: logging.Logger) -> None:
        """Nothing is asked before the first order."""
        self._api = api
        self._account_id = account_id
        self._clock = clock
        self._logger = logger
        self._lock = Lock()
        self._thread: Thread | None = None
        self._waiting: deque[_Order] = deque()
        self._running: dict[str, _Job] = {}
        self._slots = Slots()
        self._pace = Pace()
        self._earlier: dict[Key, Object] | None = None
        self._blocked_since: datetime | None = None
        self._refusal: ApiError | None = None

    def order(self, request: StatisticsRequest, deliver: Callable[[Outcome], None], *, attempt: int = 1) -> None:
        """Have a report made; `deliver` is called once, from any thread. `attempt` counts those for one report."""
        with self._lock:
            refusal = self._refusal
            if refusal is None:
                self._waiting.append(_Order(request, deliver, attempt))
                if self._thread is None:
                    self._thread = Thread(target=self._work, name=f"reports-{self._account_id}", daemon=True)
                    self._thread.start()
        if refusal is not None:
            deliver(refusal)

    def _work(self) -> None:
        with ThreadPoolExecutor(MADE_AT_ONCE, thread_name_prefix="report") as threads:
            try:
                while self._has_work():
                    self._fill(threads)
                    if self._running or self._waiting:
                        self._clock.sleep(self._wait())
                        self._look()
            except Exception as error:  # noqa: BLE001 - whoever waits for a report has to hear of it
                self._fail_all(_as_failure(error))
                with self._lock:
                    self._thread = None

    def _has_work(self) -> bool:
        with self._lock:
            if not self._running and not self._waiting:
                self._thread = None
                return False
            return True

    def _fill(self, threads: ThreadPoolExecutor) -> None:
        """Have X begin as many reports as it lets run at once."""
        self._remember_earlier()
        while orders := self._placeable():
            for order, outcome in zip(orders, threads.map(self._placed, orders), strict=True):
                self._take_in(order, outcome)

    def _placeable(self) -> list[_Order]:
        """Take from the queue what may be asked for now; what an interrupted sync asked for needs no new job."""
        taken: list[_Order] = []
        with self._lock:
            while self._waiting and self._slots.free(len(self._running), len(taken)) > 0:
                order = self._waiting.popleft()
                if not self._adopted(order):
                    taken.append(order)
        return taken

    def _placed(self, order: _Order) -> Object | AirbyteTracedException:
        try:
            answer = self._api.create_job(order.request, made_already=lambda: self._made_already(order))
        except Exception as error:  # noqa: BLE001 - the order has left the queue: who waits for it has to hear of it
            return _as_failure(error)
        self._slots.take(answer.headers)
        job: Object = answer.body.get("data") or {}
        return job

    def _take_in(self, order: _Order, outcome: Object | AirbyteTracedException) -> None:
        if not isinstance(outcome, AirbyteTracedException):
            self._blocked_since = None
            self._await(outcome, order)
        elif isinstance(outcome, ApiError) and outcome.problem.kind == "too-many-jobs":
            self._put_back(order, outcome)
        else:
            order.deliver(outcome)
            if isinstance(outcome, ApiError) and awaits_all(outcome):
                self._stop(outcome)

    def _await(self, job: Object, order: _Order) -> None:
        """Take in that a job is under way for an order: for one more, where its answer was taken for a lost one's.

        Two reports may ask the same; then the job that X began for one is found when the other's answer is lost.
        """
        other = self._running.get(job_id(job))
        if other is not None:
            order = replace(other.order, deliver=_both(other.order.deliver, order.deliver))
        self._running[job_id(job)] = _Job(job_id(job), order, now(self._clock))

    def _stop(self, refusal: ApiError) -> None:
        """Let X not be asked for what it will refuse just so."""
        with self._lock:
            self._refusal = refusal
        self._fail_waiting(refusal)

    def _put_back(self, order: _Order, error: ApiError) -> None:
        """Wait until X has room: other tools make reports of the same Ads account, too."""
        self._slots.fill()
        self._blocked_since = self._blocked_since or now(self._clock)
        if not self._running and now(self._clock) - self._blocked_since > LONGEST_BLOCKED:
            order.deliver(error)
            self._fail_waiting(error)
            return
        with self._lock:
            self._waiting.appendleft(order)

    # Waiting ---------------------------------------------------------------------------------------------------------

    def _wait(self) -> float:
        moment = now(self._clock)
        if self._running:
            return self._pace.interval((moment - job.since).total_seconds() for job in self._running.values())
        blocked = (moment - (self._blocked_since or moment)).total_seconds()
        return min(max(blocked, 5.0), 60.0)

    def _look(self) -> None:
        """Ask for the state of every job under way, and hand on what is done."""
        ids = list(self._running)
        for start in range(0, len(ids), LARGEST_POLL):
            batch = ids[start : start + LARGEST_POLL]
            answer = self._api.jobs(self._account_id, batch)
            jobs = {job_id(job): job for job in objects_of(answer.body)}
            for id_ in batch:
                self._look_at(self._running[id_], jobs.get(id_))
            self._slots.learn(answer.headers)
        self._slots.empty_one(when=not self._running)

    def _look_at(self, job: _Job, found: Object | None) -> None:
        age = now(self._clock) - job.since
        if found is None:
            if age > LOST_AFTER:
                self._again(job, "X has lost the report")
        elif (url := result(found)) is not None:
            self._end(job)
            self._pace.note(age.total_seconds())
            job.order.deliver(Finished(url, made_at(found, job.since)))
        elif has_failed(found):
            self._again(job, f"X ended the report with the state {found.get('status')}")
        elif age > LONGEST_JOB:
            self._again(job, f"X has not made the report within {LONGEST_JOB.total_seconds() / 3600:.0f} hours")

    def _again(self, job: _Job, reason: str) -> None:
        self._end(job)
        if job.order.attempt >= MOST_ATTEMPTS:
            request = job.order.request
            job.order.deliver(error_for(Problem("job-failed", detail=reason), what=request.what, endpoint=JOBS.name))
            return
        self._logger.info(f"{reason}; asking for it again ({job.order.request.what}).")
        with self._lock:
            self._waiting.append(replace(job.order, attempt=job.order.attempt + 1))

    def _end(self, job: _Job) -> None:
        del self._running[job.id]
        self._slots.give_back()

    # Earlier jobs ----------------------------------------------------------------------------------------------------

    def _remember_earlier(self) -> None:
        """Look once for the jobs that an interrupted sync left behind."""
        if self._earlier is None:
            try:
                self._earlier = by_question(self._api.recent_jobs(self._account_id))
            except ApiError as error:
                self._logger.info(f"Earlier reports of Ads account {self._account_id} are not used again: {error}")
                self._earlier = {}

    def _adopted(self, order: _Order) -> bool:
        """Use an earlier job for an order where X still has it and its statistics are good."""
        if order.attempt > 1 or not self._earlier:
            return False
        job = self._earlier.pop(self._question(order), None)
        moment = now(self._clock)
        if job is None or not is_good(job, order.request, moment):
            return False
        if (url := result(job)) is not None:
            order.deliver(Finished(url, made_at(job, moment)))
        else:
            self._await(job, order)
        return True

    def _made_already(self, order: _Order) -> Object | None:
        """Return the job of an order whose answer was lost, if X had begun it after all."""
        known = set(self._running)
        jobs = [job for job in self._api.recent_jobs(self._account_id) if job_id(job) not in known]
        found = by_question(jobs).get(self._question(order))
        return found if found and is_good(found, order.request, now(self._clock)) else None

    def _question(self, order: _Order) -> Key:
        """Return what an order asks of X, which may be less than it wants."""
        return question(self._api.possible(order.request))

    # Failing ---------------------------------------------------------------------------------------------------------

    def _fail_waiting(self, error: AirbyteTracedException) -> None:
        with self._lock:
            waiting, self._waiting = list(self._waiting), deque()
        for order in waiting:
            order.deliver(error)

    def _fail_all(self, error: AirbyteTracedException) -> None:
        running, self._running = list(self._running.values()), {}
        for job in running:
            job.order.deliver(error)
        self._fail_waiting(error)


def awaits_all(refusal: ApiError) -> bool:
    """Return whether the same refusal awaits every other request for statistics of the account."""
    return refusal.problem.kind in _STOPS or isinstance(refusal, CredentialsRefused)


def _both(*deliveries: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    def deliver(outcome: Outcome) -> None:
        for each in deliveries:
            each(outcome)

    return deliver


def _as_failure(error: Exception) -> AirbyteTracedException:
    if isinstance(error, AirbyteTracedException):
        return error
    return fault(error, "when X makes reports")
