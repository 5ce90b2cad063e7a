"""What the analytics of the invented X are asked, they understand, and what they answer is read without a loss."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter

from integration_tests.stage import NOW, Stage
from source_x_organic.config import Aggregate, Dimension, OAuth1Credentials, ReportType
from source_x_organic.credentials.oauth1 import OAuth1Credential
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.days import DAY, Days
from source_x_organic.reports.kinds import kind_of
from source_x_organic.transport.client import ApiClient
from source_x_organic.usage.ledger import Ledger
from source_x_organic.x_api.analytics import ANALYTICS, cells_of, parameters, window
from x_simulator import AccountSpec
from x_simulator.x_api.analytics import SHAPES, analytics_metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from source_x_organic.reports.cells import CellKey

TWEET, DAYS, HOUR, METRIC = Dimension
TWEETS = ReportType.TWEET_ANALYTICS
METRICS = kind_of(TWEETS).metric_names
MILL = AccountSpec("lumen_mill", posts=20, posts_per_day=2, mix=("original",))
SPAN = Days(NOW.date() - 2 * DAY, NOW.date())


def read(stage: Stage, ids: Sequence[str], granularity: Aggregate, dimensions: Sequence[Dimension]) -> Cells:
    keys = TypeAdapter(OAuth1Credentials).validate_python(stage.simulator.oauth1("lumen_mill"))
    api = ApiClient(
        base_url=stage.simulator.base_url,
        credential=OAuth1Credential(keys, stage.clock),
        clock=stage.clock,
        logger=logging.getLogger("test"),
        sent=Ledger(),
    )
    asked = window(SPAN, now=NOW)
    assert asked is not None
    question = parameters(TWEETS, ids, METRICS, granularity, asked)
    answer = api.get(ANALYTICS[TWEETS].endpoint, question, what="the analytics of @brand")
    return cells_of(answer, TWEETS, granularity, dimensions, METRICS, asked)


def truth(stage: Stage, ids: Sequence[str], dimensions: Sequence[Dimension]) -> Cells:
    """Return what the world knows, hour by hour, up to now."""
    cells, asked = Cells(), window(SPAN, now=NOW)
    assert asked is not None
    for tweet_id in ids:
        hour = asked.start
        while hour < asked.end:
            key = (
                tweet_id if TWEET in dimensions else None,
                f"{hour:%Y-%m-%d}" if DAYS in dimensions else None,
                hour.hour if HOUR in dimensions else None,
            )
            end = min(hour + timedelta(hours=1), asked.end)
            cells.add_figures(key, analytics_metrics(stage.world, tweet_id, hour, end))
            hour = end
    return cells


def figures_of(cells: Cells) -> dict[CellKey, dict[str, int | None]]:
    return {key: dict(cells.values(key)) for key in cells.keys()}  # noqa: SIM118 - not a mapping


CHOICES = [
    (granularity, chosen)
    for granularity, possible in (
        (Aggregate.HOURLY, (TWEET, DAYS, HOUR)),
        (Aggregate.DAILY, (TWEET, DAYS)),
        (Aggregate.TOTAL, (TWEET,)),
    )
    for count in range(len(possible) + 1)
    for chosen in combinations(possible, count)
]


@pytest.mark.parametrize(("granularity", "dimensions"), CHOICES)
def test_figures_are_those_of_the_world_whatever_they_are_broken_down_by(
    granularity: Aggregate, dimensions: tuple[Dimension, ...]
) -> None:
    for shape in SHAPES if granularity is Aggregate.TOTAL else SHAPES[:1]:
        with Stage(MILL, enterprise_apps=["main"], analytics_shape=shape) as stage:
            ids = sorted(stage.world.post_ids("lumen_mill", at=NOW))
            expected = figures_of(truth(stage, ids, dimensions))
            assert figures_of(read(stage, ids, granularity, dimensions)) == expected
