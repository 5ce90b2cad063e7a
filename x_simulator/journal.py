"""What was asked and answered: the memory that tests and other processes read. It never holds a secret."""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer.

    `credential`: a name without secrets; `account`: whose data was asked for, where the path says so; `billed_posts`
    and `billed_users`: objects in `data` and `includes` of a successful answer; `time`: epoch seconds by the clock;
    `body`: the JSON that a request to the Engagement API brought.
    """

    number: int
    time: float
    method: str
    path: str
    query: dict[str, str]
    endpoint: str | None
    credential: str | None
    auth_type: str | None
    account: str | None
    status: int
    billed_posts: int = 0
    billed_users: int = 0
    fault: str | None = None
    body: Any = None


class Journal(Sequence[Entry]):
    """All entries in order of arrival."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._count = 0

    def add(self, **what: Any) -> None:  # noqa: ANN401 - the fields of an Entry
        """Write down a request; the number is given here."""
        with self._lock:
            self._count += 1
            self._entries.append(Entry(number=self._count, **what))

    def clear(self) -> None:
        """Forget everything so far."""
        with self._lock:
            self._entries.clear()

    def requests_to(self, path_pattern: str, *, method: str | None = None) -> list[Entry]:
        """Return the requests whose whole path matches a regular expression."""
        pattern = re.compile(path_pattern)
        return [e for e in self.snapshot() if pattern.fullmatch(e.path) and method in (None, e.method)]

    @property
    def billed_posts(self) -> int:
        """How many posts were handed out so far, each time counted."""
        return sum(entry.billed_posts for entry in self.snapshot())

    @property
    def billed_users(self) -> int:
        """How many users were handed out so far, each time counted."""
        return sum(entry.billed_users for entry in self.snapshot())

    def snapshot(self) -> list[Entry]:
        """Return a copy of the entries so far."""
        with self._lock:
            return list(self._entries)

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the entries as plain dicts."""
        return [asdict(entry) for entry in self.snapshot()]

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> list[Entry]: ...
    def __getitem__(self, place: int | slice) -> Entry | list[Entry]:
        return self.snapshot()[place]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.snapshot())
