"""Judges: what they are asked, what their words mean, and what is made of their verdicts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.catalog.instruments import load_instrument
from evalharness.core.errors import BadInputError
from evalharness.core.judging import Asked
from evalharness.core.outcomes import Exchange
from evalharness.extractors.fake_judge import ENTRY, FakeJudge
from evalharness.extractors.judge import ENTRY as JUDGE
from evalharness.extractors.judge_network import JudgeExtractor
from evalharness.extractors.judge_words import grade_in, judged, question_to_judge, verdict_in
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.backends.transformers import writers

PAIR = Asked("What is 2 + 2?", rival="5", place="first")


@pytest.mark.parametrize(
    ("said", "grade"),
    [
        ("Good. [[7]]", 7.0),
        ("[[10]]", 10.0),
        ("It is fine, [[ 3.0 ]].", 3.0),
        ("8", 8.0),
        ("8/10", 8.0),
        ("First [[3]], no, [[4]]", None),
        ("[[3]] and again [[3]]", 3.0),
        ("[[11]]", None),
        ("[[0]]", None),
        ("I cannot judge this.", None),
        ("", None),
    ],
)
def test_a_grade_is_read_where_there_is_one(said, grade):
    assert grade_in(said) == grade


@pytest.mark.parametrize(
    ("said", "first", "second"),
    [
        ("[[A]]", 1.0, 0.0),
        ("So: [[B]]", 0.0, 1.0),
        ("[[C]]", 0.5, 0.5),
        ("A.", 1.0, 0.0),
        ("[[A]] or [[B]]", None, None),
        ("A is a letter", None, None),
    ],
)
def test_a_verdict_is_of_the_answer_looked_at_wherever_it_stands(said, first, second):
    assert verdict_in(said, PAIR) == first
    assert verdict_in(said, Asked("q", rival="5", place="second")) == second


def test_a_judge_sees_both_answers_in_the_order_asked_for():
    shown = question_to_judge("four", PAIR)
    assert shown.index("four") < shown.index("\n5\n")
    swapped = question_to_judge("four", Asked("q", rival="5", place="second"))
    assert swapped.index("four") > swapped.index("\n5\n")
    graded = question_to_judge("four", Asked("q", reference="4", rubric="brevity"))
    assert "brevity" in graded
    assert "[[4]]" in graded


@given(st.builds(Asked, st.text(), st.none() | st.text(), st.none() | st.text(), st.text()))
def test_questions_come_back_as_they_were_written(asked):
    assert Asked.read(asked.written()) == asked


@pytest.mark.parametrize("text", ["[]", "no json", '{"other": 1}', '{"question": "a", "x": 1}'])
def test_what_is_no_question_to_a_judge_is_told(text):
    with pytest.raises(ValueError, match=r"."):
        Asked.read(text)


def test_a_refusal_is_no_verdict_and_no_grade():
    assert judged(Exchange("four", PAIR.written()), "I will not compare these.") is None
    assert judged(Exchange("four", PAIR.written()), "[[B]]") == 0.0
    assert judged(Exchange("four", Asked("q").written()), "[[B]] [[7]]") == 7.0


def fake(source: str) -> FakeJudge:
    instrument = load_instrument(f"fake_judge:{source}")
    return FakeJudge(instrument, ENTRY.resolve(instrument))


def test_a_fake_judge_takes_the_right_answer_in_either_place():
    judge = fake("noise=0")
    for place in ("first", "second"):
        asked = Asked("What is 2 + 2?", "4", rival="it is 5", place=place)
        (found,) = judge.extract([Exchange("it is 4", asked.written())])
        assert found.scalar == 1.0


def test_a_fake_judges_programme_is_checked():
    with pytest.raises(BadInputError, match="length"):
        fake("long=3")
    assert ENTRY.resolve(load_instrument("fake_judge:place=0.5")).revision == "code place=0.5"


def test_a_network_judges_and_says_what_it_cannot_hold(tmp_path, monkeypatch):
    monkeypatch.setattr(writers, "CONTEXT", 2048)
    writers.llama(tmp_path / "judge")
    instrument = load_instrument(f"judge:{tmp_path}/judge")
    exchanges = [Exchange("four", PAIR.written()), Exchange("a longer one", PAIR.written())]
    with JudgeExtractor(instrument, JUDGE.resolve(instrument)) as judge:
        together = judge.extract(exchanges)
        alone = [judge.extract([one])[0] for one in exchanges]
        with pytest.raises(UnreadableSubjectError, match="nothing is ever cut"):
            judge.extract([Exchange("x" * 2048, PAIR.written())])
    assert [one.text for one in together] == [one.text for one in alone]
    assert all(one.text and one.scalar is None for one in together)  # at random it says nothing


def test_a_network_without_a_chat_template_is_no_judge(tmp_path):
    writers.llama(tmp_path / "bare", chat=None)
    instrument = load_instrument(f"judge:{tmp_path}/bare")
    with (
        pytest.raises(BadInputError, match="chat template"),
        JudgeExtractor(instrument, JUDGE.resolve(instrument)),
    ):
        pass
