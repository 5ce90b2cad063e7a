"""`python -m x_simulator`: serve until interrupted; the first line on stdout is the base URL."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from x_simulator.clock import Clock, SimulatedClock, SystemClock
from x_simulator.default_world import ADS_ACCOUNTS, accounts_from_json, ads_accounts_from_json, default_world
from x_simulator.engagement_api.endpoints import ENDPOINTS, REQUESTS_PER_MINUTE
from x_simulator.server import Simulator
from x_simulator.world import World


def parser() -> argparse.ArgumentParser:
    """Return the command line's description."""
    it = argparse.ArgumentParser(
        prog="python -m x_simulator",
        description="A local server that behaves like the X API v2, the Ads API and the Engagement API, for trying the "
        "connector without credentials. "
        "Prints its base URL as the first line and serves until it is interrupted.",
        epilog="Other processes can steer it under /_simulator/: journal, faults, clock, credentials, world.",
    )
    it.add_argument("--port", type=int, default=0, help="port on the loopback interface; 0 (default): any free one")
    it.add_argument("--host", default="127.0.0.1", help="loopback address to bind (default 127.0.0.1)")
    it.add_argument("--seed", type=int, default=7, help="the number everything follows from (default 7)")
    it.add_argument("--accounts", metavar="JSON", help="a JSON list of accounts, or the path of a file with one")
    it.add_argument(
        "--ads-accounts", metavar="JSON", help="a JSON list of Ads accounts, or the path of a file with one"
    )
    it.add_argument(
        "--clock-start", metavar="INSTANT", help="ISO 8601; the clock then stands still until it is advanced"
    )
    it.add_argument("--latency-ms", type=float, default=0, help="real time that an answer takes at least (default 0)")
    it.add_argument(
        "--timeline-ceiling", default="3200", metavar="N|none", help="posts a timeline reaches back (default 3200)"
    )
    it.add_argument("--rate-limit-window-seconds", type=float, default=900, help="length of a window (default 900)")
    it.add_argument(
        "--job-seconds", type=float, default=2, metavar="N", help="how long a job of the Ads API runs (default 2)"
    )
    it.add_argument(
        "--without-organic-entity",
        action="store_true",
        help="let the Ads API refuse statistics of organic posts, as X may do since June 2026",
    )
    it.add_argument(
        "--engagement-requests-per-minute",
        type=int,
        default=REQUESTS_PER_MINUTE,
        metavar="N",
        help=f"of a credential, at each endpoint of the Engagement API (default {REQUESTS_PER_MINUTE})",
    )
    it.add_argument(
        "--without-engagement-api", action="store_true", help="let the Engagement API refuse the app: no contract"
    )
    it.add_argument(
        "--enterprise", action="store_true", help="let the X API answer analytics of posts and media: a contract"
    )
    it.add_argument("--config-out", type=Path, metavar="PATH", help="write a ready configuration of the connector here")
    return it


def simulator_from(arguments: argparse.Namespace) -> Simulator:
    """Build the simulator that the command line describes.

    Raises:
        ValueError: an argument makes no sense.
    """
    clock: Clock = SystemClock()
    if arguments.clock_start:
        start = datetime.fromisoformat(arguments.clock_start)
        clock = SimulatedClock(start if start.tzinfo else start.replace(tzinfo=UTC))
    ceiling = None if arguments.timeline_ceiling.lower() == "none" else int(arguments.timeline_ceiling)
    return Simulator(
        world=_world(arguments, datetime.fromtimestamp(clock.time(), UTC)),
        clock=clock,
        host=arguments.host,
        port=arguments.port,
        latency_seconds=arguments.latency_ms / 1000,
        timeline_ceiling=ceiling,
        rate_limit_window_seconds=arguments.rate_limit_window_seconds,
        job_seconds=arguments.job_seconds,
        organic_entity=not arguments.without_organic_entity,
        rate_limits=dict.fromkeys(ENDPOINTS, arguments.engagement_requests_per_minute),
        engagement_apps=() if arguments.without_engagement_api else ("main",),
        enterprise_apps=("main",) if arguments.enterprise else (),
    )


def _world(arguments: argparse.Namespace, anchor: datetime) -> World:
    ads_accounts = ads_accounts_from_json(arguments.ads_accounts) if arguments.ads_accounts else None
    if arguments.accounts:
        accounts = accounts_from_json(arguments.accounts)
        return World(arguments.seed, accounts, anchor, ads_accounts=ads_accounts or ())
    return default_world(arguments.seed, anchor, ADS_ACCOUNTS if ads_accounts is None else ads_accounts)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the simulator and return the exit status: 0 after an interrupt, 2 for arguments that make no sense."""
    arguments = parser().parse_args(argv)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        simulator = simulator_from(arguments)
    except (ValueError, OSError, TypeError) as error:
        parser().error(str(error))
    with simulator:
        if arguments.config_out:
            configuration = json.dumps(simulator.configuration(), indent=2)
            arguments.config_out.write_text(configuration + "\n", encoding="utf-8")
        sys.stdout.write(simulator.base_url + "\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
