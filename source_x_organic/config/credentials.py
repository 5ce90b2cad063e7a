"""The three ways to prove to X who is asking, and accounts that have their own."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr

from source_x_organic.config.accounts import Account
from source_x_organic.config.json_text import BrokenJsonError, decoded
from source_x_organic.config.problems import Problem
from source_x_organic.config.values import FrozenModel, Instant, Key, Secret, is_masked


class OAuth1Credentials(FrozenModel):
    """OAuth 1.0a: the keys of an app and the tokens of a user. They never expire."""

    auth_type: Literal["oauth1"] = "oauth1"
    consumer_key: Secret
    consumer_secret: Secret
    access_token: Secret
    access_token_secret: Secret


class OAuth2Credentials(FrozenModel):
    """OAuth 2.0 with PKCE: `refresh_token` is used up by each refresh and replaced.

    `client_secret` is absent for a public client. `token_expiry_date`: when `access_token` ends.
    """

    auth_type: Literal["oauth2"] = "oauth2"
    client_id: Key
    client_secret: Secret | None = None
    refresh_token: Secret
    access_token: Secret | None = None
    token_expiry_date: Instant | None = None


class BearerCredentials(FrozenModel):
    """App-only: public figures of any public account, nobody's private ones."""

    auth_type: Literal["bearer"] = "bearer"
    bearer_token: Secret


Credentials = Annotated[OAuth1Credentials | OAuth2Credentials | BearerCredentials, Field(discriminator="auth_type")]
CREDENTIAL_TYPES: dict[str, type[FrozenModel]] = {
    "oauth1": OAuth1Credentials,
    "oauth2": OAuth2Credentials,
    "bearer": BearerCredentials,
}


@dataclass(frozen=True, slots=True)
class CredentialLocation:
    """Where a set of credentials stands in the raw configuration.

    `entry`: position in the list of `account_credentials`; None for `credentials`.
    """

    entry: int | None = None

    @property
    def path(self) -> str:
        """The location as messages name it."""
        if self.entry is None:
            return "credentials"
        return f"account_credentials[{self.entry}].credentials"


class AccountCredentials(FrozenModel):
    """Credentials of its own for one account."""

    account: Account
    credentials: Credentials
    location: CredentialLocation = CredentialLocation()


def secrets_of(credentials: FrozenModel) -> list[str]:
    """Return the secret values of one set of credentials, for redaction."""
    values = [getattr(credentials, name) for name in type(credentials).model_fields]
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def decode_entries(text: object) -> list[Any] | Problem:
    """Read the JSON text of `account_credentials`, or say where it is broken, never what it holds."""
    if isinstance(text, list | dict) and not text:
        return []
    if not isinstance(text, str):
        return _problem(
            "must be one text that holds JSON, because Airbyte loses secrets inside lists. "
            'Put the whole list in quotes: [{"account": "@brand", "credentials": {…}}].'
        )
    if is_masked(text):
        return _problem(
            "holds only asterisks: a masked value was saved instead of the secret. Enter the whole JSON text again."
        )
    return _decoded(text)


def _decoded(text: str) -> list[Any] | Problem:
    try:
        entries = decoded(text)
    except BrokenJsonError as error:
        return _problem(str(error))
    if not isinstance(entries, list):
        return _problem('must be a JSON list, also for one account: [{"account": "@brand", "credentials": {…}}].')
    return entries


def _problem(message: str) -> Problem:
    return Problem("account_credentials", message)
