"""The sorts of refusals that X knows: what helps against each, and what to tell the user.

Sources: X docs "Response codes and errors" and, for the Ads API, "Error codes and responses", August 2026; X's OpenAPI
2.159 and 2.167; recorded bodies.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from airbyte_cdk.models import FailureType

if TYPE_CHECKING:
    from collections.abc import Mapping


class Recovery(Enum):
    """What helps against a problem."""

    NONE = "none"
    RETRY = "retry"
    WAIT_FOR_WINDOW = "wait_for_window"


@dataclass(frozen=True)
class Kind:
    """One sort of problem.

    Attributes:
        recovery: What the transport does by itself.
        failure_type: Airbyte's class of the error once the transport gave up.
        remedy: One sentence for the person who reads the error.
        whole_credential: The same refusal awaits every other account that uses the credentials.
    """

    recovery: Recovery
    failure_type: FailureType
    remedy: str
    whole_credential: bool = False


def _refusal(remedy: str, *, whole_credential: bool = False) -> Kind:
    return Kind(Recovery.NONE, FailureType.config_error, remedy, whole_credential)


def _for_maintainers(remedy: str) -> Kind:
    return Kind(Recovery.NONE, FailureType.system_error, remedy)


def _for_another_time(remedy: str) -> Kind:
    """Passing, but the same request again is no help."""
    return Kind(Recovery.NONE, FailureType.transient_error, remedy)


def _passing(remedy: str) -> Kind:
    return Kind(Recovery.RETRY, FailureType.transient_error, remedy)


KINDS: Mapping[str, Kind] = {
    "rate-limit-exceeded": Kind(
        Recovery.WAIT_FOR_WINDOW,
        FailureType.transient_error,
        "X's rate limit was used up and its window is long; run the sync again later or less often.",
    ),
    "usage-capped": _refusal(
        "The app has reached its usage cap at X; raise the cap in X's developer console or wait for the next period.",
        whole_credential=True,
    ),
    "credits-depleted": _refusal(
        "The app has no X API credits left; buy credits or raise the spending limit in X's developer console.",
        whole_credential=True,
    ),
    "unauthorized": _refusal(
        "X does not accept these credentials; check that every key and token is complete and current, and create new "
        "ones in X's developer console if access was revoked.",
        whole_credential=True,
    ),
    "clock-skew": _refusal(
        "Set the clock of the machine that runs the connector (NTP): OAuth 1.0a signatures carry the time.",
        whole_credential=True,
    ),
    "client-forbidden": _refusal(
        "The app's access level at X does not include this; enrol the app in a project or a contract that has it.",
        whole_credential=True,
    ),
    "client-not-enrolled": _refusal(
        "The app is not enrolled for this part of the X API; attach it to a project in X's developer console, or ask X "
        "for a contract that includes it.",
        whole_credential=True,
    ),
    "unsupported-authentication": _refusal(
        "X wants a signed-in user here; use OAuth 1.0a or OAuth 2.0 credentials instead of a bearer token.",
        whole_credential=True,
    ),
    "oauth1-permissions": _refusal(
        "The app lacks a permission for OAuth 1.0a; set it to 'Read' in X's developer console and create new tokens.",
        whole_credential=True,
    ),
    "forbidden": _refusal("X refuses this to the credentials in use; check the app's permissions and scopes."),
    "not-authorized-for-resource": _refusal(
        "The account protects its posts; use credentials of the account itself or of an approved follower, or remove "
        "it from the accounts.",
    ),
    "not-authorized-for-field": _refusal("X shows this metric only to the post's author, for 30 days."),
    "field-unauthorized": _refusal("X shows this metric only to the post's author, for 30 days."),
    "resource-not-found": _refusal("Check the spelling; it may have been renamed or deleted."),
    "suspended": _refusal("X has suspended the account; remove it from the accounts, or wait until X restores it."),
    "resource-unavailable": _refusal("X does not show this any more."),
    "disallowed-resource": _refusal("X does not show this any more."),
    "invalid-request": _for_maintainers(
        "X did not understand the request; please report this to the connector's maintainers."
    ),
    "invalid-token-request": _refusal(
        "The refresh token is no longer valid (each works once); sign in again to get a new one, and let only one "
        "connection use it.",
        whole_credential=True,
    ),
    "field-hydration-failure": _passing("X could not load some fields; the next sync reads them again."),
    "internal-error": _passing("X has a fault of its own; try again later."),
    "unavailable": _passing("X is overloaded or under maintenance; try again later."),
    "timeout": _passing("X took too long to answer; try again later."),
    "locked": _passing("X is busy with this resource; try again later."),
    "unreadable-answer": _passing("X's answer was cut off or is not JSON; try again later."),
    "unreachable": _passing("X could not be reached; check the network, proxy and base_urls, then try again."),
    "repeated-page": _for_another_time("X's pages went in a circle; what was read is kept, try again later."),
    "unexpected": _for_maintainers(
        "X answered in a way this version does not know; please report it to the connector's maintainers."
    ),
    "ads-app-not-approved": _refusal(
        "X has not approved the app for the Ads API; request access in X's developer console or with X's Ads API "
        "access form, and create new tokens for the user after the approval.",
        whole_credential=True,
    ),
    "ads-no-role": _refusal(
        "The user of these credentials has no role on the Ads account; let the account's administrator add the user "
        "under Account access at ads.x.com, for example as Organic Analyst."
    ),
    "ads-account-gone": _refusal(
        "The Ads account was closed, or its id is wrong; check it at ads.x.com, and remove it from the accounts if it "
        "is gone."
    ),
    "ads-user-unavailable": _refusal(
        "The Ads account cannot read this user, who may be suspended, deleted or no longer shared with it; check the "
        "user at x.com, and at ads.x.com whose posts the Ads account may use."
    ),
    "ads-feature-unavailable": _refusal(
        "The Ads account does not have this feature at X; ask X's Ads support to turn it on, or remove the Ads account "
        "from the accounts."
    ),
    "ads-user-locked": _refusal(
        "X has suspended or locked the user of these credentials; sign in at x.com to unlock the user, or use another "
        "user's tokens.",
        whole_credential=True,
    ),
    "ads-version-retired": _for_maintainers(
        "X has retired this version of the Ads API; update the connector, and if there is no newer version, report it "
        "to its maintainers."
    ),
    "ads-needs-oauth1": _refusal(
        "The Ads API takes OAuth 1.0a keys alone; enter those of a user with a role on the Ads account, or leave the "
        "Ads streams out.",
    ),
    "engagement-needs-oauth1": _refusal(
        "The Engagement API takes OAuth 1.0a keys; enter those of the account itself, or leave its reports out.",
    ),
    "organic-withdrawn": _refusal(
        "X has withdrawn organic statistics from the Ads API (undocumented since June 2026); choose another api_access "
        "that feeds the same stream: X_API, X_API_ENTERPRISE or ENGAGEMENT_API."
    ),
    "ads-metrics-refused": _refusal(
        "X gives none of the metrics that are wanted here; choose other metrics for the report, or remove it."
    ),
    "too-many-jobs": _for_another_time(
        "The Ads account has as many statistics jobs under way at X as it may have; try again later, or at another "
        "time than the other tools that use the account."
    ),
    "too-complex": _for_maintainers(
        "X finds even the smallest request for this too complex; please report it to the connector's maintainers."
    ),
    "job-failed": _for_another_time(
        "X did not finish the statistics that were ordered; the next sync orders them again."
    ),
    "result-expired": _for_another_time("X no longer keeps the result; the next sync orders it again."),
    "analytics-not-enrolled": _refusal(
        "Analytics of tweets and media are part of X's Enterprise contracts; ask your contact at X to add "
        "/2/tweets/analytics and /2/media/analytics to the app's contract, or choose another api_access.",
        whole_credential=True,
    ),
    "engagement-app-not-allowed": _refusal(
        "X has to allow the app for the Engagement API; send the app's numeric id to your contact at X, with the "
        "contract that includes this API, or choose another api_access.",
        whole_credential=True,
    ),
    "engagement-not-owner": _refusal(
        "The Engagement API shows tweets to their author alone; enter OAuth 1.0a keys of the account that posted them, "
        "or take these tweets out of the report."
    ),
    "engagement-unavailable": _refusal(
        "X does not give figures of these tweets: they were deleted, or their account is protected; make the account "
        "public, or take the tweets out of the report."
    ),
    "engagement-too-old": _refusal(
        "X has lifetime impressions and engagements of tweets of the last 90 days alone; leave these two metrics out, "
        "or use a report of type engagement_historical."
    ),
    "engagement-metrics": _refusal(
        "X does not give these metrics in this report; take them out of its metrics, or ask your contact at X for them."
    ),
    "engagement-protected": _refusal(
        "The Engagement API shows the tweets of a protected account to nobody, not even to their author; make the "
        "account public, or choose another api_access."
    ),
    "engagement-needs-gzip": _refusal(
        "Something on the way to X takes out that packed answers are welcome; let the proxy pass the header "
        "Accept-Encoding on.",
        whole_credential=True,
    ),
    "engagement-wrong-address": _refusal(
        "There is no Engagement API at this address; remove engagement_api from base_urls, or enter the address that "
        "X gave you: https://data-api.x.com or https://data-api.twitter.com.",
        whole_credential=True,
    ),
}
