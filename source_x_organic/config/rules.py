"""Rules between properties, applied to those that are right by themselves."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from source_x_organic.config.accounts import AccountRef
from source_x_organic.config.credentials import AccountCredentials, CredentialLocation
from source_x_organic.config.custom_reports import ReportDraft, ReportType
from source_x_organic.config.model import ApiAccess, ConstantColumn, SyncMode, TableLayout
from source_x_organic.config.problems import Problem

BUILT_IN_STREAMS = frozenset(
    {
        "accounts",
        "account_insights",
        "tweets",
        "tweet_insights",
        "organic_report",
        "scheduled_tweets",
        "draft_tweets",
        "ads_accounts",
        "promotable_users",
        "api_usage",
        "sync_coverage",
        "account_history",
        "twitter_user_history",
        "tweet",
        "organic_tweet_report",
    }
)
"""Names that a custom report cannot have, whichever table layout is chosen."""

_ACCESS_WITH_OAUTH1_ONLY = frozenset({ApiAccess.ADS_API, ApiAccess.ENGAGEMENT_API})
_REPORTS_REACHED_WITH = {
    ReportType.ENGAGEMENT_HISTORICAL: ("oauth1",),
    ReportType.ENGAGEMENT_28HR: ("oauth1",),
    ReportType.ENGAGEMENT_TOTALS: ("bearer", "oauth1"),
    ReportType.TWEET_ANALYTICS: ("oauth1", "oauth2"),
    ReportType.MEDIA_ANALYTICS: ("oauth1", "oauth2"),
    ReportType.ADS_ORGANIC: ("oauth1",),
}
"""A bearer token reaches the public metrics of `engagement_totals` alone."""


def broken_rules(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each rule between properties that is broken.

    `values`: the properties that passed their own validation; a rule about another one is left
    out until that one is right. Of `custom_reports` the drafts, whatever is wrong with some.
    """
    yield from _accounts(values)
    yield from _api_access(values)
    yield from _account_credentials(values)
    yield from _constant_columns(values.get("constant_columns", ()))
    yield from _custom_reports(values)
    if (
        values.get("table_layout") is TableLayout.FIVETRAN
        and values.get("api_access", ApiAccess.ADS_API) is not ApiAccess.ADS_API
    ):
        yield Problem(
            "table_layout",
            "fivetran needs api_access ADS_API, because Fivetran's tables come from the Ads API. "
            "Choose native, or ADS_API if X gave your app access to it.",
        )


def _accounts(values: Mapping[str, Any]) -> Iterator[Problem]:
    sync_mode = values.get("sync_mode")
    if sync_mode is SyncMode.SPECIFIC_ACCOUNTS and values.get("accounts") == ():
        yield Problem("accounts", "is empty. Name the accounts to sync, or choose sync_mode AllAccounts.")
    if sync_mode is SyncMode.ALL_ACCOUNTS and _auth_type(values.get("credentials")) == "bearer":
        yield Problem(
            "sync_mode",
            "must be SpecificAccounts with a bearer token, which belongs to no account. "
            "Choose SpecificAccounts and name the accounts.",
        )


def _api_access(values: Mapping[str, Any]) -> Iterator[Problem]:
    access = values.get("api_access")
    if access not in _ACCESS_WITH_OAUTH1_ONLY:
        return
    for location, credentials in _owners(values):
        if _auth_type(credentials) not in {"oauth1", None}:
            yield Problem(
                f"{location.path}.auth_type",
                f"must be oauth1, because {access} accepts no other way to sign in. "
                "Enter OAuth 1.0a keys, or choose api_access X_API.",
            )


def _owners(values: Mapping[str, Any]) -> Iterator[tuple[CredentialLocation, Any]]:
    yield CredentialLocation(), values.get("credentials")
    for entry in values.get("account_credentials", ()):
        yield entry.location, entry.credentials


def _auth_type(credentials: object) -> str | None:
    return getattr(credentials, "auth_type", None)


def _account_credentials(values: Mapping[str, Any]) -> Iterator[Problem]:
    entries: Sequence[AccountCredentials] = values.get("account_credentials", ())
    for place in _repeated(entry.account.identity for entry in entries):
        yield Problem(
            f"account_credentials[{entries[place].location.entry}].account",
            "stands in an earlier entry too. Keep one entry for each account.",
        )
    accounts: Sequence[AccountRef] = values.get("accounts", ())
    if values.get("sync_mode") is SyncMode.SPECIFIC_ACCOUNTS and accounts:
        yield from _without_account(entries, accounts)


def _without_account(entries: Sequence[AccountCredentials], accounts: Sequence[AccountRef]) -> Iterator[Problem]:
    for entry in entries:
        if not any(entry.account.may_equal(account) for account in accounts):
            yield Problem(
                f"account_credentials[{entry.location.entry}].account",
                "is not among accounts. Add it there too, or remove this entry.",
            )


def _constant_columns(columns: Sequence[ConstantColumn]) -> Iterator[Problem]:
    # Most destinations fold the case of column names.
    for place in _repeated(column.name.lower() for column in columns):
        yield Problem(
            f"constant_columns[{place}].name",
            "is the name of an earlier column too. Give each column its own name.",
        )


def auth_types(values: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the ways to sign in of all credentials; None while some of these are wrong, so that nobody can tell."""
    found = {_auth_type(credentials) for _, credentials in _owners(values)}
    known = frozenset(each for each in found if each is not None)
    return known if "account_credentials" in values and len(known) == len(found) else None


def _custom_reports(values: Mapping[str, Any]) -> Iterator[Problem]:
    reports: Sequence[ReportDraft] = values.get("custom_reports", ())
    named = [report for report in reports if report.table_name is not None]
    for place in _repeated(report.table_name for report in named):
        yield Problem(
            f"{named[place].path}.table_name",
            "is the name of an earlier report too. Give each report its own name.",
        )
    for report in reports:
        if report.table_name in BUILT_IN_STREAMS:
            yield Problem(
                f"{report.path}.table_name",
                "is the name of one of the connector's own tables. Choose another name.",
            )
    types = auth_types(values)
    if types is not None:
        yield from _out_of_reach(reports, types)


def _out_of_reach(reports: Iterable[ReportDraft], types: frozenset[str]) -> Iterator[Problem]:
    for report in reports:
        reaching = _REPORTS_REACHED_WITH[report.report_type] if report.report_type else types
        if types.isdisjoint(reaching):
            yield Problem(
                f"{report.path}.report_type",
                f"needs credentials of type {' or '.join(reaching)}, and there are none.",
            )


def _repeated(names: Iterable[Any]) -> list[int]:
    """Return the places of the names that stand earlier too."""
    seen: Counter[Any] = Counter()
    places = []
    for place, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            places.append(place)
    return places
