"""The asynchronous jobs of a simulator: what was asked and when. All the rest follows from the clock.

A job is QUEUED for the first tenth of its time and then PROCESSING. Its result is made when somebody fetches it, with
what was counted up to the end of the job, so that it is the same whenever that is.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from x_simulator.ads_api.questions import Question
from x_simulator.clock import Clock, milliseconds
from x_simulator.randomness import seeded_letters
from x_simulator.snowflakes import EPOCH_MS

RESULT_LIFE_MS = 48 * 3_600_000
RUNNING = frozenset({"QUEUED", "PROCESSING"})
_ID_BITS = 22
_TOKEN_LENGTH = 96
_REMEMBERED_RESULTS = 128


@dataclass(slots=True)
class Job:
    """One job. `number`: from 0, over all Ads accounts; times in milliseconds since the epoch.

    `runs_ms`: how long it runs; `fails`: whether it then ends FAILED; `cancelled_ms`: when it was cancelled;
    `result_life_ms`: how long its result can be fetched afterwards.
    """

    number: int
    account_id: str
    zone: ZoneInfo
    question: Question
    created_ms: int
    runs_ms: int
    token: str
    fails: bool = False
    cancelled_ms: int | None = None
    result_life_ms: int = RESULT_LIFE_MS

    @property
    def id(self) -> int:
        """X's number of the job, which grows from job to job."""
        return (self.created_ms - EPOCH_MS) << _ID_BITS | self.number & (1 << _ID_BITS) - 1

    @property
    def ends_ms(self) -> int:
        """When it ends if nobody cancels it."""
        return self.created_ms + self.runs_ms

    @property
    def expires_ms(self) -> int:
        """When its result is gone."""
        return self.ends_ms + self.result_life_ms

    def status(self, now_ms: int) -> str:
        """Return X's word for how far the job is."""
        if self.cancelled_ms is not None:
            return "CANCELLED"
        if now_ms >= self.ends_ms:
            return "FAILED" if self.fails else "SUCCESS"
        return "PROCESSING" if now_ms >= self._starts_ms else "QUEUED"

    def updated_ms(self, now_ms: int) -> int:
        """Return when the status changed last."""
        if self.cancelled_ms is not None:
            return self.cancelled_ms
        return max(instant for instant in (self.created_ms, self._starts_ms, self.ends_ms) if instant <= now_ms)

    @property
    def _starts_ms(self) -> int:
        return self.created_ms + self.runs_ms // 10


Choice = int | Callable[[Job], bool]
_Change = Callable[[Job], None]


@dataclass(slots=True)
class _Order:
    """Something that tests want to happen to the `left` next jobs that are chosen."""

    choice: Choice
    change: _Change
    left: int

    def meet(self, job: Job) -> None:
        is_chosen = job.number + 1 == self.choice if isinstance(self.choice, int) else self.choice(job)
        if self.left and is_chosen:
            self.left -= 1
            self.change(job)


class AdsJobs:
    """All jobs of all Ads accounts. `seconds`: how long a job runs, or a function from its number to that.

    `fail`, `expire`, `foreign` and `release` are for tests.
    """

    def __init__(self, seed: int, clock: Clock, ceiling: int, seconds: float | Callable[[int], float]) -> None:
        self.ceiling = ceiling
        self._seed = seed
        self._clock = clock
        self._seconds = seconds
        self._lock = threading.RLock()
        self._jobs: list[Job] = []
        self._by_id: dict[int, Job] = {}
        self._by_token: dict[str, Job] = {}
        self._unfinished: dict[str, list[Job]] = {}
        self._foreign: dict[str, int] = {}
        self._orders: list[_Order] = []
        self._results: OrderedDict[str, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs))

    def add(self, account_id: str, zone: ZoneInfo, question: Question) -> Job | None:
        """Make a job; None if as many are running for the account as may."""
        with self._lock:
            if self.remaining(account_id) < 1:
                return None
            number, now_ms = len(self._jobs), milliseconds(self._clock)
            seconds = self._seconds(number) if callable(self._seconds) else self._seconds
            token = seeded_letters(_TOKEN_LENGTH, self._seed, "job result", now_ms, number)
            job = Job(number, account_id, zone, question, now_ms, round(seconds * 1000), token)
            self._jobs.append(job)
            self._by_id[job.id] = self._by_token[token] = job
            self._unfinished.setdefault(account_id, []).append(job)
            for order in self._orders:
                order.meet(job)
            return job

    def remaining(self, account_id: str) -> int:
        """Return how many more jobs an Ads account may have running."""
        with self._lock:
            now_ms = milliseconds(self._clock)
            jobs = [job for job in self._unfinished.get(account_id, ()) if job.status(now_ms) in RUNNING]
            self._unfinished[account_id] = jobs
            return max(self.ceiling - len(jobs) - self._foreign.get(account_id, 0), 0)

    def newest_first(self, account_id: str) -> list[Job]:
        """Return the jobs of an Ads account."""
        return [job for job in reversed(self._jobs) if job.account_id == account_id]

    def find(self, account_id: str, job_id: int) -> Job | None:
        """Return a job by X's number; None if the account has none of it."""
        job = self._by_id.get(job_id)
        return job if job is not None and job.account_id == account_id else None

    def with_result(self, token: str) -> Job | None:
        """Return the job whose result has this name, if it can be fetched now."""
        job, now_ms = self._by_token.get(token), milliseconds(self._clock)
        if job is None or job.status(now_ms) != "SUCCESS" or now_ms >= job.expires_ms:
            return None
        return job

    def result(self, job: Job, make: Callable[[], bytes]) -> bytes:
        """Return a job's result: as it was made not long ago, or made now (it is the same each time)."""
        with self._lock:
            known = self._results.get(job.token)
            if known is not None:
                self._results.move_to_end(job.token)
                return known
        made = make()
        with self._lock:
            self._results[job.token] = made
            if len(self._results) > _REMEMBERED_RESULTS:
                self._results.popitem(last=False)
        return made

    def cancel(self, job: Job) -> bool:
        """Cancel a job; False if it has come to its end already."""
        with self._lock:
            now_ms = milliseconds(self._clock)
            if job.status(now_ms) not in RUNNING:
                return False
            job.cancelled_ms = now_ms
            return True

    def fail(self, choice: Choice, *, times: int = 1) -> None:
        """Let jobs end FAILED, running ones and later ones: the n-th of all (from 1), or those that are chosen.

        `times`: how many of them.
        """
        self._give(_Order(choice, _fails, times), lambda job, now_ms: job.status(now_ms) in RUNNING)

    def expire(self, choice: Choice = lambda _: True, *, times: int = 1) -> None:
        """Let results be gone: at once where the job has succeeded, else in the moment when it does.

        `choice`, `times`: as for `fail`; by default the oldest result that is still there, or the next.
        """

        def vanish(job: Job) -> None:
            job.result_life_ms = max(milliseconds(self._clock) - job.ends_ms, 0)

        def has_future(job: Job, now_ms: int) -> bool:
            return job.status(now_ms) in {*RUNNING, "SUCCESS"} and now_ms < job.expires_ms

        self._give(_Order(choice, vanish, times), has_future)

    def foreign(self, account_id: str, count: int) -> None:
        """Let another tool's jobs, which are not listed here, take `count` places of an Ads account."""
        with self._lock:
            self._foreign[account_id] = count

    def release(self, account_id: str | None = None) -> None:
        """Let the other tool's jobs end, for one Ads account or for all."""
        with self._lock:
            if account_id is None:
                self._foreign.clear()
            else:
                self._foreign.pop(account_id, None)

    def _give(self, order: _Order, can_meet: Callable[[Job, int], bool]) -> None:
        with self._lock:
            now_ms = milliseconds(self._clock)
            for job in self._jobs:
                if can_meet(job, now_ms):
                    order.meet(job)
            self._orders.append(order)


def _fails(job: Job) -> None:
    job.fails = True
