"""The suite `instruction-following`: every instruction asked for, none of them impossible."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evalharness.backends.scribe.truth import KNOWN, read_answers
from evalharness.catalog.suites import load_suite
from evalharness.core.nouns import Prompt
from tests.catalog.instruction_oracle import kept

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = load_suite(str(ROOT / "suites" / "instruction-following.yaml")).prompts
KNOWN_ANSWERS = read_answers(KNOWN)
IDS = {
    "change_case": {"capital_word_frequency", "english_capital", "english_lowercase"},
    "combination": {"repeat_prompt", "two_responses"},
    "detectable_content": {"number_placeholders", "postscript"},
    "detectable_format": {
        "constrained_response",
        "json_format",
        "multiple_sections",
        "number_bullet_lists",
        "number_highlighted_sections",
        "title",
    },
    "keywords": {"existence", "forbidden_words", "frequency", "letter_frequency"},
    "language": {"response_language"},
    "length_constraints": {
        "nth_paragraph_first_word",
        "number_paragraphs",
        "number_sentences",
        "number_words",
    },
    "punctuation": {"no_comma"},
    "startend": {"end_checker", "quotation"},
}


def instructions(prompt: Prompt) -> list[dict[str, Any]]:
    found = prompt.checks["instructions"]
    assert isinstance(found, list)
    return [each for each in found if isinstance(each, dict)]


def test_every_instruction_is_asked_for() -> None:
    asked = Counter(each["id"] for prompt in PROMPTS for each in instructions(prompt))
    assert asked.keys() == {f"{group}:{name}" for group, names in IDS.items() for name in names}
    assert len(PROMPTS) == 42
    assert {prompt.tags["instructions"] for prompt in PROMPTS} == {"1", "2", "3"}
    for prompt in PROMPTS:
        assert prompt.tags["instructions"] == str(len(instructions(prompt)))


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.id)
def test_what_is_checked_is_said(prompt: Prompt) -> None:
    """Every word, number and phrase of an instruction stands in the prompt."""
    numbers = {2: "two", **{n: str(n) for n in range(3, 200)}}
    for each in instructions(prompt):
        for name, value in each.items():
            if name in ("id", "relation", "let_relation", "capital_relation", "language"):
                continue
            wanted = value if isinstance(value, list) else [value]
            for word in wanted:
                if name == "nth_paragraph" and word == 1:
                    assert "first paragraph" in prompt.text
                elif name == "nth_paragraph":
                    assert "second paragraph" in prompt.text
                elif isinstance(word, int):
                    assert re.search(rf"\b({word}|{numbers[word]})\b", prompt.text), (name, word)
                else:
                    assert word in prompt.text, (name, word)


CARELESS = (
    "",
    "Well, here you are: A SHORT TEXT WITH MANY CAPITALS, the snow, the snow, the snow and eels.",
    "I'm sorry, I cannot do that. " + "Better days, windy and perfect, wait for news. " * 40,
)
"""Answers that do not look at what was asked for."""


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.id)
def test_everything_that_is_asked_for_can_be_kept_at_once(prompt: Prompt) -> None:
    for each in instructions(prompt):
        assert kept(KNOWN_ANSWERS[prompt.text].right, each), each


def test_an_answer_that_ignores_the_instructions_does_not_keep_them() -> None:
    for prompt in PROMPTS:
        asked = instructions(prompt)
        seen = [each for each in asked if each["id"] != "language:response_language"]
        if seen:
            careless = [all(kept(answer, each) for each in seen) for answer in CARELESS]
            assert not all(careless), prompt.id
