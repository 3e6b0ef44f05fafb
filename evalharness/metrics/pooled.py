"""Numbers of pooled counts (BLEU, F1, error rates of a set), prompt by prompt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import MetricFacts, SetMetric
from evalharness.core.tables import PromptValues, SetTable, SetValue
from evalharness.metrics.intervals import FEWEST_PROMPTS, Lies, with_interval

Counts = NDArray[np.float64]


def pooled(
    counts: Counts, clusters: NDArray[np.int64], value: Callable[[Counts], float]
) -> PromptValues:
    """`value` of the summed counts (k,) of n outputs (n, k), and each prompt's part in it.

    `clusters` (n,) names each output's prompt. Parts are the pseudo-values v + (C − 1)(v̄ − vᵢ), vᵢ
    without prompt i, so that the error of their mean is the delete-one jackknife's over prompts:
    √((C − 1)/C · Σ (vᵢ − v̄)²) (Efron and Stein 1981). They are centred on the value itself, without
    the jackknife's correction of its bias. NaN below 10 prompts, and where leaving out a prompt
    leaves no number.

    As a share's error it goes into `share_interval`: of macro F1 at .9 from 40 prompts × 3 seeds
    value ± t · error held the truth in 90 % of draws, at .97 in 77 %.
    """
    names, prompt = np.unique(clusters, return_inverse=True)
    c = len(names)
    of_prompt = np.zeros((c, counts.shape[1]))
    np.add.at(of_prompt, prompt, counts)
    total = of_prompt.sum(axis=0)
    whole = value(total)
    if c < FEWEST_PROMPTS:
        return PromptValues(whole, names, np.full(c, np.nan))
    without = np.array([value(total - part) for part in of_prompt])
    if not np.isfinite(without).all():
        return PromptValues(whole, names, np.full(c, np.nan))
    return PromptValues(whole, names, whole + (c - 1) * (without.mean() - without))


def metric_by_prompt(
    facts: MetricFacts,
    by_prompt: Callable[[SetTable], PromptValues],
    lies: Lies = "anywhere",
    minimum_n: int = 1,
    *,
    any_size: bool = True,
) -> SetMetric:
    """A metric whose number for a set is known prompt by prompt, and so has an interval.

    It has `any_size` unless a bias of its own hangs on how many there are: what pooled counts and
    means have is of the order 1/n, far below their error.
    """

    def measure(table: SetTable) -> SetValue:
        return with_interval(by_prompt(table), lies)

    return SetMetric(facts, measure, lambda _d: minimum_n, by_prompt, any_size)
