"""Posts and users asked for by id or by name."""

from x_simulator.accounts import Account
from x_simulator.posts import Post
from x_simulator.x_api.errors import NotFound
from x_simulator.x_api.responses import Answer, Renderer


def posts_by_ids(renderer: Renderer, identifiers: list[str]) -> Answer:
    """Answer GET /2/tweets: posts in the order asked for; an error for each that cannot be shown."""
    shown = [post for identifier in identifiers if (post := _readable_post(renderer, identifier, "ids"))]
    renderer.expand_posts(shown)
    return renderer.answer([renderer.post(post) for post in shown], of_posts=True)


def post_by_id(renderer: Renderer, identifier: str) -> Answer:
    """Answer GET /2/tweets/:id.

    Raises:
        NotFound: there is no such post (one that exists but may not be seen is a 200 with errors).
    """
    post = _readable_post(renderer, identifier, "id")
    if post is None:
        if any("not-found" in problem["type"] for problem in renderer.errors):
            raise NotFound(renderer.errors[0])
        return renderer.answer(None, of_posts=True)
    renderer.expand_posts([post])
    return renderer.answer(renderer.post(post), of_posts=True)


def _readable_post(renderer: Renderer, identifier: str, parameter: str) -> Post | None:
    post = renderer.viewer.world.find_post(int(identifier), renderer.viewer.now_ms)
    if post is None:
        renderer.missing_post(identifier, parameter)
        return None
    return post if renderer.readable(post, parameter, "data") else None


def users_by_values(renderer: Renderer, values: list[str], parameter: str) -> Answer:
    """Answer GET /2/users (`ids`) and GET /2/users/by (`usernames`)."""
    shown = [account for value in values if (account := _usable(renderer, value, parameter))]
    renderer.expand_users(shown)
    return renderer.answer([renderer.user(account) for account in shown], of_posts=False)


def user_by_value(renderer: Renderer, value: str, parameter: str) -> Answer:
    """Answer GET /2/users/:id (`id`), /2/users/by/username/:username (`username`) and /2/users/me (`id`)."""
    account = _usable(renderer, value, parameter)
    if account is None:
        return renderer.answer(None, of_posts=False)
    renderer.expand_users([account])
    return renderer.answer(renderer.user(account), of_posts=False)


def _usable(renderer: Renderer, value: str, parameter: str) -> Account | None:
    world = renderer.viewer.world
    is_name = parameter.startswith("username")
    account = world.find_user(username=value) if is_name else world.find_user(user_id=int(value))
    return renderer.usable_user(account, parameter, value)
