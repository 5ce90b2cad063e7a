"""The bill of a run in words and in rows: what was asked of X, what that cost, what X may take off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.instants import rfc3339, utc_day
from source_x_organic.usage.ledger import NOBODY
from source_x_organic.usage.prices import AS_OF, OWNED_POST_READ, POST_READ

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from source_x_organic.usage.budget import Budget
    from source_x_organic.usage.ledger import Use

HEADINGS = ("account", "endpoint", "requests", "posts", "users", "list price")

MOST_NAMED = 20
"""Accounts that are named in one line."""

MOST_LISTED = 200
"""Rows of the table in the log; the stream `api_usage` has all."""

_WORDS = 2
"""Columns that are words, set to the left; the others are numbers."""


def usage_rows(uses: Sequence[Use], started_at: datetime) -> Iterator[dict[str, Any]]:
    """Yield the rows of `api_usage` for a sync that began at `started_at`."""
    for use in uses:
        yield {
            "sync_started_at": rfc3339(started_at),
            "account_id": use.account_id,
            "endpoint": use.endpoint,
            "date": utc_day(started_at),
            "requests": use.requests,
            "post_reads": use.post_reads,
            "user_reads": use.user_reads,
            "list_price_usd": float(use.list_price),
        }


def log_lines(uses: Sequence[Use], usernames: Mapping[str, str]) -> Iterator[str]:
    """Yield the bill, line by line; `usernames` are those of the accounts that are X users."""
    yield _requests_made(uses)
    if not uses:
        return
    yield f"What that read of X, and what X lists for it (prices of {AS_OF}):"
    yield from _table([*_listed(uses, usernames), _total(uses)])
    if len(uses) > MOST_LISTED:
        yield f"{len(uses) - MOST_LISTED} lines that cost least are not shown; the stream api_usage has all."
    yield from _deductions(uses)


def ceiling_lines(budget: Budget, read_anew: Collection[str]) -> Iterator[str]:
    """Yield what the ceiling on posts has cut off; `read_anew` are streams that begin anew with every sync."""
    if not budget.stopped:
        return
    cut = sorted(budget.stopped, key=lambda each: each.label)
    shown = "; ".join(f"{each.label} ({', '.join(each.left)})" for each in cut[:MOST_NAMED])
    more = f"; and {len(cut) - MOST_NAMED} more accounts" if len(cut) > MOST_NAMED else ""
    yield (
        f"The sync ended early, because max_post_reads_per_sync allows {budget.ceiling:,} posts and {budget.spent:,} "
        f"were read. Not complete yet: {shown}{more}. The next sync goes on from there."
    )
    if anew := sorted({name for each in cut for name in each.left} & set(read_anew)):
        yield (
            f"Full refreshes do not go on from there, and never get further below this ceiling: {', '.join(anew)}. "
            "Choose an incremental sync mode, or raise max_post_reads_per_sync."
        )


def _requests_made(uses: Sequence[Use]) -> str:
    counts: dict[str, int] = {}
    for use in uses:
        counts[use.endpoint] = counts.get(use.endpoint, 0) + use.requests
    listed = ", ".join(f"{endpoint} {count}" for endpoint, count in sorted(counts.items()))
    return f"Requests made to X: {sum(counts.values())} ({listed or 'none'})."


def _listed(uses: Sequence[Use], usernames: Mapping[str, str]) -> list[tuple[str, ...]]:
    shown = uses
    if len(uses) > MOST_LISTED:
        dearest = sorted(uses, key=lambda use: (use.list_price, use.requests), reverse=True)[:MOST_LISTED]
        shown = sorted(dearest)
    return [
        (_label(use, usernames), use.endpoint, *_numbers(use.requests, use.post_reads, use.user_reads, use.list_price))
        for use in shown
    ]


def _label(use: Use, usernames: Mapping[str, str]) -> str:
    if use.account_id == NOBODY:
        return "several"
    return f"@{usernames[use.account_id]}" if use.account_id in usernames else use.account_id


def _total(uses: Sequence[Use]) -> tuple[str, ...]:
    requests, posts, users = (
        sum(counts) for counts in zip(*((use.requests, use.post_reads, use.user_reads) for use in uses), strict=True)
    )
    return ("all", "", *_numbers(requests, posts, users, _price(uses)))


def _numbers(requests: int, posts: int, users: int, price: Decimal) -> tuple[str, ...]:
    return f"{requests:,}", f"{posts:,}", f"{users:,}", f"${price:,.3f}"


def _price(uses: Sequence[Use]) -> Decimal:
    return sum((use.list_price for use in uses), start=POST_READ * 0)


def _table(lines: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(HEADINGS, *lines, strict=True)]
    for line in (HEADINGS, *lines):
        cells = [
            cell.ljust(width) if place < _WORDS else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells)


def _deductions(uses: Sequence[Use]) -> Iterator[str]:
    if not any(use.post_reads for use in uses):
        return
    repeated = sum(use.repeated_posts for use in uses)
    price = sum((use.repeated_price for use in uses), start=POST_READ * 0)
    yield (
        "X bills a post once per UTC day, without a promise. That may take off "
        f"up to {repeated:,} posts (${price:,.3f}) that this sync read twice, and what earlier syncs of the day read."
    )
    yield (
        f"If the account owns the developer app, X lists ${OWNED_POST_READ} instead of ${POST_READ} for each post of "
        "its timeline. The connector cannot know that."
    )
