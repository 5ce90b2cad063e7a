"""Whether reports about posts can be read: one question about one post, for each account and kind of report.

The user object names the newest post, so none has to be bought for that.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from source_x_organic.config import Aggregate, ReportType
from source_x_organic.reports.days import DAY, Days
from source_x_organic.reports.kinds import Api, kind_of
from source_x_organic.reports.plan import Slice
from source_x_organic.transport.errors import ApiError
from source_x_organic.x_api.directory import Account, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from source_x_organic.reports.definitions import ReportDefinition
    from source_x_organic.x_api.directory import Resolved
    from source_x_organic.x_api.post_reports import Answers

PROBES_AT_ONCE = 8

AVAILABLE = "available."
NO_POST = "not proven: X names no post of the account to ask about."
NOT_OWN = "the credentials are not the account's own; enter those in account_credentials."
OF_MEDIA = "available, as far as analytics of tweets tell: X names no media to ask about."


@dataclass(frozen=True)
class ReportFinding:
    """What was found out about a report of one account.

    Attributes:
        label: The account as messages name it.
        stream: The report.
        refusal: Why it cannot be read, or None.
        line: What is to be told; None where that has been told.
    """

    label: str
    stream: str
    refusal: str | None
    line: str | None


def probed_reports(
    accounts: Iterable[Resolved], definitions: Sequence[ReportDefinition], answers: Mapping[Api, Answers], today: date
) -> list[ReportFinding]:
    """Return a finding for each account and report; `answers` may tell by themselves why X will not give one."""
    if not definitions:
        return []
    with ThreadPoolExecutor(PROBES_AT_ONCE, thread_name_prefix="check") as threads:
        found = threads.map(lambda account: _of_account(account, definitions, answers, today), accounts)
        return [finding for of_account in found for finding in of_account]


def _of_account(
    found: Resolved, definitions: Sequence[ReportDefinition], answers: Mapping[Api, Answers], today: date
) -> list[ReportFinding]:
    if isinstance(found, Unresolved):
        return [_refused(found.label, definition, found.error.message or "") for definition in definitions]
    asked: dict[ReportType, ApiError | None] = {}
    return [_of_report(found, definition, answers[definition.kind.api], asked, today) for definition in definitions]


def _of_report(
    account: Account,
    definition: ReportDefinition,
    answers: Answers,
    asked: dict[ReportType, ApiError | None],
    today: date,
) -> ReportFinding:
    if not answers.is_for(account, definition):
        return ReportFinding(account.label, definition.name, NOT_OWN, None)
    newest = account.user.get("most_recent_tweet_id") or account.user.get("most_recent_post_id")
    if not newest:
        return _found(account.label, definition, NO_POST)
    question = _question(definition)
    if question.kind.type not in asked:
        asked[question.kind.type] = _error(account, str(newest), question, answers, today)
    error = asked[question.kind.type]
    if error is not None:
        return _refused(account.label, definition, error.message or "")
    is_of_media = definition.kind.type is ReportType.MEDIA_ANALYTICS
    return _found(account.label, definition, OF_MEDIA if is_of_media else AVAILABLE)


def _question(definition: ReportDefinition) -> ReportDefinition:
    """Return the report that is asked for in place of one: of media no key is known, but the contract is the same."""
    if definition.kind.api is not Api.X:
        return definition
    kind = kind_of(ReportType.TWEET_ANALYTICS)
    return replace(definition, kind=kind, metrics=kind.metric_names[:1], granularity=Aggregate.DAILY)


def _error(
    account: Account, tweet_id: str, definition: ReportDefinition, answers: Answers, today: date
) -> ApiError | None:
    """Return X's refusal to say anything of yesterday.

    That the tweet itself is not to be had refuses nothing, unless all others of the account are not to be had either.
    """
    yesterday = today - DAY
    part = Slice((tweet_id,), (yesterday,), (account.id,), Days(yesterday, yesterday))
    try:
        answers.cells(account, part, definition, {})
    except ApiError as error:
        return error
    return answers.refusal(account)


def _refused(label: str, definition: ReportDefinition, why: str) -> ReportFinding:
    return ReportFinding(label, definition.name, why, f"{label}: {definition.name}: not available: {why}")


def _found(label: str, definition: ReportDefinition, what: str) -> ReportFinding:
    return ReportFinding(label, definition.name, None, f"{label}: {definition.name}: {what}")
