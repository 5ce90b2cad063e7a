"""`schema` and `constant_columns`: on every stream, record, state and status, and nowhere in the way of the state."""

from __future__ import annotations

import json

import pytest

from integration_tests.stage import OF_POSTS, STREAMS, TIMELINE, Json, Stage
from x_simulator import AccountSpec, Fault

MILL = AccountSpec("lumen_mill", posts=40)
KILN = AccountSpec("tiny_kiln", posts=12)
TEAM = [{"name": "team", "value": "north"}, {"name": "Region", "value": "EMEA"}]


def namespaces(messages: list[Json]) -> dict[str, set[str | None]]:
    """Return the namespaces by kind of message."""
    found: dict[str, set[str | None]] = {}
    for message in messages:
        kind = message["type"]
        if kind == "RECORD":
            found.setdefault(kind, set()).add(message["record"].get("namespace"))
        elif kind == "STATE":
            found.setdefault(kind, set()).add(message["state"]["stream"]["stream_descriptor"].get("namespace"))
        elif kind == "TRACE":
            part = message["trace"].get("stream_status") or message["trace"].get("error") or {}
            if part.get("stream_descriptor"):
                kind = f"{kind} {message['trace']['type']}"
                found.setdefault(kind, set()).add(part["stream_descriptor"].get("namespace"))
    return found


def test_the_schema_is_the_namespace_of_every_kind_of_message() -> None:
    with Stage(MILL, KILN) as stage:
        config = stage.config(schema="x_organic")
        stage.simulator.faults.add(Fault("forbidden", path=TIMELINE, account="tiny_kiln", times=None))
        output = stage.sync(config=config)

    assert {stream["namespace"] for stream in output.catalog.values()} == {"x_organic"}
    kinds = ("RECORD", "STATE", "TRACE STREAM_STATUS", "TRACE ERROR")
    assert namespaces(output.messages) == {kind: {"x_organic"} for kind in kinds}


def test_without_a_schema_there_is_no_namespace() -> None:
    with Stage(MILL) as stage:
        output = stage.sync()

    assert {stream.get("namespace") for stream in output.catalog.values()} == {None}
    assert set.union(*namespaces(output.messages).values()) == {None}


def test_constant_columns_are_in_every_schema_and_every_record() -> None:
    with Stage(MILL) as stage:
        plain = stage.sync()
        output = stage.sync(config=stage.config(constant_columns=TEAM))

    output.assert_valid()
    for name in STREAMS:
        columns = output.catalog[name]["json_schema"]["properties"]
        assert columns["team"] == {"type": ["null", "string"], "description": "Constant column, always 'north'."}
        assert columns.keys() - plain.catalog[name]["json_schema"]["properties"].keys() == {"team", "Region"}
        assert output.rows(name) == [row | {"team": "north", "Region": "EMEA"} for row in plain.rows(name)]
        assert output.states(name)[-1] == plain.states(name)[-1]


def test_a_constant_column_that_a_stream_has_already_is_refused_with_both_names() -> None:
    with Stage(MILL) as stage:
        config = stage.config(constant_columns=[{"name": "lang", "value": "de"}, {"name": "username", "value": "x"}])
        output = stage.check(config)
        read = stage.run("read", config=json.dumps(config), catalog='{"streams": []}', state="[]")

    status, message = output.verdict
    assert status == "FAILED"
    assert "constant_columns: the name 'lang' is a column of the streams tweets, tweet_insights already" in message
    assert "'username' is a column of the streams accounts, account_insights already" in message
    assert read.failures[-1]["failure_type"] == "config_error"
    assert read.failures[-1]["message"] == message
    assert stage.requests == []


TAKEN = [{"name": "likes", "value": "x"}, {"name": "lang", "value": "de"}, {"name": "LANG", "value": "de"}]
REPORT = {"table_name": "mine", "report_type": "tweet_analytics", "metrics": ["likes"]}


def test_other_mistakes_do_not_hide_a_constant_column_that_a_stream_has_already() -> None:
    with Stage(MILL) as stage:
        config = stage.config(
            constant_columns=TAKEN,
            lookback_window_days=99,
            accounts="x",
            custom_reports=[
                {**REPORT, "period": {"type": "date", "date": "2027-01-01"}, "aggregate": "monthly"},
                {**REPORT, "table_name": "other", "metrics": ["Likes"]},
                "nothing",
            ],
        )
        _, message = stage.check(config).verdict
        (failure,) = stage.run("discover", config=json.dumps(config)).failures

    assert failure["message"] == message
    assert [line.split(" Choose")[0] for line in message.splitlines()[1:]] == [
        "- accounts: must be a list.",
        "- lookback_window_days: must be at most 30.",
        "- constant_columns: the name 'lang' is a column of the streams tweets, tweet_insights already.",
        "- constant_columns: the name 'likes' is a column of the streams organic_report, mine already.",
        "- constant_columns[2].name: is the name of an earlier column too. Give each column its own name.",
        "- custom_reports[0].aggregate: must be one of hourly, daily, weekly, total, not monthly.",
        "- custom_reports[0].period.date: lies in the future.",
        "- custom_reports[1].metrics: Likes is no metric of tweet_analytics. Did you mean likes?",
        "- custom_reports[2]: must be an object with named values.",
    ]
    assert stage.requests == []


@pytest.mark.parametrize("more", [{"api_access": "ADS"}, {"table_layout": "fivetran"}, {"table_layot": "native"}])
def test_where_nobody_can_tell_the_tables_a_constant_column_is_looked_at_later(more: Json) -> None:
    with Stage(MILL) as stage:
        _, message = stage.check(stage.config(constant_columns=TAKEN[:2], **more)).verdict

    (name,) = more
    assert message.startswith(f"{name}: ")
    assert "constant_columns" not in message


def test_a_constant_column_that_differs_in_case_alone_is_refused_too() -> None:
    with Stage(MILL) as stage:
        output = stage.check(stage.config(constant_columns=[{"name": "LANG", "value": "de"}]))

    # Most destinations fold the case of column names.
    status, message = output.verdict
    assert status == "FAILED"
    assert "the name 'LANG' is a column of the streams tweets, tweet_insights already" in message


def test_the_state_of_one_schema_serves_another_and_one_without() -> None:
    with Stage(MILL) as stage:
        first = stage.sync(*OF_POSTS, config=stage.config(schema="old_name"))
        stage.forget()
        renamed = stage.sync(*OF_POSTS, config=stage.config(schema="new_name"), state=first.state)
        without = stage.sync(*OF_POSTS, state=renamed.state)

    assert len(renamed.rows("tweets")) == len(without.rows("tweets")) < 40
    assert namespaces(renamed.messages)["STATE"] == {"new_name"}
    assert namespaces(without.messages)["STATE"] == {None}
