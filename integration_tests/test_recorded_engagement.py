"""Answers that X's documents show are read count for count, and its requests are grouped as this connector groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from integration_tests.recordings import Recording, only_with_recordings, recordings
from source_x_organic.config import Dimension, ReportType
from source_x_organic.engagement_api.answers import cells_of, left_out
from source_x_organic.engagement_api.requests import GROUP, Window, body, grouping
from source_x_organic.instants import utc_instant
from source_x_organic.reports.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from source_x_organic.reports.cells import CellKey

pytestmark = only_with_recordings

TWEET, DAY, HOUR, _ = Dimension

# Which dimensions each answer is broken down by, and how many counts it holds.
ANSWERS: dict[str, tuple[tuple[Dimension, ...], int]] = {
    "docs-history.28hr.example-response.json": ((TWEET, DAY, HOUR), 58),
    "docs-history.28hr.unavailable-tweet-ids.json": ((TWEET,), 3),
    "docs-history.block7.json": ((), 3),
    "docs-history.historical.example-response.json": ((TWEET,), 12),
    "docs-history.totals.example-response-public-metrics.json": ((TWEET,), 15),
    "docs-history.totals.example-response.json": ((TWEET,), 14),
    "docs-history.totals.unavailable-tweet-ids.json": ((TWEET,), 4),
}

# Requests with a grouping, and the dimensions that it stands for here. Some ask for hours without their days.
REQUESTS: dict[str, tuple[ReportType, tuple[Dimension, ...]]] = {
    "docs-history.28hr.post-format.request.json": (ReportType.ENGAGEMENT_28HR, (TWEET, HOUR)),
    "docs-history.block0.request.json": (ReportType.ENGAGEMENT_TOTALS, (TWEET,)),
    "docs-history.block8.request.json": (ReportType.ENGAGEMENT_HISTORICAL, (TWEET, HOUR)),
    "docs-history.historical.post-format.request.json": (ReportType.ENGAGEMENT_HISTORICAL, (TWEET, HOUR)),
    "docs-history.totals.post-format.request.json": (ReportType.ENGAGEMENT_TOTALS, (TWEET,)),
}

WITHOUT_A_GROUPING = {"engagement-api-client-ruby.readme6.request.json"}

METRICS = {
    name
    for report in (ReportType.ENGAGEMENT_TOTALS, ReportType.ENGAGEMENT_HISTORICAL)
    for name in kind_of(report).metric_names
}


def named(names: dict[str, Any]) -> list[Recording]:
    return [recording for recording in recordings("engagement") if recording.name in names]


def asked(recording: Recording) -> dict[str, Any]:
    """Return an answer as if its grouping had been called what this connector calls it."""
    document: dict[str, Any] = recording.document
    [group] = [name for name in document if name not in {"start", "end", "unavailable_tweet_ids"}]
    return {GROUP if name == group else name: value for name, value in document.items()}


def counts_in(value: object, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield every count of an answer with the names that lead to it."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from counts_in(part, (*names, name))
    else:
        assert isinstance(value, str | int)
        yield names, int(value)


def test_no_documented_payload_is_left_out() -> None:
    assert {recording.name for recording in recordings("engagement")} == {*ANSWERS, *REQUESTS, *WITHOUT_A_GROUPING}


@pytest.mark.parametrize("recording", named(ANSWERS), ids=lambda recording: recording.name)
def test_every_count_of_a_documented_answer_is_read(recording: Recording) -> None:
    dimensions, number = ANSWERS[recording.name]
    answer = asked(recording)
    start, end = (utc_instant(answer.get(name)) for name in Window._fields)
    window = Window(start, end) if start and end else None
    cells = cells_of(answer, dimensions, METRICS, window)
    read: dict[tuple[CellKey, str], int] = {
        (key, metric): count
        for key in cells.keys()  # noqa: SIM118 - not a mapping
        for metric, count in cells.values(key).items()
        if count is not None
    }
    told = {}
    for names, count in counts_in(answer[GROUP]):
        rest = list(names)
        tweet_id = rest.pop(0) if TWEET in dimensions else None
        metric = rest.pop(0)
        day, hour = rest or (None, None)
        told[(tweet_id, day, None if hour is None else int(hour)), metric] = count
    assert read == told
    assert len(read) == number
    assert left_out(answer).unavailable == tuple(answer.get("unavailable_tweet_ids", ()))


@pytest.mark.parametrize("recording", named(REQUESTS), ids=lambda recording: recording.name)
def test_a_documented_request_asks_as_this_connector_does(recording: Recording) -> None:
    report, dimensions = REQUESTS[recording.name]
    document = recording.document
    [group] = document["groupings"].values()
    grouped = [name.lower() for name in group["group_by"]]
    assert [name for name in grouping(dimensions) if name != "engagement.day"] == grouped
    metrics = document["engagement_types"]
    assert set(metrics) <= set(kind_of(report).metric_names)
    start, end = (utc_instant(document.get(name)) for name in Window._fields)
    own = body(
        [str(each) for each in document["tweet_ids"]],
        metrics,
        dimensions,
        Window(start, end) if start and end else None,
    )
    assert own.keys() == document.keys()
    assert {name: own[name] for name in ("start", "end", "engagement_types") if name in own} == {
        name: document[name] for name in ("start", "end", "engagement_types") if name in document
    }
