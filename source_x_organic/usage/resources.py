"""What X bills of an answer: every object in `data` and in `includes`, each time that it is returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING: Mapping[str, Any] = {}


class Resources(NamedTuple):
    """Billable objects of an answer; `repeated` of the posts are in it twice."""

    posts: int = 0
    users: int = 0
    repeated: int = 0


def resources_of(answer: Mapping[str, Any], *, of_posts: bool) -> Resources:
    """Return what an answer of the X API holds; `of_posts` says whether its `data` are posts, or else users.

    Whether X bills what expansions add is not documented; it is counted, so that the bill is never higher.
    """
    data = answer.get("data")
    objects = data if isinstance(data, list) else [data] if data else []
    includes = answer.get("includes") or _NOTHING
    included = includes.get("tweets") or includes.get("posts") or ()
    users = len(includes.get("users") or ())
    if not of_posts:
        return Resources(len(included), len(objects) + users)
    shown = {post.get("id") for post in objects} if included else set()
    return Resources(len(objects) + len(included), users, sum(post.get("id") in shown for post in included))
