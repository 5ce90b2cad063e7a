"""GET /2/users/:id/tweets: what a user posted, newest first, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from x_simulator import snowflakes
from x_simulator.accounts import Account, AccountKind, PostKind
from x_simulator.posts import Post
from x_simulator.slots import NO_BOUND
from x_simulator.x_api import errors, limits
from x_simulator.x_api.fields import may_read_posts
from x_simulator.x_api.pages import Page, page_of
from x_simulator.x_api.parameters import QueryReader
from x_simulator.x_api.responses import Answer, Renderer, is_young

PARAMETERS = ("max_results", "pagination_token", "exclude", "start_time", "end_time", "since_id", "until_id")


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a timeline that a request is about: low <= id < high, without the excluded kinds."""

    low: int
    high: int
    max_results: int
    excluded: frozenset[PostKind]
    page: Page | None

    @property
    def excludes_replies(self) -> bool:
        """Whether X shortens the timeline for this request."""
        return PostKind.REPLY in self.excluded


def read_window(reader: QueryReader, owner: int) -> Window:
    """Read the parameters of a timeline; ids beat times, as in X's description."""
    excluded = reader.choices("exclude", ("replies", "retweets"))
    max_results = reader.integer("max_results", limits.FEWEST_RESULTS, limits.MOST_RESULTS, limits.DEFAULT_RESULTS)
    start, end = reader.instant("start_time"), reader.instant("end_time")
    since, until = reader.identifier("since_id"), reader.identifier("until_id")
    if start and end and start >= end:
        reader.complain("start_time", "The `start_time` must be before the `end_time`")
    if since is not None and until is not None and since >= until:
        reader.complain("since_id", "The `since_id` must be less than the `until_id`")
    token = reader.text("pagination_token")
    page = page_of(token, owner) if token is not None else None
    if token is not None and page is None:
        reader.complain("pagination_token", f"The `pagination_token` query parameter value [{token}] is not valid")
    low = snowflakes.first_id_at(int(start.timestamp() * 1000)) if start else 0
    high = snowflakes.first_id_at(int(end.timestamp() * 1000)) if end else NO_BOUND
    kinds = {"replies": PostKind.REPLY, "retweets": PostKind.RETWEET}
    return Window(
        low=low if since is None else since + 1,
        high=high if until is None else until,
        max_results=max_results,
        excluded=frozenset(kinds[name] for name in excluded if name in kinds),
        page=page,
    )


def timeline(
    renderer: Renderer,
    account: Account | None,
    identifier: str,
    window: Window,
    *,
    ceiling: int | None,
    gaps: tuple[int, ...],
) -> Answer:
    """Answer a timeline request.

    `ceiling`: how many posts X reaches back (None: all); `gaps`: how many posts fewer than asked for the pages have,
    in turn; what a short page leaves out comes on the next one.
    """
    usable = renderer.usable_user(account, "id", identifier)
    if usable is None:
        return renderer.answer(None, of_posts=True)
    if not may_read_posts(usable, renderer.viewer):
        renderer.refuse(errors.not_authorized(renderer.problems, "user", "id", identifier, "data"))
        return renderer.answer(None, of_posts=True)
    low = max(window.low, _ceiling_id(renderer, usable, window, ceiling))
    found, meta = _page(renderer, usable, window, low, gaps)
    shown = _shown(renderer, found)
    renderer.expand_posts(shown)
    data = [renderer.post(post) for post in shown]
    ends = {"newest_id": str(shown[0].id), "oldest_id": str(shown[-1].id)} if shown else {}
    return renderer.answer(data, of_posts=True, meta={"result_count": len(data), **ends, **meta})


def _ceiling_id(renderer: Renderer, account: Account, window: Window, ceiling: int | None) -> int:
    if ceiling is None or account.kind is AccountKind.EMPTY:
        return 0
    reach = min(ceiling, limits.REPLIES_EXCLUDED_CEILING) if window.excludes_replies else ceiling
    return renderer.viewer.world.ceiling_id(account, reach, renderer.viewer.now_ms)


def _page(
    renderer: Renderer, account: Account, window: Window, low: int, gaps: tuple[int, ...]
) -> tuple[list[Post], dict[str, str]]:
    """Return the posts of the page asked for and the tokens of its neighbours."""
    world, now_ms = renderer.viewer.world, renderer.viewer.now_ms
    page = window.page or Page(0, window.high)
    if page.is_backwards:
        return _page_before(renderer, account, window, low, page)
    high = min(window.high, page.post_id)
    wanted = max(window.max_results - gaps[page.number % len(gaps)], 0) if gaps else window.max_results
    candidates = list(islice(_kept(world.newest_first(account, low, high, now_ms), window), wanted + 1))
    found, following = candidates[:wanted], candidates[wanted:]
    tokens = {"next_token": Page(page.number + 1, following[0].id + 1).token(account.id)} if following else {}
    if window.page is not None:
        newest = found[0].id if found else high - 1
        tokens["previous_token"] = Page(max(page.number - 1, 0), newest, is_backwards=True).token(account.id)
    return found, tokens


def _page_before(
    renderer: Renderer, account: Account, window: Window, low: int, page: Page
) -> tuple[list[Post], dict[str, str]]:
    world, now_ms = renderer.viewer.world, renderer.viewer.now_ms
    rising = _kept(world.oldest_first(account, max(low, page.post_id + 1), window.high, now_ms), window)
    candidates = list(islice(rising, window.max_results + 1))
    found = candidates[: window.max_results][::-1]
    tokens = {"next_token": Page(page.number + 1, page.post_id + 1).token(account.id)}
    if len(candidates) > window.max_results and found:
        tokens["previous_token"] = Page(max(page.number - 1, 0), found[0].id, is_backwards=True).token(account.id)
    return found, tokens


def _kept(posts: Iterator[Post], window: Window) -> Iterator[Post]:
    return (post for post in posts if post.kind not in window.excluded) if window.excluded else posts


def _shown(renderer: Renderer, found: list[Post]) -> list[Post]:
    """Leave out what has no private metrics for the viewer: old posts silently, other people's with errors."""
    if not renderer.shape.private_fields:
        return found
    now_ms = renderer.viewer.now_ms
    young = [post for post in found if is_young(post, now_ms)]
    return [post for post in young if renderer.readable(post, "id", "data")]
