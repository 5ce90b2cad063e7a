"""Streams that share a reading fail together: none looks complete where nothing was read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from source_x_organic.failures import AccountsFailed
from source_x_organic.streams.shared_reading import Follower, Group, Leader

if TYPE_CHECKING:
    from collections.abc import Iterator


class BrokenDirectory:
    def accounts(self) -> Iterator[Any]:
        raise LookupError("nobody foresaw this")


def leader(group: Group, directory: object) -> Leader:
    connection = cast("Any", SimpleNamespace(directory=directory))
    return Leader(connection, group, cast("Any", None), ["tweets", "tweet_insights"])


def test_a_leader_that_breaks_before_it_reads_fails_its_followers() -> None:
    group = Group()
    with pytest.raises(LookupError):
        list(leader(group, BrokenDirectory()).generate())
    with pytest.raises(AccountsFailed, match="shows when accounts are looked up"):
        list(Follower(group, "tweets").generate())


def test_followers_of_a_leader_without_accounts_are_complete() -> None:
    group = Group()
    assert list(leader(group, SimpleNamespace(accounts=lambda: iter(()))).generate()) == []
    assert list(Follower(group, "tweets").generate()) == []
