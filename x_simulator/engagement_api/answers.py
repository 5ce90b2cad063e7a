"""The answer to a question: whose tweets may be told about, what is left out, and the figures of the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from x_simulator.accounts import Account, AccountKind, PostKind
from x_simulator.activity import gains
from x_simulator.engagement_api import errors
from x_simulator.engagement_api.endpoints import DAY, HOUR
from x_simulator.engagement_api.errors import EngagementRefusal
from x_simulator.engagement_api.groupings import Counts, Figures, nested
from x_simulator.engagement_api.metrics import IMPRESSIONS_ENGAGEMENTS
from x_simulator.engagement_api.questions import Question
from x_simulator.engagement_api.windows import DAY_MS, HOUR_MS, Window, edges, labels, wire_time
from x_simulator.posts import Post
from x_simulator.world import World

Body = dict[str, Any]
IMPRESSIONS_DAYS = 90
VIDEO_VIEWS_DAYS = 1_800
_HIDDEN = frozenset({AccountKind.PROTECTED, AccountKind.SUSPENDED, AccountKind.DELETED})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is made to be wrong, whatever the world says.

    `forbidden`, `unavailable`: tweets. `unsupported_type`, `forbidden_type`: an engagement type. `refuses_old`: whether
    a request is refused for types that X does not have of some of its tweets, instead of answered without them.
    """

    forbidden: frozenset[str] = frozenset()
    unavailable: frozenset[str] = frozenset()
    unsupported_type: str | None = None
    forbidden_type: str | None = None
    refuses_old: bool = False


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when. `account`: None for an app alone, which may ask about everybody's tweets."""

    account: Account | None
    now_ms: int


def answered(world: World, question: Question, asker: Asker, trouble: Trouble, *, odd_every: int) -> Body:
    """Return the body that answers a question; nothing later than the asker's now is counted.

    Raises:
        EngagementRefusal: 403, some tweets belong to somebody else; 400, none of them is available; or what is made
            to be wrong.
    """
    if trouble.unsupported_type in question.types:
        raise EngagementRefusal(400, errors.unsupported("engagement types", [str(trouble.unsupported_type)]))
    if trouble.forbidden_type in question.types:
        raise errors.forbidden_metrics([str(trouble.forbidden_type)])
    found = {each: world.find_post(int(each), asker.now_ms) for each in question.tweet_ids}
    shown = {each: post for each, post in found.items() if post and not _is_hidden(post, each, trouble)}
    foreign = [each for each, post in shown.items() if _is_foreign(post, asker) or each in trouble.forbidden]
    if foreign:
        raise errors.forbidden_tweets(foreign)
    unavailable = [each for each in question.tweet_ids if each not in shown]
    if not shown:
        raise errors.unavailable(unavailable)
    body: Body = {} if question.window is None else dict(question.window.body)
    sentences = [errors.unavailable_sentence(unavailable)] if unavailable else []
    if unavailable:
        body["unavailable_tweet_ids"] = unavailable
    unsupported = _Unsupported(question, shown, asker.now_ms)
    if trouble.refuses_old and unsupported.sentences:
        raise EngagementRefusal(400, *unsupported.sentences, **unsupported.lists)
    body |= unsupported.lists
    body |= _groups(question, shown, unsupported, asker.now_ms, odd_every)
    sentences += unsupported.sentences
    return body | {"errors": sentences} if sentences else body


def _is_hidden(post: Post, identifier: str, trouble: Trouble) -> bool:
    return post.account.kind in _HIDDEN or identifier in trouble.unavailable


def _is_foreign(post: Post, asker: Asker) -> bool:
    """Tell whether a tweet is somebody else's; a retweet is a view of the tweet of the author whom it repeats."""
    if asker.account is None:
        return False
    is_repeat = post.kind is PostKind.RETWEET and post.reference is not None
    owner = post.reference.user_id if is_repeat and post.reference else post.account.id
    return owner != asker.account.id


class _Unsupported:
    """Which of the metrics asked for X does not have of older tweets; they stand at zero under every grouping."""

    def __init__(self, question: Question, shown: dict[str, Post], now_ms: int) -> None:
        self._types = question.types
        self._silent: dict[str, set[str]] = {}
        self.lists: dict[str, list[str]] = {}
        self.sentences: list[str] = []
        if question.window is None:
            old = self._older(shown, IMPRESSIONS_ENGAGEMENTS, now_ms - IMPRESSIONS_DAYS * DAY_MS)
            if old:
                self.lists["unsupported_for_impressions_engagements_tweet_ids"] = old
                limit = wire_time(now_ms - IMPRESSIONS_DAYS * DAY_MS)
                self.sentences.append(
                    f"Impressions & engagements for tweets older than {IMPRESSIONS_DAYS} days ({limit}) "
                    "are not supported"
                )
        old = self._older(shown, ("video_views",), now_ms - VIDEO_VIEWS_DAYS * DAY_MS)
        if old:
            self.lists["unsupported_for_video_views_tweet_ids"] = old

    def types_of(self, identifier: str) -> set[str]:
        """Return the types that X does not have of a tweet."""
        return self._silent.get(identifier, set())

    def _older(self, shown: dict[str, Post], types: Iterable[str], limit_ms: int) -> list[str]:
        asked = set(self._types).intersection(types)
        old = [each for each, post in shown.items() if post.created_ms < limit_ms] if asked else []
        for each in old:
            self._silent.setdefault(each, set()).update(asked)
        return old


def _groups(question: Question, shown: dict[str, Post], unsupported: _Unsupported, now_ms: int, odd_every: int) -> Body:
    """Return the groupings' parts; which of the counts are bare numbers depends on the tweets asked for."""
    counts = Counts(odd_every, sum(map(int, shown)) % odd_every if odd_every else 0)
    figures: dict[int, Figures] = {}
    groups = {}
    for name, group_by in question.groupings.items():
        step_ms = HOUR_MS if HOUR in group_by else DAY_MS if DAY in group_by else 0
        if step_ms not in figures:
            figures[step_ms] = _figures(question, shown, unsupported, now_ms, step_ms)
        groups[name] = nested(figures[step_ms], group_by, counts)
    return groups


def _figures(
    question: Question, shown: dict[str, Post], unsupported: _Unsupported, now_ms: int, step_ms: int
) -> Figures:
    window = question.window or Window(0, now_ms)
    bounds = edges(window, step_ms) if step_ms else list(window)
    reached = [min(bound, now_ms) for bound in bounds]
    nothing = [0] * (len(bounds) - 1)
    columns = {}
    for identifier, post in shown.items():
        silent = unsupported.types_of(identifier)
        for name, column in gains(post, reached, question.types).items():
            columns[identifier, name] = nothing if name in silent else column
    return Figures(tuple(shown), question.types, labels(bounds[:-1]), columns)
