"""What the Engagement API of the invented X is asked, it understands, and what it answers is read without a loss."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from integration_tests.stage import NOW, Stage
from source_x_organic.config import Dimension, OAuth1Credentials, ReportType
from source_x_organic.credentials.oauth1 import OAuth1Credential
from source_x_organic.engagement_api.answers import cells_of, left_out
from source_x_organic.engagement_api.refusals import classify_engagement
from source_x_organic.engagement_api.requests import ENDPOINTS, body, window
from source_x_organic.reports.cells import Cells
from source_x_organic.reports.days import DAY, Days, tiles
from source_x_organic.reports.kinds import kind_of
from source_x_organic.transport.client import ApiClient
from source_x_organic.transport.errors import ApiError
from source_x_organic.usage.ledger import Ledger
from x_simulator import AccountSpec
from x_simulator.activity import earned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from source_x_organic.engagement_api.requests import Window
    from source_x_organic.reports.cells import CellKey

TWEET, DAYS, HOUR, METRIC = Dimension
HISTORICAL, LAST_28_HOURS, TOTALS = (
    ReportType.ENGAGEMENT_HISTORICAL,
    ReportType.ENGAGEMENT_28HR,
    ReportType.ENGAGEMENT_TOTALS,
)
MILL = AccountSpec("lumen_mill", posts=60, posts_per_day=2, mix=("original",))
KILN = AccountSpec("tiny_kiln", posts=5, posts_per_day=1, mix=("original",))
ASKED = ("impressions", "favorites", "url_clicks")
EVERY_CHOICE = [chosen for count in range(4) for chosen in combinations((TWEET, DAYS, HOUR), count)]
SPAN = Days(NOW.date() - 34 * DAY, NOW.date())


def client(stage: Stage, username: str = "lumen_mill") -> ApiClient:
    keys = TypeAdapter(OAuth1Credentials).validate_python(stage.simulator.oauth1(username))
    return ApiClient(
        base_url=stage.simulator.base_url,
        credential=OAuth1Credential(keys, stage.clock),
        clock=stage.clock,
        logger=logging.getLogger("test"),
        sent=Ledger(),
        classify=classify_engagement,
    )


def ask(
    api: ApiClient,
    ids: Sequence[str],
    dimensions: Sequence[Dimension],
    asked: Window | None = None,
    report: ReportType = HISTORICAL,
    metrics: Sequence[str] = ASKED,
) -> dict[str, Any]:
    return api.post_json(ENDPOINTS[report], body(ids, metrics, dimensions, asked), what="the engagement of @brand")


def posts(stage: Stage, username: str = "lumen_mill") -> list[str]:
    return sorted(stage.world.post_ids(username, at=NOW))


def truth(stage: Stage, ids: Sequence[str], hours: Sequence[datetime], dimensions: Sequence[Dimension]) -> Cells:
    """Return what the world knows of the hours that begin at these instants."""
    cells = Cells()
    for tweet_id in ids:
        for hour in hours:
            key = (
                tweet_id if TWEET in dimensions else None,
                f"{hour:%Y-%m-%d}" if DAYS in dimensions else None,
                hour.hour if HOUR in dimensions else None,
            )
            cells.add_figures(key, earned(stage.world, tweet_id, hour, hour + timedelta(hours=1), ASKED))
    return cells


def figures_of(cells: Cells) -> dict[CellKey, dict[str, int | None]]:
    return {key: dict(cells.values(key)) for key in cells.keys()}  # noqa: SIM118 - not a mapping


@pytest.mark.parametrize("dimensions", EVERY_CHOICE)
def test_batches_and_windows_add_up_to_what_the_world_knows(dimensions: tuple[Dimension, ...]) -> None:
    with Stage(MILL) as stage:
        api, ids, cells = client(stage), posts(stage)[-40:], Cells()
        for days in tiles(SPAN, 28):
            for batch in (ids[:25], ids[25:]):
                asked = window(days, now=NOW)
                cells.add_all(cells_of(ask(api, batch, dimensions, asked), dimensions, ASKED, asked))
        whole = window(SPAN, now=NOW)
        assert whole is not None
        hours = [whole.start + timedelta(hours=hour) for hour in range((whole.end - whole.start) // timedelta(hours=1))]
        assert figures_of(cells) == figures_of(truth(stage, ids, hours, dimensions))


def test_the_last_28_hours_are_those_of_the_world() -> None:
    with Stage(MILL) as stage:
        ids = posts(stage)[-5:]
        read = cells_of(ask(client(stage), ids, (TWEET, DAYS, HOUR), report=LAST_28_HOURS), (TWEET, HOUR, DAYS), ASKED)
        first = NOW.replace(minute=0) - timedelta(hours=28)
        complete = [first + timedelta(hours=number) for number in range(28)]
        expected = figures_of(truth(stage, ids, complete, (TWEET, DAYS, HOUR)))
        figures = figures_of(read)
        assert {key: figures[key] for key in expected} == expected
        assert len(figures) == 29 * len(ids)


def test_totals_of_old_tweets_have_no_impressions_but_all_else() -> None:
    old = AccountSpec("old_pier", posts=200, posts_per_day=1, mix=("original",))
    with Stage(old) as stage:
        ids = posts(stage, "old_pier")
        metrics = kind_of(TOTALS).metric_names
        answer = ask(client(stage, "old_pier"), ids, (TWEET,), report=TOTALS, metrics=metrics)
        figures = figures_of(cells_of(answer, (TWEET,), metrics))
        too_old = set(left_out(answer).without_impressions)
        assert 0 < len(too_old) < len(ids) == len(figures)
        assert {tweet_id for (tweet_id, _, _), each in figures.items() if each["impressions"] is None} == too_old
        assert all(each["favorites"] is not None for each in figures.values())


def test_tweets_of_others_are_named_and_the_rest_is_answered_without_them() -> None:
    with Stage(MILL, KILN) as stage:
        api, own, foreign = client(stage), posts(stage)[:3], posts(stage, "tiny_kiln")[:2]
        with pytest.raises(ApiError) as refusal:
            ask(api, [*own, *foreign], (TWEET,))
        assert refusal.value.problem.kind == "engagement-not-owner"
        assert sorted(refusal.value.problem.refused_values) == foreign
        assert figures_of(cells_of(ask(api, own, (TWEET,)), (TWEET,), ASKED)).keys() == {
            (tweet_id, None, None) for tweet_id in own
        }


def test_six_requests_a_minute_are_used_up_without_a_single_429() -> None:
    with Stage(MILL, rate_limits={"/insights/engagement/historical": 6}) as stage:
        api, ids = client(stage), posts(stage)[:2]
        for _ in range(90):
            ask(api, ids, (TWEET,))
        entries = stage.requests_to("/insights/engagement/historical")
    assert [entry.status for entry in entries] == [200] * 90
    # The first six came at once, the last six fourteen minutes of the allowance later.
    assert entries[-1].time - entries[0].time <= 14 * 60 / 0.95
