"""A local server that behaves like X's APIs, on an invented world that follows from a seed."""

from x_simulator.accounts import AccountSpec
from x_simulator.ads_accounts import AdsAccountSpec
from x_simulator.clock import Clock, PatientClock, SimulatedClock, SystemClock
from x_simulator.default_world import default_world
from x_simulator.faults import Fault
from x_simulator.server import Simulator
from x_simulator.world import World

__all__ = [
    "AccountSpec",
    "AdsAccountSpec",
    "Clock",
    "Fault",
    "PatientClock",
    "SimulatedClock",
    "Simulator",
    "SystemClock",
    "World",
    "default_world",
]
