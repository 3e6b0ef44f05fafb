"""Scores of lm-evaluation-harness and of HumanEval's own estimator on the same outputs.

`lm_eval_scores.json` was made by their releases named there (see `lm_eval_reference.py`).
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalharness.catalog import registry
from evalharness.core.measures import OutputMetric, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Likelihood, Likelihoods
from evalharness.core.tables import OutputTable, SetTable
from evalharness.metrics.pass_at_k import pass_at_k
from tests.metrics.tables import outputs

THEIRS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "lm_eval_scores.json").read_text("utf-8")
)
CHOSEN = THEIRS["multiple_choice"]


def scores(name: str, table: OutputTable) -> list[float]:
    metric = registry.metric(name)
    assert isinstance(metric, OutputMetric)
    assert all(metric.facts.applies(prompt) for prompt in table.prompts)
    return [float(value) for value in metric.measure(table)]


def told(prompts: list[Prompt], logs: list[list[float]]) -> OutputTable:
    given = tuple(
        Likelihoods(
            tuple(Likelihood(t, log, 2) for t, log in zip(p.continuations, row, strict=True))
        )
        for p, row in zip(prompts, logs, strict=True)
    )
    return replace(outputs(prompts), likelihoods=given)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("likelihood.correct", "acc"),
        ("likelihood.correct_by_character", "acc_norm"),
        ("likelihood.correct_by_byte", "acc_bytes"),
        ("likelihood.brier", "brier"),
    ],
)
def test_choices_are_scored_alike(ours: str, theirs: str) -> None:
    # that harness joins a choice to its question by a space, which is no part of the choice
    prompts = [
        Prompt(f"p{i}", "?", f" {one['choices'][one['gold']]}",
               continuations=tuple(f" {choice}" for choice in one["choices"]))
        for i, one in enumerate(CHOSEN)
    ]  # fmt: skip
    found = scores(ours, told(prompts, [one["logs"] for one in CHOSEN]))
    assert found == pytest.approx([one[theirs] for one in CHOSEN], abs=1e-12)
    if theirs != "brier":
        assert 0.2 < np.mean(found) < 0.8  # neither always right nor always wrong


@pytest.mark.parametrize("rolled", THEIRS["rolling"])
def test_perplexities_are_alike(rolled: dict[str, Any]) -> None:
    texts = rolled["documents"]
    prompts = [Prompt(f"p{i}", "", continuations=(text,)) for i, text in enumerate(texts)]
    table = SetTable(told(prompts, [[log] for log in rolled["logs"]]), np.arange(len(texts)))
    found = {}
    for name in ("words", "bytes"):
        metric = registry.metric(f"perplexity.{name}")
        assert isinstance(metric, SetMetric)
        found[name] = metric.measure(table)
    assert found["words"].value == pytest.approx(rolled["word_perplexity"], rel=1e-12)
    assert found["bytes"].value == pytest.approx(rolled["byte_perplexity"], rel=1e-12)
    assert math.log2(found["bytes"].value) == pytest.approx(rolled["bits_per_byte"], rel=1e-12)
    assert found["bytes"].low < found["bytes"].value < found["bytes"].high


def test_exact_matches_are_alike_with_one_target_and_several() -> None:
    theirs = THEIRS["generate_until"]
    prompts = [
        Prompt(f"p{i}", "?", one["targets"][0], checks={"targets": one["targets"][1:]})
        for i, one in enumerate(theirs)
    ]
    table = outputs(prompts, texts=[one["answer"] for one in theirs])
    found = scores("exact_match", table)
    assert found == [one["exact_match"] for one in theirs]
    assert 0 < sum(found) < len(found)


def test_pass_at_k_is_humanevals_own_estimate() -> None:
    for one in THEIRS["pass_at_k"]:
        (found,) = pass_at_k([one["n"]], [one["c"]], one["k"])
        if one["n"] < one["k"]:  # undefined: their formula says 1, as if every program passed
            assert math.isnan(found)
        else:
            assert found == pytest.approx(one["estimate"], abs=1e-15)
