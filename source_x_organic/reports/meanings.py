"""What X's metrics count, by the names that its reports give them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A figure that a report can have.

    Attributes:
        name: As X spells it for this report.
        counts: What it counts, as the beginning of a sentence.
        unit: What one is.
    """

    name: str
    counts: str
    unit: str


_MEANINGS = {
    "impressions": ("Times that the tweet was seen", "impressions"),
    "qualified_impressions": (
        "Impressions that X counts as qualified; it does not publish by which rule",
        "impressions",
    ),
    "engagements": ("All that users did with the tweet, each act counted", "engagements"),
    "likes": ("Likes", "likes"),
    "favorites": ("Likes", "likes"),
    "unlikes": ("Likes that were taken back", "unlikes"),
    "replies": ("Replies", "replies"),
    "retweets": ("Retweets", "retweets"),
    "quote_tweets": ("Tweets that quote this one", "quotes"),
    "bookmarks": ("Bookmarks", "bookmarks"),
    "shares": ("Times that the tweet was shared, by X's share menu", "shares"),
    "follows": ("Users who followed the account from the tweet", "follows"),
    "user_follows": ("Users who followed the account from the tweet", "follows"),
    "unfollows": ("Users who unfollowed the account from the tweet", "unfollows"),
    "clicks": ("Clicks on the tweet anywhere, likes and other engagements included", "clicks"),
    "url_clicks": ("Clicks on links in the tweet", "clicks"),
    "app_clicks": ("Clicks meant to open or install an app", "clicks"),
    "user_profile_clicks": ("Clicks that led to the author's profile", "clicks"),
    "detail_expands": ("Times that somebody opened the tweet to see more of it", "expands"),
    "hashtag_clicks": ("Clicks on hashtags in the tweet", "clicks"),
    "permalink_clicks": ("Clicks on the tweet's own link", "clicks"),
    "email_tweet": ("Times that somebody sent the tweet by e-mail", "e-mails"),
    "app_opens": ("Times that an app was opened from the tweet", "app starts"),
    "app_install_attempts": ("Times that somebody set out to install an app from the tweet", "attempts"),
    "card_engagements": ("Clicks and other acts on the card of the tweet", "engagements"),
    "carousel_swipes": ("Swipes through the pictures or videos of a carousel", "swipes"),
    "poll_card_vote": ("Votes in the poll of the tweet; X returns it without documenting it", "votes"),
    "tweets_send": ("Tweets that users sent from the tweet, as the name says; X documents no meaning", "tweets"),
    "media_views": ("Views of the photos and videos in the tweet", "views"),
    "media_engagements": ("Clicks on the photos and videos in the tweet", "clicks"),
    "video_views": ("Views of the video: half of it in sight for 2 seconds", "views"),
    "video_total_views": (
        "Views of the video: all of it in sight for 3 seconds, or a click on play; half for 2 before 13 August 2026",
        "views",
    ),
    "video_content_starts": ("Times that the video started", "starts"),
    "video_views_25": ("Views of at least a quarter of the video", "views"),
    "video_views_50": ("Views of at least half of the video", "views"),
    "video_views_75": ("Views of at least three quarters of the video", "views"),
    "video_views_100": ("Views of the whole video", "views"),
    "video_3s100pct_views": ("Views of the video for at least 3 seconds with all of it in sight", "views"),
    "video_6s_views": ("Views of the video for at least 6 seconds", "views"),
    "video_15s_views": ("Views of the video for at least 15 seconds, or for 95 % of a shorter one", "views"),
    "video_cta_clicks": ("Clicks on the call to action of the video", "clicks"),
    "cta_url_clicks": ("Clicks on the link of the media's call to action", "clicks"),
    "cta_watch_clicks": ("Clicks on the call to watch of the media", "clicks"),
    "play_from_tap": ("Times that somebody started the video by a tap", "starts"),
    "playback_start": ("Times that the video started", "starts"),
    "playback25": ("Times that the video was played to a quarter", "views"),
    "playback50": ("Times that the video was played to the half", "views"),
    "playback75": ("Times that the video was played to three quarters", "views"),
    "playback_complete": ("Times that the video was played to its end", "views"),
    "watch_time_ms": ("Time that the video was watched, all users together", "milliseconds"),
}


def metrics(*names: str, **other_counts: str) -> tuple[Metric, ...]:
    """Return metrics by name; `other_counts` say what some count where a report differs from the others."""
    return tuple(Metric(name, other_counts.get(name, _MEANINGS[name][0]), _MEANINGS[name][1]) for name in names)
