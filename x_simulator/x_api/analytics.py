"""GET /2/tweets/analytics and /2/media/analytics: what the owner's posts and videos earned, in buckets of UTC time.

The figures are those of the Engagement API under this API's names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from x_simulator import activity, snowflakes
from x_simulator.accounts import Account, AccountKind
from x_simulator.posts import Post, media_keys
from x_simulator.world import World
from x_simulator.x_api import errors
from x_simulator.x_api.parameters import QueryReader
from x_simulator.x_api.responses import Answer

Body = dict[str, Any]
SHAPES = ("timestamped", "flat")
POST_METRICS: tuple[str, ...] = (
    "app_install_attempts", "app_opens", "bookmarks", "detail_expands", "email_tweet", "engagements", "follows",
    "hashtag_clicks", "impressions", "likes", "media_views", "permalink_clicks", "quote_tweets", "replies", "retweets",
    "shares", "unfollows", "unlikes", "url_clicks", "user_profile_clicks",
)  # fmt: skip
MEDIA_METRICS: tuple[str, ...] = (
    "cta_url_clicks", "cta_watch_clicks", "play_from_tap", "playback25", "playback50", "playback75",
    "playback_complete", "playback_start", "video_views", "watch_time_ms",
)  # fmt: skip
# This API's names of what `activity` calls otherwise.
_NAMES = {"likes": "favorites", "follows": "user_follows", "playback_start": "video_views"}
_DAYS = {"daily": 1, "weekly": 7}
_MOST_PHOTOS = 4
_GONE = frozenset({AccountKind.SUSPENDED, AccountKind.DELETED})


@dataclass(frozen=True, slots=True)
class Kind:
    """What one of the two endpoints is about. `key`: of an object's identifier, in answers and among the fields."""

    key: str
    resource: str
    parameter: str
    fields_parameter: str
    metrics: tuple[str, ...]
    granularities: tuple[str, ...]
    default_granularity: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the query's parameters."""
        return (self.parameter, "start_time", "end_time", "granularity", self.fields_parameter)


POSTS = Kind("id", "tweet", "ids", "analytics.fields", POST_METRICS, ("hourly", "daily", "weekly", "total"), "total")
MEDIA = Kind(
    "media_key",
    "media",
    "media_keys",
    "media_analytics.fields",
    MEDIA_METRICS,
    ("hourly", "daily", "total"),
    "daily",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A request that X takes; `end` is exclusive."""

    kind: Kind
    identifiers: tuple[str, ...]
    start: datetime
    end: datetime
    granularity: str
    metrics: tuple[str, ...]


class _Buckets(NamedTuple):
    """`starts`: what they are called; `reached_ms`: where they begin and the last one ends, nothing after now."""

    starts: list[str]
    reached_ms: list[int]


@dataclass(slots=True)
class Analyst:
    """Answers questions for one user.

    `shape`: of totals; `problems`: the address that types of problems begin with; `odd_every`: one in so many values of
    videos is a string, or null in place of zero, as the newer description of the API has it for buckets (0: none is).
    """

    world: World
    account: Account
    now_ms: int
    shape: str
    problems: str
    odd_every: int
    _errors: list[Body] = field(default_factory=list)

    def answer(self, question: Question) -> Answer:
        """Return the whole answer: others' posts and unknown ones get errors beside the data."""
        find = self._post_of_media if question.kind is MEDIA else self._post
        found = [(each, self._own(question.kind, each, find)) for each in question.identifiers]
        buckets = self._buckets(question)
        data = [self._object(question, each, post, buckets) for each, post in found if post is not None]
        body: Body = {"data": data} if data else {}
        return Answer(body | {"errors": self._errors} if self._errors else body)

    def _own(self, kind: Kind, identifier: str, find: Callable[[str], Post | None]) -> Post | None:
        post = find(identifier)
        if post is None or post.account.kind in _GONE:
            self._errors.append(errors.not_found(self.problems, kind.resource, kind.parameter, identifier))
            return None
        if post.account is not self.account:
            problem = errors.not_authorized(self.problems, kind.resource, kind.parameter, identifier, "data")
            self._errors.append(problem)
            return None
        return post

    def _post(self, identifier: str) -> Post | None:
        return self.world.find_post(int(identifier), self.now_ms)

    def _post_of_media(self, key: str) -> Post | None:
        return post_of_media(self.world, key, self.now_ms)

    def _buckets(self, question: Question) -> _Buckets:
        edges = _edges(question)
        starts = [f"{_whole(question, edge):%Y-%m-%dT%H:%M:%SZ}" for edge in edges[:-1]]
        return _Buckets(starts, [min(int(edge.timestamp() * 1000), self.now_ms) for edge in edges])

    def _object(self, question: Question, identifier: str, post: Post, buckets: _Buckets) -> Body:
        columns = _columns(question.kind, identifier, post, buckets.reached_ms, question.metrics)
        is_flat = question.granularity == "total" and self.shape == "flat"
        if question.kind is MEDIA and self.odd_every and not is_flat:
            seen = range(post.id % self.odd_every, 1 << 62, len(buckets.starts))
            columns = {
                name: _odd(column, offset, self.odd_every)
                for offset, (name, column) in zip(seen, columns.items(), strict=False)
            }
        rows: list[Body] = [
            {"timestamp": start, "metrics": {name: column[place] for name, column in columns.items()}}
            for place, start in enumerate(buckets.starts)
        ]
        if is_flat:
            return {question.kind.key: identifier, "timestamp": rows[0]["timestamp"], **rows[0]["metrics"]}
        return {question.kind.key: identifier, "timestamped_metrics": rows}


def read(reader: QueryReader, kind: Kind) -> Question:
    """Read the query of a request.

    Raises:
        InvalidRequest: with everything that is wrong with it.
    """
    identifiers = tuple(reader.listed(kind.parameter))
    start, end = _required_instant(reader, "start_time"), _required_instant(reader, "end_time")
    if start and end and start >= end:
        reader.complain("start_time", "The `start_time` must be before the `end_time`")
    granularity = reader.choice("granularity", kind.granularities, kind.default_granularity)
    wanted = reader.choices(
        kind.fields_parameter, sorted((kind.key, "timestamp", "timestamped_metrics", *kind.metrics))
    )
    reader.finish()
    metrics = tuple(name for name in kind.metrics if name in wanted)
    if not wanted or (not metrics and "timestamped_metrics" in wanted):
        metrics = kind.metrics
    return Question(kind, identifiers, cast("datetime", start), cast("datetime", end), granularity, metrics)


def analytics_metrics(world: World, post_id: str | int, start: datetime, end: datetime) -> dict[str, int]:
    """Return the truth about a post: what it earned in [start, end) under each of the 20 metrics of posts.

    Raises:
        KeyError: there never is such a post.
    """
    return _renamed(activity.earned(world, post_id, start, end, _own_names(POST_METRICS)), POST_METRICS)


def media_analytics_metrics(world: World, media_key: str, start: datetime, end: datetime) -> dict[str, int]:
    """Return the truth about a video: what it earned in [start, end) under each of the ten metrics; a photo's are 0.

    Raises:
        KeyError: there never is such a photo or video.
    """
    known_ms = max(int(end.timestamp() * 1000), snowflakes.created_ms_of(_number(media_key)))
    post = post_of_media(world, media_key, known_ms, even_deleted=True)
    if post is None:
        raise KeyError(f"there is no media {media_key}")
    if _is_photo(media_key):
        return dict.fromkeys(MEDIA_METRICS, 0)
    return _renamed(activity.earned(world, post.id, start, end, _own_names(MEDIA_METRICS)), MEDIA_METRICS)


def post_of_media(world: World, key: str, now_ms: int, *, even_deleted: bool = False) -> Post | None:
    """Return the post that a photo or a video was posted with; photos are numbered from the post's id."""
    number = _number(key)
    for candidate in range(number, number - _MOST_PHOTOS, -1):
        post = world.find_post(candidate, now_ms, even_deleted=even_deleted)
        if post is not None and key in media_keys(post):
            return post
    return None


def _required_instant(reader: QueryReader, name: str) -> datetime | None:
    if reader.text(name) is None:
        reader.complain(name, f"The `{name}` query parameter can not be empty")
    return reader.instant(name)


def _edges(question: Question) -> list[datetime]:
    """Return where the buckets begin, and the end: whole UTC hours or days, cut short at both ends."""
    start, end = question.start, question.end
    if question.granularity == "total":
        return [start, end]
    step = timedelta(hours=1) if question.granularity == "hourly" else timedelta(days=_DAYS[question.granularity])
    edges, edge = [start], _whole(question, start) + step
    while edge < end:
        edges.append(edge)
        edge += step
    return [*edges, end]


def _whole(question: Question, instant: datetime) -> datetime:
    """Return the beginning of the UTC hour or day; weeks are counted from the day of the start."""
    if question.granularity == "total":
        return instant
    hour = instant.hour if question.granularity == "hourly" else 0
    return instant.replace(hour=hour, minute=0, second=0, microsecond=0)


def _columns(
    kind: Kind, identifier: str, post: Post, reached_ms: list[int], metrics: tuple[str, ...]
) -> dict[str, list[int | str | None]]:
    """Return the metrics by name, a value for each bucket; a photo, which nobody can play, has no values."""
    if kind is MEDIA and _is_photo(identifier):
        return {name: [None] * (len(reached_ms) - 1) for name in metrics}
    gains = activity.gains(post, reached_ms, _own_names(metrics))
    return _renamed(gains, metrics)


def _odd(column: list[int | str | None], offset: int, every: int) -> list[int | str | None]:
    return [
        value if (offset + place) % every else (str(value) if value else None) for place, value in enumerate(column)
    ]


def _number(media_key: str) -> int:
    return int(media_key.partition("_")[2])


def _is_photo(media_key: str) -> bool:
    return media_key.startswith("3_")


def _own_names(metrics: Iterable[str]) -> tuple[str, ...]:
    return tuple(_NAMES.get(name, name) for name in metrics)


def _renamed(values: dict[str, Any], metrics: Iterable[str]) -> dict[str, Any]:
    return {name: values[_NAMES.get(name, name)] for name in metrics}
