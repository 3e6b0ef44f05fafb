"""What prompts of one's own are scored by where nobody names a metric, and by what first."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evalharness.catalog.metrics import parse_metric
from evalharness.catalog.suites import from_prompts
from evalharness.core.nouns import Json, Prompt, Suite

Write = Callable[[str, str | bytes], Path]

CODE: Json = {"tests": "assert f() == 1", "entry_point": "f"}
WORD: dict[str, Json] = {"text": "Is ice cold?", "target": "yes"}
NUMBER: dict[str, Json] = {"text": "1 + 1?", "target": "2"}
CHOICE: dict[str, Json] = {
    "text": "Which melts?\nA. ice\nB. salt",
    "target": "ice",
    "checks": {"choices": ["ice", "salt"]},
}
LABEL: dict[str, Json] = {
    "text": "Sad or glad?",
    "target": "sad",
    "checks": {"labels": ["sad", "glad"]},
}
OBJECT: dict[str, Json] = {
    "text": "Ann, 3, as JSON.",
    "target": '{"age": 3}',
    "checks": {"json_schema": {"type": "object"}},
}
PROGRAM: dict[str, Json] = {"text": "Write f.", "target": "f = lambda: 1", "checks": {"code": CODE}}


@pytest.fixture
def suite_of(write: Write) -> Callable[..., Suite]:
    def made(*prompts: dict[str, Json]) -> Suite:
        lines = [json.dumps({"id": str(n), **each}) for n, each in enumerate(prompts)]
        return from_prompts(write("mine.jsonl", "\n".join(lines)), modality="text")

    return made


@pytest.mark.parametrize(
    ("prompt", "metrics"),
    [
        (WORD, ("normalised_match",)),
        (NUMBER, ("number_match", "normalised_match")),
        ({"text": "How much?", "target": "$1,200.50"}, ("number_match", "normalised_match")),
        ({"text": "Which road?", "target": "Route 66"}, ("normalised_match",)),
        (CHOICE, ("multiple_choice.correct", "multiple_choice.unparsable")),
        (LABEL, ("label.correct", "label.macro_f1", "label.outside")),
        (OBJECT, ("json.schema",)),
        (PROGRAM, ("code.passed[python]",)),
        ({"text": "A date?", "checks": {"pattern": "^[0-9]{4}$"}}, ("pattern_match",)),
        ({"text": "Auf Deutsch?", "checks": {"language": "de"}}, ("language.right",)),
        (
            {"text": "In short?", "checks": {"length": {"unit": "words", "at_most": 9}}},
            ("length.kept",),
        ),
        (
            {"text": "The sky is", "continuations": [" blue", " red"], "target": " blue"},
            ("likelihood.correct",),
        ),
        ({"text": "Tell me something."}, ()),
    ],
)
def test_every_kind_of_prompt_has_its_own_metrics(
    suite_of: Callable[..., Suite], prompt: dict[str, Json], metrics: tuple[str, ...]
) -> None:
    assert suite_of(prompt).metrics == (*metrics, "latency")


def test_the_headline_of_instructions_is_the_one_that_papers_name(
    suite_of: Callable[..., Suite],
) -> None:
    asked: Json = {"instructions": [{"id": "punctuation:no_comma"}]}
    metrics = suite_of({"text": "Without a comma, please.", "checks": asked}).metrics
    assert metrics[0] == "ifeval.prompt_strict"
    assert len([name for name in metrics if name.startswith("ifeval.")]) == 4


def test_the_headline_of_mixed_prompts_scores_the_most_of_them(
    suite_of: Callable[..., Suite],
) -> None:
    words = [{**WORD, "text": f"Is it {n}?"} for n in "ab"]
    choices = [{**CHOICE, "text": f"Which, {n}?"} for n in "ab"]
    assert suite_of(CHOICE, *words).metrics[0] == "normalised_match"
    assert suite_of(*choices, WORD).metrics[0] == "multiple_choice.correct"
    assert suite_of(CHOICE, WORD).metrics[0] == "multiple_choice.correct"
    assert suite_of(NUMBER, WORD).metrics[:2] == ("normalised_match", "number_match")


def test_in_mixed_prompts_no_letter_json_or_program_is_compared_with_a_target(
    suite_of: Callable[..., Suite],
) -> None:
    suite = suite_of(WORD, NUMBER, CHOICE, LABEL, OBJECT, PROGRAM)
    assert "exact_match" not in suite.metrics
    scored = {
        name: [prompt.id for prompt in suite.prompts if _applies(name, prompt)]
        for name in suite.metrics
    }
    assert scored["normalised_match"] == ["0", "1"]
    assert scored["number_match"] == ["1"]
    assert scored["multiple_choice.correct"] == ["2"]
    assert scored["label.correct"] == ["3"]
    assert scored["json.schema"] == ["4"]
    assert scored["code.passed[python]"] == ["5"]


def _applies(name: str, prompt: Prompt) -> bool:
    return parse_metric(name).metric.facts.applies(prompt)
