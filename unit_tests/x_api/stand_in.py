"""A stand-in for operations of the X API: one user's posts, kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from source_x_organic.usage.budget import Portion
from source_x_organic.x_api.api import PRIVATE_DAYS, Answer, XApi
from source_x_organic.x_api.directory import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """A post: X writes its instant in whole seconds."""

    id: str
    at: datetime
    is_retweet: bool = False

    def public(self) -> dict[str, Any]:
        kind = {"referenced_tweets": [{"type": "retweeted", "id": "1"}]} if self.is_retweet else {}
        return {"id": self.id, "created_at": _text(self.at), **kind}

    def private(self) -> dict[str, Any]:
        return {"id": self.id, "created_at": _text(self.at), "organic_metrics": {"like_count": int(self.id)}}


@dataclass(frozen=True)
class Asked:
    """One request for a page; `at` is its token, None for the first page."""

    start: datetime | None
    end: datetime | None
    at: str | None
    private: bool


class StandIn(XApi):
    """Answers from `posts`, in pages of `page_size` (public) and `private_page_size`, the newest first.

    `alter` may change an answer before it is given.
    """

    def __init__(
        self,
        posts: Iterable[Made] = (),
        *,
        page_size: int = 100,
        private_page_size: int = 100,
        alter: Callable[[Asked, Answer], Answer] = lambda _, answer: answer,
    ) -> None:
        # Nothing is sent, so neither a client nor a vocabulary is needed.
        self.posts = sorted(posts, key=lambda post: (post.at, int(post.id)), reverse=True)
        self.page_size = page_size
        self.private_page_size = private_page_size
        self.alter = alter
        self.now = NOW
        self.asked: list[Asked] = []
        self.billed = 0
        self.looked_up: list[list[str]] = []
        self.known: dict[str, str] = {}
        """What X says of posts that are looked up: their error's type, or nothing where they are there."""

    def posts_by_id(self, ids: Sequence[str], *, what: str, account_id: str, portion: Portion | None = None) -> Answer:
        (portion or Portion()).look_up(len(ids))
        assert account_id == "7"
        assert what
        self.looked_up.append(list(ids))
        errors = [
            {"resource_id": each, "title": kind, "type": f"https://api.x.com/2/problems/{kind}"}
            for each in self.looked_up[-1]
            if (kind := self.known.get(each, "resource-not-found"))
        ]
        data = [{"id": each} for each in self.looked_up[-1] if not self.known.get(each, "resource-not-found")]
        return {**({"data": data} if data else {}), **({"errors": errors} if errors else {})}

    def timeline(  # noqa: PLR0913 - as the original
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
        assert user_id == "7"
        assert what
        charged = portion or Portion()
        is_whole = not private and not counters_alone
        # The post that a retweet is of comes along.
        most = charged.page_size(2) if is_whole else charged.counters_page_size()
        charged.sending()
        asked = Asked(start, end, token, private)
        self.asked.append(asked)
        # X takes whole seconds, the first one included and the last one not.
        first = start.replace(microsecond=0) if start else datetime.min.replace(tzinfo=UTC)
        last = end.replace(microsecond=0) if end else datetime.max.replace(tzinfo=UTC)
        if private:
            first = max(first, self.now - timedelta(days=PRIVATE_DAYS))
        found = [
            post
            for post in self.posts
            if first <= post.at < last and not ((private or counters_alone) and post.is_retweet)
        ]
        at, size = int(token or 0), min(most, self.private_page_size if private else self.page_size)
        page = found[at : at + size]
        meta = {"result_count": len(page), **({"next_token": str(at + size)} if at + size < len(found) else {})}
        data = [post.private() if private else post.public() for post in page]
        billed = len(data) + sum(post.is_retweet for post in page if is_whole and charged.with_originals)
        charged.arrived(billed)
        self.billed += billed
        return self.alter(asked, {**({"data": data} if data else {}), "meta": meta})


def account(api: XApi, *, is_own: bool = True, tweet_count: int = 0) -> Account:
    user = {"id": "7", "username": "brand", "name": "Brand", "public_metrics": {"tweet_count": tweet_count}}
    return Account(id="7", username="brand", user=user, api=api, is_own=is_own)


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")
