"""Refusals of the Ads API, in its own format: errors with a code in capitals, and the request's parameters again."""

from typing import Any

from x_simulator.x_api.errors import Refusal

Body = dict[str, Any]


class AdsRefusal(Refusal):
    """A request that gets errors instead of an answer. `errors`: X's objects; `params`: what is said of the request."""

    def __init__(self, status: int, errors: list[Body], params: Body | None = None) -> None:
        super().__init__({"errors": errors, "request": {"params": params or {}}})
        self.status = status


def error(code: str, message: str, parameter: str | None = None, **more: object) -> Body:
    """Return one error object; `parameter`: the query parameter that it is about."""
    return {"code": code, "message": message, **({} if parameter is None else {"parameter": parameter}), **more}


def refusal(status: int, code: str, message: str, params: Body | None = None) -> AdsRefusal:
    """Return a refusal with one error."""
    return AdsRefusal(status, [error(code, message)], params)


def unauthenticated() -> AdsRefusal:
    """Return the refusal of credentials that are missing, unknown or of the wrong sort."""
    return refusal(401, "UNAUTHORIZED_ACCESS", "This request is not properly authenticated")


def without_role(user_id: str, account_id: str) -> AdsRefusal:
    """Return the refusal of a user who has no role on an Ads account."""
    message = f"User {user_id} is not authorized to access the account {account_id}"
    return refusal(401, "UNAUTHORIZED_ACCESS", message, {"account_id": account_id})


def app_not_approved() -> AdsRefusal:
    """Return the refusal of an app that X did not approve for the Ads API."""
    message = "The client application making this request does not have access to the Ads API"
    return refusal(403, "UNAUTHORIZED_CLIENT_APPLICATION", message)


def user_suspended() -> AdsRefusal:
    """Return the refusal of a user whom X suspended."""
    return refusal(403, "CURRENT_USER_SUSPENDED", "The current user is suspended")


def no_such_account(account_id: str) -> AdsRefusal:
    """Return the refusal for an Ads account that never was: 403 with the code of a 404, as recorded."""
    return refusal(403, "NOT_FOUND", f"Account {account_id} was not found")


def not_found(message: str, params: Body, code: str = "NOT_FOUND") -> AdsRefusal:
    """Return the refusal for a thing of an account that is not there, or not any more."""
    return refusal(404, code, message, params)


def no_such_route() -> AdsRefusal:
    """Return the refusal for a path or a version that the API does not have."""
    return refusal(404, "ROUTE_NOT_FOUND", "The requested resource could not be found")


def method_not_allowed(method: str) -> AdsRefusal:
    """Return the refusal for a path that is there, but not for this method."""
    return refusal(405, "METHOD_NOT_ALLOWED", f"The method {method} is not allowed for this resource")


def too_many_requests() -> AdsRefusal:
    """Return the refusal when a window is used up."""
    return refusal(429, "TOO_MANY_REQUESTS", "You have exceeded the number of requests in this window")
