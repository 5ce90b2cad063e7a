"""Figures of reports from the X API's analytics: a field that X refuses costs that field alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from source_x_organic.config import ReportType
from source_x_organic.reports.cells import Cells
from source_x_organic.transport.errors import CredentialsRefused, InvalidRequest, error_for
from source_x_organic.transport.problems import Problem, partial_problem
from source_x_organic.x_api import analytics
from source_x_organic.x_api.analytics import ANALYTICS, UnexpectedAnswer, cells_of

if TYPE_CHECKING:
    import logging
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.reports.plan import Slice
    from source_x_organic.x_api.analytics import Window
    from source_x_organic.x_api.directory import Account

_NO_CONTRACT = frozenset({"client-not-enrolled", "client-forbidden"})
"""What X says to an app whose contract has no analytics."""


class AnalyticsFigures:
    """The figures of all accounts in one sync; may be asked from any thread."""

    def __init__(self, now: datetime, logger: logging.Logger) -> None:
        """`now` is the instant of the sync."""
        self._now = now
        self._logger = logger
        self._lock = Lock()
        self._refused: dict[ReportType, frozenset[str]] = {}
        self._told: set[tuple[str, str]] = set()
        self._left_out: dict[str, set[str]] = {}

    def is_for(self, account: Account, definition: ReportDefinition) -> bool:
        """Return whether X gives this report of the account to its credentials at all; else say why not."""
        if not account.is_own and self._is_new(account.id, definition.name):
            self._logger.warning(
                f"{account.label}: {definition.name} has no rows, because X shows analytics to the author alone, and "
                "the credentials are not the account's own (account_credentials can hold those)."
            )
        return account.is_own

    def gate(self, account: Account) -> object:
        """Return what is equal for accounts whose requests X counts together: their credentials."""
        return id(account.api)

    def left_out(self, account: Account) -> Collection[str]:
        """Return the account's tweets of which X has said nothing by now."""
        with self._lock:
            return frozenset(self._left_out.get(account.id, ()))

    def refusal(self, account: Account) -> None:
        """Return nothing: there is no account of which X's analytics hide everything without saying so."""

    def cells(
        self, account: Account, part: Slice, definition: ReportDefinition, tweets_of: Mapping[str, list[str]]
    ) -> Cells:
        """Return the figures of a slice; those of tweets that X does not give any of are not among them.

        Raises:
            ApiError: X refuses the account or the question, or stayed unavailable.
        """
        report, window = definition.kind.type, analytics.window(part.days, now=self._now)
        if window is None:
            return Cells()
        answer = self._answer(account, part, definition, window)
        self._tell(account, answer)
        of_media = {key: tweets_of.get(key, []) for key in part.ids} if report is ReportType.MEDIA_ANALYTICS else None
        try:
            return cells_of(
                answer,
                report,
                definition.granularity,
                definition.dimensions,
                definition.metrics,
                window,
                of_media,
            )
        except UnexpectedAnswer as error:
            endpoint = ANALYTICS[report].endpoint.name
            raise error_for(Problem("unexpected", detail=str(error)), what=_what(account), endpoint=endpoint) from error

    def _answer(self, account: Account, part: Slice, definition: ReportDefinition, window: Window) -> dict[str, Any]:
        report, operation = definition.kind.type, ANALYTICS[definition.kind.type]
        while True:
            without = self._refused.get(report, frozenset())
            query = analytics.parameters(
                report, part.ids, definition.metrics, definition.granularity, window, without=without
            )
            try:
                return account.api.client.get(operation.endpoint, query, what=_what(account), account=account.id)
            except CredentialsRefused as refusal:
                if refusal.problem.kind not in _NO_CONTRACT:
                    raise
                problem = replace(refusal.problem, kind="analytics-not-enrolled")
                raise error_for(problem, what=_what(account), endpoint=operation.endpoint.name) from refusal
            except InvalidRequest as refusal:
                new = frozenset(refusal.problem.refused_values) - without
                if not new or operation.fields_parameter not in refusal.problem.parameters:
                    raise
                self._leave_out(report, new)

    def _leave_out(self, report: ReportType, fields: frozenset[str]) -> None:
        with self._lock:
            known = self._refused.get(report, frozenset())
            self._refused[report] = known | fields
        if missing := sorted(fields - known - {analytics.BUCKETS, "timestamp"}):
            self._logger.warning(f"X does not know {', '.join(missing)} in its analytics: these columns are null.")

    def _tell(self, account: Account, answer: Mapping[str, Any]) -> None:
        """Say how many tweets X gives no figures of, once for each tweet."""
        problems = [partial_problem(error) for error in answer.get("errors") or () if isinstance(error, dict)]
        with self._lock:
            left_out = self._left_out.setdefault(account.id, set())
            left_out |= {each.resource_id for each in problems if each.resource_id and not each.field}
        new = [each for each in problems if self._is_new(account.id, each.resource_id)]
        for words, number in Counter(each.title or each.own_words for each in new if not each.field).items():
            posts = "1 post, which is" if number == 1 else f"{number} posts, which are"
            self._logger.info(f"{account.label}: X gives no analytics of {posts} left out ({words}).")

    def _is_new(self, account_id: str, what: str) -> bool:
        """Return whether it has not been said yet."""
        with self._lock:
            is_new = (account_id, what) not in self._told
            self._told.add((account_id, what))
        return is_new


def _what(account: Account) -> str:
    return f"the analytics of {account.label}"
