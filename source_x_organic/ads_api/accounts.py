"""Ads accounts and promotable users as the Ads API returns them, turned into rows.

What X did not return is null; objects that X sent are never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.ads_api.objects import ads_instant, id_text

if TYPE_CHECKING:
    from collections.abc import Mapping


def ads_account_row(account: Mapping[str, Any], *, industry_type: str | None, account_id: str | None) -> dict[str, Any]:
    """Return the `ads_accounts` row of one Ads account.

    `industry_type` is what X says when asked for this account alone: the list leaves it out. `account_id` is the X user
    for whom the account is FULL, None where there is none.
    """
    get = account.get
    ads_account_id = id_text(get("id"))
    return {
        "id": ads_account_id,
        "ads_account_id": ads_account_id,
        "account_id": account_id,
        "name": get("name"),
        "business_name": get("business_name"),
        "business_id": id_text(get("business_id")),
        "timezone": get("timezone"),
        "timezone_switch_at": ads_instant(get("timezone_switch_at")),
        "created_at": ads_instant(get("created_at")),
        "updated_at": ads_instant(get("updated_at")),
        "approval_status": get("approval_status"),
        "industry_type": get("industry_type") if industry_type is None else industry_type,
        "salt": get("salt"),
        "deleted": get("deleted"),
    }


def promotable_user_row(user: Mapping[str, Any], *, ads_account_id: str) -> dict[str, Any]:
    """Return the `promotable_users` row of one user whom an Ads account may promote."""
    get = user.get
    user_id = id_text(get("user_id"))
    return {
        "id": id_text(get("id")),
        "ads_account_id": ads_account_id,
        "account_id": user_id,
        "user_id": user_id,
        "promotable_user_type": get("promotable_user_type"),
        "created_at": ads_instant(get("created_at")),
        "updated_at": ads_instant(get("updated_at")),
        "deleted": get("deleted"),
    }
