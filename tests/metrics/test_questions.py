import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.core.nouns import Json, Prompt
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.questions import METRIC, SOFT, Question, answered, questions_of
from tests.metrics.tables import outputs, scalars


def ask(name: int | str, *parents: int | str) -> Json:
    return {"id": name, "question": f"Is {name} there?", "parents": list(parents)}


def prompt(*questions: Json) -> Prompt:
    return Prompt("p", "a scene", checks={"questions": list(questions)})


def test_the_share_of_questions_answered_yes() -> None:
    scene = prompt(ask(1), ask(2), ask(3), ask(4))
    table = outputs([scene], seen={"pair": scalars([0.9, 0.5, 0.49, 0.1], of=[0] * 4)})
    np.testing.assert_array_equal(METRIC.measure(table), [0.5])
    np.testing.assert_allclose(SOFT.measure(table), [1.99 / 4])


def test_a_question_whose_parent_is_answered_no_counts_nothing() -> None:
    scene = prompt(ask("dog"), ask("brown", "dog"), ask("cat"), ask("black", "cat"))
    asked = [q.id for q in questions_of(scene)]
    sure = {"dog": 0.2, "brown": 0.9, "cat": 0.8, "black": 0.7}
    seen = {"pair": scalars([sure[name] for name in asked], of=[0] * 4)}
    np.testing.assert_array_equal(METRIC.measure(outputs([scene], seen=seen)), [0.5])
    np.testing.assert_allclose(SOFT.measure(outputs([scene], seen=seen)), [(0.2 + 0.8 + 0.7) / 4])


def test_that_goes_down_to_grandchildren_listed_in_any_order() -> None:
    scene = prompt(ask("collar", "brown"), ask("brown", "dog"), ask("dog"))
    questions = questions_of(scene)
    assert [q.id for q in questions] == ["dog", "brown", "collar"]
    assert answered(questions, [0.1, 1.0, 1.0], soft=False) == {"dog": 0, "brown": 0, "collar": 0}
    assert answered(questions, [0.9, 0.1, 1.0], soft=True) == {
        "dog": 0.9,
        "brown": 0.1,
        "collar": 0,
    }


def test_outputs_keep_their_own_answers() -> None:
    one, other = prompt(ask(1)), prompt(ask(1), ask(2))
    without = Prompt("q", "no questions")
    table = outputs([one, without, other], seen={"pair": scalars([1.0, 0.0, 1.0], of=[0, 2, 2])})
    np.testing.assert_array_equal(METRIC.measure(table), [1.0, np.nan, 0.5])
    assert not METRIC.facts.applies(without)
    assert not METRIC.facts.applies(prompt())


def test_every_question_is_asked_with_how_to_answer() -> None:
    asked = METRIC.facts.asks(prompt(ask(1), ask(2, 1)))
    assert asked == (
        "Is 1 there? Please answer yes or no.",
        "Is 2 there? Please answer yes or no.",
    )


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ("is it there?", "expected a list of questions"),
        (["is it there?"], "expected {id, question, parents}"),
        ([{"id": 1, "question": " "}], "words to ask"),
        ([{"question": "Is it?"}], "an id, and words"),
        ([{"id": 1, "question": "Is it?", "parents": "0"}], "a list of ids"),
        ([ask(1), ask(1)], "uses an id twice"),
        ([ask(1, 7)], "hang on '7'"),
        ([ask(1, 2), ask(2, 1)], "has a ring"),
    ],
)
def test_questions_that_cannot_be_read_are_said_of_their_prompt(
    questions: Json, message: str
) -> None:
    bad = Prompt("odd", "a scene", checks={"questions": questions})
    assert METRIC.facts.applies(bad)
    assert METRIC.facts.asks(bad) == ()
    with pytest.raises(UnmeasurableError, match=message) as refusal:
        METRIC.measure(outputs([bad], seen={"pair": scalars([], of=[])}))
    assert "'odd'" in str(refusal.value)


def test_what_is_no_probability_is_refused() -> None:
    for bad in (28.8, -0.1, np.nan):
        table = outputs([prompt(ask(1))], seen={"pair": scalars([bad])})
        with pytest.raises(UnmeasurableError, match="probability"):
            METRIC.measure(table)


@given(st.lists(st.tuples(st.floats(0, 1), st.sets(st.integers(0, 9))), max_size=10))
def test_a_founded_yes_needs_every_ancestor(drawn: list[tuple[float, set[int]]]) -> None:
    questions = [
        Question(str(i), "?", tuple(str(p) for p in parents if p < i))
        for i, (_, parents) in enumerate(drawn)
    ]
    probabilities = [probability for probability, _ in drawn]
    hard = answered(questions, probabilities, soft=False)
    soft = answered(questions, probabilities, soft=True)
    for question, probability in zip(questions, probabilities, strict=True):
        founded = all(hard[parent] == 1.0 for parent in question.parents)
        assert hard[question.id] == (founded and probability >= 0.5)
        assert soft[question.id] == (probability if founded else 0.0)
