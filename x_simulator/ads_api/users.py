"""GET accounts/:id/promotable_users: the users that an Ads account may promote."""

from typing import TYPE_CHECKING

from x_simulator.ads_accounts import PromotableUser
from x_simulator.ads_api import errors, limits
from x_simulator.ads_api.answers import listing, sorted_page, wire_instant
from x_simulator.ads_api.calls import AdsAnswer, AdsCall, Body
from x_simulator.ads_api.parameters import AdsQuery

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi

_SORTED_BY = ("created_at", "updated_at", "deleted")


def listed(_: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts/:id/promotable_users, a page at a time."""
    query = AdsQuery(call)
    wanted = query.identifiers("promotable_user_ids", limits.MOST_IDS, base36=True)
    order = query.order(_SORTED_BY, "created_at-asc")
    with_deleted = query.boolean("with_deleted")
    page = query.page()
    with_total = query.boolean("with_total_count")
    query.finish()
    found = [
        _object(user)
        for user in call.ads_account.users
        if (with_deleted or not user.deleted) and (wanted is None or user.id in wanted)
    ]
    return listing(query, sorted_page(found, order), "promotable_user", page, with_total=with_total)


def one(_: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET accounts/:id/promotable_users/:promotable_user_id.

    Raises:
        AdsRefusal: 404, there is none, or it was removed and `with_deleted` was not asked for.
    """
    query = AdsQuery(call)
    with_deleted = query.boolean("with_deleted")
    query.finish()
    wanted = call.values["promotable_user_id"]
    for user in call.ads_account.users:
        if user.id == wanted and (with_deleted or not user.deleted):
            return AdsAnswer(
                {"request": {"params": query.params}, "data_type": "promotable_user", "data": _object(user)}
            )
    raise errors.not_found(f"Promotable user {wanted} was not found", call.values, "PROMOTABLE_USER_NOT_FOUND")


def _object(user: PromotableUser) -> Body:
    return {
        "id": user.id,
        "user_id": str(user.account.id),
        "promotable_user_type": str(user.type),
        "created_at": wire_instant(user.created_ms),
        "updated_at": wire_instant(user.updated_ms),
        "deleted": user.deleted,
    }
