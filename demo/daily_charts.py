"""The second picture: what posts earn day by day, from the daily report of the Ads API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.drawing import COLOURS, FAINT, headed, picture, short, written_as

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection
    from matplotlib.axes import Axes

OLDEST = 14
"""Age in days up to which a post is followed."""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BARS_WIDTH = 0.8
"""Share of a weekday's place that its bars take together."""

# Days are those of the Ads account's own time zone. The day of posting is not a whole day, but it is the first row.
_BY_AGE = """
    WITH aged AS (
        SELECT ads_account_id, impressions, date_diff('day', min(date) OVER (PARTITION BY tweet_id), date) AS age
        FROM {schema}.organic_report
    )
    SELECT ads_account_id, age, avg(impressions) FROM aged WHERE age <= {oldest} GROUP BY 1, 2 ORDER BY 2
"""
_BY_WEEKDAY = """
    WITH days AS (
        SELECT ads_account_id, date, sum(impressions) AS impressions
        FROM {schema}.organic_report WHERE period_end <= (SELECT max(period_start) FROM {schema}.organic_report)
        GROUP BY 1, 2
    )
    SELECT ads_account_id, isodow(date) - 1, avg(impressions) FROM days GROUP BY 1, 2 ORDER BY 2
"""
_ACCOUNTS = """
    SELECT ads.id, ads.name, ads.timezone, accounts.username
    FROM {schema}.ads_accounts AS ads LEFT JOIN accounts ON accounts.id = ads.account_id
    WHERE ads.id IN (SELECT ads_account_id FROM {schema}.organic_report) ORDER BY ads.name
"""


@dataclass(frozen=True)
class AdsStory:
    """One Ads account in the picture.

    Attributes:
        name: Its name.
        timezone: The zone that its days are counted in.
        colour: The one that its X account has in the first picture.
        by_age: Mean organic impressions of a post by its age in days.
        by_weekday: Mean organic impressions of all posts on a weekday, Monday first; None for one without a whole day.
    """

    name: str
    timezone: str
    colour: str
    by_age: list[float]
    by_weekday: list[float | None]


def stories(database: DuckDBPyConnection, schema: str, colours: Mapping[str, str]) -> list[AdsStory]:
    """Return what the picture tells of each Ads account; `colours` are those of X accounts, by username."""

    def ask(query: str) -> list[tuple[str, int, float]]:
        return database.execute(query.format(schema=schema, oldest=OLDEST)).fetchall()

    ages, weekdays = ask(_BY_AGE), ask(_BY_WEEKDAY)
    accounts = database.execute(_ACCOUNTS.format(schema=schema)).fetchall()
    spare = [colour for colour in COLOURS if colour not in colours.values()] + [FAINT] * len(accounts)
    return [
        AdsStory(
            name=name,
            timezone=timezone,
            colour=colours.get(username) or spare.pop(0),
            by_age=[float(value) for account, _, value in ages if account == id_],
            by_weekday=_by_weekday({day: float(value) for account, day, value in weekdays if account == id_}),
        )
        for id_, name, timezone, username in accounts
    ]


def draw(accounts: list[AdsStory], path: Path, *, footnote: str) -> None:
    """Draw the picture and write it to `path` as PNG."""
    with picture(path, size=(14, 6), footnote=footnote) as figure:
        ages, weekdays = figure.subplots(1, 2)
        _draw_ages(ages, accounts)
        _draw_weekdays(weekdays, accounts)


def _draw_ages(axes: Axes, accounts: list[AdsStory]) -> None:
    headed(axes, "How long a post is seen", "organic impressions of an average post, by its age in days")
    for account in accounts:
        label = f"{account.name}, {_half_life(account.by_age)}"
        axes.plot(account.by_age, color=account.colour, linewidth=2.4, solid_capstyle="round", label=label)
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, OLDEST)
    axes.xaxis.set_major_formatter(written_as(_age))
    axes.yaxis.set_major_formatter(written_as(short))
    axes.legend(loc="upper right", frameon=False, fontsize=11, labelcolor="linecolor")


def _draw_weekdays(axes: Axes, accounts: list[AdsStory]) -> None:
    headed(axes, "Good days and bad days", "organic impressions on a weekday against the mean, by local days")
    width = BARS_WIDTH / max(len(accounts), 1)
    for place, account in enumerate(accounts):
        shown = [(day, value) for day, value in enumerate(_against_the_mean(account.by_weekday)) if value is not None]
        axes.bar(
            [day + (place - (len(accounts) - 1) / 2) * width for day, _ in shown],
            [value for _, value in shown],
            width * 0.9, color=account.colour, label=f"{account.name}, {account.timezone}",
        )  # fmt: skip
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.set_xticks(range(len(WEEKDAYS)), WEEKDAYS)
    axes.yaxis.set_major_formatter(written_as(_percent))
    axes.margins(y=0.25)
    axes.legend(loc="upper left", frameon=False, fontsize=11, labelcolor="linecolor")


def _by_weekday(means: Mapping[int, float]) -> list[float | None]:
    return [means.get(day) for day in range(len(WEEKDAYS))]


def _against_the_mean(means: list[float | None]) -> list[float | None]:
    """Return by what share each weekday is above (or below) the mean of those that are known."""
    known = [value for value in means if value is not None]
    mean = sum(known) / len(known) if known else 0.0
    return [None if value is None or not mean else value / mean - 1 for value in means]


def _half_life(by_age: Sequence[float]) -> str:
    """Return in how many days half of what is shown came together."""
    total, so_far = sum(by_age), 0.0
    for age, value in enumerate(by_age):
        so_far += value
        if total and so_far >= total / 2:
            return f"half of it within {age + 1} days" if age else "half of it on the first day"
    return "not seen yet"


def _age(value: float) -> str:
    return "day of posting" if value == 0 else f"{value:.0f}"


def _percent(value: float) -> str:
    return f"{value:+.0%}".replace("-", "\N{MINUS SIGN}") if value else "mean"
