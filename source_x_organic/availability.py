"""What a configuration may ask for that this version does not read yet: refused with words, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from source_x_organic.config import Problem

if TYPE_CHECKING:
    from source_x_organic.config import Config


def unavailable(config: Config) -> list[Problem]:
    """Return a problem for each setting that is valid, but whose streams or limits this version does not have."""
    problems = []
    if config.max_post_reads_per_sync is not None:
        problems.append(
            Problem(
                "max_post_reads_per_sync",
                "this version cannot stop at a number of posts yet. Leave it out, and limit the cost with accounts, "
                "timeframe_months and insights_window_days.",
            )
        )
    return problems
