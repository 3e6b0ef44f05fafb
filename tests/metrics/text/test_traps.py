"""Whatever a model may answer, every text metric gives a number or says why not, and soon."""

import time

import numpy as np
import pytest

from evalharness.catalog.registry import metric
from evalharness.catalog.text_metrics import TEXT_METRICS
from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Json
from evalharness.core.tables import SetTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.instruction_checks import CHECKS
from tests.metrics.tables import outputs
from tests.metrics.text.answered import prompt
from tests.metrics.text.test_instructions import CASES

NAMES = sorted(name for name in TEXT_METRICS if "text" in metric(name).facts.applies_to)
NAMES = [name for name in NAMES if not metric(name).facts.needs]
INSTRUCTIONS: list[Json] = list(
    {name: {"id": name, **demands} for name, demands, *_ in CASES}.values()
)
ASKED = prompt(
    "Paris, 12",
    targets=["the city of Paris 12"],
    choices=["Paris, 12", "London"],
    labels=["Paris, 12", "London"],
    pattern=r"Paris\s*,",
    instructions=INSTRUCTIONS,
    json_schema={"type": "object"},
    language="en",
    length={"unit": "words", "at_most": 5},
)
ANSWERS = {
    "empty": "",
    "blank": " \n\t\u00a0\u2003 ",
    "surrogates": "Paris \ud800 12 \udfff \ud83d",
    "control": "Paris\x00\x1b[31m\u202e\ufeff 12",
    "binary": bytes(range(256)).decode("latin-1"),
    "combining": "e" + "\u0301" * 500,
    "lone stars": "*\n" * 400,
}
LONG = {
    "words": "word " * 1_000_000,
    "one word": "a" * 4_000_000,
    "lines": "\n" * 1_000_000,
    "brackets": "[<(*" * 500_000,
    "digits": "1,2." * 500_000,
}
OPEN = {"normalised_match", "number_match", "vqa_accuracy"}
"""Metrics that leave prompts with choices or a target in words to others."""
SECONDS = 30


def measured(name: str, answer: str) -> None:
    found = metric(name)
    asked = prompt("12") if name in OPEN else ASKED
    assert found.facts.applies(asked)
    table = outputs([asked], texts=[answer])
    try:
        if isinstance(found, OutputMetric):
            [value] = found.measure(table)
        else:
            value = found.measure(SetTable(table, np.zeros(1, np.int64))).value
    except UnmeasurableError as reason:
        assert "too many" in str(reason) or name == "cider"  # which asks for two pictures
    else:
        assert np.isnan(value) or np.isfinite(value)


def test_every_published_instruction_is_among_the_traps() -> None:
    assert len({name for name, *_ in CASES}) == len(CHECKS)


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("name", NAMES)
def test_odd_answers_get_a_number(name: str, kind: str) -> None:
    measured(name, ANSWERS[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("name", NAMES)
def test_a_million_tokens_are_measured_soon(name: str, kind: str) -> None:
    started = time.monotonic()
    measured(name, LONG[kind])
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize("name", NAMES)
def test_without_target_and_checks_a_metric_does_not_apply(name: str) -> None:
    if not name.startswith(("length.words", "length.characters", "repetition.")):
        assert not metric(name).facts.applies(prompt())
