"""Why rows are missing."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from source_x_organic.transport.errors import ApiError, Refused

if TYPE_CHECKING:
    from airbyte_cdk.utils import AirbyteTracedException


class Reason(StrEnum):
    """The codes of `sync_coverage`, the one that wants attention most first."""

    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    FAILED = "failed"
    OVER_30_DAYS = "over_30_days"
    BUDGET = "budget"
    PROTECTED = "protected"
    SUSPENDED = "suspended"
    CEILING = "3200_limit"
    DELETED = "deleted"


_BY_KIND = {
    "suspended": Reason.SUSPENDED,
    "ads-user-locked": Reason.SUSPENDED,
    "not-authorized-for-resource": Reason.PROTECTED,
    "organic-withdrawn": Reason.WITHDRAWN,
    "engagement-unavailable": Reason.DELETED,
}


def reason_of(error: AirbyteTracedException) -> Reason:
    """Return what a failure means for the rows that it cost."""
    if not isinstance(error, ApiError):
        return Reason.FAILED
    known = _BY_KIND.get(error.problem.kind)
    if known is None and "suspended" in error.problem.detail:
        # To the credentials of a suspended account X says so in a sentence only.
        return Reason.SUSPENDED
    return known or (Reason.REFUSED if isinstance(error, Refused) else Reason.FAILED)
