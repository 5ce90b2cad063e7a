"""Every number of a statistics answer lands on its tweet, day and column, whichever way the answer came."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from source_x_organic.ads_api.stats import (
    ENGAGEMENT,
    REPORT_METRICS,
    VIDEO,
    DamagedAnswer,
    MisalignedAnswer,
    ReportDays,
    ReportTable,
    entities_of,
    organic_report,
    organic_tweet_report,
)
from source_x_organic.fivetran_tables import FIVETRAN_METRICS, REPORT_COLUMNS
from source_x_organic.reports.columns import COLUMNS, METRICS
from source_x_organic.reports.days import DAY, Days
from source_x_organic.reports.plan import Slice

ZONE = ZoneInfo("America/Los_Angeles")
DAYS = Days(date(2026, 10, 31), date(2026, 11, 2))  # clocks go back on 1 November
READ_AT = datetime(2026, 11, 4, 8, tzinfo=UTC)  # exactly two days after the end of 1 November
PART = Slice(
    ids=("1001", "1002", "1003"),
    created=(date(2026, 5, 1), date(2026, 11, 1), date(2026, 11, 2)),
    user_ids=("71", "72", "71"),
    days=DAYS,
)
REPORT = organic_report(ads_account_id="18ce54d4x5t")
FIVETRAN = organic_tweet_report(ads_account_id="18ce54d4x5t", synced_at=datetime(2026, 11, 4, 8, 0, 0, 5, tzinfo=UTC))
ALL_METRICS = (*ENGAGEMENT, *VIDEO)


def entity(tweet_id: object = "1001", **metrics: object) -> dict[str, Any]:
    return {"id": tweet_id, "id_data": [{"segment": None, "metrics": metrics}]}


def rows(
    answer: dict[str, Any], table: ReportTable = REPORT, part: Slice = PART, read_at: datetime = READ_AT
) -> list[dict[str, Any]]:
    return list(table.rows(answer, part, ReportDays.of(part.days, ZONE, read_at)))


def test_a_native_row_has_every_column_and_its_day_is_the_accounts_own() -> None:
    made = rows(
        entity("1002", impressions=[0, 8, 9], poll_card_vote=[0, 0, 1], video_total_views=[0, 3, 4], likes=None)
    )
    nothing: dict[str, Any] = dict.fromkeys(METRICS)
    constant = {
        "account_id": "72",
        "tweet_id": "1002",
        "placement": "ALL_ON_TWITTER",
        "ads_account_id": "18ce54d4x5t",
        "metrics_source": "ads_api",
        "is_estimated": False,
    }
    assert made == [
        {
            **nothing,
            **constant,
            "date": "2026-11-01",
            "period_start": "2026-11-01T07:00:00Z",
            "period_end": "2026-11-02T08:00:00Z",
            "is_final": True,
            "impressions": 8,
            "likes": 0,
            "poll_card_votes": 0,
            "video_views": 3,
        },
        {
            **nothing,
            **constant,
            "date": "2026-11-02",
            "period_start": "2026-11-02T08:00:00Z",
            "period_end": "2026-11-03T08:00:00Z",
            "is_final": False,
            "impressions": 9,
            "likes": 0,
            "poll_card_votes": 1,
            "video_views": 4,
        },
    ]
    assert [tuple(row) for row in made] == [COLUMNS, COLUMNS]


@pytest.mark.parametrize(
    ("table", "filled"),
    [(REPORT, REPORT_METRICS), (FIVETRAN, FIVETRAN_METRICS)],
    ids=["native", "fivetran"],
)
@pytest.mark.parametrize("metrics", [{}, {"likes": None}, {name: [0, 1, 2] for name in ALL_METRICS}], ids=len)
def test_a_narrowed_table_lacks_nothing_but_columns_that_are_null_in_every_row(
    table: ReportTable, filled: dict[str, str], metrics: dict[str, Any]
) -> None:
    whole, narrow = (rows(entity(**metrics), each) for each in (table, table.narrowed()))
    assert [dict.fromkeys(table.constants) | row for row in narrow] == whole
    assert set(narrow[0]) == set(filled.values()) | {
        name for name in whole[0] if name not in METRICS and whole[0][name] is not None
    }


def test_a_row_of_fivetran_begins_with_the_local_day_as_an_instant() -> None:
    made = rows(entity("1003", clicks=[0, 0, 5], video_15s_views=[0, 0, 2], video_total_views=None), FIVETRAN)
    assert made == [
        {
            **dict.fromkeys(REPORT_COLUMNS),
            "_fivetran_synced": "2026-11-04T08:00:00.000005Z",
            "account_id": "18ce54d4x5t",
            "date": "2026-11-02T08:00:00Z",
            "organic_tweet_id": "1003",
            "placement": "ALL_ON_TWITTER",
            "clicks": 5,
            "video_15_s_views": 2,
            "video_total_views": 0,
        }
    ]
    assert tuple(made[0]) == REPORT_COLUMNS


def test_both_tables_take_all_metrics_of_both_groups() -> None:
    assert set(REPORT_METRICS) == set(FIVETRAN_METRICS) == set(ALL_METRICS)
    assert set(REPORT_METRICS.values()) < set(METRICS)
    assert len(set(REPORT_METRICS.values())) == len(ALL_METRICS) == 25
    assert len(set(METRICS)) == len(METRICS) == 38


def validator(stream: str) -> Draft7Validator:
    schema = resources.files("source_x_organic").joinpath("schemas", f"{stream}.json").read_text(encoding="utf-8")
    return Draft7Validator(json.loads(schema), format_checker=FormatChecker())


VALID = {"organic_report": validator("organic_report"), "organic_tweet_report": validator("organic_tweet_report")}
ARRAYS = st.none() | st.lists(st.integers(0, 2**40), min_size=len(DAYS), max_size=len(DAYS))
ANSWERS = st.dictionaries(st.sampled_from((*ALL_METRICS, "billed_engagements")), ARRAYS)


@given(st.sampled_from(PART.ids), ANSWERS)
def test_the_place_in_an_array_is_the_local_day(tweet_id: str, metrics: dict[str, Any]) -> None:
    created = PART.created[PART.ids.index(tweet_id)]
    for name, table, columns in (
        ("organic_report", REPORT, REPORT_METRICS),
        ("organic_tweet_report", FIVETRAN, FIVETRAN_METRICS),
    ):
        made = rows(entity(tweet_id, **metrics), table)
        alive = [number for number, day in enumerate(DAYS) if day >= created]
        assert len(made) == len(alive)
        for number, row in zip(alive, made, strict=True):
            VALID[name].validate(row)
            assert {column: row[column] for column in columns.values()} == {
                column: None if metric not in metrics else (metrics[metric] or [0] * len(DAYS))[number]
                for metric, column in columns.items()
            }


@given(st.lists(st.tuples(st.sampled_from(PART.ids), ANSWERS), max_size=4))
def test_an_answer_and_a_result_file_give_the_same_rows(answers: list[tuple[str, dict[str, Any]]]) -> None:
    document = {"request": {"params": {}}, "data": [entity(tweet_id, **metrics) for tweet_id, metrics in answers]}
    with gzip.open(io.BytesIO(gzip.compress(json.dumps(document).encode()))) as file:
        unpacked = list(entities_of(file))
    assert [rows(each) for each in unpacked] == [rows(each) for each in document["data"]]  # type: ignore[arg-type]
    assert unpacked == document["data"]


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "1001", "id_data": []},
        {"id": "1001", "id_data": None},
        {"id": "1001"},
        {"id": 1001, "id_data": [{"segment": None, "metrics": None}]},
        entity(**dict.fromkeys(ALL_METRICS)),
    ],
)
def test_a_tweet_without_data_has_zeros_in_every_metric_that_the_api_knows(answer: dict[str, Any]) -> None:
    made = rows(answer)
    assert [row["date"] for row in made] == ["2026-10-31", "2026-11-01", "2026-11-02"]
    for row in made:
        assert row["tweet_id"] == "1001"
        assert {column: row[column] for column in METRICS} == {
            column: 0 if column in REPORT_METRICS.values() else None for column in METRICS
        }


def test_of_several_segments_the_one_of_all_counts() -> None:
    parts = [
        {"segment": {"segment_name": "iOS", "segment_value": "0"}, "metrics": {"likes": [1, 1, 1]}},
        {"segment": None, "metrics": {"likes": [2, 3, 4]}},
    ]
    assert [row["likes"] for row in rows({"id": "1001", "id_data": parts})] == [2, 3, 4]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (entity("9999", likes=[1, 2, 3]), "the tweet 9999, which was not asked for"),
        (entity(likes=[1, 2]), "2 numbers of likes for 3 days"),
        (entity(likes=[1, 2, 3, 4]), "4 numbers of likes for 3 days"),
        (entity(likes=[]), "0 numbers of likes for 3 days"),
        (entity(likes=[1, 2, 3], poll_card_vote={"a": 1}), "poll_card_votes as dict"),
        ({"id": "1001", "id_data": [{"segment": {"segment_value": "0"}, "metrics": {}}]}, "1001 into segments"),
    ],
)
def test_an_answer_to_another_question_becomes_no_rows(answer: dict[str, Any], complaint: str) -> None:
    with pytest.raises(MisalignedAnswer, match=complaint):
        rows(answer)


def test_a_day_is_final_two_days_after_its_end_and_no_moment_earlier() -> None:
    def finals(read_at: datetime) -> list[bool]:
        return [row["is_final"] for row in rows(entity(), read_at=read_at)]

    assert finals(READ_AT - timedelta(microseconds=1)) == [True, False, False]
    assert finals(READ_AT) == [True, True, False]
    assert finals(READ_AT + DAY) == [True, True, True]
    assert finals(datetime(2026, 11, 2, 12, tzinfo=UTC)) == [False, False, False]


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("America/Los_Angeles", date(2026, 3, 8), "2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"),
        ("Asia/Kolkata", date(2026, 3, 8), "2026-03-07T18:30:00Z", "2026-03-08T18:30:00Z"),
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
    ],
)
def test_a_period_is_the_local_day_however_long_that_is(zone: str, day: date, start: str, end: str) -> None:
    assert ReportDays.of(Days(day, day), ZoneInfo(zone), READ_AT) == ReportDays(
        (day.isoformat(),), (start,), (end,), (True,)
    )


class _Counted(io.BytesIO):
    """Bytes that know how many of them were read."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size >= 0, "the whole file is read at once"
        return super().read(size)


def test_numbers_of_a_result_file_are_what_json_can_print() -> None:
    numbers = next(entities_of(io.BytesIO(b'{"data": [{"n": [0, 12345678901234, -1, 0.5, 1e3]}]}')))["n"]
    assert [(type(number), number) for number in numbers] == [
        (int, 0),
        (int, 12_345_678_901_234),
        (int, -1),
        (float, 0.5),
        (float, 1000.0),
    ]


def test_a_result_file_is_unpacked_as_it_is_read() -> None:
    body = json.dumps({"data": [entity(str(number), likes=[number] * 90) for number in range(2000)]}).encode()
    file = _Counted(body)
    first = next(entities_of(file))
    assert first == entity("0", likes=[0] * 90)
    assert file.tell() < len(body) / 5


@pytest.mark.parametrize("cut", [1, 30, 90])
def test_a_result_file_that_breaks_off_is_told_from_a_short_one(cut: int) -> None:
    body = json.dumps({"data": [entity("1001", likes=[1, 2, 3]), entity("1002", likes=[1, 2, 3])]}).encode()
    with pytest.raises(DamagedAnswer):
        list(entities_of(io.BytesIO(body[:-cut])))


@pytest.mark.parametrize("body", [b"", b"<html>gone</html>"])
def test_what_is_no_json_is_no_result(body: bytes) -> None:
    with pytest.raises(DamagedAnswer):
        list(entities_of(io.BytesIO(body)))
