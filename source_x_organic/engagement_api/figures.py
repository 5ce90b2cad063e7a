"""Figures of reports from the Engagement API: what X refuses is left out, the rest is asked for again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from source_x_organic.config import Dimension, ReportType
from source_x_organic.coverage_report.reasons import Reason
from source_x_organic.credentials.bearer import BearerCredential
from source_x_organic.engagement_api import requests
from source_x_organic.engagement_api.answers import UnexpectedAnswer, cells_of, left_out
from source_x_organic.engagement_api.learnt import OF_YOUNG_TWEETS, YOUNG, Learnt, Question
from source_x_organic.engagement_api.refusals import METRICS_REFUSED, NOT_AVAILABLE, NOT_OWNED, PROTECTED, TOO_OLD
from source_x_organic.engagement_api.requests import ENDPOINTS
from source_x_organic.reports.cells import Cells
from source_x_organic.snowflakes import created_at_of
from source_x_organic.transport.errors import ApiError, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from source_x_organic.coverage_report.ledger import CoverageLedger
    from source_x_organic.engagement_api.api import EngagementApi
    from source_x_organic.engagement_api.requests import Window
    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.reports.plan import Slice
    from source_x_organic.x_api.directory import Account

_FORBIDDEN = 403


class _Subject(NamedTuple):
    """What a slice is about, whichever tweets."""

    account: Account
    definition: ReportDefinition
    window: Window | None

    @property
    def report(self) -> ReportType:
        return self.definition.kind.type

    @property
    def credentials(self) -> Hashable:
        return id(self.account.api)

    def error(self, problem: Problem) -> ApiError:
        return error_for(problem, what=_what(self.account), endpoint=ENDPOINTS[self.report].name)


class EngagementFigures:
    """The figures of all accounts in one sync; may be asked from any thread."""

    def __init__(
        self,
        api_of: Callable[[Account], EngagementApi],
        now: datetime,
        logger: logging.Logger,
        coverage: CoverageLedger,
    ) -> None:
        """`api_of` returns the operations with an account's credentials, or fails where they cannot be used.

        `coverage` takes what a protected account lacks.
        """
        self._api_of = api_of
        self._now = now
        self._logger = logger
        self._coverage = coverage
        self._learnt = Learnt()
        self._first = _First()
        self._telling = Lock()
        self._told: set[tuple[str, str]] = set()

    def is_for(self, account: Account, definition: ReportDefinition) -> bool:
        """Return whether X gives this report of the account to its credentials at all; else say why not.

        Where they are of a kind that the Engagement API never takes, asking fails with words about that.
        """
        is_public = definition.kind.public_metrics.issuperset(definition.metrics)
        if account.is_own or (is_public and isinstance(account.api.client.credential, BearerCredential)):
            return True
        with self._telling:
            is_new = (account.id, definition.name) not in self._told
            self._told.add((account.id, definition.name))
        if is_new:
            whom = "with a bearer token or to their author" if definition.kind.public_metrics else "to their author"
            self._logger.warning(
                f"{account.label}: {definition.name} has no rows, because the Engagement API shows these figures of "
                f"tweets {whom} alone, and the credentials are not the account's own (account_credentials can hold "
                "those)."
            )
        return False

    def gate(self, account: Account) -> object:
        """Return what is equal for accounts whose requests X counts together: their credentials."""
        return id(account.api)

    def left_out(self, account: Account) -> Collection[str]:
        """Return the account's tweets of which X has said nothing by now."""
        return self._learnt.refused_ids(account.id)

    def refusal(self, account: Account) -> ApiError | None:
        """Return why X shows nothing of an account at all, if it was asked; reading goes on without it."""
        problem = self._learnt.hidden(account.id)
        return None if problem is None else error_for(problem, what=_what(account), endpoint=requests.HISTORICAL.name)

    def cells(
        self, account: Account, part: Slice, definition: ReportDefinition, tweets_of: Mapping[str, list[str]]
    ) -> Cells:
        """Return the figures of a slice; those of tweets that X does not give any of are not among them.

        Raises:
            ApiError: X refuses the account or the question, or stayed unavailable.
        """
        del tweets_of
        window = None
        if definition.kind.type is ReportType.ENGAGEMENT_HISTORICAL:
            window = requests.window(part.days, now=self._now)
            if window is None:
                return Cells()
        subject = _Subject(account, definition, window)
        # Otherwise one metric, or one tweet, would cost a refused request for each that is under way.
        with self._first.of((subject.report, subject.credentials)), self._first.of((account.id, part.ids[0])):
            cells = self._read(subject, part.ids)
        if self._learnt.hidden(account.id) and not cells.keys():
            self._coverage.misses_asked(definition.name, part, Reason.PROTECTED)
        return cells

    # Asking until X answers ------------------------------------------------------------------------------------------

    def _read(self, subject: _Subject, ids: Sequence[str], *, is_again: bool = False) -> Cells:
        """Return the figures of what is left to ask about tweets; `is_again`: others were left out of the question."""
        account, metrics = subject.account, subject.definition.metrics
        if self._learnt.hidden(account.id):
            self._learnt.leave_out(account.id, ids)
            return Cells()
        excluded = self._learnt.excluded(account.id, subject.report, subject.credentials)
        found = Cells()
        for question in excluded.questions(ids, metrics):
            if excluded.metrics.keys() >= set(metrics):
                raise subject.error(next(iter(excluded.metrics.values())))
            cells = self._answered(subject, question, is_again=is_again)
            if found.keys():
                found.add_all(cells)
            else:
                found = cells
        return found

    def _answered(self, subject: _Subject, question: Question, *, is_again: bool) -> Cells:
        if not question.metrics:
            return _without_figures(subject.definition, question.ids)
        try:
            answer = self._ask(subject, question)
        except ApiError as error:
            is_about_tweets = error.problem.kind in {NOT_OWNED, NOT_AVAILABLE}
            if (is_about_tweets and is_again) or not self._learn(subject, question, error.problem):
                raise
            # What is asked now is less: tweets, metrics, or metrics of some tweets are left out.
            return self._read(subject, question.ids, is_again=is_again or is_about_tweets)
        lacks = left_out(answer)
        said = Problem(NOT_AVAILABLE, status=200, detail="; ".join(lacks.said))
        self._leave_out(subject.account, question, lacks.unavailable, said)
        try:
            return cells_of(answer, subject.definition.dimensions, question.metrics, subject.window, asked=question.ids)
        except UnexpectedAnswer as error:
            raise subject.error(Problem("unexpected", detail=str(error))) from error

    def _ask(self, subject: _Subject, question: Question) -> dict[str, Any]:
        account = subject.account
        return self._api_of(account).ask(
            subject.report,
            question.ids,
            question.metrics,
            subject.definition.dimensions,
            subject.window,
            what=_what(account),
            account=account.id,
        )

    # Learning from refusals ------------------------------------------------------------------------------------------

    def _learn(self, subject: _Subject, question: Question, problem: Problem) -> bool:
        """Take in what X refuses; return whether there is less to ask now."""
        if problem.kind == METRICS_REFUSED:
            names = [name for name in question.metrics if name in problem.refused_values]
            self._leave_out_metrics(subject, names, problem)
            return bool(names)
        named = [each for each in question.ids if each in problem.refused_values]
        if problem.kind == TOO_OLD and not OF_YOUNG_TWEETS.isdisjoint(question.metrics):
            named = named or [each for each in question.ids if _is_old(each, self._now)]
            self._learnt.too_old(subject.account.id, subject.report, named)
            return bool(named)
        if problem.kind == NOT_AVAILABLE:
            # Where it names none of them, it has not got any.
            named = named or list(question.ids)
        elif problem.kind != NOT_OWNED:
            return False
        self._leave_out(subject.account, question, named, problem)
        return bool(named)

    def _leave_out_metrics(self, subject: _Subject, names: Sequence[str], problem: Problem) -> None:
        """Not ask for metrics again in this sync: nobody where X does not know them, else with these credentials."""
        is_of_credentials = problem.status == _FORBIDDEN
        credentials = subject.credentials if is_of_credentials else None
        new = self._learnt.leave_out_metrics(subject.report, credentials, names, problem)
        if new:
            whose = f"{subject.account.label}: " if is_of_credentials else ""
            said = problem.own_words.rstrip(".")
            self._logger.warning(
                f"{whose}X refuses {', '.join(new)} in its report {subject.report.value} ({said}): all other metrics "
                "are read, and these are null."
            )

    def _leave_out(self, account: Account, question: Question, ids: Collection[str], problem: Problem) -> None:
        """Not ask for tweets again in this sync, and say how many they are, or that the account is protected."""
        new = self._learnt.leave_out(account.id, ids)
        is_hidden = problem.kind == NOT_AVAILABLE and account.user.get("protected") and set(ids) >= set(question.ids)
        if is_hidden:
            self._hide(account, problem)
        elif new:
            self._logger.info(f"{account.label}: X gives no figures of {_counted(new)} left out ({problem.own_words}).")

    def _hide(self, account: Account, problem: Problem) -> None:
        if self._learnt.hide(account.id, replace(problem, kind=PROTECTED)):
            self._logger.warning(
                f"{account.label}: X gives no figures of any tweet ({problem.own_words}), because the account is "
                "protected; make it public, or choose another api_access."
            )


class _First:
    """Lets others wait until X has answered about the same once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way: dict[Hashable, Lock] = {}
        self._answered: set[Hashable] = set()

    @contextmanager
    def of(self, what: Hashable) -> Iterator[None]:
        """Hold up all who ask about something but the first, until that one is done."""
        with self._lock:
            first = self._under_way.setdefault(what, Lock())
        with first:
            if what not in self._answered:
                try:
                    yield
                finally:
                    self._answered.add(what)
                return
        yield


def _without_figures(definition: ReportDefinition, ids: Iterable[str]) -> Cells:
    """Return the cells of tweets that there is nothing to ask of: as X does it, they are there, and hold nothing."""
    cells = Cells()
    if not {Dimension.DAY, Dimension.HOUR}.intersection(definition.dimensions):
        for tweet_id in ids:
            cells.touch((tweet_id if Dimension.TWEET in definition.dimensions else None, None, None))
    return cells


def _is_old(tweet_id: str, now: datetime) -> bool:
    created = created_at_of(tweet_id)
    return created is not None and now - created > YOUNG


def _counted(tweets: int) -> str:
    return "1 tweet, which is" if tweets == 1 else f"{tweets} tweets, which are"


def _what(account: Account) -> str:
    return f"the engagement of {account.label}"
