"""Whether the Ads accounts can be read: the cheapest request for each stream, and what X says to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from source_x_organic.ads_api.ads_account import AdsAccount, AdsUnresolved
from source_x_organic.ads_api.api import StatisticsRequest
from source_x_organic.ads_api.tweets import is_retweet, tweet_id
from source_x_organic.reports.days import Days, local_day
from source_x_organic.transport.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from source_x_organic.ads_api.ads_account import AdsUser, Found
    from source_x_organic.ads_api.directory import AdsDirectory

_T = TypeVar("_T")

PROBES_AT_ONCE = 8

TWEETS_LOOKED_AT = 50
"""Tweets on a page that is searched for one with statistics of its own."""

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
        is_unknown: Whether the configuration names it and there is no such account, so that it has to be changed.
    """

    label: str
    errors: Mapping[str, ApiError] = field(default_factory=dict)
    unproven: Mapping[str, str] = field(default_factory=dict)
    is_unknown: bool = False

    def error_of(self, stream: str) -> ApiError | None:
        """Return why a stream cannot be read for the account."""
        return self.errors.get(OF_ACCOUNT) or self.errors.get(probe_of(stream))

    def is_proven(self, stream: str) -> bool:
        """Return whether X has answered what the stream is made of."""
        return self.error_of(stream) is None and probe_of(stream) not in self.unproven

    def was_refused(self, stream: str) -> bool:
        """Return whether X refuses the stream itself, not the account or the tweets that it is about."""
        probe = probe_of(stream)
        refusal = self.errors.get(probe)
        return refusal is not None and (probe == OF_TWEETS or refusal is not self.errors.get(OF_TWEETS))

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
    users = sorted(found.users(), key=lambda user: not user.is_full)
    if not users:
        nobody = "nothing to read yet: the Ads account has no user whose tweets it may promote."
        return AdsFinding(found.label, unproven=dict.fromkeys((OF_TWEETS, REPORT, SCHEDULED, DRAFTS), nobody))
    return _of_users(found, users, now, wanted)


def _of_users(account: AdsAccount, users: Sequence[AdsUser], now: datetime, wanted: AbstractSet[str]) -> AdsFinding:
    api = account.api
    errors: dict[str, ApiError] = {}
    unproven: dict[str, str] = {}

    def ask(probe: str, question: Callable[[], _T]) -> _T | None:
        try:
            return question()
        except ApiError as error:
            errors[probe] = error
            return None

    tweet: str | None = None
    if wanted & {OF_TWEETS, REPORT}:
        tweet = ask(OF_TWEETS, lambda: _answered(users, _newest, enough=lambda found: found is not None))
    if SCHEDULED in wanted:
        ask(SCHEDULED, lambda: _answered(users, lambda user: next(api.scheduled_tweets(account.id, user.id), None)))
    if DRAFTS in wanted:
        ask(DRAFTS, lambda: _answered(users, lambda user: next(api.draft_tweets(account.id, user.id), None)))
    if REPORT not in wanted:
        return AdsFinding(account.label, errors, unproven)
    if tweet is not None:
        request = _yesterday(account, tweet, now)
        ask(REPORT, lambda: api.statistics(request))
        if REPORT in errors and "entity_ids" in errors[REPORT].problem.parameters:
            del errors[REPORT]  # a sync leaves such a tweet out, and reads the others
            unproven[REPORT] = f"not proven: X has no statistics of the tweet {tweet}, which it was asked about."
    elif OF_TWEETS in errors:
        errors[REPORT] = errors[OF_TWEETS]
    else:
        unproven[REPORT] = "not proven: there is no tweet to ask X for the statistics of."
    return AdsFinding(account.label, errors, unproven)


def _answered(
    users: Sequence[AdsUser], question: Callable[[AdsUser], _T], *, enough: Callable[[_T], bool] = lambda _: True
) -> _T:
    """Return the first answer about a user that is `enough`, or the last one; a sync goes on without a missing user.

    Raises:
        ApiError: X refuses the account or every user, or stayed unavailable.
    """
    answers: list[_T] = []
    refusals: list[ApiError] = []
    for user in users:
        try:
            answers.append(question(user))
        except ApiError as error:
            if error.problem.kind != "ads-user-unavailable":
                raise
            refusals.append(error)
        else:
            if enough(answers[-1]):
                break
    if not answers:
        raise refusals[0]
    return answers[-1]


def _newest(user: AdsUser) -> str | None:
    """Return a user's newest tweet that is no retweet, which has no statistics of its own; None where there is none."""
    pages = user.account.api.tweets(user.account.id, user.id, trim_user=True, count=TWEETS_LOOKED_AT)
    return next((tweet_id(tweet) for page in pages for tweet in page if not is_retweet(tweet)), None)


def _yesterday(account: AdsAccount, tweet: str, now: datetime) -> StatisticsRequest:
    day = local_day(now, account.zone) - timedelta(days=1)
    return StatisticsRequest(account.id, (tweet,), Days(day, day), account.zone)
