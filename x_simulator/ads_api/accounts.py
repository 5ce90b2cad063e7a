"""GET accounts: the Ads accounts that a user's credentials see."""

from typing import TYPE_CHECKING

from x_simulator.ads_accounts import AdsAccount, switched_at
from x_simulator.ads_api import errors
from x_simulator.ads_api.answers import listing, sorted_page, wire_instant
from x_simulator.ads_api.calls import AdsAnswer, AdsCall, Body
from x_simulator.ads_api.parameters import AdsQuery

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi

_SORTED_BY = ("created_at", "updated_at", "deleted", "name")
_MOST_ACCOUNT_IDS = 1_000


def listed(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts: those on which the user has a role, a page at a time."""
    query = AdsQuery(call)
    wanted = query.identifiers("account_ids", _MOST_ACCOUNT_IDS, base36=True)
    prefix = (query.text("q", longest=255) or "").lower()
    order = query.order(_SORTED_BY, "created_at-asc")
    with_deleted = query.boolean("with_deleted")
    count, place = query.page()
    with_total = query.boolean("with_total_count")
    query.finish()
    found = [
        _object(account)
        for account in api.accounts.visible_to(call.identity.username or "")
        if (with_deleted or not account.deleted)
        and (wanted is None or account.id in wanted)
        and account.name.lower().startswith(prefix)
    ]
    return listing(query, sorted_page(found, order), "account", (count, place), with_total=with_total)


def one(_: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts/:id, which alone names the industry.

    Raises:
        AdsRefusal: 404, the account was deleted and `with_deleted` was not asked for.
    """
    query = AdsQuery(call)
    with_deleted = query.boolean("with_deleted")
    query.finish()
    account = call.ads_account
    if account.deleted and not with_deleted:
        raise errors.not_found(f"Account {account.id} was not found", {"account_id": account.id})
    found = {**_object(account), "industry_type": account.spec.industry_type}
    return AdsAnswer({"request": {"params": query.params}, "data_type": "account", "data": found})


def access(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts/:id/authenticated_user_access: what the user may do on the account."""
    username = call.identity.username or ""
    user_id = api.world.user_id(username)
    is_own = call.ads_account.user(int(user_id)) is not None
    permissions = ["ACCOUNT_ADMIN", "TWEET_COMPOSER"] if is_own else ["ANALYST"]
    data = {"user_id": user_id, "permissions": permissions}
    return AdsAnswer({"request": {"params": dict(call.values)}, "data_type": "authenticated_user_access", "data": data})


def _object(account: AdsAccount) -> Body:
    spec = account.spec
    return {
        "id": account.id,
        "name": account.name,
        "business_name": spec.business_name,
        "business_id": spec.business_id,
        "timezone": spec.timezone,
        "timezone_switch_at": switched_at(account),
        "created_at": wire_instant(account.created_ms),
        "updated_at": wire_instant(account.updated_ms),
        "approval_status": spec.approval_status,
        "deleted": account.deleted,
    }
