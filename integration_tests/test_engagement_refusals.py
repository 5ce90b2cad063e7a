"""What the Engagement API refuses of metrics and of whole accounts: it costs that alone, and is told once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from integration_tests.report_stage import HISTORICAL, TOTALS, ReportStage, ids_of
from integration_tests.stage import NOW, Json
from source_x_organic.snowflakes import created_at_of
from x_simulator import AccountSpec, Fault
from x_simulator.accounts import AccountKind

if TYPE_CHECKING:
    from x_simulator.journal import Entry

DAY = timedelta(days=1)
MILL = AccountSpec("lumen_mill", posts=60, posts_per_day=0.7, mix=("original", "video"))
KILN = AccountSpec("tiny_kiln", posts=25, posts_per_day=0.4, mix=("original",))
YEARS = AccountSpec("lumen_mill", posts=60, posts_per_day=0.4, mix=("original", "video"))
HIDDEN = AccountSpec("shy_lathe", posts=60, posts_per_day=0.7, mix=("original",), kind=AccountKind.PROTECTED)

REFUSED = Fault("engagement_metric_refused", path=HISTORICAL, metric="app_opens", times=None)
FORBIDDEN = Fault("engagement_metric_forbidden", path=HISTORICAL, metric="app_opens", times=None)
NOT_SUPPORTED = "One or more of the engagement types you have specified are not supported: ({})"
OTHERS = "all other metrics are read, and these are null."


def types_of(entry: Entry) -> list[str]:
    assert entry.body
    return list(entry.body["engagement_types"])


def without(rows: dict[str, Json], *metrics: str) -> dict[str, Json]:
    return {key: {**row, **dict.fromkeys(metrics)} for key, row in rows.items()}


# Metrics -------------------------------------------------------------------------------------------------------------


def test_a_metric_that_x_refuses_is_null_costs_one_request_and_is_told_once() -> None:
    with ReportStage(MILL) as stage:
        stage.sync("organic_report")
        least = len(stage.asked)
        stage.forget()
        stage.simulator.faults.add(REFUSED)
        output = stage.sync("organic_report", "api_usage")
        asked, expected = stage.asked, stage.expected("lumen_mill")

    assert output.error is None
    assert output.by_key("organic_report") == without(expected, "app_opens")
    assert [entry.status for entry in asked] == [400] + [200] * least
    assert ["app_opens" in types_of(entry) for entry in asked] == [True] + [False] * least
    (usage,) = [row for row in output.rows("api_usage") if row["endpoint"] == "insights/engagement/historical"]
    assert usage["requests"] == least + 1
    words = f"{NOT_SUPPORTED.format('app_opens')}. Please adjust your request and try again"
    warning = f"X refuses app_opens in its report engagement_historical ({words}): {OTHERS}"
    assert output.said("WARNING") == [warning]


def test_metrics_that_x_refuses_one_after_another_cost_a_request_each() -> None:
    with ReportStage(KILN) as stage:
        for metric in ("app_opens", "email_tweet"):
            stage.simulator.faults.add(Fault("engagement_metric_refused", path=HISTORICAL, metric=metric))
        output = stage.sync("organic_report")
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == without(expected, "app_opens", "email_tweet")
    assert stage.statuses()[400] == 2


def test_what_x_does_not_know_is_told_once_and_what_it_forbids_for_each_account_with_credentials_of_its_own() -> None:
    told = []
    for fault in (REFUSED, FORBIDDEN):
        with ReportStage(MILL, KILN) as stage:
            stage.simulator.faults.add(fault)
            output = stage.sync("organic_report")
            expected = stage.expected("lumen_mill", "tiny_kiln")
        assert output.error is None
        assert output.by_key("organic_report") == without(expected, "app_opens")
        assert sum(entry.status != 200 for entry in stage.asked) <= 2
        told.append(sorted(output.said("WARNING")))

    assert [len(lines) for lines in told] == [1, 2]
    words = (
        f"X refuses app_opens in its report engagement_historical (Forbidden to access metrics: app_opens): {OTHERS}"
    )
    assert told[1] == [f"@lumen_mill: {words}", f"@tiny_kiln: {words}"]


def test_a_metric_that_is_forbidden_to_one_account_is_there_for_the_other() -> None:
    with ReportStage(MILL, KILN) as stage:
        stage.simulator.faults.add(
            Fault("engagement_metric_forbidden", account="tiny_kiln", metric="url_clicks", times=None)
        )
        output = stage.sync("organic_report")
        expected = {**stage.expected("lumen_mill"), **without(stage.expected("tiny_kiln"), "url_clicks")}

    assert output.error is None
    assert output.by_key("organic_report") == expected


def test_a_report_of_nothing_but_refused_metrics_is_an_error_after_one_request() -> None:
    report = {
        "table_name": "opens",
        "report_type": "engagement_historical",
        "metrics": ["app_opens"],
        "dimensions": ["tweet", "day"],
    }
    with ReportStage(MILL) as stage:
        stage.simulator.faults.add(REFUSED)
        output = stage.sync("opens", config=stage.config(custom_reports=[report]))

    assert output.rows("opens") == []
    assert [entry.status for entry in stage.asked] == [400]
    final = output.failures[-1]
    assert final["failure_type"] == "config_error"
    assert "X does not give these metrics in this report; take them out of its metrics" in final["message"]


def test_a_refusal_that_goes_on_when_the_metric_is_not_asked_for_any_more_ends_the_slice() -> None:
    body: Json = {"errors": [NOT_SUPPORTED.format("app_opens")]}
    with ReportStage(KILN) as stage:
        slices = len(stage.sync("organic_report").states("organic_report"))
        stage.forget()
        stage.simulator.faults.add(Fault(path=HISTORICAL, status=400, body=body, times=None))
        output = stage.sync("organic_report")

    assert output.error is not None
    assert len(stage.asked) <= slices + 1


# Tweets that are too old for some metrics ----------------------------------------------------------------------------


def totals(dimensions: list[str], metrics: list[str]) -> Json:
    return {"table_name": "lives", "report_type": "engagement_totals", "metrics": metrics, "dimensions": dimensions}


def old_tweets(stage: ReportStage) -> list[str]:
    ids = stage.world.post_ids("lumen_mill", at=NOW)
    return [each for each in ids if NOW - (created_at_of(each) or NOW) > 90 * DAY]


@pytest.mark.parametrize("dimensions", [["tweet"], ["tweet", "metric"], ["metric"], []], ids=str)
@pytest.mark.parametrize("metrics", [["impressions", "favorites"], ["impressions", "engagements"]], ids=str)
def test_totals_refused_for_old_tweets_are_the_same_as_those_that_x_leaves_empty(
    dimensions: list[str], metrics: list[str]
) -> None:
    with ReportStage(YEARS) as stage:
        config = stage.config(timeframe_months="TWELVE", custom_reports=[totals(dimensions, metrics)])
        whole = stage.sync("lives", config=config)
        stage.forget()
        stage.simulator.faults.add(Fault("engagement_too_old", path=TOTALS, times=None))
        output = stage.sync("lives", config=config)
        asked, old = stage.requests_to(TOTALS), set(old_tweets(stage))

    assert output.error is None
    assert output.by_key("lives") == whole.by_key("lives")
    assert [entry.status for entry in asked] == [400] + [200] * (len(asked) - 1)
    of_young, *of_old = asked[1:]
    assert (old.isdisjoint(ids_of(of_young)), types_of(of_young)) == (True, metrics)
    assert [(set(ids_of(entry)), types_of(entry)) for entry in of_old] == (
        [(old, ["favorites"])] if "favorites" in metrics else []
    )


def test_where_x_does_not_say_which_tweets_are_too_old_their_age_tells() -> None:
    body: Json = {"errors": ["Impressions & engagements for tweets older than 90 days (x) are not supported"]}
    with ReportStage(YEARS) as stage:
        reports = [totals(["tweet"], ["impressions", "favorites"])]
        config = stage.config(timeframe_months="TWELVE", custom_reports=reports)
        whole = stage.sync("lives", config=config)
        stage.forget()
        stage.simulator.faults.add(Fault(path=TOTALS, status=400, body=body))
        output = stage.sync("lives", config=config)

    assert output.error is None
    assert output.by_key("lives") == whole.by_key("lives")
    assert [entry.status for entry in stage.requests_to(TOTALS)] == [400, 200, 200]


def test_a_sum_over_tweets_that_are_all_too_old_is_null_and_over_others_a_number() -> None:
    with ReportStage(YEARS) as stage:
        old, young = old_tweets(stage)[:5], stage.world.post_ids("lumen_mill", at=NOW)[:3]

        def summed(ids: list[str], dimensions: list[str]) -> list[Json]:
            report = totals(dimensions, ["impressions", "favorites"])
            report["tweets"] = {"selection": "ids", "ids": ids}
            return stage.sync("lives", config=stage.config(custom_reports=[report])).rows("lives")

        by_tweet, none, in_rows = (summed(old, dimensions) for dimensions in (["tweet"], [], ["metric"]))
        of_young, both = summed(young, []), summed([*old, *young], [])

    account = {"account_id": none[0]["account_id"]}
    favorites = sum(row["favorites"] for row in by_tweet)
    assert [row["impressions"] for row in by_tweet] == [None] * 5
    assert none == [{**account, "impressions": None, "favorites": favorites}]
    assert in_rows == [
        {**account, "metric": "impressions", "value": None},
        {**account, "metric": "favorites", "value": favorites},
    ]
    assert both == [
        {**account, "impressions": of_young[0]["impressions"], "favorites": favorites + of_young[0]["favorites"]}
    ]
    assert both[0]["impressions"] > 0


# Protected accounts --------------------------------------------------------------------------------------------------


def test_a_protected_account_alone_fails_the_check() -> None:
    with ReportStage(HIDDEN) as stage:
        output = stage.check()

    status, message = output.verdict
    assert status == "FAILED"
    assert message == (
        "organic_report can be read for no account. @shy_lathe: X refused the engagement of @shy_lathe (1 Tweet ID(s) "
        "are unavailable): the Engagement API shows the tweets of a protected account to nobody, not even to their "
        "author; make the account public, or choose another api_access."
    )


def test_a_protected_account_beside_a_public_one_is_a_warning_of_the_check() -> None:
    with ReportStage(HIDDEN, KILN) as stage:
        output = stage.check()

    assert output.verdict == ("SUCCEEDED", "")
    assert "@tiny_kiln: organic_report: available." in output.said("INFO")
    (line,) = [each for each in output.said("WARNING") if each.startswith("@shy_lathe: organic_report: ")]
    assert line.startswith("@shy_lathe: organic_report: not available: X refused the engagement of @shy_lathe (")


def test_a_tweet_that_is_gone_does_not_make_a_public_account_unavailable() -> None:
    with ReportStage(KILN) as stage:
        stage.simulator.faults.add(Fault("engagement_unavailable", path=HISTORICAL, times=None))
        output = stage.check()

    assert output.verdict == ("SUCCEEDED", "")
    assert "@tiny_kiln: organic_report: available." in output.said("INFO")


def test_a_sync_of_a_protected_account_asks_once_warns_and_says_so_in_its_coverage() -> None:
    with ReportStage(HIDDEN, KILN) as stage:
        output = stage.sync("organic_report", "sync_coverage")
        hidden = stage.world.user_id("shy_lathe")
        expected = stage.expected("tiny_kiln")

    assert output.error is None
    assert output.by_key("organic_report") == expected
    assert [entry.status for entry in stage.asked if entry.account == "shy_lathe"] == [400]
    (warning,) = output.said("WARNING")
    assert warning == (
        "@shy_lathe: X gives no figures of any tweet (25 Tweet ID(s) are unavailable), because the account is "
        "protected; make it public, or choose another api_access."
    )
    covered = [row for row in output.rows("sync_coverage") if row["stream"] == "organic_report"]
    reasons = {row["reason"] for row in covered if row["account_id"] != hidden}
    of_hidden = [row for row in covered if row["account_id"] == hidden]
    assert reasons == {None}
    assert {row["reason"] for row in of_hidden if row["missing_rows"]} == {"protected"}
    assert [row["returned_rows"] for row in of_hidden] == [0] * len(of_hidden)
    assert of_hidden[-1]["expected_rows"] == of_hidden[-1]["missing_rows"] == 60
