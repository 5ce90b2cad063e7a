"""Clients that nobody here wrote read from the simulator: what they expect of X, it has to do.

Tweepy speaks the old dialect with a fixed host, which a session points elsewhere before the request is signed; X's own
XDK speaks the new dialect and takes an address. X's twitter-ads speaks to the Ads API, version 11.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import requests
from requests.auth import HTTPBasicAuth

from x_simulator import AccountSpec, AdsAccountSpec, Simulator, World
from x_simulator.ads_api.metrics import organic_metrics
from x_simulator.ads_api.windows import start_of_day

ACCOUNTS = (
    AccountSpec("lumen_mill", "Lumen Mill", posts=230, posts_per_day=6),
    AccountSpec("rival_press", "Rival Press", posts=40, owned=False),
    AccountSpec("hidden_nook", posts=5, kind="protected"),
)
ADS_ACCOUNTS = (
    AdsAccountSpec("Lumen Mill Ads", (("lumen_mill", "FULL"), ("rival_press", "RETWEETS_ONLY")), "Europe/Berlin"),
    AdsAccountSpec("Nook", (("hidden_nook", "FULL"),), "Asia/Kolkata"),
)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    world = World(7, ACCOUNTS, datetime.now(UTC) - timedelta(minutes=1), ads_accounts=ADS_ACCOUNTS)
    with Simulator(world=world) as running:
        yield running


class RedirectedSession(requests.Session):
    """Sends to the simulator what is meant for X; nothing else about the request changes."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401
        for host in ("https://api.twitter.com", "https://api.x.com"):
            url = url.replace(host, self._base_url)
        return super().request(method, url, **options)


def tweepy_client(simulator: Simulator, **secrets: str) -> Any:  # noqa: ANN401 - tweepy has no types
    tweepy = pytest.importorskip("tweepy")
    client = tweepy.Client(**secrets)
    client.session.close()
    client.session = RedirectedSession(simulator.base_url)
    return client


@pytest.fixture(params=["oauth1", "oauth2", "bearer"])
def reader(request: pytest.FixtureRequest, simulator: Simulator) -> Iterator[tuple[Any, bool]]:
    """Yield a tweepy client for each way of authenticating, and whether it signs with OAuth 1.0a."""
    secrets = {
        "oauth1": {name: value for name, value in simulator.oauth1("lumen_mill").items() if name != "auth_type"},
        "oauth2": {"bearer_token": simulator.oauth2("lumen_mill")["access_token"]},
        "bearer": {"bearer_token": simulator.bearer()["bearer_token"]},
    }[request.param]
    client = tweepy_client(simulator, **secrets)
    yield client, request.param == "oauth1"
    client.session.close()


def test_tweepy_reads_users_in_every_way_of_authenticating(reader: tuple[Any, bool], simulator: Simulator) -> None:
    client, signs = reader
    answer = client.get_users(
        usernames=["lumen_mill", "rival_press", "no_such_name"],
        user_fields=["public_metrics", "created_at"],
        user_auth=signs,
    )
    world = simulator.world
    assert [(user.username, str(user.id), user.public_metrics["tweet_count"]) for user in answer.data] == [
        (name, world.user_id(name), len(world.posts(name))) for name in ("lumen_mill", "rival_press")
    ]
    assert [problem["value"] for problem in answer.errors] == ["no_such_name"]


def test_tweepy_pages_through_a_whole_timeline(reader: tuple[Any, bool], simulator: Simulator) -> None:
    tweepy = pytest.importorskip("tweepy")
    client, signs = reader
    world = simulator.world
    fields = ["created_at", "public_metrics", "entities", "referenced_tweets", "edit_controls", "author_id"]
    pages = tweepy.Paginator(
        client.get_users_tweets,
        world.user_id("lumen_mill"),
        max_results=100,
        tweet_fields=fields,
        expansions=["referenced_tweets.id", "attachments.media_keys"],
        user_auth=signs,
    )
    tweets = [tweet for page in pages for tweet in page.data]
    truth = world.posts("lumen_mill")
    assert [(tweet.id, tweet.text, tweet.edit_history_tweet_ids) for tweet in tweets] == [
        (post.id, post.text, list(post.chain)) for post in truth
    ]
    assert [int(tweet.created_at.timestamp() * 1000) for tweet in tweets] == [post.created_ms for post in truth]


def test_tweepy_looks_posts_up_and_gets_errors_beside_them(reader: tuple[Any, bool], simulator: Simulator) -> None:
    client, signs = reader
    newest = simulator.world.post_ids("rival_press")[:3]
    hidden = simulator.world.post_ids("hidden_nook")[0]
    answer = client.get_tweets([*newest, hidden, "20"], user_auth=signs)
    assert [str(tweet.id) for tweet in answer.data] == newest
    assert [(problem["value"], problem["title"]) for problem in answer.errors] == [
        (hidden, "Authorization Error"),
        ("20", "Not Found Error"),
    ]


def test_tweepy_sees_private_metrics_with_the_owners_signature(simulator: Simulator) -> None:
    secrets = {name: value for name, value in simulator.oauth1("lumen_mill").items() if name != "auth_type"}
    client = tweepy_client(simulator, **secrets)
    me = client.get_me().data
    answer = client.get_users_tweets(me.id, max_results=5, tweet_fields=["organic_metrics"], user_auth=True)
    client.session.close()
    assert len(answer.data) == 5
    assert set(answer.data[0].organic_metrics) >= {"impression_count", "like_count", "reply_count", "retweet_count"}


def test_tweepy_knows_the_refusals(simulator: Simulator) -> None:
    tweepy = pytest.importorskip("tweepy")
    client = tweepy_client(simulator, bearer_token="wrong")
    with pytest.raises(tweepy.Unauthorized):
        client.get_users(usernames=["lumen_mill"])
    client.bearer_token = simulator.bearer()["bearer_token"]
    with pytest.raises(tweepy.BadRequest, match="not between 5 and 100"):
        client.get_users_tweets(simulator.world.user_id("lumen_mill"), max_results=1)
    with pytest.raises(tweepy.NotFound):
        client.get_tweet(20)
    client.session.close()


def test_tweepys_handler_refreshes_a_user_token(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    tweepy = pytest.importorskip("tweepy")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    tokens = simulator.oauth2("lumen_mill")
    handler = tweepy.OAuth2UserHandler(
        client_id=tokens["client_id"],
        redirect_uri="http://127.0.0.1",
        scope=["tweet.read", "users.read", "offline.access"],
    )
    new = handler.refresh_token(
        f"{simulator.base_url}/2/oauth2/token",
        refresh_token=tokens["refresh_token"],
        auth=HTTPBasicAuth(tokens["client_id"], tokens["client_secret"]),
    )
    handler.close()
    client = tweepy_client(simulator, bearer_token=new["access_token"])
    assert client.get_me(user_auth=False).data.username == "lumen_mill"
    client.session.close()
    assert new["refresh_token"] != tokens["refresh_token"]


def xdk_clients(simulator: Simulator) -> dict[str, Any]:
    xdk = pytest.importorskip("xdk")
    oauth1 = pytest.importorskip("xdk.oauth1_auth")
    secrets = simulator.oauth1("lumen_mill")
    signing = oauth1.OAuth1(
        api_key=secrets["consumer_key"],
        api_secret=secrets["consumer_secret"],
        callback="http://127.0.0.1",
        access_token=secrets["access_token"],
        access_token_secret=secrets["access_token_secret"],
    )
    return {
        "bearer": xdk.Client(base_url=simulator.base_url, bearer_token=simulator.bearer()["bearer_token"]),
        "oauth2": xdk.Client(base_url=simulator.base_url, access_token=simulator.oauth2("lumen_mill")["access_token"]),
        "oauth1": xdk.Client(base_url=simulator.base_url, auth=signing),
    }


@pytest.fixture(params=["oauth1", "oauth2", "bearer"])
def xdk_client(request: pytest.FixtureRequest, simulator: Simulator) -> Iterator[Any]:
    """Yield X's own client for each way of authenticating."""
    clients = xdk_clients(simulator)
    yield clients[request.param]
    for client in clients.values():
        client.session.close()


def test_xs_own_client_reads_users_in_the_new_dialect(xdk_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    world = simulator.world
    answer = xdk_client.users.get_by_usernames(["lumen_mill"], user_fields=["public_metrics"], post_fields=["id"])
    user = answer.model_dump()["data"][0]
    assert (user["id"], user["public_metrics"]["post_count"]) == (
        world.user_id("lumen_mill"),
        len(world.posts("lumen_mill")),
    )
    by_id = xdk_client.users.get_by_ids([world.user_id("rival_press")]).model_dump()
    assert by_id["data"][0]["username"] == "rival_press"


def test_xs_own_client_pages_through_a_whole_timeline(xdk_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    world = simulator.world
    fields = ["created_at", "public_metrics", "note_post", "edit_controls"]
    pages = xdk_client.users.get_posts(
        world.user_id("lumen_mill"), max_results=100, post_fields=fields, expansions=["referenced_posts", "author_id"]
    )
    posts = [post for page in pages for post in page.model_dump()["data"]]
    assert [post["id"] for post in posts] == world.post_ids("lumen_mill")
    assert [post["text"] for post in posts] == [post.text for post in world.posts("lumen_mill")]
    assert all("repost_count" in post["public_metrics"] for post in posts)
    assert {post["author_id"] for post in posts} == {world.user_id("lumen_mill")}


def test_xs_own_client_looks_posts_up(xdk_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    newest = simulator.world.post_ids("rival_press")[:3]
    answer = xdk_client.posts.get_by_ids([*newest, "20"], post_fields=["public_metrics"]).model_dump()
    assert [post["id"] for post in answer["data"]] == newest
    assert [problem["value"] for problem in answer["errors"]] == ["20"]


def test_xs_own_client_refreshes_a_user_token(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    oauth2 = pytest.importorskip("xdk.oauth2_auth")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    tokens = simulator.oauth2("lumen_mill")
    auth = oauth2.OAuth2PKCEAuth(
        base_url=simulator.base_url,
        client_id=tokens["client_id"],
        client_secret=tokens["client_secret"],
        token={
            "access_token": tokens["access_token"],
            "refresh_token": tokens["refresh_token"],
            "token_type": "bearer",
        },
    )
    auth.refresh_token()
    auth.oauth2_session.close()
    assert auth.access_token == simulator.oauth2("lumen_mill")["access_token"] != tokens["access_token"]


@pytest.fixture
def ads_client(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - no types published
    """Return X's own client of the Ads API, which has its address in a constant."""
    client = pytest.importorskip("twitter_ads.client")
    monkeypatch.setattr("twitter_ads.http.Request._DEFAULT_DOMAIN", simulator.base_url)
    secrets = {name: value for name, value in simulator.oauth1("lumen_mill").items() if name != "auth_type"}
    return client.Client(**secrets)


def test_xs_own_ads_client_reads_accounts_and_promotable_users(ads_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    world = simulator.world
    truth = world.ads.named("Lumen Mill Ads")
    (account,) = ads_client.accounts()
    assert (account.id, account.name, account.timezone) == (truth.id, "Lumen Mill Ads", "Europe/Berlin")
    assert datetime.fromisoformat(account.created_at) == truth.began
    users = list(account.promotable_users())
    assert [(user.user_id, user.promotable_user_type) for user in users] == [
        (world.user_id("lumen_mill"), "FULL"),
        (world.user_id("rival_press"), "RETWEETS_ONLY"),
    ]
    assert account.promotable_users(users[1].id).user_id == users[1].user_id


def test_xs_own_ads_client_pages_through_a_whole_timeline(ads_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    creative = pytest.importorskip("twitter_ads.creative")
    world = simulator.world
    account = ads_client.accounts(world.ads.named("Lumen Mill Ads").id)
    found = creative.Tweets.all(
        account,
        tweet_type="PUBLISHED",
        timeline_type="ORGANIC",
        include_mentions_and_replies=True,
        trim_user=True,
        count=100,
    )
    assert [(tweet["id"], tweet["full_text"]) for tweet in found] == [
        (post.id, post.text) for post in world.posts("lumen_mill")
    ]
    chosen = creative.Tweets.all(
        account,
        tweet_type="PUBLISHED",
        timeline_type="ALL",
        user_id=world.user_id("rival_press"),
        tweet_ids=[world.posts("rival_press")[-1].id],
    )
    assert [tweet["user"]["screen_name"] for tweet in chosen] == ["rival_press"]


def test_xs_own_ads_client_reads_scheduled_and_draft_tweets(ads_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    creative = pytest.importorskip("twitter_ads.creative")
    account = ads_client.accounts(simulator.world.ads.named("Lumen Mill Ads").id)
    scheduled = list(account.scheduled_tweets(count=2))
    assert [tweet.scheduled_status for tweet in scheduled] == ["SUCCESS"] * 3 + ["SCHEDULED"] * 2
    assert account.scheduled_tweets(scheduled[4].id).scheduled_at == scheduled[4].scheduled_at
    drafts = list(creative.DraftTweet.all(account))
    assert [(draft.user_id, bool(draft.nullcast)) for draft in drafts] == [
        (simulator.world.user_id("lumen_mill"), nullcast) for nullcast in (True, False, True)
    ]


def test_xs_own_ads_client_knows_the_refusals(ads_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    error = pytest.importorskip("twitter_ads.error")
    ads = simulator.world.ads
    with pytest.raises(error.Forbidden, match="Account nosuch1 was not found"):
        ads_client.accounts("nosuch1")
    other = ads.named("Nook").id
    with pytest.raises(error.NotAuthorized, match="is not authorized to access the account"):
        ads_client.accounts(other)
    with pytest.raises(error.BadRequest, match="Missing required parameter tweet_type"):
        pytest.importorskip("twitter_ads.creative").Tweets.all(ads_client.accounts(ads.named("Lumen Mill Ads").id))


def organic_question(simulator: Simulator, days: int) -> dict[str, Any]:
    """Return what twitter-ads asks for the days up to yesterday; it sends dates, which are days of the account."""
    end = (simulator.application.now - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "ids": simulator.world.post_ids("lumen_mill")[:100:5],
        "metric_groups": ["ENGAGEMENT", "VIDEO"],
        "entity": "ORGANIC_TWEET",
        "granularity": "DAY",
        "start_time": end - timedelta(days=days),
        "end_time": end,
    }


def true_statistics(simulator: Simulator, question: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the world has for such a question: an array for each metric, or None for nothing but zeros."""
    zone = simulator.world.ads.named("Lumen Mill Ads").timezone
    dates = range((question["end_time"] - question["start_time"]).days + 1)
    edges = [start_of_day((question["start_time"] + timedelta(days=day)).date(), zone) for day in dates]
    truth = []
    for identifier in question["ids"]:
        days = [organic_metrics(simulator.world, identifier, *day) for day in pairwise(edges)]
        columns = {name: [day[name] for day in days] for name in days[0]}
        metrics = {name: column if any(column) else None for name, column in columns.items()}
        truth.append({"id": identifier, "id_data": [{"segment": None, "metrics": metrics}]})
    return truth


def test_xs_own_ads_client_reads_organic_statistics_at_once(ads_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    analytics = pytest.importorskip("twitter_ads.analytics").Analytics
    account = ads_client.accounts(simulator.world.ads.named("Lumen Mill Ads").id)
    question = organic_question(simulator, 7)
    assert analytics.all_stats(account, **question) == true_statistics(simulator, question)


def test_xs_own_ads_client_reads_organic_statistics_by_a_job(ads_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    analytics = pytest.importorskip("twitter_ads.analytics").Analytics
    account = ads_client.accounts(simulator.world.ads.named("Lumen Mill Ads").id)
    question = organic_question(simulator, 90)
    job = analytics.queue_async_stats_job(account, **question)
    assert (job.status, job.concurrent_job_limit, job.concurrent_job_limit_remaining) == ("QUEUED", "100", "99")
    simulator.clock.advance(2)
    [done] = analytics.async_stats_job_result(account, job_ids=[job.id])
    assert (done.id, done.status) == (job.id, "SUCCESS")
    result = analytics.async_stats_job_data(account, url=done.url)
    assert (result["time_series_length"], result["data"]) == (90, true_statistics(simulator, question))


def test_xs_own_ads_client_understands_why_it_is_refused(ads_client: Any, simulator: Simulator) -> None:  # noqa: ANN401
    analytics = pytest.importorskip("twitter_ads.analytics").Analytics
    bad_request = pytest.importorskip("twitter_ads.error").BadRequest
    account = ads_client.accounts(simulator.world.ads.named("Lumen Mill Ads").id)
    with pytest.raises(bad_request, match=r"can be a maximum of 7\.days\+1\.hours") as refusal:
        analytics.all_stats(account, **organic_question(simulator, 8))
    assert [error["code"] for error in refusal.value.details] == ["INVALID_TIME_WINDOW"]
