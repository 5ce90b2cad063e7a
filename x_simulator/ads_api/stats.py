"""GET stats/accounts/:id: statistics at once."""

from typing import TYPE_CHECKING

from x_simulator.ads_api import errors
from x_simulator.ads_api.calls import AdsAnswer, AdsCall

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi


def synchronous(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer a request for statistics."""
    raise errors.no_such_route()
