import pytest

from evalharness.core.nouns import Json
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.readings import LONGEST, read_choice, read_name
from tests.metrics.text.answered import prompt, score, scores, set_score

CITIES = ("London", "Paris", "New York", "York")


@pytest.mark.parametrize(
    ("answer", "choice"),
    [
        *((a, 1) for a in ("B", "b", " (B) ", "B.", "**B**", "B. Paris", "B) Paris, not (A)")),
        *((a, 1) for a in ("Answer: B", "The answer is B.", "the answer is b", "Option B")),
        *((a, 1) for a in (r"\boxed{B}", r"so $\boxed{\text{B}}$", "<answer>B</answer>")),
        *((a, 1) for a in ("Paris", "It's paris.", "the answer is a city named Paris")),
        *((a, 1) for a in ("Die Antwort ist B", "答案是B", "La réponse est (B).", "B\nas asked")),
        ("A", 0),
        ("New York", 2),
        ("York", 3),
        ("The answer is **C**, New York", 2),
        ("answer: (a) … no wait, the answer is D", 3),
        ("Not A. It must be (C).", 2),
        *((a, None) for a in ("", "   ", "A dog", "I think so", "Paris or London", "E")),
        *((a, None) for a in ("(A) or (B)", "A, B", "The answer is: Berlin", "<answer></answer>")),
    ],
)
def test_a_choice_is_read_as_people_write_it(answer: str, choice: int | None) -> None:
    assert read_choice(answer, CITIES) == choice


def test_a_long_answer_is_read_at_both_ends() -> None:
    assert read_choice("word " * LONGEST + "The answer is B", CITIES) == 1
    assert read_choice("B. " + "word " * LONGEST, CITIES) == 1


def test_unparsable_answers_are_wrong_and_counted() -> None:
    asked = prompt("Paris", choices=list(CITIES))
    answers = ["B", "A", "who knows"]
    assert scores("multiple_choice.correct", asked, answers) == [1.0, 0.0, 0.0]
    assert scores("multiple_choice.unparsable", asked, answers) == [0.0, 0.0, 1.0]


def test_a_target_that_is_no_choice_is_named() -> None:
    asked = prompt("Berlin", choices=list(CITIES))
    with pytest.raises(UnmeasurableError, match="has the target 'Berlin' once"):
        score("multiple_choice.correct", asked, "B")


MOODS = ("positive", "negative", "very positive", "neutral")


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("Positive.", 0),
        ("very positive", 2),
        ("I find it negative", 1),
        ("The sentiment is neutral, not negative", 3),
        ("Label: **very positive**", 2),
        ("positive and negative", None),
        ("positively", None),
        ("", None),
    ],
)
def test_a_label_is_read_whole(answer: str, label: int | None) -> None:
    assert read_name(answer, MOODS) == label


def test_answers_outside_the_labels_are_wrong_and_counted() -> None:
    asked = prompt("positive", labels=list(MOODS))
    answers = ["positive", "negative", "sunny"]
    assert scores("label.correct", asked, answers) == [1.0, 0.0, 0.0]
    assert scores("label.outside", asked, answers) == [0.0, 0.0, 1.0]


def test_macro_f1_is_torchmetrics() -> None:
    import torch
    from torchmetrics.functional.classification import multiclass_f1_score

    labels = ["a", "b", "c", "d"]
    truth = [0, 0, 1, 1, 2, 2, 2, 0, 1, 2, 0, 0, 0]
    given = [0, 1, 1, 1, 2, 0, 2, 0, 0, 2, 2, 0, 0]
    pairs = [
        (prompt(labels[t], name=f"p{i}", labels=[*labels]), labels[g])
        for i, (t, g) in enumerate(zip(truth, given, strict=True))
    ]
    found = set_score("label.macro_f1", pairs)
    theirs = multiclass_f1_score(
        torch.tensor(given), torch.tensor(truth), num_classes=4, average="macro"
    )
    assert found.value == pytest.approx(float(theirs))
    assert found.low is not None and found.high is not None
    assert found.low < found.value < found.high


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_the_interval_of_macro_f1_stays_within_0_and_1_and_claims_no_certainty(wrong: int) -> None:
    labels: list[Json] = ["red", "blue"]
    asked = [prompt(str(labels[i % 2]), name=f"p{i}", labels=labels) for i in range(40)]
    answers = [
        ("red" if p.target == "blue" else "blue") if i < wrong else str(p.target)
        for i, p in enumerate(asked)
    ]
    found = set_score("label.macro_f1", list(zip(asked, answers, strict=True)))
    assert found.low is not None
    assert found.high is not None
    assert 0.7 < found.low < found.value <= found.high <= 1.0
    if not wrong:
        assert found.low == pytest.approx(0.025 ** (1 / 40))


def test_macro_f1_counts_an_answer_outside_as_a_miss_only() -> None:
    pairs = [
        (prompt("a", name="1", labels=["a", "b"]), "a"),
        (prompt("b", name="2", labels=["a", "b"]), "neither of them"),
    ]
    # a: 1 of 1 and no false alarm; b: missed
    assert set_score("label.macro_f1", pairs).value == 0.5
