"""Whose tweets a request is about: the user it names, or the Ads account's FULL one."""

from x_simulator.accounts import AccountKind
from x_simulator.ads_accounts import PromotableUser
from x_simulator.ads_api import errors
from x_simulator.ads_api.calls import AdsCall

_GONE = frozenset({AccountKind.SUSPENDED, AccountKind.DELETED})


def author(call: AdsCall, user_id: int | None) -> PromotableUser:
    """Return the promotable user that a request is about.

    Raises:
        AdsRefusal: 400, the account may not promote that user, or the request names none and no user is FULL;
            403, X suspended the user, or it deleted itself.
    """
    account = call.ads_account
    user = account.full_user if user_id is None else account.user(user_id)
    params = dict(call.values)
    if user is None:
        message = f"User {user_id} may not be promoted by account {account.id}"
        complaint = errors.error("INVALID_USER", message, "user_id")
        raise errors.AdsRefusal(400, [complaint], params)
    if user.account.kind in _GONE:
        raise errors.refusal(403, "USER_NOT_FOUND", f"User {user.account.id} was not found", params)
    return user
