"""The world without arguments: four invented brands with three Ads accounts, and a way to describe others in JSON."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from x_simulator.accounts import AccountSpec
from x_simulator.ads_accounts import AdsAccountSpec, ads_account_from_json
from x_simulator.world import World

BRANDS: tuple[AccountSpec, ...] = (
    AccountSpec(
        "brightloom",
        "Brightloom",
        posts=3_000,
        posts_per_day=4.1,
        followers=48_000,
        followers_per_day=31,
        topic="outdoor",
        verified_type="business",
        description="Rainwear that outlives the rain. Repairs for life.",
        deleted_every=149,
    ),
    AccountSpec(
        "orbitandoak",
        "Orbit & Oak",
        posts=1_400,
        posts_per_day=7.5,
        followers=21_500,
        followers_per_day=18,
        topic="furniture",
        description="Furniture that comes apart again.",
    ),
    AccountSpec(
        "picobikes",
        "Pico Bikes 🚲",
        posts=96,
        posts_per_day=0.35,
        followers=2_900,
        followers_per_day=3,
        topic="bikes",
        languages=("de", "en"),
        verified_type="none",
        description="Kleine Räder für kleine Leute.",
    ),
    AccountSpec(
        "fernwehroast",
        "Fernweh Roasters",
        posts=820,
        posts_per_day=1.6,
        owned=False,
        followers=33_000,
        followers_per_day=-4,
        topic="coffee",
        languages=("de", "en", "en", "fr"),
        description="Coffee with wanderlust.",
    ),
)


ADS_ACCOUNTS: tuple[AdsAccountSpec, ...] = (
    AdsAccountSpec(
        "Brightloom US",
        (("brightloom", "FULL"), ("orbitandoak", "RETWEETS_ONLY")),
        business_name="Brightloom Inc",
        business_id="brlm01",
        industry_type="RETAIL",
        scheduled=9,
        drafts=4,
    ),
    AdsAccountSpec(
        "Orbit & Oak India", (("orbitandoak", "FULL"),), timezone="Asia/Kolkata", industry_type="HOME_AND_GARDEN"
    ),
    AdsAccountSpec("Pico Bikes", (("picobikes", "FULL"),), timezone="Europe/Berlin", scheduled=3, drafts=0),
)


def default_world(seed: int, anchor: datetime, ads_accounts: Sequence[AdsAccountSpec] = ADS_ACCOUNTS) -> World:
    """Return the four brands as of `anchor`; the last one is a competitor without credentials."""
    return World(seed, BRANDS, anchor, ads_accounts=ads_accounts)


def accounts_from_json(text: str) -> Sequence[AccountSpec]:
    """Read account specifications: a JSON list of objects with the properties of `AccountSpec`, or a file of one.

    Raises:
        ValueError: it is neither, or a property is unknown or wrong.
    """
    known = {field.name for field in fields(AccountSpec)}
    specs = []
    for item in _objects(text):
        unknown = set(item) - known
        if unknown or "username" not in item:
            raise ValueError(
                f"an account needs a username and knows only {', '.join(sorted(known))}; not {sorted(unknown)}"
            )
        lists = {name: tuple(value) for name, value in item.items() if isinstance(value, list)}
        specs.append(AccountSpec(**(item | lists)))
    return specs


def ads_accounts_from_json(text: str) -> Sequence[AdsAccountSpec]:
    """Read specifications of Ads accounts: a JSON list of objects with the properties of `AdsAccountSpec`, or a file.

    Raises:
        ValueError: it is neither, or a property is unknown or wrong.
    """
    return [ads_account_from_json(item) for item in _objects(text)]


def _objects(text: str) -> list[dict[str, Any]]:
    raw = text if text.lstrip().startswith("[") else Path(text).read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(raw)
    return found
