"""The connector on a stage where it fills Fivetran's tables from two Ads accounts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from integration_tests import fivetran_truth
from integration_tests.stage import NOW, Json, Output, Stage
from x_simulator import AccountSpec, AdsAccountSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

TABLES = ("account_history", "twitter_user_history", "tweet", "organic_tweet_report")
ENTITIES = TABLES[:3]

MILL = AccountSpec("lumen_mill", "Lumen Mill", posts=70, posts_per_day=0.7)
KILN = AccountSpec("tiny_kiln", "Tiny Kiln", posts=40, posts_per_day=0.4, description="Cups, and repairs of cups.")
WEST, EAST = "Mill West", "Kiln East"
ADS = (
    AdsAccountSpec(
        WEST,
        (("lumen_mill", "FULL"), ("tiny_kiln", "RETWEETS_ONLY")),
        admins=("lumen_mill",),
        business_name="Lumen Mill Ltd",
        business_id="b7",
        industry_type="RETAIL",
    ),
    AdsAccountSpec(EAST, (("tiny_kiln", "FULL"),), timezone="Europe/Berlin", admins=("lumen_mill",)),
)
"""Two Ads accounts in zones that changed their clocks a week apart; both may promote `tiny_kiln`."""

FIRST = date(2026, 8, 20)
"""The first day of three months before `NOW`, in both zones."""

LATER = timedelta(days=1, hours=3)
"""From one sync to the next."""


class FivetranStage(Stage):
    """A stage whose configuration is that of somebody who comes from Fivetran: one set of keys, all that they see."""

    def __init__(self, *users: AccountSpec, ads_accounts: Sequence[AdsAccountSpec] = ADS, **behaviour: Any) -> None:  # noqa: ANN401 - the simulator's switches
        # With this seed each of the 25 metrics is earned by some tweet.
        super().__init__(*(users or (MILL, KILN)), ads_accounts=ads_accounts, seed=4, **behaviour)

    def config(self, **properties: object) -> Json:
        """Return the configuration, changed by `properties`."""
        settings = {"api_access": "ADS_API", "table_layout": "fivetran", "timeframe_months": "THREE", **properties}
        whole = super().config(**settings)
        return {name: value for name, value in whole.items() if name != "account_credentials"}

    def read(self, *tables: str, after: Output | None = None, **properties: object) -> Output:
        """Read the tables, going on after another sync; every row is valid and nothing fails."""
        state = after.state if after else ()
        output = self.sync(*(tables or TABLES), config=self.config(**properties), state=state)
        assert output.error is None
        output.assert_valid()
        return output

    def ads_id(self, name: str) -> str:
        return self.world.ads.named(name).id

    def reported(self, now: datetime = NOW, *, first: date = FIRST) -> dict[str, Json]:
        """Return the truth about the report of all Ads accounts, by key."""
        return {
            key: row
            for account in self.world.ads
            for key, row in fivetran_truth.report(self.world, account.name, first=first, now=now).items()
        }
