"""Every instruction can be broken on purpose, and is by the metric and by the plain reading."""

import pytest

from evalharness.backends.scribe.instruction_breaks import BREAKS, broken
from evalharness.backends.scribe.truth import KNOWN, instructions_of, read_answers
from evalharness.core.nouns import Json, Prompt
from evalharness.metrics.text.instruction_checks import CHECKS
from tests.backends.scribe.written import suite_prompts
from tests.catalog.instruction_oracle import kept
from tests.metrics.text.answered import score

PAIRS = [
    (prompt, instruction)
    for suite in ("instruction-following", "writing-editing")
    for prompt in suite_prompts(suite)
    for instruction in instructions_of(prompt)
]


def test_every_instruction_can_be_broken() -> None:
    assert BREAKS.keys() == CHECKS.keys()
    assert {str(instruction["id"]) for _, instruction in PAIRS} == BREAKS.keys()
    assert broken("As it was.", {"id": "unknown:instruction"}) == "As it was."


@pytest.mark.parametrize(
    ("prompt", "instruction"), PAIRS, ids=[f"{p.id}-{i['id']}" for p, i in PAIRS]
)
def test_a_broken_instruction_is_broken(prompt: Prompt, instruction: dict[str, Json]) -> None:
    right = read_answers(KNOWN)[prompt.text].right
    alone = Prompt(prompt.id, prompt.text, checks={"instructions": [instruction]})
    assert score("ifeval.prompt_strict", alone, right) == 1.0
    assert score("ifeval.prompt_strict", alone, broken(right, instruction)) == 0.0
    if instruction["id"] != "language:response_language":
        assert kept(right, instruction)
        assert not kept(broken(right, instruction), instruction)
