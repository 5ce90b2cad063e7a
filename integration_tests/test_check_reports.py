"""`check` of reports: a question for each account and kind of report, which costs no post and fails only at need."""

from __future__ import annotations

import pytest

from integration_tests.ads_stage import AdsStage
from integration_tests.stage import Json, billed
from x_simulator import AccountSpec, AdsAccountSpec

MILL = AccountSpec("lumen_mill", posts=12, posts_per_day=0.5)
RIVAL = AccountSpec("rival_oven", posts=6, owned=False)
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))

METRICS = {
    "ads_organic": "impressions",
    "engagement_historical": "impressions",
    "engagement_28hr": "impressions",
    "engagement_totals": "favorites",
    "tweet_analytics": "impressions",
    "media_analytics": "video_views",
}
OF_MEDIA = "available, as far as analytics of tweets tell: X names no media to ask about."
NOT_ENROLLED = "analytics of tweets and media are part of X's Enterprise contracts"


def reports(*types: str) -> list[Json]:
    """Return a custom report of each type, named like it."""
    return [
        {"table_name": each, "report_type": each, "metrics": [METRICS[each]], "dimensions": ["tweet"]}
        for each in types or METRICS
    ]


def told(logs: list[tuple[str, str]], label: str) -> dict[str, str]:
    """Return what the log says of each stream of an account."""
    lines = [text.removeprefix(f"{label}: ") for _, text in logs if text.startswith(f"{label}: ")]
    return {stream: words for stream, _, words in (line.partition(": ") for line in lines) if words}


@pytest.mark.parametrize("access", ["X_API", "X_API_ENTERPRISE", "ENGAGEMENT_API", "ADS_API"])
def test_every_report_that_the_credentials_reach_is_available_whatever_the_access(access: str) -> None:
    with AdsStage(MILL, ads_accounts=[ADS], enterprise_apps=("main",)) as stage:
        output = stage.check(stage.config(api_access=access, custom_reports=reports()))
        account = stage.ads("Mill Ads")

    assert output.verdict == ("SUCCEEDED", "")
    of_posts = told(output.logs, "@lumen_mill")
    assert {name: of_posts[name] for name in METRICS if name != "ads_organic"} == {
        **dict.fromkeys(("engagement_historical", "engagement_28hr", "engagement_totals"), "available."),
        "tweet_analytics": "available.",
        "media_analytics": OF_MEDIA,
    }
    assert told(output.logs, f"Ads account {account.id} (Mill Ads)")["ads_organic"] == "available."
    assert output.said("WARNING") == []
    assert billed(stage.requests) == 0
    # The contract is the same for analytics of tweets and of media, and for several reports of a kind.
    asked = sorted(str(entry.endpoint) for entry in stage.requests)
    assert [endpoint for endpoint in asked if "insights" in endpoint or "analytics" in endpoint] == [
        "/2/tweets/analytics",
        "/insights/engagement/28hr",
        "/insights/engagement/historical",
        "/insights/engagement/totals",
    ]


def test_a_report_that_is_out_of_reach_is_a_warning_that_says_what_to_ask_x_for() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], engagement_apps=(), ads_apps=()) as stage:
        output = stage.check(stage.config(api_access="X_API", custom_reports=reports()))

    assert output.verdict == ("SUCCEEDED", "")
    warnings = output.said("WARNING")
    assert len(warnings) == len(METRICS)
    for name, words in (
        ("ads_organic", "X has not approved the app for the Ads API"),
        ("engagement_totals", "X has to allow the app for the Engagement API"),
        ("tweet_analytics", NOT_ENROLLED),
        ("media_analytics", NOT_ENROLLED),
    ):
        (warning,) = [line for line in warnings if f": {name}: not available: " in line]
        assert words in warning


@pytest.mark.parametrize(
    ("access", "words"),
    [
        ("X_API_ENTERPRISE", NOT_ENROLLED),
        ("ENGAGEMENT_API", "X has to allow the app for the Engagement API"),
    ],
)
def test_without_its_contract_the_organic_report_fails_the_check(access: str, words: str) -> None:
    with AdsStage(MILL, engagement_apps=()) as stage:
        output = stage.check(stage.config(api_access=access))

    status, message = output.verdict
    assert status == "FAILED"
    assert message.startswith("organic_report can be read for no account. @lumen_mill: ")
    assert words in message
    assert any(line.startswith("@lumen_mill: organic_report: not available: ") for line in output.said("WARNING"))


@pytest.mark.parametrize("access", ["X_API_ENTERPRISE", "ENGAGEMENT_API"])
def test_another_accounts_figures_are_a_warning_beside_ones_own_and_a_failure_alone(access: str) -> None:
    with AdsStage(MILL, RIVAL, enterprise_apps=("main",)) as stage:
        named: Json = {"api_access": access, "sync_mode": "SpecificAccounts"}
        beside = stage.check(stage.config(**named, accounts=["lumen_mill", "rival_oven"]))
        alone = stage.check(stage.config(**named, accounts=["rival_oven"]))

    assert beside.verdict == ("SUCCEEDED", "")
    assert told(beside.logs, "@lumen_mill")["organic_report"] == "available."
    (warning,) = beside.said("WARNING")
    assert warning.startswith("@rival_oven: organic_report has no rows, because ")
    status, message = alone.verdict
    assert status == "FAILED"
    assert message == (
        "organic_report can be read for no account. @rival_oven: the credentials are not the account's own; enter "
        "those in account_credentials."
    )


@pytest.mark.parametrize("access", ["X_API_ENTERPRISE", "ENGAGEMENT_API"])
def test_an_account_without_posts_leaves_its_reports_unproven(access: str) -> None:
    with AdsStage(AccountSpec("quiet_loom", posts=0, kind="empty"), engagement_apps=()) as stage:
        output = stage.check(stage.config(api_access=access))

    assert output.verdict == ("SUCCEEDED", "")
    assert told(output.logs, "@quiet_loom")["organic_report"] == (
        "not proven: X names no post of the account to ask about."
    )


def test_a_report_of_the_ads_api_without_an_ads_account_is_a_warning() -> None:
    with AdsStage(MILL, RIVAL, ads_accounts=[ADS]) as stage:
        config = stage.config(
            api_access="X_API",
            sync_mode="SpecificAccounts",
            accounts=["rival_oven"],
            custom_reports=reports("ads_organic"),
        )
        output = stage.check(config)

    assert output.verdict == ("SUCCEEDED", "")
    (warning,) = output.said("WARNING")
    assert warning.startswith("ads_organic: nothing to read: these credentials see no Ads account of the accounts.")


def test_statistics_that_x_withdrew_cost_a_custom_report_a_warning_and_the_organic_report_the_check() -> None:
    with AdsStage(MILL, ads_accounts=[ADS], organic_entity=False) as stage:
        beside = stage.check(stage.config(api_access="X_API", custom_reports=reports("ads_organic")))
        fed = stage.check(stage.config(custom_reports=reports("ads_organic")))

    assert beside.verdict == ("SUCCEEDED", "")
    (warning,) = beside.said("WARNING")
    assert ": ads_organic: not available: " in warning
    assert "X has withdrawn organic statistics from the Ads API" in warning
    status, message = fed.verdict
    assert status == "FAILED"
    assert message.startswith("organic_report can be read for no account over the Ads API.")
