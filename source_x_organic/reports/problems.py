"""What is wrong with the definitions of custom reports, all at once and with what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from source_x_organic.config import (
    Aggregate,
    BearerCredentials,
    DateRange,
    DaysBack,
    Dimension,
    OAuth1Credentials,
    OAuth2Credentials,
    Problem,
    RelativeRange,
    SingleDay,
    TimeframePeriod,
    TweetIds,
)
from source_x_organic.config.problems import did_you_mean
from source_x_organic.reports.days import DAY
from source_x_organic.reports.kinds import Api, ReportKind, kind_of
from source_x_organic.reports.periods import first_reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from source_x_organic.config import Config, CustomReport
    from source_x_organic.config.accounts import AccountRef

_QUOTES = "quote_tweets"


def problems_of(config: Config, today: date) -> list[Problem]:
    """Return everything that is wrong with the custom reports; `today` is the running day in UTC."""
    return [*wrong_definitions(config), *days_out_of_reach(config, today)]


def wrong_definitions(config: Config) -> list[Problem]:
    """Return what is wrong whatever day it is."""
    has_oauth1 = any(isinstance(each, OAuth1Credentials) for each in _credentials(config))
    is_of_several = len(_read_with_bearer(config)) > 1
    return [
        problem
        for report in _placed(config)
        for problem in (
            *_metrics(report),
            *(() if has_oauth1 else _private_metrics(report)),
            *_dimensions(report),
            *_aggregate(report),
            *_period(report),
            *(_whose(report) if is_of_several else ()),
        )
    ]


def days_out_of_reach(config: Config, today: date) -> list[Problem]:
    """Return a problem for each period that has a day in the future, or none that X keeps.

    These come and go with time: a report of a fixed day is right for a year.
    """
    return [problem for report in _placed(config) for problem in (*_future(report, today), *_past(report, today))]


@dataclass(frozen=True)
class _Placed:
    """A report and its place in the configuration."""

    report: CustomReport
    kind: ReportKind
    path: str

    def problem(self, name: str, message: str) -> Problem:
        return Problem(f"{self.path}.{name}", message)


def _placed(config: Config) -> list[_Placed]:
    return [
        _Placed(report, kind_of(report.report_type), f"custom_reports[{place}]")
        for place, report in enumerate(config.custom_reports)
    ]


def _credentials(config: Config) -> list[OAuth1Credentials | OAuth2Credentials | BearerCredentials]:
    return [config.credentials, *(entry.credentials for entry in config.account_credentials)]


def _read_with_bearer(config: Config) -> list[AccountRef]:
    """Return the accounts that are read with the default credentials, where these are a bearer token."""
    if not isinstance(config.credentials, BearerCredentials):
        return []
    own = [entry.account for entry in config.account_credentials]
    return [account for account in config.accounts if not any(account.identity == each.identity for each in own)]


def _whose(placed: _Placed) -> Iterator[Problem]:
    """Yield a problem where named tweets would have rows under each of several accounts: X does not say whose they are.

    With the other ways to sign in it does: it refuses those of others.
    """
    report = placed.report
    if isinstance(report.tweets, TweetIds) and placed.kind.public_metrics.issuperset(report.metrics):
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
    count = "a name that is no metric" if len(unknown) == 1 else f"{len(unknown)} names that are no metrics"
    sentences = [f"has {count} of {kind.type}.", *_hints(unknown, kind), f"Choose among {', '.join(names)}."]
    yield placed.problem("metrics", " ".join(sentences))


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
    kind, period = placed.kind, placed.report.period
    if not kind.has_period:
        if not isinstance(period, TimeframePeriod):
            yield placed.problem(
                "period", f"X has no choice of days for {kind.type}. Leave it out, or choose the type timeframe."
            )
        return
    most = None if kind.reach_days is None else kind.reach_days - 1
    if most is None:
        return
    if isinstance(period, DaysBack) and period.days > most:
        yield placed.problem("period.days", _too_far(most, kind))
    if isinstance(period, RelativeRange) and period.from_days_back > most:
        yield placed.problem("period.from_days_back", _too_far(most, kind))


def _too_far(most: int, kind: ReportKind) -> str:
    return f"must be at most {most}: X keeps {kind.reach_days} days for {kind.type}, today among them."


def _future(placed: _Placed, today: date) -> Iterator[Problem]:
    # East of Greenwich an Ads account's day begins before that of UTC.
    latest = today + DAY if placed.kind.api is Api.ADS else today
    if placed.kind.has_period:
        for name, day in _fixed_days(placed):
            if day > latest:
                yield placed.problem(
                    f"period.{name}", "lies in the future. Choose today or an earlier day, or the type timeframe."
                )


def _past(placed: _Placed, today: date) -> Iterator[Problem]:
    reach = placed.kind.reach_days
    days = _fixed_days(placed)
    if reach is None or not days:
        return
    name, last = days[-1]
    first = first_reached(today, reach)
    if last < first:
        yield placed.problem(
            f"period.{name}",
            f"lies too far back: X keeps {reach} days for {placed.kind.type}. Choose a day from {first} on.",
        )


def _fixed_days(placed: _Placed) -> list[tuple[str, date]]:
    """Return the days that a period names, the last one last."""
    match placed.report.period:
        case SingleDay(date=day):
            return [("date", day)]
        case DateRange(start=start, end=end):
            return [("start", start), ("end", end)]
        case _:
            return []
