"""The connector on a stage where its streams are fed by the Ads API."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from integration_tests import ads_truth
from integration_tests.stage import NOW, Json, Output, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from x_simulator.ads_accounts import AdsAccount
    from x_simulator.journal import Entry

OWN = ("ads_accounts", "promotable_users", "scheduled_tweets", "draft_tweets")
"""Streams that only the Ads API has."""

FED = ("accounts", "account_insights", "tweets", "tweet_insights", "organic_report")
"""Streams that share the listings of tweets."""

MONTHS = 3

ACCOUNTS = "/12/accounts"
ACCOUNT = r"/12/accounts/[^/]+"
USERS = r"/12/accounts/[^/]+/promotable_users"
TWEETS = r"/12/accounts/[^/]+/tweets"
SCHEDULED = r"/12/accounts/[^/]+/scheduled_tweets"
DRAFTS = r"/12/accounts/[^/]+/draft_tweets"
STATISTICS = r"/12/stats/accounts/[^/]+"
JOBS = r"/12/stats/jobs/accounts/[^/]+"
RESULTS = r"/advertiser-api-async-analytics/.+"


class AdsStage(Stage):
    """A stage whose configuration says ADS_API, with a timeframe of three months."""

    def config(self, **properties: object) -> Json:
        """Return a configuration that follows every Ads account, changed by `properties`."""
        return super().config(**{"api_access": "ADS_API", "timeframe_months": "THREE", **properties})

    def ads(self, name: str) -> AdsAccount:
        return self.world.ads.named(name)

    def first_day(self, account: AdsAccount, now: datetime = NOW, months: int = MONTHS) -> date:
        return ads_truth.first_day(account, now, months)

    def report(self, account: AdsAccount, *usernames: str, now: datetime = NOW) -> dict[str, Json]:
        """Return the whole report of users as of an instant: every tweet of the timeframe on every day of its life."""
        return ads_truth.report(self.world, account, usernames, now, self.first_day(account, now))

    # What X was asked ------------------------------------------------------------------------------------------------

    def made(self) -> list[Entry]:
        """Return the requests that have jobs made."""
        return self.simulator.journal.requests_to(JOBS, method="POST")

    def polls(self) -> list[Entry]:
        """Return the requests for the state of jobs that are under way."""
        looks = self.simulator.journal.requests_to(JOBS, method="GET")
        return [entry for entry in looks if "job_ids" in entry.query]

    def statuses(self) -> Counter[int]:
        return Counter(entry.status for entry in self.requests)


def table(*outputs: Output, stream: str = "organic_report") -> dict[str, Json]:
    """Return what a destination holds after some syncs, one after another."""
    rows: dict[str, Json] = {}
    for output in outputs:
        rows |= output.by_key(stream)
    return rows


def asked_days(entries: Iterable[Entry]) -> set[tuple[str, str]]:
    """Return the windows of requests for statistics, as local days: the first, and the one after the last."""
    return {(entry.query["start_time"][:10], entry.query["end_time"][:10]) for entry in entries}
