"""The Ads API's tweets: published, scheduled and draft ones."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from unit_tests.x_simulator.asking import Client
from unit_tests.x_simulator.conftest import ACCOUNTS, ANCHOR, LUMEN, NOOK
from x_simulator import AdsAccountSpec, SimulatedClock, Simulator, World
from x_simulator.accounts import PostKind
from x_simulator.posts import Post, media_keys

TWEETS = f"/12/accounts/{LUMEN}/tweets"
SCHEDULED = f"/12/accounts/{LUMEN}/scheduled_tweets"
DRAFTS = f"/12/accounts/{LUMEN}/draft_tweets"
ORGANIC = {"tweet_type": "PUBLISHED", "timeline_type": "ORGANIC"}
WHOLE = {**ORGANIC, "include_mentions_and_replies": "true", "count": 1000}


def tweets(client: Client, **query: object) -> list[dict[str, Any]]:
    body = client.get(TWEETS, user="lumen_mill", **query).body
    found: list[dict[str, Any]] = body["data"]
    return found


def refusal(client: Client, path: str = TWEETS, **query: object) -> tuple[int, Any]:
    asked = client.get(path, user="lumen_mill", **query)
    return asked.status, asked.body["errors"]


def first(client: Client, kind: PostKind) -> tuple[Post, dict[str, Any]]:
    """Return the newest post of a kind and its tweet."""
    post = next(post for post in client.simulator.world.posts("lumen_mill") if post.kind is kind)
    (tweet,) = [tweet for tweet in tweets(client, **WHOLE) if tweet["id"] == post.id]
    return post, tweet


def test_the_organic_timeline_is_the_accounts_newest_first(client: Client) -> None:
    world = client.simulator.world
    assert [tweet["id_str"] for tweet in tweets(client, **WHOLE)] == world.post_ids("lumen_mill")


def test_replies_are_left_out_unless_they_are_asked_for(client: Client) -> None:
    posts = [post for post in client.simulator.world.posts("lumen_mill") if post.kind is not PostKind.REPLY]
    assert [tweet["id"] for tweet in tweets(client, **ORGANIC, count=1000)] == [post.id for post in posts]


def test_pages_together_hold_every_tweet_once(client: Client) -> None:
    query: dict[str, object] = {**WHOLE, "count": 150}
    found: list[str] = []
    cursor: dict[str, object] = {}
    for _ in range(3):
        body = client.get(TWEETS, user="lumen_mill", **query, **cursor).body
        found += [tweet["id_str"] for tweet in body["data"]]
        cursor = {"cursor": body["next_cursor"]}
    assert (found, cursor) == (client.simulator.world.post_ids("lumen_mill"), {"cursor": None})


def test_empty_pages_can_come_before_the_tweets(make_client: Callable[..., Client]) -> None:
    client = make_client(ads_empty_pages=2)
    cursor: dict[str, object] = {}
    for _ in range(2):
        body = client.get(TWEETS, user="lumen_mill", **WHOLE, **cursor).body
        assert body["data"] == []
        cursor = {"cursor": body["next_cursor"]}
    body = client.get(TWEETS, user="lumen_mill", **WHOLE, **cursor).body
    assert [tweet["id_str"] for tweet in body["data"]] == client.simulator.world.post_ids("lumen_mill")
    assert body["next_cursor"] is None


def test_a_tweet_is_an_object_of_api_v11(client: Client) -> None:
    plain = next(tweet for tweet in tweets(client, **WHOLE) if "card_uri" not in tweet and _is_plain(client, tweet))
    post = client.simulator.world.post(plain["id_str"])
    counters = client.simulator.world.counters(post.id, ANCHOR).public_metrics
    posted = datetime.fromtimestamp(post.created_ms // 1000, UTC)
    assert {name: value for name, value in plain.items() if name not in {"user", "entities", "source"}} == {
        "coordinates": None,
        "geo": None,
        "place": None,
        "contributors": None,
        "retweeted": False,
        "favorited": False,
        "truncated": False,
        "scopes": {"followers": False},
        "name": None,
        "nullcast": False,
        "tweet_type": "PUBLISHED",
        "scheduled_at": None,
        "scheduled_status": None,
        "in_reply_to_status_id": None,
        "in_reply_to_status_id_str": None,
        "in_reply_to_user_id": None,
        "in_reply_to_user_id_str": None,
        "in_reply_to_screen_name": None,
        "created_at": f"{posted:%a %b %d %H:%M:%S +0000 %Y}",
        "id": post.id,
        "id_str": str(post.id),
        "tweet_id": str(post.id),
        "full_text": post.text,
        "display_text_range": [0, len(post.text)],
        "lang": post.content.lang,
        "conversation_settings": plain["conversation_settings"],
        "favorite_count": counters["like_count"],
        "retweet_count": counters["retweet_count"],
        "is_quote_status": False,
    }
    assert sorted(plain["entities"]) == ["hashtags", "symbols", "urls", "user_mentions"]


def _is_plain(client: Client, tweet: dict[str, Any]) -> bool:
    return client.simulator.world.post(tweet["id_str"]).kind is PostKind.ORIGINAL


def test_entities_point_into_the_text(client: Client) -> None:
    seen = set()
    for tweet in tweets(client, **WHOLE):
        for kind, mark in (("hashtags", "#{text}"), ("symbols", "${text}"), ("user_mentions", "@{screen_name}")):
            for entity in tweet["entities"][kind]:
                start, end = entity["indices"]
                assert tweet["full_text"][start:end] == mark.format(**entity)
                seen.add(kind)
        for entity in (*tweet["entities"]["urls"], *tweet["entities"].get("media", ())):
            start, end = entity["indices"]
            assert tweet["full_text"][start:end] == entity["url"]
            seen.add("urls")
    assert seen == {"hashtags", "symbols", "user_mentions", "urls"}


@pytest.mark.parametrize(("kind", "sort"), [(PostKind.MEDIA, "photo"), (PostKind.VIDEO, "video")])
def test_media_have_keys_and_are_all_in_the_extended_entities_alone(client: Client, kind: PostKind, sort: str) -> None:
    post, tweet = first(client, kind)
    media = tweet["extended_entities"]["media"]
    assert [(item["media_key"], item["type"]) for item in media] == [(key, sort) for key in media_keys(post)]
    assert tweet["entities"]["media"] == [media[0] | {"type": "photo"}]
    start, end = tweet["display_text_range"]
    assert f"{tweet['full_text'][start:end]} {media[0]['url']}" == post.text


def test_a_reply_names_what_it_answers(client: Client) -> None:
    post, tweet = first(client, PostKind.REPLY)
    assert post.reference is not None
    assert (tweet["in_reply_to_status_id"], tweet["in_reply_to_status_id_str"]) == (
        post.reference.post_id,
        str(post.reference.post_id),
    )
    assert (tweet["in_reply_to_user_id_str"], tweet["in_reply_to_screen_name"]) == (
        str(post.reference.user_id),
        post.reference.username,
    )
    assert not tweet["full_text"][tweet["display_text_range"][0] :].startswith("@")


def test_a_quote_names_what_it_quotes(client: Client) -> None:
    post, tweet = first(client, PostKind.QUOTE)
    assert post.reference is not None
    assert (tweet["is_quote_status"], tweet["quoted_status_id"], tweet["quoted_status_id_str"]) == (
        True,
        post.reference.post_id,
        str(post.reference.post_id),
    )


def test_a_retweet_carries_what_it_repeats(client: Client) -> None:
    post, tweet = first(client, PostKind.RETWEET)
    assert post.reference is not None
    original = client.simulator.world.post(post.reference.post_id)
    repeated = tweet["retweeted_status"]
    assert (repeated["id"], repeated["full_text"]) == (original.id, original.text)
    assert repeated["user"]["id_str"] == str(original.account.id)
    assert tweet["full_text"].startswith(f"RT @{original.account.username}: ")
    assert (tweet["favorite_count"], tweet["retweet_count"]) == (0, repeated["retweet_count"])


def test_some_tweets_have_a_card_and_the_others_do_not_speak_of_one(client: Client) -> None:
    cards = [tweet["card_uri"] for tweet in tweets(client, **WHOLE) if "card_uri" in tweet]
    assert 0 < len(cards) < 100
    assert {card.startswith("card://") for card in cards} == {True}


def test_the_author_is_whole_unless_it_is_to_be_trimmed(client: Client) -> None:
    world = client.simulator.world
    account = world.account("lumen_mill")
    whole, trimmed = (tweets(client, **ORGANIC, count=1, trim_user=trim)[0]["user"] for trim in ("false", "true"))
    assert trimmed == {"id": account.id, "id_str": str(account.id)}
    assert trimmed.items() <= whole.items()
    assert len(whole) == 41
    known = {"screen_name": "lumen_mill", "name": "Lumen Mill", "protected": False, "time_zone": None}
    counts = {"followers_count": world.followers_at(account, int(ANCHOR.timestamp() * 1000)), "statuses_count": 400}
    assert (known | counts).items() <= whole.items()


def test_another_user_of_the_account_is_read_by_id(client: Client) -> None:
    world = client.simulator.world
    found = tweets(client, **WHOLE, user_id=world.user_id("tiny_kiln"))
    assert [tweet["id_str"] for tweet in found] == world.post_ids("tiny_kiln")


def test_a_protected_users_tweets_are_there_for_its_own_ads_account(client: Client) -> None:
    body = client.get(f"/12/accounts/{NOOK}/tweets", user="hidden_nook", **WHOLE).body
    assert [tweet["id_str"] for tweet in body["data"]] == client.simulator.world.post_ids("hidden_nook")
    assert body["data"][0]["user"]["protected"] is True


def test_only_promotable_users_can_be_asked_for(client: Client) -> None:
    stranger = client.simulator.world.user_id("hidden_nook")
    for path in (TWEETS, SCHEDULED, DRAFTS):
        status, errors = refusal(client, path, user_id=stranger, tweet_type="PUBLISHED")
        assert (status, errors[0]["code"], errors[0]["parameter"]) == (400, "INVALID_USER", "user_id")


def test_without_a_full_user_the_request_has_to_name_one(client: Client) -> None:
    client.simulator.world.ads.remove_user(LUMEN, "lumen_mill")
    status, errors = refusal(client, **ORGANIC)
    assert (status, errors[0]["code"]) == (400, "INVALID_USER")


def test_a_changed_profile_shows_beside_every_tweet_and_in_the_other_api(client: Client) -> None:
    client.simulator.world.change_profile("lumen_mill", name="Lumen & Daughters")
    client.simulator.world.change_profile("lumen_mill", description="Lamps that last.")
    told = [(tweet["user"]["name"], tweet["user"]["description"]) for tweet in tweets(client, **WHOLE)[:5]]
    (user,) = client.get("/2/users/by", usernames="lumen_mill", user__fields="name,description").body["data"]
    assert told == [("Lumen & Daughters", "Lamps that last.")] * 5
    assert (user["name"], user["description"]) == ("Lumen & Daughters", "Lamps that last.")


def test_a_suspended_user_is_not_found(client: Client) -> None:
    client.simulator.world.suspend("tiny_kiln")
    status, errors = refusal(client, **ORGANIC, user_id=client.simulator.world.user_id("tiny_kiln"))
    assert (status, errors[0]["code"]) == (403, "USER_NOT_FOUND")


def test_tweets_can_be_chosen_by_id(client: Client) -> None:
    world = client.simulator.world
    third, ninth = (world.post_ids("lumen_mill")[place] for place in (2, 8))
    other = world.post_ids("rival_press")[0]
    found = tweets(client, **WHOLE, tweet_ids=f"{ninth},{third},{other},20")
    assert [tweet["id_str"] for tweet in found] == [third, ninth]


def test_a_deleted_tweet_is_simply_not_there(client: Client) -> None:
    world = client.simulator.world
    gone, newest = world.post_ids("lumen_mill")[:2]
    world.delete_post(gone)
    assert tweets(client, **WHOLE)[0]["id_str"] == newest
    assert tweets(client, **WHOLE, tweet_ids=gone) == []


@pytest.mark.parametrize(
    ("change", "code", "parameter"),
    [
        ({"tweet_type": None}, "MISSING_PARAMETER", "tweet_type"),
        ({"tweet_type": "published"}, "INVALID_PARAMETER", "tweet_type"),
        ({"timeline_type": "ORGANIC_TWEET"}, "INVALID_PARAMETER", "timeline_type"),
        ({"trim_user": "True"}, "INVALID_PARAMETER", "trim_user"),
        ({"include_mentions_and_replies": "yes"}, "INVALID_PARAMETER", "include_mentions_and_replies"),
        ({"count": 1001}, "INVALID_PARAMETER", "count"),
        ({"user_id": "@lumen_mill"}, "INVALID_PARAMETER", "user_id"),
        ({"tweet_ids": ",".join(str(n) for n in range(201))}, "INVALID_PARAMETER", "tweet_ids"),
        ({"tweet_ids": "abc"}, "INVALID_PARAMETER", "tweet_ids"),
        ({"name": "n" * 81}, "INVALID_PARAMETER", "name"),
        ({"cursor": "c-abc"}, "INVALID_PARAMETER", "cursor"),
    ],
)
def test_every_parameter_is_checked(client: Client, change: dict[str, Any], code: str, parameter: str) -> None:
    query: dict[str, Any] = {name: value for name, value in ({**ORGANIC, **change}).items() if value is not None}
    status, errors = refusal(client, **query)
    assert (status, [(error["code"], error["parameter"]) for error in errors]) == (400, [(code, parameter)])


def test_everything_that_is_wrong_is_said_at_once(client: Client) -> None:
    _, errors = refusal(client, count=0, trim_user="no")
    assert [error["parameter"] for error in errors] == ["tweet_type", "trim_user", "count"]


# For promotion only, scheduled, drafts -------------------------------------------------------------------------------


def scheduled(client: Client, **query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(SCHEDULED, user="lumen_mill", **query).body["data"]
    return found


def test_without_a_timeline_only_tweets_for_promotion_come(client: Client) -> None:
    found = tweets(client, tweet_type="PUBLISHED")
    published = [t["tweet_id"] for t in scheduled(client) if t["nullcast"] and t["tweet_id"] is not None]
    assert {tweet["nullcast"] for tweet in found} == {True}
    assert [tweet["id_str"] for tweet in found] == sorted(published, reverse=True) != []
    assert not {tweet["id_str"] for tweet in found} & set(client.simulator.world.post_ids("lumen_mill"))


def test_all_timelines_together_are_in_order(client: Client) -> None:
    query = {"tweet_type": "PUBLISHED", "include_mentions_and_replies": "true", "count": 1000}
    everything, organic, promoted = (
        [tweet["id"] for tweet in tweets(client, **query, timeline_type=kind)]
        for kind in ("ALL", "ORGANIC", "NULLCAST")
    )
    assert everything == sorted(organic + promoted, reverse=True)


def test_tweets_can_be_chosen_by_the_beginning_of_their_name(client: Client) -> None:
    query = {"tweet_type": "PUBLISHED", "timeline_type": "ALL", "count": 1000}
    name = tweets(client, tweet_type="PUBLISHED")[0]["name"]
    assert {tweet["name"] for tweet in tweets(client, **query, name=name.upper())} == {name}


def test_scheduled_tweets_lie_on_both_sides_of_now(client: Client) -> None:
    found = scheduled(client)
    now = "2026-11-20T12:00:00Z"
    assert [(item["scheduled_status"], item["scheduled_at"] < now) for item in found] == [
        ("SUCCESS", True),
        ("SUCCESS", True),
        ("SUCCESS", True),
        ("SCHEDULED", False),
        ("SCHEDULED", False),
    ]
    assert {item["nullcast"] for item in found} == {True, False}
    for item in found:
        is_done = item["scheduled_status"] == "SUCCESS"
        assert (item["completed_at"] is not None, item["tweet_id"] is not None) == (is_done, is_done)
        assert item["created_at"] <= item["updated_at"]
        assert item["scheduled_at"].endswith(":00Z")
        assert item["user_id"] == client.simulator.world.user_id("lumen_mill")


def test_an_organic_scheduled_tweet_becomes_a_post_when_its_time_comes(client: Client, clock: SimulatedClock) -> None:
    world = client.simulator.world
    place = next(n for n, item in enumerate(scheduled(client)) if item["tweet_id"] is None and not item["nullcast"])
    clock.advance(30 * 86_400)
    item = scheduled(client)[place]
    assert item["scheduled_status"] == "SUCCESS"
    post = world.post(item["tweet_id"])
    assert post.text.startswith(item["text"])
    assert item["media_keys"] == media_keys(post)
    assert item["completed_at"][:16] == item["scheduled_at"][:16]
    assert item["updated_at"] == item["completed_at"]


def test_one_scheduled_tweet_and_one_draft_can_be_read_by_id(client: Client) -> None:
    item = scheduled(client, user_id=client.simulator.world.user_id("tiny_kiln"))[0]
    assert client.get(f"{SCHEDULED}/{item['id']}", user="lumen_mill").body["data"] == item
    draft = client.get(DRAFTS, user="lumen_mill").body["data"][1]
    assert client.get(f"{DRAFTS}/{draft['id']}", user="lumen_mill").body == {
        "request": {"params": {"account_id": LUMEN, "draft_tweet_id": draft["id"]}},
        "data": draft,
    }
    assert refusal(client, f"{DRAFTS}/{item['id']}") == (
        404,
        [{"code": "NOT_FOUND", "message": f"Tweet {item['id']} was not found"}],
    )


def test_a_draft_has_xs_fields(client: Client) -> None:
    drafts = client.get(DRAFTS, user="lumen_mill").body["data"]
    assert len(drafts) == 3
    assert {tuple(draft) for draft in drafts} == {
        ("id", "name", "text", "user_id", "created_at", "updated_at", "nullcast", "card_uri", "media_keys")
    }
    assert {draft["nullcast"] for draft in drafts} == {True, False}


@pytest.fixture
def prolific(clock: SimulatedClock) -> Client:
    specs = [AdsAccountSpec("Lumen Mill Ads", (("lumen_mill", "FULL"),), scheduled=450, drafts=130)]
    return Client(Simulator(clock=clock, world=World(7, ACCOUNTS, ANCHOR, ads_accounts=specs)))


@pytest.mark.parametrize(("path", "total", "default"), [(SCHEDULED, 450, 100), (DRAFTS, 130, 100)])
def test_both_lists_come_in_pages_of_at_most_200(prolific: Client, path: str, total: int, default: int) -> None:
    assert len(prolific.get(path, user="lumen_mill").body["data"]) == default
    status, errors = refusal(prolific, path, count=201)
    assert (status, errors[0]["parameter"]) == (400, "count")
    found: list[str] = []
    cursor: dict[str, object] = {}
    while cursor != {"cursor": None}:
        body = prolific.get(path, user="lumen_mill", count=200, **cursor).body
        found += [item["id"] for item in body["data"]]
        cursor = {"cursor": body["next_cursor"]}
    assert (len(found), len(set(found))) == (total, total)


def test_a_tweet_can_fail_to_be_posted(prolific: Client) -> None:
    failed = [item for item in scheduled(prolific, count=200) if item["scheduled_status"] == "FAILED"]
    assert failed != []
    assert {(item["tweet_id"], item["completed_at"]) for item in failed} == {(None, None)}


def test_no_two_scheduled_tweets_become_the_same_tweet(prolific: Client) -> None:
    found = [item["tweet_id"] for item in scheduled(prolific, count=200) if item["tweet_id"]]
    assert len(found) == len(set(found))


def test_scheduled_and_draft_tweets_have_tweets_objects_too(client: Client) -> None:
    waiting = [item for item in scheduled(client) if item["scheduled_status"] == "SCHEDULED"]
    found = tweets(client, tweet_type="SCHEDULED", timeline_type="ALL")
    assert [(t["id_str"], t["scheduled_at"], t["nullcast"], t["tweet_type"]) for t in found] == [
        (item["id"], item["scheduled_at"], item["nullcast"], "SCHEDULED") for item in waiting
    ]
    drafts = client.get(DRAFTS, user="lumen_mill").body["data"]
    found = tweets(client, tweet_type="DRAFT", timeline_type="ALL")
    assert [(t["id_str"], t["full_text"], t["tweet_type"]) for t in found] == [
        (draft["id"], draft["text"], "DRAFT") for draft in drafts
    ]
    assert {t["favorite_count"] for t in found} == {0}
    assert [t["id_str"] for t in tweets(client, tweet_type="DRAFT", tweet_ids=drafts[0]["id"])] == [drafts[0]["id"]]
