"""What X has refused is left out of every later question, and of nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from source_x_organic.config import ReportType
from source_x_organic.engagement_api.learnt import OF_YOUNG_TWEETS, Excluded, Learnt, Question
from source_x_organic.transport.problems import Problem

TOTALS, HISTORICAL = ReportType.ENGAGEMENT_TOTALS, ReportType.ENGAGEMENT_HISTORICAL
REFUSAL = Problem("engagement-metrics", status=400, detail="No")
LATER = Problem("engagement-metrics", status=400, detail="No, again")
METRICS = ("impressions", "engagements", "favorites")

IDS = st.lists(st.sampled_from("123456"), unique=True)
NAMES = st.lists(st.sampled_from(METRICS), unique=True)


@given(IDS, NAMES, IDS, IDS, NAMES)
def test_what_is_left_to_ask_is_everything_but_what_is_excluded_and_each_tweet_comes_once(
    ids: list[str], metrics: list[str], gone: list[str], old: list[str], refused: list[str]
) -> None:
    excluded = Excluded(gone, old, dict.fromkeys(refused, REFUSAL))
    questions = list(excluded.questions(ids, metrics))
    assert {(each, name) for question in questions for each in question.ids for name in question.metrics} == {
        (each, name)
        for each in ids
        for name in metrics
        if each not in gone and name not in refused and not (each in old and name in OF_YOUNG_TWEETS)
    }
    asked = [each for question in questions for each in question.ids]
    assert sorted(asked) == sorted(set(ids) - set(gone))
    assert all(question.ids for question in questions)


def test_questions_keep_the_order_of_tweets_and_metrics() -> None:
    assert list(Excluded(old=["3", "1"]).questions("4321", METRICS)) == [
        Question(("4", "2"), METRICS),
        Question(("3", "1"), ("favorites",)),
    ]


def test_metrics_are_refused_to_everybody_or_to_some_credentials_in_one_report() -> None:
    learnt = Learnt()
    assert learnt.leave_out_metrics(TOTALS, None, ["favorites"], REFUSAL) == ["favorites"]
    assert learnt.leave_out_metrics(TOTALS, None, ["favorites", "replies"], LATER) == ["replies"]
    assert learnt.leave_out_metrics(TOTALS, 7, ["retweets"], LATER) == ["retweets"]
    assert learnt.excluded("1", TOTALS, 7).metrics == {"favorites": REFUSAL, "replies": LATER, "retweets": LATER}
    assert learnt.excluded("1", TOTALS, 8).metrics == {"favorites": REFUSAL, "replies": LATER}
    assert learnt.excluded("1", HISTORICAL, 7).metrics == {}


def test_tweets_are_left_out_by_account_and_too_old_for_one_report() -> None:
    learnt = Learnt()
    assert learnt.leave_out("1", ["10", "11"]) == 2
    assert learnt.leave_out("1", ["11", "12"]) == 1
    learnt.too_old("1", TOTALS, ["13"])
    assert learnt.excluded("1", TOTALS, 7) == Excluded({"10", "11", "12"}, {"13"}, {})
    assert learnt.excluded("1", HISTORICAL, 7) == Excluded({"10", "11", "12"}, set(), {})
    assert learnt.excluded("2", TOTALS, 7) == Excluded(set(), set(), {})
    assert learnt.refused_ids("1") == {"10", "11", "12"}


def test_an_account_that_x_hides_is_remembered_with_the_first_words() -> None:
    learnt = Learnt()
    assert learnt.hidden("1") is None
    assert [learnt.hide("1", REFUSAL), learnt.hide("1", LATER)] == [True, False]
    assert (learnt.hidden("1"), learnt.hidden("2")) == (REFUSAL, None)
