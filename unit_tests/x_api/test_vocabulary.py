"""What X no longer takes is left out or spelt anew, once, whatever the number of threads that find out."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.transport.problems import Problem
from source_x_organic.x_api.vocabulary import (
    POST_DIALECT,
    PRIVATE_FIELDS,
    TWEET_DIALECT,
    USER_FIELDS,
    Dialect,
    Vocabulary,
    Wording,
)

LOGGER = logging.getLogger("test")
START = Wording()
SWITCHED = Wording(POST_DIALECT)


def refusal(*parameters: str, values: tuple[str, ...] = ()) -> Problem:
    return Problem("invalid-request", 400, parameters=parameters, refused_values=values)


def without(wording: Wording, *refused: tuple[str, str]) -> Wording:
    return replace(wording, left_out=wording.left_out | set(refused))


ORIGINALS = "referenced_tweets.id"
REFUSALS = [
    ("the parameter", START, refusal("tweet.fields"), SWITCHED),
    ("the parameter of the new dialect", SWITCHED, refusal("post.fields"), None),
    (
        "a post field",
        START,
        refusal("tweet.fields", values=("note_tweet",)),
        without(START, ("tweet.fields", "note_tweet")),
    ),
    ("a user field", START, refusal("user.fields", values=("parody",)), without(START, ("user.fields", "parody"))),
    (
        "two fields",
        START,
        refusal(values=("parody", "lang")),
        without(START, ("user.fields", "parody"), ("tweet.fields", "lang")),
    ),
    (
        "a post field that users have too",
        START,
        refusal("tweet.fields", values=("entities",)),
        without(START, ("tweet.fields", "entities")),
    ),
    ("an expansion", START, refusal("expansions", values=(ORIGINALS,)), without(START, ("expansions", ORIGINALS))),
    (
        "a private field",
        SWITCHED,
        refusal(values=("organic_metrics",)),
        without(SWITCHED, ("post.fields", "organic_metrics")),
    ),
    ("another dialect's field", SWITCHED, refusal(values=("note_tweet",)), None),
    ("a field that was left out", without(START, ("tweet.fields", "lang")), refusal(values=("lang",)), None),
    ("something else", START, refusal("max_results", values=("1000",)), None),
    ("nothing in particular", START, refusal(), None),
]


@pytest.mark.parametrize(("used", "problem", "expected"), [case[1:] for case in REFUSALS], ids=[c[0] for c in REFUSALS])
def test_a_refusal_costs_what_it_names_or_means_the_other_dialect(
    used: Wording, problem: Problem, expected: Wording | None
) -> None:
    assert used.after(problem) == expected


@pytest.mark.parametrize("dialect", [TWEET_DIALECT, POST_DIALECT])
def test_the_parameters_list_the_dialects_names(dialect: Dialect) -> None:
    wording = Wording(dialect)
    assert wording.user_parameters() == {"user.fields": ",".join(USER_FIELDS)}
    assert wording.public_parameters() == {
        dialect.fields_parameter: ",".join(dialect.public_fields),
        "expansions": ",".join(dialect.expansions),
    }
    assert wording.private_parameters() == {
        dialect.fields_parameter: "created_at,id,public_metrics,organic_metrics,non_public_metrics"
    }
    assert wording.counter_parameters() == {dialect.fields_parameter: "created_at,id,public_metrics"}


def test_the_two_passes_never_ask_for_what_x_refuses_to_mix() -> None:
    for dialect in (TWEET_DIALECT, POST_DIALECT):
        assert not set(PRIVATE_FIELDS) & set(dialect.public_fields)
        assert "promoted_metrics" not in {*dialect.public_fields, *dialect.private_fields}
        assert "expansions" not in Wording(dialect).private_parameters()


def test_an_expansion_that_is_left_out_leaves_no_empty_parameter() -> None:
    assert "expansions" not in without(START, ("expansions", ORIGINALS)).public_parameters()


NAMES = st.sampled_from(
    [*USER_FIELDS, *TWEET_DIALECT.public_fields, *POST_DIALECT.public_fields, *POST_DIALECT.expansions]
)


@given(
    st.lists(
        st.builds(
            lambda parameter, values: refusal(parameter, values=tuple(values)),
            st.sampled_from(["tweet.fields", "post.fields", "expansions"]),
            st.lists(NAMES, max_size=3),
        ),
        max_size=30,
    )
)
def test_whatever_x_refuses_the_words_grow_fewer_and_the_dialect_changes_at_most_once(problems: list[Problem]) -> None:
    wording = START
    for problem in problems:
        better = wording.after(problem)
        if better is None:
            continue
        assert better != wording
        assert better.left_out >= wording.left_out
        assert (better.dialect is wording.dialect) or (wording.dialect, better.dialect) == (TWEET_DIALECT, POST_DIALECT)
        asked = {**better.public_parameters(), **better.user_parameters()}
        assert not better.left_out & {(key, name) for key, value in asked.items() for name in value.split(",")}
        wording = better


def test_the_change_is_taken_in_once_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    vocabulary = Vocabulary(LOGGER)
    with ThreadPoolExecutor(16) as threads:
        known = list(threads.map(lambda _: vocabulary.adapt(START, refusal("tweet.fields")), range(64)))
    assert known == [True] * 64
    assert vocabulary.wording == SWITCHED
    assert caplog.messages == ["X no longer takes tweet.fields; going on with post.fields. The columns stay the same."]


def test_a_thread_that_is_behind_tries_the_wording_that_another_found() -> None:
    vocabulary = Vocabulary(LOGGER)
    assert vocabulary.adapt(START, refusal("tweet.fields"))
    assert vocabulary.adapt(START, refusal("max_results"))
    assert vocabulary.wording == SWITCHED
    assert not vocabulary.adapt(SWITCHED, refusal("max_results"))


def test_a_field_that_is_left_out_is_named(caplog: pytest.LogCaptureFixture) -> None:
    vocabulary = Vocabulary(LOGGER)
    assert vocabulary.adapt(START, refusal(values=("parody", "lang")))
    [line] = caplog.messages
    assert "lang, parody" in line
