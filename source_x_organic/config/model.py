"""The configuration as the rest of the connector sees it: complete, typed and unchangeable."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from source_x_organic.config.accounts import Accounts
from source_x_organic.config.credentials import (
    AccountCredentials,
    CredentialLocation,
    Credentials,
    secrets_of,
)
from source_x_organic.config.custom_reports import CustomReport
from source_x_organic.config.values import TEXT, WHOLE_NUMBER, BaseUrl, FrozenModel, Text, one_of

COLUMN_NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"


class ApiAccess(StrEnum):
    """Which contract with X the user has."""

    X_API = "X_API"
    X_API_ENTERPRISE = "X_API_ENTERPRISE"
    ENGAGEMENT_API = "ENGAGEMENT_API"
    ADS_API = "ADS_API"


class SyncMode(StrEnum):
    """Whether the accounts are those that the credentials belong to, or are listed."""

    ALL_ACCOUNTS = "AllAccounts"
    SPECIFIC_ACCOUNTS = "SpecificAccounts"


class Timeframe(StrEnum):
    """How far back the first sync goes."""

    THREE = "THREE"
    SIX = "SIX"
    TWELVE = "TWELVE"
    TWENTY_FOUR = "TWENTY_FOUR"
    ALL_TIME = "ALL_TIME"

    @property
    def months(self) -> int | None:
        """Calendar months back from the start of today; None for no limit."""
        return _MONTHS[self]


_MONTHS = {
    Timeframe.THREE: 3,
    Timeframe.SIX: 6,
    Timeframe.TWELVE: 12,
    Timeframe.TWENTY_FOUR: 24,
    Timeframe.ALL_TIME: None,
}


class TableLayout(StrEnum):
    """Which tables the catalog has."""

    NATIVE = "native"
    FIVETRAN = "fivetran"


class ConstantColumn(FrozenModel):
    """A column with one value that every record gets."""

    name: Annotated[str, Field(pattern=COLUMN_NAME_PATTERN), TEXT]
    value: Text


class BaseUrls(FrozenModel):
    """Where the three APIs are, each without a slash at the end."""

    x_api: BaseUrl = "https://api.x.com"
    ads_api: BaseUrl = "https://ads-api.x.com"
    engagement_api: BaseUrl = "https://data-api.x.com"


class Reading:
    """What one validation knows beside the value: the API, and the properties that were right."""

    def __init__(self, *, ads_api: bool) -> None:
        """Start with no property read; `ads_api`: whether Ads account ids are meant."""
        self.ads_api = ads_api
        self.values: dict[str, Any] = {}


class Config(FrozenModel):
    """A whole configuration, normalised; made by `parse_config` alone."""

    model_config = ConfigDict(validate_default=True)

    credentials: Credentials
    api_access: Annotated[ApiAccess, one_of(ApiAccess)] = ApiAccess.X_API
    sync_mode: Annotated[SyncMode, one_of(SyncMode)] = SyncMode.ALL_ACCOUNTS
    accounts: Accounts = ()
    account_credentials: tuple[AccountCredentials, ...] = ()
    timeframe_months: Annotated[Timeframe, one_of(Timeframe)] = Timeframe.THREE
    lookback_window_days: Annotated[int, Field(ge=1, le=30), WHOLE_NUMBER] = 7
    insights_window_days: Annotated[int, Field(ge=1, le=3650), WHOLE_NUMBER] = 30
    schema_name: Annotated[Text | None, Field(alias="schema")] = None
    constant_columns: tuple[ConstantColumn, ...] = ()
    custom_reports: tuple[CustomReport, ...] = ()
    table_layout: Annotated[TableLayout, one_of(TableLayout)] = TableLayout.NATIVE
    max_post_reads_per_sync: Annotated[int, Field(ge=5), WHOLE_NUMBER] | None = None
    base_urls: BaseUrls = BaseUrls()

    @field_validator("*", mode="wrap")
    @classmethod
    def _keep_what_is_right(cls, value: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
        """Let the rules between properties see those that are right beside those that are not."""
        result = handler(value)
        if isinstance(info.context, Reading) and info.field_name:
            info.context.values[info.field_name] = result
        return result

    @property
    def credentials_location(self) -> CredentialLocation:
        """Where the default credentials stand in the raw configuration."""
        return CredentialLocation()

    def secret_values(self) -> tuple[str, ...]:
        """Return every secret in the configuration, for the filter that keeps them out of logs."""
        owners = [self.credentials, *(entry.credentials for entry in self.account_credentials)]
        return tuple(dict.fromkeys(secret for owner in owners for secret in secrets_of(owner)))
