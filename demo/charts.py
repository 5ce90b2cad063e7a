"""The picture: what became of the posts, of the audience and of the attention, from what is in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from demo.drawing import (
    COLOURS,
    FAINT,
    FONT,
    date_axis,
    headed,
    label_ends,
    picture,
    short,
    signed,
    whole,
    written_as,
)
from demo.tables import ENGAGEMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection
    from matplotlib.axes import Axes

    from demo.drawing import Day, Instant

LABELLED_POSTS = 2
LONGEST_LABEL = 46
APART = timedelta(days=28)
"""How far labelled posts are from one another at least, so that their labels have room."""
MOST_ACCOUNTS = len(COLOURS)

_ACCOUNTS = f"SELECT username FROM accounts ORDER BY followers_count DESC LIMIT {MOST_ACCOUNTS}"  # noqa: S608 - a number
_POSTS = f"""
    SELECT accounts.username, tweets.created_at, {ENGAGEMENTS.format("tweets")}, tweets.text
    FROM tweets JOIN accounts ON accounts.id = tweets.account_id
    WHERE NOT tweets.is_retweet AND NOT tweets.is_reply ORDER BY tweets.created_at
"""  # noqa: S608 - a constant
_FOLLOWERS = """
    SELECT accounts.username, account_insights.date, account_insights.followers_count
    FROM account_insights JOIN accounts ON accounts.id = account_insights.account_id ORDER BY 2
"""
# What a post's counter grew by between two daily snapshots; a post that is new since the first day grew from nothing.
_IMPRESSIONS = """
    WITH grown AS (
        SELECT account_id, date, created_at, impression_count,
            lag(impression_count) OVER (PARTITION BY tweet_id ORDER BY date) AS before,
            min(date) OVER () AS first_day
        FROM tweet_insights WHERE NOT is_retweet
    )
    SELECT accounts.username, grown.date, sum(impression_count - coalesce(before, 0))
    FROM grown JOIN accounts ON accounts.id = grown.account_id
    WHERE date > first_day AND (before IS NOT NULL OR grown.created_at >= first_day) GROUP BY 1, 2 ORDER BY 2
"""


@dataclass(frozen=True)
class Post:
    """One dot: when it was posted, and what people did with it in public until now."""

    created_at: Instant
    engagements: int
    text: str


@dataclass(frozen=True)
class AccountStory:
    """One account in the picture; `followers` and `impressions` are (day, number), the oldest first."""

    username: str
    colour: str
    posts: list[Post]
    followers: list[tuple[Day, int]]
    impressions: list[tuple[Day, int]]


def stories(database: DuckDBPyConnection) -> list[AccountStory]:
    """Return what the picture tells of each account, those with most followers first."""
    usernames = [username for (username,) in database.execute(_ACCOUNTS).fetchall()]
    posts, followers, impressions = (
        _by_account(database.execute(query).fetchall()) for query in (_POSTS, _FOLLOWERS, _IMPRESSIONS)
    )
    return [
        AccountStory(
            username=username,
            colour=colour,
            posts=[Post(*row) for row in posts.get(username, [])],
            followers=[(day, int(number)) for day, number in followers.get(username, [])],
            impressions=[(day, int(number)) for day, number in impressions.get(username, [])],
        )
        for username, colour in zip(usernames, COLOURS, strict=False)
    ]


def draw(accounts: list[AccountStory], path: Path, *, footnote: str) -> None:
    """Draw the picture and write it to `path` as PNG."""
    with picture(path, size=(14, 10), footnote=footnote) as figure:
        grid = figure.add_gridspec(2, 2, height_ratios=(1.15, 1))
        _draw_posts(figure.add_subplot(grid[0, :]), accounts)
        _draw_followers(figure.add_subplot(grid[1, 0]), accounts)
        _draw_impressions(figure.add_subplot(grid[1, 1]), accounts)


def _draw_posts(axes: Axes, accounts: list[AccountStory]) -> None:
    headed(axes, "Each post and what it earned", "likes, replies, reposts, quotes and bookmarks so far, one dot a post")
    for account in accounts:
        shown = [post for post in account.posts if post.engagements > 0]
        axes.scatter(
            [post.created_at for post in shown],
            [post.engagements for post in shown],
            s=30, color=account.colour, alpha=0.5, linewidths=0,
        )  # fmt: skip
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(written_as(whole))
    chosen = _most_engaging(accounts)
    for account, post in chosen:
        axes.annotate(
            _post_label(account, post),
            (post.created_at, post.engagements),
            xytext=(-3, 7), textcoords="offset points", ha=_side(post, chosen), fontsize=10, color=account.colour,
        )  # fmt: skip
    axes.margins(x=0.02, y=0.14)
    date_axis(axes)
    _name_accounts(axes, accounts)


def _draw_followers(axes: Axes, accounts: list[AccountStory]) -> None:
    headed(axes, "Followers gained and lost", "since the first daily sync")
    ends = []
    for account in accounts:
        if account.followers:
            days = [day for day, _ in account.followers]
            gained = [number - account.followers[0][1] for _, number in account.followers]
            axes.plot(days, gained, color=account.colour, linewidth=2.4, solid_capstyle="round")
            label = f"@{account.username} {signed(gained[-1])}\n{account.followers[-1][1]:,} now"
            ends.append((days[-1], gained[-1], label, account.colour))
    axes.axhline(0, color=FAINT, linewidth=0.8)
    label_ends(axes, ends)
    axes.yaxis.set_major_formatter(written_as(signed))
    date_axis(axes)


def _draw_impressions(axes: Axes, accounts: list[AccountStory]) -> None:
    headed(axes, "Attention per day", "impressions between two daily syncs, of posts up to 30 days old")
    ends = []
    for account in accounts:
        if account.impressions:
            days = [day for day, _ in account.impressions]
            numbers = [number for _, number in account.impressions]
            axes.plot(days, numbers, color=account.colour, linewidth=2.4, solid_capstyle="round")
            ends.append(
                (
                    days[-1],
                    numbers[-1],
                    f"@{account.username}\n{short(sum(numbers))} in {len(numbers)} days",
                    account.colour,
                )
            )
    label_ends(axes, ends)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(written_as(short))
    date_axis(axes)


def _most_engaging(accounts: list[AccountStory]) -> list[tuple[AccountStory, Post]]:
    every = [(account, post) for account in accounts for post in account.posts if _can_be_written(_quote(post))]
    chosen: list[tuple[AccountStory, Post]] = []
    for account, post in sorted(every, key=lambda pair: -pair[1].engagements):
        if all(abs(post.created_at - other.created_at) > APART for _, other in chosen):
            chosen.append((account, post))
    return chosen[:LABELLED_POSTS]


def _side(post: Post, chosen: list[tuple[AccountStory, Post]]) -> str:
    """Return how to align a label so that it stays in the picture."""
    return (
        "right" if len(chosen) > 1 and post == max((it for _, it in chosen), key=lambda it: it.created_at) else "left"
    )


def _name_accounts(axes: Axes, accounts: list[AccountStory]) -> None:
    """Write the accounts in their colours beside the title, the first one leftmost."""
    place = 1.0
    for account in reversed(accounts):
        name = axes.annotate(
            f"● @{account.username}", (place, 1.10), xycoords="axes fraction", ha="right", va="bottom",
            fontsize=12, fontweight="bold", color=account.colour,
        )  # fmt: skip
        width = name.get_window_extent().width / axes.get_window_extent().width
        place -= width + 0.01


def _post_label(account: AccountStory, post: Post) -> str:
    return f"{_quote(post)}\n@{account.username} · {post.engagements:,}"


def _quote(post: Post) -> str:
    """Return how a post begins, without links, tags and names."""
    words = " ".join(word for word in post.text.split() if not word.startswith(("http", "#", "@", "$")))
    return f"“{words if len(words) <= LONGEST_LABEL else words[: LONGEST_LABEL - 1].rstrip() + '…'}”"


def _can_be_written(text: str) -> bool:
    """Return whether the font has all letters."""
    from matplotlib.font_manager import findfont, get_font

    font = get_font(findfont(FONT))
    return all(font.get_char_index(ord(letter)) for letter in text)


def _by_account(rows: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    grouped: dict[str, list[tuple[Any, ...]]] = {}
    for username, *rest in rows:
        grouped.setdefault(username, []).append(tuple(rest))
    return grouped
