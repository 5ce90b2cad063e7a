"""What is asked of the Engagement API: the JSON body of a request, and its rules.

Keys that nobody documents are ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from x_simulator.engagement_api.endpoints import FULL_ORDERS, MOST_GROUPINGS, EngagementEndpoint
from x_simulator.engagement_api.errors import EngagementRefusal, unsupported
from x_simulator.engagement_api.windows import Window, asked_window

_ID = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Question:
    """A request that the API takes. `window`: None for a post's whole life; `groupings`: by name, in order."""

    tweet_ids: tuple[str, ...]
    types: tuple[str, ...]
    groupings: Mapping[str, tuple[str, ...]]
    window: Window | None


@dataclass(slots=True)
class _Reader:
    """Reads one body; what is wrong with it is collected."""

    endpoint: EngagementEndpoint
    body: Mapping[str, Any]
    complaints: list[str] = field(default_factory=list)

    def tweet_ids(self) -> tuple[str, ...]:
        """Return the ids, which may be strings or numbers; one that comes twice counts once."""
        ids = self._listed("tweet_ids")
        if len(ids) > self.endpoint.most_ids:
            self.complaints.append(f"tweet_ids may hold at most {self.endpoint.most_ids} Tweet IDs, not {len(ids)}")
        texts = [str(value) for value in ids]
        wrong = [text for text, value in zip(texts, ids, strict=True) if not _is_id(value)]
        if wrong:
            self.complaints.append(f"Not a Tweet ID: {', '.join(wrong)}")
        return tuple(dict.fromkeys(texts))

    def types(self) -> tuple[str, ...]:
        """Return the engagement types."""
        names = [str(name) for name in self._listed("engagement_types")]
        wrong = [name for name in names if name not in self.endpoint.types]
        if wrong:
            self.complaints.append(f"engagement_types that {self.endpoint.name} does not support: {', '.join(wrong)}")
        return tuple(dict.fromkeys(names))

    def groupings(self) -> dict[str, tuple[str, ...]]:
        """Return the groupings, their values in lower case: one documented request has a capital in them."""
        groupings = self.body.get("groupings")
        if not isinstance(groupings, dict) or not 1 <= len(groupings) <= MOST_GROUPINGS:
            self.complaints.append(f"groupings has to be an object with 1 to {MOST_GROUPINGS} named groupings")
            return {}
        read = {name: self._group_by(name, grouping) for name, grouping in groupings.items()}
        if sum(len(values) == len(FULL_ORDERS[0]) for values in read.values()) > 1:
            self.complaints.append(f"Only one grouping may have {len(FULL_ORDERS[0])} values in group_by")
        return read

    def window(self, now_ms: int) -> Window | None:
        """Return the hours that the request is about."""
        endpoint, start, end = self.endpoint, self.body.get("start"), self.body.get("end")
        if endpoint.takes_window and not (start is None and end is None):
            try:
                return asked_window(start, end, now_ms)
            except ValueError as error:
                self.complaints.append(str(error))
        return endpoint.window(now_ms) if endpoint.window else None

    def _group_by(self, name: str, grouping: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever JSON has there
        values = grouping.get("group_by") if isinstance(grouping, dict) else None
        if not isinstance(values, list) or not values:
            self.complaints.append(f"The grouping {name} needs a group_by with 1 to {len(FULL_ORDERS[0])} values")
            return ()
        read = tuple(str(value).lower() for value in values)
        wrong = [value for value in dict.fromkeys(read) if value not in self.endpoint.group_bys]
        is_unknown_order = len(read) >= len(FULL_ORDERS[0]) and read not in FULL_ORDERS
        if not wrong and (is_unknown_order or len(set(read)) < len(read)):
            wrong = list(read)
        if wrong:
            self.complaints.append(unsupported("groupBys", wrong))
        return read

    def _listed(self, name: str) -> list[Any]:
        values = self.body.get(name)
        if isinstance(values, list) and values:
            return values
        self.complaints.append(f"{name} has to be a list with at least one value")
        return []


def asked(endpoint: EngagementEndpoint, document: object, now_ms: int) -> Question:
    """Read the body of a request.

    Raises:
        EngagementRefusal: 400 with everything that is wrong with it.
    """
    if not isinstance(document, dict):
        raise EngagementRefusal(400, "The request needs a JSON object as its body")
    reader = _Reader(endpoint, document)
    question = Question(reader.tweet_ids(), reader.types(), reader.groupings(), reader.window(now_ms))
    if reader.complaints:
        raise EngagementRefusal(400, *reader.complaints)
    return question


def _is_id(value: object) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return (is_number or isinstance(value, str)) and _ID.fullmatch(str(value)) is not None
