"""Whether the Ads accounts can be read: the cheapest request for each stream, and what X says to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from source_x_organic.ads_api.api import StatisticsRequest
from source_x_organic.ads_api.directory import AdsAccount, AdsUnresolved
from source_x_organic.ads_api.tweets import tweet_id
from source_x_organic.reports.days import Days, local_day
from source_x_organic.transport.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from source_x_organic.ads_api.api import Object
    from source_x_organic.ads_api.directory import AdsDirectory, AdsUser, Found

PROBES_AT_ONCE = 8

OF_TWEETS, REPORT, SCHEDULED, DRAFTS, OF_ACCOUNT = "tweets", "report", "scheduled", "drafts", "account"
"""What is asked for; a stream is available where its probe was answered."""

PROBES: Mapping[str, str] = {
    "ads_accounts": OF_ACCOUNT,
    "promotable_users": OF_ACCOUNT,
    "accounts": OF_TWEETS,
    "account_insights": OF_TWEETS,
    "tweets": OF_TWEETS,
    "tweet_insights": OF_TWEETS,
    "organic_report": REPORT,
    "scheduled_tweets": SCHEDULED,
    "draft_tweets": DRAFTS,
    "account_history": OF_ACCOUNT,
    "twitter_user_history": OF_TWEETS,
    "tweet": OF_TWEETS,
    "organic_tweet_report": REPORT,
}
"""The probe of each stream that the Ads API feeds, but for the user's own, which are reports."""

ADS_STREAMS = ("ads_accounts", "promotable_users", "scheduled_tweets", "draft_tweets")
"""Streams that come from the Ads API whatever the others do."""


@dataclass(frozen=True)
class AdsFinding:
    """What was found out about one Ads account.

    Attributes:
        label: The account as messages name it.
        errors: Why it cannot be read, by probe; empty where everything can.
        unproven: Probes that there was nothing to ask about, with the reason.
        is_unknown: Whether there is no such account, so that the configuration has to be changed.
    """

    label: str
    errors: Mapping[str, ApiError] = field(default_factory=dict)
    unproven: Mapping[str, str] = field(default_factory=dict)
    is_unknown: bool = False

    def error_of(self, stream: str) -> ApiError | None:
        """Return why a stream cannot be read for the account."""
        return self.errors.get(OF_ACCOUNT) or self.errors.get(probe_of(stream))

    def line(self, stream: str) -> str:
        """Return what is told of a stream: available or not, why, and what to do."""
        error = self.error_of(stream)
        if error is not None:
            return f"{self.label}: {stream}: not available: {error.message}"
        doubt = self.unproven.get(probe_of(stream))
        return f"{self.label}: {stream}: {doubt or 'available.'}"


def probe_of(stream: str) -> str:
    """Return what is asked for a stream."""
    return PROBES.get(stream, REPORT)


def probed(directory: AdsDirectory, now: datetime, streams: Collection[str]) -> list[AdsFinding]:
    """Return a finding for each account that is to be read; closed ones that nobody named have none.

    Nothing is asked that none of `streams` needs.
    """
    wanted = {probe_of(stream) for stream in streams}
    found = [each for each in directory.all() if not (isinstance(each, AdsAccount) and each.is_closed)]
    with ThreadPoolExecutor(PROBES_AT_ONCE, thread_name_prefix="check") as threads:
        return list(threads.map(lambda each: _finding(each, now, wanted), found))


def _finding(found: Found, now: datetime, wanted: AbstractSet[str]) -> AdsFinding:
    if isinstance(found, AdsUnresolved):
        return AdsFinding(found.label, {OF_ACCOUNT: found.error}, is_unknown=found.is_unknown)
    user = min(found.users(), key=lambda user: not user.is_full, default=None)
    if user is None:
        nobody = "nothing to read yet: the Ads account has no user whose tweets it may promote."
        return AdsFinding(found.label, unproven=dict.fromkeys((OF_TWEETS, REPORT, SCHEDULED, DRAFTS), nobody))
    return _of_user(user, now, wanted)


def _of_user(user: AdsUser, now: datetime, wanted: AbstractSet[str]) -> AdsFinding:
    account, api = user.account, user.account.api
    errors: dict[str, ApiError] = {}
    unproven: dict[str, str] = {}

    def ask(probe: str, question: Callable[[], Iterable[Object]]) -> list[Object]:
        try:
            return list(question())
        except ApiError as error:
            errors[probe] = error
            return []

    newest: list[Object] = []
    if wanted & {OF_TWEETS, REPORT}:
        newest = ask(OF_TWEETS, lambda: next(api.tweets(account.id, user.id, trim_user=True, count=1), []))
    if SCHEDULED in wanted:
        ask(SCHEDULED, lambda: _first(api.scheduled_tweets(account.id, user.id)))
    if DRAFTS in wanted:
        ask(DRAFTS, lambda: _first(api.draft_tweets(account.id, user.id)))
    if REPORT not in wanted:
        return AdsFinding(account.label, errors, unproven)
    if newest:
        ask(REPORT, lambda: [api.statistics(_yesterday(account, tweet_id(newest[0]), now))])
    elif OF_TWEETS in errors:
        errors[REPORT] = errors[OF_TWEETS]
    else:
        unproven[REPORT] = "not proven: there is no tweet to ask X for the statistics of."
    return AdsFinding(account.label, errors, unproven)


def _first(objects: Iterable[Object]) -> list[Object]:
    return [each for _, each in zip(range(1), objects, strict=False)]


def _yesterday(account: AdsAccount, tweet: str, now: datetime) -> StatisticsRequest:
    day = local_day(now, account.zone) - timedelta(days=1)
    return StatisticsRequest(account.id, (tweet,), Days(day, day), account.zone)
