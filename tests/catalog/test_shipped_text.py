"""The suites for text models: balanced, and right by their own metrics."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from evalharness.catalog import registry
from evalharness.catalog.metrics import expand_metrics
from evalharness.catalog.suites import load_suite
from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Prompt, Suite
from evalharness.core.outcomes import Status
from evalharness.core.tables import OutputTable
from tests.catalog.reasoning_sums import SUMS

ROOT = Path(__file__).resolve().parents[2]
TEXT_SUITES = (
    "arithmetic",
    "classification",
    "reasoning",
    "summarisation",
    "translation",
    "vision",
    "vision-labels",
    "writing-editing",
)
PERFECT = {
    "contains_target",
    "exact_match",
    "label.correct",
    "multiple_choice.correct",
    "normalised_match",
    "number_match",
    "token_f1",
    "vqa_accuracy",
}
"""Metrics that give 1 to an answer that is the target."""


def suite(name: str) -> Suite:
    return load_suite(str(ROOT / "suites" / f"{name}.yaml"))


def tagged(prompts: Sequence[Prompt], kind: str) -> Counter[str]:
    return Counter(prompt.tags[kind] for prompt in prompts)


def answered(prompts: Sequence[Prompt], answers: Sequence[str]) -> OutputTable:
    nothing = np.full(len(prompts), np.nan)
    return OutputTable(
        prompts=tuple(prompts),
        seeds=np.zeros(len(prompts), np.int64),
        statuses=(Status.OK,) * len(prompts),
        duration_s=nothing,
        batch_size=nothing,
        peak_memory_bytes=nothing,
        cost=nothing,
        energy_j=nothing,
        texts=tuple(answers),
    )


def scores(metric: str, prompts: Sequence[Prompt], answers: Sequence[str]) -> list[float]:
    found = registry.metric(metric)
    assert isinstance(found, OutputMetric)
    return [float(score) for score in found.measure(answered(prompts, answers))]


def measured(name: str) -> Iterator[tuple[str, list[Prompt]]]:
    """Metrics of a suite that judge answers by the target, with the prompts they apply to."""
    for choice in expand_metrics(suite(name).metrics):
        if choice.metric.facts.name in PERFECT:
            applies = choice.metric.facts.applies
            yield choice.metric.facts.name, [p for p in suite(name).prompts if applies(p)]


@pytest.mark.parametrize("name", TEXT_SUITES)
def test_a_suite_judges_its_own_targets_as_right_and_others_as_wrong(name: str) -> None:
    judged: set[str] = set()
    for metric, prompts in measured(name):
        targets = [str(prompt.target) for prompt in prompts]
        assert scores(metric, prompts, targets) == [1.0] * len(prompts), metric
        assert scores(metric, prompts, [""] * len(prompts)) == [0.0] * len(prompts), metric
        judged |= {prompt.id for prompt in prompts}
    with_target = {prompt.id for prompt in suite(name).prompts if prompt.target is not None}
    assert judged == with_target


@pytest.mark.parametrize("name", TEXT_SUITES)
def test_text_prompts_carry_checks_as_they_are_documented(name: str) -> None:
    prompts = suite(name).prompts
    assert suite(name).modality == "text"
    for prompt in prompts:
        assert prompt.target is not None or prompt.checks, prompt.id
        for kind in ("choices", "labels"):
            if kind in prompt.checks:
                texts = prompt.checks[kind]
                assert isinstance(texts, list)
                assert texts.count(prompt.target) == 1, prompt.id
                assert len({str(text).casefold() for text in texts}) == len(texts), prompt.id


def test_letters_stand_for_choices_in_the_text_and_are_balanced() -> None:
    prompts = [p for p in suite("reasoning").prompts if "choices" in p.checks]
    letters = Counter()
    for prompt in prompts:
        choices = prompt.checks["choices"]
        assert isinstance(choices, list)
        shown = "\n".join(f"{'ABCD'[i]}. {text}" for i, text in enumerate(choices))
        assert f"\n\n{shown}\n\nAnswer with the letter" in prompt.text, prompt.id
        letter = "ABCD"[choices.index(prompt.target)]
        letters[letter] += 1
        assert scores("multiple_choice.correct", [prompt], [letter]) == [1.0]
        wrong = "ABCD"[choices.index(prompt.target) - 1]
        assert scores("multiple_choice.correct", [prompt], [wrong]) == [0.0]
    assert letters == {"A": 6, "B": 6, "C": 6, "D": 6}


def test_word_problems_come_out_as_their_sums_do() -> None:
    prompts = {p.id: p for p in suite("reasoning").prompts if p.tags["form"] == "number"}
    assert prompts.keys() == SUMS.keys()
    for name, prompt in prompts.items():
        assert eval(SUMS[name]) == pytest.approx(float(prompt.target or "nan"))
        assert prompt.text.endswith("Answer with the number alone.")
    assert tagged([*prompts.values()], "difficulty") == {"easy": 6, "medium": 12, "hard": 6}


def test_labels_are_named_in_the_text_and_asked_for_equally_often() -> None:
    asked: dict[tuple[str, ...], Counter[str]] = {}
    for prompt in suite("classification").prompts:
        labels = prompt.checks["labels"]
        assert isinstance(labels, list)
        instruction, _, text = prompt.text.partition("\n\n")
        for label in labels:
            assert str(label) in instruction, prompt.id
            other = "" if label == prompt.target else str(label)
            assert scores("label.correct", [prompt], [other]) == [0.0], prompt.id
        assert text
        asked.setdefault(tuple(map(str, labels)), Counter())[str(prompt.target)] += 1
    assert sorted(map(len, asked)) == [3, 3, 4, 6]
    for labels, counts in asked.items():
        assert counts == dict.fromkeys(labels, 12 // len(labels))


def test_translations_have_several_references_in_the_language_asked_for() -> None:
    prompts = suite("translation").prompts
    languages = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian"}
    pairs = Counter((p.tags["direction"], p.tags["domain"]) for p in prompts)
    assert len(pairs) == len(prompts) == 48
    directions = ["en-de", "en-fr", "en-es", "en-it", "de-en", "fr-en", "es-en", "de-fr"]
    assert tagged(prompts, "direction") == dict.fromkeys(directions, 6)
    for prompt in prompts:
        source, _, target = prompt.tags["direction"].partition("-")
        assert f"from {languages[source]} into {languages[target]}." in prompt.text
        assert prompt.checks["language"] == target
        more = prompt.checks["targets"]
        assert isinstance(more, list)
        references = [str(prompt.target), *map(str, more)]
        assert 2 <= len(set(references)) == len(references) <= 3, prompt.id
        for reference in references:
            assert scores("token_f1", [prompt], [reference]) == [1.0]
            lengths = len(reference) / len(prompt.text.partition("\n\n")[2])
            assert 0.6 < lengths < 1.7, prompt.id


def test_summaries_are_shorter_than_asked_for_and_shorter_than_their_text() -> None:
    prompts = suite("summarisation").prompts
    assert len(prompts) == 40
    assert min(tagged(prompts, "category").values()) >= 4
    for prompt in prompts:
        [limit] = prompt.checks["instructions"]  # type: ignore[misc]
        assert isinstance(limit, dict)
        assert f"less than {limit['num_words']} words" in prompt.text
        text = prompt.text.partition("\n\n")[2]
        assert 70 <= len(text.split()) <= 110, prompt.id
        [other] = prompt.checks["targets"]  # type: ignore[misc]
        assert other != prompt.target
        for reference in (str(prompt.target), str(other)):
            assert len(reference.split()) < int(str(limit["num_words"])), prompt.id
            assert reference not in text
            assert not re.search(r"[.!?] ", reference), "one sentence"


def edited(category: str) -> list[Prompt]:
    return [p for p in suite("writing-editing").prompts if p.tags["category"] == category]


def test_what_is_to_be_edited_is_not_right_already() -> None:
    assert tagged(suite("writing-editing").prompts, "category") == {
        "correcting": 12,
        "rewriting": 10,
        "structuring": 6,
        "writing": 12,
    }
    for prompt in edited("correcting") + edited("rewriting"):
        source = prompt.text.partition("\n\n")[2]
        accepted = [str(prompt.target), *map(str, prompt.checks.get("targets", []) or [])]  # type: ignore[arg-type]
        assert scores("exact_match", [prompt], [source]) == [0.0], prompt.id
        for right in accepted:
            assert scores("exact_match", [prompt], [right]) == [1.0]
            kept = len({*right.lower().split()} & {*source.lower().split()})
            assert kept >= 2, prompt.id


@pytest.mark.parametrize("prompt", edited("structuring"), ids=lambda prompt: prompt.id)
def test_schemas_accept_the_right_data_and_no_other(prompt: Prompt) -> None:
    schema = prompt.checks["json_schema"]
    Draft202012Validator.check_schema(schema)
    fits = Draft202012Validator(schema)
    right = STRUCTURED[prompt.id]
    assert fits.is_valid(right)
    for wrong in slips(right):
        assert not fits.is_valid(wrong), wrong


STRUCTURED: dict[str, Any] = {
    "structure-advert": {"rooms": 3, "square_metres": 74, "rent": 890, "furnished": False},
    "structure-recipe": {
        "title": "Lentil salad",
        "minutes": 25,
        "ingredients": ["200 g of lentils", "an onion", "a carrot", "vinegar", "oil"],
    },
    "structure-business-card": {
        "name": "Dr Leila Haddad",
        "profession": "veterinarian",
        "phone": "555-0148",
        "languages": ["Arabic", "English", "Swedish"],
    },
    "structure-timetable": [
        {"departure": "09:15", "destination": "Bergen", "platform": 4},
        {"departure": "09:45", "destination": "Oslo", "platform": 2},
        {"departure": "11:05", "destination": "Drammen", "platform": 1},
    ],
    "structure-order-lines": {
        "customer": "Lindgren bakery",
        "items": [
            {"article": "baking tray", "count": 2, "price": 18.5},
            {"article": "scale", "count": 1, "price": 42},
            {"article": "apron", "count": 12, "price": 9.9},
        ],
    },
    "structure-weather": {"monday": {"high": 11, "low": 3}, "tuesday": {"high": 13, "low": 3}},
}


def slips(data: Any) -> Iterator[Any]:
    """The data with one field missing, one number changed, or one item of a list left out."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield {other: each for other, each in data.items() if other != key}
            yield from ({**data, key: wrong} for wrong in slips(value))
    elif isinstance(data, list):
        yield data[:-1]
        for place, value in enumerate(data):
            yield from ([*data[:place], wrong, *data[place + 1 :]] for wrong in slips(value))
    elif isinstance(data, bool):
        yield not data
    elif isinstance(data, int | float):
        yield data + 1


def test_free_writing_says_its_limits_and_what_a_judge_looks_for() -> None:
    for prompt in edited("writing"):
        assert len(str(prompt.checks["rubric"])) > 60
        instructions = prompt.checks["instructions"]
        assert isinstance(instructions, list)
        for each in instructions:
            assert isinstance(each, dict)
            if "num_words" in each:
                assert f"{each['num_words']} words" in prompt.text
                asked = "at least" if each["relation"] == "at least" else "fewer than"
                assert f"{asked} {each['num_words']}" in prompt.text
            forbidden = each.get("forbidden_words", [])
            assert all(str(word) in prompt.text for word in forbidden or [])  # type: ignore[union-attr]
