"""A fault of the connector's own, wherever it shows, costs the account with which it shows and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from integration_tests.ads_stage import AdsStage
from integration_tests.report_stage import ReportStage
from source_x_organic.streams.ads_report_streams import DailyReportStream
from source_x_organic.x_api.post_reports import PostReport
from x_simulator import AccountSpec, AdsAccountSpec

if TYPE_CHECKING:
    import pytest

    from integration_tests.stage import Output

MILL = AccountSpec("lumen_mill", posts=20, posts_per_day=1)
KILN = AccountSpec("tiny_kiln", posts=20, posts_per_day=1)
MILL_ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
KILN_ADS = AdsAccountSpec("Kiln Ads", (("tiny_kiln", "FULL"),))


def assert_it_cost_the_kiln_alone(output: Output, stage: AdsStage | ReportStage, label: str) -> None:
    mill, kiln = stage.world.user_id("lumen_mill"), stage.world.user_id("tiny_kiln")
    assert {row["account_id"] for row in output.rows("organic_report")} == {mill}
    assert {row["account_id"] for row in output.rows("tweets")} == {mill, kiln}
    assert output.error is not None
    assert f"{label} (organic_report): The connector has a fault that shows with {label}; please report it." in str(
        output.error
    )
    assert output.statuses("organic_report")[-1] == "INCOMPLETE"
    assert output.statuses("tweets")[-1] == "COMPLETE"
    coverage = [row for row in output.rows("sync_coverage") if row["stream"] == "organic_report"]
    assert {row["reason"] for row in coverage if row["account_id"] == mill} == {None}
    assert {row["reason"] for row in coverage if row["account_id"] == kiln} == {"failed"}


def test_a_plan_that_cannot_be_made_for_one_ads_account(monkeypatch: pytest.MonkeyPatch) -> None:
    made = DailyReportStream.report

    def failing(self: DailyReportStream, account: Any, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - as it was
        return 1 / 0 if account.object["name"] == "Kiln Ads" else made(self, account, *arguments, **more)

    monkeypatch.setattr(DailyReportStream, "report", failing)
    with AdsStage(MILL, KILN, ads_accounts=[MILL_ADS, KILN_ADS]) as stage:
        output = stage.sync("tweets", "organic_report", "sync_coverage")
        label = next(text for text in str(output.error).split(": ") if "Kiln Ads" in text).split(" (organic")[0]
        assert_it_cost_the_kiln_alone(output, stage, label)


def test_a_plan_that_cannot_be_made_for_one_account_of_the_engagement_api(monkeypatch: pytest.MonkeyPatch) -> None:
    made = PostReport.work

    def failing(self: PostReport, account: Any, *arguments: Any) -> Any:  # noqa: ANN401 - as it was
        return 1 / 0 if account.username == "tiny_kiln" else made(self, account, *arguments)

    monkeypatch.setattr(PostReport, "work", failing)
    with ReportStage(MILL, KILN) as stage:
        output = stage.sync("tweets", "organic_report", "sync_coverage")
        assert_it_cost_the_kiln_alone(output, stage, "@tiny_kiln")
