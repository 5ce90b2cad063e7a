"""What is wrong with the definitions of custom reports, all at once and with what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from source_x_organic.config import Aggregate, BearerCredentials, Dimension, Problem, auth_types
from source_x_organic.config.problems import did_you_mean, shown_name
from source_x_organic.reports.days import DAY
from source_x_organic.reports.kinds import Api, ReportKind, kind_of
from source_x_organic.reports.periods import first_reached

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from typing import Any

    from source_x_organic.config import ReportDraft
    from source_x_organic.config.accounts import AccountRef

_QUOTES = "quote_tweets"


def problems_of(values: Mapping[str, Any], today: date) -> list[Problem]:
    """Return everything that is wrong with the custom reports; `today` is the running day in UTC.

    `values` are the properties of a configuration that are right by themselves, and of `custom_reports` the drafts:
    what is right of each report.
    """
    return [*wrong_definitions(values), *days_out_of_reach(values["custom_reports"], today)]


def wrong_definitions(values: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong whatever day it is; `values` as above."""
    types = auth_types(values)
    has_bearer_alone = types is not None and "oauth1" not in types
    is_of_several = len(_read_with_bearer(values)) > 1
    return [
        problem
        for report in _placed(values["custom_reports"])
        for problem in (
            *_metrics(report),
            *(_private_metrics(report) if has_bearer_alone else ()),
            *_dimensions(report),
            *_aggregate(report),
            *_period(report),
            *(_whose(report) if is_of_several else ()),
        )
    ]


def days_out_of_reach(reports: Iterable[ReportDraft], today: date) -> list[Problem]:
    """Return a problem for each period that has a day in the future, or none that X keeps.

    These come and go with time: a report of a fixed day is right for a year.
    """
    return [problem for report in _placed(reports) for problem in (*_future(report, today), *_past(report, today))]


@dataclass(frozen=True)
class _Placed:
    """What is right of a report, and which of X's it is."""

    report: ReportDraft
    kind: ReportKind

    def problem(self, name: str, message: str) -> Problem:
        return Problem(f"{self.report.path}.{name}", message)


def _placed(reports: Iterable[ReportDraft]) -> list[_Placed]:
    """Return the reports of which it is known what they are."""
    return [_Placed(report, kind_of(report.report_type)) for report in reports if report.report_type is not None]


def _read_with_bearer(values: Mapping[str, Any]) -> list[AccountRef]:
    """Return the accounts that are read with the default credentials, where these are a bearer token."""
    if not isinstance(values.get("credentials"), BearerCredentials) or "account_credentials" not in values:
        return []
    own = [entry.account for entry in values["account_credentials"]]
    accounts: Sequence[AccountRef] = values.get("accounts", ())
    return [account for account in accounts if not any(account.identity == each.identity for each in own)]


def _whose(placed: _Placed) -> Iterator[Problem]:
    """Yield a problem where named tweets would have rows under each of several accounts: X does not say whose they are.

    With the other ways to sign in it does: it refuses those of others.
    """
    kind, report = placed.kind, placed.report
    known = [name for name in report.metrics if name in kind.metric_names]
    if report.selection == "ids" and known and kind.public_metrics.issuperset(known):
        yield placed.problem(
            "tweets",
            "cannot be named where several accounts are read with a bearer token, because X does not say whose they "
            "are. Choose the selection all or recent, or make a connection for each account.",
        )


# Metrics -------------------------------------------------------------------------------------------------------------


def _metrics(placed: _Placed) -> Iterator[Problem]:
    kind, names = placed.kind, placed.kind.metric_names
    unknown = [name for name in placed.report.metrics if name not in names]
    if not unknown:
        return
    are = "is no metric" if len(unknown) == 1 else "are no metrics"
    sentences = [
        f"{_shown(unknown)} {are} of {kind.type}.",
        *_hints(unknown, kind),
        f"Choose among {', '.join(names)}.",
    ]
    yield placed.problem("metrics", " ".join(sentences))


def _shown(names: Sequence[str]) -> str:
    """Return names in a row; one that may be a key or a token is not repeated."""
    shown = [name for name in names if shown_name(name)]
    hidden = len(names) - len(shown)
    if hidden:
        shown.append("a name that may be a secret" if hidden == 1 else f"{hidden} names that may be secrets")
    return " and ".join([*([", ".join(shown[:-1])] if shown[1:] else []), shown[-1]])


def _hints(unknown: Sequence[str], kind: ReportKind) -> Iterator[str]:
    if kind.api is Api.ENGAGEMENT and _QUOTES in unknown:
        yield f"X has {_QUOTES} in engagement_totals alone."
    meant = [meant for name in unknown if name != _QUOTES and (meant := _meant(name, kind))]
    if meant:
        yield f"Did you mean {', '.join(dict.fromkeys(meant))}?"


def _meant(name: str, kind: ReportKind) -> str | None:
    other = did_you_mean(name, [*kind.metric_names, *kind.other_names])
    return None if other is None else kind.other_names.get(other, other)


def _private_metrics(placed: _Placed) -> Iterator[Problem]:
    """Yield a problem where a report that a bearer token can reach has metrics that it cannot."""
    kind = placed.kind
    private = [name for name in placed.report.metrics if name in kind.metric_names and name not in kind.public_metrics]
    if private and kind.public_metrics:
        public = [name for name in kind.metric_names if name in kind.public_metrics]
        yield placed.problem(
            "metrics",
            f"{' and '.join(private)} of {kind.type} need credentials of type oauth1, and there are none. With a "
            f"bearer token choose among {', '.join(public)}.",
        )


# Breakdown -----------------------------------------------------------------------------------------------------------


def _dimensions(placed: _Placed) -> Iterator[Problem]:
    kind = placed.kind
    lacking = [dimension for dimension in placed.report.dimensions if dimension not in kind.dimensions]
    if lacking:
        yield placed.problem(
            "dimensions",
            f"{kind.type} cannot be broken down by {' or '.join(lacking)}. Choose among {', '.join(kind.dimensions)}.",
        )


def _aggregate(placed: _Placed) -> Iterator[Problem]:
    kind, aggregate = placed.kind, placed.report.aggregate
    if aggregate is None:
        return
    if not kind.aggregates:
        days = ", and choose day or hour among the dimensions" if Dimension.HOUR in kind.dimensions else ""
        yield placed.problem("aggregate", f"{kind.type} offers no choice here. Leave it out{days}.")
    elif aggregate not in kind.aggregates:
        yield placed.problem(
            "aggregate", f"{kind.type} does not have this one. Choose among {', '.join(kind.aggregates)}."
        )
    elif Dimension.HOUR in placed.report.dimensions and aggregate is not Aggregate.HOURLY:
        yield placed.problem(
            "aggregate", "must be hourly, or left out, because hour is among the dimensions. Or take hour out there."
        )
    elif Dimension.DAY in placed.report.dimensions and aggregate is Aggregate.TOTAL:
        finer = ", ".join(each for each in kind.aggregates if each is not Aggregate.TOTAL)
        yield placed.problem(
            "aggregate", f"must be one of {finer}, or left out, because day is among the dimensions. Or take day out."
        )


# Days ----------------------------------------------------------------------------------------------------------------


def _period(placed: _Placed) -> Iterator[Problem]:
    kind, report = placed.kind, placed.report
    if not kind.has_period:
        if report.period not in {None, "timeframe"}:
            yield placed.problem(
                "period", f"X has no choice of days for {kind.type}. Leave it out, or choose the type timeframe."
            )
        return
    most = None if kind.reach_days is None else kind.reach_days - 1
    if most is None:
        return
    for name, days in report.days_ago.items():
        if days > most:
            yield placed.problem(
                f"period.{name}",
                f"must be at most {most}: X keeps {kind.reach_days} days for {kind.type}, today among them.",
            )


def _future(placed: _Placed, today: date) -> Iterator[Problem]:
    # East of Greenwich an Ads account's day begins before that of UTC.
    latest = today + DAY if placed.kind.api is Api.ADS else today
    if placed.kind.has_period:
        for name, day in placed.report.days.items():
            if day > latest:
                yield placed.problem(
                    f"period.{name}", "lies in the future. Choose today or an earlier day, or the type timeframe."
                )


def _past(placed: _Placed, today: date) -> Iterator[Problem]:
    reach, days = placed.kind.reach_days, placed.report.days
    if reach is None or not days or ("start" in days and "end" not in days):
        return
    name, last = max(days.items(), key=lambda named: (named[1], named[0] != "start"))
    first = first_reached(today, reach)
    if last < first:
        yield placed.problem(
            f"period.{name}",
            f"lies too far back: X keeps {reach} days for {placed.kind.type}. Choose a day from {first} on.",
        )
