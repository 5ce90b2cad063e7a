"""The Ads accounts of a world: what a user writes of them, what the world keeps, and how they change."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from x_simulator.accounts import Account
from x_simulator.randomness import mixed_bits, seeded_key

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class PromotableUserType(StrEnum):
    """What an Ads account may do with a user: post in its name, or only promote what it posted."""

    FULL = "FULL"
    RETWEETS_ONLY = "RETWEETS_ONLY"


@dataclass(frozen=True, slots=True)
class AdsAccountSpec:
    """An Ads account to put into a world.

    `users`: usernames of the world that it may promote, each with its type; `admins`: usernames whose credentials
        have a role on the account (None: all owned accounts among `users`).
    `timezone`: IANA name; `id`: base 36 (None: follows from the name); `timezone_switch_at`: RFC 3339 (None: a local
        midnight at the account's beginning).
    `scheduled`, `drafts`: how many scheduled and draft tweets each user has.
    """

    name: str
    users: tuple[tuple[str, str], ...]
    timezone: str = "America/Los_Angeles"
    id: str | None = None
    admins: tuple[str, ...] | None = None
    business_name: str | None = None
    business_id: str | None = None
    industry_type: str | None = None
    timezone_switch_at: str | None = None
    approval_status: str = "ACCEPTED"
    deleted: bool = False
    scheduled: int = 5
    drafts: int = 3

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except ZoneInfoNotFoundError as error:
            raise ValueError(f"Ads account {self.name!r}: there is no time zone {self.timezone}") from error
        for _, kind in self.users:
            PromotableUserType(kind)
        if not self.name or self.scheduled < 0 or self.drafts < 0:
            raise ValueError(f"Ads account {self.name!r}: a name, and scheduled and drafts of 0 or more")


@dataclass(slots=True)
class PromotableUser:
    """A user that an Ads account may promote; times in milliseconds since the epoch."""

    id: str
    account: Account
    type: PromotableUserType
    created_ms: int
    updated_ms: int
    deleted: bool = False


@dataclass(slots=True, eq=False)
class AdsAccount:
    """An Ads account's state in one world; times in milliseconds since the epoch, `roles` in lower case."""

    spec: AdsAccountSpec
    id: str
    key: int
    name: str
    created_ms: int
    updated_ms: int
    deleted: bool
    roles: set[str]
    users: list[PromotableUser] = field(default_factory=list)

    @property
    def timezone(self) -> ZoneInfo:
        """The zone whose midnights bound the account's days."""
        return ZoneInfo(self.spec.timezone)

    @property
    def began(self) -> datetime:
        """When the account was made."""
        return datetime.fromtimestamp(self.created_ms / 1000, UTC)

    @property
    def full_user(self) -> PromotableUser | None:
        """The user that X takes where a request names none: the first FULL one that was not removed."""
        return next((user for user in self.users if user.type is PromotableUserType.FULL and not user.deleted), None)

    def user(self, user_id: int) -> PromotableUser | None:
        """Return the promotable user with this X user id; None if the account may not promote it."""
        return next((user for user in self.users if user.account.id == user_id and not user.deleted), None)


class AdsAccounts:
    """All Ads accounts of a world, and what can happen to them during a run (each change moves `updated_at`).

    `account_of`: finds an account of the world by username (KeyError: there is none); `now_ms`: the world's now.
    """

    def __init__(
        self,
        specs: Sequence[AdsAccountSpec],
        *,
        anchor: datetime,
        account_of: Callable[[str], Account],
        now_ms: Callable[[], int],
    ) -> None:
        self._account_of = account_of
        self._now_ms = now_ms
        self._by_id: dict[str, AdsAccount] = {}
        for spec in specs:
            account = self._placed(spec, anchor)
            if account.id in self._by_id:
                raise ValueError(f"two Ads accounts have the id {account.id}")
            self._by_id[account.id] = account

    # Finding -----------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[AdsAccount]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __getitem__(self, identifier: str) -> AdsAccount:
        return self._by_id[identifier]

    def find(self, identifier: str) -> AdsAccount | None:
        """Return the account with this id, deleted or not; None if there never was one."""
        return self._by_id.get(identifier)

    def named(self, name: str) -> AdsAccount:
        """Return the first account that has, or had at first, this name.

        Raises:
            KeyError: there is none.
        """
        for account in self:
            if name in {account.name, account.spec.name}:
                return account
        raise KeyError(name)

    def visible_to(self, username: str) -> list[AdsAccount]:
        """Return the accounts on which a user has a role, in the order of their ids."""
        return sorted((a for a in self if username.lower() in a.roles), key=lambda account: account.id)

    # Changing ----------------------------------------------------------------------------------------------------

    def rename(self, identifier: str, name: str) -> None:
        """Give an account another name."""
        self._by_id[identifier].name = name
        self._touch(identifier)

    def close(self, identifier: str) -> None:
        """Delete an account; X goes on showing it where deleted ones are asked for."""
        self._by_id[identifier].deleted = True
        self._touch(identifier)

    def add_role(self, identifier: str, username: str) -> None:
        """Let a user's credentials see an account."""
        self._by_id[identifier].roles.add(username.lower())

    def remove_role(self, identifier: str, username: str) -> None:
        """Take a user's role on an account away."""
        self._by_id[identifier].roles.discard(username.lower())

    def add_user(self, identifier: str, username: str, type: str = "RETWEETS_ONLY") -> str:  # noqa: A002 - X's word
        """Let an account promote a user, again or in another way; return the promotable user's id."""
        account, now_ms = self._by_id[identifier], self._now_ms()
        added = _promotable(account.id, self._account_of(username), PromotableUserType(type), now_ms)
        for user in account.users:
            if user.id == added.id:
                user.type, user.deleted, user.updated_ms = added.type, False, now_ms
                return user.id
        account.users.append(added)
        return added.id

    def remove_user(self, identifier: str, username: str) -> None:
        """Let an account promote a user no more; X keeps it as a deleted promotable user."""
        user_id = self._account_of(username).id
        for user in self._by_id[identifier].users:
            if user.account.id == user_id:
                user.deleted, user.updated_ms = True, self._now_ms()

    # Inside ------------------------------------------------------------------------------------------------------

    def _touch(self, identifier: str) -> None:
        account = self._by_id[identifier]
        account.updated_ms = max(self._now_ms(), account.updated_ms + 1_000)

    def _named_by(self, spec: AdsAccountSpec, username: str) -> Account:
        try:
            return self._account_of(username)
        except KeyError as error:
            raise ValueError(f"Ads account {spec.name!r}: the world has no account {username}") from error

    def _placed(self, spec: AdsAccountSpec, anchor: datetime) -> AdsAccount:
        key = seeded_key("ads-account", spec.name)
        created_ms = int((anchor - timedelta(days=500 + key % 1_500)).timestamp()) * 1000
        identifier = spec.id or ads_account_id_of(spec.name)
        people = [(self._named_by(spec, username), PromotableUserType(kind)) for username, kind in spec.users]
        roles = spec.admins
        if roles is None:
            roles = tuple(account.username for account, _ in people if account.spec.owned)
        return AdsAccount(
            spec=spec,
            id=identifier,
            key=key,
            name=spec.name,
            created_ms=created_ms,
            updated_ms=created_ms + mixed_bits(key, 1) % 400 * 86_400_000 + 3_723_000,
            deleted=spec.deleted,
            roles={username.lower() for username in roles},
            users=_placed_users(identifier, people, created_ms),
        )


def ads_account_id_of(name: str) -> str:
    """Return the id that an Ads account of this name has in every world."""
    return "18ce" + base36(seeded_key("ads-account", name))[-7:].rjust(7, "0")


def base36(number: int) -> str:
    """Return a number in the digits that ids of the Ads API have."""
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits


def switched_at(account: AdsAccount) -> str:
    """Return `timezone_switch_at`: as specified, or the local midnight after which the account was made."""
    if account.spec.timezone_switch_at is not None:
        return account.spec.timezone_switch_at
    local = datetime.fromtimestamp(account.created_ms / 1000, account.timezone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{midnight.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _placed_users(
    identifier: str, people: Iterable[tuple[Account, PromotableUserType]], created_ms: int
) -> list[PromotableUser]:
    return [
        _promotable(identifier, account, kind, created_ms + (place + 1) * 7_261_000)
        for place, (account, kind) in enumerate(people)
    ]


def _promotable(identifier: str, account: Account, kind: PromotableUserType, now_ms: int) -> PromotableUser:
    key = seeded_key("promotable-user", identifier, account.username.lower())
    return PromotableUser(base36(key)[-6:], account, kind, now_ms, now_ms)


def ads_account_from_json(raw: dict[str, Any]) -> AdsAccountSpec:
    """Return the specification that a JSON object describes; lists become tuples.

    Raises:
        ValueError: a property is unknown or wrong.
    """
    known = AdsAccountSpec.__dataclass_fields__
    unknown = set(raw) - set(known)
    if unknown or "name" not in raw or "users" not in raw:
        raise ValueError(
            f"an Ads account needs name and users and knows only {', '.join(sorted(known))}; not {sorted(unknown)}"
        )
    if any(not isinstance(pair, list) or len(pair) != 2 for pair in raw["users"]):  # noqa: PLR2004 - a pair
        raise ValueError(f"Ads account {raw['name']!r}: users is a list of pairs of username and type")
    users = tuple((str(username), str(kind)) for username, kind in raw["users"])
    admins = tuple(raw["admins"]) if raw.get("admins") is not None else None
    return AdsAccountSpec(**(raw | {"users": users, "admins": admins}))
