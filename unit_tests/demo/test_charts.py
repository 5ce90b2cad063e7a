from __future__ import annotations

from datetime import UTC, datetime, timedelta

from demo.charts import AccountStory, Post, _label_places, _most_engaging, _quote, _short, _signed

START = datetime(2026, 9, 1, tzinfo=UTC)


def account(*posts: Post) -> AccountStory:
    return AccountStory("brand", "#000000", list(posts), [], [])


def post(day: int, engagements: int, text: str = "Words.") -> Post:
    return Post(START + timedelta(days=day), engagements, text)


def test_labelled_posts_are_the_most_engaging_ones_that_leave_each_other_room() -> None:
    story = account(post(0, 5), post(40, 90), post(41, 100), post(80, 7))
    assert [it.engagements for _, it in _most_engaging([story])] == [100, 7]


def test_a_post_that_the_font_cannot_write_is_not_labelled() -> None:
    story = account(post(0, 5), post(40, 90, "修理の受付"))
    assert [it.engagements for _, it in _most_engaging([story])] == [5]


def test_a_quote_leaves_links_tags_and_names_out() -> None:
    assert _quote(post(0, 1, "Repairs\n@you for #life https://t.co/abc $XYZ now")) == "“Repairs for now”"


def test_a_long_quote_is_shortened() -> None:
    assert _quote(post(0, 1, "x" * 60)) == f"“{'x' * 45}…”"


def test_labels_at_the_ends_of_lines_keep_their_order_and_their_distance() -> None:
    assert _label_places([10.0, 11.0, 50.0, 10.5], gap=4.0) == [10.0, 18.0, 50.0, 14.0]


def test_numbers_are_written_as_they_are_said() -> None:
    assert [_short(value) for value in (0, 940, 12_850, 350_000, 3_800_951)] == ["0", "940", "12.8K", "350K", "3.8M"]
    assert [_signed(value) for value in (924, 0, -1_119)] == ["+924", "0", "\N{MINUS SIGN}1,119"]
