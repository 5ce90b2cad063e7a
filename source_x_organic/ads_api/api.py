"""The X Ads API, version 12, as this connector uses it: each operation a method that returns X's parsed answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from source_x_organic.ads_api.refusals import refused_groups
from source_x_organic.reports.days import midnight
from source_x_organic.transport.client import Answer, ApiClient, Endpoint
from source_x_organic.transport.errors import ApiError, Refused, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from source_x_organic.reports.days import Days

ACCOUNTS = Endpoint("ads/accounts", "/12/accounts")
ACCOUNT = Endpoint("ads/accounts/:id", "/12/accounts/{}", counts_per_account=True)
PROMOTABLE_USERS = Endpoint(
    "ads/accounts/:id/promotable_users", "/12/accounts/{}/promotable_users", counts_per_account=True
)
TWEETS = Endpoint("ads/accounts/:id/tweets", "/12/accounts/{}/tweets", counts_per_account=True)
SCHEDULED_TWEETS = Endpoint(
    "ads/accounts/:id/scheduled_tweets", "/12/accounts/{}/scheduled_tweets", counts_per_account=True
)
DRAFT_TWEETS = Endpoint("ads/accounts/:id/draft_tweets", "/12/accounts/{}/draft_tweets", counts_per_account=True)
STATISTICS = Endpoint("ads/stats/accounts/:id", "/12/stats/accounts/{}", counts_per_account=True)
JOBS = Endpoint("ads/stats/jobs/accounts/:id", "/12/stats/jobs/accounts/{}", counts_per_account=True)
NEW_JOB = Endpoint("ads/stats/jobs/accounts/:id (POST)", "/12/stats/jobs/accounts/{}", counts_per_account=True)

LARGEST_PAGE = 1000
"""Objects on one page of accounts, promotable users, tweets and jobs."""

LARGEST_PAGE_OF_PLANS = 200
"""Objects on one page of scheduled and of draft tweets."""

MOST_NAMED = 200
"""Tweets that can be asked for by their ids in one request."""

LARGEST_BATCH = 20
"""Tweets in one request for statistics."""

LONGEST_WINDOW = 7
"""Days that the synchronous endpoint answers for."""

LONGEST_JOB_WINDOW = 90
"""Days that an asynchronous job answers for."""

LARGEST_POLL = 200
"""Jobs whose state one request asks for."""

PLACEMENT = "ALL_ON_TWITTER"
METRIC_GROUPS = ("ENGAGEMENT", "VIDEO")
ORGANIC_TWEET = "ORGANIC_TWEET"

MOST_JOB_PAGES = 5
"""Pages of an account's jobs that are searched for those of an interrupted sync."""

Object = dict[str, Any]
_T = TypeVar("_T")


class _Midnights(StrEnum):
    """How the ends of a window are written."""

    OFFSET = "offset"
    """With the account's own offset on that very day."""

    DATE = "date"
    """As a date, which X reads as midnight in the account's time zone."""


@dataclass(frozen=True)
class StatisticsRequest:
    """The question that one request for organic statistics asks.

    Attributes:
        account_id: Ads account.
        ids: Tweets, at most `LARGEST_BATCH`.
        days: Local days of the account, both ends included.
        zone: The account's time zone.
        granularity: How much time a number covers: `DAY`, `HOUR`, or `TOTAL` for all of it.
        metric_groups: Groups of metrics, in the order of `METRIC_GROUPS`.
    """

    account_id: str
    ids: tuple[str, ...]
    days: Days
    zone: ZoneInfo
    granularity: str = "DAY"
    metric_groups: tuple[str, ...] = METRIC_GROUPS

    @property
    def what(self) -> str:
        """What is read, for messages."""
        return f"the organic statistics of Ads account {self.account_id}"


class AdsApi:
    """The operations, with one set of credentials."""

    def __init__(self, client: ApiClient, warn: Callable[[str], None]) -> None:
        """`client` sends to the Ads API's address; `warn` takes what the user should know, once or several times."""
        self.client = client
        self._warn = warn
        self._refused_metrics: dict[str, dict[str, Refused]] = {}
        self._lock = Lock()
        self._accounts: list[Object] | ApiError | None = None
        self._midnights = _Midnights.OFFSET

    def accounts(self) -> list[Object]:
        """Return every Ads account that the credentials see, closed ones included; asked for once.

        X documents five such requests in 15 minutes, so that a refusal is remembered like an answer.

        Raises:
            ApiError: X refuses the credentials, or stayed unavailable.
        """
        with self._lock:
            if self._accounts is None:
                try:
                    self._accounts = list(
                        self._objects(ACCOUNTS, {"with_deleted": "true"}, what="the Ads accounts of these credentials")
                    )
                except ApiError as error:
                    self._accounts = error
            if isinstance(self._accounts, ApiError):
                raise self._accounts
            return self._accounts

    def account(self, account_id: str) -> Object:
        """Return one Ads account, closed or not; it holds `industry_type`, which the list does not."""
        answer = self.client.get(ACCOUNT, {"with_deleted": "true"}, account_id, what=f"the Ads account {account_id}")
        found: Object = answer.get("data") or {}
        return found

    def promotable_users(self, account_id: str) -> list[Object]:
        """Return the users whom an Ads account may promote, removed ones included."""
        what = f"the users of Ads account {account_id}"
        return list(self._objects(PROMOTABLE_USERS, {"with_deleted": "true"}, account_id, what=what))

    def tweets(
        self, account_id: str, user_id: str, *, trim_user: bool, count: int = LARGEST_PAGE
    ) -> Iterator[list[Object]]:
        """Yield pages of a user's organic tweets, newest first as observed; `trim_user` leaves the user objects out.

        Everything is sent explicitly: X's defaults are promoted-only tweets of the account's main user.
        """
        return self._tweets(account_id, user_id, trim_user=trim_user, count=count, more={})

    def named_tweets(self, account_id: str, user_id: str, ids: Collection[str]) -> Iterator[Object]:
        """Yield those of at most `MOST_NAMED` tweets that are a user's own organic ones; without user objects."""
        named = {"tweet_ids": ",".join(sorted(ids))}
        for page in self._tweets(account_id, user_id, trim_user=True, count=LARGEST_PAGE, more=named):
            yield from page

    def _tweets(
        self, account_id: str, user_id: str, *, trim_user: bool, count: int, more: Mapping[str, str]
    ) -> Iterator[list[Object]]:
        parameters = {
            "tweet_type": "PUBLISHED",
            "timeline_type": "ORGANIC",
            "user_id": user_id,
            "include_mentions_and_replies": "true",
            "trim_user": "true" if trim_user else "false",
            "count": str(count),
            **more,
        }
        yield from self._pages(TWEETS, parameters, account_id, what=f"the tweets of user {user_id}", user_id=user_id)

    def scheduled_tweets(self, account_id: str, user_id: str) -> Iterator[Object]:
        """Yield a user's scheduled tweets, published ones included."""
        return self._plans(SCHEDULED_TWEETS, account_id, user_id, "scheduled")

    def draft_tweets(self, account_id: str, user_id: str) -> Iterator[Object]:
        """Yield a user's draft tweets."""
        return self._plans(DRAFT_TWEETS, account_id, user_id, "draft")

    def _plans(self, endpoint: Endpoint, account_id: str, user_id: str, kind: str) -> Iterator[Object]:
        parameters = {"user_id": user_id, "count": str(LARGEST_PAGE_OF_PLANS)}
        what = f"the {kind} tweets of user {user_id}"
        return self._objects(endpoint, parameters, account_id, what=what, user_id=user_id)

    # Statistics ------------------------------------------------------------------------------------------------------

    def statistics(self, request: StatisticsRequest) -> Object:
        """Return the statistics of at most seven days at once: `{"data": [{"id", "id_data": […]}], …}`."""
        return self._asked(
            request, lambda parameters: self.client.get(STATISTICS, parameters, request.account_id, what=request.what)
        )

    def create_job(self, request: StatisticsRequest, *, made_already: Callable[[], Object | None]) -> Answer:
        """Have X make statistics of at most 90 days; return the job's object with the answer's headers.

        `made_already` is asked before the request is repeated after a fault that left open whether X got it.
        """

        def found() -> Object | None:
            job = made_already()
            return {"data": job} if job is not None else None

        return self._asked(
            request,
            lambda parameters: self.client.post(
                NEW_JOB, parameters, request.account_id, what=request.what, settled=found
            ),
        )

    def jobs(self, account_id: str, ids: Sequence[str]) -> Answer:
        """Return the jobs with these ids, at most `LARGEST_POLL`, as `{"data": [job]}` with the answer's headers."""
        parameters = {"job_ids": ",".join(ids), "count": str(LARGEST_POLL)}
        return self.client.send(
            "GET", JOBS, parameters, account_id, what=f"the state of the reports of Ads account {account_id}"
        )

    def recent_jobs(self, account_id: str) -> list[Object]:
        """Return the jobs that X still has of an account, whoever made them."""
        what = f"the earlier reports of Ads account {account_id}"
        pages = self._pages(JOBS, {"count": str(LARGEST_PAGE)}, account_id, what=what)
        return [job for _, page in zip(range(MOST_JOB_PAGES), pages, strict=False) for job in page]

    def possible(self, request: StatisticsRequest) -> StatisticsRequest:
        """Return a request without the groups of metrics that X is known to refuse for its account.

        Raises:
            Refused: X refuses all of them.
        """
        with self._lock:
            refused = dict(self._refused_metrics.get(request.account_id, {}))
        groups = tuple(group for group in request.metric_groups if group not in refused)
        if not groups:
            raise refused[request.metric_groups[0]]
        return replace(request, metric_groups=groups)

    def _asked(self, request: StatisticsRequest, ask: Callable[[Mapping[str, str]], _T]) -> _T:
        """Return what X answers; where it wants other midnights than we wrote, ask once more with plain dates.

        Two pages of X's documentation contradict each other on which offset a day gets that lies on the other side of
        a change of clocks; a date leaves that to X. What X refuses of the metrics is left out.
        """
        midnights = self._midnights
        while True:
            asked = self.possible(request)
            try:
                answer = ask(_parameters(asked, midnights))
            except Refused as refusal:
                if refusal.problem.kind == "ads-metrics-refused":
                    self._leave_out(asked, refusal)
                elif refusal.problem.code == "INVALID_TIME_WINDOW" and midnights is not _Midnights.DATE:
                    midnights = _Midnights.DATE
                else:
                    raise
            else:
                self._midnights = midnights if midnights is _Midnights.DATE else self._midnights
                return answer

    def _leave_out(self, asked: StatisticsRequest, refusal: Refused) -> None:
        """Take in that X refuses some of the metrics; from now on they are not asked for."""
        groups = refused_groups(refusal.problem, asked.metric_groups)
        with self._lock:
            self._refused_metrics.setdefault(asked.account_id, {}).update(dict.fromkeys(groups, refusal))
        self._warn(
            f"X refuses the metrics of the group {' and '.join(groups)} for Ads account {asked.account_id}; their "
            f"columns are null, and all others are read ({refusal.problem.own_words.rstrip('.')})."
        )

    # Pages -----------------------------------------------------------------------------------------------------------

    def _objects(
        self, endpoint: Endpoint, parameters: Mapping[str, str], *path: str, what: str, user_id: str = ""
    ) -> Iterator[Object]:
        wanted = {"count": str(LARGEST_PAGE), **parameters}
        for page in self._pages(endpoint, wanted, *path, what=what, user_id=user_id):
            yield from page

    def _pages(
        self, endpoint: Endpoint, parameters: Mapping[str, str], *path: str, what: str, user_id: str = ""
    ) -> Iterator[list[Object]]:
        """Yield the pages of a listing until X names no next one; `user_id` is the user whom it is about, if any.

        Raises:
            ApiError: X refuses, stayed unavailable, or names a page that has been read.
        """
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            asked = {**parameters, "cursor": cursor} if cursor else dict(parameters)
            answer = self.client.get(endpoint, asked, *path, what=what, account=user_id)
            yield objects_of(answer)
            cursor = answer.get("next_cursor")
            if not cursor:
                return
            if cursor in seen:
                problem = Problem("repeated-page", detail="X named the same page twice")
                raise error_for(problem, what=what, endpoint=endpoint.name)
            seen.add(cursor)


def objects_of(answer: Mapping[str, Any]) -> list[Object]:
    """Return the objects of an answer: X may answer a listing with the single object that it holds."""
    data = answer.get("data")
    if isinstance(data, list):
        return [each for each in data if isinstance(each, dict)]
    return [data] if isinstance(data, dict) else []


def _parameters(request: StatisticsRequest, midnights: _Midnights) -> dict[str, str]:
    start, end = request.days.first, request.days.last + timedelta(days=1)
    return {
        "entity": ORGANIC_TWEET,
        "entity_ids": ",".join(request.ids),
        "granularity": request.granularity,
        "metric_groups": ",".join(request.metric_groups),
        "placement": PLACEMENT,
        "start_time": _written(start, request.zone, midnights),
        "end_time": _written(end, request.zone, midnights),
    }


def _written(day: date, zone: ZoneInfo, midnights: _Midnights) -> str:
    """Return a day's first instant as X takes it. With an offset it is a whole hour also where UTC's hour is not."""
    if midnights is _Midnights.DATE:
        return day.isoformat()
    return midnight(day, zone).astimezone(zone).isoformat()
