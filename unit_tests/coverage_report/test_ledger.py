"""The ledger keeps what readings say, by account and stream, whichever thread says it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from airbyte_cdk.utils import AirbyteTracedException

from source_x_organic.coverage_report.ledger import CoverageLedger, Covered
from source_x_organic.coverage_report.reasons import Reason, reason_of
from source_x_organic.coverage_report.snapshots import covers_snapshot
from source_x_organic.coverage_report.state import COVERAGE, KnownAccount
from source_x_organic.progress.coverage import Span
from source_x_organic.reports.days import Days
from source_x_organic.reports.plan import Slice
from source_x_organic.transport.errors import error_for
from source_x_organic.transport.problems import Problem

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
WEEK = Span(NOW - 7 * DAY, NOW)


def ledger(*, is_limited: bool = False) -> CoverageLedger:
    found = CoverageLedger(NOW, is_limited=is_limited)
    found.is_wanted = True
    return found


def row(**columns: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of any stream
    return {"account_id": "7", **columns}


def test_rows_are_counted_by_the_day_that_they_are_about() -> None:
    found = ledger()
    found.returned("tweets", row(created_at="2026-11-18T23:59:59.000Z"))
    found.returned("tweets", row(created_at="2026-11-18T00:00:00Z", is_deleted=False))
    found.returned("tweets", row(created_at="2026-11-17T00:00:00Z", is_deleted=True))
    found.returned("tweets", row(created_at=None))
    found.returned("organic_report", row(date="2026-11-19"))
    found.returned("accounts", row(id="7"))
    entries = found.entries({})
    assert {key: covered.returned for key, covered in entries.items()} == {
        ("7", "tweets"): Counter({date(2026, 11, 18): 2, TODAY: 1}),
        ("7", "organic_report"): Counter({date(2026, 11, 19): 1}),
    }


def test_rows_that_there_are_stand_for_those_of_this_sync() -> None:
    found = ledger()
    found.returned("organic_report", row(date="2026-11-19"))
    found.holds("7", "organic_report", Counter({TODAY: 3}))
    (covered,) = found.entries({}).values()
    assert covered.rows == Counter({TODAY: 3})


def test_days_that_are_complete_leave_the_days_behind_them() -> None:
    found = ledger()
    found.covers_days("7", "organic_report", Days(TODAY - 3 * DAY, TODAY))
    found.read_days("7", "organic_report", Days(TODAY - 3 * DAY, TODAY - 2 * DAY))
    found.read_days("7", "organic_report", Days(TODAY, TODAY - DAY))
    (covered,) = found.entries({}).values()
    assert [(span.start.date(), span.end.date()) for span in covered.unread] == [(TODAY - DAY, TODAY)]


def test_a_stream_whose_rows_only_add_to_others_has_nothing_to_read() -> None:
    found = ledger()
    found.covers("7", "tweet_insights", [WEEK])
    found.adds("7", "tweet_insights")
    (covered,) = found.entries({}).values()
    assert (covered.unread, covered.only_adds) == ((), True)


def test_what_was_to_be_read_and_was_not_is_left_for_the_reason_that_ended_the_reading() -> None:
    found = ledger()
    found.covers("7", "tweets", [WEEK])
    found.read("7", "tweets", Span(NOW - 2 * DAY, NOW))
    found.gives_up("7", ["tweets", "accounts"], Reason.PROTECTED)
    found.gives_up("7", ["tweets"], Reason.FAILED)
    (covered,) = found.entries({}).values()
    assert covered.unread == (Span(NOW - 7 * DAY, NOW - 2 * DAY),)
    assert covered.stopped_by is Reason.PROTECTED
    found.read_everything("7", "tweets")
    assert not found.entries({})["7", "tweets"].unread


def test_an_account_that_was_not_even_found_misses_today() -> None:
    found = ledger()
    found.gives_up("7", ["account_insights"], Reason.SUSPENDED)
    (covered,) = found.entries({}).values()
    (span,) = covered.unread
    assert (span.start.date(), span.end.date()) == (TODAY, TODAY)


def test_what_is_wanted_in_the_end_takes_the_place_of_what_was_wanted_at_first() -> None:
    found = ledger()
    found.covers("7", "tweets", [WEEK])
    found.covers("7", "tweets", [Span(NOW - DAY, NOW)], anew=True)
    assert found.entries({})["7", "tweets"].wanted == (Span(NOW - DAY, NOW),)


@pytest.mark.parametrize(("is_limited", "reason"), [(False, Reason.FAILED), (True, Reason.BUDGET)])
def test_what_nothing_happened_to_was_left_by_the_ceiling_on_posts_if_there_is_one(
    *, is_limited: bool, reason: Reason
) -> None:
    found = ledger(is_limited=is_limited)
    found.covers("7", "tweets", [WEEK])
    assert found.entries({})["7", "tweets"].left_for is reason


def test_a_slice_asks_for_each_tweet_on_each_day_of_its_life() -> None:
    days = [TODAY - number * DAY for number in (2, 1, 0)]
    part = Slice(("1", "2", "3"), (TODAY - 9 * DAY, days[1], days[0]), ("7", "7", "8"), Days(days[0], days[2]))
    found = ledger()
    found.expects("organic_report", part)
    found.expects("my_report", part)
    found.misses_asked("organic_report", part, Reason.WITHDRAWN)
    found.misses_asked("my_report", part, Reason.WITHDRAWN)
    entries = found.entries({})
    assert {key: covered.expected for key, covered in entries.items()} == {
        ("7", "organic_report"): Counter(dict(zip(days, (1, 2, 2), strict=True))),
        ("8", "organic_report"): Counter(dict.fromkeys(days, 1)),
    }
    assert entries["8", "organic_report"].missing == Counter({(day, Reason.WITHDRAWN): 1 for day in days})


def test_nothing_is_kept_where_nobody_reads_it() -> None:
    found = CoverageLedger(NOW)
    found.covers("7", "tweets", [WEEK])
    found.returned("tweets", row(created_at="2026-11-18T00:00:00Z"))
    found.misses("7", "tweets", TODAY, Reason.DELETED)
    found.gives_up("7", ["tweets"], Reason.FAILED)
    assert found.entries({}) == {}


def test_threads_do_not_lose_one_anothers_counts() -> None:
    found = ledger()

    def count() -> None:
        for _ in range(2_000):
            found.misses("7", "tweets", TODAY, Reason.DELETED)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.entries({})["7", "tweets"].missing[TODAY, Reason.DELETED] == 8_000


def test_an_account_that_x_tells_no_id_of_is_known_by_the_name_that_it_had() -> None:
    found = ledger()
    for name in ("@Lumen_Mill", "stranger", "42"):
        found.gives_up(name, ["tweets"], Reason.SUSPENDED)
    assert {name for name, _ in found.entries({"7": "lumen_mill", "8": "a", "9": "b"})} == {"7", "stranger", "42"}


def test_the_place_of_refused_credentials_means_the_only_account_that_is_missing() -> None:
    found = ledger()
    found.covers("8", "tweets", [WEEK])
    found.gives_up("credentials", ["tweets"], Reason.REFUSED)
    assert {name for name, _ in found.entries({"7": "mill", "8": "kiln"})} == {"7", "8"}
    assert {name for name, _ in found.entries({"7": "mill", "8": "kiln", "9": "c"})} == {"credentials", "8"}


def test_a_snapshot_covers_its_day_and_misses_those_that_were_skipped() -> None:
    found = ledger()
    covers_snapshot(found, "7", "account_insights", "2026-11-17", rows=1)
    covers_snapshot(found, "7", "tweet_insights", "2026-11-17")
    covers_snapshot(found, "8", "account_insights", None, rows=1)
    covers_snapshot(found, "9", "account_insights", "2026-11-19", rows=1)
    covers_snapshot(found, "9", "tweet_insights", "2026-11-20")
    entries = found.entries({})
    assert {key: covered.missing for key, covered in entries.items() if covered.missing} == {
        ("7", "account_insights"): Counter({(TODAY - number * DAY, Reason.FAILED): 1 for number in (2, 1)})
    }
    assert {key: covered.unknown for key, covered in entries.items() if covered.unknown} == {
        ("7", "tweet_insights"): [(Days(TODAY - 2 * DAY, TODAY - DAY), Reason.FAILED)]
    }
    assert all(covered.wanted[0].start.date() == TODAY for covered in entries.values())


@pytest.mark.parametrize(
    ("kind", "detail", "reason"),
    [
        ("suspended", "", Reason.SUSPENDED),
        ("forbidden", "Your account is suspended and is not permitted to access this feature", Reason.SUSPENDED),
        ("forbidden", "Forbidden", Reason.REFUSED),
        ("not-authorized-for-resource", "", Reason.PROTECTED),
        ("organic-withdrawn", "", Reason.WITHDRAWN),
        ("engagement-unavailable", "", Reason.DELETED),
        ("unauthorized", "", Reason.REFUSED),
        ("credits-depleted", "", Reason.REFUSED),
        ("internal-error", "", Reason.FAILED),
        ("unreachable", "", Reason.FAILED),
    ],
)
def test_a_failure_has_the_reason_that_it_means(kind: str, detail: str, reason: Reason) -> None:
    assert reason_of(error_for(Problem(kind, 403, detail=detail), what="the posts", endpoint="tweets")) is reason


def test_a_fault_of_the_connector_is_a_failure() -> None:
    assert reason_of(AirbyteTracedException(message="Oh")) is Reason.FAILED


def test_what_is_remembered_of_accounts_survives_its_json_form() -> None:
    week = Days(TODAY - 7 * DAY, TODAY)
    account = KnownAccount().after("2026-11-20", "mill").after("2026-11-19", None).with_gaps("tweets", [week])
    written = COVERAGE.format({"7": account})
    assert written == {
        "version": 1,
        "accounts": {
            "7": {"cursor": "2026-11-20", "username": "mill", "gaps": {"tweets": [["2026-11-13", "2026-11-20"]]}}
        },
    }
    assert COVERAGE.parse("sync_coverage", written) == {"7": account}
    closed = account.with_gaps("tweets", ())
    assert COVERAGE.format({"7": closed})["accounts"]["7"] == {"cursor": "2026-11-20", "username": "mill"}


def test_a_covered_account_that_nothing_is_known_of_lacks_nothing() -> None:
    assert Covered().unread == ()
