"""What snapshots leave behind travels in few characters, comes back whole, and is refused where it is damaged."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.progress.formats import UnreadableState
from source_x_organic.snapshots.counters import COUNTERS, PRIVATE, PUBLIC, SOURCES, Counters
from source_x_organic.snapshots.state import SNAPSHOTS
from source_x_organic.snapshots.tracking import AccountSnapshots, Ended, Fate, Seen, Tracked, advanced
from unit_tests.snapshots.invented import DAY, HOUR, Post, counters, instant, through_json
from x_simulator.counters import share_earned

SINCE = instant(1, 9)
TAKEN_AT = instant(28, 9) + timedelta(microseconds=123_457)

COUNTS = st.tuples(*[st.none() | st.integers(0, 2**40)] * len(COUNTERS))
TOTALS = st.tuples(*[st.none() | st.integers(-(2**40), 2**40)] * len(COUNTERS))
INSTANTS = st.datetimes(SINCE.replace(tzinfo=None), TAKEN_AT.replace(tzinfo=None)).map(
    lambda naive: naive.replace(tzinfo=SINCE.tzinfo)
)


@st.composite
def tracked(draw: st.DrawFn) -> Tracked:
    base, behind, seen_at = sorted(draw(st.lists(INSTANTS, min_size=3, max_size=3)))
    return Tracked(
        draw(COUNTS),
        draw(TOTALS),
        is_estimated=draw(st.booleans()),
        source=draw(st.sampled_from(SOURCES)),
        seen_at=draw(st.sampled_from([seen_at, TAKEN_AT])),
        base=draw(st.none() | st.just(base)),
        behind=draw(st.none() | st.just(behind)),
        fate=draw(st.sampled_from(Fate)),
    )


IDS = st.integers(1, (1 << 63) - 1).map(str)
DAYS = st.dates(SINCE.date(), TAKEN_AT.date())
STATES = st.builds(
    AccountSnapshots,
    st.just(TAKEN_AT),
    st.just(SINCE),
    st.dictionaries(IDS, tracked(), max_size=6),
    st.none() | DAYS,
    st.dictionaries(DAYS, st.builds(Ended, st.integers(0, 999), st.integers(0, 999)), max_size=3),
)


def entry(**changes: object) -> dict[str, Any]:
    """Return the JSON form of a stream's state with one account, of which some keys are changed."""
    post = Tracked(counters(7), counters(7), is_estimated=False, source=PRIVATE, seen_at=TAKEN_AT)
    form = SNAPSHOTS.format({"7": AccountSnapshots(TAKEN_AT, SINCE, {"20": post})})
    form["accounts"]["7"] |= changes
    return form


@given(STATES)
def test_a_state_comes_back_from_json_as_it_was(state: AccountSnapshots) -> None:
    assert through_json(state) == state


def test_an_account_that_was_never_read_comes_back_as_one() -> None:
    assert through_json(AccountSnapshots()) == AccountSnapshots()


def test_the_form_tells_the_days_in_plain_words() -> None:
    form = entry()

    packed = form["accounts"]["7"].pop("tweets")
    assert form == {
        "version": 1,
        "source": "x_api_snapshots",
        "accounts": {
            "7": {
                "cursor": "2026-11-28",
                "since": "2026-11-01T09:00:00.000000Z",
                "taken_at": "2026-11-28T09:00:00.123457Z",
            }
        },
    }
    # 1 is the number of this form: what a later version writes in another one must have another number.
    assert zlib.decompress(base64.b64decode(packed))[:3] == bytes([1, 1, 20])


def damaged(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw)).decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"tweets": ""},
        {"tweets": "%%%"},
        {"tweets": "aGVsbG8="},
        {"tweets": damaged(b"")},
        {"tweets": damaged(b"\x01\x80")},
        {"tweets": damaged(b"\x01\x01\x14")},
        {"tweets": damaged(bytes([2, 0]))},
        {"tweets": damaged(bytes([1, 1, 20, 0, *[0xFF] * 11, 1, *[0] * 20]))},
        {"tweets": None},
        {"taken_at": "yesterday"},
        {"since": 20261101},
        {"open_from": "yesterday"},
        {"open_from": 20261101},
        {"ended": ["2026-11-20"]},
        {"ended": {"2026-11-20": 3}},
        {"ended": {"yesterday": [3, 0]}},
    ],
)
def test_a_damaged_state_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UnreadableState, match="it is damaged"):
        SNAPSHOTS.parse("organic_report", entry(**changes))


@pytest.mark.parametrize("key", ["since", "taken_at", "tweets"])
def test_a_state_without_one_of_its_keys_is_refused(key: str) -> None:
    form = entry()
    del form["accounts"]["7"][key]

    with pytest.raises(UnreadableState, match="it is damaged"):
        SNAPSHOTS.parse("organic_report", form)


def test_the_state_of_a_report_from_another_source_is_left_alone() -> None:
    form = entry() | {"source": "ads_api"}

    assert SNAPSHOTS.parse("organic_report", form) == {}
    assert SNAPSHOTS.other_source(form) == "ads_api"


def typical(number: int, at: timedelta) -> tuple[Post, Counters]:
    """Return one of ten posts a day of a well-known account, and what it has earned by an instant."""
    bits = int.from_bytes(hashlib.sha256(str(number).encode()).digest()[:8])
    created_at = instant(1) + number * DAY / 10 + (bits % 8_000) * timedelta(seconds=1)
    post = Post(bits % (1 << 22), created_at, has_link=bool(bits & 1))
    impressions = (2 + bits % 90) ** 2 * (1 + (bits >> 8) % 5)
    likes, clicks, profiles = (impressions * (5 + (bits >> shift) % 20) // 1000 for shift in (16, 24, 32))
    replies, retweets = likes // (4 + (bits >> 40) % 9), likes // (6 + (bits >> 48) % 9)
    final = (
        impressions,
        likes,
        replies,
        retweets,
        clicks if post.has_link else None,
        profiles // 3,
        likes + replies + retweets + clicks + profiles,
        retweets // 5,
        likes // 9,
    )
    share = share_earned((instant(1) + at - created_at) // timedelta(milliseconds=1))
    return post, tuple(None if value is None else int(value * share) for value in final)


def test_a_tracked_post_takes_less_than_28_characters() -> None:
    state = AccountSnapshots()
    lengths = []
    for day in range(29, 62):
        now = instant(1) + day * DAY + 5 * HOUR + (day % 7) * timedelta(seconds=17, microseconds=4321)
        posts = (typical(number, now - instant(1)) for number in range(10 * day))
        state, _ = advanced(state, {post.id: Seen(post.created_at, known, PRIVATE) for post, known in posts}, now)
        lengths.append(len(json.dumps(SNAPSHOTS.format_account(state))) / len(state.tweets))

    assert 280 < len(state.tweets) <= 300
    assert max(lengths) < 28


def test_thirty_days_of_somebody_elses_posts_take_less_than_22_characters_each() -> None:
    now = instant(1) + 35 * DAY
    posts = [typical(number, now - instant(1)) for number in range(350)]
    snapshot = {
        post.id: Seen(post.created_at, (*known[:4], None, None, None, *known[7:]), PUBLIC) for post, known in posts
    }
    first, _ = advanced(AccountSnapshots(), snapshot, now)
    state, _ = advanced(first, snapshot, now + DAY)

    assert len(json.dumps(SNAPSHOTS.format_account(state))) < 22 * len(state.tweets)
