"""The two vocabularies of the API: the old one (tweet.fields, retweet_count) and the new one (post.fields).

The response speaks the dialect of the parameters. Inside the simulator everything has its old name.
"""

from dataclasses import dataclass
from typing import Any

from x_simulator.x_api.errors import NEW_PROBLEMS, OLD_PROBLEMS

_COMMON_POST_FIELDS = (
    "article", "attachments", "card_uri", "community_id", "context_annotations", "conversation_id", "created_at",
    "display_text_range", "edit_controls", "entities", "geo", "id", "lang", "media_metadata", "non_public_metrics",
    "organic_metrics", "paid_partnership", "possibly_sensitive", "promoted_metrics", "public_metrics",
    "reply_settings", "scopes", "source", "suggested_source_links", "suggested_source_links_with_counts", "text",
    "withheld",
)  # fmt: skip
_COMMON_EXPANSIONS = (
    "article.cover_media", "article.media_entities", "attachments.media_keys", "attachments.media_source_tweet",
    "attachments.poll_ids", "author_id", "entities.mentions.username", "geo.place_id", "in_reply_to_user_id",
)  # fmt: skip
# The fields of users have one enumeration: what either description of the API lists.
USER_FIELDS = (
    "affiliation", "confirmed_email", "connection_status", "created_at", "description", "entities", "id",
    "is_identity_verified", "location", "most_recent_tweet_id", "name", "parody", "pinned_tweet_id",
    "profile_banner_url", "profile_image_url", "protected", "public_metrics", "receives_your_dm", "subscribes_to_you",
    "subscription", "subscription_type", "url", "username", "verified", "verified_followers_count", "verified_type",
    "withheld",
)  # fmt: skip
MEDIA_FIELDS = (
    "alt_text", "duration_ms", "height", "media_key", "non_public_metrics", "organic_metrics", "preview_image_url",
    "promoted_metrics", "public_metrics", "type", "url", "variants", "width",
)  # fmt: skip
POLL_FIELDS = ("duration_minutes", "end_datetime", "id", "options", "voting_status")
PLACE_FIELDS = ("contained_within", "country", "country_code", "full_name", "geo", "id", "name", "place_type")
USAGE_FIELDS = (
    "cap_reset_day", "daily_client_app_usage", "daily_project_usage", "project_cap", "project_id", "project_usage",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """One vocabulary. `renamed`: old name -> its name on the wire, for keys of posts, users and their metrics."""

    name: str
    fields_parameter: str
    includes_key: str
    problems: str
    post_fields: tuple[str, ...]
    post_expansions: tuple[str, ...]
    user_expansions: tuple[str, ...]
    renamed: dict[str, str]

    def wire_name(self, name: str) -> str:
        """Return what a key with this old name is called on the wire."""
        return self.renamed.get(name, name)

    def renamed_keys(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the same values under the names of this dialect."""
        return {self.renamed.get(key, key): value for key, value in values.items()} if self.renamed else values


TWEET = Dialect(
    name="tweet",
    fields_parameter="tweet.fields",
    includes_key="tweets",
    problems=OLD_PROBLEMS,
    post_fields=tuple(
        sorted(
            (
                *_COMMON_POST_FIELDS,
                "author_id",
                "edit_history_tweet_ids",
                "in_reply_to_user_id",
                "note_tweet",
                "referenced_tweets",
            )
        )
    ),
    post_expansions=(
        *_COMMON_EXPANSIONS,
        "edit_history_tweet_ids",
        "entities.note.mentions.username",
        "referenced_tweets.id",
        "referenced_tweets.id.attachments.media_keys",
        "referenced_tweets.id.author_id",
    ),
    user_expansions=("affiliation.user_id", "most_recent_tweet_id", "pinned_tweet_id"),
    renamed={},
)
POST = Dialect(
    name="post",
    fields_parameter="post.fields",
    includes_key="posts",
    problems=NEW_PROBLEMS,
    post_fields=tuple(
        sorted((*_COMMON_POST_FIELDS, "article_title", "matched_media_notes", "note_post", "note_request_suggestions"))
    ),
    post_expansions=(*_COMMON_EXPANSIONS, "edit_history_post_ids", "referenced_posts", "username"),
    user_expansions=("affiliation", "most_recent_post_id", "pinned_post_id"),
    renamed={
        "edit_history_tweet_ids": "edit_history_post_ids",
        "note_tweet": "note_post",
        "referenced_tweets": "referenced_posts",
        "retweet_count": "repost_count",
        "tweet_count": "post_count",
        "most_recent_tweet_id": "most_recent_post_id",
        "pinned_tweet_id": "pinned_post_id",
    },
)
DIALECTS = {"tweet": TWEET, "post": POST}

# Expansions and post fields of the new dialect -> their old names, which the simulator works with.
OLD_NAMES = {
    "note_post": "note_tweet",
    "edit_history_post_ids": "edit_history_tweet_ids",
    "referenced_posts": "referenced_tweets.id",
    "affiliation": "affiliation.user_id",
    "most_recent_post_id": "most_recent_tweet_id",
    "pinned_post_id": "pinned_tweet_id",
}
