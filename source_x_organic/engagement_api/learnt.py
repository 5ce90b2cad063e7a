"""What X has refused in one sync: nothing of it is asked again."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping

    from source_x_organic.config import ReportType
    from source_x_organic.transport.problems import Problem

OF_YOUNG_TWEETS = frozenset({"impressions", "engagements"})
"""What X may refuse of tweets that are not young any more."""


YOUNG = timedelta(days=90)


class Question(NamedTuple):
    """What a request asks: these metrics of these tweets."""

    ids: tuple[str, ...]
    metrics: tuple[str, ...]


class Excluded(NamedTuple):
    """What is not to be asked of an account in a report.

    Attributes:
        ids: Tweets that X gives nothing of.
        old: Tweets that are too old for some metrics.
        metrics: Metrics that X refuses, each with its refusal.
    """

    ids: Collection[str] = ()
    old: Collection[str] = ()
    metrics: Mapping[str, Problem] = {}

    def questions(self, ids: Iterable[str], metrics: Iterable[str]) -> Iterator[Question]:
        """Yield what is left to ask, each tweet once; tweets may be left without any metric."""
        asked = [each for each in ids if each not in self.ids]
        names = tuple(name for name in metrics if name not in self.metrics)
        old = tuple(each for each in asked if each in self.old)
        young = tuple(each for each in asked if each not in self.old)
        if young:
            yield Question(young, names)
        if old:
            yield Question(old, tuple(name for name in names if name not in OF_YOUNG_TWEETS))


class Learnt:
    """The refusals of all accounts; may be told and asked from any thread."""

    def __init__(self) -> None:
        """Know of none."""
        self._lock = Lock()
        self._ids: dict[str, set[str]] = {}
        self._old: dict[tuple[str, ReportType], set[str]] = {}
        self._metrics: dict[tuple[ReportType, Hashable], dict[str, Problem]] = {}
        self._hidden: dict[str, Problem] = {}

    def excluded(self, account_id: str, report: ReportType, credentials: Hashable) -> Excluded:
        """Return what X has refused by now of an account that is read with some credentials."""
        with self._lock:
            metrics = {**self._metrics.get((report, None), {}), **self._metrics.get((report, credentials), {})}
            old = frozenset(self._old.get((account_id, report), ()))
            return Excluded(frozenset(self._ids.get(account_id, ())), old, metrics)

    def refused_ids(self, account_id: str) -> frozenset[str]:
        """Return the tweets of an account that X has said nothing of by now."""
        with self._lock:
            return frozenset(self._ids.get(account_id, ()))

    def hidden(self, account_id: str) -> Problem | None:
        """Return in which words X refused to show anything of an account, if it did."""
        with self._lock:
            return self._hidden.get(account_id)

    def leave_out(self, account_id: str, ids: Iterable[str]) -> int:
        """Take in that X gives nothing of some tweets; return of how many that was not known."""
        with self._lock:
            known = self._ids.setdefault(account_id, set())
            before = len(known)
            known.update(ids)
            return len(known) - before

    def too_old(self, account_id: str, report: ReportType, ids: Iterable[str]) -> None:
        """Take in which tweets are too old for some metrics of a report."""
        with self._lock:
            self._old.setdefault((account_id, report), set()).update(ids)

    def leave_out_metrics(
        self, report: ReportType, credentials: Hashable, names: Iterable[str], problem: Problem
    ) -> list[str]:
        """Take in that X refuses metrics of a report to some credentials, or None for all; return the new ones."""
        with self._lock:
            known = self._metrics.setdefault((report, credentials), {})
            new = [name for name in names if name not in known]
            known.update(dict.fromkeys(new, problem))
            return new

    def hide(self, account_id: str, problem: Problem) -> bool:
        """Take in that X shows nothing of an account; return whether that was not known."""
        with self._lock:
            is_new = account_id not in self._hidden
            self._hidden.setdefault(account_id, problem)
            return is_new
