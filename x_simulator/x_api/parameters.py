"""Reading a query as strictly as X does: every complaint about it is collected into one InvalidRequest."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from x_simulator.http_messages import Request
from x_simulator.x_api import limits
from x_simulator.x_api.dialects import (
    DIALECTS,
    MEDIA_FIELDS,
    OLD_NAMES,
    PLACE_FIELDS,
    POLL_FIELDS,
    POST,
    TWEET,
    USER_FIELDS,
    Dialect,
)
from x_simulator.x_api.errors import InvalidRequest

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_ID = re.compile(r"[0-9]{1,19}")
_MEDIA_KEY = re.compile(r"[0-9]+_[0-9]{1,19}")
_USERNAME = re.compile(r"[A-Za-z0-9_]{1,15}")
PRIVATE_METRICS = ("non_public_metrics", "organic_metrics", "promoted_metrics")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the answer is to hold, in old names. `implied`: post fields that only an expansion asks for."""

    dialect: Dialect
    post_fields: frozenset[str]
    user_fields: frozenset[str]
    media_fields: frozenset[str]
    expansions: frozenset[str]

    @property
    def private_fields(self) -> tuple[str, ...]:
        """The metrics asked for that only a post's author may see."""
        return tuple(name for name in PRIVATE_METRICS if name in self.post_fields or name in self.media_fields)


class QueryReader:
    """Reads one request's query. Call `finish` when everything was read: it raises what was found wrong."""

    def __init__(self, request: Request, allowed: Iterable[str]) -> None:
        self._query = request.query
        self._complaints: list[tuple[str, str, str]] = []
        names = [name for name, _ in request.query_pairs]
        allowed = tuple(allowed)
        for name in dict.fromkeys(names):
            if name not in allowed:
                self.complain(name, f"The query parameter [{name}] is not one of [{','.join(allowed)}]")
            elif names.count(name) > 1:
                self.complain(name, f"The query parameter [{name}] can only be given once")

    def complain(self, name: str, message: str, value: str | None = None) -> None:
        """Note that something is wrong with a parameter."""
        self._complaints.append((name, self._query.get(name, "") if value is None else value, message))

    def finish(self) -> None:
        """Refuse the request if anything was wrong.

        Raises:
            InvalidRequest: with every complaint.
        """
        if self._complaints:
            raise InvalidRequest(self._complaints)

    def text(self, name: str) -> str | None:
        """Return a parameter as it came; None if it is absent."""
        return self._query.get(name)

    def choices(self, name: str, enumeration: Iterable[str]) -> tuple[str, ...]:
        """Return a comma-separated parameter whose items must come from `enumeration`, each once."""
        if name not in self._query:
            return ()
        enumeration = tuple(enumeration)
        items = tuple(self._query[name].split(","))
        for item in items:
            if item not in enumeration:
                self.complain(
                    name, f"The `{name}` query parameter value [{item}] is not one of [{','.join(enumeration)}]"
                )
        if len(set(items)) < len(items):
            self.complain(name, f"The `{name}` query parameter values must be unique")
        return items

    def choice(self, name: str, enumeration: Iterable[str], default: str) -> str:
        """Return a parameter whose value must be one of `enumeration`."""
        value = self._query.get(name, default)
        enumeration = tuple(enumeration)
        if value not in enumeration:
            self.complain(name, f"The `{name}` query parameter value [{value}] is not one of [{','.join(enumeration)}]")
        return value

    def integer(self, name: str, low: int, high: int, default: int) -> int:
        """Return a whole number between `low` and `high`."""
        value = self._query.get(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,18}", value) or not low <= int(value) <= high:
            self.complain(name, f"The `{name}` query parameter value [{value}] is not between {low} and {high}")
            return default
        return int(value)

    def instant(self, name: str) -> datetime | None:
        """Return a point in time; X wants YYYY-MM-DDTHH:mm:ssZ, on or after 6 November 2010."""
        value = self._query.get(name)
        if value is None:
            return None
        try:
            parsed = datetime.fromisoformat(value) if _INSTANT.fullmatch(value) else None
        except ValueError:
            parsed = None
        if parsed is None:
            self.complain(name, f"The `{name}` query parameter value [{value}] is not a valid RFC3339 timestamp")
        elif parsed < limits.EARLIEST_TIME:
            self.complain(name, f"The `{name}` query parameter value [{value}] must be on or after 2010-11-06T00:00Z")
        return parsed

    def identifier(self, name: str) -> int | None:
        """Return one id."""
        value = self._query.get(name)
        return None if value is None else int(self.valid_id(name, value) or 0)

    def valid_id(self, name: str, value: str) -> str | None:
        """Return an id that may come from the path or the query; None, with a complaint, if it is malformed."""
        if _ID.fullmatch(value):
            return value
        self.complain(name, f"The `{name}` query parameter value [{value}] does not match ^[0-9]{{1,19}}$", value)
        return None

    def valid_username(self, name: str, value: str) -> str | None:
        """Return a username that may come from the path or the query; None, with a complaint, if it is malformed."""
        if _USERNAME.fullmatch(value):
            return value
        self.complain(
            name, f"The `{name}` query parameter value [{value}] does not match ^[A-Za-z0-9_]{{1,15}}$", value
        )
        return None

    def valid_media_key(self, name: str, value: str) -> str | None:
        """Return a media key; None, with a complaint, if it is malformed."""
        if _MEDIA_KEY.fullmatch(value):
            return value
        self.complain(name, f"The `{name}` query parameter value [{value}] does not match ^([0-9]+)_([0-9]+)$", value)
        return None

    def listed(self, name: str) -> list[str]:
        """Return the items of a required list of 1 to 100 ids, media keys or usernames, repeated ones once."""
        value = self._query.get(name, "")
        if not value:
            self.complain(name, f"The `{name}` query parameter can not be empty")
            return []
        items = value.split(",")
        if len(items) > limits.MOST_IDS:
            self.complain(
                name,
                f"The number of values in the `{name}` query parameter list [{len(items)}] is not between 1 and 100",
            )
            return []
        check = {"usernames": self.valid_username, "media_keys": self.valid_media_key}.get(name, self.valid_id)
        return list(dict.fromkeys(item for item in items if check(name, item)))


def shape_parameters(*, of_posts: bool) -> tuple[str, ...]:
    """Return the names of the parameters that say what the answer holds."""
    names = ("expansions", "tweet.fields", "post.fields", "user.fields")
    return (*names, "media.fields", "poll.fields", "place.fields") if of_posts else names


def read_shape(reader: QueryReader, *, of_posts: bool, accepts: frozenset[str], default: str) -> Shape:
    """Read fields and expansions in whichever dialect the request speaks.

    `accepts`: dialects that the server understands; the parameter of any other is unknown to it.
    """
    dialect = _dialect_of(reader, accepts, default)
    expansions = reader.choices("expansions", dialect.post_expansions if of_posts else dialect.user_expansions)
    post_fields = reader.choices(dialect.fields_parameter, dialect.post_fields)
    user_fields = reader.choices("user.fields", USER_FIELDS)
    media_fields = reader.choices("media.fields", MEDIA_FIELDS) if of_posts else ()
    if of_posts:
        reader.choices("poll.fields", POLL_FIELDS)
        reader.choices("place.fields", PLACE_FIELDS)
    old_expansions = frozenset(OLD_NAMES.get(name, name) for name in expansions)
    old_fields = frozenset(OLD_NAMES.get(name, name) for name in post_fields)
    return Shape(
        dialect=dialect,
        post_fields=old_fields | _implied_fields(old_expansions) | {"id", "text", "edit_history_tweet_ids"},
        user_fields=frozenset(user_fields) | {"id", "name", "username"} | _implied_user_fields(old_expansions),
        media_fields=frozenset(media_fields) | {"media_key", "type"},
        expansions=old_expansions,
    )


def _dialect_of(reader: QueryReader, accepts: frozenset[str], default: str) -> Dialect:
    for dialect in DIALECTS.values():
        if reader.text(dialect.fields_parameter) is not None and dialect.name not in accepts:
            known = [known.fields_parameter for known in DIALECTS.values() if known.name in accepts]
            parameter = dialect.fields_parameter
            reader.complain(
                parameter, f"The query parameter [{parameter}] is not one of [expansions,{','.join(known)},user.fields]"
            )
    if reader.text("tweet.fields") is not None and reader.text("post.fields") is not None and len(accepts) > 1:
        reader.complain("post.fields", "The query parameters [tweet.fields] and [post.fields] can not be used together")
    if len(accepts) == 1:
        return DIALECTS[next(iter(accepts))]
    return _spoken(reader) or DIALECTS[default]


def _spoken(reader: QueryReader) -> Dialect | None:
    for dialect in (POST, TWEET):
        if reader.text(dialect.fields_parameter) is not None:
            return dialect
    wanted = set((reader.text("expansions") or "").split(","))
    for dialect, other in ((POST, TWEET), (TWEET, POST)):
        own = {*dialect.post_expansions, *dialect.user_expansions} - {*other.post_expansions, *other.user_expansions}
        if wanted & own:
            return dialect
    return None


def _implied_fields(expansions: frozenset[str]) -> frozenset[str]:
    implied = {
        "author_id": "author_id",
        "username": "author_id",
        "in_reply_to_user_id": "in_reply_to_user_id",
        "referenced_tweets.id": "referenced_tweets",
        "referenced_tweets.id.author_id": "referenced_tweets",
        "referenced_tweets.id.attachments.media_keys": "referenced_tweets",
        "attachments.media_keys": "attachments",
        "entities.mentions.username": "entities",
        "entities.note.mentions.username": "note_tweet",
    }
    return frozenset(implied[name] for name in expansions if name in implied)


def _implied_user_fields(expansions: frozenset[str]) -> frozenset[str]:
    return expansions & {"most_recent_tweet_id", "pinned_tweet_id"}
