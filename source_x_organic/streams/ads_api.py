"""The streams that are read from the Ads API: its own, those it feeds with `api_access: ADS_API`, and Fivetran's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic import fivetran_tables
from source_x_organic.ads_api import stats
from source_x_organic.ads_api.timelines import AccountInsights, Accounts, Members, TweetInsights, Tweets
from source_x_organic.reports.columns import KEY
from source_x_organic.streams import ads_entities
from source_x_organic.streams.ads_entities import AdsEntities
from source_x_organic.streams.ads_reading import AdsLeader
from source_x_organic.streams.ads_report_streams import DailyReportStream, defined_reports, report_cursor
from source_x_organic.streams.python_stream import Sync, full_refresh_stream, incremental_stream
from source_x_organic.streams.shared_reading import Follower
from source_x_organic.streams.shared_reading import Group as SharedReading
from source_x_organic.streams.states import ADS_API, account_cursor
from source_x_organic.transport.clock import now

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airbyte_cdk.sources.streams.concurrent.cursor import Cursor
    from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
    from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

    from source_x_organic.ads_api.ads_account import AdsUser
    from source_x_organic.ads_api.timelines import Row, TweetStream, UserStream
    from source_x_organic.connection import Connection
    from source_x_organic.progress.state import AccountCursor
    from source_x_organic.streams.ads_report import ReportStream
    from source_x_organic.transport.clock import Clock

SYNCED = "_fivetran_synced"

_NONE: Mapping[str, Any] = {}


def ads_streams(connection: Connection, sync: Sync) -> list[DefaultStream]:
    """Return the Ads API's own streams, which are in the catalog whatever the other streams are read from."""
    of_an_account = [["ads_account_id", "id"]] * 3
    keys = [["id"], *of_an_account]
    makers = [
        ads_entities.ads_accounts,
        ads_entities.promotable_users,
        ads_entities.scheduled_tweets,
        ads_entities.draft_tweets,
    ]
    return [
        full_refresh_stream(
            maker.__name__,
            key,
            AdsEntities(maker.__name__, maker, connection, connection.ads_directory),
            sync.messages,
        )
        for maker, key in zip(makers, keys, strict=True)
    ]


def native_streams(connection: Connection, sync: Sync) -> list[DefaultStream]:
    """Return the streams that the Ads API feeds in the connector's own layout, and the user's own reports.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    read_at = connection.started_at
    insights, tweets, snapshots = (
        account_cursor(name, ADS_API, connection, sync) for name in ("account_insights", "tweets", "tweet_insights")
    )
    report = DailyReportStream(
        "organic_report",
        report_cursor("organic_report", connection, sync),
        lambda account: stats.organic_report(ads_account_id=account.id),
    )
    group = _Group(
        connection,
        sync,
        of_users={"accounts": Accounts(), "account_insights": AccountInsights(read_at, insights)},
        of_tweets={"tweets": (Tweets(), tweets), "tweet_insights": (TweetInsights(read_at), snapshots)},
        reports=[report],
    )
    return [
        full_refresh_stream("accounts", ["id"], group.generator("accounts"), sync.messages),
        group.stream("account_insights", ["account_id", "date"], "date", insights),
        group.stream("tweets", ["id"], "created_at", tweets),
        group.stream("tweet_insights", ["tweet_id", "date"], "date", snapshots),
        group.stream("organic_report", list(KEY), "date", report.cursor),
        *group.defined(),
    ]


def fivetran_streams(connection: Connection, sync: Sync) -> list[DefaultStream]:
    """Return Fivetran's tables, and the user's own reports.

    Of a table the last emitted version of a row is the present one, by `_fivetran_synced`.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    clock = connection.clock
    accounts, users, tweets = (
        account_cursor(name, ADS_API, connection, sync) for name in ("account_history", "twitter_user_history", "tweet")
    )
    report = DailyReportStream(
        "organic_tweet_report",
        report_cursor("organic_tweet_report", connection, sync),
        lambda account: stats.organic_tweet_report(ads_account_id=account.id, synced_at=now(clock)),
        through_every_account=True,
    )
    group = _Group(
        connection,
        sync,
        of_users={"twitter_user_history": _UserVersions(clock)},
        of_tweets={"tweet": (_FivetranTweets(clock), tweets)},
        reports=[report],
    )
    history = AdsEntities("account_history", ads_entities.account_history(clock), connection, connection.ads_directory)
    return [
        incremental_stream("account_history", ["id", "updated_at"], SYNCED, accounts, history),
        group.stream("twitter_user_history", ["id"], SYNCED, users),
        group.stream("tweet", ["id"], SYNCED, tweets),
        group.stream("organic_tweet_report", ["account_id", "organic_tweet_id", "date"], SYNCED, report.cursor),
        *group.defined(),
    ]


def defined_streams(connection: Connection, sync: Sync) -> list[DefaultStream]:
    """Return the Ads API's reports that the user defined, where no other stream is made of the listings of tweets.

    Raises:
        UnreadableState: a saved state is not of this version.
    """
    return _Group(connection, sync).defined()


class _Group:
    """Streams that share the listings of the users' tweets."""

    def __init__(
        self,
        connection: Connection,
        sync: Sync,
        *,
        of_users: Mapping[str, UserStream] = _NONE,
        of_tweets: Mapping[str, tuple[TweetStream, AccountCursor]] = _NONE,
        reports: Sequence[ReportStream] = (),
    ) -> None:
        """The user's own reports belong to the group without being named here."""
        self._sync = sync
        self._defined = defined_reports(connection, sync)
        of_reports = [*reports, *self._defined]
        names = sync.leading([*of_users, *of_tweets, *(report.name for report in of_reports)])
        members = Members(
            [stream for name, stream in of_users.items() if name in names],
            [member for name, member in of_tweets.items() if name in names],
        )
        self._together = SharedReading()
        self._leading = names[:1]
        self._leader = AdsLeader(
            connection,
            connection.ads_directory,
            self._together,
            members,
            [report for report in of_reports if report.name in names],
            names,
        )

    def generator(self, name: str) -> PartitionGenerator:
        """Return what generates a stream's partitions."""
        return self._leader if name in self._leading else Follower(self._together, name)

    def stream(self, name: str, primary_key: list[str], cursor_field: str, cursor: Cursor) -> DefaultStream:
        """Return one of the streams."""
        return incremental_stream(name, primary_key, cursor_field, cursor, self.generator(name))

    def defined(self) -> list[DefaultStream]:
        """Return those that the user defined."""
        return [report.stream(self.generator(report.name), self._sync) for report in self._defined]


class _UserVersions:
    """Fivetran's `twitter_user_history`."""

    name = "twitter_user_history"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def row(self, profile: Mapping[str, Any] | None, user: AdsUser) -> Row | None:
        """Return the user's present version; none where X showed nothing of the user."""
        del user
        if profile is None:
            return None
        return fivetran_tables.twitter_user_history_row(profile, synced_at=now(self._clock))


class _FivetranTweets(Tweets):
    """Fivetran's `tweet`: read like `tweets`, with other columns."""

    name = "tweet"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def row(self, tweet: Mapping[str, Any], profile: Mapping[str, Any], user: AdsUser) -> Row:
        """Return the tweet's row."""
        del profile
        return fivetran_tables.tweet_row(tweet, account_id=user.account.id, synced_at=now(self._clock))
