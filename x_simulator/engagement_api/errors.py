"""Refusals of the Engagement API, in its own format: a list of plain sentences."""

from collections.abc import Iterable
from typing import Any

from x_simulator.x_api.errors import Refusal

Body = dict[str, Any]


class EngagementRefusal(Refusal):
    """A request that gets sentences instead of an answer; `more`: what stands beside them."""

    def __init__(self, status: int, *sentences: str, **more: object) -> None:
        super().__init__({"errors": list(sentences), **more})
        self.status = status


def unauthenticated(reason: str = "Access token not found") -> EngagementRefusal:
    """Return the refusal of credentials that are missing, unknown or of the wrong sort."""
    return EngagementRefusal(401, f"Your account could not be authenticated. Reason: {reason}")


def not_allowlisted() -> EngagementRefusal:
    """Return the refusal of an app that X did not open the Engagement API to."""
    return EngagementRefusal(403, "Your application id is not authorized.")


def forbidden_tweets(ids: Iterable[str]) -> EngagementRefusal:
    """Return the refusal of a whole request because of tweets that belong to somebody else."""
    return EngagementRefusal(403, f"Forbidden to access tweets: {', '.join(ids)}")


def forbidden_metrics(names: Iterable[str]) -> EngagementRefusal:
    """Return the refusal of metrics that are not public."""
    return EngagementRefusal(403, f"Forbidden to access metrics: {', '.join(names)}")


def unavailable(ids: list[str]) -> EngagementRefusal:
    """Return the refusal when none of the tweets is available."""
    return EngagementRefusal(400, unavailable_sentence(ids), unavailable_tweet_ids=ids)


def unavailable_sentence(ids: list[str]) -> str:
    """Return what X says of tweets that are gone or protected."""
    return f"{len(ids)} Tweet ID(s) are unavailable"


def unsupported(what: str, values: Iterable[str]) -> str:
    """Return what X says of values that it does not take, or not together."""
    listed = ", ".join(values)
    return (
        f"One or more of the {what} you have specified are not supported: ({listed}). "
        "Please adjust your request and try again."
    )


def no_such_resource() -> EngagementRefusal:
    """Return the refusal for a path, or a method, that the API does not have."""
    return EngagementRefusal(404, "The requested resource does not exist")


def without_compression() -> EngagementRefusal:
    """Return the refusal of a client that does not take compressed answers."""
    return EngagementRefusal(406, "This request requires gzip compression: accept the encoding gzip")


def too_many_requests() -> EngagementRefusal:
    """Return the refusal when the requests of this minute are used up."""
    return EngagementRefusal(429, "Rate limit exceeded")


def internal() -> EngagementRefusal:
    """Return the refusal when something broke at X."""
    return EngagementRefusal(500, "internal server error")
