"""stats/jobs/accounts/:id: statistics made by jobs, and the files they leave."""

from typing import TYPE_CHECKING

from x_simulator.ads_api import errors
from x_simulator.ads_api.calls import AdsAnswer, AdsCall
from x_simulator.http_messages import Response

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi


class Jobs:
    """The jobs of a simulator."""


def create(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer POST: make a job."""
    raise errors.no_such_route()


def listed(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer GET: jobs and how far they are."""
    raise errors.no_such_route()


def cancelled(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer DELETE: stop a job."""
    raise errors.no_such_route()


def result_file(api: "AdsApi", path: str) -> Response | None:
    """Return a job's result; None if there is no such file (any more)."""
    return None
