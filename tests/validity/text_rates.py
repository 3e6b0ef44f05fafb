"""Do intervals of text metrics hold the programmed truth, and are estimates right on average?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from evalharness.backends.scribe.likelihoods import told
from evalharness.core.nouns import Json
from evalharness.metrics.intervals import with_interval
from evalharness.metrics.pass_at_k import pass_at_k_of
from tests.validity.rates import Checked, Rate
from tests.validity.text_prompts import AGREEING, PEOPLE, prompts, write_answers
from tests.validity.text_scribes import answered, folder, scores, value

DRAWS: Final = 600
SEEDS: Final = 3
PROMPTS: Final = 40
STUBBORN: Final = 0.5
"""Half of the prompts are right or wrong alike under all seeds: an intraclass correlation of .5."""
COVERED: Final = (0.93, 0.97)
CHOICES: Final = 4

CASES: Final = {
    "numbers": ("exact_match", "number_match"),
    "names": ("contains_target", "pattern_match"),
    "people": ("vqa_accuracy",),
    "labels": ("label.correct", "label.macro_f1"),
    "choices": ("multiple_choice.correct",),
    "documents": ("json.schema",),
    "instructions": ("ifeval.prompt_strict",),
    "continuations": ("likelihood.correct", "likelihood.brier", "likelihood.nll"),
    "scripts": ("likelihood.correct_by_character",),
}
ACCURACIES: Final = (0.5, 0.9)
TRIED: Final = 20
"""Programs for each k, of which scribes' seeds are."""


def coverage() -> Iterator[Checked]:
    """Of the interval that a board shows: does it hold what was programmed?"""
    for kind, metrics in CASES.items():
        for accuracy in ACCURACIES:
            yield from _coverage(kind, metrics, accuracy)


def _coverage(kind: str, metrics: tuple[str, ...], accuracy: float) -> Iterator[Checked]:
    asked = prompts(kind)[:PROMPTS]
    options: dict[str, Json] = {"accuracy": accuracy, "stubborn": STUBBORN}
    if kind == "documents":
        options["answers"] = str(write_answers(folder() / "answers.jsonl"))
    held = dict.fromkeys(metrics, 0)
    for hand in range(DRAWS):
        table = answered(asked, SEEDS, **options, hand=hand)
        for metric in metrics:
            found, truth = value(metric, table), truth_of(metric, accuracy)
            holds = found.low is not None and found.low <= truth <= (found.high or 0.0)
            held[metric] += holds
    for metric, hits in held.items():
        what = f"`{metric}`, accuracy {accuracy:g}: {PROMPTS} prompts × {SEEDS} seeds"
        truth = f"{truth_of(metric, accuracy):.4g}"
        yield Checked(what, Rate(hits, DRAWS), *COVERED, chance=True, beside=truth)


def truth_of(metric: str, accuracy: float, sureness: float = 1.0) -> float:
    """What a metric should give on average.

    Labels are equally frequent and wrong ones drawn evenly, so that macro F1 is the accuracy too.
    """
    if metric == "vqa_accuracy":
        return accuracy * float(np.mean([_agreement(people) for people in AGREEING]))
    if metric == "likelihood.brier":
        return _expected(accuracy, sureness, brier=True)
    if metric == "likelihood.nll":
        return _expected(accuracy, sureness, brier=False)
    if metric == "likelihood.ece":
        levels = _levels(accuracy)
        return float(np.mean([abs(told(c, sureness, CHOICES) - c) for c in levels]))
    return accuracy


def _agreement(people: int) -> float:
    """How far an answer of so many of ten is right: the mean over all of min(others / 3, 1)."""
    others = people * min((people - 1) / 3, 1) + (PEOPLE - people) * min(people / 3, 1)
    return others / PEOPLE


def _levels(accuracy: float) -> tuple[float, float]:
    """The chances of being right about hard and easy prompts, as often each."""
    reach = min(1.0 - accuracy, accuracy - 1.0 / CHOICES) / 2.0
    return accuracy - reach, accuracy + reach


def _expected(accuracy: float, sureness: float, *, brier: bool) -> float:
    found = []
    for chance in _levels(accuracy):
        top = told(chance, sureness, CHOICES)
        other = (1.0 - top) / (CHOICES - 1)
        if brier:
            right = (1.0 - top) ** 2 + (CHOICES - 1) * other**2
            wrong = top**2 + (1.0 - other) ** 2 + (CHOICES - 2) * other**2
        else:
            right, wrong = -np.log(top), -np.log(other)
        found.append(chance * right + (1.0 - chance) * wrong)
    return float(np.mean(found))


def calibration() -> list[dict[str, Any]]:
    """ECE, Brier score and surprise of scribes that are equally right and differently sure."""
    asked = prompts("continuations")
    rows = []
    for sureness in (0.5, 1.0, 2.0, 4.0):
        tables = [
            answered(asked, SEEDS, accuracy=0.7, sureness=sureness, hand=hand) for hand in range(40)
        ]
        row: dict[str, Any] = {"sureness": sureness}
        for name in ("correct", "ece", "brier", "nll"):
            values = [value(f"likelihood.{name}", table).mean for table in tables]
            row[name] = {
                "truth": truth_of(f"likelihood.{name}", 0.7, sureness),
                "mean": float(np.mean(values)),
                "error": float(np.std(values, ddof=1) / np.sqrt(len(values))),
            }
        rows.append(row)
    return rows


def sandboxed() -> Checked:
    """Do tests in the sandbox find just those programs wrong that a scribe wrote wrong?"""
    asked = prompts("programs")
    written = answered(asked, 2, accuracy=0.5)
    right = {prompt.id: answered([prompt], 1).texts[0] for prompt in asked}
    truth = [text == right[p.id] for p, text in zip(written.prompts, written.texts, strict=True)]
    agreed = int((scores("code.passed", written) == np.array(truth)).sum())
    return Checked("`code.passed` is what was programmed", Rate(agreed, len(truth)), 1.0, 1.0)


def passes() -> list[dict[str, Any]]:
    """pass@k of programs: its mean over draws beside the truth, and beside the plain estimate."""
    asked, accuracy, stubborn = prompts("programs"), 0.3, 0.4
    right = [answered([p], 1).texts[0] for p in asked]
    rows = []
    found: dict[int, list[tuple[float, float, bool]]] = {k: [] for k in (1, 5, 10)}
    for hand in range(DRAWS // 3):
        table = answered(asked, TRIED, accuracy=accuracy, stubborn=stubborn, hand=hand)
        passed = np.array([text == right[i // TRIED] for i, text in enumerate(table.texts)])
        clusters = np.arange(len(passed)) // TRIED
        share = passed.reshape(-1, TRIED).mean(axis=1)
        for k, got in found.items():
            estimate = with_interval(pass_at_k_of(passed.astype(float), clusters, k), "in 0…1")
            truth = stubborn * accuracy + (1 - stubborn) * (1 - (1 - accuracy) ** k)
            holds = estimate.low is not None and estimate.low <= truth <= (estimate.high or 0.0)
            got.append((estimate.value, float((1 - (1 - share) ** k).mean()), holds))
    for k, got in found.items():
        estimates, plain, held = (np.array(column) for column in zip(*got, strict=True))
        rows.append(
            {
                "k": k,
                "truth": stubborn * accuracy + (1 - stubborn) * (1 - (1 - accuracy) ** k),
                "mean": float(estimates.mean()),
                "error": float(estimates.std(ddof=1) / np.sqrt(len(estimates))),
                "plain": float(plain.mean()),
                "held": Rate(int(held.sum()), len(held)).json,
            }
        )
    return rows
