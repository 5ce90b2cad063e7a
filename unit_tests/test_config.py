"""What a usable configuration becomes."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from source_x_organic.config import (
    AccountCredentials,
    AccountRef,
    Aggregate,
    AllTweets,
    ApiAccess,
    BaseUrls,
    BearerCredentials,
    Config,
    ConstantColumn,
    CredentialLocation,
    CustomReport,
    DateRange,
    DaysBack,
    Dimension,
    OAuth1Credentials,
    OAuth2Credentials,
    RecentTweets,
    RelativeRange,
    ReportType,
    SingleDay,
    SyncMode,
    TableLayout,
    Timeframe,
    TimeframePeriod,
    TweetIds,
    parse_config,
)

OAUTH1 = {
    "auth_type": "oauth1",
    "consumer_key": "invented-ck-1",
    "consumer_secret": "invented-cs-2",
    "access_token": "7-invented-at",
    "access_token_secret": "invented-ats-3",
}
OAUTH2 = {"auth_type": "oauth2", "client_id": "invented-id", "refresh_token": "invented-rt-4"}
BEARER = {"auth_type": "bearer", "bearer_token": "invented-bt-5"}
REPORT = {"table_name": "weekly", "report_type": "tweet_analytics", "metrics": ["impressions"]}


def config(**properties: object) -> Config:
    return parse_config({"credentials": OAUTH1, **properties})


def test_credentials_alone_are_a_configuration_with_every_default() -> None:
    assert config() == Config(
        credentials=OAuth1Credentials(**OAUTH1),
        api_access=ApiAccess.X_API,
        sync_mode=SyncMode.ALL_ACCOUNTS,
        accounts=(),
        account_credentials=(),
        timeframe_months=Timeframe.THREE,
        lookback_window_days=7,
        insights_window_days=30,
        schema=None,
        constant_columns=(),
        custom_reports=(),
        table_layout=TableLayout.NATIVE,
        max_post_reads_per_sync=None,
        base_urls=BaseUrls(
            x_api="https://api.x.com", ads_api="https://ads-api.x.com", engagement_api="https://data-api.x.com"
        ),
    )


NOTHING: list[Any] = [None, "", "  \n"]


@pytest.mark.parametrize("nothing", NOTHING)
def test_nulls_blanks_and_spaces_are_the_same_as_absent(nothing: object) -> None:
    names = [field.alias or name for name, field in Config.model_fields.items()]
    blank = {name: nothing for name in names if name != "credentials"}
    assert config(**blank) == config()


def test_empty_lists_and_objects_are_the_same_as_absent() -> None:
    empty = {"accounts": [], "account_credentials": "[]", "constant_columns": [], "custom_reports": [], "base_urls": {}}
    assert config(**empty) == config()
    assert config(account_credentials=[]) == config()
    assert config(accounts=[None, "", " "]) == config()


def test_a_blank_optional_value_inside_credentials_is_absent_and_spaces_around_secrets_go() -> None:
    credentials = {**OAUTH2, "client_secret": "", "access_token": None, "refresh_token": " invented-rt-4\n"}
    assert config(credentials=credentials).credentials == OAuth2Credentials(**OAUTH2)


def test_oauth_2_credentials_have_their_expiry_as_an_instant_in_utc() -> None:
    credentials = {**OAUTH2, "access_token": "invented-at", "token_expiry_date": "2026-08-31T14:00:00.5+02:00"}
    parsed = config(credentials=credentials).credentials
    assert isinstance(parsed, OAuth2Credentials)
    assert parsed.token_expiry_date == datetime(2026, 8, 31, 12, 0, 0, 500_000, tzinfo=UTC)


def test_a_bearer_token_goes_with_listed_accounts() -> None:
    parsed = config(credentials=BEARER, sync_mode="SpecificAccounts", accounts=["rival"])
    assert parsed.credentials == BearerCredentials(**BEARER)
    assert parsed.accounts == (AccountRef("rival", "rival", None, None),)


@pytest.mark.parametrize(
    ("given", "whole"), [(9, 9), (9.0, 9), (9.5, 9), ("9", 9), (" 9.9 ", 9), ("+9", 9), (30, 30), (1, 1)]
)
def test_a_count_is_a_whole_number_whatever_the_form_let_through(given: object, whole: int) -> None:
    assert config(lookback_window_days=given).lookback_window_days == whole


@pytest.mark.parametrize(
    ("given", "choice"), [("ads_api", ApiAccess.ADS_API), ("X_API_ENTERPRISE", ApiAccess.X_API_ENTERPRISE)]
)
def test_a_choice_is_found_in_any_case(given: str, choice: ApiAccess) -> None:
    assert config(api_access=given).api_access is choice


@pytest.mark.parametrize(
    ("timeframe", "months"), [("THREE", 3), ("SIX", 6), ("TWELVE", 12), ("TWENTY_FOUR", 24), ("ALL_TIME", None)]
)
def test_a_timeframe_is_a_number_of_months_or_no_limit(timeframe: str, months: int | None) -> None:
    assert config(timeframe_months=timeframe).timeframe_months.months == months


@pytest.mark.parametrize(
    ("text", "username", "user_id"),
    [("@Brand", "Brand", None), ("Brand_1", "Brand_1", None), ("2244994945", None, "2244994945"), ("@42", "42", None)],
)
def test_an_account_is_a_username_or_a_user_id(text: str, username: str | None, user_id: str | None) -> None:
    assert config(accounts=[text]).accounts == (AccountRef(text, username, user_id, None),)


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("18CE54d4x5t", AccountRef("18CE54d4x5t", "18CE54d4x5t", None, "18ce54d4x5t")),
        ("2244994945", AccountRef("2244994945", None, "2244994945", "2244994945")),
        ("@18ce54", AccountRef("@18ce54", "18ce54", None, None)),
        ("under_score", AccountRef("under_score", "under_score", None, None)),
    ],
)
def test_with_the_ads_api_an_account_may_be_an_ads_account_id_too(text: str, account: AccountRef) -> None:
    assert config(api_access="ADS_API", accounts=[text]).accounts == (account,)


def test_a_user_id_may_be_a_number() -> None:
    assert config(accounts=[2244994945]).accounts == (AccountRef("2244994945", None, "2244994945", None),)


def test_an_account_named_twice_is_read_once_as_first_written() -> None:
    accounts = config(accounts=["@Brand", "brand", "BRAND", "other", "42", "@42"]).accounts
    assert [account.raw for account in accounts] == ["@Brand", "other", "42", "@42"]


def test_account_credentials_are_read_out_of_their_json_with_their_place_in_it() -> None:
    text = json.dumps([{"account": "@brand", "credentials": OAUTH2}, {"account": "42", "credentials": BEARER}])
    assert config(account_credentials=f"\n{text}").account_credentials == (
        AccountCredentials(
            account=AccountRef("@brand", "brand", None, None),
            credentials=OAuth2Credentials(**OAUTH2),
            location=CredentialLocation(0),
        ),
        AccountCredentials(
            account=AccountRef("42", None, "42", None),
            credentials=BearerCredentials(**BEARER),
            location=CredentialLocation(1),
        ),
    )


def test_locations_name_the_default_credentials_and_those_of_an_entry() -> None:
    assert config().credentials_location.path == "credentials"
    assert CredentialLocation(3).path == "account_credentials[3].credentials"


def test_every_secret_is_listed_for_redaction_once() -> None:
    entries = [{"account": "a", "credentials": OAUTH2}, {"account": "b", "credentials": OAUTH1}]
    parsed = config(account_credentials=json.dumps(entries))
    assert parsed.secret_values() == (
        "invented-ck-1",
        "invented-cs-2",
        "7-invented-at",
        "invented-ats-3",
        "invented-rt-4",
    )


def test_a_configuration_that_is_printed_shows_no_secret() -> None:
    parsed = config(account_credentials=json.dumps([{"account": "a", "credentials": BEARER}]))
    shown = repr(parsed) + str(parsed) + parsed.model_dump_json()
    assert [secret for secret in parsed.secret_values() if secret in shown] == []


def test_constant_columns_keep_their_order_and_hold_text() -> None:
    columns = [{"name": "region", "value": " EMEA "}, {"name": "_Year", "value": 2026}, {"name": "own", "value": True}]
    assert config(constant_columns=columns).constant_columns == (
        ConstantColumn(name="region", value="EMEA"),
        ConstantColumn(name="_Year", value="2026"),
        ConstantColumn(name="own", value="true"),
    )


def test_a_custom_report_has_defaults_for_all_but_name_type_and_metrics() -> None:
    assert config(custom_reports=[REPORT]).custom_reports == (
        CustomReport(
            table_name="weekly",
            report_type=ReportType.TWEET_ANALYTICS,
            metrics=("impressions",),
            dimensions=(),
            aggregate=None,
            tweets=AllTweets(),
            period=TimeframePeriod(),
        ),
    )


def test_a_custom_report_written_for_fivetran_reads_as_it_is() -> None:
    report = {
        "report_type": "ENGAGEMENT_HISTORICAL",
        "metrics": ["impressions", "impressions", "url_clicks"],
        "dimensions": ["tweet", "day", "tweet"],
        "table_name": "clicks",
        "aggregate": "DAILY",
    }
    (parsed,) = config(custom_reports=[report]).custom_reports
    assert parsed.report_type is ReportType.ENGAGEMENT_HISTORICAL
    assert parsed.metrics == ("impressions", "url_clicks")
    assert parsed.dimensions == (Dimension.TWEET, Dimension.DAY)
    assert parsed.aggregate is Aggregate.DAILY


@pytest.mark.parametrize(
    ("tweets", "selection"),
    [
        ({}, AllTweets()),
        ({"selection": "all"}, AllTweets()),
        ({"selection": "recent", "count": 50.0}, RecentTweets(count=50)),
        ({"selection": "ids", "ids": ["17", 18]}, TweetIds(ids=("17", "18"))),
        ({"selection": "ids", "ids": ["1"] * 100, "count": 3}, TweetIds(ids=("1",) * 100)),
    ],
)
def test_a_report_covers_all_recent_or_named_tweets(tweets: object, selection: object) -> None:
    assert config(custom_reports=[{**REPORT, "tweets": tweets}]).custom_reports[0].tweets == selection


@pytest.mark.parametrize(
    ("given", "period"),
    [
        ({}, TimeframePeriod()),
        ({"type": "timeframe"}, TimeframePeriod()),
        ({"type": "date", "date": "2024-02-29"}, SingleDay(date=date(2024, 2, 29))),
        ({"type": "days_back", "days": 0}, DaysBack(days=0)),
        (
            {"type": "range", "start": "2026-08-31", "end": "2026-08-31"},
            DateRange(start=date(2026, 8, 31), end=date(2026, 8, 31)),
        ),
        (
            {"type": "relative_range", "from_days_back": 7, "to_days_back": 7},
            RelativeRange(from_days_back=7, to_days_back=7),
        ),
    ],
)
def test_a_report_covers_a_period(given: object, period: object) -> None:
    assert config(custom_reports=[{**REPORT, "period": given}]).custom_reports[0].period == period


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://api.x.com///", "https://api.x.com"),
        ("https://proxy.example:8443/x/", "https://proxy.example:8443/x"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.1.2.3", "http://127.1.2.3"),
        ("http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_an_address_is_kept_without_a_slash_at_its_end(given: str, kept: str) -> None:
    assert config(base_urls={"x_api": given}).base_urls == BaseUrls(x_api=kept)


@pytest.mark.parametrize(
    "extra",
    [
        {"__injected_declarative_manifest": {"type": "x"}},
        {"airbyte_thing": 1},
        {"credentials": {**OAUTH1, "bearer_token": "left over from another option", "note": "x"}},
        {"constant_columns": [{"name": "a", "value": "b", "comment": "x"}]},
    ],
)
def test_keys_that_are_no_misspellings_are_ignored(extra: dict[str, Any]) -> None:
    assert config(**extra).credentials == OAuth1Credentials(**OAUTH1)


def test_the_configuration_that_was_given_is_left_as_it_was() -> None:
    raw = {"credentials": {**OAUTH1, "extra": None}, "accounts": [" a ", None], "custom_reports": [{**REPORT}]}
    before = json.dumps(raw)
    parse_config(raw)
    assert json.dumps(raw) == before
