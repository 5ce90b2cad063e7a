"""The user's configuration: read once, checked whole, typed ever after.

`parse_config` is the way in. Every other part of the connector takes the `Config` it returns and
never looks at the raw configuration, but for `with_rotated_tokens`, which writes back to it.
"""

from source_x_organic.config.accounts import AccountRef
from source_x_organic.config.credentials import (
    AccountCredentials,
    BearerCredentials,
    CredentialLocation,
    Credentials,
    OAuth1Credentials,
    OAuth2Credentials,
    secrets_of,
)
from source_x_organic.config.custom_reports import (
    Aggregate,
    AllTweets,
    CustomReport,
    DateRange,
    DaysBack,
    Dimension,
    RecentTweets,
    RelativeRange,
    ReportDraft,
    ReportType,
    SingleDay,
    TimeframePeriod,
    TweetIds,
    drafts_of,
)
from source_x_organic.config.model import (
    ApiAccess,
    BaseUrls,
    Config,
    ConstantColumn,
    SyncMode,
    TableLayout,
    Timeframe,
)
from source_x_organic.config.parse import Rules, in_order_of_form, parse_config
from source_x_organic.config.problems import ConfigError, Problem
from source_x_organic.config.remainder import remainder
from source_x_organic.config.rotation import with_rotated_tokens
from source_x_organic.config.rules import BUILT_IN_STREAMS, auth_types

__all__ = [
    "BUILT_IN_STREAMS",
    "AccountCredentials",
    "AccountRef",
    "Aggregate",
    "AllTweets",
    "ApiAccess",
    "BaseUrls",
    "BearerCredentials",
    "Config",
    "ConfigError",
    "ConstantColumn",
    "CredentialLocation",
    "Credentials",
    "CustomReport",
    "DateRange",
    "DaysBack",
    "Dimension",
    "OAuth1Credentials",
    "OAuth2Credentials",
    "Problem",
    "RecentTweets",
    "RelativeRange",
    "ReportDraft",
    "ReportType",
    "Rules",
    "SingleDay",
    "SyncMode",
    "TableLayout",
    "Timeframe",
    "TimeframePeriod",
    "TweetIds",
    "auth_types",
    "drafts_of",
    "in_order_of_form",
    "parse_config",
    "remainder",
    "secrets_of",
    "with_rotated_tokens",
]
