"""Statistics: the answer of GET stats/accounts/:id, and the same document as the result of a job."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from x_simulator.ads_api.calls import AdsAnswer, AdsCall, Body
from x_simulator.ads_api.metrics import GROUPS, gains
from x_simulator.ads_api.questions import ORGANIC_TWEET, Question, asked
from x_simulator.ads_api.windows import bounds
from x_simulator.clock import milliseconds
from x_simulator.world import World

if TYPE_CHECKING:
    from x_simulator.ads_api.routes import AdsApi

_BILLING = ("billed_engagements", "billed_charge_local_micro")


def synchronous(api: "AdsApi", call: AdsCall) -> AdsAnswer:
    """Answer a request for statistics of up to seven days."""
    question = asked(api, call, by_job=False)
    return AdsAnswer(answered(api.world, question, call.ads_account.timezone, milliseconds(api.clock)))


def answered(world: World, question: Question, zone: ZoneInfo, now_ms: int) -> Body:
    """Return the document that answers a question at an instant: nothing later is counted.

    Metrics come as one array each, or null where all of it is zero; what was asked of ads is null, as there are none.
    """
    window = question.window
    edges = [int(edge.timestamp()) * 1000 for edge in bounds(window, zone, question.granularity)]
    reached = [min(edge, now_ms) for edge in edges]
    metrics = tuple(name for group in question.metric_groups for name in _names(group))
    return {
        "data_type": "stats",
        "time_series_length": len(edges) - 1,
        "data": [
            {
                "id": identifier,
                "id_data": [{"segment": None, "metrics": _metrics(world, question, identifier, reached, metrics)}],
            }
            for identifier in question.entity_ids
        ],
        "request": {"params": question.params},
    }


def _metrics(
    world: World, question: Question, identifier: str, reached_ms: list[int], metrics: tuple[str, ...]
) -> dict[str, list[int] | None]:
    if question.entity != ORGANIC_TWEET:
        return dict.fromkeys(metrics)
    post = world.find_post(int(identifier), reached_ms[-1], even_deleted=True)
    return gains(post, reached_ms, metrics) if post else dict.fromkeys(metrics)


def _names(group: str) -> tuple[str, ...]:
    return _BILLING if group == "BILLING" else GROUPS.get(group, ())
