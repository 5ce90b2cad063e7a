"""Requests and what they brought are counted by account and endpoint, whichever thread tells of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from source_x_organic.usage.ledger import NOBODY, Ledger, Use
from source_x_organic.usage.prices import FREE, LISTED, PRICES, price_of
from source_x_organic.usage.resources import Resources
from source_x_organic.x_api.api import ME, POSTS, TIMELINE, USERS, USERS_BY


def test_counts_are_kept_by_account_and_endpoint() -> None:
    ledger = Ledger()
    ledger.count(TIMELINE.name, "7")
    ledger.count(TIMELINE.name, "7")
    ledger.count(TIMELINE.name, "8")
    ledger.count(USERS_BY.name)
    ledger.add(TIMELINE.name, "7", Resources(posts=120, users=1))
    ledger.add(TIMELINE.name, "7", Resources(posts=90, repeated=90))
    ledger.add(USERS_BY.name, "7", Resources(users=1))
    assert ledger.uses() == [
        Use(NOBODY, "users/by", requests=1),
        Use("7", "users/:id/tweets", requests=2, post_reads=210, user_reads=1, repeated_posts=90),
        Use("7", "users/by", user_reads=1),
        Use("8", "users/:id/tweets", requests=1),
    ]
    assert ledger.by_endpoint() == {"users/by": 1, "users/:id/tweets": 3}


def test_a_request_whose_account_only_its_answer_tells_is_that_accounts() -> None:
    ledger = Ledger()
    ledger.count(ME.name)
    ledger.count(ME.name)
    ledger.assign(ME.name, "7")
    assert ledger.uses() == [Use(NOBODY, "users/me", requests=1), Use("7", "users/me", requests=1)]
    ledger.assign(ME.name, "7")
    ledger.assign(ME.name, "7")
    assert ledger.uses() == [Use("7", "users/me", requests=2)]


def test_nothing_is_lost_between_threads() -> None:
    ledger = Ledger()

    def use(_: int) -> None:
        for _ in range(200):
            ledger.count(TIMELINE.name, "7")
            ledger.add(TIMELINE.name, "7", Resources(posts=3, users=1, repeated=2))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert ledger.uses() == [Use("7", TIMELINE.name, 1600, 4800, 1600, 3200)]


def test_prices_are_those_of_xs_list_and_exact() -> None:
    use = Use("7", TIMELINE.name, requests=40, post_reads=3_333, user_reads=7, repeated_posts=1_001)
    assert use.list_price == Decimal("16.735")
    assert use.repeated_price == Decimal("5.005")
    assert Use("7", "ads/accounts/:id/tweets", 5, 1_000, 10, 10).list_price == 0


def test_every_endpoint_that_x_bills_has_a_price_and_no_other() -> None:
    assert {name: price_of(name) for name in PRICES} == {
        endpoint.name: LISTED for endpoint in (ME, USERS, USERS_BY, TIMELINE, POSTS)
    }
    assert price_of("insights/engagement/totals") is FREE
