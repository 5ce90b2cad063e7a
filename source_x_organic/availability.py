"""What a configuration may ask for that this version does not read yet: refused with words, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.config import ApiAccess, Problem, TableLayout

if TYPE_CHECKING:
    from source_x_organic.config import Config


def unavailable(config: Config) -> list[Problem]:
    """Return a problem for each setting that is valid, but whose streams or limits this version does not have."""
    problems = []
    if config.api_access is ApiAccess.ADS_API:
        problems.append(Problem("api_access", "this version does not read the Ads API yet. Choose X_API."))
    if config.table_layout is TableLayout.FIVETRAN:
        problems.append(Problem("table_layout", "this version does not make Fivetran's tables yet. Choose native."))
    if config.custom_reports:
        problems.append(Problem("custom_reports", "this version does not read custom reports yet. Leave them out."))
    if config.max_post_reads_per_sync is not None:
        problems.append(
            Problem(
                "max_post_reads_per_sync",
                "this version cannot stop at a number of posts yet. Leave it out, and limit the cost with accounts, "
                "timeframe_months and insights_window_days.",
            )
        )
    return problems
