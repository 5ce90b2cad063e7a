"""A small world, and clients for it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from unit_tests.x_simulator.asking import Client
from x_simulator import AccountSpec, AdsAccountSpec, SimulatedClock, Simulator, World
from x_simulator.ads_accounts import ads_account_id_of

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNTS = (
    AccountSpec("lumen_mill", "Lumen Mill", posts=400, posts_per_day=4, followers=50_000),
    AccountSpec("tiny_kiln", posts=7, posts_per_day=0.5),
    AccountSpec("rival_press", posts=120, posts_per_day=2, owned=False),
    AccountSpec("hidden_nook", posts=30, kind="protected"),
    AccountSpec("silent_fern", posts=30, kind="empty"),
)
LUMEN, NOOK, CLOSED = (ads_account_id_of(name) for name in ("Lumen Mill Ads", "Nook", "Closed Shop"))
ADS_ACCOUNTS = (
    AdsAccountSpec(
        "Lumen Mill Ads",
        (("lumen_mill", "FULL"), ("tiny_kiln", "RETWEETS_ONLY"), ("rival_press", "RETWEETS_ONLY")),
        business_name="Lumen Mill Ltd",
        business_id="b7",
        industry_type="RETAIL",
    ),
    AdsAccountSpec("Nook", (("hidden_nook", "FULL"),), timezone="Asia/Kolkata"),
    AdsAccountSpec("Closed Shop", (("lumen_mill", "RETWEETS_ONLY"),), timezone="Europe/Berlin", deleted=True),
)


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(ANCHOR)


@pytest.fixture
def world() -> World:
    return World(7, ACCOUNTS, ANCHOR, ads_accounts=ADS_ACCOUNTS)


@pytest.fixture
def make_client(clock: SimulatedClock, world: World) -> Callable[..., Client]:
    """Return a maker of clients; keyword arguments are the simulator's."""

    def make(**options: Any) -> Client:  # noqa: ANN401 - the simulator's own keywords
        settings: dict[str, Any] = {"clock": clock, "world": world, **options}
        return Client(Simulator(**settings))

    return make


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    return make_client()
