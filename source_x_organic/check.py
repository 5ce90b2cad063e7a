"""Whether a configuration can be read with: one line in the log per account and stream, one verdict at the end."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from source_x_organic.ads_api.probes import ADS_STREAMS, OF_ACCOUNT, PROBES, probed
from source_x_organic.config import AllTweets, ApiAccess, RecentTweets
from source_x_organic.progress.coverage import timeframe_start
from source_x_organic.report_probes import probed_reports
from source_x_organic.reports.definitions import listed_anew
from source_x_organic.reports.kinds import Api, kind_of
from source_x_organic.streams.report_streams import ORGANIC_REPORT, answers, definitions
from source_x_organic.transport.errors import ApiError, error_for
from source_x_organic.transport.problems import Problem, partial_problem
from source_x_organic.usage.estimate import Windows, cost_lines, forecast
from source_x_organic.x_api.api import PRIVATE_DAYS, TIMELINE
from source_x_organic.x_api.directory import Account, Unresolved
from source_x_organic.x_api.timeline import is_refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from source_x_organic.ads_api.probes import AdsFinding
    from source_x_organic.connection import Connection

PROBES_AT_ONCE = 8

MOST_SHOWN = 5
"""Failed accounts that the verdict spells out; the log has all."""

EMPTY_WINDOW = (datetime(2010, 11, 6, tzinfo=UTC), datetime(2010, 11, 6, 0, 0, 1, tzinfo=UTC))
"""The first second for which X takes a window: a request for it is checked like any other, but brings no posts."""

CORE_STREAMS = frozenset(
    {"accounts", "tweets", "organic_report", "account_history", "twitter_user_history", "tweet", "organic_tweet_report"}
)
"""Streams without which a connection is of no use; in either table layout."""

ACCOUNT_ACCESS = "Account access at ads.x.com"

USER_STREAMS = ("accounts", "account_insights")


@dataclass(frozen=True)
class Finding:
    """What was found out about one account.

    Attributes:
        label: The account as messages name it.
        user_error: Why its user object cannot be read, or None.
        post_error: Why its posts cannot be read, or None.
        private_error: Why its private counters cannot be read, or None.
        is_own: Whether the credentials are the account's own.
        of_counters: Streams that are made of posts' counters.
    """

    label: str
    user_error: ApiError | None = None
    post_error: ApiError | None = None
    private_error: ApiError | None = None
    is_own: bool = False
    of_counters: tuple[str, ...] = ("tweet_insights",)

    def lines(self) -> list[str]:
        """Return one line per stream: available or not, why, and what to do."""
        of_posts = ("tweets", *self.of_counters)
        if self.user_error is not None:
            return [
                f"{self.label}: {name}: not available: {self.user_error.message}" for name in (*USER_STREAMS, *of_posts)
            ]
        lines = [f"{self.label}: {name}: available." for name in USER_STREAMS]
        if self.post_error is not None:
            return lines + [f"{self.label}: {name}: not available: {self.post_error.message}" for name in of_posts]
        counters = [f"{self.label}: {name}: {self._private()}" for name in self.of_counters]
        return [*lines, f"{self.label}: tweets: available.", *counters]

    def _private(self) -> str:
        if self.private_error is not None:
            return f"available, but private metrics are null: {self.private_error.message}"
        if self.is_own:
            return f"available, private metrics for posts of the last {PRIVATE_DAYS} days."
        return (
            "available with public metrics; private ones are null, because these credentials are not the account's own "
            "(account_credentials can hold those)."
        )


def check_connection(connection: Connection, streams: Sequence[str]) -> str | None:
    """Return why the configuration cannot be used, in words for the user, or None where it can.

    `streams` are those of the catalog.
    """
    reports = [each.table_name for each in connection.config.custom_reports if kind_of(each.report_type).api is Api.ADS]
    if connection.config.api_access is ApiAccess.ADS_API:
        verdict = _check_ads_api(connection, [each for each in streams if each in PROBES or each in reports])
        connection.logger.info("Expected cost: none. The Ads API is free.")
    else:
        verdict = _check_x_api(connection)
        if verdict is None:
            _check_ads_streams(connection, [*(each for each in streams if each in ADS_STREAMS), *reports], reports)
    of_posts = _check_post_reports(connection)
    return verdict or of_posts


def _check_ads_streams(connection: Connection, streams: Sequence[str], reports: Sequence[str]) -> None:
    """Tell whether the Ads API has what comes from it whatever the access is, which is no reason to fail.

    The user has asked for the `reports`, and may never need the others.
    """
    if _told(connection, streams, wanted=reports):
        return
    for stream in streams:
        connection.logger.log(
            logging.WARNING if stream in reports else logging.INFO,
            f"{stream}: nothing to read: these credentials see no Ads account of the accounts. Let an administrator "
            f"add the user under {ACCOUNT_ACCESS}.",
        )


def _check_post_reports(connection: Connection) -> str | None:
    """Ask for reports about posts, but for those that are made of the posts themselves."""
    asked = list(definitions(connection))
    accounts = connection.directory.accounts() if asked else ()
    findings = probed_reports(accounts, asked, answers(connection), connection.started_at.date())
    for finding in findings:
        if finding.line is not None:
            connection.logger.log(logging.WARNING if finding.refusal else logging.INFO, finding.line)
    refusals = [(each.label, each.refusal) for each in findings if each.stream in CORE_STREAMS]
    if not refusals or not all(refusal for _, refusal in refusals):
        return None
    messages = [f"{label}: {refusal}" for label, refusal in refusals]
    return f"{ORGANIC_REPORT} can be read for no account. {' '.join(messages[:MOST_SHOWN])}{_more(messages)}"


def _told(connection: Connection, streams: Sequence[str], *, wanted: Sequence[str]) -> list[AdsFinding]:
    """Ask the Ads API what these streams need, log a line for each account and stream, and return the findings.

    That one of those `wanted` is not available is a warning.
    """
    findings = probed(connection.ads_directory, connection.started_at, streams)
    for finding in findings:
        for stream in streams:
            is_amiss = stream in wanted and finding.error_of(stream)
            connection.logger.log(logging.WARNING if is_amiss else logging.INFO, finding.line(stream))
    return findings


def _check_ads_api(connection: Connection, streams: Sequence[str]) -> str | None:
    """Ask for every Ads account, and once for each kind of stream; nothing of the Ads API costs money."""
    findings = _told(connection, streams, wanted=streams)
    if not findings:
        return (
            "No Ads account to read: the user of these credentials has a role on none. Let an administrator add the "
            f"user under {ACCOUNT_ACCESS}, or choose another api_access."
        )
    unknown = [finding for finding in findings if finding.is_unknown]
    if unknown:
        return _listed("X shows these credentials not everything that is to be read.", unknown, OF_ACCOUNT)
    for stream in streams:
        if stream in CORE_STREAMS and _is_for_nobody(stream, findings):
            failed = [finding for finding in findings if finding.error_of(stream)]
            return _listed(f"{stream} can be read for no account over the Ads API.", failed, PROBES[stream])
    return None


def _is_for_nobody(stream: str, findings: Sequence[AdsFinding]) -> bool:
    """Return whether a stream can be read for no account.

    Where X refuses it, an account that there was nothing to ask about does not speak for it.
    """
    if any(finding.is_proven(stream) for finding in findings):
        return False
    errors = [finding.error_of(stream) for finding in findings]
    return all(errors) or any(finding.was_refused(stream) for finding in findings)


def _listed(verdict: str, findings: Sequence[AdsFinding], probe: str) -> str:
    errors = [finding.errors.get(OF_ACCOUNT) or finding.errors[probe] for finding in findings]
    messages = [f"{finding.label}: {error.message}" for finding, error in zip(findings, errors, strict=True)]
    return f"{verdict} {' '.join(dict.fromkeys(messages[:MOST_SHOWN]))}{_more(messages)}"


def _more(messages: Sequence[str]) -> str:
    return " Others failed likewise; the log has all." if len(messages) > MOST_SHOWN else ""


def _check_x_api(connection: Connection) -> str | None:
    """Ask X for every account once, and for an empty window of its posts; no billable post is read."""
    # With the other contracts the report has a probe of its own.
    snapshots = (ORGANIC_REPORT,) if connection.config.api_access is ApiAccess.X_API else ()
    of_counters = ("tweet_insights", *snapshots)
    accounts = list(connection.directory.accounts())
    with ThreadPoolExecutor(PROBES_AT_ONCE, thread_name_prefix="check") as threads:
        findings = list(threads.map(lambda found: _probe(found, of_counters), accounts))
    for finding in findings:
        _log(connection.logger, finding)
    readable = [found for found, finding in zip(accounts, findings, strict=True) if finding.post_error is None]
    _tell_cost(connection, [found for found in readable if isinstance(found, Account)])
    return _verdict(findings)


def _tell_cost(connection: Connection, accounts: Sequence[Account]) -> None:
    """Say what a first sync and a daily one are expected to cost."""
    config, now = connection.config, connection.started_at
    anew = [each.selection for each in listed_anew(list(definitions(connection)))]
    windows = Windows(
        now,
        start=timeframe_start(config.timeframe_months.months, now),
        lookback_days=config.lookback_window_days,
        insights_days=config.insights_window_days,
        snapshot_days=PRIVATE_DAYS if config.api_access is ApiAccess.X_API else 0,
        lists_anew=any(isinstance(each, AllTweets) for each in anew),
        newest=max((each.count for each in anew if isinstance(each, RecentTweets)), default=0),
    )
    forecasts = [forecast(account.user, windows, is_own=account.is_own) for account in accounts]
    for line in cost_lines(forecasts, config.max_post_reads_per_sync):
        connection.logger.info(line)


def _probe(found: Account | Unresolved, of_counters: tuple[str, ...]) -> Finding:
    if isinstance(found, Unresolved):
        return Finding(found.label, user_error=found.error, of_counters=of_counters)
    post_error = _refusal(found, private=False)
    private_error = _refusal(found, private=True) if found.is_own and post_error is None else None
    return Finding(found.label, None, post_error, private_error, found.is_own, of_counters)


def _refusal(account: Account, *, private: bool) -> ApiError | None:
    what = f"the {'private metrics' if private else 'posts'} of {account.label}"
    start, end = EMPTY_WINDOW
    try:
        answer = account.api.timeline(account.id, start=start, end=end, token=None, private=private, what=what)
    except ApiError as error:
        return error
    problems = [partial_problem(error) for error in answer.get("errors") or ()]
    if problems and is_refusal(answer):
        return error_for(problems[0], what=what, endpoint=TIMELINE.name)
    return None


def _log(logger: logging.Logger, finding: Finding) -> None:
    for line in finding.lines():
        logger.log(logging.INFO if "not available" not in line else logging.WARNING, line)


def _verdict(findings: list[Finding]) -> str | None:
    if not findings:
        return "No account to read: add some to accounts, or use credentials that belong to a user."
    unknown = [finding for finding in findings if finding.user_error and _is_unknown(finding.user_error.problem)]
    if unknown:
        names = ", ".join(finding.label for finding in unknown)
        return f"X knows no account {names}. {unknown[0].user_error.problem.remedy if unknown[0].user_error else ''}"
    errors = [finding.user_error or finding.post_error for finding in findings]
    if all(errors):
        return _all_failed(findings, [error for error in errors if error])
    return None


def _is_unknown(problem: Problem) -> bool:
    return problem.kind == "resource-not-found"


def _all_failed(findings: list[Finding], errors: list[ApiError]) -> str:
    messages = [f"{finding.label}: {error.message}" for finding, error in zip(findings, errors, strict=True)]
    return f"No account can be read over the X API: {' '.join(messages[:MOST_SHOWN])}{_more(messages)}"
