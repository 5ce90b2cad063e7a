"""X's refusals. Whole requests are refused by raising a Refusal; parts of an answer by a dict in its `errors` list.

Refusal
├── InvalidRequest          400, with what was wrong with which parameter
├── Unauthorized            401
├── Forbidden               403, of the account or the scopes
├── UnsupportedAuthentication  403, the way of authenticating does not fit the endpoint
├── NotEnrolled             403, the app's contract with X does not include the endpoint
├── NotFound                404
└── TooManyRequests         429
"""

from typing import Any

OLD_PROBLEMS = "https://api.twitter.com/2/problems/"
NEW_PROBLEMS = "https://api.x.com/2/problems/"
Body = dict[str, Any]


class Refusal(Exception):
    """A request that gets an error instead of an answer. `body`: the JSON document; `status`: of the response."""

    status = 500

    def __init__(self, body: Body) -> None:
        super().__init__(body.get("detail", body.get("title", "")))
        self.body = body


class InvalidRequest(Refusal):
    """Parameters that X does not take. `complaints`: (parameter, its value, message), one for each."""

    status = 400

    def __init__(self, complaints: list[tuple[str, str, str]]) -> None:
        super().__init__(
            {
                "errors": [{"parameters": {name: [value]}, "message": message} for name, value, message in complaints],
                "title": "Invalid Request",
                "detail": "One or more parameters to your request was invalid.",
                "type": OLD_PROBLEMS + "invalid-request",
            }
        )


class Unauthorized(Refusal):
    """No credentials, or none that X accepts."""

    status = 401

    def __init__(self) -> None:
        super().__init__(blank(401, "Unauthorized"))


class Forbidden(Refusal):
    """The credentials are good, the request is not allowed."""

    status = 403

    def __init__(self, detail: str = "Forbidden") -> None:
        super().__init__({**blank(403, "Forbidden"), "detail": detail})


class UnsupportedAuthentication(Refusal):
    """The endpoint wants another sort of credentials. `used`: what came; `supported`: what would do."""

    status = 403

    def __init__(self, used: str, supported: list[str]) -> None:
        super().__init__(
            {
                "title": "Unsupported Authentication",
                "detail": f"Authenticating with {used} is forbidden for this endpoint.  "
                f"Supported authentication types are [{', '.join(supported)}].",
                "type": NEW_PROBLEMS + "unsupported-authentication",
                "status": 403,
            }
        )


class NotEnrolled(Refusal):
    """The endpoint is for Enterprise customers."""

    status = 403

    def __init__(self) -> None:
        super().__init__(client_not_enrolled())


class NotFound(Refusal):
    """The single thing asked for does not exist; `problem` says so in X's words."""

    status = 404

    def __init__(self, problem: Body) -> None:
        super().__init__({"errors": [problem], **problem})


class TooManyRequests(Refusal):
    """The window is used up."""

    status = 429

    def __init__(self) -> None:
        super().__init__(blank(429, "Too Many Requests"))


def blank(status: int, title: str) -> Body:
    """Return the body that says no more than the status does."""
    return {"title": title, "type": "about:blank", "status": status, "detail": title}


def client_not_enrolled() -> Body:
    """Return the body for an app whose contract does not include the endpoint."""
    return {
        "client_id": "30000001",
        "detail": "This endpoint needs an app that is enrolled in the appropriate level of access.",
        "registration_url": "https://developer.x.com/en/docs/projects/overview",
        "title": "Client Forbidden",
        "required_enrollment": "Appropriate Level of API Access",
        "reason": "client-not-enrolled",
        "type": NEW_PROBLEMS + "client-forbidden",
        "status": 403,
    }


def not_found(prefix: str, resource: str, parameter: str, value: str) -> Body:
    """Return the part of an answer that says: there is no such post or user."""
    return {
        "value": value,
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": prefix + "resource-not-found",
    }


def suspended(prefix: str, parameter: str, value: str) -> Body:
    """Return the part of an answer that says: this user is suspended."""
    return {
        **not_found(prefix, "user", parameter, value),
        "title": "Forbidden",
        "detail": f"User has been suspended: [{value}].",
    }


def not_authorized(prefix: str, resource: str, parameter: str, value: str, section: str) -> Body:
    """Return the part of an answer that says: this post or user is not for the one who asks."""
    noun = {"tweet": "Tweet", "media": "media"}.get(resource, "user")
    return {
        "value": value,
        "detail": f"Sorry, you are not authorized to see the {noun} with {parameter}: [{value}].",
        "title": "Authorization Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "section": section,
        "type": prefix + "not-authorized-for-resource",
    }


def field_refused(prefix: str, field: str, parameter: str, value: str, section: str) -> Body:
    """Return the part of an answer that says: this metric of a post is not for the one who asks."""
    return {
        "value": value,
        "detail": f"Sorry, you are not authorized to access '{field}' on the Tweet with {parameter} : [{value}].",
        "title": "Field Authorization Error",
        "resource_type": "tweet",
        "parameter": parameter,
        "resource_id": value,
        "section": section,
        "field": field,
        "type": prefix + "not-authorized-for-field",
    }
