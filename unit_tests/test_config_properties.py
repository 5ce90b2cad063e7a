"""Whatever is saved, it is a configuration or a list of problems, and never a leak."""

import json
import traceback
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from source_x_organic.config import AccountRef, Config, ConfigError, CredentialLocation, parse_config

SECRET = "S3cr3tV4lue"
CREDENTIALS = [
    {
        "auth_type": "oauth1",
        "consumer_key": f"{SECRET}-1",
        "consumer_secret": f"{SECRET}-2",
        "access_token": f"{SECRET}-3",
        "access_token_secret": f"{SECRET}-4",
    },
    {
        "auth_type": "oauth2",
        "client_id": "invented-id",
        "client_secret": f"{SECRET}-5",
        "refresh_token": f"{SECRET}-6",
        "access_token": f"{SECRET}-7",
        "token_expiry_date": "2026-08-31T12:00:00Z",
    },
    {"auth_type": "bearer", "bearer_token": f"{SECRET}-8"},
]
COMPLETE: dict[str, Any] = {
    "credentials": CREDENTIALS[0],
    "api_access": "X_API_ENTERPRISE",
    "sync_mode": "SpecificAccounts",
    "accounts": ["@brand", "42"],
    "account_credentials": [
        {"account": "brand", "credentials": CREDENTIALS[1]},
        {"account": "42", "credentials": CREDENTIALS[2]},
    ],
    "timeframe_months": "SIX",
    "lookback_window_days": 3,
    "insights_window_days": 60,
    "schema": "organic",
    "constant_columns": [{"name": "region", "value": "EMEA"}],
    "custom_reports": [
        {
            "table_name": "weekly",
            "report_type": "tweet_analytics",
            "metrics": ["likes"],
            "dimensions": ["tweet", "day"],
            "aggregate": "daily",
            "tweets": {"selection": "recent", "count": 5},
            "period": {"type": "range", "start": "2026-08-01", "end": "2026-08-31"},
        }
    ],
    "table_layout": "native",
    "max_post_reads_per_sync": 500,
    "base_urls": {"x_api": "http://127.0.0.1:8080"},
}

WORDS = st.sampled_from([SECRET, f"{SECRET} two", "oauth1", "brand", "17", "2026-08-31", "ids", "***", "", "é\n"])
KEYS = st.one_of(
    WORDS,
    st.sampled_from(["auth_type", "consumer_key", "acount", "name", "period", "type", "ids", "tweet", "__x"]),
    st.text(max_size=5),
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [path, *(place for key, part in inside for place in places(part, (*path, key)))][0 if path else 1 :]


def changed(value: Any, path: tuple[str | int, ...], new: object) -> Any:  # noqa: ANN401 - JSON of any kind
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


def saved(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration as it is stored: `account_credentials` is a text."""
    entries = raw["account_credentials"]
    return {**raw, "account_credentials": entries if isinstance(entries, str | None) else json.dumps(entries)}


def outcome(raw: Mapping[str, Any]) -> Config | ConfigError:
    try:
        return parse_config(raw)
    except ConfigError as error:
        return error


def assert_readable_and_without_secrets(result: Config | ConfigError) -> None:
    if isinstance(result, Config):
        # With its number: a secret that was put in the place of a client id or a schema is none there, and is shown.
        assert f"{SECRET}-" not in repr(result)
        return
    assert result.problems
    assert all(problem.property and problem.message for problem in result.problems)
    assert SECRET not in "".join(traceback.format_exception(result)) + repr(result.problems)
    assert (result.__cause__, result.__context__) == (None, None)


def test_the_complete_configuration_that_is_varied_below_is_right() -> None:
    assert isinstance(outcome(saved(COMPLETE)), Config)


@given(path=st.sampled_from(places(COMPLETE)), value=ANYTHING)
def test_any_value_in_any_place_gives_a_configuration_or_problems_and_leaks_nothing(
    path: tuple[str | int, ...], value: object
) -> None:
    assert_readable_and_without_secrets(outcome(saved(changed(COMPLETE, path, value))))


@given(extra=st.dictionaries(KEYS, ANYTHING, max_size=3), path=st.sampled_from(places(COMPLETE)))
def test_any_key_beside_the_known_ones_gives_a_configuration_or_problems_and_leaks_nothing(
    extra: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    part: Any = COMPLETE
    for key in path:
        part = part[key]
    if isinstance(part, dict):
        raw = changed(COMPLETE, path, {**extra, **part})
        assert_readable_and_without_secrets(outcome(saved(raw)))


@given(raw=st.dictionaries(KEYS | st.sampled_from(sorted(COMPLETE)), ANYTHING, max_size=4))
def test_any_object_at_all_gives_a_configuration_or_problems_and_leaks_nothing(raw: dict[str, Any]) -> None:
    assert_readable_and_without_secrets(outcome(raw))


TEXT = json.dumps(COMPLETE["account_credentials"])


@given(cut=st.integers(0, len(TEXT)), taken=st.integers(0, 3), put=st.text(max_size=3))
def test_a_damaged_json_text_of_account_credentials_leaks_nothing(cut: int, taken: int, put: str) -> None:
    damaged = TEXT[:cut] + put + TEXT[cut + taken :]
    assert_readable_and_without_secrets(outcome({**COMPLETE, "account_credentials": damaged}))


@given(path=st.sampled_from(places(COMPLETE)), nothing=st.sampled_from([None, "", " \t\n"]))
def test_nothing_is_the_same_in_all_its_spellings(path: tuple[str | int, ...], nothing: str | None) -> None:
    results = [outcome(saved(changed(COMPLETE, path, value))) for value in (nothing, None)]
    one, other = (str(result) if isinstance(result, ConfigError) else result for result in results)
    assert one == other


def as_saved(value: object) -> Any:  # noqa: ANN401 - JSON of any kind
    """Return what a form would save for a configuration that was read."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields.items()
        parts = {info.alias or name: as_saved(getattr(value, name)) for name, info in fields if name != "location"}
        entries = parts.get("account_credentials")
        return parts if entries is None else {**parts, "account_credentials": json.dumps(entries)}
    if isinstance(value, tuple):
        return [as_saved(part) for part in value]
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, AccountRef):
        return value.raw
    return value.isoformat() if isinstance(value, datetime | date) else value


def shapes() -> st.SearchStrategy[dict[str, Any]]:
    """Return right configurations of many kinds, loosely spelt."""
    loose_count = st.integers(5, 30).flatmap(lambda n: st.sampled_from([n, float(n), n + 0.5, str(n), f" {n} "]))
    days = st.dates().map(str)
    periods = st.one_of(
        st.just({}),
        st.just({"type": "timeframe"}),
        st.builds(lambda day: {"type": "date", "date": day}, days),
        st.builds(lambda n: {"type": "days_back", "days": n}, loose_count),
        st.builds(
            lambda pair: dict(zip(("type", "start", "end"), ("range", *sorted(pair)), strict=True)),
            st.tuples(days, days),
        ),
    )
    reports = st.builds(
        lambda period, tweets: (
            {"table_name": "r", "report_type": "Media_Analytics", "metrics": ["a", "a"]}
            | {"period": period, "tweets": tweets, "aggregate": None, "dimensions": ["day", " day", ""]}
        ),
        periods,
        st.sampled_from([{}, {"selection": "recent", "count": "3"}, {"selection": "ids", "ids": [1, "2"]}]),
    )
    optional = {
        "sync_mode": st.sampled_from(["allaccounts", "SpecificAccounts"]),
        "timeframe_months": st.sampled_from(["THREE", "all_time", None]),
        "lookback_window_days": loose_count,
        "insights_window_days": loose_count,
        "max_post_reads_per_sync": st.none() | loose_count,
        "schema": st.none() | st.text(max_size=5),
        "account_credentials": st.sampled_from([None, "[]", json.dumps(COMPLETE["account_credentials"])]),
        "custom_reports": st.lists(reports, max_size=1),
        "constant_columns": st.just([{"name": " a", "value": 1.5}]),
        "base_urls": st.sampled_from([{}, {"x_api": "https://a.example/"}, None]),
    }
    required = {
        "credentials": st.sampled_from(CREDENTIALS[:2]),
        "accounts": st.just([" @brand", "Brand", 42, None]),
        "api_access": st.sampled_from([None, "x_api", "X_API_ENTERPRISE"]),
    }
    return st.fixed_dictionaries(required, optional=optional)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(raw=shapes())
def test_a_configuration_that_was_read_reads_the_same_when_it_is_saved_again(raw: dict[str, Any]) -> None:
    config = parse_config(raw)
    again = as_saved(config)
    assert parse_config(again) == config
    assert as_saved(parse_config(again)) == again
    assert [entry.location for entry in config.account_credentials] == [
        CredentialLocation(place) for place in range(len(config.account_credentials))
    ]
