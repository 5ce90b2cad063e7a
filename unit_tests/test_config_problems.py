"""What is wrong is named once, all of it, with the remedy and without a secret."""

import json
import sys
import traceback
from typing import Any

import pytest

from source_x_organic.config import BUILT_IN_STREAMS, ConfigError, Problem, parse_config

OAUTH1 = {
    "auth_type": "oauth1",
    "consumer_key": "invented-ck-1",
    "consumer_secret": "invented-cs-2",
    "access_token": "7-invented-at",
    "access_token_secret": "invented-ats-3",
}
OAUTH2 = {"auth_type": "oauth2", "client_id": "invented-id", "refresh_token": "invented-rt-4"}
BEARER = {"auth_type": "bearer", "bearer_token": "invented-bt-5"}
COMMA = 17 if sys.version_info >= (3, 13) else 18
"""Where Python sees the mistake in `[{"account": "a",}]`: at the comma, or behind it."""
REPORT = {"table_name": "weekly", "report_type": "tweet_analytics", "metrics": ["impressions"]}

ENTER_AGAIN = "holds only asterisks: a masked value was saved instead of the secret. Enter the secret again."
STRAY_CHARACTER = (
    "has a space, a line break or a special character in it, which X's keys never have. "
    "Copy it from X's developer console again, the value alone."
)
NOT_AN_ADDRESS = (
    "must be an address alone, such as https://api.x.com: no user name, no question mark, no hash, no space."
)
NOT_SAFE = (
    "must begin with https://. Plain http:// is accepted only for this machine (localhost, 127.0.0.1 or [::1]), "
    "because the requests carry your keys."
)
OAUTH1_ONLY = (
    "must be oauth1, because {} accepts no other way to sign in. Enter OAuth 1.0a keys, or choose api_access X_API."
)


def problems_of(raw: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        parse_config(raw)
    return [(problem.property, problem.message) for problem in caught.value.problems]


def entries(*credentials: object) -> str:
    return json.dumps([{"account": f"brand{place}", "credentials": one} for place, one in enumerate(credentials)])


def report(**changes: object) -> dict[str, Any]:
    return {"custom_reports": [REPORT, {**REPORT, "table_name": "second", **changes}]}


@pytest.mark.parametrize(
    ("properties", "path", "message"),
    [
        # credentials
        ({"credentials": None}, "credentials", "is missing. Choose how to sign in to X and enter the keys."),
        ({"credentials": "oauth1"}, "credentials", "must be an object with named values."),
        ({"credentials": {}}, "credentials", "does not say which kind it is: auth_type is missing."),
        (
            {"credentials": {**OAUTH1, "auth_type": "oauth3"}},
            "credentials",
            "has an unknown auth_type. Choose one of 'oauth1', 'oauth2', 'bearer'.",
        ),
        (
            {"credentials": {**OAUTH1, "consumer_key": ""}},
            "credentials.consumer_key",
            'is missing. Copy the "API Key" from your app\'s "Keys and tokens" page at console.x.com.',
        ),
        ({"credentials": {**OAUTH1, "access_token": "*" * 10}}, "credentials.access_token", ENTER_AGAIN),
        ({"credentials": {**OAUTH1, "access_token": "••••"}}, "credentials.access_token", ENTER_AGAIN),
        ({"credentials": {**OAUTH2, "client_id": "**"}}, "credentials.client_id", ENTER_AGAIN),
        ({"credentials": {**OAUTH2, "client_secret": "**"}}, "credentials.client_secret", ENTER_AGAIN),
        ({"credentials": {**OAUTH1, "consumer_secret": "two\nlines"}}, "credentials.consumer_secret", STRAY_CHARACTER),
        ({"credentials": {**OAUTH1, "consumer_secret": "é"}}, "credentials.consumer_secret", STRAY_CHARACTER),
        (
            {"credentials": {**OAUTH1, "consumer_secret": 12345}},
            "credentials.consumer_secret",
            "must be text: put the value in quotes.",
        ),
        (
            {"credentials": {**OAUTH2, "token_expiry_date": "2026-08-31"}},
            "credentials.token_expiry_date",
            "must be a moment written as 2026-08-31T12:00:00Z. Leave it empty if you do not know it.",
        ),
        (
            {"credentials": {**OAUTH2, "token_expiry_date": "2026-13-31T12:00:00Z"}},
            "credentials.token_expiry_date",
            "must be a moment written as 2026-08-31T12:00:00Z. Leave it empty if you do not know it.",
        ),
        # which API, which accounts
        (
            {"api_access": "ADSAPI"},
            "api_access",
            "must be one of X_API, X_API_ENTERPRISE, ENGAGEMENT_API, ADS_API. Did you mean ADS_API?",
        ),
        ({"sync_mode": 3}, "sync_mode", "must be one of AllAccounts, SpecificAccounts."),
        (
            {"timeframe_months": "FOUR"},
            "timeframe_months",
            "must be one of THREE, SIX, TWELVE, TWENTY_FOUR, ALL_TIME.",
        ),
        (
            {"sync_mode": "SpecificAccounts", "accounts": [" "]},
            "accounts",
            "is empty. Name the accounts to sync, or choose sync_mode AllAccounts.",
        ),
        ({"accounts": "brand"}, "accounts", "must be a list."),
        (
            {"accounts": ["brand", "https://x.com/brand"]},
            "accounts[1]",
            (
                "does not name an account. Write @username, a numeric user id or an Ads account id: "
                "the name alone, without a link."
            ),
        ),
        (
            {"credentials": BEARER},
            "sync_mode",
            (
                "must be SpecificAccounts with a bearer token, which belongs to no account. "
                "Choose SpecificAccounts and name the accounts."
            ),
        ),
        ({"credentials": OAUTH2, "api_access": "ADS_API"}, "credentials.auth_type", OAUTH1_ONLY.format("ADS_API")),
        (
            {"credentials": OAUTH2, "api_access": "ENGAGEMENT_API"},
            "credentials.auth_type",
            OAUTH1_ONLY.format("ENGAGEMENT_API"),
        ),
        (
            {"api_access": "ADS_API", "account_credentials": entries(OAUTH1, BEARER)},
            "account_credentials[1].credentials.auth_type",
            OAUTH1_ONLY.format("ADS_API"),
        ),
        (
            {"table_layout": "fivetran"},
            "table_layout",
            (
                "fivetran needs api_access ADS_API, because Fivetran's tables come from the Ads API. "
                "Choose native, or ADS_API if X gave your app access to it."
            ),
        ),
        # numbers
        ({"lookback_window_days": 0}, "lookback_window_days", "must be at least 1."),
        ({"lookback_window_days": 31}, "lookback_window_days", "must be at most 30."),
        ({"lookback_window_days": 0.5}, "lookback_window_days", "must be at least 1."),
        ({"lookback_window_days": True}, "lookback_window_days", "must be a whole number."),
        ({"lookback_window_days": "a week"}, "lookback_window_days", "must be a whole number."),
        ({"lookback_window_days": float("nan")}, "lookback_window_days", "must be a whole number."),
        ({"insights_window_days": 3651}, "insights_window_days", "must be at most 3650."),
        ({"max_post_reads_per_sync": 4}, "max_post_reads_per_sync", "must be at least 5."),
        # columns and schema
        ({"schema": ["a"]}, "schema", "must be text."),
        (
            {"constant_columns": [{"name": "a-b", "value": "c"}]},
            "constant_columns[0].name",
            "must begin with a letter or an underscore and hold only letters, digits and underscores, such as region.",
        ),
        ({"constant_columns": [{"name": "a"}]}, "constant_columns[0].value", "is missing. Enter it."),
        ({"constant_columns": {"a": "b"}}, "constant_columns", "must be a list."),
        ({"constant_columns": ["a"]}, "constant_columns[0]", "must be an object with named values."),
        (
            {"constant_columns": [{"name": "a", "value": "1"}, {"name": "A", "value": "2"}]},
            "constant_columns[1].name",
            "is the name of an earlier column too. Give each column its own name.",
        ),
        # addresses
        ({"base_urls": "https://api.x.com"}, "base_urls", "must be an object with named values."),
        ({"base_urls": {"x_api": "http://api.x.com"}}, "base_urls.x_api", NOT_SAFE),
        ({"base_urls": {"x_api": "http://127.0.0.1.example"}}, "base_urls.x_api", NOT_SAFE),
        ({"base_urls": {"x_api": "http://0.0.0.0"}}, "base_urls.x_api", NOT_SAFE),
        ({"base_urls": {"x_api": "http://[::2]"}}, "base_urls.x_api", NOT_SAFE),
        ({"base_urls": {"x_api": "http://[::1"}}, "base_urls.x_api", NOT_SAFE),
        ({"base_urls": {"x_api": "https://"}}, "base_urls.x_api", NOT_SAFE),
        ({"base_urls": {"x_api": "https://api.x.com:99999"}}, "base_urls.x_api", NOT_SAFE),
        ({"base_urls": {"ads_api": "https://me:pw@ads-api.x.com"}}, "base_urls.ads_api", NOT_AN_ADDRESS),
        ({"base_urls": {"ads_api": "https://ads-api.x.com\\@evil.example"}}, "base_urls.ads_api", NOT_AN_ADDRESS),
        ({"base_urls": {"engagement_api": "https://a.example?b"}}, "base_urls.engagement_api", NOT_AN_ADDRESS),
        ({"base_urls": {"engagement_api": "https://a.example#b"}}, "base_urls.engagement_api", NOT_AN_ADDRESS),
        ({"base_urls": {"engagement_api": 5}}, "base_urls.engagement_api", "must be text."),
        # custom reports
        (
            report(table_name="Weekly"),
            "custom_reports[1].table_name",
            (
                "must begin with a small letter and hold only small letters, digits and underscores, 63 at most, "
                "such as weekly_clicks."
            ),
        ),
        (
            report(table_name="weekly"),
            "custom_reports[1].table_name",
            "is the name of an earlier report too. Give each report its own name.",
        ),
        (
            report(report_type="tweets_analytics"),
            "custom_reports[1].report_type",
            (
                "must be one of engagement_historical, engagement_28hr, engagement_totals, tweet_analytics, "
                "media_analytics, ads_organic, not tweets_analytics. Did you mean tweet_analytics?"
            ),
        ),
        (
            report(report_type=None),
            "custom_reports[1].report_type",
            "is missing. Choose which of X's reports it is, such as tweet_analytics.",
        ),
        (
            report(metrics=[]),
            "custom_reports[1].metrics",
            "is empty. Name at least one metric, spelt as X spells it.",
        ),
        (
            report(dimensions=["day", "week"]),
            "custom_reports[1].dimensions[1]",
            "must be one of tweet, day, hour, metric, not week.",
        ),
        (
            report(dimensions=["S3CR3T"]),
            "custom_reports[1].dimensions[0]",
            "must be one of tweet, day, hour, metric.",
        ),
        (
            report(aggregate="monthly"),
            "custom_reports[1].aggregate",
            "must be one of hourly, daily, weekly, total, not monthly.",
        ),
        (report(tweets="all"), "custom_reports[1].tweets", "must be an object with named values."),
        (
            report(tweets={"count": 3}),
            "custom_reports[1].tweets",
            "does not say which kind it is: selection is missing.",
        ),
        (report(tweets={"selection": "recent"}), "custom_reports[1].tweets.count", "is missing. Enter it."),
        (report(tweets={"selection": "recent", "count": 0}), "custom_reports[1].tweets.count", "must be at least 1."),
        (
            report(tweets={"selection": "ids", "ids": []}),
            "custom_reports[1].tweets.ids",
            "is empty. Enter at least one.",
        ),
        (
            report(tweets={"selection": "ids", "ids": ["1"] * 101}),
            "custom_reports[1].tweets.ids",
            "can hold at most 100 entries.",
        ),
        (
            report(tweets={"selection": "ids", "ids": ["1", "https://x.com/a/status/1"]}),
            "custom_reports[1].tweets.ids[1]",
            "must be a post id: the digits at the end of the post's address.",
        ),
        (
            report(period={"type": "date", "date": "2026-02-29"}),
            "custom_reports[1].period.date",
            "is not a day of the calendar.",
        ),
        (
            report(period={"type": "date", "date": "31.8.2026"}),
            "custom_reports[1].period.date",
            "must be a day written as year-month-day, such as 2026-08-31.",
        ),
        (
            report(period={"type": "range", "start": "2026-08-02", "end": "2026-08-01"}),
            "custom_reports[1].period",
            "ends before it starts: swap start and end.",
        ),
        (
            report(period={"type": "range", "start": "2026-08-02"}),
            "custom_reports[1].period.end",
            "is missing. Enter it.",
        ),
        (
            report(period={"type": "days_back", "days": -1}),
            "custom_reports[1].period.days",
            "must be at least 0.",
        ),
        (
            report(period={"type": "relative_range", "from_days_back": 1, "to_days_back": 7}),
            "custom_reports[1].period",
            (
                "ends before it starts: from_days_back must be at least to_days_back, "
                "such as from 7 days back to 1 day back."
            ),
        ),
        (
            {"credentials": OAUTH2, **report(report_type="ads_organic")},
            "custom_reports[1].report_type",
            "needs credentials of type oauth1, and there are none.",
        ),
        # misspellings
        ({"timeframe_month": "SIX"}, "timeframe_month", "is unknown. Did you mean timeframe_months?"),
        ({"Accounts": ["a"]}, "Accounts", "is unknown. Did you mean accounts?"),
        (
            {"credentials": {**OAUTH2, "acess_token": "x"}},
            "credentials.acess_token",
            "is unknown. Did you mean access_token?",
        ),
        (report(dimension=["day"]), "custom_reports[1].dimension", "is unknown. Did you mean dimensions?"),
        ({"base_urls": {"xapi": "x"}}, "base_urls.xapi", "is unknown. Did you mean x_api?"),
        ({"base_urls": {"x-api": "x"}}, "base_urls", "has a key that is unknown. Did you mean x_api?"),
        ({"sync mode": "AllAccounts"}, "configuration", "has a key that is unknown. Did you mean sync_mode?"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(properties: dict[str, Any], path: str, message: str) -> None:
    assert problems_of({"credentials": OAUTH1, **properties}) == [(path, message)]


@pytest.mark.parametrize("name", sorted(BUILT_IN_STREAMS))
def test_a_custom_report_cannot_take_the_name_of_a_built_in_stream(name: str) -> None:
    assert problems_of({"credentials": OAUTH1, "custom_reports": [{**REPORT, "table_name": name}]}) == [
        (
            "custom_reports[0].table_name",
            "is the name of one of the connector's own tables. Choose another name.",
        )
    ]


A_LIST = 'must be a JSON list, also for one account: [{"account": "@brand", "credentials": {…}}].'


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (
            '[{"account": "a",}]',
            "account_credentials",
            f"is not valid JSON: line 1, column {COMMA}. Is there a comma too many?",
        ),
        (
            '[\n{"account" "a"}]',
            "account_credentials",
            "is not valid JSON: line 2, column 12. Check quotation marks, commas and brackets there.",
        ),
        (
            "[{\u201caccount\u201d: 1}]",
            "account_credentials",
            'is not valid JSON: line 1, column 3. Use straight quotation marks ("), not typographic ones.',
        ),
        (
            "[" * 100_000,
            "account_credentials",
            "is not valid JSON: it is nested too deeply, or a number in it is too long.",
        ),
        (
            "[" + "1" * 5000 + "]",
            "account_credentials",
            "is not valid JSON: it is nested too deeply, or a number in it is too long.",
        ),
        ('{"account": "a"}', "account_credentials", A_LIST),
        ("17", "account_credentials", A_LIST),
        (
            "**********",
            "account_credentials",
            "holds only asterisks: a masked value was saved instead of the secret. Enter the whole JSON text again.",
        ),
        (
            [{"account": "a", "credentials": OAUTH1}],
            "account_credentials",
            (
                "must be one text that holds JSON, because Airbyte loses secrets inside lists. "
                'Put the whole list in quotes: [{"account": "@brand", "credentials": {…}}].'
            ),
        ),
        ("[1]", "account_credentials[0]", "must be an object with named values."),
        (
            json.dumps([{"account": "a", "credentials": OAUTH1, "note": 1}]),
            "account_credentials[0].note",
            "is unknown. Known here: account, credentials.",
        ),
        (
            entries(BEARER, {**BEARER, "consumer_key": "x"}),
            "account_credentials[1].credentials.consumer_key",
            "is unknown. Known here: auth_type, bearer_token.",
        ),
        (
            entries({**BEARER, "AAAA1": "x"}),
            "account_credentials[0].credentials",
            "has a key that is unknown. Known here: auth_type, bearer_token.",
        ),
        (
            entries({**OAUTH1, "consumer_secret": "***"}),
            "account_credentials[0].credentials.consumer_secret",
            ENTER_AGAIN,
        ),
        (
            entries({**OAUTH2, "refresh_token": None}),
            "account_credentials[0].credentials.refresh_token",
            "is missing. It comes with the access token if offline.access was among the scopes.",
        ),
        (
            entries({"bearer_token": "x"}),
            "account_credentials[0].credentials",
            "does not say which kind it is: auth_type is missing.",
        ),
        (
            json.dumps([{"credentials": OAUTH1}]),
            "account_credentials[0].account",
            'is missing. Say whose credentials these are: "account": "@brand".',
        ),
        (
            json.dumps([{"account": "@brand", "credentials": OAUTH1}, {"account": "BRAND", "credentials": BEARER}]),
            "account_credentials[1].account",
            "stands in an earlier entry too. Keep one entry for each account.",
        ),
    ],
)
def test_a_wrong_entry_of_account_credentials_is_named_but_never_quoted(text: object, path: str, message: str) -> None:
    assert problems_of({"credentials": OAUTH1, "account_credentials": text}) == [(path, message)]


NOT_LISTED = [("account_credentials[0].account", "is not among accounts. Add it there too, or remove this entry.")]


def test_credentials_of_an_account_that_is_not_synced_are_a_problem() -> None:
    raw = {"credentials": OAUTH1, "account_credentials": entries(OAUTH1), "sync_mode": "SpecificAccounts"}
    assert problems_of({**raw, "accounts": ["@other"]}) == NOT_LISTED
    assert parse_config({**raw, "accounts": ["@BRAND0"]}).accounts[0].username == "BRAND0"


@pytest.mark.parametrize("accounts", [["42"], ["other", "42"]])
def test_a_username_may_belong_to_a_listed_user_id_so_only_x_can_tell(accounts: list[str]) -> None:
    raw = {"credentials": OAUTH1, "account_credentials": entries(OAUTH1), "sync_mode": "SpecificAccounts"}
    assert len(parse_config({**raw, "accounts": accounts}).account_credentials) == 1


def test_with_the_ads_api_a_name_may_be_an_ads_account_so_only_x_can_tell() -> None:
    raw = {"credentials": OAUTH1, "account_credentials": entries(OAUTH1), "sync_mode": "SpecificAccounts"}
    assert parse_config({**raw, "api_access": "ADS_API", "accounts": ["18ce54"]}).api_access == "ADS_API"


def test_a_report_of_public_totals_is_reached_with_a_bearer_token_too() -> None:
    totals = {"custom_reports": [{**REPORT, "report_type": "engagement_totals"}]}
    accounts = {"sync_mode": "SpecificAccounts", "accounts": ["brand0"]}
    assert len(parse_config({"credentials": BEARER, **accounts, **totals}).custom_reports) == 1
    assert len(parse_config({"credentials": OAUTH1, **totals}).custom_reports) == 1
    assert problems_of({"credentials": OAUTH2, **totals}) == [
        ("custom_reports[0].report_type", "needs credentials of type bearer or oauth1, and there are none.")
    ]


@pytest.mark.parametrize("report_type", ["engagement_historical", "engagement_28hr", "ads_organic"])
def test_a_report_of_the_other_apis_needs_oauth1(report_type: str) -> None:
    raw = {"credentials": OAUTH2, "custom_reports": [{**REPORT, "report_type": report_type}]}
    assert problems_of(raw) == [
        ("custom_reports[0].report_type", "needs credentials of type oauth1, and there are none.")
    ]


@pytest.mark.parametrize("report_type", ["tweet_analytics", "media_analytics"])
def test_a_report_of_private_analytics_needs_credentials_of_a_user(report_type: str) -> None:
    raw = {
        "credentials": BEARER,
        "sync_mode": "SpecificAccounts",
        "accounts": ["brand0"],
        "custom_reports": [{**REPORT, "report_type": report_type}],
    }
    assert problems_of(raw) == [
        ("custom_reports[0].report_type", "needs credentials of type oauth1 or oauth2, and there are none.")
    ]
    assert len(parse_config({**raw, "account_credentials": entries(OAUTH2)}).custom_reports) == 1


def test_every_problem_is_named_at_once_in_the_order_of_the_form() -> None:
    raw = {
        "base_urls": {"x_api": "ftp://x"},
        "max_post_reads_per_sync": 1,
        "custom_reports": [{"report_type": "x"}],
        "account_credentials": "[",
        "accounts": [],
        "sync_mode": "SpecificAccounts",
        "api_access": "ENGAGEMENT_API",
        "credentials": BEARER,
        "timeframe": "SIX",
        "lookback_window_days": -1,
    }
    assert [path for path, _ in problems_of(raw)] == [
        "credentials.auth_type",
        "accounts",
        "account_credentials",
        "lookback_window_days",
        "custom_reports[0].table_name",
        "custom_reports[0].report_type",
        "custom_reports[0].metrics",
        "max_post_reads_per_sync",
        "base_urls.x_api",
    ]


def test_one_problem_reads_as_a_sentence_and_several_as_a_list() -> None:
    one = Problem("schema", "must be text.")
    other = Problem("accounts[0]", "is odd.")
    assert str(ConfigError([one])) == "schema: must be text."
    assert str(ConfigError([one, other])) == (
        "The configuration has 2 problems:\n- schema: must be text.\n- accounts[0]: is odd."
    )


def test_the_error_carries_neither_the_input_nor_the_error_it_came_from() -> None:
    raw = {"credentials": {**OAUTH1, "consumer_key": "S3CR3T with space"}, "account_credentials": '["S3CR3T'}
    with pytest.raises(ConfigError) as caught:
        parse_config(raw)
    assert "S3CR3T" not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
