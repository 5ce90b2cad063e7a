"""The X API v2 at its edge: which path is which endpoint, who may ask, and what is read from the query."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from x_simulator.accounts import AccountKind
from x_simulator.clock import Clock, milliseconds
from x_simulator.credentials import AuthType, Credentials, Identity
from x_simulator.http_messages import Request
from x_simulator.journal import Journal
from x_simulator.world import World
from x_simulator.x_api import analytics, errors, lookups, timelines
from x_simulator.x_api.dialects import DIALECTS, USAGE_FIELDS
from x_simulator.x_api.fields import Viewer
from x_simulator.x_api.limits import RATE_LIMITS, Limit
from x_simulator.x_api.parameters import QueryReader, read_shape, shape_parameters
from x_simulator.x_api.responses import Answer, Renderer
from x_simulator.x_api.usage import usage

_ANY = frozenset(AuthType)
_USERS_ONLY = frozenset({AuthType.OAUTH1, AuthType.OAUTH2})
_APP_ONLY = frozenset({AuthType.BEARER})
_SCOPES = frozenset({"tweet.read", "users.read"})
_AUTH_NAMES = {
    AuthType.OAUTH1: "OAuth 1.0a User Context",
    AuthType.OAUTH2: "OAuth 2.0 User Context",
    AuthType.BEARER: "OAuth 2.0 Application-Only",
}
Handler = Callable[["XApi", "Call"], Answer]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this X API behaves where it can be told.

    `timeline_ceiling`: posts a timeline reaches back (None: all); `page_gaps`: posts fewer than asked for on the
    pages, in turn; `accepts`: dialects it understands; `default_dialect`: the one it speaks when a request has none;
    `enterprise_apps`: apps that may ask for analytics; `analytics_shape`: how totals among these look;
    `odd_value_every`: one in so many values of media is a string, or null in place of zero (0: none).
    """

    timeline_ceiling: int | None = 3_200
    page_gaps: tuple[int, ...] = ()
    accepts: frozenset[str] = frozenset(DIALECTS)
    default_dialect: str = "tweet"
    enterprise_apps: frozenset[str] = frozenset()
    analytics_shape: str = "timestamped"
    odd_value_every: int = 50

    def __post_init__(self) -> None:
        if not self.accepts or not self.accepts <= set(DIALECTS) or self.default_dialect not in DIALECTS:
            raise ValueError("accepts and default_dialect: choose of 'tweet' and 'post'")
        if self.analytics_shape not in analytics.SHAPES:
            raise ValueError(f"analytics_shape: choose of {' and '.join(map(repr, analytics.SHAPES))}")
        if self.page_gaps and min(self.page_gaps) > 0:
            raise ValueError("page_gaps: at least one page in turn has to be full, or reading would never end")


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way to an endpoint; `value`: what stands in the path where the endpoint has a :name."""

    request: Request
    identity: Identity
    value: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`name`: as in the rate limit table; `allowed`: ways of authenticating it takes."""

    name: str
    pattern: re.Pattern[str]
    handler: Handler
    allowed: frozenset[AuthType] = _ANY

    @property
    def limit(self) -> Limit:
        """Requests per window."""
        return RATE_LIMITS[self.name]


class XApi:
    """The X API v2 on a world."""

    def __init__(
        self, world: World, clock: Clock, credentials: Credentials, journal: Journal, behaviour: Behaviour
    ) -> None:
        self.world = world
        self.clock = clock
        self.credentials = credentials
        self.journal = journal
        self.behaviour = behaviour

    def find(self, method: str, path: str) -> tuple[Endpoint, str] | None:
        """Return the endpoint of a path and what stands in the path for its :name; None if there is none."""
        if method != "GET":
            return None
        for endpoint in ENDPOINTS:
            found = endpoint.pattern.fullmatch(path)
            if found:
                return endpoint, found.group(1) if endpoint.pattern.groups else ""
        return None

    def authorize(self, endpoint: Endpoint, identity: Identity) -> None:
        """Refuse credentials that do not fit an endpoint.

        Raises:
            Refusal: wrong sort of credentials, a missing scope, or an account that X has suspended.
        """
        if identity.auth_type not in endpoint.allowed:
            supported = [_AUTH_NAMES[kind] for kind in AuthType if kind in endpoint.allowed]
            raise errors.UnsupportedAuthentication(_AUTH_NAMES[identity.auth_type], supported)
        if identity.username is not None:
            kind = self.world.account(identity.username).kind
            if kind is AccountKind.DELETED:
                raise errors.Unauthorized
            if kind is AccountKind.SUSPENDED:
                raise errors.Forbidden("Your account is suspended and is not permitted to access this feature.")
        if identity.auth_type is AuthType.OAUTH2 and not identity.scopes >= _SCOPES:
            raise errors.Forbidden

    def target(self, endpoint: Endpoint, value: str) -> str | None:
        """Return the username of the account that a path is about, where it names one."""
        if "users/:id" in endpoint.name and value.isdigit():
            account = self.world.find_user(user_id=int(value))
        elif ":username" in endpoint.name:
            account = self.world.find_user(username=value)
        else:
            return None
        return account.username if account else None

    def renderer(self, reader: QueryReader, call: Call, *, of_posts: bool) -> Renderer:
        """Read what the answer is to hold and return what will make it."""
        behaviour = self.behaviour
        shape = read_shape(reader, of_posts=of_posts, accepts=behaviour.accepts, default=behaviour.default_dialect)
        identity = call.identity
        account = self.world.account(identity.username) if identity.username else None
        viewer = Viewer(self.world, account, milliseconds(self.clock), shape.dialect, identity.scopes)
        return Renderer(viewer, shape)


def _reader(call: Call, *names: str, of_posts: bool) -> QueryReader:
    return QueryReader(call.request, (*names, *shape_parameters(of_posts=of_posts)))


def _me(api: XApi, call: Call) -> Answer:
    reader = _reader(call, of_posts=False)
    renderer = api.renderer(reader, call, of_posts=False)
    reader.finish()
    return lookups.user_by_value(renderer, api.world.user_id(call.identity.username or ""), "id")


def _users(api: XApi, call: Call) -> Answer:
    return _users_by(api, call, "ids")


def _users_by_name(api: XApi, call: Call) -> Answer:
    return _users_by(api, call, "usernames")


def _users_by(api: XApi, call: Call, parameter: str) -> Answer:
    reader = _reader(call, parameter, of_posts=False)
    renderer = api.renderer(reader, call, of_posts=False)
    values = reader.listed(parameter)
    reader.finish()
    return lookups.users_by_values(renderer, values, parameter)


def _user_by_name(api: XApi, call: Call) -> Answer:
    reader = _reader(call, of_posts=False)
    renderer = api.renderer(reader, call, of_posts=False)
    reader.valid_username("username", call.value)
    reader.finish()
    return lookups.user_by_value(renderer, call.value, "username")


def _user(api: XApi, call: Call) -> Answer:
    reader = _reader(call, of_posts=False)
    renderer = api.renderer(reader, call, of_posts=False)
    reader.valid_id("id", call.value)
    reader.finish()
    return lookups.user_by_value(renderer, call.value, "id")


def _timeline(api: XApi, call: Call) -> Answer:
    reader = _reader(call, *timelines.PARAMETERS, of_posts=True)
    renderer = api.renderer(reader, call, of_posts=True)
    identifier = int(reader.valid_id("id", call.value) or 0)
    window = timelines.read_window(reader, identifier)
    reader.finish()
    account = api.world.find_user(user_id=identifier)
    behaviour = api.behaviour
    return timelines.timeline(
        renderer, account, call.value, window, ceiling=behaviour.timeline_ceiling, gaps=behaviour.page_gaps
    )


def _posts(api: XApi, call: Call) -> Answer:
    reader = _reader(call, "ids", of_posts=True)
    renderer = api.renderer(reader, call, of_posts=True)
    identifiers = reader.listed("ids")
    reader.finish()
    return lookups.posts_by_ids(renderer, identifiers)


def _post(api: XApi, call: Call) -> Answer:
    reader = _reader(call, of_posts=True)
    renderer = api.renderer(reader, call, of_posts=True)
    reader.valid_id("id", call.value)
    reader.finish()
    return lookups.post_by_id(renderer, call.value)


def _usage(api: XApi, call: Call) -> Answer:
    reader = QueryReader(call.request, ("days", "usage.fields"))
    days = reader.integer("days", 1, 90, 7)
    fields = reader.choices("usage.fields", USAGE_FIELDS)
    reader.finish()
    return Answer(usage(api.journal, datetime.fromtimestamp(api.clock.time(), UTC), days, fields))


def _analytics(kind: analytics.Kind) -> Handler:
    def answer(api: XApi, call: Call) -> Answer:
        behaviour = api.behaviour
        if call.identity.app not in behaviour.enterprise_apps:
            raise errors.NotEnrolled
        question = analytics.read(QueryReader(call.request, kind.parameters), kind)
        account = api.world.account(call.identity.username or "")
        analyst = analytics.Analyst(
            api.world,
            account,
            milliseconds(api.clock),
            shape=behaviour.analytics_shape,
            problems=DIALECTS[behaviour.default_dialect].problems,
            odd_every=behaviour.odd_value_every,
        )
        return analyst.answer(question)

    return answer


def _endpoint(name: str, handler: Handler, allowed: frozenset[AuthType] = _ANY) -> Endpoint:
    return Endpoint(name, re.compile(re.sub(r":\w+", "([^/]+)", name)), handler, allowed)


# Fixed paths come before those with a :name that would match them too.
ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint("/2/users/me", _me, _USERS_ONLY),
    _endpoint("/2/users", _users),
    _endpoint("/2/users/by", _users_by_name),
    _endpoint("/2/users/by/username/:username", _user_by_name),
    _endpoint("/2/users/:id", _user),
    _endpoint("/2/users/:id/tweets", _timeline),
    _endpoint("/2/tweets", _posts),
    _endpoint("/2/tweets/analytics", _analytics(analytics.POSTS), _USERS_ONLY),
    _endpoint("/2/media/analytics", _analytics(analytics.MEDIA), _USERS_ONLY),
    _endpoint("/2/tweets/:id", _post),
    _endpoint("/2/usage/tweets", _usage, _APP_ONLY),
)
