from __future__ import annotations

from evalharness.board.answers.checks import CheckEntry, Option, checks_of
from evalharness.core.nouns import Prompt


def test_a_target_comes_out_as_the_most_lenient_metric_that_was_measured_says() -> None:
    prompt = Prompt("p", "Who?", "Ada", {"targets": ["Ada King"]})
    assert checks_of(prompt) == (
        CheckEntry("Expected", "Ada"),
        CheckEntry("Also accepted", "Ada King"),
    )
    scores = {"exact_match": 0.0, "contains_target": 1.0, "token_f1": 0.3}
    assert checks_of(prompt, "It was Ada.", scores)[0].passed is True
    assert checks_of(prompt, "Bob", {"exact_match": 0.0})[0].passed is False
    assert checks_of(prompt, "Bob", {"token_f1": 0.0})[0].passed is None


def test_choices_stand_with_their_letters_and_the_right_one() -> None:
    prompt = Prompt("p", "Which?", "b", {"choices": ["a", "b"]})
    (one,) = checks_of(prompt, "B", {"multiple_choice.correct": 1.0})
    assert one.options == (Option("A. a", right=False), Option("B. b", right=True))
    assert (one.form, one.passed) == ("options", True)


def test_instructions_come_out_one_by_one() -> None:
    asked = [
        {"id": "punctuation:no_comma"},
        {"id": "length_constraints:number_words", "relation": "at least", "num_words": 5},
    ]
    prompt = Prompt("p", "Write.", None, {"instructions": asked})
    found = checks_of(prompt, "Only three words", {})
    assert [(one.text, one.passed) for one in found] == [
        ("no comma", True),
        ("number words: at least 5", False),
    ]
    assert [one.passed for one in checks_of(prompt)] == [None, None]


def test_instructions_that_nobody_knows_are_told_and_not_judged() -> None:
    prompt = Prompt("p", "Write.", None, {"instructions": [{"id": "no:such"}, "bare"]})
    found = checks_of(prompt, "words", {})
    assert [(one.text, one.passed) for one in found] == [("such", None), ('"bare"', None)]


def test_everything_else_is_told_in_its_form() -> None:
    checks = {
        "pattern": r"\d+",
        "json_schema": {"type": "object"},
        "length": {"unit": "words", "at_least": 4, "at_most": 9},
        "code": {"tests": "assert f() == 1", "entry_point": "f", "prefix": "def f():\n"},
        "lettering": "OPEN",
    }
    found = {one.label: one for one in checks_of(Prompt("p", "x", None, checks), "", {
        "pattern_match": 0.0, "json.schema": 1.0, "length.kept": 1.0, "code.passed[python]": 0.0,
    })}  # fmt: skip
    assert (found["Pattern"].form, found["Pattern"].passed) == ("code", False)
    assert found["JSON Schema"].text == '{\n  "type": "object"\n}'
    assert (found["Length"].text, found["Length"].passed) == ("at least 4, at most 9 words", True)
    assert (found["Tests"].text, found["Tests"].passed) == ("assert f() == 1", False)
    assert found["Stands before the answer"].text == "def f():\n"
    assert (found["lettering"].text, found["lettering"].passed) == ("OPEN", None)
