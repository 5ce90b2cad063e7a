"""Posts as a pure function of (account, index): nothing of a timeline is stored, whatever its length.

Post number `index` of an account lies somewhere in the first six tenths of its time slot; edited versions follow at
`edit_gap_ms` within the slot, so that the order of ids, of times and of indexes is the same.
"""

from typing import NamedTuple

import orjson

from x_simulator import snowflakes
from x_simulator.accounts import Account, PostKind
from x_simulator.content import LONGEST_TEXT, Content, Entities, shifted
from x_simulator.randomness import mixed_bits

EDIT_WINDOW_MS = 3_600_000
MOST_EDITS = 5
MADE_BY_HAND = 7
_LONGEST_EDIT_GAP_MS = 240_000
_RETWEET_LENGTH = 140
# Which of the outsiders a post refers to, by weight; the last two (protected, suspended) are never repeated.
_CHOICE = (*(0,) * 9, *(1,) * 5, 2, 3)
_LINKED = frozenset({PostKind.MEDIA, PostKind.VIDEO, PostKind.QUOTE})
_REFERRING = frozenset({PostKind.REPLY, PostKind.QUOTE, PostKind.RETWEET})


class Reference(NamedTuple):
    """The post that another post answers, quotes or repeats; `relation` is X's word for it."""

    relation: str
    post_id: int
    user_id: int
    username: str


class Post(NamedTuple):
    """One version of a post.

    `created_ms`: of this version; `chain`: ids of all versions up to now, oldest first; `note`: the full text of a
    long post; `slot`: its index, -1 for a post made by hand.
    """

    id: int
    account: Account
    slot: int
    created_ms: int
    kind: PostKind
    bits: int
    content: Content
    text: str
    note: str | None
    reference: Reference | None
    chain: tuple[int, ...]

    @property
    def first_created_ms(self) -> int:
        """When the first version was posted."""
        return snowflakes.created_ms_of(self.chain[0])


def edit_gap_ms(account: Account) -> int:
    """Return the time between two versions of an edited post of this account."""
    return min(_LONGEST_EDIT_GAP_MS, account.interval_ms * 6 // 100)


def first_created_ms(account: Account, index: int, bits: int) -> int:
    """Return when the first version of a generated post appears."""
    return account.origin_ms + index * account.interval_ms + ((bits & 0xFFFF) * account.interval_ms * 6 // 10 >> 16)


def bits_of(account: Account, index: int) -> int:
    """Return the random bits of a generated post."""
    return mixed_bits(account.key, index)


def drawn_kind(account: Account, bits: int) -> PostKind:
    """Return the kind that was drawn for a post (a reference that cannot be made turns it into an original)."""
    mix = account.mix
    return mix[(bits >> 16) % len(mix)]


def identifier(account: Account, index: int, version: int, created_ms: int) -> int:
    """Return the id of a version of a generated post."""
    return snowflakes.post_id(created_ms, account.worker, (index & 0x1FF) << 3 | version)


def latest_version(account: Account, kind: PostKind, bits: int, age_ms: int) -> int:
    """Return the number (0-based) of the newest version of a post that is `age_ms` old."""
    if kind is not PostKind.EDITED:
        return 0
    return min(1 + (bits >> 20) % 4, age_ms // max(edit_gap_ms(account), 1))


def latest_id(account: Account, index: int, now_ms: int) -> int:
    """Return the id under which a generated post is on the timeline at `now_ms`."""
    bits = bits_of(account, index)
    created = first_created_ms(account, index, bits)
    kind = drawn_kind(account, bits)
    if kind is not PostKind.EDITED:
        return identifier(account, index, 0, created)
    version = latest_version(account, kind, bits, max(now_ms - created, 0))
    return identifier(account, index, version, created + version * edit_gap_ms(account))


def first_id(account: Account, index: int) -> int:
    """Return the id of the first version of a generated post, which names its chain."""
    return identifier(account, index, 0, first_created_ms(account, index, bits_of(account, index)))


def generated(
    account: Account, index: int, now_ms: int, others: tuple[Account, ...], version: int | None = None
) -> Post | None:
    """Build a generated post as it is at `now_ms`, in its newest version or in the one asked for.

    `others`: accounts that it may refer to. None if the post or the version does not exist yet.
    """
    bits = bits_of(account, index)
    created = first_created_ms(account, index, bits)
    if index < 0 or created > now_ms:
        return None
    kind = drawn_kind(account, bits)
    newest = latest_version(account, kind, bits, now_ms - created)
    shown = newest if version is None else version
    if shown > newest:
        return None
    gap = edit_gap_ms(account)
    chain = tuple(identifier(account, index, number, created + number * gap) for number in range(newest + 1))
    reference = _reference(account, index, kind, bits, created, others) if kind in _REFERRING else None
    if reference is None and kind in _REFERRING:
        kind = PostKind.ORIGINAL
    content = account.contents[(bits >> 48) % len(account.contents)]
    text, note = _texts(kind, content, bits, _ending(index, shown), reference, others)
    return Post(chain[shown], account, index, created + shown * gap, kind, bits, content, text, note, reference, chain)


def _ending(index: int, version: int) -> str:
    return f" · {index + 1}" if version == 0 else f" · {index + 1} (v{version + 1})"


def _texts(
    kind: PostKind, content: Content, bits: int, ending: str, reference: Reference | None, others: tuple[Account, ...]
) -> tuple[str, str | None]:
    if kind is PostKind.RETWEET and reference is not None:
        return _retweet_text(reference, others), None
    if kind is PostKind.REPLY and reference is not None:
        return f"@{reference.username} {content.text}{ending}", None
    if kind is PostKind.LONG:
        note = content.long_text + ending
        return note[: LONGEST_TEXT - 1] + "…", note
    if kind in _LINKED:
        return f"{content.text}{ending} {_own_link(bits)}", None
    return content.text + ending, None


def _own_link(bits: int) -> str:
    return f"https://t.co/{bits:016x}"[:23]


def _retweet_text(reference: Reference, others: tuple[Account, ...]) -> str:
    author = next(account for account in others if account.id == reference.user_id)
    index = author.slot_of(snowflakes.created_ms_of(reference.post_id))
    original = generated(author, index, snowflakes.created_ms_of(reference.post_id), others)
    return retweet_text(reference.username, original.text if original else "")


def retweet_text(username: str, text: str) -> str:
    """Return the text of a retweet, cut as X cuts it."""
    full = f"RT @{username}: {text}"
    return full if len(full) <= _RETWEET_LENGTH else full[: _RETWEET_LENGTH - 1] + "…"


def _reference(
    account: Account, index: int, kind: PostKind, bits: int, created_ms: int, others: tuple[Account, ...]
) -> Reference | None:
    relation = {PostKind.REPLY: "replied_to", PostKind.QUOTE: "quoted", PostKind.RETWEET: "retweeted"}[kind]
    if kind is PostKind.REPLY and (bits >> 24) & 3 == 0:
        return _reference_to(account, index - 1 - (bits >> 28) % 12, relation, may_be_gone=False)
    if not others:
        return None
    author = others[_CHOICE[(bits >> 32) % (len(_CHOICE) - 2 * (kind is PostKind.RETWEET))]]
    wanted = author.slot_of(created_ms) - 1 - (bits >> 36) % 40
    return _reference_to(author, wanted, relation, may_be_gone=kind is not PostKind.RETWEET)


def _reference_to(author: Account, index: int, relation: str, *, may_be_gone: bool) -> Reference | None:
    for candidate in range(index, max(index - 8, -1), -1):
        kind = drawn_kind(author, bits_of(author, candidate))
        if kind in {PostKind.RETWEET, PostKind.EDITED} or (author.is_gone(candidate) and not may_be_gone):
            continue
        return Reference(relation, first_id(author, candidate), author.id, author.username)
    return None


def has_link(post: Post) -> bool:
    """Tell whether the post carries a link that can be clicked."""
    return "urls" in post.content.entities or post.kind in _LINKED


def media_keys(post: Post) -> list[str]:
    """Return X's keys of the post's photos (prefix 3) or video (prefix 13); empty for other posts."""
    if post.kind is PostKind.MEDIA:
        return [f"3_{post.chain[0] + number}" for number in range(1 + (post.bits >> 22) % 4)]
    if post.kind is PostKind.VIDEO:
        return [f"13_{post.chain[0]}"]
    return []


def entities_of(post: Post) -> Entities | orjson.Fragment | None:
    """Return the post's entities with offsets into its text, ready to be serialised; None when it has none."""
    content = post.content
    if post.kind is PostKind.RETWEET and post.reference is not None:
        return _retweet_entities(post)
    if post.kind is PostKind.REPLY and post.reference is not None:
        return _reply_entities(content.entities, post.reference)
    if post.kind in _LINKED:
        return _linked_entities(post)
    return content.entities_json if content.entities else None


def _reply_entities(entities: Entities, reference: Reference) -> Entities:
    offset = len(reference.username) + 2
    moved = shifted(entities, offset)
    mention = {"start": 0, "end": offset - 1, "username": reference.username, "id": str(reference.user_id)}
    return {**moved, "mentions": [mention, *moved.get("mentions", [])]}


def _retweet_entities(post: Post) -> Entities:
    reference = post.reference
    if reference is None:
        return {}
    end = 4 + len(reference.username)
    return {"mentions": [{"start": 3, "end": end, "username": reference.username, "id": str(reference.user_id)}]}


def _linked_entities(post: Post) -> Entities:
    link = _own_link(post.bits)
    end = len(post.text)
    where = {"start": end - len(link), "end": end, "url": link}
    entities = post.content.entities
    return {**entities, "urls": [*entities.get("urls", []), *({**where, **target} for target in _link_targets(post))]}


def _link_targets(post: Post) -> list[dict[str, str]]:
    if post.kind is PostKind.QUOTE and post.reference is not None:
        quoted = f"x.com/{post.reference.username}/status/{post.reference.post_id}"
        return [{"expanded_url": f"https://{quoted}", "display_url": quoted[:26] + "…"}]
    sort = "photo" if post.kind is PostKind.MEDIA else "video"
    page = f"https://x.com/{post.account.username}/status/{post.chain[0]}/{sort}/1"
    return [
        {"expanded_url": page, "display_url": "pic.x.com/" + _own_link(post.bits)[13:], "media_key": key}
        for key in media_keys(post)
    ]
