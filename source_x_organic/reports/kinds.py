"""The reports that X offers, each with what can be asked of it.

Sources: X docs, Engagement API (archived reference) and rate limits of Enterprise, X's OpenAPI description 2.167
(`/2/tweets/analytics`, `/2/media/analytics`), Ads API analytics; August 2026. Counts add up in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from source_x_organic.ads_api.api import LARGEST_BATCH, LONGEST_JOB_WINDOW
from source_x_organic.ads_api.stats import ENGAGEMENT, VIDEO
from source_x_organic.config import Aggregate, Dimension, ReportType
from source_x_organic.reports.meanings import Metric, metrics

if TYPE_CHECKING:
    from collections.abc import Mapping


class Api(StrEnum):
    """Which of X's APIs answers."""

    ENGAGEMENT = "engagement_api"
    X = "x_api"
    ADS = "ads_api"


@dataclass(frozen=True, eq=False)
class ReportKind:
    """A report that X offers.

    Attributes:
        type: Its name in the configuration.
        api: Which API has it.
        source: Where its figures come from, for the description of a column.
        metrics: All that it has.
        dimensions: What it can be broken down by.
        aggregates: How much time a figure may cover; none where the dimensions alone say so.
        batch: Ids in one request: of tweets, with `media_analytics` of media.
        windows: Most days in one request by how much time a figure covers; none where a request has no days.
        reach_days: Days that X keeps, today among them; None where X documents no limit.
        public_metrics: What a bearer token is enough for.
        other_names: Names of these metrics in X's other reports, which users may try here.
    """

    type: ReportType
    api: Api
    source: str
    metrics: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...]
    aggregates: tuple[Aggregate, ...]
    batch: int
    windows: Mapping[Aggregate, int] = field(default_factory=dict)
    reach_days: int | None = None
    public_metrics: frozenset[str] = frozenset()
    other_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Return the names of all its metrics."""
        return tuple(metric.name for metric in self.metrics)

    @property
    def has_period(self) -> bool:
        """Whether days can be asked for; else X decides on the time that the figures cover."""
        return bool(self.windows)


def kind_of(report_type: ReportType) -> ReportKind:
    """Return the report of a type."""
    return _KINDS[report_type]


_DIMENSIONS = tuple(Dimension)
_WITHOUT_WEEKS = (Aggregate.HOURLY, Aggregate.DAILY, Aggregate.TOTAL)

_ENGAGEMENT_WINDOWS = dict.fromkeys(Aggregate, 28)

_ANALYTICS_WINDOWS = {Aggregate.HOURLY: 7, Aggregate.DAILY: 98, Aggregate.WEEKLY: 364, Aggregate.TOTAL: 364}
"""X documents no limit. An answer for 100 tweets of 20 metrics takes about 5 MB at these lengths, and is parsed at
once: they are what memory bears, 98 days because a quarter and a look-back fit in, 364 because weeks have 7 days."""

_ENGAGEMENT_METRICS = metrics(
    "impressions",
    "engagements",
    "favorites",
    "retweets",
    "replies",
    "video_views",
    "media_views",
    "media_engagements",
    "url_clicks",
    "hashtag_clicks",
    "detail_expands",
    "permalink_clicks",
    "app_install_attempts",
    "app_opens",
    "email_tweet",
    "user_follows",
    "user_profile_clicks",
    impressions="Times that the tweet was seen without promotion",
    engagements="All that users did with the tweet, each act counted, organic and promoted together",
)

_ENGAGEMENT_OTHER_NAMES = {
    "likes": "favorites",
    "follows": "user_follows",
    "profile_visits": "user_profile_clicks",
    "link_clicks": "url_clicks",
    "media_clicks": "media_engagements",
    "video_total_views": "video_views",
}

_KINDS = {
    kind.type: kind
    for kind in (
        ReportKind(
            type=ReportType.ENGAGEMENT_HISTORICAL,
            api=Api.ENGAGEMENT,
            source="X Engagement API, historical",
            metrics=_ENGAGEMENT_METRICS,
            dimensions=_DIMENSIONS,
            aggregates=(),
            batch=25,
            windows=_ENGAGEMENT_WINDOWS,
            reach_days=365,
            other_names=_ENGAGEMENT_OTHER_NAMES,
        ),
        ReportKind(
            type=ReportType.ENGAGEMENT_28HR,
            api=Api.ENGAGEMENT,
            source="X Engagement API, last 28 hours",
            metrics=_ENGAGEMENT_METRICS,
            dimensions=_DIMENSIONS,
            aggregates=(),
            batch=25,
            other_names=_ENGAGEMENT_OTHER_NAMES,
        ),
        ReportKind(
            type=ReportType.ENGAGEMENT_TOTALS,
            api=Api.ENGAGEMENT,
            source="X Engagement API, totals",
            metrics=metrics(
                "impressions",
                "engagements",
                "favorites",
                "retweets",
                "quote_tweets",
                "replies",
                "video_views",
                impressions="Times that the tweet was seen without promotion; null for tweets older than 90 days",
                engagements=(
                    "All that users did with the tweet, each act counted, organic and promoted together; null for "
                    "tweets older than 90 days"
                ),
                video_views=(
                    "Views of the video, half of it in sight for 2 seconds, in all tweets that have it; null for "
                    "tweets older than 1,800 days"
                ),
            ),
            dimensions=(Dimension.TWEET, Dimension.METRIC),
            aggregates=(),
            batch=250,
            public_metrics=frozenset({"favorites", "retweets", "quote_tweets", "replies", "video_views"}),
            other_names={"likes": "favorites", "video_total_views": "video_views"},
        ),
        ReportKind(
            type=ReportType.TWEET_ANALYTICS,
            api=Api.X,
            source="X API v2 analytics of tweets (Enterprise)",
            metrics=metrics(
                "app_install_attempts",
                "app_opens",
                "bookmarks",
                "detail_expands",
                "email_tweet",
                "engagements",
                "follows",
                "hashtag_clicks",
                "impressions",
                "likes",
                "media_views",
                "permalink_clicks",
                "quote_tweets",
                "replies",
                "retweets",
                "shares",
                "unfollows",
                "unlikes",
                "url_clicks",
                "user_profile_clicks",
            ),
            dimensions=_DIMENSIONS,
            aggregates=tuple(Aggregate),
            batch=100,
            windows=_ANALYTICS_WINDOWS,
            other_names={
                "favorites": "likes",
                "user_follows": "follows",
                "link_clicks": "url_clicks",
                "profile_visits": "user_profile_clicks",
            },
        ),
        ReportKind(
            type=ReportType.MEDIA_ANALYTICS,
            api=Api.X,
            source="X API v2 analytics of media (Enterprise)",
            metrics=metrics(
                "cta_url_clicks",
                "cta_watch_clicks",
                "play_from_tap",
                "playback25",
                "playback50",
                "playback75",
                "playback_complete",
                "playback_start",
                "video_views",
                "watch_time_ms",
                video_views="Views of the media as X counts them; it does not publish by which rule",
            ),
            dimensions=_DIMENSIONS,
            aggregates=_WITHOUT_WEEKS,
            batch=100,
            windows={aggregate: _ANALYTICS_WINDOWS[aggregate] for aggregate in _WITHOUT_WEEKS},
            other_names={
                "video_views_25": "playback25",
                "video_views_50": "playback50",
                "video_views_75": "playback75",
                "video_views_100": "playback_complete",
                "video_content_starts": "playback_start",
                "video_total_views": "video_views",
            },
        ),
        ReportKind(
            type=ReportType.ADS_ORGANIC,
            api=Api.ADS,
            source="X Ads API statistics of organic tweets",
            metrics=metrics(*ENGAGEMENT, *VIDEO),
            dimensions=_DIMENSIONS,
            aggregates=_WITHOUT_WEEKS,
            batch=LARGEST_BATCH,
            windows=dict.fromkeys(_WITHOUT_WEEKS, LONGEST_JOB_WINDOW),
            other_names={
                "favorites": "likes",
                "user_follows": "follows",
                "video_views": "video_total_views",
                "poll_card_votes": "poll_card_vote",
            },
        ),
    )
}
