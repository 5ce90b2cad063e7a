from __future__ import annotations

from demo.tables import table


def test_columns_are_aligned_numbers_to_the_right() -> None:
    assert table(["table", "rows"], [("tweets", 1_255), ("accounts", 4)]).splitlines() == [
        "  table      rows",
        "  tweets    1,255",
        "  accounts      4",
    ]


def test_long_text_is_shortened_to_one_line_and_null_is_a_dash() -> None:
    lines = table(["text", "posts"], [("first line\nsecond line " + "x" * 60, None)]).splitlines()
    assert lines[1].split("…") == ["  first line second line " + "x" * 34, "  -"]


def test_a_table_without_rows_has_its_titles() -> None:
    assert table(["account", "posts"], []) == "  account  posts"
