"""Answers made from the world: `data`, `includes`, `errors`, `meta`, and what X would bill for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from x_simulator.accounts import Account, AccountKind
from x_simulator.posts import Post, media_keys
from x_simulator.x_api import errors, limits
from x_simulator.x_api.fields import MEDIA_FIELDS, POST_FIELDS, USER_FIELDS, Viewer, may_read_posts
from x_simulator.x_api.parameters import Shape

Body = dict[str, Any]
# One metric of each private object stands for it in X's refusals.
_REFUSED_METRIC = {
    "organic_metrics": "organic_metrics.like_count",
    "non_public_metrics": "non_public_metrics.impression_count",
    "promoted_metrics": "promoted_metrics.impression_count",
}


@dataclass(slots=True)
class Answer:
    """A successful answer before it is serialised; `posts` and `users` are what X bills."""

    body: Body
    posts: int = 0
    users: int = 0


@dataclass(slots=True)
class Renderer:
    """Turns posts and users into wire objects, and collects what the expansions and the refusals add."""

    viewer: Viewer
    shape: Shape
    errors: list[Body] = field(default_factory=list)
    _known_errors: set[tuple[str, str, str]] = field(default_factory=set)
    _posts: dict[int, Body] = field(default_factory=dict)
    _users: dict[int, Body] = field(default_factory=dict)
    _media: dict[str, Body] = field(default_factory=dict)
    _post_getters: list[tuple[str, Any]] = field(default_factory=list)
    _user_getters: list[tuple[str, Any]] = field(default_factory=list)
    _media_getters: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        name = self.shape.dialect.wire_name
        self._post_getters = [(name(f), POST_FIELDS[f]) for f in POST_FIELDS if f in self.shape.post_fields]
        self._user_getters = [(name(f), USER_FIELDS[f]) for f in USER_FIELDS if f in self.shape.user_fields]
        self._media_getters = [(f, MEDIA_FIELDS[f]) for f in MEDIA_FIELDS if f in self.shape.media_fields]

    @property
    def problems(self) -> str:
        """The address that problem types begin with in this dialect."""
        return self.shape.dialect.problems

    def post(self, post: Post) -> Body:
        """Return a post's wire object with the fields asked for."""
        viewer = self.viewer
        return {name: value for name, get in self._post_getters if (value := get(post, viewer)) is not None}

    def user(self, account: Account) -> Body:
        """Return a user's wire object with the fields asked for."""
        viewer = self.viewer
        return {name: value for name, get in self._user_getters if (value := get(account, viewer)) is not None}

    def refuse(self, problem: Body) -> None:
        """Add a partial error, once."""
        key = (problem.get("parameter", ""), problem.get("value", ""), str(problem.get("field", problem["type"])))
        if key not in self._known_errors:
            self._known_errors.add(key)
            self.errors.append(problem)

    def readable(self, post: Post, parameter: str, section: str) -> bool:
        """Tell whether the viewer may see a post with every field asked for; note the errors if not."""
        value = str(post.id)
        account = post.account
        if account.kind is AccountKind.DELETED:
            self.refuse(errors.not_found(self.problems, "tweet", parameter, value))
            return False
        if not may_read_posts(account, self.viewer):
            self.refuse(errors.not_authorized(self.problems, "tweet", parameter, value, section))
            return False
        return self._has_private_metrics(post, parameter, section)

    def _has_private_metrics(self, post: Post, parameter: str, section: str) -> bool:
        private = self.shape.private_fields
        if not private:
            return True
        if not self.viewer.is_self(post.account) or not is_young(post, self.viewer.now_ms):
            for name in private:
                metric = _REFUSED_METRIC[name]
                self.refuse(errors.field_refused(self.problems, metric, parameter, str(post.id), section))
            return False
        return "promoted_metrics" not in private or self.viewer.counters(post).promoted is not None

    def missing_post(self, identifier: str, parameter: str) -> None:
        """Note that a post does not exist."""
        self.refuse(errors.not_found(self.problems, "tweet", parameter, identifier))

    def usable_user(self, account: Account | None, parameter: str, value: str) -> Account | None:
        """Return the account if X would show its profile; otherwise None, with the error noted."""
        if account is None or account.kind is AccountKind.DELETED:
            self.refuse(errors.not_found(self.problems, "user", parameter, value))
            return None
        if account.kind is AccountKind.SUSPENDED:
            self.refuse(errors.suspended(self.problems, parameter, value))
            return None
        return account

    # Expansions --------------------------------------------------------------------------------------------------

    def expand_posts(self, shown: Iterable[Post]) -> None:
        """Collect what the expansions of posts add."""
        wanted = self.shape.expansions
        if not wanted:
            return
        for post in shown:
            self._expand_people(post, wanted)
            if "attachments.media_keys" in wanted:
                self._add_media(post)
            if any(name.startswith("referenced_tweets") for name in wanted):
                self._expand_reference(post, wanted)
            if "edit_history_tweet_ids" in wanted:
                self._expand_history(post)

    def _expand_people(self, post: Post, wanted: frozenset[str]) -> None:
        if "author_id" in wanted or "username" in wanted:
            self._add_user(post.account, "author_id", str(post.account.id))
        reference = post.reference
        if "in_reply_to_user_id" in wanted and reference is not None and reference.relation == "replied_to":
            self._add_user_id(reference.user_id, "in_reply_to_user_id")
        if "entities.mentions.username" in wanted:
            mentioned = [mention["username"] for mention in post.content.entities.get("mentions", [])]
            if reference is not None and reference.relation != "quoted":
                mentioned.append(reference.username)
            for username in mentioned:
                account = self.viewer.world.find_user(username=username)
                self._add_user(account, "entities.mentions.username", username)

    def _expand_reference(self, post: Post, wanted: frozenset[str]) -> None:
        if post.reference is None:
            return
        parameter = "referenced_posts" if self.shape.dialect.name == "post" else "referenced_tweets.id"
        original = self.viewer.world.find_post(post.reference.post_id, self.viewer.now_ms)
        if original is None:
            self.missing_post(str(post.reference.post_id), parameter)
            return
        if original.id not in self._posts and not self.readable(original, parameter, "includes"):
            return
        self._add_post(original)
        if "referenced_tweets.id.author_id" in wanted:
            self._add_user(original.account, "referenced_tweets.id.author_id", str(original.account.id))
        if "referenced_tweets.id.attachments.media_keys" in wanted:
            self._add_media(original)

    def _expand_history(self, post: Post) -> None:
        for identifier in post.chain:
            version = self.viewer.world.find_post(identifier, self.viewer.now_ms)
            if version is not None and version.id != post.id:
                self._add_post(version)

    def expand_users(self, shown: Iterable[Account]) -> None:
        """Collect what the expansions of users add: the pinned and the newest post."""
        for account in shown:
            for name in ("pinned_tweet_id", "most_recent_tweet_id"):
                identifier = USER_FIELDS[name](account, self.viewer) if name in self.shape.expansions else None
                post = self.viewer.world.find_post(int(identifier), self.viewer.now_ms) if identifier else None
                if post is not None and self.readable(post, self.shape.dialect.wire_name(name), "includes"):
                    self._add_post(post)

    def _add_post(self, post: Post) -> None:
        if post.id not in self._posts:
            self._posts[post.id] = self.post(post)

    def _add_user_id(self, identifier: int, parameter: str) -> None:
        self._add_user(self.viewer.world.find_user(user_id=identifier), parameter, str(identifier))

    def _add_user(self, account: Account | None, parameter: str, value: str) -> None:
        if account is not None and account.id in self._users:
            return
        usable = self.usable_user(account, parameter, value)
        if usable is not None:
            self._users[usable.id] = self.user(usable)

    def _add_media(self, post: Post) -> None:
        viewer = self.viewer
        for key in media_keys(post):
            if key not in self._media:
                values = {name: get(key, post, viewer) for name, get in self._media_getters}
                self._media[key] = {name: value for name, value in values.items() if value is not None}

    # Putting together --------------------------------------------------------------------------------------------

    def answer(self, data: list[Body] | Body | None, *, of_posts: bool, meta: Body | None = None) -> Answer:
        """Return the whole answer; parts that are empty are left out."""
        body: Body = {}
        if data:
            body["data"] = data
        includes = self._includes()
        if includes:
            body["includes"] = includes
        if self.errors:
            body["errors"] = self.errors
        if meta is not None:
            body["meta"] = meta
        count = len(data) if isinstance(data, list) else int(bool(data))
        posts, users = (count, 0) if of_posts else (0, count)
        return Answer(body, posts + len(self._posts), users + len(self._users))

    def _includes(self) -> Body:
        parts = {
            "users": list(self._users.values()),
            self.shape.dialect.includes_key: list(self._posts.values()),
            "media": list(self._media.values()),
        }
        return {name: items for name, items in parts.items() if items}


def is_young(post: Post, now_ms: int) -> bool:
    """Tell whether X still has private metrics of a post."""
    return now_ms - post.created_ms <= limits.PRIVATE_METRICS_MS
