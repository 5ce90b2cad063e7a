"""The columns of `organic_report`: one name for each metric, whatever API it comes from."""

from __future__ import annotations

PLACEMENT = "ALL_ON_TWITTER"
"""The one placement there is: everything on X itself."""

METRICS = (
    "impressions",
    "qualified_impressions",
    "engagements",
    "likes",
    "unlikes",
    "replies",
    "retweets",
    "quote_tweets",
    "bookmarks",
    "shares",
    "follows",
    "unfollows",
    "clicks",
    "url_clicks",
    "app_clicks",
    "user_profile_clicks",
    "detail_expands",
    "hashtag_clicks",
    "permalink_clicks",
    "email_tweet",
    "app_opens",
    "app_install_attempts",
    "card_engagements",
    "carousel_swipes",
    "poll_card_votes",
    "tweets_send",
    "media_views",
    "media_engagements",
    "video_views",
    "video_content_starts",
    "video_views_25",
    "video_views_50",
    "video_views_75",
    "video_views_100",
    "video_3s100pct_views",
    "video_6s_views",
    "video_15s_views",
    "video_cta_clicks",
)
"""Counts of one tweet on one day; null where a source has no such metric."""

KEY = ("account_id", "tweet_id", "date", "placement")
"""Primary key."""

COLUMNS = (
    *KEY,
    "ads_account_id",
    "metrics_source",
    "period_start",
    "period_end",
    "is_estimated",
    "is_final",
    *METRICS,
)
"""All columns, in their order."""
