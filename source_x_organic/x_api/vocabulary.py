"""The names that X takes today: field lists, in the old dialect (`tweet.fields`) or the new one (`post.fields`).

X renames its fields without a changelog entry: OpenAPI 2.159 and all prose say `tweet.fields`, OpenAPI 2.167 says
`post.fields`, and answers mirror the dialect of the question. So the documented names are sent; when X refuses the
parameter the other dialect is used from then on, and when X refuses a single field, that field alone is left out.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Mapping

    from source_x_organic.transport.problems import Problem

USER_PARAMETER = "user.fields"
EXPANSIONS = "expansions"

USER_FIELDS = (
    "affiliation",
    "created_at",
    "description",
    "entities",
    "id",
    "is_identity_verified",
    "location",
    "most_recent_tweet_id",
    "name",
    "parody",
    "pinned_tweet_id",
    "profile_banner_url",
    "profile_image_url",
    "protected",
    "public_metrics",
    "subscription_type",
    "url",
    "username",
    "verified",
    "verified_type",
    "withheld",
)

POST_EXPANSIONS: Mapping[str, int] = {
    # A reply may quote; a retweet is of one.
    "referenced_tweets.id": 2,
    "referenced_posts": 2,
    # X allows five edits.
    "edit_history_post_ids": 5,
}
"""The expansions that bring further posts, each with how many at most for every post."""

COUNTER_FIELDS = ("created_at", "id", "public_metrics")
"""What anybody may know of a post's counters, and nothing else of it."""

PRIVATE_FIELDS = ("organic_metrics", "non_public_metrics")
"""Never with `referenced_tweets.id` (X then refuses that post), never `promoted_metrics` (X then answers nothing)."""


@dataclass(frozen=True)
class Dialect:
    """One spelling of X's post parameters.

    Attributes:
        fields_parameter: Name of the parameter that lists post fields.
        public_fields: Fields of the pass over the whole window.
        expansions: What the public pass expands: originals of retweets, and whatever is no field in this dialect.
        private_fields: Fields of the pass over the owner's last 30 days.
    """

    fields_parameter: str
    public_fields: tuple[str, ...]
    expansions: tuple[str, ...]
    private_fields: tuple[str, ...]


_SHARED_FIELDS = (
    "attachments",
    "card_uri",
    "conversation_id",
    "created_at",
    "edit_controls",
    "entities",
    "id",
    "lang",
    "possibly_sensitive",
    "public_metrics",
    "reply_settings",
    "source",
    "text",
)

TWEET_DIALECT = Dialect(
    fields_parameter="tweet.fields",
    public_fields=(
        *_SHARED_FIELDS,
        "author_id",
        "edit_history_tweet_ids",
        "in_reply_to_user_id",
        "note_tweet",
        "referenced_tweets",
    ),
    expansions=("referenced_tweets.id",),
    private_fields=(*COUNTER_FIELDS, *PRIVATE_FIELDS),
)

POST_DIALECT = Dialect(
    fields_parameter="post.fields",
    public_fields=(*_SHARED_FIELDS, "note_post"),
    # In this dialect these are no fields: they come only as expansions.
    expansions=("referenced_posts", "edit_history_post_ids", "in_reply_to_user_id"),
    private_fields=(*COUNTER_FIELDS, *PRIVATE_FIELDS),
)


@dataclass(frozen=True)
class Wording:
    """What is sent now.

    Attributes:
        dialect: The spelling of post parameters.
        left_out: What X has refused, as (parameter, value): a field of posts may have the name of one of users.
    """

    dialect: Dialect = TWEET_DIALECT
    left_out: frozenset[tuple[str, str]] = frozenset()

    def user_parameters(self) -> dict[str, str]:
        """Return the parameters that ask for user objects."""
        return {USER_PARAMETER: self._join(USER_PARAMETER, USER_FIELDS)}

    @property
    def posts_per_post(self) -> int:
        """How many posts each post of the public pass may bring, itself included."""
        return 1 + sum(
            POST_EXPANSIONS.get(name, 0) for name in self.dialect.expansions if (EXPANSIONS, name) not in self.left_out
        )

    def public_parameters(self, *, with_originals: bool = True) -> dict[str, str]:
        """Return the parameters that ask for posts with everything anybody may see.

        `with_originals`: whether other posts may come along: those that they refer to, and their versions.
        """
        post_parameter = self.dialect.fields_parameter
        parameters = {post_parameter: self._join(post_parameter, self.dialect.public_fields)}
        wanted = [name for name in self.dialect.expansions if with_originals or name not in POST_EXPANSIONS]
        if expansions := self._join(EXPANSIONS, wanted):
            parameters[EXPANSIONS] = expansions
        return parameters

    def private_parameters(self) -> dict[str, str]:
        """Return the parameters that ask for posts with the counters that only their author may see."""
        post_parameter = self.dialect.fields_parameter
        return {post_parameter: self._join(post_parameter, self.dialect.private_fields)}

    def counter_parameters(self) -> dict[str, str]:
        """Return the parameters that ask for posts with their public counters alone."""
        post_parameter = self.dialect.fields_parameter
        return {post_parameter: self._join(post_parameter, COUNTER_FIELDS)}

    def after(self, problem: Problem) -> Wording | None:
        """Return what to send instead after X refused this wording, or None where nothing else is known.

        A refused value costs that value; a refused fields parameter, or the expansions that belong to it, means the
        other dialect, once.
        """
        refused = {
            (parameter, value)
            for parameter, value in self._sent()
            if value in problem.refused_values and parameter in (problem.parameters or (parameter,))
        }
        if refused:
            return replace(self, left_out=self.left_out | refused)
        if self.dialect is TWEET_DIALECT and self.dialect.fields_parameter in problem.parameters:
            return replace(self, dialect=POST_DIALECT)
        return None

    def _sent(self) -> set[tuple[str, str]]:
        dialect = self.dialect
        return {
            *((USER_PARAMETER, name) for name in USER_FIELDS),
            *((dialect.fields_parameter, name) for name in (*dialect.public_fields, *dialect.private_fields)),
            *((EXPANSIONS, name) for name in dialect.expansions),
        } - self.left_out

    def _join(self, parameter: str, names: Iterable[str]) -> str:
        return ",".join(name for name in names if (parameter, name) not in self.left_out)


class Vocabulary:
    """The wording in use, shared by all threads of a run: X is one server, so what one account learns holds for all."""

    def __init__(self, logger: logging.Logger) -> None:
        """Start with the documented names; `logger` is told of every change."""
        self._logger = logger
        self._lock = threading.Lock()
        self._wording = Wording()

    @property
    def wording(self) -> Wording:
        """What to send in the next request."""
        return self._wording

    def adapt(self, used: Wording, problem: Problem) -> bool:
        """Take in that X refused a request that used `used`; return whether there is another wording to try."""
        with self._lock:
            if self._wording != used:
                return True
            better = used.after(problem)
            if better is None:
                return False
            self._wording = better
        self._logger.warning(_explanation(used, better))
        return True


def _explanation(used: Wording, better: Wording) -> str:
    if better.dialect is not used.dialect:
        return (
            f"X no longer takes {used.dialect.fields_parameter}; going on with {better.dialect.fields_parameter}. "
            "The columns stay the same."
        )
    names = ", ".join(sorted({name for _, name in better.left_out - used.left_out}))
    return f"X does not know the field {names} here; going on without it, its columns are null."
