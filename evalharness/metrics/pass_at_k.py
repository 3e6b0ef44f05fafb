"""How likely is one of k programs right? `pass_at_k.1`, `pass_at_k.5`, `pass_at_k.10`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.measures import About, SetMetric
from evalharness.core.tables import PromptValues, SetTable
from evalharness.metrics.code_passed import METRIC as PASSED
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.intervals import prompt_means
from evalharness.metrics.pooled import metric_by_prompt


def pass_at_k(n: ArrayLike, passed: ArrayLike, k: int) -> NDArray[np.float64]:
    """1 − C(n − c, k) / C(n, k) for each prompt's n programs of which c = `passed` pass.

    The unbiased estimate (Chen et al. 2021) of the chance that one of k passes, computed as a
    product so that nothing overflows; NaN where n < k, where it is undefined.
    """
    tried, right = np.asarray(n, np.int64), np.asarray(passed, np.int64)
    found = np.full(len(tried), np.nan)
    for i, (of, good) in enumerate(zip(tried.tolist(), right.tolist(), strict=True)):
        if of >= k:
            left = np.arange(of - good + 1, of + 1)
            found[i] = 1.0 if of - good < k else 1.0 - float(np.prod(1.0 - k / left))
    return found


def pass_at_k_of(passed: ArrayLike, clusters: NDArray[np.int64], k: int) -> PromptValues:
    """`pass_at_k` of the prompts, and its mean.

    `passed` (m,) is 1 or 0, `clusters` (m,) names each output's prompt. Prompts with fewer than k
    outputs are left out; raises UnmeasurableError where that leaves none.
    """
    names, prompt = np.unique(clusters, return_inverse=True)
    n = np.bincount(prompt)
    estimates = pass_at_k(n, np.bincount(prompt, np.asarray(passed, np.float64)).astype(int), k)
    defined = np.isfinite(estimates)
    if not defined.any():
        raise UnmeasurableError(
            f"No prompt has {k} programs (the most is {n.max(initial=0)}), so pass@{k} is "
            f"undefined. Give the suite {k} seeds or more, and a temperature above 0."
        )
    return prompt_means(estimates[defined], names[defined])


def _metric(k: int) -> SetMetric:
    def by_prompt(table: SetTable) -> PromptValues:
        return pass_at_k_of(PASSED.measure(table.outputs), table.clusters, k)

    return metric_by_prompt(
        replace(  # of what it reads of programs
            PASSED.facts,
            name=f"pass_at_k.{k}",
            version=1,
            title=f"pass@{k}",
            unit="share",
            direction="higher",
            about=About(
                measures=f"How likely at least one of {k} programs passes its prompt's tests.",
                range="0…1",
                recipe=f"mean over prompts of 1 − C(n − c, {k}) / C(n, {k}) for n programs (seeds) "
                f"of which c pass; prompts with n < {k} are left out; 95 % interval over prompts",
                source="Chen et al. 2021 (HumanEval, arXiv:2107.03374)",
                limits=f"Seeds must differ: greedy answers are {k} times the same program. "
                f"{PASSED.facts.about.limits}",
            ),
        ),
        by_prompt,
        "in 0…1",
    )


ONE, FIVE, TEN = _metric(1), _metric(5), _metric(10)
