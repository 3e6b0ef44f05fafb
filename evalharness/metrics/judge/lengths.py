"""How much of a judge's verdicts is length: wins at equal length, and how often longer wins."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from evalharness.core.measures import About, MetricFacts
from evalharness.core.tables import OutputTable, PromptValues, SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.intervals import Lies, cluster_error, with_interval
from evalharness.metrics.judge.asking import LIMITS, rival_of
from evalharness.metrics.judge.verdicts import WIN_RATE, won
from evalharness.metrics.pooled import Counts, metric_by_prompt, pooled

LEAST = 30
"""Answers below which two coefficients say nothing."""

LIES: Lies = "in 0…1"

RIDGE = (0.001, 0.1)
"""Holds intercept and slope finite where length tells all verdicts apart, as parts of a prompt."""


def length_advantage(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,): tanh of differences in characters, in standard deviations of all of them."""
    spread = float(differences.std()) if len(differences) else 0.0
    found: NDArray[np.float64] = np.tanh(differences / spread if spread else 0 * differences)
    return found


def longer_by(table: OutputTable) -> NDArray[np.float64]:
    """(n,): `length_advantage` of each answer over the rival's."""
    lengths = [
        len(text or "") - len(rival_of(prompt) or "")
        for prompt, text in zip(table.prompts, table.texts, strict=True)
    ]
    return length_advantage(np.array(lengths, np.float64))


def _intercept(
    wins: NDArray[np.float64], longer: NDArray[np.float64], clusters: NDArray[np.int64]
) -> PromptValues:
    """The log-odds of winning that a logistic regression foresees at equal length.

    `wins` (n,) in 0…1, `longer` (n,) as `length_advantage`, `clusters` (n,) the prompts. Each of C
    prompts moves them by C times its part in the sandwich: (H⁻¹ Σ_{i∈c} xᵢ(yᵢ − pᵢ))₀.
    """
    design = np.column_stack([np.ones(len(wins)), longer])
    penalty = np.diag(RIDGE)

    def loss(b: NDArray[np.float64]) -> float:
        logits = design @ b
        fit = np.logaddexp(0.0, logits) - wins * logits
        return float(fit.sum() + 0.5 * b @ penalty @ b)

    b = minimize(loss, np.zeros(2), method="BFGS").x
    chance = expit(design @ b)
    hessian = (design * (chance * (1 - chance))[:, None]).T @ design + penalty
    scores = design * (wins - chance)[:, None]
    names, prompt = np.unique(clusters, return_inverse=True)
    summed = np.zeros((len(names), 2))
    np.add.at(summed, prompt, scores)
    inverse = np.linalg.pinv(hessian)
    moved = (summed @ inverse)[:, 0] * len(names)
    return PromptValues(float(b[0]), names, b[0] + moved)


def rate_at_equal_length(
    wins: NDArray[np.float64], longer: NDArray[np.float64], clusters: NDArray[np.int64]
) -> PromptValues:
    """The win rate at equal length, prompt by prompt.

    To first order log-odds move it p(1 − p) times as much. Its error is at least that of a plain
    rate of as many independent answers, p(1 − p)φ / n with φ = var(wins) / (w̄(1 − w̄)), below 1
    where some are undecided: where length tells the few lost contests from the others, the fit
    leaves next to nothing to tell an error from (of 30 contests with a true rate of .95 intervals
    held it in 87 % of draws; so in 97 %). Where all are won, or none, it is 1 or 0.
    """
    plain = float(wins.mean())
    if plain in {0.0, 1.0}:  # the regression would say how little the ridge holds it back
        names = np.unique(clusters)
        return PromptValues(plain, names, np.full(len(names), plain))
    found = _intercept(wins, longer, clusters)
    rate, c = float(expit(found.value)), len(found.clusters)
    moved = rate * (1.0 - rate) * (found.values - found.values.mean())
    if c > 1 and (error := cluster_error(moved, c, 1.0)) is not None:
        undecided = float(wins.var()) / (plain * (1.0 - plain))
        moved *= max(1.0, math.sqrt(rate * (1.0 - rate) * undecided / len(wins)) / error)
    return PromptValues(rate, found.clusters, rate + moved)


def at_equal_length(
    wins: NDArray[np.float64], longer: NDArray[np.float64], clusters: NDArray[np.int64]
) -> SetValue:
    """`rate_at_equal_length` with its 95 % interval over prompts, as shares have it."""
    return with_interval(rate_at_equal_length(wins, longer, clusters), LIES)


def _read(table: SetTable) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    return won(table.outputs), longer_by(table.outputs), table.clusters


def _equal_length(table: SetTable) -> PromptValues:
    return rate_at_equal_length(*_read(table))


def _share(counts: Counts) -> float:
    return float(counts[0] / counts[1]) if counts[1] else float("nan")


def _longer_wins(table: SetTable) -> PromptValues:
    wins, longer = won(table.outputs), longer_by(table.outputs)
    decided = (wins != 0.5) & (longer != 0)
    if not decided.any():
        raise UnmeasurableError("No verdict was decided between answers of different lengths.")
    right = decided & ((wins > 0.5) == (longer > 0))
    # undecided ones count for nothing, but their prompts were asked
    return pooled(np.column_stack([right, decided]).astype(np.float64), table.clusters, _share)


def _facts(name: str, title: str, measures: str, recipe: str, source: str) -> MetricFacts:
    return replace(  # of the verdicts that the win rate reads
        WIN_RATE.facts,
        name=f"judge.{name}",
        version=2,
        title=title,
        unit="share",
        direction="higher",
        about=About(measures, "0…1", recipe, source, LIMITS),
    )


EQUAL_LENGTH = metric_by_prompt(
    _facts(
        "win_rate_at_equal_length",
        "Judged better, at equal length",
        "How often the judge would find the answer better if it were as long as the rival.",
        "logistic regression of judge.win_rate on tanh of the difference in characters (in "
        "standard deviations of the model's differences), taken at a difference of 0; slope with "
        "a ridge of 0.1; interval over prompts, as a share's. Without AlpacaEval's term for each "
        "prompt's difficulty, which needs many models",
        "Dubois et al. 2024 (length-controlled AlpacaEval, arXiv:2404.04475)",
    ),
    _equal_length,
    LIES,
    LEAST,
)

LONGER_WINS = metric_by_prompt(
    _facts(
        "longer_wins",
        "The longer answer wins",
        "How often the judge prefers the longer of two answers: ½ where length counts for nothing.",
        "among verdicts that both orders agree on, between answers of different lengths, the "
        "share won by the longer one; interval over prompts, with the jackknife's error",
        "this project; the bias is described in Zheng et al. 2023 (arXiv:2306.05685)",
    ),
    _longer_wins,
    LIES,
    LEAST,
)
