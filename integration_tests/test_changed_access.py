"""Another `api_access` in a connection that has a state: what goes on, what starts anew, and what is said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests import truth
from integration_tests.ads_stage import AdsStage
from x_simulator import AccountSpec, AdsAccountSpec

if TYPE_CHECKING:
    from integration_tests.stage import Json, Output

MILL = AccountSpec("lumen_mill", posts=60, posts_per_day=1, mix=("original", "video"))
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
INCREMENTAL = ("account_insights", "tweets", "tweet_insights")
REPORT = "organic_report"
DAY = timedelta(days=1)


def syncs(stage: AdsStage, *accesses: str, streams: tuple[str, ...]) -> list[Output]:
    """Sync once a day with each `api_access` in turn, and hand the state on."""
    outputs: list[Output] = []
    state: list[Json] = []
    for access in accesses:
        config = stage.config(api_access=access)
        outputs.append(stage.sync(*streams, config=config, state=state))
        state = outputs[-1].state
        stage.clock.advance(DAY)
    return outputs


@pytest.mark.parametrize(
    ("accesses", "words"),
    [
        (("X_API", "ADS_API"), "from the X API before, and is read from the Ads API from now on"),
        (("ADS_API", "X_API"), "from the Ads API before, and is read from the X API from now on"),
    ],
)
def test_tweets_and_counters_go_on_from_the_other_api_and_each_stream_says_so(
    accesses: tuple[str, ...], words: str
) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], enterprise_apps=("main",)) as stage:
        first, second = syncs(stage, *accesses, streams=INCREMENTAL)
        before = stage.clock.now() - DAY
        ids = {str(post.id) for post in stage.world.posts("lumen_mill", at=before)}

    assert (first.error, second.error) == (None, None)
    for name in INCREMENTAL:
        (warning,) = [line for line in second.said("WARNING") if line.startswith(f"{name} was read")]
        assert words in warning
        assert first.states(name)[-1]["accounts"].keys() == second.states(name)[-1]["accounts"].keys()
    # The look-back and what is new; nothing is lost, nothing comes twice.
    assert 0 < len(second.rows("tweets")) < 12
    assert first.by_key("tweets").keys() | second.by_key("tweets").keys() == ids
    has_views = {row["impression_count"] is not None for row in second.rows("tweets")}
    assert has_views == {accesses[1] == "X_API"}


@pytest.mark.parametrize("access", ["ENGAGEMENT_API", "X_API_ENTERPRISE"])
def test_contracts_that_read_tweets_from_the_x_api_too_change_nothing_about_them(access: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], enterprise_apps=("main",)) as stage:
        _, second = syncs(stage, "X_API", access, streams=INCREMENTAL)
        now = stage.clock.now() - DAY
        expected = truth.tweets(stage.world, "lumen_mill", now)

    assert second.error is None
    assert second.said("WARNING") == []
    assert second.by_key("tweets").items() <= expected.items()


@pytest.mark.parametrize("access", ["ENGAGEMENT_API", "X_API_ENTERPRISE", "ADS_API"])
def test_the_report_starts_anew_from_another_source_and_back_again_and_never_mixes_two_in_a_row(access: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], enterprise_apps=("main",), job_seconds=0) as stage:
        first, second, third, fourth = syncs(stage, "X_API", access, "X_API", "X_API", streams=(REPORT,))
        today = stage.clock.now() - DAY

    assert [output.error for output in (first, second, third, fourth)] == [None] * 4
    sources = [{row["metrics_source"] for row in output.rows(REPORT)} for output in (second, fourth)]
    assert sources[1] == {"x_api_metrics"}
    assert sources[0].isdisjoint(sources[1])
    for output, other in ((second, "x_api_snapshots"), (third, sources[0].pop())):
        (warning,) = [line for line in output.said("WARNING") if "came from another source" in line]
        assert f"({other})" in warning
    # Back from snapshots, there is a base line first.
    assert {row["date"] for row in third.rows(REPORT)} <= {f"{today - DAY:%Y-%m-%d}"}
    assert {row["date"] for row in fourth.rows(REPORT)} == {f"{today - DAY:%Y-%m-%d}", f"{today:%Y-%m-%d}"}
