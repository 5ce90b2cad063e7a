"""The world behind the APIs: accounts and their posts, a pure function of seed, accounts and anchor, plus changes.

Ids are int inside the simulator and strings on the wire; the methods that tests use take and return strings.
"""

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from x_simulator import posts as generation
from x_simulator import slots, snowflakes
from x_simulator.accounts import Account, AccountKind, AccountSpec, PostKind, placed_account
from x_simulator.ads_accounts import AdsAccounts, AdsAccountSpec
from x_simulator.clock import Clock, SimulatedClock, milliseconds
from x_simulator.content import Content, contents_of, plain_content
from x_simulator.counters import Counters, counters_of
from x_simulator.outsiders import outsiders
from x_simulator.posts import Post, Reference
from x_simulator.randomness import mixed_bits

_DAY_MS = 86_400_000


class World:
    """Accounts and posts that are the same for the same (seed, accounts, anchor).

    `anchor`: an aware datetime, the instant at which each account has exactly `AccountSpec.posts` posts.
    `clock`: what "now" means for changes made without an instant; the simulator sets its own.
    `ads_accounts`: Ads accounts that may promote some of `accounts`; the world keeps them as `ads`.
    """

    def __init__(
        self,
        seed: int,
        accounts: Sequence[AccountSpec],
        anchor: datetime,
        *,
        clock: Clock | None = None,
        ads_accounts: Sequence[AdsAccountSpec] = (),
    ) -> None:
        self.seed = seed
        self.anchor = anchor
        self.clock: Clock = clock or SimulatedClock(anchor)
        self._anchor_ms = int(anchor.timestamp() * 1000)
        workers: set[int] = set()
        place = {"seed": seed, "anchor_ms": self._anchor_ms, "taken_workers": workers}
        self.outsiders = tuple(placed_account(spec, **place) for spec in outsiders(anchor))  # type: ignore[arg-type]
        self.accounts = tuple(placed_account(spec, **place) for spec in accounts)  # type: ignore[arg-type]
        everybody = (*self.outsiders, *self.accounts)
        self._by_name = {account.username.lower(): account for account in everybody}
        self._by_id = {account.id: account for account in everybody}
        self._by_worker = {account.worker: account for account in everybody}
        if not len(self._by_name) == len(self._by_id) == len(everybody):
            raise ValueError("two accounts of one world have the same username or the same user id")
        self._made: dict[int, Post] = {}
        self._chains: dict[int, tuple[int, ...]] = {}
        self._deleted: set[int] = set()
        for account in everybody:
            account.contents = self._contents(account)
        self.ads = AdsAccounts(
            ads_accounts, anchor=anchor, account_of=self.account, now_ms=lambda: milliseconds(self.clock)
        )

    # Finding -----------------------------------------------------------------------------------------------------

    def find_user(self, *, username: str | None = None, user_id: int | None = None) -> Account | None:
        """Return the account with this username (any case) or this id, of whatever kind; None if there is none."""
        return self._by_name.get(username.lower()) if username is not None else self._by_id.get(user_id or 0)

    def account(self, username: str) -> Account:
        """Return the account with this username, with or without @.

        Raises:
            KeyError: there is none.
        """
        return self._by_name[username.removeprefix("@").lower()]

    def find_post(self, identifier: int, now_ms: int, *, even_deleted: bool = False) -> Post | None:
        """Return a post by the id of any of its versions; None if it does not exist (yet, or any more).

        `even_deleted`: find it also after it was deleted by hand. Whether the author is protected or suspended is left
        to the caller.
        """
        made = self._made.get(identifier)
        post = made if made and made.created_ms <= now_ms else self._generated(identifier, now_ms)
        if post is None or (post.chain[0] in self._deleted and not even_deleted):
            return None
        chain = self._chains.get(post.chain[0])
        if chain is None:
            return post
        return post._replace(chain=tuple(version for version in chain if snowflakes.created_ms_of(version) <= now_ms))

    def newest_first(self, account: Account, low: int, high: int, now_ms: int) -> Iterator[Post]:
        """Yield the account's timeline, low <= id < high, newest first, each chain in its newest version."""
        generated_posts = (
            post
            for index in slots.indexes_newest_first(account, low, high, now_ms)
            if (post := generation.generated(account, index, now_ms, self.outsiders)) is not None
        )
        if account.is_untouched:
            return generated_posts
        kept = (post for post in generated_posts if self._is_on_timeline(post))
        extra = account.extras_newest_first(low, min(high, snowflakes.first_id_at(now_ms + 1)))
        return heapq.merge(kept, extra, key=lambda post: -post.id)

    def oldest_first(self, account: Account, low: int, high: int, now_ms: int) -> Iterator[Post]:
        """Yield the account's timeline, low <= id < high, oldest first (for pages that go backwards)."""
        first, last = slots.index_range(account, low, high, now_ms)
        generated_posts = (
            post
            for index in range(first, last)
            if not account.is_gone(index)
            and (post := generation.generated(account, index, now_ms, self.outsiders)) is not None
            and self._is_on_timeline(post)
        )
        extra = reversed(list(account.extras_newest_first(low, min(high, snowflakes.first_id_at(now_ms + 1)))))
        return heapq.merge(generated_posts, extra, key=lambda post: post.id)

    def count_posts(self, account: Account, now_ms: int) -> int:
        """Return how many posts are on the account's timeline at an instant."""
        generated_count = slots.visible_slots(account, now_ms)
        if account.is_untouched:
            return generated_count
        every = account.spec.deleted_every
        gone = generated_count // every if every else 0
        extra = sum(1 for identifier in account.extra_ids if snowflakes.created_ms_of(identifier) <= now_ms)
        return generated_count - gone - len(account.hidden) + extra

    def newest_ids(self, account: Account, most: int, now_ms: int) -> list[str]:
        """Return the ids of an account's newest posts, newest first."""
        newest = itertools.islice(self.newest_first(account, 0, slots.NO_BOUND, now_ms), most)
        return [str(post.id) for post in newest]

    def ceiling_id(self, account: Account, ceiling: int, now_ms: int) -> int:
        """Return the id of the `ceiling`-th newest post of a timeline; 0 if it has fewer."""
        count = slots.visible_slots(account, now_ms)
        if account.is_untouched:
            return generation.latest_id(account, count - ceiling, now_ms) if count > ceiling else 0
        question = (ceiling, count, account.revision)
        if account.ceiling_cache is None or account.ceiling_cache[0] != question:
            newest = self.newest_first(account, 0, slots.NO_BOUND, now_ms)
            found = next(itertools.islice(newest, ceiling - 1, None), None)
            account.ceiling_cache = (question, found.id if found else 0)
        return account.ceiling_cache[1]

    def counters_at(self, post: Post, instant_ms: int) -> Counters:
        """Return a post's counters at an instant; an edited post's older versions rest once they were replaced."""
        place = post.chain.index(post.id)
        if place + 1 < len(post.chain):
            instant_ms = min(instant_ms, snowflakes.created_ms_of(post.chain[place + 1]))
        original = None
        if post.kind is PostKind.RETWEET and post.reference is not None:
            repeated = self.find_post(post.reference.post_id, instant_ms)
            original = counters_of(repeated, instant_ms) if repeated else None
        return counters_of(post, instant_ms, original)

    def followers_at(self, account: Account, instant_ms: int) -> int:
        """Return how many followers an account has at an instant; it changes by the hour and wobbles by the day."""
        hours = (instant_ms - self._anchor_ms) // 3_600_000
        spec = account.spec
        wobble = mixed_bits(account.key, hours // 24) % (2 + int(spec.followers_per_day))
        return max(spec.followers + int(spec.followers_per_day * hours / 24) - wobble, 0)

    # Changing ----------------------------------------------------------------------------------------------------

    def suspend(self, username: str) -> None:
        """Let X suspend an account."""
        self.account(username).kind = AccountKind.SUSPENDED

    def protect(self, username: str) -> None:
        """Let the owner protect the account's posts."""
        self.account(username).kind = AccountKind.PROTECTED

    def delete_account(self, username: str) -> None:
        """Let the owner delete the account."""
        self.account(username).kind = AccountKind.DELETED

    def restore(self, username: str) -> None:
        """Make an account an active, public one again."""
        self.account(username).kind = AccountKind.ACTIVE

    def change_profile(self, username: str, *, name: str | None = None, description: str | None = None) -> None:
        """Let the owner give the account another display name or description; None leaves what there is."""
        account = self.account(username)
        spec = account.spec
        account.spec = replace(
            spec,
            name=spec.name if name is None else name,
            description=spec.description if description is None else description,
        )

    def delete_post(self, post_id: str | int) -> None:
        """Delete a post with its whole chain of versions.

        Raises:
            KeyError: there is no such post now.
        """
        post = self._existing(post_id)
        self._deleted.add(post.chain[0])
        self._take_off_timeline(post)

    def edit_post(self, post_id: str | int, text: str, *, at: datetime | None = None) -> str:
        """Add a version with a new text to a post and return the new version's id.

        Raises:
            KeyError: there is no such post now.
        """
        old = self._existing(post_id)
        created_ms = self._instant(at)
        new_id = self._free_id(old.account, created_ms)
        chain = (*self._chains.get(old.chain[0], old.chain), new_id)
        content = plain_content(text, old.content.lang)
        new = old._replace(id=new_id, created_ms=created_ms, content=content, text=text, note=None, chain=chain)
        self._take_off_timeline(old)
        self._chains[chain[0]] = chain
        self._made[new_id] = new
        old.account.add(new)
        return str(new_id)

    def add_post(
        self,
        username: str,
        text: str,
        *,
        at: datetime | None = None,
        lang: str = "en",
        reply_to: str | int | None = None,
        retweet_of: str | int | None = None,
    ) -> str:
        """Let an account post something and return the new post's id; `at` defaults to the clock's now.

        Raises:
            KeyError: there is no such account, or no such post to answer or to repeat.
        """
        account = self.account(username)
        created_ms = self._instant(at)
        new_id = self._free_id(account, created_ms)
        kind, reference = PostKind.ORIGINAL, None
        if reply_to is not None or retweet_of is not None:
            kind = PostKind.REPLY if reply_to is not None else PostKind.RETWEET
            target = self._existing(reply_to if reply_to is not None else retweet_of or 0)
            relation = "replied_to" if kind is PostKind.REPLY else "retweeted"
            reference = Reference(relation, target.id, target.account.id, target.account.username)
            text = generation.retweet_text(target.account.username, target.text) if retweet_of is not None else text
        bits = mixed_bits(account.key, new_id)
        content = plain_content(text, lang)
        post = Post(new_id, account, -1, created_ms, kind, bits, content, text, None, reference, (new_id,))
        self._made[new_id] = post
        account.add(post)
        return str(new_id)

    # What tests ask for ------------------------------------------------------------------------------------------

    def user_id(self, username: str) -> str:
        """Return an account's id as the API writes it."""
        return str(self.account(username).id)

    def post_ids(self, username: str, *, at: datetime | None = None) -> list[str]:
        """Return the ids on an account's whole timeline, newest first, without any ceiling."""
        return [str(post.id) for post in self.posts(username, at=at)]

    def posts(self, username: str, *, at: datetime | None = None) -> list[Post]:
        """Return an account's whole timeline, newest first, without any ceiling."""
        return list(self.newest_first(self.account(username), 0, slots.NO_BOUND, self._instant(at)))

    def post(self, post_id: str | int, *, at: datetime | None = None) -> Post:
        """Return one post as it is at an instant.

        Raises:
            KeyError: there is no such post then.
        """
        return self._existing(post_id, self._instant(at))

    def counters(self, post_id: str | int, instant: datetime) -> Counters:
        """Return the true counters of a post at an instant.

        Raises:
            KeyError: there is no such post then.
        """
        now_ms = int(instant.timestamp() * 1000)
        return self.counters_at(self._existing(post_id, now_ms), now_ms)

    def daily_counters(self, post_id: str | int, day: datetime) -> tuple[Counters, Counters]:
        """Return the true counters at the beginning and at the end of a UTC day; their difference is the day's gain."""
        start = day.replace(hour=0, minute=0, second=0, microsecond=0)
        end_ms = int((start + timedelta(days=1)).timestamp() * 1000)
        post = self._existing(post_id, end_ms)
        return self.counters_at(post, end_ms - _DAY_MS), self.counters_at(post, end_ms)

    # Inside ------------------------------------------------------------------------------------------------------

    def _contents(self, account: Account) -> tuple[Content, ...]:
        spec = account.spec
        others = tuple((other.username, other.id) for other in self.outsiders if other is not account)
        return contents_of(
            account.key, languages=spec.languages, topic=spec.topic, username=spec.username, others=others
        )

    def _is_on_timeline(self, post: Post) -> bool:
        return post.chain[0] not in post.account.hidden

    def _generated(self, identifier: int, now_ms: int) -> Post | None:
        account = self._by_worker.get(snowflakes.worker_of(identifier))
        place = slots.place_of(account, identifier, now_ms) if account else None
        if account is None or place is None:
            return None
        index, version = place
        post = generation.generated(account, index, now_ms, self.outsiders, version)
        return post if post is not None and post.id == identifier else None

    def _existing(self, post_id: str | int, now_ms: int | None = None) -> Post:
        post = self.find_post(int(post_id), milliseconds(self.clock) if now_ms is None else now_ms)
        if post is None:
            raise KeyError(f"there is no post {post_id}")
        return post

    def _take_off_timeline(self, post: Post) -> None:
        newest = self._chains.get(post.chain[0], post.chain)[-1]
        if newest in self._made:
            post.account.remove_extra(newest)
        else:
            post.account.hide(post.chain[0])

    def _free_id(self, account: Account, created_ms: int) -> int:
        for number in itertools.count():
            candidate = snowflakes.post_id(created_ms, account.worker, (number & 0x1FF) << 3 | generation.MADE_BY_HAND)
            if candidate not in self._made:
                return candidate
        raise AssertionError

    def _instant(self, at: datetime | None) -> int:
        return milliseconds(self.clock) if at is None else int(at.timestamp() * 1000)
