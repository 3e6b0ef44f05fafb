from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.board.answers.marks import Reading, marks, reading
from evalharness.core.nouns import Prompt

CHOICE = Prompt("p", "Which?", "whale", {"choices": ["shark", "whale", "trout"]})
LABEL = Prompt("p", "Which?", "negative", {"labels": ["positive", "negative"]})
SUM = Prompt("p", "How many?", "25")
WORDS = Prompt("p", "Who?", "Ada Lovelace", {"targets": ["Ada King"]})


def marked(prompt: Prompt, answer: str) -> list[tuple[str, bool]]:
    return [(answer[one.start : one.end], one.right) for one in marks(prompt, answer)]


@pytest.mark.parametrize(
    ("prompt", "answer", "found"),
    [
        (CHOICE, "It is no shark. The answer is (B).", [("B", True)]),
        (CHOICE, "a trout", [("trout", False)]),
        (CHOICE, "I cannot say.", []),
        (LABEL, "Clearly Negative, I think", [("Negative", True)]),
        (SUM, "84 - 59 = 25, so 25 are left", [("25", True)]),
        (SUM, "There are 84 rolls", [("84", False)]),
        (SUM, "none", []),
        (WORDS, "ada\nlovelace; Ada King", [("ada\nlovelace", True), ("Ada King", True)]),
        (WORDS, "Adas and lovelaces", []),
    ],
)  # fmt: skip
def test_what_counts_in_an_answer_is_marked(
    prompt: Prompt, answer: str, found: list[tuple[str, bool]]
) -> None:
    assert marked(prompt, answer) == found


def test_matches_and_words_that_instructions_name_are_marked() -> None:
    pattern = Prompt("p", "When?", None, {"pattern": r"\d{4}-\d\d-\d\d"})
    assert marked(pattern, "on 2026-03-01, or 2026-03-02") == [("2026-03-01", True)]
    asked = [{"id": "keywords:existence", "keywords": ["kettle"]},
             {"id": "keywords:forbidden_words", "forbidden_words": ["tea"]}]  # fmt: skip
    words = Prompt("p", "Write.", None, {"instructions": asked})
    assert marked(words, "A kettle for Tea") == [("kettle", True), ("Tea", False)]


def test_a_pattern_that_cannot_be_searched_marks_nothing() -> None:
    assert marks(Prompt("p", "x", None, {"pattern": "("}), "(") == ()


def test_what_an_answer_is_read_as_is_told() -> None:
    assert reading(CHOICE, "The answer is (B).") == Reading("B. whale", right=True)
    assert reading(CHOICE, "C") == Reading("C. trout", right=False)
    assert reading(CHOICE, "?") == Reading("none of them", right=False)
    assert reading(LABEL, "negative") == Reading("negative", right=True)
    assert reading(SUM, "so it is $25.00") == Reading("$25.00", right=True)
    assert reading(SUM, "none") == Reading("no number", right=False)
    assert reading(WORDS, "Ada") is None


def test_a_sentence_with_a_number_is_no_number() -> None:
    assert reading(Prompt("p", "Translate", "The train leaves at 8 today."), "at 8") is None


@pytest.mark.parametrize("place", [25, 26, 27, 28, 29])
@pytest.mark.parametrize("check", ["choices", "labels"])
def test_the_many_things_offered_are_marked_by_name_and_choices_by_letter(
    check: str, place: int
) -> None:
    names = [f"thing {n}" for n in range(40)]
    prompt = Prompt("p", "Which?", names[place], {check: names})
    assert marked(prompt, f"A bare [ \\ ] ^, or Z: {names[place]}") == [(names[place], True)]


@pytest.mark.parametrize(("check", "found"), [("choices", [("B", True)]), ("labels", [])])
def test_only_choices_have_letters(check: str, found: list[tuple[str, bool]]) -> None:
    long = ["no " * 20, "yes " * 20]  # too long to be looked for
    prompt = Prompt("p", "Which?", long[1], {check: long})
    answer = "B" if check == "choices" else f"B: {long[1]}"
    assert marked(prompt, answer) == found


@given(st.text(max_size=200), st.sampled_from([CHOICE, LABEL, SUM, WORDS]))
def test_marks_stand_in_order_inside_any_answer(answer: str, prompt: Prompt) -> None:
    at = 0
    for one in marks(prompt, answer):
        assert at <= one.start < one.end <= len(answer)
        at = one.end
