"""Figures of reports from the Engagement API: what X refuses of a batch is left out, the rest is asked for again."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from source_x_organic.config import ReportType
from source_x_organic.credentials.bearer import BearerCredential
from source_x_organic.engagement_api import requests
from source_x_organic.engagement_api.answers import UnexpectedAnswer, cells_of, left_out
from source_x_organic.engagement_api.requests import ENDPOINTS
from source_x_organic.reports.cells import Cells
from source_x_organic.transport.errors import ApiError, error_for
from source_x_organic.transport.problems import Problem

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from source_x_organic.engagement_api.api import EngagementApi
    from source_x_organic.engagement_api.requests import Window
    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.reports.plan import Slice
    from source_x_organic.x_api.directory import Account

NOT_OWNED = "engagement-not-owner"
UNAVAILABLE = "engagement-unavailable"


class EngagementFigures:
    """The figures of all accounts in one sync; may be asked from any thread."""

    def __init__(self, api_of: Callable[[Account], EngagementApi], now: datetime, logger: logging.Logger) -> None:
        """`api_of` returns the operations with an account's credentials, or fails where they cannot be used."""
        self._api_of = api_of
        self._now = now
        self._logger = logger
        self._lock = Lock()
        self._refused: dict[str, set[str]] = {}
        self._first_asked: dict[tuple[str, str], Lock] = {}
        self._answered: set[tuple[str, str]] = set()
        self._told: set[tuple[str, str]] = set()

    def is_for(self, account: Account, definition: ReportDefinition) -> bool:
        """Return whether X gives this report of the account to its credentials at all; else say why not.

        Where they are of a kind that the Engagement API never takes, asking fails with words about that.
        """
        is_public = definition.kind.public_metrics.issuperset(definition.metrics)
        if account.is_own or (is_public and isinstance(account.api.client.credential, BearerCredential)):
            return True
        with self._lock:
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
        answer = self._answer(account, part.ids, definition, window)
        try:
            return cells_of(answer, definition.dimensions, definition.metrics, window) if answer else Cells()
        except UnexpectedAnswer as error:
            what, endpoint = _what(account), ENDPOINTS[definition.kind.type]
            raise error_for(Problem("unexpected", detail=str(error)), what=what, endpoint=endpoint.name) from error

    def _answer(
        self, account: Account, ids: Sequence[str], definition: ReportDefinition, window: Window | None
    ) -> Mapping[str, Any] | None:
        """Return X's answer about those of the tweets that it answers about; None where that is none of them."""
        with self._one_at_first(account, ids):
            return self._answer_of(account, self._known_to_be_good(account, ids), definition, window)

    def _answer_of(
        self, account: Account, asked: Sequence[str], definition: ReportDefinition, window: Window | None
    ) -> Mapping[str, Any] | None:
        try:
            answer = self._ask(account, asked, definition, window) if asked else None
        except ApiError as error:
            refused = _refused_ids(error, asked)
            if not refused:
                raise
            self._leave_out(account, refused, error.problem.own_words)
            asked = self._known_to_be_good(account, asked)
            answer = self._ask(account, asked, definition, window) if asked else None
        if answer:
            self._leave_out(account, left_out(answer).unavailable, "; ".join(left_out(answer).said))
        return answer

    def _ask(
        self, account: Account, ids: Sequence[str], definition: ReportDefinition, window: Window | None
    ) -> dict[str, Any]:
        kind = definition.kind.type
        return self._api_of(account).ask(
            kind, ids, definition.metrics, definition.dimensions, window, what=_what(account), account=account.id
        )

    @contextmanager
    def _one_at_first(self, account: Account, ids: Sequence[str]) -> Iterator[None]:
        """Let others who ask about the same batch wait until X has answered about it once.

        Otherwise one tweet that X refuses a batch for would cost a refused request in each window under way.
        """
        batch = (account.id, ids[0])
        with self._lock:
            first = self._first_asked.setdefault(batch, Lock())
        with first:
            if batch not in self._answered:
                yield
                self._answered.add(batch)
                return
        yield

    def _known_to_be_good(self, account: Account, ids: Iterable[str]) -> list[str]:
        with self._lock:
            refused = self._refused.get(account.id, set())
            return [each for each in ids if each not in refused]

    def _leave_out(self, account: Account, ids: Iterable[str], said: str) -> None:
        """Not ask for tweets again in this sync, and say how many they are."""
        with self._lock:
            refused = self._refused.setdefault(account.id, set())
            new = set(ids) - refused
            refused |= new
        if new:
            self._logger.info(f"{account.label}: X gives no figures of {_counted(len(new))} left out ({said}).")


def _refused_ids(error: ApiError, asked: Sequence[str]) -> list[str]:
    """Return the tweets that X refused a whole batch for; all of them where it names none of those it has not got."""
    named = [each for each in asked if each in error.problem.refused_values]
    if error.problem.kind == UNAVAILABLE:
        return named or list(asked)
    return named if error.problem.kind == NOT_OWNED else []


def _counted(tweets: int) -> str:
    return "1 tweet, which is" if tweets == 1 else f"{tweets} tweets, which are"


def _what(account: Account) -> str:
    return f"the engagement of {account.label}"
