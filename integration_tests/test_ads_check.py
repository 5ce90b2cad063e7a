"""`check` of the Ads API: it succeeds where a sync finds something to read, and fails where it would not."""

from __future__ import annotations

import pytest

from integration_tests.ads_stage import AdsStage
from x_simulator import AccountSpec, AdsAccountSpec

MILL = AccountSpec("lumen_mill", posts=40, posts_per_day=0.5, mix=("original",))
QUIET = AccountSpec("quiet_loom", posts=0, kind="empty", owned=False)
ADS = AdsAccountSpec("Mill Ads", (("lumen_mill", "FULL"),))
SILENT_ADS = AdsAccountSpec("Loom Ads", (("quiet_loom", "FULL"),), admins=("lumen_mill",))
DESERTED_ADS = AdsAccountSpec("Empty Ads", (), admins=("lumen_mill",))
WITHDRAWN = "X has withdrawn organic statistics from the Ads API"


# Withdrawn statistics ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["native", "fivetran"])
@pytest.mark.parametrize("other", [SILENT_ADS, DESERTED_ADS])
def test_withdrawn_statistics_fail_the_check_beside_an_account_without_tweets(
    other: AdsAccountSpec, layout: str
) -> None:
    with AdsStage(MILL, QUIET, ads_accounts=[ADS, other], organic_entity=False) as stage:
        output = stage.check(stage.config(table_layout=layout))
        account, silent = stage.ads("Mill Ads"), stage.ads(other.name)

    status, message = output.verdict
    assert status == "FAILED"
    assert WITHDRAWN in message
    assert account.id in message
    assert silent.id not in message


def test_withdrawn_statistics_fail_the_check_where_the_main_user_of_the_account_has_no_tweets() -> None:
    ads = AdsAccountSpec("Mill Ads", (("quiet_loom", "FULL"), ("lumen_mill", "RETWEETS_ONLY")), admins=("lumen_mill",))
    with AdsStage(MILL, QUIET, ads_accounts=[ads], organic_entity=False) as stage:
        output = stage.check()

    status, message = output.verdict
    assert status == "FAILED"
    assert WITHDRAWN in message


def test_an_account_without_any_tweet_proves_nothing_and_is_no_reason_to_fail() -> None:
    with AdsStage(MILL, QUIET, ads_accounts=[SILENT_ADS, DESERTED_ADS], organic_entity=False) as stage:
        output = stage.check()
        silent, deserted = stage.ads("Loom Ads"), stage.ads("Empty Ads")

    assert output.verdict == ("SUCCEEDED", "")
    assert output.said("WARNING") == []
    lines = output.said("INFO")
    assert (
        f"Ads account {silent.id} (Loom Ads): organic_report: not proven: there is no tweet to ask X for the "
        "statistics of."
    ) in lines
    assert (
        f"Ads account {deserted.id} (Empty Ads): organic_report: nothing to read yet: the Ads account has no user "
        "whose tweets it may promote."
    ) in lines
