"""GET accounts/:id/scheduled_tweets and draft_tweets."""

from typing import TYPE_CHECKING

from x_simulator.ads_api import errors
from x_simulator.ads_api.calls import AdsAnswer, AdsCall

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi


def scheduled(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer a request for scheduled tweets."""
    raise errors.no_such_route()


one_scheduled = drafts = one_draft = scheduled
