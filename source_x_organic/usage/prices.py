"""What X lists for what it hands out: the only place that knows prices.

X's pricing page says (docs.x.com, X API, Getting started, Pricing, as of August 2026): a post read is $0.005, a user
read $0.010; failed requests are free; the same resource is not billed twice on one UTC day, which is called a soft
guarantee. An *owned read* is $0.001: an account's own timeline, if that account also owns the developer app. Who owns
the app cannot be learnt over the API, so the list price is used.

No price is published for analytics of posts and media: their requests are counted and cost nothing here. The Ads API is
free, and the Engagement API belongs to a contract of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

AS_OF = "August 2026"

POST_READ = Decimal("0.005")
OWNED_POST_READ = Decimal("0.001")
USER_READ = Decimal("0.010")


@dataclass(frozen=True)
class Price:
    """What one endpoint's resources cost, in US dollars.

    Attributes:
        post: For each post that is returned.
        user: For each user that is returned.
    """

    post: Decimal = Decimal()
    user: Decimal = Decimal()

    def of(self, *, posts: int, users: int) -> Decimal:
        """Return the list price of so many posts and users."""
        return posts * self.post + users * self.user


LISTED = Price(POST_READ, USER_READ)
FREE = Price()

PRICES: Mapping[str, Price] = {
    "users/me": LISTED,
    "users": LISTED,
    "users/by": LISTED,
    "users/:id/tweets": LISTED,
    "tweets": LISTED,
}
"""By the endpoint's name; an endpoint that is not here costs nothing."""


def price_of(endpoint: str) -> Price:
    """Return what an endpoint's resources cost."""
    return PRICES.get(endpoint, FREE)
