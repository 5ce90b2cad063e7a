from __future__ import annotations

from demo.drawing import label_places, short, signed, whole


def test_labels_at_the_ends_of_lines_keep_their_order_and_their_distance() -> None:
    assert label_places([10.0, 11.0, 50.0, 10.5], gap=4.0) == [10.0, 18.0, 50.0, 14.0]


def test_numbers_are_written_as_they_are_said() -> None:
    assert [short(value) for value in (0, 940, 12_850, 350_000, 3_800_951)] == ["0", "940", "12.8K", "350K", "3.8M"]
    assert [signed(value) for value in (924, 0, -1_119)] == ["+924", "0", "\N{MINUS SIGN}1,119"]
    assert whole(12_850) == "12,850"
