"""The simulator as a local HTTP server, from Python: `with Simulator() as simulator: simulator.base_url`.

The standard library's server and no framework: the simulator must start with nothing but the connector's own
dependencies.
"""

import contextlib
import ipaddress
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from x_simulator.admin import Admin
from x_simulator.ads_api.calls import AdsBehaviour
from x_simulator.ads_api.routes import AdsApi
from x_simulator.application import Application
from x_simulator.clock import Clock, SystemClock
from x_simulator.credentials import Credentials
from x_simulator.default_world import default_world
from x_simulator.engagement_api.routes import EngagementApi, EngagementBehaviour
from x_simulator.faults import Faults
from x_simulator.grants import DEFAULT_SCOPES
from x_simulator.http_messages import Request, Response
from x_simulator.journal import Journal
from x_simulator.rate_limits import RateLimits
from x_simulator.world import World
from x_simulator.x_api.dialects import DIALECTS
from x_simulator.x_api.routes import Behaviour, XApi


class Simulator:
    """A running simulator; use it as a context manager, or call `start` and `stop`.

    `world`: default: `default_world(seed, the clock's now)`; `clock`: default: the machine's.
    `latency_seconds`: real time that an answer takes at least, the simulator's own work included. `timeline_ceiling`,
    `page_gaps`, `accepts`, `default_dialect`, `enterprise_apps`, `analytics_shape`: see `x_api.routes.Behaviour`.
    `rate_limits`: requests per window by endpoint (`"/2/users/:id/tweets"`, `"/insights/engagement/28hr"`), for every
    credential. `apps`, `oauth1_timestamp_tolerance_seconds`, `reuse_kills_family`: see `credentials.Credentials`.
    `ads_apps`, `organic_entity`, `job_ceiling`, `job_seconds`, `retweet_statistics`, `ads_empty_pages`,
    `most_tweet_days`, `organic_groups`: see `ads_api.calls.AdsBehaviour`. `engagement_apps`, `odd_value_every`: see
    `engagement_api.routes.EngagementBehaviour`; the latter is for analytics of media as well.
    The attribute `ads_jobs` is the ledger of asynchronous jobs: `simulator.ads_jobs.fail(3)`.

    Raises:
        ValueError: `host` is not a loopback address.
    """

    def __init__(  # noqa: PLR0913 - every switch has a name and a default
        self,
        *,
        world: World | None = None,
        clock: Clock | None = None,
        seed: int = 7,
        host: str = "127.0.0.1",
        port: int = 0,
        latency_seconds: float = 0,
        timeline_ceiling: int | None = 3_200,
        page_gaps: Sequence[int] = (),
        accepts: Sequence[str] | frozenset[str] | set[str] = tuple(DIALECTS),
        default_dialect: str = "tweet",
        rate_limit_window_seconds: float = 900,
        rate_limits: Mapping[str, int] | None = None,
        apps: Sequence[str] = ("main",),
        oauth1_timestamp_tolerance_seconds: float | None = 300,
        reuse_kills_family: bool = False,
        ads_apps: Sequence[str] = ("main",),
        organic_entity: bool = True,
        job_ceiling: int = 100,
        job_seconds: float | Callable[[int], float] = 2.0,
        retweet_statistics: bool = True,
        ads_empty_pages: int = 0,
        most_tweet_days: int | None = None,
        organic_groups: Sequence[str] = ("ENGAGEMENT", "VIDEO"),
        engagement_apps: Sequence[str] = ("main",),
        odd_value_every: int = 50,
        enterprise_apps: Sequence[str] = (),
        analytics_shape: str = "timestamped",
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.world = world or default_world(seed, datetime.fromtimestamp(self.clock.time(), UTC))
        self.world.clock = self.clock
        self.credentials = Credentials(
            self.world.seed,
            [account.username for account in self.world.accounts if account.spec.owned],
            self.clock,
            apps=apps,
            timestamp_tolerance_seconds=oauth1_timestamp_tolerance_seconds,
            reuse_kills_family=reuse_kills_family,
        )
        self.faults = Faults()
        self.journal = Journal()
        behaviour = Behaviour(
            timeline_ceiling,
            tuple(page_gaps),
            frozenset(accepts),
            default_dialect,
            frozenset(enterprise_apps),
            analytics_shape,
            odd_value_every,
        )
        self.application = Application(
            world=self.world,
            clock=self.clock,
            credentials=self.credentials,
            rate_limits=RateLimits(self.clock, rate_limit_window_seconds),
            faults=self.faults,
            journal=self.journal,
            x_api=XApi(self.world, self.clock, self.credentials, self.journal, behaviour),
            ads_api=AdsApi(
                self.world,
                self.clock,
                AdsBehaviour(
                    frozenset(ads_apps),
                    organic_entity,
                    job_ceiling,
                    job_seconds,
                    retweet_statistics,
                    ads_empty_pages,
                    most_tweet_days,
                    tuple(organic_groups),
                ),
            ),
            engagement_api=EngagementApi(
                self.world, self.clock, EngagementBehaviour(frozenset(engagement_apps), odd_value_every)
            ),
            limits=dict(rate_limits or {}),
        )
        self.ads_jobs = self.application.ads_api.jobs
        self.latency_seconds = latency_seconds
        self._address = (_loopback(host), port)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    # Running -----------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Bind the port and answer requests from now on."""
        admin = Admin(self.application, self.configuration)
        self._server = _Server(self._address, self.application, admin, self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="x_simulator", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering and close every connection."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()
        self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The address to use in place of https://api.x.com.

        Raises:
            RuntimeError: the simulator is not running.
        """
        if self._server is None:
            raise RuntimeError("the simulator is not running")
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    # What a client needs -----------------------------------------------------------------------------------------

    def oauth1(self, username: str, app: str | None = None) -> dict[str, str]:
        """Return an account's OAuth 1.0a credentials, as the connector's configuration takes them."""
        return self.credentials.oauth1(username, app)

    def oauth2(
        self,
        username: str,
        *,
        public_client: bool = False,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        app: str | None = None,
    ) -> dict[str, str]:
        """Return an account's OAuth 2.0 tokens of this moment, as the connector's configuration takes them."""
        return self.credentials.oauth2(username, public_client=public_client, scopes=scopes, app=app)

    def bearer(self, app: str | None = None) -> dict[str, str]:
        """Return an app's bearer token, as the connector's configuration takes it."""
        return self.credentials.bearer(app)

    def configuration(self, username: str | None = None, **overrides: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Return a connector configuration: OAuth 1.0a of one account (default: the first), the others with their own.

        `overrides`: properties to set or replace.
        """
        names = self.credentials.usernames
        main = username or names[0]
        others = [
            {"account": f"@{name}", "credentials": self.oauth1(name)} for name in names if name.lower() != main.lower()
        ]
        configuration: dict[str, Any] = {
            "credentials": self.oauth1(main),
            "api_access": "X_API",
            "sync_mode": "AllAccounts",
            "base_urls": dict.fromkeys(("x_api", "ads_api", "engagement_api"), self.base_url),
        }
        if others:
            configuration["account_credentials"] = json.dumps(others)
        return configuration | overrides


def _loopback(host: str) -> str:
    address = "127.0.0.1" if host == "localhost" else host
    try:
        is_loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ValueError(f"the simulator binds loopback addresses only, not {host}")
    return address


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], application: Application, admin: Admin, simulator: Simulator) -> None:
        self.application = application
        self.admin = admin
        self.simulator = simulator
        self._connections: set[socket.socket] = set()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def remember(self, connection: socket.socket) -> None:
        self._connections.add(connection)

    def forget(self, connection: socket.socket) -> None:
        self._connections.discard(connection)

    def close_connections(self) -> None:
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the library's signature
        """Say nothing about clients that hang up; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.remember(self.request)

    def finish(self) -> None:
        self.server.forget(self.request)
        super().finish()

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        if request.path.startswith("/_simulator/"):
            self._send(self.server.admin.handle(request))
            return
        arrived = time.monotonic()
        response = self.server.application.handle(request)
        left = self.server.simulator.latency_seconds - (time.monotonic() - arrived)
        delay = response.delay_seconds + max(left, 0.0)
        if delay > 0:
            time.sleep(delay)
        self._send(response)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - names that the library looks for

    def _send(self, response: Response) -> None:
        if response.is_reset:
            self._reset()
            return
        date = formatdate(self.server.application.clock.time(), usegmt=True)
        self.wfile.write(response.encoded(date))
        if response.sent_share < 1:
            self.close_connection = True

    def _reset(self) -> None:
        """Close so that the client's kernel reports a reset: linger 0 makes close() send RST."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.forget(self.request)
        os.close(self.connection.detach())

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002, ANN401 - the library's signature
        """Print nothing: the journal is the log."""
