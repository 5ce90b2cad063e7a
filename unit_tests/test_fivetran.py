"""A Fivetran connection's API body becomes this connector's configuration."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import ApiAccess, ConfigError, Problem, TableLayout, parse_config
from source_x_organic.fivetran import configuration_from, main

AUTH = {
    "client_access": {"client_id": "invented-ck-1", "client_secret": "invented-cs-2"},
    "oauth_token": "7-invented-ot",
    "oauth_token_secret": "invented-ots-3",
}
CREDENTIALS = {
    "auth_type": "oauth1",
    "consumer_key": "invented-ck-1",
    "consumer_secret": "invented-cs-2",
    "access_token": "7-invented-ot",
    "access_token_secret": "invented-ots-3",
}
REPORT = {
    "table_name": "clicks",
    "report_type": "ads_organic",
    "metrics": ["clicks"],
    "dimensions": ["tweet", "day"],
    "aggregate": "daily",
}


OTHER_TABLES = (
    "This configuration reads the X API into the connector's own tables. For the tables that Fivetran fills, from the "
    "Ads API as there, run the command again with --api-access ADS_API --table-layout fivetran."
)
SAME_TABLES = ("--api-access", "ADS_API", "--table-layout", "fivetran")


def run(capsys: pytest.CaptureFixture[str], path: Path, body: object, *options: str) -> tuple[int, str, str]:
    path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    code = main([str(path), *options])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_whole_body_becomes_a_configuration() -> None:
    config = {
        "sync_mode": "SpecificAccounts",
        "accounts": ["18ce54d4x5t"],
        "timeframe_months": "TWELVE",
        "schema": "twitter_organic",
        "attribution_window_size": "FOURTEEN",
        "custom_reports": [REPORT],
    }
    assert configuration_from({"config": config, "auth": AUTH}) == (
        {
            "credentials": CREDENTIALS,
            "sync_mode": "SpecificAccounts",
            "accounts": ["18ce54d4x5t"],
            "timeframe_months": "TWELVE",
            "schema": "twitter_organic",
            "custom_reports": [REPORT],
            "lookback_window_days": 14,
        },
        [],
    )


def test_the_options_make_a_configuration_that_reads_the_same_tables_through_the_same_api(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    body = {"auth": AUTH, "config": {"sync_mode": "SpecificAccounts", "accounts": ["18ce54d4x5t"]}}
    code, out, err = run(capsys, tmp_path / "body.json", body, *SAME_TABLES)
    configuration = json.loads(out)
    assert configuration == {
        "credentials": CREDENTIALS,
        "sync_mode": "SpecificAccounts",
        "accounts": ["18ce54d4x5t"],
        "api_access": "ADS_API",
        "table_layout": "fivetran",
    }
    assert (code, err) == (0, "")
    parsed = parse_config(configuration)
    assert (parsed.api_access, parsed.table_layout) == (ApiAccess.ADS_API, TableLayout.FIVETRAN)
    assert [account.ads_account_id for account in parsed.accounts] == ["18ce54d4x5t"]


@pytest.mark.parametrize(
    ("options", "hints"),
    [
        ((), [OTHER_TABLES, "With api_access X_API an entry"]),
        (("--api-access", "ENGAGEMENT_API"), ["With api_access ENGAGEMENT_API an entry"]),
        (("--table-layout", "native"), ["With api_access X_API an entry"]),
        (("--api-access", "ADS_API"), []),
        (SAME_TABLES, []),
    ],
)
def test_hints_are_given_for_what_was_left_to_defaults_and_for_accounts_that_would_be_taken_for_user_names(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: tuple[str, ...], hints: list[str]
) -> None:
    body = {"auth": AUTH, "config": {"sync_mode": "SpecificAccounts", "accounts": ["18ce54d4x5t"]}}
    code, _, err = run(capsys, tmp_path / "body.json", body, *options)
    lines = err.splitlines()
    assert (code, len(lines)) == (0, len(hints))
    assert all(hint in line for hint, line in zip(hints, lines, strict=True))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--api-access", "TELEPATHY"),
            "--api-access: must be one of X_API, X_API_ENTERPRISE, ENGAGEMENT_API, ADS_API.\n",
        ),
        (("--table-layout", "square"), "--table-layout: must be one of native, fivetran.\n"),
        (
            ("--table-layout", "fivetran"),
            (
                "--table-layout: fivetran needs api_access ADS_API, because Fivetran's tables come from the Ads API. "
                "Choose native, or ADS_API if X gave your app access to it.\n"
            ),
        ),
    ],
)
def test_an_option_that_cannot_be_used_is_named_as_it_was_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    assert run(capsys, tmp_path / "body.json", {"auth": AUTH}, *options) == (2, "", message)


def test_consumer_key_and_secret_may_stand_under_their_own_names() -> None:
    auth = {**AUTH, "client_access": {}, "consumer_key": "invented-ck-1", "consumer_secret": "invented-cs-2"}
    configuration, dropped = configuration_from({"auth": auth})
    assert (configuration["credentials"], dropped) == (CREDENTIALS, [])


@pytest.mark.parametrize(("window", "days"), [("ONE", 1), ("SEVEN", 7), ("FOURTEEN", 14), ("TWENTY_EIGHT", 28)])
def test_an_attribution_window_becomes_days_to_read_again(window: str, days: int) -> None:
    configuration, _ = configuration_from({"config": {"attribution_window_size": window}, "auth": AUTH})
    assert configuration["lookback_window_days"] == days


def test_what_the_connection_leaves_to_defaults_is_left_to_them() -> None:
    configuration, _ = configuration_from({"config": {"schema": None, "timeframe_months": None}, "auth": AUTH})
    assert configuration == {"credentials": CREDENTIALS}


JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "sync_mode": st.sampled_from(["AllAccounts", "SpecificAccounts", "Some"]),
        "accounts": st.lists(st.sampled_from(["18ce54d4x5t", "no account"])),
        "timeframe_months": st.sampled_from(["THREE", "ALL_TIME", "FIVE"]),
        "attribution_window_size": st.sampled_from(["ONE", "TWENTY_EIGHT", "THIRTY"]) | JSON,
        "custom_reports": st.lists(st.just(REPORT)) | JSON,
        "other": JSON,
    },
)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "api_access": st.sampled_from(["X_API", "ADS_API", "telepathy"]),
        "table_layout": st.sampled_from(["native", "fivetran", "square"]),
    },
)


@given(config=CONFIGS, auth=st.just(AUTH) | JSON, options=OPTIONS)
def test_every_result_is_a_right_configuration_and_every_refusal_names_paths_of_the_body_or_options(
    config: dict[str, Any], auth: object, options: dict[str, str]
) -> None:
    problems: list[Problem] = []
    configuration: dict[str, Any] = {}
    try:
        configuration, _ = configuration_from({"config": config, "auth": auth}, **options)
    except ConfigError as error:
        problems = error.problems
    if problems:
        places = {re.split(r"[.\[]", problem.property)[0] for problem in problems}
        assert places <= {"config", "auth", "--api-access", "--table-layout"}
        assert "invented-cs-2" not in str(problems)
    else:
        parsed = parse_config(configuration)
        assert parsed.api_access == options.get("api_access", ApiAccess.X_API)
        assert parsed.table_layout == options.get("table_layout", TableLayout.NATIVE)


def test_the_command_prints_the_configuration_and_names_what_it_left_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    body = {
        "service": "twitter",
        "config": {"sync_mode": "AllAccounts", "update_config_on_each_sync": "invented-value"},
        "auth": {**AUTH, "ad_analytics": "invented-value", "K3Y": 1},
    }
    code, out, err = run(capsys, tmp_path / "body.json", body)
    assert json.loads(out) == {
        "credentials": CREDENTIALS,
        "sync_mode": "AllAccounts",
    }
    assert err.splitlines() == [
        "Left out, because this connector has no place for it: service",
        "Left out, because this connector has no place for it: config.update_config_on_each_sync",
        "Left out, because this connector has no place for it: auth.ad_analytics",
        "Left out, because this connector has no place for it: auth.(a key that is no plain name)",
        OTHER_TABLES,
    ]
    assert code == 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "{path}: is not valid JSON: line 1, column 2. Check quotation marks, commas and brackets there.\n"),
        ("[]", "{path}: must be a JSON object with config and auth.\n"),
        ({"auth": []}, None),
        ({"config": "x", "auth": AUTH}, "config: must be an object with named values.\n"),
        ({"auth": {**AUTH, "client_access": "x"}}, "auth.client_access: must be an object with named values.\n"),
        (
            {"auth": {**AUTH, "oauth_token": "******"}},
            (
                "auth.oauth_token: holds only asterisks: a masked value was saved instead of the secret. "
                "Enter the secret again.\n"
            ),
        ),
        (
            {"auth": AUTH, "config": {"attribution_window_size": "THIRTY"}},
            "config.attribution_window_size: must be one of ONE, SEVEN, FOURTEEN, TWENTY_EIGHT.\n",
        ),
        (
            {"auth": AUTH, "config": {"timeframe_months": "NINE"}},
            "config.timeframe_months: must be one of THREE, SIX, TWELVE, TWENTY_FOUR, ALL_TIME.\n",
        ),
        (
            {"auth": AUTH, "config": {"sync_mode": "SpecificAccounts"}},
            "config.accounts: is empty. Name the accounts to sync, or choose sync_mode AllAccounts.\n",
        ),
    ],
)
def test_bad_input_is_explained_and_ends_with_code_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, body: object, message: str | None
) -> None:
    path = tmp_path / "body.json"
    code, out, err = run(capsys, path, body)
    assert (code, out) == (2, "")
    if message is not None:
        assert err == message.replace("{path}", str(path))


def test_a_body_without_keys_names_each_that_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capsys, tmp_path / "body.json", {"config": {}})
    assert code == 2
    assert [line.removeprefix("- ").split(":")[0] for line in err.splitlines()[1:]] == [
        "auth.consumer_key",
        "auth.consumer_secret",
        "auth.oauth_token",
        "auth.oauth_token_secret",
    ]


def test_a_file_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    binary = tmp_path / "body.json"
    binary.write_bytes(b"\xff\xfe\x00")
    assert main([str(tmp_path / "absent.json")]) == main([str(binary)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path / 'absent.json'}: No such file or directory.",
        f"{binary}: is not UTF-8 text.",
    ]


def test_a_hyphen_reads_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"auth": AUTH})))
    assert main(["-"]) == 0
    assert json.loads(capsys.readouterr().out)["credentials"] == CREDENTIALS


def test_the_command_runs_as_a_module_without_a_word_that_is_not_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text(json.dumps({"auth": AUTH}))
    command = [sys.executable, "-m", "source_x_organic.fivetran", str(tmp_path / "body.json"), *SAME_TABLES]
    project = Path(__file__).parents[1]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, cwd=project)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["credentials"] == CREDENTIALS
