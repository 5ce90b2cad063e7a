from __future__ import annotations

from demo.reading import Selection

AVAILABLE = ["accounts", "tweets", "draft_tweets"]


def test_all_streams_are_read_but_those_to_leave_out_or_the_named_ones_alone() -> None:
    assert Selection().of(AVAILABLE) == AVAILABLE
    assert Selection(leave_out=("draft_tweets", "no_such_stream")).of(AVAILABLE) == ["accounts", "tweets"]
    assert Selection(named=("draft_tweets",)).of(AVAILABLE) == ["draft_tweets"]
