from __future__ import annotations

from datetime import UTC, datetime, timedelta

from demo.charts import AccountStory, Post, _most_engaging, _quote

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
