"""What X is asked: as little as its limits allow, and nothing at all before reading."""

from __future__ import annotations

from itertools import combinations

import pytest

from integration_tests.stage import OF_POSTS, STREAMS, Stage, billed, fields_of
from x_simulator import AccountSpec

MILL = AccountSpec("lumen_mill", posts=450, posts_per_day=10, mix=("original", "media", "long"))
KILN = AccountSpec("tiny_kiln", posts=120, posts_per_day=2, mix=("original",))

SELECTIONS = [chosen for size in range(1, 5) for chosen in combinations(STREAMS, size)]


@pytest.mark.parametrize("chosen", SELECTIONS, ids="+".join)
def test_any_selection_of_streams_asks_for_each_thing_once(chosen: tuple[str, ...]) -> None:
    with Stage(MILL, KILN) as stage:
        output = stage.sync(*chosen)

    assert output.error is None
    assert {entry.status for entry in stage.requests} == {200}
    assert len(stage.requests_to("/2/users/me")) == 2
    public = {name: len(stage.public_pages(name)) for name in ("lumen_mill", "tiny_kiln")}
    private = {name: len(stage.private_pages(name)) for name in ("lumen_mill", "tiny_kiln")}
    of_posts = bool({*chosen} & {*OF_POSTS})
    assert public == ({"lumen_mill": 5, "tiny_kiln": 2} if of_posts else dict.fromkeys(public, 0))
    # 300 and 60 posts are young enough for private counters.
    assert private == ({"lumen_mill": 3, "tiny_kiln": 1} if "tweet_insights" in chosen else dict.fromkeys(private, 0))
    assert len(stage.requests) == 2 + sum(public.values()) + sum(private.values())
    assert billed(stage.public_pages()) == (570 if of_posts else 0)
    assert billed(stage.private_pages()) <= (360 if "tweet_insights" in chosen else 0)


def test_every_page_asks_for_a_hundred_posts_and_the_private_pass_for_nothing_that_x_refuses_with_it() -> None:
    with Stage(MILL) as stage:
        stage.sync()

    assert {entry.query["max_results"] for entry in (*stage.public_pages(), *stage.private_pages())} == {"100"}
    for entry in stage.private_pages():
        assert fields_of(entry) == {"id", "created_at", "public_metrics", "organic_metrics", "non_public_metrics"}
        assert "expansions" not in entry.query
        assert entry.query["exclude"] == "retweets"
    for entry in stage.public_pages():
        assert "public_metrics" in fields_of(entry)
        assert entry.query["expansions"] == "referenced_tweets.id"
        assert "exclude" not in entry.query
    assert "promoted_metrics" not in str(stage.requests)


def test_the_private_pass_asks_only_for_the_last_thirty_days() -> None:
    with Stage(MILL) as stage:
        stage.sync("tweet_insights")

    assert {entry.query["start_time"] for entry in stage.private_pages()} == {"2026-10-21T09:31:00Z"}


def test_pages_follow_each_other_by_the_token_that_x_gave() -> None:
    with Stage(MILL) as stage:
        stage.sync("tweets")

    tokens = [entry.query.get("pagination_token") for entry in stage.public_pages()]
    assert tokens[0] is None
    assert all(tokens[1:])
    assert len(set(tokens)) == 5


def test_spec_and_discover_ask_x_nothing() -> None:
    with Stage(MILL) as stage:
        stage.discover(stage.config())
        stage.discover(stage.config(credentials=stage.simulator.oauth2("lumen_mill")))
        (spec,) = stage.run("spec").of_type("SPEC")

    assert stage.requests == []
    assert "credentials" in spec["connectionSpecification"]["properties"]


def test_check_reads_no_post_that_x_would_bill() -> None:
    with Stage(MILL, KILN) as stage:
        output = stage.check()

    assert output.verdict[0] == "SUCCEEDED"
    assert billed(stage.requests) == 0
    # One look-up, one empty page of either pass, and one look for Ads accounts.
    assert len(stage.requests) == 2 * (1 + 2 + 1)


def test_an_account_older_than_xs_calendar_is_asked_for_without_a_start() -> None:
    with Stage(MILL) as stage:
        stage.sync("tweets", config=stage.config(timeframe_months="ALL_TIME"))

    assert all("start_time" not in entry.query and "end_time" not in entry.query for entry in stage.public_pages())
