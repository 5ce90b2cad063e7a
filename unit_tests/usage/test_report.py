"""The bill as lines of the log and as rows: the same numbers, whoever reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from source_x_organic.usage.ledger import Use
from source_x_organic.usage.report import MOST_LISTED, log_lines, usage_rows

USES = [
    Use("", "users/by", requests=1),
    Use("42", "users/:id/tweets", requests=5, post_reads=1_340, repeated_posts=300),
    Use("42", "users/by", user_reads=1),
    Use("18ce5", "ads/stats/accounts/:id", requests=12),
]


def test_the_log_has_a_line_for_each_account_and_endpoint_and_one_for_all() -> None:
    assert list(log_lines(USES, {"42": "brand"})) == [
        "Requests made to X: 18 (ads/stats/accounts/:id 12, users/:id/tweets 5, users/by 1).",
        "What that read of X, and what X lists for it (prices of August 2026):",
        "account  endpoint                requests  posts  users  list price",
        "several  users/by                       1      0      0      $0.000",
        "@brand   users/:id/tweets               5  1,340      0      $6.700",
        "@brand   users/by                       0      0      1      $0.010",
        "18ce5    ads/stats/accounts/:id        12      0      0      $0.000",
        "all                                    18  1,340      1      $6.710",
        (
            "X bills a post once per UTC day, without a promise. That may take off up to 300 posts ($1.500) that this "
            "sync read twice, and what earlier syncs of the day read."
        ),
        (
            "If the account owns the developer app, X lists $0.001 instead of $0.005 for each post of its timeline. "
            "The connector cannot know that."
        ),
    ]


def test_nothing_is_said_of_posts_where_none_were_read() -> None:
    assert list(log_lines(USES[2:3], {}))[-1] == "all                       0      0      1      $0.010"
    assert list(log_lines([], {})) == ["Requests made to X: 0 (none)."]


def test_of_very_many_lines_the_dearest_are_shown_and_all_are_summed_up() -> None:
    uses = [Use(f"{place:05}", "users/:id/tweets", 1, place) for place in range(MOST_LISTED + 5)]
    lines = list(log_lines(uses, {}))
    assert len(lines) == 2 + 1 + MOST_LISTED + 1 + 1 + 2
    assert lines[3].startswith("00005 ")
    assert lines[-4].split() == ["all", "205", "20,910", "0", "$104.550"]
    assert lines[-3] == "5 lines that cost least are not shown; the stream api_usage has all."


def test_a_row_has_the_numbers_of_its_line() -> None:
    started_at = datetime(2026, 11, 20, 9, 30, 0, 5, tzinfo=UTC)
    rows = list(usage_rows(USES, started_at))
    assert len(rows) == 4
    assert rows[1] == {
        "sync_started_at": "2026-11-20T09:30:00Z",
        "account_id": "42",
        "endpoint": "users/:id/tweets",
        "date": "2026-11-20",
        "requests": 5,
        "post_reads": 1340,
        "user_reads": 0,
        "list_price_usd": 6.7,
    }
