"""Turn a Fivetran connection of Twitter Organic into this connector's configuration.

`python -m source_x_organic.fivetran BODY.json` (or `-` for standard input) reads what Fivetran's REST API takes or
returns for a connection and prints the configuration as JSON. Secrets are printed to standard output and nowhere else.
`--api-access ADS_API --table-layout fivetran` keeps Fivetran's source and Fivetran's tables.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from source_x_organic.config.json_text import BrokenJsonError, decoded
from source_x_organic.config.model import ApiAccess
from source_x_organic.config.parse import parse_config
from source_x_organic.config.problems import ConfigError, Problem, shown_key

_LOOKBACK_DAYS = {"ONE": 1, "SEVEN": 7, "FOURTEEN": 14, "TWENTY_EIGHT": 28}
_KEPT = ("sync_mode", "accounts", "timeframe_months", "schema", "custom_reports")
_READ_FROM_CONFIG = frozenset({*_KEPT, "attribution_window_size"})
_READ_FROM_AUTH = frozenset({"consumer_key", "consumer_secret", "client_access", "oauth_token", "oauth_token_secret"})
_READ_FROM_CLIENT_ACCESS = frozenset({"client_id", "client_secret"})
_PLACES = {
    "api_access": "--api-access",
    "table_layout": "--table-layout",
    "credentials.consumer_key": "auth.consumer_key",
    "credentials.consumer_secret": "auth.consumer_secret",
    "credentials.access_token": "auth.oauth_token",
    "credentials.access_token_secret": "auth.oauth_token_secret",
}
_BAD_INPUT = 2
_OTHER_TABLES = (
    "This configuration reads the X API into the connector's own tables. For the tables that Fivetran fills, from the "
    "Ads API as there, run the command again with --api-access ADS_API --table-layout fivetran."
)
_ADS_ACCOUNTS = (
    "Look at accounts: Fivetran lists Ads account ids there. With api_access {access} an entry is read as a user name, "
    "so put @usernames in their place."
)


def configuration_from(
    body: Mapping[str, Any], *, api_access: str | None = None, table_layout: str | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Return the configuration that equals a Fivetran connection, and the paths of keys it has no place for.

    `body`: `config` and `auth` as Fivetran's API takes them. What such a body does not say keeps this connector's
    defaults; `api_access` and `table_layout`, which it never says, can be given beside it.

    Raises:
        ConfigError: something cannot be used; problems name paths in the body, or options, and repeat no value.
    """
    config, auth = _part(body, "config", ""), _part(body, "auth", "")
    client = _part(auth, "client_access", "auth.")
    configuration = {
        "credentials": {
            "auth_type": "oauth1",
            "consumer_key": auth.get("consumer_key") or client.get("client_id"),
            "consumer_secret": auth.get("consumer_secret") or client.get("client_secret"),
            "access_token": auth.get("oauth_token"),
            "access_token_secret": auth.get("oauth_token_secret"),
        },
        **{key: config[key] for key in _KEPT if config.get(key) is not None},
        **_lookback(config),
        **_chosen(api_access, table_layout),
    }
    _check(configuration)
    return configuration, [
        *_unread(body, frozenset({"config", "auth"}), ""),
        *_unread(config, _READ_FROM_CONFIG, "config."),
        *_unread(auth, _READ_FROM_AUTH, "auth."),
        *_unread(client, _READ_FROM_CLIENT_ACCESS, "auth.client_access."),
    ]


def _part(body: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    part = body.get(key) or {}
    if not isinstance(part, Mapping):
        raise ConfigError([Problem(path + key, "must be an object with named values.")])
    return part


def _lookback(config: Mapping[str, Any]) -> dict[str, Any]:
    window = config.get("attribution_window_size")
    return {"lookback_window_days": _LOOKBACK_DAYS.get(str(window), window)} if window else {}


def _chosen(api_access: str | None, table_layout: str | None) -> dict[str, str]:
    options = {"api_access": api_access, "table_layout": table_layout}
    return {name: value for name, value in options.items() if value is not None}


def _check(configuration: Mapping[str, Any]) -> None:
    try:
        parse_config(configuration)
    except ConfigError as error:
        problems = [_in_the_input(problem) for problem in error.problems]
        raise ConfigError(problems) from None


def _in_the_input(problem: Problem) -> Problem:
    if problem.property == "lookback_window_days":
        return Problem("config.attribution_window_size", f"must be one of {', '.join(_LOOKBACK_DAYS)}.")
    return Problem(_PLACES.get(problem.property, f"config.{problem.property}"), problem.message)


def _unread(part: Mapping[str, Any], known: frozenset[str], path: str) -> Iterator[str]:
    for key in part:
        if key not in known:
            yield path + (shown_key(key) or "(a key that is no plain name)")


def _body(source: str) -> Mapping[str, Any]:
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8-sig")
    body = decoded(text)
    if not isinstance(body, Mapping):
        raise BrokenJsonError("must be a JSON object with config and auth.")
    return body


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the configuration for the body that the arguments name; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m source_x_organic.fivetran", description=__doc__)
    parser.add_argument("body", metavar="BODY.json", help="Fivetran's API body, or - for standard input")
    parser.add_argument("--api-access", help="which contract with X you have; ADS_API is Fivetran's source")
    parser.add_argument("--table-layout", help="native, or fivetran for Fivetran's tables, which needs ADS_API")
    options = parser.parse_args(arguments)
    source: str = options.body
    chosen = {"api_access": options.api_access, "table_layout": options.table_layout}
    try:
        configuration, dropped = configuration_from(_body(source), **chosen)
    except OSError as error:
        return _refuse(f"{source}: {error.strerror}.")
    except UnicodeDecodeError:
        return _refuse(f"{source}: is not UTF-8 text.")
    except BrokenJsonError as error:
        return _refuse(f"{source}: {error}")
    except ConfigError as error:
        return _refuse(str(error))
    for path in dropped:
        sys.stderr.write(f"Left out, because this connector has no place for it: {path}\n")
    for hint in _hints(configuration):
        sys.stderr.write(hint + "\n")
    sys.stdout.write(json.dumps(configuration, indent=2) + "\n")
    return 0


def _hints(configuration: Mapping[str, Any]) -> Iterator[str]:
    if not {"api_access", "table_layout"} & configuration.keys():
        yield _OTHER_TABLES
    access = parse_config(configuration).api_access
    if configuration.get("accounts") and access is not ApiAccess.ADS_API:
        yield _ADS_ACCOUNTS.format(access=access)


def _refuse(message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return _BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
