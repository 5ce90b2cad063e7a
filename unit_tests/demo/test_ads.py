from __future__ import annotations

from demo.ads import requests_made, summed_up


def test_streams_of_an_ads_account_that_are_all_available_are_one_line() -> None:
    lines = [f"Ads account 18ce1 (Kiln: Ads): {stream}: available." for stream in ("organic_report", "tweets")]
    assert summed_up([*lines, "Ads account 18ce2: tweets: available."]) == [
        "Ads account 18ce1 (Kiln: Ads): 2 streams available.",
        "Ads account 18ce2: 1 stream available.",
    ]


def test_what_is_not_simply_available_is_told_as_it_is() -> None:
    lines = [
        "Ads account 18ce1: tweets: available.",
        "Ads account 18ce1: organic_report: not available: X refused it.",
        "Ads account 18ce1: draft_tweets: not proven: there is nothing.",
        "zz9: tweets: not available: gone.",
    ]
    assert summed_up(lines) == ["Ads account 18ce1: 1 stream available.", *lines[1:]]


def test_the_requests_are_those_that_the_connector_says_it_made() -> None:
    log = [
        "Syncing stream: organic_report",
        "Requests made to X: 57 (ads/accounts 1, ads/stats/jobs/accounts/:id (POST) 53, stats/jobs results 3).",
        "Requests made to X: 2 (ads/accounts 2).",
        "Requests made to X: 0 (none).",
    ]
    assert requests_made(log) == {
        "ads/accounts": 3,
        "ads/stats/jobs/accounts/:id (POST)": 53,
        "stats/jobs results": 3,
    }
