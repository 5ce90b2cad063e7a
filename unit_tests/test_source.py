"""What Airbyte sees of a configuration before anything is asked of X, and of a refresh token."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from airbyte_cdk.models import (
    AirbyteStateMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    FailureType,
    Status,
    SyncMode,
    Type,
)
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic import SourceXOrganic
from unit_tests.clocks import HandClock
from unit_tests.loopback import Answer, Asked, in_turn, serving

if TYPE_CHECKING:
    from collections.abc import Callable

LOGGER = logging.getLogger("test")
BEARER = {"auth_type": "bearer", "bearer_token": "invented-token"}
GOOD = {"credentials": BEARER, "sync_mode": "SpecificAccounts", "accounts": ["@brand"]}
OF_X_API = ["accounts", "account_insights", "tweets", "tweet_insights"]
OF_ADS_API = ["ads_accounts", "promotable_users", "scheduled_tweets", "draft_tweets"]
OF_THE_SYNC = ["api_usage", "sync_coverage"]
ROTATING = {"auth_type": "oauth2", "client_id": "invented-id", "refresh_token": "invented-refresh-0"}


def configured(config: dict[str, Any], sync_mode: SyncMode = SyncMode.incremental) -> ConfiguredAirbyteCatalog:
    catalog = SourceXOrganic().discover(LOGGER, config)
    return ConfiguredAirbyteCatalog(
        streams=[
            ConfiguredAirbyteStream(
                stream=stream,
                sync_mode=sync_mode if stream.name != "accounts" else SyncMode.full_refresh,
                destination_sync_mode=DestinationSyncMode.append,
            )
            for stream in catalog.streams
            if stream.name in OF_X_API
        ]
    )


def test_the_catalog_has_all_streams_with_keys_and_cursors_and_asks_x_nothing() -> None:
    with serving(in_turn(Answer(500))) as x:
        catalog = SourceXOrganic().discover(LOGGER, {**GOOD, "schema": "marketing", "base_urls": {"x_api": x.url}})
        assert x.asked == []
    found = {
        stream.name: (stream.source_defined_primary_key, stream.default_cursor_field, stream.namespace)
        for stream in catalog.streams
    }
    assert found == {
        "accounts": ([["id"]], None, "marketing"),
        "account_insights": ([["account_id"], ["date"]], ["date"], "marketing"),
        "tweets": ([["id"]], ["created_at"], "marketing"),
        "tweet_insights": ([["tweet_id"], ["date"]], ["date"], "marketing"),
        "organic_report": ([["account_id"], ["tweet_id"], ["date"], ["placement"]], ["date"], "marketing"),
        "ads_accounts": ([["id"]], None, "marketing"),
        "promotable_users": ([["ads_account_id"], ["id"]], None, "marketing"),
        "scheduled_tweets": ([["ads_account_id"], ["id"]], None, "marketing"),
        "draft_tweets": ([["ads_account_id"], ["id"]], None, "marketing"),
        "api_usage": ([["sync_started_at"], ["account_id"], ["endpoint"]], ["sync_started_at"], "marketing"),
        "sync_coverage": ([["account_id"], ["stream"], ["date"]], ["date"], "marketing"),
    }


def test_with_the_ads_api_the_catalog_has_its_report_or_else_fivetrans_tables_alone() -> None:
    keys = {name: f"invented-{name}" for name in ("consumer_key", "consumer_secret", "access_token")}
    ads = {
        "credentials": {"auth_type": "oauth1", **keys, "access_token_secret": "invented-secret"},
        "api_access": "ADS_API",
    }
    native = SourceXOrganic().discover(LOGGER, ads).streams
    assert [stream.name for stream in native] == [*OF_X_API, "organic_report", *OF_ADS_API, *OF_THE_SYNC]
    fivetran = SourceXOrganic().discover(LOGGER, {**ads, "table_layout": "fivetran"}).streams
    assert {stream.name: stream.source_defined_primary_key for stream in fivetran} == {
        "account_history": [["id"], ["updated_at"]],
        "twitter_user_history": [["id"]],
        "tweet": [["id"]],
        "organic_tweet_report": [["account_id"], ["organic_tweet_id"], ["date"]],
    }
    assert {tuple(stream.default_cursor_field or ()) for stream in fivetran} == {("_fivetran_synced",)}


BROKEN: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["credentials"]),
    ({**GOOD, "accounts": [], "lookback_window_days": 0}, ["accounts", "lookback_window_days"]),
    ({**GOOD, "constant_columns": [{"name": "id", "value": "x"}]}, ["constant_columns"]),
    ({**GOOD, "max_post_reads_per_sync": 4}, ["max_post_reads_per_sync"]),
]


@pytest.mark.parametrize(("config", "named"), BROKEN)
def test_a_wrong_configuration_is_told_in_every_command_with_all_that_is_wrong(
    config: dict[str, Any], named: list[str]
) -> None:
    source = SourceXOrganic()
    status = source.check(LOGGER, config)
    assert status.status is Status.FAILED
    commands: list[Callable[[], object]] = [
        lambda: source.discover(LOGGER, config),
        lambda: list(source.read(LOGGER, config, ConfiguredAirbyteCatalog(streams=[]))),
        lambda: source.streams(config),
    ]
    for command in commands[: 2 if named == ["constant_columns"] else 3]:
        with pytest.raises(AirbyteTracedException) as caught:
            command()
        assert caught.value.failure_type is FailureType.config_error
        assert caught.value.message == status.message
    assert all(name in str(status.message) for name in named)
    assert "invented-token" not in str(status.message)


def test_every_command_starts_anew_so_that_one_source_serves_many_configurations() -> None:
    source = SourceXOrganic()
    names = [[s.namespace for s in source.discover(LOGGER, {**GOOD, "schema": name}).streams] for name in ("a", "b")]
    assert names == [["a"] * 11, ["b"] * 11]


class X:
    """One user without posts; issues tokens, and says no to any but the newest."""

    def __init__(self) -> None:
        self.issued = 0
        self.events: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/2/oauth2/token":
            assert asked.form["refresh_token"] == f"invented-refresh-{self.issued}"
            self.issued += 1
            self.events.append("issued")
            tokens = {
                name: f"invented-{name.split('_')[0]}-{self.issued}" for name in ("access_token", "refresh_token")
            }
            return Answer(document={**tokens, "expires_in": 7200})
        self.events.append(asked.path)
        if asked.headers["authorization"] != f"Bearer invented-access-{self.issued}":
            return Answer(401)
        user = {"id": "7", "username": "brand", "name": "Brand", "public_metrics": {"followers_count": 3}}
        return Answer(document={"data": user} if asked.path.endswith("/me") else {"meta": {"result_count": 0}})


def test_spec_and_discover_spend_no_token_and_read_hands_the_new_one_over_before_it_is_used() -> None:
    with serving(X()) as x:
        world = x.answer
        assert isinstance(world, X)
        config = {"credentials": ROTATING, "base_urls": {"x_api": x.url}}
        source = SourceXOrganic(clock=HandClock())
        source.spec(LOGGER)
        catalog = configured(config)
        assert world.events == []
        messages = []
        for message in source.read(LOGGER, config, catalog):
            if message.type is Type.CONTROL:
                assert world.events == ["issued"]
            messages.append(message)
    [control] = [message.control for message in messages if message.type is Type.CONTROL]
    assert control is not None
    assert control.connectorConfig is not None
    assert control.connectorConfig.config == {
        **config,
        "credentials": {
            **ROTATING,
            "access_token": "invented-access-1",
            "refresh_token": "invented-refresh-1",
            "token_expiry_date": "2026-11-20T14:00:00Z",
        },
    }
    records = [message.record for message in messages if message.record is not None]
    assert sorted(record.stream for record in records) == ["account_insights", "accounts"]
    assert world.events == ["issued", "/2/users/me", "/2/users/7/tweets"]


def test_one_token_that_stands_at_two_places_is_spent_once_and_replaced_at_both() -> None:
    with serving(X()) as x:
        own = json.dumps([{"account": "@brand", "credentials": ROTATING}])
        config = {"credentials": ROTATING, "account_credentials": own, "base_urls": {"x_api": x.url}}
        messages = list(SourceXOrganic(clock=HandClock()).read(LOGGER, config, configured(config)))
        assert isinstance(x.answer, X)
        assert x.answer.issued == 1
    [control] = [message.control for message in messages if message.control is not None]
    assert control.connectorConfig is not None
    kept = control.connectorConfig.config
    [entry] = json.loads(kept["account_credentials"])
    assert kept["credentials"]["refresh_token"] == entry["credentials"]["refresh_token"] == "invented-refresh-1"


def test_check_prints_the_new_token_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(X()) as x:
        config = {"credentials": ROTATING, "base_urls": {"x_api": x.url}}
        assert SourceXOrganic(clock=HandClock()).check(LOGGER, config).status is Status.SUCCEEDED
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    controls = [line for line in printed if line["type"] == "CONTROL"]
    assert [c["control"]["connectorConfig"]["config"]["credentials"]["refresh_token"] for c in controls] == [
        "invented-refresh-1"
    ]


def test_a_state_of_another_version_is_refused_and_a_full_refresh_does_not_mind() -> None:
    foreign = AirbyteStateMessageSerializer.load(
        {"type": "STREAM", "stream": {"stream_descriptor": {"name": "tweets"}, "stream_state": {"version": 9}}}
    )
    with serving(in_turn(Answer(401))) as x:
        config = {**GOOD, "base_urls": {"x_api": x.url}}
        for sync_mode, words in ((SyncMode.incremental, "version 9"), (SyncMode.full_refresh, "does not accept")):
            reading = SourceXOrganic().read(LOGGER, config, configured(config, sync_mode), [foreign])
            with pytest.raises(AirbyteTracedException, match=words) as caught:
                list(reading)
            assert caught.value.failure_type is FailureType.config_error


def test_what_a_tool_hands_over_when_it_makes_the_source_does_not_count() -> None:
    source = SourceXOrganic(ConfiguredAirbyteCatalog(streams=[]), {"credentials": "of another run"}, [])
    assert [stream.name for stream in source.discover(LOGGER, GOOD).streams] == [
        *OF_X_API,
        "organic_report",
        *OF_ADS_API,
        *OF_THE_SYNC,
    ]
