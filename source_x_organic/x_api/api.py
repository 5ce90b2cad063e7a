"""X API v2 as this connector uses it: five operations, each a method that returns X's parsed answer."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from source_x_organic.transport.client import ApiClient, Endpoint
from source_x_organic.transport.errors import InvalidRequest
from source_x_organic.usage.budget import Portion
from source_x_organic.usage.ledger import NOBODY
from source_x_organic.usage.resources import resources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from source_x_organic.transport.client import Meter
    from source_x_organic.usage.ledger import Ledger
    from source_x_organic.x_api.vocabulary import Vocabulary, Wording

ME = Endpoint("users/me", "/2/users/me")
USERS = Endpoint("users", "/2/users")
USERS_BY = Endpoint("users/by", "/2/users/by")
TIMELINE = Endpoint("users/:id/tweets", "/2/users/{}/tweets")
POSTS = Endpoint("tweets", "/2/tweets")

LARGEST_LOOKUP = 100
"""Ids or user names in one look-up."""

TIMELINE_CEILING = 3200
"""Posts that a timeline reaches back, whatever the window."""

PRIVATE_DAYS = 30
"""Age in days up to which X shows private counters, to the post's author only."""

Answer = dict[str, Any]


class XApi:
    """The operations, with one set of credentials and the vocabulary that all of them share."""

    def __init__(self, client: ApiClient, vocabulary: Vocabulary, ledger: Ledger) -> None:
        """`client` sends; `vocabulary` knows which names X takes; `ledger` counts what X bills."""
        self.client = client
        self._vocabulary = vocabulary
        self._ledger = ledger
        self._lock = Lock()
        self._owner: Answer | None = None

    def me(self) -> Answer:
        """Return the user whom the credentials belong to: `{"data": user}`, asked for once. Not for bearer tokens."""
        with self._lock:
            if self._owner is None:
                self._owner = self._owner_answer()
            return self._owner

    def _owner_answer(self) -> Answer:
        answer = self._get(ME, lambda wording: wording.user_parameters(), what="the account behind the credentials")
        for user in _users_in(answer):
            self._ledger.assign(ME.name, str(user.get("id", NOBODY)))
        return self._counted(ME, answer)

    def users_by_username(self, usernames: Iterable[str]) -> Answer:
        """Return up to 100 users by name: `{"data": [user], "errors": [problem]}`, either key may be missing."""
        joined = ",".join(usernames)
        answer = self._get(
            USERS_BY, lambda wording: {"usernames": joined, **wording.user_parameters()}, what=f"the accounts {joined}"
        )
        return self._counted(USERS_BY, answer)

    def users_by_id(self, ids: Iterable[str]) -> Answer:
        """Return up to 100 users by id, as `users_by_username` does."""
        joined = ",".join(ids)
        answer = self._get(
            USERS, lambda wording: {"ids": joined, **wording.user_parameters()}, what=f"the accounts {joined}"
        )
        return self._counted(USERS, answer)

    def timeline(  # noqa: PLR0913 - what a page consists of
        self,
        user_id: str,
        *,
        start: datetime | None,
        end: datetime | None,
        token: str | None,
        private: bool,
        what: str,
        counters_alone: bool = False,
        portion: Portion | None = None,
    ) -> Answer:
        """Return one page of a user's posts, newest first: `{"data": [post], "includes": …, "errors": …, "meta": …}`.

        `start` and `end` bound `created_at` in whole seconds (None: open). With `private` the page holds the author's
        own posts of the last 30 days with the counters that only the author may see, and no retweets, which have none.
        `counters_alone`: whether this is the only pass over these posts; of anybody's posts, then, the page holds
        public counters and nothing else, retweets left out. `portion` says how large the page may be, and is charged
        with it.

        Raises:
            CeilingReached: no such page may be asked for any more.
        """
        charged = portion or Portion()

        def parameters(wording: Wording) -> dict[str, str]:
            if not private and not counters_alone:
                window = _window(start, end, token, charged.page_size(wording.posts_per_post))
                return {**window, **wording.public_parameters(with_originals=charged.with_originals)}
            asked = wording.private_parameters() if private else wording.counter_parameters()
            return {**_window(start, end, token, charged.counters_page_size()), **asked, "exclude": "retweets"}

        answer = self._get(TIMELINE, parameters, user_id, what=what, account=user_id, meter=charged)
        bought = resources_of(answer, of_posts=True)
        charged.arrived(bought.posts)
        if private and not counters_alone:
            # Of the very posts that the public pass brings.
            bought = bought._replace(repeated=bought.posts)
        self._ledger.add(TIMELINE.name, user_id, bought)
        return answer

    def posts_by_id(self, ids: Sequence[str], *, what: str, account_id: str, portion: Portion | None = None) -> Answer:
        """Return up to 100 posts by id, with X's default fields: `{"data": [post], "errors": [problem]}`.

        Either key may be missing. Dearer than the timeline: the only question for posts that this is good for is
        whether they are there. `portion` is charged with them.

        Raises:
            CeilingReached: so many may not be asked for any more.
        """
        charged = portion or Portion()
        charged.look_up(len(ids))
        answer = self.client.get(POSTS, {"ids": ",".join(ids)}, what=what, account=account_id, meter=charged)
        bought = resources_of(answer, of_posts=True)
        charged.arrived(bought.posts)
        self._ledger.add(POSTS.name, account_id, bought)
        return answer

    def _counted(self, endpoint: Endpoint, answer: Answer) -> Answer:
        """Count the users of a look-up, each for its own account, and return the answer."""
        for user in _users_in(answer):
            account = str(user.get("id", NOBODY))
            self._ledger.add(endpoint.name, account, resources_of({"data": user}, of_posts=False))
            if username := user.get("username"):
                self._ledger.name(account, str(username))
        if "includes" in answer:
            self._ledger.add(endpoint.name, NOBODY, resources_of({**answer, "data": None}, of_posts=False))
        return answer

    def _get(
        self,
        endpoint: Endpoint,
        parameters: Callable[[Wording], Mapping[str, str]],
        *path: str,
        what: str,
        account: str = NOBODY,
        meter: Meter | None = None,
    ) -> Answer:
        while True:
            wording = self._vocabulary.wording
            try:
                return self.client.get(endpoint, parameters(wording), *path, what=what, account=account, meter=meter)
            except InvalidRequest as refusal:
                if not self._vocabulary.adapt(wording, refusal.problem):
                    raise


def _users_in(answer: Answer) -> list[dict[str, Any]]:
    data = answer.get("data") or []
    return data if isinstance(data, list) else [data]


def _window(start: datetime | None, end: datetime | None, token: str | None, size: int) -> dict[str, str]:
    window = {"max_results": str(size)}
    if start is not None:
        window["start_time"] = start.strftime("%Y-%m-%dT%H:%M:%SZ")
    if end is not None:
        window["end_time"] = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    if token is not None:
        window["pagination_token"] = token
    return window
