"""Each kind of problem becomes one kind of error, with words for the reader and for support."""

from __future__ import annotations

import json

import pytest
from airbyte_cdk.models import FailureType

from source_x_organic.transport.errors import CredentialsRefused, Unavailable, error_for
from source_x_organic.transport.kinds import KINDS, Recovery
from source_x_organic.transport.problems import Problem, classify


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_becomes_an_error_of_its_failure_type_with_a_remedy(kind: str) -> None:
    error = error_for(Problem(kind, 400, "Title", "Detail."), what="the posts of @brand", endpoint="users/:id/tweets")
    remedy = KINDS[kind].remedy
    verb = "X refused" if KINDS[kind].recovery is Recovery.NONE else "X did not give"
    second_half = remedy if remedy.startswith("X") else remedy[0].lower() + remedy[1:]
    assert error.message == f"{verb} the posts of @brand (Detail): {second_half}"
    assert error.failure_type is KINDS[kind].failure_type
    assert isinstance(error, Unavailable) is (error.failure_type is FailureType.transient_error)
    assert isinstance(error, CredentialsRefused) is KINDS[kind].whole_credential


def test_the_internal_message_has_what_support_asks_for() -> None:
    body = {
        "type": "https://api.twitter.com/2/problems/client-forbidden",
        "title": "Client Forbidden",
        "detail": "Not enrolled.",
    }
    problem = classify(403, {"x-transaction-id": "f00"}, json.dumps(body).encode())
    assert error_for(problem, what="the posts of @brand", endpoint="users/:id/tweets").internal_message == (
        "status=403 endpoint=users/:id/tweets type=https://api.twitter.com/2/problems/client-forbidden request_id=f00 "
        "title='Client Forbidden' detail='Not enrolled.'"
    )


def test_the_internal_message_has_the_word_that_x_has_for_the_fault() -> None:
    problem = Problem("invalid-request", 400, detail="Expected time", code="INVALID_PARAMETER")
    assert error_for(problem, what="the statistics", endpoint="stats/accounts/:id").internal_message == (
        "status=400 endpoint=stats/accounts/:id type=invalid-request code=INVALID_PARAMETER request_id=none title='' "
        "detail='Expected time'"
    )


def test_without_an_answer_the_message_does_not_blame_x() -> None:
    error = error_for(Problem("unreachable", detail="Connection refused"), what="the posts of @brand", endpoint="e")
    assert error.message == (
        "The posts of @brand could not be read (Connection refused): X could not be reached; check the network, proxy "
        "and base_urls, then try again."
    )
