"""The Enterprise Engagement API as this connector uses it, with one set of credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from source_x_organic.engagement_api import requests
from source_x_organic.engagement_api.requests import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from source_x_organic.config import Dimension, ReportType
    from source_x_organic.engagement_api.requests import Window
    from source_x_organic.transport.client import ApiClient


class EngagementApi:
    """Its three reports; a body asks, but nothing is changed by it."""

    def __init__(self, client: ApiClient) -> None:
        """`client` sends to the Engagement API's address."""
        self.client = client

    def ask(
        self,
        report: ReportType,
        ids: Sequence[str],
        metrics: Sequence[str],
        dimensions: Collection[Dimension],
        window: Window | None,
        *,
        what: str,
        account: str,
    ) -> dict[str, Any]:
        """Return X's answer about tweets of the credentials' owner, grouped so that `dimensions` can be told apart.

        `what` says in words what is read; `account` is whose usage it is: an X user id.

        Raises:
            ApiError: X refuses the credentials, the tweets or the question, or stayed unavailable.
        """
        document = requests.body(ids, metrics, dimensions, window)
        return self.client.post_json(ENDPOINTS[report], document, what=what, account=account)
